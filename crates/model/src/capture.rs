//! When an address was seen, with which content, and where that lies.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::Surt;
use crate::document::{DocumentId, parse_short_hash, short_hash};
use crate::record::{Digest, MediaType, Origin};
use crate::time::UnixSeconds;

/// Hash of address, time, status, digest and collection; 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CaptureId(pub [u8; 16]);

impl fmt::Display for CaptureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for CaptureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<CaptureId> for String {
    fn from(id: CaptureId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for CaptureId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_short_hash(&text).map(Self)
    }
}

/// The original that a revisit names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RefersTo {
    /// Its address.
    pub surt: Option<Surt>,
    /// Its time.
    pub captured: Option<UnixSeconds>,
}

/// One address, seen once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// See [`Capture::id_of`].
    pub id: CaptureId,
    /// Canonical form of the address.
    pub surt: Surt,
    /// The address as the archive wrote it.
    pub url: String,
    /// When.
    pub captured: UnixSeconds,
    /// HTTP status; `None` where there was no HTTP.
    pub status: Option<u16>,
    /// As sniffed; as declared for a revisit.
    pub media_type: MediaType,
    /// Digest of the decoded payload; `None` for a revisit whose original has not turned up.
    pub digest: Option<Digest>,
    /// Payload digest as the archive wrote it.
    #[serde(default)]
    pub archive_digest: Option<String>,
    /// Set for a revisit.
    #[serde(default)]
    pub refers_to: Option<RefersTo>,
    /// Where the bytes lie, sorted; the same record may be held in several files.
    pub origins: Vec<Origin>,
    /// The collection it belongs to.
    pub collection: String,
    /// The document that its content gave.
    pub document: Option<DocumentId>,
}

impl Capture {
    /// The id of a capture. A revisit is named by the digest that the archive wrote, so that its
    /// id stays when the original turns up.
    pub fn id_of(
        surt: &Surt,
        captured: UnixSeconds,
        status: Option<u16>,
        digest: Option<Digest>,
        archive_digest: Option<&str>,
        collection: &str,
    ) -> CaptureId {
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        let digest = match (digest, archive_digest) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(text)) => text.to_owned(),
            (None, None) => String::new(),
        };
        CaptureId(short_hash(&[
            &surt.0,
            &captured.to_string(),
            &status,
            &digest,
            collection,
        ]))
    }
}

/// One address pointing to another at some time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Redirect {
    /// The address that was asked.
    pub from: Surt,
    /// The address that it named.
    pub to: Surt,
    /// When it was seen.
    pub seen: UnixSeconds,
}

/// A stretch of time `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// Start, included.
    pub from: UnixSeconds,
    /// End, not included; `None` while it still holds.
    pub until: Option<UnixSeconds>,
}

/// The stretches in which each document held at one address, from all captures of that address.
///
/// A capture of status 404 or 410 ends a stretch, and so does a capture of another document;
/// other failures and redirects say nothing about the content. `captures` may come in any order;
/// ties are broken by id, so that the same captures give the same stretches.
/// Returns them in the order of their start.
pub fn intervals(captures: &[Capture]) -> Vec<(DocumentId, Interval)> {
    let mut ordered: Vec<&Capture> = captures.iter().collect();
    ordered.sort_by_key(|capture| (capture.captured, capture.id));
    let mut held: Vec<(DocumentId, Interval)> = Vec::new();
    let mut open = false;
    for capture in ordered {
        let gone = matches!(capture.status, Some(404 | 410));
        match (capture.document, held.last_mut()) {
            (Some(document), Some((last, _))) if open && *last == document => {}
            (Some(document), last) if !gone => {
                if let (true, Some((_, interval))) = (open, last) {
                    interval.until = Some(capture.captured);
                }
                held.push((
                    document,
                    Interval {
                        from: capture.captured,
                        until: None,
                    },
                ));
                open = true;
            }
            (_, Some((_, interval))) if gone && open => {
                interval.until = Some(capture.captured);
                open = false;
            }
            _ => {}
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(at: i64, status: u16, document: Option<u8>) -> Capture {
        let surt = Surt::of("http://a.example/");
        let id = Capture::id_of(&surt, UnixSeconds(at), Some(status), None, None, "c");
        Capture {
            id,
            surt,
            url: "http://a.example/".into(),
            captured: UnixSeconds(at),
            status: Some(status),
            media_type: MediaType::new("text/html"),
            digest: None,
            archive_digest: None,
            refers_to: None,
            origins: vec![],
            collection: "c".into(),
            document: document.map(|n| DocumentId([n; 16])),
        }
    }

    #[track_caller]
    fn check(captures: &[(i64, u16, Option<u8>)], expected: &[(u8, i64, Option<i64>)]) {
        let mut captures: Vec<Capture> = captures
            .iter()
            .map(|&(at, status, document)| capture(at, status, document))
            .collect();
        for _ in 0..2 {
            let found: Vec<(u8, i64, Option<i64>)> = intervals(&captures)
                .into_iter()
                .map(|(id, held)| (id.0[0], held.from.0, held.until.map(|until| until.0)))
                .collect();
            assert_eq!(found, expected);
            captures.reverse();
        }
    }

    #[test]
    fn a_state_holds_until_another_or_until_it_is_gone() {
        check(&[(1, 200, Some(1))], &[(1, 1, None)]);
        check(&[(1, 200, Some(1)), (2, 200, Some(1))], &[(1, 1, None)]);
        check(
            &[(1, 200, Some(1)), (2, 200, Some(2)), (3, 200, Some(1))],
            &[(1, 1, Some(2)), (2, 2, Some(3)), (1, 3, None)],
        );
        check(&[(1, 200, Some(1)), (2, 404, None)], &[(1, 1, Some(2))]);
        check(
            &[
                (1, 200, Some(1)),
                (2, 410, None),
                (3, 404, None),
                (4, 200, Some(1)),
            ],
            &[(1, 1, Some(2)), (1, 4, None)],
        );
        check(
            &[(1, 200, Some(1)), (2, 503, None), (3, 301, None)],
            &[(1, 1, None)],
        );
        check(&[(1, 404, None)], &[]);
    }
}
