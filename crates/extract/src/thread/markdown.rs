//! Reddit's Markdown as the text that readers see: without marks, and without what is quoted.
//!
//! Not a Markdown parser: what people write breaks its rules everywhere, and a mark too many in
//! the text is better than a word too few. Rules: Reddit's formatting guide
//! (<https://support.reddithelp.com/hc/en-us/articles/360043033952>).

use super::entities;
use crate::text::{fold, nfc};

/// The text of a post: paragraphs separated by one line feed, NFC, quoted lines left out.
pub(super) fn plain(markdown: &str) -> String {
    let text = entities::decode(markdown);
    if !text.bytes().any(is_mark) {
        return if is_folded(&text) {
            text.into_owned()
        } else {
            nfc(fold(&text))
        };
    }
    let mut reader = Reader {
        out: String::with_capacity(text.len()),
        paragraph: String::new(),
        fenced: false,
    };
    for line in text.lines() {
        reader.line(line);
    }
    reader.flush();
    if reader.out.is_ascii() {
        reader.out
    } else {
        nfc(reader.out)
    }
}

/// The text with what is quoted; as it was written where that leaves nothing.
pub(super) fn unquoted(markdown: &str) -> String {
    let decoded = entities::decode(markdown);
    let lines: Vec<&str> = decoded
        .lines()
        .map(|line| line.trim_start_matches(['>', ' ']))
        .collect();
    let text = plain(&lines.join("\n"));
    if text.is_empty() {
        nfc(fold(&decoded))
    } else {
        text
    }
}

/// Whether that byte can begin a mark or end a line.
fn is_mark(byte: u8) -> bool {
    matches!(
        byte,
        b'\n' | b'\r' | b'*' | b'_' | b'~' | b'^' | b'`' | b'[' | b'>' | b'#' | b'\\' | b'|' | b'&'
    )
}

/// Whether folding would change nothing: plain ASCII with single spaces, as most comments are.
fn is_folded(text: &str) -> bool {
    let mut before = b' ';
    for byte in text.bytes() {
        if !(b' '..0x7f).contains(&byte) || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    before != b' '
}

struct Reader {
    out: String,
    /// Lines that are read as one.
    paragraph: String,
    fenced: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let bare = line.trim();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            self.flush();
            self.fenced = !self.fenced;
            return;
        }
        if self.fenced || (self.paragraph.is_empty() && is_code(line)) {
            self.flush();
            self.push(bare);
            return;
        }
        if bare.is_empty() || is_rule(bare) || is_table_rule(bare) {
            self.flush();
            return;
        }
        if let Some(quoted) = bare.strip_prefix('>') {
            if quoted.starts_with('!') && bare.contains("!<") {
                self.paragraph_line(line, &bare.replace(">!", "").replace("!<", ""));
            } else {
                self.flush();
            }
            return;
        }
        if let Some(item) = item(bare) {
            self.flush();
            self.paragraph_line(line, item);
            return;
        }
        let heading = bare.trim_start_matches('#');
        if heading.len() < bare.len() && bare.len() - heading.len() <= 6 {
            // `#tag` heads nothing on other sites; Reddit makes a heading of it.
            self.flush();
            self.paragraph_line(line, heading.trim_end_matches('#'));
            self.flush();
            return;
        }
        if bare.starts_with('|') || bare.matches('|').count() >= 2 {
            self.flush();
            let cells: Vec<&str> = bare
                .split('|')
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect();
            self.paragraph_line(line, &cells.join(" | "));
            self.flush();
            return;
        }
        self.paragraph_line(line, bare);
    }

    /// Two spaces or a backslash at the end of a line break it.
    fn paragraph_line(&mut self, line: &str, text: &str) {
        if !self.paragraph.is_empty() {
            self.paragraph.push(' ');
        }
        self.paragraph.push_str(text.trim_end_matches('\\'));
        if line.ends_with("  ") || line.ends_with('\\') {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.paragraph.is_empty() {
            return;
        }
        // Reddit escapes the Markdown, and Markdown has entities itself: `&amp;#x200B;`.
        let text = fold(&entities::decode(&inline(&self.paragraph)));
        self.paragraph.clear();
        self.push(&text);
    }

    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(text);
    }
}

fn is_code(line: &str) -> bool {
    (line.starts_with("    ") || line.starts_with('\t')) && item(line.trim()).is_none()
}

fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| *c != ' ');
    let Some(first @ ('-' | '*' | '_' | '=')) = marks.next() else {
        return false;
    };
    let mut count = 1;
    marks.all(|c| {
        count += 1;
        c == first
    }) && count >= 3
}

/// The line below the heads of a table: `:-|-:`.
fn is_table_rule(line: &str) -> bool {
    line.contains('|') && line.chars().all(|c| matches!(c, '|' | ':' | '-' | ' '))
}

/// The text of a list item, its mark left out; numbers stay.
fn item(line: &str) -> Option<&str> {
    line.strip_prefix(['*', '-', '+'])
        .filter(|rest| rest.starts_with([' ', '\t']))
        .map(str::trim_start)
        .or_else(|| {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            let rest = line.get(digits..)?;
            ((1..=3).contains(&digits) && (rest.starts_with(". ") || rest.starts_with(") ")))
                .then_some(line)
        })
}

/// A paragraph without the marks in its lines.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        let next = behind.chars().next().unwrap_or(' ');
        let mut taken = behind;
        match c {
            '\\' if next.is_ascii_punctuation() => {
                out.push(next);
                taken = behind.get(1..).unwrap_or_default();
                before = next;
                rest = taken;
                continue;
            }
            'h' if rest.starts_with("http://") || rest.starts_with("https://") => {
                let end = rest.find([' ', ')', ']', '>', '\n']).unwrap_or(rest.len());
                let (address, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                out.push_str(address);
                taken = after;
                before = '/';
                rest = taken;
                continue;
            }
            '!' if next == '<' => taken = behind.get(1..).unwrap_or_default(),
            '[' | '!' => {
                let link = rest.strip_prefix('!').unwrap_or(rest);
                if let Some((label, address, after)) = link_at(link) {
                    // `![gif](giphy|…)` shows no words.
                    if !(c == '!' && matches!(label, "gif" | "img")) {
                        let shown = if label.trim().is_empty() {
                            address
                        } else {
                            label
                        };
                        out.push_str(&marks_off(shown));
                    }
                    taken = after;
                } else {
                    out.push(c);
                }
            }
            '*' | '~' | '`' => {
                let run = rest.chars().take_while(|other| *other == c).count();
                let after = rest.get(run..).unwrap_or_default();
                let alone = before == ' ' && after.chars().next().is_none_or(|n| n == ' ');
                // `~20 m` says about; `2 * 3` multiplies.
                if alone || (c == '~' && run == 1) {
                    out.extend(std::iter::repeat_n(c, run));
                }
                taken = after;
                // What stood before the mark stands before the next letter.
                rest = taken;
                continue;
            }
            '_' => {
                if before.is_alphanumeric() && next.is_alphanumeric() {
                    out.push(c);
                } else {
                    rest = taken;
                    continue;
                }
            }
            '^' => {
                if before.is_alphanumeric() && next.is_ascii_digit() {
                    out.push(c);
                } else if let Some((raised, after)) = raised(behind) {
                    out.push_str(&marks_off(raised));
                    taken = after;
                }
            }
            '>' if next == '!' => taken = behind.get(1..).unwrap_or_default(),
            c => out.push(c),
        }
        before = c;
        rest = taken;
    }
    out
}

/// Marks of emphasis taken off what stands in a link or is raised.
fn marks_off(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '*' | '`' | '^' | '~'))
        .collect()
}

/// Label, address and what follows of `[label](address)`.
fn link_at(text: &str) -> Option<(&str, &str, &str)> {
    let inside = text.strip_prefix('[')?;
    // Labels hold brackets (`[[1]](…)`) but no links.
    let mut depth = 1_usize;
    let mut close = None;
    let mut escaped = false;
    for (at, c) in inside.char_indices().take(LABEL_CHARS) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' => {
                depth -= 1;
                if depth == 0 {
                    close = Some(at);
                    break;
                }
            }
            _ => {}
        }
    }
    let (label, behind) = inside.split_at_checked(close?)?;
    let target = behind.strip_prefix("](")?;
    // Addresses hold balanced brackets: `/wiki/Kiel_(city)`.
    let mut depth = 1_usize;
    for (at, c) in target.char_indices().take(ADDRESS_CHARS) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((label, target.get(..at)?, target.get(at + 1..)?));
        }
    }
    None
}

/// Longer ones are brackets that somebody forgot to close; also what keeps a line of brackets
/// from taking the square of its length.
const LABEL_CHARS: usize = 600;
const ADDRESS_CHARS: usize = 2_000;

/// The content of `(…)` and what follows.
fn raised(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('(')?;
    let mut depth = 1_usize;
    for (at, c) in inside.char_indices().take(ADDRESS_CHARS) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inside.get(..at)?, inside.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(markdown: &str, expected: &str) {
        assert_eq!(plain(markdown), expected);
    }

    #[test]
    fn marks_go_and_words_stay() {
        check(
            "**Salt** and *wool*, ~~never~~ ^once",
            "Salt and wool, never once",
        );
        check(
            "snake_case stays, _this_ does not",
            "snake_case stays, this does not",
        );
        check("2 * 3 and 2^10, ~20 m", "2 * 3 and 2^10, ~20 m");
        check("`code` and \\*stars\\*", "code and *stars*");
        check("^(a raised **line**) here", "a raised line here");
        check("a >!secret!< b", "a secret b");
    }

    #[test]
    fn links_show_their_label() {
        check(
            "see [the port](https://a.example/x_(y)) now",
            "see the port now",
        );
        check("see [[1]](https://a.example/)", "see [1]");
        check("![gif](giphy|abc) ha", "ha");
        check("https://a.example/a_b_*c*", "https://a.example/a_b_*c*");
        check("[unfinished (b", "[unfinished (b");
        check("an [aside] (here)", "an [aside] (here)");
    }

    #[test]
    fn quotes_are_not_the_quoters() {
        check("&gt; How deep is it?\n\nNine fathoms.", "Nine fathoms.");
        check("> How deep?\nNine.\n>Sure?\nYes.", "Nine.\nYes.");
        check("&gt;!spoiler!&lt; said", "spoiler said");
        check("&gt; only a quote", "");
        assert_eq!(
            unquoted("&gt; only a *quote*\n\n&gt;and more"),
            "only a quote\nand more"
        );
        assert_eq!(unquoted("&gt;"), ">");
    }

    #[test]
    fn lines_and_paragraphs() {
        check("one\ntwo\n\n\nthree", "one two\nthree");
        check("one  \ntwo", "one\ntwo");
        check("* salt\n* wool\n1. first", "salt\nwool\n1. first");
        check("# Port\ntext\n---\nmore", "Port\ntext\nmore");
        check("a|b\n:-|-:\n|c|d|", "a|b\nc | d");
        check("```\nlet a_b = 1;\n\n```\nend", "let a_b = 1;\nend");
        check("    let *a;\n\nend", "let *a;\nend");
        check("  spaced   out  ", "spaced out");
        check("Tom &amp; Jerry &amp;lt;", "Tom & Jerry <");
        check("&amp;#x200B;\n\ntext", "text");
    }

    #[test]
    fn many_brackets_are_quick() {
        assert!(!plain(&"[".repeat(200_000)).is_empty());
        assert!(!plain(&"^(".repeat(100_000)).is_empty());
    }

    proptest! {
        #[test]
        fn words_without_marks_stay(text in "[a-zé]{1,8}( [a-zé]{1,8}){0,10}") {
            prop_assert_eq!(plain(&text), text);
        }

        #[test]
        fn any_text_is_read(text in "[\\[\\]()*_^~`>!#|&;\\\\a \n-]{0,80}") {
            let found = plain(&text);
            prop_assert!(!found.contains("\n\n") && found.len() <= 3 * text.len());
        }
    }
}
