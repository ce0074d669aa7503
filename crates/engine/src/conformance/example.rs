//! Invented pages, and what the suite does with them.

use model::address::Surt;
use model::capture::Capture;
use model::contribution::{Body, Contribution};
use model::document::{Document, DocumentId, DocumentKind, Key, Link, Locator, Passage};
use model::hit::{Channel, Found};
use model::query::{Expr, Filter, Plan};
use model::record::{Digest, MediaType, Origin, Step};
use model::time::UnixSeconds;

use crate::{Change, CommitId, Engine, EngineError, View};

/// A source as examples have it: `a.warc`, at this offset.
pub fn origin(offset: u64) -> Origin {
    Origin {
        source: "/data/a.warc".into(),
        path: "/data/a.warc".into(),
        steps: vec![Step::Bytes(offset, 100)],
        digest: None,
    }
}

/// A page and its capture.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its document; the key is made from `url` and the text by [`Example::changes`].
    pub document: Document,
    /// When it was captured.
    pub captured: UnixSeconds,
    /// Where it was added to.
    pub collection: String,
}

impl Example {
    /// A page with a title and passages.
    pub fn page(url: &str, title: &str, passages: &[&str]) -> Self {
        let key = Key::State {
            surt: Surt::of(url),
            digest: Digest::of(passages.join("\n").as_bytes()),
        };
        let passage = |text: &&str| Passage {
            text: (*text).to_owned(),
            heading: None,
            locator: Locator::Top,
            post: None,
        };
        Self {
            document: Document {
                id: DocumentId::of(&key),
                key,
                url: url.into(),
                canonical: None,
                kind: DocumentKind::Page,
                title: title.into(),
                description: None,
                site_name: None,
                author: None,
                breadcrumb: Vec::new(),
                language: Some("en".into()),
                published: None,
                modified: None,
                passages: passages.iter().map(passage).collect(),
                links: Vec::new(),
                thumbnail: None,
                read_from: std::collections::BTreeMap::new(),
                warnings: Vec::new(),
            },
            captured: UnixSeconds(1_700_000_000),
            collection: "news".into(),
        }
    }

    /// With a link.
    #[must_use]
    pub fn link(mut self, url: &str, text: &str) -> Self {
        let (url, text) = (url.to_owned(), text.to_owned());
        self.document.links.push(Link { url, text });
        self
    }

    /// Captured at another time.
    #[must_use]
    pub fn at(mut self, captured: i64) -> Self {
        self.captured = UnixSeconds(captured);
        self
    }

    /// Changed in another way.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Document)) -> Self {
        change(&mut self.document);
        self
    }

    /// Its id.
    pub fn id(&self) -> DocumentId {
        self.document.id
    }

    /// Its capture.
    pub fn capture(&self) -> Capture {
        let surt = Surt::of(&self.document.url);
        let digest = match &self.document.key {
            Key::State { digest, .. } => Some(*digest),
            _ => None,
        };
        let archive_digest = digest.map(|digest| format!("sha1:{digest}"));
        Capture {
            id: Capture::id_of(
                &surt,
                self.captured,
                Some(200),
                digest,
                archive_digest.as_deref(),
                &self.collection,
            ),
            surt,
            url: self.document.url.clone(),
            captured: self.captured,
            status: Some(200),
            media_type: MediaType::new("text/html"),
            digest,
            archive_digest,
            refers_to: None,
            origins: vec![self.origin()],
            collection: self.collection.clone(),
            document: Some(self.document.id),
        }
    }

    fn origin(&self) -> Origin {
        origin(self.captured.0.unsigned_abs())
    }

    /// What its record gives.
    pub fn changes(&self) -> Vec<Change> {
        let contribution = Contribution {
            key: self.document.key.clone(),
            origin: self.origin(),
            collection: self.collection.clone(),
            captured: self.captured,
            url: self.document.url.clone(),
            body: Body::Document(Box::new(self.document.clone())),
        };
        vec![
            Change::Contribution(Box::new(contribution)),
            Change::Capture(Box::new(self.capture())),
        ]
    }
}

/// Applies changes and commits.
pub fn write(
    engine: &dyn Engine,
    changes: impl IntoIterator<Item = Change>,
) -> Result<CommitId, EngineError> {
    let mut writer = engine.writer()?;
    for change in changes {
        writer.apply(change)?;
    }
    writer.commit(&[])
}

/// Candidates for an expression, with all channels.
pub fn find(view: &dyn View, expr: &Expr, filters: &[Filter]) -> Result<Found, EngineError> {
    view.candidates(&Plan {
        expr,
        filters,
        kinds: &[],
        as_of: None,
        channels: &ALL_CHANNELS,
        limit: 100,
    })
}

/// Every channel.
pub const ALL_CHANNELS: [Channel; 4] = [
    Channel::Text,
    Channel::Address,
    Channel::Anchor,
    Channel::Proximity,
];

/// A word.
pub fn word(text: &str) -> Expr {
    Expr::Word(text.into())
}
