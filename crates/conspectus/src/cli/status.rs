//! `conspectus status`: what is in the index.

use clap::Args;
use engine::{Engine as _, Facet, Totals, View};
use serde_json::json;

use super::Context;
use super::output::{answer, bytes, count};

/// Show what is in the index
///
/// Documents by kind, collection, language and site; its size; the last commit.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  conspectus status\n  conspectus status --json | jq .documents"
)]
pub(crate) struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const FACETS: [(&str, Facet); 4] = [
    ("kind", Facet::Kind),
    ("collection", Facet::Collection),
    ("language", Facet::Language),
    ("site", Facet::Site),
];

/// Values of one facet that the text form lists.
const LISTED: usize = 10;

pub(crate) fn run(args: &StatusArgs, context: &Context) -> anyhow::Result<u8> {
    let index = context.index()?;
    let engine = context.open()?;
    let view = engine.view()?;
    let totals = view.totals()?;
    let text = if args.json {
        as_json(&index, &*view, &totals)?
    } else {
        as_text(&index, &*view, &totals)?
    };
    answer(&text)?;
    Ok(0)
}

fn as_json(index: &std::path::Path, view: &dyn View, totals: &Totals) -> anyhow::Result<String> {
    let mut object = json!({
        "index": index,
        "commit": view.commit().0,
        "committed": totals.committed,
        "documents": totals.documents,
        "captures": totals.captures,
        "redirects": totals.redirects,
        "journal": totals.outcomes,
        "bytes": totals.bytes,
    });
    for (name, facet) in FACETS {
        let counts: Vec<_> = view
            .counts(facet, &[])?
            .into_iter()
            .map(|(value, documents)| json!({ "value": value, "documents": documents }))
            .collect();
        if let Some(map) = object.as_object_mut() {
            map.insert(format!("by_{name}"), counts.into());
        }
    }
    Ok(format!("{}\n", serde_json::to_string_pretty(&object)?))
}

fn as_text(index: &std::path::Path, view: &dyn View, totals: &Totals) -> anyhow::Result<String> {
    let committed = totals
        .committed
        .map_or_else(|| "never".to_owned(), |at| at.to_string());
    let mut text = format!(
        "index       {}\ncommit      {} of {committed}\ndocuments   {}\ncaptures    {}\nredirects   {}\njournal     {}\nsize        {}\n",
        index.display(),
        view.commit().0,
        count(totals.documents),
        count(totals.captures),
        count(totals.redirects),
        count(totals.outcomes),
        bytes(totals.bytes),
    );
    for (name, facet) in FACETS {
        let counts = view.counts(facet, &[])?;
        text.push_str(&format!("\nby {name}\n"));
        for (value, documents) in counts.iter().take(LISTED) {
            let value = if value.is_empty() { "(unknown)" } else { value };
            text.push_str(&format!("  {:>10}  {value}\n", count(*documents)));
        }
        if counts.len() > LISTED {
            text.push_str(&format!("  {:>10}  more\n", counts.len() - LISTED));
        }
    }
    Ok(text)
}
