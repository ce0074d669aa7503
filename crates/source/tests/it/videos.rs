//! Metadata, captions and pictures of videos, and discussions that are one file.

use model::record::Record;
use proptest::prelude::*;

use crate::build::{Desk, read};

const INFO: &str = r#"{"id": "Istm3re_01x", "title": "A tour of the harbour", "formats": [],
    "extractor": "youtube", "extractor_key": "Youtube", "epoch": 1700000000,
    "subtitles": {"fr": [{"ext": "vtt"}]}, "automatic_captions": {"en": [], "fr": []},
    "webpage_url": "https://videos.veldania.example/watch?v=Istm3re_01x"}"#;

const VTT: &str = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nThe harbour\n";
const SRT: &str = "1\r\n00:00:01,000 --> 00:00:02,000\r\nThe harbour\r\n";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";

fn one(desk: &Desk, name: &str) -> Record {
    let mut items = read(&desk.path(name), &desk.options());
    assert_eq!(items.len(), 1, "{name}");
    let (position, record) = items.remove(0);
    let record = record.unwrap();
    assert_eq!(
        position.0,
        std::fs::metadata(desk.path(name)).unwrap().len()
    );
    let again = source::read_again(&record.origin, &desk.options()).unwrap();
    assert_eq!(again, record);
    record
}

#[test]
fn files_of_videos_and_discussions_are_recognised() {
    let desk = Desk::new();
    let check = |name: &str, content: &str, expected: Option<&str>| {
        let path = desk.write(name, content.as_bytes());
        assert_eq!(source::recognise(&path).unwrap(), expected, "{name}");
    };
    check("a.info.json", INFO, Some("yt-dlp 1"));
    check("meta.txt", INFO, Some("yt-dlp 1"));
    let late = format!(
        r#"{{"formats": [{}"{}"], "id": "a", "webpage_url": "x"}}"#,
        "\"a\", ".repeat(20),
        "x".repeat(100_000)
    );
    check("late.json", &late, Some("yt-dlp 1"));
    let half = r#"{"id": null, "extractor": 5, "duration": "long"}"#;
    check("half.info.json", half, Some("yt-dlp 1"));
    let list = r#"{"id": "PL", "_type": "playlist", "extractor": "youtube:tab", "title": "a"}"#;
    check("list.info.json", list, Some("left out 1"));
    check(
        "item.json",
        r#"{"id": "Q1", "type": "item", "labels": {}}"#,
        None,
    );
    check("page.json", r#"{"id": 1, "title": "a"}"#, None);
    check("a.en.vtt", VTT, Some("captions 1"));
    check("b.txt", &format!("\u{feff}{VTT}"), Some("captions 1"));
    check("c", SRT, Some("captions 1"));
    check("d.srt", "words", None);
    let thread = r#"[{"kind": "Listing", "data": {}}, {"kind": "Listing"}]"#;
    check("thread.json", thread, Some("json 1"));
    check(
        "listing",
        r#" {"kind": "Listing", "data": {"#,
        Some("json 1"),
    );
    check(
        "topic.json",
        r#"{"post_stream": {"posts": [{"#,
        Some("json 1"),
    );
    let firebase = r#"{"by": "a", "id": 8, "type": "story", "kids": [9], "time": 1}"#;
    check("hn.json", firebase, Some("json 1"));
    check(
        "hn-list.json",
        &format!("[{firebase}, {firebase}]"),
        Some("json 1"),
    );
    let algolia = r#"{"id": 1, "created_at_i": 2, "children": [{"story_id": 1}]}"#;
    check("hn-algolia.json", algolia, Some("json 1"));
    check(
        "hn-search.json",
        r#"{"hits": [], "nbHits": 0}"#,
        Some("json 1"),
    );
    let podcast = r#"{"version": "1.0.0", "segments": [{"startTime": 0.5, "body": "The"}]}"#;
    check("podcast.json", podcast, Some("json 1"));
    check(
        "segments.json",
        r#"{"segments": [{"from": 0, "to": 1}]}"#,
        None,
    );
    let whisper = r#"{"text": "The", "segments": [{"id": 0, "start": 0.5, "text": "The"}]}"#;
    check("whisper.json", whisper, Some("json 1"));
    check("data.json", r#"{"data": {"subreddits": 5}}"#, None);
    let line = r#"{"subreddit": "istmere", "title": "A", "selftext": ""}"#;
    check(
        "pushshift.json",
        &format!(r#"{{"data": [{line}]}}"#),
        Some("json 1"),
    );
    check(
        "array.json",
        &format!("[\n{line},\n{line}]"),
        Some("json 1"),
    );
    check(
        "posts.json",
        r#"{"latest_posts": [{"cooked": ""}]}"#,
        Some("json 1"),
    );
    check("deep.json", &"[".repeat(60_000), None);
    check("deep-object.json", &"{\"id\":".repeat(60_000), None);
}

#[test]
fn metadata_has_the_address_of_its_video() {
    let desk = Desk::new();
    desk.write("a.info.json", INFO.as_bytes());
    let record = one(&desk, "a.info.json");
    assert_eq!(record.media_type.as_str(), "application/vnd.yt-dlp+json");
    assert_eq!(record.captured.to_string(), "2023-11-14T22:13:20Z");
    assert_eq!(
        record.url,
        "https://videos.veldania.example/watch?v=Istm3re_01x"
    );
    assert_eq!(record.header("conspectus-thumbnail"), None);
    desk.write("a.jpg", JPEG);
    let place = one(&desk, "a.info.json");
    let place = place.header("conspectus-thumbnail").unwrap();
    assert!(place.starts_with("file:///") && place.ends_with("/a.jpg"));
    let relative = INFO.replace("https://videos.veldania.example", "");
    desk.write("b.info.json", relative.as_bytes());
    let record = one(&desk, "b.info.json");
    assert!(record.url.ends_with("/b.info.json"), "{}", record.url);
}

#[test]
fn captions_know_their_video() {
    let desk = Desk::new();
    let rolling = "WEBVTT\nKind: captions\nLanguage: en\n\n00:00:01.000 --> 00:00:02.000\n\
                   the<00:00:01.520><c> harbour</c>\n";
    let told = "WEBVTT\nLanguage: pt-BR\n\n00:00:01.000 --> 00:00:02.000\nO porto\n";
    let video = "youtube Istm3re_01x https://videos.veldania.example/watch?v=Istm3re_01x";
    let bracket = "youtube Istm3re_01x https://www.youtube.com/watch?v=Istm3re_01x";
    desk.write("x/Tour 1.5.info.json", INFO.as_bytes());
    let no_address = r#"{"id": "two words", "extractor": "twitch:clips", "duration": 5}"#;
    desk.write("x/clip.info.json", no_address.as_bytes());
    desk.write("x/broken.info.json", INFO.get(..60).unwrap().as_bytes());
    let rows = [
        ("x/Tour 1.5.fr.vtt", VTT, Some(video), Some("fr"), false),
        ("x/Tour 1.5.en.vtt", VTT, Some(video), Some("en"), true),
        ("x/Tour 1.5.de.srt", SRT, Some(video), Some("de"), false),
        ("x/Tour 1.5.de-orig.srt", SRT, Some(video), Some("de"), true),
        (
            "x/Tour 1.5.fil.auto.srt",
            SRT,
            Some(video),
            Some("fil"),
            true,
        ),
        (
            "x/Tour 1.5.fr.forced.vtt",
            rolling,
            Some(video),
            Some("fr"),
            true,
        ),
        ("x/Tour 1.5.vtt", told, Some(video), Some("pt-BR"), false),
        (
            "x/clip.en.vtt",
            VTT,
            Some("twitch two%20words"),
            Some("en"),
            false,
        ),
        ("x/broken.en.vtt", VTT, None, Some("en"), false),
        (
            "Tour [Istm3re_01x].en.vtt",
            VTT,
            Some(bracket),
            Some("en"),
            false,
        ),
        ("Tour [Istmere].vtt", VTT, None, None, false),
        ("y/bare.vtt", rolling, None, Some("en"), true),
    ];
    for (name, text, video, language, automatic) in rows {
        desk.write(name, text.as_bytes());
        let record = one(&desk, name);
        let found = (
            record.header("conspectus-video"),
            record.header("content-language"),
            record.header("conspectus-captions"),
        );
        assert_eq!(
            found,
            (video, language, automatic.then_some("automatic")),
            "{name}"
        );
        let media_type = if text == SRT {
            "application/x-subrip"
        } else {
            "text/vtt"
        };
        assert_eq!(record.media_type.as_str(), media_type, "{name}");
        let address = video.and_then(|video| video.split(' ').nth(2));
        match address {
            Some(address) => assert_eq!(record.url, address),
            None => assert!(record.url.starts_with("file:///"), "{}", record.url),
        }
    }
}

#[test]
fn what_lies_beside_metadata_belongs_to_it() {
    let desk = Desk::new();
    desk.write("v/Tour.info.json", INFO.as_bytes());
    let check = |name: &str, content: &[u8], expected: Option<&str>| {
        let path = desk.write(name, content);
        assert_eq!(source::recognise(&path).unwrap(), expected, "{name}");
    };
    let webp = b"RIFF\x10\0\0\0WEBPVP8 ";
    check("v/Tour.jpg", JPEG, Some("thumbnail 1"));
    check("v/Tour.webp", webp, Some("thumbnail 1"));
    check("v/Other.jpg", JPEG, None);
    check(
        "v/Tour.description",
        b"Words of the uploader",
        Some("left out 1"),
    );
    check("v/Other.description", b"Words of the uploader", None);
    let record = one(&desk, "v/Tour.webp");
    assert_eq!(record.media_type.as_str(), "image/webp");
    assert!(record.url.ends_with("/v/Tour.webp"));
    let nothing = read(&desk.path("v/Tour.description"), &desk.options());
    assert!(nothing.is_empty());
    let list = r#"{"_type": "playlist", "webpage_url": "https://videos.veldania.example/"}"#;
    let path = desk.write("list.info.json", list.as_bytes());
    let items = read(&path, &desk.options());
    let error = items[0].1.as_ref().unwrap_err();
    assert!(error.is_skip());
    assert_eq!(error.reason(), "metadata of a list of videos are not read");
    assert_eq!(items[0].0.0, list.len() as u64);
}

#[test]
fn a_topic_may_say_its_address() {
    let desk = Desk::new();
    let mut options = desk.options();
    options.base = Some("https://veldania.example/kept".into());
    options.payload_in_memory = 100;
    let posts = "x".repeat(70_000);
    let topic = format!(
        r#"{{"post_stream": {{"posts": ["{posts}"]}}, "url": "https://boards.veldania.example/t/a/1"}}"#
    );
    let rows = [
        (
            "a.json",
            topic.clone(),
            "https://boards.veldania.example/t/a/1",
        ),
        (
            "b.json",
            topic.replace("https://boards", "boards"),
            "https://veldania.example/kept/b.json",
        ),
        (
            "c.json",
            r#"{"kind": "Listing", "url": "https://boards.veldania.example/x"}"#.to_owned(),
            "https://veldania.example/kept/c.json",
        ),
    ];
    for (name, text, expected) in rows {
        let path = desk.write(name, text.as_bytes());
        let items = read(&path, &options);
        let record = items[0].1.as_ref().unwrap();
        assert_eq!(record.url, expected);
        assert_eq!(record.media_type.as_str(), "application/json");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever a file is called and holds behind a beginning that is known, it is one record that
    /// can be read again, or no reader knows it.
    #[test]
    fn any_beginning_is_read(
        name in "[a-c. \\[\\]é-]{1,12}",
        extension in prop::sample::select(vec![".info.json", ".en.vtt", ".srt", ".jpg", ".description"]),
        start in prop::sample::select(vec![
            "WEBVTT\n", "1\n00:00:01,000 --> 00:00:02,000\n", "{\"id\": ", "[{\"kind\": ",
            "{\"post_stream\": ", "{\"segments\": [", "\u{feff}{\"url\": ", "\u{feff}",
        ]),
        content in prop::collection::vec(any::<u8>(), 0..512),
        beside in any::<bool>(),
    ) {
        let desk = Desk::new();
        if beside {
            desk.write(&format!("x/{name}.info.json"), INFO.as_bytes());
        }
        let name = format!("x/{name}{extension}");
        let path = desk.write(&name, &[start.as_bytes(), &content].concat());
        if let Some(reader) = source::recognise(&path).unwrap()
            && reader != "left out 1"
        {
            one(&desk, &name);
        }
    }
}
