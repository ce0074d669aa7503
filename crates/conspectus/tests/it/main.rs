//! Tests of the real binary, and of the tree itself.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where something is not as it should be, and says what it left out"
)]

mod binary;
mod browser;
mod captions;
mod command_line;
mod http;
mod http_pdf;
mod kills;
mod made_pdf;
mod pages;
mod pdf_files;
mod pdf_input;
mod pdf_order;
mod pdf_pages;
mod pdf_titles;
mod tidy;
mod webdriver;
