//! Measures of retrieval: judgements and runs in, nDCG, MRR and recall out. Knows no engine.
#![warn(missing_docs)]

mod measure;
mod qrels;
mod run;

pub use measure::{Measures, ndcg, recall, reciprocal_rank};
pub use qrels::Qrels;
pub use run::Run;

/// A line that is no judgement or no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no {what}: `{text}`")]
pub struct FormatError {
    /// From 1.
    pub line: usize,
    /// `judgement` or `result`.
    pub what: &'static str,
    /// The line.
    pub text: String,
}
