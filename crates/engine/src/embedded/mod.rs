//! The engine on one machine: SQLite is the truth, tantivy the index that follows it.
//!
//! `store.rs` is the database and its rows (`schema.sql`, `packing.rs`), `changes.rs` writes what
//! was said (`parts.rs` the posts of threads), `retract.rs` takes it back, `settle.rs` writes what follows from it, `derive.rs` makes
//! index entries, `index.rs` is what tantivy holds of them, `writer.rs` commits both together,
//! `view.rs` is one commit, whole, and `finding.rs` finds candidates in it by the walks of
//! `matching/`. `fixed.rs` is for folders that cannot be written.
//!
//! On disk: `store.sqlite`, `index/GENERATION/`, `lock`.

mod changes;
mod derive;
mod finding;
mod fixed;
mod index;
mod matching;
mod packing;
mod parts;
mod retract;
mod settle;
mod store;
mod view;
mod writer;

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::time::UnixSeconds;
use rusqlite::Connection;
use tantivy::{Index, IndexReader, ReloadPolicy};

use self::store::Rows;
use self::view::EmbeddedView;
use self::writer::EmbeddedWriter;
use crate::{Engine, EngineError, View, Writer};

/// A test's look at the steps of a commit: says whether to go on.
pub type StepHook = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// How an index is opened.
#[derive(Clone)]
pub struct Options {
    /// Whether it is an error if there is no index yet.
    pub read_only: bool,
    /// Memory for entries that are not on disk yet, in bytes; at least 15 MB.
    pub writer_memory_bytes: usize,
    /// What a second writer is told: `conspectus add`.
    pub process_name: String,
    /// Whether stored documents are compressed.
    pub compress: bool,
    /// An index up to this size in bytes is verified against its checksums when it is opened.
    pub verified_bytes: u64,
    /// A write-ahead log of the store longer than this, in bytes, is begun anew when it can be.
    pub long_log_bytes: u64,
    /// Queries of one view that can read the store at the same time; at least 1.
    pub readers: usize,
    /// The time of a commit.
    pub now: Arc<dyn Fn() -> UnixSeconds + Send + Sync>,
    /// For tests.
    pub step: Option<StepHook>,
}

impl Options {
    /// Options for a process of this name, whose clock is `now`.
    pub fn new(process_name: &str, now: impl Fn() -> UnixSeconds + Send + Sync + 'static) -> Self {
        Self {
            read_only: false,
            writer_memory_bytes: 128 << 20,
            process_name: process_name.into(),
            compress: true,
            verified_bytes: 256 << 20,
            long_log_bytes: LONG_LOG_BYTES,
            readers: 4,
            now: Arc::new(now),
            step: None,
        }
    }
}

/// See [`Options::long_log_bytes`].
const LONG_LOG_BYTES: u64 = 64 << 20;

/// How often a process that waits for a writer looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// An index on this machine.
pub struct Embedded {
    folder: PathBuf,
    options: Options,
    /// Whether the folder cannot be written.
    is_fixed: bool,
    state: Mutex<State>,
}

struct State {
    /// Looks for newer commits.
    watch: Connection,
    reader: Option<OpenIndex>,
    view: Option<Arc<EmbeddedView>>,
    /// How long the log was when the view was made.
    log_bytes: u64,
    /// Whether the view reads nothing in the log, so that the next writer may begin it anew.
    leaves_log: bool,
}

struct OpenIndex {
    generation: i64,
    index: Index,
    reader: IndexReader,
}

/// What came of an attempt to open store and index at one commit.
enum Pairing {
    Whole(EmbeddedView),
    /// They do not hold the same commit at the moment.
    Apart,
    /// The files of the index cannot be read.
    Unreadable(EngineError),
}

/// Whether store and index of a folder belong together.
enum Standing {
    Whole,
    /// The index lacks the last commit.
    Behind,
    /// It cannot be used.
    Broken,
}

impl Embedded {
    /// Opens the index in a folder; creates it where there is none, unless `read_only`.
    ///
    /// An index that does not follow its store is brought up to it first; that waits for a writer
    /// at work. A whole one in a folder that cannot be written opens if `read_only`; it must not be
    /// changed meanwhile by those who can.
    pub fn open(folder: &Path, options: Options) -> Result<Self, EngineError> {
        let is_fixed = options.read_only && folder.exists() && fixed::is_fixed(folder);
        Self::open_on(folder, options, is_fixed)
    }

    fn open_on(folder: &Path, options: Options, is_fixed: bool) -> Result<Self, EngineError> {
        let path = folder.join("store.sqlite");
        let missing = || EngineError::Missing {
            path: folder.display().to_string(),
        };
        if !path.exists() {
            if options.read_only {
                return Err(missing());
            }
            std::fs::create_dir_all(folder).map_err(|source| in_file(folder, source))?;
            drop(store::open_writable(&path)?);
        }
        let mut watch = store::open_readable(&path, is_fixed)?;
        if store::is_unfinished(&watch)? {
            if options.read_only {
                return Err(missing());
            }
            drop(watch);
            drop(store::open_writable(&path)?);
            watch = store::open_readable(&path, is_fixed)?;
        }
        let engine = Self {
            folder: folder.to_owned(),
            options,
            is_fixed,
            state: Mutex::new(State {
                watch,
                reader: None,
                view: None,
                log_bytes: 0,
                leaves_log: false,
            }),
        };
        engine.verify()?;
        engine.renewed(&mut engine.state())?;
        Ok(engine)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store_path(&self) -> PathBuf {
        self.folder.join("store.sqlite")
    }

    fn generation_folder(&self, generation: i64) -> PathBuf {
        self.folder.join("index").join(generation.to_string())
    }

    fn log_bytes(&self) -> u64 {
        let path = self.folder.join("store.sqlite-wal");
        std::fs::metadata(path).map_or(0, |metadata| metadata.len())
    }

    /// Finds damaged files of an index that is not too large to read; a damaged one is rebuilt.
    fn verify(&self) -> Result<(), EngineError> {
        if self.is_sound()? {
            return Ok(());
        }
        match self.lock() {
            // A writer at work may have taken a file away under us.
            Ok(lock) if !self.is_sound()? => self.repair(&lock, true),
            Ok(_) | Err(EngineError::Locked { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether all files of the index have their checksums, as far as it is not too large.
    fn is_sound(&self) -> Result<bool, EngineError> {
        let generation = {
            let state = self.state();
            Rows(&state.watch).meta("generation")?.unwrap_or(1)
        };
        let folder = self.generation_folder(generation);
        if !folder.exists() || folder_bytes(&folder) > self.options.verified_bytes {
            return Ok(true);
        }
        let damaged = self
            .open_folder(&folder)
            .and_then(|index| index.validate_checksum());
        Ok(damaged.is_ok_and(|files| files.is_empty()))
    }

    /// Takes the lock of the one writer.
    fn lock(&self) -> Result<File, EngineError> {
        let behind = || EngineError::Behind {
            path: self.folder.display().to_string(),
        };
        if self.is_fixed {
            return Err(behind());
        }
        let path = self.folder.join("lock");
        let mut options = File::options();
        let opened = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = opened.map_err(|source| {
            if fixed::is_refusal(&source) {
                behind()
            } else {
                in_file(&path, source)
            }
        })?;
        match file.try_lock() {
            Ok(()) => {
                let holder = format!(
                    "process {} ({})\n",
                    std::process::id(),
                    self.options.process_name
                );
                file.set_len(0)
                    .and_then(|()| file.write_all(holder.as_bytes()))
                    .map_err(|source| in_file(&path, source))?;
                Ok(file)
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who it is helps, but is not needed.
                let _read = file
                    .rewind()
                    .and_then(|()| file.read_to_string(&mut holder));
                let holder = match holder.trim() {
                    "" => "another process",
                    holder => holder,
                };
                Err(EngineError::Locked {
                    path: self.folder.display().to_string(),
                    holder: holder.to_owned(),
                })
            }
            Err(TryLockError::Error(source)) => Err(in_file(&path, source)),
        }
    }

    fn standing(&self, connection: &Connection) -> Result<(Standing, i64), EngineError> {
        let rows = Rows(connection);
        let generation = rows.meta("generation")?.unwrap_or(1);
        let held = rows.meta("held")?.unwrap_or_default().unsigned_abs();
        let n = rows.n()?;
        let opened = index::open(&self.generation_folder(generation))
            .and_then(|index| index::held_commit(&index));
        let standing = match opened {
            Ok(in_index) if in_index == n => Standing::Whole,
            Ok(in_index) if in_index < n && in_index == held => Standing::Behind,
            _ => Standing::Broken,
        };
        Ok((standing, generation))
    }

    /// Brings the index up to the store. `lock` shows that nobody else does.
    fn repair(&self, _lock: &File, is_damaged: bool) -> Result<(), EngineError> {
        let connection = store::open_writable(&self.store_path())?;
        store::make_durable(&connection)?;
        let (standing, generation) = self.standing(&connection)?;
        let standing = if is_damaged {
            Standing::Broken
        } else {
            standing
        };
        match standing {
            Standing::Whole => return Ok(()),
            Standing::Behind => {
                let index = index::open(&self.generation_folder(generation))?;
                match writer::finish(&self.options, &connection, &index) {
                    Ok(()) => return Ok(()),
                    Err(error @ EngineError::Store(_)) => return Err(error),
                    Err(error) => tracing::warn!(%error, "the index is rebuilt"),
                }
            }
            Standing::Broken => {}
        }
        let next = self.free_generation(generation)?;
        tracing::info!(generation = next, "building the index from the store");
        let folder = self.generation_folder(next);
        std::fs::create_dir_all(&folder).map_err(|source| in_file(&folder, source))?;
        writer::build(&self.options, &connection, &folder)?;
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; \
             INSERT OR REPLACE INTO meta (key, value) VALUES ('generation', {next}); \
             INSERT OR REPLACE INTO meta (key, value) SELECT 'held', value FROM meta \
             WHERE key = 'n'; \
             DELETE FROM dirty; COMMIT;"
        ))?;
        self.remove_other_generations(next);
        Ok(())
    }

    /// A number above every generation that lies there, also half-built ones.
    fn free_generation(&self, current: i64) -> Result<i64, EngineError> {
        let folder = self.folder.join("index");
        std::fs::create_dir_all(&folder).map_err(|source| in_file(&folder, source))?;
        let entries = std::fs::read_dir(&folder).map_err(|source| in_file(&folder, source))?;
        let taken = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<i64>().ok());
        Ok(taken.chain([current]).max().unwrap_or(current) + 1)
    }

    /// Readers of an old generation keep their files open; what cannot be removed stays.
    fn remove_other_generations(&self, current: i64) {
        let Ok(entries) = std::fs::read_dir(self.folder.join("index")) else {
            return;
        };
        for entry in entries.flatten() {
            let number = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<i64>().ok());
            if number.is_some_and(|number| number != current)
                && let Err(error) = std::fs::remove_dir_all(entry.path())
            {
                tracing::warn!(path = %entry.path().display(), %error, "old index not removed");
            }
        }
    }

    /// The newest whole pair of store and index, made anew. Waits for a writer at work only where
    /// there is no older pair to go on with.
    fn renewed(&self, state: &mut State) -> Result<Arc<EmbeddedView>, EngineError> {
        let mut is_rebuilt = false;
        loop {
            if let Pairing::Whole(view) = self.paired(state)? {
                return self.shown(state, view);
            }
            if let Some(view) = &state.view {
                return Ok(Arc::clone(view));
            }
            match self.lock() {
                Ok(lock) => {
                    self.repair(&lock, false)?;
                    // Nobody else changes anything now, so what cannot be read is damaged.
                    match self.paired(state)? {
                        Pairing::Whole(view) => return self.shown(state, view),
                        Pairing::Apart => {}
                        Pairing::Unreadable(error) if is_rebuilt => return Err(error),
                        Pairing::Unreadable(error) => {
                            tracing::warn!(%error, "the index is rebuilt");
                            self.repair(&lock, true)?;
                            is_rebuilt = true;
                        }
                    }
                }
                Err(EngineError::Locked { .. }) => std::thread::sleep(LOOK_AGAIN),
                Err(error) => return Err(error),
            }
        }
    }

    /// Empties the log into the database; says whether all of it has gone there. The view of this
    /// process goes, and is made anew when it is asked for.
    fn leave_log(&self) -> bool {
        let Ok(mut state) = self.state.try_lock() else {
            return false;
        };
        state.view = None;
        store::checkpoint(&state.watch)
    }

    /// Keeps a view, and sees to it that the log can be emptied.
    ///
    /// What a view reads of the log must stay there, and a log of which anything must stay grows:
    /// a writer begins it anew only where all of it has gone into the database and nobody reads
    /// it. So once a long log has gone there, the view is opened again without it.
    fn shown(
        &self,
        state: &mut State,
        view: EmbeddedView,
    ) -> Result<Arc<EmbeddedView>, EngineError> {
        let mut view = Arc::new(view);
        // The view before it goes, unless queries hold it.
        state.view = Some(Arc::clone(&view));
        state.leaves_log = false;
        if !self.is_fixed
            && self.log_bytes() > self.options.long_log_bytes
            && store::checkpoint(&state.watch)
            && let Pairing::Whole(without_log) = self.paired(state)?
        {
            view = Arc::new(without_log);
            state.view = Some(Arc::clone(&view));
            state.leaves_log = true;
        }
        state.log_bytes = self.log_bytes();
        Ok(view)
    }

    /// Connections that have read one sequence number, and a searcher of the same.
    fn paired(&self, state: &mut State) -> Result<Pairing, EngineError> {
        let mut connections = Vec::new();
        let mut read = None;
        for _ in 0..self.options.readers.max(1) {
            let connection = store::open_readable(&self.store_path(), self.is_fixed)?;
            connection.execute_batch("BEGIN")?;
            let rows = Rows(&connection);
            let found = (rows.n()?, rows.meta("generation")?.unwrap_or(1));
            if *read.get_or_insert(found) != found {
                return Ok(Pairing::Apart);
            }
            connections.push(connection);
        }
        let Some((n, generation)) = read else {
            return Ok(Pairing::Apart);
        };
        let searcher = match self.searcher(state, n, generation) {
            Ok(Some(searcher)) => searcher,
            Ok(None) => return Ok(Pairing::Apart),
            Err(error) => {
                tracing::debug!(%error, "the index cannot be read");
                state.reader = None;
                return Ok(Pairing::Unreadable(error.into()));
            }
        };
        match EmbeddedView::new(self.folder.clone(), n, connections, searcher) {
            Ok(view) => Ok(Pairing::Whole(view)),
            Err(error @ EngineError::Index(_)) => {
                state.reader = None;
                Ok(Pairing::Unreadable(error))
            }
            Err(error) => Err(error),
        }
    }

    /// A searcher of commit `n`; `None` where the index holds another one.
    fn searcher(
        &self,
        state: &mut State,
        n: u64,
        generation: i64,
    ) -> tantivy::Result<Option<tantivy::Searcher>> {
        let known = state.reader.take();
        let open = match known.filter(|open| open.generation == generation) {
            Some(open) => open,
            None => self.open_index(generation)?,
        };
        let open = state.reader.insert(open);
        if index::held_commit(&open.index)? != n {
            return Ok(None);
        }
        open.reader.reload()?;
        let searcher = open.reader.searcher();
        Ok((index::held_commit(&open.index)? == n).then_some(searcher))
    }

    /// Opens an index to read it.
    fn open_folder(&self, folder: &Path) -> tantivy::Result<Index> {
        if self.is_fixed {
            index::open_fixed(folder)
        } else {
            index::open(folder)
        }
    }

    fn open_index(&self, generation: i64) -> tantivy::Result<OpenIndex> {
        let folder = self.generation_folder(generation);
        let index = self.open_folder(&folder)?;
        index::find_files(&index, &folder)?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(OpenIndex {
            generation,
            index,
            reader,
        })
    }
}

impl Engine for Embedded {
    fn writer(&self) -> Result<Box<dyn Writer + '_>, EngineError> {
        let lock = self.lock()?;
        self.repair(&lock, false)?;
        let connection = store::open_writable(&self.store_path())?;
        let generation = Rows(&connection).meta("generation")?.unwrap_or(1);
        // What a killed rebuild has left.
        self.remove_other_generations(generation);
        let index = index::open(&self.generation_folder(generation))?;
        Ok(Box::new(EmbeddedWriter::new(
            self, lock, connection, &index,
        )?))
    }

    fn view(&self) -> Result<Arc<dyn View>, EngineError> {
        let mut state = self.state();
        if let Some(view) = &state.view {
            let n = Rows(&state.watch).n()?;
            let log_bytes = self.log_bytes();
            let blocks_log = log_bytes > self.options.long_log_bytes
                && log_bytes != state.log_bytes
                && !state.leaves_log;
            if view.n() == n && !blocks_log {
                let view: Arc<EmbeddedView> = Arc::clone(view);
                return Ok(view);
            }
        }
        let view: Arc<EmbeddedView> = self.renewed(&mut state)?;
        Ok(view)
    }
}

fn in_file(path: &Path, source: std::io::Error) -> EngineError {
    EngineError::File {
        path: path.display().to_string(),
        source,
    }
}

/// Bytes of the files in a folder.
fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.filter_map(|entry| Some(entry.metadata().ok()?.len()));
    sizes.sum()
}
