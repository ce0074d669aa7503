//! The address of a thread without the number of the page.

use std::sync::LazyLock;

use model::address::{Host, Surt};
use regex::Regex;
use url::Url;

/// Where the thread of a page stands.
pub(super) struct Place {
    /// Address of the thread's first page.
    pub(super) url: String,
    /// Whether this page is that.
    pub(super) is_first: bool,
}

impl Place {
    /// From the address of the page and the one that it calls the right one.
    pub(super) fn of(page: &Url, canonical: Option<&str>) -> Self {
        let (own, own_first) = without_page(page);
        let canonical = canonical
            .and_then(|url| Url::parse(url).ok())
            .filter(|url| url.host_str() == page.host_str())
            .map(|url| without_page(&url));
        match canonical {
            Some((url, first)) => Self {
                url,
                is_first: own_first && first,
            },
            None => Self {
                url: own,
                is_first: own_first,
            },
        }
    }

    /// The host without `www.`.
    pub(super) fn host(&self) -> String {
        Host::of(&self.url).bare().to_owned()
    }

    /// What names the thread on its host.
    pub(super) fn id(&self) -> String {
        Surt::of(&self.url).0
    }
}

/// Parameters that name a page, a session or a post and no thread.
const BESIDE: &[&str] = &[
    "page",
    "start",
    "sid",
    "s",
    "p",
    "post",
    "highlight",
    "view",
    "order",
    "sort",
    "goto",
    "do",
    "tab",
    "answertab",
    "noredirect",
];

/// The address without the number of the page, and whether that is the first.
fn without_page(url: &Url) -> (String, bool) {
    static SEGMENT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:page-?(\d+)(?:\.html)?|p(\d+))$").expect("a constant pattern")
    });
    static TAIL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"-(\d{1,4})\.html$").expect("a constant pattern"));
    let mut bare = url.clone();
    bare.set_fragment(None);
    let mut first = true;
    let mut segments: Vec<&str> = url.path().split('/').collect();
    let ends_in_slash = segments.last().is_some_and(|last| last.is_empty());
    if ends_in_slash {
        segments.pop();
    }
    // Invision Community: `/topic/7-depth/page/2/`.
    if let [.., word, number] = segments.as_slice()
        && *word == "page"
        && let Ok(number) = number.parse::<u32>()
    {
        first = number <= 1;
        segments.truncate(segments.len() - 2);
    } else if let Some(numbers) = segments.last().and_then(|last| SEGMENT.captures(last)) {
        let number = numbers.get(1).or_else(|| numbers.get(2));
        first = number.is_some_and(|number| number.as_str() == "1");
        segments.pop();
    } else if let Some(last) = segments
        .last_mut()
        .filter(|last| last.starts_with("post-") && url.path().contains("/threads/"))
    {
        // XenForo: one post of the thread, on whatever page.
        *last = "";
        first = false;
        segments.pop();
    }
    let mut path = segments.join("/");
    // vBulletin: `12345-title-2.html` is the second page of `12345-title.html`.
    let numbered = path.contains("/showthread.php/") || path.contains("/threads/");
    if let Some(found) = TAIL.captures(&path).filter(|_| numbered) {
        first &= found.get(1).is_some_and(|number| number.as_str() == "1");
        path = TAIL.replace(&path, ".html").into_owned();
    }
    bare.set_path(&format!("{}/", path.trim_end_matches('/')));
    if !ends_in_slash && !url.path().contains("/threads/") {
        bare.set_path(&path);
    }
    let mut kept: Vec<(String, String)> = Vec::new();
    for (name, value) in url.query_pairs() {
        let number: Option<u32> = value.parse().ok();
        match name.as_ref() {
            "page" => first &= number.is_none_or(|page| page <= 1),
            "start" => first &= number.is_none_or(|start| start == 0),
            // phpBB: a topic has one number whatever board it stands in.
            "f" => {}
            name if BESIDE.contains(&name) => {}
            name => kept.push((name.to_owned(), value.into_owned())),
        }
    }
    bare.set_query(None);
    if !kept.is_empty() {
        bare.query_pairs_mut().extend_pairs(kept);
    }
    (bare.to_string(), first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str, first: bool) {
        let found = without_page(&Url::parse(url).unwrap());
        assert_eq!(found, (expected.to_owned(), first));
    }

    #[test]
    fn pages_of_one_thread_have_one_address() {
        let thread = "https://port.example/threads/depth.7/";
        check("https://port.example/threads/depth.7/", thread, true);
        check("https://port.example/threads/depth.7/page-3", thread, false);
        check(
            "https://port.example/threads/depth.7/post-99#post-99",
            thread,
            false,
        );
        let topic = "https://port.example/viewtopic.php?t=7";
        check(
            "https://port.example/viewtopic.php?f=2&t=7&sid=ab",
            topic,
            true,
        );
        check(
            "https://port.example/viewtopic.php?t=7&start=25",
            topic,
            false,
        );
        check(
            "https://port.example/viewtopic.php?t=7&start=0#p9",
            topic,
            true,
        );
        check(
            "https://port.example/showthread.php?t=7&page=2",
            "https://port.example/showthread.php?t=7",
            false,
        );
        check(
            "https://port.example/topic/7-depth/page/2/",
            "https://port.example/topic/7-depth/",
            false,
        );
        check(
            "https://port.example/showthread.php/7-depth/page2",
            "https://port.example/showthread.php/7-depth",
            false,
        );
    }
}
