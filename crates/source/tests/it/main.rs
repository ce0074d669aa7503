//! What the readers do with whole files, good and bad.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests: a helper of theirs fails the test that calls it, and a skipped one says why"
)]

mod build;
mod damage;
mod dumps;
mod errors;
mod hostile;
mod pages;
mod properties;
mod records;
mod shared_data;
mod videos;
