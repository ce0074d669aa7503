//! Structured data in microdata (HTML Standard, section 5): `itemscope`, `itemtype`, `itemprop`.
//!
//! `itemref` is left out: no page of the samples uses it for what we read.

use std::collections::HashMap;

use ego_tree::NodeId;
use model::document::Evidence;

use super::dom::{Page, PageNode, attr, name, short_text};
use super::structured::{ItemIndex, StructuredData, Value, bare};
use crate::text::fold;

/// How far up the item of a property is looked for.
const DEPTH: usize = 256;

/// Reads the items of a page.
pub(crate) fn read(page: &Page, data: &mut StructuredData) {
    let mut items: HashMap<NodeId, ItemIndex> = HashMap::new();
    for id in &page.noted.item_scopes {
        let Some(node) = page.node(*id) else { continue };
        let types = attr(node, "itemtype")
            .unwrap_or_default()
            .split_ascii_whitespace()
            .map(|name| bare(name).to_owned())
            .collect();
        let item_id = attr(node, "itemid").map(str::to_owned);
        let properties = attr(node, "itemprop");
        // Parents come before their children in the order of the page.
        let parent = properties
            .and_then(|_| owner(node, |id| items.get(&id).copied()))
            .zip(properties);
        let within = parent.map(|(item, property)| (item, first(property).to_owned()));
        let Some(index) = data.add(Evidence::Microdata, item_id, types, within) else {
            break;
        };
        items.insert(*id, index);
        if let Some((item, properties)) = parent {
            for property in properties.split_ascii_whitespace() {
                data.say(item, property, Value::Item(index));
            }
        }
    }
    for id in &page.noted.item_props {
        let Some(node) = page.node(*id) else { continue };
        if items.contains_key(id) {
            continue;
        }
        let Some(item) = owner(node, |id| items.get(&id).copied()) else {
            continue;
        };
        let text = value(node);
        for property in attr(node, "itemprop")
            .unwrap_or_default()
            .split_ascii_whitespace()
        {
            data.say(item, property, Value::Text(text.clone()));
        }
    }
}

fn first(properties: &str) -> &str {
    properties
        .split_ascii_whitespace()
        .next()
        .unwrap_or_default()
}

/// The item of the nearest ancestor that is one.
fn owner(node: PageNode<'_>, item: impl Fn(NodeId) -> Option<ItemIndex>) -> Option<ItemIndex> {
    node.ancestors()
        .take(DEPTH)
        .find_map(|ancestor| item(ancestor.id()))
}

/// The value of a property by the kind of its element; `content` goes before all, as pages use
/// it everywhere.
pub(crate) fn value(node: PageNode<'_>) -> String {
    if let Some(content) = attr(node, "content") {
        return fold(content);
    }
    let from = match name(node) {
        "a" | "area" | "link" => "href",
        "img" | "audio" | "embed" | "iframe" | "source" | "track" | "video" => "src",
        "object" => "data",
        "data" | "meter" => "value",
        "time" => "datetime",
        _ => "",
    };
    match attr(node, from) {
        // A link's text is its name, and names are what is asked for; its address is kept where
        // there is no text.
        Some(_) if name(node) == "a" => {
            let text = short_text(node);
            if text.is_empty() {
                attr(node, "href").map(fold).unwrap_or_default()
            } else {
                text
            }
        }
        Some(value) => fold(value),
        None => short_text(node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_items() {
        let page = Page::parse(
            "<div itemscope itemtype='https://schema.org/Article'>\
             <h1 itemprop='headline name'>Port <b>dues</b></h1>\
             <span itemprop=author itemscope itemtype=http://schema.org/Person><b itemprop=name>Ada</b></span>\
             <time itemprop=datePublished datetime=2025-06-02>yesterday</time>\
             <meta itemprop=wordCount content=12></div>",
            "http://a.example/",
        );
        let data = StructuredData::of(&page);
        let article = data.of_types(&["Article"]).next().unwrap();
        assert_eq!(article.text("headline"), Some("Port dues"));
        assert_eq!(article.text("name"), Some("Port dues"));
        assert_eq!(article.text("datePublished"), Some("2025-06-02"));
        assert_eq!(article.text("wordCount"), Some("12"));
        assert_eq!(data.names(article, "author"), ["Ada"]);
    }
}
