//! Structured data in RDFa Lite: `typeof`, `property`, `resource`. Prefixes are not resolved:
//! the part behind them is the name.

use std::collections::HashMap;

use ego_tree::NodeId;
use model::document::Evidence;

use super::dom::{Page, attr};
use super::microdata::value;
use super::structured::{ItemIndex, StructuredData, Value, bare};

/// How far up the item of a property is looked for, and how many nodes below one are read.
const DEPTH: usize = 256;
const NODES: usize = 20_000;

/// Reads the items of a page.
pub(crate) fn read(page: &Page, data: &mut StructuredData) {
    let mut items: HashMap<NodeId, ItemIndex> = HashMap::new();
    let mut budget = NODES;
    for id in &page.noted.typeofs {
        let Some(node) = page.node(*id) else { continue };
        let types: Vec<String> = attr(node, "typeof")
            .unwrap_or_default()
            .split_ascii_whitespace()
            .map(|name| bare(name).to_owned())
            .collect();
        let parent = node
            .ancestors()
            .take(DEPTH)
            .find_map(|ancestor| items.get(&ancestor.id()).copied());
        let property = attr(node, "property").or_else(|| attr(node, "rel"));
        let within = parent
            .zip(property)
            .map(|(item, property)| (item, bare(property).to_owned()));
        let resource = attr(node, "resource").or_else(|| attr(node, "about"));
        let Some(index) = data.add(Evidence::Rdfa, resource.map(str::to_owned), types, within)
        else {
            break;
        };
        items.insert(*id, index);
        if let Some((item, property)) = parent.zip(property) {
            data.say(item, property, Value::Item(index));
        }
    }
    for id in &page.noted.typeofs {
        let (Some(node), Some(&item)) = (page.node(*id), items.get(id)) else {
            continue;
        };
        for below in node.descendants().skip(1) {
            if budget == 0 {
                return;
            }
            budget -= 1;
            let Some(properties) = attr(below, "property") else {
                continue;
            };
            if items.contains_key(&below.id()) {
                continue;
            }
            let nearest = below
                .ancestors()
                .take(DEPTH)
                .find_map(|ancestor| items.get(&ancestor.id()));
            if nearest != Some(&item) {
                continue;
            }
            for property in properties.split_ascii_whitespace() {
                data.say(item, property, Value::Text(value(below)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breadcrumb_in_rdfa() {
        let page = Page::parse(
            "<ol vocab='http://schema.org/' typeof=BreadcrumbList>\
             <li property=itemListElement typeof=ListItem><a property=item typeof=WebPage href=/a>\
             <span property=name>Ports</span></a><meta property=position content=1></li></ol>",
            "http://a.example/",
        );
        let data = StructuredData::of(&page);
        let entry = data.of_types(&["ListItem"]).next().unwrap();
        assert_eq!(entry.text("position"), Some("1"));
        assert_eq!(data.names(entry, "item"), ["Ports"]);
    }
}
