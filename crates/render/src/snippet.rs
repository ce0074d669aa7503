//! Text with marks as pieces, some marked.

use std::ops::Range;

use model::hit::{Fragment, Snippet};

/// A stretch of text, marked or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Not escaped.
    pub(crate) text: String,
    /// Whether it is to stand out.
    pub(crate) marked: bool,
}

/// The text as pieces. Marks that overlap, lie outside or split a character are set right, as one
/// wrong mark must not cost the page.
pub(crate) fn pieces(text: &str, marks: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut push = |range: Range<usize>, marked: bool| {
        if let Some(text) = text.get(range).filter(|text| !text.is_empty()) {
            pieces.push(Piece {
                text: text.to_owned(),
                marked,
            });
        }
    };
    for mark in marks {
        let start = text.ceil_char_boundary(mark.start.min(text.len())).max(at);
        let end = text.floor_char_boundary(mark.end.min(text.len()));
        if start >= end {
            continue;
        }
        push(at..start, false);
        push(start..end, true);
        at = end;
    }
    push(at..text.len(), false);
    pieces
}

/// The paragraphs of a text, which a line feed ends, each as pieces; empty ones are left out.
pub(crate) fn paragraphs(text: &str, marks: &[Range<usize>]) -> Vec<Vec<Piece>> {
    let mut paragraphs = vec![Vec::new()];
    for piece in pieces(text, marks) {
        for (at, line) in piece.text.split('\n').enumerate() {
            if at > 0 {
                paragraphs.push(Vec::new());
            }
            if let (false, Some(last)) = (line.is_empty(), paragraphs.last_mut()) {
                last.push(Piece {
                    text: line.to_owned(),
                    marked: piece.marked,
                });
            }
        }
    }
    paragraphs.retain(|pieces| pieces.iter().any(|piece| !piece.text.trim().is_empty()));
    paragraphs
}

/// A snippet as pieces: fragments joined with ` ... `, one ` ...` where the last was cut.
pub(crate) fn joined(snippet: &Snippet) -> Vec<Piece> {
    of_fragments(&snippet.fragments)
}

/// Fragments as pieces, joined as those of a snippet.
pub(crate) fn of_fragments(fragments: &[Fragment]) -> Vec<Piece> {
    let plain = |text: &str| Piece {
        text: text.to_owned(),
        marked: false,
    };
    let mut all = Vec::new();
    for (at, fragment) in fragments.iter().enumerate() {
        if at > 0 {
            all.push(plain(" ... "));
        }
        all.extend(pieces(&fragment.text, &fragment.marks));
    }
    if fragments.last().is_some_and(|last| last.cut_after) {
        all.push(plain(" ..."));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, marks: impl IntoIterator<Item = (usize, usize)>, expected: &str) {
        let marks: Vec<Range<usize>> = marks.into_iter().map(|(a, b)| a..b).collect();
        let shown: String = pieces(text, &marks)
            .iter()
            .map(|piece| {
                if piece.marked {
                    format!("[{}]", piece.text)
                } else {
                    piece.text.clone()
                }
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn marks_are_set_right() {
        check("abc", [], "abc");
        check("abc", [(0, 1), (2, 3)], "[a]b[c]");
        check("abc", [(0, 2), (1, 3)], "[ab][c]");
        check("abc", [(2, 9)], "ab[c]");
        check("abc", [(2, 1), (7, 9)], "abc");
        // Half a character is no mark.
        check("aéb", [(0, 2), (2, 4)], "[a]é[b]");
        check("", [(0, 1)], "");
    }

    #[test]
    fn paragraphs_keep_their_marks() {
        let found = paragraphs("ab\ncd\n\n ", std::slice::from_ref(&(1..4)));
        let shown: Vec<Vec<(&str, bool)>> = found
            .iter()
            .map(|pieces| pieces.iter().map(|p| (p.text.as_str(), p.marked)).collect())
            .collect();
        assert_eq!(
            shown,
            [
                vec![("a", false), ("b", true)],
                vec![("c", true), ("d", false)]
            ]
        );
    }

    proptest! {
        #[test]
        fn no_text_is_lost(
            text in "\\PC{0,30}",
            marks in proptest::collection::vec((0_usize..60, 0_usize..60), 0..6),
        ) {
            let marks: Vec<Range<usize>> = marks.into_iter().map(|(a, b)| a..b).collect();
            let whole: String = pieces(&text, &marks).into_iter().map(|p| p.text).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
