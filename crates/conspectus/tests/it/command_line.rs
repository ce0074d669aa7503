//! The command line as scripts see it: output, exit codes, errors that show the way out.

use crate::binary::{Home, repository, response};

const ARTICLE: &str = "<!doctype html><html lang=en><head><title>The harbour of Istmere</title></head>\
    <body><article><h1>The harbour of Istmere</h1><p>The harbour of Istmere was dredged in the \
    spring, and the ferries of Veldania came back after forty years of silence between the two \
    towns.</p><p>Fishermen say that the water has been clearer ever since, and that the herring \
    have returned to the inner basin.</p></article></body></html>";

fn archive() -> Vec<u8> {
    let mut warc = response(
        "https://www.istmere.example/harbour",
        "2025-11-01T08:00:00Z",
        ARTICLE,
    );
    let later = ARTICLE.replace("in the spring", "in the autumn");
    warc.extend(response(
        "https://www.istmere.example/harbour",
        "2025-12-01T08:00:00Z",
        &later,
    ));
    warc
}

#[test]
fn adds_searches_and_tells_what_is_there() {
    let home = Home::new();
    let warc = home.write("crawl.warc", archive());
    let ran = home.run(["add".as_ref(), warc.as_os_str()]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(
        ran.stderr.contains("2 documents, 2 records, 1 files"),
        "{ran:#?}"
    );
    assert_eq!(ran.stdout, "");
    let page = home.done(["search", "herring", "harbour"]);
    assert!(page.starts_with("1 result for herring harbour\n"), "{page}");
    assert!(
        page.contains("istmere.example › harbour\nThe harbour of Istmere\n"),
        "{page}"
    );
    assert!(
        page.contains("in the autumn") || page.contains("herring"),
        "{page}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&home.done(["search", "--format", "json", "herring"])).unwrap();
    assert_eq!(json["results"].as_array().unwrap().len(), 1, "{json:#}");
    let status: serde_json::Value = serde_json::from_str(&home.done(["status", "--json"])).unwrap();
    assert_eq!(status["documents"], 2);
    assert_eq!(status["captures"], 2);
    // Again: nothing is read, nothing changes.
    let before = home.done(["export"]);
    let ran = home.run(["add".as_ref(), warc.as_os_str()]);
    assert!(ran.stderr.contains("1 files unchanged"), "{ran:#?}");
    assert_eq!(home.done(["export"]), before);
}

#[test]
fn a_grown_file_is_read_on() {
    let home = Home::new();
    let mut bytes = archive();
    let warc = home.write("crawl.warc", &bytes);
    home.done(["add".as_ref(), warc.as_os_str()]);
    bytes.extend(response(
        "https://veldania.example/",
        "2025-12-02T08:00:00Z",
        ARTICLE,
    ));
    home.write("crawl.warc", &bytes);
    let ran = home.run(["add".as_ref(), warc.as_os_str()]);
    assert!(ran.stderr.contains("1 documents, 1 records"), "{ran:#?}");
    let whole = Home::new();
    let same = whole.write("crawl.warc", &bytes);
    whole.done(["add".as_ref(), same.as_os_str()]);
    let lines = |home: &Home| {
        home.done(["export"])
            .replace(&home.path("").display().to_string(), "")
    };
    assert_eq!(lines(&home), lines(&whole));
}

#[test]
fn extract_is_a_pipe() {
    let home = Home::new();
    let warc = home.write("crawl.warc", archive());
    let lines = home.done(["extract".as_ref(), warc.as_os_str()]);
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["format"], 1);
    assert_eq!(first["kind"], "page");
    assert_eq!(first["title"], "The harbour of Istmere");
    assert_eq!(first["origin"]["offset"], 0);
    assert!(!home.path("index").exists(), "nothing is kept");
}

#[test]
fn failures_say_what_to_do() {
    #[track_caller]
    fn check(home: &Home, arguments: &[&str], code: i32, said: &[&str]) {
        let ran = home.run(arguments);
        assert_eq!(ran.code, Some(code), "{ran:#?}");
        for text in said {
            assert!(ran.stderr.contains(text), "`{text}` is not in {ran:#?}");
        }
    }
    let home = Home::new();
    check(
        &home,
        &["search", "x"],
        5,
        &["there is no index", "hint: make one with `conspectus add"],
    );
    check(
        &home,
        &["add", "nowhere.warc"],
        3,
        &["cannot read `nowhere.warc`"],
    );
    check(&home, &["add"], 2, &["PATH"]);
    check(
        &home,
        &["search", "--now", "yesterday", "x"],
        2,
        &["--now: `yesterday` is no date"],
    );
    check(
        &home,
        &["serve", "--listen", "0.0.0.0:0"],
        2,
        &["no key is set", "hint: set one with --key"],
    );
    home.write("bad.toml", "[add]\ncolection = \"x\"\n");
    check(
        &home,
        &["--config", "bad.toml", "status"],
        4,
        &["bad.toml", "colection"],
    );
    home.write(
        "index/store.sqlite",
        "this is no database, but somebody's letter, long enough to be one",
    );
    check(&home, &["status"], 5, &["damaged", "hint: restore"]);
}

#[test]
fn hostile_input_is_journalled_and_the_rest_goes_on() {
    let home = Home::new();
    home.write("in/good.warc", archive());
    let hostile = repository("fixtures/hostile");
    let good = home.path("in");
    let ran = home.run(["add".as_ref(), good.as_os_str(), hostile.as_os_str()]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(
        ran.stderr
            .contains("could not be read (see `conspectus journal`)"),
        "{ran:#?}"
    );
    let journal = home.done(["journal"]);
    assert!(journal.contains(".warc"), "{journal}");
    assert!(home.done(["search", "herring"]).starts_with("1 result for"));
    let other = Home::new();
    let ran = other.run(["add".as_ref(), "--strict".as_ref(), hostile.as_os_str()]);
    assert_eq!(ran.code, Some(3), "{ran:#?}");
}

#[test]
fn every_command_has_examples() {
    let home = Home::new();
    for command in [
        "add", "search", "serve", "extract", "status", "export", "journal",
    ] {
        let help = home.done([command, "--help"]);
        assert!(help.contains("Examples:\n  conspectus"), "{help}");
    }
    assert!(home.done(["--help"]).contains("Exit codes:"));
}
