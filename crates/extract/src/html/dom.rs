//! The parsed page, and one walk over it that notes what the readers of metadata ask for.

use std::collections::HashSet;
use std::sync::LazyLock;

use ego_tree::iter::Edge;
use ego_tree::{NodeId, NodeRef};
use regex::Regex;
use scraper::Html;
use scraper::node::{Element, Node};
use url::Url;

use crate::text::{fold, folded};

/// A node of the page.
pub(crate) type PageNode<'a> = NodeRef<'a, Node>;

/// Text of one element is read up to this many bytes where only a name or a date is looked for.
const SHORT_TEXT_BYTES: usize = 4 * 1024;

/// An element is a veil if it hides this many times as much as the page shows, and more than so
/// many bytes of text.
const VEIL_TIMES: usize = 4;
const VEIL_BYTES: usize = 1_000;
/// Text for readers without scripts takes the place of a page that shows less than a quarter of
/// it, if there are more bytes of it than these.
const NOSCRIPT_BYTES: usize = 1_500;

/// The page, parsed once.
pub(crate) struct Page {
    /// The tree.
    pub(crate) html: Html,
    /// Bytes of text that the tree was made of.
    pub(crate) source_bytes: usize,
    /// The address of the record.
    pub(crate) url: Option<Url>,
    /// What relative addresses are resolved against.
    pub(crate) base: Option<Url>,
    /// `name`, `property` or `http-equiv` of each `meta` in lower case, and its content, folded.
    pub(crate) metas: Vec<(String, String)>,
    /// `rel` tokens in lower case and `href` of each `link`.
    pub(crate) link_rels: Vec<(String, String)>,
    /// Elements that several readers look at, in the order of the page.
    pub(crate) noted: Noted,
    /// Elements that readers do not see, with all below them.
    pub(crate) hidden: HashSet<NodeId>,
}

/// Elements by what they are good for, in the order of the page.
#[derive(Default)]
pub(crate) struct Noted {
    /// `title` elements of HTML (not of SVG).
    pub(crate) titles: Vec<NodeId>,
    /// `h1`, with how many elements come before it.
    pub(crate) first_headings: Vec<(usize, NodeId)>,
    /// `script type=application/ld+json`.
    pub(crate) json_ld: Vec<NodeId>,
    /// `a` and `area` with an address.
    pub(crate) anchors: Vec<NodeId>,
    /// `time`, with how many elements come before it.
    pub(crate) times: Vec<(usize, NodeId)>,
    /// Roots of microdata: `itemscope` without `itemprop` above it counts too.
    pub(crate) item_scopes: Vec<NodeId>,
    /// Elements with `itemprop`.
    pub(crate) item_props: Vec<NodeId>,
    /// Elements with `typeof`.
    pub(crate) typeofs: Vec<NodeId>,
    /// Elements whose class or id speaks of a date or byline, with how many come before them.
    pub(crate) dated_classes: Vec<(usize, NodeId)>,
    /// Elements whose class or id speaks of a breadcrumb.
    pub(crate) breadcrumb_classes: Vec<NodeId>,
    /// The element in which Discourse keeps its posts.
    pub(crate) preloaded: Option<NodeId>,
    /// Elements in all.
    pub(crate) elements: usize,
}

impl Page {
    /// Parses a page and walks over it once.
    pub(crate) fn parse(text: &str, url: &str) -> Self {
        let mut html = Html::parse_document(text);
        if let Some(opened) = without_scripts(&html, text) {
            html = opened;
        }
        let url = model::address::parse(url);
        let mut page = Self {
            html,
            source_bytes: text.len(),
            base: url.clone(),
            url,
            metas: Vec::new(),
            link_rels: Vec::new(),
            noted: Noted::default(),
            hidden: HashSet::new(),
        };
        page.survey();
        page
    }

    fn survey(&mut self) {
        let mut noted = Noted::default();
        let mut metas = Vec::new();
        let mut link_rels = Vec::new();
        let mut hidden = HashSet::new();
        let mut base = None;
        for node in self.html.tree.nodes() {
            let Node::Element(element) = node.value() else {
                continue;
            };
            noted.elements += 1;
            let id = node.id();
            match element.name() {
                "title" if is_html(element) => noted.titles.push(id),
                "h1" => noted.first_headings.push((noted.elements, id)),
                "meta" => {
                    let name = ["property", "name", "http-equiv", "itemprop"]
                        .iter()
                        .find_map(|name| element.attr(name));
                    if let (Some(name), Some(content)) = (name, element.attr("content")) {
                        metas.push((name.trim().to_ascii_lowercase(), fold(content)));
                    }
                }
                "link" => {
                    if let (Some(rel), Some(href)) = (element.attr("rel"), element.attr("href")) {
                        link_rels.push((rel.to_ascii_lowercase(), href.trim().to_owned()));
                    }
                }
                "base" if base.is_none() => base = element.attr("href").map(str::to_owned),
                "script" => {
                    let kind = element.attr("type").unwrap_or_default();
                    if kind
                        .trim()
                        .to_ascii_lowercase()
                        .starts_with("application/ld+json")
                    {
                        noted.json_ld.push(id);
                    }
                    continue;
                }
                "a" | "area" if element.attr("href").is_some() => noted.anchors.push(id),
                "time" => noted.times.push((noted.elements, id)),
                _ => {}
            }
            if noted.preloaded.is_none() && element.attr("data-preloaded").is_some() {
                noted.preloaded = Some(id);
            }
            if element.attr("itemscope").is_some() {
                noted.item_scopes.push(id);
            }
            if element.attr("itemprop").is_some() {
                noted.item_props.push(id);
            }
            if element.attr("typeof").is_some() {
                noted.typeofs.push(id);
            }
            if super::hidden::is_hidden(element) {
                hidden.insert(id);
            }
            let (dated, crumbs) = class_words(element);
            if dated {
                noted.dated_classes.push((noted.elements, id));
            }
            if crumbs {
                noted.breadcrumb_classes.push(id);
            }
        }
        if let Some(href) = base {
            let joined = match &self.url {
                Some(url) => url.join(href.trim()).ok(),
                None => Url::parse(href.trim()).ok(),
            };
            // A base of another scheme (`file:`, `blob:`) was left by whoever saved the page.
            if let Some(joined) = joined.filter(|url| matches!(url.scheme(), "http" | "https")) {
                self.base = Some(joined);
            }
        }
        self.noted = noted;
        self.metas = metas;
        self.link_rels = link_rels;
        self.hidden = hidden;
        self.lift_veils();
    }

    /// An element that hides most of what the page has is a veil, which a script takes away when
    /// it has loaded its fonts or asked for an age: its content is what readers see.
    fn lift_veils(&mut self) {
        if self.hidden.is_empty() {
            return;
        }
        let (mut shown, mut outermost) = (0_usize, Vec::new());
        let mut inside: Option<(NodeId, usize)> = None;
        let mut silent: Option<NodeId> = None;
        for edge in self.body().traverse() {
            match edge {
                Edge::Open(node) => {
                    if silent.is_some() {
                        continue;
                    }
                    match node.value() {
                        Node::Text(text) => {
                            let bytes = text.trim().len();
                            match &mut inside {
                                Some((_, hidden)) => *hidden += bytes,
                                None => shown += bytes,
                            }
                        }
                        Node::Element(element) if is_silent(element.name()) => {
                            silent = Some(node.id());
                        }
                        Node::Element(_)
                            if inside.is_none() && self.hidden.contains(&node.id()) =>
                        {
                            inside = Some((node.id(), 0));
                        }
                        _ => {}
                    }
                }
                Edge::Close(node) => {
                    if silent == Some(node.id()) {
                        silent = None;
                    }
                    if let Some((id, hidden)) = inside
                        && id == node.id()
                    {
                        outermost.push((id, hidden));
                        inside = None;
                    }
                }
            }
        }
        for (id, hidden) in outermost {
            if hidden > VEIL_TIMES * shown && hidden > VEIL_BYTES {
                self.hidden.remove(&id);
            }
        }
    }

    /// The node with this id.
    pub(crate) fn node(&self, id: NodeId) -> Option<PageNode<'_>> {
        self.html.tree.get(id)
    }

    /// The content of the first `meta` of that name (lower case) that is not empty.
    pub(crate) fn meta(&self, name: &str) -> Option<&str> {
        self.metas
            .iter()
            .find(|(found, content)| found == name && !content.is_empty())
            .map(|(_, content)| content.as_str())
    }

    /// The `href` of the first `link` that has this `rel` token.
    pub(crate) fn link_rel(&self, rel: &str) -> Option<&str> {
        self.link_rels
            .iter()
            .find(|(tokens, href)| {
                !href.is_empty() && tokens.split_ascii_whitespace().any(|token| token == rel)
            })
            .map(|(_, href)| href.as_str())
    }

    /// An address of the page made absolute; `None` unless it is `http` or `https`.
    pub(crate) fn absolute(&self, href: &str) -> Option<Url> {
        let href = href.trim();
        let joined = match &self.base {
            Some(base) => base.join(href).ok()?,
            None => Url::parse(href).ok()?,
        };
        (matches!(joined.scheme(), "http" | "https") && joined.has_host()).then_some(joined)
    }

    /// The `html` element.
    pub(crate) fn root(&self) -> Option<PageNode<'_>> {
        self.html
            .tree
            .root()
            .children()
            .find(|node| node.value().is_element())
    }

    /// The `body` element, else the root of the tree.
    pub(crate) fn body(&self) -> PageNode<'_> {
        self.root()
            .and_then(|root| root.children().find(|node| name(*node) == "body"))
            .unwrap_or_else(|| self.html.tree.root())
    }
}

/// The page as a reader without scripts sees it, if it holds next to nothing for others: what
/// stands in `noscript` is parsed then.
fn without_scripts(html: &Html, text: &str) -> Option<Html> {
    static TAG: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)(</?)noscript").expect("a constant pattern"));
    let (mut shown, mut offered) = (0_usize, 0_usize);
    let root = html.tree.root();
    let mut silent: Option<NodeId> = None;
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) if silent.is_none() => {
                    let name = element.name();
                    if name == "noscript" {
                        offered += raw_text(node)
                            .split('<')
                            .filter_map(|tag| tag.split_once('>'))
                            .map(|(_, text)| text.trim().len())
                            .sum::<usize>();
                    }
                    if is_silent(name) && name != "head" {
                        silent = Some(node.id());
                    }
                }
                Node::Text(text) if silent.is_none() => shown += text.trim().len(),
                _ => {}
            },
            Edge::Close(node) => {
                if silent == Some(node.id()) {
                    silent = None;
                }
            }
        }
    }
    if offered < NOSCRIPT_BYTES || shown * 4 > offered {
        return None;
    }
    Some(Html::parse_document(&TAG.replace_all(text, "${1}div")))
}

fn is_html(element: &Element) -> bool {
    element.name.ns == html5ever::ns!(html)
}

/// Whether class or id name a date or byline; whether they name a breadcrumb.
fn class_words(element: &Element) -> (bool, bool) {
    let (mut dated, mut crumbs) = (false, false);
    for value in [element.attr("class"), element.attr("id")]
        .into_iter()
        .flatten()
    {
        if value.len() > 500 {
            continue;
        }
        let lower = value.to_ascii_lowercase();
        crumbs = crumbs || lower.contains("breadcrumb");
        dated = dated || crate::date::class::speaks_of_a_date(&lower);
    }
    (dated, crumbs)
}

/// The name of an element, empty for other nodes.
pub(crate) fn name(node: PageNode<'_>) -> &str {
    match node.value() {
        Node::Element(element) => element.name(),
        _ => "",
    }
}

/// The value of an attribute, `None` for nodes that are no elements.
pub(crate) fn attr<'a>(node: PageNode<'a>, name: &str) -> Option<&'a str> {
    node.value().as_element()?.attr(name)
}

/// Elements that begin and end a line.
pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "button"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "optgroup"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "select"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Elements whose content is not for reading.
pub(crate) fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "iframe"
            | "object"
            | "svg"
            | "math"
            | "canvas"
            | "video"
            | "audio"
            | "textarea"
            | "head"
            | "noframes"
            | "datalist"
            | "select"
    )
}

/// The text below a node, folded, with a space where a block begins or ends; about the first
/// 4 KiB of it.
pub(crate) fn short_text(node: PageNode<'_>) -> String {
    let mut text = String::new();
    let mut skipping: Option<NodeId> = None;
    for edge in node.traverse() {
        if text.len() > SHORT_TEXT_BYTES {
            break;
        }
        match edge {
            Edge::Open(child) => match child.value() {
                Node::Text(content) if skipping.is_none() => text.push_str(content),
                Node::Element(element) if skipping.is_none() => {
                    let name = element.name();
                    if is_silent(name) && child.id() != node.id() {
                        skipping = Some(child.id());
                    } else if is_block(name) || name == "br" {
                        text.push(' ');
                    }
                }
                _ => {}
            },
            Edge::Close(child) => {
                if skipping == Some(child.id()) {
                    skipping = None;
                } else if skipping.is_none() && is_block(name(child)) {
                    text.push(' ');
                }
            }
        }
    }
    fold(&text)
}

/// The same, `None` where it is empty.
pub(crate) fn some_text(node: PageNode<'_>) -> Option<String> {
    folded(&short_text(node))
}

/// All text directly below a node, as it is: what a `script` or `title` holds.
pub(crate) fn raw_text(node: PageNode<'_>) -> String {
    node.children()
        .filter_map(|child| child.value().as_text())
        .map(|text| &**text)
        .collect()
}
