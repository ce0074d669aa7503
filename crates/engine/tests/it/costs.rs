//! What must not grow with the square of what an archive holds, or with the length of a document.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use engine::conformance::{Example, NOW, origin, write};
use engine::embedded::{Embedded, Options};
use engine::{Change, Engine};
use model::address::Surt;
use model::capture::Redirect;
use model::contribution::{Body, Contribution};
use model::document::{DocumentKind, Key, Locator, Post};
use model::hit::Channel;
use model::part::{Part, ThreadHead};
use model::query::{Expr, Plan};

/// Seconds for what takes one or two without optimisation, and took minutes.
const ENOUGH: Duration = Duration::from_secs(30);

#[track_caller]
fn check(name: &str, first: Vec<Change>, rest: Vec<Vec<Change>>) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::new("test", || NOW)).unwrap();
    write(&engine, first).unwrap();
    let start = Instant::now();
    for changes in rest {
        write(&engine, changes).unwrap();
    }
    assert!(start.elapsed() < ENOUGH, "{name}: {:?}", start.elapsed());
    assert!(engine.view().unwrap().totals().unwrap().documents > 0);
}

#[test]
fn many_addresses_may_lead_to_one_page() {
    let target = "https://hub.example/login";
    let menu = |url: &str, text: &str| {
        let mut menu = Example::page(url, "Menu", &["Menu."]);
        for number in 0..2000 {
            let address = format!("https://hub.example/r/{number}");
            menu = menu.link(&address, &format!("{text} {number}"));
        }
        menu.changes()
    };
    let mut first = Example::page(target, "Login", &["Login."]).changes();
    for number in 0..2000 {
        first.push(Change::Redirect {
            redirect: Redirect {
                from: Surt::of(&format!("https://hub.example/r/{number}")),
                to: Surt::of(target),
                seen: NOW,
            },
            collection: "news".into(),
            origin: origin(number),
        });
    }
    first.extend(menu("https://one.example/", "one"));
    let second = menu("https://two.example/", "two");
    check("redirects", first, vec![second]);
}

#[test]
fn an_address_may_have_many_states() {
    let state = |number: i64| {
        let text = format!("Front page {number}.");
        Example::page("https://news.example/", "News", &[&text])
            .at(1_600_000_000 + number)
            .changes()
    };
    let first = (0..400).flat_map(state).collect();
    let rest = (400..440).map(state).collect();
    check("states", first, rest);
}

#[test]
fn a_page_of_a_long_pdf_is_found_and_read_without_the_rest() {
    const PAGES: u32 = 1_000;
    let texts: Vec<String> = (1..=PAGES)
        .flat_map(|page| (0..3).map(move |part| (page, part)))
        .map(|(page, part)| {
            let rest = "the ferries and the salt road of the coast ".repeat(15);
            format!("Part {part} of page {page} tells of {rest}.")
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let long = Example::page("https://a.example/long.pdf", "Long", &texts).with(|document| {
        document.kind = DocumentKind::Pdf {
            pages: Some(PAGES),
            no_text_layer: false,
        };
        for (number, passage) in (0..).zip(&mut document.passages) {
            passage.locator = Locator::Page(NonZeroU32::new(number / 3 + 1).unwrap());
        }
    });
    let (id, changes) = (long.id(), long.changes());
    let folder = tempfile::tempdir().unwrap();
    let open = || Embedded::open(folder.path(), Options::new("test", || NOW)).unwrap();
    write(&open(), changes).unwrap();
    let plan = Plan {
        expr: &Expr::And(
            ["part", "2", "page", "700", "tells"]
                .map(|word| Expr::Word(word.to_owned()))
                .to_vec(),
        ),
        filters: &[],
        kinds: &[],
        as_of: None,
        channels: &[Channel::Text, Channel::Proximity],
        limit: 10,
    };
    let found = open().view().unwrap().candidates(&plan).unwrap();
    let best = found.candidates[0].passages[0].0;
    assert_eq!(best, 699 * 3 + 2);
    // With every other row of text destroyed the page is found and read all the same.
    let store = rusqlite::Connection::open(folder.path().join("store.sqlite")).unwrap();
    let number =
        |sql: &str, below: u32| -> i64 { store.query_row(sql, [below], |row| row.get(0)).unwrap() };
    let chunks = number("SELECT count(*) FROM chunk WHERE ?1 >= 0", 0);
    assert!(chunks > 100, "{chunks}");
    let longest = number("SELECT max(length(passages)) FROM chunk WHERE ?1 >= 0", 0);
    assert!(longest < 32 * 1024, "{longest} bytes in one row");
    let kept = number("SELECT max(id) FROM chunk WHERE id & 1048575 <= ?1", best);
    let destroyed = store
        .execute("UPDATE chunk SET passages = x'00' WHERE id != ?1", [kept])
        .unwrap();
    assert_eq!(destroyed as i64, chunks - 1);
    drop(store);
    let view = open().view().unwrap();
    assert_eq!(view.candidates(&plan).unwrap(), found);
    assert_eq!(
        view.heads(&[id]).unwrap()[0].as_ref().unwrap().passages,
        3 * PAGES
    );
    assert!(view.outline(id).unwrap().is_some());
    let read = view.passages(id, best..best + 1).unwrap();
    assert!(read[0].text.starts_with("Part 2 of page 700 tells"));
    assert!(view.document(id).is_err());
}

/// What comes from one block of lines: posts of one thread, each answering the one before or the
/// opening post.
#[test]
fn a_long_thread_is_merged_once() {
    const POSTS: u32 = 10_000;
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::new("test", || NOW)).unwrap();
    let start = Instant::now();
    write(&engine, long_thread(POSTS)).unwrap();
    assert!(start.elapsed() < ENOUGH, "{:?}", start.elapsed());
    let view = engine.view().unwrap();
    let id = view.ids_after(None, 2).unwrap();
    let [id] = id[..] else {
        panic!("one thread is one document")
    };
    assert_eq!(view.passages(id, POSTS..POSTS + 1).unwrap().len(), 1);
    // Said again it is no write.
    let mut writer = engine.writer().unwrap();
    for change in long_thread(POSTS) {
        writer.apply(change).unwrap();
    }
    assert_eq!(writer.pending_bytes(), 0);
}

fn long_thread(posts: u32) -> Vec<Change> {
    let key = Key::Thread {
        platform: "reddit".into(),
        id: "long".into(),
    };
    let part = |number: u32| Part {
        id: format!("c{number}"),
        parent: number
            .is_multiple_of(2)
            .then(|| format!("c{}", number.saturating_sub(1))),
        head: (number == 0).then(|| ThreadHead {
            title: "The long thread".into(),
            url: "https://talk.example/long".into(),
            forum: None,
            site_name: None,
            language: Some("en".into()),
            accepted: None,
            answers: None,
        }),
        text: format!("Answer {number} about the ferries and the salt road of the coast."),
        deleted: false,
        permalink: Some(format!("https://talk.example/long/c{number}")),
        post: Post {
            time: Some(NOW),
            ..Post::default()
        },
    };
    (0..=posts)
        .map(|number| {
            Change::Contribution(Box::new(Contribution {
                key: key.clone(),
                origin: origin(u64::from(number / 2000)),
                collection: "forum".into(),
                captured: NOW,
                url: "file:///data/comments.ndjson".into(),
                body: Body::Part(Box::new(part(number))),
            }))
        })
        .collect()
}
