//! `/capture/ID/raw`: the original bytes, read from their origin again.

use std::ops::RangeInclusive;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use engine::Engine as _;
use model::capture::{Capture, CaptureId};
use model::record::{MediaType, Record};

use super::{Answer, Served, Shared, blocking, missing, protect};
use crate::failure::{Failure, Kind};

/// The original runs nothing, loads nothing and has no origin of ours.
const ORIGINAL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
    img-src data:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Browsers refuse to show a PDF in their own viewer under `sandbox`; a PDF has no scripts of
/// ours to reach.
const PDF_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn capture(
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    blocking(&app, move |served| {
        let capture = match CaptureId::try_from(id) {
            Ok(id) => served.engine.view()?.capture(id)?,
            Err(_) => None,
        };
        let Some(capture) = capture else {
            return Ok(missing(
                "No such capture",
                "The index holds no capture of that id.",
                "It may have been added to another index.",
            ));
        };
        let (record, bytes) = read(served, &capture)?;
        let range = headers
            .get(header::RANGE)
            .and_then(|range| range.to_str().ok());
        Ok(answer(&capture, &record, bytes, range))
    })
    .await
}

/// Reads the record from the first of its origins that still has it.
fn read(served: &Served, capture: &Capture) -> anyhow::Result<(Record, Vec<u8>)> {
    let mut reason = None;
    for origin in &original(served, capture)?.origins {
        match ingest::read_again(origin, &served.read) {
            Ok((record, bytes)) => {
                let same = origin.digest.is_none() || record.digest == origin.digest;
                if same {
                    return Ok((record, bytes));
                }
                reason = Some(format!("`{origin}` has changed since it was added"));
            }
            Err(error) => reason = Some(format!("`{origin}`: {error}")),
        }
    }
    let reason = reason.unwrap_or_else(|| "its original has not been added".to_owned());
    Err(Failure::new(
        Kind::Input,
        format!("the original bytes cannot be read: {reason}"),
    )
    .hint("Put the file back where it was when it was added; the text is still held.")
    .into())
}

/// The capture that holds the bytes: for a revisit, an earlier one of the same content.
fn original(served: &Served, capture: &Capture) -> anyhow::Result<Capture> {
    if capture.refers_to.is_none() {
        return Ok(capture.clone());
    }
    let view = served.engine.view()?;
    let captures = match capture.document {
        Some(document) => view.captures_of(document)?,
        // What gives no document, such as an image, is found by its address and content.
        None => view.captures(&capture.surt)?,
    };
    let same = |other: &Capture| {
        other.refers_to.is_none()
            && (capture.document.is_some()
                || (capture.digest.is_some() && other.digest == capture.digest)
                || (capture.archive_digest.is_some()
                    && other.archive_digest == capture.archive_digest))
    };
    captures.into_iter().find(same).ok_or_else(|| {
        Failure::new(
            Kind::Input,
            "the original of this revisit has not been added",
        )
        .hint("Add the archive that holds it.")
        .into()
    })
}

fn answer(capture: &Capture, record: &Record, bytes: Vec<u8>, range: Option<&str>) -> Answer {
    let bytes = Bytes::from(disarm(bytes, &capture.media_type));
    let length = bytes.len() as u64;
    let mut response = Answer::new(Body::empty());
    protect(response.headers_mut());
    let media_type = content_type(capture, record);
    let policy = if media_type == "application/pdf" {
        PDF_POLICY
    } else {
        ORIGINAL_POLICY
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    headers.insert(
        HeaderName::from_static("x-dns-prefetch-control"),
        HeaderValue::from_static("off"),
    );
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&media_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    match range.map(|range| parse_range(range, length)) {
        None | Some(Range::Whole) => *response.body_mut() = Body::from(bytes),
        Some(Range::Part(part)) => {
            let value = format!("bytes {}-{}/{length}", part.start(), part.end());
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let wanted = *part.start() as usize..=*part.end() as usize;
            *response.body_mut() = Body::from(bytes.slice(wanted));
        }
        Some(Range::Unsatisfiable) => {
            if let Ok(value) = HeaderValue::from_str(&format!("bytes */{length}")) {
                response.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
        }
    }
    response
}

/// Renames the `link` elements of a page, in place: browsers connect to other machines for some of
/// them (`preconnect`, `dns-prefetch`), and no policy stops that. Every other byte is as it was.
fn disarm(mut bytes: Vec<u8>, media_type: &MediaType) -> Vec<u8> {
    let marked = ["html", "xml", "svg"]
        .iter()
        .any(|kind| media_type.as_str().contains(kind));
    if !marked {
        return bytes;
    }
    let utf16 = |big_endian: bool| -> Vec<u8> {
        "<link"
            .encode_utf16()
            .flat_map(|unit| {
                if big_endian {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    for (pattern, second) in [(b"<link".to_vec(), 1), (utf16(false), 2), (utf16(true), 3)] {
        let found: Vec<usize> = bytes
            .windows(pattern.len())
            .enumerate()
            .filter(|(_, window)| window.eq_ignore_ascii_case(&pattern))
            .map(|(at, _)| at + second)
            .collect();
        for at in found {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = b'x';
            }
        }
    }
    bytes
}

/// The sniffed type, with the charset that the server declared: without it a page in an old
/// encoding would be shown wrong.
fn content_type(capture: &Capture, record: &Record) -> String {
    let declared = record.header("content-type").and_then(|declared| {
        let at = declared.to_ascii_lowercase().find("charset=")?;
        let name = declared.get(at + 8..)?.trim_matches(['"', '\'', ' ']);
        let name: String = name
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c))
            .collect();
        (!name.is_empty()).then_some(name)
    });
    match declared {
        Some(charset) if capture.media_type.as_str().starts_with("text/") => {
            format!("{}; charset={charset}", capture.media_type)
        }
        _ => capture.media_type.to_string(),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    Part(RangeInclusive<u64>),
    Unsatisfiable,
}

/// A `Range` header by RFC 9110, section 14: one range of bytes; several, or another unit, are
/// answered with the whole, as the section allows.
fn parse_range(text: &str, length: u64) -> Range {
    let Some(spec) = text.trim().strip_prefix("bytes=") else {
        return Range::Whole;
    };
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else {
        return Range::Whole;
    };
    let end = length.saturating_sub(1);
    let part = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..=last.min(end),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..=end,
        (Err(_), Ok(last)) if first.trim().is_empty() => {
            if last == 0 {
                return Range::Unsatisfiable;
            }
            length.saturating_sub(last)..=end
        }
        _ => return Range::Whole,
    };
    if length == 0 || *part.start() >= length {
        Range::Unsatisfiable
    } else {
        Range::Part(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_pages_are_disarmed_in_place() {
        let check = |input: &str, media_type: &str, expected: &str| {
            let bytes = disarm(input.as_bytes().to_vec(), &MediaType::new(media_type));
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        };
        let page = "<p>é</p><LINK rel=preconnect href=//a.example><link\nrel=x>";
        check(
            page,
            "text/html",
            "<p>é</p><xINK rel=preconnect href=//a.example><xink\nrel=x>",
        );
        check(page, "text/plain", page);
        let wide: Vec<u8> = "<link>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let disarmed = disarm(wide, &MediaType::new("text/html"));
        assert_eq!(&disarmed[..4], b"<\0x\0");
    }

    #[test]
    fn ranges() {
        let check = |text: &str, expected: Range| assert_eq!(parse_range(text, 10), expected);
        check("bytes=0-3", Range::Part(0..=3));
        check("bytes=4-", Range::Part(4..=9));
        check("bytes=-3", Range::Part(7..=9));
        check("bytes=-30", Range::Part(0..=9));
        check("bytes=2-99", Range::Part(2..=9));
        check("bytes=10-", Range::Unsatisfiable);
        check("bytes=-0", Range::Unsatisfiable);
        check("bytes=3-2", Range::Whole);
        check("bytes=0-1,4-5", Range::Whole);
        check("lines=0-1", Range::Whole);
        assert_eq!(parse_range("bytes=0-", 0), Range::Unsatisfiable);
    }
}
