//! Dates in a short line of their own beside the first heading: `Ada Low / 2 June 2025 / 10:30`,
//! where no class says so.

use std::sync::LazyLock;

use model::document::Evidence;
use model::time::PartialDate;
use regex::Regex;

use super::{Context, written};
use crate::html::blocks::{Block, BlockKind};

/// How many lines before and behind the heading are looked at.
const BEFORE: usize = 4;
const BEHIND: usize = 6;
/// A longer line is a sentence (characters).
const LINE_CHARS: usize = 90;
/// Words beside the date: a name, a label, a clock time.
const MOST_WORDS: usize = 4;

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    let lines = context.lines;
    let heading = context.first_heading?;
    let from = heading.saturating_sub(BEFORE);
    // Behind the heading first: what stands before it may belong to the page's head.
    let behind = lines
        .get(heading + 1..)
        .unwrap_or_default()
        .iter()
        .take(BEHIND);
    let before = lines.get(from..heading).unwrap_or_default().iter().rev();
    behind
        .take_while(|block| block.kind != BlockKind::Heading || block.text.len() < 200)
        .chain(before)
        .find_map(|block| read(block, context))
}

fn read(block: &Block, context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    if block.kind != BlockKind::Text {
        return None;
    }
    let text = block.text.replace('\n', " ");
    if text.chars().nth(LINE_CHARS).is_some() || !is_date_line(&text) {
        return None;
    }
    let date = written::find(&text, context.month_first)?;
    date.day()?;
    super::possible(date, context.captured).then_some((date, Evidence::Text))
}

/// Whether a line holds one date and little else, or begins with one before a separator.
pub(crate) fn is_date_line(text: &str) -> bool {
    static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\d[\d.,:/\u{5e74}\u{6708}\u{65e5}-]*(?:st|nd|rd|th)?")
            .expect("a constant pattern")
    });
    static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\s[|/\u{b7}\u{2022}\u{2013}\u{2014}-]\s").expect("a constant pattern")
    });
    // Of parts between separators, the one with the year counts.
    let part = SEPARATOR
        .split(text)
        .find(|part| {
            let digits = part.chars().filter(char::is_ascii_digit).count();
            digits >= 5
        })
        .unwrap_or(text);
    if part.ends_with(['?', '!']) || NUMBERS.find_iter(part).count() > 5 {
        return false;
    }
    let words = NUMBERS.replace_all(part, " ");
    let words = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1)
        .count();
    // The name of the month is one of them.
    words <= MOST_WORDS + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_around_a_date() {
        for (text, expected) in [
            ("January 22, 2014", true),
            ("Ada Low / 22.04.2020 / 06:15 / 12 remarks", true),
            (
                "01. November 2021 | Nature and the life of the coast and its birds",
                true,
            ),
            ("von Fred Low 31.10.2023", true),
            (
                "What the harbour looked like on 3 June 2019 after the storm",
                false,
            ),
        ] {
            assert_eq!(is_date_line(text), expected, "{text}");
        }
    }
}
