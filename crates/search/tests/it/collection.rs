//! Small invented collections in an engine, for tests.

use std::sync::Arc;

use engine::naive::Naive;
use engine::{Change, Engine, View};
use model::address::Surt;
use model::capture::Capture;
use model::contribution::{Body, Contribution};
use model::document::{Document, DocumentId, DocumentKind, Key, Locator, Passage, Post};
use model::page::{Block, ResultsPage, WebResult};
use model::part::{Part, ThreadHead};
use model::record::{Digest, MediaType, Origin};
use model::time::UnixSeconds;
use search::Request;

/// A page of a collection; what a test does not say is plain.
pub(crate) struct Page {
    pub(crate) document: Document,
    pub(crate) captured: UnixSeconds,
    /// Further captures of the same content.
    pub(crate) again: Vec<UnixSeconds>,
    /// Addresses of pictures that are held beside it.
    pub(crate) pictures: Vec<String>,
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
            pictures: Vec::new(),
        }
    }

    /// A video on YouTube with an id, a title, and what is said from which second on.
    pub(crate) fn video(id: &str, title: &str, spoken: &[(u32, &str)]) -> Self {
        let url = format!("https://www.youtube.com/watch?v={id}");
        let key = Key::Video {
            platform: "youtube".to_owned(),
            id: id.to_owned(),
        };
        Self::new(&url, title, "").with(|page| {
            page.id = DocumentId::of(&key);
            page.key = key;
            page.kind = DocumentKind::Video {
                duration_seconds: Some(231),
                channel: Some("Northern News".to_owned()),
                automatic: false,
            };
            page.passages = spoken
                .iter()
                .map(|(second, text)| Passage {
                    text: (*text).to_owned(),
                    heading: None,
                    locator: Locator::Seconds(*second),
                    post: None,
                })
                .collect();
        })
    }

    /// A thread of `r/veldania` with an id, a title, and its posts: depth, votes, text.
    pub(crate) fn thread(id: &str, title: &str, posts: &[(u32, i32, &str)]) -> Self {
        let url = format!("https://www.reddit.com/r/veldania/comments/{id}/");
        let key = Key::Thread {
            platform: "reddit".to_owned(),
            id: id.to_owned(),
        };
        Self::new(&url, title, "").with(|page| {
            page.id = DocumentId::of(&key);
            page.key = key;
            page.kind = DocumentKind::Thread {
                forum: Some("r/veldania".to_owned()),
                answers: posts.iter().filter(|(depth, ..)| *depth > 0).count() as u32,
                score: Some(12),
            };
            page.passages = posts
                .iter()
                .enumerate()
                .map(|(number, (depth, votes, text))| Passage {
                    text: (*text).to_owned(),
                    heading: None,
                    locator: match depth {
                        0 => Locator::Top,
                        _ => Locator::Comment(format!("{url}c{number}/")),
                    },
                    post: Some(Post {
                        author: Some(format!("writer{number}")),
                        score: Some(*votes),
                        depth: *depth,
                        ..Post::default()
                    }),
                })
                .collect();
        })
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
            let mut seen: Vec<(String, Option<Digest>, Option<DocumentId>, UnixSeconds)> = page
                .pictures
                .iter()
                .map(|url| {
                    (
                        url.clone(),
                        Some(Digest::of(url.as_bytes())),
                        None,
                        page.captured,
                    )
                })
                .collect();
            // Videos and threads are put together from records; these have no captures here.
            if let Key::State { digest, .. } = page.document.key {
                let (url, id) = (&page.document.url, page.document.id);
                let times = std::iter::once(page.captured).chain(page.again);
                seen.extend(times.map(|at| (url.clone(), Some(digest), Some(id), at)));
            }
            for (url, digest, document, captured) in seen {
                let surt = Surt::of(&url);
                let id = Capture::id_of(&surt, captured, Some(200), digest, None, "invented");
                let capture = Capture {
                    id,
                    surt,
                    url,
                    captured,
                    status: Some(200),
                    media_type: MediaType::new(match document {
                        Some(_) => "text/html",
                        None => "image/webp",
                    }),
                    digest,
                    archive_digest: None,
                    refers_to: None,
                    origins: vec![origin.clone()],
                    collection: "invented".to_owned(),
                    document,
                };
                writer.apply(Change::Capture(Box::new(capture))).unwrap();
            }
            let bodies = match page.document.kind {
                DocumentKind::Thread { .. } => parts(&page.document)
                    .into_iter()
                    .map(|part| Body::Part(Box::new(part)))
                    .collect(),
                _ => vec![Body::Document(Box::new(page.document.clone()))],
            };
            for body in bodies {
                let contribution = Contribution {
                    key: page.document.key.clone(),
                    origin: origin.clone(),
                    collection: "invented".to_owned(),
                    captured: page.captured,
                    url: page.document.url.clone(),
                    body,
                };
                let change = Change::Contribution(Box::new(contribution));
                writer.apply(change).unwrap();
            }
        }
        writer.commit(&[]).unwrap();
    }
    engine.view().unwrap()
}

/// The posts that a thread is put together from.
fn parts(thread: &Document) -> Vec<Part> {
    let DocumentKind::Thread { forum, score, .. } = &thread.kind else {
        return Vec::new();
    };
    let mut opening = Part {
        id: "c".to_owned(),
        parent: None,
        head: Some(ThreadHead {
            title: thread.title.clone(),
            url: thread.url.clone(),
            forum: forum.clone(),
            site_name: None,
            language: thread.language.clone(),
            accepted: None,
            answers: None,
        }),
        text: String::new(),
        deleted: false,
        permalink: None,
        post: Post {
            score: *score,
            ..Post::default()
        },
    };
    let mut answers: Vec<Part> = Vec::new();
    let mut above: Vec<String> = Vec::new();
    for (number, passage) in thread.passages.iter().enumerate() {
        let post = passage.post.clone().unwrap();
        if post.depth == 0 {
            opening.text.clone_from(&passage.text);
            continue;
        }
        let id = format!("c{number:02}");
        above.truncate(post.depth as usize - 1);
        answers.push(Part {
            id: id.clone(),
            parent: above.last().cloned(),
            head: None,
            text: passage.text.clone(),
            deleted: false,
            permalink: match &passage.locator {
                Locator::Comment(permalink) => Some(permalink.clone()),
                _ => None,
            },
            post,
        });
        above.push(id);
    }
    answers.push(opening);
    answers
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
