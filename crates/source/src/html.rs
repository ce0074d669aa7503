//! HTML files: one page a file, as browsers save them and mirrors keep them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use model::record::{Position, Record, RecordKind};
use model::time::UnixSeconds;
use url::Url;

use crate::payload::Sink;
use crate::sniff::sniff;
use crate::{Items, Options, ReadError, Source, file_origin, modified};

/// Name and version of this reader.
pub(crate) const READER: &str = "html 1";

/// Bytes of a file in which what it says of its address is looked for: pages with inlined styles
/// have long heads.
const HEAD: usize = 64 * 1024;

/// Bytes in which a browser's comment stands.
const COMMENT: usize = 4 * 1024;

/// An HTML file.
pub(crate) struct Html {
    path: PathBuf,
    options: Options,
    size: u64,
}

impl Html {
    /// Opens a file; nothing is read yet.
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, ReadError> {
        let data = std::fs::metadata(path).map_err(|source| ReadError::Open {
            path: path.to_owned(),
            origin: Box::new(file_origin(path, options)),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            options: options.clone(),
            size: data.len(),
        })
    }

    fn read(&self) -> Result<Record, ReadError> {
        let mut origin = file_origin(&self.path, &self.options);
        let file = File::open(&self.path).map_err(|source| ReadError::Open {
            path: self.path.clone(),
            origin: Box::new(origin.clone()),
            source,
        })?;
        let failed = |source| ReadError::Io {
            origin: Box::new(origin.clone()),
            source,
        };
        let modified = modified(&file);
        let mut head = Vec::with_capacity(HEAD);
        let mut reader = BufReader::with_capacity(HEAD, file);
        let mut sink = Sink::new(&self.options, self.size);
        (&mut reader)
            .take(HEAD as u64)
            .read_to_end(&mut head)
            .map_err(failed)?;
        sink.write(&head);
        loop {
            let length = match reader.fill_buf() {
                Ok([]) => break,
                Ok(window) => {
                    sink.write(window);
                    window.len()
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            reader.consume(length);
        }
        let kept = sink.finish().map_err(|source| ReadError::Spool {
            path: self.options.spool.clone(),
            origin: Box::new(origin.clone()),
            source,
        })?;
        origin.digest = Some(kept.digest);
        let mut warnings = Vec::new();
        let said = declared(&narrow(&head));
        let url = self.address(&said, &mut warnings);
        Ok(Record {
            kind: RecordKind::Resource,
            media_type: sniff(&kept.beginning, None, &self.path.to_string_lossy()),
            url,
            captured: said.saved.unwrap_or(modified),
            status: None,
            headers: Vec::new(),
            payload: kept.payload,
            digest: Some(kept.digest),
            archive_digest: None,
            truncated: kept.cut,
            origin,
            warnings,
        })
    }

    /// What the file declares, else its place below the base, else its `file:` address.
    fn address(&self, said: &Declared, warnings: &mut Vec<String>) -> String {
        let below = self.below();
        if let Some(canonical) = said.canonical.as_ref().or(said.og_url.as_ref()) {
            // Sites whose every page declares the home page are known; where the place of the
            // file shows that it is not the home page, it is not believed.
            let home =
                Url::parse(canonical).is_ok_and(|url| url.path() == "/" && url.query().is_none());
            let is_home = below.starts_with("index.") || below.starts_with("default.");
            if self.options.base.is_none() || !home || is_home {
                return canonical.clone();
            }
            warnings.push(format!(
                "`{below}` declares the home page `{canonical}` as its own"
            ));
        }
        if let Some(saved) = &said.saved_from {
            return saved.clone();
        }
        if let Some(base) = &self.options.base
            && let Some(url) = below_base(base, &below)
        {
            return url;
        }
        match Url::from_file_path(&self.path) {
            Ok(url) => url.into(),
            Err(()) => format!("file:///{below}"),
        }
    }

    /// The path below the source, with `/` between its parts.
    fn below(&self) -> String {
        let below = self.path.strip_prefix(&self.options.source).ok();
        let below = below.filter(|below| !below.as_os_str().is_empty());
        let below = below.unwrap_or_else(|| Path::new(self.path.file_name().unwrap_or_default()));
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    }
}

impl Source for Html {
    fn open(&self, from: Option<Position>) -> Result<Items<'_>, ReadError> {
        if from.is_some_and(|position| position.0 >= self.size) {
            return Ok(Box::new(std::iter::empty()));
        }
        let result = self.read();
        let again = matches!(&result, Err(error) if error.is_transient());
        let item = (Position(if again { 0 } else { self.size }), result);
        Ok(Box::new(std::iter::once(item)))
    }

    fn bytes(&self) -> Option<u64> {
        Some(self.size)
    }
}

/// The address of a file below a base. A `?` in the name is a query: `wget -r` keeps
/// `index.php?page=2` under that name.
fn below_base(base: &str, below: &str) -> Option<String> {
    let mut address = base.trim_end_matches('/').to_owned();
    address.push('/');
    let mut rest = below;
    while let Some(at) = rest.find(['%', '#']) {
        let (before, from) = rest.split_at_checked(at)?;
        address.push_str(before);
        let mut digits = from.bytes().skip(1).take(2).filter(u8::is_ascii_hexdigit);
        let escaped = from.starts_with('%') && digits.by_ref().count() == 2;
        address.push_str(match (escaped, from.starts_with('%')) {
            (true, _) => "%",
            (false, true) => "%25",
            (false, false) => "%23",
        });
        rest = from.get(1..)?;
    }
    address.push_str(rest);
    Url::parse(&address).ok().map(Into::into)
}

/// What a file says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Declared {
    canonical: Option<String>,
    og_url: Option<String>,
    saved_from: Option<String>,
    saved: Option<UnixSeconds>,
}

/// The head as bytes whose ASCII can be searched: UTF-16 loses its zero bytes.
fn narrow(head: &[u8]) -> Vec<u8> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        head.iter().copied().filter(|byte| *byte != 0).collect()
    } else {
        head.to_vec()
    }
}

/// Scans for tags and comments; no tree is built, as the extractor builds one anyway.
fn declared(head: &[u8]) -> Declared {
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

    #[test]
    fn places_below_a_base() {
        let check = |below: &str, expected: &str| {
            assert_eq!(
                below_base("https://veldania.example/x/", below).as_deref(),
                Some(expected)
            );
        };
        check("a/index.html", "https://veldania.example/x/a/index.html");
        check(
            "index.php?page=2",
            "https://veldania.example/x/index.php?page=2",
        );
        check("100%.html", "https://veldania.example/x/100%25.html");
        check("a%20b#c.html", "https://veldania.example/x/a%20b%23c.html");
        check("a b/é.html", "https://veldania.example/x/a%20b/%C3%A9.html");
    }
}
