//! The command line: one file per command, and what all of them share.

pub(crate) mod add;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod journal;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use engine::embedded::{Embedded, Options};

use crate::config::{Config, LogFormat};
use crate::failure::{Failure, Kind};

/// Your own web search engine: feed it what you have collected, ask, and read one page.
#[derive(Debug, Parser)]
#[command(
    name = "conspectus",
    version,
    max_term_width = 100,
    after_help = "Examples:\n  conspectus add ~/archives                  ingest web archives and saved pages\n  conspectus search iran and syria relationship\n  conspectus serve --open                    search in the browser\n  conspectus serve --sample                  look around with the bundled sample\n\nExit codes:\n  0 done   1 a fault of ours   2 wrong usage   3 something could not be read\n  4 wrong configuration   5 index locked, missing, too new or damaged   130 interrupted"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Folder of the index [default: conspectus/index in the user's XDG data folder]
    #[arg(long, global = true, value_name = "DIR", env = "CONSPECTUS_INDEX")]
    pub(crate) index: Option<PathBuf>,
    /// Configuration file [default: conspectus/config.toml in the user's XDG configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "CONSPECTUS_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Say more on standard error; twice for debugging
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say nothing but errors on standard error
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Form of the log on standard error
    #[arg(long, global = true, value_enum, env = "CONSPECTUS_LOG_FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Add(add::AddArgs),
    Search(search::SearchArgs),
    Serve(serve::ServeArgs),
    Extract(extract::ExtractArgs),
    Status(status::StatusArgs),
    Export(export::ExportArgs),
    Journal(journal::JournalArgs),
    #[command(hide = true)]
    Worker(worker::WorkerArgs),
}

/// What the commands are given: configuration and the shared flags.
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) global: Global,
}

impl Context {
    /// Folder of the index.
    pub(crate) fn index(&self) -> anyhow::Result<PathBuf> {
        self.config.index(self.global.index.clone())
    }

    /// Opens the index for reading; one that does not exist is a failure with a hint.
    pub(crate) fn open(&self) -> anyhow::Result<Embedded> {
        open_index(&self.index()?, &self.config, Access::Existing)
    }

    /// How files are read, with what may be said on the command line.
    pub(crate) fn read_settings(
        &self,
        jobs: Option<usize>,
        base: Option<String>,
        spool: &Path,
    ) -> anyhow::Result<ingest::ReadSettings> {
        read_settings(&self.config, jobs, base, spool)
    }
}

/// What an index is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It must be there.
    Existing,
    /// It is made where it is not there.
    Create,
}

/// Opens an index.
pub(crate) fn open_index(path: &Path, config: &Config, access: Access) -> anyhow::Result<Embedded> {
    if access == Access::Existing && !path.exists() {
        let path = path.display().to_string();
        return Err(engine::EngineError::Missing { path }.into());
    }
    let mebibytes = config.limits.writer_memory_mebibytes.unwrap_or(128);
    let options = Options {
        read_only: access == Access::Existing,
        writer_memory_bytes: (mebibytes << 20) as usize,
        ..Options::new("conspectus", crate::clock::now)
    };
    Ok(Embedded::open(path, options)?)
}

/// How files are read.
pub(crate) fn read_settings(
    config: &Config,
    jobs: Option<usize>,
    base: Option<String>,
    spool: &Path,
) -> anyhow::Result<ingest::ReadSettings> {
    let limits = &config.limits;
    let program = std::env::current_exe().context("cannot find this program to start workers")?;
    let jobs = jobs
        .or(config.add.jobs)
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let defaults = ingest::WorkerLimits::default();
    if let Some(base) = base.as_ref().or(config.add.base.as_ref())
        && model::address::parse(base).is_none()
    {
        let message = format!("`{base}` is no address");
        return Err(Failure::new(Kind::Usage, message)
            .hint("give one with its scheme: --base https://archive.example/")
            .into());
    }
    Ok(ingest::ReadSettings {
        isolation: ingest::Isolation::Process(program, vec!["worker".to_owned()]),
        limits: ingest::WorkerLimits {
            memory_bytes: limits
                .worker_memory_mebibytes
                .map_or(defaults.memory_bytes, |mebibytes| mebibytes << 20),
            record_cpu_seconds: limits
                .record_cpu_seconds
                .unwrap_or(defaults.record_cpu_seconds),
            ..defaults
        },
        jobs: jobs.max(1),
        in_flight_bytes: limits.in_flight_mebibytes.unwrap_or(64) << 20,
        payload_in_memory: 16 << 20,
        payload_limit: limits.payload_mebibytes.unwrap_or(256) << 20,
        spool: spool.to_owned(),
        base: base.or_else(|| config.add.base.clone()),
        extract: config.extract.options(spool)?,
    })
}

/// The paths, absolute and there; the first that is not is a failure.
pub(crate) fn existing(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    paths
        .iter()
        .map(|path| {
            std::fs::canonicalize(path).map_err(|error| {
                let message = format!("cannot read `{}`: {error}", path.display());
                Failure::new(Kind::Input, message).into()
            })
        })
        .collect()
}

/// A flag that Ctrl-C and SIGTERM set; the second Ctrl-C ends the program at once.
pub(crate) fn stop_on_signal() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::SeqCst) {
            end_now();
        }
    })
    .context("cannot watch for Ctrl-C")?;
    Ok(stop)
}

#[expect(
    clippy::exit,
    reason = "the user asked twice; what is committed is safe at any instant"
)]
fn end_now() {
    std::process::exit(i32::from(crate::failure::INTERRUPTED));
}
