//! Archives that were cut in their last record and are completed later.

use std::io::Write as _;
use std::path::PathBuf;

use engine::Engine as _;
use engine::conformance::describe;
use engine::naive::Naive;
use model::time::UnixSeconds;

use crate::{Folder, add_all, add_settings, page};

/// Records of a few kilobytes that do not compress well, so that a cut lies within the text.
fn records() -> Vec<Vec<u8>> {
    let record = |n: u32| {
        let words: Vec<String> = (0..400_u32)
            .map(|word| {
                let noise = (n * 1000 + word).wrapping_mul(0x9e37_79b9);
                format!("river{noise:x}")
            })
            .collect();
        page(&format!("http://a.example/{n}"), &words.join(" "))
    };
    let revisit = "WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Target-URI: http://a.example/1\r\n\
         WARC-Date: 2025-01-02T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n\
         WARC-Refers-To-Target-URI: http://a.example/1\r\n\
         WARC-Refers-To-Date: 2025-01-01T00:00:00Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n";
    vec![record(0), revisit.into(), record(1), record(2)]
}

fn gzip(record: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(record).unwrap();
    encoder.finish().unwrap()
}

/// Adds these states of one file, one after the other. How many documents and outcomes there are
/// after the first, and all that is known after the last.
fn added(name: &str, states: &[&[u8]], folder: &Folder) -> ((u64, u64), String) {
    let engine = Naive::new(|| UnixSeconds(0));
    let settings = add_settings(folder);
    let mut first = None;
    for bytes in states {
        let paths: [PathBuf; 1] = [folder.write(name, bytes)];
        add_all(&engine, &paths, &settings);
        let totals = engine.view().unwrap().totals().unwrap();
        first = first.or(Some((totals.documents, totals.outcomes)));
    }
    // Added again it is passed over.
    let again = add_all(&engine, &[folder.0.path().join(name)], &settings);
    assert_eq!(again.unchanged, 1);
    let last = describe(&*engine.view().unwrap()).unwrap();
    (first.unwrap(), last)
}

/// Cuts the third record behind `kept` of `of` parts of it, completes the file in one step and in
/// two, and compares with the whole file. Gives how many documents and outcomes the cut file has.
#[track_caller]
fn check(name: &str, records: &[Vec<u8>], kept: usize, of: usize) -> (u64, u64) {
    let folder = Folder::new();
    let whole = records.concat();
    let start = records[..2].concat().len();
    let cut = start + records[2].len() * kept / of;
    let (_, expected) = added(name, &[&whole], &folder);
    let (first, last) = added(name, &[&whole[..cut], &whole], &folder);
    assert_eq!(last, expected, "{name} cut at {cut}");
    let later = start + records[2].len() * (kept + of) / (2 * of);
    let states = [&whole[..cut], &whole[..later], &whole];
    let (_, last) = added(name, &states, &folder);
    assert_eq!(last, expected, "{name} cut at {cut} and {later}");
    first
}

#[test]
fn a_cut_tail_leaves_nothing_when_it_is_completed() {
    let plain = records();
    let members: Vec<Vec<u8>> = plain.iter().map(|record| gzip(record)).collect();
    for (name, records) in [("a.warc", &plain), ("a.warc.gz", &members)] {
        // Within the text: part of the page is read.
        assert_eq!(check(name, records, 3, 4), (2, 0));
        // Within the head: there is only the damage.
        assert_eq!(check(name, records, 1, 100), (1, 1));
        for (kept, of) in [(1, 4), (1, 2), (99, 100), (1, 1000)] {
            check(name, records, kept, of);
        }
    }
}

#[test]
fn a_first_record_that_was_cut_leaves_nothing() {
    let plain = records();
    for records in [plain[2].clone(), gzip(&plain[2])] {
        let folder = Folder::new();
        let name = "a.warc.gz";
        let (_, expected) = added(name, &[&records], &folder);
        let half = &records[..records.len() / 2];
        let (first, last) = added(name, &[half, &records], &folder);
        assert_eq!(first, (1, 0));
        assert_eq!(last, expected);
    }
}
