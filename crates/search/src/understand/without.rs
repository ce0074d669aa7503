//! The query as typed without one of its filters.

use std::ops::Range;

/// The query without some parts of it: with them goes a capital `AND` or `OR` that then joins
/// nothing. The rest stays as typed, but for the white space at the seams.
pub(super) fn without(text: &str, spans: &[Range<usize>]) -> String {
    let mut spans: Vec<Range<usize>> = spans.to_vec();
    spans.sort_by_key(|span| span.start);
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        kept.push_str(text.get(from..span.start).unwrap_or_default());
        from = span.end.max(from);
        let rest = text.get(from..).unwrap_or_default();
        let left = kept.trim_end();
        let opens = left.is_empty() || left.ends_with('(');
        if let Some(before) = ["AND", "OR"]
            .into_iter()
            .find_map(|sign| word_at_end(left, sign))
        {
            kept.truncate(before);
        } else if opens && let Some(length) = word_at_start(rest) {
            from += length;
        }
        let rest = text.get(from..).unwrap_or_default();
        let trimmed = rest.trim_start();
        if kept.is_empty() || kept.ends_with(char::is_whitespace) || kept.ends_with('(') {
            from += rest.len() - trimmed.len();
        }
        if trimmed.is_empty() || trimmed.starts_with(')') {
            kept.truncate(kept.trim_end().len());
            from = text.len() - trimmed.len();
        }
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    kept
}

/// Where `sign` begins, if the text ends in it as a word.
fn word_at_end(text: &str, sign: &str) -> Option<usize> {
    let before = text.strip_suffix(sign)?;
    (before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || c == ')'))
        .then_some(before.trim_end().len())
}

/// How long an `AND` or `OR` at the start of the text is, with the space before it.
fn word_at_start(text: &str) -> Option<usize> {
    let trimmed = text.trim_start();
    let rest = trimmed
        .strip_prefix("AND")
        .or_else(|| trimmed.strip_prefix("OR"))?;
    (rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '('))
        .then_some(text.len() - rest.len())
}
