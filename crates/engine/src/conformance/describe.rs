//! All that an engine holds, as text.

use model::address::Host;

use super::example::{find, word};
use crate::{EngineError, Facet, View};

/// Everything that two engines must agree on after the same changes, as text: documents, heads,
/// captures, redirects, journal, names, and what some queries find.
pub fn describe(view: &dyn View) -> Result<String, EngineError> {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut line = |line: String| {
        // Writing to a string cannot fail.
        let _written = writeln!(text, "{line}");
    };
    let mut ids = Vec::new();
    while let more = view.ids_after(ids.last().copied(), 100)?
        && !more.is_empty()
    {
        ids.extend(more);
    }
    let mut last = None;
    while let waiting = view.waiting_after(last, 2)?
        && let Some(id) = waiting.last()
    {
        last = Some(*id);
        for id in waiting {
            line(format!("waiting {id}: {:?}", view.contributions(id)?));
        }
    }
    let mut hosts = std::collections::BTreeSet::new();
    for (id, head) in ids.iter().zip(view.heads(&ids)?) {
        let document = view.document(*id)?;
        hosts.extend(document.iter().map(|document| Host::of(&document.url)));
        line(format!("{document:?}\n{head:?}"));
        line(format!("{:?}", view.contributions(*id)?));
        line(format!("{:?}", view.captures_of(*id)?));
    }
    let mut last = None;
    while let captures = view.captures_after(last, 100)?
        && let Some(capture) = captures.last()
    {
        last = Some(capture.id);
        line(format!("{captures:?}"));
    }
    line(format!("{:?}", view.redirects()?));
    line(format!("{:?}", view.journal()?));
    for host in hosts {
        line(format!("{host}: {:?}", view.site_name(&host)?));
    }
    for facet in [Facet::Kind, Facet::Collection, Facet::Language, Facet::Site] {
        line(format!("{:?}", view.counts(facet, &[])?));
    }
    for query in ["river", "canal", "waterway", "talks", "istmere", "news"] {
        let found = find(view, &word(query), &[])?;
        let mut named: Vec<_> = found
            .candidates
            .iter()
            .map(|candidate| (candidate.document, &candidate.passages))
            .collect();
        // In no order: scores may count what is gone.
        named.sort_by_key(|(id, _)| *id);
        line(format!("{query}: {:?} {named:?}", found.total));
    }
    Ok(text)
}
