//! A video as a card: the sentence that answers, and the second at which it is spoken.

use std::ops::Range;

use engine::{EngineError, View};
use model::address::{Host, Surt};
use model::capture::{Capture, CaptureId};
use model::document::{Document, DocumentKind, Locator, Passage};
use model::hit::Snippet;
use model::page::{Copy, VideoCard};
use model::query::Query;
use model::record::Origin;

use crate::compose::{date, number, passages, site_name, weightiest_first};
use crate::host_name;
use crate::rank::diversity::Shown;
use crate::snippet::{self, Numbered, Sources};
use crate::terms::Terms;

/// Seconds that a passage lasts at the most, for a place in it to be told from its length: silence
/// may follow the last words.
const LONGEST: u32 = 120;
/// Letters that a slow speaker says in a second: a passage lasts no longer than its text. A guess.
const SLOWEST: u32 = 8;
/// Seconds before the words at which a video opens, so that they are not missed.
const LEAD: u32 = 2;
/// Bytes within which words stand close together: a clause.
const CLOSE: usize = 80;
/// Passages of the beginning that are read where none matches.
const OPENING: u32 = 2;
/// Endings of pictures that lie beside a video's files.
const PICTURES: [&str; 4] = ["webp", "jpg", "jpeg", "png"];
/// Endings of a video's files, longest first.
const FILES: [&str; 4] = [".info.json", ".json", ".vtt", ".srt"];

/// The card of a hit; `None` where its document is gone.
pub(super) fn card(
    view: &dyn View,
    query: &Query,
    terms: &Terms,
    shown: Shown,
) -> Result<Option<VideoCard>, EngineError> {
    let hit = shown.hit;
    let Some(outline) = view.outline(hit.document)? else {
        return Ok(None);
    };
    let passages = passages(view, &hit)?;
    let mut marker = terms.in_language(outline.language.as_deref());
    let marks = |passages: &[Numbered], marker: &crate::terms::Marker| {
        passages
            .iter()
            .any(|(_, p)| !marker.ranges(&p.text).is_empty())
    };
    if !marks(&passages, &marker) {
        marker = marker.word_by_word();
    }
    let snippet = if let Some(mut snippet) = snippet::sentence(&passages, &outline.title, &marker) {
        to_the_second(view, &outline, &mut snippet)?;
        snippet
    } else {
        let opening = number(0, view.passages(hit.document, 0..OPENING)?);
        let sources = Sources {
            passages: &[],
            opening: &opening,
            description: outline.description.as_deref(),
            title: &outline.title,
        };
        snippet::snippet(&sources, &marker).0
    };
    let host = Host::of(&outline.url);
    let (duration_seconds, channel, automatic) = match &outline.kind {
        DocumentKind::Video {
            duration_seconds,
            channel,
            automatic,
        } => (*duration_seconds, channel.clone(), *automatic),
        _ => (None, None, false),
    };
    Ok(Some(VideoCard {
        document: hit.document,
        // The beginning of a video is no place worth a second of its own.
        locator: match snippet.locator {
            Locator::Seconds(0) => Locator::Top,
            ref locator => locator.clone(),
        },
        copy: Some(Copy::Document(hit.document)),
        captured: hit.head.captured,
        thumbnail: thumbnail(view, &outline)?,
        duration_seconds,
        title: outline.title.clone(),
        channel,
        site_name: site_name(view, &host, &outline)?,
        host: host_name::shown(&outline.url, &host),
        language: outline.language.clone(),
        date: date(&outline),
        snippet,
        automatic,
        explanation: if query.explain {
            weightiest_first(hit.features)
        } else {
            Vec::new()
        },
        score: hit.score,
        url: outline.url,
    }))
}

/// Moves the second of a snippet from the beginning of its passage to where its words are spoken:
/// as far between the beginnings of this passage and the next as they stand in its text. Where the
/// words stand late in a long sentence, a little before them, not at its beginning.
pub(crate) fn to_the_second(
    view: &dyn View,
    outline: &Document,
    snippet: &mut Snippet,
) -> Result<(), EngineError> {
    let (Locator::Seconds(_), Some(at)) = (&snippet.locator, snippet.passage) else {
        return Ok(());
    };
    let around = view.passages(outline.id, at..at.saturating_add(2))?;
    let Some(passage) = around.first() else {
        return Ok(());
    };
    // The last passage of a transcript lasts to the end of the video.
    let next = match around.get(1).map(|next| &next.locator) {
        Some(Locator::Seconds(second)) if is_later(*second, passage) => Some(*second),
        _ => match outline.kind {
            DocumentKind::Video {
                duration_seconds, ..
            } => duration_seconds,
            _ => None,
        },
    };
    let Some(fragment) = snippet.fragments.first() else {
        return Ok(());
    };
    if let Some((start, end)) = next.and_then(|next| next_second(passage, next)) {
        let second = |offset: usize| {
            let share = share_before(&passage.text, &fragment.text, offset);
            start + ((end - start) as f32 * share) as u32
        };
        let words = second(densest(&fragment.marks)).saturating_sub(LEAD);
        snippet.locator = Locator::Seconds(second(0).max(words));
    }
    Ok(())
}

/// Where the marks begin that stand closest together: in bytes.
fn densest(marks: &[Range<usize>]) -> usize {
    let near = |from: usize| {
        let within = marks
            .iter()
            .filter(|m| (from..from + CLOSE).contains(&m.start));
        within.count()
    };
    let mut best: Option<(usize, usize)> = None;
    for mark in marks {
        let count = near(mark.start);
        if best.is_none_or(|(most, _)| count > most) {
            best = Some((count, mark.start));
        }
    }
    best.map_or(0, |(_, start)| start)
}

/// The seconds between which a passage is spoken, where the next one tells.
fn next_second(passage: &Passage, end: u32) -> Option<(u32, u32)> {
    match &passage.locator {
        Locator::Seconds(start) if end > *start && end - start <= LONGEST => {
            let letters = passage.text.chars().filter(|c| !c.is_whitespace());
            let spoken = letters.count() as u32 / SLOWEST + 1;
            Some((*start, *start + spoken.min(end - start)))
        }
        _ => None,
    }
}

fn is_later(second: u32, passage: &Passage) -> bool {
    matches!(passage.locator, Locator::Seconds(start) if second > start)
}

/// The share of a text that stands before a place in a piece of it: 0 to 1, white space aside; 0
/// where the piece does not stand there as it is. `offset` is in bytes of the piece.
fn share_before(text: &str, piece: &str, offset: usize) -> f32 {
    let solid = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
    let before = solid(piece.get(..offset).unwrap_or_default()).len();
    let (text, piece) = (solid(text), solid(piece));
    match text.find(&piece) {
        Some(at) if !text.is_empty() => (at + before) as f32 / text.len() as f32,
        _ => 0.0,
    }
}

/// The preview picture that we hold: the one that the video names, else one beside its files.
fn thumbnail(view: &dyn View, outline: &Document) -> Result<Option<CaptureId>, EngineError> {
    if let Some(url) = &outline.thumbnail
        && let Some(found) = picture(view, url)?
    {
        return Ok(Some(found));
    }
    // The files lie where they were read; a plain picture beside them has the address of its file.
    let mut urls: Vec<String> = Vec::new();
    for capture in view.captures_of(outline.id)? {
        let files = capture.origins.iter().map(Origin::file);
        urls.extend(
            files
                .filter_map(|file| url::Url::from_file_path(file).ok())
                .map(String::from),
        );
        urls.push(capture.url);
    }
    urls.dedup();
    for url in &urls {
        let Some(stem) = FILES.iter().find_map(|ending| url.strip_suffix(ending)) else {
            continue;
        };
        // `talk.en.vtt` lies beside `talk.webp`.
        let name = stem.rsplit('/').next().unwrap_or_default();
        let without_language = name.rsplit_once('.').filter(|(_, tag)| tag.len() <= 12);
        let shorter = without_language.and_then(|(short, _)| {
            let folder = stem.strip_suffix(name)?;
            Some(format!("{folder}{short}"))
        });
        for stem in std::iter::once(stem.to_owned()).chain(shorter) {
            for ending in PICTURES {
                if let Some(found) = picture(view, &format!("{stem}.{ending}"))? {
                    return Ok(Some(found));
                }
            }
        }
    }
    Ok(None)
}

/// The newest capture of a picture that a browser shows without running anything.
fn picture(view: &dyn View, url: &str) -> Result<Option<CaptureId>, EngineError> {
    let is_picture = |capture: &Capture| {
        let media_type = capture.media_type.as_str();
        media_type.starts_with("image/") && !media_type.contains("svg")
    };
    let is_good = |capture: &Capture| capture.status.is_none_or(|status| status == 200);
    let captures = view.captures(&Surt::of(url))?;
    let mut newest = captures.into_iter().rev();
    let found = newest.find(|capture| is_picture(capture) && is_good(capture));
    Ok(found.map(|capture| capture.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_stands_before() {
        let text = "One two.\nThree  four. Five";
        let rows = [
            ("One two.", 0, 0.0),
            ("Three four.", 0, 7.0 / 21.0),
            ("Three four.", 6, 12.0 / 21.0),
            ("Three four.", 99, 7.0 / 21.0),
            ("six", 0, 0.0),
        ];
        for (piece, offset, expected) in rows {
            let share = share_before(text, piece, offset);
            assert!((share - expected).abs() < 0.001, "{piece} {offset} {share}");
        }
        assert!(share_before("", "", 0).abs() < 0.001);
    }

    #[test]
    fn where_marks_stand_closest() {
        let at = |starts: &[usize]| {
            let marks: Vec<Range<usize>> = starts.iter().map(|start| *start..start + 3).collect();
            densest(&marks)
        };
        assert_eq!(at(&[]), 0);
        assert_eq!(at(&[7]), 7);
        assert_eq!(at(&[0, 200, 210, 220]), 200);
        assert_eq!(at(&[0, 10, 300, 310]), 0);
    }
}
