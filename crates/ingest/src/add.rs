//! `add`: files into the engine, idempotent, resumable, with a commit now and then.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use engine::{
    Change, CommitId, Engine, EngineError, Outcome, OutcomeClass, OutcomeCounts, SourceState,
    Writer,
};
use model::address::{Surt, parse};
use model::capture::{Capture, Redirect, RefersTo};
use model::contribution::{Body, Contribution};
use model::document::{Document, Key};
use model::part::Part;
use model::record::{MediaType, Origin, Record, RecordKind};
use model::time::UnixSeconds;

use crate::files::{Due, Pending, due, noted};
use crate::pipeline::{Event, Gave, Known, Read, ReadSettings, Task, run};
use crate::pool::WorkerError;
use crate::posts::Posts;
use crate::protocol::Bad;

/// How things are added.
#[derive(Clone, Debug)]
pub struct AddSettings {
    /// How files are read.
    pub read: ReadSettings,
    /// The collection that they belong to.
    pub collection: String,
    /// Bytes of changes after which a commit is made.
    pub commit_bytes: u64,
    /// Time after which a commit is made, if there is anything to commit.
    pub commit_every: Duration,
    /// The clock, for the journal.
    pub now: UnixSeconds,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Files read, to their end or not.
    pub files: u64,
    /// Files that have not changed since they were read.
    pub unchanged: u64,
    /// Bytes of files passed so far.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// Documents found in them, new or not; a thread is found with its opening post.
    pub documents: u64,
    /// Posts of discussions found in them, new or not; those of one thread are one document.
    pub posts: u64,
    /// Records without anything to read: revisits, failures, images.
    pub without_text: u64,
    /// Records that could not be read, by what became of them.
    pub outcomes: OutcomeCounts,
    /// Whether it was stopped before the end.
    pub interrupted: bool,
    /// The last commit.
    pub commit: CommitId,
}

/// Why adding ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The engine failed.
    #[error("the index cannot be written")]
    Engine(#[from] EngineError),
    /// No worker could be started.
    #[error("nothing can be read")]
    Worker(#[from] WorkerError),
    /// The folder for large payloads cannot be made.
    #[error("cannot make the folder `{path}` for large payloads")]
    Spool {
        /// The folder.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Adds all files below the paths; files that were read before and have not changed are passed
/// over, grown ones are read on.
///
/// `progress` is told after every record. When `stop` is set, what was read until then is
/// committed, and the next call goes on there.
///
/// # Errors
///
/// Where the engine fails or no worker can be started; what was committed before then stays.
/// A file or record that cannot be read is no error but an outcome in the journal.
pub fn add(
    engine: &dyn Engine,
    paths: &[PathBuf],
    settings: &AddSettings,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(&Added),
) -> Result<Added, IngestError> {
    let mut writer = engine.writer()?;
    // We hold the lock: what lies in the folder was left by a run that was killed.
    let spool = Spool::make(&settings.read.spool)?;
    let mut adding = Adding {
        writer: &mut *writer,
        settings,
        added: Added::default(),
        reached: Vec::new(),
        current: None,
        last_commit: Instant::now(),
    };
    for path in paths {
        adding.add_path(path, stop, progress)?;
    }
    adding.added.interrupted = stop.load(std::sync::atomic::Ordering::Relaxed);
    adding.commit()?;
    drop(spool);
    Ok(adding.added)
}

/// The folder for large payloads, empty at the start and gone at the end.
struct Spool(PathBuf);

impl Spool {
    fn make(path: &Path) -> Result<Self, IngestError> {
        drop(std::fs::remove_dir_all(path));
        std::fs::create_dir_all(path).map_err(|source| IngestError::Spool {
            path: path.display().to_string(),
            source,
        })?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next run.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Files compared with the store in one go, before they are read.
const BATCH_FILES: usize = 1024;

struct Adding<'a> {
    writer: &'a mut dyn Writer,
    settings: &'a AddSettings,
    added: Added,
    reached: Vec<SourceState>,
    /// The file being read, and how many of its bytes are counted.
    current: Option<(Pending, u64)>,
    last_commit: Instant,
}

impl Adding<'_> {
    fn add_path(
        &mut self,
        path: &Path,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(&Added),
    ) -> Result<(), IngestError> {
        let source = path.to_string_lossy().into_owned();
        let mut files = source::walk(path);
        loop {
            let mut batch = Vec::new();
            while batch.len() < BATCH_FILES {
                let Some(file) = files.next() else { break };
                let found = match file {
                    Ok(file) if file.to_str().is_none() => Err((
                        file,
                        "the name of this file is not UTF-8; rename it".to_owned(),
                    )),
                    Ok(file) => {
                        let found = due(&file, &source, self.settings, self.writer)?;
                        found.map_err(|error| (file, error.to_string()))
                    }
                    Err(error) => Err((
                        error.origin().map_or_else(|| path.to_owned(), Origin::file),
                        crate::worker::chain(&error),
                    )),
                };
                match found {
                    Ok(Due::Unchanged) => self.added.unchanged += 1,
                    Ok(Due::Read(pending)) => batch.push(*pending),
                    Err((file, reason)) => {
                        let origin = whole_file(&file, &source);
                        let bad = Bad {
                            origin: Some(origin),
                            url: None,
                            reason,
                            class: OutcomeClass::Failed,
                        };
                        self.journal(bad, Path::new(&source))?;
                    }
                }
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    return Ok(());
                }
            }
            progress(&self.added);
            if batch.is_empty() {
                return Ok(());
            }
            self.read_batch(batch, stop, progress)?;
        }
    }

    fn read_batch(
        &mut self,
        batch: Vec<Pending>,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(&Added),
    ) -> Result<(), IngestError> {
        let tasks: Vec<Task> = batch.iter().map(|pending| pending.task.clone()).collect();
        let mut pending = batch.into_iter();
        let mut failure = None;
        run(tasks.into_iter(), &self.settings.read, stop, &mut |event| {
            let taken = self.take(event, &mut pending);
            progress(&self.added);
            match taken {
                Ok(()) => true,
                Err(error) => {
                    failure = Some(error);
                    false
                }
            }
        })?;
        if let Some(error) = failure {
            return Err(error.into());
        }
        // Stopped in the middle of a file: how far it was read is worth keeping.
        if let Some((pending, _)) = self.current.take() {
            self.reached.push(pending.state);
        }
        Ok(())
    }

    fn take(
        &mut self,
        event: Event,
        files: &mut dyn Iterator<Item = Pending>,
    ) -> Result<(), EngineError> {
        if !matches!(event, Event::Opened(..)) {
            self.retract()?;
        }
        match event {
            Event::Opened(task, known) => {
                self.added.files += 1;
                if let Some(mut pending) = files.next() {
                    match known {
                        Known::By(reader) => {
                            pending.state.reader = noted(reader, &self.settings.read.extract);
                        }
                        Known::ByNone => self.not_recognised(&task)?,
                        Known::NotAsked => {}
                    }
                    let counted = pending.state.position.0;
                    self.current = Some((pending, counted));
                }
            }
            Event::Record(position, read) => {
                self.record(*read)?;
                self.advance(position);
            }
            Event::Bad(position, bad) => {
                let file = self.current.as_ref();
                let file = file.map(|(pending, _)| pending.task.path.clone());
                self.journal(bad, &file.unwrap_or_default())?;
                self.advance(position);
            }
            Event::Ended { complete } => {
                if let Some((Pending { mut state, .. }, counted)) = self.current.take() {
                    state.complete = complete;
                    self.added.bytes += state.size.saturating_sub(counted);
                    self.reached.push(state);
                }
            }
        }
        let due = self.writer.pending_bytes() >= self.settings.commit_bytes
            || self.last_commit.elapsed() >= self.settings.commit_every;
        if due { self.commit() } else { Ok(()) }
    }

    fn advance(&mut self, position: model::record::Position) {
        if let Some((pending, counted)) = &mut self.current {
            let passed = position.0.saturating_sub(*counted);
            *counted += passed;
            self.added.bytes += passed;
            pending.state.position = position;
        }
    }

    /// Takes back the tail of a file that is read again, just before the first of what is there
    /// now, so that no commit shows the file without a tail.
    fn retract(&mut self) -> Result<(), EngineError> {
        let Some((pending, _)) = &mut self.current else {
            return Ok(());
        };
        let Some(from) = pending.again.take() else {
            return Ok(());
        };
        self.writer.apply(Change::Retract {
            path: pending.state.path.clone(),
            collection: pending.state.collection.clone(),
            from,
        })
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        let mut reached = std::mem::take(&mut self.reached);
        if let Some((pending, _)) = &self.current {
            reached.push(pending.state.clone());
        }
        self.added.commit = self.writer.commit(&reached)?;
        self.last_commit = Instant::now();
        Ok(())
    }

    fn not_recognised(&mut self, task: &Task) -> Result<(), EngineError> {
        let bad = Bad {
            origin: Some(whole_file(&task.path, &task.source)),
            url: None,
            reason: "no reader knows this kind of file".to_owned(),
            class: OutcomeClass::Skipped,
        };
        self.journal(bad, &task.path)
    }

    fn journal(&mut self, bad: Bad, file: &Path) -> Result<(), EngineError> {
        *self.added.outcomes.entry(bad.class).or_default() += 1;
        let origin = bad
            .origin
            .unwrap_or_else(|| whole_file(file, &file.to_string_lossy()));
        self.writer.apply(Change::Outcome(Outcome {
            origin,
            url: bad.url,
            class: bad.class,
            reason: bad.reason,
            tried: self.settings.now,
        }))
    }

    fn record(&mut self, read: Read) -> Result<(), EngineError> {
        let Read { record, gave } = read;
        self.added.records += 1;
        let collection = self.settings.collection.clone();
        let mut documents = Vec::new();
        let mut posts = Posts::default();
        let mut moved_to = None;
        match gave {
            Gave::Extracted(extracted, said) => {
                documents = extracted.documents;
                posts = said;
                moved_to = extracted.redirect;
            }
            Gave::Nothing => self.added.without_text += 1,
            Gave::Failed(reason) => {
                let bad = Bad {
                    origin: Some(record.origin.clone()),
                    url: Some(record.url.clone()),
                    reason,
                    class: OutcomeClass::Failed,
                };
                self.journal(bad, Path::new(""))?;
            }
        }
        if let Some(capture) = capture_of(&record, documents.first(), &collection) {
            self.writer.apply(Change::Capture(Box::new(capture)))?;
        }
        if let Some(redirect) = redirect_of(&record, moved_to) {
            let origin = record.origin.clone();
            let collection = collection.clone();
            self.writer.apply(Change::Redirect {
                redirect,
                collection,
                origin,
            })?;
        }
        for document in documents {
            self.added.documents += 1;
            let contribution = contribution_of(&record, document, &collection);
            self.writer
                .apply(Change::Contribution(Box::new(contribution)))?;
        }
        for post in posts.read() {
            let (key, part) = match post {
                Ok(post) => post,
                Err(error) => {
                    let bad = Bad {
                        origin: Some(record.origin.clone()),
                        url: Some(record.url.clone()),
                        reason: format!("a post that the worker gave cannot be read: {error}"),
                        class: OutcomeClass::Failed,
                    };
                    self.journal(bad, Path::new(""))?;
                    continue;
                }
            };
            self.added.posts += 1;
            self.added.documents += u64::from(part.head.is_some());
            let contribution = part_contribution(&record, key, part, &collection);
            self.writer
                .apply(Change::Contribution(Box::new(contribution)))?;
        }
        Ok(())
    }
}

fn whole_file(file: &Path, source: &str) -> Origin {
    let path = match file.strip_prefix(source) {
        Ok(below) if !below.as_os_str().is_empty() => below.to_string_lossy().into_owned(),
        _ => file.to_string_lossy().into_owned(),
    };
    Origin {
        source: source.to_owned(),
        path,
        steps: Vec::new(),
        digest: None,
    }
}

/// What a record says of a document.
pub fn contribution_of(record: &Record, document: Document, collection: &str) -> Contribution {
    Contribution {
        key: document.key.clone(),
        origin: record.origin.clone(),
        collection: collection.to_owned(),
        captured: record.captured,
        url: record.url.clone(),
        body: Body::Document(Box::new(document)),
    }
}

/// What a record says of a thread.
pub(crate) fn part_contribution(
    record: &Record,
    key: Key,
    part: Part,
    collection: &str,
) -> Contribution {
    Contribution {
        key,
        origin: record.origin.clone(),
        collection: collection.to_owned(),
        captured: record.captured,
        url: record.url.clone(),
        body: Body::Part(Box::new(part)),
    }
}

/// Whether a record is a stretch of a dump: some of its lines, cut where they were long enough.
pub(crate) fn is_stretch(status: Option<u16>, media_type: &MediaType) -> bool {
    status.is_none()
        && matches!(
            media_type.as_str(),
            "application/x-ndjson" | "application/vnd.stackexchange+xml"
        )
}

/// The capture that a record is; notes on other records are none, and neither is what has no
/// address on the web or in a file system (`dns:`, `metadata:`), nor a stretch of a dump.
pub(crate) fn capture_of(
    record: &Record,
    document: Option<&Document>,
    collection: &str,
) -> Option<Capture> {
    let scheme = record
        .url
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let has_address = matches!(scheme.as_str(), "http" | "https" | "ftp" | "file");
    if !has_address || is_stretch(record.status, &record.media_type) {
        return None;
    }
    let (refers_to, archive_digest) = match &record.kind {
        RecordKind::Response | RecordKind::Resource => (None, record.archive_digest.clone()),
        RecordKind::Revisit { url, date, digest } => {
            let refers_to = RefersTo {
                surt: url.as_deref().map(Surt::of),
                captured: *date,
            };
            (
                Some(refers_to),
                digest.clone().or_else(|| record.archive_digest.clone()),
            )
        }
        RecordKind::Metadata { .. } => return None,
    };
    let digest = if refers_to.is_some() {
        None
    } else {
        record.digest
    };
    let surt = Surt::of(&record.url);
    Some(Capture {
        id: Capture::id_of(
            &surt,
            record.captured,
            record.status,
            digest,
            archive_digest.as_deref(),
            collection,
        ),
        surt,
        url: record.url.clone(),
        captured: record.captured,
        status: record.status,
        media_type: record.media_type.clone(),
        digest,
        archive_digest,
        refers_to,
        origins: vec![record.origin.clone()],
        collection: collection.to_owned(),
        document: document.map(|document| document.id),
    })
}

/// The redirect that a record is: by HTTP status, or by what its page says.
pub(crate) fn redirect_of(record: &Record, moved_to: Option<String>) -> Option<Redirect> {
    let target = match record.status {
        Some(301 | 302 | 303 | 307 | 308) => record.header("location").map(str::to_owned),
        _ => moved_to,
    }?;
    let base = parse(&record.url)?;
    let target = base.join(target.trim()).ok()?;
    let (from, to) = (Surt::of(&record.url), Surt::of(target.as_str()));
    (from != to).then_some(Redirect {
        from,
        to,
        seen: record.captured,
    })
}
