//! The read path: a query becomes a results page, over any engine.
#![warn(missing_docs)]

mod snippet;
mod terms;
pub mod understand;

use model::time::UnixSeconds;

pub use understand::understand;

/// What a person or a program asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The query as typed.
    pub text: String,
    /// The clock.
    pub now: UnixSeconds,
    /// Results to pass over.
    pub offset: usize,
    /// Results wanted.
    pub count: usize,
    /// Whether each result is to say why it stands where it stands.
    pub explain: bool,
    /// Whether operators are read; without, the query is plain words.
    pub operators: bool,
    /// The reader's languages, BCP 47, most liked first; may be empty.
    pub languages: Vec<String>,
}
