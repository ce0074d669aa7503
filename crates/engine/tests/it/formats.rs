//! A store of a format that no release has written is refused, not read wrong.

use engine::conformance::{NOW, example_changes, write};
use engine::embedded::{Embedded, Options};
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
