//! Invented pages that hold one of everything.

use std::num::NonZeroU32;

use model::capture::CaptureId;
use model::document::{DocumentId, Locator};
use model::hit::{Evidence, Feature, Fragment, Snippet, Total};
use model::page::{
    Block, Copy, DateKind, Duplicate, FilterLine, QueryLine, ResultsPage, ShownDate, Tab, WebResult,
};
use render::{CopyPage, CopyPages, CopyPassage};

use crate::cards::{discussions, videos};

/// The fragment of a text in which `[` and `]` stand around marks.
pub(crate) fn fragment(marked: &str) -> Fragment {
    let mut text = String::new();
    let mut marks = Vec::new();
    let mut start = 0;
    for c in marked.chars() {
        match c {
            '[' => start = text.len(),
            ']' => marks.push(start..text.len()),
            c => text.push(c),
        }
    }
    Fragment {
        text,
        marks,
        cut_before: false,
        cut_after: false,
    }
}

fn page_number(number: u32) -> Locator {
    Locator::Page(NonZeroU32::new(number).unwrap())
}

fn evidence(values: &[(Feature, f32, f32)]) -> Vec<Evidence> {
    values
        .iter()
        .map(|&(feature, value, weight)| Evidence {
            feature,
            value,
            weight,
        })
        .collect()
}

/// A result with the parts that every result has.
pub(crate) fn result(number: u8, site_name: &str, url: &str, title: &str) -> WebResult {
    let address = url.split_once("://").map_or(url, |(_, rest)| rest);
    let mut steps = address.split('/').map(str::to_owned);
    let host = steps.next().unwrap();
    WebResult {
        document: DocumentId([number; 16]),
        url: url.to_owned(),
        locator: Locator::Top,
        copy: Some(Copy::Capture(CaptureId([number; 16]))),
        captured: "2025-12-20T10:00:00Z".parse().unwrap(),
        language: Some("en".to_owned()),
        captures: 1,
        first_captured: None,
        held_until: None,
        also: vec![],
        site_name: site_name.to_owned(),
        site: host.clone(),
        host,
        breadcrumb: steps.filter(|step| !step.is_empty()).collect(),
        title: title.to_owned(),
        date: None,
        snippet: Snippet {
            fragments: vec![],
            locator: Locator::Top,
            passage: None,
        },
        badge: None,
        pages: None,
        no_text_layer: false,
        more_from_site: 0,
        duplicates: vec![],
        explanation: vec![],
        score: 0.0,
    }
}

/// A page without results.
pub(crate) fn nothing(text: &str, documents: u64) -> ResultsPage {
    ResultsPage {
        query: QueryLine {
            text: text.to_owned(),
            tab: Tab::All,
            now: "2025-12-22T12:00:00Z".parse().unwrap(),
            relaxed: vec![],
            filters: vec![],
            warnings: vec![],
            documents,
        },
        blocks: vec![],
        total: Total::Exact(0),
        offset: 0,
        count: 10,
        more: false,
        took: None,
    }
}

/// A page with one of everything.
pub(crate) fn full() -> ResultsPage {
    let published = |date: &str| {
        Some(ShownDate {
            date: date.parse().unwrap(),
            kind: DateKind::Published,
        })
    };

    let mut encyclopaedia = result(
        1,
        "Wikipedia",
        "https://en.wikipedia.example/wiki/Veldania–Istmere_relations",
        "Veldania–Istmere relations",
    );
    encyclopaedia.date = Some(ShownDate {
        date: "2025-12-01T08:00:00Z".parse().unwrap(),
        kind: DateKind::Modified,
    });
    encyclopaedia.locator = Locator::Section("Treaty_of_Aldmark".to_owned());
    encyclopaedia.also = vec![Locator::Section("Trade".to_owned())];
    encyclopaedia.captures = 12;
    encyclopaedia.first_captured = Some("2009-03-01T00:00:00Z".parse().unwrap());
    encyclopaedia.captured = "2025-12-14T10:00:00Z".parse().unwrap();
    encyclopaedia.snippet = Snippet {
        fragments: vec![
            fragment(
                "Although [Veldania] was deeply ambivalent about the intervention, [Istmere] took \
                 part in the coalition. Still, these disagreements never threatened to derail the \
                 [relationship].",
            ),
            Fragment {
                cut_after: true,
                ..fragment("The alliance deepened in 2000, when a new president took office.")
            },
        ],
        locator: encyclopaedia.locator.clone(),
        passage: Some(4),
    };
    encyclopaedia.score = 7.125;
    encyclopaedia.explanation = evidence(&[
        (Feature::Title, 1.0, 2.5),
        (Feature::Text, 0.875, 2.0),
        (Feature::Proximity, 0.75, 1.5),
        (Feature::Links, 0.5, 1.0),
        (Feature::Language, 1.0, 1.25),
    ]);

    let mut review = result(
        2,
        "Northern Affairs Review",
        "https://www.northernaffairs.example/analysis/istmere",
        "Veldania struggling for relevance in a changed Istmere | Northern Affairs Review, the \
         Quarterly of the Institute",
    );
    review.host = String::from("northernaffairs.example");
    review.site = String::from("northernaffairs.example");
    review.date = published("2025-06-02");
    review.more_from_site = 3;
    review.duplicates = vec![
        Duplicate {
            document: DocumentId([21; 16]),
            url: "https://mirror.example/analysis/istmere?print=1".to_owned(),
            title: "Veldania struggling for relevance".to_owned(),
        },
        Duplicate {
            document: DocumentId([22; 16]),
            url: "file:///home/reader/istmere.html".to_owned(),
            title: "Veldania struggling for relevance".to_owned(),
        },
    ];
    review.snippet.fragments = vec![
        fragment(
            "As such, he will seek to avoid any overtures toward [Veldania] that could jeopardise \
             his efforts to build trust.",
        ),
        fragment(
            "officials have acknowledged being in “indirect” communication with [Istmere’s] new \
             government, with two neighbours acting as intermediaries & guarantors.",
        ),
    ];
    review.snippet.passage = Some(0);

    let mut pdf = result(
        3,
        "Institute for Northern Peace",
        "https://northernpeace.example/sites/default/files/publications/2019/special reports/alliance_of_veldania_and_istmere_final_version.pdf",
        "The Alliance of Veldania and Istmere",
    );
    pdf.url = pdf.url.replace(' ', "%20");
    pdf.locator = page_number(2);
    pdf.also = vec![page_number(4), page_number(11)];
    pdf.badge = Some("pdf".to_owned());
    pdf.pages = Some(23);
    pdf.snippet = Snippet {
        fragments: vec![fragment(
            "[Istmere’s] deeper ties to [Veldania] stem from its growing alliance with (and \
             reliance on) the coast, its own serious economic woes, and its continued isolation.",
        )],
        locator: page_number(2),
        passage: Some(7),
    };

    let mut arabic = result(
        4,
        "صحيفة الشمال",
        "https://alshamal.example/سياسة/2025",
        "العلاقات بين فيلدانيا وإستمير: أربعون عاما من التحالف",
    );
    arabic.language = Some("ar".to_owned());
    arabic.date = published("2025-11-12");
    arabic.held_until = Some("2021-05-03T00:00:00Z".parse().unwrap());
    arabic.snippet.fragments = vec![fragment(
        "كانت [إستمير] الدولة الوحيدة التي وقفت إلى جانب [فيلدانيا] خلال الحرب.",
    )];

    let mut file = result(
        5,
        "Notes",
        "file:///home/reader/notes/istmere.html",
        "Notes on Istmere",
    );
    file.host = String::from("home");
    file.breadcrumb = vec![
        "reader".to_owned(),
        "notes".to_owned(),
        "istmere.html".to_owned(),
    ];
    file.language = None;
    file.date = published("2024");
    file.copy = Some(Copy::Document(DocumentId([5; 16])));
    file.snippet.fragments = vec![fragment("The [relationship] is older than both states.")];

    let filter = |operator: &str, value: &str, negated, removed, undated| FilterLine {
        operator: operator.to_owned(),
        value: value.to_owned(),
        negated,
        removed: Total::Exact(removed),
        undated: Total::Exact(undated),
        without: "veldania and istmere relationship".to_owned(),
    };
    let mut page = nothing(
        "veldania and istmere relationship after:2024 -site:spam.example",
        1234,
    );
    page.query.relaxed = vec!["and".to_owned()];
    page.query.filters = vec![
        filter("after", "2024", false, 41, 12),
        filter("site", "spam.example", true, 0, 0),
    ];
    page.query.warnings = vec!["`befor:2025` is no operator; it was read as words.".to_owned()];
    page.total = Total::AtLeast(1280);
    page.offset = 10;
    page.more = true;
    let mut scan = result(
        6,
        "Institute for Northern Peace",
        "https://northernpeace.example/scans/annual_report-1961.pdf",
        "Annual report 1961",
    );
    scan.badge = Some("pdf".to_owned());
    scan.pages = Some(4);
    scan.no_text_layer = true;

    page.blocks = [encyclopaedia, review, pdf, arabic, file, scan]
        .into_iter()
        .map(|result| Block::Web(Box::new(result)))
        .collect();
    page.blocks.insert(2, Block::Videos(videos()));
    page.blocks.insert(3, Block::Discussions(discussions()));
    page
}

/// A copy with one of everything.
pub(crate) fn kept() -> CopyPage {
    let capture =
        |day: &str, number: u8, current| (day.parse().unwrap(), CaptureId([number; 16]), current);
    let passage = |number, marked: &str, heading: Option<&str>, locator: Locator| {
        let fragment = fragment(marked);
        CopyPassage {
            matched: !fragment.marks.is_empty(),
            text: fragment.text,
            marks: fragment.marks,
            heading: heading.map(str::to_owned),
            locator,
            number,
            post: None,
        }
    };
    let section = |anchor: &str| Locator::Section(anchor.to_owned());
    CopyPage {
        title: "Veldania–Istmere relations".to_owned(),
        url: "https://en.wikipedia.example/wiki/Veldania–Istmere_relations".to_owned(),
        query: "istmere relationship".to_owned(),
        captured: Some("2025-12-14T10:00:00Z".parse().unwrap()),
        collection: Some("news".to_owned()),
        language: Some("en".to_owned()),
        site_name: Some("Wikipedia".to_owned()),
        captures: vec![
            capture("2009-02-01T00:00:00Z", 30, false),
            capture("2025-12-14T10:00:00Z", 1, true),
        ],
        passages: vec![
            passage(
                0,
                "Veldania and Istmere have had relations since 1946.\nThey share a river.",
                None,
                Locator::Top,
            ),
            passage(
                1,
                "[Relationship]\nAlthough Veldania was deeply ambivalent, [Istmere] took part.",
                Some("Relationship"),
                section("Relationship"),
            ),
            passage(
                2,
                "The alliance deepened in 2000.",
                Some("Relationship"),
                section("Relationship"),
            ),
            passage(
                3,
                "Trade goes by [ship] & rail.",
                Some("Trade"),
                page_number(12),
            ),
        ],
        raw: Some(format!("/capture/{}/raw", CaptureId([1; 16]))),
        origin: Some("`news/2025.warc.gz` at byte 81,920".to_owned()),
        pages: None,
        warnings: vec!["The page was cut after 16 MiB.".to_owned()],
    }
}

/// A part of the copy of a long PDF.
pub(crate) fn kept_pdf() -> CopyPage {
    let page = kept();
    let passage = |number, marked: &str, heading: Option<&str>, page: u32| {
        let fragment = fragment(marked);
        CopyPassage {
            matched: !fragment.marks.is_empty(),
            text: fragment.text,
            marks: fragment.marks,
            heading: heading.map(str::to_owned),
            locator: page_number(page),
            number,
            post: None,
        }
    };
    CopyPage {
        title: "The Alliance of Veldania and Istmere".to_owned(),
        url: "https://northernpeace.example/alliance.pdf".to_owned(),
        captures: vec![],
        passages: vec![
            passage(40, "The ferries went in summer.", Some("Ports"), 11),
            passage(41, "The [relationship] of ports.", Some("Ports"), 12),
            passage(42, "Treaties\n[Istmere] signed.", Some("Treaties"), 12),
        ],
        origin: Some("alliance.pdf".to_owned()),
        pages: Some(CopyPages {
            total: Some(1_200),
            shown: Some((11, 12)),
            earlier: Some(9),
            later: Some(13),
            no_text_layer: false,
            path: format!("/capture/{}", CaptureId([1; 16])),
        }),
        warnings: vec![],
        ..page
    }
}

/// The copy of a scan.
pub(crate) fn kept_scan() -> CopyPage {
    CopyPage {
        passages: vec![],
        pages: Some(CopyPages {
            total: Some(4),
            shown: None,
            earlier: None,
            later: None,
            no_text_layer: true,
            path: format!("/capture/{}", CaptureId([1; 16])),
        }),
        ..kept_pdf()
    }
}
