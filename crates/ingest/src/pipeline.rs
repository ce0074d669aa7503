//! Files in, records with what they gave out: one reader worker, several extraction workers, and
//! everything handed over in the order of the files and their records.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use engine::OutcomeClass;
use model::record::{Origin, Position, Record, Step};

use crate::add::is_stretch;
use crate::extraction::ExtractionWorker;
use crate::pool::{Ender, Isolation, Worker, WorkerError};
use crate::posts::Posts;
use crate::protocol::{Bad, ReadOptions, RecordHead, Reply, Request};
use crate::worker::{WorkerLimits, holds_a_document};

/// How files are read.
#[derive(Clone, Debug)]
pub struct ReadSettings {
    /// How workers are run.
    pub isolation: Isolation,
    /// What a worker may use.
    pub limits: WorkerLimits,
    /// Extraction workers.
    pub jobs: usize,
    /// Payload bytes on their way through the pipeline.
    pub in_flight_bytes: u64,
    /// Payload bytes of a record above which it goes through a file.
    pub payload_in_memory: u64,
    /// Payload bytes of a record above which it is cut.
    pub payload_limit: u64,
    /// Folder for payloads that are too large for memory; ours alone.
    pub spool: PathBuf,
    /// Address below which plain files lie.
    pub base: Option<String>,
    /// What the user has set for extraction.
    pub extract: extract::Options,
}

/// A file to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The file, absolute.
    pub path: PathBuf,
    /// What was given to the command: that file or a folder above it, absolute.
    pub source: String,
    /// Where to go on.
    pub from: Option<Position>,
}

/// What came out of a file. Events of one file stand between its `Opened` and its `Ended`.
#[derive(Debug)]
pub enum Event {
    /// A file is being read.
    Opened(Task, Known),
    /// A record and what it gave.
    Record(Position, Box<Read>),
    /// A record that could not be read, or whose worker died.
    Bad(Position, Bad),
    /// The file was left. `complete` where its end was reached.
    Ended {
        /// False where the reader gave up on the rest.
        complete: bool,
    },
}

/// Which reader knows a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// This one, with its version.
    By(String),
    /// None of those there are.
    ByNone,
    /// The worker ended, or could not open the file, before it could say.
    NotAsked,
}

/// A record, read.
#[derive(Debug)]
pub struct Read {
    /// The record; its payload has been dropped.
    pub record: Record,
    /// What it gave.
    pub gave: Gave,
}

/// What a record gave.
#[derive(Debug)]
pub enum Gave {
    /// Documents (perhaps none), a redirect, and what was odd; and, in place of its parts, the
    /// posts.
    Extracted(extract::Extracted, Posts),
    /// It holds nothing to read: a revisit, a failure, an image.
    Nothing,
    /// It could not be read.
    Failed(String),
}

/// Payload bytes on their way; bounds memory whatever the input.
struct Budget {
    free: Mutex<u64>,
    changed: Condvar,
    all: u64,
}

impl Budget {
    fn new(all: u64) -> Self {
        Self {
            free: Mutex::new(all),
            changed: Condvar::new(),
            all,
        }
    }

    /// Waits for room; a record larger than all there is takes all. Returns what was taken.
    fn take(&self, bytes: u64, stop: &AtomicBool) -> u64 {
        // A floor, so that a million empty records are bounded too.
        let wanted = bytes.max(4096).min(self.all);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < wanted && !stop.load(Ordering::Relaxed) {
            let pause = std::time::Duration::from_millis(100);
            free = match self.changed.wait_timeout(free, pause) {
                Ok((guard, _)) => guard,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        *free = free.saturating_sub(wanted);
        wanted
    }

    fn give(&self, bytes: u64) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = (*free + bytes).min(self.all);
        self.changed.notify_all();
    }
}

/// A thread that panics would leave a gap that the others wait behind for ever.
struct HaltOnPanic<'a>(&'a AtomicBool);

impl Drop for HaltOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// How much more memory the posts of a stretch of a dump take than its bytes.
const STRETCH_WEIGHT: u64 = 4;

struct Job {
    number: u64,
    position: Position,
    head: RecordHead,
    payload: Vec<u8>,
    taken: u64,
}

struct Done {
    number: u64,
    taken: u64,
    event: Event,
}

/// Reads the tasks and hands every event to `sink`, in order, on the calling thread.
///
/// Ends early, without an `Ended` for the file being read, when `stop` is set or when `sink`
/// returns `false`.
///
/// # Errors
///
/// Only where a worker cannot be started at all.
pub fn run(
    tasks: impl Iterator<Item = Task> + Send,
    settings: &ReadSettings,
    stop: &AtomicBool,
    sink: &mut dyn FnMut(Event) -> bool,
) -> Result<(), WorkerError> {
    let budget = Budget::new(settings.in_flight_bytes.max(1));
    let (jobs_out, jobs_in) = channel::<Job>();
    let (done_out, done_in) = channel::<Done>();
    let jobs_in = Mutex::new(jobs_in);
    let failure: Mutex<Option<WorkerError>> = Mutex::new(None);
    let halt = AtomicBool::new(false);
    let extractors = Ender::default();
    let stopped = || stop.load(Ordering::Relaxed) || halt.load(Ordering::Relaxed);
    let fail = |error: WorkerError| {
        failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(error);
        halt.store(true, Ordering::Relaxed);
    };
    std::thread::scope(|scope| {
        for _ in 0..settings.jobs.max(1) {
            let done_out = done_out.clone();
            let (jobs_in, stopped, fail, halt) = (&jobs_in, &stopped, &fail, &halt);
            let worker = ExtractionWorker::new(settings, &extractors);
            scope.spawn(move || {
                let _guard = HaltOnPanic(halt);
                if let Err(error) = extract_jobs(jobs_in, &done_out, worker, stopped) {
                    fail(error);
                }
            });
        }
        let reader = Reader {
            settings,
            budget: &budget,
            stop: &halt,
            jobs: jobs_out,
            done: done_out,
            number: 0,
        };
        let (stopped, fail) = (&stopped, &fail);
        scope.spawn(move || {
            if let Err(error) = reader.read_all(tasks, stopped) {
                fail(error);
            }
        });
        // Here the events are put in order again.
        let mut waiting: BTreeMap<u64, Done> = BTreeMap::new();
        let mut next = 0;
        while !stopped() {
            match done_in.recv_timeout(std::time::Duration::from_millis(100)) {
                Ok(done) => drop(waiting.insert(done.number, done)),
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => continue,
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            }
            while let Some(done) = waiting.remove(&next) {
                next += 1;
                budget.give(done.taken);
                if stopped() || !sink(done.event) {
                    halt.store(true, Ordering::Relaxed);
                    break;
                }
            }
        }
        halt.store(true, Ordering::Relaxed);
        // What they still read is read again next time; a program of the user's may take minutes.
        extractors.end();
    });
    let failed = failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match failed {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The thread that reads files.
struct Reader<'a> {
    settings: &'a ReadSettings,
    budget: &'a Budget,
    stop: &'a AtomicBool,
    jobs: Sender<Job>,
    done: Sender<Done>,
    number: u64,
}

impl Reader<'_> {
    fn read_all(
        mut self,
        tasks: impl Iterator<Item = Task>,
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), WorkerError> {
        let mut worker = None;
        for task in tasks {
            if stopped() {
                break;
            }
            self.read_file(&task, &mut worker, stopped)?;
        }
        Ok(())
    }

    /// Reads a file; a worker that dies is replaced and goes on behind the place.
    fn read_file(
        &mut self,
        task: &Task,
        slot: &mut Option<Worker>,
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), WorkerError> {
        // How far everything is safe: what the file's state will say.
        let mut reached = task.from.clone();
        let mut opened = false;
        let mut died = false;
        let mut skip = false;
        loop {
            let worker = match slot.take() {
                Some(worker) => slot.insert(worker),
                None => slot.insert(Worker::reader(self.settings)?),
            };
            let before = reached.clone();
            let read = self.read_from(task, worker, &mut reached, skip, &mut opened, stopped);
            match read {
                Ok(Some(complete)) => {
                    if !stopped() {
                        // What a reader died of may be gone next time.
                        self.send(Event::Ended {
                            complete: complete && !died,
                        });
                    }
                    return Ok(());
                }
                Ok(None) => {
                    // Stopped in the middle of a file: the worker still writes, so it must go.
                    *slot = None;
                    return Ok(());
                }
                Err(error) => {
                    *slot = None;
                    if stopped() {
                        return Ok(());
                    }
                    died = true;
                    if !opened {
                        self.send(Event::Opened(task.clone(), Known::NotAsked));
                        opened = true;
                    }
                    let at = reached.clone().unwrap_or(Position(0));
                    let bad = Bad {
                        origin: Some(place(task, &at)),
                        url: None,
                        reason: format!("the reader gave up behind this place: {error}"),
                        class: OutcomeClass::Failed,
                    };
                    self.send(Event::Bad(at, bad));
                    if skip && reached == before {
                        self.send(Event::Ended { complete: false });
                        return Ok(());
                    }
                    // One byte on, the reader looks for the next record.
                    skip = true;
                }
            }
        }
    }

    fn read_from(
        &mut self,
        task: &Task,
        worker: &mut Worker,
        reached: &mut Option<Position>,
        skip: bool,
        opened: &mut bool,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Option<bool>, WorkerError> {
        let options = read_options(self.settings, &task.source);
        let from = match (&*reached, skip) {
            (reached, false) => reached.clone(),
            (reached, true) => Some(Position(reached.as_ref().map_or(0, |at| at.0) + 1)),
        };
        let request = Request::Read {
            path: task.path.clone(),
            from,
            options,
        };
        worker.ask(&request, &[])?;
        loop {
            if stopped() {
                return Ok(None);
            }
            match worker.reply()? {
                (Reply::Opened { reader }, _) => {
                    if !*opened {
                        let known = reader.map_or(Known::ByNone, Known::By);
                        self.send(Event::Opened(task.clone(), known));
                        *opened = true;
                    }
                }
                (Reply::Record { position, record }, payload) => {
                    *reached = Some(position.clone());
                    self.send_record(position, *record, payload);
                }
                (Reply::Passing, _) => {}
                (Reply::Bad { position, bad }, _) => {
                    if !*opened {
                        // It could not even be looked at.
                        self.send(Event::Opened(task.clone(), Known::NotAsked));
                        *opened = true;
                    }
                    *reached = Some(position.clone());
                    self.send(Event::Bad(position, bad));
                }
                (Reply::End { complete }, _) => return Ok(Some(complete)),
                (reply @ (Reply::Extracted { .. } | Reply::Refused { .. }), _) => {
                    let message = format!("the reader answered out of turn: {reply:?}");
                    return Err(WorkerError::Ended(message));
                }
            }
        }
    }

    fn send_record(&mut self, position: Position, head: RecordHead, payload: Vec<u8>) {
        if holds_a_document(&head) && extract::accepts(&head.media_type) {
            let spooled = head
                .spooled
                .as_ref()
                .and_then(|path| std::fs::metadata(path).ok());
            let headers: usize = head
                .headers
                .iter()
                .map(|(n, value)| n.len() + value.len())
                .sum();
            let length = payload.len() as u64 + spooled.map_or(0, |file| file.len());
            if let Some(reason) = too_long(&head, length, self.settings.payload_limit) {
                self.send_unread(position, head, Gave::Failed(reason));
                return;
            }
            // What is read from a dump weighs more than its bytes, and waits for its turn too.
            let weight = if is_stretch(head.status, &head.media_type) {
                STRETCH_WEIGHT
            } else {
                1
            };
            let bytes = (length + headers as u64) * weight;
            let taken = self.budget.take(bytes, self.stop);
            let job = Job {
                number: self.number,
                position,
                head,
                payload,
                taken,
            };
            self.number += 1;
            // The other end is gone only where the run is being ended.
            drop(self.jobs.send(job));
        } else {
            self.send_unread(position, head, Gave::Nothing);
        }
    }

    /// A record that no worker is to see.
    fn send_unread(&mut self, position: Position, mut head: RecordHead, gave: Gave) {
        if let Some(path) = head.spooled.take() {
            // A file that is left is removed with the spool folder.
            drop(std::fs::remove_file(path));
        }
        let record = head.join(Vec::new());
        let read = Box::new(Read { record, gave });
        self.send(Event::Record(position, read));
    }

    fn send(&mut self, event: Event) {
        let taken = self.budget.take(0, self.stop);
        drop(self.done.send(Done {
            number: self.number,
            taken,
            event,
        }));
        self.number += 1;
    }
}

/// Why the payload of a record is not worth a look, if we have cut it and it is of a kind that its
/// beginning says nothing of.
fn too_long(head: &RecordHead, length: u64, limit: u64) -> Option<String> {
    let cut = head.truncated && length >= limit && extract::wants_the_end(&head.media_type);
    cut.then(|| {
        format!(
            "it is longer than {} MiB: raise `payload_mebibytes` under `[limits]` in the \
             configuration",
            limit >> 20
        )
    })
}

fn place(task: &Task, at: &Position) -> Origin {
    let path = match task.path.strip_prefix(&task.source) {
        Ok(below) if !below.as_os_str().is_empty() => below.to_string_lossy().into_owned(),
        _ => task.path.to_string_lossy().into_owned(),
    };
    Origin {
        source: task.source.clone(),
        path,
        steps: vec![Step::Bytes(at.0, 0)],
        digest: None,
    }
}

pub(crate) fn read_options(settings: &ReadSettings, source: &str) -> ReadOptions {
    ReadOptions {
        source: source.to_owned(),
        base: settings.base.clone(),
        payload_in_memory: settings.payload_in_memory,
        payload_limit: settings.payload_limit,
        spool: settings.spool.clone(),
    }
}

/// What a thread with an extraction worker does: takes jobs until there are no more.
fn extract_jobs(
    jobs: &Mutex<Receiver<Job>>,
    done: &Sender<Done>,
    mut worker: ExtractionWorker<'_>,
    stopped: &dyn Fn() -> bool,
) -> Result<(), WorkerError> {
    loop {
        let job = {
            let jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
            match jobs.recv_timeout(std::time::Duration::from_millis(100)) {
                Ok(job) => job,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) if !stopped() => continue,
                Err(_) => return Ok(()),
            }
        };
        if stopped() {
            return Ok(());
        }
        let Some(gave) = worker.extract(&job.head, &job.payload, stopped)? else {
            return Ok(());
        };
        if let Some(path) = &job.head.spooled {
            // A file that is left is removed with the spool folder.
            drop(std::fs::remove_file(path));
        }
        let record = job.head.join(Vec::new());
        let event = Event::Record(job.position, Box::new(Read { record, gave }));
        if done
            .send(Done {
                number: job.number,
                taken: job.taken,
                event,
            })
            .is_err()
        {
            return Ok(());
        }
    }
}

/// Shared by commands that read: set from a signal handler.
pub type Stop = Arc<AtomicBool>;
