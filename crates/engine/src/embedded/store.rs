//! The store: a SQLite database that is the truth, its format, and its rows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use model::address::{Host, Surt};
use model::capture::{Capture, CaptureId};
use model::contribution::{Body, Contribution};
use model::document::{Document, DocumentId, Key, Link, Passage};
use model::record::{Digest, Origin};
use model::time::UnixSeconds;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, TransactionBehavior, params};

use super::fixed::immutable;
use super::packing::{address_hash, json, read, unpack};
use super::parts;
use crate::EngineError;
use crate::entry::{ANCHOR_TEXTS, Anchors, power_of_two};
use crate::naive::REDIRECT_DEPTH;

/// The format of the store, in `user_version`; a newer one is refused.
pub(super) const FORMAT: u32 = 2;

/// `Cnsp`: what `file` sees in the header.
const APPLICATION_ID: u32 = 0x436e_7370;

/// How long a statement waits for another process.
const BUSY: std::time::Duration = std::time::Duration::from_secs(30);

/// How often the mode of a new database is set while another process keeps it from being set.
const MODE_TRIES: u32 = 1000;

/// Passages of one body are numbered below 2^20 in the keys of chunks.
pub(super) const CHUNK_BITS: u32 = 20;

/// Opens a store for writing, and creates it where there is none.
pub(super) fn open_writable(path: &Path) -> Result<Connection, EngineError> {
    let mut connection = opened(path, Connection::open(path))?;
    if check_format(&connection, path)? == 0 {
        create(&mut connection).map_err(|error| broken_or(path, error))?;
    }
    connection.execute_batch("PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF;")?;
    Ok(connection)
}

/// Whether a store has no tables yet: whoever was creating it has not come to an end.
pub(super) fn is_unfinished(connection: &Connection) -> Result<bool, EngineError> {
    Ok(user_version(connection)? == 0)
}

/// Opens a store that exists for reading; `is_fixed` where its folder cannot be written.
pub(super) fn open_readable(path: &Path, is_fixed: bool) -> Result<Connection, EngineError> {
    let log = path.with_extension("sqlite-wal");
    if is_fixed && std::fs::metadata(log).map_or(0, |log| log.len()) == 0 {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // A log would be passed over. Where there is one, SQLite may still find its way.
        let connection = Connection::open_with_flags(immutable(path), flags);
        return readable(opened(path, connection)?, path);
    }
    // Not as `SQLITE_OPEN_READ_ONLY`: reading a database in WAL mode writes its shared memory.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).or_else(|_| {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(path, flags)
    });
    readable(opened(path, connection)?, path)
}

fn readable(connection: Connection, path: &Path) -> Result<Connection, EngineError> {
    connection.execute_batch("PRAGMA query_only = ON;")?;
    check_format(&connection, path)?;
    Ok(connection)
}

fn opened(
    path: &Path,
    connection: rusqlite::Result<Connection>,
) -> Result<Connection, EngineError> {
    let connection = connection.map_err(|error| broken_or(path, error))?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Plans must not depend on the values that are bound: SQLite otherwise prepares some statements
    // again for each set of values, a tenth of the processor time of an `add`.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

fn check_format(connection: &Connection, path: &Path) -> Result<u32, EngineError> {
    let read = || -> rusqlite::Result<(u32, u32)> {
        // Within one transaction, as another process may be creating it.
        let transaction = connection.unchecked_transaction()?;
        let tables = "SELECT count(*) FROM sqlite_schema";
        let tables = transaction.query_row(tables, [], |row| row.get(0))?;
        Ok((user_version(&transaction)?, tables))
    };
    let (found, tables) = read().map_err(|error| broken_or(path, error))?;
    if found > FORMAT {
        return Err(EngineError::NewerFormat {
            path: path.display().to_string(),
            found,
            known: FORMAT,
        });
    }
    if found == 1 {
        return Err(EngineError::BrokenStore {
            path: path.display().to_string(),
            reason: "format 1, which no release has written; add again to a new index".into(),
        });
    }
    if (found == 0) != (tables == 0) {
        return Err(EngineError::BrokenStore {
            path: path.display().to_string(),
            reason: "another program's database".into(),
        });
    }
    Ok(found)
}

fn user_version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Makes the tables, unless another process was faster.
fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    // The first two hold only outside a transaction, and the mode is kept in the file.
    let mut tries = 0;
    while let Err(error) =
        connection.execute_batch("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;")
    {
        // SQLite does not wait by itself for another process that sets the mode.
        let is_busy = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy);
        tries += 1;
        if !is_busy || tries > MODE_TRIES {
            return Err(error);
        }
        std::thread::sleep(BUSY / MODE_TRIES);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if user_version(&transaction)? != 0 {
        return Ok(());
    }
    transaction.execute_batch(include_str!("schema.sql"))?;
    transaction.execute_batch(include_str!("place.sql"))?;
    parts::make_tables(&transaction)?;
    transaction.execute(
        "INSERT INTO meta (key, value) VALUES ('format', ?1), ('n', 0), ('generation', 1), \
         ('held', 0)",
        [FORMAT],
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

/// Sets what a writing connection needs besides.
pub(super) fn make_durable(connection: &Connection) -> Result<(), EngineError> {
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")?;
    Ok(())
}

/// Writes the log into the database, as far as nobody reads it; says whether all of it has gone
/// there.
pub(super) fn checkpoint(connection: &Connection) -> bool {
    let done = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let (busy, log, done): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(busy == 0 && log == done)
    });
    done.unwrap_or_else(|error| {
        tracing::debug!(%error, "the log is left as it is");
        false
    })
}

/// Damage that SQLite sees by itself is damage; everything else is an error of the store.
pub(super) fn broken_or(path: &Path, error: rusqlite::Error) -> EngineError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => EngineError::BrokenStore {
            path: path.display().to_string(),
            reason: error.to_string(),
        },
        _ => EngineError::Store(error),
    }
}

/// A row of `document`.
pub(super) struct DocumentRow {
    pub(super) id: DocumentId,
    pub(super) body: i64,
    pub(super) captured: UnixSeconds,
    pub(super) counted: Option<i64>,
    pub(super) anchors: Option<Vec<u8>>,
}

impl DocumentRow {
    /// Hashes of what links and what captures said at the last derivation.
    pub(super) fn noted(&self) -> (Option<&[u8]>, Option<&[u8]>) {
        // Earlier versions noted the first only.
        let noted = self.anchors.as_deref().unwrap_or_default();
        (noted.get(..8), noted.get(8..16))
    }
}

/// A row of `contribution`.
pub(super) struct ContributionRow {
    pub(super) collection: String,
    pub(super) origin: Origin,
    pub(super) key: Key,
    pub(super) captured: UnixSeconds,
    pub(super) url: String,
    pub(super) body: i64,
}

/// Reads rows; every connection can.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a>(pub(super) &'a Connection);

impl Rows<'_> {
    pub(super) fn meta(self, key: &str) -> Result<Option<i64>, EngineError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// The sequence number of the last commit.
    pub(super) fn n(self) -> Result<u64, EngineError> {
        Ok(self.meta("n")?.unwrap_or_default().unsigned_abs())
    }

    pub(super) fn document_row(self, id: DocumentId) -> Result<Option<DocumentRow>, EngineError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, body, captured, counted, anchors FROM document WHERE id = ?1",
        )?;
        Ok(statement.query_row([id.0], document_row).optional()?)
    }

    /// The documents at an address, by id.
    pub(super) fn documents_at(self, address: [u8; 16]) -> Result<Vec<DocumentRow>, EngineError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, body, captured, counted, anchors FROM document \
             WHERE address = ?1 ORDER BY id",
        )?;
        let rows = statement.query_map([address], document_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether a thing is a document; in the middle of a commit, once it has been merged.
    pub(super) fn is_known(self, id: DocumentId) -> Result<bool, EngineError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT 1 FROM document WHERE id = ?1")?;
        Ok(statement.exists([id.0])?)
    }

    pub(super) fn contributions(self, id: DocumentId) -> Result<Vec<ContributionRow>, EngineError> {
        let mut statement = self.0.prepare_cached(
            "SELECT collection, origin, key, captured, url, body FROM contribution \
             WHERE document = ?1",
        )?;
        let mut rows = statement.query([id.0])?;
        let mut contributions = Vec::new();
        while let Some(row) = rows.next()? {
            contributions.push(ContributionRow {
                collection: row.get(0)?,
                origin: read("contribution", row.get_ref(1)?.as_str().map_err(from_sql)?)?,
                key: read("contribution", row.get_ref(2)?.as_str().map_err(from_sql)?)?,
                captured: UnixSeconds(row.get(3)?),
                url: row.get(4)?,
                body: row.get(5)?,
            });
        }
        // As `Contribution::merge_order`.
        contributions.sort_by(|a, b| {
            (a.captured, &a.url, &a.collection, &a.origin).cmp(&(
                b.captured,
                &b.url,
                &b.collection,
                &b.origin,
            ))
        });
        Ok(contributions)
    }

    /// All contributions to a document, whole, in no order.
    pub(super) fn said_of(self, id: DocumentId) -> Result<Vec<Contribution>, EngineError> {
        let rows = self.contributions(id)?;
        let is_state = matches!(rows.first(), Some(row) if matches!(row.key, Key::State { .. }));
        let mut said = rows
            .into_iter()
            .map(|row| self.contribution(row))
            .collect::<Result<Vec<_>, _>>()?;
        if !is_state {
            said.extend(self.parts(id)?);
        }
        Ok(said)
    }

    /// A contribution, whole.
    pub(super) fn contribution(self, row: ContributionRow) -> Result<Contribution, EngineError> {
        Ok(Contribution {
            key: row.key,
            origin: row.origin,
            collection: row.collection,
            captured: row.captured,
            url: row.url,
            body: Body::Document(Box::new(self.body(row.body)?)),
        })
    }

    /// A document without passages and links.
    pub(super) fn outline(self, body: i64) -> Result<Document, EngineError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT outline FROM body WHERE id = ?1")?;
        let packed: Vec<u8> = statement.query_row([body], |row| row.get(0))?;
        unpack("body", &packed)
    }

    pub(super) fn links(self, body: i64) -> Result<Vec<Link>, EngineError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT links FROM body WHERE id = ?1")?;
        let packed: Vec<u8> = statement.query_row([body], |row| row.get(0))?;
        unpack("body", &packed)
    }

    pub(super) fn body(self, body: i64) -> Result<Document, EngineError> {
        Ok(Document {
            links: self.links(body)?,
            passages: self.passages(body, 0..1 << CHUNK_BITS)?,
            ..self.outline(body)?
        })
    }

    /// Some passages of a body; only the chunks that hold them are read.
    pub(super) fn passages(
        self,
        body: i64,
        which: Range<u32>,
    ) -> Result<Vec<Passage>, EngineError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, passages FROM chunk WHERE id < ?2 AND id >= \
             coalesce((SELECT max(id) FROM chunk WHERE id BETWEEN ?3 AND ?1), ?1) ORDER BY id",
        )?;
        let last = (1 << CHUNK_BITS) - 1;
        let base = body << CHUNK_BITS;
        let id = |number: u32| base | i64::from(number.min(last));
        let mut rows = statement.query(params![id(which.start), id(which.end), base])?;
        let mut passages = Vec::new();
        while let Some(row) = rows.next()? {
            let first = (row.get::<_, i64>(0)? & i64::from(last)) as u32;
            let packed: Vec<u8> = row.get(1)?;
            let chunk: Vec<Passage> = unpack("chunk", &packed)?;
            let numbered = (first..).zip(chunk);
            passages.extend(
                numbered
                    .filter(|(number, _)| which.contains(number))
                    .map(|(_, passage)| passage),
            );
        }
        Ok(passages)
    }

    /// Captures by a condition with one parameter, by time and id.
    fn captures(
        self,
        condition: &str,
        parameter: impl rusqlite::ToSql,
    ) -> Result<Vec<Capture>, EngineError> {
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT said, digest, document FROM capture WHERE {condition} ORDER BY captured, id"
        ))?;
        let mut rows = statement.query([parameter])?;
        let mut captures = Vec::new();
        while let Some(row) = rows.next()? {
            captures.push(capture(row)?);
        }
        Ok(captures)
    }

    pub(super) fn captures_at(self, address: [u8; 16]) -> Result<Vec<Capture>, EngineError> {
        self.captures("address = ?1", address)
    }

    pub(super) fn captures_of(self, document: DocumentId) -> Result<Vec<Capture>, EngineError> {
        self.captures("document = ?1", document.0)
    }

    /// Captures of an address that are known to have seen this content.
    pub(super) fn showing(
        self,
        address: [u8; 16],
        digest: Digest,
    ) -> Result<Vec<CaptureId>, EngineError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT id FROM capture WHERE address = ?1 AND digest = ?2")?;
        let ids =
            statement.query_map(params![address, digest.0], |row| Ok(CaptureId(row.get(0)?)))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    pub(super) fn capture(self, id: [u8; 16]) -> Result<Option<Capture>, EngineError> {
        Ok(self.captures("id = ?1", id)?.pop())
    }

    /// A capture as it came, not resolved.
    pub(super) fn said(self, id: [u8; 16]) -> Result<Option<Capture>, EngineError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT said FROM capture WHERE id = ?1")?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        Ok(Some(read(
            "capture",
            row.get_ref(0)?.as_str().map_err(from_sql)?,
        )?))
    }

    pub(super) fn captures_after(
        self,
        id: Option<[u8; 16]>,
        limit: usize,
    ) -> Result<Vec<Capture>, EngineError> {
        let mut statement = self.0.prepare_cached(
            "SELECT said, digest, document FROM capture WHERE id > ?1 ORDER BY id LIMIT ?2",
        )?;
        let after = id.map_or_else(Vec::new, |id| id.to_vec());
        let mut rows = statement.query(params![after, limit as i64])?;
        let mut captures = Vec::new();
        while let Some(row) = rows.next()? {
            captures.push(capture(row)?);
        }
        Ok(captures)
    }

    pub(super) fn ids_after(
        self,
        id: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentId>, EngineError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT id FROM document WHERE id > ?1 ORDER BY id LIMIT ?2")?;
        let after = id.map_or_else(Vec::new, |id| id.0.to_vec());
        let rows = statement.query_map(params![after, limit as i64], |row| {
            Ok(DocumentId(row.get(0)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Addresses one redirect away from one: those that lead to it, or those that it leads to.
    fn neighbours(self, surt: &str, backwards: bool) -> Result<Vec<String>, EngineError> {
        let mut statement = self.0.prepare_cached(if backwards {
            "SELECT DISTINCT from_address FROM redirect WHERE to_address = ?1"
        } else {
            "SELECT DISTINCT to_address FROM redirect WHERE from_address = ?1"
        })?;
        let rows = statement.query_map([surt], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Addresses with all that lead to one of them over redirects, or that they lead to.
    pub(super) fn redirected(
        self,
        addresses: BTreeSet<String>,
        backwards: bool,
    ) -> Result<BTreeSet<String>, EngineError> {
        let mut edge: Vec<String> = addresses.iter().cloned().collect();
        let mut found = addresses;
        for _ in 0..REDIRECT_DEPTH {
            let mut next = Vec::new();
            for address in edge {
                for neighbour in self.neighbours(&address, backwards)? {
                    if found.insert(neighbour.clone()) {
                        next.push(neighbour);
                    }
                }
            }
            edge = next;
        }
        Ok(found)
    }

    /// What links say of an address.
    pub(super) fn anchors(self, surt: &Surt, own_site: &str) -> Result<Anchors, EngineError> {
        // Counted by SQLite, which holds no more than it must: a hub has a million rows. As
        // `Anchors::of`, which is the definition.
        let addresses = self.redirected([surt.0.clone()].into(), true)?;
        let hashes: Vec<String> = addresses
            .iter()
            .map(|address| format!("{:032X}", u128::from_be_bytes(address_hash(address))))
            .collect();
        let (targets, parameter) = match hashes.as_slice() {
            [hash] => ("= unhex(?1)", hash.clone()),
            _ => (
                "IN (SELECT unhex(value) FROM json_each(?1))",
                json("anchor", &hashes)?,
            ),
        };
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT text FROM anchor WHERE target {targets} AND text <> '' \
             GROUP BY text ORDER BY count(DISTINCT site) DESC, text LIMIT ?2"
        ))?;
        let texts = statement
            .query_map(params![parameter, ANCHOR_TEXTS as i64], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT count(DISTINCT site) FROM anchor WHERE target {targets} AND site <> ?2"
        ))?;
        let sites: i64 = statement.query_row(params![parameter, own_site], |row| row.get(0))?;
        Ok(Anchors {
            texts,
            linking_sites: power_of_two(sites.unsigned_abs()),
        })
    }

    /// See [`crate::View::site_name`].
    pub(super) fn site_name(self, host: &Host) -> Result<Option<String>, EngineError> {
        let mut statement = self.0.prepare_cached(
            "SELECT name FROM vote WHERE host = ?1 ORDER BY n DESC, name LIMIT 1",
        )?;
        let by_host: Option<String> = statement
            .query_row([host.bare()], |row| row.get(0))
            .optional()?;
        if by_host.is_some() {
            return Ok(by_host);
        }
        let mut statement = self.0.prepare_cached(
            "SELECT name FROM vote WHERE site = ?1 GROUP BY name ORDER BY sum(n) DESC, name LIMIT 1",
        )?;
        Ok(statement
            .query_row([host.site()], |row| row.get(0))
            .optional()?)
    }

    pub(super) fn count(self, table: &str) -> Result<u64, EngineError> {
        let count = self
            .0
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get::<_, i64>(0)
            })?;
        Ok(count.unsigned_abs())
    }
}

pub(super) fn from_sql(error: rusqlite::types::FromSqlError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
}

fn document_row(row: &Row<'_>) -> rusqlite::Result<DocumentRow> {
    Ok(DocumentRow {
        id: DocumentId(row.get(0)?),
        body: row.get(1)?,
        captured: UnixSeconds(row.get(2)?),
        counted: row.get(3)?,
        anchors: row.get(4)?,
    })
}

fn capture(row: &Row<'_>) -> Result<Capture, EngineError> {
    let said: Capture = read("capture", row.get_ref(0)?.as_str().map_err(from_sql)?)?;
    Ok(Capture {
        digest: row.get::<_, Option<[u8; 32]>>(1)?.map(Digest),
        document: row.get::<_, Option<[u8; 16]>>(2)?.map(DocumentId),
        ..said
    })
}
