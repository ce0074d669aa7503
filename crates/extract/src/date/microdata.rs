//! Dates of an article in microdata and RDFa.

use model::document::Evidence;
use model::time::PartialDate;

use super::{Context, json_ld, written};
use crate::html::dom::attr;
use crate::html::microdata_value;

const TYPES: &[&str] = &["WebPage", "CreativeWork"];

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    read(context, &["datePublished", "dateCreated", "uploadDate"])
        .or_else(|| ownerless(context, "datepublished"))
}

pub(super) fn modified(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    read(context, &["dateModified"]).or_else(|| ownerless(context, "datemodified"))
}

fn read(context: &Context<'_>, properties: &[&str]) -> Option<(PartialDate, Evidence)> {
    [Evidence::Microdata, Evidence::Rdfa]
        .into_iter()
        .find_map(|syntax| {
            json_ld::read(context, syntax, json_ld::ARTICLES, properties)
                .or_else(|| json_ld::read(context, syntax, TYPES, properties))
        })
}

/// Themes write `itemprop=datePublished` without any `itemscope` around it.
fn ownerless(context: &Context<'_>, property: &str) -> Option<(PartialDate, Evidence)> {
    let page = context.page;
    page.noted.item_props.iter().take(500).find_map(|id| {
        let node = page.node(*id)?;
        let named = attr(node, "itemprop")?
            .split_ascii_whitespace()
            .any(|name| name.eq_ignore_ascii_case(property));
        let owned = node
            .ancestors()
            .take(256)
            .any(|ancestor| attr(ancestor, "itemscope").is_some());
        if !named || owned {
            return None;
        }
        let date = written::stamp(&microdata_value(node), context.month_first)?;
        super::possible(date, context.captured).then_some((date, Evidence::Microdata))
    })
}
