//! A tree as a list of blocks: headings, paragraphs, list items, table rows, preformatted text,
//! each with the heading and the anchor above it.

use std::rc::Rc;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::node::Node;

use super::dom::{PageNode, attr, is_block, name};
use crate::text::{fold, is_space, nfc};

/// Blocks of one page; what is behind them is left out. A page of 16 MiB has fewer.
const MOST_BLOCKS: usize = 200_000;
/// A data row with more below it than this is laid out, not tabulated (nodes).
const ROW_NODES: usize = 300;

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// A heading of any level.
    Heading,
    /// A paragraph, a list item, a table row.
    Text,
    /// Lines that keep their breaks and indents.
    Pre,
}

/// A stretch of text that begins and ends a line.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// What it is.
    pub(crate) kind: BlockKind,
    /// 1 to 6 for a heading, 0 for others.
    pub(crate) level: u8,
    /// NFC; white space folded but for line feeds that the page shows; never empty.
    pub(crate) text: String,
    /// The nearest heading above, or the text of this one.
    pub(crate) heading: Option<Rc<str>>,
    /// The nearest anchor above: id of a heading, section, term or link target.
    pub(crate) anchor: Option<Rc<str>>,
    /// The `id` of the innermost element that has one.
    pub(crate) holder: Option<Rc<str>>,
}

impl Block {
    /// A block about whose surroundings nothing is known.
    pub(crate) fn new(kind: BlockKind, text: String) -> Self {
        Self {
            kind,
            level: u8::from(kind == BlockKind::Heading),
            text,
            heading: None,
            anchor: None,
            holder: None,
        }
    }
}

struct Walk {
    blocks: Vec<Block>,
    buffer: String,
    buffer_kind: BlockKind,
    /// Of the heading that was opened last.
    level: u8,
    started_anchor: Option<Rc<str>>,
    heading: Option<Rc<str>>,
    anchor: Option<Rc<str>>,
    /// Ids of containers that have shown no text yet.
    opened_id: Option<Rc<str>>,
    holders: Vec<(NodeId, Rc<str>)>,
}

impl Walk {
    fn push_text(&mut self, text: &str, pre: bool) {
        if self.buffer.is_empty() {
            if !pre && text.chars().all(is_space) {
                return;
            }
            self.started_anchor.clone_from(&self.anchor);
        }
        if pre {
            self.buffer.push_str(text);
        } else {
            self.buffer
                .extend(text.chars().map(|c| if is_space(c) { ' ' } else { c }));
        }
    }

    fn flush(&mut self, quiet: bool) {
        if self.buffer.is_empty() {
            return;
        }
        let kind = self.buffer_kind;
        let text = lines(&self.buffer, kind);
        self.buffer.clear();
        if text.is_empty() || self.blocks.len() >= MOST_BLOCKS {
            return;
        }
        if kind == BlockKind::Heading && !quiet {
            self.heading = Some(Rc::from(text.replace('\n', " ").as_str()));
        }
        let anchor = if kind == BlockKind::Heading {
            self.anchor.clone()
        } else {
            self.started_anchor.clone()
        };
        self.opened_id = None;
        self.blocks.push(Block {
            kind,
            level: if kind == BlockKind::Heading {
                self.level
            } else {
                0
            },
            text,
            heading: self.heading.clone(),
            anchor,
            holder: self.holders.last().map(|(_, id)| Rc::clone(id)),
        });
    }
}

/// The lines of a block as they are shown.
fn lines(buffer: &str, kind: BlockKind) -> String {
    let text = if kind == BlockKind::Pre {
        let kept: Vec<&str> = buffer
            .split('\n')
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .collect();
        kept.join("\n").trim_end().to_owned()
    } else {
        let folded: Vec<String> = buffer
            .split('\n')
            .map(fold)
            .filter(|line| !line.is_empty())
            .collect();
        folded.join("\n")
    };
    nfc(text)
}

/// Heading elements.
fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Parts of a page whose headings head nothing outside them.
fn is_beside(name: &str) -> bool {
    matches!(name, "nav" | "aside" | "footer")
}

/// An id that a link can name; those that the parser of a wiki gives to each element say nothing
/// to a reader and change with each edit.
fn anchor_id(node: PageNode<'_>) -> Option<Rc<str>> {
    let id = attr(node, "id")
        .filter(|id| !id.is_empty())
        .or_else(|| attr(node, "name").filter(|_| name(node) == "a"))?
        .trim();
    let generated = id.len() <= 6
        && id.starts_with("mw")
        && id.chars().nth(2).is_some_and(|c| !c.is_ascii_lowercase());
    (!id.is_empty() && id.len() <= 300 && !generated && !id.contains(char::is_whitespace))
        .then(|| Rc::from(id))
}

/// Whether the cells of a row are read as one line.
fn is_data_row(row: PageNode<'_>) -> bool {
    let mut paragraphs = 0;
    for (count, node) in row.descendants().enumerate() {
        if count > ROW_NODES {
            return false;
        }
        match name(node) {
            "table" | "ul" | "ol" | "dl" | "pre" | "article" | "section" | "form"
            | "blockquote" | "h1" | "h2" | "h3" | "h4" => return false,
            "p" => paragraphs += 1,
            _ => {}
        }
        if paragraphs > 1 {
            return false;
        }
    }
    true
}

/// The blocks below a node, without what `skip` refuses.
pub(crate) fn of(root: PageNode<'_>, skip: impl Fn(PageNode<'_>) -> bool) -> Vec<Block> {
    let mut walk = Walk {
        blocks: Vec::new(),
        buffer: String::new(),
        buffer_kind: BlockKind::Text,
        level: 0,
        started_anchor: None,
        heading: None,
        anchor: None,
        opened_id: None,
        holders: Vec::new(),
    };
    let mut skipping: Option<NodeId> = None;
    let mut row: Option<NodeId> = None;
    let (mut pre_depth, mut beside_depth) = (0_usize, 0_usize);
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => {
                if skipping.is_some() {
                    continue;
                }
                match node.value() {
                    Node::Text(text) => walk.push_text(text, pre_depth > 0),
                    Node::Element(element) => {
                        let element_name = element.name();
                        if node.id() != root.id() && skip(node) {
                            skipping = Some(node.id());
                            if is_block(element_name) && row.is_none() {
                                walk.flush(beside_depth > 0);
                            }
                            continue;
                        }
                        if row.is_some() {
                            match element_name {
                                "td" | "th" if !walk.buffer.trim().is_empty() => {
                                    walk.buffer.push_str(" | ");
                                }
                                "br" => walk.buffer.push(' '),
                                _ if is_block(element_name) => walk.buffer.push(' '),
                                _ => {}
                            }
                        } else if is_block(element_name) {
                            walk.flush(beside_depth > 0);
                            walk.buffer_kind = BlockKind::Text;
                        } else if element_name == "br" && !walk.buffer.is_empty() {
                            walk.buffer.push('\n');
                        }
                        if is_beside(element_name) {
                            beside_depth += 1;
                        }
                        if let Some(id) = anchor_id(node) {
                            walk.holders.push((node.id(), Rc::clone(&id)));
                            if beside_depth == 0 {
                                let in_heading = walk.buffer_kind == BlockKind::Heading;
                                if is_heading(element_name)
                                    || in_heading
                                    || matches!(
                                        element_name,
                                        "a" | "section" | "article" | "dt" | "details"
                                    )
                                {
                                    walk.anchor = Some(Rc::clone(&id));
                                    walk.opened_id = None;
                                } else {
                                    walk.opened_id = Some(id);
                                }
                            }
                        }
                        match element_name {
                            "pre" | "listing" | "xmp" if row.is_none() => {
                                pre_depth += 1;
                                walk.buffer_kind = BlockKind::Pre;
                            }
                            "tr" if row.is_none() && is_data_row(node) => row = Some(node.id()),
                            _ if is_heading(element_name) && row.is_none() => {
                                walk.buffer_kind = BlockKind::Heading;
                                walk.level = element_name
                                    .bytes()
                                    .last()
                                    .map_or(1, |digit| digit.saturating_sub(b'0'));
                                // A container that opens with this heading names it.
                                if let Some(id) = walk.opened_id.take() {
                                    walk.anchor = Some(id);
                                }
                            }
                            _ => {}
                        }
                    }
                    _ => {}
                }
            }
            Edge::Close(node) => {
                if let Some(id) = skipping {
                    if id == node.id() {
                        skipping = None;
                    }
                    continue;
                }
                let element_name = name(node);
                if element_name.is_empty() {
                    continue;
                }
                if row == Some(node.id()) {
                    row = None;
                }
                if row.is_none() && is_block(element_name) {
                    walk.flush(beside_depth > 0);
                    walk.buffer_kind = if pre_depth > 1 {
                        BlockKind::Pre
                    } else {
                        BlockKind::Text
                    };
                }
                if matches!(element_name, "pre" | "listing" | "xmp") && row.is_none() {
                    pre_depth = pre_depth.saturating_sub(1);
                }
                if is_beside(element_name) {
                    beside_depth = beside_depth.saturating_sub(1);
                }
                if walk.holders.last().is_some_and(|(id, _)| *id == node.id()) {
                    walk.holders.pop();
                }
            }
        }
    }
    walk.flush(beside_depth > 0);
    walk.blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::dom::Page;
    use crate::html::hidden::is_left_out;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(html: &str, expected: &Expect) {
        let page = Page::parse(html, "http://a.example/");
        let mut described = String::new();
        for block in of(page.body(), |node| is_left_out(&page, node)) {
            described.push_str(&format!(
                "{:?} [{}#{}] {:?}\n",
                block.kind,
                block.heading.as_deref().unwrap_or_default(),
                block.anchor.as_deref().unwrap_or_default(),
                block.text
            ));
        }
        expected.assert_eq(&described);
    }

    #[test]
    fn headings_and_anchors_in_force() {
        check(
            "<p>Lead<h2 id=trade>Trade</h2><p>Salt<h2><span id=war>War</span></h2><p>Ships\
             <div id=peace><h3>Peace</h3></div><ul><li>one<li>two</ul>\
             <nav id=n><h2 id=menu>Menu</h2></nav><p>After<a name=end></a><p>End",
            &expect![[r#"
                Text [#] "Lead"
                Heading [Trade#trade] "Trade"
                Text [Trade#trade] "Salt"
                Heading [War#war] "War"
                Text [War#war] "Ships"
                Heading [Peace#peace] "Peace"
                Text [Peace#peace] "one"
                Text [Peace#peace] "two"
                Heading [Peace#peace] "Menu"
                Text [Peace#peace] "After"
                Text [Peace#end] "End"
            "#]],
        );
    }

    #[test]
    fn rows_and_lines() {
        check(
            "<table><tr><th>Port<th>Ships<tr><td>Istmere<td>12</table>\
             <pre>\nlet a = 1;\n  b\n\n</pre><p>a<br>b <b>c</b>d<table><tr><td><p>x<p>y</table>",
            &expect![[r#"
                Text [#] "Port | Ships"
                Text [#] "Istmere | 12"
                Pre [#] "let a = 1;\n  b"
                Text [#] "a\nb cd"
                Text [#] "x"
                Text [#] "y"
            "#]],
        );
    }
}
