//! What was collected, made readable: documents, their passages, and where each value was read.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::address::Surt;
use crate::record::Digest;
use crate::time::{PartialDate, UnixSeconds};

/// Which thing a document is: never a hash of what was extracted, so that a better extractor
/// changes a document instead of adding one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// One content of one address: a page, a PDF, a file.
    State {
        /// The address.
        surt: Surt,
        /// Digest of the whole decoded payload, also where what is kept of it was cut.
        digest: Digest,
    },
    /// A discussion, assembled from its parts.
    Thread {
        /// `reddit`, `stackexchange:coffee`, …
        platform: String,
        /// As the platform names it.
        id: String,
    },
    /// A video or an episode.
    Video {
        /// `youtube`, `twitch`, …
        platform: String,
        /// As the platform names it.
        id: String,
    },
    /// A thing that statements are made about.
    Entity {
        /// `Q42`, or the `@id` of a page's entity.
        id: String,
    },
}

/// The first 16 bytes of the SHA-256 of a document's [`Key`]; 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct DocumentId(pub [u8; 16]);

impl DocumentId {
    /// The id of the thing that has this key.
    pub fn of(key: &Key) -> Self {
        let (tag, first, second) = match key {
            Key::State { surt, digest } => ("state", surt.0.clone(), digest.to_string()),
            Key::Thread { platform, id } => ("thread", platform.clone(), id.clone()),
            Key::Video { platform, id } => ("video", platform.clone(), id.clone()),
            Key::Entity { id } => ("entity", id.clone(), String::new()),
        };
        Self(short_hash(&[tag, &first, &second]))
    }
}

/// The first 16 bytes of SHA-256 over the parts, each ended by a zero byte.
pub(crate) fn short_hash(parts: &[&str]) -> [u8; 16] {
    let mut hash = sha2::Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

pub(crate) fn parse_short_hash(text: &str) -> Result<[u8; 16], String> {
    let bytes = hex::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| format!("`{text}` is no id of 32 hexadecimal digits"))
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<DocumentId> for String {
    fn from(id: DocumentId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for DocumentId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_short_hash(&text).map(Self)
    }
}

/// What kind of thing a document is, with what only that kind has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "details", rename_all = "lowercase")]
pub enum DocumentKind {
    /// A web page.
    Page,
    /// A PDF.
    Pdf {
        /// How many pages it has.
        pages: Option<u32>,
        /// Whether four pages in five, or more, have no text, as scans do; a stamp or a page number
        /// on a picture is none.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_text_layer: bool,
    },
    /// A video or an episode of a podcast.
    Video {
        /// Its length.
        duration_seconds: Option<u32>,
        /// Who published it.
        channel: Option<String>,
        /// Whether its words were recognised by a program, not written by hand.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        automatic: bool,
    },
    /// A discussion.
    Thread {
        /// Board or group, as readers know it: `r/Syria`.
        forum: Option<String>,
        /// Posts below the first.
        answers: u32,
        /// Votes of the first post.
        score: Option<i32>,
    },
    /// Any other file with text in it.
    File {
        /// Its type by the usual extension, lower case: `txt`, `md`, `epub`.
        #[serde(rename = "type")]
        file_type: String,
    },
}

/// The kinds without their details, as filters and plans name them. Ordered as in tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A web page.
    Page,
    /// A PDF.
    Pdf,
    /// A video.
    Video,
    /// A discussion.
    Thread,
    /// Any other file.
    File,
    /// A thing that statements are made about.
    Entity,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Self; 6] = [
        Self::Page,
        Self::Pdf,
        Self::Video,
        Self::Thread,
        Self::File,
        Self::Entity,
    ];

    /// The word for it in the interchange format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Pdf => "pdf",
            Self::Video => "video",
            Self::Thread => "thread",
            Self::File => "file",
            Self::Entity => "entity",
        }
    }
}

impl DocumentKind {
    /// The kind without its details.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Page => Kind::Page,
            Self::Pdf { .. } => Kind::Pdf,
            Self::Video { .. } => Kind::Video,
            Self::Thread { .. } => Kind::Thread,
            Self::File { .. } => Kind::File,
        }
    }

    /// The word that `filetype:` compares: `html`, `pdf`, `txt`, …; `vtt` for videos.
    pub fn file_type(&self) -> &str {
        match self {
            Self::Page | Self::Thread { .. } => "html",
            Self::Pdf { .. } => "pdf",
            Self::Video { .. } => "vtt",
            Self::File { file_type } => file_type,
        }
    }
}

/// Where in a document a passage stands, so that a link can open there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locator {
    /// The beginning.
    Top,
    /// An anchor of the page, without `#`.
    Section(String),
    /// A page of a PDF, from 1.
    Page(NonZeroU32),
    /// Seconds from the start of a video.
    Seconds(u32),
    /// The permalink of a comment.
    Comment(String),
}

/// What a passage of a discussion carries beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Who wrote it, as shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<UnixSeconds>,
    /// Votes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// Whether it is marked as the answer.
    #[serde(default)]
    pub accepted: bool,
    /// How many posts lie between it and the opening post, itself counted; 0 for that one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(depth: &u32) -> bool {
    *depth == 0
}

/// A stretch of the main text that can be shown and opened: a paragraph or a few, a page of a
/// PDF or less, some sentences of a transcript, a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// NFC, not escaped, paragraphs separated by one line feed; never empty.
    pub text: String,
    /// The nearest heading above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Where it stands.
    pub locator: Locator,
    /// Set in discussions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Post>,
}

/// A link out of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// Absolute address, fragment kept.
    pub url: String,
    /// Anchor text, white space folded; the `alt` text for a linked image; may be empty.
    pub text: String,
}

/// A value of a document that can be read in several places. Ordered as in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The address of a plain file.
    Url,
    /// The canonical address.
    Canonical,
    /// The title.
    Title,
    /// The page's own summary.
    Description,
    /// The name of the site.
    SiteName,
    /// The author.
    Author,
    /// The breadcrumb.
    Breadcrumb,
    /// The language.
    Language,
    /// The date of publication.
    Published,
    /// The date of the last change.
    Modified,
    /// The preview image.
    Thumbnail,
}

/// Where a value was read. The interchange format writes these in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// JSON-LD.
    JsonLd,
    /// Microdata.
    Microdata,
    /// RDFa.
    Rdfa,
    /// Open Graph (`og:…`, `article:…`).
    Og,
    /// Another `meta` element.
    Meta,
    /// A `link` element.
    Link,
    /// An attribute of `html`, such as `lang`.
    Html,
    /// A `time` element.
    Time,
    /// The `title` element.
    TitleElement,
    /// The first heading.
    Heading,
    /// An element whose class or id names the value.
    Class,
    /// Visible text.
    Text,
    /// The path or query of the address.
    Url,
    /// An HTTP header.
    Header,
    /// What the archive or file system says.
    File,
    /// A comment that a browser wrote when it saved the page.
    SavedFrom,
    /// Metadata inside the file (PDF Info or XMP, info.json).
    Embedded,
    /// A statistical detector.
    Detected,
}

/// How far a value is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// A guess.
    Guessed,
    /// Usually right.
    Likely,
    /// Said by the publisher in a place meant for it.
    Stated,
}

impl Evidence {
    /// How far values read there are trusted (`crates.md` section 2a measured it for dates:
    /// structured data, meta and address nine in ten right, class names and text below).
    pub fn trust(self) -> Trust {
        match self {
            Self::JsonLd
            | Self::Microdata
            | Self::Rdfa
            | Self::Og
            | Self::Meta
            | Self::Link
            | Self::Html
            | Self::Time
            | Self::SavedFrom
            | Self::Embedded => Trust::Stated,
            Self::Url | Self::TitleElement | Self::Heading | Self::Class | Self::Header => {
                Trust::Likely
            }
            Self::Text | Self::File | Self::Detected => Trust::Guessed,
        }
    }
}

/// A document as it is shown and searched: merged from its contributions, or as one record gave
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Hash of `key`.
    pub id: DocumentId,
    /// Which thing it is.
    pub key: Key,
    /// Its live address.
    pub url: String,
    /// The address that the page itself calls the right one, absolute.
    #[serde(default)]
    pub canonical: Option<String>,
    /// What kind of thing it is.
    #[serde(flatten)]
    pub kind: DocumentKind,
    /// Whole, white space folded, never empty (made from the address where there is none).
    pub title: String,
    /// The page's own summary, white space folded.
    #[serde(default)]
    pub description: Option<String>,
    /// The site's name as this page says it.
    #[serde(default)]
    pub site_name: Option<String>,
    /// Byline, names joined by `, `.
    #[serde(default)]
    pub author: Option<String>,
    /// Steps of a declared breadcrumb, outermost first, without the host; empty without one.
    #[serde(default)]
    pub breadcrumb: Vec<String>,
    /// BCP 47, lower-case language part first: `en`, `pt-BR`.
    #[serde(default)]
    pub language: Option<String>,
    /// Publication date.
    #[serde(default)]
    pub published: Option<PartialDate>,
    /// Date of the last change.
    #[serde(default)]
    pub modified: Option<PartialDate>,
    /// The main text in reading order, each part once.
    pub passages: Vec<Passage>,
    /// Outgoing links in the order of the page, no duplicates.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Absolute address of the preview image.
    #[serde(default)]
    pub thumbnail: Option<String>,
    /// Where each value was read.
    #[serde(default)]
    pub read_from: BTreeMap<Field, Evidence>,
    /// What was odd about it, in the order it was noticed.
    #[serde(default)]
    pub warnings: Vec<String>,
}

impl Document {
    /// The main text: the passages' texts in order, separated by a line feed.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.passages.iter().map(|p| p.text.as_str()).collect();
        texts.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_reads_back_what_it_wrote() {
        let key = Key::State {
            surt: Surt::of("http://a.example/"),
            digest: Digest::of(b"x"),
        };
        let document = Document {
            id: DocumentId::of(&key),
            key,
            url: "http://a.example/".into(),
            canonical: None,
            kind: DocumentKind::Pdf {
                pages: Some(23),
                no_text_layer: false,
            },
            title: "A".into(),
            description: None,
            site_name: None,
            author: None,
            breadcrumb: vec!["b".into()],
            language: Some("en".into()),
            published: Some("2025-06".parse().unwrap()),
            modified: None,
            passages: vec![Passage {
                text: "t".into(),
                heading: None,
                locator: Locator::Page(NonZeroU32::MIN),
                post: None,
            }],
            links: vec![],
            thumbnail: None,
            read_from: [(Field::SiteName, Evidence::JsonLd)].into(),
            warnings: vec![],
        };
        let text = serde_json::to_string(&document).unwrap();
        assert!(
            text.contains(r#""kind":"pdf","details":{"pages":23}"#),
            "{text}"
        );
        assert!(text.contains(r#""locator":{"page":1}"#), "{text}");
        assert!(
            text.contains(r#""read_from":{"site_name":"json-ld"}"#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
        let page = Document {
            kind: DocumentKind::Page,
            ..document
        };
        let text = serde_json::to_string(&page).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), page);
    }

    #[test]
    fn keys_of_other_kinds_have_other_ids() {
        let id = |platform: &str, id: &str| {
            DocumentId::of(&Key::Thread {
                platform: platform.into(),
                id: id.into(),
            })
        };
        assert_ne!(id("a", "bc"), id("ab", "c"));
        let video = Key::Video {
            platform: "a".into(),
            id: "bc".into(),
        };
        assert_ne!(id("a", "bc"), DocumentId::of(&video));
    }
}
