//! The embedded engine finds what a scan finds, with the same scores.

use engine::conformance::{ALL_CHANNELS, Example, NOW, describe, write};
use engine::embedded::{Embedded, Options};
use engine::naive::Naive;
use engine::{Change, Engine};
use model::document::Kind;
use model::hit::{Candidate, Found};
use model::query::{Expr, Filter, Plan, Scope, SitePattern, Test, Undated};
use model::time::UnixSeconds;
use proptest::prelude::*;

const WORDS: [&str; 14] = [
    "river",
    "rivers",
    "treaty",
    "the",
    "of",
    "canal",
    "Istmere",
    "e-mail",
    "U.S.",
    "café",
    "北京大学",
    "signed",
    "signing",
    "大学生",
];

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(&WORDS[..]).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 1..12).prop_map(|words| words.join(" "))
}

fn example() -> impl Strategy<Value = Example> {
    let url = prop::sample::select(
        &[
            "https://a.example/river/one",
            "https://www.a.example/river",
            "https://b.example/canal.pdf",
            "https://sub.b.example/",
            "https://c.example/treaty-signed?x=1",
        ][..],
    );
    let language = prop::sample::select(&[Some("en"), Some("de"), None][..]);
    let date = prop::sample::select(&[None, Some("2019-05-02"), Some("2021")][..]);
    let links = prop::collection::vec((url.clone(), text()), 0..3);
    (
        url,
        text(),
        prop::collection::vec(text(), 0..4),
        (language, date),
        links,
        1_600_000_000_i64..1_600_000_020,
    )
        .prop_map(
            |(url, title, passages, (language, date), links, captured)| {
                let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
                let mut example = Example::page(url, &title, &passages).at(captured);
                for (url, text) in links {
                    example = example.link(url, &text);
                }
                example.with(|document| {
                    document.language = language.map(Into::into);
                    document.published = date.and_then(|date| date.parse().ok());
                    document.site_name = Some(title.clone());
                    document.author = Some(title.clone());
                    for (number, passage) in document.passages.iter_mut().enumerate() {
                        passage.heading = (number % 2 == 1).then(|| title.clone());
                    }
                })
            },
        )
}

fn filter() -> impl Strategy<Value = Filter> {
    let pattern = |host: &str, path: Option<&str>| SitePattern {
        host: host.into(),
        path: path.map(Into::into),
    };
    let tests = vec![
        Test::Site(vec![pattern("a.example", None)]),
        Test::Site(vec![
            pattern("a.example", Some("/river")),
            pattern("sub.b.example", None),
        ]),
        Test::Links(vec![pattern("b.example", None)]),
        Test::Extension(vec!["pdf".into()]),
        Test::Kind(vec![Kind::Page]),
        Test::Language(vec!["de".into(), String::new()]),
        Test::Author(vec!["river".into()]),
        Test::HasDate,
        Test::HasCaptures,
        Test::Published {
            from: Some(18_000),
            until: None,
            undated: Undated::Exclude,
        },
        Test::Published {
            from: None,
            until: Some(18_100),
            undated: Undated::Include,
        },
        Test::Captured {
            from: UnixSeconds(1_600_000_005),
            until: UnixSeconds(1_600_000_012),
        },
    ];
    (prop::sample::select(tests), any::<bool>())
        .prop_map(|(test, negated)| Filter { test, negated })
}

fn expr() -> impl Strategy<Value = Expr> {
    let single = prop_oneof![
        4 => word().prop_map(Expr::Word),
        1 => word().prop_map(Expr::Exact),
        1 => prop::sample::select(&["riv", "tre", "sig", "can"][..]).prop_map(|p| Expr::Prefix(p.into())),
        1 => (word(), prop::option::of(word()), word())
            .prop_map(|(a, b, c)| Expr::Phrase(vec![Some(a), b, Some(c)])),
    ];
    let leaf = prop_oneof![
        6 => single.clone(),
        1 => (single.clone(), single, 1_u32..5)
            .prop_map(|(a, b, apart)| Expr::Near(Box::new(a), Box::new(b), apart)),
        1 => filter().prop_map(Expr::Filter),
        1 => Just(Expr::Everything),
    ];
    let scope = prop::sample::select(
        &[
            Scope::Title,
            Scope::Body,
            Scope::Page,
            Scope::Url,
            Scope::Anchor,
        ][..],
    );
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(Expr::And),
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(Expr::Or),
            1 => inner.clone().prop_map(|expr| Expr::Not(Box::new(expr))),
            2 => (scope.clone(), inner).prop_map(|(scope, expr)| Expr::In(scope, Box::new(expr))),
        ]
    })
}

/// Matching sets, counts, scores within a thousandth, passages; and the same order as far as the
/// scores tell candidates apart.
#[track_caller]
fn check(plan: &Plan<'_>, scanned: &Found, found: &Found) {
    let context = format!("{plan:?}");
    assert_eq!(scanned.total, found.total, "{context}");
    assert_eq!(scanned.removed, found.removed, "{context}");
    let by_id = |found: &Found| {
        let mut candidates: Vec<Candidate> = found.candidates.clone();
        candidates.sort_by_key(|candidate| candidate.document);
        candidates
    };
    let (expected, got) = (by_id(scanned), by_id(found));
    let ids = |candidates: &[Candidate]| {
        candidates
            .iter()
            .map(|candidate| candidate.document)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&expected), ids(&got), "{context}");
    for (expected, got) in expected.iter().zip(&got) {
        assert_eq!(expected.passages.len(), got.passages.len(), "{context}");
        for (expected, got) in expected.passages.iter().zip(&got.passages) {
            assert_eq!(expected.0, got.0, "{context}");
            assert!((expected.1 - got.1).abs() <= 1e-3, "{context}");
        }
        let channels = |candidate: &Candidate| {
            candidate
                .scores
                .iter()
                .map(|(channel, _)| *channel)
                .collect::<Vec<_>>()
        };
        assert_eq!(channels(expected), channels(got), "{context}");
        for ((_, expected), (_, got)) in expected.scores.iter().zip(&got.scores) {
            assert!(
                (expected - got).abs() <= expected * 1e-3,
                "{expected} {got} {context}"
            );
        }
    }
    let sum = |candidate: &Candidate| -> f32 {
        let scores = candidate.scores.iter();
        scores
            .filter(|(channel, _)| *channel != model::hit::Channel::Proximity)
            .map(|(_, score)| score)
            .sum()
    };
    for pair in found.candidates.windows(2) {
        assert!(sum(&pair[0]) >= sum(&pair[1]) * 0.999, "{context}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn embedded_agrees_with_the_scan(
        examples in prop::collection::vec(example(), 1..12),
        queries in prop::collection::vec(
            (expr(), prop::collection::vec(filter(), 0..3), prop::option::of(1_600_000_000_i64..1_600_000_020)),
            24,
        ),
        retracted in 1_600_000_000_u64..1_600_000_020,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let naive = Naive::new(|| NOW);
        let embedded = Embedded::open(folder.path(), Options::new("test", || NOW)).unwrap();
        let changes: Vec<_> = examples.iter().flat_map(Example::changes).collect();
        for engine in [&naive as &dyn Engine, &embedded] {
            write(engine, changes.clone()).unwrap();
        }
        let (scanned, indexed) = (naive.view().unwrap(), embedded.view().unwrap());
        assert_eq!(describe(&*scanned).unwrap(), describe(&*indexed).unwrap());
        for (expr, filters, as_of) in &queries {
            let plan = Plan {
                expr,
                filters,
                kinds: &[],
                as_of: as_of.map(UnixSeconds),
                channels: &ALL_CHANNELS,
                limit: 100,
            };
            check(&plan, &scanned.candidates(&plan).unwrap(), &indexed.candidates(&plan).unwrap());
        }
        // Scores count what is gone until segments are merged, so they are not compared again.
        for engine in [&naive as &dyn Engine, &embedded] {
            let retract = Change::Retract {
                path: "/data/a.warc".into(),
                collection: "news".into(),
                from: retracted,
            };
            write(engine, [retract]).unwrap();
        }
        let (scanned, indexed) = (naive.view().unwrap(), embedded.view().unwrap());
        assert_eq!(describe(&*scanned).unwrap(), describe(&*indexed).unwrap());
    }
}
