//! Six words that stand on a page of a PDF find that page.
//!
//! `cargo test --release -p conspectus --test it -- --ignored --nocapture six_words_find_their_page`
//!
//! The pages' text is poppler's, so that the truth is not ours. Every miss is printed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binary::{Home, shared_data};

/// Sentences asked of each of the two files.
const SENTENCES: usize = 50;
/// Words of a query.
const WORDS: usize = 6;
/// Characters of a printed line of running text: shorter ones are heads, feet, rows and captions.
const LINE_CHARS: usize = 50;
/// Lines at the top and the bottom of a page where running heads and feet stand.
const MARGIN_LINES: usize = 2;

/// The pages' text by poppler; `None` where it is not installed.
fn pages(path: &Path) -> Option<Vec<String>> {
    let output = Command::new("pdftotext")
        .args(["-q", "-enc", "UTF-8"])
        .args([path, Path::new("-")])
        .output();
    let Ok(output) = output else {
        println!("skipped: pdftotext is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.split('\u{c}').map(str::to_owned).collect())
}

/// Runs of six words of letters only within a line of running text, each with its place.
///
/// The first word of a line is left out, as it may be the end of a hyphenated one.
fn runs(page: &str) -> Vec<String> {
    let lines: Vec<&str> = page
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let body = MARGIN_LINES..lines.len().saturating_sub(MARGIN_LINES);
    let lines = lines.get(body).unwrap_or_default();
    let mut runs = Vec::new();
    for line in lines
        .iter()
        .filter(|line| line.chars().count() >= LINE_CHARS)
    {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        for run in words.windows(WORDS) {
            if run.iter().all(|word| word.chars().all(char::is_alphabetic)) {
                runs.push(run.join(" "));
            }
        }
    }
    runs
}

/// Words with one space between them, so that a run is found over the ends of lines.
fn flow(text: &str) -> String {
    format!(
        " {} ",
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    )
}

/// xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// What the first result of a query opens: address and page.
fn first(home: &Home, query: &str) -> (String, u64) {
    let printed = home.done(["search", "--format", "json", "--count", "3", query]);
    let page: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let result = &page["results"][0];
    (
        result["url"].as_str().unwrap_or_default().to_owned(),
        result["locator"]["page"].as_u64().unwrap_or_default(),
    )
}

#[test]
fn runs_are_words_of_running_text() {
    let line = "a line that has no number and no comma and goes on to the very margin";
    let page = format!("head\nhead\n{line}\nshort line of words which is not counted\nfoot\n7\n");
    let runs = runs(&page);
    assert_eq!(runs.len(), 10);
    assert_eq!(runs[0], "line that has no number and");
}

#[test]
#[ignore = "needs the shared data and pdftotext; run it in release: see the head of this file"]
fn six_words_find_their_page() {
    let files = [
        "topic-syria/pdf/wikipedia-Iran.pdf",
        "pdf/text/freeculture.pdf",
    ];
    let Some(files) = files
        .map(shared_data)
        .into_iter()
        .collect::<Option<Vec<PathBuf>>>()
    else {
        return;
    };
    let Some(texts) = files
        .iter()
        .map(|file| pages(file))
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let home = Home::new();
    let add = std::iter::once(PathBuf::from("add")).chain(files.iter().cloned());
    home.done(add);
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut asked, mut right) = (0, 0);
    for (file, pages) in files.iter().zip(&texts) {
        let flows: Vec<String> = pages.iter().map(|page| flow(page)).collect();
        let runs: Vec<Vec<String>> = pages.iter().map(|page| runs(page)).collect();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let (mut of_file, mut right_here) = (0, 0);
        while of_file < SENTENCES {
            // A page first, then a place on it: all pages are asked for alike.
            let page = &runs[random.below(runs.len())];
            if page.is_empty() {
                continue;
            }
            let run = &page[random.below(page.len())];
            let on: Vec<usize> = (1..)
                .zip(&flows)
                .filter(|(_, flow)| flow.contains(&format!(" {run} ")))
                .map(|(number, _)| number)
                .collect();
            let (url, found) = first(&home, run);
            of_file += 1;
            if url.ends_with(&name) && on.contains(&(found as usize)) {
                right_here += 1;
            } else {
                println!("{name} pages {on:?}: {run:?} opens page {found} of {url}");
            }
        }
        println!("{name}: {right_here} of {of_file}");
        asked += of_file;
        right += right_here;
    }
    assert!(
        right * 100 >= asked * 95,
        "{right} of {asked} find their page"
    );
}
