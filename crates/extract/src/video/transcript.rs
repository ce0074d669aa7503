//! Cues into passages of a few sentences, each with the second in which it begins.

use model::document::{Locator, Passage};

use super::cues::Cue;
use super::{rolling, sounds};
use crate::text::nfc;

/// A passage with so many characters takes no further sentence.
const ENOUGH_CHARS: usize = 300;
/// And never more than this, unless one sentence alone is longer.
const MOST_CHARS: usize = 500;
/// What begins so much later than the passage begins another one (milliseconds). Where in a
/// passage a sentence is spoken is told from its place in the text: of 100 sentences asked, 98 open
/// within 5 s with this, 93 with 20 s.
const MOST_MS: u64 = 12_000;
/// A silence ends a sentence, and a passage (milliseconds).
const PAUSE_MS: u64 = 2_500;
/// In a cue that stands longer, the time of a sentence is reckoned from its place in it.
const LONG_CUE_MS: u64 = 15_000;

/// Words that were spoken, with their time in milliseconds.
#[derive(Debug)]
struct Spoken {
    start: u64,
    end: u64,
    text: String,
    chars: usize,
}

/// The passages of a transcript, in the order of time.
pub(super) fn passages(mut cues: Vec<Cue>) -> Vec<Passage> {
    for cue in &mut cues {
        cue.lines = cue.lines.iter().map(|line| sounds::without(line)).collect();
        cue.lines.retain(|line| !line.is_empty());
    }
    cues.retain(|cue| !cue.lines.is_empty());
    let mut passages = Vec::new();
    let mut gathered: Option<Spoken> = None;
    for sentence in sentences(&rolling::unrolled(cues)) {
        if let Some(passage) = &mut gathered {
            let full = passage.chars >= ENOUGH_CHARS
                || passage.chars + sentence.chars > MOST_CHARS
                || sentence.start >= passage.start + MOST_MS
                || sentence.start >= passage.end + PAUSE_MS;
            if !full {
                append(passage, &sentence);
                continue;
            }
        }
        passages.extend(gathered.replace(sentence).map(passage));
    }
    passages.extend(gathered.map(passage));
    passages
}

fn passage(spoken: Spoken) -> Passage {
    Passage {
        text: nfc(spoken.text),
        heading: None,
        locator: Locator::Seconds(u32::try_from(spoken.start / 1_000).unwrap_or(u32::MAX)),
        post: None,
    }
}

fn append(to: &mut Spoken, more: &Spoken) {
    let joined = to.text.chars().next_back().is_some_and(is_unspaced)
        && more.text.chars().next().is_some_and(is_unspaced);
    if !joined && !to.text.is_empty() {
        to.text.push(' ');
    }
    to.text.push_str(&more.text);
    to.chars += more.chars + usize::from(!joined);
    to.end = to.end.max(more.end);
}

/// Whether words of this script are written without spaces: Han, kana and their punctuation.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// Sentences, over as many cues as they go. Words without punctuation end at a cue, when there
/// are enough of them.
fn sentences(cues: &[Cue]) -> Vec<Spoken> {
    let mut sentences = Vec::new();
    let mut open: Option<Spoken> = None;
    for cue in cues {
        let text = cue.lines.join(" ");
        let pause = |open: &Spoken| cue.start >= open.end + PAUSE_MS;
        let long = |open: &Spoken| open.chars >= ENOUGH_CHARS || cue.start >= open.start + MOST_MS;
        if open.as_ref().is_some_and(|open| pause(open) || long(open)) {
            sentences.extend(open.take());
        }
        for (piece, ends) in pieces(cue, &text) {
            match &mut open {
                Some(sentence) => append(sentence, &piece),
                None => open = Some(piece),
            }
            if ends || open.as_ref().is_some_and(|open| open.chars >= MOST_CHARS) {
                sentences.extend(open.take());
            }
        }
    }
    sentences.extend(open);
    sentences
}

/// What a cue says, cut at the ends of sentences, and whether each ends one.
fn pieces(cue: &Cue, text: &str) -> Vec<(Spoken, bool)> {
    let lasts = cue.end - cue.start;
    let at = |byte: usize| {
        if lasts <= LONG_CUE_MS || text.is_empty() {
            return cue.start;
        }
        let share = byte as f64 / text.len() as f64;
        cue.start + (lasts as f64 * share) as u64
    };
    let mut pieces = Vec::new();
    let mut from = 0;
    for (end, whole) in ends(text) {
        let piece = text.get(from..end).unwrap_or_default();
        let trimmed = piece.trim();
        if !trimmed.is_empty() {
            let start = at(from);
            pieces.push((
                Spoken {
                    start,
                    end: if lasts <= LONG_CUE_MS {
                        cue.end
                    } else {
                        at(end).max(start)
                    },
                    chars: trimmed.chars().count(),
                    text: trimmed.to_owned(),
                },
                whole,
            ));
        }
        from = end;
    }
    pieces
}

/// Where sentences end, in bytes, the end of the text last; whether a sentence ends there. Text
/// without punctuation is cut at spaces.
fn ends(text: &str) -> Vec<(usize, bool)> {
    let mut ends = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut since = 0;
    let mut word = 0;
    while let Some((at, c)) = chars.next() {
        since += 1;
        if c == ' ' {
            word = at + 1;
            if since >= MOST_CHARS {
                ends.push((at, false));
                since = 0;
            }
            continue;
        }
        let wide = matches!(c, '。' | '！' | '？' | '｡');
        if !wide && !matches!(c, '.' | '!' | '?' | '\u{2026}' | '؟' | '।' | '۔') {
            continue;
        }
        if c == '.' && is_abbreviation(text.get(word..at).unwrap_or_default()) {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((next, closing)) = chars.peek().copied()
            && matches!(
                closing,
                '.' | '!'
                    | '?'
                    | '"'
                    | '\''
                    | ')'
                    | ']'
                    | '»'
                    | '\u{201d}'
                    | '\u{2019}'
                    | '」'
                    | '』'
                    | '…'
            )
        {
            end = next + closing.len_utf8();
            chars.next();
        }
        let rest = text.get(end..).unwrap_or_default();
        let next = rest.trim_start().chars().next();
        let spaced = rest.is_empty() || rest.starts_with(' ');
        // `M. dupont`, `… and so on`: what goes on in lower case was no end.
        if (spaced || wide) && !next.is_some_and(char::is_lowercase) {
            ends.push((end, true));
            since = 0;
        }
    }
    if ends.last().is_none_or(|(end, _)| *end < text.len()) {
        ends.push((text.len(), false));
    }
    ends
}

fn is_abbreviation(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '"', '\'', '«', '[']);
    let mut letters = word.chars();
    let single = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    single
        || matches!(
            word,
            "Dr" | "Mr" | "Mrs" | "Ms" | "St" | "Mme" | "MM" | "Prof" | "vs" | "Sr" | "Sra"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cue(start: u64, end: u64, text: &str) -> Cue {
        Cue {
            start,
            end,
            lines: vec![text.to_owned()],
        }
    }

    #[track_caller]
    fn check(cues: Vec<Cue>, expected: &[&str]) {
        let found: Vec<String> = passages(cues)
            .iter()
            .map(|passage| format!("{:?} {}", passage.locator, passage.text))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn sentences_over_several_cues() {
        let long = "x".repeat(280);
        check(
            vec![
                cue(1_500, 4_000, "[Music]"),
                cue(4_000, 6_000, &format!("Mr. Low said {long}")),
                cue(6_000, 8_000, "and sailed. Then the wind"),
                cue(8_000, 9_000, "turned."),
            ],
            &[
                &format!("Seconds(4) Mr. Low said {long} and sailed."),
                "Seconds(6) Then the wind turned.",
            ],
        );
    }

    #[test]
    fn a_silence_ends_a_passage() {
        check(
            vec![
                cue(0, 2_000, "we came to the port"),
                cue(20_000, 22_000, "And so we left."),
            ],
            &[
                "Seconds(0) we came to the port",
                "Seconds(20) And so we left.",
            ],
        );
    }

    #[test]
    fn words_without_punctuation_end_at_cues() {
        let cues = (0..40)
            .map(|n| {
                cue(
                    n * 2_000,
                    n * 2_000 + 2_000,
                    &format!("line {n} of what the pilots said"),
                )
            })
            .collect();
        let found = passages(cues);
        assert!(found.len() >= 3, "{found:#?}");
        for passage in &found {
            assert!(passage.text.starts_with("line "), "{}", passage.text);
            assert!(
                passage.text.chars().count() <= MOST_CHARS,
                "{}",
                passage.text
            );
        }
    }

    #[test]
    fn a_transcript_in_one_cue_has_times() {
        let text = "The ships of Veldania came with salt and went with wool. ".repeat(20);
        let found = passages(vec![cue(0, 100_000, text.trim())]);
        let seconds: Vec<_> = found.iter().map(|passage| &passage.locator).collect();
        assert!(found.len() >= 3);
        assert_eq!(seconds.first(), Some(&&Locator::Seconds(0)));
        assert!(
            matches!(seconds.last(), Some(Locator::Seconds(60..100))),
            "{seconds:?}"
        );
    }

    #[test]
    fn chinese_is_joined_without_spaces() {
        check(
            vec![
                cue(0, 1_000, "我们来到了"),
                cue(1_000, 2_000, "港口。他们走了。"),
            ],
            &["Seconds(0) 我们来到了港口。他们走了。"],
        );
    }

    proptest! {
        #[test]
        fn no_word_is_lost(texts in proptest::collection::vec("[a-zA-Z。 .!?é]{0,700}", 0..12)) {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let cues: Vec<Cue> = texts
                .iter()
                .zip((0..).step_by(30_000))
                .filter(|(text, _)| !text.trim().is_empty())
                .map(|(text, start)| cue(start, start + 20_000, text.trim()))
                .collect();
            let expected: String = cues.iter().map(|cue| letters(&cue.lines.concat())).collect();
            let found: String = passages(cues).iter().map(|passage| letters(&passage.text)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
