//! The page in a real browser: search, keyboard, narrow and wide, dark, without JavaScript.

use serde_json::json;

use crate::binary::{Home, Server, repository};
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
