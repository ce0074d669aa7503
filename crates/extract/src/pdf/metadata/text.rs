//! Text strings of PDF in their three encodings, and those that producers wrongly write.

use encoding_rs::{UTF_16BE, UTF_16LE};

/// Longer strings are cut (bytes).
const STRING_BYTES: usize = 64 << 10;

/// A text string (ISO 32000-2, 7.9.2.2): UTF-16 or UTF-8 with its mark, else `PDFDocEncoding`.
/// UTF-8 without the mark is read too, which many producers write. Not folded.
pub(in crate::pdf) fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.get(..STRING_BYTES).unwrap_or(bytes);
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xff, 0xfe, rest @ ..] => UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => text.to_owned(),
            _ if is_bare_utf_16(bytes) => {
                UTF_16BE.decode_without_bom_handling(bytes).0.into_owned()
            }
            _ => bytes.iter().map(|&byte| pdf_doc(byte)).collect(),
        },
    };
    without_language_marks(&text)
}

/// Whether every other byte is zero: UTF-16 whose mark was forgotten.
fn is_bare_utf_16(bytes: &[u8]) -> bool {
    bytes.len() >= 4
        && bytes.len().is_multiple_of(2)
        && bytes
            .chunks_exact(2)
            .all(|pair| matches!(pair, [0, low] if *low >= 0x20))
}

/// A string in UTF-16 may hold language codes between two escape characters.
fn without_language_marks(text: &str) -> String {
    if !text.contains('\u{1b}') {
        return text.to_owned();
    }
    let parts: Vec<&str> = text.split('\u{1b}').collect();
    // An escape that nothing closes is only dropped.
    if parts.len().is_multiple_of(2) {
        return parts.concat();
    }
    parts.into_iter().step_by(2).collect()
}

/// `PDFDocEncoding` (ISO 32000-2, annex D.3).
fn pdf_doc(byte: u8) -> char {
    const ACCENTS: [char; 8] = [
        '\u{2d8}', '\u{2c7}', '\u{2c6}', '\u{2d9}', '\u{2dd}', '\u{2db}', '\u{2da}', '\u{2dc}',
    ];
    const UPPER: [char; 33] = [
        '\u{2022}', '\u{2020}', '\u{2021}', '\u{2026}', '\u{2014}', '\u{2013}', '\u{192}',
        '\u{2044}', '\u{2039}', '\u{203a}', '\u{2212}', '\u{2030}', '\u{201e}', '\u{201c}',
        '\u{201d}', '\u{2018}', '\u{2019}', '\u{201a}', '\u{2122}', '\u{fb01}', '\u{fb02}',
        '\u{141}', '\u{152}', '\u{160}', '\u{178}', '\u{17d}', '\u{131}', '\u{142}', '\u{153}',
        '\u{161}', '\u{17e}', '\u{fffd}', '\u{20ac}',
    ];
    let named = match byte {
        0x18..=0x1f => ACCENTS.get(usize::from(byte - 0x18)),
        0x80..=0xa0 => UPPER.get(usize::from(byte - 0x80)),
        _ => None,
    };
    named.copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes), expected);
    }

    #[test]
    fn encodings() {
        check(b"Port dues", "Port dues");
        check(b"Caf\xe9 \x84 \x8dx\x8e \xa0", "Café — “x” €");
        check(b"\xfe\xff\0P\x04\x1f\0!", "PП!");
        check(b"\xff\xfeP\0\x1f\x04", "PП");
        check(b"\xef\xbb\xbfCaf\xc3\xa9", "Café");
        check(b"Caf\xc3\xa9", "Café");
        check(b"\0P\0o\0r\0t", "Port");
        check(b"\xfe\xff\0\x1b\0e\0n\0\x1b\0P", "P");
        check(b"\xfe\xff\0P\0", "P\u{fffd}");
        check(b"", "");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _text = decode(&bytes);
        }
    }
}
