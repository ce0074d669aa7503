//! What a page says of itself beside its text: title, names, language, addresses.

use std::collections::BTreeMap;

use model::document::{Evidence, Field};
use url::Url;

use super::breadcrumb;
use super::dom::{Page, attr, short_text, some_text};
use super::structured::{Item, StructuredData};
use crate::language;
use crate::text::{folded, head, nfc, squash};

/// Longer names are texts that stand in the wrong place (characters).
const NAME_CHARS: usize = 100;
const TITLE_CHARS: usize = 1_000;
const DESCRIPTION_CHARS: usize = 2_000;
const MOST_AUTHORS: usize = 20;

/// Values with where they were read.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    /// Never empty.
    pub(crate) title: String,
    /// The page's own summary.
    pub(crate) description: Option<String>,
    /// The name of the site.
    pub(crate) site_name: Option<String>,
    /// Names joined by `, `.
    pub(crate) author: Option<String>,
    /// Outermost first.
    pub(crate) breadcrumb: Vec<String>,
    /// BCP 47, as far as the page or the server says it.
    pub(crate) language: Option<String>,
    /// Absolute address.
    pub(crate) thumbnail: Option<String>,
    /// Absolute address.
    pub(crate) canonical: Option<String>,
    /// Where each was read.
    pub(crate) read_from: BTreeMap<Field, Evidence>,
}

/// Reads all of it. `content_language` is the value of the HTTP header.
pub(crate) fn of(page: &Page, data: &StructuredData, content_language: Option<&str>) -> Metadata {
    let mut read_from = BTreeMap::new();
    let mut keep = |field: Field, found: Option<(String, Evidence)>| {
        let (value, evidence) = found?;
        read_from.insert(field, evidence);
        Some(nfc(value))
    };
    let title = keep(Field::Title, Some(title(page, data))).unwrap_or_default();
    let description = keep(Field::Description, description(page, data));
    let site_name = keep(Field::SiteName, site_name(page, data));
    let author = keep(Field::Author, author(page, data));
    let language = keep(Field::Language, declared_language(page, content_language));
    let thumbnail = keep(Field::Thumbnail, thumbnail(page));
    let canonical = keep(Field::Canonical, canonical(page));
    let breadcrumb = breadcrumb::of(data).map_or_else(Vec::new, |(steps, evidence)| {
        read_from.insert(Field::Breadcrumb, evidence);
        steps.into_iter().map(nfc).collect()
    });
    Metadata {
        title,
        description,
        site_name,
        author,
        breadcrumb,
        language,
        thumbnail,
        canonical,
        read_from,
    }
}

/// The `title` element whole, as its author wrote it; else `og:title`, the first `h1`, JSON-LD,
/// the address.
fn title(page: &Page, data: &StructuredData) -> (String, Evidence) {
    let element = page
        .noted
        .titles
        .iter()
        .find_map(|id| folded(&super::dom::raw_text(page.node(*id)?)))
        .map(|title| (title, Evidence::TitleElement));
    let open_graph = || {
        let title = page.meta("og:title").or_else(|| page.meta("twitter:title"));
        title.map(|title| (title.to_owned(), Evidence::Og))
    };
    let heading = || {
        page.noted
            .first_headings
            .iter()
            .find_map(|(_, id)| some_text(page.node(*id)?))
            .map(|title| (title, Evidence::Heading))
    };
    let headline = || {
        let item = data
            .of_types(ARTICLES)
            .find(|item| item.text("headline").is_some())?;
        Some((item.text("headline")?.to_owned(), item.evidence))
    };
    let (title, evidence) = element
        .or_else(open_graph)
        .or_else(heading)
        .or_else(headline)
        .unwrap_or_else(|| (title_from_url(page.url.as_ref()), Evidence::Url));
    (head(&title, TITLE_CHARS).to_owned(), evidence)
}

/// The last step of the path in words, else the host.
fn title_from_url(url: Option<&Url>) -> String {
    let Some(url) = url else {
        return "untitled".to_owned();
    };
    let last = model::address::path_segments(url.as_str()).pop();
    let name = last.and_then(|name| {
        let stem = match name.rsplit_once('.') {
            Some((stem, extension)) if extension.len() <= 5 && !stem.is_empty() => stem.to_owned(),
            _ => name.clone(),
        };
        let words = if stem.contains(' ') {
            stem
        } else {
            stem.replace(['-', '_', '+'], " ")
        };
        folded(&words)
    });
    name.or_else(|| url.host_str().map(str::to_owned))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| url.to_string())
}

fn description(page: &Page, data: &StructuredData) -> Option<(String, Evidence)> {
    let found = first_meta(
        page,
        &[
            ("description", Evidence::Meta),
            ("og:description", Evidence::Og),
            ("twitter:description", Evidence::Meta),
            ("dc.description", Evidence::Meta),
            ("dcterms.description", Evidence::Meta),
        ],
    );
    found
        .or_else(|| {
            let item = data
                .of_types(ARTICLES)
                .find(|item| item.text("description").is_some())?;
            Some((item.text("description")?.to_owned(), item.evidence))
        })
        .map(|(text, evidence)| (head(&text, DESCRIPTION_CHARS).to_owned(), evidence))
}

/// Types whose items are the page.
const ARTICLES: &[&str] = &[
    "Article",
    "NewsArticle",
    "BlogPosting",
    "Report",
    "ScholarlyArticle",
    "TechArticle",
    "DiscussionForumPosting",
    "SocialMediaPosting",
    "OpinionNewsArticle",
    "AnalysisNewsArticle",
    "ReportageNewsArticle",
    "LiveBlogPosting",
    "VideoObject",
    "WebPage",
];

fn site_name(page: &Page, data: &StructuredData) -> Option<(String, Evidence)> {
    let of_item = |item: &Item, names: Vec<&str>| {
        names
            .into_iter()
            .find(|name| is_name(name))
            .map(|name| (name.to_owned(), item.evidence))
    };
    let web_site = || {
        data.of_types(&["WebSite"])
            .find_map(|item| of_item(item, item.text("name").into_iter().collect()))
    };
    let publisher = || {
        data.of_types(ARTICLES)
            .filter(|item| !data.stands_in(item, &["itemListElement", "comment", "review"]))
            .take(50)
            .find_map(|item| of_item(item, data.names(item, "publisher")))
    };
    web_site()
        .or_else(|| Some((site_in_title(page)?, Evidence::TitleElement)))
        .or_else(publisher)
        .or_else(|| {
            first_meta(
                page,
                &[
                    ("og:site_name", Evidence::Og),
                    ("og:site", Evidence::Og),
                    ("application-name", Evidence::Meta),
                    ("apple-mobile-web-app-title", Evidence::Meta),
                    ("dc.publisher", Evidence::Meta),
                    ("citation_journal_title", Evidence::Meta),
                ],
            )
        })
        .filter(|(name, _)| is_name(name))
}

/// The last or first part of the title, where it is the name of the host in other words:
/// `Port dues - Wikipedia` on `en.wikipedia.org`. Publishers' names are those of companies
/// (`Wikimedia Foundation, Inc.`), so that this goes before them.
fn site_in_title(page: &Page) -> Option<String> {
    let host = page.url.as_ref()?.host_str()?;
    let site = model::address::Host(host.to_owned());
    let label = squash(site.site().split('.').next()?, 60);
    let title = page.noted.titles.iter().find_map(|id| page.node(*id))?;
    let title = folded(&super::dom::raw_text(title))?;
    let separators = [
        " - ",
        " | ",
        " \u{2013} ",
        " \u{2014} ",
        " :: ",
        " \u{b7} ",
        ": ",
    ];
    let last = separators
        .iter()
        .filter_map(|separator| title.rsplit_once(separator))
        .map(|(_, last)| last)
        .min_by_key(|last| last.len())?;
    let first = separators
        .iter()
        .filter_map(|separator| title.split_once(separator))
        .map(|(first, _)| first)
        .min_by_key(|first| first.len())?;
    [last, first]
        .into_iter()
        .find(|part| label.len() >= 3 && squash(part, 60) == label)
        .and_then(folded)
}

/// Whether a text can be the name of a site or person.
fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
        && head(text, NAME_CHARS).len() == text.len()
        && !text.contains("://")
        && !text.starts_with(['@', '{', '%'])
}

fn author(page: &Page, data: &StructuredData) -> Option<(String, Evidence)> {
    let from_items = || {
        data.of_types(ARTICLES)
            .filter(|item| !data.stands_in(item, &["itemListElement", "comment", "review"]))
            .take(50)
            .find_map(|item| {
                let mut names = data.names(item, "author");
                if names.is_empty() {
                    names = data.names(item, "creator");
                }
                joined(names).map(|names| (names, item.evidence))
            })
    };
    let from_meta = |wanted: &[&str], evidence: Evidence| {
        wanted.iter().find_map(|wanted| {
            let names = page
                .metas
                .iter()
                .filter(|(name, _)| name == wanted)
                .map(|(_, content)| content.as_str())
                .collect();
            joined(names).map(|names| (names, evidence))
        })
    };
    let from_rel = || {
        let names: Vec<String> = page
            .noted
            .anchors
            .iter()
            .filter_map(|id| page.node(*id))
            .filter(|node| {
                attr(*node, "rel").is_some_and(|rel| {
                    rel.split_ascii_whitespace()
                        .any(|token| token.eq_ignore_ascii_case("author"))
                })
            })
            .map(short_text)
            .take(MOST_AUTHORS)
            .collect();
        joined(names.iter().map(String::as_str).collect()).map(|names| (names, Evidence::Link))
    };
    from_items()
        .or_else(|| {
            from_meta(
                &[
                    "author",
                    "citation_author",
                    "dc.creator",
                    "dcterms.creator",
                    "parsely-author",
                    "sailthru.author",
                    "byl",
                ],
                Evidence::Meta,
            )
        })
        .or_else(|| from_meta(&["article:author", "og:article:author"], Evidence::Og))
        .or_else(from_rel)
}

/// Names joined, each once; `None` where none is one.
fn joined(names: Vec<&str>) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    for name in names {
        let name = name
            .strip_prefix("By ")
            .or_else(|| name.strip_prefix("by "))
            .unwrap_or(name)
            .trim();
        if is_name(name) && !kept.contains(&name) && kept.len() < MOST_AUTHORS {
            kept.push(name);
        }
    }
    (!kept.is_empty()).then(|| kept.join(", "))
}

fn first_meta(page: &Page, names: &[(&str, Evidence)]) -> Option<(String, Evidence)> {
    names
        .iter()
        .find_map(|(name, evidence)| Some((page.meta(name)?.to_owned(), *evidence)))
}

fn declared_language(page: &Page, header: Option<&str>) -> Option<(String, Evidence)> {
    let attribute = page
        .root()
        .and_then(|root| attr(root, "lang").or_else(|| attr(root, "xml:lang")))
        .and_then(language::tag)
        .map(|tag| (tag, Evidence::Html));
    attribute
        .or_else(|| {
            [
                ("og:locale", Evidence::Og),
                ("content-language", Evidence::Meta),
                ("dc.language", Evidence::Meta),
                ("dcterms.language", Evidence::Meta),
                ("language", Evidence::Meta),
            ]
            .iter()
            .find_map(|(name, evidence)| Some((language::tag(page.meta(name)?)?, *evidence)))
        })
        .or_else(|| Some((language::tag(header?)?, Evidence::Header)))
}

fn thumbnail(page: &Page) -> Option<(String, Evidence)> {
    let meta = [
        ("og:image:secure_url", Evidence::Og),
        ("og:image", Evidence::Og),
        ("og:image:url", Evidence::Og),
        ("twitter:image", Evidence::Meta),
        ("twitter:image:src", Evidence::Meta),
        ("thumbnail", Evidence::Meta),
    ]
    .iter()
    .find_map(|(name, evidence)| Some((page.absolute(page.meta(name)?)?, *evidence)));
    meta.or_else(|| Some((page.absolute(page.link_rel("image_src")?)?, Evidence::Link)))
        .map(|(url, evidence)| (url.to_string(), evidence))
}

/// The address that the page calls its right one, unless it plainly cannot be: a host without a
/// dot, another scheme, or the start page for a page below it (a template filled in wrongly).
fn canonical(page: &Page) -> Option<(String, Evidence)> {
    let link = page
        .link_rel("canonical")
        .map(|href| (href, Evidence::Link));
    let (href, evidence) = link.or_else(|| Some((page.meta("og:url")?, Evidence::Og)))?;
    let url = page.absolute(href)?;
    let public = url.domain().is_some_and(|host| host.contains('.'));
    let start = |url: &Url| url.path() == "/" && url.query().is_none();
    let wrong_start = start(&url)
        && page
            .url
            .as_ref()
            .is_some_and(|own| !start(own) && own.path().trim_matches('/').contains('/'));
    (public && !wrong_start && href.len() < 2_000).then(|| (url.to_string(), evidence))
}

/// The address to which the page sends its reader within `seconds`.
pub(crate) fn refresh(page: &Page, seconds: f32) -> Option<String> {
    let content = page.meta("refresh")?;
    let (delay, target) = content.split_once([';', ','])?;
    let delay: f32 = delay.trim().parse().ok()?;
    let lower = target.trim_start();
    let target = match lower.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("url") => {
            lower.get(3..)?.trim_start().strip_prefix('=')?
        }
        _ => lower,
    };
    let target = page.absolute(target.trim().trim_matches(['"', '\'']))?;
    (delay <= seconds && Some(&target) != page.url.as_ref()).then(|| target.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(url: &str, html: &str, expected: &Expect) {
        let page = Page::parse(html, url);
        let data = StructuredData::of(&page);
        let found = of(&page, &data, None);
        let mut lines = vec![format!("title: {}", found.title)];
        let mut say = |name: &str, value: Option<&String>| {
            lines.extend(value.map(|value| format!("{name}: {value}")));
        };
        say("description", found.description.as_ref());
        say("site", found.site_name.as_ref());
        say("author", found.author.as_ref());
        say("language", found.language.as_ref());
        say("thumbnail", found.thumbnail.as_ref());
        say("canonical", found.canonical.as_ref());
        say("refresh", refresh(&page, 5.0).as_ref());
        lines.push(format!("{:?}", found.read_from));
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn all_of_it() {
        check(
            "https://www.a.example/news/port",
            r#"<html lang=en_us><title> Port dues &amp; fees
              - The Herald </title>
              <meta property="og:title" content="Port dues">
              <meta name=description content=" What ships  pay ">
              <meta property="og:site_name" content="Herald">
              <meta property="og:image" content="/i.png"><link rel=canonical href="/news/port-dues">
              <script type="application/ld+json">{"@type":"NewsArticle","author":[{"name":"Ada Low"},
              {"name":"By Ben High"},{"name":"Ada Low"}],"publisher":{"@type":"Organization","name":"The Herald of Istmere"}}</script>"#,
            &expect![[r"
                title: Port dues & fees - The Herald
                description: What ships pay
                site: The Herald of Istmere
                author: Ada Low, Ben High
                language: en-US
                thumbnail: https://www.a.example/i.png
                canonical: https://www.a.example/news/port-dues
                {Canonical: Link, Title: TitleElement, Description: Meta, SiteName: JsonLd, Author: JsonLd, Language: Html, Thumbnail: Og}"]],
        );
    }

    #[test]
    fn titles_of_last_resort() {
        check(
            "https://a.example/wiki/Port_dues.html",
            "<title></title><svg><title>icon</title></svg>",
            &expect![[r"
                title: Port dues
                {Title: Url}"]],
        );
        check(
            "https://a.example/",
            "<h1><span>Port</span><br>dues</h1>",
            &expect![[r"
                title: Port dues
                {Title: Heading}"]],
        );
    }

    #[test]
    fn what_is_broken_is_dropped() {
        check(
            "https://a.example/x/y",
            "<title>T</title><link rel=canonical href='http://localhost/x'>\
             <meta property=og:image content='data:image/png;base64,x'>\
             <meta http-equiv=refresh content='3; URL=/z'>",
            &expect![[r"
                title: T
                refresh: https://a.example/z
                {Title: TitleElement}"]],
        );
        check(
            "https://a.example/x/y",
            "<title>T</title><link rel=canonical href='/'>\
             <meta http-equiv=refresh content='600; URL=/z'>",
            &expect![[r"
                title: T
                {Title: TitleElement}"]],
        );
    }
}
