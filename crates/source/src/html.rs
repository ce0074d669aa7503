//! What an HTML file says of itself: its address, and when it was saved.

use std::borrow::Cow;

use model::time::UnixSeconds;
use url::Url;

/// Bytes in which a browser's comment stands.
const COMMENT: usize = 4 * 1024;

/// What a file says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// The address of its `link rel=canonical`.
    pub(crate) canonical: Option<String>,
    /// The address of its `og:url`.
    pub(crate) og_url: Option<String>,
    /// Where the program that saved it found it.
    pub(crate) saved_from: Option<String>,
    /// When that was.
    pub(crate) saved: Option<UnixSeconds>,
}

/// The head as bytes whose ASCII can be searched: UTF-16 loses its zero bytes.
fn narrow(head: &[u8]) -> Cow<'_, [u8]> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        head.iter().copied().filter(|byte| *byte != 0).collect()
    } else {
        Cow::Borrowed(head)
    }
}

/// Scans for tags and comments; no tree is built, as the extractor builds one anyway.
pub(crate) fn declared(head: &[u8]) -> Declared {
    let head = narrow(head);
    let head = head.as_ref();
    let mut said = Declared::default();
    let comments = head.get(..COMMENT.min(head.len())).unwrap_or_default();
    saved_comment(&String::from_utf8_lossy(comments), &mut said);
    let mut rest = head;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = behind(comment, b"-->");
        } else if starts_with_tag(rest, b"script") {
            rest = behind(rest, b"</script");
        } else if starts_with_tag(rest, b"style") {
            rest = behind(rest, b"</style");
        } else if starts_with_tag(rest, b"link") {
            let tag = Tag::of(rest);
            let rel = tag.value("rel").unwrap_or_default().to_ascii_lowercase();
            if rel.split_ascii_whitespace().any(|word| word == "canonical") {
                said.canonical = said.canonical.or_else(|| absolute(&tag.value("href")?));
            }
        } else if starts_with_tag(rest, b"meta") {
            let tag = Tag::of(rest);
            let name = tag.value("property").or_else(|| tag.value("name"));
            if name.is_some_and(|name| name.eq_ignore_ascii_case("og:url")) {
                said.og_url = said.og_url.or_else(|| absolute(&tag.value("content")?));
            }
        } else if starts_with_tag(rest, b"body") {
            break;
        }
    }
    said
}

/// What is behind the first occurrence, in capitals or not; nothing if there is none. `end` begins
/// with a sign that is no letter.
fn behind<'t>(text: &'t [u8], end: &[u8]) -> &'t [u8] {
    let first = end.first().copied().unwrap_or_default();
    let at = memchr::memchr_iter(first, text).find(|at| {
        text.get(*at..at + end.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(end))
    });
    at.and_then(|at| text.get(at + end.len()..))
        .unwrap_or_default()
}

fn starts_with_tag(rest: &[u8], name: &[u8]) -> bool {
    rest.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
        && rest
            .get(name.len())
            .is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
}

/// The attributes of one start tag.
struct Tag(Vec<(String, String)>);

impl Tag {
    /// Reads from behind `<`.
    fn of(text: &[u8]) -> Self {
        let text = text.get(..4096.min(text.len())).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let mut attributes = Vec::new();
        let name_end = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/');
        let mut rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() || rest.starts_with('>') || attributes.len() == 32 {
                return Self(attributes);
            }
            let at = rest.find(name_end).unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(at).unwrap_or_default();
            rest = after.trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                let (text, end) = if let Some(quote) = quote {
                    let inside = after.get(1..).unwrap_or_default();
                    let at = inside.find(quote).unwrap_or(inside.len());
                    let (text, end) = inside.split_at_checked(at).unwrap_or_default();
                    (text, end.get(1..).unwrap_or_default())
                } else {
                    let end = |c: char| c.is_ascii_whitespace() || c == '>';
                    let at = after.find(end).unwrap_or(after.len());
                    after.split_at_checked(at).unwrap_or_default()
                };
                (value, rest) = (text, end);
            } else if name.is_empty() {
                return Self(attributes);
            }
            attributes.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(known, _)| known == name);
        // The references that addresses are written with.
        found.map(|(_, value)| value.replace("&amp;", "&").replace("&#38;", "&"))
    }
}

/// An address as it is written, if it is an absolute one of the web.
fn absolute(text: &str) -> Option<String> {
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    web.then(|| text.to_owned())
}

/// `saved from url=(0023)https://a.example/` of browsers; `Page saved with SingleFile`, `url: …`,
/// `saved date: …` of the extension.
fn saved_comment(text: &str, said: &mut Declared) {
    let word_behind = |mark: &str| -> Option<&str> {
        let at = text.find(mark)?;
        text.get(at + mark.len()..)?.split_ascii_whitespace().next()
    };
    let browser = word_behind("saved from url=(").and_then(|word| word.split_once(')'));
    if let Some((_, address)) = browser {
        said.saved_from = absolute(address.trim_end_matches("-->"));
    }
    let Some(single_file) = text.find("Page saved with SingleFile") else {
        return;
    };
    let text = text.get(single_file..).unwrap_or_default();
    for line in text.lines().skip(1).take(8) {
        let line = line.trim();
        if let Some(address) = line.strip_prefix("url:") {
            said.saved_from = said.saved_from.take().or_else(|| absolute(address));
        } else if let Some(date) = line.strip_prefix("saved date:") {
            said.saved = script_date(date);
        }
    }
}

/// A date as JavaScript prints it: `Sat Jan 02 2021 12:00:00 GMT+0100 (…)`.
fn script_date(text: &str) -> Option<UnixSeconds> {
    let mut words = text.split_ascii_whitespace().skip(1);
    let (month, day, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let zone = words.next().and_then(|zone| zone.strip_prefix("GMT"));
    let zone = zone.filter(|zone| zone.len() == 5).unwrap_or("+0000");
    let date = format!("{day} {month} {year} {clock} {zone}");
    let instant = jiff::fmt::rfc2822::parse(&date).ok()?;
    Some(UnixSeconds(instant.timestamp().as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, canonical: Option<&str>, og_url: Option<&str>, saved_from: Option<&str>) {
        let said = declared(head.as_bytes());
        let found = (
            said.canonical.as_deref(),
            said.og_url.as_deref(),
            said.saved_from.as_deref(),
        );
        assert_eq!(found, (canonical, og_url, saved_from), "{head}");
    }

    #[test]
    fn what_a_page_says_of_its_address() {
        let page = Some("https://veldania.example/a?b=1&c");
        check(
            r#"<link rel="canonical" href="https://veldania.example/a?b=1&amp;c">"#,
            page,
            None,
            None,
        );
        check(
            "<LINK href=https://veldania.example/a?b=1&c REL=Canonical>",
            page,
            None,
            None,
        );
        check(
            "<link rel='x canonical'\n href = 'https://veldania.example/a?b=1&c' />",
            page,
            None,
            None,
        );
        for hiding in [
            "<SCRIPT>'<link rel=canonical href=https://istmere.example/>'</SCRIPT>",
            "<style>a < b</STYLE >",
            "<TITLE>a</Title>",
            "<!-- <link rel=canonical href=https://istmere.example/> -->",
        ] {
            let link = "<link rel=canonical href=https://veldania.example/a?b=1&c>";
            check(&format!("{hiding}{link}"), page, None, None);
        }
        check(r#"<link rel="canonical" href="/a">"#, None, None, None);
        check(
            r#"<link rel="canonical" href="javascript:a">"#,
            None,
            None,
            None,
        );
        check(
            r#"<link rel="alternate" href="https://veldania.example/">"#,
            None,
            None,
            None,
        );
        check(
            r#"<meta property="og:url" content="https://veldania.example/a?b=1&c">"#,
            None,
            page,
            None,
        );
        check(
            r#"<!-- <link rel="canonical" href="https://veldania.example/"> -->"#,
            None,
            None,
            None,
        );
        check(
            r#"<script>"<link rel='canonical' href='https://a.example/'>"</script>"#,
            None,
            None,
            None,
        );
        check(
            r#"<body><link rel="canonical" href="https://veldania.example/">"#,
            None,
            None,
            None,
        );
        check("<link rel=canonical href", None, None, None);
        check("<link =", None, None, None);
    }

    #[test]
    fn what_a_browser_says_where_it_saved_the_page() {
        let page = Some("https://veldania.example/a");
        check(
            "<!-- saved from url=(0026)https://veldania.example/a -->\n<html>",
            None,
            None,
            page,
        );
        check(
            "<!-- saved from url=(0014)about:internet -->\n<html>",
            None,
            None,
            None,
        );
        let single = "<html><!--\n Page saved with SingleFile \n url: https://veldania.example/a \n \
                      saved date: Sat Jan 02 2021 12:00:00 GMT+0100 (Veldania Standard Time)\n-->";
        check(single, None, None, page);
        let saved = declared(single.as_bytes()).saved.map(|i| i.to_string());
        assert_eq!(saved.as_deref(), Some("2021-01-02T11:00:00Z"));
    }
}
