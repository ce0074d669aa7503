//! The interchange format: one JSON object a line, as `extract` writes it, as the worker sends
//! it, and as `export` prints what is kept.
//!
//! The shape is promised to others (docs/formats.md); golden files hold it.

use serde::{Deserialize, Serialize};

use crate::capture::{Capture, CaptureId, RefersTo};
use crate::document::{Document, Key};
use crate::part::Part;
use crate::record::{Digest, MediaType, Origin, Step};
use crate::time::UnixSeconds;

/// The version written into every line.
pub const FORMAT: u32 = 1;

/// Where bytes lie, as lines say it: `offset` and `length` repeat the first `bytes` step, so that
/// a script needs no knowledge of steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginLine {
    /// The source as it was given.
    pub source: String,
    /// The file.
    pub path: String,
    /// Offset in bytes of the record as it lies in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Its length in bytes there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// The way to the bytes.
    pub steps: Vec<Step>,
    /// Digest of the decoded payload.
    pub digest: Option<Digest>,
}

impl From<Origin> for OriginLine {
    fn from(origin: Origin) -> Self {
        let extent = origin.extent();
        Self {
            offset: extent.map(|(offset, _)| offset),
            length: extent.map(|(_, length)| length),
            source: origin.source,
            path: origin.path,
            steps: origin.steps,
            digest: origin.digest,
        }
    }
}

impl From<OriginLine> for Origin {
    fn from(line: OriginLine) -> Self {
        Self {
            source: line.source,
            path: line.path,
            steps: line.steps,
            digest: line.digest,
        }
    }
}

/// What a document line says of its capture; the address and the time stand in the line itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturePart {
    /// Its id.
    pub id: CaptureId,
    /// HTTP status.
    pub status: Option<u16>,
    /// As sniffed.
    pub media_type: MediaType,
    /// As the archive wrote it.
    #[serde(default)]
    pub archive_digest: Option<String>,
    /// The collection.
    pub collection: String,
}

/// A document as one record gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// [`FORMAT`].
    pub format: u32,
    /// The document.
    #[serde(flatten)]
    pub document: Document,
    /// When the record was captured.
    pub captured: UnixSeconds,
    /// Its capture; `None` where the kind of thing has none.
    pub capture: Option<CapturePart>,
    /// The collection.
    pub collection: String,
    /// Where the record lies.
    pub origin: OriginLine,
}

/// A capture that gave no document of its own: a revisit, an image, a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureLine {
    /// [`FORMAT`].
    pub format: u32,
    /// Always `capture`.
    pub kind: CaptureTag,
    /// Its id.
    pub id: CaptureId,
    /// The address as the archive wrote it.
    pub url: String,
    /// When.
    pub captured: UnixSeconds,
    /// HTTP status.
    pub status: Option<u16>,
    /// As sniffed or declared.
    pub media_type: MediaType,
    /// Digest of the decoded payload.
    pub digest: Option<Digest>,
    /// As the archive wrote it.
    pub archive_digest: Option<String>,
    /// Set for a revisit.
    pub refers_to: Option<RefersTo>,
    /// The collection.
    pub collection: String,
    /// Where the record lies, sorted.
    pub origins: Vec<OriginLine>,
}

/// The tag of a [`CaptureLine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptureTag {
    /// The only value.
    Capture,
}

/// One address pointing to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectLine {
    /// [`FORMAT`].
    pub format: u32,
    /// Always `redirect`.
    pub kind: RedirectTag,
    /// The address that was asked.
    pub url: String,
    /// The address that it named, absolute.
    pub to: String,
    /// When it was seen.
    pub captured: UnixSeconds,
    /// The collection.
    pub collection: String,
    /// Where the record lies.
    pub origin: OriginLine,
}

/// The tag of a [`RedirectLine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedirectTag {
    /// The only value.
    Redirect,
}

/// A post on its way to its thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartLine {
    /// [`FORMAT`].
    pub format: u32,
    /// Always `part`.
    pub kind: PartTag,
    /// The thread.
    pub key: Key,
    /// Address of the record.
    pub url: String,
    /// The post.
    pub part: Part,
    /// When the record was captured.
    pub captured: UnixSeconds,
    /// The collection.
    pub collection: String,
    /// Where the record lies.
    pub origin: OriginLine,
}

/// The tag of a [`PartLine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartTag {
    /// The only value.
    Part,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Line {
    /// A document.
    Document(Box<DocumentLine>),
    /// A capture without a document of its own.
    Capture(CaptureLine),
    /// A redirect.
    Redirect(RedirectLine),
    /// A post without its thread.
    Part(Box<PartLine>),
}

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is no JSON, or fields are missing or of the wrong type.
    #[error("not a line of the interchange format: {0}")]
    Shape(#[from] serde_json::Error),
    /// It was written by a newer program.
    #[error("format `{found}` is newer than `{FORMAT}`, the newest that is known")]
    NewerFormat {
        /// The version in the line.
        found: u32,
    },
    /// Its kind is not known.
    #[error("kind `{0}` is not known")]
    Kind(String),
}

impl Line {
    /// Reads a line.
    pub fn parse(text: &str) -> Result<Self, LineError> {
        #[derive(Deserialize)]
        struct Tag {
            format: u32,
            kind: String,
        }
        let tag: Tag = serde_json::from_str(text)?;
        if tag.format > FORMAT {
            return Err(LineError::NewerFormat { found: tag.format });
        }
        Ok(match tag.kind.as_str() {
            "page" | "pdf" | "video" | "thread" | "file" => {
                Self::Document(Box::new(serde_json::from_str(text)?))
            }
            "capture" => Self::Capture(serde_json::from_str(text)?),
            "redirect" => Self::Redirect(serde_json::from_str(text)?),
            "part" => Self::Part(Box::new(serde_json::from_str(text)?)),
            _ => return Err(LineError::Kind(tag.kind)),
        })
    }

    /// Writes a line, without a line feed.
    pub fn print(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

impl From<&Capture> for CaptureLine {
    fn from(capture: &Capture) -> Self {
        Self {
            format: FORMAT,
            kind: CaptureTag::Capture,
            id: capture.id,
            url: capture.url.clone(),
            captured: capture.captured,
            status: capture.status,
            media_type: capture.media_type.clone(),
            digest: capture.digest,
            archive_digest: capture.archive_digest.clone(),
            refers_to: capture.refers_to.clone(),
            collection: capture.collection.clone(),
            origins: capture
                .origins
                .iter()
                .cloned()
                .map(OriginLine::from)
                .collect(),
        }
    }
}
