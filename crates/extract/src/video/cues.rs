//! WebVTT (W3C, *WebVTT: The Web Video Text Tracks Format*, section 4) and SubRip into cues.
//!
//! Both are read by one parser that takes whatever has a line of times: files are called one and
//! written as the other, blank lines are missing, hours are left out, commas stand for points.

use super::markup;
use crate::text::fold;

/// More cues than a day of speech has.
const MOST_CUES: usize = 200_000;
/// A cue holds a line or two; what is longer was not written for a screen (bytes).
const CUE_BYTES: usize = 16 * 1024;
/// Ten days; later ones are slips.
const LATEST_MS: u64 = 864_000_000;

/// What is shown at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cue {
    /// Milliseconds from the beginning.
    pub(super) start: u64,
    /// Never before `start`.
    pub(super) end: u64,
    /// Without tags and entities, white space folded, none empty.
    pub(super) lines: Vec<String>,
}

/// A caption file.
#[derive(Debug, Default)]
pub(super) struct Captions {
    /// In the order of time.
    pub(super) cues: Vec<Cue>,
    /// `Language:` of the head of a WebVTT file.
    pub(super) language: Option<String>,
    /// What was odd about it.
    pub(super) warnings: Vec<String>,
}

/// Reads a file.
pub(super) fn parse(text: &str) -> Captions {
    let mut found = Captions::default();
    let mut skipping = false;
    let mut head = text.trim_start().starts_with("WEBVTT");
    let mut blank = true;
    let mut open: Option<Cue> = None;
    let mut bytes = 0;
    let (mut broken, mut left_out) = (0, 0);
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            (blank, skipping, head) = (true, false, false);
            found.cues.extend(open.take());
            continue;
        }
        let first = std::mem::replace(&mut blank, false);
        if first && is_note(line) {
            skipping = true;
        }
        if skipping {
            continue;
        }
        if let Some((start, end)) = line.split_once("-->") {
            head = false;
            if let Some(mut cue) = open.take() {
                // The number of this cue stands on the line before its times.
                if cue.lines.len() > 1 && cue.lines.last().is_some_and(|line| is_number(line)) {
                    cue.lines.pop();
                }
                found.cues.push(cue);
            }
            if found.cues.len() >= MOST_CUES {
                left_out += 1;
                continue;
            }
            match (time(start), end.split_whitespace().next().and_then(time)) {
                (Some(start), end) => {
                    bytes = 0;
                    broken += usize::from(end.is_none_or(|end| end < start));
                    open = Some(Cue {
                        start,
                        end: end.unwrap_or(start).max(start),
                        lines: Vec::new(),
                    });
                }
                (None, _) => broken += 1,
            }
        } else if let Some(cue) = &mut open {
            let line = fold(&markup::plain(line));
            bytes += line.len();
            if !line.is_empty() && bytes <= CUE_BYTES {
                cue.lines.push(line);
            }
        } else if head && found.language.is_none() {
            found.language = line
                .strip_prefix("Language:")
                .map(|tag| tag.trim().to_owned());
        }
    }
    found.cues.extend(open);
    found.cues.retain(|cue| !cue.lines.is_empty());
    let back = found
        .cues
        .iter()
        .zip(found.cues.iter().skip(1))
        .filter(|(a, b)| b.start < a.start)
        .count();
    if back > 0 {
        found.cues.sort_by_key(|cue| cue.start);
    }
    for (count, what) in [
        (back, "put in order that start before the one above them"),
        (
            broken,
            "without times that can be read, or that end before they start",
        ),
        (left_out, "left out, as there are too many"),
    ] {
        if count > 0 {
            found.warnings.push(format!("captions {what}: {count}"));
        }
    }
    found
}

/// A block that is not shown.
fn is_note(line: &str) -> bool {
    ["NOTE", "STYLE", "REGION"].iter().any(|word| {
        line.strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}

fn is_number(line: &str) -> bool {
    line.len() <= 9 && line.bytes().all(|b| b.is_ascii_digit())
}

/// `01:02:03.456`, `02:03,4`, `123:02:03`.
fn time(text: &str) -> Option<u64> {
    let text = text.trim();
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, ""),
    };
    let number = |digits: &str| -> Option<u64> {
        let plain = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok())?
    };
    let mut seconds = 0_u64;
    let mut parts = 0;
    for part in whole.split(':') {
        // Blanks are seen behind the colons of files that were typed.
        seconds = seconds.checked_mul(60)?.checked_add(number(part.trim())?)?;
        parts += 1;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let milliseconds = seconds
        .checked_mul(1_000)?
        .checked_add(number(&thousandths)?)?;
    ((2..=3).contains(&parts) && milliseconds <= LATEST_MS).then_some(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str], warnings: usize) {
        let found = parse(text);
        let described: Vec<String> = found
            .cues
            .iter()
            .map(|cue| format!("{} {} {}", cue.start, cue.end, cue.lines.join(" / ")))
            .collect();
        assert_eq!(described, expected);
        assert_eq!(found.warnings.len(), warnings, "{:?}", found.warnings);
    }

    #[test]
    fn webvtt() {
        check(
            "WEBVTT - port\nKind: captions\nLanguage: en\n\nSTYLE\n::cue { color: red }\n\n\
             NOTE\nnot --> shown\n\none\n00:01.000 --> 00:02.500 align:start position:0%\n\
             <v Ada>Salt</v>\nand wool\n\n01:00:00.000 --> 01:00:01.000\nLate\n",
            &["1000 2500 Salt / and wool", "3600000 3601000 Late"],
            0,
        );
    }

    #[test]
    fn subrip_with_and_without_blank_lines() {
        check(
            "1\r\n00:00:01,000 --> 00:00:02,5\r\nSalt\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n12\r\n",
            &["1000 2500 Salt", "3000 4000 12"],
            0,
        );
        check(
            "1\n00:00:01,000 --> 00:00:02,000\nSalt\n2\n00:00:03,000 --> 00:00:04,000\nWool\n",
            &["1000 2000 Salt", "3000 4000 Wool"],
            0,
        );
    }

    #[test]
    fn times_that_run_backwards_are_put_in_order() {
        check(
            "00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:00.500\na\n\nx --> y\nlost\n\n00:07 --> 00:08\nc",
            &["1000 1000 a", "5000 6000 b", "7000 8000 c"],
            2,
        );
    }

    #[test]
    fn the_head_names_the_language() {
        let found =
            parse("WEBVTT\nKind: captions\nLanguage: fr\n\n00:00.000 --> 00:01.000\nBonjour");
        assert_eq!(found.language.as_deref(), Some("fr"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([0-9:.,> \n-]|-->|NOTE|<c>|[a-z]){0,200}") {
            let found = parse(&text);
            prop_assert!(found.cues.iter().all(|cue| cue.end >= cue.start && !cue.lines.is_empty()));
            prop_assert!(found.cues.is_sorted_by_key(|cue| cue.start));
        }
    }
}
