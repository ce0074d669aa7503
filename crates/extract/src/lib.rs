//! Records in, documents out: finds the extractor for a media type and runs it.
//!
//! Nothing here knows which source a record came from. Everything here runs in a worker process
//! with limits on memory and time; what a page can make large or deep is bounded here as well.
#![warn(missing_docs)]
#![warn(clippy::indexing_slicing)]

mod charset;
mod date;
mod html;
mod language;
mod ocr;
mod payload;
mod pdf;
mod plain;
mod text;
mod thread;
mod video;

use model::document::{Document, Key};
use model::part::Part;
use model::record::{MediaType, Record};
use serde::{Deserialize, Serialize};

pub use html::HtmlExtractor;
pub use ocr::Ocr;
pub use pdf::PdfExtractor;
pub use plain::PlainExtractor;
pub use thread::ThreadExtractor;
pub use video::VideoExtractor;

/// The version of what is extracted, kept with each document.
pub const EXTRACTOR_VERSION: u32 = 3; // bump when results change

/// What the user has set for extraction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// How pages without text are read; `None` where they stay without.
    pub ocr: Option<Ocr>,
}

impl Options {
    /// Whether programs of the user's may be started for a record of this type.
    pub fn runs_programs_for(&self, media_type: &MediaType) -> bool {
        self.ocr.is_some() && PdfExtractor.accepts(media_type)
    }
}

/// What one record gave.
#[derive(Debug, Default)]
pub struct Extracted {
    /// The documents in it, in the order of the record.
    pub documents: Vec<Document>,
    /// Posts in it, with the threads to which they belong.
    pub parts: Vec<(Key, Part)>,
    /// Absolute address to which a `meta` refresh sends the reader within 5 seconds.
    pub redirect: Option<String>,
    /// What was odd about it, in the order it was noticed; documents carry their own warnings.
    pub warnings: Vec<String>,
}

/// Why nothing could be said of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// Nobody reads this type; the record is skipped, which is no failure.
    #[error("no reader for `{media_type}`")]
    NoReader {
        /// The type.
        media_type: MediaType,
    },
    /// The spooled payload cannot be read.
    #[error("cannot read the spooled payload of `{url}`: {source}")]
    Payload {
        /// Address of the record.
        url: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The payload is not what it says it is, or nothing in it can be read.
    #[error("cannot read `{url}`: {reason}")]
    Broken {
        /// Address of the record.
        url: String,
        /// What is wrong with it, and the way out where there is one.
        reason: String,
    },
    /// The record carries no digest, so that its document would have no key.
    #[error("no digest for `{url}`")]
    NoDigest {
        /// Address of the record.
        url: String,
    },
}

/// Reads one family of media types. Holds no state between records.
pub trait Extractor: Send + Sync {
    /// Whether this extractor reads that type.
    fn accepts(&self, media_type: &MediaType) -> bool;

    /// Reads a record: the documents in it, and what was odd about it.
    ///
    /// An `Err` means that nothing could be said of it at all; [`ExtractError::NoReader`] passes
    /// the record on to the next extractor that accepts its type.
    fn extract(&self, record: &Record, options: &Options) -> Result<Extracted, ExtractError>;
}

/// All extractors; the first that accepts a type and does not pass the record on reads it.
const EXTRACTORS: &[&dyn Extractor] = &[
    &HtmlExtractor,
    &PdfExtractor,
    &PlainExtractor,
    &ThreadExtractor,
    &VideoExtractor,
];

/// Whether any extractor reads this type, so that payloads of other types need not travel.
pub fn accepts(media_type: &MediaType) -> bool {
    EXTRACTORS
        .iter()
        .any(|extractor| extractor.accepts(media_type))
}

/// Whether nothing can be made of the beginning of a payload of this type: a PDF has its table of
/// objects at its end.
pub fn wants_the_end(media_type: &MediaType) -> bool {
    PdfExtractor.accepts(media_type)
}

/// Finds the extractor by the record's media type and runs it.
///
/// Returns [`ExtractError::NoReader`] for types that nobody reads. Give it records without an
/// HTTP status or with one from 200 to 299 only: it does not look at the status.
/// Wants a stack of 8 MiB or more.
pub fn extract(record: &Record, options: &Options) -> Result<Extracted, ExtractError> {
    let readers = EXTRACTORS
        .iter()
        .filter(|extractor| extractor.accepts(&record.media_type));
    // JSON is of a discussion, of a video, or of neither: who does not know it passes it on.
    let unread = Err(ExtractError::NoReader {
        media_type: record.media_type.clone(),
    });
    readers.fold(unread, |found, extractor| match found {
        Err(ExtractError::NoReader { .. }) => extractor.extract(record, options),
        found => found,
    })
}
