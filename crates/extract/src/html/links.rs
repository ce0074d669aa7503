//! Links out of a page.

use std::collections::HashSet;

use model::document::Link;

use super::dom::{Page, attr, name, short_text};
use crate::text::fold;

/// Links of one page; what is behind them is left out.
const MOST_LINKS: usize = 5_000;
/// Bytes of one address; longer ones carry data.
const URL_BYTES: usize = 2_000;
/// Characters of an anchor text.
const TEXT_CHARS: usize = 300;

/// The links of a page in its order: absolute `http` and `https` addresses, each with the same
/// text once.
///
/// Links that the page calls `nofollow`, `ugc` or `sponsored` are left out: their texts and
/// targets count as evidence for the target, and the page declines to vouch for them. So are
/// links into the page itself, and links from parts that readers do not see.
pub(crate) fn of(page: &Page) -> Vec<Link> {
    let own = page.url.as_ref().map(|url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    });
    let mut seen = HashSet::new();
    let mut links = Vec::new();
    for id in &page.noted.anchors {
        let Some(node) = page.node(*id) else { continue };
        let rel = attr(node, "rel").unwrap_or_default().to_ascii_lowercase();
        let declined = rel
            .split_ascii_whitespace()
            .any(|token| matches!(token, "nofollow" | "ugc" | "sponsored"));
        let href = attr(node, "href").unwrap_or_default();
        if declined || href.trim_start().starts_with('#') || href.len() > URL_BYTES {
            continue;
        }
        if !page.hidden.is_empty()
            && node
                .ancestors()
                .take(256)
                .any(|ancestor| page.hidden.contains(&ancestor.id()))
        {
            continue;
        }
        let Some(target) = page.absolute(href) else {
            continue;
        };
        let mut bare = target.clone();
        bare.set_fragment(None);
        if Some(&bare) == own.as_ref() {
            continue;
        }
        let mut text = short_text(node);
        if text.is_empty() {
            let image = node
                .descendants()
                .take(50)
                .find(|below| name(*below) == "img");
            text = image
                .and_then(|image| attr(image, "alt"))
                .or_else(|| attr(node, "alt"))
                .map(fold)
                .unwrap_or_default();
        }
        let text = crate::text::nfc(crate::text::head(&text, TEXT_CHARS).to_owned());
        let link = Link {
            url: target.to_string(),
            text,
        };
        if seen.insert((link.url.clone(), link.text.clone())) {
            links.push(link);
            if links.len() >= MOST_LINKS {
                break;
            }
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(html: &str, expected: &Expect) {
        let page = Page::parse(html, "https://a.example/dir/page");
        let lines: Vec<String> = of(&page)
            .iter()
            .map(|link| format!("{} {}", link.url, link.text))
            .collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn absolute_and_once() {
        check(
            "<a href=x>One</a><a href=x> One </a><a href=x>Two</a><a href='//b.example/#f'>B</a>\
             <a href='mailto:a@b.example'>m</a><a href='javascript:x()'>j</a><a href='#top'>top</a>\
             <a href='/dir/page#s'>self</a><a href=/i><img alt=' the  port '></a>\
             <a href=/n rel='nofollow noopener'>n</a><div hidden><a href=/h>h</a></div>\
             <a href='http://['>broken</a>",
            &expect![[r"
                https://a.example/dir/x One
                https://a.example/dir/x Two
                https://b.example/#f B
                https://a.example/i the port"]],
        );
        check(
            "<base href='/other/'><a href=x>X</a>",
            &expect!["https://a.example/other/x X"],
        );
    }
}
