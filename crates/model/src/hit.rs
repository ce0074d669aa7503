//! What was found and how well: candidates, the evidence for ranking, hits, snippets.

use std::ops::Range;

use crate::capture::Interval;
use crate::document::{DocumentId, Kind, Locator};
use crate::record::Digest;
use crate::time::{PartialDate, UnixSeconds};

/// A way of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// BM25 over the pre-weighted field: title three times, headings twice, main text.
    Text,
    /// BM25 over the words of the address.
    Address,
    /// BM25 over the anchor texts of links that point to the document.
    Anchor,
    /// How closely the query's words stand together in the pre-weighted field, 0 to 1: the share
    /// of adjacent pairs of query words that occur next to each other in the order of the query,
    /// weighted by how rarely they do.
    Proximity,
}

/// What an engine found.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The document: the newest state of its address that matches.
    pub document: DocumentId,
    /// One score per channel that found it, in the order of [`Channel`]; unbounded, above 0.
    pub scores: Vec<(Channel, f32)>,
    /// Passages that hold words of the query: number and score, best first, at most eight.
    pub passages: Vec<(u32, f32)>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// Counted.
    Exact(u64),
    /// A lower bound.
    AtLeast(u64),
}

impl Total {
    /// The number, exact or not.
    pub fn count(self) -> u64 {
        match self {
            Self::Exact(count) | Self::AtLeast(count) => count,
        }
    }
}

/// What one filter took away of the documents that match the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Number of the filter in the plan.
    pub filter: usize,
    /// How many it took away, undated ones included.
    pub removed: Total,
    /// How many of those only because their date is unknown.
    pub undated: Total,
}

/// What an engine answers to a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Best first by the sum of the channel scores; where the expression asks for no word, newest
    /// first by the first day of publication, else the day of the first capture. Ties go by
    /// document id.
    pub candidates: Vec<Candidate>,
    /// Addresses (not states) that match.
    pub total: Total,
    /// One entry per filter, in the order of the plan.
    pub removed: Vec<Removed>,
}

/// What ranking and folding need of a document without reading its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Its live address.
    pub url: String,
    /// The title.
    pub title: String,
    /// BCP 47.
    pub language: Option<String>,
    /// Publication date.
    pub published: Option<PartialDate>,
    /// Date of the last change.
    pub modified: Option<PartialDate>,
    /// When it was first captured.
    pub captured: UnixSeconds,
    /// The canonical address that the page names.
    pub canonical: Option<String>,
    /// Digest of the payload, where the document is a state.
    pub digest: Option<Digest>,
    /// 64-bit simhash of the main text's word shingles; near-duplicates differ in few bits;
    /// `None` where the text is too short for it to mean anything.
    pub sketch: Option<u64>,
    /// Tokens of the main text.
    pub length: u32,
    /// Number of passages.
    pub passages: u32,
    /// Sites (registrable domains) other than its own that link here, as a power of two:
    /// 0 for none, n for 2^(n-1) to 2^n - 1.
    pub linking_sites: u8,
    /// The stretches in which this state held, in order; empty where the document is no state.
    pub held: Vec<Interval>,
    /// Whether this is the newest state of its address.
    pub newest: bool,
}

/// Evidence for ranking; a closed list, computed in `search::rank::features` and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// Score of [`Channel::Text`], divided by the best of the query: 0 to 1.
    Text,
    /// Score of [`Channel::Anchor`], divided by the best of the query: 0 to 1.
    Anchor,
    /// Score of [`Channel::Address`], divided by the best of the query: 0 to 1.
    Address,
    /// [`Channel::Proximity`]: 0 to 1.
    Proximity,
    /// Share of the query's words that stand in the title, by their rarity: 0 to 1.
    Title,
    /// How nearly the words of the query stand in the best passage as they stand in the query: the
    /// cube of its score, as only what is nearly the same says more than the words: 0 to 1.
    Passage,
    /// Sites that link here, as a power of two, divided by 10 and capped: 0 to 1.
    Links,
    /// Whether the document is written in a language of the reader's: 0 or 1.
    Language,
    /// 1 for a page with hardly any text, 0 from 50 words on.
    Thin,
}

impl Feature {
    /// All features in the order in which they are explained.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Title,
        Self::Passage,
        Self::Proximity,
        Self::Anchor,
        Self::Address,
        Self::Links,
        Self::Language,
        Self::Thin,
    ];
}

/// One piece of evidence for a hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// What.
    pub feature: Feature,
    /// Its value; the range stands with the feature.
    pub value: f32,
    /// What the model multiplies it with.
    pub weight: f32,
}

/// A candidate, ranked.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The document.
    pub document: DocumentId,
    /// What is known of it without its text.
    pub head: Head,
    /// Sum of values times weights; comparable within one query only.
    pub score: f32,
    /// Passages best first.
    pub passages: Vec<(u32, f32)>,
    /// All that the ranker saw.
    pub features: Vec<Evidence>,
}

/// A piece of a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Not escaped, one line.
    pub text: String,
    /// What to mark: byte ranges, sorted, disjoint, on character boundaries.
    pub marks: Vec<Range<usize>>,
    /// Whether text of the same passage was left out before it.
    pub cut_before: bool,
    /// Whether text of the same passage was left out behind it.
    pub cut_after: bool,
}

/// What a document says to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// In reading order; empty where the document has neither text nor description.
    pub fragments: Vec<Fragment>,
    /// Where the first fragment stands.
    pub locator: Locator,
    /// The passage of the first fragment; `None` for the page's own description.
    pub passage: Option<u32>,
}
