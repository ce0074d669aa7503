//! What every engine promises, as a suite that each of them runs: call [`suite`] with a function
//! that opens an empty engine.

use model::address::{Host, Surt};
use model::capture::{Capture, Redirect, RefersTo};
use model::contribution::{Body, Contribution};
use model::document::{Document, DocumentId, DocumentKind, Key, Kind, Link, Locator, Passage};
use model::hit::{Channel, Found, Total};
use model::query::{Expr, Filter, Plan, Scope, SitePattern, Test, Undated};
use model::record::{Digest, MediaType, Origin, Position, Step};
use model::time::UnixSeconds;

use crate::{
    Change, CommitId, Engine, EngineError, Facet, Outcome, OutcomeClass, SourceState, View,
};

/// Runs every promise on a fresh engine each. `open` gives an empty engine whose clock stands at
/// [`NOW`].
///
/// # Panics
///
/// Where a promise is broken.
pub fn suite(open: &dyn Fn() -> Box<dyn Engine>) {
    for (name, promise) in PROMISES {
        tracing::debug!(promise = name, "checking");
        if let Err(error) = promise(&*open()) {
            panic!("{name}: {error}");
        }
    }
}

/// What the clock of an engine under test shows.
pub const NOW: UnixSeconds = UnixSeconds(1_764_000_000);

type Promise = fn(&dyn Engine) -> Result<(), EngineError>;

const PROMISES: &[(&str, Promise)] = &[
    (
        "applied_twice_is_applied_once",
        applied_twice_is_applied_once,
    ),
    ("nothing_shows_before_commit", nothing_shows_before_commit),
    ("a_view_is_one_commit", a_view_is_one_commit),
    ("there_is_one_writer", there_is_one_writer),
    (
        "a_late_link_reaches_an_early_page",
        a_late_link_reaches_an_early_page,
    ),
    ("links_follow_redirects", links_follow_redirects),
    ("order_does_not_matter", order_does_not_matter),
    (
        "a_revisit_finds_its_original_later",
        a_revisit_finds_its_original_later,
    ),
    ("one_address_is_one_result", one_address_is_one_result),
    (
        "captures_of_two_paths_are_one",
        captures_of_two_paths_are_one,
    ),
    (
        "filters_count_what_they_remove",
        filters_count_what_they_remove,
    ),
    ("fields_and_phrases", fields_and_phrases),
    ("stop_words_need_not_be_there", stop_words_need_not_be_there),
    ("each_language_has_its_stems", each_language_has_its_stems),
    (
        "passages_that_answer_are_named",
        passages_that_answer_are_named,
    ),
    ("what_was_said_is_read_back", what_was_said_is_read_back),
];

/// A source as examples have it: `a.warc`, at this offset.
pub fn origin(offset: u64) -> Origin {
    Origin {
        source: "/data/a.warc".into(),
        path: "/data/a.warc".into(),
        steps: vec![Step::Bytes(offset, 100)],
        digest: None,
    }
}

/// A page and its capture.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its document; the key is made from `url` and the text by [`Example::changes`].
    pub document: Document,
    /// When it was captured.
    pub captured: UnixSeconds,
    /// Where it was added to.
    pub collection: String,
}

impl Example {
    /// A page with a title and passages.
    pub fn page(url: &str, title: &str, passages: &[&str]) -> Self {
        let key = Key::State {
            surt: Surt::of(url),
            digest: Digest::of(passages.join("\n").as_bytes()),
        };
        let passage = |text: &&str| Passage {
            text: (*text).to_owned(),
            heading: None,
            locator: Locator::Top,
            post: None,
        };
        Self {
            document: Document {
                id: DocumentId::of(&key),
                key,
                url: url.into(),
                canonical: None,
                kind: DocumentKind::Page,
                title: title.into(),
                description: None,
                site_name: None,
                author: None,
                breadcrumb: Vec::new(),
                language: Some("en".into()),
                published: None,
                modified: None,
                passages: passages.iter().map(passage).collect(),
                links: Vec::new(),
                thumbnail: None,
                read_from: std::collections::BTreeMap::new(),
                warnings: Vec::new(),
            },
            captured: UnixSeconds(1_700_000_000),
            collection: "news".into(),
        }
    }

    /// With a link.
    #[must_use]
    pub fn link(mut self, url: &str, text: &str) -> Self {
        let (url, text) = (url.to_owned(), text.to_owned());
        self.document.links.push(Link { url, text });
        self
    }

    /// Captured at another time.
    #[must_use]
    pub fn at(mut self, captured: i64) -> Self {
        self.captured = UnixSeconds(captured);
        self
    }

    /// Changed in another way.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Document)) -> Self {
        change(&mut self.document);
        self
    }

    /// Its id.
    pub fn id(&self) -> DocumentId {
        self.document.id
    }

    /// Its capture.
    pub fn capture(&self) -> Capture {
        let surt = Surt::of(&self.document.url);
        let digest = match &self.document.key {
            Key::State { digest, .. } => Some(*digest),
            _ => None,
        };
        let archive_digest = digest.map(|digest| format!("sha1:{digest}"));
        Capture {
            id: Capture::id_of(
                &surt,
                self.captured,
                Some(200),
                digest,
                archive_digest.as_deref(),
                &self.collection,
            ),
            surt,
            url: self.document.url.clone(),
            captured: self.captured,
            status: Some(200),
            media_type: MediaType::new("text/html"),
            digest,
            archive_digest,
            refers_to: None,
            origins: vec![self.origin()],
            collection: self.collection.clone(),
            document: Some(self.document.id),
        }
    }

    fn origin(&self) -> Origin {
        origin(self.captured.0.unsigned_abs())
    }

    /// What its record gives.
    pub fn changes(&self) -> Vec<Change> {
        let contribution = Contribution {
            key: self.document.key.clone(),
            origin: self.origin(),
            collection: self.collection.clone(),
            captured: self.captured,
            url: self.document.url.clone(),
            body: Body::Document(Box::new(self.document.clone())),
        };
        vec![
            Change::Contribution(Box::new(contribution)),
            Change::Capture(Box::new(self.capture())),
        ]
    }
}

/// Applies changes and commits.
pub fn write(
    engine: &dyn Engine,
    changes: impl IntoIterator<Item = Change>,
) -> Result<CommitId, EngineError> {
    let mut writer = engine.writer()?;
    for change in changes {
        writer.apply(change)?;
    }
    writer.commit(&[])
}

/// Candidates for an expression, with all channels.
pub fn find(view: &dyn View, expr: &Expr, filters: &[Filter]) -> Result<Found, EngineError> {
    view.candidates(&Plan {
        expr,
        filters,
        kinds: &[],
        as_of: None,
        channels: &ALL_CHANNELS,
        limit: 100,
    })
}

/// Every channel.
pub const ALL_CHANNELS: [Channel; 4] = [
    Channel::Text,
    Channel::Address,
    Channel::Anchor,
    Channel::Proximity,
];

/// A word.
pub fn word(text: &str) -> Expr {
    Expr::Word(text.into())
}

fn ids(found: &Found) -> Vec<DocumentId> {
    found
        .candidates
        .iter()
        .map(|candidate| candidate.document)
        .collect()
}

#[track_caller]
fn finds(view: &dyn View, expr: &Expr, expected: &[&Example]) -> Result<(), EngineError> {
    let mut found = ids(&find(view, expr, &[])?);
    found.sort();
    let mut expected: Vec<DocumentId> = expected.iter().map(|example| example.id()).collect();
    expected.sort();
    assert_eq!(found, expected, "{expr:?}");
    Ok(())
}

fn river() -> Example {
    Example::page(
        "https://news.example/veldania/river-treaty",
        "River treaty signed",
        &[
            "Veldania and Istmere signed the treaty on the shared river.",
            "The canal stays closed until spring.",
        ],
    )
}

fn canal() -> Example {
    Example::page(
        "https://canals.example/closed",
        "Canals",
        &["Istmere closes its canal every winter; boats wait."],
    )
    .at(1_700_000_100)
}

fn applied_twice_is_applied_once(engine: &dyn Engine) -> Result<(), EngineError> {
    let changes = [river().changes(), canal().changes()].concat();
    write(engine, changes.clone())?;
    let once = describe(&*engine.view()?)?;
    write(engine, changes.clone())?;
    write(engine, [changes.clone(), changes].concat())?;
    assert_eq!(describe(&*engine.view()?)?, once);
    Ok(())
}

fn nothing_shows_before_commit(engine: &dyn Engine) -> Result<(), EngineError> {
    let empty = engine.view()?;
    assert_eq!(empty.commit(), CommitId(0));
    assert_eq!(empty.totals()?.committed, None);
    let mut writer = engine.writer()?;
    for change in river().changes() {
        writer.apply(change)?;
    }
    assert!(writer.pending_bytes() > 0);
    finds(&*engine.view()?, &word("treaty"), &[])?;
    assert_eq!(engine.view()?.document(river().id())?, None);
    drop(writer);
    finds(&*engine.view()?, &word("treaty"), &[])?;
    write(engine, river().changes())?;
    finds(&*engine.view()?, &word("treaty"), &[&river()])?;
    assert_eq!(engine.view()?.totals()?.committed, Some(NOW));
    Ok(())
}

fn a_view_is_one_commit(engine: &dyn Engine) -> Result<(), EngineError> {
    let first = write(engine, river().changes())?;
    let view = engine.view()?;
    let second = write(engine, canal().changes())?;
    assert!(second > first);
    assert_eq!(view.commit(), first);
    finds(&*view, &word("canal"), &[&river()])?;
    assert_eq!(view.document(canal().id())?, None);
    assert_eq!(view.captures(&Surt::of(&canal().document.url))?, []);
    let newer = engine.view()?;
    assert_eq!(newer.commit(), second);
    finds(&*newer, &word("canal"), &[&river(), &canal()])?;
    assert_eq!(newer.document(canal().id())?, Some(canal().document));
    Ok(())
}

fn there_is_one_writer(engine: &dyn Engine) -> Result<(), EngineError> {
    let writer = engine.writer()?;
    assert!(matches!(engine.writer(), Err(EngineError::Locked { .. })));
    drop(writer);
    drop(engine.writer()?);
    Ok(())
}

fn a_late_link_reaches_an_early_page(engine: &dyn Engine) -> Result<(), EngineError> {
    write(engine, river().changes())?;
    finds(&*engine.view()?, &word("waterway"), &[])?;
    let linking = Example::page("https://other.example/", "Links", &["Some links."])
        .link(
            &format!("{}#part", river().document.url),
            "the  waterway\nagreement",
        )
        .at(1_700_000_200);
    write(engine, linking.changes())?;
    let view = engine.view()?;
    finds(&*view, &word("waterways"), &[&river()])?;
    let by_anchor = Expr::In(Scope::Anchor, Box::new(word("agreement")));
    let found = find(&*view, &by_anchor, &[])?;
    assert_eq!(ids(&found), [river().id()]);
    let channels: Vec<Channel> = found
        .candidates
        .iter()
        .flat_map(|c| c.scores.iter().map(|(channel, _)| *channel))
        .collect();
    assert_eq!(channels, [Channel::Anchor]);
    let heads = view.heads(&[river().id()])?;
    assert_eq!(
        heads.iter().flatten().next().map(|head| head.linking_sites),
        Some(1)
    );

    // A newer state without the link takes it back.
    let newer = Example::page("https://other.example/", "Links", &["No links."]).at(1_700_000_300);
    write(engine, newer.changes())?;
    finds(&*engine.view()?, &word("waterway"), &[])
}

fn links_follow_redirects(engine: &dyn Engine) -> Result<(), EngineError> {
    let linking = Example::page("https://other.example/", "Links", &["Some links."])
        .link("http://old.example/r", "waterway")
        .at(1_700_000_200);
    let redirect = |from: &str, to: &str| Change::Redirect {
        redirect: Redirect {
            from: Surt::of(from),
            to: Surt::of(to),
            seen: UnixSeconds(1_700_000_250),
        },
        collection: "news".into(),
        origin: origin(7),
    };
    write(engine, [river().changes(), linking.changes()].concat())?;
    finds(&*engine.view()?, &word("waterway"), &[])?;
    write(
        engine,
        [redirect("http://old.example/r", "http://old.example/s")],
    )?;
    write(
        engine,
        [redirect("http://old.example/s", &river().document.url)],
    )?;
    let view = engine.view()?;
    finds(&*view, &word("waterway"), &[&river()])?;
    assert_eq!(view.redirects()?.len(), 2);
    Ok(())
}

/// One state, seen again as a revisit and gone at last, an older state, links, a redirect.
fn varied() -> Vec<Change> {
    let older = Example::page(
        &river().document.url,
        "River talks",
        &["Talks on the river."],
    )
    .at(1_600_000_000);
    let again = Example {
        collection: "other".into(),
        ..river().at(1_700_000_900)
    };
    let linking = Example::page("https://other.example/", "Links", &["Some links."])
        .link(&river().document.url, "waterway")
        .link("https://other.example/more", "")
        .link("https://elsewhere.example/", "");
    let named = canal().with(|document| document.site_name = Some("Canal News".into()));
    let redirect = Change::Redirect {
        redirect: Redirect {
            from: Surt::of("https://elsewhere.example/"),
            to: Surt::of(&canal().document.url),
            seen: NOW,
        },
        collection: "news".into(),
        origin: origin(9),
    };
    let mut changes = [
        older.changes(),
        river().changes(),
        again.changes(),
        named.changes(),
        linking.changes(),
    ]
    .concat();
    changes.push(Change::Capture(Box::new(revisit_of(
        &river(),
        1_700_000_500,
    ))));
    let mut gone = revisit_of(&named, 1_700_000_600);
    gone.status = Some(404);
    gone.archive_digest = None;
    gone.refers_to = None;
    gone.id = Capture::id_of(&gone.surt, gone.captured, gone.status, None, None, "news");
    changes.push(Change::Capture(Box::new(gone)));
    changes.push(redirect);
    changes
}

fn revisit_of(example: &Example, captured: i64) -> Capture {
    let original = example.capture();
    let captured = UnixSeconds(captured);
    Capture {
        id: Capture::id_of(
            &original.surt,
            captured,
            Some(200),
            None,
            original.archive_digest.as_deref(),
            "news",
        ),
        captured,
        digest: None,
        document: None,
        refers_to: Some(RefersTo {
            surt: None,
            captured: None,
        }),
        ..original
    }
}

fn order_does_not_matter(engine: &dyn Engine) -> Result<(), EngineError> {
    write(engine, varied())?;
    let at_once = describe(&*engine.view()?)?;
    // The same again in the opposite order, one commit each, changes nothing: what a different
    // order gives from nothing is compared by the engines' own tests.
    for change in varied().into_iter().rev() {
        write(engine, [change])?;
    }
    assert_eq!(describe(&*engine.view()?)?, at_once);
    Ok(())
}

/// The changes of [`order_does_not_matter`], for tests that open two engines.
pub fn example_changes() -> Vec<Change> {
    varied()
}

fn a_revisit_finds_its_original_later(engine: &dyn Engine) -> Result<(), EngineError> {
    let revisit = revisit_of(&river(), 1_700_000_500);
    write(engine, [Change::Capture(Box::new(revisit.clone()))])?;
    let waiting = engine.view()?.capture(revisit.id)?;
    assert_eq!(waiting.and_then(|capture| capture.document), None);
    write(engine, river().changes())?;
    let view = engine.view()?;
    let found = view.capture(revisit.id)?;
    assert_eq!(
        found.as_ref().and_then(|capture| capture.document),
        Some(river().id())
    );
    assert_eq!(
        found.and_then(|capture| capture.digest),
        river().capture().digest
    );
    assert_eq!(view.captures_of(river().id())?.len(), 2);
    let captured = Filter {
        test: Test::Captured {
            from: revisit.captured,
            until: UnixSeconds(revisit.captured.0 + 1),
        },
        negated: false,
    };
    assert_eq!(
        ids(&find(&*view, &word("treaty"), &[captured])?),
        [river().id()]
    );
    Ok(())
}

fn one_address_is_one_result(engine: &dyn Engine) -> Result<(), EngineError> {
    let older = Example::page(
        &river().document.url,
        "River talks",
        &["Talks on the river."],
    )
    .at(1_600_000_000);
    write(engine, [river().changes(), older.changes()].concat())?;
    let view = engine.view()?;
    finds(&*view, &word("river"), &[&river()])?;
    finds(&*view, &word("talks"), &[&older])?;
    let (first, second) = (older.captured, river().captured);
    for (as_of, expected) in [
        (first, vec![older.id()]),
        (second, vec![river().id()]),
        (UnixSeconds(first.0 - 1), vec![]),
        (UnixSeconds(second.0 - 1), vec![older.id()]),
    ] {
        let expr = word("river");
        let plan = Plan {
            expr: &expr,
            filters: &[],
            kinds: &[Kind::Page],
            as_of: Some(as_of),
            channels: &ALL_CHANNELS,
            limit: 10,
        };
        let found = view.candidates(&plan)?;
        assert_eq!(ids(&found), expected, "{as_of}");
        assert_eq!(found.total, Total::Exact(expected.len() as u64));
    }
    let heads = view.heads(&[river().id(), older.id(), canal().id()])?;
    let newest: Vec<Option<bool>> = heads
        .iter()
        .map(|head| head.as_ref().map(|head| head.newest))
        .collect();
    assert_eq!(newest, [Some(true), Some(false), None]);
    Ok(())
}

fn captures_of_two_paths_are_one(engine: &dyn Engine) -> Result<(), EngineError> {
    let mut copy = river().capture();
    copy.origins = vec![origin(1)];
    write(engine, river().changes())?;
    write(engine, [Change::Capture(Box::new(copy))])?;
    let captures = engine.view()?.captures(&Surt::of(&river().document.url))?;
    assert_eq!(captures.len(), 1);
    let origins: Vec<Origin> = captures
        .into_iter()
        .flat_map(|capture| capture.origins)
        .collect();
    assert_eq!(origins, [origin(1), origin(1_700_000_000)]);
    Ok(())
}

fn filters_count_what_they_remove(engine: &dyn Engine) -> Result<(), EngineError> {
    let dated = |example: Example, date: &str| {
        example.with(|document| document.published = date.parse().ok())
    };
    let early = dated(river(), "2019-05");
    let late = dated(canal(), "2021-02-03").with(|document| {
        document.language = Some("de-AT".into());
        document.author = Some("Ada Lindqvist, Ben Orr".into());
    });
    let undated = Example::page(
        "https://canals.example/file.TXT?x=1",
        "Canal",
        &["Undated."],
    )
    .at(1_700_000_300)
    .link("https://www.news.example/veldania/", "news");
    write(
        engine,
        [early.changes(), late.changes(), undated.changes()].concat(),
    )?;
    let view = engine.view()?;
    let check = |test: Test, negated: bool, expected: &[&Example], counts: (u64, u64)| {
        let filter = [Filter { test, negated }];
        let found = find(&*view, &word("canal"), &filter)?;
        let mut got = ids(&found);
        got.sort();
        let mut expected: Vec<DocumentId> = expected.iter().map(|e| e.id()).collect();
        expected.sort();
        assert_eq!(got, expected, "{filter:?}");
        for removed in found.removed {
            let got = (removed.removed.count(), removed.undated.count());
            assert_eq!(got, counts, "{filter:?}");
        }
        Ok::<(), EngineError>(())
    };
    let published = |undated| Test::Published {
        from: Some(18_262),
        until: None,
        undated,
    };
    let site = |host: &str, path: Option<&str>| {
        let path = path.map(Into::into);
        vec![SitePattern {
            host: host.into(),
            path,
        }]
    };
    check(published(Undated::Exclude), false, &[&late], (2, 1))?;
    check(
        published(Undated::Include),
        false,
        &[&late, &undated],
        (1, 0),
    )?;
    check(published(Undated::Only), false, &[&undated], (2, 0))?;
    check(
        published(Undated::Exclude),
        true,
        &[&early, &undated],
        (1, 0),
    )?;
    check(Test::HasDate, false, &[&early, &late], (1, 0))?;
    check(
        Test::Site(site("canals.example", None)),
        false,
        &[&late, &undated],
        (1, 0),
    )?;
    check(
        Test::Site(site("news.example", Some("/veldania"))),
        false,
        &[&early],
        (2, 0),
    )?;
    check(Test::Site(site("example", None)), true, &[], (3, 0))?;
    check(
        Test::Links(site("news.example", None)),
        false,
        &[&undated],
        (2, 0),
    )?;
    check(
        Test::Extension(vec!["txt".into()]),
        false,
        &[&undated],
        (2, 0),
    )?;
    check(Test::FileType(vec!["html".into()]), true, &[], (3, 0))?;
    check(
        Test::Kind(vec![Kind::Page]),
        false,
        &[&early, &late, &undated],
        (0, 0),
    )?;
    check(Test::Language(vec!["de".into()]), false, &[&late], (2, 0))?;
    check(
        Test::Author(vec!["lindqvist".into()]),
        false,
        &[&late],
        (2, 0),
    )?;
    check(
        Test::Author(vec!["lindqvist ben".into()]),
        false,
        &[&late],
        (2, 0),
    )?;
    check(Test::Author(vec!["lind".into()]), false, &[], (3, 0))?;
    check(Test::Collection(vec!["news".into()]), true, &[], (3, 0))?;
    check(Test::HasCaptures, false, &[], (3, 0))?;

    let inside = Expr::And(vec![
        word("canal"),
        Expr::Or(vec![
            Expr::Filter(Filter {
                test: Test::HasDate,
                negated: true,
            }),
            word("winter"),
        ]),
    ]);
    finds(&*view, &inside, &[&late, &undated])?;
    let german = Filter {
        test: Test::Language(vec!["de".into()]),
        negated: true,
    };
    let sites = vec![
        ("canals.example".to_owned(), 1),
        ("news.example".to_owned(), 1),
    ];
    assert_eq!(view.counts(Facet::Site, &[german])?, sites);
    let languages = vec![("en".to_owned(), 2), ("de".to_owned(), 1)];
    assert_eq!(view.counts(Facet::Language, &[])?, languages);
    Ok(())
}

fn fields_and_phrases(engine: &dyn Engine) -> Result<(), EngineError> {
    let treaty = river();
    let boats = canal();
    let email = Example::page(
        "https://mail.example/std",
        "Using std::vec in C++",
        &["Café owners send e-mail about the U.S. market. Syria's rivers."],
    )
    .at(1_700_000_400);
    write(
        engine,
        [treaty.changes(), boats.changes(), email.changes()].concat(),
    )?;
    let view = engine.view()?;
    let check = |expr: Expr, expected: &[&Example]| finds(&*view, &expr, expected);
    let phrase = |words: &str| {
        let words = words.split(' ').map(|w| (w != "*").then(|| w.to_owned()));
        Expr::Phrase(words.collect())
    };
    let within = |scope, expr: Expr| Expr::In(scope, Box::new(expr));
    let not = |expr: Expr| Expr::Not(Box::new(expr));
    check(word("rivers"), &[&treaty, &email])?;
    check(Expr::Exact("rivers".into()), &[&email])?;
    check(Expr::Exact("Rivers".into()), &[&email])?;
    check(phrase("shared river"), &[&treaty])?;
    check(phrase("shared rivers"), &[])?;
    check(phrase("signed * treaty"), &[&treaty])?;
    check(phrase("river treaty"), &[&treaty])?;
    // Not from the last passage into the title.
    check(phrase("spring river"), &[])?;
    check(phrase("river the canal"), &[&treaty])?;
    check(Expr::Prefix("trea".into()), &[&treaty])?;
    check(within(Scope::Title, word("river")), &[&treaty])?;
    check(within(Scope::Title, word("canal")), &[&boats])?;
    check(within(Scope::Body, word("canal")), &[&treaty, &boats])?;
    check(within(Scope::Body, Expr::Exact("canals".into())), &[])?;
    check(within(Scope::Page, word("std")), &[&email])?;
    check(within(Scope::Url, word("veldania")), &[&treaty])?;
    check(within(Scope::Title, phrase("treaty signed")), &[&treaty])?;
    check(within(Scope::Body, phrase("treaty signed")), &[])?;
    check(within(Scope::Url, phrase("river treaty")), &[&treaty])?;
    check(word("std::vec"), &[&email])?;
    check(word("C++"), &[&email])?;
    check(word("e-mail"), &[&email])?;
    check(word("cafe"), &[&email])?;
    check(word("Syria"), &[&email])?;
    check(word("US"), &[&email])?;
    check(
        Expr::Or(vec![word("boats"), word("market")]),
        &[&boats, &email],
    )?;
    check(
        Expr::And(vec![word("canal"), not(word("boat"))]),
        &[&treaty],
    )?;
    check(not(word("canal")), &[&email])?;
    check(Expr::Everything, &[&treaty, &boats, &email])?;
    let near = |a: Expr, b: Expr, apart| Expr::Near(Box::new(a), Box::new(b), apart);
    check(near(word("signed"), word("rivers"), 4), &[&treaty])?;
    check(near(word("river"), word("signing"), 4), &[&treaty])?;
    check(near(word("veldania"), phrase("shared river"), 6), &[])?;
    check(
        near(word("veldania"), phrase("shared river"), 7),
        &[&treaty],
    )?;
    check(
        near(
            Expr::Prefix("velda".into()),
            Expr::Exact("istmere".into()),
            1,
        ),
        &[&treaty],
    )?;
    assert_eq!(view.frequency("rivers")?, 2);
    assert_eq!(view.frequency("canals")?, 2);
    assert_eq!(view.frequency("closed")?, 2);
    assert_eq!(view.frequency("absent")?, 0);
    Ok(())
}

fn stop_words_need_not_be_there(engine: &dyn Engine) -> Result<(), EngineError> {
    let hamlet = Example::page(
        "https://plays.example/h",
        "Hamlet",
        &["To be or not to be, that is it."],
    );
    let other = Example::page(
        "https://plays.example/o",
        "Other",
        &["Lear questions everything."],
    )
    .at(1_700_000_300);
    write(engine, [hamlet.changes(), other.changes()].concat())?;
    let view = engine.view()?;
    let all = |words: &str| Expr::And(words.split(' ').map(word).collect());
    finds(&*view, &all("the questions"), &[&other])?;
    finds(&*view, &all("not to be"), &[&hamlet])?;
    finds(&*view, &all("the not"), &[])?;
    finds(
        &*view,
        &Expr::In(Scope::Body, Box::new(word("that"))),
        &[&hamlet],
    )?;
    finds(&*view, &Expr::Not(Box::new(word("to"))), &[&other])
}

fn each_language_has_its_stems(engine: &dyn Engine) -> Result<(), EngineError> {
    let german = Example::page("https://d.example/", "Häuser", &["Die Häuser am Fluss."])
        .with(|document| document.language = Some("de".into()));
    let chinese = Example::page("https://c.example/", "大学", &["我在北京大学生活。"])
        .with(|document| document.language = Some("zh-Hans".into()))
        .at(1_700_000_100);
    let unknown = Example::page("https://u.example/", "Zzz", &["Haus numbers; ภาษาไทย"])
        .with(|document| document.language = None)
        .at(1_700_000_200);
    write(
        engine,
        [german.changes(), chinese.changes(), unknown.changes()].concat(),
    )?;
    let view = engine.view()?;
    assert_eq!(view.languages()?, ["", "de", "zh"]);
    finds(&*view, &word("Haus"), &[&german, &unknown])?;
    finds(&*view, &word("Hauses"), &[&german, &unknown])?;
    finds(&*view, &word("北京"), &[&chinese])?;
    finds(&*view, &word("北京大学"), &[&chinese])?;
    finds(
        &*view,
        &Expr::Phrase(vec![Some("京大学".into())]),
        &[&chinese],
    )?;
    finds(&*view, &Expr::Phrase(vec![Some("北大".into())]), &[])?;
    finds(&*view, &word("ไทย"), &[&unknown])
}

fn passages_that_answer_are_named(engine: &dyn Engine) -> Result<(), EngineError> {
    let words: Vec<String> = (0..20)
        .map(|n| format!("Filler number {n} about boats."))
        .collect();
    let mut passages: Vec<&str> = words.iter().map(String::as_str).collect();
    passages[13] = "The treaty on the river was signed.";
    passages[5] = "A river.";
    let page = Example::page("https://long.example/", "Long", &passages);
    write(engine, [page.changes(), canal().changes()].concat())?;
    let view = engine.view()?;
    let expr = Expr::And(vec![word("river"), word("treaties")]);
    let found = find(&*view, &expr, &[])?;
    let named: Vec<u32> = found
        .candidates
        .iter()
        .flat_map(|candidate| candidate.passages.iter().map(|(number, _)| *number))
        .collect();
    assert_eq!(named, [13, 5]);
    let read = view.passages(page.id(), 13..15)?;
    assert_eq!(read, page.document.passages[13..15]);
    assert_eq!(view.passages(page.id(), 19..30)?.len(), 1);
    let proximity = |expr: Expr| -> Result<bool, EngineError> {
        let found = find(&*view, &expr, &[])?;
        let scores = found
            .candidates
            .iter()
            .flat_map(|candidate| &candidate.scores);
        Ok(scores
            .into_iter()
            .any(|(channel, score)| *channel == Channel::Proximity && *score > 0.0))
    };
    assert!(proximity(Expr::And(vec![word("filler"), word("number")]))?);
    assert!(!proximity(Expr::And(vec![word("number"), word("filler")]))?);
    Ok(())
}

fn what_was_said_is_read_back(engine: &dyn Engine) -> Result<(), EngineError> {
    let named = river().with(|document| document.site_name = Some("Veldania Post".into()));
    let outcome = Outcome {
        origin: origin(3),
        url: Some("http://a.example/".into()),
        class: OutcomeClass::Failed,
        reason: "gzip member ends early".into(),
        tried: NOW,
    };
    let later = Outcome {
        reason: "no gzip member".into(),
        ..outcome.clone()
    };
    let source = SourceState {
        path: "/data/a.warc".into(),
        collection: "news".into(),
        size: 10,
        modified_nanos: 5,
        beginning: "b".into(),
        reader: "warc 1".into(),
        position: Position(7),
        complete: false,
    };
    {
        let mut writer = engine.writer()?;
        for change in named.changes() {
            writer.apply(change)?;
        }
        writer.apply(Change::Outcome(outcome))?;
        writer.apply(Change::Outcome(later.clone()))?;
        writer.commit(std::slice::from_ref(&source))?;
        assert_eq!(writer.source("/data/a.warc", "news")?, Some(source.clone()));
        assert_eq!(writer.source("/data/a.warc", "other")?, None);
        assert_eq!(writer.pending_bytes(), 0);
    }
    let view = engine.view()?;
    assert_eq!(view.journal()?, [later]);
    assert_eq!(view.document(named.id())?, Some(named.document.clone()));
    let outline = view.outline(named.id())?;
    let outline = outline.map(|outline| (outline.title, outline.passages.len()));
    assert_eq!(outline, Some((named.document.title.clone(), 0)));
    assert_eq!(view.capture(named.capture().id)?, Some(named.capture()));
    let name = Some("Veldania Post".to_owned());
    assert_eq!(view.site_name(&Host("news.example".into()))?, name);
    assert_eq!(view.site_name(&Host("www.news.example".into()))?, name);
    assert_eq!(view.site_name(&Host("sub.news.example".into()))?, name);
    assert_eq!(view.site_name(&Host("other.example".into()))?, None);
    assert_eq!(view.ids_after(None, 10)?, [named.id()]);
    assert_eq!(view.ids_after(Some(named.id()), 10)?, []);
    assert_eq!(view.captures_after(None, 10)?, [named.capture()]);
    assert_eq!(view.contributions(named.id())?.len(), 1);
    let totals = view.totals()?;
    assert_eq!(
        (totals.documents, totals.captures, totals.outcomes),
        (1, 1, 1)
    );
    let heads = view.heads(&[named.id()])?;
    let head = heads.into_iter().flatten().next();
    let described = head.map(|head| (head.title, head.length, head.passages, head.held.len()));
    assert_eq!(described, Some(("River treaty signed".into(), 16, 2, 1)));
    Ok(())
}

/// Everything that two engines must agree on after the same changes, as text: documents, heads,
/// captures, redirects, journal, names, and what some queries find.
pub fn describe(view: &dyn View) -> Result<String, EngineError> {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut line = |line: String| {
        // Writing to a string cannot fail.
        let _written = writeln!(text, "{line}");
    };
    let mut ids = Vec::new();
    while let more = view.ids_after(ids.last().copied(), 100)?
        && !more.is_empty()
    {
        ids.extend(more);
    }
    let mut hosts = std::collections::BTreeSet::new();
    for (id, head) in ids.iter().zip(view.heads(&ids)?) {
        let document = view.document(*id)?;
        hosts.extend(document.iter().map(|document| Host::of(&document.url)));
        line(format!("{document:?}\n{head:?}"));
        line(format!("{:?}", view.contributions(*id)?));
        line(format!("{:?}", view.captures_of(*id)?));
    }
    let mut last = None;
    while let captures = view.captures_after(last, 100)?
        && let Some(capture) = captures.last()
    {
        last = Some(capture.id);
        line(format!("{captures:?}"));
    }
    line(format!("{:?}", view.redirects()?));
    line(format!("{:?}", view.journal()?));
    for host in hosts {
        line(format!("{host}: {:?}", view.site_name(&host)?));
    }
    for facet in [Facet::Kind, Facet::Collection, Facet::Language, Facet::Site] {
        line(format!("{:?}", view.counts(facet, &[])?));
    }
    for query in ["river", "canal", "waterway", "talks", "istmere", "news"] {
        let found = find(view, &word(query), &[])?;
        let named: Vec<_> = found
            .candidates
            .iter()
            .map(|candidate| (candidate.document, &candidate.passages))
            .collect();
        line(format!("{query}: {:?} {named:?}", found.total));
    }
    Ok(text)
}
