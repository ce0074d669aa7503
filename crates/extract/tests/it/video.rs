//! Metadata files, captions, transcripts, and what pages say of videos.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use extract::{ExtractError, Options};
use model::contribution::{Body, Contribution, merge};
use model::document::{Document, DocumentKind, Locator};
use model::record::Record;
use proptest::prelude::*;

use crate::{describe, record};

const INFO: &str = "application/vnd.yt-dlp+json";

fn documents(record: &Record) -> Vec<Document> {
    match extract::extract(record, &Options::default()) {
        Ok(found) => found.documents,
        Err(error) => panic!("{error}"),
    }
}

fn with(mut record: Record, headers: &[(&str, &str)]) -> Record {
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

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/video/captions");
    folder.is_dir().then_some(folder)
}

/// What lies in a folder and is called so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}

/// Words as they are counted: letters and digits only.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| {
            let letters = word.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// The sentences that a transcript has twice within a minute, though the file has them once.
fn twice(document: &Document, source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen: Vec<(u32, String)> = Vec::new();
    let source = words(source).join(" ");
    for passage in &document.passages {
        let Locator::Seconds(second) = passage.locator else {
            continue;
        };
        for sentence in passage.text.split_inclusive(['.', '!', '?', '。']) {
            let sentence = words(sentence).join(" ");
            if sentence.len() < 20 {
                continue;
            }
            let again = seen
                .iter()
                .any(|(at, known)| second - at < 60 && *known == sentence);
            if again && source.matches(&sentence).count() < 2 {
                found.push(sentence.clone());
            }
            seen.push((second, sentence));
        }
    }
    found
}

#[test]
fn captions_of_the_samples_have_no_sentence_twice_and_no_tag_or_entity() {
    let Some(folder) = samples() else {
        println!("skipped: no sample captions here");
        return;
    };
    let entity = |text: &str| {
        text.match_indices('&').any(|(at, _)| {
            let name = text.get(at + 1..).unwrap_or_default();
            name.split_once(';')
                .is_some_and(|(name, _)| name.len() < 9 && !name.contains(' '))
        })
    };
    let (mut read, mut passages, mut kept, mut all) = (0, 0, 0, 0);
    let mut lengths: Vec<usize> = Vec::new();
    for video in files(&folder, "") {
        for path in files(&video, ".vtt") {
            let bytes = std::fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let url = format!("https://videos.example/{name}");
            let found = documents(&record(&url, "text/vtt", &bytes)).remove(0);
            assert!(found.language.is_some(), "{name}");
            assert_eq!(found.warnings, [""; 0], "{name}");
            let text = found.text();
            let tag = text.contains('<') || text.contains("-->");
            assert!(!tag && !entity(&text), "{name}");
            let source = String::from_utf8(bytes).unwrap();
            let spoken: Vec<&str> = source
                .split("\n\n")
                .filter_map(|cue| Some(cue.split_once("-->")?.1.split_once('\n')?.1))
                .collect();
            assert_eq!(twice(&found, &spoken.join(" ")), [""; 0], "{name}");
            read += 1;
            passages += found.passages.len();
            kept += words(&text).len();
            all += words(&spoken.join(" ").replace("&nbsp;", " ")).len();
            lengths.extend(found.passages.iter().map(|p| p.text.chars().count()));
            assert!(
                found
                    .passages
                    .is_sorted_by_key(|passage| match passage.locator {
                        Locator::Seconds(second) => second,
                        _ => 0,
                    })
            );
        }
    }
    lengths.sort_unstable();
    let middle = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    println!(
        "{read} files, {passages} passages, {middle} characters in the middle, {} at most, {kept} of {all} words",
        lengths.last().copied().unwrap_or_default()
    );
    assert!(read >= 57, "{read}");
    assert!(kept * 100 >= all * 97, "{kept} of {all}");
}

#[test]
fn a_video_of_the_samples_is_one() {
    let Some(folder) = samples() else {
        println!("skipped: no sample captions here");
        return;
    };
    for video in files(&folder, "") {
        let mut contributions = Vec::new();
        let mut languages = BTreeSet::new();
        let typed = [(".vtt", "text/vtt"), (".info.json", INFO)];
        let paths = typed.into_iter().flat_map(|(ending, media_type)| {
            let paths = files(&video, ending).into_iter();
            paths.map(move |path| (path, media_type))
        });
        for (path, media_type) in paths {
            let bytes = std::fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let url = format!("https://videos.example/{name}");
            let id = video.file_name().unwrap().to_string_lossy();
            let named = format!("youtube {id} https://www.youtube.com/watch?v={id}");
            let record = with(
                record(&url, media_type, &bytes),
                &[("conspectus-video", &named)],
            );
            let document = documents(&record).remove(0);
            if media_type != INFO {
                let tag = document.language.clone().unwrap();
                languages.insert(tag);
            }
            contributions.push(Contribution {
                key: document.key.clone(),
                origin: record.origin.clone(),
                collection: "c".into(),
                captured: record.captured,
                url,
                body: Body::Document(Box::new(document)),
            });
        }
        assert!(
            contributions
                .iter()
                .all(|c| Some(&c.key) == contributions.first().map(|c| &c.key))
        );
        let merged = merge(&contributions).unwrap();
        assert!(merged.published.is_some() && merged.url.starts_with("https://www.youtube.com/"));
        let starts = merged
            .passages
            .iter()
            .map(|passage| match passage.locator {
                Locator::Seconds(second) => i64::from(second),
                _ => -1,
            })
            .collect::<Vec<_>>();
        // Each transcript begins anew.
        let begun = 1 + starts.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert_eq!(begun, languages.len(), "{}", merged.url);
    }
}

/// Seconds and words of the cues of a caption file, read as simply as can be.
fn plain_cues(source: &str) -> Vec<(f64, Vec<String>)> {
    source
        .split("\n\n")
        .filter_map(|cue| {
            let (time, text) = cue.split_once(" --> ")?;
            let time = time.lines().last()?;
            let seconds = time.split(':').try_fold(0.0, |total, part| {
                Some::<f64>(total * 60.0 + part.parse::<f64>().ok()?)
            })?;
            Some((
                seconds,
                words(&text.split_once('\n')?.1.replace("&nbsp;", " ")),
            ))
        })
        .collect()
}

#[test]
fn a_place_in_a_passage_tells_its_second() {
    let Some(folder) = samples() else {
        println!("skipped: no sample captions here");
        return;
    };
    // As search does: between the beginnings of two passages, by the share of the text.
    let (mut near, mut all, mut lost) = (0, 0, 0);
    for path in files(&folder, "")
        .iter()
        .flat_map(|video| files(video, ".vtt"))
    {
        let bytes = std::fs::read(&path).unwrap();
        let found = documents(&record("https://v.example/a.vtt", "text/vtt", &bytes)).remove(0);
        let cues = plain_cues(&String::from_utf8(bytes).unwrap());
        let passages: Vec<(f64, String)> = found
            .passages
            .iter()
            .map(|passage| match passage.locator {
                Locator::Seconds(second) => (f64::from(second), words(&passage.text).concat()),
                _ => panic!("{passage:?}"),
            })
            .collect();
        for (second, words) in cues.iter().filter(|(_, words)| words.len() >= 6) {
            let text = words.concat();
            let place = passages.windows(2).find_map(|pair| {
                let at = pair[0].1.find(&text)?;
                let close = (pair[0].0 - second).abs() < 90.0;
                close.then(|| {
                    let share = at as f64 / pair[0].1.len() as f64;
                    pair[0].0 + (pair[1].0 - pair[0].0) * share
                })
            });
            match place {
                Some(place) => {
                    all += 1;
                    near += usize::from((place - second).abs() <= 5.0);
                }
                None => lost += 1,
            }
        }
    }
    println!(
        "{near} of {all} cues within 5 s of their second; {lost} over two passages or the last"
    );
    assert!(near * 100 >= all * 95, "{near} of {all}");
}
