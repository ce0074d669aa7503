//! Lines into passages: words broken at line ends whole again, headings found, each page for
//! itself.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use model::document::{Locator, Passage};

use super::line::{Line, PageLines};
use super::outline::Section;
use super::pieces::is_unspaced;
use crate::html::blocks::{Block, BlockKind};
use crate::html::passages;
use crate::text::squash;

/// Letters this much larger than those of the text are a heading's.
const LARGER: f32 = 1.15;
/// A heading is no longer than this (characters) …
const HEADING_CHARS: usize = 160;
/// … and than this many lines.
const HEADING_LINES: usize = 3;
/// Dots in a row from which on they lead the eye and are no text.
const LEADERS: usize = 4;

/// The passages of a document, a page or less each.
///
/// `body` is the size of the text, points.
pub(super) fn of(pages: &[PageLines], outline: &[Section], body: f32) -> Vec<Passage> {
    let compounds = compounds(pages);
    let mut current: Option<Rc<str>> = None;
    let mut out = Vec::new();
    let mut sections = outline.iter().peekable();
    for page in pages {
        let mut titles: Vec<(String, &Section)> = Vec::new();
        while let Some(section) = sections.next_if(|section| section.page <= page.number) {
            titles.push((squash(&section.title, 200), section));
        }
        let mut blocks = Vec::new();
        for paragraph in paragraphs(page) {
            let text = joined(&paragraph, &compounds);
            if text.is_empty() {
                continue;
            }
            let named = section_of(&text, &titles);
            let mut block = if named.is_some() || is_heading(&paragraph, &text, body) {
                current = Some(Rc::from(text.as_str()));
                let level = named.map_or(2, |section| section.level.clamp(1, 6));
                Block {
                    level,
                    ..Block::new(BlockKind::Heading, text)
                }
            } else {
                Block::new(BlockKind::Text, text)
            };
            block.heading.clone_from(&current);
            blocks.push(block);
        }
        // A section whose title is not printed on its page begins there all the same.
        if blocks.iter().all(|block| block.kind != BlockKind::Heading)
            && let Some((_, section)) = titles.last()
        {
            current = Some(Rc::from(section.title.as_str()));
            for block in &mut blocks {
                block.heading.clone_from(&current);
            }
        }
        out.extend(passages::of(blocks).into_iter().map(|passage| Passage {
            locator: Locator::Page(page.number),
            ..passage
        }));
    }
    out
}

/// The size of most letters, points.
pub(super) fn body_size(pages: &[PageLines]) -> f32 {
    let mut letters: HashMap<i32, usize> = HashMap::new();
    for line in pages.iter().flat_map(|page| &page.lines) {
        *letters.entry((line.size * 4.0).round() as i32).or_default() += line.text.len();
    }
    let most = letters
        .into_iter()
        .max_by_key(|(size, count)| (*count, -size));
    most.map_or(10.0, |(size, _)| size as f32 / 4.0)
}

/// Words that are written with a hyphen inside a line, in lower case.
fn compounds(pages: &[PageLines]) -> HashSet<String> {
    let mut found = HashSet::new();
    for line in pages.iter().flat_map(|page| &page.lines) {
        if !line.text.contains('-') {
            continue;
        }
        for word in line.text.split(' ') {
            let word = word.trim_matches(|char: char| !char.is_alphanumeric() && char != '-');
            if word.contains('-') && !word.ends_with('-') {
                found.insert(word.to_lowercase());
            }
        }
    }
    found
}

/// Lines that belong together, without the furniture.
fn paragraphs(page: &PageLines) -> Vec<Vec<&Line>> {
    let mut out: Vec<Vec<&Line>> = Vec::new();
    for line in page.lines.iter().filter(|line| !line.furniture) {
        match out.last_mut() {
            Some(last) if !line.starts => last.push(line),
            _ => out.push(vec![line]),
        }
    }
    // A heading over several lines is one.
    let mut joined: Vec<Vec<&Line>> = Vec::new();
    for paragraph in out {
        if let (Some(last), Some(line)) = (joined.last_mut(), paragraph.first())
            && let Some(before) = last.last()
            && before.size > 12.0
            && (before.size - line.size).abs() < 0.2
            && before.bold == line.bold
            && last.len() + paragraph.len() <= HEADING_LINES
            && (0.0..1.6 * line.size).contains(&(line.baseline - before.baseline))
            && !before.text.ends_with(['.', ':', '?', '!'])
        {
            last.extend(paragraph);
            continue;
        }
        joined.push(paragraph);
    }
    joined
}

fn section_of<'s>(text: &str, titles: &[(String, &'s Section)]) -> Option<&'s Section> {
    if titles.is_empty() || text.chars().count() > 2 * HEADING_CHARS {
        return None;
    }
    let text = squash(text, 400);
    // `1.2 Methods` in the text, `Methods` in the outline, or the other way round.
    let same = |title: &str| {
        !title.is_empty()
            && (text == title
                || (title.len() >= 4 && text.ends_with(title) && text.len() <= title.len() + 12)
                || (text.len() >= 4 && title.ends_with(&text) && title.len() <= text.len() + 12))
    };
    titles
        .iter()
        .find(|(title, _)| same(title))
        .map(|(_, section)| *section)
}

fn is_heading(paragraph: &[&Line], text: &str, body: f32) -> bool {
    let Some(first) = paragraph.first() else {
        return false;
    };
    let letters = text.chars().filter(|char| char.is_alphabetic()).count();
    let short = paragraph.len() <= HEADING_LINES && text.chars().count() <= HEADING_CHARS;
    let numbered = text.chars().next().is_some_and(char::is_numeric);
    let open = (numbered || !text.ends_with(['.', ',', ';'])) && !text.starts_with(['•', '▪', '●']);
    let larger = paragraph.iter().all(|line| line.size >= LARGER * body);
    let bold = first.bold && paragraph.len() == 1 && first.size >= 0.98 * body;
    short && open && letters >= 3 && (larger || (bold && text.chars().count() <= HEADING_CHARS / 2))
}

/// The lines of a paragraph as running text.
pub(super) fn joined(lines: &[&Line], compounds: &HashSet<String>) -> String {
    let mut text = String::new();
    for line in lines {
        append(&mut text, &line.text, compounds);
    }
    // Hyphens at the ends of lines are gone; those that are left were printed as such.
    without_leaders(&text.replace('\u{ad}', "-"))
}

fn append(text: &mut String, line: &str, compounds: &HashSet<String>) {
    let Some(last) = text.chars().next_back() else {
        text.push_str(line);
        return;
    };
    let first = line.chars().next().unwrap_or(' ');
    if matches!(last, '-' | '\u{ad}' | '\u{2010}') && first.is_alphanumeric() {
        let stem = text
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .trim_end_matches(last);
        let rest = line.split(' ').next().unwrap_or_default();
        let broken = stem.chars().next_back().is_some_and(char::is_alphabetic)
            && first.is_lowercase()
            && (last == '\u{ad}' || !is_compound(stem, rest, compounds));
        if broken {
            text.pop();
        }
    } else if !(is_unspaced(last) && is_unspaced(first)
        || last == '—'
        || goes_on_as_address(text, line))
    {
        text.push(' ');
    }
    text.push_str(line);
}

/// Whether an address was broken at the end of a line: behind a slash, or inside brackets that
/// are closed in the next line.
fn goes_on_as_address(text: &str, line: &str) -> bool {
    let word = text.rsplit(' ').next().unwrap_or_default();
    let next = line.split(' ').next().unwrap_or_default();
    word.contains("://")
        && (word.ends_with('/')
            || (word.starts_with('(')
                && !word.contains(')')
                && (next.contains(')') || next == line)))
}

/// Whether the hyphen between the two belongs to the word.
fn is_compound(stem: &str, rest: &str, compounds: &HashSet<String>) -> bool {
    let trim = |char: char| !char.is_alphanumeric() && char != '-';
    let rest = rest.trim_matches(trim);
    stem.trim_matches(trim).contains('-')
        || rest.contains('-')
        || compounds.contains(&format!("{}-{rest}", stem.trim_matches(trim)).to_lowercase())
}

/// `Introduction . . . . . . 12` → `Introduction 12`.
fn without_leaders(text: &str) -> String {
    if !text.contains("..") && !text.contains(". .") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut held = String::new();
    let mut dots = 0;
    let flush = |out: &mut String, held: &mut String, dots: &mut usize| {
        if *dots >= LEADERS {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push_str(held);
        }
        held.clear();
        *dots = 0;
    };
    for char in text.chars() {
        match char {
            '.' | '…' => {
                held.push(char);
                dots += if char == '…' { 3 } else { 1 };
            }
            ' ' if dots > 0 => held.push(char),
            _ => {
                flush(&mut out, &mut held, &mut dots);
                out.push(char);
            }
        }
    }
    flush(&mut out, &mut held, &mut dots);
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line {
            text: text.to_owned(),
            left: 0.0,
            right: 100.0,
            baseline: 0.0,
            size: 10.0,
            bold: false,
            furniture: false,
            starts: false,
        }
    }

    #[test]
    fn broken_words_are_whole_again() {
        let compounds = HashSet::from(["well-known".to_owned()]);
        for (lines, expected) in [
            (vec!["the docu-", "ment was"], "the document was"),
            (vec!["the docu\u{ad}", "ment"], "the document"),
            (vec!["the docu\u{2010}", "ment"], "the document"),
            (vec!["a well-", "known port"], "a well-known port"),
            (vec!["state-of-", "the-art"], "state-of-the-art"),
            (
                vec!["the Anglo-", "Istmerian pact"],
                "the Anglo-Istmerian pact",
            ),
            (vec!["in 2019-", "20"], "in 2019-20"),
            (vec!["range -", "see below"], "range -see below"),
            (vec!["two", "lines"], "two lines"),
            (
                vec!["(https://a.example/long%20na", "me.pdf) is"],
                "(https://a.example/long%20name.pdf) is",
            ),
            (vec!["条約は", "結ばれた"], "条約は結ばれた"),
            (vec!["self\u{ad}evident"], "self-evident"),
        ] {
            let lines: Vec<Line> = lines.into_iter().map(line).collect();
            let lines: Vec<&Line> = lines.iter().collect();
            assert_eq!(joined(&lines, &compounds), expected);
        }
    }

    #[test]
    fn leaders_are_left_out() {
        for (text, expected) in [
            ("Introduction . . . . . . 12", "Introduction 12"),
            ("Introduction......12", "Introduction 12"),
            ("and so on... then", "and so on... then"),
            ("One. Two. Three.", "One. Two. Three."),
        ] {
            assert_eq!(without_leaders(text), expected);
        }
    }
}
