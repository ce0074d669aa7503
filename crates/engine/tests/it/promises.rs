//! Every engine keeps what the suite asks.

use engine::Engine;
use engine::conformance::{NOW, describe, example_changes, suite, write};
use engine::embedded::{Embedded, Options};
use engine::naive::Naive;

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
    write(&*forth, example_changes()).unwrap();
    for change in example_changes().into_iter().rev() {
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

#[test]
fn both_engines_say_the_same() {
    let (naive, embedded) = (naive(), embedded());
    for engine in [&naive, &embedded] {
        write(&**engine, example_changes()).unwrap();
    }
    assert_eq!(
        describe(&*naive.view().unwrap()).unwrap(),
        describe(&*embedded.view().unwrap()).unwrap()
    );
}
