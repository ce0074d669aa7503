//! The order in which the pieces of a page are read: columns one after the other, tables row by
//! row.
//!
//! A recursive cut at white columns. Whether two stretches side by side are columns or cells is
//! told by the order in which they were printed and by how they fill their width.

use super::pieces::Piece;

/// A gap between columns is at least so wide (of the letters' size).
const GUTTER: f32 = 0.5;
/// Left edges that differ by less are one (points).
const EDGE: f32 = 3.0;
/// Columns within columns within columns.
const DEPTH: u8 = 8;
/// Pages with more pieces are read row by row.
const MOST_PIECES: usize = 6_000;
/// Places at which a cut is tried.
const MOST_EDGES: usize = 64;

/// Indices into `pieces` (all of one direction) in reading order.
pub(super) fn of(pieces: &[Piece]) -> Vec<usize> {
    let all: Vec<usize> = (0..pieces.len()).collect();
    if pieces.len() > MOST_PIECES {
        return by_rows(pieces, all);
    }
    order(pieces, all, 0)
}

fn by_rows(pieces: &[Piece], mut these: Vec<usize>) -> Vec<usize> {
    these.sort_by(|a, b| match (pieces.get(*a), pieces.get(*b)) {
        (Some(a), Some(b)) => a.row.cmp(&b.row).then(reading(a, b)),
        _ => std::cmp::Ordering::Equal,
    });
    these
}

/// Within a row: from left to right, or the other way where both are written so.
fn reading(a: &Piece, b: &Piece) -> std::cmp::Ordering {
    let from_right = |piece: &Piece| piece.text.chars().any(super::bidi::is_rtl);
    let order = a.left.total_cmp(&b.left);
    if from_right(a) || from_right(b) {
        order.reverse()
    } else {
        order
    }
}

fn order(pieces: &[Piece], these: Vec<usize>, depth: u8) -> Vec<usize> {
    if these.len() < 4 || depth == DEPTH {
        return by_rows(pieces, these);
    }
    let Some(cut) = best_cut(pieces, &these) else {
        return by_rows(pieces, these);
    };
    let mut out = Vec::with_capacity(these.len());
    for zone in cut.zones {
        match zone {
            Zone::Whole(these) => out.extend(order_below(pieces, these, depth)),
            Zone::Columns(left, right) => {
                let rtl = left
                    .iter()
                    .chain(&right)
                    .filter_map(|at| pieces.get(*at))
                    .filter(|piece| piece.text.chars().any(super::bidi::is_rtl))
                    .count();
                let (first, second) = if rtl * 2 > left.len() + right.len() {
                    (right, left)
                } else {
                    (left, right)
                };
                out.extend(order(pieces, first, depth + 1));
                out.extend(order(pieces, second, depth + 1));
            }
        }
    }
    out
}

/// What crosses a cut may have columns of its own, cut elsewhere.
fn order_below(pieces: &[Piece], these: Vec<usize>, depth: u8) -> Vec<usize> {
    order(pieces, these, depth + 1)
}

enum Zone {
    /// Across the cut, or beside nothing.
    Whole(Vec<usize>),
    /// Left and right of it.
    Columns(Vec<usize>, Vec<usize>),
}

struct Cut {
    zones: Vec<Zone>,
    /// Pieces that stand in columns.
    score: usize,
}

fn best_cut(pieces: &[Piece], these: &[usize]) -> Option<Cut> {
    let mut edges: Vec<f32> = these
        .iter()
        .filter_map(|at| pieces.get(*at))
        .map(|piece| piece.left)
        .collect();
    edges.sort_by(f32::total_cmp);
    let mut clusters: Vec<(f32, usize)> = Vec::new();
    for edge in edges {
        match clusters.last_mut() {
            Some((first, count)) if edge - *first <= EDGE => *count += 1,
            _ => clusters.push((edge, 1)),
        }
    }
    // The leftmost edge has nothing to its left.
    let leftmost = clusters.first().map_or(0.0, |(edge, _)| *edge);
    clusters.retain(|(edge, count)| *count >= 2 && *edge > leftmost);
    clusters.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.total_cmp(&b.0)));
    clusters.truncate(MOST_EDGES);
    let mut best: Option<Cut> = None;
    for (edge, _) in clusters {
        let cut = cut_at(pieces, these, edge);
        if cut.score > best.as_ref().map_or(0, |best| best.score) {
            best = Some(cut);
        }
    }
    best
}

fn cut_at(pieces: &[Piece], these: &[usize], x: f32) -> Cut {
    let mut downwards: Vec<usize> = these.to_vec();
    downwards.sort_by(|a, b| match (pieces.get(*a), pieces.get(*b)) {
        (Some(a), Some(b)) => a.baseline.total_cmp(&b.baseline),
        _ => std::cmp::Ordering::Equal,
    });
    let mut cut = Cut {
        zones: Vec::new(),
        score: 0,
    };
    let mut left = Vec::new();
    let mut right = Vec::new();
    for at in downwards {
        let Some(piece) = pieces.get(at) else {
            continue;
        };
        if piece.left >= x - 0.5 {
            right.push(at);
        } else if piece.right <= x - GUTTER * piece.size.min(12.0) {
            left.push(at);
        } else {
            close(pieces, x, &mut left, &mut right, &mut cut);
            match cut.zones.last_mut() {
                Some(Zone::Whole(these)) => these.push(at),
                _ => cut.zones.push(Zone::Whole(vec![at])),
            }
        }
    }
    close(pieces, x, &mut left, &mut right, &mut cut);
    cut
}

/// Ends a zone: columns where it is, more of the whole where it is not.
fn close(pieces: &[Piece], x: f32, left: &mut Vec<usize>, right: &mut Vec<usize>, cut: &mut Cut) {
    if left.is_empty() && right.is_empty() {
        return;
    }
    let (left, right) = (std::mem::take(left), std::mem::take(right));
    let (on_left, on_right): (Vec<&Piece>, Vec<&Piece>) = (
        left.iter().filter_map(|at| pieces.get(*at)).collect(),
        right.iter().filter_map(|at| pieces.get(*at)).collect(),
    );
    if are_columns(&on_left, &on_right, x) {
        cut.score += left.len() + right.len();
        cut.zones.push(Zone::Columns(left, right));
        return;
    }
    let mut all = left;
    all.extend(right);
    match cut.zones.last_mut() {
        Some(Zone::Whole(these)) => these.extend(all),
        _ => cut.zones.push(Zone::Whole(all)),
    }
}

fn are_columns(left: &[&Piece], right: &[&Piece], x: f32) -> bool {
    let fewer = left.len().min(right.len());
    if fewer < 2 || left.len() + right.len() < 6 {
        return false;
    }
    // Side by side, not one below the other.
    let span = |these: &[&Piece]| {
        let top = these.iter().fold(f32::MAX, |edge, p| edge.min(p.top()));
        let bottom = these.iter().fold(f32::MIN, |edge, p| edge.max(p.bottom()));
        (top, bottom)
    };
    let ((top_l, bottom_l), (top_r, bottom_r)) = (span(left), span(right));
    let beside = bottom_l.min(bottom_r) - top_l.max(top_r);
    if beside < 0.3 * (bottom_l - top_l).min(bottom_r - top_r) {
        return false;
    }
    // How often the printer went from one side to the other.
    let mut printed: Vec<(u32, bool)> = left
        .iter()
        .map(|piece| (piece.printed, false))
        .chain(right.iter().map(|piece| (piece.printed, true)))
        .collect();
    printed.sort_unstable();
    let switches = printed
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.1 != b.1))
        .count();
    let in_turn = switches as f32 / (2 * fewer) as f32;
    let aligned = left
        .iter()
        .filter(|piece| right.iter().any(|other| other.row == piece.row))
        .count() as f32
        / left.len() as f32;
    let figures = |these: &[&Piece]| {
        let figures = these.iter().filter(|piece| is_figure(&piece.text)).count();
        figures * 2 > these.len()
    };
    if in_turn < 0.3 {
        // Column by column; but so are some tables.
        return !(aligned > 0.7 && (figures(left) || figures(right)));
    }
    // Row by row: cells, unless both sides are filled with running text.
    fewer >= 4 && is_prose(left, None) && is_prose(right, Some(x))
}

/// Mostly digits.
fn is_figure(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(|char| char.is_alphabetic()).count();
    digits > letters
}

/// Whether most lines fill the column and are long enough for sentences.
fn is_prose(these: &[&Piece], edge: Option<f32>) -> bool {
    let left = edge.unwrap_or_else(|| these.iter().fold(f32::MAX, |edge, p| edge.min(p.left)));
    let right = these.iter().fold(f32::MIN, |edge, p| edge.max(p.right));
    let width = right - left;
    let full = these
        .iter()
        .filter(|piece| piece.width() > 0.7 * width)
        .count();
    let mut lengths: Vec<usize> = these
        .iter()
        .map(|piece| piece.text.chars().count())
        .collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
    full * 10 >= these.len() * 6 && median >= 20
}
