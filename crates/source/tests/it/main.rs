//! What the readers do with whole files, good and bad.

mod build;
mod damage;
mod hostile;
mod pages;
mod properties;
mod records;
mod shared_data;
