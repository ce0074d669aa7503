//! What was read or kept, as lines of the interchange format.

use model::address::Surt;
use model::capture::{Capture, Redirect};
use model::contribution::{Body, Contribution};
use model::interchange::{
    CaptureLine, CapturePart, DocumentLine, FORMAT, Line, OriginLine, PartLine, PartTag,
    RedirectLine, RedirectTag,
};
use model::record::Origin;

use crate::add::{capture_of, contribution_of, redirect_of};
use crate::pipeline::{Gave, Read};

/// The lines of one record: its documents; its capture, where it gave none; its redirect. Its posts
/// are left out, see [`part_lines`].
pub fn lines_of(read: Read, collection: &str) -> Vec<Line> {
    let Read { record, gave } = read;
    let (documents, moved_to) = match gave {
        Gave::Extracted(extracted, _) => (extracted.documents, extracted.redirect),
        Gave::Nothing | Gave::Failed(_) => (Vec::new(), None),
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
    if let Some(redirect) = redirect_of(&record, moved_to) {
        lines.push(redirect_line(&redirect, collection, record.origin));
    }
    lines
}

/// The lines of the posts of a record, each with its line feed: what [`Line::print`] gives, but
/// that what they have in common is written once. There may be thousands.
pub fn part_lines(read: &Read, collection: &str, output: &mut Vec<u8>) -> serde_json::Result<()> {
    let Gave::Extracted(_, posts) = &read.gave else {
        return Ok(());
    };
    let record = &read.record;
    let url = serde_json::to_string(&record.url)?;
    let behind = format!(
        r#","captured":{},"collection":{},"origin":{}}}"#,
        serde_json::to_string(&record.captured)?,
        serde_json::to_string(collection)?,
        serde_json::to_string(&OriginLine::from(record.origin.clone()))?,
    );
    let before = format!(r#"{{"format":{FORMAT},"kind":"part","key":"#);
    for (key, part) in posts.raw() {
        output.extend_from_slice(before.as_bytes());
        output.extend_from_slice(key);
        output.extend_from_slice(br#","url":"#);
        output.extend_from_slice(url.as_bytes());
        output.extend_from_slice(br#","part":"#);
        output.extend_from_slice(part);
        output.extend_from_slice(behind.as_bytes());
        output.push(b'\n');
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::add::part_contribution;
    use crate::posts::Posts;
    use model::document::{Key, Post};
    use model::part::Part;
    use model::record::{MediaType, Payload, Record, RecordKind, Step};
    use model::time::UnixSeconds;

    #[test]
    fn posts_are_printed_as_lines_are() {
        let part = |id: &str| {
            let key = Key::Thread {
                platform: "reddit".into(),
                id: "a1".into(),
            };
            let part = Part {
                id: id.into(),
                parent: None,
                head: None,
                text: "\"Ferries\"\nand salt.".into(),
                deleted: false,
                permalink: Some("https://talk.example/a1".into()),
                post: Post::default(),
            };
            (key, part)
        };
        let read = || Read {
            record: Record {
                kind: RecordKind::Resource,
                url: "file:///data/a \"b\".ndjson".into(),
                captured: UnixSeconds(1_700_000_000),
                status: None,
                media_type: MediaType::new("application/x-ndjson"),
                headers: Vec::new(),
                payload: Payload::Bytes(Vec::new()),
                digest: None,
                archive_digest: None,
                truncated: false,
                origin: Origin {
                    source: "/data".into(),
                    path: "a.ndjson".into(),
                    steps: vec![Step::Bytes(10, 20)],
                    digest: None,
                },
                warnings: Vec::new(),
            },
            gave: Gave::Extracted(
                extract::Extracted::default(),
                Posts::of(&[part("c1"), part("c2")]).unwrap(),
            ),
        };
        let mut printed = Vec::new();
        part_lines(&read(), "forum", &mut printed).unwrap();
        let expected: Vec<String> = [part("c1"), part("c2")]
            .into_iter()
            .map(|(key, part)| part_contribution(&read().record, key, part, "forum"))
            .flat_map(|said| document_lines(said, &[]))
            .map(|line| line.print().unwrap())
            .collect();
        assert_eq!(expected.len(), 2);
        assert_eq!(
            String::from_utf8(printed).unwrap(),
            expected.join("\n") + "\n"
        );
    }
}
