//! A day in the address: `/2025/06/02/`, `/2025-06-02-title`, `/20250602/`.
//!
//! News sites keep the first address when they rewrite a story, so that this comes first.

use std::sync::LazyLock;

use model::document::Evidence;
use model::time::PartialDate;
use regex::Regex;

use super::{Context, written};

/// The day that the address of the page names.
pub(super) fn day(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    let own = context.page.url.as_ref().map(url::Url::path);
    let canonical = context
        .page
        .link_rel("canonical")
        .and_then(|href| context.page.absolute(href));
    own.and_then(in_path)
        .or_else(|| canonical.as_ref().and_then(|url| in_path(url.path())))
        .map(|date| (date, Evidence::Url))
}

/// The day that a path names.
pub(crate) fn in_path(path: &str) -> Option<PartialDate> {
    static SLASHES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"/((?:19|20)\d\d)/(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?:/|$|-|\.|_)")
            .expect("a constant pattern")
    });
    static DASHES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:^|[/_-])((?:19|20)\d\d)[-_](0[1-9]|1[0-2])[-_](0[1-9]|[12]\d|3[01])(?:[/_.-]|$)",
        )
        .expect("a constant pattern")
    });
    static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"/((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:/|$)")
            .expect("a constant pattern")
    });
    static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"/(0[1-9]|[12]\d|3[01])[-.](0[1-9]|1[0-2])[-.]((?:19|20)\d\d)(?:[/_.-]|$)")
            .expect("a constant pattern")
    });
    let part = |captures: &regex::Captures<'_>, index: usize| {
        captures.get(index)?.as_str().parse::<i16>().ok()
    };
    let year_first = [&SLASHES, &DASHES, &DIGITS]
        .into_iter()
        .find_map(|pattern| {
            let found = pattern.captures(path)?;
            written::day(part(&found, 1)?, part(&found, 2)?, part(&found, 3)?)
        });
    year_first.or_else(|| {
        let found = DAY_FIRST.captures(path)?;
        written::day(part(&found, 3)?, part(&found, 2)?, part(&found, 1)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let found = in_path(path).map(|date| date.to_string());
        assert_eq!(found.unwrap_or_default(), expected);
    }

    #[test]
    fn days_in_paths() {
        check("/world/2025/06/02/title", "2025-06-02");
        check("/2025/6/2/", "2025-06-02");
        check("/blog/2025-06-02-title.html", "2025-06-02");
        check("/20250602/title", "2025-06-02");
        check("/news/02-06-2025-title/1.html", "2025-06-02");
        check("/2025/06/", "");
        check("/2025/13/02/", "");
        check("/2025/02/31/", "");
        check("/product/20250602123/", "");
    }
}
