//! What the readers do with whole files, good and bad.

mod build;
mod shared_data;
