//! What layout hands to whoever reads a page: its lines in reading order.

use std::num::NonZeroU32;

/// A line of text as it was printed. Coordinates are points from the upper left corner of the
/// page as a reader sees it (rotated upright), y growing downwards.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// In logical order, ligatures resolved, words separated by one space, never empty.
    pub(crate) text: String,
    /// Left edge of the first letter.
    pub(crate) left: f32,
    /// Right edge of the last letter.
    pub(crate) right: f32,
    /// Where the letters stand.
    pub(crate) baseline: f32,
    /// Size of the letters that make up most of the line, points.
    pub(crate) size: f32,
    /// Whether most of its letters are bold.
    pub(crate) bold: bool,
    /// Whether it is a running head, a foot or a page number, which is no part of the text.
    pub(crate) furniture: bool,
    /// Whether a new paragraph (a cell of a table's row, a list's entry) begins here.
    pub(crate) starts: bool,
}

/// One page.
#[derive(Clone, Debug)]
pub(crate) struct PageLines {
    /// From 1.
    pub(crate) number: NonZeroU32,
    /// Points.
    pub(crate) width: f32,
    /// Points.
    pub(crate) height: f32,
    /// In reading order, furniture at its place.
    pub(crate) lines: Vec<Line>,
}
