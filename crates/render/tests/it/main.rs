//! The faces of an invented page, whole; hostile values; contrast.

mod contrast;
mod golden;
mod hostile;
mod pages;
