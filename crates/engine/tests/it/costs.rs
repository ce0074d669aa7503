//! What must not grow with the square of what an archive holds.

use std::time::{Duration, Instant};

use engine::conformance::{Example, NOW, origin, write};
use engine::embedded::{Embedded, Options};
use engine::{Change, Engine};
use model::address::Surt;
use model::capture::Redirect;

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
