//! From the order in which letters stand on paper to the order in which they are read.
//!
//! The reverse of the Unicode bidirectional algorithm (UAX #9), by its rules for two levels: a
//! line from right to left is turned round, and numbers and words from left to right in it are
//! turned back.

use unicode_normalization::char::is_combining_mark;

/// Whether a letter is written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and
/// their forms of presentation.
pub(super) fn is_rtl(char: char) -> bool {
    matches!(char,
        '\u{590}'..='\u{65f}' | '\u{66a}'..='\u{6ef}' | '\u{6fa}'..='\u{8ff}'
        | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
        && !is_combining_mark(char)
}

fn is_digit(char: char) -> bool {
    char.is_ascii_digit() || matches!(char, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}')
}

fn is_ltr(char: char) -> bool {
    char.is_alphabetic() && !is_rtl(char) && !is_combining_mark(char)
}

/// The letters of a line as they stand from left to right, into reading order. Marks follow
/// their letter in both.
pub(super) fn logical(visual: Vec<char>) -> Vec<char> {
    let right = visual.iter().filter(|char| is_rtl(**char)).count();
    if right == 0 {
        return visual;
    }
    let left = visual.iter().filter(|char| is_ltr(**char)).count();
    if right >= left {
        let mut line = turned(&visual);
        turn_back(&mut line, |char| is_ltr(char) || is_digit(char), is_rtl);
        line
    } else {
        let mut line = visual;
        turn_back(&mut line, is_rtl, |char| is_ltr(char) || is_digit(char));
        line
    }
}

/// Turns round each stretch that begins and ends with an inner letter and has no outer one in it.
fn turn_back(line: &mut [char], inner: impl Fn(char) -> bool, outer: impl Fn(char) -> bool) {
    let mut at = 0;
    while at < line.len() {
        if !line.get(at).copied().is_some_and(&inner) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        for (index, char) in line.iter().enumerate().skip(at + 1) {
            if outer(*char) {
                break;
            }
            // Marks and what is bound to a number belong to what is before them.
            if inner(*char) || is_combining_mark(*char) || *char == '%' {
                end = index + 1;
            }
        }
        if let Some(stretch) = line.get_mut(at..end) {
            let back = turned(stretch);
            stretch.copy_from_slice(&back);
        }
        at = end;
    }
}

/// Turned round, marks kept behind their letters and brackets opening where they did.
fn turned(line: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(line.len());
    let mut end = line.len();
    for at in (0..line.len()).rev() {
        let Some(char) = line.get(at) else { break };
        if is_combining_mark(*char) && at > 0 {
            continue;
        }
        out.push(mirrored(*char));
        out.extend(line.get(at + 1..end).unwrap_or_default());
        end = at;
    }
    out
}

fn mirrored(char: char) -> char {
    match char {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_from_their_side() {
        for (visual, expected) in [
            ("plain words", "plain words"),
            ("םולש", "שלום"),
            ("42 םולש", "שלום 42"),
            ("(םולש)", "(שלום)"),
            ("םולש Python 3.5 םלוע", "עולם Python 3.5 שלום"),
            ("the word םולש means peace", "the word שלום means peace"),
        ] {
            let found: String = logical(visual.chars().collect()).into_iter().collect();
            assert_eq!(found, expected, "{visual}");
        }
    }
}
