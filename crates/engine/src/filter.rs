//! What a filter asks of a document, asked of the document itself: the definition that indexes
//! follow.

use model::capture::Capture;
use model::document::Document;
use model::query::{Filter, Test, Undated};

use crate::analysis::{exact_forms, primary};
use crate::entry::Entry;
use crate::tags::{channel_of, extension, forum_of, has_captures, is_named, place};

/// A document with all that filters look at.
pub(crate) struct Subject<'a> {
    pub(crate) document: &'a Document,
    pub(crate) entry: &'a Entry,
    /// All captures of its address.
    pub(crate) captures: &'a [Capture],
}

/// Whether a document passes.
pub(crate) fn passes(filter: &Filter, subject: &Subject<'_>) -> bool {
    holds(&filter.test, subject) != filter.negated
}

/// Whether a document falls to a filter only because its date is unknown.
pub(crate) fn falls_undated(filter: &Filter, published: Option<i64>) -> bool {
    let excludes = matches!(
        filter.test,
        Test::Published {
            undated: Undated::Exclude,
            ..
        }
    );
    excludes && !filter.negated && published.is_none()
}

/// Whether a day passes a publication filter.
pub(crate) fn day_passes(
    day: Option<i64>,
    from: Option<i64>,
    until: Option<i64>,
    undated: Undated,
) -> bool {
    match (day, undated) {
        (None, Undated::Exclude) | (Some(_), Undated::Only) => false,
        (None, Undated::Include | Undated::Only) => true,
        (Some(day), Undated::Exclude | Undated::Include) => {
            from.is_none_or(|from| day >= from) && until.is_none_or(|until| day < until)
        }
    }
}

/// Whether a video of so many seconds passes a filter by length.
pub(crate) fn lasts(seconds: u32, from: Option<u32>, to: Option<u32>) -> bool {
    from.is_none_or(|from| seconds >= from) && to.is_none_or(|to| seconds <= to)
}

fn holds(test: &Test, subject: &Subject<'_>) -> bool {
    let document = subject.document;
    match test {
        Test::Site(patterns) => {
            let (host, path) = place(&document.url);
            patterns.iter().any(|pattern| pattern.matches(&host, &path))
        }
        Test::Links(patterns) => document.links.iter().any(|link| {
            let (host, path) = place(&link.url);
            patterns.iter().any(|pattern| pattern.matches(&host, &path))
        }),
        Test::Collection(names) => names
            .iter()
            .any(|name| subject.entry.collections.contains(name)),
        Test::Extension(names) => {
            extension(&document.url).is_some_and(|extension| names.contains(&extension))
        }
        Test::FileType(names) => names.iter().any(|name| name == document.kind.file_type()),
        Test::Kind(kinds) => kinds.contains(&document.kind.kind()),
        Test::Language(languages) => {
            let language = document.language.as_deref().unwrap_or_default();
            let language = primary(language).to_ascii_lowercase();
            languages.contains(&language)
        }
        Test::Author(names) => {
            let author = exact_forms(document.author.as_deref().unwrap_or_default());
            names.iter().any(|name| {
                let name = exact_forms(name);
                !name.is_empty() && author.windows(name.len()).any(|words| words == name)
            })
        }
        Test::Channel(names) => names
            .iter()
            .any(|name| is_named(channel_of(document), name)),
        Test::Forum(names) => names.iter().any(|name| is_named(forum_of(document), name)),
        Test::Duration { from, to } => subject
            .entry
            .duration
            .is_some_and(|seconds| lasts(seconds, *from, *to)),
        Test::Published {
            from,
            until,
            undated,
        } => day_passes(subject.entry.day, *from, *until, *undated),
        Test::HasDate => document.published.is_some(),
        Test::HasCaptures => {
            let shown = subject.captures.iter();
            has_captures(shown.filter(|capture| capture.document.is_some()).count())
        }
        Test::Captured { from, until } => subject
            .entry
            .seen
            .iter()
            .any(|&seen| (from.0..until.0).contains(&seen)),
    }
}
