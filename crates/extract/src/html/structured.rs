//! Structured data of a page, whatever its syntax: items with types and properties.

use std::collections::HashMap;

use model::document::Evidence;

use super::dom::Page;
use super::{json_ld, microdata, rdfa};

/// Items of one page; a page with more is a list, and what is behind is left out.
const MOST_ITEMS: usize = 5_000;
/// Properties of one page.
const MOST_VALUES: usize = 50_000;

/// A place in [`StructuredData::items`].
pub(crate) type ItemIndex = usize;

/// What a property says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text, white space folded; addresses are not resolved.
    Text(String),
    /// Another item of this page.
    Item(ItemIndex),
    /// An item by its `@id`, until it is resolved.
    Reference(String),
}

/// One thing that the page speaks of.
#[derive(Debug)]
pub(crate) struct Item {
    /// The syntax: JSON-LD, microdata or RDFa.
    pub(crate) evidence: Evidence,
    /// Its `@id`, `itemid` or `resource`.
    pub(crate) id: Option<String>,
    /// Bare names of its types, as written: `NewsArticle`.
    pub(crate) types: Vec<String>,
    /// Bare names of properties with their values, in the order of the page.
    pub(crate) properties: Vec<(String, Value)>,
    /// The item whose property it is, and which.
    pub(crate) within: Option<(ItemIndex, String)>,
}

impl Item {
    /// Whether it is of one of these types.
    pub(crate) fn is(&self, types: &[&str]) -> bool {
        self.types
            .iter()
            .any(|found| types.contains(&found.as_str()))
    }

    /// The values of a property.
    pub(crate) fn values<'a>(&'a self, property: &'a str) -> impl Iterator<Item = &'a Value> {
        self.properties
            .iter()
            .filter(move |(name, _)| name == property)
            .map(|(_, value)| value)
    }

    /// The first value of a property that is text and not empty.
    pub(crate) fn text<'a>(&'a self, property: &'a str) -> Option<&'a str> {
        self.values(property).find_map(|value| match value {
            Value::Text(text) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        })
    }
}

/// All items of a page: JSON-LD first, then microdata, then RDFa, each in the order of the page.
#[derive(Debug, Default)]
pub(crate) struct StructuredData {
    items: Vec<Item>,
    values: usize,
}

impl StructuredData {
    /// Reads a page.
    pub(crate) fn of(page: &Page) -> Self {
        let mut data = Self::default();
        json_ld::read(page, &mut data);
        microdata::read(page, &mut data);
        rdfa::read(page, &mut data);
        data.resolve();
        data
    }

    /// Adds an item; `None` where there are too many.
    pub(crate) fn add(
        &mut self,
        evidence: Evidence,
        id: Option<String>,
        types: Vec<String>,
        within: Option<(ItemIndex, String)>,
    ) -> Option<ItemIndex> {
        if self.items.len() >= MOST_ITEMS {
            return None;
        }
        self.items.push(Item {
            evidence,
            id,
            types,
            properties: Vec::new(),
            within,
        });
        Some(self.items.len() - 1)
    }

    /// Adds a value to an item.
    pub(crate) fn say(&mut self, item: ItemIndex, property: &str, value: Value) {
        if self.values >= MOST_VALUES {
            return;
        }
        if let Some(item) = self.items.get_mut(item) {
            self.values += 1;
            item.properties.push((bare(property).to_owned(), value));
        }
    }

    /// Replaces references by the items of this page that they name.
    fn resolve(&mut self) {
        let mut named: HashMap<String, ItemIndex> = HashMap::new();
        for (index, item) in self.items.iter().enumerate() {
            if let Some(id) = item.id.as_ref().filter(|_| !item.properties.is_empty()) {
                named.entry(id.clone()).or_insert(index);
            }
        }
        for item in &mut self.items {
            for (_, value) in &mut item.properties {
                if let Value::Reference(id) = value {
                    *value = match named.get(id) {
                        Some(&index) => Value::Item(index),
                        None => Value::Text(std::mem::take(id)),
                    };
                }
            }
        }
    }

    /// The item at a place.
    pub(crate) fn get(&self, index: ItemIndex) -> Option<&Item> {
        self.items.get(index)
    }

    /// The items of these types, in order.
    pub(crate) fn of_types<'a>(&'a self, types: &'a [&str]) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| item.is(types))
    }

    /// Names that a property gives: of an item its `name`, of text itself.
    pub(crate) fn names<'a>(&'a self, item: &'a Item, property: &'a str) -> Vec<&'a str> {
        item.values(property)
            .filter_map(|value| match value {
                Value::Text(text) => Some(text.as_str()),
                Value::Item(index) => {
                    let item = self.get(*index)?;
                    item.text("name").or_else(|| item.text("alternateName"))
                }
                Value::Reference(_) => None,
            })
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// Whether an item stands, at any depth, as the value of one of these properties.
    pub(crate) fn stands_in(&self, item: &Item, properties: &[&str]) -> bool {
        let mut within = item.within.as_ref();
        // No item is its own parent, but the bound costs nothing.
        for _ in 0..64 {
            let Some((parent, property)) = within else {
                return false;
            };
            if properties.contains(&property.as_str()) {
                return true;
            }
            within = self.get(*parent).and_then(|item| item.within.as_ref());
        }
        false
    }
}

/// `https://schema.org/NewsArticle`, `schema:NewsArticle`, `NewsArticle` → `NewsArticle`.
pub(crate) fn bare(name: &str) -> &str {
    let name = name.trim().trim_end_matches('/');
    name.rsplit(['/', '#', ':']).next().unwrap_or(name)
}
