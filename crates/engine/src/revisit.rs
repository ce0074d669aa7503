//! Captures of equal id joined, and revisits resolved; none of it depends on an order of arrival.

use std::collections::BTreeMap;

use model::address::Surt;
use model::capture::{Capture, CaptureId};
use model::document::{DocumentId, Key};
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

/// A capture with digest and document as far as they can be known.
///
/// `find` gives the earliest original of a name (ties by id), `is_known` whether there is such a
/// document. The content of another address that was seen here counts as the document of
/// that other address, unless this one has a document with it.
pub(crate) fn resolve<E>(
    capture: &Capture,
    mut find: impl FnMut(&Lookup) -> Result<Option<Capture>, E>,
    mut is_known: impl FnMut(DocumentId) -> Result<bool, E>,
) -> Result<Capture, E> {
    let mut resolved = capture.clone();
    for lookup in lookups(capture) {
        let Some(original) = find(&lookup)? else {
            continue;
        };
        resolved.digest = original.digest;
        if let (None, Some(document)) = (resolved.document, original.document)
            && is_known(document)?
        {
            resolved.document = Some(document);
        }
        break;
    }
    if let Some(digest) = resolved.digest {
        let own = DocumentId::of(&Key::State {
            surt: capture.surt.clone(),
            digest,
        });
        if resolved.document != Some(own) && is_known(own)? {
            resolved.document = Some(own);
        }
    }
    Ok(resolved)
}

/// All captures of an engine in memory, resolved.
pub(crate) fn resolve_all(
    captures: &BTreeMap<CaptureId, Capture>,
    is_known: impl Fn(DocumentId) -> bool,
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
    let resolved = captures.iter().map(|(id, capture)| {
        let found = resolve(
            capture,
            |lookup| Ok::<_, std::convert::Infallible>(originals.get(lookup).copied().cloned()),
            |id| Ok(is_known(id)),
        );
        match found {
            Ok(capture) => (*id, capture),
        }
    });
    resolved.collect()
}
