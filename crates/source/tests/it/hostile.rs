//! The archives of `fixtures/hostile`: each row says what is read of one, and what is reported.

use std::path::PathBuf;

use expect_test::expect_file;

use crate::build::{
    DATE, Desk, chunked, describe, gzip, html, page, read, record, response, warcinfo,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hostile")
}

fn url(letter: &str) -> String {
    format!("https://veldania.example/{letter}")
}

/// A page of some length that does not compress to nothing.
fn long_page(letter: &str) -> Vec<u8> {
    let words: Vec<String> = (1..120_u64)
        .map(|n| format!("{letter}{:x}", n.pow(8) % 65_521))
        .collect();
    page(&url(letter), &words.join(" "))
}

fn lying(letter: &str, length: &str) -> Vec<u8> {
    let url = url(letter);
    let fields = [
        DATE,
        ("WARC-Target-URI", &url),
        ("Content-Type", "application/http; msgtype=response"),
        ("Content-Length", length),
    ];
    let block = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &html("Harbour")].concat();
    record("response", &fields, &block)
}

fn cut(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
    bytes.truncate(length);
    bytes
}

/// Every file as it was made.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let (a, b, c) = (long_page("a"), long_page("b"), long_page("c"));
    let half = gzip(&b).len() / 2;
    let mut damaged = gzip(&a);
    damaged[0] ^= 1;
    damaged[30] ^= 1;
    let mut check_sum = gzip(&a);
    let at = check_sum.len() - 7;
    check_sum[at] ^= 1;
    let zeros = vec![0; 256 * 1024 * 1024];
    let endless = [
        b"WARC/1.0\r\n".as_slice(),
        &b"X-Endless: yes\r\n".repeat(100_000),
    ]
    .concat();
    let endless_http = [
        b"HTTP/1.1 200 OK\r\n".as_slice(),
        &b"X: y\r\n".repeat(300_000),
    ]
    .concat();
    let target = ("WARC-Target-URI", "https://veldania.example/endless");
    let latin = "WARC-Target-URI: https://veldania.example/";
    let invalid = [
        b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Date: 2025-06-01T12:00:00Z\r\n".as_slice(),
        latin.as_bytes(),
        b"caf\xe9\r\n\xff\xfe: \x80\x00\r\nno colon\r\nContent-Length: 5\r\n\r\nwords\r\n\r\n",
    ];
    let layers = format!("Content-Encoding: {}\r\n", ["gzip"; 40].join(", "));
    let layered = (0..40).fold(html("Harbour"), |bytes, _| gzip(&bytes));
    vec![
        (
            "truncated-member.warc.gz",
            [gzip(&a), cut(gzip(&b), half), gzip(&c)].concat(),
        ),
        ("cut-file.warc.gz", [gzip(&a), cut(gzip(&b), half)].concat()),
        ("cut-header.warc", [a.clone(), cut(b.clone(), 60)].concat()),
        ("damaged-beginning.warc.gz", [damaged, gzip(&b)].concat()),
        ("wrong-check-sum.warc.gz", [check_sum, gzip(&b)].concat()),
        (
            "garbage.warc",
            [a.as_slice(), b"garbage\r\nWARC/ is no record\r\n", &b].concat(),
        ),
        (
            "short-length.warc",
            [lying("x", "20"), page(&url("b"), "B")].concat(),
        ),
        (
            "long-length.warc",
            [lying("x", "120"), page(&url("b"), "B")].concat(),
        ),
        (
            "huge-length.warc",
            [lying("x", "18446744073709551615"), page(&url("b"), "B")].concat(),
        ),
        (
            "huge-length.warc.gz",
            [
                gzip(&lying("x", "9223372036854775807")),
                gzip(&page(&url("b"), "B")),
            ]
            .concat(),
        ),
        (
            "no-length.warc",
            [lying("x", "-1"), page(&url("b"), "B")].concat(),
        ),
        (
            "zip-bomb.warc.gz",
            [
                gzip(&response(
                    &url("x"),
                    "Content-Encoding: gzip, gzip\r\n",
                    &gzip(&gzip(&zeros)),
                )),
                gzip(&page(&url("b"), "B")),
            ]
            .concat(),
        ),
        (
            "wrong-chunks.warc",
            [
                response(
                    &url("x"),
                    "Transfer-Encoding: chunked\r\n",
                    b"9\r\n<!doctype\r\nzz\r\n html>",
                ),
                response(
                    &url("y"),
                    "Transfer-Encoding: chunked\r\n",
                    b"ffffffffffffffff\r\n<html>",
                ),
                response(
                    &url("z"),
                    "Transfer-Encoding: chunked\r\n",
                    &cut(chunked(&html("Z"), 9), 40),
                ),
            ]
            .concat(),
        ),
        (
            "endless-header.warc.gz",
            [gzip(&endless), gzip(&page(&url("b"), "B"))].concat(),
        ),
        (
            "endless-http-header.warc.gz",
            [
                gzip(&record("response", &[DATE, target], &endless_http)),
                gzip(&page(&url("b"), "B")),
            ]
            .concat(),
        ),
        (
            "invalid-utf8-header.warc",
            [invalid.concat(), page(&url("b"), "B")].concat(),
        ),
        (
            "layers.warc",
            [response(&url("x"), &layers, &layered), page(&url("b"), "B")].concat(),
        ),
        (
            "one-member.warc.gz",
            gzip(&[warcinfo(), page(&url("a"), "A"), page(&url("b"), "B")].concat()),
        ),
        (
            "members-anywhere.warc.gz",
            [a.clone(), warcinfo(), b.clone(), c.clone()]
                .concat()
                .chunks(333)
                .flat_map(gzip)
                .collect(),
        ),
        (
            "cut-first-words.warc.gz",
            [
                gzip(&b"WARC/1.0\r\nWARC-Type: response\r\n".repeat(3)),
                gzip(&b),
            ]
            .concat(),
        ),
        (
            "no-archive.warc",
            b"This is no archive, whatever its name says.\n".to_vec(),
        ),
        ("empty.warc.gz", Vec::new()),
    ]
}

#[test]
#[ignore = "writes the fixtures: cargo test -p source --test it write_the_fixtures -- --ignored"]
fn write_the_fixtures() {
    for (name, bytes) in files() {
        std::fs::write(folder().join(name), bytes).unwrap();
    }
}

/// The archives in the folder, sorted.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains(".warc")).collect();
    names.sort();
    names
}

#[test]
fn each_hostile_file_is_read_as_far_as_it_can_be() {
    let desk = Desk::new();
    let mut options = desk.options();
    options.source = folder().to_string_lossy().into_owned();
    let mut found = String::new();
    for name in names() {
        let items = read(&folder().join(&name), &options);
        found += &format!("{name}\n{}\n", describe(&items));
        for (_, result) in &items {
            if let Ok(record) = result {
                assert_eq!(
                    &source::read_again(&record.origin, &options).unwrap(),
                    record
                );
            }
        }
    }
    expect_file!["hostile.txt"].assert_eq(&found);
    assert_eq!(desk.spooled(), 0);
}

#[test]
fn each_hostile_file_is_named_in_its_readme() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for name in names() {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
