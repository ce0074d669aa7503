//! What is said of videos: metadata files, captions, transcripts of podcasts.
//!
//! Each record gives one contribution; merging makes one video of them. `info_json` reads what
//! yt-dlp and youtube-dl keep, `cues` reads WebVTT and SubRip, `podcast` reads transcripts in
//! JSON; `rolling` takes out what captions show twice, `sounds` what nobody says, `transcript`
//! cuts what is left into passages with their second. `platform` knows the addresses of videos.

mod captions;
mod chapters;
mod cues;
mod info_json;
mod loose;
mod markup;
pub(crate) mod platform;
mod podcast;
mod rolling;
mod sounds;
mod transcript;

use std::collections::BTreeMap;

use model::document::{Document, DocumentId, DocumentKind, Evidence, Field, Key};
use model::record::{MediaType, Record};

use crate::html::blocks::{Block, BlockKind};
use crate::html::passages;
use crate::text::{folded, head, nfc};
use crate::{ExtractError, Extracted, Extractor, Options};

pub(crate) use chapters::{Chapter, marks};

/// Longer titles are texts that stand in the wrong place (characters).
pub(crate) const TITLE_CHARS: usize = 1_000;
/// The same for summaries; the whole text becomes passages.
const DESCRIPTION_CHARS: usize = 2_000;

/// Reads `application/vnd.yt-dlp+json`, `text/vtt`, `application/x-subrip`, and of
/// `application/json` the transcripts.
pub struct VideoExtractor;

impl Extractor for VideoExtractor {
    fn accepts(&self, media_type: &MediaType) -> bool {
        matches!(
            media_type.as_str(),
            "application/vnd.yt-dlp+json"
                | "text/vtt"
                | "application/x-subrip"
                | "application/json"
        )
    }

    fn extract(&self, record: &Record, _: &Options) -> Result<Extracted, ExtractError> {
        match record.media_type.as_str() {
            "application/vnd.yt-dlp+json" => info_json::read(record),
            "application/json" => podcast::read(record),
            _ => captions::read(record),
        }
    }
}

/// A video of which nothing but its name is known.
pub(crate) fn video(
    platform: String,
    id: String,
    url: String,
    title: &str,
    evidence: Evidence,
) -> Document {
    let title = folded(head(title, TITLE_CHARS)).unwrap_or_else(|| url.clone());
    let site_name = platform::site_name(&platform).map(str::to_owned);
    let key = Key::Video { platform, id };
    Document {
        id: DocumentId::of(&key),
        key,
        url,
        canonical: None,
        kind: DocumentKind::Video {
            duration_seconds: None,
            channel: None,
            automatic: false,
        },
        title: nfc(title),
        description: None,
        site_name,
        author: None,
        breadcrumb: Vec::new(),
        language: None,
        published: None,
        modified: None,
        passages: Vec::new(),
        links: Vec::new(),
        thumbnail: None,
        read_from: BTreeMap::from([(Field::Title, evidence)]),
        warnings: Vec::new(),
    }
}

/// Gives a video its summary, and the same in passages, paragraph by paragraph.
pub(crate) fn describe(document: &mut Document, text: &str, evidence: Evidence) {
    let blocks: Vec<Block> = text
        .lines()
        .filter_map(folded)
        .map(|line| Block::new(BlockKind::Text, nfc(line)))
        .collect();
    document.passages.extend(passages::of(blocks));
    if let Some(summary) = folded(head(text, DESCRIPTION_CHARS)) {
        document.description = Some(nfc(summary));
        document.read_from.insert(Field::Description, evidence);
    }
}

/// Gives a video who published it: the channel that is shown, and the author.
pub(crate) fn publish(document: &mut Document, name: Option<&str>, evidence: Evidence) {
    let Some(name) = name.and_then(|name| folded(head(name, TITLE_CHARS))) else {
        return;
    };
    let name = nfc(name);
    if let DocumentKind::Video { channel, .. } = &mut document.kind {
        *channel = Some(name.clone());
    }
    document.author = Some(name);
    document.read_from.insert(Field::Author, evidence);
}

/// Gives a video its length. A length of nothing, or of more than a month, is none.
pub(crate) fn lasts(document: &mut Document, seconds: Option<f64>) {
    let whole = seconds
        .filter(|seconds| (0.5..2_678_400.0).contains(seconds))
        .map(|seconds| seconds.round() as u32);
    if let DocumentKind::Video {
        duration_seconds, ..
    } = &mut document.kind
    {
        *duration_seconds = whole;
    }
}
