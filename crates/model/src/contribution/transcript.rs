//! What is said in a video, from all who have something of it.

use std::collections::{BTreeMap, HashSet};

use super::video::OWN_PAGE;
use crate::document::{Document, DocumentKind, Evidence, Field, Locator, Passage};

/// Shorter words (characters) stand in every language.
const LONG_WORD: usize = 4;

/// What is said of a video with its rank, best first.
type Said<'c> = [(u8, &'c Document)];

/// Whether a passage is the title of a chapter, and no words of the video: its heading is its
/// text.
fn is_chapter(passage: &Passage) -> bool {
    second(passage).is_some() && passage.heading.as_ref() == Some(&passage.text)
}

fn second(passage: &Passage) -> Option<u32> {
    match passage.locator {
        Locator::Seconds(second) => Some(second),
        _ => None,
    }
}

fn is_spoken(passage: &Passage) -> bool {
    second(passage).is_some() && !is_chapter(passage)
}

fn has_words(document: &Document) -> bool {
    document.passages.iter().any(is_spoken)
}

fn is_automatic(document: &Document) -> bool {
    matches!(
        document.kind,
        DocumentKind::Video {
            automatic: true,
            ..
        }
    )
}

/// Language and script: `en` for `en-GB`, `zh-Hant` for `zh-Hant-TW`. Two transcripts that differ
/// in the country only say the same.
fn tongue(tag: &str) -> String {
    let mut parts = tag.split('-');
    let mut tongue = parts.next().unwrap_or_default().to_ascii_lowercase();
    if let Some(script) = parts.next().filter(|part| part.len() == 4) {
        tongue.push('-');
        tongue.push_str(&script.to_ascii_lowercase());
    }
    tongue
}

fn tongue_of(document: &Document) -> String {
    tongue(document.language.as_deref().unwrap_or_default())
}

/// The language that is spoken: as its file or page states it; else that of the only captions
/// which a program recognised, as it recognises what it hears; else one that was guessed from the
/// description, if there are captions in it; else that of the captions which hold most words of
/// the title.
pub(super) fn language<'c>(said: &Said<'c>) -> Option<(&'c str, Evidence)> {
    let named = |document: &'c Document| {
        let evidence = document.read_from.get(&Field::Language).copied();
        let evidence = evidence.unwrap_or(Evidence::Detected);
        Some((document.language.as_deref()?, evidence))
    };
    let about = said.iter().filter(|(_, document)| !has_words(document));
    let about: Vec<(&str, Evidence)> = about.filter_map(|(_, document)| named(document)).collect();
    let heard: Vec<&Document> = said
        .iter()
        .map(|(_, document)| *document)
        .filter(|document| has_words(document))
        .collect();
    let stated = about
        .iter()
        .find(|(_, evidence)| *evidence != Evidence::Detected);
    let recognised = || {
        let mut recognised = heard.iter().filter(|document| is_automatic(document));
        let first = recognised.next()?;
        let only = recognised.all(|other| tongue_of(other) == tongue_of(first));
        only.then(|| named(first))?
    };
    let guessed = || {
        let guess = about.first()?;
        let known = heard
            .iter()
            .any(|document| tongue_of(document) == tongue(guess.0));
        (known || heard.is_empty()).then_some(*guess)
    };
    let titled = || {
        let title = &said.first()?.1.title;
        named(like_the_title(title, &heard)?)
    };
    stated
        .copied()
        .or_else(recognised)
        .or_else(guessed)
        .or_else(titled)
}

/// The transcript that holds most words of a title; the first of equals.
fn like_the_title<'c>(title: &str, heard: &[&'c Document]) -> Option<&'c Document> {
    if let [only] = heard {
        return Some(only);
    }
    let words = |text: &str| -> HashSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() >= LONG_WORD)
            .map(str::to_lowercase)
            .collect()
    };
    let wanted = words(title);
    let held = |document: &Document| {
        let mut open = wanted.clone();
        for passage in document
            .passages
            .iter()
            .filter(|passage| is_spoken(passage))
        {
            let spoken = words(&passage.text);
            open.retain(|word| !spoken.contains(word));
        }
        wanted.len() - open.len()
    };
    let counted = heard.iter().map(|document| (held(document), *document));
    // The last of equals would be taken: they are asked from behind.
    let counted: Vec<(usize, &Document)> = counted.collect();
    let best = counted.into_iter().rev().max_by_key(|(count, _)| *count);
    best.map(|(_, document)| document)
}

/// Gives the merged video its passages: those without a time (the description), then the
/// transcript of each language under the titles of the chapters, that which is spoken first; the
/// chapters themselves where there is no transcript.
pub(super) fn join(said: &Said<'_>, merged: &mut Document) {
    let mut passages = told(said);
    let spoken = transcripts(said, merged.language.as_deref().unwrap_or_default());
    // The chapters of the best that has some.
    let chapters: Vec<&Passage> = said
        .iter()
        .map(|(_, document)| document.passages.iter().filter(|p| is_chapter(p)).collect())
        .find(|chapters: &Vec<&Passage>| !chapters.is_empty())
        .unwrap_or_default();
    if let DocumentKind::Video { automatic, .. } = &mut merged.kind {
        *automatic = spoken.first().is_some_and(|first| is_automatic(first));
    }
    if spoken.is_empty() {
        passages.extend(chapters.into_iter().cloned());
    } else {
        for document in spoken {
            for passage in document
                .passages
                .iter()
                .filter(|passage| is_spoken(passage))
            {
                let mut passage = passage.clone();
                let chapter = chapters.partition_point(|mark| second(mark) <= second(&passage));
                if let Some(mark) = chapter.checked_sub(1).and_then(|last| chapters.get(last)) {
                    passage.heading = Some(mark.text.clone());
                }
                passages.push(passage);
            }
        }
    }
    merged.passages = passages;
}

/// What is told of the video, each passage once: by its own file and page; else by the best of
/// the other pages, as a thousand may embed one video.
fn told(said: &Said<'_>) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    for (rank, document) in said {
        if *rank > OWN_PAGE && !passages.is_empty() {
            break;
        }
        let untimed = document.passages.iter().filter(|p| second(p).is_none());
        passages.extend(untimed.filter(|p| seen.insert(&p.text)).cloned());
    }
    passages
}

/// The transcripts: that which is spoken first, then by language, the language itself before that
/// of a country. Of each one, written by hand before recognised; recognised ones only where nobody
/// wrote that language in any country. Two countries' are two people's words, and both stay,
/// unless most of the one stands in the other.
fn transcripts<'c>(said: &Said<'c>, own: &str) -> Vec<&'c Document> {
    let own = tongue(own);
    let mut spoken: BTreeMap<(bool, String, usize, &str), &Document> = BTreeMap::new();
    let mut written: HashSet<String> = HashSet::new();
    for (_, document) in said {
        if !has_words(document) {
            continue;
        }
        let tag = document.language.as_deref().unwrap_or_default();
        let tongue = tongue(tag);
        if !is_automatic(document) {
            written.insert(tongue.clone());
        }
        let place = spoken
            .entry((tongue != own, tongue, tag.len(), tag))
            .or_insert(document);
        // The first of equals stays: they come in merge order.
        if is_automatic(place) && !is_automatic(document) {
            *place = document;
        }
    }
    let mut kept = Vec::new();
    let mut known: HashSet<&str> = HashSet::new();
    for ((_, tongue, ..), document) in spoken {
        if is_automatic(document) && written.contains(&tongue) {
            continue;
        }
        let texts = || document.passages.iter().filter(|p| is_spoken(p));
        let repeated = texts().filter(|p| known.contains(&*p.text)).count();
        if repeated * 2 <= texts().count() {
            known.extend(texts().map(|passage| passage.text.as_str()));
            kept.push(document);
        }
    }
    kept
}
