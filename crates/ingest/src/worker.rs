//! The process that reads untrusted bytes: it answers requests on standard input until that ends.

use std::io::{self, Read, Write};
use std::time::Duration;

use model::record::{Origin, Position, Record, RecordKind};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::posts::Posts;
use crate::protocol::{Bad, ReadOptions, RecordHead, Reply, Request, read_frame, write_frame};

/// What a worker may use.
#[derive(Clone, Copy, Debug)]
pub struct WorkerLimits {
    /// Address space in bytes; an allocation beyond it ends the worker.
    pub memory_bytes: u64,
    /// Processor time for one record, seconds.
    pub record_cpu_seconds: u64,
    /// Bytes of one frame.
    pub frame_bytes: u64,
    /// Memory after a record above which a worker is replaced: what a large page has left behind
    /// is not given back to the system otherwise.
    pub keep_bytes: u64,
}

/// What a worker is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerTask {
    /// To parse, and nothing else.
    Parse,
    /// To parse, and to start programs of the user's, which may need more than it may have itself:
    /// its limits can be raised again for them.
    ParseAndRun,
}

/// Stack of the thread that parses: HTML may be nested as deeply as its author likes.
const STACK_BYTES: usize = 256 << 20;

/// Whether the record is one that may hold a document: a whole success, at an address that a
/// reader could open.
pub(crate) fn holds_a_document(record: &RecordHead) -> bool {
    let kind = matches!(record.kind, RecordKind::Response | RecordKind::Resource);
    // 204 and 205 have no content, 206 mostly has only a part of it.
    let status = record.status.is_none_or(|status| match status {
        206 => is_all(record),
        status => matches!(status, 200..=203 | 207..=299),
    });
    let scheme = record
        .url
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    kind && status && matches!(scheme.as_str(), "http" | "https" | "ftp" | "file")
}

/// Whether the part that an answer with status 206 gives is all there is: viewers of PDFs ask for
/// `bytes=0-`.
fn is_all(record: &RecordHead) -> bool {
    let range = || {
        let named = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("content-range");
        let (_, value) = record.headers.iter().find(named)?;
        // RFC 9110, section 14.4: `bytes 0-1233/1234`.
        let (range, length) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| text.trim().parse::<u64>().ok();
        Some((
            number(first)?,
            number(last)?.checked_add(1)?,
            number(length)?,
        ))
    };
    range().is_some_and(|(first, end, length)| first == 0 && end == length)
}

/// Puts the limits of this process in force. Call it once, at the start of a worker process.
///
/// What the system refuses is returned as text, for the log; the worker runs all the same.
pub fn confine(limits: &WorkerLimits, task: WorkerTask) -> Vec<String> {
    let mut refused = Vec::new();
    let mut set = |resource: Resource, name: &str, value: u64| {
        let most = getrlimit(resource).maximum;
        let value = most.map_or(value, |most| value.min(most));
        let limit = Rlimit {
            current: Some(value),
            maximum: match task {
                WorkerTask::Parse => Some(value),
                WorkerTask::ParseAndRun => most,
            },
        };
        if let Err(error) = setrlimit(resource, limit) {
            refused.push(format!("limit on {name}: {error}"));
        }
    };
    set(Resource::As, "memory", limits.memory_bytes);
    set(Resource::Core, "core dumps", 0);
    set(Resource::Nofile, "open files", 64);
    // A worker that is busy does not see its input end; it must not outlive its parent.
    if let Err(error) =
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
    {
        refused.push(format!("end with the parent: {error}"));
    }
    refused
}

/// Lets this process use so much more processor time from now on; SIGXCPU ends it otherwise.
fn allow_cpu(seconds: u64) {
    let clock = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let used = u64::try_from(clock.tv_sec).unwrap_or(0);
    let hard = getrlimit(Resource::Cpu).maximum;
    let soft = used.saturating_add(seconds).saturating_add(1);
    let limit = Rlimit {
        current: Some(hard.map_or(soft, |hard| soft.min(hard))),
        maximum: hard,
    };
    // Refused only where a lower hard limit is in force, which then does the same.
    let _refused = setrlimit(Resource::Cpu, limit).is_err();
}

/// Answers requests until the input ends.
///
/// `confined` says whether this is a process of its own, so that limits on it are no limits on
/// the parent.
pub fn serve(
    input: impl Read + Send,
    output: impl Write + Send,
    limits: WorkerLimits,
    confined: bool,
) -> io::Result<()> {
    std::thread::scope(|scope| {
        let parsing = std::thread::Builder::new()
            .name("parse".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, move || answer(input, output, limits, confined))?;
        parsing
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the parser panicked")))
    })
}

fn answer(
    mut input: impl Read,
    output: impl Write,
    limits: WorkerLimits,
    confined: bool,
) -> io::Result<()> {
    let mut output = io::BufWriter::with_capacity(1 << 16, output);
    let allow = |seconds| {
        if confined {
            allow_cpu(seconds);
        }
    };
    while let Some((request, blob)) = read_frame::<Request>(&mut input, limits.frame_bytes)? {
        allow(limits.record_cpu_seconds);
        match request {
            Request::Read {
                path,
                from,
                options,
            } => {
                let mut each = || allow(limits.record_cpu_seconds);
                read(&mut output, &path, from, &options, &mut each)?;
            }
            Request::Again { origin, options } => again(&mut output, &origin, options)?,
            Request::Extract { record, options } => {
                if options.runs_programs_for(&record.media_type) {
                    let own = options.ocr.as_ref().map_or(0, extract::Ocr::own_seconds);
                    allow(limits.record_cpu_seconds.saturating_add(own));
                }
                let record = record.join(blob);
                let mut posts = Posts::default();
                let reply = match extract::extract(&record, &options) {
                    Ok(extracted) => {
                        posts = Posts::of(&extracted.parts)?;
                        Reply::Extracted {
                            documents: extracted.documents,
                            redirect: extracted.redirect,
                            warnings: extracted.warnings,
                            resident_bytes: resident_bytes(),
                        }
                    }
                    Err(error) => Reply::Refused {
                        skipped: matches!(error, extract::ExtractError::NoReader { .. }),
                        reason: match error {
                            // Whoever tells of it names the address.
                            extract::ExtractError::Broken { reason, .. } => reason,
                            error => chain(&error),
                        },
                    },
                };
                write_frame(&mut output, &reply, posts.as_bytes())?;
            }
        }
    }
    Ok(())
}

/// Memory that this process holds, by /proc; 0 where there is none.
fn resident_bytes() -> u64 {
    let Ok(text) = std::fs::read_to_string("/proc/self/statm") else {
        return 0;
    };
    let pages = text
        .split_ascii_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * rustix::param::page_size() as u64
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

fn read(
    output: &mut dyn Write,
    path: &std::path::Path,
    from: Option<Position>,
    options: &ReadOptions,
    each: &mut dyn FnMut(),
) -> io::Result<()> {
    let bad = |error: &source::ReadError| Bad {
        origin: error.origin().cloned(),
        url: error.url().map(str::to_owned),
        reason: error.reason(),
        class: if error.is_skip() {
            engine::OutcomeClass::Skipped
        } else if error.is_repair() {
            engine::OutcomeClass::Repaired
        } else {
            engine::OutcomeClass::Failed
        },
    };
    let start = from.clone().unwrap_or(Position(0));
    let failed = |output: &mut dyn Write, error: &source::ReadError| {
        let reply = Reply::Bad {
            position: start.clone(),
            bad: bad(error),
        };
        write_frame(output, &reply, &[])?;
        write_frame(output, &Reply::End { complete: false }, &[])
    };
    let reader = match source::recognise(path) {
        Ok(reader) => reader,
        Err(error) => {
            return failed(output, &error);
        }
    };
    write_frame(
        output,
        &Reply::Opened {
            reader: reader.map(str::to_owned),
        },
        &[],
    )?;
    if reader.is_none() {
        return write_frame(output, &Reply::End { complete: true }, &[]);
    }
    let options = source_options(options.clone());
    let opened = match source::open(path, &options) {
        Ok(opened) => opened,
        Err(error) => return failed(output, &error),
    };
    let records = match opened.open(from) {
        Ok(records) => records,
        Err(error) => return failed(output, &error),
    };
    let mut reached = start.clone();
    for (position, record) in records {
        match record {
            Ok(record) => {
                reached = position.clone();
                send_record(output, position, record)?;
            }
            Err(error) if error.is_sign_of_life() => write_frame(output, &Reply::Passing, &[])?,
            // The disk failed, not the bytes: what lies behind is worth another try.
            Err(error) if error.is_transient() => {
                let reply = Reply::Bad {
                    position: reached,
                    bad: bad(&error),
                };
                write_frame(output, &reply, &[])?;
                return write_frame(output, &Reply::End { complete: false }, &[]);
            }
            Err(error) => {
                let reply = Reply::Bad {
                    position,
                    bad: bad(&error),
                };
                write_frame(output, &reply, &[])?;
            }
        }
        each();
    }
    write_frame(output, &Reply::End { complete: true }, &[])
}

fn source_options(options: ReadOptions) -> source::Options {
    source::Options {
        source: options.source,
        base: options.base,
        payload_in_memory: options.payload_in_memory,
        payload_limit: options.payload_limit,
        spool: options.spool,
    }
}

/// Reads one record again and sends it whole.
fn again(output: &mut dyn Write, origin: &Origin, options: ReadOptions) -> io::Result<()> {
    match source::read_again(origin, &source_options(options)) {
        Ok(record) => {
            let (record, payload) = RecordHead::split(record);
            write_frame(
                output,
                &Reply::Record {
                    position: Position(0),
                    record: Box::new(record),
                },
                &payload,
            )
        }
        Err(error) => write_frame(
            output,
            &Reply::Refused {
                reason: chain(&error),
                skipped: false,
            },
            &[],
        ),
    }
}

fn send_record(output: &mut dyn Write, position: Position, record: Record) -> io::Result<()> {
    let (mut head, mut payload) = RecordHead::split(record);
    // What nobody will read need not travel: in most archives that is half of the bytes.
    if !(holds_a_document(&head) && extract::accepts(&head.media_type)) {
        payload = Vec::new();
        if let Some(path) = head.spooled.take() {
            // A file that is left is removed with the spool folder.
            drop(std::fs::remove_file(path));
        }
    }
    write_frame(
        output,
        &Reply::Record {
            position,
            record: Box::new(head),
        },
        &payload,
    )
}

impl Default for WorkerLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 2 << 30,
            record_cpu_seconds: 30,
            frame_bytes: 512 << 20,
            keep_bytes: 128 << 20,
        }
    }
}

/// How long a worker may say nothing, by the wall, before it counts as stalled.
pub(crate) const STALL: Duration = Duration::from_mins(3);
