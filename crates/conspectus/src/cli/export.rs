//! `conspectus export`: what was collected, as sorted lines of the interchange format.

use clap::Args;
use engine::{Engine as _, View};
use model::capture::{Capture, CaptureId};
use model::document::DocumentId;
use model::interchange::{CaptureLine, Line};

use super::Context;
use super::output::Lines;

/// Print what was collected, as sorted lines of the interchange format
///
/// To keep, to read, and to compare two indexes: indexes that hold the same give the same lines,
/// in whatever order and with whatever interruptions they were made. Threads and videos are
/// printed as their records gave them: posts as `part` lines, and one line for each record of a
/// video. After the documents, posts that wait for their opening post,
/// captures and redirects come the outcomes of the journal, without when they were tried.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  conspectus export > collection.ndjson\n  cmp <(conspectus --index a export) <(conspectus --index b export)"
)]
pub(crate) struct ExportArgs {}

/// Rows taken from the store in one go.
const BATCH: usize = 500;

pub(crate) fn run(_args: &ExportArgs, context: &Context) -> anyhow::Result<u8> {
    let engine = context.open()?;
    let view = engine.view()?;
    let mut lines = Lines::new();
    let complete = documents(&*view, &mut lines)?
        && waiting(&*view, &mut lines)?
        && captures(&*view, &mut lines)?
        && redirects(&*view, &mut lines)?
        && outcomes(&*view, &mut lines)?;
    if complete {
        lines.end()?;
    }
    Ok(0)
}

fn documents(view: &dyn View, lines: &mut Lines) -> anyhow::Result<bool> {
    let mut after: Option<DocumentId> = None;
    loop {
        let ids = view.ids_after(after, BATCH)?;
        let Some(last) = ids.last() else {
            return Ok(true);
        };
        after = Some(*last);
        for id in ids {
            let captures = view.captures_of(id)?;
            for contribution in view.contributions(id)? {
                for line in ingest::document_lines(contribution, &captures) {
                    if !lines.line(&line.print()?)? {
                        return Ok(false);
                    }
                }
            }
        }
    }
}

/// Posts whose thread is no document, because its opening post is not held.
fn waiting(view: &dyn View, lines: &mut Lines) -> anyhow::Result<bool> {
    let mut after: Option<DocumentId> = None;
    loop {
        let ids = view.waiting_after(after, BATCH)?;
        let Some(last) = ids.last() else {
            return Ok(true);
        };
        after = Some(*last);
        for id in ids {
            for contribution in view.contributions(id)? {
                for line in ingest::document_lines(contribution, &[]) {
                    if !lines.line(&line.print()?)? {
                        return Ok(false);
                    }
                }
            }
        }
    }
}

fn captures(view: &dyn View, lines: &mut Lines) -> anyhow::Result<bool> {
    let mut after: Option<CaptureId> = None;
    loop {
        let captures = view.captures_after(after, BATCH)?;
        let Some(last) = captures.last() else {
            return Ok(true);
        };
        after = Some(last.id);
        for capture in captures
            .iter()
            .map(|capture: &Capture| CaptureLine::from(capture))
        {
            if !lines.line(&Line::Capture(capture).print()?)? {
                return Ok(false);
            }
        }
    }
}

fn redirects(view: &dyn View, lines: &mut Lines) -> anyhow::Result<bool> {
    for (redirect, collection, origin) in view.redirects()? {
        let line = ingest::redirect_line(&redirect, &collection, origin);
        if !lines.line(&line.print()?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn outcomes(view: &dyn View, lines: &mut Lines) -> anyhow::Result<bool> {
    for outcome in view.journal()? {
        let line = serde_json::json!({
            "format": model::interchange::FORMAT,
            "kind": "outcome",
            "class": outcome.class,
            "url": outcome.url,
            "reason": outcome.reason,
            "origin": model::interchange::OriginLine::from(outcome.origin),
        });
        if !lines.line(&line.to_string())? {
            return Ok(false);
        }
    }
    Ok(true)
}
