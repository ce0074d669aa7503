//! Metadata files, captions, transcripts, and what pages say of videos.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use extract::{ExtractError, Options};
use model::document::{Document, DocumentKind};
use model::record::Record;
use proptest::prelude::*;

use crate::{describe, record};

pub(crate) const INFO: &str = "application/vnd.yt-dlp+json";

pub(crate) fn documents(record: &Record) -> Vec<Document> {
    match extract::extract(record, &Options::default()) {
        Ok(found) => found.documents,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn with(mut record: Record, headers: &[(&str, &str)]) -> Record {
    let headers = headers.iter().map(|(n, v)| ((*n).into(), (*v).into()));
    record.headers.extend(headers);
    record
}

/// All that is particular to a video, and the rest as of any document.
fn describe_video(document: &Document) -> String {
    let DocumentKind::Video {
        duration_seconds,
        channel,
        automatic,
    } = &document.kind
    else {
        return describe(document);
    };
    let key = format!("{:?}", document.key);
    format!(
        "{key} {} {duration_seconds:?} {channel:?} automatic={automatic} {:?}\n{}",
        document.url,
        document.warnings,
        describe(document)
    )
}

#[track_caller]
fn check(record: &Record, expected: &Expect) {
    let described: Vec<String> = documents(record).iter().map(describe_video).collect();
    expected.assert_eq(&described.join("----\n"));
}

#[test]
fn an_info_json() {
    check(
        &record(
            "https://videos.example/Port%20dues%20%5BAb-d_fGh1jK%5D.info.json",
            INFO,
            br#"{"id":"Ab-d_fGh1jK","title":"Port dues  rise","extractor":"youtube","extractor_key":"Youtube",
            "formats":[{"url":"https://x.example","height":null}],"channel":null,"uploader":"Istmere Herald",
            "upload_date":"20250602","timestamp":1748849400,"duration":"231.0","view_count":12,
            "description":"Ships pay more.\n\nSee https://istmere.example/dues.\n",
            "chapters":[{"start_time":60.0,"end_time":231,"title":"Dues"},{"start_time":0,"title":"Salt"},null,7],
            "thumbnail":"https://i.example/a.jpg","language":"en","automatic_captions":{"fr-orig":[{"url":"x"}]}}"#,
        ),
        &expect![[r#"
            Video { platform: "youtube", id: "Ab-d_fGh1jK" } https://www.youtube.com/watch?v=Ab-d_fGh1jK Some(231) Some("Istmere Herald") automatic=false []
            title: Port dues rise
            site: YouTube
            author: Istmere Herald
            language: en
            published: 2025-06-02
            thumbnail: https://i.example/a.jpg
            link: https://istmere.example/dues 

            [-] Top
            Ships pay more.
            See https://istmere.example/dues.

            [Salt] Seconds(0)
            Salt

            [Dues] Seconds(60)
            Dues
        "#]],
    );
}

#[test]
fn half_empty_metadata() {
    check(
        &record(
            "https://videos.example/a.info.json",
            INFO,
            br#"{"id":42850523,"title":null,"fulltitle":"A  clip","extractor":"twitch:clips","webpage_url":"https://clips.twitch.tv/Faint",
            "uploader":["x"],"upload_date":20160612,"duration":true,"chapters":{"a":1},"automatic_captions":[],"description":7}"#,
        ),
        &expect![[r#"
            Video { platform: "twitch", id: "42850523" } https://clips.twitch.tv/Faint None None automatic=false []
            title: A clip
            site: Twitch
            published: 2016-06-12

            [-] Top
            7
        "#]],
    );
    check(
        &record(
            "https://videos.example/b.info.json",
            INFO,
            br#"{"webpage_url":"https://youtu.be/Ab-d_fGh1jK"}"#,
        ),
        &expect![[r#"
            Video { platform: "youtube", id: "Ab-d_fGh1jK" } https://www.youtube.com/watch?v=Ab-d_fGh1jK None None automatic=false []
            title: youtube Ab-d_fGh1jK
            site: YouTube
        "#]],
    );
}

#[test]
fn a_list_is_no_video_and_half_a_file_is_broken() {
    let list = br#"{"_type":"playlist","id":"PL1","title":"All","extractor":"youtube:tab"}"#;
    assert!(documents(&record("https://v.example/PL1.info.json", INFO, list)).is_empty());
    for text in ["{\"id\":\"x\",\"tit", "[]", "", "{}"] {
        let found = extract::extract(
            &record("https://v.example/x.info.json", INFO, text.as_bytes()),
            &Options::default(),
        );
        assert!(matches!(found, Err(ExtractError::Broken { .. })), "{text}");
    }
}

const ROLLING: &str = "WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.389 align:start position:0%
 
good<00:00:00.480><c> evening</c><00:00:01.000><c> from</c>

00:00:02.389 --> 00:00:02.399 align:start position:0%
good evening from
 

00:00:02.399 --> 00:00:05.000 align:start position:0%
good evening from
the<00:00:02.600><c> port</c><00:00:03.000><c> of</c><00:00:03.500><c> Istmere</c>

00:00:05.000 --> 00:00:05.010 align:start position:0%
the port of Istmere
 

00:00:05.010 --> 00:00:07.000 align:start position:0%
the port of Istmere
[Applause]

00:00:07.000 --> 00:00:07.010 align:start position:0%
[Applause]
 

00:00:07.010 --> 00:00:09.000 align:start position:0%
[Applause]
where&nbsp;dues<00:00:08.000><c> rise</c>
";

#[test]
fn rolling_captions_of_a_named_video() {
    check(
        &with(
            record(
                "https://videos.example/Port%20dues%20%5BAb-d_fGh1jK%5D.en.vtt",
                "text/vtt",
                ROLLING.as_bytes(),
            ),
            &[
                (
                    "conspectus-video",
                    "youtube Ab-d_fGh1jK https://www.youtube.com/watch?v=Ab-d_fGh1jK",
                ),
                ("content-language", "en"),
                ("conspectus-captions", "automatic"),
            ],
        ),
        &expect![[r#"
            Video { platform: "youtube", id: "Ab-d_fGh1jK" } https://www.youtube.com/watch?v=Ab-d_fGh1jK Some(9) None automatic=true []
            title: Port dues
            site: YouTube
            language: en

            [-] Seconds(0)
            good evening from the port of Istmere where dues rise
        "#]],
    );
}

#[test]
fn a_caption_file_alone() {
    check(
        &record(
            "https://videos.example/The_salt_road.de.srt",
            "application/x-subrip",
            "1\r\n00:00:05,000 --> 00:00:06,000\r\n<i>Wir segelten nach Norden.</i>\r\n\r\n\
             2\r\n00:00:01,000 --> 00:00:02,000\r\nDas Salz war wei\u{df}.\r\n"
                .as_bytes(),
        ),
        &expect![[r#"
            Video { platform: "file", id: "2c0d9338dd14696403c6b6fa994f135c3f44c497466fa70091901c358e3e3c21" } https://videos.example/The_salt_road.de.srt Some(6) None automatic=false ["captions put in order that start before the one above them: 1"]
            title: The salt road
            language: de

            [-] Seconds(1)
            Das Salz war weiß.

            [-] Seconds(5)
            Wir segelten nach Norden.
        "#]],
    );
    let empty = extract::extract(
        &record(
            "https://v.example/a.vtt",
            "text/vtt",
            b"WEBVTT\n\nNOTE nothing",
        ),
        &Options::default(),
    );
    assert!(
        matches!(empty, Err(ExtractError::Broken { .. })),
        "{empty:?}"
    );
}

#[test]
fn transcripts_of_podcasts() {
    check(
        &record(
            "https://pod.example/episode-12-the-salt-road.json",
            "application/json",
            br#"{"version":"1.0.0","segments":[
            {"speaker":"Ada","startTime":0.5,"endTime":0.75,"body":"Salt"},
            {"speaker":"Ada","startTime":"0.75","endTime":1.2,"body":"came"},
            {"speaker":"Ada","startTime":1.2,"endTime":1.2,"body":"."},
            {"speaker":"Bo","startTime":40,"endTime":44,"body":"By which road, and at what price?"},
            {"speaker":"Bo","startTime":null,"body":"lost"}, 7]}"#,
        ),
        &expect![[r#"
            Video { platform: "file", id: "d1252502c4a5543d81c66244ff34af27858a86b9e3fcd58bab291cd06060c33b" } https://pod.example/episode-12-the-salt-road.json Some(44) None automatic=false []
            title: episode 12 the salt road

            [-] Seconds(0)
            Salt came.

            [-] Seconds(40)
            By which road, and at what price?
        "#]],
    );
    for text in [r#"{"segments":[1,2]}"#, r#"{"a":1}"#, "\"segments\"", "x"] {
        let found = extract::extract(
            &record(
                "https://a.example/a.json",
                "application/json",
                text.as_bytes(),
            ),
            &Options::default(),
        );
        assert!(
            matches!(found, Err(ExtractError::NoReader { .. })),
            "{text}"
        );
    }
}

#[track_caller]
fn check_page(url: &str, html: &str, expected: &Expect) {
    let mut found = documents(&record(url, "text/html", html.as_bytes()));
    let page = found.remove(0);
    assert_eq!(page.kind, DocumentKind::Page);
    let described: Vec<String> = found.iter().map(describe_video).collect();
    expected.assert_eq(&described.join("----\n"));
}

#[test]
fn videos_of_pages() {
    check_page(
        "https://herald.example/port",
        r#"<title>Port</title><script type="application/ld+json">{"@type":"NewsArticle","video":
        {"@type":"VideoObject","name":"Port dues &amp; salt","description":"Ships pay more.","duration":"PT3M51S",
        "uploadDate":"2025-06-02T07:30:00+02:00","thumbnailUrl":["/a.jpg"],"embedUrl":"https://www.youtube.com/embed/Ab-d_fGh1jK",
        "author":{"@type":"Person","name":"Ada Low"},"transcript":"Salt came first.",
        "hasPart":[{"@type":"Clip","name":"Dues","startOffset":60}]}}</script>
        <iframe src="https://www.youtube-nocookie.com/embed/Ab-d_fGh1jK" title="Port dues and salt"></iframe>
        <iframe src="//player.vimeo.com/video/76979871?h=1" title="The salt road"></iframe>
        <iframe src="https://www.youtube.com/embed/AAAAAAAAAAA" title="YouTube video player"></iframe>
        <iframe src="https://www.youtube.com/embed/BBBBBBBBBBB"></iframe>
        <iframe src="https://ads.example/x" title="Buy salt now"></iframe>"#,
        &expect![[r#"
            Video { platform: "youtube", id: "Ab-d_fGh1jK" } https://www.youtube.com/watch?v=Ab-d_fGh1jK Some(231) Some("Ada Low") automatic=false []
            title: Port dues & salt
            site: YouTube
            author: Ada Low
            published: 2025-06-02T07:30:00+02:00
            thumbnail: https://herald.example/a.jpg

            [-] Top
            Ships pay more.

            [-] Top
            Salt came first.

            [Dues] Seconds(60)
            Dues
            ----
            Video { platform: "vimeo", id: "76979871" } https://vimeo.com/76979871 None None automatic=false []
            title: The salt road
            site: Vimeo
        "#]],
    );
}

#[test]
fn a_page_of_a_video_in_microdata() {
    check_page(
        "https://www.youtube.com/watch?v=Ab-d_fGh1jK",
        r#"<title>Port dues - YouTube</title><meta property="og:title" content="Port dues">
        <div itemscope itemtype="http://schema.org/VideoObject">
        <link itemprop="url" href="https://www.youtube.com/watch?v=Ab-d_fGh1jK"><meta itemprop="name" content="Port dues">
        <meta itemprop="duration" content="PT66M20S"><meta itemprop="uploadDate" content="2025-06-02">
        <span itemprop="author" itemscope itemtype="http://schema.org/Person"><link itemprop="name" content="Istmere Herald"></span></div>"#,
        &expect![[r#"
            Video { platform: "youtube", id: "Ab-d_fGh1jK" } https://www.youtube.com/watch?v=Ab-d_fGh1jK Some(3980) Some("Istmere Herald") automatic=false []
            title: Port dues
            site: YouTube
            author: Istmere Herald
            published: 2025-06-02
        "#]],
    );
    check_page(
        "https://vimeo.com/76979871",
        r#"<title>Salt on Vimeo</title><meta property="og:title" content="Salt"><meta property="og:image" content="/a.jpg">"#,
        &expect![[r#"
            Video { platform: "vimeo", id: "76979871" } https://vimeo.com/76979871 None None automatic=false []
            title: Salt
            site: Vimeo
            thumbnail: https://vimeo.com/a.jpg
        "#]],
    );
}

#[test]
fn videos_elsewhere_are_named_by_their_player_or_page() {
    check_page(
        "https://www.herald.example/video/dues",
        r#"<script type="application/ld+json">{"@type":"VideoObject","name":"Dues","contentUrl":"https://cdn.example/v/12.mp4"}</script>"#,
        &expect![[r#"
            Video { platform: "cdn.example", id: "v/12.mp4" } https://www.herald.example/video/dues None None automatic=false []
            title: Dues
        "#]],
    );
    check_page(
        "https://www.herald.example/video/dues",
        r#"<script type="application/ld+json">{"@type":"VideoObject","name":"Dues"}</script>"#,
        &expect![[r#"
            Video { platform: "herald.example", id: "video/dues" } https://www.herald.example/video/dues None None automatic=false []
            title: Dues
        "#]],
    );
    check_page(
        "https://www.herald.example/",
        r#"<script type="application/ld+json">[{"@type":"VideoObject","name":"Dues"},{"@type":"VideoObject","url":"/a"}]</script>"#,
        &expect![""],
    );
}

#[test]
fn what_nobody_would_write_ends() {
    let cue = |text: &str| format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{text}\n");
    let signs = ["<", "{\\\\", "&", "[", "&amp;", "(", ".", "<c", "a "]
        .map(|sign| cue(&sign.repeat(50_000)));
    for text in &signs {
        let found = extract::extract(
            &record("https://v.example/a.vtt", "text/vtt", text.as_bytes()),
            &Options::default(),
        );
        assert!(matches!(found, Ok(_) | Err(ExtractError::Broken { .. })));
    }
    let mut many = String::from("WEBVTT\n\n");
    for second in 0..250_000_u32 {
        many.push_str(&format!(
            "{:02}:{:02}.000 --> 9999:00:00.000\na a a a a a a b\n\n",
            second / 60 % 60,
            second % 60
        ));
    }
    let found = documents(&record(
        "https://v.example/a.vtt",
        "text/vtt",
        many.as_bytes(),
    ));
    assert!(
        found.iter().all(|document| document.warnings.len() == 3),
        "{:?}",
        found.iter().map(|d| &d.warnings).collect::<Vec<_>>()
    );
    let deep = format!(
        "{{\"id\":\"a\",\"extractor\":\"b\",\"formats\":{}",
        "[".repeat(100_000)
    );
    let found = extract::extract(
        &record("https://v.example/a", INFO, deep.as_bytes()),
        &Options::default(),
    );
    assert!(matches!(found, Err(ExtractError::Broken { .. })));
}

proptest! {
    #[test]
    fn metadata_of_any_shape_is_read(
        fields in proptest::collection::vec(
            (
                prop_oneof![
                    Just("title"), Just("duration"), Just("chapters"), Just("upload_date"), Just("timestamp"),
                    Just("automatic_captions"), Just("description"), Just("language"), Just("thumbnail"), Just("channel"),
                ],
                prop_oneof![
                    Just("null"), Just("-1e300"), Just("20259999"), Just("\"20250602\""), Just("[{}]"), Just("{\"a\":[]}"),
                    Just("true"), Just("\"\""), Just("[[1]]"), Just("18446744073709551615"), Just("[{\"start_time\":\"x\",\"title\":1}]"),
                ],
            ),
            0..8,
        )
    ) {
        let mut seen = BTreeSet::new();
        let fields: Vec<String> = fields
            .iter()
            .filter(|(name, _)| seen.insert(*name))
            .map(|(name, value)| format!(",\"{name}\":{value}"))
            .collect();
        let text = format!("{{\"id\":\"a\",\"extractor\":\"b\"{}}}", fields.concat());
        let found = documents(&record("https://v.example/a.info.json", INFO, text.as_bytes()));
        prop_assert_eq!(found.len(), 1);
        prop_assert!(found.iter().all(|document| !document.title.is_empty()));
    }
}
