//! Posts of threads as they are kept: by thread, post and the record that gave them.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::contribution::{Body, Contribution};
use model::document::{DocumentId, Key};
use model::part::Part;
use model::record::Origin;
use model::time::UnixSeconds;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::changes::Touched;
use super::packing::{json, pack, read, unpack};
use super::retract::{What, place};
use super::store::{Rows, from_sql};
use crate::EngineError;

/// Bytes of JSON from which a post is compressed: one alone gives little below.
const COMPRESSED_BYTES: usize = 1024;

/// Bytes that a post counts for besides its text.
const POST_BYTES: u64 = 64;

/// What need not be looked up for each post: thousands of them follow each other from one record.
#[derive(Default)]
pub(super) struct Remembered {
    record: Option<RecordRow>,
    /// Numbers of threads.
    threads: HashMap<DocumentId, i64>,
    /// Threads that the record is known to have given posts to.
    given: HashSet<i64>,
}

/// A row of `record`.
struct RecordRow {
    id: i64,
    collection: String,
    origin: Origin,
    captured: UnixSeconds,
    url: String,
}

/// Makes the tables where a store of this format does not have them yet.
pub(super) fn make_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("part.sql"))
}

/// Whether a store has the tables; one that was made before there were posts has none until it is
/// written.
fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = 'part'")?
        .exists([])
}

/// Writes a post; returns its size in bytes, roughly, or 0 where it says nothing new.
pub(super) fn write(
    connection: &Connection,
    touched: &mut Touched,
    said: &Contribution,
    part: &Part,
    compress: bool,
) -> Result<u64, EngineError> {
    let id = DocumentId::of(&said.key);
    let record = record(connection, touched, said)?;
    let thread = thread(connection, &mut touched.remembered, id, &said.key)?;
    if touched.remembered.given.insert(thread) {
        connection
            .prepare_cached("INSERT OR IGNORE INTO record_thread (record, thread) VALUES (?1, ?2)")?
            .execute([record, thread])?;
    }
    let text = json("part", part)?;
    let packed = pack(&text, compress && text.len() >= COMPRESSED_BYTES)?;
    let changed = connection
        .prepare_cached(
            "INSERT INTO part (thread, post, record, said) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (thread, post, record) DO UPDATE SET said = excluded.said \
             WHERE said <> excluded.said",
        )?
        .execute(params![thread, part.id, record, packed])?;
    if changed == 0 {
        return Ok(0);
    }
    touched.documents.insert(id);
    Ok(text.len() as u64 + POST_BYTES)
}

/// The number of the record of a contribution. One that was captured at another time, or under
/// another address, than is known, says so of all of its posts.
fn record(
    connection: &Connection,
    touched: &mut Touched,
    said: &Contribution,
) -> Result<i64, EngineError> {
    if let Some(known) = &touched.remembered.record
        && known.origin == said.origin
        && known.collection == said.collection
        && known.captured == said.captured
        && known.url == said.url
    {
        return Ok(known.id);
    }
    let origin = json("record", &said.origin)?;
    let known: Option<(i64, i64, String)> = connection
        .prepare_cached(
            "SELECT id, captured, url FROM record WHERE collection = ?1 AND origin = ?2",
        )?
        .query_row([&said.collection, &origin], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let id = if let Some((id, captured, url)) = known {
        if (captured, &url) != (said.captured.0, &said.url) {
            connection
                .prepare_cached("UPDATE record SET captured = ?2, url = ?3 WHERE id = ?1")?
                .execute(params![id, said.captured.0, said.url])?;
            for (_, document) in threads_of(connection, id)? {
                touched.documents.insert(document);
            }
        }
        id
    } else {
        connection
            .prepare_cached(
                "INSERT INTO record (collection, origin, captured, url) \
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![said.collection, origin, said.captured.0, said.url])?;
        let id = connection.last_insert_rowid();
        place(connection, What::Part, &said.origin, &said.collection, &id)?;
        id
    };
    touched.remembered.given.clear();
    touched.remembered.record = Some(RecordRow {
        id,
        collection: said.collection.clone(),
        origin: said.origin.clone(),
        captured: said.captured,
        url: said.url.clone(),
    });
    Ok(id)
}

fn thread(
    connection: &Connection,
    remembered: &mut Remembered,
    id: DocumentId,
    key: &Key,
) -> Result<i64, EngineError> {
    if let Some(known) = remembered.threads.get(&id) {
        return Ok(*known);
    }
    let known: Option<i64> = connection
        .prepare_cached("SELECT id FROM thread WHERE document = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let number = if let Some(known) = known {
        known
    } else {
        connection
            .prepare_cached("INSERT INTO thread (document, key) VALUES (?1, ?2)")?
            .execute(params![id.0, json("thread", key)?])?;
        connection.last_insert_rowid()
    };
    remembered.threads.insert(id, number);
    Ok(number)
}

/// The threads that a record gave posts to: number and document.
fn threads_of(connection: &Connection, record: i64) -> Result<Vec<(i64, DocumentId)>, EngineError> {
    let mut statement = connection.prepare_cached(
        "SELECT thread.id, thread.document FROM record_thread, thread \
         WHERE record = ?1 AND thread.id = thread",
    )?;
    let rows = statement.query_map([record], |row| Ok((row.get(0)?, DocumentId(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Where a record lies; `None` for one that is no more.
pub(super) fn origin_of(
    connection: &Connection,
    record: i64,
) -> Result<Option<Origin>, EngineError> {
    let origin: Option<String> = connection
        .prepare_cached("SELECT origin FROM record WHERE id = ?1")?
        .query_row([record], |row| row.get(0))
        .optional()?;
    origin.map(|origin| read("record", &origin)).transpose()
}

/// Takes a record back with all the posts that it gave; returns how many there were.
pub(super) fn take_back(
    connection: &Connection,
    touched: &mut Touched,
    record: i64,
) -> Result<u64, EngineError> {
    let mut posts = 0;
    for (thread, document) in threads_of(connection, record)? {
        posts += connection
            .prepare_cached("DELETE FROM part WHERE thread = ?1 AND record = ?2")?
            .execute([thread, record])? as u64;
        touched.documents.insert(document);
    }
    connection
        .prepare_cached("DELETE FROM record_thread WHERE record = ?1")?
        .execute([record])?;
    connection
        .prepare_cached("DELETE FROM record WHERE id = ?1")?
        .execute([record])?;
    touched.remembered = Remembered::default();
    Ok(posts)
}

/// Deletes the row of a thread without posts.
pub(super) fn end(connection: &Connection, document: DocumentId) -> Result<(), EngineError> {
    connection
        .prepare_cached("DELETE FROM thread WHERE document = ?1")?
        .execute([document.0])?;
    Ok(())
}

impl Rows<'_> {
    /// The posts of a thread as they were said, in no order.
    pub(super) fn parts(self, document: DocumentId) -> Result<Vec<Contribution>, EngineError> {
        let mut parts = Vec::new();
        if !has_tables(self.0)? {
            return Ok(parts);
        }
        let thread: Option<(i64, String)> = self
            .0
            .prepare_cached("SELECT id, key FROM thread WHERE document = ?1")?
            .query_row([document.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((thread, key)) = thread else {
            return Ok(parts);
        };
        let key: Key = read("thread", &key)?;
        let mut records: HashMap<i64, RecordRow> = HashMap::new();
        let mut statement = self
            .0
            .prepare_cached("SELECT record, said FROM part WHERE thread = ?1")?;
        let mut rows = statement.query([thread])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let record = match records.entry(id) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(new) => new.insert(self.record(id)?),
            };
            let part: Part = unpack("part", row.get_ref(1)?.as_blob().map_err(from_sql)?)?;
            parts.push(Contribution {
                key: key.clone(),
                origin: record.origin.clone(),
                collection: record.collection.clone(),
                captured: record.captured,
                url: record.url.clone(),
                body: Body::Part(Box::new(part)),
            });
        }
        Ok(parts)
    }

    fn record(self, id: i64) -> Result<RecordRow, EngineError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT collection, origin, captured, url FROM record WHERE id = ?1")?;
        let mut rows = statement.query([id])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        Ok(RecordRow {
            id,
            collection: row.get(0)?,
            origin: read("record", row.get_ref(1)?.as_str().map_err(from_sql)?)?,
            captured: UnixSeconds(row.get(2)?),
            url: row.get(3)?,
        })
    }

    /// Collections and times of the records that gave posts to a thread.
    pub(super) fn parts_seen(
        self,
        document: DocumentId,
    ) -> Result<Vec<(String, UnixSeconds)>, EngineError> {
        if !has_tables(self.0)? {
            return Ok(Vec::new());
        }
        let mut statement = self.0.prepare_cached(
            "SELECT DISTINCT collection, captured FROM thread, record_thread, record \
             WHERE document = ?1 AND record_thread.thread = thread.id AND record.id = record",
        )?;
        let rows = statement.query_map([document.0], |row| {
            Ok((row.get(0)?, UnixSeconds(row.get(1)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// See [`crate::View::waiting_after`].
    pub(super) fn waiting_after(
        self,
        id: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentId>, EngineError> {
        let after = id.map_or_else(Vec::new, |id| id.0.to_vec());
        let mut found: BTreeSet<DocumentId> = BTreeSet::new();
        for table in ["thread", "contribution"] {
            if table == "thread" && !has_tables(self.0)? {
                continue;
            }
            let mut statement = self.0.prepare_cached(&format!(
                "SELECT DISTINCT document FROM {table} WHERE document > ?1 \
                 AND NOT EXISTS (SELECT 1 FROM document WHERE document.id = {table}.document) \
                 ORDER BY document LIMIT ?2"
            ))?;
            let rows = statement.query_map(params![after, limit as i64], |row| {
                Ok(DocumentId(row.get(0)?))
            })?;
            for id in rows {
                found.insert(id?);
            }
        }
        Ok(found.into_iter().take(limit).collect())
    }
}
