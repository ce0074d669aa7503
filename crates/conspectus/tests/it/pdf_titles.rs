//! Titles of PDFs, against a list that was judged by hand.
//!
//! `CONSPECTUS_TEXLIVE=DIR cargo test --release -p conspectus --test it -- --ignored --nocapture titles_of_pdfs`
//! where DIR holds the unpacked `texlive-*-doc` packages of Debian. Prints what is wrong, and how
//! many are right by where they were read.

use std::collections::BTreeMap;
use std::path::Path;

use unicode_normalization::UnicodeNormalization as _;

use crate::binary::{Home, repository};
use crate::pdf_order::locate;

/// A line of the list.
#[derive(Debug, PartialEq)]
struct Judged {
    /// As `locate` takes it.
    file: String,
    /// Each of them is right.
    titles: Vec<String>,
}

/// Reads `file<TAB>title | other title`, below a heading and remarks.
fn judgements(text: &str) -> Vec<Judged> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .skip(1)
        .map(|line| {
            let (file, titles) = line.split_once('\t').unwrap();
            Judged {
                file: file.to_owned(),
                titles: titles.split(" | ").map(str::to_owned).collect(),
            }
        })
        .collect()
}

/// Letters and figures, in one form and case.
fn folded(title: &str) -> String {
    title
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// The title that we give, and where we read it.
fn ours(home: &Home, path: &Path) -> (String, String) {
    let printed = home.done([Path::new("extract"), path]);
    printed
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .find(|document| document["kind"] == "pdf")
        .map(|document| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            (
                text(&document["title"]),
                text(&document["read_from"]["title"]),
            )
        })
        .unwrap_or_default()
}

#[test]
fn the_list_names_each_file_once() {
    let text = std::fs::read_to_string(repository("docs/judgements/pdf-titles.tsv")).unwrap();
    let list = judgements(&text);
    assert!(list.len() >= 60, "{} files", list.len());
    let mut files: Vec<&str> = list.iter().map(|judged| judged.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), list.len());
    for judged in &list {
        assert!(
            judged.titles.iter().all(|title| !folded(title).is_empty()),
            "{judged:?}"
        );
    }
}

#[test]
#[ignore = "needs the shared data and Debian's texlive documents; run it in release: see the head of this file"]
fn titles_of_pdfs() {
    let list = std::fs::read_to_string(repository("docs/judgements/pdf-titles.tsv")).unwrap();
    let home = Home::new();
    let mut by_place: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let (mut right, mut all) = (0, 0);
    for judged in judgements(&list) {
        let Some(path) = locate(&judged.file) else {
            continue;
        };
        let (title, place) = ours(&home, &path);
        let good = judged
            .titles
            .iter()
            .any(|right| folded(right) == folded(&title));
        if !good {
            println!(
                "{}\n  {:?} ({place})\n  {:?}",
                judged.file, title, judged.titles
            );
        }
        let counts = by_place.entry(place).or_default();
        counts.0 += u32::from(good);
        counts.1 += 1;
        right += u32::from(good);
        all += 1;
    }
    for (place, (right, all)) in &by_place {
        println!("{right:>4} of {all:>4} read from {place}");
    }
    println!("{right:>4} of {all:>4} titles are right");
    assert!(10 * right >= 9 * all, "{right} of {all} titles are right");
}
