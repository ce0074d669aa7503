//! Rows from above to below, and the cells of ruled tables whole.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::glyphs::Rule;
use super::order::Page;
use super::pieces::Piece;

/// How much of the width of what it divides a line between rows covers.
const COVERS: f32 = 0.6;
/// Pieces in a band of a table; more are no cells.
const MOST_IN_BAND: usize = 200;

/// In rows, downwards; what stands between two lines of a table is read cell by cell.
pub(super) fn in_rows(page: &Page<'_>, mut these: Vec<usize>) -> Vec<usize> {
    by_rows(page, &mut these);
    if !page.rules.iter().any(|rule| !rule.level) {
        return these;
    }
    let mut out = Vec::with_capacity(these.len());
    let mut band: Vec<usize> = Vec::new();
    for at in these {
        if let (Some(last), Some(piece)) = (
            band.last().and_then(|at| page.pieces.get(*at)),
            page.pieces.get(at),
        ) && last.row != piece.row
            && is_divided(page, &band, piece)
        {
            cell_by_cell(page, std::mem::take(&mut band), &mut out);
        }
        if band.len() == MOST_IN_BAND {
            out.append(&mut band);
        }
        band.push(at);
    }
    cell_by_cell(page, band, &mut out);
    out
}

fn by_rows(page: &Page<'_>, these: &mut [usize]) {
    these.sort_by(|a, b| match (page.pieces.get(*a), page.pieces.get(*b)) {
        (Some(a), Some(b)) => a.row.cmp(&b.row).then(a.left.total_cmp(&b.left)),
        _ => Ordering::Equal,
    });
    // The other way where most of a row is written so.
    let row = |at: &usize| page.pieces.get(*at).map(|piece| piece.row);
    for row in these.chunk_by_mut(|a, b| row(a) == row(b)) {
        if page.these(row).filter(|piece| piece.is_rtl()).count() * 2 > row.len() {
            row.reverse();
        }
    }
}

/// Whether a line runs between the band and the piece below it.
fn is_divided(page: &Page<'_>, band: &[usize], below: &Piece) -> bool {
    let above = page
        .these(band)
        .fold(f32::MIN, |edge, p| edge.max(p.baseline));
    let left = page
        .these(band)
        .fold(below.left, |edge, p| edge.min(p.left));
    let right = page
        .these(band)
        .fold(below.right, |edge, p| edge.max(p.right));
    let mut covered = 0.0;
    for rule in page.rules {
        if rule.level && rule.at > above - 1.0 && rule.at < below.baseline - 0.2 * below.size {
            covered += (rule.to.min(right) - rule.from.max(left)).max(0.0);
        }
    }
    covered >= COVERS * (right - left)
}

/// Rows without lines between them: a band of so many is a table of its own …
const MANY_ROWS: usize = 8;
/// … where each fills so much of its columns.
const FILLED: f32 = 0.5;

/// Upright lines that run beside the band divide it into cells.
fn cell_by_cell(page: &Page<'_>, mut band: Vec<usize>, out: &mut Vec<usize>) {
    let rows = band
        .windows(2)
        .filter(|pair| match pair {
            [a, b] => page.pieces.get(*a).map(|p| p.row) != page.pieces.get(*b).map(|p| p.row),
            _ => false,
        })
        .count();
    if rows == 0 {
        out.extend(band);
        return;
    }
    let top = page
        .these(&band)
        .fold(f32::MAX, |edge, p| edge.min(p.top()));
    let bottom = page
        .these(&band)
        .fold(f32::MIN, |edge, p| edge.max(p.bottom()));
    let beside = |rule: &&Rule| {
        let common = rule.to.min(bottom) - rule.from.max(top);
        !rule.level && common >= 0.8 * (bottom - top)
    };
    let crossed = |x: f32| {
        page.these(&band)
            .any(|p| p.left < x - 2.0 && p.right > x + 2.0)
    };
    let mut fences: Vec<f32> = page
        .rules
        .iter()
        .filter(beside)
        .map(|rule| rule.at)
        .filter(|x| !crossed(*x))
        .collect();
    fences.sort_by(f32::total_cmp);
    let from_right = page.these(&band).filter(|p| p.is_rtl()).count() * 2 > band.len();
    let cell = |at: &usize| {
        let middle = page
            .pieces
            .get(*at)
            .map_or(0.0, |p| f32::midpoint(p.left, p.right));
        let cell = fences.partition_point(|fence| *fence < middle);
        if from_right {
            fences.len() - cell
        } else {
            cell
        }
    };
    let columns: BTreeSet<usize> = band.iter().map(&cell).collect();
    let filled: BTreeSet<(u32, usize)> = band
        .iter()
        .filter_map(|at| Some((page.pieces.get(*at)?.row, cell(at))))
        .collect();
    let all = (rows + 1) * columns.len();
    let figures = page.these(&band).filter(|p| p.is_figure()).count();
    if figures * 2 > band.len() {
        // Numbers are no running text that would be broken over lines.
    } else if rows < MANY_ROWS || (filled.len() as f32) < FILLED * all as f32 {
        // Stable: within a cell the rows stay.
        band.sort_by_key(cell);
    }
    out.extend(band);
}
