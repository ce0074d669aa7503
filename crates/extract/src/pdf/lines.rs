//! Pieces in reading order into lines, and which of them begin a paragraph.

use std::num::NonZeroU32;

use super::glyphs::{Printed, Rule, Turn};
use super::line::{Line, PageLines};
use super::order;
use super::pieces::{self, Piece};

/// A line that ends so far before its column's edge ends its paragraph (of the column's width).
const SHORT: f32 = 0.2;
/// Baselines further apart than this, times the usual distance, are of two paragraphs.
const LEADING: f32 = 1.25;
/// The usual distance where a page does not tell it (of the size).
const USUAL_LEADING: f32 = 1.45;
/// An indent (of the size).
const INDENT: f32 = 0.8;

/// The lines of a page, furniture not yet marked.
pub(super) fn of(printed: &Printed, number: NonZeroU32) -> PageLines {
    let (width, height) = printed.size;
    let all = pieces::of(&printed.letters);
    let mut lines = Vec::new();
    let mut rest = all.as_slice();
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|p| p.turn == first.turn).count();
        let (these, others) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        rest = others;
        // Rules are noted for the page as it lies; turned tables are read without.
        let rules = if first.turn == Turn::Level {
            printed.rules.as_slice()
        } else {
            &[]
        };
        directed(these, rules, first.turn, printed.size, &mut lines);
    }
    PageLines {
        number,
        width,
        height,
        lines,
    }
}

/// The lines of one direction: the pieces of one row that follow each other are one line.
fn directed(these: &[Piece], rules: &[Rule], turn: Turn, page: (f32, f32), out: &mut Vec<Line>) {
    let mut rows: Vec<(Line, usize, u32)> = Vec::new();
    let mut last_edge = f32::MIN;
    for at in order::of(these, rules) {
        let Some(piece) = these.get(at) else { continue };
        let from_right = piece.is_rtl();
        match rows.last_mut() {
            Some((line, cells, row))
                if *row == piece.row && (piece.left >= last_edge - piece.size || from_right) =>
            {
                line.text.push(' ');
                line.text.push_str(&piece.text);
                line.left = line.left.min(piece.left);
                line.right = line.right.max(piece.right);
                line.bold &= piece.bold;
                if piece.size > line.size {
                    line.size = piece.size;
                }
                *cells += 1;
            }
            _ => rows.push((
                Line {
                    text: piece.text.clone(),
                    left: piece.left,
                    right: piece.right,
                    baseline: piece.baseline,
                    size: piece.size,
                    bold: piece.bold,
                    furniture: false,
                    starts: true,
                },
                1,
                piece.row,
            )),
        }
        last_edge = piece.right;
    }
    starts(&mut rows);
    out.extend(
        rows.into_iter()
            .map(|(line, _, _)| placed(line, turn, page)),
    );
}

/// Back onto the upright page, from the frame of the line's own direction. A turned line is kept
/// as the box that it covers.
fn placed(mut line: Line, turn: Turn, (width, height): (f32, f32)) -> Line {
    let (left, right, baseline) = (line.left, line.right, line.baseline);
    (line.left, line.right, line.baseline) = match turn {
        Turn::Level | Turn::Askew => return line,
        Turn::Down => (width - baseline, width - baseline + line.size, right),
        Turn::Over => (width - right, width - left, height - baseline),
        Turn::Up => (baseline - line.size, baseline, height - left),
    };
    line
}

/// The distance of baselines that most neighbours have, as a multiple of the size.
fn usual_leading(rows: &[(Line, usize, u32)]) -> f32 {
    let mut distances: Vec<f32> = rows
        .windows(2)
        .filter_map(|pair| match pair {
            [(a, _, _), (b, _, _)] => {
                let distance = (b.baseline - a.baseline) / b.size;
                let same = (a.size - b.size).abs() < 0.1 * b.size && overlap(a, b) > 0.3;
                (same && (0.8..2.6).contains(&distance)).then_some(distance)
            }
            _ => None,
        })
        .collect();
    if distances.len() < 4 {
        return USUAL_LEADING;
    }
    // The lower third: most lines of a page are inside paragraphs.
    let at = distances.len() / 3;
    distances.select_nth_unstable_by(at, f32::total_cmp);
    distances.get(at).copied().unwrap_or(USUAL_LEADING)
}

/// How much of the narrower line stands above or below the other.
fn overlap(a: &Line, b: &Line) -> f32 {
    let common = a.right.min(b.right) - a.left.max(b.left);
    common / (a.right - a.left).min(b.right - b.left).max(1.0)
}

fn starts(rows: &mut [(Line, usize, u32)]) {
    let leading = usual_leading(rows);
    // Stretches of lines in one column without a gap; their edges say what is short or indented.
    let mut from = 0;
    let mut open: Option<Line> = None;
    while from < rows.len() {
        let mut to = from + 1;
        while let (Some((a, _, _)), Some((b, _, _))) = (rows.get(to - 1), rows.get(to)) {
            let distance = b.baseline - a.baseline;
            let same = (a.size - b.size).abs() <= 0.12 * a.size.max(b.size);
            let near = distance > 0.0 && distance <= LEADING * leading * a.size.max(b.size);
            if !(same && near && overlap(a, b) > 0.2) {
                break;
            }
            to += 1;
        }
        if let Some(stretch) = rows.get_mut(from..to) {
            // What goes on below a gap is a paragraph of its own; at the head of a column it is not.
            let above = open.filter(|open| {
                stretch.first().is_some_and(|(line, _, _)| {
                    line.baseline < open.baseline || overlap(open, line) <= 0.0
                })
            });
            in_stretch(stretch, above.as_ref().map(|line| line.text.as_str()));
            open = stretch.last().map(|(line, _, _)| line.clone());
        }
        from = to;
    }
}

/// Marks the beginnings in one stretch; `open` is the text of the line before it.
fn in_stretch(stretch: &mut [(Line, usize, u32)], open: Option<&str>) {
    let left = stretch
        .iter()
        .fold(f32::MAX, |edge, (l, _, _)| edge.min(l.left));
    let right = stretch
        .iter()
        .fold(f32::MIN, |edge, (l, _, _)| edge.max(l.right));
    let width = right - left;
    let size = stretch.first().map_or(10.0, |(line, _, _)| line.size);
    // Which edge most lines have: those that stand off it are indented, or hang.
    let at_edge = stretch
        .iter()
        .filter(|(line, _, _)| line.left - left < INDENT * size)
        .count();
    let hanging = stretch.len() >= 3 && at_edge * 2 < stretch.len();
    let mut before: Option<(Line, usize)> = None;
    for (line, cells, _) in stretch {
        line.starts = match &before {
            None => !open.is_some_and(|open| goes_on(open, &line.text)),
            Some((last, last_cells)) => {
                let short = last.right < right - SHORT * width;
                let off = line.left - last.left;
                let in_table = *cells > 1 || *last_cells > 1;
                let indented = if hanging {
                    off < -INDENT * size
                } else {
                    off > INDENT * size && last.left - left < INDENT * size
                };
                in_table
                    || is_entry(&line.text)
                    || indented
                    || line.bold != last.bold && (short || last.bold)
                    || (short && (ends(&last.text) || !begins_lower(&line.text)))
            }
        };
        before = Some((line.clone(), *cells));
    }
}

/// Whether a paragraph that was left at the foot of a column goes on at the head of the next.
fn goes_on(open: &str, text: &str) -> bool {
    (!ends(open) || open.ends_with(['-', '\u{ad}'])) && begins_lower(text)
}

fn begins_lower(text: &str) -> bool {
    text.chars()
        .find(|char| char.is_alphanumeric())
        .is_some_and(|char| char.is_lowercase() || (char.is_alphabetic() && !char.is_uppercase()))
}

fn ends(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»']);
    text.ends_with(['.', '!', '?', ':', ';', '。', '！', '？', '؟', '۔'])
}

/// `• …`, `– …`, `1. …`, `(a) …`.
fn is_entry(text: &str) -> bool {
    let mut words = text.split(' ');
    let (Some(first), Some(_)) = (words.next(), words.next()) else {
        return false;
    };
    let mut chars = first.chars();
    if let (Some(sign), None) = (chars.next(), chars.next())
        && matches!(
            sign,
            '•' | '◦' | '▪' | '■' | '●' | '○' | '–' | '—' | '-' | '*' | '·' | '►' | '✓'
        )
    {
        return true;
    }
    let bare = first.trim_start_matches(['(', '[']);
    let inner = bare.trim_end_matches(['.', ')', ']']);
    let numbered = inner.len() < bare.len() && !inner.is_empty() && inner.len() <= 6;
    numbered
        && (inner.chars().all(|c| c.is_ascii_digit() || c == '.')
            || (inner.len() == 1 && inner.chars().all(|c| c.is_ascii_alphabetic())))
}
