//! The order in which the pieces of a page are read: columns one after the other, tables row by
//! row, cells whole.
//!
//! A recursive cut at white columns. Whether two stretches side by side are columns or cells is
//! told by the order in which they were printed and by how they fill their width; lines across
//! the white column end it.

use super::cells;
use super::glyphs::Rule;
use super::pieces::Piece;

/// A gap between columns is at least so wide (of the letters' size).
const GUTTER: f32 = 0.5;
/// What stands nearer to a piece across the cut belongs to it, as a number to its heading (of
/// the size).
const BESIDE: f32 = 3.0;
/// Left edges that differ by less are one (points).
const EDGE: f32 = 3.0;
/// Columns within columns within columns.
const DEPTH: u8 = 8;
/// Pages with more pieces are read row by row.
const MOST_PIECES: usize = 6_000;
/// An upright line that may part columns is at least so long (points).
const TALL: f32 = 60.0;
/// Strips of a page in which white is looked for: their width (points), and how many.
const STRIP: f32 = 2.0;
const MOST_STRIPS: usize = 4_000;
/// Places at which a cut is tried.
const MOST_EDGES: usize = 64;

/// Indices into `pieces` (all of one direction) in reading order.
pub(super) fn of(pieces: &[Piece], rules: &[Rule]) -> Vec<usize> {
    let all: Vec<usize> = (0..pieces.len()).collect();
    let page = Page { pieces, rules };
    if pieces.len() > MOST_PIECES {
        return cells::in_rows(&page, all);
    }
    page.order(all, 0)
}

/// What there is to be put into order.
pub(super) struct Page<'p> {
    pub(super) pieces: &'p [Piece],
    pub(super) rules: &'p [Rule],
}

enum Zone {
    /// Across the cut, or beside nothing.
    Whole(Vec<usize>),
    /// Left and right of it.
    Columns(Vec<usize>, Vec<usize>),
}

#[derive(Default)]
struct Cut {
    zones: Vec<Zone>,
    /// Pieces that stand in columns.
    score: usize,
}

impl Cut {
    fn whole(&mut self, more: Vec<usize>) {
        match self.zones.last_mut() {
            Some(Zone::Whole(these)) => these.extend(more),
            _ => self.zones.push(Zone::Whole(more)),
        }
    }
}

impl Page<'_> {
    pub(super) fn these<'s>(&'s self, at: &'s [usize]) -> impl Iterator<Item = &'s Piece> {
        at.iter().filter_map(|at| self.pieces.get(*at))
    }

    fn order(&self, these: Vec<usize>, depth: u8) -> Vec<usize> {
        if these.len() < 4 || depth == DEPTH {
            return cells::in_rows(self, these);
        }
        let Some(cut) = self.best_cut(&these) else {
            return cells::in_rows(self, these);
        };
        let mut out = Vec::with_capacity(these.len());
        for zone in cut.zones {
            match zone {
                // May have columns of its own, cut elsewhere.
                Zone::Whole(these) => out.extend(self.order(these, depth + 1)),
                Zone::Columns(left, right) => {
                    let from_right = self
                        .these(&left)
                        .chain(self.these(&right))
                        .filter(|piece| piece.is_rtl())
                        .count();
                    let (first, second) = if from_right * 2 > left.len() + right.len() {
                        (right, left)
                    } else {
                        (left, right)
                    };
                    out.extend(self.order(first, depth + 1));
                    out.extend(self.order(second, depth + 1));
                }
            }
        }
        out
    }

    fn best_cut(&self, these: &[usize]) -> Option<Cut> {
        let mut edges: Vec<f32> = self.these(these).map(|piece| piece.left).collect();
        edges.sort_by(f32::total_cmp);
        let mut clusters: Vec<(f32, usize)> = Vec::new();
        for edge in edges {
            match clusters.last_mut() {
                Some((first, count)) if edge - *first <= EDGE => *count += 1,
                _ => clusters.push((edge, 1)),
            }
        }
        self.more_edges(these, &mut clusters);
        // The leftmost edge has nothing to its left.
        let leftmost = clusters.first().map_or(0.0, |(edge, _)| *edge);
        clusters.retain(|(edge, count)| *count >= 2 && *edge > leftmost);
        clusters.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.total_cmp(&b.0)));
        clusters.truncate(MOST_EDGES);
        let mut downwards: Vec<usize> = these.to_vec();
        downwards.sort_by(|a, b| match (self.pieces.get(*a), self.pieces.get(*b)) {
            (Some(a), Some(b)) => a.baseline.total_cmp(&b.baseline),
            _ => std::cmp::Ordering::Equal,
        });
        let mut best: Option<Cut> = None;
        for (edge, _) in clusters {
            let cut = self.cut_at(&downwards, edge);
            if cut.score > best.as_ref().map_or(0, |best| best.score) {
                best = Some(cut);
            }
        }
        best
    }

    /// Where columns begin whose lines do not, as those of a box are centred: at upright lines, and
    /// where white strips end.
    fn more_edges(&self, these: &[usize], clusters: &mut Vec<(f32, usize)>) {
        let upright = self.rules.iter().filter(|rule| !rule.level);
        for rule in upright
            .filter(|rule| rule.to - rule.from > TALL)
            .take(MOST_EDGES)
        {
            clusters.push((rule.at, 2));
        }
        // How many pieces stand over each strip of the page.
        let right = self
            .these(these)
            .fold(0.0_f32, |edge, piece| edge.max(piece.right));
        let strips = ((right / STRIP) as usize + 1).min(MOST_STRIPS);
        let mut over = vec![0_usize; strips];
        for piece in self.these(these) {
            let from = (piece.left.max(0.0) / STRIP) as usize;
            let to = ((piece.right.max(0.0) / STRIP) as usize).min(strips);
            for strip in over.get_mut(from..to).unwrap_or_default() {
                *strip += 1;
            }
        }
        let most = over.iter().copied().max().unwrap_or(0);
        let pairs = over.windows(2).enumerate();
        for (at, pair) in pairs {
            if let [white, full] = pair
                && *white * 4 < most
                && *full > *white
            {
                clusters.push(((at + 1) as f32 * STRIP, 2));
            }
        }
        clusters.sort_by(|a, b| a.0.total_cmp(&b.0));
    }

    fn cut_at(&self, downwards: &[usize], x: f32) -> Cut {
        let across =
            |piece: &Piece| piece.left < x - 0.5 && piece.right > x - GUTTER * piece.size.min(12.0);
        let spanning: Vec<&Piece> = self
            .these(downwards)
            .filter(|piece| across(piece))
            .collect();
        let belongs = |piece: &Piece| {
            spanning.iter().any(|other| {
                let gap = (piece.left - other.right).max(other.left - piece.right);
                other.row == piece.row && gap < BESIDE * piece.size
            })
        };
        let mut fences: Vec<f32> = self
            .rules
            .iter()
            .filter(|rule| rule.level && rule.from < x - 20.0 && rule.to > x + 20.0)
            .map(|rule| rule.at)
            .collect();
        fences.sort_by(f32::total_cmp);
        let mut fences = fences.into_iter().peekable();
        let mut cut = Cut::default();
        let mut left = Vec::new();
        let mut right = Vec::new();
        for at in downwards {
            let Some(piece) = self.pieces.get(*at) else {
                continue;
            };
            let mut passed = false;
            while fences
                .next_if(|fence| *fence < piece.baseline - 0.3 * piece.size)
                .is_some()
            {
                passed = true;
            }
            let spans = across(piece) || belongs(piece);
            if passed || spans {
                self.close(x, &mut left, &mut right, &mut cut);
            }
            if spans {
                cut.whole(vec![*at]);
            } else if piece.left >= x - 0.5 {
                right.push(*at);
            } else {
                left.push(*at);
            }
        }
        self.close(x, &mut left, &mut right, &mut cut);
        cut
    }

    /// Ends a zone: columns where it is, more of the whole where it is not.
    fn close(&self, x: f32, left: &mut Vec<usize>, right: &mut Vec<usize>, cut: &mut Cut) {
        if left.is_empty() && right.is_empty() {
            return;
        }
        let (mut left, right) = (std::mem::take(left), std::mem::take(right));
        let on_left: Vec<&Piece> = self.these(&left).collect();
        let on_right: Vec<&Piece> = self.these(&right).collect();
        if are_columns(&on_left, &on_right, x) {
            cut.score += left.len() + right.len();
            cut.zones.push(Zone::Columns(left, right));
        } else {
            left.extend(right);
            cut.whole(left);
        }
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
    let aligned = |these: &[&Piece], others: &[&Piece]| {
        let beside = these
            .iter()
            .filter(|piece| others.iter().any(|other| other.row == piece.row));
        beside.count() as f32 / these.len() as f32
    };
    let aligned = aligned(left, right).max(aligned(right, left));
    let figures = |these: &[&Piece]| {
        let figures = these.iter().filter(|piece| piece.is_figure()).count();
        figures * 2 > these.len()
    };
    if in_turn < 0.3 {
        // Column by column; but so are some tables.
        return !(aligned > 0.7 && (figures(left) || figures(right)));
    }
    // Row by row: cells, unless both sides are filled with running text.
    let (left, right) = (unnumbered(left), unnumbered(right));
    left.len().min(right.len()) >= 4 && is_prose(&left, None) && is_prose(&right, Some(x))
}

/// Without the numbers of lines in the margin.
fn unnumbered<'p>(these: &[&'p Piece]) -> Vec<&'p Piece> {
    let is_number = |piece: &&Piece| piece.is_figure() && piece.text.chars().count() <= 4;
    let pieces = these.iter().copied();
    pieces.filter(|piece| !is_number(piece)).collect()
}

/// Whether most lines fill the column and are long enough for sentences.
fn is_prose(these: &[&Piece], edge: Option<f32>) -> bool {
    let left = edge.unwrap_or_else(|| these.iter().fold(f32::MAX, |edge, p| edge.min(p.left)));
    let right = these.iter().fold(f32::MIN, |edge, p| edge.max(p.right));
    let width = right - left;
    let full = these
        .iter()
        .filter(|piece| piece.right - piece.left > 0.7 * width)
        .count();
    let mut lengths: Vec<usize> = these
        .iter()
        .map(|piece| piece.text.chars().count())
        .collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
    full * 10 >= these.len() * 6 && median >= 20
}
