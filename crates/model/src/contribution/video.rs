//! What several records say of one video, field by field.

use std::borrow::Cow;

use super::{Body, Contribution, transcript};
use crate::address::Surt;
use crate::document::{Document, DocumentKind, Evidence, Field};

/// How far what is said of a video is believed, best first: its own metadata file, its own page,
/// other pages, players that other pages embed, caption files. Told by the evidence of the title.
fn rank(said: &Contribution, document: &Document) -> u8 {
    match document.read_from.get(&Field::Title) {
        Some(Evidence::Embedded) => 0,
        Some(
            Evidence::JsonLd | Evidence::Microdata | Evidence::Rdfa | Evidence::Og | Evidence::Meta,
        ) => {
            let own = Surt::of(&said.url) == Surt::of(&document.url);
            if own { OWN_PAGE } else { OWN_PAGE + 1 }
        }
        Some(Evidence::Html) => 3,
        _ => 4,
    }
}

/// The rank of a video's own page; what is above it in rank speaks for the video.
pub(super) const OWN_PAGE: u8 = 1;

/// The video that several contributions to it make.
pub(super) fn merge<'c>(ordered: &[&'c Contribution]) -> Option<Cow<'c, Document>> {
    let mut said: Vec<(u8, &Document)> = ordered
        .iter()
        .filter_map(|said| match &said.body {
            Body::Document(document) => Some((rank(said, document), document.as_ref())),
            Body::Part(_) => None,
        })
        .collect();
    // Stable: equals stay in merge order.
    said.sort_by_key(|(rank, _)| *rank);
    let ((_, first), others) = said.split_first()?;
    if others.is_empty() {
        return Some(Cow::Borrowed(first));
    }
    let mut merged = (*first).clone();
    for (_, other) in others {
        fill(&mut merged, other);
    }
    if let Some((language, evidence)) = transcript::language(&said) {
        merged.language = Some(language.to_owned());
        merged.read_from.insert(Field::Language, evidence);
    }
    transcript::join(&said, &mut merged);
    Some(Cow::Owned(merged))
}

/// Takes what is missing from another one.
fn fill(merged: &mut Document, other: &Document) {
    let mut take = |field: Field, missing: bool, there: bool| {
        if missing
            && there
            && let Some(evidence) = other.read_from.get(&field)
        {
            merged.read_from.insert(field, *evidence);
        }
    };
    take(
        Field::Description,
        merged.description.is_none(),
        other.description.is_some(),
    );
    take(
        Field::SiteName,
        merged.site_name.is_none(),
        other.site_name.is_some(),
    );
    take(
        Field::Author,
        merged.author.is_none(),
        other.author.is_some(),
    );
    take(
        Field::Language,
        merged.language.is_none(),
        other.language.is_some(),
    );
    take(
        Field::Published,
        merged.published.is_none(),
        other.published.is_some(),
    );
    take(
        Field::Modified,
        merged.modified.is_none(),
        other.modified.is_some(),
    );
    take(
        Field::Thumbnail,
        merged.thumbnail.is_none(),
        other.thumbnail.is_some(),
    );
    let or = |mine: &mut Option<String>, theirs: &Option<String>| {
        if mine.is_none() {
            mine.clone_from(theirs);
        }
    };
    or(&mut merged.canonical, &other.canonical);
    or(&mut merged.description, &other.description);
    or(&mut merged.site_name, &other.site_name);
    or(&mut merged.author, &other.author);
    or(&mut merged.language, &other.language);
    or(&mut merged.thumbnail, &other.thumbnail);
    merged.published = merged.published.or(other.published);
    merged.modified = merged.modified.or(other.modified);
    if let (
        DocumentKind::Video {
            duration_seconds,
            channel,
            ..
        },
        DocumentKind::Video {
            duration_seconds: length,
            channel: publisher,
            ..
        },
    ) = (&mut merged.kind, &other.kind)
    {
        *duration_seconds = duration_seconds.or(*length);
        or(channel, publisher);
    }
    for link in &other.links {
        if !merged.links.contains(link) {
            merged.links.push(link.clone());
        }
    }
    for warning in &other.warnings {
        if !merged.warnings.contains(warning) {
            merged.warnings.push(warning.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contribution::merge;
    use crate::document::{DocumentId, Key, Locator, Passage};
    use crate::record::Origin;
    use crate::time::UnixSeconds;
    use std::collections::BTreeMap;

    fn video(
        title: Evidence,
        language: Option<&str>,
        passages: &[(Option<u32>, &str)],
    ) -> Document {
        let key = Key::Video {
            platform: "youtube".into(),
            id: "Ab-d_fGh1jK".into(),
        };
        let mut read_from = BTreeMap::from([(Field::Title, title)]);
        if language.is_some() {
            read_from.insert(Field::Language, Evidence::Header);
        }
        Document {
            id: DocumentId::of(&key),
            key,
            url: "https://www.youtube.com/watch?v=Ab-d_fGh1jK".into(),
            canonical: None,
            kind: DocumentKind::Video {
                duration_seconds: None,
                channel: None,
                automatic: false,
            },
            title: format!("{title:?}"),
            description: None,
            site_name: None,
            author: None,
            breadcrumb: vec![],
            language: language.map(Into::into),
            published: None,
            modified: None,
            passages: passages
                .iter()
                .map(|(second, text)| Passage {
                    text: text.trim_start_matches("# ").into(),
                    heading: text.strip_prefix("# ").map(Into::into),
                    locator: second.map_or(Locator::Top, Locator::Seconds),
                    post: None,
                })
                .collect(),
            links: vec![],
            thumbnail: None,
            read_from,
            warnings: vec![],
        }
    }

    fn recognised(mut document: Document) -> Document {
        if let DocumentKind::Video { automatic, .. } = &mut document.kind {
            *automatic = true;
        }
        document
    }

    fn said(url: &str, document: Document) -> Contribution {
        Contribution {
            key: document.key.clone(),
            origin: Origin {
                source: "s".into(),
                path: url.into(),
                steps: vec![],
                digest: None,
            },
            collection: "c".into(),
            captured: UnixSeconds(0),
            url: url.into(),
            body: Body::Document(Box::new(document)),
        }
    }

    /// Merges in both orders, and describes what comes of it.
    #[track_caller]
    fn check(mut contributions: Vec<Contribution>, expected: &str) {
        let described = |contributions: &[Contribution]| {
            let merged = merge(contributions).unwrap().into_owned();
            let passages: Vec<String> = merged
                .passages
                .iter()
                .map(|passage| {
                    let heading = passage.heading.as_deref().unwrap_or("-");
                    format!("{heading}:{}", passage.text)
                })
                .collect();
            let automatic = matches!(
                merged.kind,
                DocumentKind::Video {
                    automatic: true,
                    ..
                }
            );
            format!(
                "{} {} {automatic} {}",
                merged.title,
                merged.language.as_deref().unwrap_or("-"),
                passages.join(" ")
            )
        };
        assert_eq!(described(&contributions), expected);
        contributions.reverse();
        assert_eq!(described(&contributions), expected);
    }

    const OWN: &str = "https://youtube.com/watch?v=Ab-d_fGh1jK";

    #[test]
    fn the_file_before_the_page_before_pages_that_embed() {
        let page = |url: &str, evidence| said(url, video(evidence, None, &[(None, url)]));
        check(
            vec![
                page("https://a.example/", Evidence::JsonLd),
                page(OWN, Evidence::Og),
                page("https://b.example/", Evidence::Html),
                page("https://c.example/a.vtt", Evidence::Url),
            ],
            &format!("Og - false -:{OWN}"),
        );
        check(
            vec![
                page("https://a.example/", Evidence::Html),
                page("https://b.example/", Evidence::Microdata),
                page("https://c.example/a.vtt", Evidence::Url),
            ],
            "Microdata - false -:https://b.example/",
        );
        check(
            vec![
                page("https://a.example/info.json", Evidence::Embedded),
                page(OWN, Evidence::Microdata),
            ],
            &format!("Embedded - false -:https://a.example/info.json -:{OWN}"),
        );
    }

    #[test]
    fn chapters_become_headings_of_the_transcript() {
        let file = || {
            video(
                Evidence::Embedded,
                Some("fr"),
                &[(None, "told"), (Some(0), "# Sel"), (Some(60), "# Laine")],
            )
        };
        check(
            vec![said("a.info.json", file())],
            "Embedded fr false -:told Sel:Sel Laine:Laine",
        );
        check(
            vec![
                said("a.info.json", file()),
                said("a.html", video(Evidence::Html, None, &[])),
            ],
            "Embedded fr false -:told Sel:Sel Laine:Laine",
        );
        check(
            vec![
                said("a.info.json", file()),
                said(
                    "a.en.vtt",
                    video(Evidence::Url, Some("en"), &[(Some(60), "wool")]),
                ),
                said(
                    "a.fr.vtt",
                    video(
                        Evidence::Url,
                        Some("fr"),
                        &[(Some(59), "du"), (Some(61), "de")],
                    ),
                ),
            ],
            "Embedded fr false -:told Sel:du Laine:de Laine:wool",
        );
    }

    #[test]
    fn hand_written_captions_before_recognised_ones_of_each_language() {
        let spoken = |name: &str, tag: &str, text: &str| {
            said(name, video(Evidence::Url, Some(tag), &[(Some(0), text)]))
        };
        let heard = |name: &str, tag: &str, text: &str| {
            let document = video(Evidence::Url, Some(tag), &[(Some(0), text)]);
            said(name, recognised(document))
        };
        check(
            vec![
                heard("a.fr.vtt", "fr", "robot"),
                spoken("b.fr-CA.vtt", "fr-CA", "main"),
                spoken("a.de.vtt", "de", "hand"),
            ],
            "Url fr false -:main -:hand",
        );
        check(
            vec![
                spoken("a.en-GB.vtt", "en-GB", "british"),
                spoken("b.en.vtt", "en", "english"),
                spoken("c.zh-Hant.vtt", "zh-Hant", "old"),
                spoken("d.zh-Hans.vtt", "zh-Hans", "new"),
            ],
            "Url en-GB false -:english -:british -:new -:old",
        );
        check(
            vec![
                spoken("a.en-GB.vtt", "en-GB", "the same"),
                spoken("b.en.vtt", "en", "the same"),
                heard("c.en-US.vtt", "en-US", "almost the same"),
            ],
            "Url en-US false -:the same",
        );
        check(
            vec![
                spoken("a.de.vtt", "de", "Salz"),
                spoken("a.fr.vtt", "fr", "L'url du sel"),
                said("a.html", {
                    let mut page = video(Evidence::Html, None, &[]);
                    page.title = "SALZ, sel, laine".into();
                    page
                }),
            ],
            "SALZ, sel, laine de false -:Salz -:L'url du sel",
        );
        check(
            vec![
                heard("a.fr.vtt", "fr", "robot"),
                spoken("a.de.vtt", "de", "hand"),
            ],
            "Url fr true -:robot -:hand",
        );
    }
}
