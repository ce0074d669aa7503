//! The engines against their promises and against each other.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod costs;
mod crashes;
mod differential;
mod folder;
mod formats;
mod promises;
