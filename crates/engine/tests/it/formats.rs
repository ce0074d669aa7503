//! A store of an earlier format is brought up to this one by its first writer.

use engine::conformance::{NOW, describe, example_changes, write};
use engine::embedded::{Embedded, Options};
use engine::{Change, Engine as _};

#[test]
fn a_store_without_places_gets_them() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Embedded::open(folder.path(), Options::new("test", || NOW)).unwrap();
    write(&open(), example_changes()).unwrap();
    let before = describe(&*open().view().unwrap()).unwrap();
    let store = rusqlite::Connection::open(folder.path().join("store.sqlite")).unwrap();
    store
        .execute_batch("DROP TABLE place; PRAGMA user_version = 1;")
        .unwrap();
    drop(store);
    let engine = open();
    assert_eq!(describe(&*engine.view().unwrap()).unwrap(), before);
    for collection in ["news", "other"] {
        let retract = Change::Retract {
            path: "/data/a.warc".into(),
            collection: collection.into(),
            from: 0,
        };
        write(&engine, [retract]).unwrap();
    }
    let totals = engine.view().unwrap().totals().unwrap();
    assert_eq!(
        (totals.documents, totals.captures, totals.redirects),
        (0, 0, 0)
    );
}
