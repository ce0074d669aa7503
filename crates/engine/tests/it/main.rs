//! The engines against their promises and against each other.

mod folder;
mod promises;
