//! Who says what of a thing, and how the sayings become one document.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::document::{
    Document, DocumentId, DocumentKind, Evidence, Field, Key, Locator, Passage, Post,
};
use crate::part::{Part, ThreadHead};
use crate::record::Origin;
use crate::time::{PartialDate, UnixSeconds};

/// What one record gave. Deleting contributions and merging again is how things are forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Which thing it speaks of.
    pub key: Key,
    /// Where it was read.
    pub origin: Origin,
    /// The collection it belongs to.
    pub collection: String,
    /// When the record was captured.
    pub captured: UnixSeconds,
    /// Address of the record.
    pub url: String,
    /// What was said.
    pub body: Body,
}

/// What a contribution says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Body {
    /// A document as this record gave it.
    Document(Box<Document>),
    /// A post of a thread.
    Part(Box<Part>),
}

impl Contribution {
    /// The total order in which contributions are merged: captured, address, collection, source
    /// path, offset; for several posts of one record, their ids.
    pub fn merge_order(&self) -> (UnixSeconds, &str, &str, &Origin, &str) {
        let part = match &self.body {
            Body::Document(_) => "",
            Body::Part(part) => &part.id,
        };
        (
            self.captured,
            &self.url,
            &self.collection,
            &self.origin,
            part,
        )
    }
}

/// The document that several contributions to one thing make; `None` for none, and for a thread
/// of which the opening post is not held. A pure function of the set, whatever its order.
///
/// * A *state*: the first in [`Contribution::merge_order`] gives every field; the payloads are
///   equal by the key, and what differs is where and when it was read.
/// * A *video*: field by field, what its own metadata file says before what its page says before
///   what a caption file says; the transcript of each language, written by hand before recognised.
/// * A *thread*: the newest form of each post, in the order of the tree, answers by time.
pub fn merge(contributions: &[Contribution]) -> Option<Cow<'_, Document>> {
    let mut ordered: Vec<&Contribution> = contributions.iter().collect();
    ordered.sort_by(|a, b| a.merge_order().cmp(&b.merge_order()));
    match &ordered.first()?.key {
        Key::Thread { .. } => thread(&ordered).map(Cow::Owned),
        Key::Video { .. } => video(&ordered),
        Key::State { .. } | Key::Entity { .. } => documents(&ordered).next().map(Cow::Borrowed),
    }
}

fn documents<'c>(ordered: &[&'c Contribution]) -> impl Iterator<Item = &'c Document> {
    ordered.iter().filter_map(|said| match &said.body {
        Body::Document(document) => Some(document.as_ref()),
        Body::Part(_) => None,
    })
}

/// How far what is said of a video is believed: by the evidence of its title.
fn rank(document: &Document) -> u8 {
    match document.read_from.get(&Field::Title) {
        Some(Evidence::Embedded) => 0,
        Some(Evidence::JsonLd | Evidence::Microdata | Evidence::Og | Evidence::Meta) => 1,
        _ => 2,
    }
}

fn video<'c>(ordered: &[&'c Contribution]) -> Option<Cow<'c, Document>> {
    let mut said: Vec<&Document> = documents(ordered).collect();
    // Stable: equals stay in merge order.
    said.sort_by_key(|document| rank(document));
    let (first, others) = said.split_first()?;
    if others.is_empty() {
        return Some(Cow::Borrowed(first));
    }
    let mut merged = (*first).clone();
    for other in others {
        fill(&mut merged, other);
    }
    (merged.passages, merged.kind) = transcript(&said, &merged);
    Some(Cow::Owned(merged))
}

/// Takes what is missing from another one.
fn fill(merged: &mut Document, other: &Document) {
    let mut take = |field: Field, missing: bool, there: bool| {
        if missing
            && there
            && let Some(evidence) = other.read_from.get(&field)
        {
            merged.read_from.insert(field, *evidence);
        }
    };
    take(
        Field::Description,
        merged.description.is_none(),
        other.description.is_some(),
    );
    take(
        Field::SiteName,
        merged.site_name.is_none(),
        other.site_name.is_some(),
    );
    take(
        Field::Author,
        merged.author.is_none(),
        other.author.is_some(),
    );
    take(
        Field::Language,
        merged.language.is_none(),
        other.language.is_some(),
    );
    take(
        Field::Published,
        merged.published.is_none(),
        other.published.is_some(),
    );
    take(
        Field::Modified,
        merged.modified.is_none(),
        other.modified.is_some(),
    );
    take(
        Field::Thumbnail,
        merged.thumbnail.is_none(),
        other.thumbnail.is_some(),
    );
    let or = |mine: &mut Option<String>, theirs: &Option<String>| {
        if mine.is_none() {
            mine.clone_from(theirs);
        }
    };
    or(&mut merged.canonical, &other.canonical);
    or(&mut merged.description, &other.description);
    or(&mut merged.site_name, &other.site_name);
    or(&mut merged.author, &other.author);
    or(&mut merged.language, &other.language);
    or(&mut merged.thumbnail, &other.thumbnail);
    merged.published = merged.published.or(other.published);
    merged.modified = merged.modified.or(other.modified);
    if let (
        DocumentKind::Video {
            duration_seconds,
            channel,
            ..
        },
        DocumentKind::Video {
            duration_seconds: length,
            channel: publisher,
            ..
        },
    ) = (&mut merged.kind, &other.kind)
    {
        *duration_seconds = duration_seconds.or(*length);
        or(channel, publisher);
    }
    for link in &other.links {
        if !merged.links.contains(link) {
            merged.links.push(link.clone());
        }
    }
}

/// The passages without a time (the description), then the transcript of each language: its own
/// first, then by name.
fn transcript(said: &[&Document], merged: &Document) -> (Vec<Passage>, DocumentKind) {
    let timed = |passage: &&Passage| matches!(passage.locator, Locator::Seconds(_));
    let mut passages: Vec<Passage> = Vec::new();
    for document in said {
        for passage in document.passages.iter().filter(|passage| !timed(passage)) {
            if !passages.iter().any(|known| known.text == passage.text) {
                passages.push(passage.clone());
            }
        }
    }
    let is_automatic = |document: &Document| {
        matches!(
            document.kind,
            DocumentKind::Video {
                automatic: true,
                ..
            }
        )
    };
    let mut spoken: BTreeMap<(bool, &str), &Document> = BTreeMap::new();
    let own = merged.language.as_deref().unwrap_or_default();
    for document in said {
        if !document.passages.iter().any(|passage| timed(&passage)) {
            continue;
        }
        let language = document.language.as_deref().unwrap_or_default();
        let place = spoken
            .entry((language != own, language))
            .or_insert(document);
        if is_automatic(place) && !is_automatic(document) {
            *place = document;
        }
    }
    let mut kind = merged.kind.clone();
    if let DocumentKind::Video { automatic, .. } = &mut kind {
        *automatic = spoken
            .values()
            .next()
            .is_some_and(|first| is_automatic(first));
    }
    for document in spoken.values() {
        passages.extend(document.passages.iter().filter(timed).cloned());
    }
    (passages, kind)
}

fn thread(ordered: &[&Contribution]) -> Option<Document> {
    let key = ordered.first()?.key.clone();
    // The newest form of each post is the last in order.
    let mut parts: BTreeMap<&str, &Part> = BTreeMap::new();
    let mut heads: Option<(&Part, &ThreadHead)> = None;
    for said in ordered {
        if let Body::Part(part) = &said.body {
            parts.insert(&part.id, part);
            if let Some(head) = &part.head {
                heads = Some((part, head));
            }
        }
    }
    let (opening, head) = heads?;
    let mut children: BTreeMap<&str, Vec<&Part>> = BTreeMap::new();
    for part in parts.values().filter(|part| part.id != opening.id) {
        // What answers a post that is not held answers the opening post.
        let parent = part.parent.as_deref().filter(|id| parts.contains_key(id));
        children
            .entry(parent.unwrap_or(&opening.id))
            .or_default()
            .push(part);
    }
    for answers in children.values_mut() {
        answers.sort_by(|a, b| (a.post.time, &a.id).cmp(&(b.post.time, &b.id)));
    }
    let mut passages = Vec::new();
    let mut answers = 0;
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<(&Part, u32)> = vec![(opening, 0)];
    // Posts that answer each other in a circle hang from nothing; they come last.
    let mut rest = parts.values();
    loop {
        let (part, depth) = match open.pop() {
            Some(next) => next,
            None => match rest.find(|part| !seen.contains(part.id.as_str())) {
                Some(part) => (*part, 1),
                None => break,
            },
        };
        if !seen.insert(&part.id) {
            continue;
        }
        let is_opening = part.id == opening.id;
        answers += u32::from(!is_opening && !part.deleted);
        if !part.deleted && !part.text.is_empty() {
            let locator = match &part.permalink {
                Some(permalink) if !is_opening => Locator::Comment(permalink.clone()),
                _ => Locator::Top,
            };
            let accepted = part.post.accepted || head.accepted.as_ref() == Some(&part.id);
            passages.push(Passage {
                text: part.text.clone(),
                heading: None,
                locator,
                post: Some(Post {
                    depth,
                    accepted,
                    ..part.post.clone()
                }),
            });
        }
        let below = children
            .get(part.id.as_str())
            .map_or(&[][..], Vec::as_slice);
        open.extend(below.iter().rev().map(|part| (*part, depth + 1)));
    }
    let mut read_from = BTreeMap::from([(Field::Title, Evidence::Embedded)]);
    let published = opening.post.time.and_then(PartialDate::utc);
    if published.is_some() {
        read_from.insert(Field::Published, Evidence::Embedded);
    }
    Some(Document {
        id: DocumentId::of(&key),
        key,
        url: head.url.clone(),
        canonical: None,
        kind: DocumentKind::Thread {
            forum: head.forum.clone(),
            answers: answers.max(head.answers.unwrap_or(0)),
            score: opening.post.score,
        },
        title: head.title.clone(),
        description: None,
        site_name: head.site_name.clone(),
        author: opening.post.author.clone(),
        breadcrumb: Vec::new(),
        language: head.language.clone(),
        published,
        modified: None,
        passages,
        links: Vec::new(),
        thumbnail: None,
        read_from,
        warnings: Vec::new(),
    })
}
