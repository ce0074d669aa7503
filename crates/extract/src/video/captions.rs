//! A caption file: a transcript in one language of a video that the record names, or of one of
//! which nothing but the file's name is known.

use std::sync::LazyLock;

use model::address::{Host, path_segments};
use model::document::{Document, DocumentKind, Evidence, Field};
use model::record::{Record, Step};
use regex::Regex;

use super::{cues, lasts, platform, transcript, video};
use crate::text::folded;
use crate::{ExtractError, Extracted, charset, language, payload};

/// A day of speech has about a megabyte; recognised captions with times for each word ten.
const PAYLOAD_BYTES: usize = 32 * 1024 * 1024;
/// The platform of files of which nothing else is known.
const FILE: &str = "file";

pub(super) fn read(record: &Record) -> Result<Extracted, ExtractError> {
    let (bytes, whole) = payload::read(record, PAYLOAD_BYTES)?;
    let host = Host::of(&record.url);
    let (text, damaged) = charset::decode(&bytes, record.header("content-type"), host.as_str());
    let found = cues::parse(&text);
    if found.cues.is_empty() {
        return Err(ExtractError::Broken {
            url: record.url.clone(),
            reason: "no captions with times in it".to_owned(),
        });
    }
    let mut document = of_record(record)?;
    if !whole {
        document
            .warnings
            .push(format!("only the first {PAYLOAD_BYTES} bytes were read"));
    }
    document.warnings.extend(damaged);
    document.warnings.extend(found.warnings);
    let in_head = found.language.as_deref().and_then(language::tag);
    speak(&mut document, found.cues, record, in_head);
    Ok(Extracted {
        documents: vec![document],
        ..Extracted::default()
    })
}

/// Gives a video its transcript and the language of it.
pub(super) fn speak(
    document: &mut Document,
    cues: Vec<cues::Cue>,
    record: &Record,
    in_file: Option<String>,
) {
    let last = cues.iter().map(|cue| cue.end).max().unwrap_or_default();
    lasts(document, Some(last as f64 / 1_000.0));
    document.passages = transcript::passages(cues);
    let declared = record.header("content-language").and_then(language::tag);
    let in_name = || parts(&name(record)).1;
    let detected = || {
        let texts: Vec<&str> = document
            .passages
            .iter()
            .take(10)
            .map(|passage| passage.text.as_str())
            .collect();
        language::detect(&texts.join("\n"))
    };
    let spoken = declared
        .map(|tag| (tag, Evidence::Header))
        .or_else(|| Some((in_file?, Evidence::Embedded)))
        .or_else(|| Some((in_name()?, Evidence::Url)))
        .or_else(|| Some((detected()?, Evidence::Detected)));
    if let Some((tag, evidence)) = spoken {
        document.language = Some(tag);
        document.read_from.insert(Field::Language, evidence);
    }
    let recognised = record.header("conspectus-captions") == Some("automatic");
    if let DocumentKind::Video { automatic, .. } = &mut document.kind {
        *automatic = recognised;
    }
}

/// The video that a record names (`conspectus-video: PLATFORM ID ADDRESS`), else one of its own.
pub(super) fn of_record(record: &Record) -> Result<Document, ExtractError> {
    let (stem, _) = parts(&name(record));
    let mut named = record
        .header("conspectus-video")
        .unwrap_or_default()
        .split_whitespace();
    if let (Some(platform), Some(id)) = (named.next(), named.next()) {
        let id = &unescaped(id);
        let url = named
            .next()
            .map(str::to_owned)
            .or_else(|| platform::address(platform, id))
            .unwrap_or_else(|| record.url.clone());
        let title = readable(&without_id(&stem, id)).unwrap_or_else(|| id.clone());
        return Ok(video(
            platform.to_owned(),
            id.clone(),
            url,
            &title,
            Evidence::Url,
        ));
    }
    let digest = record.digest.ok_or_else(|| ExtractError::NoDigest {
        url: record.url.clone(),
    })?;
    let id = digest.to_string();
    let id = id.rsplit(':').next().unwrap_or(&id).to_owned();
    let title = readable(&stem).unwrap_or_else(|| record.url.clone());
    Ok(video(
        FILE.to_owned(),
        id,
        record.url.clone(),
        &title,
        Evidence::Url,
    ))
}

/// The name of the file: of the address, where that is the file's own and not that of the video.
fn name(record: &Record) -> String {
    let in_address = path_segments(&record.url).pop().unwrap_or_default();
    if EXTENSION.is_match(&in_address) {
        return in_address;
    }
    let entry = record
        .origin
        .steps
        .iter()
        .rev()
        .find_map(|step| match step {
            Step::Entry(name) => Some(name.as_str()),
            Step::Bytes(..) | Step::Decoded(..) => None,
        });
    let path = entry.unwrap_or(&record.origin.path);
    let last = path.rsplit(['/', '\\']).next().unwrap_or(path);
    if EXTENSION.is_match(last) {
        last.to_owned()
    } else {
        in_address
    }
}

static EXTENSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\.(vtt|webvtt|srt|json)$").expect("a constant pattern"));

/// An id as it was before white space and `%` in it were escaped.
fn unescaped(id: &str) -> String {
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, behind @ ..] => std::str::from_utf8(&[*high, *low])
                .ok()
                .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                .map(|byte| (byte, behind)),
            _ => None,
        };
        let (byte, behind) = escaped.unwrap_or((*first, behind));
        bytes.push(byte);
        rest = behind;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| id.to_owned())
}

/// `Port dues.pt-BR.vtt` → `Port dues`, `pt-BR`.
fn parts(name: &str) -> (String, Option<String>) {
    static LANGUAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\.([a-z]{2,3}(?:-(?:[A-Z]{2}|[A-Z][a-z]{3}|[0-9]{3}))?)(?:-orig)?$")
            .expect("a constant pattern")
    });
    let stem = EXTENSION.replace(name, "");
    let tag = LANGUAGE
        .captures(&stem)
        .and_then(|found| language::tag(found.get(1)?.as_str()));
    match tag {
        Some(tag) => (LANGUAGE.replace(&stem, "").into_owned(), Some(tag)),
        None => (stem.into_owned(), None),
    }
}

/// A name without the id that downloaders put at its end: `Port dues [ID]`, `Port_dues-ID`.
fn without_id(stem: &str, id: &str) -> String {
    let stem = stem.trim();
    let bracketed = format!("[{id}]");
    stem.strip_suffix(bracketed.as_str())
        .or_else(|| stem.strip_suffix(id))
        .unwrap_or(stem)
        .trim_end_matches([' ', '-', '_'])
        .to_owned()
}

/// A file name in words.
fn readable(stem: &str) -> Option<String> {
    let words = if stem.contains(' ') {
        stem.to_owned()
    } else if stem.contains('_') {
        stem.replace('_', " ")
    } else {
        stem.replace(['-', '+', '.'], " ")
    };
    folded(&words).filter(|words| words.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, id: &str, title: Option<&str>, language: Option<&str>) {
        let (stem, found) = parts(name);
        assert_eq!(readable(&without_id(&stem, id)).as_deref(), title);
        assert_eq!(found.as_deref(), language);
    }

    #[test]
    fn ids_are_as_they_were() {
        assert_eq!(unescaped("Ab-1"), "Ab-1");
        assert_eq!(unescaped("no%20fancy%25%C3%A9"), "no fancy%\u{e9}");
        assert_eq!(unescaped("%+1%4"), "%+1%4");
        assert_eq!(unescaped("%FF"), "%FF");
    }

    #[test]
    fn names_of_files_are_read() {
        check(
            "Port dues [Ab-1].en.vtt",
            "Ab-1",
            Some("Port dues"),
            Some("en"),
        );
        check(
            "Port_dues_3_-_HD-Ab-1.pt-BR.srt",
            "Ab-1",
            Some("Port dues 3 - HD"),
            Some("pt-BR"),
        );
        check("Ab-1.fr-orig.vtt", "Ab-1", None, Some("fr"));
        check("Ab-1.es-419.vtt", "Ab-1", None, Some("es-419"));
        check(
            "episode-12-the-salt-road.vtt",
            "x",
            Some("episode 12 the salt road"),
            None,
        );
        check("Talk v1.2.srt", "x", Some("Talk v1.2"), None);
        check("", "x", None, None);
    }
}
