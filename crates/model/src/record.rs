//! What a source hands over: one item of an archive or one file, with where its bytes lie.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::time::UnixSeconds;

/// SHA-256 of a whole decoded payload.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

/// `sha256:` and 64 lower-case hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = text
            .strip_prefix("sha256:")
            .and_then(|digits| hex::decode(digits).ok());
        match bytes.and_then(|bytes| bytes.try_into().ok()) {
            Some(bytes) => Ok(Self(bytes)),
            None => Err(format!("`{text}` is no SHA-256 digest")),
        }
    }
}

/// A media type without parameters, lower case: `text/html`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MediaType(pub String);

impl MediaType {
    /// Keeps the part before `;`, in lower case.
    pub fn new(text: &str) -> Self {
        Self(
            text.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
        )
    }

    /// The type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is HTML or XHTML.
    pub fn is_html(&self) -> bool {
        matches!(self.as_str(), "text/html" | "application/xhtml+xml")
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One step on the way from a file to the bytes of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Offset and length in bytes, as they lie in the file (a gzip member, a plain record).
    Bytes(u64, u64),
    /// An entry of a zip or tar, by its name.
    Entry(String),
    /// Offset and length in bytes in a stream that has to be decoded from its start.
    Decoded(u64, u64),
}

/// Where the bytes of a record lie; enough to read them again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The source as it was given to the command: a file or the folder that was walked; absolute.
    pub source: String,
    /// The file: absolute, or relative to the folder named by `source`.
    pub path: String,
    /// From the file inwards; empty for a whole file.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Digest of the decoded payload; `None` where nothing was decoded.
    #[serde(default)]
    pub digest: Option<Digest>,
}

impl Origin {
    /// Offset and length in bytes of the first [`Step::Bytes`].
    pub fn extent(&self) -> Option<(u64, u64)> {
        self.steps.iter().find_map(|step| match step {
            Step::Bytes(offset, length) => Some((*offset, *length)),
            Step::Entry(_) | Step::Decoded(..) => None,
        })
    }

    /// The file that holds the bytes.
    pub fn file(&self) -> PathBuf {
        let path = PathBuf::from(&self.path);
        if path.is_absolute() {
            path
        } else {
            PathBuf::from(&self.source).join(path)
        }
    }
}

/// `news/2025.warc.gz` or `news/2025.warc.gz byte 81920`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for step in &self.steps {
            match step {
                Step::Bytes(offset, _) => write!(f, " byte {offset}")?,
                Step::Entry(name) => write!(f, " entry `{name}`")?,
                Step::Decoded(offset, _) => write!(f, " decoded byte {offset}")?,
            }
        }
        Ok(())
    }
}

/// What kind of item a record is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// An HTTP response.
    Response,
    /// A file, or a resource kept without HTTP headers.
    Resource,
    /// The server's or the crawler's word that the content is that of an earlier capture.
    Revisit {
        /// Address of the original, where the archive names it (WARC-Refers-To-Target-URI).
        url: Option<String>,
        /// Capture time of the original, where the archive names it (WARC-Refers-To-Date).
        date: Option<UnixSeconds>,
        /// Digest of the payload as the archive wrote it.
        digest: Option<String>,
    },
    /// A note on another record.
    Metadata {
        /// The record that is spoken of (WARC-Concurrent-To or WARC-Refers-To).
        concerns: Option<String>,
    },
}

/// Decoded bytes of a record, content and transfer encodings removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// In memory.
    Bytes(Vec<u8>),
    /// In a file of ours, as it is above the limit for memory; whoever reads the record last
    /// removes it.
    Spooled(PathBuf),
}

impl Payload {
    /// The bytes, if they lie in memory.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Spooled(_) => None,
        }
    }
}

/// One item that a source hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What kind of item it is.
    pub kind: RecordKind,
    /// Its address as the archive wrote it; for a file see `DESIGN` (declared, below a base, or
    /// `file:`).
    pub url: String,
    /// When it was captured.
    pub captured: UnixSeconds,
    /// HTTP status; `None` where there was no HTTP.
    pub status: Option<u16>,
    /// Sniffed from the payload, never only as declared.
    pub media_type: MediaType,
    /// HTTP headers: names in lower case, order kept, values without surrounding space.
    pub headers: Vec<(String, String)>,
    /// Decoded payload; empty for a revisit.
    pub payload: Payload,
    /// Digest of the whole decoded payload, also where what is kept of it was cut.
    pub digest: Option<Digest>,
    /// Payload digest as the archive wrote it (`sha1:…`), not checked.
    pub archive_digest: Option<String>,
    /// Whether the payload was cut, by the archive or at our limit.
    pub truncated: bool,
    /// Where the bytes lie.
    pub origin: Origin,
    /// What was odd about it, in the order it was noticed.
    pub warnings: Vec<String>,
}

impl Record {
    /// The value of the first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// How far a source was read: opaque to all but the source that gave it. Ordered as the records
/// of one source are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position(pub u64);
