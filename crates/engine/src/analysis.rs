//! Text to terms: segmentation, folding, stemming, stop words; shared by all engines, and by
//! whoever marks words.
//!
//! Words are runs of letters, digits and marks. Han and kana are cut by ICU's dictionary, with
//! bigrams of characters beside its words (its cuts depend on what stands around); Thai, Lao,
//! Khmer and Burmese by dictionary alone; Korean stays in its spaced words, with bigrams beside.
//! Inside a word: `Syria's` is `Syria`; `l'eau`, `foo_bar` and `example.org` are their parts;
//! `don't` is `dont`; `U.S.` is `us`; `3.14` stays; `C++` and `C#` keep their signs.
//!
//! A text gives two streams with the same positions: exact forms (folded, all words), and terms
//! (stemmed, then folded; no stop words). An accented word whose stem differs when the accents
//! are left out has both stems, so that `francais` finds `français`.

use std::ops::Range;
use std::sync::LazyLock;

use icu_segmenter::WordSegmenter;
use icu_segmenter::WordSegmenterBorrowed;
use icu_segmenter::options::WordBreakInvariantOptions;

use crate::fold::{fold, is_mark, lower};
use crate::stopwords::is_stop_word;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it stands: bytes of the text, on character boundaries.
    pub range: Range<usize>,
    /// Its place: one more for each word, or for each character of Han and kana.
    pub position: u32,
    /// Folded, not stemmed.
    pub exact: String,
    /// Stemmed and folded; `None` for a stop word.
    pub stem: Option<String>,
    /// The stem of the word without its accents, where it is another one.
    pub second_stem: Option<String>,
    /// Pairs of characters that begin in this word (Chinese, Japanese, Korean), with the number of
    /// positions behind `position` at which they stand; folded.
    pub bigrams: Vec<(u32, String)>,
    /// Whether it belongs to a run of Han or kana, in which each character has a position.
    pub by_character: bool,
}

/// A language as analysis needs it.
#[derive(Clone, Copy)]
pub(crate) struct Analyzer<'a> {
    language: &'a str,
    stemmer: Option<frostem::Stemmer>,
}

impl<'a> Analyzer<'a> {
    /// For a language: BCP 47, only its first subtag counts; empty for unknown.
    pub(crate) fn new(language: &'a str) -> Self {
        let language = primary(language);
        let stemmer = match language {
            "" => None,
            // Snowball's names for these are other languages or none.
            "nb" | "nn" => frostem::Stemmer::try_from_name("no").ok(),
            two_letters => frostem::Stemmer::try_from_name(two_letters).ok(),
        };
        let language = if matches!(language, "nb" | "nn") {
            "no"
        } else {
            language
        };
        Self { language, stemmer }
    }

    fn token(&self, range: Range<usize>, position: u32, word: &str) -> Token {
        let lower = lower(word);
        let exact = fold(&lower).into_owned();
        let (mut stem, mut second_stem) = (None, None);
        if !is_stop_word(&exact, self.language) {
            let first = self.stem(&lower);
            if exact != lower {
                second_stem = Some(self.stem(&exact)).filter(|second| *second != first);
            }
            stem = Some(first);
        }
        Token {
            range,
            position,
            exact,
            stem,
            second_stem,
            bigrams: Vec::new(),
            by_character: false,
        }
    }

    /// Appends a word; returns the next position. What folds to nothing is no word.
    fn push(&self, tokens: &mut Vec<Token>, range: Range<usize>, position: u32, word: &str) -> u32 {
        let token = self.token(range, position, word);
        if token.exact.is_empty() {
            return position;
        }
        tokens.push(token);
        position + 1
    }

    fn stem(&self, lower: &str) -> String {
        let Some(stemmer) = &self.stemmer else {
            return fold(lower).into_owned();
        };
        let stem = stemmer.stem(lower);
        match fold(&stem).into_owned() {
            // A word that is nothing but endings.
            empty if empty.is_empty() => fold(lower).into_owned(),
            folded => folded,
        }
    }
}

/// The first subtag of a language tag, as given (lower case in documents): `pt` of `pt-BR`.
pub(crate) fn primary(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or_default()
}

/// The words of a text, in its order, with the positions that the index gives them.
pub fn spans(text: &str, language: Option<&str>) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 6);
    Analyzer::new(language.unwrap_or_default()).tokens(text, 0, &mut tokens);
    tokens
}

/// The folded forms of the words of a text.
pub fn exact_forms(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    Analyzer::new("").tokens(text, 0, &mut tokens);
    tokens.into_iter().map(|token| token.exact).collect()
}

impl Analyzer<'_> {
    /// Appends the words of a text, counting positions from `position`; returns the position
    /// behind the last.
    pub(crate) fn tokens(&self, text: &str, position: u32, tokens: &mut Vec<Token>) -> u32 {
        let mut position = position;
        let mut chars = text.char_indices().peekable();
        while let Some((start, first)) = chars.next() {
            if !first.is_alphanumeric() || is_mark(first) {
                continue;
            }
            let script = Script::of(first);
            let mut end = start + first.len_utf8();
            while let Some(&(at, c)) = chars.peek() {
                let inner = match script {
                    Script::Plain => is_word_sign(c) && follows_word(text, at + c.len_utf8()),
                    _ => false,
                };
                let same = is_mark(c)
                    || (c.is_alphanumeric()
                        && (Script::of(c) == script
                            || (c == 'ー' && script == Script::ByCharacter)));
                if !same && !inner {
                    break;
                }
                end = at + c.len_utf8();
                chars.next();
            }
            let Some(run) = text.get(start..end) else {
                continue;
            };
            position = match script {
                Script::Plain => {
                    let signs = signs_behind(run, text.get(end..).unwrap_or_default());
                    for _ in 0..signs {
                        chars.next();
                    }
                    let run = text.get(start..end + signs).unwrap_or(run);
                    self.plain(run, start, position, tokens)
                }
                Script::Hangul => {
                    let mut token = self.token(start..end, position, run);
                    token.bigrams = bigrams(&token.exact).map(|pair| (0, pair)).collect();
                    let empty = token.exact.is_empty();
                    tokens.extend(Some(token).filter(|_| !empty));
                    position + u32::from(!empty)
                }
                Script::ByDictionary => self.by_dictionary(run, start, position, tokens),
                Script::ByCharacter => self.by_character(run, start, position, tokens),
            };
        }
        position
    }

    /// A run of letters and digits with signs between them, cut where the signs separate.
    fn plain(&self, run: &str, start: usize, position: u32, tokens: &mut Vec<Token>) -> u32 {
        if !run.contains(is_word_sign) {
            return self.push(tokens, start..start + run.len(), position, run);
        }
        let whole = start..start + run.len();
        // `U.S`: single letters between dots.
        if run.contains('.') && run.split('.').all(|part| part.chars().count() == 1) {
            let letters = run.replace('.', "");
            if letters.chars().all(char::is_alphabetic) {
                return self.push(tokens, whole, position, &letters);
            }
        }
        let mut position = position;
        for (at, part) in number_parts(run) {
            let from = start + at;
            position = self.apostrophes(part, from, position, tokens);
        }
        position
    }

    fn apostrophes(&self, part: &str, start: usize, position: u32, tokens: &mut Vec<Token>) -> u32 {
        let (mut part, mut start, mut position) = (part, start, position);
        while let Some(at) = part.find(is_apostrophe) {
            let whole = start..start + part.len();
            let (before, rest) = part.split_at(at);
            let sign = rest.chars().next().map_or(0, char::len_utf8);
            let after = rest.get(sign..).unwrap_or_default();
            if after.eq_ignore_ascii_case("s") {
                return self.push(tokens, whole, position, before);
            }
            if after.eq_ignore_ascii_case("t") && before.ends_with(['n', 'N']) {
                return self.push(tokens, whole, position, &format!("{before}{after}"));
            }
            position = self.push(tokens, start..start + at, position, before);
            start += at + sign;
            part = after;
        }
        self.push(tokens, start..start + part.len(), position, part)
    }

    fn by_dictionary(
        &self,
        run: &str,
        start: usize,
        position: u32,
        tokens: &mut Vec<Token>,
    ) -> u32 {
        let mut position = position;
        for (at, word) in dictionary_words(run) {
            let from = start + at;
            position = self.push(tokens, from..from + word.len(), position, word);
        }
        position
    }

    fn by_character(&self, run: &str, start: usize, position: u32, tokens: &mut Vec<Token>) -> u32 {
        let normal = fold(&lower_run(run)).into_owned();
        // Half-width kana change their length; then the whole run is marked for each of its words.
        let unchanged = normal == run;
        let chars: Vec<char> = normal.chars().collect();
        let mut offset = 0_usize;
        for (at, word) in dictionary_words(&normal) {
            let length = word.chars().count();
            let range = if unchanged {
                start + at..start + at + word.len()
            } else {
                start..start + run.len()
            };
            let mut token = self.token(range, position + offset as u32, word);
            token.by_character = true;
            token.bigrams = (0..length)
                .filter_map(|i| {
                    let pair = chars.get(offset + i..offset + i + 2)?;
                    Some((i as u32, pair.iter().collect()))
                })
                .collect();
            if !token.exact.is_empty() {
                tokens.push(token);
            }
            offset += length;
        }
        position + offset as u32
    }
}

/// As [`lower`], without a limit of length: the run is cut into words later.
fn lower_run(run: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    run.nfkc().flat_map(char::to_lowercase).collect()
}

fn dictionary_words(run: &str) -> impl Iterator<Item = (usize, &str)> {
    static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
        LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));
    let mut start = 0;
    let ends = SEGMENTER.segment_str(run).filter(|&end| end > 0);
    ends.filter_map(move |end| {
        let word = run.get(start..end)?;
        let at = start;
        start = end;
        Some((at, word))
    })
}

/// Pairs of neighbouring characters; none for a single character.
pub(crate) fn bigrams(word: &str) -> impl Iterator<Item = String> {
    word.chars()
        .zip(word.chars().skip(1))
        .map(|(a, b)| [a, b].iter().collect())
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '＇')
}

/// Signs that join letters to one run when they stand between two: it is cut later.
fn is_word_sign(c: char) -> bool {
    is_apostrophe(c) || matches!(c, '.' | ',')
}

fn follows_word(text: &str, at: usize) -> bool {
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    next.is_some_and(|c| c.is_alphanumeric() && !is_mark(c) && Script::of(c) == Script::Plain)
}

/// How many bytes of `++` or `#` behind a word of one or two letters belong to it.
fn signs_behind(run: &str, rest: &str) -> usize {
    if run.chars().count() > 2 || !run.chars().all(char::is_alphabetic) {
        return 0;
    }
    let signs = match rest {
        rest if rest.starts_with("++") => 2,
        rest if rest.starts_with('#') => 1,
        _ => return 0,
    };
    let free = rest
        .get(signs..)
        .and_then(|rest| rest.chars().next())
        .is_none_or(|c| !c.is_alphanumeric() && c != '+' && c != '#');
    if free { signs } else { 0 }
}

/// Cuts at dots and commas except between digits: `3.14` is one part, `example.org` two.
fn number_parts(run: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in run.char_indices() {
        if c != '.' && c != ',' {
            continue;
        }
        let digit = |c: Option<char>| c.is_some_and(char::is_numeric);
        let before = run.get(..at).and_then(|head| head.chars().next_back());
        let after = run.get(at + 1..).and_then(|tail| tail.chars().next());
        if digit(before) && digit(after) {
            continue;
        }
        parts.push((start, run.get(start..at).unwrap_or_default()));
        start = at + 1;
    }
    parts.push((start, run.get(start..).unwrap_or_default()));
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

/// How a run of letters is cut into words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Words are separated by spaces.
    Plain,
    /// Words are separated by spaces, and grow endings that no stemmer here knows.
    Hangul,
    /// Thai, Lao, Burmese, Khmer.
    ByDictionary,
    /// Han and kana.
    ByCharacter,
}

impl Script {
    fn of(c: char) -> Self {
        match c as u32 {
            0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff => Self::ByDictionary,
            0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7ff => Self::Hangul,
            0x2e80..=0x2fdf
            | 0x3005..=0x3007
            | 0x3021..=0x3029
            | 0x3031..=0x3035
            | 0x3038..=0x303c
            | 0x3041..=0x30ff
            | 0x31f0..=0x31ff
            | 0x3400..=0x4dbf
            | 0x4e00..=0x9fff
            | 0xf900..=0xfaff
            | 0xff66..=0xff9f
            | 0x1b000..=0x1b16f
            | 0x20000..=0x3ffff => Self::ByCharacter,
            _ => Self::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, language: &str, expected: &str) {
        let described: Vec<String> = spans(text, Some(language))
            .into_iter()
            .map(|token| {
                let mut line = format!("{}:{}", token.position, token.exact);
                match token.stem {
                    None => line.push_str("/-"),
                    Some(stem) if stem != token.exact => line.push_str(&format!("/{stem}")),
                    Some(_) => {}
                }
                if let Some(second) = token.second_stem {
                    line.push_str(&format!("/{second}"));
                }
                for (offset, pair) in token.bigrams {
                    line.push_str(&format!("+{offset}{pair}"));
                }
                line
            })
            .collect();
        assert_eq!(described.join(" "), expected);
    }

    #[test]
    fn words_and_their_signs() {
        check("Syria's rivers", "en", "0:syria 1:rivers/river");
        check("Syria’s", "en", "0:syria");
        check("e-mail", "en", "0:e 1:mail");
        check("std::vec", "en", "0:std 1:vec");
        check("C++ and C#, C+", "en", "0:c++ 1:and/- 2:c# 3:c");
        check("I don't", "en", "0:i/- 1:dont/-");
        check("l'eau", "fr", "0:l/- 1:eau");
        check("the U.S. and 3.14", "en", "0:the/- 1:us 2:and/- 3:3.14");
        check("example.org/a_b", "en", "0:example/exampl 1:org 2:a/- 3:b");
        check("10:30 1,000", "en", "0:10 1:30 2:1,000");
        check("O'Neill", "en", "0:o 1:neill");
        check("?! --", "en", "");
    }

    #[test]
    fn accents_fold_and_have_both_stems() {
        check("canción", "es", "0:cancion");
        check("canciones", "es", "0:canciones/cancion");
        check("Français", "fr", "0:francais/franc");
        check("Häuser", "de", "0:hauser/haus");
    }

    #[test]
    fn scripts_without_spaces() {
        check(
            "北京大学生",
            "zh",
            "0:北京+0北京+1京大 2:大学生+0大学+1学生",
        );
        check("한국에서", "ko", "0:한국에서+0한국+0국에+0에서");
        check("ภาษาไทย", "th", "0:ภาษา 1:ไทย");
        check("iPhone手机", "zh", "0:iphone 1:手机+0手机");
    }

    proptest! {
        #[test]
        fn ranges_lie_in_order_on_characters(text in "\\PC{0,60}", language in "(en|fr|zh|)") {
            let mut behind = 0;
            let mut position = None;
            for token in spans(&text, Some(&language)) {
                prop_assert!(text.get(token.range.clone()).is_some());
                prop_assert!(!token.exact.is_empty());
                prop_assert!(token.range.end > behind || token.by_character);
                behind = token.range.end;
                prop_assert!(position.is_none_or(|last| token.position > last));
                position = Some(token.position);
            }
        }

        #[test]
        fn folded_text_gives_the_same_exact_forms(text in "[a-zA-ZéüñçÅ .-]{0,40}") {
            prop_assert_eq!(exact_forms(&text), exact_forms(&fold(&lower(&text))));
        }
    }
}
