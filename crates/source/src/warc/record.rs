//! What a record says: from its fields and its block to a value.

use std::cell::RefCell;
use std::io::{self, BufRead};
use std::rc::Rc;

use model::record::{MediaType, Origin, Payload, Record, RecordKind};
use model::time::{PartialDate, UnixSeconds};

use super::block::Block;
use super::header::{Fields, HeadEnd, begins_response, field, parse_head, read_head, status};
use crate::Options;
use crate::body::{Oddities, decoded};
use crate::error::Damage;
use crate::payload::{Kept, Sink};
use crate::sniff::sniff;
use crate::stream::WINDOW;

/// The longest header of a record, and of a response within one, in bytes: far more than servers
/// send (8 to 64 KiB), little enough to hold.
pub(super) const MAX_HEAD: usize = 1024 * 1024;

/// Interim responses (100, 103) that may stand before the one that counts.
const MAX_INTERIM: usize = 4;

/// What became of a record.
pub(super) enum Built {
    /// Nothing to hand over (`request`, `warcinfo`).
    Passed,
    /// Of a kind that is not read.
    Skipped {
        /// Its type as written.
        kind: String,
    },
    /// A record, without the steps of its origin.
    Record {
        /// The record.
        record: Box<Record>,
        /// Length of its whole decoded payload in bytes.
        length: u64,
    },
}

/// Why there is no record.
pub(super) enum Problem {
    /// Its bytes are bad.
    Damage(Damage),
    /// The file cannot be read.
    Io(io::Error),
    /// The payload cannot be spooled.
    Spool(io::Error),
}

/// What all records of a file share.
pub(super) struct Shared<'o> {
    pub(super) options: &'o Options,
    /// Of the file, without steps.
    pub(super) origin: Origin,
    /// Modification time of the file, for a record that has no date.
    pub(super) modified: UnixSeconds,
}

/// Reads a record's block as its fields say.
pub(super) fn build(
    fields: &Fields,
    block: &mut Block<'_>,
    shared: &Shared<'_>,
) -> Result<Built, Problem> {
    let kind = field(fields, "warc-type").unwrap_or_default();
    let lower = kind.to_ascii_lowercase();
    match lower.as_str() {
        "request" | "warcinfo" => return Ok(Built::Passed),
        "response" | "resource" | "conversion" | "revisit" | "metadata" => {}
        "" => return Err(Problem::Damage(Damage::NoType)),
        _ => {
            return Ok(Built::Skipped {
                kind: kind.chars().take(64).collect(),
            });
        }
    }
    let url = match address(fields) {
        Some(url) => url,
        // A note on a whole crawl may have no address; its own name stands in.
        None if lower == "metadata" => identifier(fields, "warc-record-id").unwrap_or_default(),
        None => return Err(Problem::Damage(Damage::NoAddress)),
    };
    let oddities = Oddities::default();
    let http = match lower.as_str() {
        "response" | "revisit" => http_head(fields, block, &oddities, lower == "response")?,
        _ => None,
    };
    let is_http = http.is_some();
    let (status, headers) = match http {
        Some((status, headers)) => (status, headers),
        // What is known of a resource's type is what its record says.
        None => (None, declared_type(fields, &lower)),
    };
    let kept = if lower == "revisit" {
        None
    } else {
        let none = Fields::new();
        let headers = if is_http { &headers } else { &none };
        Some(read_payload(block, headers, shared.options, &oddities)?)
    };
    let captured = captured(fields, &headers, shared.modified, &oddities);
    let archive_digest = field(fields, "warc-payload-digest").map(str::to_owned);
    let kind = match lower.as_str() {
        "response" => RecordKind::Response,
        "revisit" => RecordKind::Revisit {
            url: unbracketed(fields, "warc-refers-to-target-uri"),
            date: field(fields, "warc-refers-to-date").and_then(instant),
            digest: archive_digest.clone(),
        },
        "metadata" => RecordKind::Metadata {
            concerns: identifier(fields, "warc-concurrent-to")
                .or_else(|| identifier(fields, "warc-refers-to")),
        },
        _ => RecordKind::Resource,
    };
    let declared = field(&headers, "content-type");
    let media_type = match &kept {
        Some(kept) => sniff(&kept.beginning, declared, &url),
        // Nothing is there to be sniffed.
        None => MediaType::new(declared.unwrap_or("application/octet-stream")),
    };
    let segmented = field(fields, "warc-segment-number").is_some();
    if segmented {
        let note = "continued in other records, which are not joined yet";
        oddities.borrow_mut().note(note.to_owned());
    }
    let odd = Rc::try_unwrap(oddities)
        .map(RefCell::into_inner)
        .unwrap_or_default();
    let mut record = Record {
        kind,
        url,
        captured,
        status,
        media_type,
        headers,
        payload: Payload::Bytes(Vec::new()),
        digest: None,
        archive_digest,
        truncated: segmented || field(fields, "warc-truncated").is_some() || odd.cut,
        origin: shared.origin.clone(),
        warnings: odd.warnings,
    };
    let mut length = 0;
    if let Some(kept) = kept {
        record.digest = Some(kept.digest);
        record.origin.digest = Some(kept.digest);
        record.truncated |= kept.cut;
        record.payload = kept.payload;
        length = kept.length;
    }
    Ok(Built::Record {
        record: Box::new(record),
        length,
    })
}

/// The address of a record, if its header names one, without the brackets that some writers put
/// around it (a mistake in the grammar of WARC 1.0).
pub(super) fn address(fields: &Fields) -> Option<String> {
    unbracketed(fields, "warc-target-uri")
}

fn unbracketed(fields: &Fields, name: &str) -> Option<String> {
    let value = field(fields, name)?.trim();
    let bare = value
        .strip_prefix('<')
        .and_then(|value| value.strip_suffix('>'))
        .unwrap_or(value);
    (!bare.is_empty()).then(|| bare.to_owned())
}

fn identifier(fields: &Fields, name: &str) -> Option<String> {
    unbracketed(fields, name)
}

fn declared_type(fields: &Fields, kind: &str) -> Fields {
    match field(fields, "content-type") {
        Some(declared) if kind != "revisit" => {
            vec![("content-type".to_owned(), declared.to_owned())]
        }
        _ => Fields::new(),
    }
}

/// Status and headers, if the block is an HTTP response.
fn http_head(
    fields: &Fields,
    block: &mut Block<'_>,
    oddities: &Oddities,
    expected: bool,
) -> Result<Option<(Option<u16>, Fields)>, Problem> {
    let declared = field(fields, "content-type").unwrap_or_default();
    let declared = declared.to_ascii_lowercase();
    // `dns:` responses have another type.
    if !(declared.is_empty() || declared.starts_with("application/http")) {
        return Ok(None);
    }
    for _ in 0..=MAX_INTERIM {
        if !begins_response(block.peek(12)) {
            break;
        }
        let mut head = Vec::new();
        let end = read_head(block, MAX_HEAD, &mut head).map_err(Problem::Io)?;
        if end == HeadEnd::TooLong {
            return Err(Problem::Damage(Damage::HeaderTooLong {
                limit: MAX_HEAD as u64,
            }));
        }
        let (line, headers) = parse_head(&head);
        let status = status(&line);
        if status.is_none() {
            let note = "status line gives no status";
            oddities.borrow_mut().note(note.to_owned());
        }
        // 101 is followed by another protocol, not by another response.
        let interim = matches!(status, Some(100 | 102..=199)) && begins_response(block.peek(12));
        if !interim {
            return Ok(Some((status, headers)));
        }
    }
    if expected {
        let note = "no HTTP status line: the block is taken as it is";
        oddities.borrow_mut().note(note.to_owned());
    }
    Ok(None)
}

/// Reads the rest of the block as a payload, encodings removed.
fn read_payload(
    block: &mut Block<'_>,
    headers: &Fields,
    options: &Options,
    oddities: &Oddities,
) -> Result<Kept, Problem> {
    let progress = block.progress();
    let started = progress.get();
    let mut sink = Sink::new(options, block.left());
    let mut body = decoded(Box::new(&mut *block), headers, oddities);
    loop {
        let length = match body.fill_buf() {
            Ok([]) => break,
            Ok(window) => {
                sink.write(window);
                window.len()
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let mut odd = oddities.borrow_mut();
                odd.cut = true;
                odd.note(format!(
                    "body cannot be decoded behind byte {}: {error}",
                    sink.length()
                ));
                break;
            }
        };
        body.consume(length);
        // Up to a window of it was read before the block began.
        let consumed = progress.get().saturating_sub(started) + WINDOW as u64;
        if let Some(limit) = sink.bomb(consumed) {
            return Err(Problem::Damage(Damage::Bomb { limit }));
        }
    }
    drop(body);
    if let Some(error) = block.failure.take() {
        return Err(Problem::Io(error));
    }
    sink.finish().map_err(Problem::Spool)
}

/// The capture time: WARC-Date, else the server's Date, else the file's.
fn captured(
    fields: &Fields,
    headers: &Fields,
    modified: UnixSeconds,
    oddities: &Oddities,
) -> UnixSeconds {
    if let Some(date) = field(fields, "warc-date").and_then(instant) {
        return date;
    }
    let date = field(headers, "date");
    let (instant, from) = match date.and_then(|d| jiff::fmt::rfc2822::parse(d).ok()) {
        Some(date) => (UnixSeconds(date.timestamp().as_second()), "the Date header"),
        None => (modified, "the file's modification time"),
    };
    let note = format!("no readable WARC-Date: the capture time is {from}");
    oddities.borrow_mut().note(note);
    instant
}

/// RFC 3339 with or without fractions; also 14 digits and mere days, which are found.
fn instant(text: &str) -> Option<UnixSeconds> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<UnixSeconds>()
        && !text.starts_with('@')
    {
        return Some(instant);
    }
    if text.len() == 14
        && let Some(instant) = UnixSeconds::from_cdx(text)
    {
        return Some(instant);
    }
    let date: PartialDate = text.parse().ok()?;
    date.day().is_some().then(|| date.start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_archives_write_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(
                instant(text).map(|i| i.to_string()).as_deref(),
                expected,
                "{text}"
            );
        };
        check("2014-01-27T17:12:38Z", Some("2014-01-27T17:12:38Z"));
        check("2014-01-27T17:12:38.123456Z", Some("2014-01-27T17:12:38Z"));
        check("2014-01-27T17:12:38", Some("2014-01-27T17:12:38Z"));
        check("20140127171238", Some("2014-01-27T17:12:38Z"));
        check("2014-01-27", Some("2014-01-27T00:00:00Z"));
        check("@5", None);
        check("yesterday", None);
    }
}
