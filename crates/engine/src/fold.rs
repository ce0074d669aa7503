//! Folding: the forms under which spellings of one word are equal.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Longest term in characters; longer runs (encoded data, mostly) are cut, in documents and
/// queries alike.
pub(crate) const MAX_TERM_CHARS: usize = 64;

/// Compatibility form (NFKC) in lower case, with `ß` as `ss` and final sigma as sigma, without
/// invisible joiners: the form that stemmers expect.
pub(crate) fn lower(word: &str) -> String {
    if word.is_ascii() {
        let mut lower = word.to_ascii_lowercase();
        lower.truncate(MAX_TERM_CHARS);
        return lower;
    }
    let mut lower = String::with_capacity(word.len());
    for c in word.nfkc().filter(|&c| !is_joiner(c)).take(MAX_TERM_CHARS) {
        match c {
            'ß' | 'ẞ' => lower.push_str("ss"),
            'ς' => lower.push('σ'),
            _ => lower.extend(c.to_lowercase()),
        }
    }
    lower
}

/// Without accents and vowel points, with letters that have no decomposition written plainly
/// (`ø` as `o`), and with the variants of Arabic letters made one.
///
/// Kana voicing marks and the vowel signs of Indic scripts are no accents and stay.
pub(crate) fn fold(lower: &str) -> Cow<'_, str> {
    if lower.is_ascii() {
        return Cow::Borrowed(lower);
    }
    let mut folded = String::with_capacity(lower.len());
    for c in lower.nfd().filter(|&c| !is_accent(c)) {
        match c {
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            // As Lucene's ArabicNormalizer; the last two are the Persian forms.
            'ٱ' => folded.push('ا'),
            'ى' | 'ی' => folded.push('ي'),
            'ة' => folded.push('ه'),
            'ک' => folded.push('ك'),
            c => folded.push(c),
        }
    }
    Cow::Owned(folded.nfc().collect())
}

/// Combining diacritics, Hebrew points, Arabic vowel signs and the Arabic elongation.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}'
        | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Whether a combining mark continues a word.
pub(crate) fn is_mark(c: char) -> bool {
    is_accent(c)
        || (!c.is_ascii() && unicode_normalization::char::is_combining_mark(c))
        || is_joiner(c)
}

/// Soft hyphen, zero-width joiners, word joiner: they stand inside words and mean nothing.
fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, folded: &str) {
        assert_eq!(fold(&lower(written)), folded);
    }

    #[test]
    fn spellings_of_one_word_are_equal() {
        check("Straße", "strasse");
        check("STRASSE", "strasse");
        check("Café", "cafe");
        check("cafe\u{301}", "cafe");
        check("Ångström", "angstrom");
        check("Łódź", "lodz");
        check("Ｗｉｄｅ", "wide");
        check("ΟΔΟΣ", "οδοσ");
        check("İstanbul", "istanbul");
        check("Ёлка", "елка");
        check("أَحْمَد", "احمد");
        check("مدرسة", "مدرسه");
        check("がぎ", "がぎ");
        check("ｶﾞ", "ガ");
        check("한국", "한국");
        check("हिन्दी", "हिन्दी");
        check("soft\u{ad}ware", "software");
    }
}
