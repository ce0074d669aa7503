//! What is kept: a store that is the truth and an index that follows it, behind three traits.
#![warn(missing_docs)]

pub mod analysis;
pub mod conformance;
pub mod embedded;
mod entry;
mod evidence;
mod filter;
mod fold;
mod marks;
pub mod naive;
mod places;
mod revisit;
mod sketch;
mod stopwords;
mod tags;
mod tail;
pub mod terms;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use model::address::{Host, Surt};
use model::capture::{Capture, CaptureId, Redirect};
use model::contribution::Contribution;
use model::document::{Document, DocumentId, Passage};
use model::hit::{Found, Head};
use model::query::{Filter, Plan};
use model::record::{Origin, Position};
use model::time::UnixSeconds;

/// What an engine cannot do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Another process holds the lock.
    #[error("the index at `{path}` is being written by {holder}")]
    Locked {
        /// The index.
        path: String,
        /// Who holds the lock: `process 123 (conspectus add)`.
        holder: String,
    },
    /// The store was written by a newer program.
    #[error("the store at `{path}` has format {found}, newer than {known}, the newest known")]
    NewerFormat {
        /// The index.
        path: String,
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The store is damaged; it is the truth, so nothing can be made from the rest.
    #[error("the store at `{path}` is damaged: {reason}")]
    BrokenStore {
        /// The index.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The index is behind the store, and cannot be brought up here.
    #[error("the index at `{path}` is behind its store, and the folder is read-only")]
    Behind {
        /// The index.
        path: String,
    },
    /// There is no index there.
    #[error("there is no index at `{path}`")]
    Missing {
        /// The index.
        path: String,
    },
    /// Something newer than this engine.
    #[error("this engine cannot keep {what}")]
    Unsupported {
        /// What it is.
        what: &'static str,
    },
    /// The store failed.
    #[error("store")]
    Store(#[from] rusqlite::Error),
    /// The index failed.
    #[error("index")]
    Index(#[from] tantivy::TantivyError),
    /// Reading or writing a file failed.
    #[error("`{path}`")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A row that we wrote cannot be read.
    #[error("a row of `{table}` cannot be read")]
    Row {
        /// The table.
        table: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// The sequence number of a commit; 0 for an empty engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub u64);

/// Keeps what was collected, and gives candidates.
pub trait Engine: Send + Sync {
    /// The one writer; fails if another process or another value of this one holds the lock.
    fn writer(&self) -> Result<Box<dyn Writer + '_>, EngineError>;
    /// The newest commit, whole.
    fn view(&self) -> Result<Arc<dyn View>, EngineError>;
}

/// What can be said to an engine.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// What one record gave.
    Contribution(Box<Contribution>),
    /// An address, seen once. Its `document` may be unknown until the original of a revisit turns
    /// up; the engine finds it.
    Capture(Box<Capture>),
    /// One address pointing to another.
    Redirect {
        /// From where to where, and when.
        redirect: Redirect,
        /// The collection.
        collection: String,
        /// Where the record lies.
        origin: Origin,
    },
    /// What became of a record that could not be read.
    Outcome(Outcome),
    /// Takes back what was read of a file into a collection at or behind an offset, by the first
    /// [`model::record::Step::Bytes`] of its origins: contributions, origins of captures (a
    /// capture without origins goes), redirects, and outcomes. What came from a whole file stays.
    ///
    /// What follows in the same commit may say it again; documents merge from what is left, and
    /// one without contributions goes. A capture that another file holds keeps what it was told
    /// besides its origins.
    Retract {
        /// Absolute path of the file, as [`Origin::file`] gives it.
        path: String,
        /// The collection; the journal has none.
        collection: String,
        /// Offset in bytes.
        from: u64,
    },
}

/// How a record ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeClass {
    /// Read after passing over damaged bytes.
    Repaired,
    /// Left out on purpose.
    Skipped,
    /// Could not be read.
    Failed,
}

/// A row of the journal. One per place and class: said again it replaces the earlier one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// Where.
    pub origin: Origin,
    /// The address, where it is known.
    pub url: Option<String>,
    /// How it ended.
    pub class: OutcomeClass,
    /// Why, a sentence without a full stop.
    pub reason: String,
    /// When it was tried last.
    pub tried: UnixSeconds,
}

/// What a source looked like when it was read, so that it need not be read again.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SourceState {
    /// Absolute path of the file.
    pub path: String,
    /// Collection that it was added to.
    pub collection: String,
    /// Size in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified_nanos: i64,
    /// Digest of its first bytes, to tell a grown file from another one.
    pub beginning: String,
    /// The reader that read it, with its version: `warc 1`.
    pub reader: String,
    /// How far it was read.
    pub position: Position,
    /// Whether its end was reached.
    pub complete: bool,
}

/// The one writer of an engine.
pub trait Writer {
    /// Takes a change. Nothing shows before `commit`. What says nothing new is no write.
    fn apply(&mut self, change: Change) -> Result<(), EngineError>;
    /// Bytes of changes taken since the last commit, roughly.
    fn pending_bytes(&self) -> u64;
    /// Makes all of it visible, with how far the sources were read, or none of it.
    fn commit(&mut self, reached: &[SourceState]) -> Result<CommitId, EngineError>;
    /// What is known of a file that was read before into that collection (also uncommitted).
    fn source(&self, path: &str, collection: &str) -> Result<Option<SourceState>, EngineError>;
}

/// How many documents have each value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// The words of [`model::document::Kind`].
    Kind,
    /// Collections.
    Collection,
    /// Primary languages; empty text for unknown.
    Language,
    /// Registrable domains.
    Site,
}

/// What an index holds in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Documents, older states among them.
    pub documents: u64,
    /// Captures.
    pub captures: u64,
    /// Redirects.
    pub redirects: u64,
    /// Rows of the journal.
    pub outcomes: u64,
    /// Bytes on disk, 0 where nothing lies there.
    pub bytes: u64,
    /// When the last commit was made, by the clock of the writer; `None` for an empty engine.
    pub committed: Option<UnixSeconds>,
}

/// One commit, whole: everything it answers comes from the same state of store and index.
pub trait View: Send + Sync {
    /// Which commit.
    fn commit(&self) -> CommitId;
    /// Candidates, with their score in each channel and their best passages; how many there are
    /// in all, and how many each filter took away, undated ones apart.
    fn candidates(&self, plan: &Plan<'_>) -> Result<Found, EngineError>;
    /// What ranking needs of documents without reading their text, in the order of `ids`.
    fn heads(&self, ids: &[DocumentId]) -> Result<Vec<Option<Head>>, EngineError>;
    /// Some passages of a document, without reading the rest of it; numbers beyond the last give
    /// nothing.
    fn passages(&self, id: DocumentId, which: Range<u32>) -> Result<Vec<Passage>, EngineError>;
    /// A whole document.
    fn document(&self, id: DocumentId) -> Result<Option<Document>, EngineError>;
    /// A document without passages and links.
    fn outline(&self, id: DocumentId) -> Result<Option<Document>, EngineError>;
    /// A capture.
    fn capture(&self, id: CaptureId) -> Result<Option<Capture>, EngineError>;
    /// The captures of an address, by time and id.
    fn captures(&self, of: &Surt) -> Result<Vec<Capture>, EngineError>;
    /// The captures that gave a document, by time and id.
    fn captures_of(&self, document: DocumentId) -> Result<Vec<Capture>, EngineError>;
    /// The name that most pages of a host give their site; ties by name. Where pages of the host
    /// give none: what the pages of its registrable domain say.
    fn site_name(&self, host: &Host) -> Result<Option<String>, EngineError>;
    /// How many documents hold a word in title or main text, by the word as written (folded, not
    /// stemmed), and by its stems.
    fn frequency(&self, word: &str) -> Result<u64, EngineError>;
    /// How many documents have each value, most first, ties by value.
    fn counts(&self, by: Facet, filters: &[Filter]) -> Result<Vec<(String, u64)>, EngineError>;
    /// Ids in order, from behind `id`, at most `limit`.
    fn ids_after(
        &self,
        id: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentId>, EngineError>;
    /// The contributions to a document, in merge order.
    fn contributions(&self, id: DocumentId) -> Result<Vec<Contribution>, EngineError>;
    /// Ids of what is held without being a document, in order, from behind `id`, at most `limit`:
    /// threads without their opening post. [`View::contributions`] gives what is held of them.
    fn waiting_after(
        &self,
        id: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentId>, EngineError>;
    /// Captures in order of their ids, from behind `id`, at most `limit`.
    fn captures_after(
        &self,
        id: Option<CaptureId>,
        limit: usize,
    ) -> Result<Vec<Capture>, EngineError>;
    /// All redirects with collection and origin, sorted.
    fn redirects(&self) -> Result<Vec<(Redirect, String, Origin)>, EngineError>;
    /// The journal, sorted by origin.
    fn journal(&self) -> Result<Vec<Outcome>, EngineError>;
    /// Languages (primary subtags, empty for unknown) in which query words are analysed: those of
    /// at least a hundredth of the documents, at most eight, most documents first, ties by name.
    fn languages(&self) -> Result<Vec<String>, EngineError>;
    /// What is in it.
    fn totals(&self) -> Result<Totals, EngineError>;
}

/// Counts by class, as summaries print them.
pub type OutcomeCounts = BTreeMap<OutcomeClass, u64>;
