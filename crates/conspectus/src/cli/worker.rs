//! `conspectus worker`: the process that reads untrusted bytes. Started by other commands.

use clap::Args;

/// Read untrusted bytes for another command
#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    /// Address space in bytes
    memory_bytes: u64,
    /// Processor time for one record in seconds
    record_cpu_seconds: u64,
    /// Whether it may start programs of the user's
    #[arg(long)]
    runs_programs: bool,
}

pub(crate) fn run(args: &WorkerArgs) -> anyhow::Result<u8> {
    let limits = ingest::WorkerLimits {
        memory_bytes: args.memory_bytes,
        record_cpu_seconds: args.record_cpu_seconds,
        ..ingest::WorkerLimits::default()
    };
    let task = if args.runs_programs {
        ingest::WorkerTask::ParseAndRun
    } else {
        ingest::WorkerTask::Parse
    };
    for refused in ingest::confine(&limits, task) {
        tracing::warn!(reason = %refused, "a limit on this worker is not in force");
    }
    match ingest::serve(std::io::stdin(), std::io::stdout(), limits, true) {
        // The parent has gone away, and nobody is left to answer to.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        served => Ok(served.map(|()| 0)?),
    }
}
