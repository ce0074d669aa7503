//! `conspectus add`: files and folders into the index.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use engine::OutcomeClass;
use ingest::{AddSettings, Added};

use super::output::{bytes, count, tell};
use super::progress::Progress;
use super::{Access, Context, existing, open_index, stop_on_signal};
use crate::failure::{INTERRUPTED, Kind};

/// Ingest files and folders; their kind is recognised by content
///
/// Reads WARC files (plain and gzip), saved HTML pages and PDFs. A file that has not changed since it
/// was read is passed over, a grown one is read on. Ctrl-C commits, and the next run goes on
/// there. What cannot be read is listed by `conspectus journal`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  conspectus add crawl.warc.gz\n  conspectus add --collection news ~/archives/news ~/saved-pages\n  conspectus add --base https://old.example/ ~/mirror/old.example"
)]
pub(crate) struct AddArgs {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Collection that they belong to [default: default]
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

pub(crate) fn run(args: &AddArgs, context: &Context) -> anyhow::Result<u8> {
    let paths = existing(&args.paths)?;
    let stop = stop_on_signal()?;
    let index = context.index()?;
    let engine = open_index(&index, &context.config, Access::Create)?;
    let config = &context.config.add;
    let settings = AddSettings {
        read: context.read_settings(args.jobs, args.base.clone(), &index.join("spool"))?,
        collection: args
            .collection
            .clone()
            .or_else(|| config.collection.clone())
            .unwrap_or_else(|| "default".to_owned()),
        commit_bytes: config.commit_mebibytes.unwrap_or(256) << 20,
        commit_every: Duration::from_secs(config.commit_seconds.unwrap_or(60)),
        now: crate::clock::now(),
    };
    let measured = ingest::measure(&paths);
    let mut progress = Progress::new(measured, context.global.quiet);
    let added = ingest::add(&engine, &paths, &settings, &stop, &mut |added| {
        progress.show(added);
    })?;
    progress.end();
    if !context.global.quiet {
        tell(&summary(&added));
    }
    if added.interrupted {
        return Ok(INTERRUPTED);
    }
    let failed = added
        .outcomes
        .get(&OutcomeClass::Failed)
        .copied()
        .unwrap_or(0);
    let strict = args.strict || config.strict.unwrap_or(false);
    Ok(if strict && failed > 0 {
        Kind::Input.exit_code()
    } else {
        0
    })
}

/// The last line of `add`.
pub(crate) fn summary(added: &Added) -> String {
    let outcome = |class| added.outcomes.get(&class).copied().unwrap_or(0);
    let mut parts = vec![
        format!("{} documents", count(added.documents)),
        format!("{} records", count(added.records)),
        format!("{} files", count(added.files)),
        bytes(added.bytes),
    ];
    let mut also = |number: u64, text: &str| {
        if number > 0 {
            parts.push(format!("{} {text}", count(number)));
        }
    };
    also(added.posts, "posts");
    also(added.unchanged, "files unchanged");
    also(added.without_text, "records without text");
    also(outcome(OutcomeClass::Repaired), "repaired");
    also(outcome(OutcomeClass::Skipped), "left out");
    also(
        outcome(OutcomeClass::Failed),
        "could not be read (see `conspectus journal`)",
    );
    let verb = if added.interrupted {
        "interrupted, committed"
    } else {
        "added"
    };
    format!("{verb}: {}", parts.join(", "))
}
