//! Dumps of Reddit and Stack Exchange: their blocks, where reading goes on, and damage.

use std::io::Write as _;

use model::record::{Position, Record, Step};
use proptest::prelude::*;
use source::ReadError;

use crate::build::{Desk, Read, bytes, gzip, read, read_from, zstd};

fn comment(number: usize, words: usize) -> String {
    let text = format!("harbour {number} ").repeat(words);
    format!(
        "{{\"id\": \"c{number}\", \"link_id\": \"t3_a\", \"subreddit\": \"istmere\", \"body\": \"{text}\"}}\n"
    )
}

fn comments(numbers: std::ops::Range<usize>, words: usize) -> String {
    numbers.map(|number| comment(number, words)).collect()
}

fn posts(count: usize) -> String {
    let mut text = String::from("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<posts>\n");
    for number in 1..=count {
        text += &format!(
            "  <row Id=\"{number}\" PostTypeId=\"1\" Body=\"&lt;p&gt;{}&lt;/p&gt;\" />\n",
            "the harbour ".repeat(number % 97)
        );
    }
    text + "</posts>\n"
}

fn records(items: &Read) -> Vec<&Record> {
    items
        .iter()
        .map(|(_, result)| result.as_ref().unwrap())
        .collect()
}

fn text(items: &Read) -> String {
    let parts = records(items);
    let parts: Vec<Vec<u8>> = parts.iter().map(|record| bytes(record)).collect();
    String::from_utf8(parts.concat()).unwrap()
}

/// zstd with a window of 128 MiB, as `zstd --long=27` makes; that of `--long=31` needs as much
/// memory to write.
fn long_zstd(text: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn dumps_are_recognised() {
    let desk = Desk::new();
    let check = |name: &str, content: &[u8], expected: Option<&str>| {
        let path = desk.write(name, content);
        assert_eq!(source::recognise(&path).unwrap(), expected, "{name}");
    };
    let lines = comments(0..3, 2);
    let lines = lines.as_bytes();
    let submission = br#"{"subreddit": "istmere", "title": "A", "num_comments": 3}"#;
    check("a", lines, Some("ndjson 1"));
    check("one line.json", submission, Some("ndjson 1"));
    check("cut.ndjson", lines.get(20..).unwrap(), Some("ndjson 1"));
    check("a.bin", &gzip(lines), Some("ndjson 1"));
    check("b.bin", &zstd(lines), Some("ndjson 1"));
    check("c.bin", &long_zstd(lines), Some("ndjson 1"));
    let skippable = [b"\x5e\x2a\x4d\x18\x02\0\0\0ab".as_slice(), &zstd(lines)].concat();
    check("d.bin", &skippable, Some("ndjson 1"));
    check("other.ndjson", b"{\"id\": 1, \"name\": \"a\"}\n", None);
    check("other.zst", &zstd(b"{\"id\": 1}\n"), None);
    check("words.gz", &gzip(b"words"), None);
    check("damaged.zst", b"\x28\xb5\x2f\xfd\xff\xff", None);
    check(
        "rc_2019-04.zst",
        b"\x28\xb5\x2f\xfd\xff\xff",
        Some("ndjson 1"),
    );
    check("x.ndjson.gz", b"\x1f\x8b\x08\xff", Some("ndjson 1"));
    check("Posts.xml", posts(3).as_bytes(), Some("stackexchange 1"));
    let row = |root: &str, rest: &str| format!("<{root}>\r\n<row Id=\"1\" {rest} />\r\n</{root}>");
    let users = row("users", "DisplayName=\"A\"");
    check("Users.xml", users.as_bytes(), Some("left out 1"));
    let votes = row("votes", "VoteTypeId=\"2\"");
    check("v.xml", votes.as_bytes(), Some("left out 1"));
    let said = row("comments", "PostId=\"2\"");
    check("Comments.xml", said.as_bytes(), Some("left out 1"));
    check("Posts2.xml", row("posts", "Title=\"A\"").as_bytes(), None);
    check(
        "table.xml",
        row("table", "PostTypeId=\"1\"").as_bytes(),
        None,
    );
}

#[test]
fn a_file_is_read_in_blocks_of_whole_lines() {
    let desk = Desk::new();
    let lines = comments(0..30_000, 7);
    for (name, content) in [
        ("plain.ndjson", lines.clone().into_bytes()),
        ("packed.gz", gzip(lines.as_bytes())),
        ("packed.zst", long_zstd(lines.as_bytes())),
    ] {
        let path = desk.write(name, &content);
        let items = read(&path, &desk.options());
        assert_eq!(text(&items), lines, "{name}");
        let mut offset = 0;
        let found = records(&items);
        assert!(found.len() > 3, "{name}");
        for record in &found {
            assert_eq!(record.media_type.as_str(), "application/x-ndjson");
            let length = bytes(record).len() as u64;
            assert!(length <= 1024 * 1024 && bytes(record).ends_with(b"}\n"));
            let step = match name {
                "plain.ndjson" => Step::Bytes(offset, length),
                _ => Step::Decoded(offset, length),
            };
            assert_eq!(record.origin.steps, [step], "{name}");
            offset += length;
            let again = source::read_again(&record.origin, &desk.options()).unwrap();
            assert_eq!(&&again, record);
        }
        assert_eq!(items.last().unwrap().0.0, content.len() as u64);
        // From every position the rest is read, and of a compressed file no more than the last
        // blocks once more.
        for (at, (position, _)) in items.iter().enumerate() {
            let rest = read_from(&path, &desk.options(), Some(position.clone()));
            let rest = records(&rest);
            assert!(rest.len() + at + 1 >= found.len(), "{name}");
            assert_eq!(rest, found.get(found.len() - rest.len()..).unwrap());
            if name == "plain.ndjson" {
                assert_eq!(rest.len() + at + 1, found.len());
            }
        }
    }
}

#[test]
fn what_is_passed_over_for_long_gives_signs_of_life() {
    let desk = Desk::new();
    let line = comment(1, 60_000);
    let lines = 300 * 1024 * 1024 / line.len();
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.write_all(comment(0, 1).as_bytes()).unwrap();
    for _ in 0..lines {
        encoder.write_all(line.as_bytes()).unwrap();
    }
    // What does not compress, so that there is a place behind all of the others.
    let mut state = 1_u64;
    for number in 0..60_000 {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        let noise = comment(number, 0).replace("\"\"", &format!("\"{state:x}{:x}\"", state >> 7));
        encoder.write_all(noise.as_bytes()).unwrap();
    }
    let path = desk.write("a.zst", &encoder.finish().unwrap());
    let source = source::open(&path, &desk.options()).unwrap();
    let late = source.open(None).unwrap().map(|(position, _)| position);
    let positions: Vec<Position> = late.collect();
    let late = positions.get(positions.len() - 2).unwrap().clone();
    let rest = read_from(&path, &desk.options(), Some(late.clone()));
    let (signs, records): (Vec<_>, Vec<_>) = rest
        .iter()
        .partition(|(_, result)| result.as_ref().is_err_and(ReadError::is_sign_of_life));
    assert_eq!(signs.len(), 1);
    assert_eq!(signs[0].0, late);
    assert!(!records.is_empty() && records.len() < 10);
    assert!(records.iter().all(|(_, result)| result.is_ok()));
}

#[test]
fn rows_are_read_without_what_stands_around_them() {
    let desk = Desk::new();
    let xml = posts(4000);
    let name = "istmere.stackexchange.example/Posts.xml";
    let path = desk.write(name, xml.as_bytes());
    let items = read(&path, &desk.options());
    let found = records(&items);
    assert!(found.len() > 1);
    let mut rows = 0;
    for record in &found {
        let text = String::from_utf8(bytes(record)).unwrap();
        assert!(text.starts_with("<row Id=") && text.trim_end().ends_with("/>"));
        assert!(!text.contains("posts>"));
        rows += text.matches("<row ").count();
        assert_eq!(
            record.header("conspectus-site"),
            Some("istmere.stackexchange.example")
        );
        assert_eq!(
            record.media_type.as_str(),
            "application/vnd.stackexchange+xml"
        );
        let Some(&Step::Bytes(offset, length)) = record.origin.steps.first() else {
            panic!("{:?}", record.origin)
        };
        let lies = xml.get(offset as usize..(offset + length) as usize);
        assert_eq!(lies, Some(text.as_str()));
        let again = source::read_again(&record.origin, &desk.options()).unwrap();
        assert_eq!(&&again, record);
    }
    assert_eq!(rows, 4000);
    assert_eq!(items.last().unwrap().0.0, xml.len() as u64);
    // On one line, and in a folder that is no host.
    let one_line = xml.replace('\n', "");
    let path = desk.write("kept/Posts.xml", one_line.as_bytes());
    let items = read(&path, &desk.options());
    assert_eq!(text(&items).matches("<row ").count(), 4000);
    assert_eq!(records(&items)[0].header("conspectus-site"), None);
    let path = desk.write("Istmere.example-Posts/Posts.xml", xml.as_bytes());
    let items = read(&path, &desk.options());
    let site = records(&items)[0].header("conspectus-site");
    assert_eq!(site, Some("istmere.example"));
}

#[test]
fn a_cut_line_is_unfinished_until_the_file_grows() {
    let desk = Desk::new();
    let lines = comments(0..3, 2);
    let cut = lines.len() - 30;
    let start = lines.trim_end().rfind('\n').unwrap() + 1;
    let path = desk.write("a.ndjson", lines.get(..cut).unwrap().as_bytes());
    let items = read(&path, &desk.options());
    let [(first, Ok(whole)), (position, Ok(tail))] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!((first.0, position.0), (start as u64, start as u64));
    assert!(!source::is_unfinished(whole, first) && source::is_unfinished(tail, position));
    assert_eq!(bytes(tail), lines.get(start..cut).unwrap().as_bytes());
    assert_eq!(tail.warnings, ["the file ends within this record"]);
    assert!(source::grows("ndjson 1") && source::grows("stackexchange 1"));
    desk.write("a.ndjson", lines.as_bytes());
    let rest = read_from(&path, &desk.options(), Some(position.clone()));
    assert_eq!(text(&rest), lines.get(start..).unwrap());
    // A last line without a line end is whole where it is a whole object.
    let path = desk.write("b.ndjson", lines.trim_end().as_bytes());
    let items = read(&path, &desk.options());
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].0.0, lines.trim_end().len() as u64);
    // Rows end with `/>`, even where the end of the file is missing.
    let xml = posts(3);
    let end = xml.rfind("/>").unwrap() + 2;
    for (cut, unfinished) in [(end, 0), (end - 1, 1)] {
        let path = desk.write("Posts.xml", xml.get(..cut).unwrap().as_bytes());
        let items = read(&path, &desk.options());
        let marked = items
            .iter()
            .filter(|(position, result)| source::is_unfinished(result.as_ref().unwrap(), position));
        assert_eq!(marked.count(), unfinished);
        assert_eq!(text(&items).matches("<row ").count(), 3);
    }
}

#[test]
fn a_compressed_file_that_grew_is_read_on() {
    let desk = Desk::new();
    let (old, new) = (comments(0..20_000, 7), comments(20_000..40_000, 7));
    let lines = old.clone() + &new;
    let joined = |pack: fn(&[u8]) -> Vec<u8>| {
        let first = pack(old.as_bytes());
        let both = [first.clone(), pack(new.as_bytes())].concat();
        // Whole until then, and cut in the middle.
        [(first.len(), both.clone()), (both.len() / 3, both)]
    };
    for (length, whole) in joined(gzip).into_iter().chain(joined(long_zstd)) {
        let path = desk.write("a", whole.get(..length).unwrap());
        let before = read(&path, &desk.options());
        let reached = before.last().unwrap().0.clone();
        let read_to = |items: &Read| {
            let ends = items.iter().filter_map(|(_, result)| {
                match result.as_ref().ok()?.origin.steps.first()? {
                    Step::Decoded(offset, length) => Some(offset + length),
                    _ => None,
                }
            });
            ends.max().unwrap()
        };
        desk.write("a", &whole);
        let rest = read_from(&path, &desk.options(), Some(reached));
        let first = records(&rest)[0].origin.steps.clone();
        let Some(&Step::Decoded(from, _)) = first.first() else {
            panic!("{first:?}")
        };
        assert!(from <= read_to(&before), "lines were left out");
        assert_eq!(text(&rest), lines.get(from as usize..).unwrap());
        assert_eq!(rest.last().unwrap().0.0, whole.len() as u64);
    }
}

#[test]
fn a_line_that_is_too_long_is_one_error() {
    let desk = Desk::new();
    let mut options = desk.options();
    options.payload_limit = 64 << 20;
    let (before, behind) = (comments(0..2, 3), comments(2..4, 3));
    for (megabytes, lost) in [(3, false), (10, false), (17, true), (40, true)] {
        let long = comment(9, megabytes << 20 >> 3);
        assert!(long.len() >= megabytes << 20);
        let all = [before.as_str(), &long, &behind].concat();
        for (name, content) in [
            ("plain", all.clone().into_bytes()),
            ("packed", zstd(all.as_bytes())),
        ] {
            let path = desk.write(name, &content);
            let items = read(&path, &options);
            let mut kept = Vec::new();
            let mut errors = Vec::new();
            for (_, result) in &items {
                match result {
                    Ok(record) => {
                        assert!(!record.truncated);
                        kept.extend(bytes(record));
                    }
                    Err(error) => errors.push(error),
                }
            }
            assert_eq!(items.last().unwrap().0.0, content.len() as u64);
            if !lost {
                assert!(errors.is_empty() && kept == all.as_bytes(), "{megabytes}");
                continue;
            }
            assert_eq!(kept, [before.as_str(), &behind].concat().as_bytes());
            let [error] = errors.as_slice() else {
                panic!("{errors:?}")
            };
            assert_eq!(error.reason(), "line is longer than 16777216 bytes");
            let place = (before.len() as u64, long.len() as u64);
            let step = if name == "plain" {
                Step::Bytes(place.0, place.1)
            } else {
                Step::Decoded(place.0, place.1)
            };
            assert_eq!(error.origin().unwrap().steps, [step]);
            assert!(!error.is_transient() && !error.is_skip());
        }
    }
}

#[test]
fn a_damaged_stream_gives_what_comes_before() {
    let desk = Desk::new();
    let lines = comments(0..40_000, 5);
    let check = |name: &str, packed: Vec<u8>, reason: &str, again: bool| {
        let size = packed.len() as u64;
        let path = desk.write(name, &packed);
        let items = read(&path, &desk.options());
        let (last, before) = items.split_last().unwrap();
        let error = last.1.as_ref().unwrap_err();
        assert_eq!(error.reason(), reason, "{name}");
        assert_eq!(last.0.0 < size, again, "{name}");
        let mut kept = Vec::new();
        for (_, result) in before {
            kept.extend(bytes(result.as_ref().unwrap()));
        }
        assert!(lines.as_bytes().starts_with(&kept) && kept.ends_with(b"}\n"));
        assert!(kept.len() > lines.len() / 4, "{name}: {}", kept.len());
    };
    let half = |mut packed: Vec<u8>| {
        packed.truncate(packed.len() / 2);
        packed
    };
    let spoilt = |mut packed: Vec<u8>| {
        let middle = packed.len() / 2;
        packed
            .get_mut(middle..middle + 200)
            .unwrap()
            .iter_mut()
            .for_each(|byte| *byte = 0xff);
        packed
    };
    let (gz, zst) = (gzip(lines.as_bytes()), zstd(lines.as_bytes()));
    check("a.gz", half(gz.clone()), "gzip member ends early", true);
    check("a.zst", half(zst.clone()), "zstd frame ends early", true);
    check("b.gz", spoilt(gz), "gzip member is damaged", false);
    check("b.zst", spoilt(zst), "zstd frame is damaged", false);
    // Damaged from its first byte.
    let path = desk.write("RS_2020-01.zst", b"\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff");
    let items = read(&path, &desk.options());
    assert_eq!(items.len(), 1);
    assert!(items[0].1.is_err());
}

#[test]
fn a_block_that_changed_is_not_read_again() {
    let desk = Desk::new();
    for packed in [false, true] {
        let pack = |text: String| {
            if packed {
                zstd(text.as_bytes())
            } else {
                text.into_bytes()
            }
        };
        let path = desk.write("a", &pack(comments(0..3, 2)));
        let items = read(&path, &desk.options());
        let origin = records(&items)[0].origin.clone();
        desk.write("a", &pack(comments(0..3, 2).replace("c1", "c7")));
        let error = source::read_again(&origin, &desk.options()).unwrap_err();
        assert!(matches!(error, ReadError::Changed { .. }));
        desk.write("a", &pack(comments(0..1, 2)));
        assert!(source::read_again(&origin, &desk.options()).is_err());
        desk.write("a", b"words");
        assert!(source::read_again(&origin, &desk.options()).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the lines are, every one of them is in one block, in order.
    #[test]
    fn blocks_hold_all_lines(
        lengths in prop::collection::vec(0_usize..400_000, 1..24),
        line_end in any::<bool>(),
        packed in any::<bool>(),
    ) {
        let desk = Desk::new();
        let mut lines = comment(0, 1);
        for (number, length) in lengths.into_iter().enumerate() {
            lines += &comment(number, length / 10);
        }
        if !line_end {
            lines.pop();
        }
        let content = if packed { zstd(lines.as_bytes()) } else { lines.clone().into_bytes() };
        let path = desk.write("a", &content);
        let mut options = desk.options();
        options.payload_limit = 64 << 20;
        let items = read(&path, &options);
        prop_assert_eq!(text(&items), lines);
        prop_assert_eq!(items.last().unwrap().0.clone(), Position(content.len() as u64));
    }

    /// Nothing panics, and every block lies where it says.
    #[test]
    fn any_bytes_are_read(mut content in prop::collection::vec(any::<u8>(), 0..4096), xml in any::<bool>()) {
        let desk = Desk::new();
        let head = if xml { posts(2) } else { comments(0..2, 2) };
        let mut all = head.into_bytes();
        all.append(&mut content);
        let path = desk.write("a", &all);
        for (_, result) in read(&path, &desk.options()) {
            let record = result.unwrap();
            let Some(&Step::Bytes(offset, length)) = record.origin.steps.first() else {
                panic!("{:?}", record.origin)
            };
            let lies = all.get(offset as usize..(offset + length) as usize);
            prop_assert_eq!(lies.map(<[u8]>::to_vec), Some(bytes(&record)));
        }
    }
}
