//! The values that travel through Conspectus: no I/O, no clock, no randomness, no engine.
//!
//! In the order of the flow: bytes become a [`record::Record`], a record gives
//! [`contribution::Contribution`]s and a [`capture::Capture`], contributions merge into a
//! [`document::Document`], a [`query::Query`] finds [`hit::Candidate`]s among them, ranking makes
//! [`hit::Hit`]s of those, and composing makes a [`page::ResultsPage`].
#![warn(missing_docs)]

pub mod address;
pub mod capture;
pub mod contribution;
pub mod document;
pub mod hit;
pub mod interchange;
pub mod page;
pub mod part;
pub mod query;
pub mod record;
pub mod time;
