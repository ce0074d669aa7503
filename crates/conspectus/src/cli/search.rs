//! `conspectus search`: one query, one page on standard output.

use std::time::Instant;

use clap::{Args, ValueEnum};
use engine::Engine as _;
use model::time::UnixSeconds;
use render::Renderer as _;
use search::Request;

use super::Context;
use super::output::{answer, colour, tell, width};
use crate::failure::{Failure, Kind};

/// Ask, and print the results page
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  conspectus search iran and syria relationship\n  conspectus search --format json -n 20 '\"toxic sludge\" site:example.org after:2019'\n  conspectus search --explain dam safety report -draft\n\nWords are all wanted. \"a phrase\", -word, +exact, OR, NEAR/5, site:, filetype:, lang:,\nintitle:, inurl:, after:, before:, captured:, asof: and more: see docs/query-language.md"
)]
pub(crate) struct SearchArgs {
    /// Words and operators
    #[arg(
        required = true,
        value_name = "QUERY",
        allow_hyphen_values = true,
        trailing_var_arg = true
    )]
    query: Vec<String>,
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Results wanted, 1 to 100 [default: 10]
    #[arg(short = 'n', long, value_name = "COUNT")]
    count: Option<usize>,
    /// Results to pass over
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// The clock by which ages are told, so that a page can be made again exactly
    #[arg(long, value_name = "RFC3339", env = "CONSPECTUS_NOW")]
    now: Option<String>,
    /// Say of each result why it stands where it stands
    #[arg(long)]
    explain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Results on one page at the most.
pub(crate) const COUNT_LIMIT: usize = 100;

pub(crate) fn run(args: &SearchArgs, context: &Context) -> anyhow::Result<u8> {
    let now = clock(args.now.as_deref())?;
    let config = &context.config.search;
    let request = Request {
        text: args.query.join(" "),
        tab: model::page::Tab::All,
        now,
        offset: args.offset,
        count: args
            .count
            .or(config.count)
            .unwrap_or(10)
            .clamp(1, COUNT_LIMIT),
        explain: args.explain,
        operators: true,
        languages: config.languages.clone().unwrap_or_default(),
    };
    let engine = context.open()?;
    let started = Instant::now();
    let view = engine.view()?;
    let page = search::search(&*view, &request)?;
    let took = started.elapsed();
    match args.format {
        Format::Text => {
            let renderer = render::Text {
                colour: colour(),
                width: width(),
            };
            answer(&renderer.render(&page))?;
        }
        Format::Json => {
            let mut text = render::Json { pretty: true }.render(&page);
            text.push('\n');
            answer(&text)?;
        }
    }
    if context.global.verbose > 0 {
        tell(&format!("{:.1} ms", took.as_secs_f64() * 1000.0));
    }
    Ok(0)
}

/// The clock: as given, or now.
pub(crate) fn clock(given: Option<&str>) -> anyhow::Result<UnixSeconds> {
    let Some(text) = given else {
        return Ok(crate::clock::now());
    };
    text.parse().map_err(|error| {
        Failure::new(Kind::Usage, format!("--now: {error}"))
            .hint("write it as in 2025-12-22T10:00:00Z")
            .into()
    })
}
