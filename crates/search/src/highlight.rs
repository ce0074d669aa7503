//! The words of a query in any text: for the copy of a document.

use std::ops::Range;

use crate::Request;
use crate::terms::{Marker, Terms};

/// Marks what a query looks for.
#[derive(Clone, Debug)]
pub struct Highlighter {
    terms: Terms,
}

impl Highlighter {
    /// For the query of a request.
    pub fn new(request: &Request) -> Self {
        let query = crate::understand(request);
        Self {
            terms: Terms::of(&query.expr, &mut |_| 0.0),
        }
    }

    /// For texts in a language (BCP 47).
    pub fn in_language(&self, language: Option<&str>) -> TextMarker {
        TextMarker(self.terms.in_language(language))
    }
}

/// Marks what a query looks for in texts of one language.
#[derive(Clone, Debug)]
pub struct TextMarker(Marker);

impl TextMarker {
    /// Byte ranges of the text: sorted, disjoint, on character boundaries.
    pub fn marks(&self, text: &str) -> Vec<Range<usize>> {
        self.0.ranges(text)
    }
}
