//! What was read or kept, as lines of the interchange format.

use model::address::Surt;
use model::capture::{Capture, Redirect};
use model::contribution::{Body, Contribution};
use model::interchange::{
    CaptureLine, CapturePart, DocumentLine, FORMAT, Line, OriginLine, PartLine, PartTag,
    RedirectLine, RedirectTag,
};
use model::record::Origin;

use crate::add::{capture_of, contribution_of, part_contribution, redirect_of};
use crate::pipeline::{Gave, Read};

/// The lines of one record: its documents; its capture, where it gave none; its redirect.
pub fn lines_of(read: Read, collection: &str) -> Vec<Line> {
    let Read { record, gave } = read;
    let (documents, parts, moved_to) = match gave {
        Gave::Extracted(extracted) => (extracted.documents, extracted.parts, extracted.redirect),
        Gave::Nothing | Gave::Failed(_) => (Vec::new(), Vec::new(), None),
    };
    let capture = capture_of(&record, documents.first(), collection);
    let mut lines = Vec::new();
    if documents.is_empty() {
        lines.extend(
            capture
                .as_ref()
                .map(|capture| Line::Capture(CaptureLine::from(capture))),
        );
    }
    for document in documents {
        let contribution = contribution_of(&record, document, collection);
        lines.extend(document_lines(contribution, capture.as_slice()));
    }
    for (key, part) in parts {
        let contribution = part_contribution(&record, key, part, collection);
        lines.extend(document_lines(contribution, &[]));
    }
    if let Some(redirect) = redirect_of(&record, moved_to) {
        lines.push(redirect_line(&redirect, collection, record.origin));
    }
    lines
}

/// The lines of a contribution, with the capture among these that was read at the same place.
pub fn document_lines(contribution: Contribution, captures: &[Capture]) -> Vec<Line> {
    let capture = captures.iter().find(|capture| {
        capture.captured == contribution.captured
            && capture.collection == contribution.collection
            && capture.origins.contains(&contribution.origin)
    });
    let capture = capture.map(|capture| CapturePart {
        id: capture.id,
        status: capture.status,
        media_type: capture.media_type.clone(),
        archive_digest: capture.archive_digest.clone(),
        collection: capture.collection.clone(),
    });
    match contribution.body {
        Body::Document(document) => vec![Line::Document(Box::new(DocumentLine {
            format: FORMAT,
            document: *document,
            captured: contribution.captured,
            capture,
            collection: contribution.collection,
            origin: OriginLine::from(contribution.origin),
        }))],
        Body::Part(part) => vec![Line::Part(Box::new(PartLine {
            format: FORMAT,
            kind: PartTag::Part,
            key: contribution.key,
            url: contribution.url,
            part: *part,
            captured: contribution.captured,
            collection: contribution.collection,
            origin: OriginLine::from(contribution.origin),
        }))],
        _ => Vec::new(),
    }
}

/// The line of a redirect.
pub fn redirect_line(redirect: &Redirect, collection: &str, origin: Origin) -> Line {
    let address = |surt: &Surt| surt.url();
    Line::Redirect(RedirectLine {
        format: FORMAT,
        kind: RedirectTag::Redirect,
        url: address(&redirect.from),
        to: address(&redirect.to),
        captured: redirect.seen,
        collection: collection.to_owned(),
        origin: OriginLine::from(origin),
    })
}
