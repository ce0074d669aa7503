//! The results page as a value that every interface renders.
//!
//! Composing decides what is shown and in what order; rendering decides nothing.

use std::time::Duration;

use crate::capture::CaptureId;
use crate::document::{DocumentId, Locator};
use crate::hit::{Evidence, Snippet, Total};
use crate::time::{PartialDate, UnixSeconds};

/// A results page.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultsPage {
    /// The query as asked and as understood.
    pub query: QueryLine,
    /// Top to bottom.
    pub blocks: Vec<Block>,
    /// Results in all, before folding.
    pub total: Total,
    /// Results that stand before this page.
    pub offset: usize,
    /// Results asked for per page.
    pub count: usize,
    /// Whether there are results behind this page.
    pub more: bool,
    /// How long it took; set by the caller, as composing reads no clock.
    pub took: Option<Duration>,
}

/// The query line.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryLine {
    /// As typed.
    pub text: String,
    /// The clock by which ages are told.
    pub now: UnixSeconds,
    /// Words let go because too few documents hold them all, in the order of the query.
    pub relaxed: Vec<String>,
    /// The filters, in the order of the query, with what each took away.
    pub filters: Vec<FilterLine>,
    /// What was not understood, whole sentences.
    pub warnings: Vec<String>,
    /// Documents in the index; 0 tells an empty index from a query without an answer.
    pub documents: u64,
}

/// A filter as the page tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterLine {
    /// The operator's name: `site`.
    pub operator: String,
    /// Its value as understood: `example.org`.
    pub value: String,
    /// Whether it excludes.
    pub negated: bool,
    /// How many documents that match the words it took away, undated ones included.
    pub removed: Total,
    /// How many of those only because their date is unknown.
    pub undated: Total,
    /// The query without this filter.
    pub without: String,
}

/// A block of the main column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// One web result: a page, a PDF, a file.
    Web(Box<WebResult>),
}

/// The copy that the collection holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// A capture.
    Capture(CaptureId),
    /// A document without a single capture.
    Document(DocumentId),
}

/// Which date an age tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateKind {
    /// When it was published.
    Published,
    /// When it was last changed.
    Modified,
}

/// A date to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownDate {
    /// As precise as its source.
    pub date: PartialDate,
    /// What it is the date of.
    pub kind: DateKind,
}

/// A web result.
#[derive(Clone, Debug, PartialEq)]
pub struct WebResult {
    /// The document.
    pub document: DocumentId,
    /// The live address, without the locator.
    pub url: String,
    /// Where the snippet begins.
    pub locator: Locator,
    /// The copy that we hold.
    pub copy: Option<Copy>,
    /// When that copy was captured.
    pub captured: UnixSeconds,
    /// BCP 47.
    pub language: Option<String>,
    /// How many captures of this address we hold.
    pub captures: u32,
    /// When the first of them was made.
    pub first_captured: Option<UnixSeconds>,
    /// Set for an older state: when another one took its place.
    pub held_until: Option<UnixSeconds>,
    /// Other matching places of the same document, in reading order.
    pub also: Vec<Locator>,
    /// Never empty.
    pub site_name: String,
    /// Host without `www.`, in Unicode where that is safe; never empty.
    pub host: String,
    /// Steps behind the host; never cut.
    pub breadcrumb: Vec<String>,
    /// Never cut, never empty.
    pub title: String,
    /// What to tell as its age.
    pub date: Option<ShownDate>,
    /// What it says to the query.
    pub snippet: Snippet,
    /// `pdf` and the like: the file type, where it is no HTML.
    pub badge: Option<String>,
    /// Number of pages of a PDF.
    pub pages: Option<u32>,
    /// Whether it is a scan: its text is in pictures, and it was found by other words.
    pub no_text_layer: bool,
    /// Results of the same site folded behind this one.
    pub more_from_site: u32,
    /// The site that `more_from_site` speaks of: a registrable domain.
    pub site: String,
    /// Identical and near-identical documents behind this one, in order of rank.
    pub duplicates: Vec<Duplicate>,
    /// Why it stands where it stands, most weighty first; empty where nobody asked.
    pub explanation: Vec<Evidence>,
    /// The score that `explanation` adds up to.
    pub score: f32,
}

/// A copy of a result at another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The document.
    pub document: DocumentId,
    /// Its live address.
    pub url: String,
    /// Its title.
    pub title: String,
}
