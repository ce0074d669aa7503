//! Discussions: blocks of dumps and answers of APIs in, posts of threads out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use expect_test::{Expect, expect};
use extract::Extracted;
use model::contribution::{Body, Contribution, merge};
use model::document::{Document, Key, Locator};
use model::record::Record;
use proptest::prelude::*;

use crate::record;

const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";
const ROWS: &str = "application/vnd.stackexchange+xml";

pub(crate) fn extracted(record: &Record) -> Extracted {
    extract::extract(record, &extract::Options::default()).expect("a record that is read")
}

fn of(media_type: &str, text: &str) -> Extracted {
    extracted(&record("file:///dump", media_type, text.as_bytes()))
}

/// All that can be seen of posts, a post a line, and the warnings.
pub(crate) fn describe(found: &Extracted) -> String {
    let mut lines = Vec::new();
    for (key, part) in &found.parts {
        let Key::Thread { platform, id } = key else {
            panic!("{key:?}")
        };
        let mut words = vec![format!("{platform} {id} {}", part.id)];
        let mut say = |name: &str, value: Option<String>| {
            words.extend(value.map(|value| format!("{name}={value}")));
        };
        say("under", part.parent.clone());
        say("by", part.post.author.clone());
        say("at", part.post.time.map(|time| time.to_string()));
        say("score", part.post.score.map(|score| score.to_string()));
        say("accepted", part.post.accepted.then(String::new));
        say("deleted", part.deleted.then(String::new));
        say("link", part.permalink.clone());
        if let Some(head) = &part.head {
            say("title", Some(head.title.clone()));
            say("url", Some(head.url.clone()));
            say("forum", head.forum.clone());
            say("site", head.site_name.clone());
            say("language", head.language.clone());
            say("answer", head.accepted.clone());
            say("answers", head.answers.map(|count| count.to_string()));
        }
        say("text", Some(format!("{:?}", part.text)));
        lines.push(words.join(" "));
    }
    lines.extend(found.warnings.iter().map(|warning| format!("! {warning}")));
    // A line feed behind each; nothing for nothing.
    lines.extend((!lines.is_empty()).then(String::new));
    lines.join("\n")
}

#[track_caller]
fn check(media_type: &str, text: &str, expected: &Expect) {
    expected.assert_eq(&describe(&of(media_type, text)));
}

/// The threads that parts make, as `merge` assembles them.
fn threads(parts: &[(Key, model::part::Part)]) -> Vec<Document> {
    let mut by_thread: BTreeMap<Key, Vec<Contribution>> = BTreeMap::new();
    let of = record("file:///dump", NDJSON, b"");
    for (key, part) in parts {
        by_thread
            .entry(key.clone())
            .or_default()
            .push(Contribution {
                key: key.clone(),
                origin: of.origin.clone(),
                collection: "c".into(),
                captured: of.captured,
                url: of.url.clone(),
                body: Body::Part(Box::new(part.clone())),
            });
    }
    by_thread
        .values()
        .filter_map(|said| merge(said).map(std::borrow::Cow::into_owned))
        .collect()
}

/// A file of the shared data, `None` (and said so) where it is not there.
#[expect(clippy::print_stderr, reason = "a test says that it was skipped")]
fn shared(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/discussions")
        .join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: no {name} in the shared data");
    }
    bytes
}

#[test]
fn submissions_and_comments_of_a_dump() {
    check(
        NDJSON,
        r#"{"id":"v3ld1","name":"t3_v3ld1","subreddit":"veldania","author":"ada","title":"How deep is &amp; was the port?","selftext":"I **need** to know.\n\n&gt; quoted","created_utc":1748858400,"score":12,"num_comments":2,"permalink":"/r/veldania/comments/v3ld1/how_deep/","edited":false}
{"id":"c1","link_id":"t3_v3ld1","parent_id":"t3_v3ld1","subreddit":"veldania","author":"ben","body":"Nine fathoms.","created_utc":"1748858460","score":null,"edited":1748858470.0}

{"id":"c2","link_id":"t3_v3ld1","parent_id":"t1_c1","subreddit":"veldania","author":"[deleted]","body":"[removed]","created_utc":1748858470.0}
{"id":"c3","link_id":"t3_v3ld1","parent_id":1234567,"author":null,"body":"Ten?","score":"3","full_link":"https://board.example/r/veldania/comments/v3ld1/how_deep/c3/"}
"#,
        &expect![[r#"
            reddit v3ld1 t3_v3ld1 by=ada at=2025-06-02T10:00:00Z score=12 link=https://www.reddit.com/r/veldania/comments/v3ld1/how_deep/ title=How deep is & was the port? url=https://www.reddit.com/r/veldania/comments/v3ld1/how_deep/ forum=r/veldania site=Reddit language=en answers=2 text="I need to know."
            reddit v3ld1 t1_c1 by=ben at=2025-06-02T10:01:00Z link=https://www.reddit.com/r/veldania/comments/v3ld1/_/c1/ text="Nine fathoms."
            reddit v3ld1 t1_c2 under=t1_c1 at=2025-06-02T10:01:10Z deleted= link=https://www.reddit.com/r/veldania/comments/v3ld1/_/c2/ text=""
            reddit v3ld1 t1_c3 under=t1_qglj score=3 link=https://board.example/r/veldania/comments/v3ld1/how_deep/c3/ text="Ten?"
        "#]],
    );
}

#[test]
fn what_is_broken_is_named_and_the_rest_is_read() {
    check(
        NDJSON,
        "{\"id\":\"a1\",\"link_id\":\"t3_b\",\"body\":\"one\"}\n{\"id\":\"a2\",\"link_id\":\"t3_b\",\"bo\n{\"id\":\"a3\",\"link_id\":\"t3_b\",\"body\":\"half \\ud83d of it\"}\n{\"tag\":1}\n{\"id\":\"../x\",\"link_id\":\"t3_b\",\"body\":\"no id\"}\n",
        &expect![[r#"
            reddit b t1_a1 link=https://www.reddit.com/comments/b/_/a1/ text="one"
            reddit b t1_a3 link=https://www.reddit.com/comments/b/_/a3/ text="half � of it"
            ! line 2 of the block is broken: EOF while parsing a string at line 1 column 31
            ! 2 lines are neither submission nor comment
        "#]],
    );
    let latin = b"{\"id\":\"a1\",\"link_id\":\"t3_b\",\"body\":\"caf\xe9\"}";
    let found = extracted(&record("file:///dump", NDJSON, latin));
    assert_eq!(found.parts[0].1.text, "caf\u{fffd}");
    let huge = format!(
        "{{\"id\":\"a1\",\"link_id\":\"t3_b\",\"body\":\"{}\"}}",
        "salt ".repeat(2_000_000)
    );
    let found = of(NDJSON, &huge);
    assert_eq!(found.parts[0].1.text.chars().count(), 40_000);
    assert_eq!(
        found.warnings,
        ["only the first 40000 characters of post `t1_a1` were kept"]
    );
}

#[test]
fn programs_speak_for_nobody() {
    check(
        NDJSON,
        r#"{"id":"a1","link_id":"t3_b","author":"AutoModerator","body":"Please read the rules.\n\n*I am a bot, and this action was performed automatically.*"}
{"id":"a2","link_id":"t3_b","author":"ada","body":"Nine fathoms.\n\n^(I am a bot and this was converted)"}"#,
        &expect![[r#"
            reddit b t1_a1 by=AutoModerator link=https://www.reddit.com/comments/b/_/a1/ text=""
            reddit b t1_a2 by=ada link=https://www.reddit.com/comments/b/_/a2/ text="Nine fathoms."
        "#]],
    );
}

#[test]
fn an_answer_of_reddits_api() {
    check(
        JSON,
        r#"[{"kind":"Listing","data":{"children":[{"kind":"t3","data":{"id":"v3","title":"Port?","selftext":"","subreddit":"veldania","score":1,"num_comments":3,"permalink":"/r/veldania/comments/v3/port/"}}]}},
        {"kind":"Listing","data":{"children":[
          {"kind":"t1","data":{"id":"c1","link_id":"t3_v3","parent_id":"t3_v3","subreddit":"veldania","body":"one","replies":{"kind":"Listing","data":{"children":[
            {"kind":"t1","data":{"id":"c2","parent_id":"t1_c1","subreddit":"veldania","body":"two","replies":""}},
            {"kind":"more","data":{"id":"x","count":3,"children":["q"],"parent_id":"t1_c1"}}]}}}},
          {"kind":"t1","data":{"id":"c4","link_id":"t3_v3","parent_id":"t3_v3","body":"[deleted]","replies":""}},
          {"kind":"more","data":{"id":"y","children":["z"]}}]}}]"#,
        &expect![[r#"
            reddit v3 t3_v3 score=1 link=https://www.reddit.com/r/veldania/comments/v3/port/ title=Port? url=https://www.reddit.com/r/veldania/comments/v3/port/ forum=r/veldania site=Reddit answers=3 text=""
            reddit v3 t1_c1 link=https://www.reddit.com/r/veldania/comments/v3/_/c1/ text="one"
            reddit v3 t1_c2 under=t1_c1 link=https://www.reddit.com/r/veldania/comments/v3/_/c2/ text="two"
            reddit v3 t1_c4 deleted= link=https://www.reddit.com/comments/v3/_/c4/ text=""
        "#]],
    );
}

#[test]
fn what_the_scraper_urs_wrote() {
    check(
        JSON,
        r#"{"scrape_settings":{"n_results":"all"},"data":{"comments":[{"author":"u/ben","body":"one","created_utc":"06-02-2025 10:01:00","id":"c1","link_id":"t3_v3","parent_id":"t3_v3","score":2,"replies":[{"author":"u/ada","body":"two","id":"c2","link_id":"t3_v3","parent_id":"t1_c1","replies":[]}]}],
        "submission_metadata":{"author":"u/ada","id":"v3","title":"Port?","selftext":"how deep","subreddit":"veldania","permalink":"https://www.reddit.com/r/veldania/comments/v3/port/"}}}"#,
        &expect![[r#"
            reddit v3 t3_v3 by=ada link=https://www.reddit.com/r/veldania/comments/v3/port/ title=Port? url=https://www.reddit.com/r/veldania/comments/v3/port/ forum=r/veldania site=Reddit text="how deep"
            reddit v3 t1_c1 by=ben at=2025-06-02T10:01:00Z score=2 link=https://www.reddit.com/comments/v3/_/c1/ text="one"
            reddit v3 t1_c2 under=t1_c1 by=ada link=https://www.reddit.com/comments/v3/_/c2/ text="two"
        "#]],
    );
}

#[test]
fn a_topic_of_discourse() {
    check(
        JSON,
        r#"{"post_stream":{"posts":[
          {"id":9,"username":"ada","created_at":"2025-06-02T10:00:00.000Z","cooked":"<p>How deep is it?</p>","post_number":1,"post_type":1,"reply_to_post_number":null,"topic_id":7,"topic_slug":"port-depth","actions_summary":[{"id":2,"count":4}]},
          {"id":10,"username":"ben","cooked":"<aside class=\"quote\"><blockquote><p>How deep is it?</p></blockquote></aside><p>Nine.</p>","post_number":2,"post_type":1,"reply_to_post_number":1,"topic_id":7,"accepted_answer":true},
          {"id":11,"username":"system","cooked":"","post_number":3,"post_type":3,"topic_id":7},
          {"id":12,"username":"cyd","cooked":"<p>(post deleted by author)</p>","post_number":4,"post_type":1,"reply_to_post_number":2,"user_deleted":true,"topic_id":7}]},
          "id":7,"title":"Depth of the port","slug":"port-depth","posts_count":4,"url":"https://boards.example/t/port-depth/7"}"#,
        &expect![[r#"
            discourse:boards.example 7 1 by=ada at=2025-06-02T10:00:00Z score=4 link=https://boards.example/t/port-depth/7/1 title=Depth of the port url=https://boards.example/t/port-depth/7 answers=3 text="How deep is it?"
            discourse:boards.example 7 2 by=ben accepted= link=https://boards.example/t/port-depth/7/2 text="Nine."
            discourse:boards.example 7 4 under=2 by=cyd deleted= link=https://boards.example/t/port-depth/7/4 text=""
        "#]],
    );
}

#[test]
fn the_host_of_a_topic() {
    let host = |url: &str, cooked: &str| {
        let json = serde_json::json!({"post_stream":{"posts":[
            {"cooked":cooked,"post_number":1,"avatar_template":"/letter_avatar/x"}]},"id":7});
        let found = extracted(&record(url, JSON, json.to_string().as_bytes()));
        let Key::Thread { platform, .. } = &found.parts[0].0 else {
            panic!()
        };
        platform.clone()
    };
    assert_eq!(
        host("https://boards.example/t/7.json", "x"),
        "discourse:boards.example"
    );
    assert_eq!(host("file:///t/7.json", "x"), "discourse:unknown");
    assert_eq!(
        host(
            "file:///7.json",
            "<img src=\"/user_avatar/boards.example/ada/4.png\">"
        ),
        "discourse:boards.example"
    );
    assert_eq!(
        host(
            "file:///7.json",
            "<a href=\"https://a.example/x\"></a><a href=\"https://boards.example/t/port/7/2\"></a>"
        ),
        "discourse:boards.example"
    );
}

#[test]
fn items_of_hacker_news() {
    // Algolia.
    check(
        JSON,
        r#"{"id":7,"created_at_i":1748858400,"type":"story","author":"ada","title":"Port of Veldania","url":"https://a.example/","text":null,"points":9,"parent_id":null,"story_id":7,"children":[
          {"id":8,"created_at_i":1748858500,"type":"comment","author":"ben","text":"<p>Nine &#x27;fathoms&#x27;.<p>&gt; quoted<p>At ebb.","parent_id":7,"story_id":7,"children":[
            {"id":9,"type":"comment","author":null,"text":null,"parent_id":8,"story_id":7,"children":[]}]}]}"#,
        &expect![[r#"
            hackernews 7 7 by=ada at=2025-06-02T10:00:00Z score=9 link=https://news.ycombinator.com/item?id=7 title=Port of Veldania url=https://news.ycombinator.com/item?id=7 site=Hacker News text=""
            hackernews 7 8 by=ben at=2025-06-02T10:01:40Z link=https://news.ycombinator.com/item?id=8 text="Nine 'fathoms'.\nAt ebb."
            hackernews 7 9 under=8 deleted= link=https://news.ycombinator.com/item?id=9 text=""
        "#]],
    );
    // Firebase.
    check(
        JSON,
        r#"[{"by":"ada","descendants":2,"id":7,"kids":[8],"score":9,"time":1748858400,"title":"Port","type":"story","url":"https://a.example/"},
          {"by":"ben","id":8,"parent":7,"text":"Nine","time":1748858500,"type":"comment"},
          {"by":"cyd","id":9,"parent":8,"text":"Ten","time":1748858600,"type":"comment"},
          {"by":"dan","id":11,"parent":10,"text":"lost","time":1748858600,"type":"comment"}]"#,
        &expect![[r#"
            hackernews 7 7 by=ada at=2025-06-02T10:00:00Z score=9 link=https://news.ycombinator.com/item?id=7 title=Port url=https://news.ycombinator.com/item?id=7 site=Hacker News answers=2 text=""
            hackernews 7 8 by=ben at=2025-06-02T10:01:40Z link=https://news.ycombinator.com/item?id=8 text="Nine"
            hackernews 7 9 under=8 by=cyd at=2025-06-02T10:03:20Z link=https://news.ycombinator.com/item?id=9 text="Ten"
            ! 1 comments do not say under which story they stand
        "#]],
    );
}

#[test]
fn rows_of_stack_exchange() {
    let mut rows = record(
        "file:///Posts.xml",
        ROWS,
        concat!(
            "<?xml version=\"1.0\"?>\n<posts>\n",
            "  <row Id=\"1\" PostTypeId=\"1\" AcceptedAnswerId=\"3\" CreationDate=\"2015-01-27T20:09:32.720\" Score=\"20\" Body=\"&lt;p&gt;How deep is &amp;quot;the port&amp;quot;?&lt;/p&gt;&#xA;\" OwnerUserId=\"4\" Title=\"Depth of the port &amp; the sound\" Tags=\"&lt;port&gt;\" AnswerCount=\"2\" />\n",
            "  <row Id=\"2\" PostTypeId=\"2\" ParentId=\"1\" Score=\"-1\" Body=\"&lt;blockquote&gt;&lt;p&gt;quoted&lt;/p&gt;&lt;/blockquote&gt;&lt;p&gt;Ten.&lt;/p&gt;&lt;pre&gt;&lt;code&gt;let a = 1;&#xA;  b&lt;/code&gt;&lt;/pre&gt;\" OwnerDisplayName=\"user9\" />\n",
            "  <row Id=\"3\" PostTypeId=\"2\" ParentId=\"1\" Score=\"5\" Body=\"Nine.\" />\n",
            "  <row Id=\"4\" PostTypeId=\"5\" Body=\"about a tag\" />\n",
            "  <row Id=\"5\" PostTypeId=\"2\" Body=\"no parent\" />\n",
            "  <row Id=\"6\" PostTypeId=\"2\" ParentId=\"1\" Body=\"cut in the mid\n",
            "</posts>\n",
        )
        .as_bytes(),
    );
    rows.headers
        .push(("conspectus-site".into(), "port.example".into()));
    expect![[r#"
        stackexchange:port.example 1 1 at=2015-01-27T20:09:32Z score=20 link=https://port.example/questions/1 title=Depth of the port & the sound url=https://port.example/questions/1 forum=port.example language=en answer=3 answers=2 text="How deep is \"the port\"?"
        stackexchange:port.example 1 2 by=user9 score=-1 link=https://port.example/a/2 text="quoted\nTen.\nlet a = 1;\n  b"
        stackexchange:port.example 1 3 score=5 link=https://port.example/a/3 text="Nine."
        ! row 7 answers no question
        ! row 8 of the block is broken
    "#]].assert_eq(&describe(&extracted(&rows)));
}

#[test]
fn other_json_is_for_others() {
    for text in [
        "{}",
        "[]",
        "7",
        "\"x\"",
        "",
        "{\"data\":[{\"a\":1}]}",
        "[{\"id\":7}]",
        "{\"kind\":\"Listing\"",
    ] {
        let found = extract::extract(
            &record("file:///a.json", JSON, text.as_bytes()),
            &extract::Options::default(),
        );
        assert!(
            matches!(found, Err(extract::ExtractError::NoReader { .. })),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn real_threads_of_reddit_are_whole() {
    fn ids(listing: &serde_json::Value, into: &mut BTreeSet<String>) {
        for child in listing["data"]["children"].as_array().unwrap() {
            if child["kind"] == "t1" {
                let body = child["data"]["body"].as_str().unwrap().trim();
                if body != "[deleted]" && body != "[removed]" {
                    into.insert(format!("t1_{}", child["data"]["id"].as_str().unwrap()));
                }
                if child["data"]["replies"].is_object() {
                    ids(&child["data"]["replies"], into);
                }
            }
        }
    }
    for name in ["reddit/thread-n49rw.json", "reddit/thread-3hahrw.json"] {
        let Some(bytes) = shared(name) else { return };
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let mut expected = BTreeSet::new();
        ids(&json[1], &mut expected);
        let found = extracted(&record("file:///t.json", JSON, &bytes));
        assert_eq!(found.warnings, [""; 0]);
        let held: BTreeSet<String> = found
            .parts
            .iter()
            .filter(|(_, part)| part.head.is_none() && !part.deleted)
            .map(|(_, part)| part.id.clone())
            .collect();
        assert_eq!(held, expected, "{name}");
        let threads = threads(&found.parts);
        assert_eq!(threads.len(), 1);
        let open = threads[0]
            .passages
            .iter()
            .filter(|passage| matches!(passage.locator, Locator::Comment(_)))
            .count();
        println!("{name}: {} comments, {open} with text", expected.len());
        assert!(open * 100 >= expected.len() * 99, "{name}: {open}");
    }
}

#[test]
fn a_real_dump_of_stack_exchange_is_whole() {
    let Some(bytes) = shared("stackexchange/coffee.stackexchange.com/Posts.xml") else {
        return;
    };
    let mut rows = record("file:///Posts.xml", ROWS, &bytes);
    rows.headers
        .push(("conspectus-site".into(), "coffee.stackexchange.com".into()));
    let found = extracted(&rows);
    assert_eq!(found.warnings, [""; 0]);
    let threads = threads(&found.parts);
    let accepted = threads
        .iter()
        .filter(|thread| {
            thread
                .passages
                .iter()
                .any(|p| p.post.as_ref().unwrap().accepted)
        })
        .count();
    let answers = found
        .parts
        .iter()
        .filter(|(_, part)| part.head.is_none())
        .count();
    // Counted in the file: rows of each type, and rows with `AcceptedAnswerId`.
    assert_eq!((threads.len(), answers, accepted), (225, 327, 105));
    for (_, part) in &found.parts {
        assert!(
            !part.text.contains("<p>") && !part.text.contains("&lt;"),
            "{}",
            part.text
        );
    }
}

#[test]
fn real_pages_of_a_topic_overlap_and_are_one() {
    let mut parts = Vec::new();
    let mut numbers = BTreeSet::new();
    for page in ["", "_pn_21", "_pn_41", "_pn_5", "_pn_61", "_pn_81"] {
        let Some(bytes) = shared(&format!("discourse/t_2144_posts{page}.json")) else {
            return;
        };
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let posts = json["post_stream"]["posts"].as_array().unwrap();
        numbers.extend(
            posts
                .iter()
                .map(|post| post["post_number"].as_u64().unwrap()),
        );
        parts.extend(extracted(&record("file:///t.json", JSON, &bytes)).parts);
    }
    let threads = threads(&parts);
    assert_eq!(threads.len(), 1);
    assert_eq!(
        threads[0].url,
        "https://discuss.criticalfallibilism.com/t/kpop-demon-hunters/2144"
    );
    let posts: std::collections::HashSet<&Locator> =
        threads[0].passages.iter().map(|p| &p.locator).collect();
    assert_eq!(posts.len(), numbers.len());
    assert_eq!(threads[0].passages.len(), numbers.len());
}

#[test]
fn real_listings() {
    for (name, expected) in [
        ("reddit/listing-askreddit-top.json", 94),
        ("reddit/listing-askreddit-hot.json", 99),
        ("reddit/urs-cscareerquestions-search.json", 100),
        ("hackernews/listing-simonwillison-net.json", 30),
    ] {
        let Some(bytes) = shared(name) else { return };
        let found = extracted(&record("file:///t.json", JSON, &bytes));
        assert_eq!(
            (threads(&found.parts).len(), found.warnings.len()),
            (expected, 0),
            "{name}"
        );
        assert!(
            found.parts.iter().all(|(_, part)| part.post.time.is_some()),
            "{name}"
        );
    }
}

#[test]
#[ignore = "a measurement, of use with --release only"]
fn speed_of_lines() {
    let Some(bytes) = shared("reddit/thread-n49rw.json") else {
        return;
    };
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let mut block = String::new();
    let mut open = vec![&json[1]];
    while let Some(listing) = open.pop() {
        for child in listing["data"]["children"].as_array().unwrap() {
            if child["kind"] == "t1" {
                let mut data = child["data"].clone();
                data["replies"] = "".into();
                block.push_str(&data.to_string());
                block.push('\n');
                if child["data"]["replies"].is_object() {
                    open.push(&child["data"]["replies"]);
                }
            }
        }
    }
    let record = record("file:///t.ndjson", NDJSON, block.as_bytes());
    let rounds = 200;
    let start = std::time::Instant::now();
    let mut parts = 0;
    for _ in 0..rounds {
        parts += extracted(&record).parts.len();
    }
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = (block.len() * rounds) as f64 / 1e6;
    println!(
        "{megabytes:.0} MB, {parts} posts in {seconds:.2} s: {:.0} MB/s",
        megabytes / seconds
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for media_type in [NDJSON, JSON, ROWS] {
            let found = extract::extract(&record("file:///x", media_type, &bytes), &extract::Options::default());
            prop_assert!(found.is_ok_and(|found| found.documents.is_empty()) || media_type != ROWS);
        }
    }

    #[test]
    fn a_cut_file_keeps_its_beginning(cut in 0_usize..700) {
        let text = r#"[{"kind":"Listing","data":{"children":[{"kind":"t3","data":{"id":"v3","title":"Port?","subreddit":"veldania","permalink":"/r/veldania/comments/v3/port/"}}]}},
        {"kind":"Listing","data":{"children":[{"kind":"t1","data":{"id":"c1","link_id":"t3_v3","parent_id":"t3_v3","subreddit":"veldania","body":"one","replies":""}}]}}]"#;
        let cut = cut.min(text.len());
        let found = extract::extract(&record("file:///x", JSON, &text.as_bytes()[..cut]), &extract::Options::default());
        if let Ok(found) = found {
            prop_assert!(found.parts.len() <= 2 && !found.parts.is_empty());
        }
    }
}
