//! HTML files, PDFs and folders: recognised by content, addressed by what they declare.

use std::path::PathBuf;

use crate::build::{Desk, bytes, describe, gzip, page, read};

#[test]
fn files_are_recognised_by_their_content() {
    let desk = Desk::new();
    let check = |name: &str, content: &[u8], expected: Option<&str>| {
        let path = desk.write(name, content);
        assert_eq!(source::recognise(&path).unwrap(), expected, "{name}");
    };
    let warc = page("https://veldania.example/", "Harbour");
    check("a", b"<!-- saved --><!doctype html><p>", Some("html 1"));
    check("page.txt", b"\xef\xbb\xbf<html>", Some("html 1"));
    check("picture.html", b"\x89PNG\r\n\x1a\n\0", None);
    check("notes.txt", b"words", None);
    check("empty", b"", None);
    check("page.html.gz", &gzip(b"<!doctype html>"), None);
    check("archive", &warc, Some("warc 1"));
    check("archive.bin", &gzip(&warc), Some("warc 1"));
    check("misnamed.warc", &gzip(&warc), Some("warc 1"));
    check(
        "damaged.warc.gz",
        b"\x1f\x8b\x08\x00damaged",
        Some("warc 1"),
    );
    check("empty.warc", b"", Some("warc 1"));
    let pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj";
    check("report", pdf, Some("pdf 1"));
    check("report.html", pdf, Some("pdf 1"));
    check(
        "behind.bin",
        &[b"\r\n\r\n".as_slice(), pdf].concat(),
        Some("pdf 1"),
    );
    check("empty.pdf", b"", Some("pdf 1"));
    check("noise.pdf", b"\x00\x01\x02", Some("pdf 1"));
    check("error.pdf", b"<html>not found", Some("html 1"));
    assert!(source::recognise(&desk.path("none")).is_err());
}

#[test]
fn a_page_has_the_address_it_declares_else_its_place() {
    let desk = Desk::new();
    let mut options = desk.options();
    let canonical = "<html><link rel=canonical href=https://istmere.example/x>";
    let home = "<html><link rel=canonical href=https://istmere.example/>";
    let og = "<html><meta property='og:url' content='https://istmere.example/y'>";
    let saved = "<!-- saved from url=(0025)https://istmere.example/z --><html>";
    let rows = [
        ("a/canonical.html", canonical, "https://istmere.example/x"),
        ("a/og.html", og, "https://istmere.example/y"),
        ("a/saved.html", saved, "https://istmere.example/z"),
        ("index.html", home, "https://istmere.example/"),
        ("a/home.html", home, "https://veldania.example/a/home.html"),
        ("a b.html", "<html>", "https://veldania.example/a%20b.html"),
        (
            "index.html?x=1",
            "<html>",
            "https://veldania.example/index.html?x=1",
        ),
    ];
    for (name, content, expected) in rows {
        let path = desk.write(name, content.as_bytes());
        options.base = Some("https://veldania.example/".into());
        let items = read(&path, &options);
        let record = items[0].1.as_ref().unwrap();
        assert_eq!(record.url, expected);
        assert_eq!(
            (record.origin.path.as_str(), record.origin.steps.len()),
            (name, 0)
        );
        assert_eq!(bytes(record), content.as_bytes());
        assert_eq!(
            &source::read_again(&record.origin, &options).unwrap(),
            record
        );
        options.base = None;
        let items = read(&path, &options);
        let record = items[0].1.as_ref().unwrap();
        let own = expected.starts_with("https://veldania") && !content.contains("canonical");
        assert_eq!(record.url.starts_with("file:///"), own, "{}", record.url);
    }
    // A file that was given by itself is named by its whole path.
    let path = desk.path("index.html");
    options.source = path.to_string_lossy().into_owned();
    let items = read(&path, &options);
    assert_eq!(items[0].1.as_ref().unwrap().origin.path, options.source);
}

#[test]
fn a_page_that_changed_is_not_read_again() {
    let desk = Desk::new();
    let path = desk.write("a.html", b"<html>one");
    let options = desk.options();
    let items = read(&path, &options);
    let origin = items[0].1.as_ref().unwrap().origin.clone();
    let end = items[0].0.clone();
    assert_eq!(crate::build::read_from(&path, &options, Some(end)).len(), 0);
    desk.write("a.html", b"<html>two");
    let error = source::read_again(&origin, &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`a.html` does not hold the record that was read there"
    );
    std::fs::remove_file(&path).unwrap();
    assert!(source::read_again(&origin, &options).is_err());
}

#[test]
fn a_saved_page_was_captured_when_it_says() {
    let desk = Desk::new();
    let single = "<!DOCTYPE html><html><!--\n Page saved with SingleFile \n url: \
                  https://veldania.example/ \n saved date: Sat Jan 02 2021 12:00:00 GMT+0100 (X)\n-->";
    let path = desk.write("a.html", single.as_bytes());
    let found = describe(&read(&path, &desk.options()));
    assert!(
        found.starts_with("resource https://veldania.example/ 2021-01-02T11:00:00Z text/html"),
        "{found}"
    );
    let path = desk.write("b.html", b"<html>");
    let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(modified).unwrap();
    let found = describe(&read(&path, &desk.options()));
    assert!(
        found.contains("/b.html 2001-09-09T01:46:40Z text/html 6B -> 6"),
        "{found}"
    );
}

#[test]
fn a_pdf_is_one_record_at_its_place() {
    let desk = Desk::new();
    let mut options = desk.options();
    // What looks like a declaration in it is none.
    let content = b"%PDF-1.7\n1 0 obj\n(<link rel=canonical href=https://istmere.example/x>)\n";
    let path = desk.write("a/harbour report.pdf", content);
    let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(modified).unwrap();
    for (base, in_memory, expected) in [
        (None, 1 << 20, "file:///"),
        (
            Some("https://veldania.example/x/"),
            8,
            "https://veldania.example/x/a/harbour%20report.pdf",
        ),
    ] {
        options.base = base.map(str::to_owned);
        options.payload_in_memory = in_memory;
        let items = read(&path, &options);
        let [(position, Ok(record))] = items.as_slice() else {
            panic!("{items:?}")
        };
        assert!(record.url.starts_with(expected), "{}", record.url);
        assert!(record.url.ends_with("/a/harbour%20report.pdf"));
        assert_eq!(record.media_type.as_str(), "application/pdf");
        assert_eq!(record.captured.to_string(), "2001-09-09T01:46:40Z");
        assert_eq!(position.0, content.len() as u64);
        assert_eq!(bytes(record), content);
        assert_eq!(desk.spooled(), usize::from(in_memory == 8));
        let again = source::read_again(&record.origin, &options).unwrap();
        assert_eq!(bytes(&again), content);
        assert_eq!(again.url, record.url);
    }
}

#[test]
fn a_folder_is_walked_in_order() {
    let desk = Desk::new();
    for name in [
        "b/2.html",
        "b/10.html",
        "a.html",
        "c/d/e.html",
        ".hidden/x.html",
        "c/.x",
        "CVS/y",
    ] {
        desk.write(name, b"<html>");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(desk.path("b"), desk.path("link-to-folder")).unwrap();
        symlink(desk.path("a.html"), desk.path("link-below.html")).unwrap();
        symlink(desk.path(""), desk.path("c/cycle")).unwrap();
        let outside = desk.folder.path().join("outside.html");
        std::fs::write(&outside, "<html>").unwrap();
        symlink(outside, desk.path("link-outside.html")).unwrap();
    }
    let found: Vec<PathBuf> = source::walk(&desk.path("")).map(Result::unwrap).collect();
    let mut expected = vec!["a.html", "b/10.html", "b/2.html", "c/d/e.html"];
    if cfg!(unix) {
        expected.push("link-outside.html");
    }
    let expected: Vec<PathBuf> = expected.iter().map(|name| desk.path(name)).collect();
    assert_eq!(found, expected);
    let file = desk.path("a.html");
    let found: Vec<PathBuf> = source::walk(&file).map(Result::unwrap).collect();
    assert_eq!(found, [file]);
    assert!(source::walk(&desk.path("none")).next().unwrap().is_err());
}
