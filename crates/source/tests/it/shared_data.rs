//! The archives of others: nothing panics, and what they hold is what warcio counts in them.

use std::collections::BTreeMap;
use std::path::PathBuf;

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

/// `(name, counts by type, whether warcio gave up)` of `index.json`.
fn counted(root: &std::path::Path) -> Vec<(String, BTreeMap<String, usize>, bool)> {
    let text = std::fs::read_to_string(root.join("warc/index.json")).unwrap();
    let index: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let rows = index.into_iter().map(|(name, entry)| {
        let counts = entry["records"].as_object().unwrap();
        let counts = counts
            .iter()
            .map(|(k, n)| (k.clone(), n.as_u64().unwrap() as usize));
        (name, counts.collect(), entry.get("warcio_error").is_some())
    });
    rows.collect()
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
    for (name, counts, gave_up) in counted(&root) {
        let path = root.join(&name);
        if [".arc", ".arc.gz"].iter().any(|end| name.ends_with(end)) {
            continue;
        }
        files += 1;
        let items = read(&path, &options);
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        let file = std::fs::read(&path).unwrap();
        for (_, result) in &items {
            match result {
                Ok(record) => {
                    *found.entry(word(record)).or_default() += 1;
                    assert_eq!(record.origin.path, name);
                    let Some(&Step::Bytes(offset, length)) = record.origin.steps.first() else {
                        panic!("{name}: no extent: {:?}", record.origin);
                    };
                    let raw = &file[offset as usize..(offset + length) as usize];
                    assert!(
                        raw.starts_with(b"WARC/") || raw.starts_with(b"\x1f\x8b"),
                        "{name}"
                    );
                    let again = source::read_again(&record.origin, &options).unwrap();
                    assert_eq!(
                        (bytes(&again), again.digest),
                        (bytes(record), record.digest)
                    );
                    for warning in &record.warnings {
                        println!("{name} {}: {warning}", record.origin);
                    }
                }
                Err(error) => println!("{name}: {error}"),
            }
        }
        for kind in ["response", "resource", "revisit", "metadata"] {
            let want = counts.get(kind).copied().unwrap_or_default();
            let have = found.get(kind).copied().unwrap_or_default();
            if have < want || (have > want && !gave_up) {
                faults.push(format!(
                    "{name}: {have} {kind} records, warcio counts {want}"
                ));
            }
        }
    }
    println!("{files} files");
    assert!(files > 20 && faults.is_empty(), "{faults:#?}");
}
