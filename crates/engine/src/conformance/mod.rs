//! What every engine promises, as a suite that each of them runs: call [`suite`] with a function
//! that opens an empty engine.

mod describe;
mod example;
mod finding;
mod retracting;
mod several;

use model::address::{Host, Surt};
use model::capture::{Capture, Redirect, RefersTo};
use model::document::{DocumentId, Kind};
use model::hit::{Channel, Found, Total};
use model::query::{Expr, Filter, Plan, Scope, Test};
use model::record::{Origin, Position};
use model::time::UnixSeconds;

pub use self::describe::describe;
pub use self::example::{ALL_CHANNELS, Example, find, origin, word, write};
use self::finding::{
    a_word_as_written_is_found, captures_that_show_nothing_do_not_count,
    each_language_has_its_stems, fields_and_phrases, filters_count_what_they_remove,
    passages_that_answer_are_named, stop_words_need_not_be_there,
    without_words_the_newest_come_first,
};
use self::retracting::{
    a_record_in_another_file_stays, a_revisit_waits_again, equal_files_come_in_any_order,
    what_is_retracted_was_never_there,
};
use self::several::{
    a_thread_is_one_document, a_video_is_merged_from_its_records, filters_know_threads_and_videos,
    posts_come_in_any_order, several,
};
use crate::{Change, CommitId, Engine, EngineError, Outcome, OutcomeClass, SourceState, View};

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
        "captures_that_show_nothing_do_not_count",
        captures_that_show_nothing_do_not_count,
    ),
    (
        "without_words_the_newest_come_first",
        without_words_the_newest_come_first,
    ),
    ("a_word_as_written_is_found", a_word_as_written_is_found),
    (
        "passages_that_answer_are_named",
        passages_that_answer_are_named,
    ),
    ("what_was_said_is_read_back", what_was_said_is_read_back),
    ("passages_are_read_alone", passages_are_read_alone),
    (
        "what_is_retracted_was_never_there",
        what_is_retracted_was_never_there,
    ),
    (
        "a_record_in_another_file_stays",
        a_record_in_another_file_stays,
    ),
    ("a_revisit_waits_again", a_revisit_waits_again),
    (
        "equal_files_come_in_any_order",
        equal_files_come_in_any_order,
    ),
    ("posts_come_in_any_order", posts_come_in_any_order),
    ("a_thread_is_one_document", a_thread_is_one_document),
    (
        "filters_know_threads_and_videos",
        filters_know_threads_and_videos,
    ),
    (
        "a_video_is_merged_from_its_records",
        a_video_is_merged_from_its_records,
    ),
];

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

/// The changes of `order_does_not_matter`, for tests that open two engines.
pub fn example_changes() -> Vec<Change> {
    varied()
}

/// Changes to compare engines by: threads, one of them without its opening post, and a video.
pub fn example_threads() -> Vec<Change> {
    several()
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

fn passages_are_read_alone(engine: &dyn Engine) -> Result<(), EngineError> {
    let texts: Vec<String> = (0..60)
        .map(|number| format!("Passage {number} of a long report. ").repeat(1 + number % 7 * 30))
        .collect();
    let texts: Vec<&str> = texts.iter().map(|text| text.trim_end()).collect();
    let long = Example::page("https://long.example/report", "Report", &texts);
    write(engine, [long.changes(), river().changes()].concat())?;
    let view = engine.view()?;
    for which in [0..1, 0..60, 13..15, 58..200, 60..61, 5..5, 0..u32::MAX] {
        let (start, end) = (which.start as usize, which.end.min(60) as usize);
        let expected = long.document.passages.get(start..end).unwrap_or_default();
        assert_eq!(view.passages(long.id(), which)?, expected);
    }
    assert_eq!(view.document(long.id())?, Some(long.document));
    Ok(())
}
