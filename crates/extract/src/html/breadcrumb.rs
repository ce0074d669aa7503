//! The declared way to a page: the names of its `BreadcrumbList`, outermost first.

use model::document::Evidence;

use super::structured::{Item, StructuredData, Value};

/// Steps shown at most; a list that is longer is no way.
const MOST_STEPS: usize = 12;

/// The steps of the first list that has any, and where it was read; JSON-LD goes before microdata
/// before RDFa.
pub(crate) fn of(data: &StructuredData) -> Option<(Vec<String>, Evidence)> {
    data.of_types(&["BreadcrumbList"]).find_map(|list| {
        let mut steps: Vec<(u64, String)> = list
            .values("itemListElement")
            .filter_map(|value| match value {
                Value::Item(index) => data.get(*index),
                _ => None,
            })
            .enumerate()
            .filter_map(|(at, entry)| {
                let position = entry
                    .text("position")
                    .and_then(|position| position.trim().parse().ok());
                Some((position.unwrap_or(at as u64 + 1), name(data, entry)?))
            })
            .collect();
        // Stable: equal positions keep the order of the page.
        steps.sort_by_key(|(position, _)| *position);
        let steps: Vec<String> = steps.into_iter().map(|(_, name)| name).collect();
        let good = !steps.is_empty() && steps.len() <= MOST_STEPS;
        good.then_some((steps, list.evidence))
    })
}

/// The name of a step: its own, else that of the page it names.
fn name(data: &StructuredData, entry: &Item) -> Option<String> {
    let own = entry.text("name").map(str::to_owned);
    own.or_else(|| {
        entry.values("item").find_map(|value| match value {
            Value::Item(index) => {
                let page = data.get(*index)?;
                page.text("name").map(str::to_owned)
            }
            Value::Text(text) if !text.contains("://") && !text.starts_with('/') => {
                Some(text.clone())
            }
            _ => None,
        })
    })
    .filter(|name| !name.is_empty() && name.len() <= 300)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::dom::Page;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(html: &str, expected: &Expect) {
        let found = of(&StructuredData::of(&Page::parse(html, "http://a.example/")));
        let described = match found {
            Some((steps, evidence)) => format!("{} ({evidence:?})", steps.join(" › ")),
            None => "none".to_owned(),
        };
        expected.assert_eq(&described);
    }

    #[test]
    fn in_the_order_of_position() {
        check(
            r#"<script type="application/ld+json">{"@type":"BreadcrumbList","itemListElement":[
              {"@type":"ListItem","position":2,"name":"Iran Update"},
              {"@type":"ListItem","position":1,"item":{"@id":"https://a.example/","name":"Home"}}]}</script>"#,
            &expect!["Home › Iran Update (JsonLd)"],
        );
        check(
            "<ol itemscope itemtype='https://schema.org/BreadcrumbList'>\
             <li itemprop=itemListElement itemscope itemtype='https://schema.org/ListItem'>\
             <a itemprop=item href=/x><span itemprop=name>Ports</span></a><meta itemprop=position content=1>\
             <li itemprop=itemListElement itemscope itemtype='https://schema.org/ListItem'>\
             <span itemprop=name>Istmere</span><meta itemprop=position content=2></ol>",
            &expect!["Ports › Istmere (Microdata)"],
        );
        check("<p>none</p>", &expect!["none"]);
    }

    #[test]
    fn a_circle_ends() {
        check(
            r##"<script type="application/ld+json">{"@type":"BreadcrumbList","@id":"#a","itemListElement":[
              {"@type":"ListItem","position":1,"item":{"@id":"#a"}}]}</script>"##,
            &expect!["none"],
        );
    }
}
