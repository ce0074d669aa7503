//! When a page was published and last changed: one list of heuristics in order of trust.
//!
//! A date that the page does not state is worse than none: none is made from body text, and a
//! time of change never passes for one of publication. Dates keep the offset and the precision
//! that the publisher wrote; a day is the publisher's day.

mod alone;
pub(crate) mod class;
mod header;
mod json_ld;
pub(crate) mod label;
pub(crate) mod line;
mod meta;
mod microdata;
mod time_element;
mod title;
pub(crate) mod url;
mod web_page;
pub(crate) mod written;

use model::document::Evidence;
use model::time::{DAY_SECONDS, PartialDate, UnixSeconds};

use crate::html::blocks::Block;
use crate::html::dom::Page;
use crate::html::structured::StructuredData;

/// What the heuristics may look at.
pub(crate) struct Context<'a> {
    /// The page.
    pub(crate) page: &'a Page,
    /// Its structured data.
    pub(crate) data: &'a StructuredData,
    /// What it shows, block by block.
    pub(crate) lines: &'a [Block],
    /// The place of the first heading of the first level among them.
    pub(crate) first_heading: Option<usize>,
    /// When it was captured: no date lies more than a day behind.
    pub(crate) captured: UnixSeconds,
    /// Value of the HTTP header `Last-Modified`.
    pub(crate) last_modified: Option<&'a str>,
    /// Whether `6/2/2025` is the second of June here.
    pub(crate) month_first: bool,
}

/// One way to read a date.
type Heuristic = fn(&Context<'_>) -> Option<(PartialDate, Evidence)>;

/// Publication, most trusted first. Beside each row: right and wrong answers where it was the
/// first to answer, on 95 pages of htmldate and 135 dated ones of WCXB, by the evidence that was
/// kept; then how many of 240 WCXB pages to which nobody gave a date got one from it.
const PUBLISHED: &[Heuristic] = &[
    url::day,                // 6/0, none
    json_ld::published,      // 63/5 with the next but two, 25
    meta::published,         // 67/4 (Open Graph 50/1, others 17/3), 10
    microdata::published,    // 12/0, 1
    web_page::published,     // see above
    time_element::published, // 18/4, 3
    class::published,        // 13/1, none
    title::published,        // never the first on these pages
    label::published,        // 17/1 with the two below, 9
    line::published,
    alone::published,
];

/// Last change, most trusted first.
const MODIFIED: &[Heuristic] = &[
    json_ld::modified,
    meta::modified,
    microdata::modified,
    web_page::modified,
    time_element::modified,
    header::modified,
];

/// The date of publication, and where it was read.
///
/// The first heuristic that answers gives the day; one further down may give the time of that
/// same day.
pub(crate) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    let mut answers = PUBLISHED
        .iter()
        .filter_map(|read| read(context))
        .filter(|(date, _)| possible(*date, context.captured));
    let first = answers.next()?;
    let finer = match first.0 {
        PartialDate::Instant { .. } => None,
        PartialDate::Day(_) | PartialDate::Month(..) | PartialDate::Year(_) => {
            answers.find(|(date, _)| {
                matches!(date, PartialDate::Instant { .. }) && covers(first.0, *date)
            })
        }
    };
    Some(finer.unwrap_or(first))
}

/// The date of the last change, and where it was read; never before `published`.
pub(crate) fn modified(
    context: &Context<'_>,
    published: Option<PartialDate>,
) -> Option<(PartialDate, Evidence)> {
    MODIFIED
        .iter()
        .filter_map(|read| read(context))
        .find(|(date, _)| {
            possible(*date, context.captured)
                && published.is_none_or(|published| date.first_day() >= published.first_day())
        })
}

/// Whether `6/2/2025` is the second of June on a page in this language: on American pages, and on
/// those whose readers write dates with dots, where slashes are a machine's.
pub(crate) fn month_first(language: Option<&str>) -> bool {
    let tag = language.unwrap_or_default();
    let primary = tag.split('-').next().unwrap_or_default();
    tag == "en-US"
        || matches!(
            primary,
            "de" | "ru"
                | "uk"
                | "pl"
                | "cs"
                | "sk"
                | "fi"
                | "nb"
                | "no"
                | "da"
                | "tr"
                | "et"
                | "lv"
        )
}

/// Whether a finer date lies in a coarser one.
fn covers(coarse: PartialDate, fine: PartialDate) -> bool {
    coarse.year() == fine.year()
        && coarse
            .month()
            .is_none_or(|month| Some(month) == fine.month())
        && coarse.day().is_none_or(|day| Some(day) == fine.day())
}

/// Whether a page that was captured then can have that date: not before there were web pages, and
/// not more than a day after the capture (the publisher's day may be ahead of ours).
fn possible(date: PartialDate, captured: UnixSeconds) -> bool {
    date.year() >= 1990 && date.start().0 <= captured.0.saturating_add(DAY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a page captured on 22 December 2025 from `https://a.example/2025/06/02/x` or another
    /// address, and says `published (where) modified (where)`.
    #[track_caller]
    fn check(url: &str, html: &str, expected: &str) {
        let page = Page::parse(html, url);
        let data = StructuredData::of(&page);
        let lines = crate::html::lines_of(&page);
        let context = Context {
            page: &page,
            data: &data,
            lines: &lines,
            first_heading: crate::html::first_heading(&page, &lines),
            captured: "2025-12-22T00:00:00Z".parse().unwrap(),
            last_modified: None,
            month_first: html.contains("en-US"),
        };
        let first = published(&context);
        let last = modified(&context, first.map(|(date, _)| date));
        let describe = |found: Option<(PartialDate, Evidence)>| match found {
            Some((date, evidence)) => format!("{date} ({evidence:?})"),
            None => "none".to_owned(),
        };
        assert_eq!(format!("{} {}", describe(first), describe(last)), expected);
    }

    const PLAIN: &str = "https://a.example/x";

    #[test]
    fn in_order_of_trust() {
        let json = r#"<script type="application/ld+json">{"@type":"NewsArticle",
            "datePublished":"2025-06-02T00:30:00+02:00","dateModified":"2025-06-03"}</script>"#;
        check(
            PLAIN,
            json,
            "2025-06-02T00:30:00+02:00 (JsonLd) 2025-06-03 (JsonLd)",
        );
        check(
            "https://a.example/2025/06/01/x",
            json,
            "2025-06-01 (Url) 2025-06-03 (JsonLd)",
        );
        check(
            "https://a.example/2025/06/02/x",
            json,
            "2025-06-02T00:30:00+02:00 (JsonLd) 2025-06-03 (JsonLd)",
        );
        check(
            PLAIN,
            "<meta property='article:published_time' content='2025-06-02'>\
             <meta property='og:updated_time' content='2025-06-01'>",
            "2025-06-02 (Og) none",
        );
        check(
            PLAIN,
            "<article><h1>T</h1><time datetime='2025-06-02T10:00'>x</time></article>",
            "2025-06-02T10:00:00Z (Time) none",
        );
        check(
            PLAIN,
            "<h1>T</h1><div class=post-date>Published: 2. Juni 2025</div>",
            "2025-06-02 (Class) none",
        );
    }

    #[test]
    fn lines_beside_the_heading_and_labels() {
        check(
            PLAIN,
            "<p>Menu</p><h1>Port</h1><p>Ada Low / 2.6.2025 / 10:30</p><p>Text.</p>",
            "2025-06-02 (Text) none",
        );
        check(
            PLAIN,
            "<h1>Port</h1><p>Text text text.</p><p>Erschienen am: 02.06.2025</p>",
            "2025-06-02 (Text) none",
        );
        check(
            "https://a.example/news/02-06-2025-port",
            "",
            "2025-06-02 (Url) none",
        );
    }

    #[test]
    fn nothing_is_invented() {
        check(
            PLAIN,
            "<p>On 2 June 2025 the harbour froze.</p>",
            "none none",
        );
        check(
            PLAIN,
            "<meta property='article:modified_time' content='2025-06-02'>",
            "none 2025-06-02 (Og)",
        );
        check(PLAIN, "<meta name=date content='2026-06-02'>", "none none");
        check(PLAIN, "<meta name=date content='1970-01-01'>", "none none");
        check("https://a.example/1987/06/02/x", "", "none none");
        check(
            PLAIN,
            r#"<script type="application/ld+json">{"@type":"Product","review":
              {"@type":"Review","datePublished":"2025-06-02"}}</script>"#,
            "none none",
        );
    }
}
