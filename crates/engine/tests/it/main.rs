//! The engines against their promises and against each other.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod crashes;
mod differential;
mod folder;
mod formats;
mod promises;
