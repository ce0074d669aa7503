//! What yt-dlp and youtube-dl keep of a video beside its file: `*.info.json`.
//!
//! Every field may be missing, `null` or of another type: the sites changed them over the years.
//! What makes up most of the bytes (`formats`, the addresses of captions) is skipped unread.

use std::collections::HashSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use model::document::{Document, Evidence, Field, Link};
use model::record::Record;
use model::time::{PartialDate, UnixSeconds};
use regex::Regex;
use serde::Deserialize;

use super::loose::{Loose, LooseList, Names};
use super::{Chapter, describe, lasts, marks, platform, publish, video};
use crate::{ExtractError, Extracted, language, payload};

/// The largest seen has 5 MB: thousands of addresses of translated captions.
const PAYLOAD_BYTES: usize = 64 * 1024 * 1024;
const MOST_CHAPTERS: usize = 2_000;
const MOST_LINKS: usize = 500;
const EVIDENCE: Evidence = Evidence::Embedded;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InfoJson {
    #[serde(rename = "_type")]
    kind: Loose,
    id: Loose,
    extractor: Loose,
    extractor_key: Loose,
    webpage_url: Loose,
    original_url: Loose,
    title: Loose,
    fulltitle: Loose,
    alt_title: Loose,
    channel: Loose,
    uploader: Loose,
    creator: Loose,
    artist: Loose,
    uploader_id: Loose,
    upload_date: Loose,
    release_date: Loose,
    timestamp: Loose,
    release_timestamp: Loose,
    duration: Loose,
    description: Loose,
    language: Loose,
    thumbnail: Loose,
    automatic_captions: Names,
    chapters: LooseList<JsonChapter, MOST_CHAPTERS>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JsonChapter {
    start_time: Loose,
    title: Loose,
}

pub(super) fn read(record: &Record) -> Result<Extracted, ExtractError> {
    let broken = |reason: String| ExtractError::Broken {
        url: record.url.clone(),
        reason,
    };
    let (bytes, whole) = payload::read(record, PAYLOAD_BYTES)?;
    let info: InfoJson = serde_json::from_slice(&bytes).map_err(|error| {
        broken(if whole {
            error.to_string()
        } else {
            format!("larger than {PAYLOAD_BYTES} bytes")
        })
    })?;
    // A list or a channel is kept in the same form, and is no video.
    if info.kind.text().is_some_and(|kind| kind != "video") {
        return Ok(Extracted::default());
    }
    let document = document(&info, record)
        .ok_or_else(|| broken("neither an id nor the address of a video in it".to_owned()))?;
    Ok(Extracted {
        documents: vec![document],
        ..Extracted::default()
    })
}

fn document(info: &InfoJson, record: &Record) -> Option<Document> {
    let address = info.webpage_url.text().or(info.original_url.text());
    let address = address.filter(|url| url.starts_with("http"));
    let known = address.and_then(platform::of);
    let site = site(info).or_else(|| Some(known.as_ref()?.platform.to_owned()))?;
    let id = match info.id.text() {
        Some(id) => id.trim().to_owned(),
        None => known.as_ref()?.id.clone(),
    };
    let url = match known {
        Some(place) => place.url,
        None => address
            .map(str::to_owned)
            .or_else(|| platform::address(&site, &id))
            .unwrap_or_else(|| record.url.clone()),
    };
    let named = [&info.title, &info.fulltitle, &info.alt_title]
        .into_iter()
        .find_map(Loose::text);
    let (title, evidence) = match named {
        Some(title) => (title.to_owned(), EVIDENCE),
        None => (format!("{site} {id}"), Evidence::Url),
    };
    let mut document = video(site, id, url, &title, evidence);
    let publisher = [
        &info.channel,
        &info.uploader,
        &info.creator,
        &info.artist,
        &info.uploader_id,
    ];
    publish(
        &mut document,
        publisher.into_iter().find_map(Loose::text),
        EVIDENCE,
    );
    document.published = published(info);
    if document.published.is_some() {
        document.read_from.insert(Field::Published, EVIDENCE);
    }
    lasts(&mut document, info.duration.number());
    if let Some(text) = info.description.text() {
        describe(&mut document, text, EVIDENCE);
        document.links = links(text);
    }
    let named = info.chapters.0.iter().filter_map(|chapter| {
        Some(Chapter {
            start: chapter.start_time.number()?,
            title: chapter.title.text()?.to_owned(),
        })
    });
    let mut chapters: Vec<Chapter> = named.collect();
    if chapters.is_empty() {
        chapters = described(info.description.text().unwrap_or_default());
    }
    document.passages.extend(marks(chapters));
    // The picture that was kept beside the file goes before the one on the web.
    document.thumbnail = record
        .header("conspectus-thumbnail")
        .or_else(|| info.thumbnail.text().filter(|url| url.starts_with("http")))
        .map(str::to_owned);
    if document.thumbnail.is_some() {
        document.read_from.insert(Field::Thumbnail, EVIDENCE);
    }
    if let Some((tag, evidence)) = spoken(info) {
        document.language = Some(tag);
        document.read_from.insert(Field::Language, evidence);
    }
    Some(document)
}

/// The site by the program's name for its reader: `youtube`, and `twitch` for `twitch:vod`.
fn site(info: &InfoJson) -> Option<String> {
    let reader = info.extractor.text().or(info.extractor_key.text())?;
    let site = reader.split(':').next().unwrap_or(reader).trim();
    Some(site.to_lowercase()).filter(|site| !site.is_empty())
}

fn published(info: &InfoJson) -> Option<PartialDate> {
    let day = |field: &Loose| {
        let digits = field.text()?.trim();
        if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let year = digits.get(..4)?.parse().ok()?;
        let month = digits.get(4..6)?.parse().ok()?;
        let date = Date::new(year, month, digits.get(6..8)?.parse().ok()?).ok()?;
        Some(PartialDate::Day(date))
    };
    let instant = |field: &Loose| {
        let seconds: f64 = field.number().filter(|seconds| *seconds > 0.0)?;
        PartialDate::utc(UnixSeconds(seconds as i64))
    };
    day(&info.upload_date)
        .or_else(|| instant(&info.timestamp))
        .or_else(|| day(&info.release_date))
        .or_else(|| instant(&info.release_timestamp))
}

/// The language that is spoken: as the site says it; else that of the captions which the site
/// recognised and did not translate (`fr-orig`); else that of the description, if that is sure.
fn spoken(info: &InfoJson) -> Option<(String, Evidence)> {
    let said = info.language.text().and_then(language::tag);
    let recognised = || {
        let mut names = info.automatic_captions.0.iter();
        names
            .find_map(|name| name.strip_suffix("-orig"))
            .and_then(language::tag)
    };
    let detected = || {
        let title = info.title.text().unwrap_or_default();
        let description = info.description.text().unwrap_or_default();
        language::detect(&format!("{title}\n{description}"))
    };
    said.or_else(recognised)
        .map(|tag| (tag, EVIDENCE))
        .or_else(|| Some((detected()?, Evidence::Detected)))
}

/// The chapters that a description lists, as YouTube makes them of it: at least three times at
/// the beginnings of lines, the first `0:00`, each later than the one before.
fn described(text: &str) -> Vec<Chapter> {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[^\w]*(?:(\d{1,2}):)?(\d{1,2}):(\d{2})[^\w]+(\S.*)$")
            .expect("a constant pattern")
    });
    let mut chapters: Vec<Chapter> = Vec::new();
    for line in text.lines().take(MOST_CHAPTERS) {
        let Some(found) = LINE.captures(line) else {
            continue;
        };
        let number = |group| {
            let digits = found.get(group).map_or("0", |found| found.as_str());
            digits.parse::<f64>().unwrap_or_default()
        };
        let start = number(1) * 3_600.0 + number(2) * 60.0 + number(3);
        let title = found.get(4).map_or("", |found| found.as_str());
        let later = match chapters.last() {
            Some(last) => start > last.start,
            None => start < 1.0,
        };
        if !later {
            return Vec::new();
        }
        chapters.push(Chapter {
            start,
            title: title.to_owned(),
        });
    }
    if chapters.len() < 3 {
        chapters.clear();
    }
    chapters
}

/// The addresses in a description, each once.
fn links(text: &str) -> Vec<Link> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"https?://[^\s<>"|\\^`{}]{3,2000}"#).expect("a constant pattern")
    });
    let mut seen = HashSet::new();
    ADDRESS
        .find_iter(text)
        .map(|found| {
            let address = found
                .as_str()
                .trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*']);
            // The bracket that a sentence put around an address is no part of it.
            match address.strip_suffix([')', ']']) {
                Some(inner) if !inner.contains(['(', '[']) => inner,
                _ => address,
            }
        })
        .filter(|address| url::Url::parse(address).is_ok() && seen.insert(*address))
        .take(MOST_LINKS)
        .map(|address| Link {
            url: address.to_owned(),
            text: String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_stand_in_descriptions() {
        let listed = |text: &str| -> Vec<String> {
            let found = described(text);
            found
                .iter()
                .map(|chapter| format!("{} {}", chapter.start, chapter.title))
                .collect()
        };
        assert_eq!(
            listed("On dues.\n0:00 Salt\n(01:05) - Wool\n\n1:00:10 \u{2013} Dues\nThanks!"),
            ["0 Salt", "65 Wool", "3610 Dues"]
        );
        assert_eq!(listed("0:00 Salt\n1:05 Wool"), [""; 0]);
        assert_eq!(listed("0:00 Salt\n2:05 Wool\n1:00 Dues"), [""; 0]);
        assert_eq!(listed("1:30 Salt\n2:05 Wool\n3:00 Dues"), [""; 0]);
    }

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        let found = links(
            "See https://a.example/x, (https://b.example/y) and https://c.example/z_(w). \
             https://a.example/x again.",
        );
        let found: Vec<&str> = found.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(
            found,
            [
                "https://a.example/x",
                "https://b.example/y",
                "https://c.example/z_(w)"
            ]
        );
    }
}
