//! Media types of beginnings, with what was declared and called.

use super::*;

#[track_caller]
fn check(beginning: impl AsRef<[u8]>, declared: &str, path: &str, expected: &str) {
    let declared = (!declared.is_empty()).then_some(declared);
    assert_eq!(sniff(beginning.as_ref(), declared, path).as_str(), expected);
}

#[test]
fn pages() {
    check("<!DOCTYPE html><p>", "", "a", "text/html");
    check(
        "\u{feff}\n <!doctype HTML>",
        "application/pdf",
        "a",
        "text/html",
    );
    check(
        "<!-- saved from url=(0023)https://a.example/ -->\n<html>",
        "",
        "a",
        "text/html",
    );
    check("<HTML lang=en>", "text/plain", "a.txt", "text/html");
    check("<head><title>a", "", "a", "text/html");
    check(
        "<?xml version='1.0'?><!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML",
        "",
        "a",
        "text/html",
    );
    check(
        "<?xml version='1.0'?><html>",
        "application/xhtml+xml",
        "a",
        "application/xhtml+xml",
    );
    check(b"\xff\xfe<\0h\0t\0m\0l\0>\0", "", "a", "text/html");
    check(b"\xfe\xff\0<\0h\0t\0m\0l\0>", "", "a", "text/html");
    check(
        "<p>only a part",
        "text/html; charset=utf-8",
        "a",
        "text/html",
    );
    check("words only", "text/html", "a", "text/html");
    check("<div>", "", "a.html", "text/html");
    check("<div>", "", "a", "text/plain");
}

#[test]
fn the_declared_type_does_not_make_a_page() {
    check(b"\x89PNG\r\n\x1a\n\0\0", "text/html", "a.html", "image/png");
    check("%PDF-1.7\n", "text/html", "a.html", "application/pdf");
    check("{\"a\": 1}", "text/html", "a", "application/json");
    check(
        b"\x00\x01\x02",
        "text/html",
        "a",
        "application/octet-stream",
    );
    check("", "text/html", "a.html", "application/octet-stream");
}

#[test]
fn a_pdf_is_one_whatever_is_said_of_it() {
    let pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n".as_slice();
    for declared in [
        "",
        "application/octet-stream",
        "application/x-download",
        "application/force-download",
        "application/pdf; charset=utf-8",
        "text/plain",
        "text/html; charset=utf-8",
        "image/png",
    ] {
        check(pdf, declared, "a", "application/pdf");
        check(pdf, declared, "a.html", "application/pdf");
        for junk in [
            "\r\n\r\n".to_owned(),
            "HTTP/1.1 200 OK\r\n\r\n".to_owned(),
            "<br />\n<b>Warning</b>: session_start()\n".to_owned(),
            "\u{feff}".to_owned(),
            "\0\u{1b}%-12345X@PJL JOB\n".to_owned(),
            "x".repeat(1000),
        ] {
            check(
                [junk.as_bytes(), pdf].concat(),
                declared,
                "a",
                "application/pdf",
            );
        }
        let far = [vec![0; 1025].as_slice(), pdf].concat();
        assert_eq!(
            sniff(&far, Some(declared), "a").as_str() == "application/pdf",
            declared.contains("pdf"),
            "behind what readers look at: {declared}"
        );
    }
}

#[test]
fn what_only_speaks_of_a_pdf_is_none() {
    let page = "<!doctype html><title>Headers</title><pre>%PDF-1.4\n1 0 obj";
    check(page, "text/html", "a.html", "text/html");
    check(
        "A file begins with %PDF-1.4 and a line end.",
        "",
        "a.txt",
        "text/plain",
    );
    check("<html>404", "application/pdf", "a.pdf", "text/html");
    check("not found", "", "a.pdf", "text/plain");
    check(b"\x89PNG\r\n\x1a\n", "", "a.pdf", "image/png");
}

#[test]
fn what_is_called_a_pdf_and_is_nothing_known_is_for_its_reader_to_refuse() {
    check("", "application/pdf", "a", "application/pdf");
    check("", "", "a.pdf", "application/pdf");
    check("", "application/octet-stream", "a.pdf", "application/pdf");
    check(
        "",
        "application/octet-stream",
        "a.bin",
        "application/octet-stream",
    );
    check("", "text/html", "a.pdf", "application/octet-stream");
    check(b"\0\x01\x02\x03", "", "a.PDF", "application/pdf");
}

#[test]
fn text_and_data() {
    check("Bring out the dead", "", "a.txt", "text/plain");
    check("BM is an abbreviation", "", "a", "text/plain");
    check("a,b\n1,2", "", "a.csv", "text/csv");
    check("body { color: red }", "text/css", "a", "text/css");
    check("WEBVTT\n\n00:01", "", "a", "text/vtt");
    check("\u{feff}WEBVTT\n", "text/plain", "a", "text/vtt");
    check(
        "1\n00:00:01,000 --> 00:00:02,000\nHello",
        "",
        "a.srt",
        "application/x-subrip",
    );
    check("[{\"a\":1}]", "", "a", "application/json");
    check(
        "{\"a\":1}\n{\"a\":2}",
        "",
        "a.jsonl",
        "application/x-ndjson",
    );
    check(
        "{\"@context\":1}",
        "application/ld+json",
        "a",
        "application/ld+json",
    );
    check(b"caf\xe9 latin", "", "a.txt", "text/plain");
}

#[test]
fn xml() {
    check(
        "<?xml version='1.0'?>\n<rss version='2.0'>",
        "text/xml",
        "a",
        "application/rss+xml",
    );
    check(
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "",
        "a",
        "application/atom+xml",
    );
    check(
        "<?xml version='1.0'?><!-- a --><svg>",
        "",
        "a",
        "image/svg+xml",
    );
    check(
        "<?xml version='1.0'?><posts>",
        "",
        "a.xml",
        "application/xml",
    );
}

#[test]
fn archives_and_media() {
    let mut epub = b"PK\x03\x04".to_vec();
    epub.resize(30, 0);
    epub.extend_from_slice(b"mimetypeapplication/epub+zipPK\x03\x04");
    check(&epub, "", "a", "application/epub+zip");
    check(
        "PK\x03\x04",
        "",
        "a.docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    );
    check("PK\x03\x04", "text/html", "a", "application/zip");
    check(b"\x1f\x8b\x08\0", "", "a", "application/gzip");
    check(b"RIFF\0\0\0\0WEBP", "", "a", "image/webp");
    check(b"\0\0\0\x20ftypisom", "", "a", "video/mp4");
    check(b"\0\x01", "video/x-unknown", "a", "video/x-unknown");
}
