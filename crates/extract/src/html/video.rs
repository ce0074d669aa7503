//! What a page says of videos: `VideoObject` in its structured data, its own video, embedded
//! players that have a name.

use model::address::{Host, Surt, parse};
use model::document::{Document, Evidence, Field, Key};
use model::time::PartialDate;

use super::dom::{Page, attr, name};
use super::structured::{Item, StructuredData, Value};
use crate::video::{Chapter, describe, lasts, marks, platform, publish, video};

/// Videos of one page; a page with more is a list of a site that has a page for each.
const MOST_VIDEOS: usize = 30;

/// The videos of a page, each once, none without a name: structured data says more than an
/// embedded player, and is asked first.
pub(crate) fn of(page: &Page, data: &StructuredData, address: &str) -> Vec<Document> {
    let mut found: Vec<Document> = Vec::new();
    let items: Vec<&Item> = data.of_types(&["VideoObject"]).take(1_000).collect();
    let alone = items.len() == 1;
    let candidates = items
        .into_iter()
        .filter_map(|item| of_item(page, data, item, address, alone))
        .chain(own(page, address))
        .chain(players(page));
    for document in candidates {
        if found.len() >= MOST_VIDEOS {
            break;
        }
        if !found.iter().any(|known| known.id == document.id) {
            found.push(document);
        }
    }
    found
}

fn of_item(
    page: &Page,
    data: &StructuredData,
    item: &Item,
    address: &str,
    alone: bool,
) -> Option<Document> {
    let title = item.text("name").or_else(|| item.text("headline"))?;
    if is_junk(title) {
        return None;
    }
    let (key, url) = place(page, item, address, alone)?;
    let Key::Video { platform, id } = key else {
        return None;
    };
    let evidence = item.evidence;
    let mut document = video(platform, id, url, title, evidence);
    let names = ["channel", "author", "creator", "publisher"]
        .into_iter()
        .find_map(|property| data.names(item, property).into_iter().next());
    publish(&mut document, names, evidence);
    let date = ["uploadDate", "datePublished", "dateCreated"]
        .into_iter()
        .find_map(|property| item.text(property)?.parse::<PartialDate>().ok());
    if let Some(date) = date {
        document.published = Some(date);
        document.read_from.insert(Field::Published, evidence);
    }
    lasts(&mut document, item.text("duration").and_then(seconds));
    if let Some(text) = item.text("description") {
        describe(&mut document, text, evidence);
    }
    let picture = item
        .text("thumbnailUrl")
        .or_else(|| item.text("thumbnail"))
        .or_else(|| {
            let pictures = item.values("thumbnailUrl").chain(item.values("thumbnail"));
            of_picture(data, pictures)
        });
    if let Some(picture) = picture.and_then(|picture| page.absolute(picture)) {
        document.thumbnail = Some(picture.into());
        document.read_from.insert(Field::Thumbnail, evidence);
    }
    if let Some(tag) = item.text("inLanguage").and_then(crate::language::tag) {
        document.language = Some(tag);
        document.read_from.insert(Field::Language, evidence);
    }
    if let Some(spoken) = item.text("transcript") {
        // Its times are not known: it opens at the beginning.
        let summary = document.description.clone();
        describe(&mut document, spoken, evidence);
        if summary.is_some() {
            document.description = summary;
        }
    }
    let clips = item.values("hasPart").filter_map(|value| match value {
        Value::Item(index) => data.get(*index),
        _ => None,
    });
    let chapters = clips.filter_map(|clip| {
        Some(Chapter {
            start: clip.text("startOffset")?.parse().ok()?,
            title: clip.text("name")?.to_owned(),
        })
    });
    document.passages.extend(marks(chapters.collect()));
    Some(document)
}

fn of_picture<'a>(
    data: &'a StructuredData,
    mut values: impl Iterator<Item = &'a Value>,
) -> Option<&'a str> {
    values.find_map(|value| match value {
        Value::Item(index) => {
            let picture = data.get(*index)?;
            picture.text("url").or_else(|| picture.text("contentUrl"))
        }
        _ => None,
    })
}

/// Which video an item speaks of, and where it is watched: on a known platform; else the address
/// of its player or file names it; else, where a page has only one, the page.
fn place(page: &Page, item: &Item, address: &str, alone: bool) -> Option<(Key, String)> {
    const ADDRESSES: [&str; 4] = ["embedUrl", "contentUrl", "url", "@id"];
    let said = |property: &'static str| match property {
        "@id" => item.id.as_deref(),
        _ => item.text(property),
    };
    let known = ADDRESSES
        .into_iter()
        .filter_map(said)
        .find_map(|address| platform::of(page.absolute(address)?.as_str()));
    if let Some(place) = known {
        let key = Key::Video {
            platform: place.platform.to_owned(),
            id: place.id,
        };
        return Some((key, place.url));
    }
    let elsewhere = ADDRESSES
        .into_iter()
        .take(3)
        .filter_map(said)
        .find_map(|address| page.absolute(address).map(String::from));
    let named = elsewhere.or_else(|| alone.then(|| address.to_owned()))?;
    let host = Host::of(&named);
    let surt = Surt::of(&named);
    let path = surt
        .as_str()
        .split_once(")/")
        .map_or(surt.as_str(), |(_, path)| path);
    // The front page of a site names no video.
    if path.is_empty() {
        return None;
    }
    let key = Key::Video {
        platform: host.bare().to_owned(),
        id: path.to_owned(),
    };
    Some((key, address.to_owned()))
}

/// The video whose page this is, by its address and the title it gives for others to show.
fn own(page: &Page, address: &str) -> Option<Document> {
    let place = platform::of(address)?;
    let title = page.meta("og:title").filter(|title| !is_junk(title))?;
    let mut document = video(
        place.platform.to_owned(),
        place.id,
        place.url,
        title,
        Evidence::Og,
    );
    if let Some(text) = page.meta("og:description") {
        describe(&mut document, text, Evidence::Og);
    }
    if let Some(picture) = page.meta("og:image").and_then(|href| page.absolute(href)) {
        document.thumbnail = Some(picture.into());
        document.read_from.insert(Field::Thumbnail, Evidence::Og);
    }
    let length = page
        .meta("og:video:duration")
        .or(page.meta("video:duration"));
    lasts(&mut document, length.and_then(seconds));
    Some(document)
}

/// Embedded players of known platforms whose `title` is a name.
fn players(page: &Page) -> Vec<Document> {
    page.html
        .tree
        .root()
        .descendants()
        .filter(|node| name(*node) == "iframe")
        .take(MOST_VIDEOS * 4)
        .filter_map(|node| {
            let title = attr(node, "title").filter(|title| !is_junk(title))?;
            // Pages that load players late keep the address elsewhere.
            let place = ["src", "data-src", "data-lazy-src", "data-litespeed-src"]
                .into_iter()
                .filter_map(|source| attr(node, source))
                .find_map(|source| platform::of(page.absolute(source)?.as_str()))?;
            Some(video(
                place.platform.to_owned(),
                place.id,
                place.url,
                title,
                Evidence::Html,
            ))
        })
        .collect()
}

/// Whether a title says only that there is a player: `YouTube video player`.
fn is_junk(title: &str) -> bool {
    const WORDS: &[&str] = &[
        "a",
        "clip",
        "content",
        "de",
        "der",
        "dailymotion",
        "du",
        "embed",
        "embedded",
        "external",
        "for",
        "frame",
        "from",
        "iframe",
        "inline",
        "integrierter",
        "intégrée",
        "lecteur",
        "media",
        "of",
        "on",
        "play",
        "player",
        "reproductor",
        "the",
        "this",
        "trailer",
        "twitch",
        "untitled",
        "video",
        "videos",
        "vidéo",
        "vimeo",
        "von",
        "watch",
        "widget",
        "youtube",
    ];
    if parse(title).is_some() {
        return true;
    }
    let lower = title.to_lowercase();
    !lower
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word.chars().count() > 1 && !WORDS.contains(&word))
}

/// A length in the form of ISO 8601 (`PT1H2M3S`), by the clock (`1:02:03`), or in seconds.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    if text.contains(':') {
        let mut total = 0.0;
        for part in text.split(':') {
            total = total * 60.0 + part.parse::<f64>().ok()?;
        }
        return Some(total);
    }
    let mut total = 0.0;
    let mut number = String::new();
    let mut in_time = false;
    for c in text.strip_prefix(['P', 'p'])?.chars() {
        let unit = match c.to_ascii_uppercase() {
            '0'..='9' | '.' => {
                number.push(c);
                continue;
            }
            ',' => {
                number.push('.');
                continue;
            }
            'T' => {
                in_time = true;
                continue;
            }
            'W' => 604_800.0,
            'D' => 86_400.0,
            'H' => 3_600.0,
            'M' if in_time => 60.0,
            'S' => 1.0,
            _ => return None,
        };
        total += unit * number.parse::<f64>().ok()?;
        number.clear();
    }
    number.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_three_forms() {
        for (text, expected) in [
            ("PT1H2M3S", Some(3_723.0)),
            ("P0DT0H3M51.5S", Some(231.5)),
            ("PT231S", Some(231.0)),
            ("P1D", Some(86_400.0)),
            ("01:06:20", Some(3_980.0)),
            ("231", Some(231.0)),
            ("P1M", None),
            ("PT3", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn players_without_a_name_are_none() {
        for title in [
            "YouTube video player",
            "Embedded YouTube video",
            "Lecteur vidéo",
            "Vimeo",
            "video 1",
            "https://youtu.be/x",
            "",
        ] {
            assert!(is_junk(title), "{title}");
        }
        for title in ["Port dues rise", "A tour of the port (video)", "港口"] {
            assert!(!is_junk(title), "{title}");
        }
    }
}
