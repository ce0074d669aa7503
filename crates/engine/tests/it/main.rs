//! The engines against their promises and against each other.

mod crashes;
mod differential;
mod folder;
mod promises;
