//! Dates of the article, posting or video that a page describes in JSON-LD.

use model::document::Evidence;
use model::time::PartialDate;

use super::{Context, written};
use crate::html::structured::Item;

/// Types that a page is, in contrast to things that it lists or that readers added.
pub(super) const ARTICLES: &[&str] = &[
    "Article",
    "NewsArticle",
    "ReportageNewsArticle",
    "AnalysisNewsArticle",
    "OpinionNewsArticle",
    "BackgroundNewsArticle",
    "ReviewNewsArticle",
    "AdvertiserContentArticle",
    "SatiricalArticle",
    "ScholarlyArticle",
    "MedicalScholarlyArticle",
    "TechArticle",
    "APIReference",
    "Report",
    "BlogPosting",
    "LiveBlogPosting",
    "SocialMediaPosting",
    "DiscussionForumPosting",
    "QAPage",
    "Question",
    "VideoObject",
    "PodcastEpisode",
    "Recipe",
    "Blog",
];

/// Properties whose items are other things than the page.
const ELSEWHERE: &[&str] = &[
    "itemListElement",
    "comment",
    "review",
    "reviews",
    "suggestedAnswer",
    "acceptedAnswer",
    "hasPart",
    "relatedLink",
    "mentions",
    "about",
    "citation",
    "blogPost",
    "blogPosts",
    "video",
    "associatedMedia",
];

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    read(
        context,
        Evidence::JsonLd,
        ARTICLES,
        &["datePublished", "uploadDate", "dateCreated"],
    )
}

pub(super) fn modified(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    read(context, Evidence::JsonLd, ARTICLES, &["dateModified"])
}

/// The first of these properties in the items of these types and this syntax; an item of its own
/// goes before a part of another.
pub(super) fn read(
    context: &Context<'_>,
    evidence: Evidence,
    types: &[&str],
    properties: &[&str],
) -> Option<(PartialDate, Evidence)> {
    let data = context.data;
    let items: Vec<&Item> = data
        .of_types(types)
        .filter(|item| item.evidence == evidence && !data.stands_in(item, ELSEWHERE))
        .take(200)
        .collect();
    properties.iter().find_map(|property| {
        items.iter().find_map(|item| {
            let date = written::stamp(item.text(property)?, context.month_first)?;
            super::possible(date, context.captured).then_some((date, evidence))
        })
    })
}
