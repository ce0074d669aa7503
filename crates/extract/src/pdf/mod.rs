//! PDFs: pages, lines in reading order, metadata, passages with their page.

mod line;
mod links;
mod metadata;
mod outline;
mod title;

use model::record::{MediaType, Record};

use crate::{ExtractError, Extracted, Extractor, Options};

/// Reads PDF.
pub struct PdfExtractor;

impl Extractor for PdfExtractor {
    fn accepts(&self, media_type: &MediaType) -> bool {
        matches!(media_type.as_str(), "application/pdf" | "application/x-pdf")
    }

    fn extract(&self, record: &Record, _: &Options) -> Result<Extracted, ExtractError> {
        Err(ExtractError::NoReader {
            media_type: record.media_type.clone(),
        })
    }
}
