//! The server over HTTP: pages, copies, originals, and who is turned away.

use crate::binary::{Home, response};

const PAGE: &str = "<!doctype html><html lang=en><head><title>Salt roads & <b>ferries</b></title></head>\
    <body><nav>Home About</nav><main><h1>Salt roads</h1><h2 id=mines>The mines</h2><p>The mines of \
    Veldania gave salt to Istmere for three hundred years, and the road between them was kept by \
    both towns together.</p><h2 id=ferries>The ferries</h2><p>When the road was closed, ferries \
    carried the salt along the coast in the summer months, until the harbour was lost to sand.</p>\
    <script>alert(1)</script></main></body></html>";

fn home() -> Home {
    let home = Home::new();
    let warc = home.write(
        "a.warc",
        response("https://salt.example/roads", "2025-10-01T00:00:00Z", PAGE),
    );
    home.done(["add".as_ref(), warc.as_os_str()]);
    home
}

/// The value of the first attribute that starts so.
pub(crate) fn attribute(html: &str, start: &str) -> String {
    let at = html
        .find(start)
        .unwrap_or_else(|| panic!("no `{start}` in {html}"));
    html.get(at..)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

#[test]
fn a_result_opens_the_copy_and_the_original() {
    let home = home();
    let server = home.serve(&[]);
    let page = server.get("/search?q=salt+ferries");
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let html = page.text();
    assert!(html.contains("<mark>"), "{html}");
    assert!(html.contains("https://salt.example/roads"), "{html}");
    assert!(!html.contains("<script>") && !html.contains(" style=") && !html.contains(" onclick="));
    let copy = attribute(&html, "/capture/");
    let copied = server.get(&copy);
    assert_eq!(copied.status, 200, "{copy}");
    assert!(
        copied.text().contains("carried the <mark>salt</mark>"),
        "{}",
        copied.text()
    );
    assert!(!copied.text().contains("alert(1)"));
    let raw = attribute(&copied.text(), "/capture/");
    let id = raw
        .trim_start_matches("/capture/")
        .split(['/', '?', '#'])
        .next()
        .unwrap()
        .to_owned();
    let original = server.get(&format!("/capture/{id}/raw"));
    assert_eq!(original.status, 200);
    assert_eq!(original.text(), PAGE);
    assert!(
        original
            .header("content-security-policy")
            .unwrap()
            .starts_with("sandbox")
    );
    assert_eq!(original.header("x-content-type-options"), Some("nosniff"));
    let part = server.get_with(
        &format!("/capture/{id}/raw"),
        &[("Host", &server.address), ("Range", "bytes=2-8")],
    );
    assert_eq!((part.status, part.text().as_str()), (206, "doctype"));
    assert_eq!(
        part.header("content-range"),
        Some(&*format!("bytes 2-8/{}", PAGE.len()))
    );
    // The original is gone: the page says which file, and the text is still there.
    std::fs::remove_file(home.path("a.warc")).unwrap();
    let gone = server.get(&format!("/capture/{id}/raw"));
    assert_eq!(gone.status, 404);
    assert!(gone.text().contains("a.warc"), "{}", gone.text());
    assert_eq!(server.get(&copy).status, 200);
}

#[test]
fn serve_shows_what_another_process_adds() {
    let home = home();
    let server = home.serve(&[]);
    assert!(
        !server
            .get("/search?q=lighthouse")
            .text()
            .contains("light.example")
    );
    let html = PAGE.replace("ferries", "lighthouse ferries");
    let warc = home.write(
        "b.warc",
        response("https://light.example/", "2025-10-02T00:00:00Z", &html),
    );
    home.done(["add".as_ref(), warc.as_os_str()]);
    // The server looks for a newer commit every quarter of a second.
    let shown = (0..40).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        server
            .get("/search?q=lighthouse")
            .text()
            .contains("light.example")
    });
    assert!(shown);
}

#[test]
fn pages_that_help() {
    let empty = Home::new();
    let server = empty.serve(&[]);
    let front = server.get("/");
    assert_eq!(front.status, 200);
    assert!(front.text().contains("conspectus add"), "{}", front.text());
    assert_eq!(server.get("/search?q=").status, 303);
    assert_eq!(server.get("/nowhere").status, 404);
    assert_eq!(server.get("/capture/00").status, 404);
    assert_eq!(
        server
            .get("/document/00000000000000000000000000000000")
            .status,
        404
    );
    assert_eq!(
        server.get("/style.css").header("content-type"),
        Some("text/css; charset=utf-8")
    );
    // Anything that is typed gives a page.
    for query in [
        "%22",
        "a+OR",
        "%28%28%28",
        "site%3A",
        "%00%FF",
        "-",
        "after%3Ayesterday",
        "%E2%80%8F",
    ] {
        let page = server.get(&format!("/search?q={query}"));
        assert!(matches!(page.status, 200 | 303), "{query}: {}", page.status);
    }
}

#[test]
fn strangers_are_turned_away() {
    let home = home();
    let server = home.serve(&["--host", "search.example"]);
    let status = |host: &str| server.get_with("/", &[("Host", host)]).status;
    assert_eq!(status("evil.example"), 421);
    assert_eq!(status("127.0.0.1.evil.example:80"), 421);
    assert_eq!(server.get_with("/", &[]).status, 421);
    assert_eq!(status("localhost:1234"), 200);
    assert_eq!(status("search.example"), 200);
    let keyed = home.serve(&["--key", "open sesame"]);
    let with = |path: &str, name: &str, value: &str| {
        keyed.get_with(path, &[("Host", &keyed.address), (name, value)])
    };
    assert_eq!(keyed.get("/").status, 401);
    assert_eq!(with("/", "Authorization", "Bearer wrong").status, 401);
    assert_eq!(with("/", "Authorization", "Bearer open sesame").status, 200);
    let entered = keyed.get("/?key=open+sesame");
    assert_eq!(entered.status, 200);
    let cookie = entered
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(with("/", "Cookie", &cookie).status, 200);
}

/// A picture of one pixel.
const PICTURE: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x00\x00\x00\x00\x00,\
    \x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Two videos with captions, one with a picture beside it, and two threads in two files.
pub(crate) fn spoken() -> Home {
    let home = Home::new();
    for (id, title) in [
        ("aaaaaaaaaaa", "Ministers meet in Aldmark"),
        ("bbbbbbbbbbb", "Evening news"),
    ] {
        let about = format!(
            r#"{{"id":"{id}","title":"{title}","extractor":"youtube","extractor_key":"Youtube",
            "webpage_url":"https://www.youtube.com/watch?v={id}","duration":231,
            "channel":"Channel Nine","upload_date":"20251120","formats":[]}}"#
        );
        home.write(&format!("all/{id}.info.json"), about);
        let captions = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nGood evening from the harbour.\n\n\
            00:01:05.000 --> 00:01:09.000\nWe turn to the salt treaty of Istmere.\n\n\
            00:01:20.000 --> 00:01:24.000\nThe weather will be mild.\n";
        home.write(&format!("all/{id}.en.vtt"), captions);
    }
    home.write("all/aaaaaaaaaaa.jpg", PICTURE);
    let (mut posts, mut answers) = (String::new(), String::new());
    for id in ["t1", "t2"] {
        posts.push_str(&format!(
            r#"{{"id":"{id}","name":"t3_{id}","subreddit":"istmere","title":"Is the salt treaty kept in {id}?","selftext":"","score":12,"created_utc":1760000000,"author":"ada","permalink":"/r/istmere/comments/{id}/x/","num_comments":2}}"#
        ));
        posts.push('\n');
        for (comment, parent, body) in [
            ("c1", format!("t3_{id}"), "Nobody knows, my friend."),
            (
                "c2",
                format!("t1_{id}c1"),
                "The salt treaty is kept by <b>both</b> towns.",
            ),
        ] {
            answers.push_str(&format!(
                r#"{{"id":"{id}{comment}","link_id":"t3_{id}","parent_id":"{parent}","subreddit":"istmere","body":"{body}","score":3,"created_utc":1760000100,"author":"bo","permalink":"/r/istmere/comments/{id}/x/{id}{comment}/"}}"#
            ));
            answers.push('\n');
        }
    }
    home.write("all/comments.ndjson", answers);
    home.write("all/submissions.ndjson", posts);
    home.done(["add", "all"]);
    home
}

#[test]
fn videos_open_at_the_second_and_discussions_at_the_comment() {
    let home = spoken();
    let server = home.serve(&[]);
    let html = server.get("/search?q=salt+treaty").text();
    assert!(
        html.contains("https://www.youtube.com/watch?v=aaaaaaaaaaa&#38;t=65"),
        "{html}"
    );
    assert!(
        html.contains("https://www.reddit.com/r/istmere/comments/t1/x/t1c2/"),
        "{html}"
    );
    assert!(
        html.contains("/search?q=salt+treaty&#38;kind=video"),
        "{html}"
    );
    assert!(!html.contains("<b>"), "{html}");
    let picture = attribute(&html, "/capture/");
    let bytes = server.get(&picture);
    assert_eq!(
        (bytes.status, bytes.body.as_slice()),
        (200, PICTURE),
        "{picture}"
    );
    assert_eq!(bytes.header("content-type"), Some("image/gif"));
    // The copies: a transcript with times, a thread with its tree.
    let transcript = attribute(
        &server.get("/search?q=salt+treaty&kind=video").text(),
        "/document/",
    );
    let copy = server.get(&transcript).text();
    assert!(
        copy.contains("watch?v=aaaaaaaaaaa&#38;t=65\">01:05</a>") || copy.contains("01:05</a>"),
        "{copy}"
    );
    assert!(
        copy.contains("We turn to the <mark>salt</mark> <mark>treaty</mark>"),
        "{copy}"
    );
    let (path, passage) = transcript.split_once('#').unwrap();
    assert!(copy.contains(&format!("id=\"{passage}\"")), "{path}");
    let page = server.get("/search?q=salt+treaty&kind=discussion").text();
    let thread = attribute(&page, "/document/");
    let copy = server.get(&thread);
    assert!(
        copy.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    let copy = copy.text();
    assert!(
        copy.contains("depth-2") && copy.contains("both&#60;/b&#62; towns"),
        "{copy}"
    );
    let (_, passage) = thread.split_once('#').unwrap();
    assert!(
        copy.contains(&format!(
            "id=\"{passage}\" class=\"passage post depth-2 matched\""
        )),
        "{copy}"
    );
    assert_eq!(server.get("/document/00").status, 404);
    // A stranger is turned away there too.
    let stranger = server.get_with(path, &[("Host", "evil.example")]);
    assert_ne!(stranger.status, 200);
}

#[test]
fn blocks_of_the_json() {
    let home = spoken();
    let text = home.done(["search", "--format", "json", "salt", "treaty"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let kinds: Vec<&str> = json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert!(
        kinds.contains(&"videos") && kinds.contains(&"discussions"),
        "{kinds:?}"
    );
}
