//! Addresses: the live one joined with the place in it, and our own paths.

use model::capture::CaptureId;
use model::document::Locator;
use model::page::{Copy, DiscussionCard, Tab, VideoCard, WebResult};
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
        Locator::Seconds(seconds) => {
            at_second(without_fragment, *seconds).unwrap_or_else(|| url.to_owned())
        }
        // A permalink that is no web address would hide what the result is.
        Locator::Comment(permalink) => followed(permalink).unwrap_or_else(|| url.to_owned()),
    }
}

/// How a site is told the second from which to play.
enum Second {
    /// A parameter with a number of seconds.
    Parameter(&'static str),
    /// The parameter `t` with `s` behind the number.
    WithUnit,
    /// `#t=65s`.
    Fragment,
}

/// Sites that play from a second that their address names, by registrable domain: what their own
/// share buttons write.
const PLAYERS: &[(&str, Second)] = &[
    ("youtube.com", Second::Parameter("t")),
    ("youtu.be", Second::Parameter("t")),
    ("youtube-nocookie.com", Second::Parameter("start")),
    ("odysee.com", Second::Parameter("t")),
    ("dailymotion.com", Second::Parameter("start")),
    ("archive.org", Second::Parameter("start")),
    ("bilibili.com", Second::Parameter("t")),
    ("twitch.tv", Second::WithUnit),
    ("vimeo.com", Second::Fragment),
];

/// Endings of files that browsers play themselves, from `#t=65` on (W3C Media Fragments URI 1.0,
/// section 4.2.1).
const MEDIA: &[&str] = &[
    "mp4", "m4v", "webm", "ogv", "mp3", "m4a", "ogg", "opus", "wav",
];

/// The address (without fragment) that plays from a second on; `None` where no such address is
/// known.
fn at_second(url: &str, seconds: u32) -> Option<String> {
    let parsed = Url::parse(url).ok()?;
    let ending = parsed.path().rsplit_once('.').map(|(_, ending)| ending);
    if ending.is_some_and(|ending| MEDIA.iter().any(|known| ending.eq_ignore_ascii_case(known))) {
        return Some(format!("{url}#t={seconds}"));
    }
    let host = parsed.host_str()?;
    let of = |site: &str| {
        host.strip_suffix(site)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let (_, second) = PLAYERS.iter().find(|(site, _)| of(site))?;
    Some(match second {
        Second::Parameter(name) => with_parameter(url, name, &seconds.to_string()),
        Second::WithUnit => with_parameter(url, "t", &format!("{seconds}s")),
        Second::Fragment => format!("{url}#t={seconds}s"),
    })
}

/// The address with a parameter in place of one of that name.
fn with_parameter(url: &str, name: &str, value: &str) -> String {
    let Some((path, query)) = url.split_once('?') else {
        return format!("{url}?{name}={value}");
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty() && part.split('=').next() != Some(name))
        .collect();
    let between = if kept.is_empty() { "" } else { "&" };
    format!("{path}?{}{between}{name}={value}", kept.join("&"))
}

/// The live address that plays from a second on; `None` where no such address is known.
pub(crate) fn played(url: &str, seconds: u32) -> Option<String> {
    let url = url.trim();
    let without_fragment = url.split_once('#').map_or(url, |(before, _)| before);
    followed(&at_second(without_fragment, seconds)?)
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

/// Path of a search in a tab: `/search?q=…&kind=video`.
pub fn tab_path(query: &str, tab: Tab) -> String {
    match tab {
        Tab::All => search_path(query),
        tab => format!("{}&kind={}", search_path(query), tab.as_str()),
    }
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
pub fn page_path(query: &str, tab: Tab, offset: usize, count: usize) -> String {
    format!("{}&offset={offset}&count={count}", tab_path(query, tab))
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

/// Where a video opens: live at its second, where its site has addresses for that; else the copy
/// at the passage, or the live address.
pub(crate) fn video(card: &VideoCard, query: &str) -> Option<String> {
    let live = live(&card.url, &Locator::Top);
    match card.locator {
        Locator::Seconds(second) => played(&card.url, second)
            .or_else(|| transcript(card, query))
            .or(live),
        _ => live.or_else(|| transcript(card, query)),
    }
}

/// The copy of a video at the passage that answers.
pub(crate) fn transcript(card: &VideoCard, query: &str) -> Option<String> {
    let copy = card.copy?;
    Some(copy_path(copy, query, card.snippet.passage))
}

/// The copy of a discussion at the comment that answers best.
pub(crate) fn thread_copy(card: &DiscussionCard, query: &str) -> Option<String> {
    let best = card.comments.first().map(|comment| comment.passage);
    Some(copy_path(card.copy?, query, best))
}

/// The bytes of a picture that we hold.
pub(crate) fn picture(id: CaptureId) -> String {
    format!("{}/raw", copy_base(Copy::Capture(id)))
}

fn copy_base(copy: Copy) -> String {
    match copy {
        Copy::Capture(id) => format!("/capture/{id}"),
        Copy::Document(id) => format!("/document/{id}"),
    }
}

/// Where a result's other place opens: a page of a PDF in the bytes that we hold, else live.
pub(crate) fn place(result: &WebResult, locator: &Locator) -> Option<String> {
    match locator {
        Locator::Seconds(second) => played(&result.url, *second),
        _ => original(result, locator).or_else(|| live(&result.url, locator)),
    }
}

pub(crate) fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
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
        for (url, expected) in [
            (
                "https://www.youtube.com/watch?v=1",
                "https://www.youtube.com/watch?v=1&t=65",
            ),
            (
                "https://www.youtube.com/watch?t=3&v=1#c",
                "https://www.youtube.com/watch?v=1&t=65",
            ),
            ("https://youtu.be/1", "https://youtu.be/1?t=65"),
            ("https://vimeo.com/1", "https://vimeo.com/1#t=65s"),
            (
                "https://www.twitch.tv/videos/1",
                "https://www.twitch.tv/videos/1?t=65s",
            ),
            (
                "https://archive.org/details/1",
                "https://archive.org/details/1?start=65",
            ),
            (
                "https://v.example/talk.MP4?x=1",
                "https://v.example/talk.MP4?x=1#t=65",
            ),
            // No address with a second is known.
            ("https://v.example/watch?v=1", "https://v.example/watch?v=1"),
            (
                "https://notyoutube.com/watch?v=1",
                "https://notyoutube.com/watch?v=1",
            ),
        ] {
            check(url, &second, Some(expected));
            assert_eq!(played(url, 65).is_some(), url != expected, "{url}");
        }
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
        assert_eq!(
            page_path("a", Tab::All, 20, 20),
            "/search?q=a&offset=20&count=20"
        );
        assert_eq!(
            page_path("a", Tab::Videos, 20, 20),
            "/search?q=a&kind=video&offset=20&count=20"
        );
        let copy = Copy::Capture(CaptureId([1; 16]));
        let id = "01".repeat(16);
        assert_eq!(
            copy_path(copy, "a b", Some(3)),
            format!("/capture/{id}?q=a+b#passage-3")
        );
        assert_eq!(copy_path(copy, "", None), format!("/capture/{id}"));
    }
}
