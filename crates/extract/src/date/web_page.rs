//! Dates of the `WebPage` itself in JSON-LD: sites give these to product and start pages too, so
//! that they come behind those of an article.

use model::document::Evidence;
use model::time::PartialDate;

use super::{Context, json_ld};

const PAGES: &[&str] = &[
    "WebPage",
    "ItemPage",
    "AboutPage",
    "ProfilePage",
    "MedicalWebPage",
];

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    json_ld::read(
        context,
        Evidence::JsonLd,
        PAGES,
        &["datePublished", "dateCreated"],
    )
}

pub(super) fn modified(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    json_ld::read(context, Evidence::JsonLd, PAGES, &["dateModified"])
}
