//! `conspectus extract`: documents as lines of the interchange format, without an index.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use engine::OutcomeClass;
use ingest::{Event, Gave, Joining, Known, Read, Task};

use super::output::{Lines, tell};
use super::{Context, existing, stop_on_signal};
use crate::failure::{INTERRUPTED, Kind};

/// Print the documents in files and folders, one JSON object a line
///
/// The stateless pipe: nothing is kept. The lines are described in docs/formats.md. What cannot
/// be read is told on standard error. The posts of discussions, which may lie in many files, are
/// joined: behind the other documents comes a line for each thread.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  conspectus extract crawl.warc.gz > documents.ndjson\n  conspectus extract page.html | jq -r .title\n  conspectus extract --parts comments.ndjson | wc -l"
)]
pub(crate) struct ExtractArgs {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Collection that the lines name [default: default]
    #[arg(long, value_name = "NAME", env = "CONSPECTUS_COLLECTION")]
    collection: Option<String>,
    /// Address below which plain files lie, where they declare none
    #[arg(long, value_name = "URL", env = "CONSPECTUS_BASE")]
    base: Option<String>,
    /// Print the posts of discussions as they come, not joined to threads
    #[arg(long)]
    parts: bool,
    /// Extraction workers [default: one per processor]
    #[arg(long, value_name = "N", env = "CONSPECTUS_JOBS")]
    jobs: Option<usize>,
    /// End with exit code 3 if anything could not be read
    #[arg(long, env = "CONSPECTUS_STRICT")]
    strict: bool,
}

pub(crate) fn run(args: &ExtractArgs, context: &Context) -> anyhow::Result<u8> {
    let paths = existing(&args.paths)?;
    let stop = stop_on_signal()?;
    let spool = tempfile::Builder::new().prefix("conspectus-").tempdir()?;
    let settings = context.read_settings(args.jobs, args.base.clone(), spool.path())?;
    let config = &context.config.add;
    let collection = args
        .collection
        .clone()
        .or_else(|| config.collection.clone());
    let collection = collection.unwrap_or_else(|| "default".to_owned());
    let mut printing = Printing {
        lines: Lines::new(),
        joining: (!args.parts).then(|| Joining::new(spool.path())),
        collection,
        failed: 0,
        quiet: context.global.quiet,
    };
    let mut outcome: anyhow::Result<bool> = Ok(true);
    let unlisted = AtomicU64::new(0);
    let quiet = printing.quiet;
    let tasks = paths.iter().flat_map(|path| {
        let source = path.to_string_lossy().into_owned();
        let unlisted = &unlisted;
        source::walk(path).filter_map(move |file| match file {
            Ok(path) => Some(Task {
                path,
                source: source.clone(),
                from: None,
            }),
            Err(error) => {
                unlisted.fetch_add(1, Ordering::Relaxed);
                if !quiet {
                    tell(&error.to_string());
                }
                None
            }
        })
    });
    ingest::run(tasks, &settings, &stop, &mut |event| {
        outcome = printing.event(event);
        matches!(outcome, Ok(true))
    })?;
    let still_read = outcome?;
    if stop.load(Ordering::Relaxed) {
        printing.lines.end()?;
        return Ok(INTERRUPTED);
    }
    if still_read && printing.threads()? {
        printing.lines.end()?;
    }
    let failed = printing.failed + unlisted.load(Ordering::Relaxed);
    let strict = args.strict || config.strict.unwrap_or(false);
    Ok(if strict && failed > 0 {
        Kind::Input.exit_code()
    } else {
        0
    })
}

/// What is printed, and what waits for the end.
struct Printing {
    lines: Lines,
    /// Posts on their way to their threads; `None` where they are printed as they come.
    joining: Option<Joining>,
    collection: String,
    failed: u64,
    quiet: bool,
}

impl Printing {
    fn complain(&mut self, place: &str, reason: &str) {
        self.failed += 1;
        if !self.quiet {
            tell(&format!("{place}: {reason}"));
        }
    }

    /// Prints what came out of a file; says whether anybody still reads.
    fn event(&mut self, event: Event) -> anyhow::Result<bool> {
        match event {
            Event::Opened(_, Known::By(_) | Known::NotAsked) | Event::Ended { .. } => {}
            Event::Opened(task, Known::ByNone) => {
                if !self.quiet {
                    tell(&format!(
                        "{}: no reader knows this kind of file",
                        task.path.display()
                    ));
                }
            }
            Event::Bad(_, bad) => {
                if bad.class == OutcomeClass::Failed {
                    let place = bad.origin.as_ref().map(ToString::to_string);
                    self.complain(&place.unwrap_or_default(), &bad.reason);
                }
            }
            Event::Record(_, read) => return self.record(*read),
        }
        Ok(true)
    }

    fn record(&mut self, mut read: Read) -> anyhow::Result<bool> {
        if let Gave::Failed(reason) = &read.gave {
            let (place, reason) = (read.record.origin.to_string(), reason.clone());
            self.complain(&place, &reason);
        }
        let mut posts = Vec::new();
        match &mut self.joining {
            Some(joining) => joining.take(&mut read, &self.collection)?,
            None => ingest::part_lines(&read, &self.collection, &mut posts)?,
        }
        for line in ingest::lines_of(read, &self.collection) {
            if !self.lines.line(&line.print()?)? {
                return Ok(false);
            }
        }
        self.lines.whole(&posts)
    }

    /// Prints the threads; says whether anybody still reads.
    fn threads(&mut self) -> anyhow::Result<bool> {
        let lines = &mut self.lines;
        match self.joining.take() {
            Some(joining) => joining.finish(&mut |line| lines.line(&line.print()?)),
            None => Ok(true),
        }
    }
}
