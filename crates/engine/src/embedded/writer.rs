//! The one writer: changes go into one transaction of the store, and a commit makes store and
//! index show them together.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::document::DocumentId;
use rusqlite::{Connection, OptionalExtension as _, params};
use tantivy::{Index, IndexWriter};

use super::changes::{self, Touched};
use super::derive::{Derived, Deriving};
use super::index::{self, EntryDocument, Fields, InFlight};
use super::packing::read;
use super::parts;
use super::settle::settle;
use super::store::{self, Rows};
use super::{Embedded, Options};
use crate::{Change, CommitId, EngineError, SourceState, Writer};

/// How long a writer waits for readers to leave a long log, and how often it looks: views are
/// renewed by queries, so that this is worth while where there are many.
const LOG_WAIT: Duration = Duration::from_millis(500);
const LOG_LOOKS: u32 = 5;

/// Index and store open for writing, the lock held.
pub(super) struct EmbeddedWriter<'a> {
    engine: &'a Embedded,
    connection: Connection,
    index: IndexWriter<EntryDocument>,
    fields: Fields,
    in_flight: Arc<InFlight>,
    touched: Touched,
    /// Whether a transaction is open.
    is_open: bool,
    /// Set where store and index may have gone apart; the next writer puts it right.
    has_failed: bool,
    pending_bytes: u64,
    /// The commit that the index is known to hold.
    held: u64,
    _lock: File,
}

impl<'a> EmbeddedWriter<'a> {
    /// Store and index must hold the same commit.
    pub(super) fn new(
        engine: &'a Embedded,
        lock: File,
        connection: Connection,
        index: &Index,
    ) -> Result<Self, EngineError> {
        store::make_durable(&connection)?;
        connection.execute_batch(&format!(
            "PRAGMA journal_size_limit = {};",
            engine.options.long_log_bytes
        ))?;
        parts::make_tables(&connection)?;
        let held = index::held_commit(index)?;
        Ok(Self {
            engine,
            connection,
            index: index::writer(index, engine.options.writer_memory_bytes)?,
            fields: Fields::new().1,
            in_flight: Arc::default(),
            touched: Touched::default(),
            is_open: false,
            has_failed: false,
            pending_bytes: 0,
            held,
            _lock: lock,
        })
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        if self.has_failed {
            return Err(stopped("an earlier failure of this writer"));
        }
        if self.is_open {
            return Ok(());
        }
        self.begin_log();
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        self.is_open = true;
        // The index holds everything up to here, so nothing has to be derived again.
        self.connection.execute("DELETE FROM dirty", [])?;
        self.connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('held', ?1)",
            [self.held as i64],
        )?;
        Ok(())
    }

    /// Between two transactions the log can be begun anew, if readers have come up to its end.
    fn begin_log(&self) {
        for _ in 0..LOG_LOOKS {
            let is_long = self.engine.log_bytes() > self.engine.options.long_log_bytes;
            if !is_long || self.engine.leave_log() {
                return;
            }
            std::thread::sleep(LOG_WAIT / LOG_LOOKS);
        }
    }

    fn try_commit(&mut self, reached: &[SourceState]) -> Result<CommitId, EngineError> {
        self.begin()?;
        for state in reached {
            changes::source(&self.connection, state)?;
        }
        let dirty = settle(
            &self.connection,
            &self.touched,
            self.engine.options.compress,
        )?;
        step(&self.engine.options, "settled")?;
        let n = self.held + 1;
        for id in &dirty {
            self.connection
                .prepare_cached("INSERT OR REPLACE INTO dirty (id, n) VALUES (?1, ?2)")?
                .execute(params![id.0, n as i64])?;
        }
        derive_all(
            &self.connection,
            &self.index,
            &self.fields,
            &self.in_flight,
            &dirty,
        )?;
        self.connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('n', ?1), ('committed', ?2)",
            params![n as i64, (self.engine.options.now)().0],
        )?;
        step(&self.engine.options, "derived")?;
        let mut prepared = self.index.prepare_commit()?;
        prepared.set_payload(&n.to_string());
        let stored = step(&self.engine.options, "prepared")
            .and_then(|()| Ok(self.connection.execute_batch("COMMIT")?));
        if let Err(error) = stored {
            // Dropping it would put its documents into the next commit.
            prepared.abort()?;
            index::set_policy(&self.index);
            return Err(error);
        }
        self.is_open = false;
        step(&self.engine.options, "stored")?;
        prepared.commit()?;
        self.held = n;
        self.touched = Touched::default();
        self.pending_bytes = 0;
        step(&self.engine.options, "indexed")?;
        Ok(CommitId(n))
    }
}

impl Writer for EmbeddedWriter<'_> {
    fn apply(&mut self, change: Change) -> Result<(), EngineError> {
        self.begin()?;
        let compress = self.engine.options.compress;
        match changes::write(&self.connection, &mut self.touched, &change, compress) {
            Ok(bytes) => {
                self.pending_bytes += bytes;
                Ok(())
            }
            Err(error) => {
                self.has_failed = true;
                Err(error)
            }
        }
    }

    fn pending_bytes(&self) -> u64 {
        self.pending_bytes
    }

    fn commit(&mut self, reached: &[SourceState]) -> Result<CommitId, EngineError> {
        let committed = self.try_commit(reached);
        self.has_failed |= committed.is_err();
        committed
    }

    fn source(&self, path: &str, collection: &str) -> Result<Option<SourceState>, EngineError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT state FROM source WHERE path = ?1 AND collection = ?2")?;
        let state: Option<String> = statement
            .query_row([path, collection], |row| row.get(0))
            .optional()?;
        state.map(|state| read("source", &state)).transpose()
    }
}

/// Derives entries in the order of ids and hands them to the index, not committed.
fn derive_all(
    connection: &Connection,
    index: &IndexWriter<EntryDocument>,
    fields: &Fields,
    in_flight: &Arc<InFlight>,
    dirty: &BTreeSet<DocumentId>,
) -> Result<(), EngineError> {
    let mut deriving = Deriving::new(Rows(connection));
    for id in dirty {
        index.delete_term(index::id_term(fields, *id));
        let Some(Derived { entry, noted }) = deriving.entry(*id)? else {
            continue;
        };
        connection
            .prepare_cached("UPDATE document SET anchors = ?2 WHERE id = ?1 AND anchors IS NOT ?2")?
            .execute(params![id.0, noted])?;
        add(index, fields, in_flight, entry)?;
    }
    Ok(())
}

fn add(
    index: &IndexWriter<EntryDocument>,
    fields: &Fields,
    in_flight: &Arc<InFlight>,
    entry: crate::entry::Entry,
) -> Result<(), EngineError> {
    let document =
        EntryDocument::new(*fields, entry, in_flight).map_err(|source| EngineError::Row {
            table: "head",
            source,
        })?;
    index.add_document(document)?;
    Ok(())
}

/// Brings an index that is one commit behind up to the store. The lock must be held.
pub(super) fn finish(
    options: &Options,
    connection: &Connection,
    index: &Index,
) -> Result<(), EngineError> {
    let rows = Rows(connection);
    let n = rows.n()?;
    let mut dirty = BTreeSet::new();
    {
        let mut statement = connection.prepare("SELECT id FROM dirty")?;
        let mut ids = statement.query([])?;
        while let Some(row) = ids.next()? {
            dirty.insert(DocumentId(row.get(0)?));
        }
    }
    tracing::info!(
        n,
        documents = dirty.len(),
        "finishing an index that is behind"
    );
    let writer = index::writer(index, options.writer_memory_bytes)?;
    let (fields, in_flight) = (Fields::new().1, Arc::default());
    let mut deriving = Deriving::new(rows);
    for id in &dirty {
        writer.delete_term(index::id_term(&fields, *id));
        if let Some(derived) = deriving.entry(*id)? {
            add(&writer, &fields, &in_flight, derived.entry)?;
        }
    }
    commit_whole(writer, n)
}

/// Builds an index of the whole store in an empty folder. The lock must be held.
pub(super) fn build(
    options: &Options,
    connection: &Connection,
    folder: &Path,
) -> Result<(), EngineError> {
    let rows = Rows(connection);
    let index = index::create(folder)?;
    let writer = index::writer(&index, options.writer_memory_bytes)?;
    let (fields, in_flight) = (Fields::new().1, Arc::default());
    let mut deriving = Deriving::new(rows);
    let mut last = None;
    loop {
        let ids = rows.ids_after(last, 1000)?;
        for id in &ids {
            if let Some(derived) = deriving.entry(*id)? {
                add(&writer, &fields, &in_flight, derived.entry)?;
            }
        }
        match ids.last() {
            Some(id) => last = Some(*id),
            None => break,
        }
    }
    commit_whole(writer, rows.n()?)
}

fn commit_whole(mut writer: IndexWriter<EntryDocument>, n: u64) -> Result<(), EngineError> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&n.to_string());
    prepared.commit()?;
    writer.wait_merging_threads()?;
    Ok(())
}

/// Tells a test which step was reached.
fn step(options: &Options, name: &'static str) -> Result<(), EngineError> {
    match &options.step {
        Some(goes_on) if !goes_on(name) => Err(stopped(name)),
        _ => Ok(()),
    }
}

fn stopped(by: &str) -> EngineError {
    EngineError::File {
        path: "index".into(),
        source: std::io::Error::other(format!("stopped by {by}")),
    }
}
