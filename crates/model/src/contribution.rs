//! Who says what of a thing, and how the sayings become one document.

mod transcript;
mod video;

use std::borrow::Cow;
use std::cmp::Ordering;
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
///   what other pages and caption files say; the transcript of each language, written by hand
///   before recognised, under the titles of the chapters.
/// * A *thread*: the newest form of each post, in the order of the tree, answers by time.
pub fn merge(contributions: &[Contribution]) -> Option<Cow<'_, Document>> {
    let mut ordered: Vec<&Contribution> = contributions.iter().collect();
    ordered.sort_by(|a, b| {
        let by_place = a.merge_order().cmp(&b.merge_order());
        by_place.then_with(|| by_part(&a.body, &b.body))
    });
    match &ordered.first()?.key {
        Key::Thread { .. } => thread(&ordered).map(Cow::Owned),
        Key::Video { .. } => video::merge(&ordered),
        Key::State { .. } | Key::Entity { .. } => documents(&ordered).next().map(Cow::Borrowed),
    }
}

/// Tells two forms of one post apart that one record gave, so that the order in which they came
/// does not matter.
fn by_part(a: &Body, b: &Body) -> Ordering {
    let (Body::Part(a), Body::Part(b)) = (a, b) else {
        return Ordering::Equal;
    };
    let said = |part: &Part| {
        (
            part.head.is_some(),
            !part.deleted,
            part.post.time,
            part.post.score,
        )
    };
    let text = |part: &Part| serde_json::to_string(part).unwrap_or_default();
    said(a).cmp(&said(b)).then_with(|| {
        if a == b {
            Ordering::Equal
        } else {
            text(a).cmp(&text(b))
        }
    })
}

fn documents<'c>(ordered: &[&'c Contribution]) -> impl Iterator<Item = &'c Document> {
    ordered.iter().filter_map(|said| match &said.body {
        Body::Document(document) => Some(document.as_ref()),
        Body::Part(_) => None,
    })
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
                    accepted,
                    depth,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> Key {
        Key::Thread {
            platform: "forum:port.example".into(),
            id: "7".into(),
        }
    }

    fn part(id: &str, parent: Option<&str>, text: &str) -> Part {
        Part {
            id: id.into(),
            parent: parent.map(str::to_owned),
            head: None,
            text: text.into(),
            deleted: false,
            permalink: Some(format!("https://port.example/7/{id}")),
            post: Post::default(),
        }
    }

    fn opening(id: &str, text: &str) -> Part {
        Part {
            head: Some(ThreadHead {
                title: "Depth of the port".into(),
                url: "https://port.example/7".into(),
                forum: None,
                site_name: None,
                language: None,
                accepted: Some("c".into()),
                answers: None,
            }),
            ..part(id, None, text)
        }
    }

    fn said(captured: i64, part: Part) -> Contribution {
        Contribution {
            key: key(),
            origin: Origin {
                source: "/d".into(),
                path: "posts".into(),
                steps: Vec::new(),
                digest: None,
            },
            collection: "c".into(),
            captured: UnixSeconds(captured),
            url: "file:///d/posts".into(),
            body: Body::Part(Box::new(part)),
        }
    }

    /// Depth and text of each passage, `*` at the accepted one; then how many answers.
    fn describe(said: &[Contribution]) -> Option<String> {
        let merged = merge(said)?;
        let mut lines: Vec<String> = merged
            .passages
            .iter()
            .map(|passage| {
                let post = passage.post.as_ref().unwrap();
                let mark = if post.accepted { "*" } else { "" };
                format!("{}{} {}", post.depth, mark, passage.text)
            })
            .collect();
        if let DocumentKind::Thread { answers, .. } = merged.kind {
            lines.push(format!("{answers} answers"));
        }
        Some(lines.join(", "))
    }

    #[track_caller]
    fn check(parts: &[Part], expected: Option<&str>) {
        let said: Vec<Contribution> = parts.iter().map(|part| said(0, part.clone())).collect();
        assert_eq!(describe(&said).as_deref(), expected);
        let backwards: Vec<Contribution> = said.into_iter().rev().collect();
        assert_eq!(describe(&backwards).as_deref(), expected);
    }

    #[test]
    fn a_thread_is_a_tree_in_the_order_of_time() {
        let at = |seconds, part| Part {
            post: Post {
                time: Some(UnixSeconds(seconds)),
                ..Post::default()
            },
            ..part
        };
        check(
            &[
                at(30, part("b", Some("a"), "late")),
                at(20, part("c", None, "first")),
                at(25, part("d", Some("c"), "below")),
                opening("a", "how deep?"),
            ],
            Some("0 how deep?, 1* first, 2 below, 1 late, 3 answers"),
        );
    }

    #[test]
    fn what_is_missing_or_goes_in_a_circle_is_not_lost() {
        check(&[part("b", None, "alone")], None);
        check(
            &[opening("a", ""), part("b", Some("gone"), "lost")],
            Some("1 lost, 1 answers"),
        );
        check(
            &[
                opening("a", "how deep?"),
                part("x", Some("y"), "round"),
                part("y", Some("x"), "and round"),
                part("z", Some("z"), "self"),
            ],
            Some("0 how deep?, 1 round, 2 and round, 1 self, 3 answers"),
        );
    }

    #[test]
    fn the_opening_post_may_answer() {
        let odd = Part {
            parent: Some("b".into()),
            ..opening("a", "how deep?")
        };
        check(
            &[odd, part("b", Some("a"), "nine")],
            Some("0 how deep?, 1 nine, 1 answers"),
        );
    }

    #[test]
    fn deleted_posts_keep_their_place_and_say_nothing() {
        let gone = Part {
            deleted: true,
            ..part("b", None, "")
        };
        check(
            &[
                opening("a", "how deep?"),
                gone,
                part("c", Some("b"), "nine"),
            ],
            Some("0 how deep?, 2* nine, 1 answers"),
        );
    }

    #[test]
    fn the_newest_form_of_a_post_counts() {
        let forms = [
            said(2, part("b", None, "ten")),
            said(1, part("b", None, "nine")),
            said(1, opening("a", "how deep?")),
        ];
        assert_eq!(
            describe(&forms).as_deref(),
            Some("0 how deep?, 1 ten, 1 answers")
        );
    }

    #[test]
    fn a_hundred_thousand_posts_below_each_other() {
        let mut all = vec![said(0, opening("0", "top"))];
        for number in 1..100_000_u32 {
            let above = (number - 1).to_string();
            all.push(said(0, part(&number.to_string(), Some(&above), "x")));
        }
        let merged = merge(&all).unwrap();
        assert_eq!(merged.passages.len(), 100_000);
        let last = merged.passages.last().unwrap().post.as_ref().unwrap();
        assert_eq!(last.depth, 99_999);
    }

    proptest! {
        #[test]
        fn the_order_of_reading_does_not_matter(
            posts in proptest::collection::vec(
                (0..6_u8, proptest::option::of(0..7_u8), 0..3_i64, "[ab]{0,2}", any::<bool>(), 0..8_u8),
                1..14,
            ),
            seed in any::<u64>(),
        ) {
            let all: Vec<Contribution> = posts
                .into_iter()
                .map(|(id, parent, captured, text, deleted, head)| {
                    let id = id.to_string();
                    let parent = parent.map(|id| id.to_string());
                    let post = if head == 0 { opening(&id, &text) } else { part(&id, parent.as_deref(), &text) };
                    said(captured, Part { deleted, ..post })
                })
                .collect();
            let mut shuffled = all.clone();
            let mut state = seed;
            for index in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(index, (state >> 33) as usize % (index + 1));
            }
            let merged = merge(&all).map(Cow::into_owned);
            prop_assert_eq!(&merged, &merge(&shuffled).map(Cow::into_owned));
            if let Some(merged) = merged {
                let mut places: Vec<_> = merged.passages.iter().map(|p| format!("{:?}", p.locator)).collect();
                places.sort();
                places.dedup();
                prop_assert_eq!(places.len(), merged.passages.len());
            }
        }
    }
}
