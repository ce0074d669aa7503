//! Captures of equal id joined, and revisits resolved; none of it depends on an order of arrival.

use std::collections::BTreeMap;

use model::address::Surt;
use model::capture::{Capture, CaptureId};
use model::document::{DocumentId, Key};
use model::record::Digest;
use model::time::UnixSeconds;

/// One capture of two with the same id: origins joined and sorted; of other fields that differ,
/// what is known goes before what is not, then the greater.
pub(crate) fn join(known: &Capture, other: &Capture) -> Capture {
    let mut origins = [known.origins.clone(), other.origins.clone()].concat();
    origins.sort();
    origins.dedup();
    Capture {
        id: known.id,
        surt: known.surt.clone(),
        url: known.url.clone().max(other.url.clone()),
        captured: known.captured,
        status: known.status,
        media_type: known.media_type.clone().max(other.media_type.clone()),
        digest: known.digest.max(other.digest),
        archive_digest: known
            .archive_digest
            .clone()
            .max(other.archive_digest.clone()),
        refers_to: known.refers_to.clone().max(other.refers_to.clone()),
        origins,
        collection: known.collection.clone(),
        document: known.document.max(other.document),
    }
}

/// What an original is found by. Each of its captures gives all three.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lookup {
    /// Address and the archive's digest.
    AddressDigest(Surt, String),
    /// Address and time.
    AddressTime(Surt, UnixSeconds),
    /// The archive's digest within a collection.
    CollectionDigest(String, String),
}

/// How the original of a capture is looked for, best first; empty unless it is a revisit.
pub(crate) fn lookups(capture: &Capture) -> Vec<Lookup> {
    if capture.digest.is_some() {
        return Vec::new();
    }
    let mut lookups = Vec::new();
    if let Some(digest) = &capture.archive_digest {
        lookups.push(Lookup::AddressDigest(capture.surt.clone(), digest.clone()));
    }
    let Some(refers_to) = &capture.refers_to else {
        return lookups;
    };
    if let Some(captured) = refers_to.captured {
        let surt = refers_to.surt.as_ref().unwrap_or(&capture.surt);
        lookups.push(Lookup::AddressTime(surt.clone(), captured));
    }
    if let Some(digest) = &capture.archive_digest {
        lookups.push(Lookup::CollectionDigest(
            capture.collection.clone(),
            digest.clone(),
        ));
    }
    lookups
}

/// Under what an original is found.
pub(crate) fn names(capture: &Capture) -> Vec<Lookup> {
    if capture.digest.is_none() {
        return Vec::new();
    }
    let mut names = vec![Lookup::AddressTime(capture.surt.clone(), capture.captured)];
    if let Some(digest) = &capture.archive_digest {
        names.push(Lookup::AddressDigest(capture.surt.clone(), digest.clone()));
        names.push(Lookup::CollectionDigest(
            capture.collection.clone(),
            digest.clone(),
        ));
    }
    names
}

/// The document that a digest at an address gives, where it is known; for the content of another
/// address that was seen here, the document there.
pub(crate) fn document_of(
    surt: &Surt,
    digest: Digest,
    original: Option<DocumentId>,
    known: impl Fn(DocumentId) -> bool,
) -> Option<DocumentId> {
    let key = Key::State {
        surt: surt.clone(),
        digest,
    };
    Some(DocumentId::of(&key))
        .filter(|id| known(*id))
        .or(original)
}

/// All captures with their digests and documents, as far as they can be known.
pub(crate) fn resolve_all(
    captures: &BTreeMap<CaptureId, Capture>,
    known: impl Fn(DocumentId) -> bool,
) -> BTreeMap<CaptureId, Capture> {
    let mut originals: BTreeMap<Lookup, &Capture> = BTreeMap::new();
    for capture in captures.values() {
        for name in names(capture) {
            let first = originals.entry(name).or_insert(capture);
            if (capture.captured, capture.id) < (first.captured, first.id) {
                *first = capture;
            }
        }
    }
    let resolve = |capture: &Capture| {
        let mut resolved = capture.clone();
        let mut lookups = lookups(capture).into_iter();
        if let Some(original) = lookups.find_map(|lookup| originals.get(&lookup)) {
            resolved.digest = original.digest;
            if resolved.document.is_none() {
                resolved.document = original.document.filter(|id| known(*id));
            }
        }
        if let Some(digest) = resolved.digest {
            resolved.document = document_of(&capture.surt, digest, resolved.document, &known);
        }
        resolved
    };
    captures
        .iter()
        .map(|(id, capture)| (*id, resolve(capture)))
        .collect()
}
