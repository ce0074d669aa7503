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
