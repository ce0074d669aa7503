//! Damaged and unfinished archives: what is lost is named, what follows is read.

use std::time::{Duration, Instant};

use model::record::Position;

use crate::build::{
    DATE, Desk, bytes, describe, gzip, page, read, read_from, record, response, warcinfo,
};

#[track_caller]
fn check(name: &str, file: &[u8], expected: &str) {
    let desk = Desk::new();
    let path = desk.write(name, file);
    let found = describe(&read(&path, &desk.options()));
    assert_eq!(found.trim(), expected.trim());
}

fn url(letter: &str) -> String {
    format!("https://veldania.example/{letter}")
}

/// A page whose record claims another length than it has.
fn lying(letter: &str, length: &str) -> Vec<u8> {
    let url = url(letter);
    let block = b"HTTP/1.1 200 OK\r\n\r\n<html>body";
    let fields = [DATE, ("WARC-Target-URI", &url), ("Content-Length", length)];
    record("response", &fields, block)
}

const A: &str = "response 200 https://veldania.example/a 2025-06-01T12:00:00Z text/html";
const B: &str = "response 200 https://veldania.example/b 2025-06-01T12:00:00Z text/html";

#[test]
fn lengths_that_lie_are_repaired() {
    for length in [
        "29",
        "19",
        "60",
        "99999999999",
        "18446744073709551615",
        "many",
    ] {
        let file = [lying("a", length), page(&url("b"), "B")];
        let (whole, end) = (file[0].len() - 4, file[0].len());
        let note = match length {
            "29" => String::new(),
            "many" => {
                " [no readable Content-Length: the next record begins behind 29 bytes]".into()
            }
            _ => {
                format!(" [Content-Length is {length}, but the next record begins behind 29 bytes]")
            }
        };
        let cut = if matches!(length, "29" | "19" | "many") {
            ""
        } else {
            " truncated"
        };
        let all = file.concat();
        let rest = all.len() - end;
        check(
            "a.warc",
            &all,
            &format!(
                "{A} 10B{cut} @0+{whole}{note} -> {end}\n{B} 31B @{end}+{} -> {}",
                rest - 4,
                all.len()
            ),
        );
        let members = file.map(|text| gzip(&text));
        let (first, both) = (members[0].len(), members.concat());
        check(
            "a.warc.gz",
            &both,
            &format!(
                "{A} 10B{cut} @0+{first}{note} -> {first}\n{B} 31B @{first}+{} -> {}",
                members[1].len(),
                both.len()
            ),
        );
    }
}

#[test]
fn garbage_between_records_is_passed_over() {
    let (first, second) = (page(&url("a"), "A"), page(&url("b"), "B"));
    let garbage = b"garbage\nmore of it\r\n\r\n";
    let file = [first.as_slice(), garbage, &second].concat();
    let (one, two) = (first.len(), first.len() + garbage.len());
    check(
        "a.warc",
        &file,
        &format!(
            "{A} 31B @0+{} -> {one}\nrepair @{one}+{} passed over 22 bytes: no WARC record begins \
             there -> {two}\n{B} 31B @{two}+{} -> {}",
            one - 4,
            garbage.len(),
            second.len() - 4,
            file.len()
        ),
    );
    let (first, second) = (gzip(&first), gzip(&second));
    let file = [first.as_slice(), garbage, &second].concat();
    let (one, two) = (first.len(), first.len() + garbage.len());
    check(
        "a.warc.gz",
        &file,
        &format!(
            "{A} 31B @0+{one} -> {one}\nrepair @{one}+{} passed over 22 bytes: no WARC record \
             begins there -> {two}\n{B} 31B @{two}+{} -> {}",
            garbage.len(),
            second.len(),
            file.len()
        ),
    );
}

#[test]
fn a_damaged_member_is_lost_alone() {
    let mut members = ["a", "b", "c"].map(|l| gzip(&page(&url(l), &l.repeat(500))));
    let middle = members[1].len() / 2;
    members[1].truncate(middle);
    let (one, two) = (members[0].len(), members[0].len() + middle);
    let file = members.concat();
    let items = |file: &[u8]| {
        let desk = Desk::new();
        let path = desk.write("a.warc.gz", file);
        describe(&read(&path, &desk.options()))
    };
    let found = items(&file);
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), 3, "{found}");
    assert!(
        lines[0].starts_with(A) && lines[2].contains("/c "),
        "{found}"
    );
    assert!(
        lines[1].starts_with(&format!("failed @{one}+{middle} gzip member")),
        "{found}"
    );
    assert!(lines[1].ends_with(&format!("-> {two}")), "{found}");
    // A damaged first member does not hide the file.
    let mut file = members.concat();
    file[15] ^= 0x55;
    file[40] ^= 0x55;
    let found = items(&file);
    assert!(
        found.lines().next().unwrap().starts_with("failed @0+"),
        "{found}"
    );
    assert!(found.lines().last().unwrap().contains("/c "), "{found}");
}

#[test]
fn a_wrong_check_sum_is_a_warning() {
    let mut first = gzip(&page(&url("a"), "A"));
    let at = first.len() - 6;
    first[at] ^= 1;
    let second = gzip(&page(&url("b"), "B"));
    let file = [first.clone(), second.clone()].concat();
    let one = first.len();
    check(
        "a.warc.gz",
        &file,
        &format!(
            "{A} 31B @0+{one} [gzip check sum does not match] -> {one}\n{B} 31B @{one}+{} -> {}",
            second.len(),
            file.len()
        ),
    );
}

#[test]
fn a_file_that_is_still_written_is_read_on() {
    let texts = [page(&url("a"), "A"), page(&url("b"), &"B".repeat(300))];
    for compressed in [false, true] {
        let parts = texts
            .clone()
            .map(|text| if compressed { gzip(&text) } else { text });
        let name = if compressed { "a.warc.gz" } else { "a.warc" };
        let whole = parts.concat();
        for cut in parts[0].len()..whole.len() {
            let desk = Desk::new();
            let path = desk.write(name, &whole[..cut]);
            let options = desk.options();
            let items = read(&path, &options);
            let positions: Vec<u64> = items.iter().map(|(position, _)| position.0).collect();
            let at = |i: usize| positions.get(i).copied();
            assert_eq!(at(0), Some(parts[0].len() as u64), "cut at {cut}");
            if let Some(position) = at(1) {
                // Whole without the line ends behind it, or unfinished.
                let rest = whole.len() as u64 - position;
                assert!(
                    position == parts[0].len() as u64 || rest <= 4,
                    "cut at {cut}"
                );
            }
            assert!(items.len() <= 2, "cut at {cut}");
            desk.write(name, &whole);
            let position = items.last().unwrap().0.clone();
            let unfinished = position.0 == parts[0].len() as u64;
            let rest = read_from(&path, &options, Some(position));
            assert_eq!(rest.len(), usize::from(unfinished), "cut at {cut}");
            for (_, result) in rest {
                let record = result.unwrap();
                assert_eq!((record.truncated, record.warnings.len()), (false, 0));
                assert_eq!(record.url, url("b"));
            }
        }
    }
}

#[test]
fn the_cut_last_record_is_given() {
    let file = [warcinfo(), page(&url("a"), &"words ".repeat(50))].concat();
    let found = |cut: usize| {
        let desk = Desk::new();
        let path = desk.write("a.warc", &file[..cut]);
        describe(&read(&path, &desk.options()))
    };
    assert_eq!(
        found(file.len() - 104),
        format!(
            "{A} 230B truncated @110+456 [the file ends within this record: 274 of 374 bytes are \
             there] -> 110\n"
        )
    );
    // Cut within the headers.
    assert_eq!(found(200), "failed @110+90 record ends early -> 110\n");
    assert_eq!(
        found(113),
        "repair @110+3 passed over 3 bytes: no WARC record begins there -> 110\n"
    );
}

#[test]
fn headers_that_do_not_end() {
    let endless = [
        b"WARC/1.0\r\nWARC-Type: response\r\n".as_slice(),
        &b"X: y\r\n".repeat(300_000),
    ];
    let next = page(&url("a"), "A");
    let file = [endless.concat(), next.clone()].concat();
    let at = file.len() - next.len();
    check(
        "a.warc",
        &file,
        &format!(
            "failed @0+{at} header is longer than 1048576 bytes -> {at}\n{A} 31B @{at}+{} -> {}",
            next.len() - 4,
            file.len()
        ),
    );
    let members = [gzip(&endless.concat()), gzip(&next)];
    let (at, file) = (members[0].len(), members.concat());
    check(
        "a.warc.gz",
        &file,
        &format!(
            "failed @0+{at} header is longer than 1048576 bytes -> {at}\n{A} 31B @{at}+{} -> {}",
            members[1].len(),
            file.len()
        ),
    );
}

#[test]
fn a_position_behind_the_end_gives_nothing() {
    let desk = Desk::new();
    let path = desk.write("a.warc", &page(&url("a"), "A"));
    assert_eq!(
        read_from(&path, &desk.options(), Some(Position(u64::MAX))).len(),
        0
    );
    let path = desk.write("a.warc.gz", &gzip(&page(&url("a"), "A")));
    assert_eq!(
        read_from(&path, &desk.options(), Some(Position(1 << 40))).len(),
        0
    );
}

#[test]
fn padding_between_members_is_nothing() {
    let (first, second) = (gzip(&page(&url("a"), "A")), gzip(&page(&url("b"), "B")));
    let padding = [b"\r\n".to_vec(), vec![0; 200_000]].concat();
    let file = [first.as_slice(), &padding, &second, &padding].concat();
    let (one, two) = (first.len(), first.len() + padding.len());
    check(
        "a.warc.gz",
        &file,
        &format!(
            "{A} 31B @0+{one} -> {one}\n{B} 31B @{two}+{} -> {}",
            second.len(),
            two + second.len()
        ),
    );
}

#[test]
fn members_may_end_anywhere() {
    let desk = Desk::new();
    let options = desk.options();
    let records: Vec<Vec<u8>> = (0..30_usize)
        .map(|n| match n % 5 {
            0 => warcinfo(),
            1 => record("request", &[DATE], b"GET / HTTP/1.1\r\n\r\n"),
            2 => {
                let fields = [DATE, ("WARC-Target-URI", "https://veldania.example/r")];
                record("resource", &fields, &b"\r\n".repeat(n))
            }
            3 => page(&url(&n.to_string()), &"words and ".repeat(n * n)),
            _ => response(&url(&n.to_string()), "X: y\r\n", &gzip(&b"W".repeat(n))),
        })
        .collect();
    let plain = records.concat();
    let payloads = |path: &std::path::Path, from: Option<Position>| -> Vec<Vec<u8>> {
        let items = read_from(path, &options, from);
        let records = items.iter().map(|(_, result)| result.as_ref().unwrap());
        records
            .inspect(|record| assert_eq!((record.truncated, record.warnings.len()), (false, 0)))
            .map(|record| [record.url.as_bytes(), b" ", &bytes(record)].concat())
            .collect()
    };
    let path = desk.write("plain.warc", &plain);
    let expected = payloads(&path, None);
    assert_eq!(expected.len(), 18);
    for size in [1, 2, 3, 7, 100, 333, 1000, 4096, 65_280] {
        let mut file: Vec<u8> = plain.chunks(size).flat_map(gzip).collect();
        // The empty member with which bgzip ends a file.
        file.extend(gzip(b""));
        let path = desk.write("a.warc.gz", &file);
        assert_eq!(payloads(&path, None), expected, "members of {size} bytes");
        let items = read(&path, &options);
        for (count, (position, result)) in items.iter().enumerate() {
            let record = result.as_ref().unwrap();
            let again = source::read_again(&record.origin, &options).unwrap();
            assert_eq!(&again, record, "members of {size} bytes");
            // Some are read twice, none is left out.
            let rest = payloads(&path, Some(position.clone()));
            assert!(rest.len() >= expected.len() - count - 1, "{size}");
            assert!(expected.ends_with(&rest), "members of {size} bytes");
        }
    }
}

#[test]
fn a_header_cut_by_the_next_member_is_lost_alone() {
    let (first, second) = (page(&url("a"), "A"), page(&url("b"), "B"));
    let cut = gzip(&first[..70]);
    let (one, file) = (cut.len(), [cut, gzip(&second)].concat());
    check(
        "a.warc.gz",
        &file,
        &format!(
            "failed @0+{one} record ends early -> {one}\n{B} 31B @{one}+{} -> {}",
            file.len() - one,
            file.len()
        ),
    );
}

#[test]
fn beginnings_without_end_cost_what_they_hold() {
    let desk = Desk::new();
    let next = page(&url("b"), "B");
    for repeats in [20_000, 40_000, 200_000] {
        let headers = b"WARC/1.0\r\nWARC-Type: response\r\n".repeat(repeats);
        let compressed = [gzip(&headers), gzip(&next)].concat();
        let plain = [headers, next.clone()].concat();
        for (name, file) in [("a.warc.gz", compressed), ("a.warc", plain)] {
            let path = desk.write(name, &file);
            let begun = Instant::now();
            let items = read(&path, &desk.options());
            let took = begun.elapsed();
            println!("{name} {repeats} {took:?} {} items", items.len());
            // Of old the square of it: minutes.
            assert!(took < Duration::from_secs(20), "{repeats}: {took:?}");
            assert_eq!(items.last().unwrap().1.as_ref().unwrap().url, url("b"));
            if name == "a.warc.gz" {
                assert_eq!(items.len(), 1002);
                let last = items[1000].1.as_ref().unwrap_err();
                assert_eq!(
                    last.reason(),
                    "too many damaged records in this member: more than 1000"
                );
            } else {
                assert_eq!(items.len(), repeats + 1);
            }
        }
    }
}

#[test]
fn small_records_with_wrong_lengths_cost_what_they_hold() {
    let desk = Desk::new();
    for length in ["19", "99999"] {
        let path = desk.write("a.warc.gz", &gzip(&lying("a", length).repeat(20_000)));
        let begun = Instant::now();
        let items = read(&path, &desk.options());
        let took = begun.elapsed();
        println!("{length} {took:?}");
        // FIXME: one that is too large covers the records behind it; in a plain file it does not.
        assert_eq!(items.len() == 20_000, length == "19", "{length}");
        assert!(took < Duration::from_secs(20), "{took:?}");
    }
}

#[test]
fn the_unfinished_tail_is_told_apart() {
    let whole = [page(&url("a"), "A"), page(&url("b"), &"B".repeat(300))];
    let compressed = whole.clone().map(|text| gzip(&text)).concat();
    let plain = whole.concat();
    let both = gzip(&plain);
    for (name, file, cut) in [
        ("a.warc", &plain, 100),
        ("a.warc.gz", &compressed, 12),
        ("a.warc.gz", &both, 12),
    ] {
        let desk = Desk::new();
        let path = desk.write(name, &file[..file.len() - cut]);
        let items = read(&path, &desk.options());
        let found: Vec<(bool, bool)> = items
            .iter()
            .map(|(position, result)| {
                let record = result.as_ref().unwrap();
                let warned = record
                    .warnings
                    .iter()
                    .any(|w| w.starts_with("the file ends within this record"));
                (source::is_unfinished(record, position), warned)
            })
            .collect();
        assert_eq!(found, [(false, false), (true, true)], "{name}");
    }
}
