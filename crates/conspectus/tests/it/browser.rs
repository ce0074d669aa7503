//! The page in a real browser: search, keyboard, narrow and wide, dark, without JavaScript.

use serde_json::json;

use crate::binary::{Home, Server, repository, response};
use crate::http::spoken;
use crate::made_pdf::{book, pdf};
use crate::webdriver::Browser;

const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";

fn sample() -> (Home, Server) {
    let home = Home::new();
    home.done(["add".as_ref(), repository("sample").as_os_str()]);
    let server = home.serve(&[]);
    (home, server)
}

fn results_url(server: &Server) -> String {
    format!(
        "http://{}/search?q=norway+and+iceland+relationship&now=2025-12-22T10:00:00Z",
        server.address
    )
}

#[test]
fn search_and_keyboard() {
    let Some(browser) = Browser::start(&[]) else {
        return;
    };
    let (_home, server) = sample();
    browser.resize(1280, 900);
    browser.open(&format!("http://{}/", server.address));
    browser.screenshot("home");
    assert_eq!(browser.eval("document.activeElement.name"), json!("q"));
    browser.press("norway iceland");
    browser.press(ENTER);
    // The key starts a navigation, which takes its time.
    let arrived = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        browser.eval("location.pathname") == json!("/search")
    });
    assert!(arrived);
    browser.open(&results_url(&server));
    browser.screenshot("wide");
    let results = browser.eval("document.querySelectorAll('#results article').length");
    assert!(results.as_u64().unwrap() >= 5, "{results}");
    browser.press("/");
    assert_eq!(browser.eval("document.activeElement.name"), json!("q"));
    browser.press(ESCAPE);
    assert_ne!(browser.eval("document.activeElement.name"), json!("q"));
    let chosen =
        "[...document.querySelectorAll('#results article')].findIndex(a => 'chosen' in a.dataset)";
    browser.press("j");
    let first = browser.eval(chosen).as_i64().unwrap();
    browser.press("j");
    assert_eq!(browser.eval(chosen), json!(first + 1));
    browser.press("k");
    assert_eq!(browser.eval(chosen), json!(first));
    // The copy opens with the query's words marked.
    let copy = browser.eval("document.querySelector('#results a[href^=\"/capture/\"]').href");
    browser.open(copy.as_str().unwrap());
    browser.screenshot("copy");
    assert!(
        browser
            .eval("document.querySelectorAll('mark').length")
            .as_u64()
            .unwrap()
            > 0
    );
}

#[test]
fn narrow_and_wide_without_sideways_scrolling() {
    let Some(browser) = Browser::start(&[]) else {
        return;
    };
    let (_home, server) = sample();
    for (name, width) in [("narrow", 500), ("middle", 800), ("wide-1600", 1600)] {
        browser.resize(width, 900);
        browser.open(&results_url(&server));
        browser.screenshot(name);
        let overflow =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.eval(overflow), json!(0), "{width} px");
        // One heading per page, landmarks, a language, a name for every control.
        assert_eq!(
            browser.eval("document.querySelectorAll('h1').length"),
            json!(1)
        );
        assert_eq!(
            browser.eval("document.querySelectorAll('main').length"),
            json!(1)
        );
        assert_eq!(browser.eval("document.documentElement.lang"), json!("en"));
        let nameless = "[...document.querySelectorAll('input:not([type=hidden]),button,a')].filter(e => \
            !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length))).length";
        assert_eq!(browser.eval(nameless), json!(0));
    }
}

#[test]
fn videos_and_discussions() {
    let Some(browser) = Browser::start(&[]) else {
        return;
    };
    let home = spoken();
    let server = home.serve(&[]);
    let url = format!("http://{}/search?q=salt+treaty", server.address);
    for (name, width) in [("videos-narrow", 500), ("videos-wide", 1280)] {
        browser.resize(width, 900);
        browser.open(&url);
        browser.screenshot(name);
        let overflow =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.eval(overflow), json!(0), "{width} px");
        let cards = "document.querySelectorAll('.video, .thread').length";
        assert_eq!(browser.eval(cards), json!(4));
        // The picture is in the collection, and it is shown.
        let shown = "[...document.images].filter(i => i.complete && i.naturalWidth > 0).length";
        let loaded = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            browser.eval(shown) == json!(1)
        });
        assert!(loaded);
    }
    // Keys go through cards as through results.
    browser.press("j");
    let chosen = browser.eval("document.activeElement.closest('[data-result]') !== null");
    assert_eq!(chosen, json!(true));
    // The transcript opens at the passage that answers.
    let copy = browser.eval("document.querySelector('.video a[href^=\"/document/\"]').href");
    browser.open(copy.as_str().unwrap());
    browser.screenshot("transcript");
    let target = browser.eval("document.querySelector(':target').textContent");
    assert!(target.as_str().unwrap().contains("salt treaty"), "{target}");
}

#[test]
fn dark_where_the_system_is() {
    let Some(browser) = Browser::start(&["--blink-settings=preferredColorScheme=0"]) else {
        return;
    };
    let (_home, server) = sample();
    browser.resize(1280, 900);
    browser.open(&results_url(&server));
    browser.screenshot("dark");
    if browser.eval("matchMedia('(prefers-color-scheme: dark)').matches") != json!(true) {
        println!("skipped: this browser does not take the dark scheme from its settings");
        return;
    }
    let ground = browser.eval("getComputedStyle(document.documentElement).backgroundColor");
    let parts = ground.as_str().unwrap();
    let brightest = parts
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|part| part.parse::<u32>().ok())
        .take(3)
        .max();
    assert!(brightest.unwrap() < 80, "{parts}");
}

#[test]
fn complete_without_javascript() {
    // Scripts of pages are off; those of the driver still run.
    let Some(browser) = Browser::start(&["--blink-settings=scriptEnabled=false"]) else {
        return;
    };
    let (_home, server) = sample();
    browser.open(&results_url(&server));
    let results = browser.eval("document.querySelectorAll('#results article h2 a').length");
    assert!(results.as_u64().unwrap() >= 5, "{results}");
    let why = "document.querySelectorAll('#results details summary').length";
    assert!(browser.eval(why).as_u64().unwrap() >= 5);
    assert_eq!(
        browser.eval("document.querySelector('form').method"),
        json!("get")
    );
}

/// A site with a page that names it, a book of 300 pages, and a scan.
fn papers() -> (Home, Server) {
    let home = Home::new();
    let page = "<!doctype html><html lang=en><head><title>The lighthouse</title>\
        <meta property=og:site_name content='Salt Road Museum'></head><body><main><h1>The \
        lighthouse</h1><p>The lighthouse keeper was the last to leave the island, in the winter \
        of the great storm, and the lamp went out behind him.</p></main></body></html>";
    let url = "https://museum.example/lighthouse";
    home.write("a.warc", response(url, "2025-10-01T00:00:00Z", page));
    home.write("files/books/salt_road.pdf", book(300));
    home.write(
        "files/lighthouse_keeper-1961.pdf",
        pdf("", &vec![Vec::new(); 4]),
    );
    home.done(["add", "a.warc"]);
    home.done(["add", "--base", "https://museum.example/", "files"]);
    let server = home.serve(&[]);
    (home, server)
}

#[test]
fn pdfs_among_the_results() {
    for (scheme, options) in [
        ("light", &[][..]),
        ("dark", &["--blink-settings=preferredColorScheme=0"][..]),
    ] {
        let Some(browser) = Browser::start(options) else {
            return;
        };
        let (_home, server) = papers();
        for (name, width) in [("narrow", 500), ("wide", 1280)] {
            browser.resize(width, 900);
            browser.open(&format!(
                "http://{}/search?q=lighthouse+keeper",
                server.address
            ));
            browser.screenshot(&format!("pdf-{name}-{scheme}"));
            let overflow =
                "document.documentElement.scrollWidth - document.documentElement.clientWidth";
            assert_eq!(browser.eval(overflow), json!(0), "{name} {scheme}");
            let text = browser.eval("document.querySelector('#results').innerText");
            let text = text.as_str().unwrap();
            for expected in ["page 70 of 300", "no text layer", "Salt Road Museum"] {
                assert!(text.contains(expected), "{expected} in {text}");
            }
            // The copy opens at the passage, with its words marked.
            let copy = "[...document.querySelectorAll('#results a')]\
                .map(a => a.href).find(href => href.includes('page=70#passage-'))";
            let copy = browser.eval(copy);
            browser.open(copy.as_str().unwrap());
            assert_eq!(browser.eval(overflow), json!(0), "{name} {scheme}");
            // It scrolls there once the page is laid out.
            let at = "document.querySelector(':target').getBoundingClientRect().top";
            let seen = (0..40).any(|_| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                (0.0..200.0).contains(&browser.eval(at).as_f64().unwrap())
            });
            assert!(seen, "{name} {scheme}: {}", browser.eval(at));
            browser.screenshot(&format!("pdf-copy-{name}-{scheme}"));
            let marks = "document.querySelectorAll(':target mark').length";
            assert!(
                browser.eval(marks).as_u64().unwrap() >= 2,
                "{name} {scheme}"
            );
        }
    }
}

#[test]
fn a_pdf_opens_in_the_viewer_of_the_browser() {
    // The old headless mode has no viewer; of options that come twice the last holds.
    let Some(browser) = Browser::start(&["--headless=new"]) else {
        return;
    };
    let (_home, server) = papers();
    browser.resize(1100, 900);
    browser.open(&format!(
        "http://{}/search?q=lighthouse+keeper+rowed",
        server.address
    ));
    let original = "[...document.querySelectorAll('#results h2 a')]\
        .map(a => a.href).find(href => href.includes('#page='))";
    let original = browser.eval(original);
    let original = original.as_str().unwrap();
    assert!(original.contains("/raw#page=70"), "{original}");
    browser.open(original);
    // What a viewer says of itself lies in a process of its own, so a person looks at the picture.
    std::thread::sleep(std::time::Duration::from_secs(2));
    browser.screenshot("pdf-viewer");
    assert_eq!(
        browser.eval("document.contentType"),
        json!("application/pdf")
    );
}
