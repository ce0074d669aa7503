//! Any bytes end without a panic; what is written is read back; damage stays where it is.

use proptest::prelude::*;

use crate::build::{
    DATE, Desk, Read, bytes, chunked, gzip, html, page, read, read_from, record, response, warcinfo,
};

/// A record, and the payload that is to be read from it (`None`: passed over).
fn any_record() -> impl Strategy<Value = (Vec<u8>, Option<Vec<u8>>)> {
    let body = prop::collection::vec(any::<u8>(), 0..600);
    (0..6_usize, body, 1..200_usize).prop_map(|(kind, body, size)| {
        let url = "https://veldania.example/";
        let target = ("WARC-Target-URI", url);
        match kind {
            0 => (warcinfo(), None),
            1 => (record("request", &[DATE, target], &body), None),
            2 => (record("resource", &[DATE, target], &body), Some(body)),
            3 => (response(url, "", &body), Some(body)),
            4 => {
                let encoded = response(url, "Content-Encoding: gzip\r\n", &gzip(&body));
                (encoded, Some(body))
            }
            _ => {
                let headers = "Transfer-Encoding: chunked\r\n";
                (response(url, headers, &chunked(&body, size)), Some(body))
            }
        }
    })
}

/// Bytes with words in them that mean something to the reader.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..40),
        4 => prop::sample::select(vec![
            b"WARC/1.0\r\n".to_vec(),
            b"\nWARC/1.1\n".to_vec(),
            b"WARC-Type: response\r\n".to_vec(),
            b"WARC-Type: revisit\r\n".to_vec(),
            b"WARC-Target-URI: https://a.example/\r\n".to_vec(),
            b"Content-Length: 40\r\n".to_vec(),
            b"Content-Length: 18446744073709551615\r\n".to_vec(),
            b"\r\n\r\n".to_vec(),
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            b"Content-Encoding: gzip, br, deflate, zstd\r\n".to_vec(),
            b"Transfer-Encoding: chunked\r\n".to_vec(),
            b"5\r\nabcde\r\n".to_vec(),
            b"ffffffffffffffff\r\n".to_vec(),
            b"\x1f\x8b\x08\x00".to_vec(),
            b"\x28\xb5\x2f\xfd".to_vec(),
            gzip(b"WARC/1.0\r\n"),
            gzip(&page("https://a.example/", "A")),
            page("https://a.example/", "A"),
        ]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Position, origin and payload, or the message of an error.
type Row = (u64, Result<(String, Vec<u8>), String>);

/// What can be compared of items.
fn summary(items: &Read) -> Vec<Row> {
    let row = |(position, result): &(model::record::Position, Result<_, source::ReadError>)| {
        let result: Result<&model::record::Record, _> = result.as_ref();
        let result = match result {
            Ok(record) => Ok((format!("{:?}", record.origin), bytes(record))),
            Err(error) => Err(error.to_string()),
        };
        (position.0, result)
    };
    items.iter().map(row).collect()
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(content in any_bytes(), packed in 0..3_u8) {
        let desk = Desk::new();
        let content = match packed {
            0 => content,
            1 => gzip(&content),
            _ => content.chunks(50).flat_map(gzip).collect(),
        };
        let path = desk.write("a.warc", &content);
        let options = desk.options();
        let items = read(&path, &options);
        // Each item takes at least a byte of what is decoded.
        prop_assert!(items.len() <= content.len() * 20 + 2);
        for (position, result) in &items {
            prop_assert!(position.0 <= content.len() as u64);
            let origin = match result {
                Ok(record) => Some(&record.origin),
                Err(error) => error.origin(),
            };
            let (offset, length) = origin.and_then(model::record::Origin::extent).unwrap();
            prop_assert!(offset + length <= content.len() as u64);
            if let Ok(record) = result {
                let again = source::read_again(&record.origin, &options).unwrap();
                prop_assert_eq!(bytes(&again), bytes(record));
            }
        }
    }

    #[test]
    fn any_bytes_may_be_a_page(content in any_bytes()) {
        let desk = Desk::new();
        let path = desk.write("a.html", &[b"<!doctype html>", content.as_slice()].concat());
        prop_assert_eq!(read(&path, &desk.options()).len(), 1);
    }

    #[test]
    fn what_is_written_is_read_back(
        records in prop::collection::vec(any_record(), 0..12),
        compressed in any::<bool>(),
    ) {
        let desk = Desk::new();
        let mut file = Vec::new();
        let mut expected = Vec::new();
        for (text, payload) in &records {
            let part = if compressed { gzip(text) } else { text.clone() };
            // The line ends behind a plain record are not its own.
            let length = if compressed { part.len() } else { part.len() - 4 };
            if let Some(payload) = payload {
                expected.push((file.len() as u64, length as u64, payload.clone()));
            }
            file.extend_from_slice(&part);
        }
        let path = desk.write("a.warc", &file);
        let options = desk.options();
        let items = read(&path, &options);
        let mut found = Vec::new();
        for (number, (position, result)) in items.iter().enumerate() {
            let record = result.as_ref().unwrap();
            let (offset, length) = record.origin.extent().unwrap();
            prop_assert_eq!(record.origin.steps.len(), 1);
            found.push((offset, length, bytes(record)));
            prop_assert_eq!(&source::read_again(&record.origin, &options).unwrap(), record);
            let rest = read_from(&path, &options, Some(position.clone()));
            let behind = items.get(number + 1..).unwrap();
            prop_assert_eq!(rest.len(), behind.len());
            for ((a, first), (b, second)) in rest.iter().zip(behind) {
                prop_assert_eq!((a, first.as_ref().unwrap()), (b, second.as_ref().unwrap()));
            }
        }
        prop_assert_eq!(found, expected);
    }
}

proptest! {
    // A fixed seed: flips could make one record into a sound copy of another.
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn damage_stays_in_its_record(
        at in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        compressed in any::<bool>(),
    ) {
        let desk = Desk::new();
        let words: Vec<String> = (0..6_u64).map(|n| format!("{:x}", n.pow(9) * 7919)).collect();
        let texts: Vec<Vec<u8>> = words
            .iter()
            .map(|word| page(&format!("https://veldania.example/{word}"), &word.repeat(20)))
            .map(|text| if compressed { gzip(&text) } else { text })
            .collect();
        let mut parts = texts.clone();
        let number = at.index(parts.len());
        for (place, flip) in flips {
            let place = place.index(parts[number].len());
            parts[number][place] ^= flip;
        }
        if let Some(cut) = cut {
            let length = cut.index(parts[number].len());
            parts[number].truncate(length);
        }
        let path = desk.write("a.warc.gz", &parts.concat());
        let items = read(&path, &desk.options());
        let found: Vec<Vec<u8>> = items.iter().filter_map(|(_, r)| r.as_ref().ok()).map(bytes).collect();
        for (other, word) in words.iter().enumerate() {
            let payload = html(&word.repeat(20));
            // What becomes of the damaged one is open, but none is given twice.
            let times = found.iter().filter(|bytes| **bytes == payload).count();
            prop_assert!(times == 1 || (other == number && times == 0), "{other} {times}");
        }
        // The same again: nothing depends on what was read before.
        let again = read(&path, &desk.options());
        prop_assert_eq!(summary(&again), summary(&items));
    }
}
