//! The archives of others: nothing panics, and what they hold is what warcio counts in them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use model::record::{Record, RecordKind, Step};

use crate::build::{Desk, bytes, read};

fn shared() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let found = path.join("warc/index.json").exists();
    if !found {
        println!("skipped: no shared data at ../../../shared/data");
    }
    found.then(|| path.canonicalize().unwrap())
}

/// What `index.json` says of a file.
struct Counted {
    name: String,
    /// Records by type.
    records: BTreeMap<String, usize>,
    /// Pages with status 200.
    pages: usize,
    /// Whether warcio gave up.
    gave_up: bool,
}

fn counted(root: &Path) -> Vec<Counted> {
    let text = std::fs::read_to_string(root.join("warc/index.json")).unwrap();
    let index: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let number = |value: &serde_json::Value| value.as_u64().unwrap() as usize;
    let rows = index.into_iter().map(|(name, entry)| {
        let records = entry["records"].as_object().unwrap();
        Counted {
            name,
            records: records
                .iter()
                .map(|(k, n)| (k.clone(), number(n)))
                .collect(),
            pages: number(&entry["html_200"]),
            gave_up: entry.get("warcio_error").is_some(),
        }
    });
    rows.collect()
}

/// Whether a record begins and ends at its extent, as `checks/score.py` (`by_origin`) has it.
fn lies_there(file: &[u8], offset: u64, length: u64) -> bool {
    let (offset, end) = (offset as usize, (offset + length) as usize);
    let (raw, behind) = (&file[offset..end], &file[end..]);
    let line_ends = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count()
    };
    let behind = &behind[line_ends(behind)..];
    if raw.starts_with(b"\x1f\x8b") {
        let mut decoder = flate2::bufread::GzDecoder::new(raw);
        let mut text = Vec::new();
        let whole = decoder.read_to_end(&mut text).is_ok();
        let exact = decoder.into_inner().is_empty();
        return text.starts_with(b"WARC/") && exact && (whole || behind.is_empty());
    }
    raw.starts_with(b"WARC/") && (behind.is_empty() || behind.starts_with(b"WARC/"))
}

fn word(record: &Record) -> &'static str {
    match record.kind {
        RecordKind::Response => "response",
        RecordKind::Resource => "resource",
        RecordKind::Revisit { .. } => "revisit",
        RecordKind::Metadata { .. } => "metadata",
    }
}

#[test]
fn every_archive_holds_what_warcio_counts() {
    let Some(root) = shared() else { return };
    let desk = Desk::new();
    let mut options = desk.options();
    options.source = root.to_string_lossy().into_owned();
    let mut faults = Vec::new();
    let mut files = 0;
    for Counted {
        name,
        records,
        pages,
        gave_up,
    } in counted(&root)
    {
        if [".arc", ".arc.gz"].iter().any(|end| name.ends_with(end)) {
            continue;
        }
        files += 1;
        let path = root.join(&name);
        let items = read(&path, &options);
        let file = std::fs::read(&path).unwrap();
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        let mut found_pages = BTreeSet::new();
        for (_, result) in &items {
            let record = match result {
                Ok(record) => record,
                Err(error) => {
                    println!("{name}: {error}");
                    continue;
                }
            };
            *found.entry(word(record)).or_default() += 1;
            assert_eq!(record.origin.path, name);
            let Some(&Step::Bytes(offset, length)) = record.origin.steps.first() else {
                panic!("{name}: no extent: {:?}", record.origin);
            };
            if record.media_type.is_html() && matches!(record.status, None | Some(200)) {
                found_pages.insert((offset, &record.url));
            }
            if !gave_up && !lies_there(&file, offset, length) {
                faults.push(format!("{name}: no record at {offset}+{length}"));
            }
            let again = source::read_again(&record.origin, &options).unwrap();
            assert_eq!(
                (bytes(&again), again.digest),
                (bytes(record), record.digest)
            );
            for warning in &record.warnings {
                println!("{name} {}: {warning}", record.origin);
            }
        }
        for kind in ["response", "resource", "revisit", "metadata"] {
            let want = records.get(kind).copied().unwrap_or_default();
            let have = found.get(kind).copied().unwrap_or_default();
            if have < want || (have > want && !gave_up) {
                faults.push(format!(
                    "{name}: {have} {kind} records, warcio counts {want}"
                ));
            }
        }
        if found_pages.len() < pages {
            faults.push(format!(
                "{name}: {} pages, warcio counts {pages}",
                found_pages.len()
            ));
        }
    }
    println!("{files} files");
    assert!(files > 20 && faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_page_and_pdf_is_recognised_and_nothing_else_is_a_pdf() {
    let Some(root) = shared() else { return };
    let mut faults = Vec::new();
    let (mut pages, mut pdfs) = (0, 0);
    for path in source::walk(&root).map(Result::unwrap) {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let reader = source::recognise(&path).unwrap();
        let good = match &*extension {
            "html" => {
                pages += 1;
                reader == Some("html 1")
            }
            "pdf" => {
                pdfs += 1;
                reader == Some("pdf 1")
            }
            _ => reader != Some("pdf 1"),
        };
        if !good {
            faults.push((path, reader));
        }
    }
    println!("{pages} pages, {pdfs} PDFs");
    assert!(pages > 50 && pdfs > 50 && faults.is_empty(), "{faults:#?}");
}

/// Records of a file, all of which must be readable.
fn whole(path: &Path, options: &source::Options) -> Vec<Record> {
    let items = read(path, options).into_iter();
    items.map(|(_, result)| result.unwrap()).collect()
}

#[test]
fn every_caption_file_knows_its_video() {
    let Some(root) = shared() else { return };
    let desk = Desk::new();
    let mut options = desk.options();
    options.source = root.to_string_lossy().into_owned();
    for (folder, captions, videos) in [("video/captions", 57, 26), ("topic-syria/videos", 39, 23)] {
        let (mut files, mut infos) = (0, BTreeSet::new());
        for path in source::walk(&root.join(folder)).map(Result::unwrap) {
            let id = path.parent().unwrap().file_name().unwrap();
            let id = id.to_string_lossy().into_owned();
            let address = format!("https://www.youtube.com/watch?v={id}");
            let records = whole(&path, &options);
            let [record] = records.as_slice() else {
                panic!("{}: {} records", path.display(), records.len())
            };
            assert_eq!(record.url, address);
            let again = source::read_again(&record.origin, &options).unwrap();
            assert_eq!(&again, record);
            if record.media_type.as_str() == "application/vnd.yt-dlp+json" {
                infos.insert(id);
                continue;
            }
            files += 1;
            assert_eq!(record.media_type.as_str(), "text/vtt");
            let video = format!("youtube {id} {address}");
            assert_eq!(record.header("conspectus-video"), Some(video.as_str()));
            assert_eq!(record.header("conspectus-captions"), None);
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let (_, language) = name.rsplit_once('.').unwrap();
            assert_eq!(record.header("content-language"), Some(language));
        }
        assert_eq!((files, infos.len()), (captions, videos), "{folder}");
    }
}

#[test]
fn metadata_and_discussions_are_recognised_and_nothing_else_is_taken_for_them() {
    let Some(root) = shared() else { return };
    let mut faults = Vec::new();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for path in source::walk(&root).map(Result::unwrap) {
        let below = path.strip_prefix(&root).unwrap().to_string_lossy();
        let name = below.rsplit('/').next().unwrap();
        let expected = match name.rsplit('.').next().unwrap() {
            _ if below.starts_with("video/tubeup/") || name.ends_with(".info.json") => {
                match name.rsplit_once('.') {
                    Some((_, "json")) => Some("yt-dlp 1"),
                    Some((_, "description")) => Some("left out 1"),
                    _ => None,
                }
            }
            _ if below.starts_with("video/tubesync/") => Some("yt-dlp 1"),
            "vtt" => Some("captions 1"),
            "ndjson" => Some("ndjson 1"),
            "xml" if below.starts_with("discussions/") => Some("stackexchange 1"),
            "json" if below.starts_with("discussions/") => Some("json 1"),
            "html" | "pdf" | "warc" | "gz" | "cdxj" | "arc" => continue,
            _ => None,
        };
        let reader = source::recognise(&path).unwrap();
        let other = matches!(reader, Some("warc 1" | "html 1" | "pdf 1"));
        if reader == expected {
            *found.entry(expected.unwrap_or("none")).or_default() += 1;
        } else if !other || expected.is_some() {
            faults.push((path, reader, expected));
        }
    }
    println!("{found:?}");
    assert!(faults.is_empty(), "{faults:#?}");
    let count = |reader: &str| found.get(reader).copied().unwrap_or(0);
    assert_eq!((count("captions 1"), count("left out 1")), (96, 2));
    assert_eq!((count("yt-dlp 1"), count("json 1")), (58, 12));
}

#[test]
fn dumps_give_every_line_and_row() {
    let Some(root) = shared() else { return };
    let desk = Desk::new();
    let mut options = desk.options();
    options.source = root.to_string_lossy().into_owned();
    let rows = [
        ("topic-syria/discussions/comments.ndjson", "\n{", 960),
        ("topic-syria/discussions/submissions.ndjson", "\n{", 1227),
        (
            "discussions/stackexchange/coffee.stackexchange.com/Posts.xml",
            "\n  <row ",
            0,
        ),
    ];
    for (name, mark, lines) in rows {
        let path = root.join(name);
        let file = std::fs::read_to_string(&path).unwrap();
        let expected = file.matches(mark).count() + usize::from(mark.ends_with('{'));
        if lines > 0 {
            assert_eq!(expected, lines);
        }
        let records = whole(&path, &options);
        let text: String = records
            .iter()
            .map(|record| String::from_utf8(bytes(record)).unwrap())
            .collect();
        let kept = match mark {
            "\n{" => text.lines().count(),
            _ => text.matches("<row Id=").count(),
        };
        assert_eq!(kept, expected, "{name}");
    }
}
