//! Conspectus: your own web search engine in one binary.

mod cli;
mod clock;
mod config;
mod failure;
mod sample;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::{Cli, Command, Context};
use crate::config::{Config, LogFormat};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let (kind, hint) = failure::sort(&error);
            cli::output::tell(&format!("conspectus: {error:#}"));
            if let Some(hint) = hint {
                cli::output::tell(&format!("hint: {hint}"));
            }
            ExitCode::from(kind.exit_code())
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    // A worker is told all it needs on its command line, and must not depend on what the user's
    // configuration says by then.
    if let Command::Worker(args) = &cli.command {
        return cli::worker::run(args);
    }
    let config = Config::load(cli.global.config.as_deref())?;
    start_log(&cli, &config);
    let context = Context {
        config,
        global: cli.global,
    };
    match &cli.command {
        Command::Add(args) => cli::add::run(args, &context),
        Command::Search(args) => cli::search::run(args, &context),
        Command::Serve(args) => cli::serve::run(args, &context),
        Command::Extract(args) => cli::extract::run(args, &context),
        Command::Status(args) => cli::status::run(args, &context),
        Command::Export(args) => cli::export::run(args, &context),
        Command::Journal(args) => cli::journal::run(args, &context),
        Command::Worker(args) => cli::worker::run(args),
    }
}

fn start_log(cli: &Cli, config: &Config) {
    let level = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => tracing::Level::ERROR,
        (false, 0) => tracing::Level::WARN,
        (false, 1) => tracing::Level::INFO,
        (false, _) => tracing::Level::DEBUG,
    };
    let filter = tracing_subscriber::filter::Targets::new()
        .with_default(level)
        .with_target("tantivy", level.min(tracing::Level::WARN));
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level);
    match cli
        .global
        .log_format
        .or(config.log_format)
        .unwrap_or_default()
    {
        LogFormat::Text => log.without_time().finish().with(filter).init(),
        LogFormat::Json => log.json().finish().with(filter).init(),
    }
}
