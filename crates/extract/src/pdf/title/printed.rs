//! The title as it is printed: the largest text of the first page.

use std::sync::LazyLock;

use regex::Regex;

use super::junk;
use crate::pdf::line::{Line, PageLines};
use crate::text::{fold, squash};

/// Longer ones are prose in large letters (characters).
const TITLE_CHARS: usize = 300;
/// Lines of a title.
const MOST_LINES: usize = 8;
/// Lines of the page that are looked at.
const MOST_READ: usize = 400;
/// A title stands in this part of the page, except on a cover.
const UPPER: f32 = 0.66;
/// A page with fewer letters is a cover.
const COVER_LETTERS: usize = 700;
/// Letters are larger than those of the text by this factor at least, where size alone tells.
const LARGER: f32 = 1.12;

/// A printed title.
#[derive(Clone, Debug)]
pub(super) struct Printed {
    /// White space folded, never empty.
    pub(super) text: String,
}

/// Lines that belong together: one below the other, of one size and weight.
struct Group<'a> {
    lines: Vec<&'a Line>,
    text: String,
    size: f32,
}

/// The title on the first page that has text.
pub(super) fn of(first: &[PageLines]) -> Option<Printed> {
    let page = first.iter().take(3).find(|page| letters(page) >= 8)?;
    let usual = usual_size(first);
    let is_cover = letters(page) < COVER_LETTERS;
    let groups: Vec<Group<'_>> = groups(page)
        .into_iter()
        .filter(|group| {
            let top = group.lines.first().map_or(0.0, |line| line.baseline);
            (is_cover || top <= page.height * UPPER) && is_title(&group.text)
        })
        .collect();
    let larger = groups
        .iter()
        .filter(|group| group.size >= LARGER * usual)
        // The first of the largest.
        .reduce(|best, group| {
            if group.size > 1.03 * best.size {
                group
            } else {
                best
            }
        });
    let found = larger.or_else(|| first_set_off(&groups, page))?;
    Some(Printed {
        text: found.text.clone(),
    })
}

fn letters(page: &PageLines) -> usize {
    page.lines
        .iter()
        .map(|line| line.text.chars().filter(|c| c.is_alphabetic()).count())
        .sum()
}

/// The size of most letters of the first pages.
fn usual_size(first: &[PageLines]) -> f32 {
    let lines = first
        .iter()
        .flat_map(|page| &page.lines)
        .take(3 * MOST_READ);
    let mut sizes: Vec<(f32, usize)> = lines
        .filter(|line| !line.furniture)
        .map(|line| (line.size, line.text.chars().count()))
        .collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: usize = sizes.iter().map(|(_, count)| count).sum();
    let mut passed = 0;
    for (size, count) in sizes {
        passed += count;
        if 2 * passed >= all {
            return size;
        }
    }
    0.0
}

/// The lines of a page, those of one size and weight that stand near each other put together.
fn groups(page: &PageLines) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let lines = page.lines.iter().filter(|line| !line.furniture);
    for line in lines.take(MOST_READ) {
        match groups.last_mut() {
            Some(group) if goes_on(group, line) => group.lines.push(line),
            _ => groups.push(Group {
                lines: vec![line],
                text: String::new(),
                size: line.size,
            }),
        }
    }
    let all: String = page
        .lines
        .iter()
        .take(MOST_READ)
        .map(|line| format!("{} ", line.text.to_lowercase()))
        .collect();
    for group in &mut groups {
        group.text = joined(&group.lines, &all);
    }
    groups
}

fn goes_on(group: &Group<'_>, line: &Line) -> bool {
    let Some(last) = group.lines.last() else {
        return false;
    };
    let same = (line.size - last.size).abs() <= 0.06 * last.size && line.bold == last.bold;
    let gap = line.baseline - last.baseline;
    // The line spacing of the group, once it has two lines.
    let spacing = match group.lines.as_slice() {
        [.., before, last] => (last.baseline - before.baseline).max(last.size),
        _ => 1.65 * last.size,
    };
    same && gap > -0.5 * last.size && gap <= 1.25 * spacing
}

/// The text of lines, words that were cut at their ends put together where the page has the word
/// uncut.
fn joined(lines: &[&Line], page: &str) -> String {
    let mut text = String::new();
    for line in lines.iter().take(MOST_LINES + 1) {
        let next = line.text.trim();
        if let Some(stem) = text.strip_suffix(['\u{ad}', '\u{2010}']) {
            text = format!("{stem}{next}");
        } else if let Some(stem) = text.strip_suffix('-') {
            let cut = stem.rsplit(' ').next().unwrap_or_default();
            let rest = next.split(' ').next().unwrap_or_default();
            let whole = format!("{cut}{rest}").to_lowercase();
            let whole = whole.trim_end_matches(|c: char| !c.is_alphanumeric());
            text = if page.contains(whole) {
                format!("{stem}{next}")
            } else {
                format!("{text}{next}")
            };
        } else {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(next);
        }
        if text.len() > 4 * TITLE_CHARS {
            break;
        }
    }
    let text = fold(&text);
    // Marks of footnotes.
    text.trim_end_matches([
        '*', '\u{2217}', '\u{2020}', '\u{2021}', '\u{a7}', ',', ':', ' ',
    ])
    .to_owned()
}

/// Whether a text can be a title.
fn is_title(text: &str) -> bool {
    static NOT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)\b(?:issn|isbn|e-issn|https?:|www\.|doi[:\ ]|vol\.?\s*\d|volume\s+\d|issue\s+\d|arxiv:)|@\w
            |^(?:page|seite|p\.)\s*\d|^\(?\d{1,2}[\s./-]|all\ rights\ reserved|\u{a9}",
        )
        .expect("a constant pattern")
    });
    // What kind of text it is, which larger letters say than what it is called.
    static SERIES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?:special|research|technical|policy|working|annual|final|interim|country|situation|issue|peace|white|discussion
            |position|background|briefing|fact|data|case|press|news|user'?s?|review|original|short|full)?[\s-]*
            (?:report|reports|paper|papers|brief|briefs|briefing|sheet|note|notes|memo|memorandum|study|release|article|letter|newsletter
            |news|bulletin|review|works|article|editorial|draft|confidential|unclassified|open\ access|research|perspective|commentary|analysis
            |working\ paper\ series|abstracts?|communication|survey)(?:\s+(?:no\.?|number|\#)?\s*\d+)?$",
        )
        .expect("a constant pattern")
    });
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let shown = text.chars().filter(|c| !c.is_whitespace()).count();
    let ideographs = text.chars().any(junk::is_ideograph);
    let long_enough = letters >= 4 || (ideographs && letters >= 2);
    // `UNHCR`: a letterhead.
    let one_word = text.split_whitespace().count() == 1;
    let initials = one_word && letters <= 5 && !text.chars().any(char::is_lowercase) && !ideographs;
    long_enough
        && 2 * letters >= shown
        && !initials
        && text.chars().count() <= TITLE_CHARS
        && !NOT.is_match(text)
        && !SERIES.is_match(text)
        && !junk::is_part(text)
}

/// Where all letters are of one size: the first lines, if they are bold or in capitals or stand in
/// the middle, unlike the text.
fn first_set_off<'a, 'b>(groups: &'a [Group<'b>], page: &PageLines) -> Option<&'a Group<'b>> {
    let first_lines = page.height * 0.45;
    groups.iter().find(|group| {
        let Some(line) = group.lines.first() else {
            return false;
        };
        let short = group.lines.len() <= 4 && group.text.chars().count() <= 160;
        let capitals = squash(&group.text, 200).len() > 5
            && !group.text.chars().any(char::is_lowercase)
            && group.text.chars().any(char::is_uppercase);
        let (before, behind) = (line.left, page.width - line.right);
        let centred = (before - behind).abs() < 0.04 * page.width && before > 0.2 * page.width;
        short && line.baseline <= first_lines && (line.bold || capitals || centred)
    })
}
