//! Small operations on text: folding white space, cutting at characters, comparing loosely.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// White space folded to single spaces, none at the ends, characters that show nothing left out.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split(is_space) {
        let before = folded.len();
        if !folded.is_empty() {
            folded.push(' ');
        }
        let start = folded.len();
        folded.extend(word.chars().filter(|c| !is_invisible(*c)));
        if folded.len() == start {
            folded.truncate(before);
        }
    }
    folded
}

/// The same, and `None` where nothing is left.
pub(crate) fn folded(text: &str) -> Option<String> {
    Some(fold(text)).filter(|text| !text.is_empty())
}

/// White space in the sense of a reader: Unicode's, and control characters.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Characters that only steer line breaking or were left by editors: soft hyphen, zero-width
/// space, byte order mark, word joiner. Joiners (U+200C, U+200D) and direction marks stay: Persian
/// and Indic words, emoji and mixed lines need them.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{2060}')
}

/// Unicode normal form C.
pub(crate) fn nfc(text: String) -> String {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        text.nfc().collect()
    }
}

/// The first `most` characters.
pub(crate) fn head(text: &str, most: usize) -> &str {
    match text.char_indices().nth(most) {
        Some((at, _)) => text.get(..at).unwrap_or(text),
        None => text,
    }
}

/// Letters and digits in lower case, at most `most` of them: two texts that differ in space and
/// punctuation only have one such form.
pub(crate) fn squash(text: &str, most: usize) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .take(most)
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_folded() {
        assert_eq!(fold("  a\n\tb\u{a0}\u{200b} c\u{ad}d \u{feff}"), "a b cd");
        assert_eq!(folded(" \u{200b} "), None);
    }

    #[test]
    fn heads_end_at_characters() {
        assert_eq!(head("äöü", 2), "äö");
        assert_eq!(head("ä", 2), "ä");
        assert_eq!(squash("A b-Ç!", 3), "abç");
    }
}
