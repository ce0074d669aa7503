//! Golden pages. `UPDATE_EXPECT=1 cargo test -p render` writes them again; look at them then.

use expect_test::{ExpectFile, expect_file};
use model::page::{Block, Discussions, ResultsPage, Tab, VideoRow};
use render::{Html, Json, Renderer, Text};

use crate::cards::{discussions, kept_thread, kept_video, videos};
use crate::pages::{full, kept, kept_pdf, kept_scan, nothing};

#[track_caller]
fn check(renderer: &dyn Renderer, page: &ResultsPage, golden: &ExpectFile) {
    golden.assert_eq(&renderer.render(page));
}

const PIPE: Text = Text {
    colour: false,
    width: None,
};

#[test]
fn text() {
    check(&PIPE, &full(), &expect_file!["golden/full.txt"]);
    check(
        &PIPE,
        &nothing("\"nothing to\" find", 1),
        &expect_file!["golden/nothing.txt"],
    );
    check(
        &PIPE,
        &nothing("anything", 0),
        &expect_file!["golden/empty.txt"],
    );
}

/// A page of one kind alone.
fn main_page(block: Block, tab: Tab) -> ResultsPage {
    let mut page = nothing("istmere", 9);
    page.query.tab = tab;
    page.total = model::hit::Total::Exact(14);
    page.offset = 10;
    page.blocks = vec![block];
    page
}

#[test]
fn a_tab() {
    let row = VideoRow {
        is_main: true,
        ..videos()
    };
    let page = main_page(Block::Videos(row), Tab::Videos);
    check(&Html, &page, &expect_file!["golden/videos.html"]);
    check(&PIPE, &page, &expect_file!["golden/videos.txt"]);
    let block = Discussions {
        is_main: true,
        ..discussions()
    };
    let page = main_page(Block::Discussions(block), Tab::Discussions);
    check(&Html, &page, &expect_file!["golden/discussions.html"]);
    check(&PIPE, &page, &expect_file!["golden/discussions.txt"]);
}

#[test]
fn text_in_a_terminal() {
    let terminal = Text {
        colour: true,
        width: Some(72),
    };
    check(&terminal, &full(), &expect_file!["golden/terminal.txt"]);
}

#[test]
fn json() {
    check(
        &Json { pretty: true },
        &full(),
        &expect_file!["golden/full.json"],
    );
    let compact = Json { pretty: false }.render(&full());
    let pretty = Json { pretty: true }.render(&full());
    assert_eq!(compact.lines().count(), 1);
    let parse = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
    assert_eq!(parse(&compact), parse(&pretty));
}

#[test]
fn marks_of_the_json_count_characters() {
    let json: serde_json::Value =
        serde_json::from_str(&Json { pretty: false }.render(&full())).unwrap();
    let marked = |result: usize| -> Vec<String> {
        let snippet = &json["results"][result]["snippet"];
        let text: Vec<char> = snippet["text"].as_str().unwrap().chars().collect();
        let marks = snippet["marks"].as_array().unwrap();
        let at = |mark: &serde_json::Value, end: usize| mark[end].as_u64().unwrap() as usize;
        marks
            .iter()
            .map(|mark| text[at(mark, 0)..at(mark, 1)].iter().collect())
            .collect()
    };
    assert_eq!(marked(1), ["Veldania", "Istmere’s"]);
    assert_eq!(marked(5), ["إستمير", "فيلدانيا"]);
}

#[test]
fn html() {
    check(&Html, &full(), &expect_file!["golden/full.html"]);
    check(
        &Html,
        &nothing("\"nothing to\" find", 1),
        &expect_file!["golden/nothing.html"],
    );
    check(
        &Html,
        &nothing("anything", 0),
        &expect_file!["golden/empty.html"],
    );
}

#[test]
fn the_other_pages() {
    expect_file!["golden/copy.html"].assert_eq(&render::copy(&kept()));
    expect_file!["golden/copy-pdf.html"].assert_eq(&render::copy(&kept_pdf()));
    expect_file!["golden/copy-scan.html"].assert_eq(&render::copy(&kept_scan()));
    expect_file!["golden/copy-video.html"].assert_eq(&render::copy(&kept_video()));
    expect_file!["golden/copy-thread.html"].assert_eq(&render::copy(&kept_thread()));
    let collections = [("news".to_owned(), 1200), ("notes & drafts".to_owned(), 34)];
    expect_file!["golden/home.html"].assert_eq(&render::home(1234, &collections));
    expect_file!["golden/home-empty.html"].assert_eq(&render::home(0, &[]));
    let message = render::message(
        404,
        "This copy is not in the index",
        "No capture has the id `0101`.",
        Some("It may have been forgotten, or the link may be from another index."),
    );
    expect_file!["golden/message.html"].assert_eq(&message);
}
