//! The faces of an invented page, whole; hostile values; contrast.
#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may panic")]

mod cards;
mod contrast;
mod golden;
mod hostile;
mod pages;
