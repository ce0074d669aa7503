//! PDFs among the results: the page that they open at, their other pages, scans.

use std::num::NonZeroU32;
use std::sync::Arc;

use engine::View;
use model::document::{DocumentKind, Link, Locator, Passage};
use model::page::WebResult;

use crate::collection::{Page, request, results, view};

/// A PDF; the passages of a page stand between form feeds, paragraphs between empty lines.
fn pdf(url: &str, title: &str, text: &str) -> Page {
    Page::new(url, title, text).with(|page| {
        let texts: Vec<&str> = text.split('\u{c}').collect();
        page.kind = DocumentKind::Pdf {
            pages: Some(texts.len() as u32),
            no_text_layer: false,
        };
        page.passages = (1..)
            .zip(texts)
            .flat_map(|(number, text)| {
                let passages = text.split("\n\n").filter(|text| !text.trim().is_empty());
                passages.map(move |text| Passage {
                    text: text.trim().to_owned(),
                    heading: None,
                    locator: page_number(number),
                    post: None,
                })
            })
            .collect();
    })
}

fn scan(url: &str, title: &str) -> Page {
    Page::new(url, title, "").with(|page| {
        page.kind = DocumentKind::Pdf {
            pages: Some(4),
            no_text_layer: true,
        };
    })
}

fn page_number(number: u32) -> Locator {
    Locator::Page(NonZeroU32::new(number).unwrap())
}

#[track_caller]
fn first(view: &Arc<dyn View>, query: &str) -> WebResult {
    let page = search::search(&**view, &request(query)).unwrap();
    let found = results(&page);
    (*found
        .first()
        .unwrap_or_else(|| panic!("no result for {query}")))
    .clone()
}

/// Where the first result opens, and its other pages.
#[track_caller]
fn check(view: &Arc<dyn View>, query: &str, page: u32, also: &[u32]) {
    let found = first(view, query);
    let also: Vec<Locator> = also.iter().map(|number| page_number(*number)).collect();
    assert_eq!(
        (found.locator, found.also),
        (page_number(page), also),
        "{query}"
    );
}

#[test]
fn running_text_goes_before_a_list_of_sources() {
    // A cited title holds all words, and so does a sentence; neither as they were asked.
    let text = "Ports. \"Veldania and old Istmere, the treaty\" \
        (https://papers.example/1946/salt-and-herring.pdf). JSTOR 25482471 \
        (https://jstor.example/stable/25482471).\u{c}\
        In that year Veldania met with Istmere for a treaty about salt and herring.";
    let view = view(vec![pdf("https://a.example/sources.pdf", "Salt", text)]);
    check(&view, "veldania istmere treaty", 2, &[1]);
    check(&view, "\"old istmere the treaty\"", 1, &[]);
}

#[test]
fn a_pdf_opens_at_its_page() {
    let view = view(vec![pdf(
        "https://northernaffairs.example/files/alliance.pdf",
        "The Alliance",
        "Nothing of it here.\u{c}The river treaty was signed.\u{c}And the treaty was kept.",
    )]);
    check(&view, "river treaty", 2, &[3]);
    let found = first(&view, "river treaty");
    assert_eq!(found.badge.as_deref(), Some("pdf"));
    assert_eq!(found.pages, Some(3));
    assert!(!found.no_text_layer);
    assert_eq!(found.breadcrumb, ["files", "alliance.pdf"]);
}

#[test]
fn the_page_where_the_words_stand_together_is_opened() {
    let scattered = "The river is long. A treaty was kept in the harbour, and another treaty by the \
        river. The harbour has a treaty of its own, and a river, and a harbour wall.";
    let view = view(vec![pdf(
        "https://a.example/long.pdf",
        "Waters",
        &format!(
            "{scattered}\u{c}{scattered}\n\nMore of it.\u{c}Words before. They signed the treaty \
             of the river\n\nharbour in spring.\u{c}{scattered}"
        ),
    )]);
    // Over the end of a passage, and with its stop words.
    check(&view, "treaty of the river harbour", 3, &[1, 2, 4]);
    let found = first(&view, "\"river harbour\"");
    assert_eq!(found.locator, page_number(3));
    let marked = found
        .snippet
        .fragments
        .iter()
        .map(|fragment| fragment.marks.len());
    assert_eq!(marked.sum::<usize>(), 2);
    // The page that is opened is the page that is shown.
    let found = first(&view, "treaty of the river harbour");
    let text: Vec<&str> = found
        .snippet
        .fragments
        .iter()
        .map(|f| f.text.as_str())
        .collect();
    assert_eq!(found.snippet.locator, page_number(3));
    assert!(
        text.join(" ")
            .contains("They signed the treaty of the river harbour"),
        "{text:?}"
    );
}

#[test]
fn other_pages_are_few_apart_and_in_order() {
    let pages: Vec<String> = (1..=30)
        .map(|number| match number % 3 {
            0 => format!("Page {number} of the ferry lists.\n\nThe ferry again."),
            _ => "Nothing.".to_owned(),
        })
        .collect();
    let text = pages
        .join("\u{c}")
        .replace("Page 12 of", "The ferry, the ferry, the ferry of");
    let view = view(vec![pdf("https://a.example/lists.pdf", "Lists", &text)]);
    let found = first(&view, "ferry");
    assert_eq!(found.locator, page_number(12));
    let also: Vec<u32> = found
        .also
        .iter()
        .map(|place| match place {
            Locator::Page(page) => page.get(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(
        also.is_sorted() && !also.is_empty() && also.len() <= 5,
        "{also:?}"
    );
    assert!(
        also.iter().all(|page| page % 3 == 0 && *page != 12),
        "{also:?}"
    );
}

#[test]
fn a_scan_is_found_by_what_is_said_of_it() {
    let page = |url: &str, text: &str| {
        Page::new(url, "A reading room", "Old papers.").with(|page| {
            page.links = vec![Link {
                url: "https://papers.example/box3/annual_report-2019.pdf".to_owned(),
                text: text.to_owned(),
            }];
        })
    };
    let view = view(vec![
        scan(
            "https://papers.example/box3/annual_report-2019.pdf",
            "Harbour board",
        ),
        scan(
            "https://papers.example/box4/MinutesOfThePort1961.pdf",
            "MinutesOfThePort1961",
        ),
        page("https://room.example/", "the year of the great flood"),
    ]);
    for (query, host_and_last) in [
        ("harbour board", "annual_report-2019.pdf"),
        ("annual report 2019", "annual_report-2019.pdf"),
        ("great flood", "annual_report-2019.pdf"),
        ("minutes port 1961", "MinutesOfThePort1961.pdf"),
    ] {
        let found = first(&view, query);
        assert_eq!(
            found.breadcrumb.last().map(String::as_str),
            Some(host_and_last),
            "{query}"
        );
        assert!(found.no_text_layer, "{query}");
        assert_eq!(found.pages, Some(4));
        assert_eq!(found.locator, Locator::Top);
        assert!(found.also.is_empty());
    }
}

#[test]
fn a_pdf_has_the_name_that_its_site_agrees_on() {
    let page = |path: &str, name: &str| {
        Page::new(
            &format!("https://www.peace.example/{path}"),
            "Peace",
            "About peace.",
        )
        .with(|page| page.site_name = Some(name.to_owned()))
    };
    let view = view(vec![
        page("a", "Institute for Northern Peace"),
        page("b", "Institute for Northern Peace"),
        page("c", "Peace Blog"),
        pdf(
            "https://www.peace.example/files/dam.pdf",
            "Dam",
            "The dam was opened.",
        ),
        pdf(
            "https://files.peace.example/weir.pdf",
            "Weir",
            "The weir was opened.",
        ),
        pdf(
            "https://alone.example/lock.pdf",
            "Lock",
            "The lock was opened.",
        ),
    ]);
    for (query, name) in [
        ("dam", "Institute for Northern Peace"),
        ("weir", "Institute for Northern Peace"),
        ("lock", "Alone"),
    ] {
        assert_eq!(first(&view, query).site_name, name, "{query}");
    }
}

#[test]
fn pdfs_are_filtered_like_pages() {
    let dated = |url: &str, language: &str, published: &str| {
        pdf(url, "Ferry", &format!("The ferry went by {url}.")).with(|page| {
            page.language = Some(language.to_owned());
            page.published = published.parse().ok();
        })
    };
    let view = view(vec![
        dated("https://one.example/a.pdf", "en", "2019-05"),
        dated("https://two.example/download?id=3", "de", "2021"),
        dated("https://three.example/c.pdf", "de", ""),
        Page::new("https://four.example/", "Ferry", "The ferry went."),
    ]);
    for (query, expected) in [
        ("ferry", "four one three two"),
        ("ferry filetype:pdf", "one three two"),
        ("ferry kind:pdf", "one three two"),
        ("ferry -filetype:pdf", "four"),
        ("ferry ext:pdf", "one three"),
        ("ferry filetype:pdf lang:de", "three two"),
        ("ferry kind:pdf after:2020", "two"),
        ("ferry kind:pdf before:2020", "one"),
        ("ferry kind:pdf undated:only", "three"),
        ("filetype:pdf", "one three two"),
    ] {
        let page = search::search(&*view, &request(query)).unwrap();
        let mut found: Vec<String> = results(&page)
            .iter()
            .map(|result| result.host.trim_end_matches(".example").to_owned())
            .collect();
        found.sort();
        assert_eq!(found.join(" "), expected, "{query}");
    }
}
