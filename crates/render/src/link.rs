//! Addresses: the live one joined with the place in it, and our own paths.

use model::document::Locator;
use model::page::{Copy, WebResult};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;
use url::form_urlencoded::byte_serialize;

/// What a fragment may not hold bare (URL Standard, fragment percent-encode set, and `#`).
const FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'`');

/// The live address at the place that the locator names; `None` where a web page cannot link to
/// it: `file:`, `javascript:`, no address at all.
pub fn live(url: &str, locator: &Locator) -> Option<String> {
    followed(&opened(url, locator))
}

/// The address at the place, whatever its scheme.
pub(crate) fn opened(url: &str, locator: &Locator) -> String {
    let url = url.trim();
    let without_fragment = url.split_once('#').map_or(url, |(before, _)| before);
    match locator {
        Locator::Top => url.to_owned(),
        Locator::Section(anchor) => {
            format!(
                "{without_fragment}#{}",
                utf8_percent_encode(anchor, FRAGMENT)
            )
        }
        Locator::Page(page) => format!("{without_fragment}#page={page}"),
        Locator::Seconds(seconds) => at_second(without_fragment, *seconds),
        // A permalink that is no web address would hide what the result is.
        Locator::Comment(permalink) => followed(permalink).unwrap_or_else(|| url.to_owned()),
    }
}

/// Video sites read the second from the parameter `t`.
fn at_second(url: &str, seconds: u32) -> String {
    let Some((path, query)) = url.split_once('?') else {
        return format!("{url}?t={seconds}");
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty() && part.split('=').next() != Some("t"))
        .collect();
    let between = if kept.is_empty() { "" } else { "&" };
    format!("{path}?{}{between}t={seconds}", kept.join("&"))
}

/// The address as a browser may follow it from our page: `http` or `https`, as written where it
/// has no white space or control characters.
fn followed(url: &str) -> Option<String> {
    let parsed = Url::parse(url).ok()?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return None;
    }
    let plain = !url.contains(|c: char| c.is_control() || c.is_whitespace());
    // `http:x` is read as `http://x/`, but relative to a page of the same scheme by a browser.
    let absolute = url.split_once("://").is_some();
    Some(if plain && absolute {
        url.to_owned()
    } else {
        parsed.into()
    })
}

/// Path of a search: `/search?q=…`.
pub fn search_path(query: &str) -> String {
    format!("/search?q={}", encoded(query))
}

/// A query with `site:` added so that it holds for all of it: quotes and parentheses are closed
/// first, as they are where a query is read, and alternatives stand in parentheses.
pub(crate) fn within_site(query: &str, site: &str) -> String {
    let mut text = query.trim().to_owned();
    let quotes = text
        .chars()
        .filter(|c| {
            matches!(
                c,
                '"' | '“'
                    | '”'
                    | '„'
                    | '‟'
                    | '«'
                    | '»'
                    | '＂'
                    | '「'
                    | '」'
                    | '『'
                    | '』'
                    | '〝'
                    | '〞'
            )
        })
        .count();
    if quotes % 2 == 1 {
        text.push('"');
    }
    let opened = text.chars().filter(|&c| c == '(').count();
    let closed = text.chars().filter(|&c| c == ')').count();
    text.extend(std::iter::repeat_n(')', opened.saturating_sub(closed)));
    if text
        .split_whitespace()
        .any(|word| word.trim_matches(['(', ')']) == "OR")
    {
        text = format!("({text})");
    }
    format!("{text} site:{site}")
}

/// Path of another page of a search. It names the number of results too, as what the server gives
/// unasked is a setting.
pub fn page_path(query: &str, offset: usize, count: usize) -> String {
    format!("{}&offset={offset}&count={count}", search_path(query))
}

/// Path of the copy that we hold: `/capture/ID?q=…#passage-N`; without `q` for an empty query.
pub fn copy_path(copy: Copy, query: &str, passage: Option<u32>) -> String {
    let mut path = copy_base(copy);
    if !query.is_empty() {
        path = format!("{path}?q={}", encoded(query));
    }
    if let Some(number) = passage {
        path = format!("{path}#passage-{number}");
    }
    path
}

/// The copy of a result as text, at its passage. That of a PDF is shown around a page, which the
/// server has to be told: `/capture/ID?q=…&page=12#passage-57`.
pub(crate) fn text_copy(result: &WebResult, copy: Copy, query: &str) -> String {
    let path = copy_path(copy, query, None);
    let between = if path.contains('?') { '&' } else { '?' };
    let path = match &result.locator {
        Locator::Page(page) => format!("{path}{between}page={page}"),
        _ => path,
    };
    match result.snippet.passage {
        Some(number) => format!("{path}#passage-{number}"),
        None => path,
    }
}

/// The original bytes of a PDF that we hold, at a page: `/capture/ID/raw#page=12`; `None` for
/// what browsers show as they show our copy of its text.
pub(crate) fn original(result: &WebResult, locator: &Locator) -> Option<String> {
    let Some(copy @ Copy::Capture(_)) = result.copy else {
        return None;
    };
    let raw = format!("{}/raw", copy_base(copy));
    match locator {
        Locator::Page(page) => Some(format!("{raw}#page={page}")),
        _ => (result.badge.as_deref() == Some("pdf")).then_some(raw),
    }
}

fn copy_base(copy: Copy) -> String {
    match copy {
        Copy::Capture(id) => format!("/capture/{id}"),
        Copy::Document(id) => format!("/document/{id}"),
    }
}

/// Where a result's other place opens: a page of a PDF in the bytes that we hold, else live.
pub(crate) fn place(result: &WebResult, locator: &Locator) -> Option<String> {
    original(result, locator).or_else(|| live(&result.url, locator))
}

pub(crate) fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::capture::CaptureId;
    use std::num::NonZeroU32;

    #[track_caller]
    fn check(url: &str, locator: &Locator, expected: Option<&str>) {
        assert_eq!(live(url, locator).as_deref(), expected);
    }

    #[test]
    fn the_place_joins_the_address() {
        let section = Locator::Section("history".into());
        check(
            "https://a.example/b",
            &Locator::Top,
            Some("https://a.example/b"),
        );
        check(
            "https://a.example/b#x",
            &Locator::Top,
            Some("https://a.example/b#x"),
        );
        check(
            "https://a.example/b",
            &section,
            Some("https://a.example/b#history"),
        );
        check(
            "https://a.example/b#x",
            &section,
            Some("https://a.example/b#history"),
        );
        check(
            "https://a.example/",
            &Locator::Section("\"><b é".into()),
            Some("https://a.example/#%22%3E%3Cb%20%C3%A9"),
        );
        check(
            "https://a.example/f.pdf",
            &Locator::Page(NonZeroU32::new(12).unwrap()),
            Some("https://a.example/f.pdf#page=12"),
        );
        let second = Locator::Seconds(65);
        check(
            "https://v.example/watch?v=1",
            &second,
            Some("https://v.example/watch?v=1&t=65"),
        );
        check(
            "https://v.example/watch?t=3&v=1",
            &second,
            Some("https://v.example/watch?v=1&t=65"),
        );
        check(
            "https://v.example/1#c",
            &second,
            Some("https://v.example/1?t=65"),
        );
        let comment = Locator::Comment("https://r.example/c/1/".into());
        check(
            "https://r.example/c/",
            &comment,
            Some("https://r.example/c/1/"),
        );
        let script = Locator::Comment("javascript:alert(1)".into());
        check(
            "https://r.example/c/",
            &script,
            Some("https://r.example/c/"),
        );
    }

    #[test]
    fn only_web_addresses_are_linked() {
        check("file:///home/a.html", &Locator::Top, None);
        check("javascript:alert(1)", &Locator::Top, None);
        check("java\nscript:alert(1)", &Locator::Top, None);
        check("data:text/html,x", &Locator::Top, None);
        check("/search?q=x", &Locator::Top, None);
        check("", &Locator::Top, None);
        check("https:a.example", &Locator::Top, Some("https://a.example/"));
        check(
            "https://a.example/b c",
            &Locator::Top,
            Some("https://a.example/b%20c"),
        );
        check(
            "  https://a.example/b ",
            &Locator::Top,
            Some("https://a.example/b"),
        );
    }

    #[test]
    fn a_site_is_added_to_the_whole_query() {
        let check = |query: &str, expected: &str| {
            assert_eq!(
                within_site(query, "a.example"),
                format!("{expected} site:a.example")
            );
        };
        check("river treaty", "river treaty");
        check("river OR canal", "(river OR canal)");
        check("(river OR canal) treaty", "((river OR canal) treaty)");
        check("\"river treaty", "\"river treaty\"");
        check("(river (canal", "(river (canal))");
        check("«river treaty", "«river treaty\"");
        check("ORDER", "ORDER");
    }

    #[test]
    fn our_paths() {
        assert_eq!(search_path("a & b+c"), "/search?q=a+%26+b%2Bc");
        assert_eq!(page_path("a", 20, 20), "/search?q=a&offset=20&count=20");
        let copy = Copy::Capture(CaptureId([1; 16]));
        let id = "01".repeat(16);
        assert_eq!(
            copy_path(copy, "a b", Some(3)),
            format!("/capture/{id}?q=a+b#passage-3")
        );
        assert_eq!(copy_path(copy, "", None), format!("/capture/{id}"));
    }
}
