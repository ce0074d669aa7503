//! Which part of a page is its main text: a trait, and `trafilatura` behind it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use trafilatura::{ExtractionFocus, HtmlDateMode, Options};
use url::Url;

/// The main text of a page and its readers' comments, both as HTML with few tags and no
/// attributes; empty where none was found.
#[derive(Default)]
pub(crate) struct Found {
    /// The main text.
    pub(crate) content: String,
    /// Comments that are no part of it.
    pub(crate) comments: String,
}

/// Finds the main text of a page.
pub(crate) trait MainText {
    /// Reads a page that holds nothing hidden.
    fn find(&self, html: &str, url: Option<&Url>) -> Found;
}

/// The `trafilatura` crate, with the fallbacks of its Python ancestor.
pub(crate) struct Trafilatura;

impl MainText for Trafilatura {
    fn find(&self, html: &str, url: Option<&Url>) -> Found {
        let mut options = Options::default()
            .with_fallback(true)
            .with_focus(ExtractionFocus::Balanced)
            // Dates are read by our own module.
            .with_html_date_mode(HtmlDateMode::Disabled);
        if let Some(url) = url {
            options = options.with_url(url.clone());
        }
        // It is young: a page on which it panics is still read by the plain walk.
        let found = catch_unwind(AssertUnwindSafe(|| trafilatura::extract(html, &options)));
        match found {
            Ok(Ok(result)) => Found {
                content: result.content_html,
                comments: result.comments_html,
            },
            Ok(Err(_)) | Err(_) => Found::default(),
        }
    }
}
