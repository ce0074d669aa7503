//! Bytes that nobody would write: no panic, no loss, an end.

use std::fmt::Write as _;

use extract::ExtractError;
use proptest::prelude::*;

use crate::{document, record};

const URL: &str = "https://hostile.example/a/b";

/// Runs on a stack as large as the caller promises, as test threads have 2 MiB.
fn on_a_large_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(work);
    let joined = thread.map(std::thread::JoinHandle::join);
    assert!(matches!(joined, Ok(Ok(()))), "the thread panicked");
}

#[test]
fn deep_trees_are_read() {
    on_a_large_stack(|| {
        for tag in [
            "div",
            "b",
            "blockquote",
            "ul><li",
            "table><tr><td",
            "section",
        ] {
            let html = format!(
                "<title>T</title>{}the end",
                format!("<{tag}>").repeat(3_000)
            );
            let found = document(&record(URL, "text/html", html.as_bytes()));
            assert!(found.text().contains("the end"), "{tag}");
        }
    });
}

#[test]
fn many_links_are_capped_and_none_twice() {
    on_a_large_stack(|| {
        let mut html = String::new();
        for number in 0..6_000 {
            write!(html, "<a href='/{number}'>a</a> <a href='/{number}'>a</a>").unwrap();
        }
        let found = document(&record(URL, "text/html", html.as_bytes()));
        assert_eq!(found.links.len(), 5_000);
    });
}

#[test]
fn a_large_page_is_cut_with_a_warning() {
    on_a_large_stack(|| {
        let mut html = b"<title>T</title><p>beginning</p><!--".to_vec();
        html.resize(17 << 20, b'x');
        let found = document(&record(URL, "text/html", &html));
        assert_eq!(found.title, "T");
        assert_eq!(found.warnings.len(), 1, "{:?}", found.warnings);
    });
}

#[test]
fn nothing_is_a_page_too() {
    let found = document(&record(URL, "text/html", b""));
    assert_eq!(found.title, "b");
    assert!(found.passages.is_empty());
}

#[test]
fn what_nobody_reads_is_no_failure() {
    for media_type in [
        "image/png",
        "text/css",
        "application/json",
        "application/zip",
    ] {
        let result = extract::extract(&record(URL, media_type, b"x"), &extract::Options::default());
        assert!(
            matches!(result, Err(ExtractError::NoReader { .. })),
            "{media_type}"
        );
    }
}

const PIECES: &[&str] = &[
    "<h1 id=a>",
    "</h1>",
    "<p>",
    "<div hidden>",
    "</div>",
    "<table><tr>",
    "<td>",
    "</table>",
    "<pre>\n",
    "</pre>",
    "<a href='x'>",
    "</a>",
    "<script type='application/ld+json'>{\"@type\":",
    "\"NewsArticle\"",
    "</script>",
    "<noscript>",
    "</noscript>",
    "<time datetime='2025-06-02'>",
    "<svg><title>",
    "<template>",
    "&#0;",
    "&amp;",
    "text of the harbour ",
    "\u{202e}",
    "\u{0}",
    "<meta http-equiv=refresh content='0;url=/y'>",
    "<base href='//['>",
    "<plaintext>",
    "<!--",
    "<select>",
    "<frameset>",
    "<b><i></b></i>",
    "<ul><li>",
    "<body lang=de>",
    "<math><mi>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let found = document(&record(URL, "text/html", &bytes));
        prop_assert!(!found.title.is_empty());
    }

    #[test]
    fn any_tags_are_taken(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        let extracted = extract::extract(&record(URL, "text/html", pieces.concat().as_bytes()), &extract::Options::default());
        let extracted = extracted.unwrap();
        // Some of the pieces send the reader on.
        prop_assert!(extracted.documents.len() == 1 || extracted.redirect.is_some());
        for found in extracted.documents {
            prop_assert!(!found.title.is_empty());
            for passage in &found.passages {
                prop_assert!(!passage.text.trim().is_empty());
            }
        }
    }

    #[test]
    fn headings_keep_their_order(count in 2_usize..12) {
        let mut html = String::from("<title>T</title><article><h1>Title of it</h1>");
        for number in 0..count {
            write!(
                html,
                "<h2 id=s{number}>Section {number}</h2><p>In part {number} the ships of Veldania \
                 bring salt to the harbour of Istmere, and go home with wool and timber.</p>"
            )
            .unwrap();
        }
        let found = document(&record(URL, "text/html", html.as_bytes()));
        let headings: Vec<String> = found
            .passages
            .iter()
            .filter_map(|passage| passage.heading.clone())
            .filter(|heading| heading.starts_with("Section"))
            .collect();
        let expected: Vec<String> = (0..count).map(|number| format!("Section {number}")).collect();
        prop_assert_eq!(headings, expected);
    }
}
