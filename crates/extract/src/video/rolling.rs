//! Captions that roll: each shows again what stood on the screen before, and adds some words.
//!
//! YouTube's recognised captions keep the line above, those of live television two; others let a
//! sentence grow word by word, or repeat a cue whole. What is kept of a cue are the words that
//! were not already at the end of the cue before.

use std::collections::HashSet;

use super::cues::Cue;

/// A repetition after a longer pause was spoken twice (milliseconds).
const PAUSE_MS: u64 = 3_000;
/// Fewer words at the seam, in the middle of a line, are chance.
const SEAM_WORDS: usize = 3;
/// Words at the end of a cue that are compared with the beginning of the next; three lines hold
/// fewer.
const MOST_WORDS: usize = 60;

/// The cues with what is new in each, in one line; cues that add nothing are left out, and the
/// time in which they stood is given to the one before.
pub(super) fn unrolled(cues: Vec<Cue>) -> Vec<Cue> {
    let mut kept: Vec<Cue> = Vec::with_capacity(cues.len());
    let mut seen: HashSet<(u64, u64, Vec<String>)> = HashSet::new();
    let mut shown: Vec<String> = Vec::new();
    let mut shown_until = 0;
    for cue in cues {
        // Two layers of one text at one time.
        if !seen.insert((cue.start, cue.end, cue.lines.clone())) {
            continue;
        }
        let lines: Vec<Vec<&str>> = cue
            .lines
            .iter()
            .map(|line| line.split(' ').filter(|word| !word.is_empty()).collect())
            .collect();
        let words: Vec<&str> = lines.concat();
        let same: Vec<String> = words.iter().map(|word| comparable(word)).collect();
        let repeated = if cue.start > shown_until + PAUSE_MS {
            0
        } else if same == shown {
            words.len()
        } else {
            let end = shown.len().saturating_sub(MOST_WORDS);
            let shown = shown.get(end..).unwrap_or_default();
            let beginning = same.get(..MOST_WORDS.min(same.len()));
            overlap(shown, beginning.unwrap_or_default(), &lines)
        };
        shown = same;
        shown_until = shown_until.max(cue.end);
        let new = words.get(repeated..).unwrap_or_default().join(" ");
        if new.is_empty() {
            if let Some(last) = kept.last_mut() {
                last.end = last.end.max(cue.end);
            }
        } else {
            kept.push(Cue {
                start: cue.start,
                end: cue.end,
                lines: vec![new],
            });
        }
    }
    kept
}

/// How many words at the beginning of a cue were at the end of the last one.
fn overlap(shown: &[String], words: &[String], lines: &[Vec<&str>]) -> usize {
    let most = shown.len().min(words.len());
    (1..=most)
        .rev()
        .find(|&count| {
            let at_the_end = shown.get(shown.len() - count..);
            if at_the_end != words.get(..count) {
                return false;
            }
            count >= SEAM_WORDS
                || count == words.len()
                || count == shown.len()
                || ends_a_line(count, lines)
        })
        .unwrap_or(0)
}

fn ends_a_line(count: usize, lines: &[Vec<&str>]) -> bool {
    let mut end = 0;
    lines.iter().any(|line| {
        end += line.len();
        end == count
    })
}

/// Letters and digits in lower case; signs alone as they are.
fn comparable(word: &str) -> String {
    let letters: String = word
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if letters.is_empty() {
        word.to_owned()
    } else {
        letters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cues: &[(u64, u64, &str)], expected: &[&str]) {
        let cues = cues
            .iter()
            .map(|(start, end, text)| Cue {
                start: *start,
                end: *end,
                lines: text.split('/').map(|line| line.trim().to_owned()).collect(),
            })
            .collect();
        let found: Vec<String> = unrolled(cues)
            .iter()
            .map(|cue| format!("{} {}", cue.start, cue.lines.concat()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_line_above_is_shown_again() {
        check(
            &[
                (0, 2_389, "good evening and welcome"),
                (2_389, 2_399, "good evening and welcome"),
                (2_399, 5_000, "good evening and welcome / to the port"),
                (5_000, 5_010, "to the port"),
                (5_010, 7_000, "to the port / of Istmere"),
            ],
            &[
                "0 good evening and welcome",
                "2399 to the port",
                "5010 of Istmere",
            ],
        );
    }

    #[test]
    fn three_lines_roll_and_sentences_grow() {
        check(
            &[
                (0, 1_000, "a b c / d e f / g h i"),
                (1_000, 2_000, "d e f / g h i / j k l"),
            ],
            &["0 a b c d e f g h i", "1000 j k l"],
        );
        check(
            &[
                (0, 500, "salt"),
                (500, 900, "salt and"),
                (900, 1_500, "Salt and wool."),
            ],
            &["0 salt", "500 and", "900 wool."],
        );
    }

    #[test]
    fn what_was_said_twice_stays() {
        check(
            &[(0, 1_000, "never again"), (9_000, 9_500, "never again")],
            &["0 never again", "9000 never again"],
        );
        check(
            &[
                (0, 1_000, "we came to the port"),
                (1_000, 2_000, "port dues rise"),
            ],
            &["0 we came to the port", "1000 port dues rise"],
        );
    }

    #[test]
    fn a_page_of_text_that_is_repeated_is_one() {
        let page = "one two three four five six seven eight nine ten ".repeat(20);
        check(
            &[
                (0, 1_000, &page),
                (1_000, 2_000, &page),
                (2_000, 3_000, "eight nine ten and on"),
            ],
            &[format!("0 {}", page.trim()).as_str(), "2000 and on"],
        );
    }

    #[test]
    fn two_layers_are_one() {
        check(
            &[
                (0, 1_000, "salt came first"),
                (0, 1_000, "wool came later"),
                (0, 1_000, "salt came first"),
            ],
            &["0 salt came first", "0 wool came later"],
        );
    }
}
