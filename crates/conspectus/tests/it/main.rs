//! Tests of the real binary, and of the tree itself.

mod binary;
mod browser;
mod command_line;
mod http;
mod kills;
mod pages;
mod tidy;
mod webdriver;
