//! Promises about things that several records describe: threads made of posts, videos.

use std::collections::BTreeMap;

use model::contribution::{Body, Contribution};
use model::document::{
    Document, DocumentId, DocumentKind, Evidence, Field, Key, Kind, Locator, Passage, Post,
};
use model::part::{Part, ThreadHead};
use model::query::{Expr, Filter, SitePattern, Test};
use model::record::{Origin, Step};
use model::time::UnixSeconds;

use super::{NOW, describe, find, ids, word, write};
use crate::{Change, Engine, EngineError, Facet};

/// Records that give posts lie here; a block of lines gives many.
const COMMENTS: &str = "/data/comments.ndjson";
const SUBMISSIONS: &str = "/data/submissions.ndjson";

fn block(path: &str, offset: u64) -> Origin {
    Origin {
        source: path.into(),
        path: path.into(),
        steps: vec![Step::Bytes(offset, 1000)],
        digest: None,
    }
}

pub(super) fn thread(id: &str) -> Key {
    Key::Thread {
        platform: "reddit".into(),
        id: id.into(),
    }
}

fn said(key: &Key, origin: &Origin, body: Body) -> Change {
    Change::Contribution(Box::new(Contribution {
        key: key.clone(),
        origin: origin.clone(),
        collection: "forum".into(),
        captured: NOW,
        url: format!("file://{}", origin.path),
        body,
    }))
}

/// A post of a thread, in a block of comments.
pub(super) fn post(of: &str, id: &str, parent: Option<&str>, text: &str, offset: u64) -> Change {
    let part = Part {
        id: id.into(),
        parent: parent.map(Into::into),
        head: None,
        text: text.into(),
        deleted: false,
        permalink: Some(format!("https://www.talk.example/r/canals/{of}/{id}/")),
        post: Post {
            author: Some("wren".into()),
            time: Some(UnixSeconds(1_700_000_000)),
            score: Some(3),
            ..Post::default()
        },
    };
    let origin = block(COMMENTS, offset);
    said(&thread(of), &origin, Body::Part(Box::new(part)))
}

/// The opening post of a thread, in a block of submissions.
pub(super) fn opening(of: &str, title: &str, text: &str) -> Change {
    let part = Part {
        id: format!("t3_{of}"),
        parent: None,
        head: Some(ThreadHead {
            title: title.into(),
            url: format!("https://www.talk.example/r/canals/{of}/"),
            forum: Some("r/Canals".into()),
            site_name: Some("Talk".into()),
            language: Some("en".into()),
            accepted: None,
            answers: None,
        }),
        text: text.into(),
        deleted: false,
        permalink: None,
        post: Post {
            time: Some(UnixSeconds(1_690_000_000)),
            score: Some(40),
            ..Post::default()
        },
    };
    let origin = block(SUBMISSIONS, 0);
    said(&thread(of), &origin, Body::Part(Box::new(part)))
}

fn comments() -> Vec<Change> {
    vec![
        post("a1", "c2", Some("c1"), "The lock keeper says June.", 0),
        post("a1", "c1", None, "When does the waterway open again?", 0),
        post("a1", "c3", None, "Never, says the harbour master.", 1000),
        post("a2", "d1", None, "A river is no canal.", 1000),
        // Its opening post is in no file.
        post("a9", "e1", None, "Nobody sees this waterway.", 1000),
    ]
}

fn submissions() -> Vec<Change> {
    vec![
        opening("a1", "Canal closed", ""),
        opening("a2", "What is a canal?", "Asked at the river."),
    ]
}

/// Threads, one of them without its opening post, and a video.
pub(super) fn several() -> Vec<Change> {
    [comments(), submissions(), video()].concat()
}

fn no_more(path: &str, from: u64) -> Change {
    Change::Retract {
        path: path.into(),
        collection: "forum".into(),
        from,
    }
}

/// In whatever order, in one commit or several, once or twice, and after some was taken back.
pub(super) fn posts_come_in_any_order(engine: &dyn Engine) -> Result<(), EngineError> {
    write(engine, comments())?;
    write(engine, submissions())?;
    let all = describe(&*engine.view()?)?;
    for changes in [comments(), submissions()] {
        write(engine, changes)?;
        assert_eq!(describe(&*engine.view()?)?, all, "said again");
    }
    write(engine, [no_more(COMMENTS, 0), no_more(SUBMISSIONS, 0)])?;
    assert_eq!(engine.view()?.totals()?.documents, 0);
    assert_eq!(engine.view()?.waiting_after(None, 10)?, []);
    write(engine, submissions())?;
    write(engine, comments())?;
    assert_eq!(describe(&*engine.view()?)?, all, "submissions first");
    write(engine, [no_more(COMMENTS, 0), no_more(SUBMISSIONS, 0)])?;
    let mut mixed = [comments(), submissions(), comments()].concat();
    mixed.reverse();
    for change in mixed {
        write(engine, [change])?;
    }
    assert_eq!(describe(&*engine.view()?)?, all, "one by one, backwards");
    Ok(())
}

fn id(of: &str) -> DocumentId {
    DocumentId::of(&thread(of))
}

pub(super) fn a_thread_is_one_document(engine: &dyn Engine) -> Result<(), EngineError> {
    write(engine, comments())?;
    let view = engine.view()?;
    assert_eq!(view.totals()?.documents, 0);
    assert_eq!(ids(&find(&*view, &word("waterway"), &[])?), []);
    let mut waiting = vec![id("a1"), id("a2"), id("a9")];
    waiting.sort();
    assert_eq!(view.waiting_after(None, 10)?, waiting);
    assert_eq!(view.waiting_after(Some(waiting[0]), 1)?, waiting[1..2]);
    assert_eq!(view.contributions(id("a1"))?.len(), 3);

    write(engine, submissions())?;
    let view = engine.view()?;
    assert_eq!(view.totals()?.documents, 2);
    assert_eq!(view.waiting_after(None, 10)?, [id("a9")]);
    assert_eq!(view.contributions(id("a1"))?.len(), 4);
    assert_eq!(ids(&find(&*view, &word("waterway"), &[])?), [id("a1")]);
    let texts: Vec<String> = view
        .passages(id("a1"), 0..10)?
        .into_iter()
        .map(|passage| passage.text)
        .collect();
    // Answers by time and id, each behind what it answers.
    let expected = [
        "When does the waterway open again?",
        "The lock keeper says June.",
        "Never, says the harbour master.",
    ];
    assert_eq!(texts, expected);
    let outline = view.outline(id("a1"))?;
    let kind = outline.map(|outline| outline.kind);
    let expected = DocumentKind::Thread {
        forum: Some("r/Canals".into()),
        answers: 3,
        score: Some(40),
    };
    assert_eq!(kind, Some(expected));
    assert_eq!(
        view.counts(Facet::Kind, &[])?,
        [(Kind::Thread.as_str().to_owned(), 2)]
    );
    assert_eq!(
        view.counts(Facet::Site, &[])?,
        [("talk.example".to_owned(), 2)]
    );
    assert_eq!(
        view.counts(Facet::Collection, &[])?,
        [("forum".to_owned(), 2)]
    );

    // A later form of a post, in a block behind.
    write(engine, [post("a1", "c3", None, "It opens in June.", 2000)])?;
    let view = engine.view()?;
    let texts = view.passages(id("a1"), 2..3)?;
    assert_eq!(texts[0].text, "It opens in June.");
    assert_eq!(ids(&find(&*view, &word("harbour"), &[])?), []);

    // Without its tail the earlier form counts again; without its opening post it is none.
    write(engine, [no_more(COMMENTS, 2000)])?;
    let view = engine.view()?;
    assert_eq!(ids(&find(&*view, &word("harbour"), &[])?), [id("a1")]);
    write(engine, [no_more(SUBMISSIONS, 0)])?;
    let view = engine.view()?;
    assert_eq!(view.totals()?.documents, 0);
    assert_eq!(ids(&find(&*view, &word("harbour"), &[])?), []);
    assert_eq!(view.document(id("a1"))?, None);
    assert_eq!(view.waiting_after(None, 10)?, waiting);
    Ok(())
}

pub(super) fn filters_know_threads_and_videos(engine: &dyn Engine) -> Result<(), EngineError> {
    write(engine, several())?;
    let view = engine.view()?;
    let check = |test: Test, expected: &[DocumentId]| -> Result<(), EngineError> {
        let filter = Filter {
            test: test.clone(),
            negated: false,
        };
        let mut found = ids(&find(&*view, &Expr::Everything, &[filter])?);
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(found, expected, "{test:?}");
        Ok(())
    };
    let site = |host: &str, path: Option<&str>| {
        Test::Site(vec![SitePattern {
            host: host.into(),
            path: path.map(Into::into),
        }])
    };
    let film = DocumentId::of(&video_key());
    let threads = [id("a1"), id("a2")];
    let names = |name: &str| vec![name.to_owned()];
    check(Test::Kind(vec![Kind::Thread]), &threads)?;
    check(Test::Kind(vec![Kind::Video]), &[film])?;
    check(site("talk.example", None), &threads)?;
    check(site("talk.example", Some("/r/canals/a2")), &[id("a2")])?;
    check(site("films.example", None), &[film])?;
    check(Test::Forum(names("r/canals")), &threads)?;
    check(Test::Forum(names("Canals")), &threads)?;
    check(Test::Forum(names("canal")), &[])?;
    check(Test::Forum(names("lantern films")), &[])?;
    check(Test::Channel(names("lantern films")), &[film])?;
    check(Test::Channel(names("Films")), &[film])?;
    check(Test::Channel(names("films lantern")), &[])?;
    check(Test::Channel(names("")), &[])?;
    let lasts = |from, to| Test::Duration { from, to };
    check(lasts(Some(231), Some(231)), &[film])?;
    check(lasts(None, None), &[film])?;
    check(lasts(Some(232), None), &[])?;
    check(lasts(None, Some(230)), &[])?;
    check(
        Test::Collection(names("forum")),
        &[film, threads[0], threads[1]],
    )?;
    check(Test::Language(names("en")), &[film, threads[0], threads[1]])?;
    check(Test::HasDate, &threads)?;
    let seen = |from: i64| Test::Captured {
        from: UnixSeconds(from),
        until: UnixSeconds(NOW.0 + 1),
    };
    check(seen(NOW.0), &[film, threads[0], threads[1]])?;
    check(seen(NOW.0 + 1), &[])?;
    for (as_of, expected) in [(NOW.0, 3), (NOW.0 - 1, 0)] {
        let found = view.candidates(&model::query::Plan {
            expr: &Expr::Everything,
            filters: &[],
            kinds: &[],
            as_of: Some(UnixSeconds(as_of)),
            channels: &[],
            limit: 10,
        })?;
        assert_eq!(found.candidates.len(), expected, "as of {as_of}");
    }
    Ok(())
}

fn video_key() -> Key {
    Key::Video {
        platform: "films".into(),
        id: "x7".into(),
    }
}

fn saying(title: &str, evidence: Evidence, kind: DocumentKind) -> Document {
    let key = video_key();
    Document {
        id: DocumentId::of(&key),
        key,
        url: "https://films.example/watch/x7".into(),
        canonical: None,
        kind,
        title: title.into(),
        description: None,
        site_name: None,
        author: None,
        breadcrumb: Vec::new(),
        language: Some("en".into()),
        published: None,
        modified: None,
        passages: Vec::new(),
        links: Vec::new(),
        thumbnail: None,
        read_from: BTreeMap::from([(Field::Title, evidence)]),
        warnings: Vec::new(),
    }
}

/// A video by its metadata file, by captions, and by a page that shows it.
fn video() -> Vec<Change> {
    let unknown = DocumentKind::Video {
        duration_seconds: None,
        channel: None,
        automatic: false,
    };
    let embedded = saying(
        "Boats of the Istmere",
        Evidence::Embedded,
        DocumentKind::Video {
            duration_seconds: Some(231),
            channel: None,
            automatic: false,
        },
    );
    let mut captions = saying("x7.en.vtt", Evidence::Url, unknown);
    captions.passages = vec![Passage {
        text: "We pass the lock at dawn.".into(),
        heading: None,
        locator: Locator::Seconds(65),
        post: None,
    }];
    let mut page = saying(
        "Boats – films.example",
        Evidence::JsonLd,
        DocumentKind::Video {
            duration_seconds: Some(230),
            channel: Some("Lantern Films".into()),
            automatic: false,
        },
    );
    page.site_name = Some("Films".into());
    page.links = vec![model::document::Link {
        url: "https://harbour.example/".into(),
        text: "the harbour".into(),
    }];
    let places = ["/data/x7.info.json", "/data/x7.en.vtt", "/data/crawl.warc"];
    let records = places.into_iter().zip([embedded, captions, page]);
    records
        .map(|(path, document)| {
            let origin = block(path, 0);
            said(&video_key(), &origin, Body::Document(Box::new(document)))
        })
        .collect()
}

pub(super) fn a_video_is_merged_from_its_records(engine: &dyn Engine) -> Result<(), EngineError> {
    let id = DocumentId::of(&video_key());
    let [file, captions, page] = <[Change; 3]>::try_from(video()).unwrap_or_else(|_| {
        panic!("three records describe the video");
    });
    let mut seen: Option<String> = None;
    let orders = [
        [&file, &captions, &page],
        [&page, &file, &captions],
        [&captions, &page, &file],
        [&page, &captions, &file],
    ];
    for order in orders {
        for change in order {
            write(engine, [change.clone()])?;
        }
        let view = engine.view()?;
        let all = describe(&*view)?;
        assert_eq!(*seen.get_or_insert_with(|| all.clone()), all);
        let document = view.document(id)?;
        let told = document.map(|document| (document.title, document.kind));
        let expected = DocumentKind::Video {
            duration_seconds: Some(231),
            channel: Some("Lantern Films".into()),
            automatic: false,
        };
        assert_eq!(told, Some(("Boats of the Istmere".into(), expected)));
        assert_eq!(ids(&find(&*view, &word("dawn"), &[])?), [id]);
        let name = view.site_name(&model::address::Host::of("https://films.example/"))?;
        assert_eq!(name.as_deref(), Some("Films"));
        // Without its metadata file it is called what its page calls it.
        write(engine, [no_more("/data/x7.info.json", 0)])?;
        let outline = engine.view()?.outline(id)?;
        let title = outline.map(|outline| outline.title);
        assert_eq!(title.as_deref(), Some("Boats – films.example"));
        for path in ["/data/x7.en.vtt", "/data/crawl.warc"] {
            write(engine, [no_more(path, 0)])?;
        }
        let view = engine.view()?;
        assert_eq!(view.totals()?.documents, 0);
        assert_eq!(ids(&find(&*view, &word("dawn"), &[])?), []);
        let name = view.site_name(&model::address::Host::of("https://films.example/"))?;
        assert_eq!(name, None);
    }
    Ok(())
}
