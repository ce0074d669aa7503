//! The read path over an engine: pages, words let go, folding, and relevance on judged topics.

mod collection;
mod operators;
mod page;
mod relevance;
