//! Running heads and feet and page numbers: what stands in the margins of page after page.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;

use super::line::{Line, PageLines};

/// How many lines from the top and from the bottom may be furniture.
const LINES: usize = 3;
/// Fewer letters are no heading.
const FEW_LETTERS: usize = 3;
/// And how much of the page's height they may take from its edge.
const MARGIN: f32 = 0.16;
/// The same text within so many pages is a running head (two apart: left and right pages).
const REACH: usize = 4;
/// Slides are shown step by step, with one title on each: their heads stand on so many of more
/// pages around.
const SLIDE_REACH: usize = 8;
const SLIDE_PAGES: usize = 7;
/// Furniture is not printed larger than the text, else it is a title (of the text's size).
const LARGER: f32 = 1.2;
/// Baselines of one head differ by less (points).
const LEVEL: f32 = 6.0;

/// Marks the furniture of a document.
///
/// `body` is the size of the text, points.
pub(super) fn mark(pages: &mut [PageLines], body: f32) {
    let edges: Vec<Vec<Edge>> = pages
        .iter()
        .map(|page| edges(page, LARGER * body))
        .collect();
    // Text with digits evened out → where it stands.
    let mut seen: HashMap<&str, Vec<(usize, f32)>> = HashMap::new();
    for (page, edges) in edges.iter().enumerate() {
        for edge in edges {
            seen.entry(&edge.bare)
                .or_default()
                .push((page, edge.baseline));
        }
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (page, edges) in edges.iter().enumerate() {
        let is_slide = pages.get(page).is_some_and(|page| page.width > page.height);
        let reach = if is_slide { SLIDE_REACH } else { REACH };
        for edge in edges {
            let others = seen.get(edge.bare.as_str()).map_or(0, |places| {
                places
                    .iter()
                    .filter(|(other, baseline)| {
                        *other != page
                            && other.abs_diff(page) <= reach
                            && (baseline - edge.baseline).abs() <= LEVEL
                    })
                    .count()
            });
            // A head of a short document stands on each of its pages.
            let enough = if is_slide {
                SLIDE_PAGES
            } else if pages.len() <= 3 {
                pages.len().max(2) - 1
            } else {
                2
            };
            let repeated = others >= enough;
            if repeated || is_page_number(edge, page, pages.len()) {
                found.push((page, edge.line));
            }
        }
    }
    for (page, line) in found {
        if let Some(line) = pages
            .get_mut(page)
            .and_then(|page| page.lines.get_mut(line))
        {
            line.furniture = true;
        }
    }
    for page in pages {
        outermost_only(page);
    }
}

/// Takes back the mark where a head stands first, as it may be a heading, and what nobody reads is
/// not found. `without_text` are pages on which nothing else stands, in order.
pub(super) fn keep_first(pages: &mut [PageLines], without_text: &[NonZeroU32]) {
    let mut known: HashSet<String> = HashSet::new();
    for page in pages {
        if without_text.binary_search(&page.number).is_ok() {
            continue;
        }
        for line in page.lines.iter_mut().filter(|line| line.furniture) {
            let bare = bare(&line.text);
            let letters = bare.chars().filter(|char| char.is_alphabetic()).count();
            if letters >= FEW_LETTERS && !is_numbering(&bare) && known.insert(bare) {
                line.furniture = false;
            }
        }
    }
}

/// A line near the upper or lower edge of its page.
struct Edge {
    line: usize,
    bare: String,
    baseline: f32,
    /// The outermost line on its side.
    outermost: bool,
    /// The year that it is, where it is nothing else.
    year: Option<usize>,
}

fn edges(page: &PageLines, largest: f32) -> Vec<Edge> {
    let mut lines: Vec<(usize, &Line)> = page.lines.iter().enumerate().collect();
    lines.sort_by(|a, b| a.1.baseline.total_cmp(&b.1.baseline));
    let edge = |(rank, (line, text)): (usize, &(usize, &Line))| Edge {
        line: *line,
        bare: bare(&text.text),
        baseline: text.baseline,
        outermost: rank == 0,
        year: text
            .text
            .parse()
            .ok()
            .filter(|year| (1900..2100).contains(year)),
    };
    let mut edges: Vec<Edge> = lines
        .iter()
        .take_while(|(_, line)| line.baseline <= MARGIN * page.height)
        .take(LINES)
        .take_while(|(_, line)| line.size <= largest)
        .enumerate()
        .map(edge)
        .collect();
    edges.extend(
        lines
            .iter()
            .rev()
            .take_while(|(_, line)| line.baseline >= (1.0 - MARGIN) * page.height)
            .take(LINES)
            .take_while(|(_, line)| line.size <= largest)
            .enumerate()
            .map(edge),
    );
    edges
}

/// Digits are one sign; page numbers differ on each page.
fn bare(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            ' ' => {}
            _ if char.is_numeric() => {
                if !bare.ends_with('0') {
                    bare.push('0');
                }
            }
            _ => bare.extend(char.to_lowercase()),
        }
    }
    bare
}

/// `12`, `– 12 –`, `Page 12 of 30`, `xii`, alone at the edge.
fn is_page_number(edge: &Edge, page: usize, pages: usize) -> bool {
    if !edge.outermost || pages < 2 {
        return false;
    }
    // A year below a cover is the year.
    if page == 0 && edge.year.is_some_and(|year| year > pages) {
        return false;
    }
    let bare = edge.bare.trim_matches(|char: char| !char.is_alphanumeric());
    let roman = page < 40
        && !bare.is_empty()
        && bare.len() <= 6
        && bare
            .chars()
            .all(|char| matches!(char, 'i' | 'v' | 'x' | 'l'));
    roman || is_numbering(bare)
}

/// A page number and the words that go with it, digits evened out.
fn is_numbering(bare: &str) -> bool {
    matches!(
        bare,
        "0" | "page0" | "page0of0" | "seite0" | "seite0von0" | "0/0" | "p.0" | "0of0"
    )
}

/// Furniture is at the edge: what stands between the text and a mark is not.
fn outermost_only(page: &mut PageLines) {
    let mut places: Vec<(f32, bool)> = page
        .lines
        .iter()
        .map(|line| (line.baseline, line.furniture))
        .collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let top = places
        .iter()
        .take_while(|(_, furniture)| *furniture)
        .fold(f32::MIN, |edge, (baseline, _)| edge.max(*baseline));
    let bottom = places
        .iter()
        .rev()
        .take_while(|(_, furniture)| *furniture)
        .fold(f32::MAX, |edge, (baseline, _)| edge.min(*baseline));
    for line in &mut page.lines {
        line.furniture &= line.baseline <= top || line.baseline >= bottom;
    }
}
