//! Reading order of PDFs, against pages whose true order was written down by hand.
//!
//! `CONSPECTUS_TEXLIVE=DIR cargo test --release -p conspectus --test it -- --ignored --nocapture order_of_lines`
//! where DIR holds the unpacked `texlive-*-doc` packages of Debian. Prints a line a page, and the
//! pairs that are out of order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::binary::{Home, repository, shared_data};

/// A page of the judgements.
#[derive(Debug, PartialEq)]
struct Page {
    /// As the judgements name it.
    file: String,
    /// From 1.
    number: u32,
    /// What kind of page it is.
    kind: String,
    /// The first words of its lines, in reading order.
    lines: Vec<String>,
}

/// Reads `= FILE page N (kind)` and the lines below each such heading.
fn judgements(text: &str) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for line in text
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with("# "))
    {
        if let Some(heading) = line.strip_prefix("= ") {
            let (file, rest) = heading.split_once(" page ").unwrap();
            let (number, kind) = rest.split_once(" (").unwrap();
            pages.push(Page {
                file: file.to_owned(),
                number: number.parse().unwrap(),
                kind: kind.trim_end_matches(')').to_owned(),
                lines: Vec::new(),
            });
        } else {
            pages.last_mut().unwrap().lines.push(line.to_owned());
        }
    }
    pages
}

/// Letters and digits only, so that white space, hyphens at line ends, case, ligatures, vowel
/// points and the Arabic stretch do not count.
fn fold(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|&c| c.is_alphanumeric() && !is_combining_mark(c) && c != '\u{640}')
        .collect()
}

/// The pairs of neighbouring lines that are not in order in a text: for the first line of the
/// pair, what comes next among all listed lines is not the second.
fn out_of_order(text: &str, lines: &[String]) -> Vec<(usize, Vec<usize>)> {
    let text = fold(text);
    let mut begins: Vec<(usize, usize)> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let found = text
            .match_indices(&fold(line))
            .map(|(at, _)| (at, number))
            .collect::<Vec<_>>();
        begins.extend(found);
    }
    begins.sort_unstable();
    let mut next: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for pair in begins.windows(2) {
        next.entry(pair[0].1).or_default().insert(pair[1].1);
    }
    (0..lines.len().saturating_sub(1))
        .filter_map(|line| {
            let after = next.get(&line).cloned().unwrap_or_default();
            (!after.contains(&(line + 1))).then(|| (line, after.into_iter().collect()))
        })
        .collect()
}

/// The file that a heading names; `None`, with a word on it, where it is absent.
pub(crate) fn locate(file: &str) -> Option<PathBuf> {
    let Some(below) = file.strip_prefix("texlive/") else {
        return shared_data(file);
    };
    let folder = std::env::var_os("CONSPECTUS_TEXLIVE").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.is_dir());
    let Some(folder) = folder else {
        println!("skipped: CONSPECTUS_TEXLIVE names no folder ({below})");
        return None;
    };
    // Unpacked into one folder, or each package into its own.
    let mut roots = vec![folder.clone()];
    roots.extend(
        std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    let found = roots
        .iter()
        .flat_map(|root| {
            ["usr/share/doc/texlive-doc", "texlive-doc", ""]
                .map(|inner| root.join(inner).join(below))
        })
        .find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: {} holds no {below}", folder.display());
    }
    found
}

/// The text of each page of a PDF as our extractor gives it.
fn ours(home: &Home, path: &Path) -> BTreeMap<u32, String> {
    let printed = home.done([Path::new("extract"), path]);
    let mut pages: BTreeMap<u32, String> = BTreeMap::new();
    for line in printed.lines() {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
        if document["kind"] != "pdf" {
            continue;
        }
        for passage in document["passages"].as_array().unwrap() {
            let Some(page) = passage["locator"]["page"].as_u64() else {
                continue;
            };
            let text = pages.entry(u32::try_from(page).unwrap()).or_default();
            text.push_str(passage["text"].as_str().unwrap());
            text.push('\n');
        }
    }
    pages
}

/// The text of a page by poppler; `None` where it is not installed.
fn theirs(path: &Path, page: u32) -> Option<String> {
    let page = page.to_string();
    let output = Command::new("pdftotext")
        .args(["-q", "-enc", "UTF-8", "-f", &page, "-l", &page])
        .args([path, Path::new("-")])
        .output();
    Some(String::from_utf8_lossy(&output.ok()?.stdout).into_owned())
}

#[test]
fn a_pair_is_in_order_if_nothing_listed_stands_between() {
    let lines = ["One two", "three four", "five six"].map(str::to_owned);
    assert_eq!(
        out_of_order("one two\nTHREE-\nfour ﬁve\nfive six", &lines),
        []
    );
    assert_eq!(
        out_of_order("one two five six three four", &lines),
        [(0, vec![2]), (1, vec![])]
    );
    assert_eq!(out_of_order("three four five six", &lines), [(0, vec![])]);
}

#[test]
fn the_judged_lines_are_unique_on_their_page() {
    let text = std::fs::read_to_string(repository("docs/judgements/pdf-order.txt")).unwrap();
    let pages = judgements(&text);
    assert!(pages.len() >= 30, "{} pages", pages.len());
    for page in &pages {
        assert_eq!(
            out_of_order(&page.lines.join("\n"), &page.lines),
            [],
            "{}",
            page.file
        );
    }
}

#[test]
#[ignore = "needs the shared data and Debian's texlive documents; run it in release: see the head of this file"]
fn order_of_lines() {
    let judged = std::fs::read_to_string(repository("docs/judgements/pdf-order.txt")).unwrap();
    let home = Home::new();
    let mut texts: BTreeMap<PathBuf, BTreeMap<u32, String>> = BTreeMap::new();
    let (mut pairs, mut right, mut peer) = (0, 0, 0);
    println!("{:>6} {:>9} {:>6}  page", "ours", "pdftotext", "pairs");
    for page in judgements(&judged) {
        let Some(path) = locate(&page.file) else {
            continue;
        };
        let pages = texts
            .entry(path.clone())
            .or_insert_with(|| ours(&home, &path));
        let text = pages.get(&page.number).cloned().unwrap_or_default();
        let wrong = out_of_order(&text, &page.lines);
        let of = page.lines.len() - 1;
        let percent = |right: usize| 100.0 * right as f64 / of as f64;
        let poppler =
            theirs(&path, page.number).map(|text| of - out_of_order(&text, &page.lines).len());
        println!(
            "{:>6.1} {:>9} {of:>6}  {} page {} ({})",
            percent(of - wrong.len()),
            poppler.map_or("-".to_owned(), |right| format!("{:.1}", percent(right))),
            page.file,
            page.number,
            page.kind
        );
        for (line, after) in &wrong {
            let after: Vec<&str> = after
                .iter()
                .map(|&line| page.lines[line].as_str())
                .collect();
            println!(
                "         {:?} then {after:?}, not {:?}",
                page.lines[*line],
                page.lines[line + 1]
            );
        }
        pairs += of;
        right += of - wrong.len();
        peer += poppler.unwrap_or_default();
    }
    if pairs == 0 {
        return;
    }
    let share = right as f64 / pairs as f64;
    println!(
        "{:>6.1} {:>9.1} {pairs:>6}  in all",
        100.0 * share,
        100.0 * peer as f64 / pairs as f64
    );
    assert!(
        share >= 0.95,
        "{right} of {pairs} neighbouring lines are in order"
    );
}
