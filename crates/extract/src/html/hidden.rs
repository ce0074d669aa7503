//! What a page holds but does not show, and what it shows but nobody reads: left out of the text.

use scraper::node::Element;

use super::dom::{Page, PageNode, attr, is_silent, name, short_text};

/// Whether an element hides itself and all below it.
///
/// `aria-hidden` alone hides nothing from those who see the page. `html` and `body` are hidden by
/// scripts that show them again at once, so that does not count. `hidden=until-found` is meant to
/// be found.
pub(crate) fn is_hidden(element: &Element) -> bool {
    let name = element.name();
    if matches!(name, "html" | "body") {
        return false;
    }
    if let Some(value) = element.attr("hidden")
        && !value.eq_ignore_ascii_case("until-found")
    {
        return true;
    }
    if name == "dialog" && element.attr("open").is_none() {
        return true;
    }
    if let Some(style) = element.attr("style") {
        let style: String = style
            .chars()
            .take(2_000)
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect();
        if style
            .split(';')
            .any(|rule| rule.starts_with("display:none") || rule.starts_with("visibility:hidden"))
        {
            return true;
        }
    }
    element.attr("class").is_some_and(|classes| {
        classes.split_ascii_whitespace().any(|class| {
            // Names that the common style sheets give to text for screen readers only.
            matches!(
                class,
                "sr-only"
                    | "visually-hidden"
                    | "visuallyhidden"
                    | "screen-reader-text"
                    | "screen-reader-only"
                    | "visually-hidden-focusable"
            )
        })
    })
}

/// Parts of class names and ids that consent dialogues carry, from the tools that make them.
const CONSENT: &[&str] = &[
    "cookie-banner",
    "cookie-consent",
    "cookie-notice",
    "cookie-law",
    "cookie-bar",
    "cookie-popup",
    "cookiebanner",
    "cookieconsent",
    "cookienotice",
    "cookie_notice",
    "cookie_banner",
    "cookiebar",
    "cookiebot",
    "onetrust",
    "consent-banner",
    "consent-popup",
    "gdpr-",
    "didomi",
    "qc-cmp",
    "usercentrics",
    "truste_",
    "cmplz-",
    "cky-consent",
    "borlabs-cookie",
    "moove_gdpr",
    "eu-cookie",
    "sp_message_container",
];

fn is_consent(element: &Element) -> bool {
    if matches!(element.name(), "html" | "body" | "main" | "article") {
        return false;
    }
    [element.attr("id"), element.attr("class")]
        .into_iter()
        .flatten()
        .filter(|value| value.len() < 500)
        .any(|value| {
            let lower = value.to_ascii_lowercase();
            CONSENT.iter().any(|word| lower.contains(word))
        })
}

/// Marks that are no text: of a wiki `[edit]`, jump links, the back arrow of a footnote, the list
/// of references; of rustdoc `Source` and `Expand description`; of mdBook the lines of code that
/// it hides.
fn is_mark(element: &Element) -> bool {
    element.attr("class").is_some_and(|classes| {
        classes.split_ascii_whitespace().any(|class| {
            matches!(
                class,
                "mw-editsection"
                    | "mw-jump-link"
                    | "mw-cite-backlink"
                    | "mw-references-wrap"
                    | "mw-empty-elt"
                    | "reflist"
                    | "navbox"
                    | "mw-indicators"
                    | "footnote-backref"
                    | "headerlink"
                    | "permalink-widget"
                    | "hideme"
                    | "boring"
                    | "rustdoc-breadcrumbs"
            ) || (class == "src" && element.name() == "a")
        })
    })
}

/// `[47]`, `47`, `[b]`, `[citation needed]`: what a citation mark reads.
fn is_citation_text(text: &str) -> bool {
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    let bracketed = text.trim().starts_with('[') && text.trim().ends_with(']');
    let short = inner.chars().count() <= 4;
    let number = !inner.is_empty() && inner.chars().all(|c| c.is_ascii_digit());
    (number && short) || (bracketed && (short || inner.chars().count() <= 40))
}

/// A superscript that holds only a link into the page itself.
fn is_citation(node: PageNode<'_>) -> bool {
    if name(node) != "sup" {
        return false;
    }
    let class = attr(node, "class").unwrap_or_default();
    if class
        .split_ascii_whitespace()
        .any(|class| matches!(class, "reference" | "noprint" | "footnote-ref"))
    {
        return true;
    }
    let local = node.descendants().take(20).any(|child| {
        name(child) == "a"
            && attr(child, "href").is_some_and(|href| href.trim_start().starts_with('#'))
    });
    local && is_citation_text(&short_text(node))
}

/// A link whose only text is the sign of a permanent link (`§`, `#`, `¶`, `🔗`).
fn is_permalink(node: PageNode<'_>) -> bool {
    name(node) == "a"
        && attr(node, "href").is_some_and(|href| href.starts_with('#'))
        && matches!(
            short_text(node).as_str(),
            "\u{a7}" | "#" | "\u{b6}" | "\u{1f517}" | "\u{2693}" | "\u{2191}" | "^"
        )
}

/// Whether a node is left out of the text with all below it.
pub(crate) fn is_left_out(page: &Page, node: PageNode<'_>) -> bool {
    let Some(element) = node.value().as_element() else {
        return false;
    };
    is_silent(element.name())
        || page.hidden.contains(&node.id())
        || is_consent(element)
        || is_mark(element)
        || is_citation(node)
        || is_permalink(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, kept: &str) {
        let page = Page::parse(html, "http://a.example/");
        let mut text = String::new();
        let mut stack: Vec<_> = page.body().children().collect();
        stack.reverse();
        while let Some(node) = stack.pop() {
            if is_left_out(&page, node) {
                continue;
            }
            if let Some(content) = node.value().as_text() {
                text.push_str(content);
            }
            let children: Vec<_> = node.children().collect();
            stack.extend(children.into_iter().rev());
        }
        assert_eq!(text, kept, "{html}");
    }

    #[test]
    fn what_is_not_shown_is_not_read() {
        check("<p hidden>a</p>b", "b");
        check("<p hidden=until-found>a</p>b", "ab");
        check("<p style='color:red; Display : none'>a</p>b", "b");
        check("<p style='visibility:hidden'>a</p>b", "b");
        check("<span aria-hidden=true>a</span>b", "ab");
        check("<template><p>a</p></template>b", "b");
        check("<noscript><p>a</p></noscript>b", "b");
        check("<dialog>a</dialog><dialog open>b</dialog>", "b");
        check("<span class='x sr-only'>a</span>b", "b");
        check("<div id='onetrust-banner-sdk'>We use cookies</div>b", "b");
        check("<article class='cookie-bar-recipes'>a</article>b", "ab");
    }

    #[test]
    fn citation_marks_are_no_text() {
        check("a<sup class=reference><a href='#c'>[47]</a></sup>b", "ab");
        check("a<sup><a href='#fn1'>1</a></sup>b", "ab");
        check("x<sup>2</sup>b", "x2b");
        check("a<sup><a href='#n'>[citation needed]</a></sup>", "a");
        check("a<a href='#x'>\u{a7}</a>", "a");
        check("a<a href='#x'>x</a>", "ax");
    }
}
