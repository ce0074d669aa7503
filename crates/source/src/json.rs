//! Which of the known kinds of JSON a file is, from its keys; values are passed over unread.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Keys of one object that are looked at.
const MAX_KEYS: usize = 1024;

/// What can be seen of a JSON text, or of its beginning.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Whether it is an array; then the rest is about its first element.
    array: bool,
    keys: BTreeSet<String>,
    /// The value of `kind`, as Reddit has it.
    kind: Option<String>,
    /// The value of `_type`, as yt-dlp has it.
    video_type: Option<String>,
    /// The value of `url`.
    pub(crate) url: Option<String>,
    /// Keys of the first element of `segments` or `data`.
    element: BTreeSet<String>,
}

impl Seen {
    /// Looks at a text that may be cut anywhere: what stands before the cut counts.
    pub(crate) fn of(beginning: &[u8]) -> Self {
        let mut seen = Self::default();
        let mut json = serde_json::Deserializer::from_slice(without_mark(beginning));
        // Where it ends early or is no JSON, what was seen until then is all there is.
        let _cut = Top(&mut seen).deserialize(&mut json).is_err();
        seen
    }

    /// The same of a text that comes through a reader; nothing of it is held.
    pub(crate) fn of_stream(text: impl std::io::Read) -> Self {
        let mut seen = Self::default();
        let mut json = serde_json::Deserializer::from_reader(text);
        let _cut = Top(&mut seen).deserialize(&mut json).is_err();
        seen
    }

    fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Whether it is an object, as far as it can be seen.
    pub(crate) fn is_object(&self) -> bool {
        !self.array
    }

    fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    /// A submission or comment of Reddit as dumps have it.
    pub(crate) fn is_dump_line(&self) -> bool {
        !self.array && is_submission_or_comment(&self.keys)
    }

    /// Metadata of a video as yt-dlp and youtube-dl write it.
    pub(crate) fn is_video(&self) -> bool {
        const FIELDS: &[&str] = &[
            "formats",
            "duration",
            "upload_date",
            "uploader",
            "channel",
            "fulltitle",
            "thumbnails",
            "subtitles",
            "automatic_captions",
        ];
        let made = self.has_any(&["extractor", "extractor_key", "webpage_url"]);
        let video = self.has_any(FIELDS) || self.video_type.as_deref() == Some("video");
        !self.array && self.has("id") && made && video && !self.is_playlist()
    }

    /// Metadata of a channel or playlist, written by the same programs.
    pub(crate) fn is_playlist(&self) -> bool {
        let list = matches!(
            self.video_type.as_deref(),
            Some("playlist" | "multi_video" | "channel")
        );
        list && self.has_any(&["extractor", "extractor_key", "webpage_url"])
    }

    /// Posts of a discussion, or the transcript of a podcast, in one of the known shapes.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_reddit() || self.is_discourse() || self.is_hacker_news() || self.is_transcript()
    }

    /// An answer of Reddit's interface, or a file of one of its scrapers.
    fn is_reddit(&self) -> bool {
        let scraped = self.has("scrape_settings") || self.element.contains("subreddit");
        let listed = self.array && is_submission_or_comment(&self.keys);
        self.kind.as_deref() == Some("Listing") || (self.has("data") && scraped) || listed
    }

    /// A topic of Discourse, some of its posts, or the latest ones of a forum.
    pub(crate) fn is_discourse(&self) -> bool {
        self.has_any(&["post_stream", "latest_posts"])
            || (self.has("cooked") && self.has("topic_id"))
    }

    /// Items of Hacker News, by its own interface or by Algolia's, or a list of them.
    fn is_hacker_news(&self) -> bool {
        let own = self.has("id")
            && self.has("type")
            && self.has("time")
            && self.has_any(&["by", "deleted"]);
        let algolia = self.has("children") && self.has_any(&["story_id", "created_at_i"]);
        let found = self.has("objectID") && self.has_any(&["story_id", "points", "story_text"]);
        let answer = self.has("hits") && self.has_any(&["nbHits", "hitsPerPage"]);
        let listed = self.has("commentsUrl") && self.has("title");
        own || algolia || found || answer || listed
    }

    /// A transcript: in the JSON of the podcast namespace, or of the programs that recognise
    /// speech.
    fn is_transcript(&self) -> bool {
        let has = |key: &str| self.element.contains(key);
        let timed = (has("startTime") || has("start")) && (has("body") || has("text"));
        !self.array && self.has("segments") && timed
    }
}

/// Whether an object with these keys is a submission or a comment of Reddit as dumps have it.
fn is_submission_or_comment(keys: &BTreeSet<String>) -> bool {
    let has = |key: &str| keys.contains(key);
    let comment = has("link_id") && has("body");
    let submission = has("title") && (has("selftext") || has("num_comments"));
    has("subreddit") && (comment || submission)
}

/// Without a byte order mark.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Whether this is one whole JSON text.
pub(crate) fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// Reads the outermost value.
struct Top<'s>(&'s mut Seen);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, or an array of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            // Noted before its value, which may be cut.
            if self.0.keys.len() < MAX_KEYS {
                self.0.keys.insert(key.clone());
            }
            match key.as_str() {
                "kind" => self.0.kind = map.next_value::<Scalar>()?.text(),
                "_type" => self.0.video_type = map.next_value::<Scalar>()?.text(),
                "url" => self.0.url = map.next_value::<Scalar>()?.text(),
                "segments" | "data" => map.next_value_seed(First(&mut self.0.element))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        if !self.0.array {
            self.0.array = true;
            array.next_element_seed(Top(self.0))?;
        }
        // What follows is not looked at; that it is there is an error which nobody sees.
        Ok(())
    }
}

/// Reads the keys of an object, or of the first one of an array; none of anything else.
struct First<'s>(&'s mut BTreeSet<String>);

impl<'de> DeserializeSeed<'de> for First<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for First<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.0.len() < MAX_KEYS {
                self.0.insert(key);
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        array.next_element_seed(First(self.0))?;
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A value of which only a text or a whole number is of interest: fields have changed their types
/// over the years.
#[derive(Debug, Default)]
pub(crate) enum Scalar {
    /// A text.
    Text(String),
    /// A number, without its fraction.
    Number(i64),
    /// Anything else.
    #[default]
    Other,
}

impl Scalar {
    /// The text, if it is one.
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Other => None,
        }
    }

    /// The number, if it is one.
    pub(crate) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) | Self::Other => None,
        }
    }
}

impl<'de> serde::Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(number).map_or(Scalar::Other, Scalar::Number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number as i64))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Scalar, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

/// The keys of an object; none of anything else.
#[derive(Debug, Default)]
pub(crate) struct Keys(pub(crate) BTreeSet<String>);

impl<'de> serde::Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let mut keys = Self::default();
        First(&mut keys.0).deserialize(json)?;
        Ok(keys)
    }
}
