//! Structured data in JSON-LD: `@graph`, lists, type lists, nested items; what is broken is
//! repaired where that is safe, and what cannot be is searched for the few values that matter.
//!
//! No context is ever fetched: names are taken as schema.org's. Of 1,142 blocks in 1,692 real
//! pages 25 were malformed.

use std::sync::LazyLock;

use model::document::Evidence;
use regex::Regex;
use serde_json::{Map, Value as Json};

use super::dom::{Page, raw_text};
use super::structured::{ItemIndex, StructuredData, Value, bare};
use crate::text::fold;

/// A block longer than this is data for a machine, no description of the page.
const BLOCK_BYTES: usize = 1024 * 1024;
const DEPTH: usize = 64;
/// Longer text (`articleBody`) says nothing that the page does not; the words of a video
/// (`transcript`) often stand nowhere else.
const TEXT_BYTES: usize = 20_000;

/// Reads the blocks of a page.
pub(crate) fn read(page: &Page, data: &mut StructuredData) {
    for id in &page.noted.json_ld {
        let Some(node) = page.node(*id) else { continue };
        let text = raw_text(node);
        if text.len() > BLOCK_BYTES {
            continue;
        }
        match parse(&text) {
            Some(json) => {
                walk(&json, None, 0, data);
            }
            None => rescue(&text, data),
        }
    }
}

/// Parses a block as it is, else without what surrounds and breaks it.
fn parse(text: &str) -> Option<Json> {
    if let Ok(json) = serde_json::from_str(text.trim()) {
        return Some(json);
    }
    let mut text = text.trim();
    for (open, close) in [
        ("<!--", "-->"),
        ("//<![CDATA[", "//]]>"),
        ("/*<![CDATA[*/", "/*]]>*/"),
        ("<![CDATA[", "]]>"),
    ] {
        text = text.strip_prefix(open).unwrap_or(text).trim();
        text = text.strip_suffix(close).unwrap_or(text).trim();
    }
    let text = text.trim_end_matches(';');
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&mended(text)))
        .ok()
}

/// Control characters in strings become spaces, commas before a closing bracket go, and a
/// backslash that escapes nothing goes.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' => {
                in_string = !in_string;
                out.push(c);
            }
            '\\' if in_string => {
                if let Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') =
                    characters.peek()
                {
                    out.push(c);
                    out.extend(characters.next());
                }
            }
            c if in_string && c.is_control() => out.push(' '),
            ']' | '}' if !in_string => {
                let kept = out.trim_end().trim_end_matches(',').len();
                out.truncate(kept);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn walk(json: &Json, within: Option<(ItemIndex, &str)>, depth: usize, data: &mut StructuredData) {
    if depth > DEPTH {
        return;
    }
    match json {
        Json::Array(list) => {
            for entry in list {
                walk(entry, within, depth + 1, data);
            }
        }
        Json::Object(object) => {
            if let Some(value) = object.get("@value") {
                walk(value, within, depth + 1, data);
                return;
            }
            if let Some(list) = object.get("@list").or_else(|| object.get("@set")) {
                walk(list, within, depth + 1, data);
                return;
            }
            item(object, within, depth, data);
        }
        Json::String(text) => {
            if let Some((item, property)) = within {
                let text = if text.len() > TEXT_BYTES && property != "transcript" {
                    crate::text::head(text, TEXT_BYTES / 4)
                } else {
                    text
                };
                data.say(item, property, Value::Text(fold(&unescape(text))));
            }
        }
        Json::Number(number) => {
            if let Some((item, property)) = within {
                data.say(item, property, Value::Text(number.to_string()));
            }
        }
        Json::Bool(_) | Json::Null => {}
    }
}

fn item(
    object: &Map<String, Json>,
    within: Option<(ItemIndex, &str)>,
    depth: usize,
    data: &mut StructuredData,
) {
    let id = object
        .get("@id")
        .or_else(|| object.get("id"))
        .and_then(Json::as_str)
        .map(str::to_owned);
    if let (Some(id), Some((item, property)), 1) = (&id, within, object.len()) {
        data.say(item, property, Value::Reference(id.clone()));
        return;
    }
    let types = match object.get("@type").or_else(|| object.get("type")) {
        Some(Json::String(name)) => vec![bare(name).to_owned()],
        Some(Json::Array(names)) => names
            .iter()
            .filter_map(Json::as_str)
            .map(|name| bare(name).to_owned())
            .collect(),
        _ => Vec::new(),
    };
    let only_graph = types.is_empty() && object.contains_key("@graph");
    let parent = within.map(|(item, property)| (item, property.to_owned()));
    let index = if only_graph {
        None
    } else {
        let Some(index) = data.add(Evidence::JsonLd, id, types, parent) else {
            return;
        };
        if let Some((item, property)) = within {
            data.say(item, property, Value::Item(index));
        }
        Some(index)
    };
    for (property, value) in object {
        match property.as_str() {
            "@graph" => walk(value, None, depth + 1, data),
            // Things that are about the item and not of it stand on their own.
            _ if property.starts_with('@') => {}
            _ => {
                if let Some(index) = index {
                    walk(value, Some((index, property)), depth + 1, data);
                }
            }
        }
    }
}

/// Values are text and not HTML, but many sites put entities into them.
pub(crate) fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // Looked for near by only: a text of nothing but `&` would be read through for each.
        let end = after.bytes().take(9).position(|byte| byte == b';');
        let entity = end.and_then(|end| {
            let name = after.get(..end)?;
            Some((entity(name)?, after.get(end + 1..)?))
        });
        if let Some((c, behind)) = entity {
            out.push(c);
            rest = behind;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '\u{2013}',
        "mdash" => '\u{2014}',
        "lsquo" => '\u{2018}',
        "rsquo" => '\u{2019}',
        "ldquo" => '\u{201c}',
        "rdquo" => '\u{201d}',
        "hellip" => '\u{2026}',
        _ => return None,
    })
}

/// Takes the few values that matter out of a block that is no JSON.
fn rescue(text: &str, data: &mut StructuredData) {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#""(@type|headline|datePublished|dateModified|dateCreated)"\s*:\s*"([^"\\\r\n]{1,300})""#,
        )
        .expect("a constant pattern")
    });
    let mut types = Vec::new();
    let mut found = Vec::new();
    for captures in FIELD.captures_iter(text).take(200) {
        let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else {
            continue;
        };
        match name.as_str() {
            "@type" => types.push(bare(value.as_str()).to_owned()),
            name => found.push((name, value.as_str())),
        }
    }
    // The first type is that of the whole; the others may be those of anything in it.
    types.truncate(1);
    if found.is_empty() {
        return;
    }
    if let Some(index) = data.add(Evidence::JsonLd, None, types, None) {
        for (name, value) in found {
            data.say(index, name, Value::Text(fold(&unescape(value))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(json: &str, expected: &Expect) {
        let html = format!("<script type='application/ld+json'>{json}</script>");
        let data = StructuredData::of(&Page::parse(&html, "http://a.example/"));
        let mut described = String::new();
        let mut index = 0;
        while let Some(item) = data.get(index) {
            described.push_str(&format!("{index} {:?} {:?}\n", item.types, item.properties));
            index += 1;
        }
        expected.assert_eq(&described);
    }

    #[test]
    fn graphs_lists_and_references() {
        check(
            r##"{"@context":"https://schema.org","@graph":[
                {"@type":"WebPage","isPartOf":{"@id":"#s"},"n":3},
                {"@type":["http://schema.org/WebSite","Thing"],"@id":"#s","name":"Port &amp; Sea"}]}"##,
            &expect![[r#"
                0 ["WebPage"] [("isPartOf", Item(1)), ("n", Text("3"))]
                1 ["WebSite", "Thing"] [("name", Text("Port & Sea"))]
            "#]],
        );
    }

    #[test]
    fn broken_blocks_are_mended() {
        check(
            "//<![CDATA[\n{\"@type\":\"Article\",\"headline\":\"a\nb\\'c\",\"x\":[1,],};\n//]]>",
            &expect![[r#"
                0 ["Article"] [("headline", Text("a b'c")), ("x", Text("1"))]
            "#]],
        );
        check(
            r#"{"@type":"NewsArticle","headline":"a "quoted" word","datePublished":"2025-06-02" "x"}"#,
            &expect![[r#"
                0 ["NewsArticle"] [("headline", Text("a")), ("datePublished", Text("2025-06-02"))]
            "#]],
        );
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        check(&deep, &expect![""]);
        let nested = format!("{}1{}", r#"{"a":"#.repeat(100), "}".repeat(100));
        let html = format!("<script type='application/ld+json'>{nested}</script>");
        let data = StructuredData::of(&Page::parse(&html, ""));
        assert!(data.get(70).is_none());
    }
}
