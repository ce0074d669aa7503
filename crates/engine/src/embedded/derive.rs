//! Merged row, captures of the address and anchors of a document: what its index entry is made
//! from, read from the store.

use std::collections::BTreeSet;

use model::address::Host;
use model::document::DocumentId;
use xxhash_rust::xxh3::xxh3_64;

use super::packing::address_hash;
use super::store::Rows;
use crate::EngineError;
use crate::entry::{Anchors, Entry, Inputs, surt_of};

/// The entry of a document, with a hash of what links say of it; `None` for one that is no more.
pub(super) fn entry(
    rows: Rows<'_>,
    id: DocumentId,
) -> Result<Option<(Entry, [u8; 8])>, EngineError> {
    let Some(row) = rows.document_row(id)? else {
        return Ok(None);
    };
    let document = rows.body(row.body)?;
    let collections: BTreeSet<String> = rows
        .contributions(id)?
        .into_iter()
        .map(|contribution| contribution.collection)
        .collect();
    let (captures, anchors) = match surt_of(&document.key) {
        Some(surt) => (
            rows.captures_at(address_hash(&surt.0))?,
            rows.anchors(surt, Host::of(&document.url).site())?,
        ),
        None => (Vec::new(), Anchors::default()),
    };
    let entry = Entry::new(&Inputs {
        document: &document,
        captured: row.captured,
        collections: &collections,
        captures: &captures,
        anchors: &anchors,
    });
    Ok(Some((entry, anchors_hash(&anchors))))
}

/// Two anchors with one hash say the same.
pub(super) fn anchors_hash(anchors: &Anchors) -> [u8; 8] {
    let mut text = anchors.texts.join("\n");
    text.push_str(&format!("\n{}", anchors.linking_sites));
    xxh3_64(text.as_bytes()).to_be_bytes()
}
