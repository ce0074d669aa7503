//! `/capture/ID/raw`: the original bytes, read from their origin again.

use std::ops::RangeInclusive;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use engine::Engine as _;
use model::address::{Host, path_segments};
use model::capture::{Capture, CaptureId};
use model::record::MediaType;

use super::original::{Content, Original, original};
use super::{Answer, Shared, blocking, missing, protect};

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
    method: Method,
    mut headers: HeaderMap,
) -> Answer {
    if method != Method::GET {
        // RFC 9110, section 14.2: ranges are for GET alone.
        headers.remove(header::RANGE);
    }
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
        let mut original = original(served, &capture)?;
        if is_markup(&capture.media_type) {
            let whole = original.bytes.whole()?;
            original.bytes = Content::Memory(disarm(whole, &capture.media_type).into());
        }
        Ok(answer(&capture, original, &headers))
    })
    .await
}

fn answer(capture: &Capture, original: Original, asked: &HeaderMap) -> Answer {
    let length = original.bytes.length();
    let mut response = Answer::new(Body::empty());
    protect(response.headers_mut());
    let media_type = content_type(capture, original.declared.as_deref());
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
    // A capture is named by its content, so its bytes never change.
    let tag = format!("\"{}\"", capture.id);
    let disposition = (!is_markup(&capture.media_type)).then(|| disposition(capture));
    let values = [
        (header::CONTENT_TYPE, Some(media_type)),
        (header::ETAG, Some(tag.clone())),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    for (name, value) in values {
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    let text = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    // RFC 9110, section 13.1.5: a range is of that version, or nothing.
    let range = match text(header::IF_RANGE) {
        Some(version) if version.trim() != tag => None,
        _ => text(header::RANGE),
    };
    match range.map(|range| parse_range(range, length)) {
        None | Some(Range::Whole) => *response.body_mut() = original.bytes.body(0, length),
        Some(Range::Part(part)) => {
            let value = format!("bytes {}-{}/{length}", part.start(), part.end());
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let count = part.end() - part.start() + 1;
            *response.body_mut() = original.bytes.body(*part.start(), count);
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

/// Shown in the browser, and saved under the name that its address has (RFC 6266; the plain name
/// is for programs that do not know the extended one).
fn disposition(capture: &Capture) -> String {
    let last = path_segments(&capture.url).pop().unwrap_or_default();
    let host = Host::of(&capture.url);
    let mut name = if last.trim().is_empty() {
        host.bare().to_owned()
    } else {
        last
    };
    let is_pdf = capture.media_type.as_str() == "application/pdf";
    if is_pdf && !name.to_ascii_lowercase().ends_with(".pdf") {
        name.push_str(".pdf");
    }
    // What file systems and shells would read otherwise.
    let name: String = name
        .chars()
        .filter(|c| {
            !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .map(|c| if "/\\:*?\"<>|".contains(c) { '_' } else { c })
        .collect();
    let name = name.trim_start_matches('.');
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii() { c } else { '_' })
        .collect();
    let mut value = format!("inline; filename=\"{plain}\"");
    if plain != name {
        // Percent-encoded with what `application/x-www-form-urlencoded` leaves bare, but for `+`.
        let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        value.push_str(&format!(
            "; filename*=UTF-8''{}",
            encoded.replace('+', "%20").replace('*', "%2A")
        ));
    }
    value
}

/// Whether a browser would run or load something for it. Office documents are archives, for all
/// that their types speak of `openxmlformats`.
pub(super) fn is_markup(media_type: &MediaType) -> bool {
    let name = media_type.as_str();
    name.contains("html") || name.contains("svg") || name.ends_with("xml")
}

/// Renames the `link` elements of a page, in place: browsers connect to other machines for some of
/// them (`preconnect`, `dns-prefetch`), and no policy stops that. Every other byte is as it was.
fn disarm(mut bytes: Vec<u8>, media_type: &MediaType) -> Vec<u8> {
    if !is_markup(media_type) {
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
fn content_type(capture: &Capture, declared: Option<&str>) -> String {
    let declared = declared.and_then(|declared| {
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
    fn a_file_is_saved_under_the_name_of_its_address() {
        let check = |url: &str, media_type: &str, expected: &str| {
            let capture = Capture {
                id: CaptureId([0; 16]),
                surt: model::address::Surt::of(url),
                url: url.to_owned(),
                captured: model::time::UnixSeconds(0),
                status: None,
                media_type: MediaType::new(media_type),
                digest: None,
                archive_digest: None,
                refers_to: None,
                origins: Vec::new(),
                collection: String::new(),
                document: None,
            };
            assert_eq!(disposition(&capture), format!("inline; {expected}"));
        };
        let pdf = "application/pdf";
        check(
            "https://a.example/b/report%202019.pdf?x=1",
            pdf,
            "filename=\"report 2019.pdf\"",
        );
        check(
            "https://a.example/download?id=3",
            pdf,
            "filename=\"download.pdf\"",
        );
        check("https://www.a.example/", pdf, "filename=\"a.example.pdf\"");
        check("https://a.example/x.png", "image/png", "filename=\"x.png\"");
        check(
            "https://a.example/b%22%0d%0aX%3A%20y.pdf",
            pdf,
            "filename=\"b_  X_ y.pdf\"",
        );
        check(
            "https://a.example/bericht_f%C3%BCr.pdf",
            pdf,
            "filename=\"bericht_f_r.pdf\"; filename*=UTF-8''bericht_f%C3%BCr.pdf",
        );
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
