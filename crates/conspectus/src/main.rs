//! Conspectus.
fn main() {}
