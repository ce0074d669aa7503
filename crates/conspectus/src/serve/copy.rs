//! `/capture/ID` and `/document/ID`: the copy that we hold, as text with the query's words marked.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::StatusCode;
use engine::{Engine as _, View};
use model::capture::{Capture, CaptureId};
use model::document::{Document, DocumentId, DocumentKind, Locator, Passage};
use render::{CopyPage, CopyPages, CopyPassage};
use search::{Highlighter, Request};

use super::{Answer, CopyOf, Shared, blocking, missing, page};

pub(super) async fn capture(State(app): Shared, (path, asked): CopyOf) -> Answer {
    blocking(&app, move |served| {
        let view = served.engine.view()?;
        let capture = match CaptureId::try_from(path.0) {
            Ok(id) => view.capture(id)?,
            Err(_) => None,
        };
        let Some(capture) = capture else {
            return Ok(unknown());
        };
        let asked = Asked::of(&asked);
        let text = match capture.document {
            Some(id) => text(&*view, id, asked.page)?,
            None => None,
        };
        let html = render::copy(&copy_page(&*view, text, Some(&capture), &asked.query)?);
        Ok(page(StatusCode::OK, html))
    })
    .await
}

pub(super) async fn document(State(app): Shared, (path, asked): CopyOf) -> Answer {
    blocking(&app, move |served| {
        let view = served.engine.view()?;
        let asked = Asked::of(&asked);
        let text = match DocumentId::try_from(path.0) {
            Ok(id) => text(&*view, id, asked.page)?,
            Err(_) => None,
        };
        let Some(text) = text else {
            return Ok(unknown());
        };
        // What is put together from many records is no copy of any of them.
        let newest = match text.document.kind {
            DocumentKind::Video { .. } | DocumentKind::Thread { .. } => None,
            _ => view.captures_of(text.document.id)?.pop(),
        };
        let html = render::copy(&copy_page(
            &*view,
            Some(text),
            newest.as_ref(),
            &asked.query,
        )?);
        Ok(page(StatusCode::OK, html))
    })
    .await
}

/// What the address of a copy asks beside the copy itself.
struct Asked {
    query: String,
    /// A page of a PDF.
    page: Option<u32>,
}

impl Asked {
    fn of(asked: &HashMap<String, String>) -> Self {
        Self {
            query: asked.get("q").cloned().unwrap_or_default(),
            page: asked.get("page").and_then(|page| page.parse().ok()),
        }
    }
}

/// A document with the passages that are shown.
struct Text {
    /// Its passages are empty.
    document: Document,
    /// Number of the first passage.
    first: u32,
    passages: Vec<Passage>,
    /// Set for a PDF: the pages before and behind what is shown that have text.
    beside: Option<(Option<u32>, Option<u32>)>,
}

/// Passages of a PDF that are shown before the page that is asked for, and from it on.
const BEFORE: u32 = 16;
const BEHIND: u32 = 48;
/// Bytes of text of a PDF above which no further passage is shown.
const SHOWN_BYTES: usize = 256 * 1024;

/// Reads what is shown of a document: all of it; of a PDF the pages around one, as it may have
/// thousands.
fn text(
    view: &dyn View,
    id: DocumentId,
    page: Option<u32>,
) -> Result<Option<Text>, engine::EngineError> {
    let Some(outline) = view.outline(id)? else {
        return Ok(None);
    };
    if !matches!(outline.kind, DocumentKind::Pdf { .. }) {
        let Some(mut document) = view.document(id)? else {
            return Ok(None);
        };
        let passages = std::mem::take(&mut document.passages);
        return Ok(Some(Text {
            document,
            first: 0,
            passages,
            beside: None,
        }));
    }
    let head = view.heads(&[id])?.pop().flatten();
    let count = head.map_or(0, |head| head.passages);
    let at = match page {
        Some(page) => first_from(view, id, count, page)?,
        None => 0,
    };
    let mut from = at.saturating_sub(BEFORE);
    let mut passages = view.passages(id, from..at.saturating_add(BEHIND).min(count))?;
    // Whole pages only: the first and the last that were read may have begun or go on outside.
    let mut skipped = 0;
    if from > 0 {
        let begun = passages.first().map(|passage| passage.locator.clone());
        skipped = passages
            .iter()
            .take((at - from) as usize)
            .take_while(|passage| Some(&passage.locator) == begun.as_ref())
            .count();
    }
    let earlier = match skipped.checked_sub(1) {
        Some(last) => passages.get(last).and_then(number_of),
        None => None,
    };
    passages.drain(..skipped);
    from += skipped as u32;
    let mut bytes = 0;
    let fits = passages
        .iter()
        .take_while(|passage| {
            bytes += passage.text.len();
            bytes <= SHOWN_BYTES
        })
        .count();
    let mut end = fits.max(1).min(passages.len());
    if from + (end as u32) < count {
        let asked = passages
            .get((at - from) as usize)
            .map(|p| p.locator.clone());
        let last = passages.get(end - 1).map(|p| p.locator.clone());
        if last != asked {
            let begins = passages
                .iter()
                .position(|p| Some(&p.locator) == last.as_ref());
            end = begins.unwrap_or(end).max(1);
        }
    }
    let later = if let Some(passage) = passages.get(end) {
        number_of(passage)
    } else {
        let next = from + end as u32;
        let behind = view.passages(id, next..next.saturating_add(1))?;
        behind.first().and_then(number_of)
    };
    passages.truncate(end);
    Ok(Some(Text {
        document: outline,
        first: from,
        passages,
        beside: Some((earlier, later)),
    }))
}

fn number_of(passage: &Passage) -> Option<u32> {
    match passage.locator {
        Locator::Page(page) => Some(page.get()),
        _ => None,
    }
}

/// The number of the first passage on a page or behind it; the last one where there is none. Pages
/// stand in order, so a dozen chunks are read of the longest document.
fn first_from(
    view: &dyn View,
    id: DocumentId,
    count: u32,
    page: u32,
) -> Result<u32, engine::EngineError> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        let passage = view.passages(id, middle..middle + 1)?;
        let before = passage
            .first()
            .and_then(number_of)
            .is_some_and(|number| number < page);
        if before {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low.min(count.saturating_sub(1)))
}

fn unknown() -> Answer {
    missing(
        "No such copy",
        "The index holds nothing under that id.",
        "It may have been added to another index, or its collection was removed.",
    )
}

fn copy_page(
    view: &dyn View,
    text: Option<Text>,
    capture: Option<&Capture>,
    query: &str,
) -> anyhow::Result<CopyPage> {
    let document = text.as_ref().map(|text| &text.document);
    let url = capture.map(|capture| capture.url.clone());
    let url = url.or_else(|| document.map(|document| document.url.clone()));
    let url = url.unwrap_or_default();
    let language = document.and_then(|document| document.language.clone());
    let pages = text.as_ref().and_then(|text| pages(text, capture));
    let site_name = view.site_name(&model::address::Host::of(&url))?;
    let captures = match capture {
        Some(capture) => view.captures(&capture.surt)?,
        None => Vec::new(),
    };
    let marker = Highlighter::new(&Request {
        text: query.to_owned(),
        tab: model::page::Tab::All,
        now: crate::clock::now(),
        offset: 0,
        count: 0,
        explain: false,
        operators: true,
        languages: Vec::new(),
    })
    .in_language(language.as_deref());
    let mut warnings = Vec::new();
    let mut passages = Vec::new();
    let mut title = url.clone();
    if let Some(text) = text {
        title = text.document.title;
        warnings = text.document.warnings;
        for (number, passage) in (text.first..).zip(text.passages) {
            let marks = marker.marks(&passage.text);
            passages.push(CopyPassage {
                matched: !marks.is_empty(),
                marks,
                text: passage.text,
                heading: passage.heading,
                locator: passage.locator,
                number,
                post: passage.post,
            });
        }
    }
    let current = capture.map(|capture| capture.id);
    Ok(CopyPage {
        title,
        url,
        query: query.to_owned(),
        captured: capture.map(|capture| capture.captured),
        collection: capture.map(|capture| capture.collection.clone()),
        language,
        site_name,
        captures: captures
            .into_iter()
            .map(|capture| (capture.captured, capture.id, Some(capture.id) == current))
            .collect(),
        passages,
        raw: capture.map(|capture| format!("/capture/{}/raw", capture.id)),
        origin: capture
            .and_then(|capture| capture.origins.first())
            .map(|origin| origin.file().display().to_string()),
        pages,
        warnings,
    })
}

/// Which pages are shown of a PDF.
fn pages(text: &Text, capture: Option<&Capture>) -> Option<CopyPages> {
    let DocumentKind::Pdf {
        pages,
        no_text_layer,
    } = text.document.kind
    else {
        return None;
    };
    let (earlier, later) = text.beside?;
    let ends = [text.passages.first(), text.passages.last()].map(|end| end.and_then(number_of));
    Some(CopyPages {
        total: pages,
        shown: match ends {
            [Some(first), Some(last)] => Some((first, last)),
            _ => None,
        },
        earlier,
        later,
        no_text_layer,
        path: match capture {
            Some(capture) => format!("/capture/{}", capture.id),
            None => format!("/document/{}", text.document.id),
        },
    })
}
