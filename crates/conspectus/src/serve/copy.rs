//! `/capture/ID` and `/document/ID`: the copy that we hold, as text with the query's words marked.

use axum::extract::State;
use axum::http::StatusCode;
use engine::{Engine as _, View};
use model::capture::{Capture, CaptureId};
use model::document::{Document, DocumentId};
use render::{CopyPage, CopyPassage};
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
        let document = match capture.document {
            Some(id) => view.document(id)?,
            None => None,
        };
        let query = asked.get("q").cloned().unwrap_or_default();
        let html = render::copy(&copy_page(&*view, document, Some(&capture), &query)?);
        Ok(page(StatusCode::OK, html))
    })
    .await
}

pub(super) async fn document(State(app): Shared, (path, asked): CopyOf) -> Answer {
    blocking(&app, move |served| {
        let view = served.engine.view()?;
        let document = match DocumentId::try_from(path.0) {
            Ok(id) => view.document(id)?,
            Err(_) => None,
        };
        let Some(document) = document else {
            return Ok(unknown());
        };
        let newest = view.captures_of(document.id)?.pop();
        let query = asked.get("q").cloned().unwrap_or_default();
        let html = render::copy(&copy_page(&*view, Some(document), newest.as_ref(), &query)?);
        Ok(page(StatusCode::OK, html))
    })
    .await
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
    document: Option<Document>,
    capture: Option<&Capture>,
    query: &str,
) -> anyhow::Result<CopyPage> {
    let url = capture.map(|capture| capture.url.clone());
    let url = url.or_else(|| document.as_ref().map(|document| document.url.clone()));
    let url = url.unwrap_or_default();
    let language = document
        .as_ref()
        .and_then(|document| document.language.clone());
    let site_name = view.site_name(&model::address::Host::of(&url))?;
    let captures = match capture {
        Some(capture) => view.captures(&capture.surt)?,
        None => Vec::new(),
    };
    let marker = Highlighter::new(&Request {
        text: query.to_owned(),
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
    if let Some(document) = document {
        title = document.title;
        warnings = document.warnings;
        for (number, passage) in (0..).zip(document.passages) {
            let marks = marker.marks(&passage.text);
            passages.push(CopyPassage {
                matched: !marks.is_empty(),
                marks,
                text: passage.text,
                heading: passage.heading,
                locator: passage.locator,
                number,
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
        warnings,
    })
}
