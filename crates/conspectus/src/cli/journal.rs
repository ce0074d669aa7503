//! `conspectus journal`: what could not be read.

use clap::Args;
use engine::{Engine as _, OutcomeClass};

use super::Context;
use super::output::{Lines, tell};

/// List what could not be read: path, place, reason
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  conspectus journal\n  conspectus journal --json | jq -r .reason | sort | uniq -c"
)]
pub(crate) struct JournalArgs {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Also what was left out on purpose or read after a repair
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(args: &JournalArgs, context: &Context) -> anyhow::Result<u8> {
    let engine = context.open()?;
    let outcomes = engine.view()?.journal()?;
    let mut lines = Lines::new();
    let mut listed = 0;
    let mut others = 0;
    for outcome in &outcomes {
        if !args.all && outcome.class != OutcomeClass::Failed {
            others += 1;
            continue;
        }
        listed += 1;
        let line = if args.json {
            serde_json::to_string(outcome)?
        } else {
            let url = outcome
                .url
                .as_deref()
                .map(|url| format!(" ({url})"))
                .unwrap_or_default();
            let class = match outcome.class {
                OutcomeClass::Failed => "",
                OutcomeClass::Skipped => "left out: ",
                OutcomeClass::Repaired => "repaired: ",
            };
            format!("{}{url}: {class}{}", outcome.origin, outcome.reason)
        };
        if !lines.line(&line)? {
            return Ok(0);
        }
    }
    lines.end()?;
    if !args.json && !context.global.quiet {
        if listed == 0 {
            tell("everything could be read");
        }
        if others > 0 {
            tell(&format!(
                "{others} left out or repaired: list them with --all"
            ));
        }
    }
    Ok(0)
}
