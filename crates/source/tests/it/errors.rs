//! Errors that are about a file and not about bytes within it.

use std::path::Path;

use model::record::{Origin, Position, Step};
use source::ReadError;

use crate::build::{Desk, html, page, read, response};

#[track_caller]
fn check(error: &ReadError, source: &Path, path: &str, transient: bool, reason: &str) {
    let origin = error.origin().cloned().unwrap();
    let expected = Origin {
        source: source.to_string_lossy().into_owned(),
        path: path.to_owned(),
        steps: Vec::new(),
        digest: None,
    };
    assert_eq!(origin, expected);
    assert_eq!(error.is_transient(), transient);
    assert!(error.reason().starts_with(reason), "{}", error.reason());
}

#[test]
fn an_error_names_the_file() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("in");
    let options = desk.options();
    let absent = desk.path("a/none.warc");
    let whole = absent.to_string_lossy().into_owned();
    let error = source::recognise(&absent).unwrap_err();
    check(&error, &absent, &whole, true, "cannot open: ");
    let error = source::open(&absent, &options).err().unwrap();
    check(&error, &folder, "a/none.warc", true, "cannot open: ");
    let error = source::walk(&absent).next().unwrap().unwrap_err();
    check(&error, &absent, &whole, true, "cannot open: ");
    let notes = desk.write("a/notes.txt", b"words");
    let error = source::open(&notes, &options).err().unwrap();
    check(&error, &folder, "a/notes.txt", false, "no reader knows");
    let gone = desk.write("a/gone.warc", b"WARC/1.0");
    let opened = source::open(&gone, &options).unwrap();
    std::fs::remove_file(&gone).unwrap();
    let error = opened.open(None).err().unwrap();
    check(&error, &folder, "a/gone.warc", true, "cannot open: ");
}

#[test]
fn a_payload_that_cannot_be_spooled_ends_the_file() {
    let desk = Desk::new();
    let mut options = desk.options();
    options.payload_in_memory = 100;
    options.spool = desk.path("no folder");
    let long = html(&"words ".repeat(50));
    let first = page("https://veldania.example/a", "A");
    let second = response("https://veldania.example/b", "", &long);
    let path = desk.write("a.warc", &[first.as_slice(), &second, &first].concat());
    let items = read(&path, &options);
    assert_eq!(items.len(), 2);
    let (position, result) = &items[1];
    let error = result.as_ref().unwrap_err();
    let at = first.len() as u64;
    assert!(error.is_transient());
    assert_eq!(*position, Position(at));
    let steps = vec![Step::Bytes(at, second.len() as u64 - 4)];
    assert_eq!(error.origin().unwrap().steps, steps);
    let path = desk.write("a.html", &long);
    let items = read(&path, &options);
    assert_eq!(items[0].0, Position(0));
    let error = items[0].1.as_ref().unwrap_err();
    let folder = desk.folder.path().join("in");
    check(error, &folder, "a.html", true, "cannot spool");
}

#[cfg(unix)]
#[test]
fn what_is_neither_file_nor_folder() {
    let desk = Desk::new();
    let page = desk.write("a.html", b"<html>");
    let socket = desk.path("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let reason = "neither a file nor a folder";
    for path in [socket.as_path(), Path::new("/dev/null")] {
        let whole = path.to_string_lossy();
        let found: Vec<_> = source::walk(path).collect();
        assert_eq!(found.len(), 1);
        check(found[0].as_ref().unwrap_err(), path, &whole, false, reason);
        let error = source::recognise(path).unwrap_err();
        check(&error, path, &whole, false, reason);
    }
    let found: Vec<_> = source::walk(&desk.folder.path().join("in"))
        .map(Result::unwrap)
        .collect();
    assert_eq!(found, [page]);
}
