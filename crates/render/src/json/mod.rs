//! The page as our own JSON.
//!
//! One object. Fields are only added while `format` stays 1; readers pass over what they do not
//! know. What is not known is `null`. Texts are not escaped beyond JSON.

mod cards;

use model::document::Locator;
use model::hit::Total;
use model::hit::{Evidence, Fragment};
use model::page::{Block, DateKind, FilterLine, ResultsPage, ShownDate, WebResult};
use model::time::UnixSeconds;
use serde::Serialize;

use cards::{DiscussionsOut, VideosOut};

use crate::age::age;
use crate::why::why;
use crate::{Renderer, link, sentences, snippet};

/// JSON in our own shape; see the fields of the structs in `json.rs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json {
    /// Whether to indent it for readers.
    pub pretty: bool,
}

impl Renderer for Json {
    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, page: &ResultsPage) -> String {
        let page = PageOut::of(page);
        let written = if self.pretty {
            serde_json::to_string_pretty(&page)
        } else {
            serde_json::to_string(&page)
        };
        written.expect("these structs have text keys only, so they can be written")
    }
}

#[derive(Serialize)]
struct PageOut<'a> {
    /// Version of this shape: 1.
    format: u32,
    query: QueryOut<'a>,
    /// Results in all, before folding.
    total: TotalOut,
    /// Results that stand before this page.
    offset: usize,
    /// Results asked for per page.
    count: usize,
    /// Whether there are results behind this page.
    more: bool,
    /// Milliseconds it took; left out where nobody measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<f64>,
    /// Top to bottom.
    results: Vec<BlockOut<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum BlockOut<'a> {
    Web(Box<ResultOut<'a>>),
    Videos(VideosOut<'a>),
    Discussions(DiscussionsOut<'a>),
}

#[derive(Serialize)]
struct QueryOut<'a> {
    /// As typed.
    text: &'a str,
    /// The tab that is open: `all`, `web`, `pdf`, `video`, `discussion`.
    tab: &'static str,
    /// The clock by which ages are told, RFC 3339.
    now: String,
    /// Words let go, in the order of the query.
    relaxed: &'a [String],
    /// In the order of the query.
    filters: Vec<FilterOut<'a>>,
    /// What was not understood, whole sentences.
    warnings: &'a [String],
    /// Documents in the index.
    documents: u64,
}

#[derive(Serialize)]
struct FilterOut<'a> {
    /// `site`.
    operator: &'a str,
    value: &'a str,
    /// Whether it excludes.
    negated: bool,
    /// Documents that match the words and that it took away, undated ones included.
    removed: TotalOut,
    /// Those of them that it took away only because their date is unknown.
    undated: TotalOut,
    /// The query without this filter.
    without: &'a str,
}

#[derive(Serialize)]
struct TotalOut {
    count: u64,
    /// Whether `count` is the number itself; else there are at least so many.
    exact: bool,
}

#[derive(Serialize)]
struct ResultOut<'a> {
    /// `web`; the other blocks of `results` are `videos` and `discussions`.
    kind: &'static str,
    /// Id of the document, 32 hexadecimal digits.
    document: String,
    /// The live address.
    url: &'a str,
    /// The live address joined with `locator`.
    opened: String,
    locator: &'a Locator,
    /// Path on the server to the copy that we hold, at the passage: `/capture/ID?q=…#passage-3`.
    copy: Option<String>,
    /// Path on the server to the original bytes of a PDF, at the page: `/capture/ID/raw#page=12`.
    original: Option<String>,
    /// When that copy was captured, RFC 3339.
    captured: String,
    /// Captures of this address that we hold.
    captures: u32,
    /// When the first of them was made, RFC 3339.
    first_captured: Option<String>,
    /// For an older state: when another one took its place, RFC 3339.
    held_until: Option<String>,
    /// Other matching places, in reading order.
    also: &'a [Locator],
    site_name: &'a str,
    /// Host without `www.`.
    host: &'a str,
    /// Registrable domain.
    site: &'a str,
    /// Steps behind the host.
    breadcrumb: &'a [String],
    title: &'a str,
    /// BCP 47.
    language: Option<&'a str>,
    date: Option<DateOut>,
    /// The date in words, as the page shows it.
    age: Option<String>,
    snippet: SnippetOut,
    /// `pdf` and the like, `video`, `discussion`.
    badge: Option<&'a str>,
    /// Pages of a PDF.
    pages: Option<u32>,
    /// Whether a PDF is a scan, whose text nobody could read.
    no_text_layer: bool,
    /// Results of the same site folded behind this one.
    more_from_site: u32,
    /// Copies at other addresses, in order of rank.
    duplicates: Vec<DuplicateOut<'a>>,
    /// Sum of `adds` of `why`; comparable within one query only.
    score: f32,
    /// Most weighty first; empty where nobody asked.
    why: Vec<ReasonOut>,
}

#[derive(Serialize)]
struct DateOut {
    /// As precise as its source: `2025`, `2025-06`, `2025-06-02`, or an instant.
    value: String,
    /// `published` or `modified`.
    of: &'static str,
}

#[derive(Serialize)]
struct SnippetOut {
    /// Fragments joined with ` ... `, and ` ...` at an end that was cut; for a scan without any,
    /// that it is one.
    text: String,
    /// What to mark: pairs of start and end (not included), counted in Unicode characters
    /// (code points) of `text`, sorted, disjoint.
    marks: Vec<[usize; 2]>,
    /// Number of the passage of the first fragment; `null` for the page's own description.
    passage: Option<u32>,
}

#[derive(Serialize)]
struct DuplicateOut<'a> {
    document: String,
    url: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct ReasonOut {
    /// `title`.
    feature: &'static str,
    /// What was looked at.
    words: &'static str,
    value: f32,
    weight: f32,
    /// `value` times `weight`.
    adds: f32,
}

impl<'a> PageOut<'a> {
    fn of(page: &'a ResultsPage) -> Self {
        let results = page.blocks.iter().filter_map(|block| match block {
            Block::Web(result) => Some(BlockOut::Web(Box::new(ResultOut::of(result, page)))),
            Block::Videos(row) => Some(BlockOut::Videos(VideosOut::of(row, page))),
            Block::Discussions(block) => {
                Some(BlockOut::Discussions(DiscussionsOut::of(block, page)))
            }
            // `Block` is non-exhaustive: what this format does not know yet is left out.
            _ => None,
        });
        Self {
            format: 1,
            query: QueryOut {
                text: &page.query.text,
                tab: page.query.tab.as_str(),
                now: page.query.now.to_string(),
                relaxed: &page.query.relaxed,
                filters: page.query.filters.iter().map(FilterOut::of).collect(),
                warnings: &page.query.warnings,
                documents: page.query.documents,
            },
            total: TotalOut::of(page.total),
            offset: page.offset,
            count: page.count,
            more: page.more,
            took_ms: page.took.map(|took| took.as_secs_f64() * 1000.0),
            results: results.collect(),
        }
    }
}

impl<'a> FilterOut<'a> {
    fn of(filter: &'a FilterLine) -> Self {
        Self {
            operator: &filter.operator,
            value: &filter.value,
            negated: filter.negated,
            removed: TotalOut::of(filter.removed),
            undated: TotalOut::of(filter.undated),
            without: &filter.without,
        }
    }
}

impl TotalOut {
    fn of(total: Total) -> Self {
        Self {
            count: total.count(),
            exact: matches!(total, Total::Exact(_)),
        }
    }
}

impl<'a> ResultOut<'a> {
    fn of(result: &'a WebResult, page: &'a ResultsPage) -> Self {
        let duplicates = result.duplicates.iter().map(|duplicate| DuplicateOut {
            document: duplicate.document.to_string(),
            url: &duplicate.url,
            title: &duplicate.title,
        });
        Self {
            kind: "web",
            document: result.document.to_string(),
            url: &result.url,
            opened: link::opened(&result.url, &result.locator),
            locator: &result.locator,
            copy: result
                .copy
                .map(|copy| link::text_copy(result, copy, &page.query.text)),
            original: link::original(result, &result.locator),
            captured: result.captured.to_string(),
            captures: result.captures,
            first_captured: result.first_captured.map(|instant| instant.to_string()),
            held_until: result.held_until.map(|until| until.to_string()),
            also: &result.also,
            site_name: &result.site_name,
            host: &result.host,
            site: &result.site,
            breadcrumb: &result.breadcrumb,
            title: &result.title,
            language: result.language.as_deref(),
            date: result.date.map(DateOut::of),
            age: age_of(result.date, page.query.now),
            snippet: SnippetOut::of(result),
            badge: result.badge.as_deref(),
            pages: result.pages,
            no_text_layer: result.no_text_layer,
            more_from_site: result.more_from_site,
            duplicates: duplicates.collect(),
            score: result.score,
            why: ReasonOut::all(&result.explanation),
        }
    }
}

impl DateOut {
    fn of(shown: ShownDate) -> Self {
        Self {
            value: shown.date.to_string(),
            of: match shown.kind {
                DateKind::Published => "published",
                DateKind::Modified => "modified",
            },
        }
    }
}

fn age_of(date: Option<ShownDate>, now: UnixSeconds) -> Option<String> {
    date.map(|shown| age(shown.date, now))
}

impl ReasonOut {
    fn all(explanation: &[Evidence]) -> Vec<Self> {
        why(explanation)
            .into_iter()
            .map(|reason| Self {
                feature: reason.name,
                words: reason.words,
                value: reason.value,
                weight: reason.weight,
                adds: reason.adds(),
            })
            .collect()
    }
}

impl SnippetOut {
    fn of(result: &WebResult) -> Self {
        let mut out = Self::of_fragments(&result.snippet.fragments, result.snippet.passage);
        if out.text.is_empty()
            && let Some(unread) = sentences::unread(result)
        {
            unread.clone_into(&mut out.text);
        }
        out
    }

    fn of_fragments(fragments: &[Fragment], passage: Option<u32>) -> Self {
        let mut out = Self {
            text: String::new(),
            marks: Vec::new(),
            passage,
        };
        let mut at = 0;
        for piece in snippet::of_fragments(fragments) {
            let end = at + piece.text.chars().count();
            if piece.marked {
                out.marks.push([at, end]);
            }
            out.text.push_str(&piece.text);
            at = end;
        }
        out
    }
}
