//! The page written out again without what is left out of the text: what the extractor of the
//! main text reads.
//!
//! Writing it costs a second parse, but of a page without scripts, styles and hidden parts; the
//! extractor takes no tree of ours. Trees deeper than 256 levels are flattened on the way.

use ego_tree::iter::Edge;
use scraper::node::Node;

use super::dom::{Page, name};
use super::hidden::is_left_out;

/// Deeper elements are written without their tags.
const DEPTH: usize = 256;

/// Attributes that the extractor looks at.
const KEPT: &[&str] = &[
    "class",
    "id",
    "href",
    "src",
    "role",
    "itemprop",
    "itemtype",
    "rel",
    "type",
    "name",
    "content",
    "property",
    "style",
    "lang",
    "data-testid",
    "data-component",
    "data-component-name",
    "aria-label",
    "data-role",
];

/// The page as HTML text.
pub(crate) fn write(page: &Page) -> String {
    let mut out = String::with_capacity(64 * 1024);
    let mut depth = 0_usize;
    let mut skipping = None;
    for edge in page.html.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                _ if skipping.is_some() => {}
                Node::Text(text) => escape(text, &mut out),
                Node::Element(element) => {
                    let element_name = element.name();
                    let json_ld = element_name == "script"
                        && element
                            .attr("type")
                            .is_some_and(|kind| kind.contains("ld+json"));
                    if json_ld {
                        out.push_str("<script type=\"application/ld+json\">");
                        // Raw text: nothing in it is escaped, and its own end tag cannot occur.
                        out.push_str(&super::dom::raw_text(node));
                        out.push_str("</script>");
                        skipping = Some(node.id());
                        continue;
                    }
                    // Metadata is read by us; the extractor's own reading of it costs a twentieth
                    // of its time.
                    let unread = matches!(element_name, "meta" | "link" | "base");
                    if unread || element_name != "head" && is_left_out(page, node) {
                        skipping = Some(node.id());
                        // Words on both sides stay apart where a block went.
                        if super::dom::is_block(element_name) {
                            out.push(' ');
                        }
                        continue;
                    }
                    depth += 1;
                    if depth > DEPTH {
                        out.push(' ');
                        continue;
                    }
                    out.push('<');
                    out.push_str(element_name);
                    for (key, value) in element.attrs() {
                        if KEPT.contains(&key) {
                            out.push(' ');
                            out.push_str(key);
                            out.push_str("=\"");
                            escape_attribute(value, &mut out);
                            out.push('"');
                        }
                    }
                    out.push('>');
                    // The parser drops a line feed right behind these.
                    if matches!(element_name, "pre" | "listing") {
                        out.push('\n');
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if skipping.is_some() {
                    if skipping == Some(node.id()) {
                        skipping = None;
                    }
                    continue;
                }
                if node.value().is_element() {
                    if depth <= DEPTH && !is_void(name(node)) {
                        out.push_str("</");
                        out.push_str(name(node));
                        out.push('>');
                    }
                    depth = depth.saturating_sub(1);
                }
            }
        }
    }
    out
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "basefont"
            | "bgsound"
            | "frame"
            | "keygen"
    )
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            c if crate::text::is_invisible(c) => {}
            c => out.push(c),
        }
    }
}

fn escape_attribute(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_gone_and_the_rest_stays() {
        let page = Page::parse(
            "<title>T</title><body onload=x><p class=a data-x=1>a &amp; b<script>s</script>\
             <br>c</p><p hidden>h</p><script type='application/ld+json'>{\"a\":\"<b>\"}</script>",
            "http://a.example/",
        );
        assert_eq!(
            write(&page),
            "<html><head><title>T</title></head><body><p class=\"a\">a &amp; b<br>c</p> \
             <script type=\"application/ld+json\">{\"a\":\"<b>\"}</script></body></html>"
        );
    }

    #[test]
    fn deep_trees_are_flattened() {
        let page = Page::parse(
            &format!("{}deep", "<div>".repeat(5_000)),
            "http://a.example/",
        );
        let written = write(&page);
        assert!(written.contains("deep"));
        assert!(written.matches("<div>").count() < 256);
    }
}
