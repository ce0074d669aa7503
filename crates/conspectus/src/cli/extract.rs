//! `conspectus extract`: documents as lines of the interchange format, without an index.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use engine::OutcomeClass;
use ingest::{Event, Gave, Known, Task};

use super::output::{Lines, tell};
use super::{Context, existing, stop_on_signal};
use crate::failure::{INTERRUPTED, Kind};

/// Print the documents in files and folders, one JSON object a line
///
/// The stateless pipe: nothing is kept. The lines are described in docs/formats.md. What cannot
/// be read is told on standard error.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  conspectus extract crawl.warc.gz > documents.ndjson\n  conspectus extract page.html | jq -r .title"
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
    let mut lines = Lines::new();
    let mut failed = 0_u64;
    let mut outcome: anyhow::Result<bool> = Ok(true);
    let unlisted = AtomicU64::new(0);
    let quiet = context.global.quiet;
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
        outcome = each(event, &collection, &mut lines, &mut failed, quiet);
        matches!(outcome, Ok(true))
    })?;
    outcome?;
    lines.end()?;
    if stop.load(Ordering::Relaxed) {
        return Ok(INTERRUPTED);
    }
    failed += unlisted.load(Ordering::Relaxed);
    let strict = args.strict || config.strict.unwrap_or(false);
    Ok(if strict && failed > 0 {
        Kind::Input.exit_code()
    } else {
        0
    })
}

fn each(
    event: Event,
    collection: &str,
    lines: &mut Lines,
    failed: &mut u64,
    quiet: bool,
) -> anyhow::Result<bool> {
    let mut complain = |place: &str, reason: &str| {
        *failed += 1;
        if !quiet {
            tell(&format!("{place}: {reason}"));
        }
    };
    match event {
        Event::Opened(_, Known::By(_) | Known::NotAsked) | Event::Ended { .. } => {}
        Event::Opened(task, Known::ByNone) => {
            if !quiet {
                tell(&format!(
                    "{}: no reader knows this kind of file",
                    task.path.display()
                ));
            }
        }
        Event::Bad(_, bad) => {
            if bad.class == OutcomeClass::Failed {
                let place = bad
                    .origin
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                complain(&place, &bad.reason);
            }
        }
        Event::Record(_, read) => {
            if let Gave::Failed(reason) = &read.gave {
                complain(&read.record.origin.to_string(), reason);
            }
            for line in ingest::lines_of(*read, collection) {
                if !lines.line(&line.print()?)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}
