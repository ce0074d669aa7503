//! Every operator that is answered now, from the text of a query to the documents on the page.

use std::sync::Arc;

use engine::View;
use model::document::{DocumentKind, Link, Passage};
use proptest::prelude::*;

use crate::collection::{Page, instant, request, results, view};

fn invented() -> Arc<dyn View> {
    let passage = |text: &str| Passage {
        text: text.to_owned(),
        heading: None,
        locator: model::document::Locator::Top,
        post: None,
    };
    let mut seen_twice = Page::new(
        "https://www.council.example/minutes/2019/dam.html",
        "Minutes on the dam",
        "The council spoke of the dam and of the river treaty.",
    )
    .with(|page| {
        page.published = Some("2019-05-06".parse().unwrap());
        page.author = Some("Ada Tal".to_owned());
    });
    seen_twice.captured = instant("2020-01-01T00:00:00Z");
    seen_twice.again = vec![instant("2021-01-01T00:00:00Z")];
    view(vec![
        seen_twice,
        Page::new(
            "https://reports.council.example/dam.pdf",
            "Dam safety",
            "A report on the safety of the dam.",
        )
        .with(|page| {
            page.kind = DocumentKind::Pdf {
                pages: Some(2),
                no_text_layer: false,
            };
            page.published = Some("2022-02".parse().unwrap());
        }),
        Page::new(
            "https://damm.example/bericht",
            "Der Damm",
            "Ein Bericht über den Damm (dam) am Fluss.",
        )
        .with(|page| page.language = Some("de".to_owned())),
        Page::new(
            "https://notes.example/dam-notes.txt",
            "Notes",
            "Notes on a dam, and on rivers and treaties.",
        )
        .with(|page| {
            page.kind = DocumentKind::File {
                file_type: "txt".to_owned(),
            };
            page.links = vec![Link {
                url: "https://reports.council.example/dam.pdf".to_owned(),
                text: "wall of water".to_owned(),
            }];
            page.passages.push(passage("The treaty of the big river."));
        }),
    ])
}

/// The first label or two of the hosts found, sorted.
#[track_caller]
fn check(view: &Arc<dyn View>, query: &str, expected: &str) {
    let page = search::search(&**view, &request(query)).unwrap();
    let mut found: Vec<String> = results(&page)
        .iter()
        .map(|result| result.host.trim_end_matches(".example").to_owned())
        .collect();
    found.sort();
    assert_eq!(found.join(" "), expected, "{query}");
}

#[test]
fn operators_find_what_they_say() {
    let view = invented();
    let all = "council damm notes reports.council";
    let rows = [
        ("dam", all),
        ("dam site:council.example", "council reports.council"),
        ("dam site:reports.council.example", "reports.council"),
        ("dam site:council.example/minutes", "council"),
        ("dam site:council.example/min", ""),
        ("dam -site:council.example", "damm notes"),
        ("dam site:damm.example,notes.example", "damm notes"),
        ("dam source:invented", all),
        ("dam source:other", ""),
        ("dam ext:pdf", "reports.council"),
        ("dam filetype:txt", "notes"),
        ("dam filetype:html", "council damm"),
        ("dam kind:pdf,file", "notes reports.council"),
        ("dam lang:de", "damm"),
        ("dam author:\"ada tal\"", "council"),
        ("dam author:ada", "council"),
        ("dam after:2020", "reports.council"),
        ("dam before:2020", "council"),
        ("dam date:2019..2022", "council reports.council"),
        (
            "dam after:2020 undated:include",
            "damm notes reports.council",
        ),
        ("dam undated:only", "damm notes"),
        ("dam has:date", "council reports.council"),
        ("dam has:captures", "council"),
        ("dam captured:2021", "council"),
        ("dam asof:2020-06", "council"),
        ("dam links:council.example", "notes"),
        ("intitle:dam", "council reports.council"),
        ("inbody:rivers", "council notes"),
        ("inurl:minutes", "council"),
        ("inanchor:water", "reports.council"),
        ("\"river treaty\"", "council"),
        ("\"river * treaty\"", ""),
        ("\"treaty * * big river\"", "notes"),
        ("+rivers", "notes"),
        ("dam -rivers", "damm reports.council"),
        ("treat*", "council notes"),
        ("dam NEAR/1 river", ""),
        ("dam NEAR/6 river", "council notes"),
        ("ext:pdf OR lang:de", "damm reports.council"),
        ("dam (ext:pdf OR lang:de)", "damm reports.council"),
        ("-dam", ""),
        ("-rivers", "damm reports.council"),
    ];
    for (query, expected) in rows {
        check(&view, query, expected);
    }
}

#[test]
fn the_language_of_the_reader_comes_first() {
    let page = |language: &str| {
        let url = format!("https://{language}.example/");
        Page::new(&url, "Dam", &format!("Dam {language}."))
            .with(|page| page.language = Some(language.to_owned()))
    };
    let view = view(vec![page("de"), page("en")]);
    for (language, first) in [("de", "de.example"), ("en-GB", "en.example")] {
        let request = search::Request {
            languages: vec![language.to_owned()],
            ..request("dam")
        };
        let page = search::search(&*view, &request).unwrap();
        assert_eq!(results(&page)[0].host, first);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_query_has_one_page(
        pieces in prop::collection::vec(
            prop_oneof![
                Just("dam "), Just("river "), Just("treat* "), Just("-"), Just("+"), Just("("),
                Just(") "), Just("\""), Just("OR "), Just("AND "), Just("NOT "), Just("NEAR/3 "),
                Just("site:council.example "), Just("after:2020 "), Just("asof:2020-06 "),
                Just("intitle:dam,notes "), Just("undated:only "), Just("zebra "), Just("the "),
                Just("報告 "), Just("🙂 "),
            ],
            0..12,
        ),
        offset in 0..6_usize,
    ) {
        let view = invented();
        let request = search::Request { offset, count: 3, ..request(&pieces.concat()) };
        let page = search::search(&*view, &request).unwrap();
        let again = search::search(&*view, &request).unwrap();
        prop_assert_eq!(&page, &again);
        prop_assert!(results(&page).len() <= 3);
        for result in results(&page) {
            prop_assert!(!result.host.is_empty() && !result.site_name.is_empty());
        }
    }
}
