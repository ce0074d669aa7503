//! Letters into pieces of lines: stretches that stand on one baseline without a wide gap.

use unicode_normalization::char::is_combining_mark;

use super::bidi;
use super::glyphs::{Letter, Turn};

/// A letter follows another where it stands no further from its end than this (of the size).
const JOINED: f32 = 1.0;
/// Two stretches that were not printed one after the other are two pieces from this gap on.
const APART: f32 = 0.55;
/// A gap between letters from which on two words stand there.
const WORD_GAP: f32 = 0.12;
/// The same between letters that are joined by hand, where the pen is lifted within words too.
const ARABIC_WORD_GAP: f32 = 0.2;
/// The same between letters of scripts that are written without spaces.
const WIDE_WORD_GAP: f32 = 0.45;
/// Letters by which two stretches are compared.
const LOOKED_AT: usize = 40;
/// How far baselines of one row may differ (of the size).
const LEVEL: f32 = 0.3;
/// And those of letters that follow each other: the E of TeX is lowered.
const LOWERED: f32 = 0.4;

/// A piece of a line. Points, in the frame of its direction.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// In reading order, words apart by one space; never empty.
    pub(super) text: String,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) baseline: f32,
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) turn: Turn,
    /// When it was printed: its place among the pieces.
    pub(super) printed: u32,
    /// Number of the row in which it stands; rows are counted downwards.
    pub(super) row: u32,
}

impl Piece {
    pub(super) fn top(&self) -> f32 {
        self.baseline - 0.8 * self.size
    }

    pub(super) fn bottom(&self) -> f32 {
        self.baseline + 0.2 * self.size
    }

    /// Whether it is mostly digits.
    pub(super) fn is_figure(&self) -> bool {
        let digits = self.text.chars().filter(char::is_ascii_digit).count();
        let letters = self
            .text
            .chars()
            .filter(|char| char.is_alphabetic())
            .count();
        digits > letters
    }

    /// Whether it has letters that are written from right to left.
    pub(super) fn is_rtl(&self) -> bool {
        self.text.chars().any(bidi::is_rtl)
    }
}

/// A stretch of letters printed one after the other.
struct Stretch {
    letters: Vec<Letter>,
    left: f32,
    right: f32,
    baseline: f32,
    size: f32,
    printed: u32,
    /// The last letter that is no space.
    shown: Option<Letter>,
}

impl Stretch {
    fn begin(letter: Letter, printed: u32) -> Self {
        Self {
            shown: Some(letter).filter(|letter| letter.char != ' '),
            left: letter.left,
            right: letter.right,
            baseline: letter.baseline,
            size: letter.size,
            letters: vec![letter],
            printed,
        }
    }

    /// Whether the letter goes on where this ends, be it raised or lowered.
    fn takes(&self, letter: &Letter) -> bool {
        let turn = self.letters.last().map(|last| last.turn);
        if turn != Some(letter.turn) {
            return false;
        }
        let off = (letter.baseline - self.baseline).abs();
        let level = off <= LOWERED * self.size.min(letter.size)
            || (letter.size < 0.85 * self.size && off <= 0.6 * self.size);
        let same = letter.size <= 1.6 * self.size || letter.char == ' ';
        let mark = is_combining_mark(letter.char);
        // From right to left the next letter ends where the last began.
        let last = self.shown;
        let backwards = bidi::is_rtl(letter.char)
            && last.is_some_and(|last| bidi::is_rtl(last.char) || letter.right <= last.left);
        let gap = if backwards {
            let forwards = letter.left - self.right;
            let back = self.left - letter.right;
            if back.abs() < forwards.abs() {
                back
            } else {
                forwards
            }
        } else {
            letter.left - self.right
        };
        let near = gap <= JOINED * self.size && gap >= -0.6 * self.size;
        (level && same && near) || (mark && off <= self.size && gap.abs() <= 1.5 * self.size)
    }

    fn push(&mut self, mut letter: Letter) {
        if is_combining_mark(letter.char)
            && let Some(base) = self.letters.last()
        {
            // A mark is read behind its letter, wherever it was drawn.
            (letter.left, letter.right) = (base.left, base.left);
            letter.baseline = base.baseline;
        }
        self.left = self.left.min(letter.left);
        self.right = self.right.max(letter.right);
        if letter.size > 1.05 * self.size && letter.char != ' ' {
            // It began with something raised.
            self.size = letter.size;
            self.baseline = letter.baseline;
        }
        if letter.char != ' ' {
            self.shown = Some(letter);
        }
        self.letters.push(letter);
    }

    /// Whether most letters of the other lie on letters of this.
    fn lies_under(&self, other: &Self) -> bool {
        let on = other.letters.iter().take(LOOKED_AT).filter(|letter| {
            let middle = f32::midpoint(letter.left, letter.right);
            let mut under = self.letters.iter().filter(|letter| letter.char != ' ');
            under.any(|letter| letter.left < middle && middle < letter.right)
        });
        on.count() * 2 > other.letters.len().min(LOOKED_AT)
    }

    /// Whether the first letter of the other lies on its like.
    fn shares_letters(&self, other: &Self) -> bool {
        other.letters.first().is_some_and(|first| {
            self.letters.iter().any(|letter| {
                letter.char == first.char && (letter.left - first.left).abs() < 0.3 * letter.size
            })
        })
    }

    fn same_text(&self, other: &Self) -> bool {
        self.letters.len() == other.letters.len()
            && self
                .letters
                .iter()
                .zip(&other.letters)
                .all(|(a, b)| a.char == b.char)
    }
}

/// The pieces of a page, direction by direction, rows downwards, pieces from left to right.
pub(super) fn of(letters: &[Letter]) -> Vec<Piece> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for letter in letters {
        match stretches.last_mut() {
            Some(last) if last.takes(letter) => last.push(*letter),
            _ => {
                let printed = u32::try_from(stretches.len()).unwrap_or(u32::MAX);
                stretches.push(Stretch::begin(*letter, printed));
            }
        }
    }
    stretches.retain(|stretch| stretch.letters.iter().any(|letter| letter.char != ' '));
    let mut pieces = Vec::new();
    for turn in [Turn::Level, Turn::Down, Turn::Up, Turn::Over, Turn::Askew] {
        let (these, rest) = stretches
            .into_iter()
            .partition(|stretch| stretch.letters.first().is_some_and(|l| l.turn == turn));
        stretches = rest;
        let start = pieces.last().map_or(0, |last: &Piece| last.row + 1);
        for (row, stretches) in rows(these).into_iter().enumerate() {
            let row = start + u32::try_from(row).unwrap_or(u32::MAX - start);
            pieces_of(stretches, row, &mut pieces);
        }
    }
    pieces
}

/// Stretches on one baseline together, downwards.
fn rows(mut stretches: Vec<Stretch>) -> Vec<Vec<Stretch>> {
    stretches.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut rows: Vec<(f32, f32, Vec<Stretch>)> = Vec::new();
    for stretch in stretches {
        match rows.last_mut() {
            Some((baseline, size, row))
                if stretch.baseline - *baseline <= LEVEL * size.min(stretch.size) =>
            {
                row.push(stretch);
            }
            _ => rows.push((stretch.baseline, stretch.size, vec![stretch])),
        }
    }
    // A row of small letters half a line above or below another, beside its words: indices.
    let mut joined: Vec<(f32, f32, Vec<Stretch>)> = Vec::new();
    let mut waiting = rows.into_iter().peekable();
    while let Some((baseline, size, mut row)) = waiting.next() {
        if let Some((next, next_size, into)) = waiting.peek_mut()
            && row
                .iter()
                .all(|s| s.size < 0.85 * *next_size && s.letters.len() < 12)
            && *next - baseline <= 0.55 * *next_size
            && row.iter().all(|small| touches(small, into))
        {
            into.append(&mut row);
            continue;
        }
        if let Some((above, above_size, into)) = joined.last_mut()
            && row
                .iter()
                .all(|s| s.size < 0.85 * *above_size && s.letters.len() < 12)
            && baseline - *above <= 0.4 * *above_size
            && row.iter().all(|small| touches(small, into))
        {
            into.append(&mut row);
            continue;
        }
        joined.push((baseline, size, row));
    }
    joined.into_iter().map(|(_, _, row)| row).collect()
}

fn touches(small: &Stretch, row: &[Stretch]) -> bool {
    row.iter().any(|other| {
        let reach = 0.4 * other.size;
        small.left <= other.right + reach && small.right >= other.left - reach
    })
}

fn pieces_of(mut row: Vec<Stretch>, number: u32, pieces: &mut Vec<Piece>) {
    row.sort_by(|a, b| a.left.total_cmp(&b.left).then(a.printed.cmp(&b.printed)));
    let mut gathered: Vec<Stretch> = Vec::new();
    let mut edge = f32::MIN;
    for stretch in row {
        if let Some(last) = gathered.last() {
            let overlap = last.right.min(stretch.right) - last.left.max(stretch.left);
            let narrow = (last.right - last.left).min(stretch.right - stretch.left);
            // Printed twice, for weight or a shadow.
            if overlap > 0.7 * narrow && last.same_text(&stretch) {
                continue;
            }
            let gap = stretch.left - edge;
            let size = last.size.max(stretch.size);
            let next = stretch.printed.abs_diff(last.printed) == 1;
            let limit = if next { JOINED } else { APART };
            // Over each other, they are of two lines, unless letters were printed twice.
            let over =
                overlap > 0.5 * size && last.lies_under(&stretch) && !last.shares_letters(&stretch);
            if gap > limit * size || over {
                finish(std::mem::take(&mut gathered), number, pieces);
                edge = f32::MIN;
            }
        }
        edge = edge.max(stretch.right);
        gathered.push(stretch);
    }
    finish(gathered, number, pieces);
}

fn finish(stretches: Vec<Stretch>, row: u32, pieces: &mut Vec<Piece>) {
    let Some(first) = stretches.first() else {
        return;
    };
    let printed = stretches.iter().map(|s| s.printed).min().unwrap_or(0);
    let turn = first
        .letters
        .first()
        .map_or(Turn::Level, |letter| letter.turn);
    let main = stretches
        .iter()
        .max_by(|a, b| a.letters.len().cmp(&b.letters.len()));
    let (baseline, size) = main.map_or((first.baseline, first.size), |s| (s.baseline, s.size));
    let mut letters: Vec<Letter> = stretches.into_iter().flat_map(|s| s.letters).collect();
    let sorted = letters
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if a.left <= b.left));
    if !sorted {
        // A mark has its letter's place and stays behind it: the order is stable.
        letters.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    twice_printed(&mut letters);
    with_accents(&mut letters);
    let text = text_of(&letters, size);
    if text.is_empty() {
        return;
    }
    let bold = letters.iter().filter(|letter| letter.bold).count() * 2 > letters.len();
    pieces.push(Piece {
        text,
        left: letters.iter().fold(f32::MAX, |edge, l| edge.min(l.left)),
        right: letters.iter().fold(f32::MIN, |edge, l| edge.max(l.right)),
        baseline,
        size,
        bold,
        turn,
        printed,
        row,
    });
}

/// Takes out letters that lie on their like.
fn twice_printed(letters: &mut Vec<Letter>) {
    letters.dedup_by(|b, a| {
        a.char == b.char
            && a.char != ' '
            && (a.left - b.left).abs() < 0.15 * (a.right - a.left)
            && (a.baseline - b.baseline).abs() < 0.1 * a.size
            && a.right > a.left
    });
}

/// Accents that were printed over their letter become marks behind it.
fn with_accents(letters: &mut [Letter]) {
    for at in 0..letters.len() {
        let Some(letter) = letters.get(at).copied() else {
            return;
        };
        let Some(mark) = mark_of(letter.char) else {
            continue;
        };
        let middle = f32::midpoint(letter.left, letter.right);
        let over = |other: Option<&Letter>| {
            other.is_some_and(|base| {
                base.char.is_alphabetic() && base.left < middle && middle < base.right
            })
        };
        let place = if at > 0 && over(letters.get(at - 1)) {
            at
        } else if over(letters.get(at + 1)) {
            letters.swap(at, at + 1);
            at + 1
        } else {
            continue;
        };
        let base = letters.get(place - 1).copied();
        if let (Some(accent), Some(base)) = (letters.get_mut(place), base) {
            accent.char = mark;
            (accent.left, accent.right) = (base.left, base.right);
        }
        if let Some(base) = letters.get_mut(place - 1) {
            base.char = match base.char {
                'ı' => 'i',
                'ȷ' => 'j',
                char => char,
            };
        }
    }
}

/// The combining form of an accent that stands for itself.
fn mark_of(accent: char) -> Option<char> {
    Some(match accent {
        '`' | '\u{2cb}' => '\u{300}',
        '\u{b4}' | '\u{2ca}' => '\u{301}',
        '^' | '\u{2c6}' => '\u{302}',
        '~' | '\u{2dc}' => '\u{303}',
        '\u{af}' | '\u{2c9}' => '\u{304}',
        '\u{2d8}' => '\u{306}',
        '\u{2d9}' => '\u{307}',
        '\u{a8}' => '\u{308}',
        '\u{2da}' => '\u{30a}',
        '\u{2dd}' => '\u{30b}',
        '\u{2c7}' => '\u{30c}',
        '\u{b8}' => '\u{327}',
        '\u{2db}' => '\u{328}',
        _ => return None,
    })
}

/// Whether a script is written without spaces between words.
pub(super) fn is_unspaced(char: char) -> bool {
    matches!(char,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

fn text_of(letters: &[Letter], size: f32) -> String {
    // Letters that are all set apart are one word set apart, not many of one letter.
    let mut gaps: Vec<f32> = letters
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if a.char.is_alphabetic() && b.char.is_alphabetic() => {
                Some((b.left - a.right) / size)
            }
            _ => None,
        })
        .collect();
    let middle = gaps.len() / 2;
    let usual = if gaps.len() >= 4 {
        gaps.select_nth_unstable_by(middle, f32::total_cmp);
        gaps.get(middle).copied().unwrap_or(0.0)
    } else {
        0.0
    };
    let set_apart = if usual > 0.08 { usual } else { 0.0 };
    let mut visual: Vec<char> = Vec::with_capacity(letters.len() + letters.len() / 5);
    let mut edge = f32::MIN;
    let mut last = ' ';
    for (at, letter) in letters.iter().enumerate() {
        // A hyphen that may be, and is not: browsers print a space and write on over it.
        let over = |next: &Letter| next.left - letter.left < 0.1 * (letter.right - letter.left);
        if letter.char == ' ' && letters.get(at + 1).is_some_and(over) {
            continue;
        }
        let limit = if is_unspaced(last) && is_unspaced(letter.char) {
            WIDE_WORD_GAP
        } else if bidi::is_rtl(last) && bidi::is_rtl(letter.char) {
            ARABIC_WORD_GAP
        } else {
            WORD_GAP
        };
        let gap = letter.left - edge;
        // Words of two directions are two, even where their printer set them close.
        let turns = last.is_alphabetic()
            && letter.char.is_alphabetic()
            && bidi::is_rtl(last) != bidi::is_rtl(letter.char);
        if visual.last().is_some_and(|char| *char != ' ')
            && !is_combining_mark(letter.char)
            && (letter.char == ' ' || turns || gap > (limit + set_apart) * letter.size.min(size))
        {
            visual.push(' ');
        }
        if letter.char != ' ' {
            visual.push(letter.char);
            last = letter.char;
        }
        edge = edge.max(letter.right);
    }
    while visual.last() == Some(&' ') {
        visual.pop();
    }
    let text: String = bidi::logical(visual).into_iter().collect();
    crate::text::nfc(text)
}
