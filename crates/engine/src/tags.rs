//! Conditions as numbers: what an index holds of a document so that filters are postings.

use std::collections::BTreeSet;

use model::address::{Host, path_segments};
use model::document::{Document, DocumentKind};
use model::query::SitePattern;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::analysis::{exact_forms, primary};

/// Parts and bytes of a path that can be asked for, and bytes of a name of a host: without limits,
/// one link with thousands of slashes would be millions of bytes to hash.
const BOUNDARIES: usize = 64;
const PATH_BYTES: usize = 2048;
const HOST_BYTES: usize = 253;

/// Words of the name of a channel or forum that can be asked for: a number stands for each run of
/// them.
const NAME_WORDS: usize = 12;

/// Numbers of everything that filters ask for: equal numbers are equal conditions.
pub(crate) fn tags(document: &Document, collections: &BTreeSet<String>, shown: usize) -> Vec<u64> {
    let mut tags = Vec::new();
    place_tags("site", &document.url, &mut tags);
    for link in &document.links {
        place_tags("links", &link.url, &mut tags);
    }
    for collection in collections {
        tags.push(tag("source", collection));
    }
    if let Some(extension) = extension(&document.url) {
        tags.push(tag("ext", &extension));
    }
    tags.push(tag("type", document.kind.file_type()));
    tags.push(tag("kind", document.kind.kind().as_str()));
    let language = document.language.as_deref().unwrap_or_default();
    tags.push(tag("lang", &primary(language).to_ascii_lowercase()));
    name_tags("channel", channel_of(document), &mut tags);
    name_tags("forum", forum_of(document), &mut tags);
    if document.published.is_some() {
        tags.push(tag("has", "date"));
    }
    if has_captures(shown) {
        tags.push(tag("has", "captures"));
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// Whether an address with so many captures that show something has several.
pub(crate) fn has_captures(shown: usize) -> bool {
    shown > 1
}

/// Who published a video; empty for none.
pub(crate) fn channel_of(document: &Document) -> &str {
    match &document.kind {
        DocumentKind::Video { channel, .. } => channel.as_deref().unwrap_or_default(),
        _ => "",
    }
}

/// The board or group of a discussion; empty for none.
pub(crate) fn forum_of(document: &Document) -> &str {
    match &document.kind {
        DocumentKind::Thread { forum, .. } => forum.as_deref().unwrap_or_default(),
        _ => "",
    }
}

/// Whether words stand in a name one behind another.
pub(crate) fn is_named(name: &str, asked: &str) -> bool {
    let (name, asked) = (name_words(name), exact_forms(asked));
    !asked.is_empty() && name.windows(asked.len()).any(|words| words == asked)
}

/// The number of the condition that words stand in a name; `None` for no words.
pub(crate) fn name_tag(operator: &str, asked: &str) -> Option<u64> {
    let words = exact_forms(asked);
    (!words.is_empty()).then(|| tag(operator, &words.join(" ")))
}

fn name_words(name: &str) -> Vec<String> {
    let mut words = exact_forms(name);
    words.truncate(NAME_WORDS);
    words
}

fn name_tags(operator: &str, name: &str, tags: &mut Vec<u64>) {
    if name.is_empty() {
        return;
    }
    let words = name_words(name);
    for length in 1..=words.len() {
        let runs = words.windows(length);
        tags.extend(runs.map(|run| tag(operator, &run.join(" "))));
    }
}

/// The number of a condition.
pub(crate) fn tag(operator: &str, value: &str) -> u64 {
    tag_of_parts(operator, value, "")
}

/// The number of the condition that an address lies within a pattern.
pub(crate) fn place_tag(operator: &str, pattern: &SitePattern) -> u64 {
    let path = pattern.path.as_deref().unwrap_or_default();
    tag_of_parts(operator, &pattern.host, path)
}

fn tag_of_parts(operator: &str, value: &str, rest: &str) -> u64 {
    let seed = xxh3_64(operator.as_bytes());
    xxh3_64_with_seed(rest.as_bytes(), xxh3_64_with_seed(value.as_bytes(), seed))
}

/// Every pattern that an address lies within: its host and all above it, each with every part of
/// the path that ends at a boundary.
fn place_tags(operator: &str, url: &str, tags: &mut Vec<u64>) {
    let (host, path) = place(url);
    if host.is_empty() {
        return;
    }
    // As `SitePattern::matches`: a prefix ends where the path does, or before `/`, `?` or `#`.
    let boundaries = boundaries(&path);
    let prefixes: Vec<&str> = [""]
        .into_iter()
        .chain(
            boundaries
                .chain([path.len()])
                .filter(|&at| at > 0)
                .filter_map(|at| path.get(..at)),
        )
        .collect();
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let mut below = host.as_str();
    loop {
        let seed = xxh3_64_with_seed(below.as_bytes(), xxh3_64(operator.as_bytes()));
        tags.extend(
            prefixes
                .iter()
                .map(|prefix| xxh3_64_with_seed(prefix.as_bytes(), seed)),
        );
        match below.split_once('.') {
            Some((_, above)) if !is_address => below = above,
            _ => break,
        }
    }
}

/// Where a prefix of a path may end, besides its end.
fn boundaries(path: &str) -> impl Iterator<Item = usize> {
    path.match_indices(['/', '?', '#']).map(|(at, _)| at)
}

/// Host without `www.`, and path, as site patterns compare them. A path that is too long to be
/// asked for is cut at a boundary; a host that is too long for a name is none.
pub(crate) fn place(url: &str) -> (String, String) {
    let Some(url) = model::address::parse(url) else {
        return Default::default();
    };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    if host.len() > HOST_BYTES {
        return Default::default();
    }
    let host = Host(host.to_ascii_lowercase());
    (host.bare().to_owned(), cut(url.path()).to_owned())
}

fn cut(path: &str) -> &str {
    let mut end = 0;
    for (number, at) in boundaries(path).chain([path.len()]).enumerate() {
        if number > BOUNDARIES || at > PATH_BYTES {
            return path.get(..end).unwrap_or_default();
        }
        end = at;
    }
    path
}

/// The extension of the last segment of the path, in lower case.
pub(crate) fn extension(url: &str) -> Option<String> {
    if model::address::parse(url)?.path().ends_with('/') {
        return None;
    }
    let segment = path_segments(url).pop()?;
    let (stem, extension) = segment.rsplit_once('.')?;
    let plausible = !stem.is_empty()
        && (1..=8).contains(&extension.len())
        && extension.chars().all(|c| c.is_ascii_alphanumeric());
    plausible.then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_the_patterns_that_match() {
        let url = "https://www.news.example.org/reports/2025/a.pdf?x=1";
        let mut tags = Vec::new();
        place_tags("site", url, &mut tags);
        let (host, path) = place(url);
        for pattern in [
            ("example.org", None),
            ("org", None),
            ("news.example.org", Some("/reports")),
            ("example.org", Some("/reports/2025/a.pdf")),
            ("example.org", Some("/rep")),
            ("ample.org", None),
            ("www.news.example.org", None),
        ] {
            let pattern = SitePattern {
                host: pattern.0.into(),
                path: pattern.1.map(Into::into),
            };
            assert_eq!(
                tags.contains(&place_tag("site", &pattern)),
                pattern.matches(&host, &path),
                "{pattern:?}"
            );
        }
        assert_eq!(extension(url).as_deref(), Some("pdf"));
        let deep = format!("http://a.example/{}x.txt", "d/".repeat(30_000));
        let mut tags = Vec::new();
        place_tags("site", &deep, &mut tags);
        assert!(tags.len() <= 2 * (BOUNDARIES + 2), "{}", tags.len());
        let (host, path) = place(&deep);
        for (depth, is_within) in [(3, true), (60, true), (80, false)] {
            let prefix = "/d".repeat(depth);
            let pattern = SitePattern {
                host: "a.example".into(),
                path: Some(prefix),
            };
            assert_eq!(pattern.matches(&host, &path), is_within);
            assert_eq!(tags.contains(&place_tag("site", &pattern)), is_within);
        }
        assert_eq!(extension(&deep).as_deref(), Some("txt"));
        let long = format!("http://a.example/a/{}", "x".repeat(3000));
        assert_eq!(place(&long).1, "/a");
        let labels = format!("http://{}example/", "a.".repeat(500));
        assert_eq!(place(&labels).0, "");
        assert_eq!(extension("http://a.example/v1.2/"), None);
    }
}
