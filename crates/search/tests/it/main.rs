//! The read path over an engine: pages, words let go, folding, and relevance on judged topics.

mod collection;
mod page;
mod relevance;
