//! Changes written to the store, and what they touch.

use std::collections::BTreeSet;

use model::capture::{Capture, CaptureId, Redirect};
use model::contribution::{Body, Contribution};
use model::document::DocumentId;
use model::record::Origin;
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::Digest as _;

use super::packing::{Packed, address_hash, json};
use super::parts::{self, Remembered};
use super::retract::{What, place, place_capture, retract};
use super::store::{CHUNK_BITS, Rows};
use crate::revisit::{Lookup, join, lookups, names};
use crate::{Change, EngineError, Outcome, SourceState};

/// Bytes that a row without a text counts for.
pub(super) const ROW_BYTES: u64 = 300;

/// What changed since the last commit, as far as entries may depend on it.
#[derive(Default)]
pub(super) struct Touched {
    pub(super) documents: BTreeSet<DocumentId>,
    pub(super) captures: BTreeSet<CaptureId>,
    /// Addresses that a capture has gone from.
    pub(super) addresses: BTreeSet<[u8; 16]>,
    /// Targets of redirects that are new or gone.
    pub(super) redirected: BTreeSet<String>,
    /// Bodies that a contribution no longer says.
    pub(super) left: BTreeSet<i64>,
    pub(super) remembered: Remembered,
}

/// Writes a change within the open transaction; returns its size in bytes, roughly, or 0 where it
/// says nothing new.
pub(super) fn write(
    connection: &Connection,
    touched: &mut Touched,
    change: &Change,
    compress: bool,
) -> Result<u64, EngineError> {
    match change {
        Change::Contribution(said) => contribution(connection, touched, said, compress),
        Change::Capture(said) => capture(connection, touched, said),
        Change::Redirect {
            redirect: said,
            collection,
            origin,
        } => redirect(connection, touched, said, collection, origin),
        Change::Outcome(said) => outcome(connection, said),
        Change::Retract {
            path,
            collection,
            from,
        } => retract(connection, touched, path, collection, *from),
    }
}

fn contribution(
    connection: &Connection,
    touched: &mut Touched,
    said: &Contribution,
    compress: bool,
) -> Result<u64, EngineError> {
    let document = match &said.body {
        Body::Document(document) => document,
        Body::Part(part) => return parts::write(connection, touched, said, part, compress),
        _ => {
            return Err(EngineError::Unsupported {
                what: "a contribution of this kind",
            });
        }
    };
    let id = DocumentId::of(&said.key);
    let (packed, bytes) = Packed::new(document, compress)?;
    let origin = json("contribution", &said.origin)?;
    let known: Option<(i64, [u8; 16], i64, String)> = connection
        .prepare_cached(
            "SELECT body.id, body.hash, captured, url FROM contribution, body \
             WHERE document = ?1 AND collection = ?2 AND origin = ?3 AND body.id = body",
        )?
        .query_row(params![id.0, said.collection, origin], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    if let Some((_, hash, captured, url)) = &known
        && (hash, *captured, url) == (&packed.hash, said.captured.0, &said.url)
    {
        return Ok(0);
    }
    let body = body(connection, &packed)?;
    if let Some((left, ..)) = known {
        leave(connection, &mut touched.left, left)?;
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO contribution \
             (document, collection, origin, key, captured, url, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            id.0,
            said.collection,
            origin,
            json("contribution", &said.key)?,
            said.captured.0,
            said.url,
            body
        ])?;
    place(
        connection,
        What::Contribution,
        &said.origin,
        &said.collection,
        &id.0,
    )?;
    touched.documents.insert(id);
    Ok(bytes + ROW_BYTES)
}

/// The row of a body, made where there is none, with one more use.
pub(super) fn body(connection: &Connection, packed: &Packed) -> Result<i64, EngineError> {
    let known: Option<i64> = connection
        .prepare_cached("UPDATE body SET uses = uses + 1 WHERE hash = ?1 RETURNING id")?
        .query_row([packed.hash], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    connection
        .prepare_cached(
            "INSERT INTO body (hash, outline, links, passages, uses) VALUES (?1, ?2, ?3, ?4, 1)",
        )?
        .execute(params![
            packed.hash,
            packed.outline,
            packed.links,
            packed.passages
        ])?;
    let body = connection.last_insert_rowid();
    let mut statement =
        connection.prepare_cached("INSERT INTO chunk (id, passages) VALUES (?1, ?2)")?;
    for (first, passages) in &packed.chunks {
        // Passages beyond 2^20 of one document would take the keys of the next.
        if *first >> CHUNK_BITS == 0 {
            statement.execute(params![body << CHUNK_BITS | i64::from(*first), passages])?;
        }
    }
    Ok(body)
}

/// Takes a use of a body back.
pub(super) fn leave(
    connection: &Connection,
    left: &mut BTreeSet<i64>,
    body: i64,
) -> Result<(), EngineError> {
    connection
        .prepare_cached("UPDATE body SET uses = uses - 1 WHERE id = ?1")?
        .execute([body])?;
    left.insert(body);
    Ok(())
}

/// Deletes bodies that nobody says any more.
pub(super) fn sweep(connection: &Connection, left: &BTreeSet<i64>) -> Result<(), EngineError> {
    for body in left {
        let gone = connection
            .prepare_cached("DELETE FROM body WHERE id = ?1 AND uses = 0")?
            .execute([body])?;
        if gone > 0 {
            connection
                .prepare_cached("DELETE FROM chunk WHERE id >= ?1 AND id < ?2")?
                .execute([body << CHUNK_BITS, (body + 1) << CHUNK_BITS])?;
        }
    }
    Ok(())
}

fn capture(
    connection: &Connection,
    touched: &mut Touched,
    said: &Capture,
) -> Result<u64, EngineError> {
    let known = Rows(connection).said(said.id.0)?;
    let joined = join(known.as_ref().unwrap_or(said), said);
    if known.as_ref() == Some(&joined) {
        return Ok(0);
    }
    if let Some(known) = &known {
        let mut statement =
            connection.prepare_cached("DELETE FROM original WHERE name = ?1 AND capture = ?2")?;
        for name in names(known).iter().chain(&lookups(known)) {
            statement.execute(params![name_hash(name), said.id.0])?;
        }
        // Revisits that found it by a name that it has no more look again.
        let left = names(&joined);
        for name in names(known).iter().filter(|name| !left.contains(name)) {
            touched.captures.extend(waiting_for(connection, name)?);
        }
    }
    let text = json("capture", &joined)?;
    connection
        .prepare_cached(
            "INSERT INTO capture (id, address, captured, said) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (id) DO UPDATE SET said = excluded.said",
        )?
        .execute(params![
            joined.id.0,
            address_hash(&joined.surt.0),
            joined.captured.0,
            text
        ])?;
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO original (name, waiting, captured, capture) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let own = names(&joined).into_iter().map(|name| (name, false));
    let wanted = lookups(&joined).into_iter().map(|name| (name, true));
    for (name, is_waiting) in own.chain(wanted) {
        statement.execute(params![
            name_hash(&name),
            is_waiting,
            joined.captured.0,
            joined.id.0
        ])?;
    }
    place_capture(connection, said)?;
    touched.captures.insert(joined.id);
    Ok(text.len() as u64 + ROW_BYTES)
}

/// Revisits that look for a name.
pub(super) fn waiting_for(
    connection: &Connection,
    name: &Lookup,
) -> Result<Vec<CaptureId>, EngineError> {
    let mut statement = connection
        .prepare_cached("SELECT capture FROM original WHERE name = ?1 AND waiting = 1")?;
    let ids = statement.query_map([name_hash(name)], |row| Ok(CaptureId(row.get(0)?)))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// A name of an original as a key.
pub(super) fn name_hash(name: &Lookup) -> [u8; 16] {
    let (tag, first, second) = match name {
        Lookup::AddressDigest(surt, digest) => ("address digest", &surt.0, digest.clone()),
        Lookup::AddressTime(surt, time) => ("address time", &surt.0, time.0.to_string()),
        Lookup::CollectionDigest(collection, digest) => {
            ("collection digest", collection, digest.clone())
        }
    };
    let mut hash = sha2::Sha256::new();
    for part in [tag, first, &second] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut short = [0; 16];
    for (short, byte) in short.iter_mut().zip(hash.finalize()) {
        *short = byte;
    }
    short
}

fn redirect(
    connection: &Connection,
    touched: &mut Touched,
    said: &Redirect,
    collection: &str,
    origin: &Origin,
) -> Result<u64, EngineError> {
    let new = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO redirect (from_address, to_address, seen, collection, origin) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            said.from.0,
            said.to.0,
            said.seen.0,
            collection,
            json("redirect", origin)?
        ])?;
    if new == 0 {
        return Ok(0);
    }
    place(connection, What::Redirect, origin, collection, &said.from.0)?;
    touched.redirected.insert(said.to.0.clone());
    Ok(ROW_BYTES)
}

fn outcome(connection: &Connection, said: &Outcome) -> Result<u64, EngineError> {
    let origin = json("journal", &said.origin)?;
    let changed = connection
        .prepare_cached(
            "INSERT INTO journal (origin, class, url, reason, tried) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (origin, class) DO UPDATE \
             SET url = excluded.url, reason = excluded.reason, tried = excluded.tried \
             WHERE (url, reason, tried) IS NOT (excluded.url, excluded.reason, excluded.tried)",
        )?
        .execute(params![
            origin,
            json("journal", &said.class)?,
            said.url,
            said.reason,
            said.tried.0
        ])?;
    if changed == 0 {
        return Ok(0);
    }
    place(connection, What::Outcome, &said.origin, "", &origin)?;
    Ok(ROW_BYTES)
}

/// Writes how far a source was read.
pub(super) fn source(connection: &Connection, state: &SourceState) -> Result<(), EngineError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO source (path, collection, state) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![
            state.path,
            state.collection,
            json("source", state)?
        ])?;
    Ok(())
}
