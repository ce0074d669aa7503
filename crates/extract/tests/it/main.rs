//! Whole records in, whole documents out.

mod captions;
mod forum;
mod golden;
mod hostile;
mod pdf;
mod plain;
mod thread;
mod video;

use model::document::Document;
use model::record::{Digest, MediaType, Origin, Payload, Record, RecordKind};
use model::time::UnixSeconds;

/// A record captured on 22 December 2025.
pub(crate) fn record(url: &str, media_type: &str, bytes: &[u8]) -> Record {
    Record {
        kind: RecordKind::Response,
        url: url.to_owned(),
        captured: UnixSeconds(1_766_361_600),
        status: Some(200),
        media_type: MediaType::new(media_type),
        headers: vec![("content-type".into(), media_type.into())],
        payload: Payload::Bytes(bytes.to_vec()),
        digest: Some(Digest::of(bytes)),
        archive_digest: None,
        truncated: false,
        origin: Origin {
            source: "s".into(),
            path: "p".into(),
            steps: vec![],
            digest: None,
        },
        warnings: vec![],
    }
}

/// The one document of a record.
pub(crate) fn document(record: &Record) -> Document {
    match extract::extract(record, &extract::Options::default()) {
        Ok(mut found) if found.documents.len() == 1 => found.documents.remove(0),
        other => panic!("{other:?}"),
    }
}

/// All that can be seen of a document, one value a line.
pub(crate) fn describe(document: &Document) -> String {
    let mut lines = vec![format!("title: {}", document.title)];
    let mut say = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{name}: {value}")));
    };
    say("site", document.site_name.clone());
    say("author", document.author.clone());
    say("language", document.language.clone());
    say("published", document.published.map(|date| date.to_string()));
    say("modified", document.modified.map(|date| date.to_string()));
    say("canonical", document.canonical.clone());
    say("thumbnail", document.thumbnail.clone());
    if !document.breadcrumb.is_empty() {
        say("breadcrumb", Some(document.breadcrumb.join(" › ")));
    }
    for link in &document.links {
        say("link", Some(format!("{} {}", link.url, link.text)));
    }
    for passage in &document.passages {
        let heading = passage.heading.as_deref().unwrap_or("-");
        lines.push(format!("\n[{heading}] {:?}", passage.locator));
        lines.push(passage.text.clone());
    }
    lines.join("\n") + "\n"
}
