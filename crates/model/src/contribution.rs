//! Who says what of a thing, and how the sayings become one document.

use serde::{Deserialize, Serialize};

use crate::document::{Document, Key};
use crate::record::Origin;
use crate::time::UnixSeconds;

/// What one record gave. Deleting contributions and merging again is how things are forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Which thing it speaks of.
    pub key: Key,
    /// Where it was read.
    pub origin: Origin,
    /// The collection it belongs to.
    pub collection: String,
    /// When the record was captured.
    pub captured: UnixSeconds,
    /// Address of the record.
    pub url: String,
    /// What was said.
    pub body: Body,
}

/// What a contribution says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Body {
    /// A document as this record gave it.
    Document(Box<Document>),
}

impl Contribution {
    /// The total order in which contributions are merged: captured, address, collection, source
    /// path, offset.
    pub fn merge_order(&self) -> (UnixSeconds, &str, &str, &Origin) {
        (self.captured, &self.url, &self.collection, &self.origin)
    }
}

/// Which of several contributions to one *state* gives every field: the first in
/// [`Contribution::merge_order`]. Returns `None` for none.
///
/// The payloads of a state are equal by its key; what differs is where and when it was read.
pub fn merge(contributions: &[Contribution]) -> Option<&Document> {
    let first = contributions
        .iter()
        .min_by(|a, b| a.merge_order().cmp(&b.merge_order()))?;
    match &first.body {
        Body::Document(document) => Some(document),
    }
}
