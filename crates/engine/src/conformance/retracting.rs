//! Promises about what is taken back.

use model::address::Surt;
use model::capture::Redirect;
use model::record::{Origin, Step};

use super::{NOW, canal, describe, finds, revisit_of, river, varied};
use crate::conformance::{Example, word, write};
use crate::{Change, Engine, EngineError, Outcome, OutcomeClass};

const TAIL: &str = "/data/tail.warc";

fn place(path: &str, offset: u64) -> Origin {
    Origin {
        source: "/data".into(),
        path: path.trim_start_matches("/data/").into(),
        steps: vec![Step::Bytes(offset, 100)],
        digest: None,
    }
}

/// The same changes, read from another place.
fn from(at: &Origin, changes: Vec<Change>) -> Vec<Change> {
    let mut changes = changes;
    for change in &mut changes {
        match change {
            Change::Contribution(said) => said.origin = at.clone(),
            Change::Capture(said) => said.origins = vec![at.clone()],
            Change::Redirect { origin, .. } => *origin = at.clone(),
            Change::Outcome(said) => said.origin = at.clone(),
            Change::Retract { .. } => {}
        }
    }
    changes
}

fn retract(path: &str, collection: &str, from: u64) -> Change {
    Change::Retract {
        path: path.into(),
        collection: collection.into(),
        from,
    }
}

fn redirect(from: &str, to: &str) -> Change {
    Change::Redirect {
        redirect: Redirect {
            from: Surt::of(from),
            to: Surt::of(to),
            seen: NOW,
        },
        collection: "news".into(),
        origin: place(TAIL, 0),
    }
}

fn outcome() -> Change {
    Change::Outcome(Outcome {
        origin: place(TAIL, 0),
        url: None,
        class: OutcomeClass::Failed,
        reason: "gzip member ends early".into(),
        tried: NOW,
    })
}

/// The tail of an archive: a new page with links and a name, a newer state of a page that other
/// files hold, a page that they hold themselves, a redirect, a failure.
fn tail() -> Vec<Change> {
    let page = Example::page("https://tail.example/", "Tail", &["A river at the end."])
        .link(&river().document.url, "newest waterway")
        .link("https://moved.example/", "the canals")
        .with(|document| document.site_name = Some("Tail News".into()))
        .at(1_700_001_000);
    let newer = Example::page(&river().document.url, "River closed", &["No more boats."])
        .with(|document| document.site_name = Some("Closed News".into()))
        .at(1_700_002_000);
    let redirect = redirect("https://moved.example/", &canal().document.url);
    [
        from(&place(TAIL, 500), page.changes()),
        from(&place(TAIL, 600), newer.changes()),
        from(&place(TAIL, 700), canal().changes()),
        from(&place(TAIL, 800), vec![redirect]),
        from(&place(TAIL, 900), vec![outcome()]),
    ]
    .concat()
}

pub(super) fn what_is_retracted_was_never_there(engine: &dyn Engine) -> Result<(), EngineError> {
    let early = Example::page("https://early.example/", "Early", &["News of a canal."]);
    let whole = Origin {
        steps: Vec::new(),
        ..place(TAIL, 0)
    };
    let kept = [
        varied(),
        from(&place(TAIL, 100), early.changes()),
        from(&place(TAIL, 100), vec![outcome()]),
        from(&whole, vec![outcome()]),
        // The same page in another collection, and in another file of almost the same name.
        from(
            &place(TAIL, 500),
            Example {
                collection: "other".into(),
                ..early
            }
            .changes(),
        ),
        from(&place("/data/tail.warc.gz", 500), canal().changes()),
    ];
    write(engine, kept.concat())?;
    let without = describe(&*engine.view()?)?;
    write(engine, tail())?;
    let with = describe(&*engine.view()?)?;
    assert_ne!(with, without);
    let no_more = [
        retract(TAIL, "news", 901),
        retract("/data/other.warc", "news", 0),
        retract("/data", "news", 0),
    ];
    write(engine, no_more)?;
    assert_eq!(describe(&*engine.view()?)?, with);
    write(engine, [retract("/data//tail.warc", "news", 500)])?;
    assert_eq!(describe(&*engine.view()?)?, without);
    write(engine, [retract(TAIL, "news", 500)])?;
    assert_eq!(describe(&*engine.view()?)?, without);
    write(engine, tail())?;
    assert_eq!(describe(&*engine.view()?)?, with);
    // In one commit, and one by one.
    write(engine, [vec![retract(TAIL, "news", 500)], tail()].concat())?;
    assert_eq!(describe(&*engine.view()?)?, with);
    write(engine, [tail(), vec![retract(TAIL, "news", 500)]].concat())?;
    assert_eq!(describe(&*engine.view()?)?, without);
    for change in tail() {
        write(engine, [change])?;
    }
    assert_eq!(describe(&*engine.view()?)?, with);
    Ok(())
}

pub(super) fn a_record_in_another_file_stays(engine: &dyn Engine) -> Result<(), EngineError> {
    write(engine, river().changes())?;
    let alone = describe(&*engine.view()?)?;
    write(engine, from(&place(TAIL, 500), river().changes()))?;
    let view = engine.view()?;
    assert_eq!(view.contributions(river().id())?.len(), 2);
    let origins = view.capture(river().capture().id)?.map(|of| of.origins);
    let [own] = &river().capture().origins[..] else {
        panic!("an example has one origin")
    };
    assert_eq!(origins, Some(vec![place(TAIL, 500), own.clone()]));
    write(engine, [retract(TAIL, "news", 0)])?;
    assert_eq!(describe(&*engine.view()?)?, alone);
    write(engine, [retract("/data/a.warc", "news", 0)])?;
    let view = engine.view()?;
    assert_eq!(view.totals()?.documents, 0);
    assert_eq!(view.totals()?.captures, 0);
    finds(&*view, &word("treaty"), &[])
}

pub(super) fn a_revisit_waits_again(engine: &dyn Engine) -> Result<(), EngineError> {
    let revisit = revisit_of(&river(), 1_700_000_500);
    write(engine, [Change::Capture(Box::new(revisit.clone()))])?;
    let waiting = describe(&*engine.view()?)?;
    write(engine, from(&place(TAIL, 500), river().changes()))?;
    let found = engine.view()?.capture(revisit.id)?;
    assert_eq!(
        found.and_then(|found| found.document),
        Some(river().id()),
        "the revisit has found its original"
    );
    write(engine, [retract(TAIL, "news", 500)])?;
    assert_eq!(describe(&*engine.view()?)?, waiting);
    Ok(())
}

/// Two files that hold the same records, read in either order.
pub(super) fn equal_files_come_in_any_order(engine: &dyn Engine) -> Result<(), EngineError> {
    let copies = ["/data/x/a.warc", "/data/y/a.warc"]
        .map(|path| [from(&place(path, 0), varied()), tail_at(path)].concat());
    let mut seen = Vec::new();
    for order in [[0, 1], [1, 0]] {
        for copy in order {
            write(engine, copies[copy].clone())?;
        }
        seen.push(describe(&*engine.view()?)?);
        for path in ["/data/x/a.warc", "/data/y/a.warc"] {
            for collection in ["news", "other"] {
                write(engine, [retract(path, collection, 0)])?;
            }
        }
        assert_eq!(engine.view()?.totals()?.documents, 0);
        assert_eq!(engine.view()?.totals()?.captures, 0);
        assert_eq!(engine.view()?.redirects()?, []);
        assert_eq!(engine.view()?.journal()?, []);
    }
    assert_eq!(seen[0], seen[1]);
    Ok(())
}

fn tail_at(path: &str) -> Vec<Change> {
    let numbered = (500..).step_by(100).zip(tail());
    numbered
        .flat_map(|(offset, change)| from(&place(path, offset), vec![change]))
        .collect()
}
