//! Golden pages: the sample collection, a query, a clock, and the page that comes of them.
//!
//! `UPDATE_EXPECT=1 cargo test -p conspectus --test it pages` writes them anew; read the diff.

use std::path::Path;
use std::time::{Duration, SystemTime};

use expect_test::expect_file;

use crate::binary::{Home, repository};

#[test]
fn pages_of_the_sample() {
    let home = Home::new();
    let sample = home.path("sample");
    copy(&repository("sample"), &sample);
    home.done(["add", "--base", "https://reading-room.example/", "sample"]);
    for (name, query) in [
        ("relationship", "norway and iceland relationship"),
        ("phrase", "\"jan mayen\" -mackerel"),
        ("site", "site:skerryherald.example norway"),
        ("dates", "mackerel quota after:2025"),
        ("chinese", "茶的历史"),
        ("german", "was war die hanse"),
        ("as_of", "mackerel asof:2024-12-31"),
        ("nothing", "zeppelin timetable"),
    ] {
        let text = home.done(["search", "-n", "6", query]);
        expect_file![format!("pages/{name}.txt")].assert_eq(&text);
    }
    let json = home.done([
        "search",
        "--format",
        "json",
        "-n",
        "3",
        "norway and iceland relationship",
    ]);
    // Ids of captures and documents are hashes: they are compared, as they must not change.
    expect_file!["pages/relationship.json"].assert_eq(&json);
}

/// Copies a folder. A file that does not say when it was captured was captured when it was last
/// changed: in a checkout that is any day, here it is always the same.
fn copy(from: &Path, to: &Path) {
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_765_700_000);
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
            let file = std::fs::File::options().write(true).open(&target).unwrap();
            file.set_modified(changed).unwrap();
        }
    }
}
