//! Named fields, as WARC and HTTP write them above their content.

use std::io::{self, BufRead};

use memchr::memchr;

use super::scan;
use crate::stream::{Stream, is_blank};

/// Names in lower case with their values, in the order they were written.
pub(crate) type Fields = Vec<(String, String)>;

/// How the text of a header ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadEnd {
    /// With an empty line.
    Whole,
    /// With its input.
    Early,
    /// Not within the limit.
    TooLong,
    /// Before another record, which begins there.
    Cut,
}

/// Reads up to and with the first empty line, at most `limit` bytes.
///
/// A line that holds nothing but carriage returns is empty too: some files were converted twice
/// (`\r\r\n`).
pub(crate) fn read_head(
    input: &mut dyn BufRead,
    limit: usize,
    head: &mut Vec<u8>,
) -> io::Result<HeadEnd> {
    head.clear();
    let mut line_start = 0;
    loop {
        let window = input.fill_buf()?;
        if window.is_empty() {
            return Ok(HeadEnd::Early);
        }
        let line_end = memchr(b'\n', window).map(|at| at + 1);
        let taken = line_end.unwrap_or(window.len());
        if head.len() + taken > limit {
            return Ok(HeadEnd::TooLong);
        }
        head.extend_from_slice(window.get(..taken).unwrap_or_default());
        input.consume(taken);
        if line_end.is_some() {
            let line = head.get(line_start..).unwrap_or_default();
            if line_start > 0 && line.iter().all(|b| matches!(b, b'\r' | b'\n')) {
                return Ok(HeadEnd::Whole);
            }
            line_start = head.len();
        }
    }
}

/// Bytes of a record's header that are looked at in one go.
const WINDOW: usize = 8 * 1024;

/// Reads the header of a record, like [`read_head`]: on in the next gzip member where one ends
/// within it, and not into another record.
pub(super) fn read_record_head(
    stream: &mut Stream,
    limit: usize,
    head: &mut Vec<u8>,
) -> io::Result<HeadEnd> {
    head.clear();
    let mut line_start = 0;
    loop {
        let window = stream.peek(WINDOW)?;
        if window.is_empty() {
            match stream.next_beginning()? {
                Some(beginning) if !beginning.starts_with(b"WARC/") => stream.join(),
                _ => return Ok(HeadEnd::Early),
            }
            continue;
        }
        // What begins a record shows only with the bytes behind it.
        let seen = if window.len() < WINDOW {
            window.len()
        } else {
            window.len() - scan::BEGINNING
        };
        let cut = scan::in_head(window, head.last().copied()).filter(|at| *at < seen);
        let mut rest = window.get(..cut.unwrap_or(seen)).unwrap_or_default();
        let (mut taken, mut end) = (0, cut.map(|_| HeadEnd::Cut));
        while !rest.is_empty() {
            let line_end = memchr(b'\n', rest).map(|at| at + 1);
            let (line, behind) = rest
                .split_at_checked(line_end.unwrap_or(rest.len()))
                .unwrap_or_default();
            if head.len() + line.len() > limit {
                end = Some(HeadEnd::TooLong);
                break;
            }
            head.extend_from_slice(line);
            taken += line.len();
            rest = behind;
            if line_end.is_some() {
                let line = head.get(line_start..).unwrap_or_default();
                if line_start > 0 && line.iter().all(|b| is_blank(*b)) {
                    end = Some(HeadEnd::Whole);
                    break;
                }
                line_start = head.len();
            }
        }
        stream.consume(taken);
        if let Some(end) = end {
            return Ok(end);
        }
    }
}

/// The first line of a header, and its fields. Lines that are neither are passed over.
pub(crate) fn parse_head(head: &[u8]) -> (String, Fields) {
    let mut lines = head.split(|b| *b == b'\n');
    let first = text(lines.next().unwrap_or_default());
    let mut fields: Fields = Vec::with_capacity(16);
    for line in lines {
        // A line that begins with space goes on with the one above (RFC 9112, section 5.2).
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            let more = text(line);
            if let Some((_, value)) = fields.last_mut()
                && !more.is_empty()
            {
                value.push(' ');
                value.push_str(&more);
            }
            continue;
        }
        let Some(colon) = memchr(b':', line) else {
            continue;
        };
        let (name, value) = line.split_at_checked(colon).unwrap_or_default();
        let mut name = text(name);
        name.make_ascii_lowercase();
        if !name.is_empty() {
            fields.push((name, text(value.get(1..).unwrap_or_default())));
        }
    }
    (first, fields)
}

/// The first value of that name (lower case); the first, as crawlers are known to copy a server's
/// fields below their own.
pub(crate) fn field<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// UTF-8, else ISO 8859-1, which every sequence of bytes is (RFC 9110, section 5.5, of old).
fn text(bytes: &[u8]) -> String {
    let bytes = bytes.trim_ascii();
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

/// Whether a block begins like an HTTP response: `HTTP/1.1 …`, `ICY …`; an archive of pywb has
/// `HTTPX/1.1 …`.
pub(crate) fn begins_response(block: &[u8]) -> bool {
    let word = block.split(|b| *b == b' ').next().unwrap_or_default();
    word == b"ICY" || (word.starts_with(b"HTTP") && word.contains(&b'/'))
}

/// The status of an HTTP status line: `HTTP/1.1 200 OK`, `HTTP/2 200`.
pub(crate) fn status(line: &str) -> Option<u16> {
    let mut words = line.split_ascii_whitespace();
    if !begins_response(words.next()?.as_bytes()) {
        return None;
    }
    let status = words.next()?.get(..3)?.parse().ok()?;
    (100..1000).contains(&status).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &[u8], end: HeadEnd, first: &str, expected: &[(&str, &str)], rest: &[u8]) {
        let mut input = input;
        let mut head = Vec::new();
        assert_eq!(read_head(&mut input, 100, &mut head).unwrap(), end);
        let (line, fields) = parse_head(&head);
        let fields: Vec<_> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!((line.as_str(), fields.as_slice()), (first, expected));
        assert_eq!(input, rest);
    }

    #[test]
    fn fields_are_read_as_they_are_found_in_the_wild() {
        use HeadEnd::{Early, TooLong, Whole};
        check(b"a\r\nB: c\r\n\r\nd", Whole, "a", &[("b", "c")], b"d");
        check(
            b"a\nB:c \nb: d\n\nd",
            Whole,
            "a",
            &[("b", "c"), ("b", "d")],
            b"d",
        );
        check(b"a\r\r\nB: c\r\r\n\r\r\nd", Whole, "a", &[("b", "c")], b"d");
        check(b"a\nB: c\n d\n\te\n\n", Whole, "a", &[("b", "c d e")], b"");
        check(
            b"a\nno colon\n: no name\nB:\n\n",
            Whole,
            "a",
            &[("b", "")],
            b"",
        );
        check(b"a\nB: c\xff\xe9\n\n", Whole, "a", &[("b", "cÿé")], b"");
        check("a\nB: é\n\n".as_bytes(), Whole, "a", &[("b", "é")], b"");
        check(b"a\nB: c", Early, "a", &[("b", "c")], b"");
        check(b"", Early, "", &[], b"");
        let long = [b"a\n".as_slice(), &[b'x'; 100]].concat();
        check(&long, TooLong, "a", &[], &[b'x'; 100]);
    }

    #[test]
    fn status_lines() {
        assert_eq!(status("HTTP/1.1 200 OK"), Some(200));
        assert_eq!(status("HTTP/1.0 302"), Some(302));
        assert_eq!(status("HTTP/2 404 "), Some(404));
        assert_eq!(status("ICY 200 OK"), Some(200));
        assert_eq!(status("HTTPX/1.1 200 OK"), Some(200));
        assert_eq!(status("HTTP/1.1 20é"), None);
        assert_eq!(status("HTTP/1.1"), None);
        assert_eq!(status("<html> 200"), None);
    }
}
