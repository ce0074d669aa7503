//! Real caption files of the shared samples.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::contribution::{Body, Contribution, merge};
use model::document::{Document, DocumentKind, Locator};

use crate::record;
use crate::video::{INFO, documents, with};

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
        let DocumentKind::Video {
            duration_seconds: Some(length),
            ..
        } = found.kind
        else {
            panic!("{:?}", found.kind);
        };
        let mut passages: Vec<(f64, String)> = found
            .passages
            .iter()
            .map(|passage| match passage.locator {
                Locator::Seconds(second) => (f64::from(second), words(&passage.text).concat()),
                _ => panic!("{passage:?}"),
            })
            .collect();
        // The last one lasts as long as the video.
        passages.push((f64::from(length), String::new()));
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
    println!("{near} of {all} cues within 5 s of their second; {lost} over two passages");
    assert!(near * 100 >= all * 95, "{near} of {all}");
}
