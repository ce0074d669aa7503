//! Every engine keeps what the suite asks.

use engine::conformance::{Example, NOW, describe, example_changes, example_threads, suite, write};
use engine::embedded::{Embedded, Options};
use engine::naive::Naive;
use engine::{Change, Engine};
use model::capture::{Capture, CaptureId};
use model::time::UnixSeconds;

use crate::folder::Kept;

fn naive() -> Box<dyn Engine> {
    Box::new(Naive::new(|| NOW))
}

fn embedded() -> Box<dyn Engine> {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::new("test", || NOW)).unwrap();
    Box::new(Kept { engine, folder })
}

#[test]
fn naive_keeps_every_promise() {
    suite(&naive);
}

#[test]
fn embedded_keeps_every_promise() {
    suite(&embedded);
}

#[track_caller]
fn check_order(open: &dyn Fn() -> Box<dyn Engine>) {
    let (forth, back) = (open(), open());
    let changes = [example_changes(), example_threads()].concat();
    write(&*forth, changes.clone()).unwrap();
    for change in changes.into_iter().rev() {
        write(&*back, [change]).unwrap();
    }
    assert_eq!(
        describe(&*forth.view().unwrap()).unwrap(),
        describe(&*back.view().unwrap()).unwrap()
    );
}

#[test]
fn no_engine_sees_the_order() {
    check_order(&naive);
    check_order(&embedded);
}

/// One capture in two archives that write its digest differently, and a revisit that names one.
#[test]
fn a_revisit_looks_again_for_a_name_that_is_gone() {
    let page = Example::page("https://a.example/", "A", &["A river."]);
    let original = page.capture();
    let revisit = |captured: i64| Capture {
        id: CaptureId([captured as u8; 16]),
        captured: UnixSeconds(captured),
        digest: None,
        document: None,
        ..original.clone()
    };
    let other = Capture {
        archive_digest: Some("sha256:other".into()),
        ..original.clone()
    };
    assert!(other.archive_digest > original.archive_digest);
    let (naive, embedded) = (naive(), embedded());
    for engine in [&naive, &embedded] {
        write(&**engine, page.changes()).unwrap();
        for capture in [revisit(1_700_000_500), other.clone()] {
            write(&**engine, [Change::Capture(Box::new(capture))]).unwrap();
        }
    }
    let captures = |engine: &dyn Engine| engine.view().unwrap().captures(&original.surt).unwrap();
    assert_eq!(captures(&*naive), captures(&*embedded));
    assert_eq!(captures(&*naive).len(), 2);
}

#[test]
fn both_engines_say_the_same() {
    let (naive, embedded) = (naive(), embedded());
    for engine in [&naive, &embedded] {
        write(&**engine, example_changes()).unwrap();
        write(&**engine, example_threads()).unwrap();
    }
    assert_eq!(
        describe(&*naive.view().unwrap()).unwrap(),
        describe(&*embedded.view().unwrap()).unwrap()
    );
}
