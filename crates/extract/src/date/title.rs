//! A date at the beginning or end of the title: `02.06.2025 - Port dues rise`.

use std::sync::LazyLock;

use model::document::Evidence;
use model::time::PartialDate;
use regex::Regex;

use super::{Context, written};
use crate::html::dom::raw_text;

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    // Only with all four digits of the year, and set off from the words: `vom 22.04.2020` is
    // what the page speaks of.
    static SET_OFF: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{4}-\d\d-\d\d)\s*[-:|\u{2013}\u{2014}]\s")
            .expect("a constant pattern")
    });
    let page = context.page;
    let element = page
        .noted
        .titles
        .iter()
        .find_map(|id| page.node(*id))
        .map(raw_text);
    let title = element.as_deref().or_else(|| page.meta("og:title"))?;
    let found = SET_OFF.captures(title)?;
    let date = written::find(found.get(1)?.as_str(), context.month_first)?;
    super::possible(date, context.captured).then_some((date, Evidence::TitleElement))
}
