//! Where a run of lines or of rows may be parted, and whether its last one is whole.

use memchr::memmem;

use crate::json::{is_json, without_mark};

/// What a row of a Stack Exchange dump begins with.
const ROW: &[u8] = b"<row ";

/// How a row ends.
const ROW_END: &[u8] = b"/>";

/// Of what the blocks of a file consist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// Lines, each a JSON object.
    Lines,
    /// Elements `<row … />`, which no other element contains and no attribute (`<` is escaped).
    Rows,
}

impl Split {
    /// Media type of a block.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Lines => "application/x-ndjson",
            Self::Rows => "application/vnd.stackexchange+xml",
        }
    }

    /// Bytes by which a place to part may reach over the end of what was searched.
    pub(super) fn overlap(self) -> usize {
        match self {
            Self::Lines => 0,
            Self::Rows => ROW.len(),
        }
    }

    /// The last place, not the beginning, at which these bytes may be parted.
    pub(super) fn last(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Lines => memchr::memrchr(b'\n', bytes).map(|at| at + 1),
            Self::Rows => memmem::rfind(bytes, ROW).filter(|at| *at > 0),
        }
    }

    /// The first such place.
    pub(super) fn first(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Lines => memchr::memchr(b'\n', bytes).map(|at| at + 1),
            Self::Rows => memmem::find(bytes.get(1..)?, ROW).map(|at| at + 1),
        }
    }

    /// Of the last bytes of a file: how many of them are whole.
    pub(super) fn whole(self, bytes: &[u8]) -> usize {
        let begun = match self {
            Self::Lines => self.last(bytes).unwrap_or(0),
            Self::Rows => memmem::rfind(bytes, ROW).unwrap_or(0),
        };
        let last = bytes.get(begun..).unwrap_or_default().trim_ascii();
        let whole = match self {
            Self::Lines => last.is_empty() || is_json(last),
            Self::Rows => last.is_empty() || memmem::rfind(last, ROW_END).is_some(),
        };
        if whole { bytes.len() } else { begun }
    }

    /// The part of a block that holds something: without white space around it, and without what
    /// stands around the rows. Empty where there is nothing.
    pub(super) fn content(self, bytes: &[u8]) -> (usize, usize) {
        let (mut from, mut to) = (0, bytes.len());
        match self {
            Self::Lines => {
                from += bytes.len() - without_mark(bytes).len();
                if bytes
                    .get(from..)
                    .unwrap_or_default()
                    .iter()
                    .all(u8::is_ascii_whitespace)
                {
                    to = from;
                }
            }
            Self::Rows => {
                from = memmem::find(bytes, ROW).unwrap_or(to);
                if let Some(at) = memmem::rfind(bytes, ROW_END)
                    && at > from
                {
                    to = at + ROW_END.len();
                }
            }
        }
        (from, to.max(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_rows_are_parted() {
        let check = |split: Split, text: &str, expected: (Option<usize>, Option<usize>, usize)| {
            let bytes = text.as_bytes();
            let found = (split.first(bytes), split.last(bytes), split.whole(bytes));
            assert_eq!(found, expected, "{text}");
        };
        check(Split::Lines, "{}\n{}\n", (Some(3), Some(6), 6));
        check(Split::Lines, "{}\n{}", (Some(3), Some(3), 5));
        check(Split::Lines, "{}\n{\"a\": ", (Some(3), Some(3), 3));
        check(Split::Lines, "{\"a", (None, None, 0));
        let rows = "<posts>\n<row Id=\"1\" />\n<row Id=\"2\" />\n</posts>";
        check(Split::Rows, rows, (Some(8), Some(23), rows.len()));
        check(
            Split::Rows,
            "<row Id=\"1\"/><row I",
            (Some(13), Some(13), 13),
        );
        check(Split::Rows, "<row Id=\"1", (None, None, 0));
    }

    #[test]
    fn what_stands_around_is_no_content() {
        let check = |split: Split, text: &str, expected: &str| {
            let (from, to) = split.content(text.as_bytes());
            assert_eq!(text.get(from..to), Some(expected), "{text}");
        };
        check(Split::Lines, "\u{feff}{}\n\n", "{}\n\n");
        check(Split::Lines, "\n \r\n", "");
        check(
            Split::Rows,
            "<?xml?>\n<posts>\n <row a=\"/\" />\n <row />\n</posts>\n",
            "<row a=\"/\" />\n <row />",
        );
        check(Split::Rows, "</posts>", "");
        check(Split::Rows, "<row Id=", "<row Id=");
    }
}
