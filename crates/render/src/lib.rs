//! The results page and its neighbours as HTML, text and JSON.
//!
//! Rendering decides nothing: what is shown and in what order stands in [`ResultsPage`]. Here is
//! only how it is said (`sentences`, `age`, `why`), how addresses are put together (`link`,
//! `breadcrumb`), and how each face lays it out (`text`, `json`, `html`).
#![warn(missing_docs)]

mod age;
mod breadcrumb;
mod html;
mod json;
mod link;
mod sentences;
mod snippet;
mod text;
mod why;

use model::page::ResultsPage;

pub use age::{age, day};
pub use html::copy::{CopyPage, CopyPages, CopyPassage, copy};
pub use html::{Html, home, message};
pub use json::Json;
pub use link::{copy_path, live, page_path, search_path, tab_path};
pub use text::Text;
pub use why::{Reason, why};

/// One face of the results page.
pub trait Renderer {
    /// Media type of what `render` returns, such as `text/html; charset=utf-8`.
    fn media_type(&self) -> &'static str;
    /// The page as text of that type. The same page gives the same text.
    fn render(&self, page: &ResultsPage) -> String;
}

/// The style sheet of every HTML page here; they link to it as `/style.css`.
pub const STYLE: &str = include_str!("../assets/style.css");

/// The icon of every HTML page here; they link to it as `/icon.svg`.
pub const ICON: &str = include_str!("../assets/icon.svg");

/// The keyboard script of every HTML page here; they link to it as `/script.js` and work without.
pub const SCRIPT: &str = include_str!("../assets/script.js");
