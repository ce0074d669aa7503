//! Dates in `meta` elements.

use model::document::Evidence;
use model::time::PartialDate;

use super::{Context, written};

/// Names in lower case, most trusted first; those that htmldate and the census of our sample
/// pages know. `lastmodified` and the like are times of change and stand below.
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "date.published",
    "published_time",
    "article:published",
    "article.published",
    "article_date_original",
    "article:publicationdate",
    "originalpublicationdate",
    "publication_date",
    "publication-date",
    "publicationdate",
    "published-date",
    "published_date",
    "publish_date",
    "publish-date",
    "publishdate",
    "pub_date",
    "pubdate",
    "sailthru.date",
    "parsely-pub-date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "citation_publication_date",
    "citation_online_date",
    "citation_date",
    "bt:pubdate",
    "dcterms.issued",
    "dc.date.issued",
    "dc.date.created",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "dc:date",
    "dcsext.articlefirstpublished",
    "rnews:datepublished",
    "gentime",
    "article.created",
    "article:created",
    "datecreated",
    "date_created",
    "created",
    "creation_date",
    "displaydate",
    "video:release_date",
    "og:video:release_date",
    "originalpublishdate",
    "shareaholic:article_published_time",
    "vr:published_time",
    "date",
];

const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:article:modified_time",
    "article:modified",
    "og:updated_time",
    "datemodified",
    "dateupdated",
    "modified_time",
    "lastmod",
    "last-modified",
    "lastmodified",
    "last_modified",
    "lastdate",
    "last-update",
    "dcterms.modified",
    "dc.date.modified",
    "sailthru.modified",
    "revised",
    "modificationdate",
    "utime",
];

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    read(context, PUBLISHED)
}

pub(super) fn modified(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    read(context, MODIFIED)
}

fn read(context: &Context<'_>, names: &[&str]) -> Option<(PartialDate, Evidence)> {
    names.iter().find_map(|name| {
        context
            .page
            .metas
            .iter()
            .filter(|(found, _)| found == name)
            .find_map(|(_, content)| {
                let date = written::stamp(content, context.month_first)?;
                let open_graph = name.starts_with("article:") || name.starts_with("og:");
                let evidence = if open_graph {
                    Evidence::Og
                } else {
                    Evidence::Meta
                };
                super::possible(date, context.captured).then_some((date, evidence))
            })
    })
}
