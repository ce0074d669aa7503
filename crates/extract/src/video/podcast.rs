//! Transcripts in JSON: those of the podcast namespace (`segments` with `startTime`, `endTime`,
//! `body`), and those that Whisper writes (`start`, `end`, `text`).

use model::record::Record;
use serde::Deserialize;

use super::captions;
use super::cues::Cue;
use super::loose::{Loose, LooseList};
use super::markup;
use crate::text::fold;
use crate::{ExtractError, Extracted, language, payload};

const PAYLOAD_BYTES: usize = 32 * 1024 * 1024;
/// Some write a segment for each word.
const MOST_SEGMENTS: usize = 500_000;
/// Ten days, in seconds.
const LATEST: f64 = 864_000.0;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Transcript {
    language: Loose,
    segments: LooseList<Segment, MOST_SEGMENTS>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Segment {
    #[serde(rename = "startTime", alias = "start")]
    start: Loose,
    #[serde(rename = "endTime", alias = "end")]
    end: Loose,
    #[serde(alias = "text")]
    body: Loose,
    speaker: Loose,
}

/// Reads a transcript; [`ExtractError::NoReader`] for JSON that is none.
pub(super) fn read(record: &Record) -> Result<Extracted, ExtractError> {
    let other = || ExtractError::NoReader {
        media_type: record.media_type.clone(),
    };
    let (bytes, _) = payload::read(record, PAYLOAD_BYTES)?;
    // Most JSON is something else, and is not parsed for nothing.
    if !bytes.windows(10).any(|window| window == b"\"segments\"") {
        return Err(other());
    }
    let transcript: Transcript = serde_json::from_slice(&bytes).map_err(|_| other())?;
    let cues = cues(&transcript.segments.0);
    if cues.is_empty() {
        return Err(other());
    }
    let mut document = captions::of_record(record)?;
    let stated = transcript.language.text().and_then(language::tag);
    captions::speak(&mut document, cues, record, stated);
    Ok(Extracted {
        documents: vec![document],
        ..Extracted::default()
    })
}

/// Segments as cues, in the order of time; segments of a word or two of one speaker that follow
/// each other are one cue.
fn cues(segments: &[Segment]) -> Vec<Cue> {
    const WORDS_MS: u64 = 5_000;
    let mut cues: Vec<(Cue, Option<&str>)> = Vec::new();
    for segment in segments {
        let milliseconds = |field: &Loose| {
            let seconds = field.number().filter(|s| (0.0..LATEST).contains(s))?;
            Some((seconds * 1_000.0).round() as u64)
        };
        let (Some(start), Some(body)) = (milliseconds(&segment.start), segment.body.text()) else {
            continue;
        };
        let end = milliseconds(&segment.end).unwrap_or(start).max(start);
        let text = fold(&markup::plain(body));
        if text.is_empty() {
            continue;
        }
        let speaker = segment.speaker.text();
        if let Some((last, by)) = cues.last_mut()
            && *by == speaker
            && text.split(' ').count() <= 2
            && start >= last.start
            && end <= last.start + WORDS_MS
            && let Some(line) = last.lines.last_mut()
        {
            // Punctuation may come as a segment of its own.
            if text.chars().any(char::is_alphanumeric) {
                line.push(' ');
            }
            line.push_str(&text);
            last.end = last.end.max(end);
        } else {
            let cue = Cue {
                start,
                end,
                lines: vec![text],
            };
            cues.push((cue, speaker));
        }
    }
    let mut cues: Vec<Cue> = cues.into_iter().map(|(cue, _)| cue).collect();
    cues.sort_by_key(|cue| cue.start);
    cues
}
