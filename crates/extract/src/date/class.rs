//! Dates in elements whose class or id says so, beside the first heading.

use model::document::Evidence;
use model::time::PartialDate;

use super::{Context, written};
use crate::html::dom::{PageNode, attr, name, short_text};

/// How many elements may stand between the heading and the date: themes put it into the same
/// header; further away stand the dates of other articles.
const BEFORE: usize = 30;
const BEHIND: usize = 60;
/// Longer text is a paragraph that happens to name a day (characters).
const TEXT_CHARS: usize = 120;

/// Parts of class names and ids.
const WORDS: &[&str] = &[
    "date",
    "publi",
    "byline",
    "datum",
    "fecha",
    "tarih",
    "posted",
    "timestamp",
    "entry-meta",
    "post-meta",
    "article-meta",
    "article__meta",
    "meta-info",
    "dateline",
    "pubtime",
    "zeit",
    "fecha",
    "submitted",
];

/// Words in which one of those stands by chance.
const CHANCE: &[&str] = &[
    "update",
    "validate",
    "candidate",
    "republi",
    "public-",
    "mandate",
];

/// Whether a class list or id, in lower case, speaks of a date.
pub(crate) fn speaks_of_a_date(value: &str) -> bool {
    WORDS.iter().any(|word| value.contains(word))
}

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    let page = context.page;
    let heading = page.noted.first_headings.first().map(|(order, _)| *order)?;
    page.noted
        .dated_classes
        .iter()
        .filter(|(order, _)| order + BEFORE >= heading && *order <= heading + BEHIND)
        .find_map(|(_, id)| {
            let node = page.node(*id)?;
            if is_foreign(node) {
                return None;
            }
            let text = short_text(node);
            if text.chars().count() > TEXT_CHARS {
                return None;
            }
            let date = written::find(&text, context.month_first)?;
            date.day()?;
            super::possible(date, context.captured).then_some((date, Evidence::Class))
        })
}

fn is_foreign(node: PageNode<'_>) -> bool {
    let own = [
        attr(node, "class").unwrap_or_default(),
        attr(node, "id").unwrap_or_default(),
    ]
    .join(" ")
    .to_ascii_lowercase();
    if CHANCE.iter().any(|word| own.contains(word)) {
        return true;
    }
    node.ancestors().take(64).any(|ancestor| {
        if matches!(name(ancestor), "aside" | "nav" | "footer") {
            return true;
        }
        let class = attr(ancestor, "class").unwrap_or_default();
        class.len() < 500
            && !matches!(name(ancestor), "body" | "html")
            && ["comment", "related", "sidebar", "widget"]
                .iter()
                .any(|word| class.to_ascii_lowercase().contains(word))
    })
}
