//! A discussion as a card: the posts that answer, best first.

use engine::{EngineError, View};
use model::address::Host;
use model::document::{DocumentKind, Locator, Passage, Post};
use model::hit::Hit;
use model::page::{Comment, Copy, DiscussionCard};
use model::query::Query;

use crate::compose::{date, number, site_name, weightiest_first};
use crate::host_name;
use crate::rank::diversity::Shown;
use crate::snippet::{self, Numbered, Sources};
use crate::terms::{Marker, Terms};

/// An excerpt is never longer, in characters (`results-page.md`: up to about 1,000).
const LONGEST: usize = 1_000;
/// A shorter one is filled up with what other readers liked.
const SHORT: usize = 300;
/// Posts of an excerpt.
const MOST: usize = 5;
/// Posts among which the best liked are looked for.
const LIKED_AMONG: u32 = 64;

/// What the mark as the answer, and many votes, add to the share of the query's words that a post
/// holds (0 to 1); and what is left of that share for the post that opens the thread, which asks
/// rather than answers. Guesses.
const ACCEPTED: f32 = 0.15;
const VOTES: f32 = 0.05;
const OPENING: f32 = 0.75;

/// The card of a hit; `None` where its document is gone.
pub(super) fn card(
    view: &dyn View,
    query: &Query,
    terms: &Terms,
    shown: Shown,
) -> Result<Option<DiscussionCard>, EngineError> {
    let hit = shown.hit;
    let Some(outline) = view.outline(hit.document)? else {
        return Ok(None);
    };
    let marker = terms.in_language(outline.language.as_deref());
    let comments = comments(view, &hit, &marker, &outline.title)?;
    let host = Host::of(&outline.url);
    let site = match host.site() {
        "" => host_name::shown(&outline.url, &host),
        site => site.to_owned(),
    };
    let (forum, answers, votes) = match &outline.kind {
        DocumentKind::Thread {
            forum,
            answers,
            score,
        } => (forum.clone(), *answers, *score),
        _ => (None, 0, None),
    };
    let best = comments.first().map(|comment| comment.locator.clone());
    Ok(Some(DiscussionCard {
        document: hit.document,
        locator: best.unwrap_or(Locator::Top),
        copy: Some(Copy::Document(hit.document)),
        captured: hit.head.captured,
        title: outline.title.clone(),
        site_name: site_name(view, &host, &outline)?,
        host: host_name::shown(&outline.url, &host),
        site,
        forum,
        answers,
        votes,
        language: outline.language.clone(),
        date: date(&outline),
        comments,
        explanation: if query.explain {
            weightiest_first(hit.features)
        } else {
            Vec::new()
        },
        score: hit.score,
        url: outline.url,
    }))
}

/// The posts that hold the query's words, best first; where they are few and short (the words
/// stand in the title alone), then those that readers liked best.
fn comments(
    view: &dyn View,
    hit: &Hit,
    marker: &Marker,
    title: &str,
) -> Result<Vec<Comment>, EngineError> {
    let mut posts: Vec<(f32, Numbered)> = Vec::new();
    for (at, score) in &hit.passages {
        let read = view.passages(hit.document, *at..at.saturating_add(1))?;
        posts.extend(number(*at, read).into_iter().map(|post| (*score, post)));
    }
    let post = |passage: &Passage| passage.post.clone().unwrap_or_default();
    for (score, (_, passage)) in &mut posts {
        *score = worth(*score, &post(passage));
    }
    // Stable: the engine's order decides between equals.
    posts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut comments: Vec<Comment> = Vec::new();
    let mut length = 0;
    for (_, numbered) in &posts {
        add(&mut comments, &mut length, numbered, marker, title);
    }
    if length < SHORT {
        let mut liked = number(0, view.passages(hit.document, 0..LIKED_AMONG)?);
        liked.sort_by_key(|(_, passage)| {
            let post = post(passage);
            let votes = post.score.unwrap_or_default();
            (post.depth == 0, !post.accepted, std::cmp::Reverse(votes))
        });
        for numbered in &liked {
            if length >= SHORT {
                break;
            }
            add(&mut comments, &mut length, numbered, marker, title);
        }
    }
    Ok(comments)
}

/// How well a post answers.
fn worth(score: f32, post: &Post) -> f32 {
    let votes = post.score.unwrap_or_default().max(0) as f32;
    let liked = ((1.0 + votes).log10() / 3.0).min(1.0);
    let opening = if post.depth == 0 { OPENING } else { 1.0 };
    score * opening + f32::from(u8::from(post.accepted)) * ACCEPTED + liked * VOTES
}

/// Adds what a post says, where there is room for it.
fn add(
    comments: &mut Vec<Comment>,
    length: &mut usize,
    numbered: &Numbered,
    marker: &Marker,
    title: &str,
) {
    let (passage, read) = numbered;
    if comments.len() >= MOST || comments.iter().any(|known| known.passage == *passage) {
        return;
    }
    let sources = Sources {
        passages: std::slice::from_ref(numbered),
        opening: &[],
        description: None,
        title,
    };
    let (snippet, _) = snippet::snippet(&sources, marker);
    let more: usize = snippet
        .fragments
        .iter()
        .map(|fragment| fragment.text.chars().count())
        .sum();
    if more == 0 || *length + more > LONGEST {
        return;
    }
    *length += more;
    let post = read.post.clone().unwrap_or_default();
    comments.push(Comment {
        passage: *passage,
        locator: read.locator.clone(),
        author: post.author,
        time: post.time,
        votes: post.score,
        accepted: post.accepted,
        opening: post.depth == 0,
        fragments: snippet.fragments,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_best() {
        let post = |score: i32, accepted: bool, depth: u32| Post {
            score: Some(score),
            accepted,
            depth,
            ..Post::default()
        };
        let rows = [
            // As many words: the accepted one, the one with more votes, never the question.
            ((0.5, post(1, true, 1)), (0.5, post(100, false, 1))),
            ((0.5, post(100, false, 1)), (0.5, post(1, false, 1))),
            ((0.5, post(-4, false, 1)), (0.5, post(1, false, 0))),
            // Votes do not make an answer of what does not hold the words.
            ((0.6, post(0, false, 1)), (0.2, post(9_000, true, 1))),
            ((1.0, post(3, false, 0)), (0.6, post(5, false, 2))),
        ];
        for ((a, first), (b, second)) in rows {
            assert!(worth(a, &first) > worth(b, &second), "{first:?} {second:?}");
        }
    }
}
