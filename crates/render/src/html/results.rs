//! The results page as the values that its template shows.

use askama::Template;
use model::document::Locator;
use model::hit::Evidence;
use model::page::{Block, Copy, DateKind, FilterLine, ResultsPage, Tab, WebResult};

use super::cards::{Threads, Videos};
use super::direction::{dir, lang};
use super::{Frame, cleaned};
use crate::age::{age, day};
use crate::sentences::{self, clean, counted};
use crate::snippet::{Piece, joined};
use crate::why::why;
use crate::{breadcrumb, link};

/// Columns of a breadcrumb before its middle is cut; CSS cuts what a narrow screen cannot hold.
const BREADCRUMB: usize = 84;

#[derive(Template)]
#[template(path = "results.html")]
pub(super) struct ResultsView {
    frame: Frame,
    tabs: Vec<TabLink>,
    headline: String,
    relaxed: Option<String>,
    filters: Vec<Chip>,
    warnings: Vec<Vec<Piece>>,
    results: Vec<Item>,
    empty_index: bool,
    holds: String,
    advice: Vec<Vec<Piece>>,
    previous: Option<String>,
    next: Option<String>,
}

/// A tab; the open one has no address.
struct TabLink {
    words: &'static str,
    href: Option<String>,
}

/// What stands in the column.
enum Item {
    Web(Box<Web>),
    Videos(Videos),
    Threads(Threads),
}

/// A filter, and how to take it off.
struct Chip {
    name: String,
    effect: String,
    without: String,
}

/// A link in words.
pub(super) struct Link {
    pub(super) href: String,
    pub(super) words: String,
}

/// A web result.
struct Web {
    dir: &'static str,
    lang: Option<String>,
    letter: String,
    site_name: String,
    host: String,
    steps: Vec<String>,
    /// The whole breadcrumb, where `steps` leave something out.
    whole: Option<String>,
    badge: Option<String>,
    /// `None` where neither a live address nor a copy can be linked.
    href: Option<String>,
    /// The live address, where the title opens something else.
    live: Option<String>,
    title: String,
    date: Option<Date>,
    snippet: Vec<Piece>,
    /// What the reader has to know where the text could not be read.
    unread: Option<&'static str>,
    place: Option<Place>,
    also: Vec<Link>,
    also_words: &'static str,
    held_until: Option<String>,
    copy: Option<Link>,
    captures: Option<String>,
    duplicates: Vec<Link>,
    duplicates_words: String,
    more_from_site: Option<Link>,
    reasons: Vec<Why>,
    score: String,
}

/// An age and the date behind it.
struct Date {
    words: String,
    value: String,
    meaning: &'static str,
}

/// Where the snippet stands, with a link where it opens apart from the title.
struct Place {
    words: String,
    href: Option<String>,
}

/// A reason in words and numbers.
pub(super) struct Why {
    pub(super) words: &'static str,
    pub(super) numbers: String,
    pub(super) adds: String,
}

impl Why {
    pub(super) fn all(explanation: &[Evidence]) -> Vec<Self> {
        why(explanation)
            .iter()
            .map(|reason| Self {
                words: reason.words,
                numbers: format!("{:.2} × {:.2}", reason.value, reason.weight),
                adds: format!("{:+.2}", reason.adds()),
            })
            .collect()
    }
}

impl ResultsView {
    pub(super) fn of(page: &ResultsPage) -> Self {
        let results = page.blocks.iter().filter_map(|block| match block {
            Block::Web(result) => Some(Item::Web(Box::new(Web::of(result, page)))),
            Block::Videos(row) => Some(Item::Videos(Videos::of(row, page))),
            Block::Discussions(block) => Some(Item::Threads(Threads::of(block, page))),
            // `Block` is non-exhaustive: what this face does not know yet is left out.
            _ => None,
        });
        let (text, open) = (&page.query.text, page.query.tab);
        let path = |offset| link::page_path(text, open, offset, page.count);
        let tabs = Tab::ALL.into_iter().map(|tab| TabLink {
            words: sentences::tab(tab),
            href: (tab != open).then(|| link::tab_path(text, tab)),
        });
        Self {
            frame: Frame {
                kind: (open != Tab::All).then(|| open.as_str()),
                ..Frame::of(text, text)
            },
            tabs: tabs.collect(),
            headline: sentences::headline(page),
            relaxed: sentences::relaxed(&page.query).map(|sentence| clean(&sentence)),
            filters: page
                .query
                .filters
                .iter()
                .map(|filter| Chip::of(filter, open))
                .collect(),
            warnings: page
                .query
                .warnings
                .iter()
                .map(|warning| sentences::quoted(warning))
                .collect(),
            results: results.collect(),
            empty_index: page.query.documents == 0,
            holds: sentences::holds(page.query.documents),
            advice: sentences::advice(page)
                .iter()
                .map(|advice| sentences::quoted(advice))
                .collect(),
            previous: (page.offset > 0).then(|| path(page.offset.saturating_sub(page.count))),
            next: page
                .more
                .then(|| path(page.offset.saturating_add(page.count))),
        }
    }
}

impl Chip {
    fn of(filter: &FilterLine, tab: Tab) -> Self {
        Self {
            name: clean(&sentences::filter_name(filter)),
            effect: sentences::filter_effect(filter),
            without: link::tab_path(&filter.without, tab),
        }
    }
}

impl Web {
    fn of(result: &WebResult, page: &ResultsPage) -> Self {
        let query = &page.query.text;
        let language = result.language.as_deref();
        let host = clean(&result.host);
        let all: Vec<String> = result.breadcrumb.iter().map(|step| clean(step)).collect();
        let shown = breadcrumb::fitted(&host, &all, Some(BREADCRUMB));
        let whole = (shown.len() <= all.len() || shown.iter().skip(1).ne(all.iter()))
            .then(|| breadcrumb::line(&host, &all, None));
        let copy_path = result.copy.map(|copy| link::text_copy(result, copy, query));
        let live = link::live(&result.url, &result.locator);
        let original = link::original(result, &result.locator);
        // A player that cannot be told the second is no place to open it.
        let unplayed = match result.locator {
            Locator::Seconds(second) if link::played(&result.url, second).is_none() => {
                copy_path.clone()
            }
            _ => None,
        };
        let instead = original.or(unplayed);
        Self {
            dir: dir(language),
            lang: lang(language),
            letter: letter(&result.site_name),
            site_name: clean(&result.site_name),
            host: shown.first().cloned().unwrap_or_default(),
            steps: shown.into_iter().skip(1).collect(),
            whole,
            badge: result.badge.as_deref().map(clean),
            // A PDF opens at its page in the bytes that we hold, also where the live one is gone.
            href: instead
                .clone()
                .or_else(|| live.clone())
                .or_else(|| copy_path.clone()),
            live: live.filter(|_| instead.is_some()),
            title: clean(&result.title),
            date: result.date.map(|shown| Date {
                words: age(shown.date, page.query.now),
                value: shown.date.to_string(),
                meaning: match shown.kind {
                    DateKind::Published => "published",
                    DateKind::Modified => "last changed",
                },
            }),
            snippet: cleaned(joined(&result.snippet)),
            unread: sentences::unread(result),
            place: Place::of(result),
            also: result
                .also
                .iter()
                .filter_map(|locator| also(result, locator))
                .collect(),
            also_words: sentences::also(&result.also),
            held_until: result.held_until.map(day),
            copy: copy_path.map(|href| Link {
                href,
                words: match result.copy {
                    Some(Copy::Document(_)) if result.badge.as_deref() == Some("video") => {
                        "Transcript".to_owned()
                    }
                    _ => format!("Copy of {}", day(result.captured)),
                },
            }),
            captures: (result.captures > 1).then(|| {
                let count = counted(result.captures.into(), "capture", "captures");
                let since = result
                    .first_captured
                    .and_then(model::time::UnixSeconds::utc_date);
                match since {
                    Some(day) => format!("{count} since {}", day.year()),
                    None => count,
                }
            }),
            duplicates: result
                .duplicates
                .iter()
                .map(|duplicate| Link {
                    href: link::live(&duplicate.url, &Locator::Top).unwrap_or_else(|| {
                        link::copy_path(Copy::Document(duplicate.document), query, None)
                    }),
                    words: clean(&duplicate.url),
                })
                .collect(),
            duplicates_words: counted(result.duplicates.len() as u64, "copy", "copies")
                + " elsewhere",
            more_from_site: (result.more_from_site > 0).then(|| Link {
                href: link::search_path(&link::within_site(query, &result.site)),
                words: format!("More from {}", clean(&result.site)),
            }),
            reasons: Why::all(&result.explanation),
            score: format!("{:.2}", result.score),
        }
    }
}

impl Place {
    fn of(result: &WebResult) -> Option<Self> {
        let words = sentences::place_of(result)?;
        let href = match &result.locator {
            Locator::Page(_) => link::place(result, &result.locator),
            _ => None,
        };
        Some(Self { words, href })
    }
}

fn also(result: &WebResult, locator: &Locator) -> Option<Link> {
    Some(Link {
        href: link::place(result, locator)?,
        words: sentences::also_place(locator)?,
    })
}

/// What stands in the round mark before the source.
fn letter(site_name: &str) -> String {
    let first = site_name.chars().find(|c| c.is_alphanumeric());
    first.map_or_else(|| "·".to_owned(), |c| c.to_uppercase().collect())
}
