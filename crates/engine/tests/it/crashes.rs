//! A writer killed at any step of a commit, and an index that does not follow its store.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::conformance::{Example, NOW, describe, example_changes, write};
use engine::embedded::{Embedded, Options};
use engine::naive::Naive;
use engine::{Change, Engine, EngineError};
use model::query::Expr;

fn options() -> Options {
    Options::new("test", || NOW)
}

fn open(folder: &Path) -> Embedded {
    Embedded::open(folder, options()).unwrap()
}

fn described(engine: &dyn Engine) -> String {
    describe(&*engine.view().unwrap()).unwrap()
}

fn expected(changes: Vec<Change>) -> String {
    let naive = Naive::new(|| NOW);
    write(&naive, changes).unwrap();
    described(&naive)
}

/// The changes in two commits.
fn halves() -> (Vec<Change>, Vec<Change>) {
    let mut first = example_changes();
    let second = first.split_off(first.len() / 2);
    (first, second)
}

const STEPS: [&str; 5] = ["settled", "derived", "prepared", "stored", "indexed"];

/// A writer that stops at the given step of its second commit.
#[track_caller]
fn check_killed_at(step: &'static str, panics: bool) {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = halves();
    let seen = Arc::new(AtomicUsize::new(0));
    let stopping = Options {
        step: Some(Arc::new({
            let seen = Arc::clone(&seen);
            move |name| {
                let is_second = name == step && seen.fetch_add(1, Ordering::SeqCst) == 1;
                assert!(!(is_second && panics), "killed");
                !is_second
            }
        })),
        ..options()
    };
    let engine = Embedded::open(folder.path(), stopping).unwrap();
    write(&engine, first.clone()).unwrap();
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        write(&engine, second.clone()).is_err()
    }));
    assert!(killed.unwrap_or(true), "{step}");
    drop(engine);

    let engine = open(folder.path());
    let is_stored = ["stored", "indexed"].contains(&step);
    let after = if is_stored {
        expected([first.clone(), second.clone()].concat())
    } else {
        expected(first.clone())
    };
    assert_eq!(described(&engine), after, "{step}");
    // Run again from the start, as `add` would from its last checkpoint.
    write(&engine, [first.clone(), second.clone()].concat()).unwrap();
    assert_eq!(
        described(&engine),
        expected([first, second].concat()),
        "{step}"
    );
}

#[test]
fn a_killed_commit_is_whole_or_absent() {
    for step in STEPS {
        check_killed_at(step, false);
        check_killed_at(step, true);
    }
}

#[test]
fn a_writer_that_failed_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let stopping = Options {
        step: Some(Arc::new(|name| name != "prepared")),
        ..options()
    };
    let engine = Embedded::open(folder.path(), stopping).unwrap();
    let mut writer = engine.writer().unwrap();
    for change in example_changes() {
        writer.apply(change).unwrap();
    }
    assert!(writer.commit(&[]).is_err());
    assert!(writer.commit(&[]).is_err());
    assert!(writer.apply(example_changes().remove(0)).is_err());
}

fn index_folders(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder.join("index")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// What a folder holds after its index was damaged and opened again.
#[track_caller]
fn check_rebuilt(damage: impl Fn(&Path, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let older = tempfile::tempdir().unwrap();
    let (first, second) = halves();
    {
        let engine = open(folder.path());
        write(&engine, first.clone()).unwrap();
        copy(&index_folders(folder.path())[0], older.path());
        write(&engine, []).unwrap();
        write(&engine, second.clone()).unwrap();
    }
    damage(&index_folders(folder.path())[0], older.path());
    let engine = open(folder.path());
    assert_eq!(described(&engine), expected([first, second].concat()));
    write(
        &engine,
        Example::page("http://n.example/", "New", &["new"]).changes(),
    )
    .unwrap();
    drop(engine);
    let engine = open(folder.path());
    assert_eq!(engine.view().unwrap().totals().unwrap().documents, 5);
}

#[test]
fn an_index_that_does_not_follow_is_rebuilt() {
    check_rebuilt(|index, _| std::fs::remove_dir_all(index).unwrap());
    check_rebuilt(|index, older| {
        std::fs::remove_dir_all(index).unwrap();
        copy(older, index);
    });
    check_rebuilt(|index, _| std::fs::write(index.join("meta.json"), "{").unwrap());
    check_rebuilt(|index, _| {
        let meta = std::fs::read_to_string(index.join("meta.json")).unwrap();
        let ahead = meta.replace("\"payload\": \"3\"", "\"payload\": \"9\"");
        assert_ne!(meta, ahead);
        std::fs::write(index.join("meta.json"), ahead).unwrap();
    });
    for extension in ["idx", "term", "fast", "store", "pos", "fieldnorm"] {
        check_rebuilt(|index, _| {
            let mut damaged = 0;
            for entry in std::fs::read_dir(index).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|e| e == extension) {
                    let mut bytes = std::fs::read(&path).unwrap();
                    for byte in bytes.iter_mut().take(16) {
                        *byte ^= 0x55;
                    }
                    std::fs::write(&path, bytes).unwrap();
                    damaged += 1;
                }
            }
            assert!(damaged > 0, "{extension}");
        });
    }
}

/// Above the size that is verified, files that are missing or cut are seen when they are opened.
#[test]
fn a_large_index_with_a_missing_file_is_rebuilt() {
    for extension in ["idx", "term", "fast", "store", "pos", "fieldnorm"] {
        for is_missing in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            write(&open(folder.path()), example_changes()).unwrap();
            let index = index_folders(folder.path()).remove(0);
            for entry in std::fs::read_dir(index).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_none_or(|e| e != extension) {
                    continue;
                }
                if is_missing {
                    std::fs::remove_file(path).unwrap();
                } else {
                    std::fs::write(path, "").unwrap();
                }
            }
            let unverified = Options {
                verified_bytes: 0,
                ..options()
            };
            let engine = Embedded::open(folder.path(), unverified).unwrap();
            assert_eq!(
                described(&engine),
                expected(example_changes()),
                "{extension}"
            );
        }
    }
}

/// Killed between the making of the file and that of its tables.
#[test]
fn a_store_without_tables_is_made_whole() {
    for has_mode in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        std::fs::write(&path, "").unwrap();
        if has_mode {
            let store = rusqlite::Connection::open(&path).unwrap();
            store.pragma_update(None, "journal_mode", "WAL").unwrap();
        }
        let read_only = Options {
            read_only: true,
            ..options()
        };
        let missing = Embedded::open(folder.path(), read_only);
        assert!(matches!(missing, Err(EngineError::Missing { .. })));
        let engine = open(folder.path());
        write(&engine, example_changes()).unwrap();
        assert_eq!(described(&engine), expected(example_changes()));
    }
}

/// A reader that is renewed between commits, which otherwise keeps the log for ever.
#[test]
fn the_log_does_not_grow_under_a_reader() {
    let folder = tempfile::tempdir().unwrap();
    let short = Options {
        long_log_bytes: 1 << 20,
        compress: false,
        ..options()
    };
    let writing = Embedded::open(folder.path(), short.clone()).unwrap();
    let reading = Embedded::open(folder.path(), short).unwrap();
    let log = folder.path().join("store.sqlite-wal");
    let mut longest = 0;
    for number in 0..12 {
        let text = format!("{number} river ").repeat(100_000);
        let page = Example::page(&format!("http://a.example/{number}"), "A", &[&text]);
        write(&writing, page.at(number).changes()).unwrap();
        longest = longest.max(std::fs::metadata(&log).unwrap().len());
        assert_eq!(
            reading.view().unwrap().commit().0,
            number.unsigned_abs() + 1
        );
    }
    // Each commit writes more than 1 MiB.
    assert!(longest < 6 << 20, "{longest} bytes");
}

#[test]
fn many_can_open_a_new_folder_at_once() {
    for _ in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| assert_eq!(open(folder.path()).view().unwrap().commit().0, 0));
            }
        });
    }
}

#[test]
fn another_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let read_only = Options {
        read_only: true,
        ..options()
    };
    let missing = Embedded::open(&folder.path().join("none"), read_only);
    assert!(matches!(missing, Err(EngineError::Missing { .. })));

    drop(open(folder.path()));
    let store = rusqlite::Connection::open(folder.path().join("store.sqlite")).unwrap();
    store.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let newer = Embedded::open(folder.path(), options());
    assert!(matches!(
        newer,
        Err(EngineError::NewerFormat { found: 99, .. })
    ));

    std::fs::write(
        folder.path().join("store.sqlite"),
        "no database at all".repeat(500),
    )
    .unwrap();
    let broken = Embedded::open(folder.path(), options());
    assert!(matches!(broken, Err(EngineError::BrokenStore { .. })));
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (open(folder.path()), open(folder.path()));
    let writer = one.writer().unwrap();
    let Err(EngineError::Locked { holder, .. }) = two.writer().map(drop) else {
        panic!("two writers")
    };
    assert_eq!(holder, format!("process {} (test)", std::process::id()));
    drop(writer);
    drop(two.writer().unwrap());
}

#[test]
fn one_engine_sees_what_another_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (open(folder.path()), open(folder.path()));
    let before = two.view().unwrap();
    write(&one, example_changes()).unwrap();
    let after = two.view().unwrap();
    assert!(after.commit() > before.commit());
    assert_eq!(before.totals().unwrap().documents, 0);
    assert_eq!(describe(&*after).unwrap(), described(&one));
}

#[test]
fn plain_and_compressed_stores_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let plain = Options {
        compress: false,
        ..options()
    };
    let engine = Embedded::open(folder.path(), plain).unwrap();
    write(&engine, example_changes()).unwrap();
    assert_eq!(described(&engine), expected(example_changes()));
    // Rows written plain are known again by a writer that compresses.
    drop(engine);
    let engine = open(folder.path());
    write(&engine, example_changes()).unwrap();
    assert_eq!(described(&engine), expected(example_changes()));
}

/// Says at its end that somebody is done.
struct Done<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn every_view_is_whole_while_another_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (writing, reading) = (open(folder.path()), open(folder.path()));
    let is_done = std::sync::atomic::AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = std::collections::BTreeSet::new();
            while !is_done.load(Ordering::SeqCst) {
                let view = reading.view().unwrap();
                let found = engine::conformance::find(&*view, &Expr::Everything, &[]).unwrap();
                let documents = view.totals().unwrap().documents;
                assert_eq!(documents, view.commit().0, "store");
                assert_eq!(documents, found.total.count(), "index");
                seen.insert(documents);
            }
            seen
        });
        // Also where a write fails: the reader would go on for ever.
        let done = Done(&is_done);
        for number in 0..30 {
            let page = Example::page(&format!("http://a.example/{number}"), "A", &["a"]);
            write(&writing, page.at(number).changes()).unwrap();
        }
        drop(done);
        reader.join().unwrap()
    });
    assert!(seen.len() > 2, "{seen:?}");
    assert_eq!(reading.view().unwrap().commit().0, 30);
}
