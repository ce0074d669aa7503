//! The copy that we hold, as text with the passage marked.

use std::ops::Range;

use askama::Template;
use model::capture::CaptureId;
use model::document::{Locator, Post};
use model::page::Copy;
use model::time::UnixSeconds;

use super::direction::{dir, lang};
use super::{Frame, cleaned, written};
use crate::age::day;
use crate::link;
use crate::sentences::{self, clean, counted};
use crate::snippet::{Piece, paragraphs};

/// The copy of one capture, or of a document that has no single one.
#[derive(Clone, Debug, PartialEq)]
pub struct CopyPage {
    /// Whole.
    pub title: String,
    /// The live address.
    pub url: String,
    /// The query that led here, empty where none did; it stays in the search box.
    pub query: String,
    /// When it was captured; `None` for a document without a single capture.
    pub captured: Option<UnixSeconds>,
    /// The collection that holds it; `None` for a document without a single capture.
    pub collection: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// Name of the site.
    pub site_name: Option<String>,
    /// All captures of this address, by time, and which of them this is.
    pub captures: Vec<(UnixSeconds, CaptureId, bool)>,
    /// The text in reading order.
    pub passages: Vec<CopyPassage>,
    /// Path on the server of the original bytes: `/capture/ID/raw`.
    pub raw: Option<String>,
    /// Where the bytes lie, in words: ``news/2025.warc.gz` at byte 81,920``.
    pub origin: Option<String>,
    /// Which pages are shown, for a PDF.
    pub pages: Option<CopyPages>,
    /// What was odd about it, and what stands in its place (the source file is gone, …).
    pub warnings: Vec<String>,
}

/// Which pages of a PDF a copy shows: a long one is shown in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyPages {
    /// How many there are, where that is known.
    pub total: Option<u32>,
    /// The first and the last page with text that is shown; `None` where there is none.
    pub shown: Option<(u32, u32)>,
    /// The last page with text before them.
    pub earlier: Option<u32>,
    /// The first page with text behind them.
    pub later: Option<u32>,
    /// Whether it is a scan, whose text nobody could read.
    pub no_text_layer: bool,
    /// Path on the server of this copy: `/capture/ID`; `page=N` in its query shows another part.
    pub path: String,
}

/// A passage of the copy.
#[derive(Clone, Debug, PartialEq)]
pub struct CopyPassage {
    /// Paragraphs, each but the last ended by a line feed.
    pub text: String,
    /// The nearest heading above; it may stand in `text` as well.
    pub heading: Option<String>,
    /// Where it stands in the original.
    pub locator: Locator,
    /// What to mark in `text`: byte ranges, sorted, disjoint, on character boundaries.
    pub marks: Vec<Range<usize>>,
    /// Whether it answers the query.
    pub matched: bool,
    /// Its number in the document: `#passage-N` opens it.
    pub number: u32,
    /// Set in discussions.
    pub post: Option<Post>,
}

#[derive(Template)]
#[template(path = "copy.html")]
struct CopyView {
    frame: Frame,
    lang: Option<String>,
    dir: &'static str,
    title: String,
    site_name: Option<String>,
    kept: String,
    collection: Option<String>,
    origin: Option<Vec<Piece>>,
    live: Option<String>,
    url: String,
    raw: Option<String>,
    warnings: Vec<Vec<Piece>>,
    captures: Vec<Seen>,
    captures_words: String,
    matches: Vec<u32>,
    part: Option<Part>,
    nothing: &'static str,
    passages: Vec<Shown>,
}

/// A capture of the same address.
struct Seen {
    day: String,
    instant: String,
    href: Option<String>,
}

/// A passage with its paragraphs.
struct Shown {
    number: u32,
    matched: bool,
    heading: Option<Vec<Piece>>,
    /// Link and words of its place in the original.
    place: Option<(Option<String>, String)>,
    /// Set in discussions.
    post: Option<PostHead>,
    /// `timed`, `post` and how far it is set in.
    class: String,
    /// The page of a PDF that begins here.
    page: Option<PageHead>,
    paragraphs: Vec<Vec<Piece>>,
}

/// The head of a post: who wrote it, and what others said of it.
struct PostHead {
    author: Option<String>,
    /// Instant and words.
    time: Option<(String, String)>,
    votes: Option<String>,
    accepted: bool,
    opening: bool,
}

/// Posts that lie deeper in the tree are set in no further: on a narrow screen there is no room.
const DEEPEST: u32 = 8;

/// The head of a page of a PDF, with where it opens in the original and live.
struct PageHead {
    number: u32,
    original: Option<String>,
    live: Option<String>,
}

/// Which part of a long PDF is shown, and the ways to the others.
struct Part {
    words: String,
    earlier: Option<String>,
    later: Option<String>,
    /// Where a page is asked for, and the last one.
    form: Option<(String, u32)>,
}

/// Links to matching passages at the head of the copy; more than these help nobody.
const MATCHES: usize = 20;

/// The copy that we hold as a page: the text, each passage with `id="passage-N"` and those that
/// answer marked, and the ways to the original bytes, the live address and other captures.
pub fn copy(page: &CopyPage) -> String {
    let language = page.language.as_deref();
    let kept = match page.captured {
        Some(captured) => format!("Copy of {}", day(captured)),
        None if page.passages.iter().any(|passage| passage.post.is_some()) => {
            "Copy of the thread".to_owned()
        }
        None if page
            .passages
            .iter()
            .any(|p| matches!(p.locator, Locator::Seconds(_))) =>
        {
            "Transcript".to_owned()
        }
        None => "Copy".to_owned(),
    };
    let text = |value: &str| Some(clean(value)).filter(|value| !value.trim().is_empty());
    let matches = page.passages.iter().filter(|passage| passage.matched);
    written(&CopyView {
        frame: Frame::of(&page.title, &page.query),
        lang: lang(language),
        dir: dir(language),
        title: clean(&page.title),
        site_name: page.site_name.as_deref().and_then(text),
        kept,
        collection: page.collection.as_deref().and_then(text),
        origin: page
            .origin
            .as_deref()
            .and_then(text)
            .map(|origin| sentences::quoted(&origin)),
        live: link::live(&page.url, &Locator::Top),
        url: clean(&page.url),
        raw: page.raw.as_deref().and_then(own_path),
        warnings: page
            .warnings
            .iter()
            .map(|warning| sentences::quoted(warning))
            .collect(),
        captures: page
            .captures
            .iter()
            .map(|seen| Seen::of(seen, &page.query))
            .collect(),
        captures_words: counted(page.captures.len() as u64, "capture", "captures")
            + " of this address",
        matches: matches
            .map(|passage| passage.number)
            .take(MATCHES)
            .collect(),
        part: page.pages.as_ref().and_then(|pages| part(pages, page)),
        nothing: match &page.pages {
            Some(pages) if pages.no_text_layer => {
                "This PDF has no text layer. The original shows its pages."
            }
            _ => "This copy has no text that could be read. The original bytes may still show it.",
        },
        passages: shown(page),
    })
}

fn part(pages: &CopyPages, page: &CopyPage) -> Option<Part> {
    let (first, last) = pages.shown?;
    let path = own_path(&pages.path)?;
    let href = |number: u32| {
        let query = match page.query.as_str() {
            "" => String::new(),
            query => format!("q={}&", link::encoded(query)),
        };
        format!("{path}?{query}page={number}#page-{number}")
    };
    let mut words = if first == last {
        format!("Page {first}")
    } else {
        format!("Pages {first} to {last}")
    };
    if let Some(total) = pages.total.filter(|total| *total >= last) {
        words = format!("{words} of {}", sentences::number(total.into()));
    }
    let whole = pages.earlier.is_none() && pages.later.is_none();
    Some(Part {
        words,
        earlier: pages.earlier.map(href),
        later: pages.later.map(href),
        form: pages.total.filter(|_| !whole).map(|total| (path, total)),
    })
}

/// A path on this server; anything else is no link of ours.
fn own_path(path: &str) -> Option<String> {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    (own && !path.contains(char::is_control)).then(|| path.to_owned())
}

impl Seen {
    fn of(&(captured, id, current): &(UnixSeconds, CaptureId, bool), query: &str) -> Self {
        Self {
            day: day(captured),
            instant: captured.to_string(),
            href: (!current).then(|| link::copy_path(Copy::Capture(id), query, None)),
        }
    }
}

fn shown(page: &CopyPage) -> Vec<Shown> {
    let mut all = Vec::new();
    let mut last: Option<&CopyPassage> = None;
    for passage in &page.passages {
        let mut paragraphs: Vec<Vec<Piece>> = paragraphs(&passage.text, &passage.marks)
            .into_iter()
            .map(cleaned)
            .collect();
        let heading = passage.heading.as_deref().map(clean);
        let known = last.is_some_and(|last| last.heading == passage.heading);
        let heading = heading.filter(|heading| !heading.trim().is_empty());
        let heading = heading.and_then(|heading| {
            let first: String = paragraphs
                .first()
                .map(|pieces| pieces.iter().map(|piece| piece.text.as_str()).collect())
                .unwrap_or_default();
            // Where the heading stands in the text, it keeps its marks and is not said twice.
            if first.trim() == heading.trim() {
                return Some(paragraphs.remove(0));
            }
            (!known).then(|| {
                vec![Piece {
                    text: heading,
                    marked: false,
                }]
            })
        });
        let moved = last.is_none_or(|last| last.locator != passage.locator);
        all.push(Shown {
            number: passage.number,
            matched: passage.matched,
            heading,
            place: moved.then(|| place(page, &passage.locator)).flatten(),
            post: passage.post.as_ref().filter(|_| moved).map(PostHead::of),
            class: class(passage),
            page: moved.then(|| page_head(page, &passage.locator)).flatten(),
            paragraphs,
        });
        last = Some(passage);
    }
    all
}

impl PostHead {
    fn of(post: &Post) -> Self {
        let author = post.author.as_deref().map(clean);
        Self {
            author: author.filter(|author| !author.trim().is_empty()),
            time: post.time.map(|time| (time.to_string(), day(time))),
            votes: post.score.map(sentences::points),
            accepted: post.accepted,
            opening: post.depth == 0,
        }
    }
}

/// How a passage is set: a transcript beside its times, a post by its place in the tree.
fn class(passage: &CopyPassage) -> String {
    match (&passage.locator, &passage.post) {
        (Locator::Seconds(_), _) => " timed".to_owned(),
        (_, Some(post)) => format!(" post depth-{}", post.depth.min(DEEPEST)),
        _ => String::new(),
    }
}

/// Where the place opens in the original, and its words.
fn place(page: &CopyPage, locator: &Locator) -> Option<(Option<String>, String)> {
    match locator {
        Locator::Top | Locator::Section(_) | Locator::Page(_) => None,
        Locator::Seconds(seconds) => {
            let played = link::played(&page.url, *seconds);
            Some((played, sentences::clock(*seconds)))
        }
        Locator::Comment(_) => {
            link::live(&page.url, locator).map(|href| (Some(href), "Live".to_owned()))
        }
    }
}

fn page_head(page: &CopyPage, locator: &Locator) -> Option<PageHead> {
    let Locator::Page(number) = locator else {
        return None;
    };
    let raw = page.raw.as_deref().and_then(own_path);
    Some(PageHead {
        number: number.get(),
        original: raw.map(|raw| format!("{raw}#page={number}")),
        live: link::live(&page.url, locator),
    })
}
