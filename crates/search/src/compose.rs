//! Hits -> the results page: what is shown of each, and the query line.

use engine::{EngineError, View};
use model::address::{Host, path_segments};
use model::capture::{Capture, CaptureId};
use model::document::{Document, DocumentKind, Key, Locator, Passage};
use model::hit::{Evidence, Found, Head, Hit, Removed, Snippet, Total};
use model::page::{
    Block, Copy, DateKind, Duplicate, FilterLine, QueryLine, ShownDate, Tab, WebResult,
};
use model::query::{Query, Test};
use model::time::UnixSeconds;

use crate::host_name;
use crate::rank::diversity::Shown;
use crate::snippet::{self, Numbered, Sources, is_reference};
use crate::terms::{Marker, Terms};
use crate::understand::{Member, Reading};
use crate::vertical::to_the_second;

/// Passages of a document that a snippet is made from, best first.
const SNIPPET_PASSAGES: usize = 4;
/// Passages of its beginning that are read where none matches.
const OPENING: u32 = 3;
/// Other places of the same document that are told.
const MAX_ALSO: usize = 5;
/// Running text with so much of the score of a list of sources is the better answer …
const NEARLY: f32 = 0.8;
/// … unless the words stand there as they were asked.
const AS_ASKED: f32 = 0.9;

/// A passage of which so much of the query is held holds all of it, but for rounding.
const ALL_WORDS: f32 = 0.999;

/// What stands on a page before it is written out.
pub(crate) struct Draft {
    shown: Shown,
    outline: Document,
    snippet: Snippet,
    also: Vec<Locator>,
    /// Which of the words let go it does not hold, by their number among the terms.
    lacking: Vec<usize>,
}

/// Reads what is shown of each hit and writes its snippet. A hit whose document is gone is left
/// out; within one commit none is.
pub(crate) fn drafts(
    view: &dyn View,
    terms: &Terms,
    shown: Vec<Shown>,
    relaxed: &[Member],
) -> Result<Vec<Draft>, EngineError> {
    let relaxed: Vec<usize> = relaxed
        .iter()
        .filter_map(|member| terms.number(&member.expr))
        .collect();
    let mut drafts = Vec::with_capacity(shown.len());
    for shown in shown {
        let Some(outline) = view.outline(shown.hit.document)? else {
            continue;
        };
        let mut marker = terms.in_language(outline.language.as_deref());
        let mut passages = passages(view, &shown.hit)?;
        let others = if matches!(outline.kind, DocumentKind::Pdf { .. }) {
            running_text_first(view, &shown.hit, &mut passages)?;
            on_other_pages(view, &shown.hit, &marker, &mut passages)?
        } else {
            Vec::new()
        };
        // Where a passage was found by a word that is not worth showing, the beginning is.
        let shows = |marker: &Marker| {
            let shows = |numbered: &Numbered| !marker.ranges(&numbered.1.text).is_empty();
            passages.iter().any(shows)
        };
        if !shows(&marker) {
            marker = marker.word_by_word();
        }
        let opening = if shows(&marker) {
            Vec::new()
        } else {
            number(0, view.passages(shown.hit.document, 0..OPENING)?)
        };
        let sources = Sources {
            passages: &passages,
            opening: &opening,
            description: outline.description.as_deref(),
            title: &outline.title,
        };
        let (mut snippet, held) = snippet::snippet(&sources, &marker);
        to_the_second(view, &outline, &mut snippet)?;
        let also = also(&shown.hit, passages.iter().chain(&others), &snippet);
        let rest = relaxed.iter().copied().filter(|term| !held.contains(term));
        let mut lacking = marker.lacking(&rest.collect::<Vec<_>>(), &outline.title);
        for (_, passage) in &others {
            lacking = marker.lacking(&lacking, &passage.text);
        }
        drafts.push(Draft {
            shown,
            outline,
            snippet,
            also,
            lacking,
        });
    }
    Ok(drafts)
}

/// The words let go that a result of this page lacks, as typed: of what every result holds
/// nothing has to be said.
pub(crate) fn told_as_relaxed(terms: &Terms, relaxed: &[Member], drafts: &[Draft]) -> Vec<String> {
    relaxed
        .iter()
        .filter(|member| {
            let number = terms.number(&member.expr);
            number.is_none_or(|n| drafts.iter().any(|draft| draft.lacking.contains(&n)))
        })
        .map(|member| member.text.clone())
        .collect()
}

pub(crate) fn number(from: u32, passages: Vec<Passage>) -> Vec<Numbered> {
    (from..).zip(passages).collect()
}

/// The passages that answer, and the one behind the best to read on.
pub(crate) fn passages(view: &dyn View, hit: &Hit) -> Result<Vec<Numbered>, EngineError> {
    let best: Vec<u32> = hit
        .passages
        .iter()
        .take(SNIPPET_PASSAGES)
        .map(|(number, _)| *number)
        .collect();
    let mut read: Vec<Numbered> = Vec::with_capacity(best.len() * 2);
    let mut behind: Vec<Numbered> = Vec::new();
    for from in best {
        if read.iter().any(|(number, _)| *number == from) {
            continue;
        }
        if let Some(at) = behind.iter().position(|(number, _)| *number == from) {
            read.push(behind.remove(at));
            continue;
        }
        // What follows the best one fills the snippet.
        let count = if read.is_empty() { 2 } else { 1 };
        let which = from..from.saturating_add(count);
        let mut pair = number(from, view.passages(hit.document, which)?);
        behind.extend(pair.drain(1.min(pair.len())..));
        read.extend(pair);
    }
    read.extend(behind);
    Ok(read)
}

/// Where the best passage of a PDF is a list of sources, as the title of a cited paper often holds
/// all words, the best running text that is nearly as good comes before it.
fn running_text_first(
    view: &dyn View,
    hit: &Hit,
    passages: &mut Vec<Numbered>,
) -> Result<(), EngineError> {
    let Some((best, first)) = passages.first() else {
        return Ok(());
    };
    let score = |number: u32| {
        let found = hit.passages.iter().find(|(found, _)| *found == number);
        found.map_or(0.0, |(_, score)| *score)
    };
    if score(*best) >= AS_ASKED || !is_reference(&first.text) {
        return Ok(());
    }
    let enough = score(*best) * NEARLY;
    for (from, _) in hit.passages.iter().filter(|(_, score)| *score >= enough) {
        let which = *from..from.saturating_add(2);
        let mut pair = number(*from, view.passages(hit.document, which)?);
        if pair
            .first()
            .is_some_and(|(_, text)| !is_reference(&text.text))
        {
            passages.retain(|(number, _)| pair.iter().all(|(known, _)| known != number));
            let behind = pair.split_off(1);
            passages.splice(0..0, pair);
            passages.extend(behind);
            return Ok(());
        }
    }
    Ok(())
}

/// Takes from the passages of a PDF what does not stand on the page of the best one and reads the
/// other pages that match: a snippet opens at its page, so it shows no other, but where the words
/// go on over its end.
///
/// A page with less than half of the score of the best one is not worth opening. Chunks are
/// read until enough pages are known: the document's length costs nothing.
fn on_other_pages(
    view: &dyn View,
    hit: &Hit,
    marker: &Marker,
    passages: &mut Vec<Numbered>,
) -> Result<Vec<Numbered>, EngineError> {
    let Some((best, first)) = passages.first().cloned() else {
        return Ok(Vec::new());
    };
    let mut others: Vec<Numbered> = Vec::new();
    let known = std::mem::take(passages);
    let score = |number: u32| {
        let found = hit.passages.iter().find(|(found, _)| *found == number);
        found.map_or(0.0, |(_, score)| *score)
    };
    let lacks_words = marker.share(&first.text) < ALL_WORDS;
    for (number, passage) in known {
        let goes_on = number == best + 1 && lacks_words && score(number) > 0.0;
        if passage.locator == first.locator || goes_on {
            passages.push((number, passage));
        } else {
            others.push((number, passage));
        }
    }
    let asked = |number: u32| score(number) > 0.0 && score(number) >= score(best) / 2.0;
    others.retain(|(number, _)| asked(*number));
    for (from, _) in hit.passages.iter().skip(SNIPPET_PASSAGES) {
        let mut pages: Vec<&Locator> = others.iter().map(|(_, passage)| &passage.locator).collect();
        pages.dedup();
        if pages.len() >= MAX_ALSO {
            break;
        }
        let known = passages.iter().chain(&others).any(|(n, _)| n == from);
        if asked(*from) && !known {
            others.extend(number(
                *from,
                view.passages(hit.document, *from..*from + 1)?,
            ));
        }
    }
    Ok(others)
}

/// Other places that match, in reading order, without those that the snippet shows: those with
/// the best evidence.
fn also<'a>(
    hit: &Hit,
    passages: impl Iterator<Item = &'a Numbered>,
    snippet: &Snippet,
) -> Vec<Locator> {
    let rank = |number: u32| hit.passages.iter().position(|(found, _)| *found == number);
    let mut places: Vec<(usize, u32, &Locator)> = passages
        .filter(|(number, _)| snippet.passage != Some(*number))
        .filter_map(|(number, passage)| Some((rank(*number)?, *number, &passage.locator)))
        .filter(|(_, _, locator)| **locator != Locator::Top && **locator != snippet.locator)
        .collect();
    places.sort_by_key(|(rank, ..)| *rank);
    let mut also: Vec<(u32, &Locator)> = Vec::new();
    for (_, number, locator) in places {
        if also.len() < MAX_ALSO && also.iter().all(|(_, known)| *known != locator) {
            also.push((number, locator));
        }
    }
    also.sort_by_key(|(number, _)| *number);
    also.into_iter()
        .map(|(_, locator)| locator.clone())
        .collect()
}

/// The results of a page, in order.
pub(crate) fn blocks(
    view: &dyn View,
    query: &Query,
    drafts: Vec<Draft>,
) -> Result<Vec<Block>, EngineError> {
    let results = drafts
        .into_iter()
        .map(|draft| web_result(view, query, draft));
    results
        .map(|result| Ok(Block::Web(Box::new(result?))))
        .collect()
}

fn web_result(view: &dyn View, query: &Query, draft: Draft) -> Result<WebResult, EngineError> {
    let Draft {
        shown,
        outline,
        snippet,
        also,
        lacking: _,
    } = draft;
    let hit = shown.hit;
    // What is put together from many records has no single copy among their captures.
    let is_one = !matches!(
        outline.kind,
        DocumentKind::Video { .. } | DocumentKind::Thread { .. }
    );
    let captures = if is_one {
        captures(view, &outline)?
    } else {
        Vec::new()
    };
    let copy = newest_copy(query, &captures, &outline);
    let host = Host::of(&outline.url);
    let explanation = if query.explain {
        weightiest_first(hit.features)
    } else {
        Vec::new()
    };
    let held_until = held_until(&hit.head, query.as_of);
    // What the page calls captures shows something, and was made by the day that is asked about.
    let shown_captures = || {
        captures
            .iter()
            .filter(|capture| capture.document.is_some())
            .filter(|capture| query.as_of.is_none_or(|as_of| capture.captured <= as_of))
    };
    Ok(WebResult {
        document: hit.document,
        locator: snippet.locator.clone(),
        copy: Some(copy.map_or(Copy::Document(hit.document), |(id, _)| Copy::Capture(id))),
        captured: copy.map_or(hit.head.captured, |(_, captured)| captured),
        language: outline.language.clone(),
        captures: shown_captures().count() as u32,
        first_captured: shown_captures().map(|capture| capture.captured).min(),
        held_until,
        also,
        site_name: site_name(view, &host, &outline)?,
        host: host_name::shown(&outline.url, &host),
        breadcrumb: breadcrumb(&outline),
        title: outline.title.clone(),
        date: date(&outline),
        snippet,
        badge: badge(&outline.kind),
        pages: match outline.kind {
            DocumentKind::Pdf { pages, .. } => pages,
            _ => None,
        },
        no_text_layer: matches!(
            outline.kind,
            DocumentKind::Pdf {
                no_text_layer: true,
                ..
            }
        ),
        more_from_site: shown.folded,
        site: if shown.site.is_empty() {
            host.site().to_owned()
        } else {
            shown.site
        },
        duplicates: shown
            .duplicates
            .into_iter()
            .map(|copy| Duplicate {
                document: copy.document,
                url: copy.head.url,
                title: copy.head.title,
            })
            .collect(),
        explanation,
        score: hit.score,
        url: outline.url,
    })
}

/// When another state took the place of this one; `None` while it holds. With `as_of`: the end of
/// the stretch that holds that day.
fn held_until(head: &Head, as_of: Option<UnixSeconds>) -> Option<UnixSeconds> {
    let stretch = match as_of {
        Some(as_of) => head
            .held
            .iter()
            .rev()
            .find(|interval| interval.from <= as_of),
        None if head.newest => None,
        None => head.held.last(),
    };
    stretch.and_then(|interval| interval.until)
}

pub(crate) fn weightiest_first(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    let share = |e: &Evidence| (e.value * e.weight).abs();
    evidence.sort_by(|a, b| share(b).total_cmp(&share(a)));
    evidence
}

/// All captures of the address of a state; of what has no single address, its own.
fn captures(view: &dyn View, outline: &Document) -> Result<Vec<Capture>, EngineError> {
    match &outline.key {
        Key::State { surt, .. } => view.captures(surt),
        _ => view.captures_of(outline.id),
    }
}

/// The newest capture of the document, within what the query asks of captures.
fn newest_copy(
    query: &Query,
    captures: &[Capture],
    outline: &Document,
) -> Option<(CaptureId, UnixSeconds)> {
    let own = || {
        captures
            .iter()
            .filter(|capture| capture.document == Some(outline.id))
            .filter(|capture| query.as_of.is_none_or(|as_of| capture.captured <= as_of))
    };
    let asked = |capture: &&Capture| {
        query
            .filters
            .iter()
            .filter(|filter| !filter.negated)
            .all(|filter| match &filter.test {
                Test::Captured { from, until } => (*from..*until).contains(&capture.captured),
                Test::Collection(names) => names.contains(&capture.collection),
                _ => true,
            })
    };
    let newest = |capture: &&Capture| (capture.captured, capture.id);
    own()
        .filter(asked)
        .max_by_key(newest)
        .or_else(|| own().max_by_key(newest))
        .map(|capture| (capture.id, capture.captured))
}

/// What most pages of the host say, else what this one says, else a name made from the host.
pub(crate) fn site_name(
    view: &dyn View,
    host: &Host,
    outline: &Document,
) -> Result<String, EngineError> {
    if !host.as_str().is_empty() {
        let voted = view.site_name(host)?;
        if let Some(name) = voted.filter(|name| !name.trim().is_empty()) {
            return Ok(name);
        }
    }
    let own = outline.site_name.clone();
    Ok(own
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| host_name::as_site_name(host)))
}

/// The declared steps in lower case, else the segments of the path.
fn breadcrumb(outline: &Document) -> Vec<String> {
    if outline.breadcrumb.is_empty() {
        return path_segments(&outline.url);
    }
    outline
        .breadcrumb
        .iter()
        .map(|name| name.to_lowercase())
        .collect()
}

/// The date to tell: of publication; of the last change where the page is a living one.
///
/// A page is living when it lies in a wiki or an encyclopaedia by its address: there the date of
/// publication says when the article was begun, years before what it says now. A page that names
/// only a last change is taken at its word.
pub(crate) fn date(outline: &Document) -> Option<ShownDate> {
    let published = outline.published.map(|date| ShownDate {
        date,
        kind: DateKind::Published,
    });
    let modified = outline.modified.map(|date| ShownDate {
        date,
        kind: DateKind::Modified,
    });
    if is_living(&outline.url) {
        modified.or(published)
    } else {
        published.or(modified)
    }
}

fn is_living(url: &str) -> bool {
    let host = Host::of(url);
    let of_a_wiki = |label: &str| label.contains("wiki") || label.contains("encyclop");
    host.as_str().split('.').any(of_a_wiki)
        || path_segments(url).iter().any(|segment| {
            let segment = segment.to_lowercase();
            segment == "wiki" || segment.starts_with("encyclop")
        })
}

fn badge(kind: &DocumentKind) -> Option<String> {
    match kind {
        DocumentKind::Pdf { .. } => Some("pdf".to_owned()),
        DocumentKind::Video { .. } => Some("video".to_owned()),
        DocumentKind::Thread { .. } => Some("discussion".to_owned()),
        DocumentKind::File { file_type } if file_type != "html" => Some(file_type.clone()),
        _ => None,
    }
}

/// The query line.
pub(crate) fn query_line(
    reading: Reading,
    found: &Found,
    relaxed: Vec<String>,
    documents: u64,
) -> QueryLine {
    let query = reading.query;
    let filters = reading
        .written
        .into_iter()
        .enumerate()
        .map(|(number, written)| {
            let removed = found
                .removed
                .iter()
                .find(|removed| removed.filter == number);
            // `asof:` is no filter of the plan; how much it takes away nobody counted.
            let removed = removed.cloned().unwrap_or(Removed {
                filter: number,
                removed: Total::AtLeast(0),
                undated: Total::AtLeast(0),
            });
            FilterLine {
                operator: written.operator,
                value: written.value,
                negated: written.negated,
                removed: removed.removed,
                undated: removed.undated,
                without: written.without,
            }
        })
        .collect();
    QueryLine {
        text: query.text,
        tab: Tab::All,
        now: query.now,
        relaxed,
        filters,
        warnings: query.warnings,
        documents,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_pages_are_living() {
        let rows = [
            ("https://en.wikipedia.org/wiki/River", true),
            ("https://wiki.veldania.example/River", true),
            ("https://veldania.example/wiki/River", true),
            ("https://encyclopaedia.example/river", true),
            ("https://veldania.example/encyclopedia/river", true),
            ("https://veldania.example/news/wikileaks-river", false),
            ("https://veldania.example/2025/06/river", false),
        ];
        for (url, living) in rows {
            assert_eq!(is_living(url), living, "{url}");
        }
    }
}
