//! Small invented collections in an engine, for tests.

use std::sync::Arc;

use engine::naive::Naive;
use engine::{Change, Engine, View};
use model::address::Surt;
use model::capture::Capture;
use model::contribution::{Body, Contribution};
use model::document::{Document, DocumentId, DocumentKind, Key, Locator, Passage};
use model::page::{Block, ResultsPage, WebResult};
use model::record::{Digest, MediaType, Origin};
use model::time::UnixSeconds;
use search::Request;

/// A page of a collection; what a test does not say is plain.
pub(crate) struct Page {
    pub(crate) document: Document,
    pub(crate) captured: UnixSeconds,
    /// Further captures of the same content.
    pub(crate) again: Vec<UnixSeconds>,
}

impl Page {
    /// A page with an address, a title and paragraphs.
    pub(crate) fn new(url: &str, title: &str, text: &str) -> Self {
        let key = Key::State {
            surt: Surt::of(url),
            digest: Digest::of(format!("{title}\n{text}").as_bytes()),
        };
        let passages = text
            .split("\n\n")
            .filter(|text| !text.is_empty())
            .map(|text| Passage {
                text: text.to_owned(),
                heading: None,
                locator: Locator::Top,
                post: None,
            })
            .collect();
        let document = Document {
            id: DocumentId::of(&key),
            key,
            url: url.to_owned(),
            canonical: None,
            kind: DocumentKind::Page,
            title: title.to_owned(),
            description: None,
            site_name: None,
            author: None,
            breadcrumb: Vec::new(),
            language: Some("en".to_owned()),
            published: None,
            modified: None,
            passages,
            links: Vec::new(),
            thumbnail: None,
            read_from: std::collections::BTreeMap::default(),
            warnings: Vec::new(),
        };
        Self {
            document,
            captured: instant("2025-12-01T00:00:00Z"),
            again: Vec::new(),
        }
    }

    /// The same with some fields changed.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Document)) -> Self {
        change(&mut self.document);
        self
    }
}

pub(crate) fn instant(text: &str) -> UnixSeconds {
    text.parse().unwrap()
}

/// A view of these pages, in the engine that defines what others do.
pub(crate) fn view(pages: Vec<Page>) -> Arc<dyn View> {
    let engine = Naive::new(|| UnixSeconds(0));
    fill(&engine, pages)
}

/// Puts pages into an engine; its view of them.
pub(crate) fn fill(engine: &dyn Engine, pages: Vec<Page>) -> Arc<dyn View> {
    {
        let mut writer = engine.writer().unwrap();
        for (number, page) in pages.into_iter().enumerate() {
            let origin = Origin {
                source: "/invented".to_owned(),
                path: format!("{number:06}"),
                steps: Vec::new(),
                digest: None,
            };
            let Key::State { surt, digest } = page.document.key.clone() else {
                panic!("pages are states");
            };
            for captured in std::iter::once(page.captured).chain(page.again) {
                let id = Capture::id_of(&surt, captured, Some(200), Some(digest), None, "invented");
                let capture = Capture {
                    id,
                    surt: surt.clone(),
                    url: page.document.url.clone(),
                    captured,
                    status: Some(200),
                    media_type: MediaType::new("text/html"),
                    digest: Some(digest),
                    archive_digest: None,
                    refers_to: None,
                    origins: vec![origin.clone()],
                    collection: "invented".to_owned(),
                    document: Some(page.document.id),
                };
                writer.apply(Change::Capture(Box::new(capture))).unwrap();
            }
            let contribution = Contribution {
                key: page.document.key.clone(),
                origin,
                collection: "invented".to_owned(),
                captured: page.captured,
                url: page.document.url.clone(),
                body: Body::Document(Box::new(page.document)),
            };
            let change = Change::Contribution(Box::new(contribution));
            writer.apply(change).unwrap();
        }
        writer.commit(&[]).unwrap();
    }
    engine.view().unwrap()
}

pub(crate) fn request(text: &str) -> Request {
    Request {
        text: text.to_owned(),
        tab: model::page::Tab::All,
        now: instant("2025-12-22T12:00:00Z"),
        offset: 0,
        count: 10,
        explain: false,
        operators: true,
        languages: vec!["en".to_owned()],
    }
}

pub(crate) fn results(page: &ResultsPage) -> Vec<&WebResult> {
    page.blocks
        .iter()
        .filter_map(|block| match block {
            Block::Web(result) => Some(&**result),
            _ => None,
        })
        .collect()
}
