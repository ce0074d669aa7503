//! A store of a format that no release has written is refused, not read wrong.

use engine::conformance::{Example, NOW, describe, example_changes, example_threads, write};
use engine::embedded::{Embedded, Options};
use engine::naive::Naive;
use engine::{Engine as _, EngineError};

#[test]
fn a_format_before_the_first_release_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Embedded::open(folder.path(), Options::new("test", || NOW));
    write(&open().unwrap(), example_changes()).unwrap();
    let store = rusqlite::Connection::open(folder.path().join("store.sqlite")).unwrap();
    store.execute_batch("PRAGMA user_version = 1;").unwrap();
    drop(store);
    let refused = open().and_then(|engine| engine.view().map(drop));
    assert!(
        matches!(refused, Err(EngineError::BrokenStore { .. })),
        "{refused:?}"
    );
}

/// Tables were added to the format: a store without them says what it says, and is given them
/// when it is written.
#[test]
fn a_store_from_before_there_were_posts_is_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let open = |read_only| {
        let options = Options {
            read_only,
            ..Options::new("test", || NOW)
        };
        Embedded::open(folder.path(), options).unwrap()
    };
    let page = Example::page("https://a.example/", "A", &["A river."]);
    write(&open(false), page.changes()).unwrap();
    let before = describe(&*open(true).view().unwrap()).unwrap();
    let store = rusqlite::Connection::open(folder.path().join("store.sqlite")).unwrap();
    for table in ["part", "record_thread", "record", "thread"] {
        store.execute(&format!("DROP TABLE {table}"), []).unwrap();
    }
    drop(store);
    assert_eq!(describe(&*open(true).view().unwrap()).unwrap(), before);
    write(&open(false), example_threads()).unwrap();
    let naive = Naive::new(|| NOW);
    write(&naive, page.changes()).unwrap();
    write(&naive, example_threads()).unwrap();
    assert_eq!(
        describe(&*open(true).view().unwrap()).unwrap(),
        describe(&*naive.view().unwrap()).unwrap()
    );
}
