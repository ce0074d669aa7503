//! Queries to an invented collection and the pages that they give.

use expect_test::{Expect, expect};
use model::page::{Copy, DateKind, ResultsPage};

use crate::collection::{Page, instant, request, results, view};

/// What a page shows, in lines.
fn describe(page: &ResultsPage) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{:?} more {}\n", page.total, page.more);
    for word in &page.query.relaxed {
        writeln!(text, "let go: {word}").unwrap();
    }
    for filter in &page.query.filters {
        let sign = if filter.negated { "-" } else { "" };
        writeln!(
            text,
            "{sign}{}:{} removed {:?} undated {:?} without `{}`",
            filter.operator, filter.value, filter.removed, filter.undated, filter.without
        )
        .unwrap();
    }
    for warning in &page.query.warnings {
        writeln!(text, "warning: {warning}").unwrap();
    }
    for result in results(page) {
        let steps: Vec<&str> = std::iter::once(result.host.as_str())
            .chain(result.breadcrumb.iter().map(String::as_str))
            .collect();
        writeln!(text, "\n{}\n{}", result.site_name, steps.join(" › ")).unwrap();
        writeln!(text, "{}", result.title).unwrap();
        let mut line = String::new();
        if let Some(date) = result.date {
            write!(line, "{} - ", date.date).unwrap();
        }
        let fragments: Vec<String> = result.snippet.fragments.iter().map(marked).collect();
        writeln!(text, "{line}{}", fragments.join(" ... ")).unwrap();
        if result.more_from_site > 0 {
            writeln!(text, "{} more from {}", result.more_from_site, result.site).unwrap();
        }
        for copy in &result.duplicates {
            writeln!(text, "also at {}", copy.url).unwrap();
        }
    }
    text
}

fn marked(fragment: &model::hit::Fragment) -> String {
    let mut text = String::new();
    let mut behind = 0;
    for mark in &fragment.marks {
        text.push_str(fragment.text.get(behind..mark.start).unwrap());
        text.push('[');
        text.push_str(fragment.text.get(mark.clone()).unwrap());
        text.push(']');
        behind = mark.end;
    }
    text.push_str(fragment.text.get(behind..).unwrap());
    text
}

#[track_caller]
fn check(pages: Vec<Page>, query: &str, expected: &Expect) {
    let view = view(pages);
    let page = search::search(&*view, &request(query)).unwrap();
    let again = search::search(&*view, &request(query)).unwrap();
    assert_eq!(page, again);
    expected.assert_eq(&describe(&page));
}

fn relations() -> Vec<Page> {
    vec![
        Page::new(
            "https://en.wiki.example/wiki/Veldania%E2%80%93Istmere_relations?a=b",
            "Veldania–Istmere relations",
            "Veldania and Istmere have been neighbours for a thousand years.[1]\n\nThe river treaty \
             between the two was signed in 1946. It has been renewed twice since then.",
        )
        .with(|page| {
            page.published = Some("2004-01-02".parse().unwrap());
            page.modified = Some("2025-12-01".parse().unwrap());
            page.site_name = Some("The Wiki".to_owned());
        }),
        Page::new(
            "https://www.northernaffairs.example/reports/2025/alliance.html",
            "The Alliance of Veldania and Istmere",
            "An alliance is older than its paper. Istmere asked Veldania for ships.",
        )
        .with(|page| {
            page.published = Some("2025-06-02".parse().unwrap());
            page.breadcrumb = vec!["Reports".to_owned(), "Alliance".to_owned()];
        }),
        Page::new(
            "https://ports.example/ships",
            "Ships of Veldania",
            "The ships of Veldania lie in the harbour.",
        ),
    ]
}

#[test]
fn a_page_of_results() {
    check(
        relations(),
        "veldania istmere",
        &expect![[r"
        Exact(3) more false
        let go: istmere

        The Wiki
        en.wiki.example › wiki › Veldania–Istmere_relations
        Veldania–Istmere relations
        2025-12-01 - [Veldania] and [Istmere] have been neighbours for a thousand years. The river treaty between the two was signed in 1946. It has been renewed twice since then.

        Northernaffairs
        northernaffairs.example › reports › alliance
        The Alliance of Veldania and Istmere
        2025-06-02 - An alliance is older than its paper. [Istmere] asked [Veldania] for ships.

        Ports
        ports.example › ships
        Ships of Veldania
        The ships of [Veldania] lie in the harbour.
    "]],
    );
}

#[test]
fn function_words_that_nobody_wrote_are_let_go() {
    let german = Page::new(
        "https://hafen.example/",
        "Der Hafen",
        "Der Hafen von Istmere liegt an der Mündung und ist im Winter geschlossen.",
    )
    .with(|page| page.language = Some("de".to_owned()));
    check(
        vec![german],
        "of the hafen",
        &expect![[r"
        Exact(1) more false
        let go: of
        let go: the

        Hafen
        hafen.example
        Der Hafen
        Der [Hafen] von Istmere liegt an der Mündung und ist im Winter geschlossen.
    "]],
    );
}

#[test]
fn words_are_let_go_where_too_few_documents_hold_them_all() {
    check(
        relations(),
        "veldania zebra",
        &expect![[r"
        Exact(3) more false
        let go: zebra

        Ports
        ports.example › ships
        Ships of Veldania
        The ships of [Veldania] lie in the harbour.

        The Wiki
        en.wiki.example › wiki › Veldania–Istmere_relations
        Veldania–Istmere relations
        2025-12-01 - [Veldania] and Istmere have been neighbours for a thousand years. The river treaty between the two was signed in 1946. It has been renewed twice since then.

        Northernaffairs
        northernaffairs.example › reports › alliance
        The Alliance of Veldania and Istmere
        2025-06-02 - An alliance is older than its paper. Istmere asked [Veldania] for ships.
    "]],
    );
    check(
        relations(),
        "veldania +zebra",
        &expect![[r"
        Exact(0) more false
    "]],
    );
}

#[test]
fn filters_tell_what_they_removed() {
    check(
        relations(),
        "veldania after:2020 -site:wiki.example",
        &expect![[r"
            Exact(1) more false
            after:2020-01-01 removed Exact(2) undated Exact(1) without `veldania -site:wiki.example`
            -site:wiki.example removed Exact(1) undated Exact(0) without `veldania after:2020`

            Northernaffairs
            northernaffairs.example › reports › alliance
            The Alliance of Veldania and Istmere
            2025-06-02 - An alliance is older than its paper. Istmere asked [Veldania] for ships.
        "]],
    );
}

#[test]
fn only_filters_give_the_newest_first() {
    check(
        relations(),
        "-alliance",
        &expect![[r"
        Exact(2) more false

        Ports
        ports.example › ships
        Ships of Veldania
        The ships of Veldania lie in the harbour.

        The Wiki
        en.wiki.example › wiki › Veldania–Istmere_relations
        Veldania–Istmere relations
        2025-12-01 - Veldania and Istmere have been neighbours for a thousand years. The river treaty between the two was signed in 1946. It has been renewed twice since then.
    "]],
    );
    check(
        relations(),
        "",
        &expect![[r"
        Exact(0) more false
    "]],
    );
}

#[test]
fn copies_are_one_result() {
    let text = "The river treaty between the two was signed in the spring of 1946 by both sides, \
        after ten years of talks in the port of Istmere, and has been renewed twice since then. "
        .repeat(4);
    let copy = |url: &str, end: &str| Page::new(url, "The river treaty", &format!("{text}{end}"));
    check(
        vec![
            copy("https://mirror.example/a", "More.")
                .with(|page| page.canonical = Some("https://original.example/treaty".to_owned())),
            copy("https://original.example/treaty", "More."),
            copy("https://print.example/b", "Moor."),
            Page::new(
                "https://other.example/c",
                "Another",
                "A river treaty of others.",
            ),
        ],
        "river treaty",
        &expect![[r"
            Exact(4) more false

            Original
            original.example › treaty
            The river treaty
            The [river] [treaty] between the two was signed in the spring of 1946 by both sides, after ten years of talks in the port of Istmere, and has been renewed twice since then. The [river] [treaty] between the two was signed in the spring of 1946 by both sides, after ten years of talks in the port of Istmere, and has been renewed twice since then.
            also at https://print.example/b
            also at https://mirror.example/a

            Other
            other.example › c
            Another
            A [river] [treaty] of others.
        "]],
    );
}

#[test]
fn a_syndicated_copy_stands_behind_the_page_that_it_names() {
    let story = "The two governments agreed on the river treaty after ten years of talks. Nobody \
        in the harbour had waited for it. The ferries went as they had always gone, and the \
        customs house kept its door open until the evening.";
    let extra = "The paper will be signed in spring by both ministers on the old bridge.";
    let original = "https://herald.example/treaty";
    let view = view(vec![
        Page::new(original, "Treaty agreed", &format!("{story}\n\n{extra}")),
        Page::new("https://wire.example/1", "Treaty agreed - Wire", story)
            .with(|page| page.canonical = Some(original.to_owned())),
        Page::new(
            "https://liar.example/1",
            "A treaty",
            "A river treaty of quite another kind.",
        )
        .with(|page| page.canonical = Some(original.to_owned())),
    ]);
    let page = search::search(&*view, &request("river treaty")).unwrap();
    let mut found: Vec<(String, usize)> = results(&page)
        .iter()
        .map(|result| (result.url.clone(), result.duplicates.len()))
        .collect();
    found.sort();
    let expected = [(original, 1), ("https://liar.example/1", 0)];
    assert_eq!(
        found,
        expected.map(|(url, copies)| (url.to_owned(), copies))
    );
}

#[test]
fn a_state_that_came_back_is_told_of_by_the_stretch_that_was_asked_about() {
    let mut first = Page::new("https://a.example/", "River", "A river.");
    first.captured = instant("2010-05-01T00:00:00Z");
    first.again = vec![instant("2014-05-01T00:00:00Z")];
    let mut second = Page::new("https://a.example/", "River", "A river, and a canal.");
    second.captured = instant("2012-05-01T00:00:00Z");
    let mut third = Page::new("https://a.example/", "River", "A river, and a lock.");
    third.captured = instant("2020-05-01T00:00:00Z");
    let view = view(vec![first, second, third]);
    for (query, until, captures) in [
        ("river asof:2011", Some("2012-05-01T00:00:00Z"), 1),
        ("river asof:2015", Some("2020-05-01T00:00:00Z"), 3),
        ("river asof:2021", None, 4),
    ] {
        let page = search::search(&*view, &request(query)).unwrap();
        let found = results(&page);
        let held = found[0].held_until.map(|until| until.to_string());
        assert_eq!(
            (held.as_deref(), found[0].captures),
            (until, captures),
            "{query}"
        );
    }
}

#[test]
fn the_end_of_what_is_put_in_order_is_told() {
    let pages = (0..1_010).map(|number| {
        let url = format!("https://site{number}.example/");
        Page::new(
            &url,
            &format!("River {number}"),
            &format!("A river of number {number}."),
        )
    });
    let view = view(pages.collect());
    let ask = |offset: usize| {
        let asked = search::Request {
            offset,
            ..request("river")
        };
        search::search(&*view, &asked).unwrap()
    };
    let first = ask(0);
    assert!(
        first.more && first.query.warnings.is_empty(),
        "{:?}",
        first.query.warnings
    );
    assert_eq!(first.total.count(), 1_010);
    let last = ask(990);
    assert!(!last.more);
    assert_eq!(results(&last).len(), 10);
    assert!(last.query.warnings[0].contains("the best 1000 are put in order"));
}

#[test]
fn the_copy_is_the_newest_capture_within_what_was_asked() {
    let mut seen = Page::new("https://a.example/", "River", "A river.");
    seen.captured = instant("2020-05-01T00:00:00Z");
    seen.again = vec![
        instant("2021-05-01T00:00:00Z"),
        instant("2022-05-01T00:00:00Z"),
    ];
    let mut later = Page::new("https://a.example/", "River", "A river, and a canal.");
    later.captured = instant("2023-05-01T00:00:00Z");
    let view = view(vec![seen, later]);
    let rows = [
        ("river", "2023-05-01T00:00:00Z", None, 4),
        (
            "river captured:2021",
            "2021-05-01T00:00:00Z",
            Some("2023-05-01T00:00:00Z"),
            4,
        ),
        (
            "river asof:2022",
            "2022-05-01T00:00:00Z",
            Some("2023-05-01T00:00:00Z"),
            3,
        ),
        (
            "river asof:2020",
            "2020-05-01T00:00:00Z",
            Some("2023-05-01T00:00:00Z"),
            1,
        ),
    ];
    for (query, captured, until, captures) in rows {
        let page = search::search(&*view, &request(query)).unwrap();
        let found = results(&page);
        assert_eq!(found.len(), 1, "{query}");
        assert_eq!(found[0].captured.to_string(), captured, "{query}");
        assert_eq!(found[0].captures, captures, "{query}");
        let held = found[0].held_until.map(|until| until.to_string());
        assert_eq!(held.as_deref(), until, "{query}");
        assert!(matches!(found[0].copy, Some(Copy::Capture(_))));
    }
}

#[test]
fn a_third_result_of_a_site_folds() {
    let mut pages: Vec<Page> = (0..4)
        .map(|n| {
            let url = format!("https://big.example/{n}");
            Page::new(
                &url,
                "River treaty",
                &format!("The river treaty, part {n} of it."),
            )
        })
        .collect();
    for n in 0..5 {
        let url = format!("https://small{n}.example/");
        pages.push(Page::new(
            &url,
            "Treaty",
            &format!("A treaty about river number {n} here."),
        ));
    }
    let view = view(pages);
    let page = search::search(&*view, &request("river treaty")).unwrap();
    let found = results(&page);
    let big: Vec<u32> = found
        .iter()
        .filter(|r| r.site == "big.example")
        .map(|r| r.more_from_site)
        .collect();
    assert_eq!(big, [0, 2]);
    assert_eq!(page.total.count(), 9);
    // Paging comes after folding: two pages hold each result once.
    let first = search::search(
        &*view,
        &search::Request {
            count: 3,
            ..request("river treaty")
        },
    );
    let second = search::search(
        &*view,
        &search::Request {
            count: 10,
            offset: 3,
            ..request("river treaty")
        },
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first.more && !second.more);
    let paged: Vec<_> = results(&first)
        .into_iter()
        .chain(results(&second))
        .collect();
    let urls = |list: &[&model::page::WebResult]| -> Vec<String> {
        list.iter().map(|result| result.url.clone()).collect()
    };
    assert_eq!(urls(&paged), urls(&found));
    let page = search::search(&*view, &request("river treaty site:big.example")).unwrap();
    assert_eq!(results(&page).len(), 4);
}

#[test]
fn the_date_of_a_living_page_is_its_last_change() {
    let view = view(relations());
    let page = search::search(&*view, &request("veldania istmere")).unwrap();
    let kinds: Vec<_> = results(&page)
        .iter()
        .filter_map(|result| result.date.map(|date| (result.host.as_str(), date.kind)))
        .collect();
    assert!(
        kinds.contains(&("en.wiki.example", DateKind::Modified)),
        "{kinds:?}"
    );
    assert!(kinds.contains(&("northernaffairs.example", DateKind::Published)));
}

#[test]
fn an_explanation_adds_up_to_the_score() {
    let view = view(relations());
    let explained = search::Request {
        explain: true,
        ..request("veldania istmere")
    };
    let page = search::search(&*view, &explained).unwrap();
    for result in results(&page) {
        let sum: f32 = result.explanation.iter().map(|e| e.value * e.weight).sum();
        assert!((sum - result.score).abs() < 1e-5);
        assert!(!result.explanation.is_empty());
    }
}

/// Pages with this text, `copies` addresses for each number.
fn many(texts: usize, copies: usize) -> Vec<Page> {
    (0..texts * copies)
        .map(|n| {
            let number = n / copies;
            let surveyor = number * 7919 % 1009;
            let text = format!("The river was measured in year {number} by surveyor {surveyor}.");
            Page::new(&format!("https://s{n}.example/"), "River", &text)
        })
        .collect()
}

#[test]
fn the_end_is_told_where_it_is_the_end() {
    // Texts, addresses of each, query, offset, count: shown, and whether an end is told.
    let rows = [
        (1_500, 1, "lang:en", 1_490, 10, 10, false),
        (90, 10, "river", 80, 10, 10, false),
        (90, 10, "river", 0, 200, 90, false),
        (1_100, 1, "river", 990, 20, 10, true),
    ];
    for (texts, copies, query, offset, count, shown, told) in rows {
        let view = view(many(texts, copies));
        let wanted = search::Request {
            offset,
            count,
            ..request(query)
        };
        let page = search::search(&*view, &wanted).unwrap();
        assert_eq!(results(&page).len(), shown, "{query} {offset}");
        assert!(!page.more, "{query} {offset}");
        assert_eq!(!page.query.warnings.is_empty(), told, "{query} {offset}");
    }
}
