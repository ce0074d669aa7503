//! Worker processes as the parent holds them: started, asked, watched, replaced.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::process::{CommandExt as _, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::pipeline::ReadSettings;
use crate::protocol::{Reply, Request, read_frame, write_frame};
use crate::worker::{STALL, WorkerLimits, WorkerTask, serve};

/// Size of the pipes to and from a worker: what Linux lets anybody have.
const PIPE_BYTES: usize = 1 << 20;

/// The argument of a worker that may start programs of the user's.
const RUNS_PROGRAMS: &str = "--runs-programs";

/// How workers are run.
#[derive(Clone, Debug)]
pub enum Isolation {
    /// Each in a process of its own: the program and its arguments.
    Process(PathBuf, Vec<String>),
    /// Each in a thread of this process: for comparison and for tests. A crash ends the parent.
    Thread,
}

/// Why a worker gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// It could not be started.
    #[error("cannot start a worker")]
    Start(#[source] io::Error),
    /// It ended.
    #[error("{0}")]
    Ended(String),
}

/// One worker.
pub(crate) struct Worker {
    input: Option<Box<dyn Write + Send>>,
    output: Box<dyn Read + Send>,
    process: Option<Arc<Process>>,
    thread: Option<JoinHandle<io::Result<()>>>,
    limits: WorkerLimits,
}

struct Process {
    child: Mutex<Child>,
    complaint: Mutex<Option<JoinHandle<String>>>,
    /// When it was asked last, while it owes an answer.
    asked: Mutex<Option<Instant>>,
    /// How long it may owe one.
    patience: Duration,
    stalled: Mutex<bool>,
    task: WorkerTask,
}

impl Process {
    /// Ends the process, and the programs that it has started, each of which leads a group of its
    /// own.
    fn end(&self) {
        let mut child = lock(&self.child);
        let programs = match (self.task, child.try_wait()) {
            (WorkerTask::ParseAndRun, Ok(None)) => children_of(child.id()),
            _ => Vec::new(),
        };
        // Already gone, or to go now.
        drop(child.kill());
        for program in programs {
            let _refused =
                rustix::process::kill_process_group(program, rustix::process::Signal::KILL)
                    .is_err();
        }
    }
}

/// The children of a process, by /proc; none where it does not tell.
fn children_of(process: u32) -> Vec<rustix::process::Pid> {
    let mut children = Vec::new();
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return children;
    };
    for thread in threads.flatten() {
        let text = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let numbers = text
            .split_ascii_whitespace()
            .filter_map(|text| text.parse().ok());
        children.extend(numbers.filter_map(rustix::process::Pid::from_raw));
    }
    children
}

/// Ends workers from outside of the threads that wait for them.
#[derive(Default)]
pub(crate) struct Ender(Mutex<Vec<Weak<Process>>>);

impl Ender {
    /// Takes note of a worker.
    pub(crate) fn watch(&self, worker: &Worker) {
        let mut workers = lock(&self.0);
        workers.retain(|process| process.strong_count() > 0);
        workers.extend(worker.process.as_ref().map(Arc::downgrade));
    }

    /// Ends all that run.
    pub(crate) fn end(&self) {
        for process in lock(&self.0).iter().filter_map(Weak::upgrade) {
            process.end();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A thread that panicked while it held one of these left a plain value behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Worker {
    /// Starts a worker that reads files. The window of a compressed dump comes on top of what it
    /// may use otherwise.
    pub(crate) fn reader(settings: &ReadSettings) -> Result<Self, WorkerError> {
        let mut settings = settings.clone();
        let memory = &mut settings.limits.memory_bytes;
        *memory = memory.saturating_add(source::WINDOW_BYTES);
        Self::start(&settings, WorkerTask::Parse, STALL)
    }

    /// Starts a worker that reads records. The time that it may wait for programs of the user's is
    /// not its own.
    pub(crate) fn extractor(settings: &ReadSettings) -> Result<Self, WorkerError> {
        match &settings.extract.ocr {
            Some(ocr) => {
                let patience = STALL.saturating_add(ocr.allowance());
                Self::start(settings, WorkerTask::ParseAndRun, patience)
            }
            None => Self::start(settings, WorkerTask::Parse, STALL),
        }
    }

    fn start(
        settings: &ReadSettings,
        task: WorkerTask,
        patience: Duration,
    ) -> Result<Self, WorkerError> {
        let limits = settings.limits;
        let started = match &settings.isolation {
            Isolation::Process(program, arguments) => {
                Self::process(program, arguments, limits, task, patience)
            }
            Isolation::Thread => Self::thread(limits),
        };
        started.map_err(WorkerError::Start)
    }

    fn process(
        program: &PathBuf,
        arguments: &[String],
        limits: WorkerLimits,
        task: WorkerTask,
        patience: Duration,
    ) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .arg(limits.memory_bytes.to_string())
            .arg(limits.record_cpu_seconds.to_string())
            .args((task == WorkerTask::ParseAndRun).then_some(RUNS_PROGRAMS))
            // A terminal sends Ctrl-C to its whole process group. The parent decides when workers
            // end; otherwise the record that one was reading would count as one that kills it.
            .process_group(0)
            // Of its last words only the end is kept, and that is to be the reason.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("a worker has no pipes"));
        };
        // Large payloads pass with fewer turns of the scheduler; what the system refuses is as it was.
        let _refused = rustix::pipe::fcntl_setpipe_size(&stdin, PIPE_BYTES).is_err()
            || rustix::pipe::fcntl_setpipe_size(&stdout, PIPE_BYTES).is_err();
        let complaint = std::thread::spawn(move || last_words(stderr));
        let process = Arc::new(Process {
            child: Mutex::new(child),
            complaint: Mutex::new(Some(complaint)),
            asked: Mutex::new(None),
            patience,
            stalled: Mutex::new(false),
            task,
        });
        watch(&process);
        Ok(Self {
            input: Some(Box::new(BufWriter::with_capacity(1 << 16, stdin))),
            output: Box::new(BufReader::with_capacity(1 << 16, stdout)),
            process: Some(process),
            thread: None,
            limits,
        })
    }

    fn thread(limits: WorkerLimits) -> io::Result<Self> {
        let (child_input, input) = io::pipe()?;
        let (output, child_output) = io::pipe()?;
        let thread = std::thread::spawn(move || serve(child_input, child_output, limits, false));
        Ok(Self {
            input: Some(Box::new(BufWriter::with_capacity(1 << 16, input))),
            output: Box::new(BufReader::with_capacity(1 << 16, output)),
            process: None,
            thread: Some(thread),
            limits,
        })
    }

    /// Sends a request.
    pub(crate) fn ask(&mut self, request: &Request, blob: &[u8]) -> Result<(), WorkerError> {
        self.clock(Some(Instant::now()));
        let sent = match &mut self.input {
            Some(input) => write_frame(input, request, blob),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        sent.map_err(|error| self.obituary(&error))
    }

    /// Waits for the next reply and its blob.
    pub(crate) fn reply(&mut self) -> Result<(Reply, Vec<u8>), WorkerError> {
        self.clock(Some(Instant::now()));
        let read = read_frame(&mut self.output, self.limits.frame_bytes);
        self.clock(None);
        match read {
            Ok(Some(reply)) => Ok(reply),
            Ok(None) => Err(self.obituary(&io::ErrorKind::UnexpectedEof.into())),
            Err(error) => Err(self.obituary(&error)),
        }
    }

    fn clock(&self, asked: Option<Instant>) {
        if let Some(process) = &self.process {
            *lock(&process.asked) = asked;
        }
    }

    /// Says how the worker ended, after making sure that it has.
    fn obituary(&mut self, error: &io::Error) -> WorkerError {
        self.input = None;
        let Some(process) = &self.process else {
            return WorkerError::Ended(format!("the worker ended: {error}"));
        };
        // A worker that broke the protocol is not asked again.
        process.end();
        let status = lock(&process.child).wait();
        let words = lock(&process.complaint)
            .take()
            .and_then(|thread| thread.join().ok());
        let stalled = lock(&process.stalled).then_some(process.patience);
        WorkerError::Ended(cause_of_death(
            status,
            stalled,
            self.limits,
            &words.unwrap_or_default(),
            error,
        ))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The end of its input ends a worker that waits for one; one that is busy is not waited
        // for.
        self.input = None;
        if let Some(process) = &self.process {
            process.end();
            drop(lock(&process.child).wait());
        }
        if let Some(thread) = self.thread.take() {
            // Unread output would block the thread for ever.
            self.output = Box::new(io::empty());
            drop(thread.join());
        }
    }
}

/// Kills the process when it has owed an answer for too long. Ends with the process.
fn watch(process: &Arc<Process>) {
    let process = Arc::downgrade(process);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let Some(process) = process.upgrade() else {
                return;
            };
            let late = lock(&process.asked).is_some_and(|asked| asked.elapsed() > process.patience);
            if late {
                *lock(&process.stalled) = true;
                process.end();
                return;
            }
        }
    });
}

/// The end of what a worker wrote to standard error.
fn last_words(mut stderr: impl Read) -> String {
    let mut kept: Vec<u8> = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = stderr.read(&mut buffer) {
        kept.extend(buffer.iter().take(n));
        let excess = kept.len().saturating_sub(2048);
        kept.drain(..excess);
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

fn cause_of_death(
    status: io::Result<ExitStatus>,
    stalled: Option<Duration>,
    limits: WorkerLimits,
    words: &str,
    error: &io::Error,
) -> String {
    const SIGABRT: i32 = 6;
    const SIGKILL: i32 = 9;
    const SIGSEGV: i32 = 11;
    const SIGXCPU: i32 = 24;
    if let Some(patience) = stalled {
        return format!("the worker stalled for {} s", patience.as_secs());
    }
    let signal = status.as_ref().ok().and_then(ExitStatusExt::signal);
    // A panic says where on one line and why on the next.
    let mut lines = words.lines().filter(|line| !line.trim().is_empty());
    let panicked = lines.by_ref().any(|line| line.contains("panicked at"));
    let last = if panicked {
        lines.next()
    } else {
        words.lines().next_back()
    };
    let last = last.unwrap_or_default();
    match signal {
        Some(SIGXCPU) => format!(
            "it takes more than {} s of processor time (`record_cpu_seconds` under `[limits]`)",
            limits.record_cpu_seconds
        ),
        Some(SIGABRT) if words.contains("memory allocation") => format!(
            "it takes more than {} MiB of memory (`worker_memory_mebibytes` under `[limits]`)",
            limits.memory_bytes >> 20
        ),
        Some(SIGSEGV | SIGABRT) if words.contains("overflowed its stack") => {
            "the input is nested too deeply".to_owned()
        }
        // Our own kill after a broken protocol.
        Some(SIGKILL) => format!("the worker was killed: {error}"),
        Some(signal) => format!("the worker crashed with signal {signal}: {last}"),
        None => match status {
            Ok(status) => format!("the worker ended with {status}: {last}"),
            Err(lost) => format!("the worker is lost: {lost}"),
        },
    }
}
