//! The HTML of a post as the text that readers see, without what is quoted.

use scraper::Html;

use crate::html::blocks;
use crate::html::dom::{PageNode, attr, name};
use crate::text::squash;

/// The text of a post: paragraphs separated by one line feed, code with its lines, NFC.
pub(crate) fn plain(html: &str) -> String {
    let html = html.trim();
    if html.is_empty() {
        return String::new();
    }
    let tree = Html::parse_fragment(html);
    below(tree.tree.root())
}

/// The text of an answer on a site where people cite sources: quotations stay, but those of the
/// post that is answered, `question` in the form of [`squash`].
pub(super) fn citing(html: &str, question: &str) -> String {
    let tree = Html::parse_fragment(html.trim());
    let blocks = blocks::of(tree.tree.root(), |node| {
        if name(node) != "blockquote" {
            return is_quoted(node);
        }
        let quoted: String = node
            .descendants()
            .filter_map(|below| below.value().as_text().map(|text| text.to_string()))
            .collect();
        let quoted = squash(&quoted, QUOTED_CHARS);
        !quoted.is_empty() && question.contains(&quoted)
    });
    let lines: Vec<String> = blocks.into_iter().map(|block| block.text).collect();
    lines.join("\n")
}

/// Of a quotation, to tell whose it is.
const QUOTED_CHARS: usize = 2_000;

/// The text of the post below a node of a page.
pub(crate) fn below(node: PageNode<'_>) -> String {
    let blocks = blocks::of(node, is_quoted);
    let lines: Vec<String> = blocks.into_iter().map(|block| block.text).collect();
    lines.join("\n")
}

/// Whether an element holds the words of somebody else, or no words of the post.
pub(crate) fn is_quoted(node: PageNode<'_>) -> bool {
    let classes = attr(node, "class").unwrap_or_default();
    let has = |class: &str| classes.split_ascii_whitespace().any(|name| name == class);
    match name(node) {
        // Stack Exchange hides what would spoil a riddle in one; vBulletin puts the post into one.
        "blockquote" => !has("spoiler") && !has("postcontent"),
        // Discourse: quotations, previews of links.
        "aside" => has("quote") || has("onebox"),
        "script" | "style" | "noscript" | "template" | "button" | "select" | "textarea" => true,
        // Discourse: name and size below a picture, number of clicks beside a link.
        "div" | "span" => {
            has("meta")
                || has("badge")
                || has("clicks")
                || has("quotetitle")
                || has("signature")
                || has("message-lastEdit")
                || has("bbCodeBlock--quote")
                || has("bbcode_container")
                || has("bbcode_quote")
                || has("notice")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(plain(html), expected);
    }

    #[test]
    fn text_without_quotations() {
        check(
            "<p>Nine <b>fathoms</b>.</p>\n<p>At ebb.</p>",
            "Nine fathoms.\nAt ebb.",
        );
        check(
            "<aside class=\"quote no-group\" data-post=1><div class=title>ada:</div><blockquote><p>How deep?</p></blockquote></aside><p>Nine.</p>",
            "Nine.",
        );
        check(
            "<blockquote class=spoiler>the butler</blockquote>",
            "the butler",
        );
        check(
            "<p>so:</p><pre><code>let a = 1;\n  let b;\n</code></pre>",
            "so:\nlet a = 1;\n  let b;",
        );
        check("first<p>second &gt; third", "first\nsecond > third");
        check("plain", "plain");
        check(" ", "");
    }

    #[test]
    fn sources_are_cited_and_questions_are_not() {
        let question = squash("So: how deep is it?", 100);
        let html = "<blockquote><p>How deep is it?</p></blockquote><p>The almanac says:</p>\
             <blockquote><p>Nine fathoms.</p></blockquote>";
        assert_eq!(citing(html, &question), "The almanac says:\nNine fathoms.");
        assert_eq!(citing("<blockquote></blockquote>", ""), "");
    }
}
