//! The only line of the page that holds a date and nothing else: under a letter, above a text.

use std::sync::LazyLock;

use model::document::Evidence;
use model::time::PartialDate;
use regex::Regex;

use super::{Context, written};
use crate::html::blocks::BlockKind;

/// Longer lines hold more than a date (bytes).
const LINE_BYTES: usize = 48;

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    // A weekday, a date with or without the name of its month, a clock time.
    static ALONE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^\(?(?:\p{L}+,?\.?\s+)?
            (?:\d{1,2}(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?\p{L}{3,12}\.?,?\s+(?:de\s+)?\d{4}
              |\p{L}{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}
              |\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{4}|\d{4}[./-]\d{1,2}[./-]\d{1,2})
            \)?(?:,?\s*(?:[-|\u{2013}]|at|um|\u{e0})?\s*\d{1,2}[:.h]\d\d(?::\d\d)?(?:\s*(?:uhr|h|am|pm|a\.m\.|p\.m\.))?)?$",
        )
        .expect("a constant pattern")
    });
    let mut dates: Vec<PartialDate> = context
        .lines
        .iter()
        .filter(|block| block.kind == BlockKind::Text && block.text.len() <= LINE_BYTES)
        .filter(|block| ALONE.is_match(&block.text))
        .filter_map(|block| written::find(&block.text, context.month_first))
        .take(50)
        .collect();
    dates.dedup_by_key(|date| date.first_day());
    match dates.as_slice() {
        [date] if super::possible(*date, context.captured) => Some((*date, Evidence::Text)),
        _ => None,
    }
}
