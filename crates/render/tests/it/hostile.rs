//! Values full of markup give pages that hold no more than their templates do.

use std::ops::Range;

use model::document::{Locator, Post};
use model::hit::Fragment;
use model::page::{Block, Duplicate, FilterLine, ResultsPage};
use model::time::UnixSeconds;
use proptest::prelude::*;
use render::{CopyPage, CopyPassage, Html, Json, Renderer, Text};
use scraper::{Html as Parsed, Node};

use crate::pages::{full, kept, nothing, result};

/// Elements that some template holds.
const ELEMENTS: &[&str] = &[
    "html", "head", "meta", "title", "link", "script", "body", "a", "header", "form", "input",
    "button", "main", "div", "h1", "h2", "p", "ul", "ol", "li", "span", "bdi", "mark", "time",
    "article", "section", "details", "summary", "table", "caption", "thead", "tbody", "tr", "th",
    "td", "nav", "footer", "pre", "code", "strong", "small", "h3", "label", "img",
];

/// Attributes that some template holds.
const ATTRIBUTES: &[&str] = &[
    "lang",
    "dir",
    "charset",
    "name",
    "content",
    "rel",
    "href",
    "src",
    "defer",
    "class",
    "role",
    "action",
    "method",
    "type",
    "value",
    "aria-label",
    "aria-hidden",
    "aria-current",
    "autocomplete",
    "autocapitalize",
    "spellcheck",
    "enterkeyhint",
    "autofocus",
    "id",
    "title",
    "datetime",
    "scope",
    "tabindex",
    "data-result",
    "data-status",
    "alt",
    "loading",
    "min",
    "max",
    "required",
];

/// The document holds known elements and attributes only, links that a browser may follow, and
/// as many scripts as the frame has.
#[track_caller]
fn check(html: &str) {
    assert!(!html.contains('\0'));
    let parsed = Parsed::parse_document(html);
    let mut scripts = 0;
    for node in parsed.tree.nodes() {
        let Node::Element(element) = node.value() else {
            assert!(
                !matches!(node.value(), Node::Comment(_)),
                "a comment in\n{html}"
            );
            continue;
        };
        assert!(
            ELEMENTS.contains(&element.name()),
            "<{}> in\n{html}",
            element.name()
        );
        scripts += usize::from(element.name() == "script");
        for (name, value) in element.attrs() {
            assert!(ATTRIBUTES.contains(&name), "attribute {name} in\n{html}");
            if matches!(name, "href" | "src" | "action") {
                let own =
                    value.starts_with('#') || value.starts_with('/') && !value.starts_with("//");
                let web = value.starts_with("http://") || value.starts_with("https://");
                assert!(own || web, "link to {value}");
                let element = element.name();
                assert!(own || element == "a", "<{element}> loads {value}");
            }
        }
    }
    assert_eq!(scripts, 1, "{html}");
}

/// Text that tries to be more than text.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("</title></textarea></p></main><img src=x onerror=alert(1)>".to_owned()),
        Just("\" onclick=\"alert(1)".to_owned()),
        Just("' autofocus onfocus='x".to_owned()),
        Just("javascript:alert(1)".to_owned()),
        Just("//evil.example/x".to_owned()),
        Just("https://a.example/?\"><b>".to_owned()),
        Just("<!--".to_owned()),
        Just("]]>{{ 7 }}{% x %}".to_owned()),
        Just("&lt;b&gt;&amp;\u{0}\u{1b}[31m\u{7}\r\n\t\u{202e}".to_owned()),
        any::<String>(),
        "[a-z ]{0,12}",
    ];
    proptest::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn marks() -> impl Strategy<Value = Vec<Range<usize>>> {
    let mark = (0_usize..80, 0_usize..80).prop_map(|(start, end)| start..end);
    proptest::collection::vec(mark, 0..5)
}

/// A page whose every text is one of `texts`, in turn.
fn page(texts: &[String], marks: &[Range<usize>]) -> ResultsPage {
    let mut turn = texts.iter().cycle().cloned();
    let mut next = move || turn.next().unwrap_or_default();
    let mut web = result(1, &next(), &next(), &next());
    web.url = next();
    web.locator = Locator::Section(next());
    web.also = vec![
        Locator::Comment(next()),
        Locator::Section(next()),
        Locator::Seconds(3),
    ];
    web.language = Some(next());
    web.host = next();
    web.site = next();
    web.breadcrumb = vec![next(), next()];
    web.badge = Some(next());
    web.more_from_site = 2;
    web.duplicates = vec![Duplicate {
        document: web.document,
        url: next(),
        title: next(),
    }];
    web.snippet.fragments = vec![
        Fragment {
            text: next(),
            marks: marks.to_vec(),
            cut_before: true,
            cut_after: true,
        },
        Fragment {
            text: next(),
            marks: marks.to_vec(),
            cut_before: true,
            cut_after: true,
        },
    ];
    let mut plain = web.clone();
    plain.url = String::from("file:///x");
    plain.copy = None;
    let mut page = full();
    page.query.text = next();
    page.query.relaxed = vec![next(), next()];
    page.query.warnings = vec![next()];
    page.query.filters = vec![FilterLine {
        operator: next(),
        value: next(),
        without: next(),
        ..page.query.filters[0].clone()
    }];
    page.blocks.push(Block::Web(Box::new(web)));
    page.blocks.push(Block::Web(Box::new(plain)));
    let fragment = |text: String| Fragment {
        text,
        marks: marks.to_vec(),
        cut_before: true,
        cut_after: true,
    };
    for block in &mut page.blocks {
        match block {
            Block::Videos(row) => {
                row.is_main = texts.len() > 4;
                for card in &mut row.videos {
                    card.url = next();
                    card.title = next();
                    card.channel = Some(next());
                    card.host = next();
                    card.site_name = next();
                    card.language = Some(next());
                    card.snippet.fragments = vec![fragment(next())];
                }
            }
            Block::Discussions(block) => {
                for card in &mut block.threads {
                    card.url = next();
                    card.title = next();
                    card.forum = Some(next());
                    card.site = next();
                    card.language = Some(next());
                    card.locator = Locator::Comment(next());
                    for comment in &mut card.comments {
                        comment.author = Some(next());
                        comment.fragments = vec![fragment(next()), fragment(next())];
                    }
                }
            }
            _ => {}
        }
    }
    page
}

fn copy(texts: &[String], marks: &[Range<usize>]) -> CopyPage {
    let mut turn = texts.iter().cycle().cloned();
    let mut next = move || turn.next().unwrap_or_default();
    let mut copy = kept();
    let heading = next();
    for locator in [
        Locator::Comment(next()),
        Locator::Section(next()),
        Locator::Seconds(3),
    ] {
        copy.passages.push(CopyPassage {
            text: format!("{heading}\n{}", next()),
            heading: Some(heading.clone()),
            locator,
            marks: marks.to_vec(),
            matched: true,
            number: 9,
            post: Some(Post {
                author: Some(next()),
                score: Some(i32::MIN),
                time: Some(UnixSeconds(i64::MAX)),
                accepted: true,
                depth: u32::MAX,
            }),
        });
    }
    CopyPage {
        title: next(),
        url: next(),
        query: next(),
        captured: Some(UnixSeconds(i64::MAX)),
        collection: Some(next()),
        language: Some(next()),
        site_name: Some(next()),
        raw: Some(next()),
        origin: Some(next()),
        warnings: vec![next()],
        ..copy
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn html_holds_what_its_templates_hold(
        texts in proptest::collection::vec(hostile(), 1..24),
        marks in marks(),
    ) {
        check(&Html.render(&page(&texts, &marks)));
        check(&Html.render(&nothing(&texts[0], 1)));
        check(&render::copy(&copy(&texts, &marks)));
        check(&render::home(1, &[(texts[0].clone(), 1)]));
        check(&render::message(500, &texts[0], &texts[0], Some(&texts[0])));
    }

    #[test]
    fn text_obeys_nobody(
        texts in proptest::collection::vec(hostile(), 1..24),
        marks in marks(),
        width in proptest::option::of(0_usize..100),
    ) {
        let text = Text { colour: false, width }.render(&page(&texts, &marks));
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        let coloured = Text { colour: true, width }.render(&page(&texts, &marks));
        let mut bare = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            let (parameters, after) = after.split_once('m').unwrap();
            let own = ["[0", "[1", "[2", "[32", "[33", "[1;34"].contains(&parameters);
            prop_assert!(own, "{parameters:?}");
            bare.push_str(before);
            rest = after;
        }
        bare.push_str(rest);
        prop_assert_eq!(bare, text);
    }

    #[test]
    fn json_is_json(texts in proptest::collection::vec(hostile(), 1..24), marks in marks()) {
        let page = page(&texts, &marks);
        let json: serde_json::Value =
            serde_json::from_str(&Json { pretty: false }.render(&page)).unwrap();
        prop_assert_eq!(json["query"]["text"].as_str(), Some(page.query.text.as_str()));
    }
}

#[test]
fn the_check_finds_what_it_looks_for() {
    let frame = |inner: &str| format!("<!doctype html><script src=\"/script.js\"></script>{inner}");
    check(&frame("<p>fine</p>"));
    for bad in [
        "<iframe></iframe>",
        "<img src=\"https://evil.example/x.png\">",
        "<p onclick=x>",
        "<a href=\"javascript:x\">",
        "<a href=\"//evil.example\">",
        "<script></script>",
        "<!-- x -->",
        "<link href=\"https://evil.example/\">",
    ] {
        let caught = std::panic::catch_unwind(|| check(&frame(bad)));
        assert!(caught.is_err(), "{bad}");
    }
}
