//! The HTML pages: whole documents without inline script or style.
//!
//! `results` and `cards` make the values that the template of the results page shows, `copy` is the copy
//! that we hold, `direction` says which way a language is written. Templates lie in `templates/`;
//! askama escapes every value in them.

mod cards;
pub(crate) mod copy;
mod direction;
mod results;

use askama::Template;
use model::page::ResultsPage;

use crate::Renderer;
use crate::sentences::{clean, holds, number, quoted};
use crate::snippet::Piece;

/// A whole HTML document. Needs `/style.css` ([`crate::STYLE`]) to look good, and no script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Html;

impl Renderer for Html {
    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn render(&self, page: &ResultsPage) -> String {
        written(&results::ResultsView::of(page))
    }
}

/// What every page has: the title of the window and what stands in the search box.
struct Frame {
    title: String,
    query: String,
    /// The tab that a search from here stays in.
    kind: Option<&'static str>,
}

impl Frame {
    fn of(title: &str, query: &str) -> Self {
        let title = clean(title);
        let title = match title.trim() {
            "" => "Conspectus".to_owned(),
            title => format!("{title} – Conspectus"),
        };
        Self {
            title,
            query: clean(query).trim().to_owned(),
            kind: None,
        }
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    empty: bool,
    holds: String,
    collections: Vec<(String, String)>,
}

/// The front page: the search box, and what is in the index (`collections` with their numbers of
/// documents, in the order given). With an empty index it says how to add something.
pub fn home(documents: u64, collections: &[(String, u64)]) -> String {
    written(&Home {
        frame: Frame::of("", ""),
        empty: documents == 0,
        holds: holds(documents),
        collections: collections
            .iter()
            .map(|(name, documents)| (clean(name), number(*documents)))
            .collect(),
    })
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    frame: Frame,
    status: u16,
    title: String,
    text: Vec<Piece>,
    hint: Option<Vec<Piece>>,
}

/// A page that says what went wrong (`status` as in HTTP) and what can be done about it.
pub fn message(status: u16, title: &str, text: &str, hint: Option<&str>) -> String {
    written(&Message {
        frame: Frame::of(title, ""),
        status,
        title: clean(title),
        text: quoted(text),
        hint: hint.map(quoted),
    })
}

fn written(template: &impl Template) -> String {
    template
        .render()
        .expect("writing into a string cannot fail")
}

/// Pieces with what HTML does not allow taken out.
fn cleaned(pieces: Vec<Piece>) -> Vec<Piece> {
    pieces
        .into_iter()
        .map(|piece| Piece {
            text: clean(&piece.text),
            marked: piece.marked,
        })
        .collect()
}
