//! The read path over an engine: pages, words let go, folding, and relevance on judged topics.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::print_stdout,
    reason = "what was skipped and what was measured"
)]

mod collection;
mod operators;
mod page;
mod pdf;
mod relevance;
mod vertical;
