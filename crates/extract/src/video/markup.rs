//! Text of captions without tags and entities.

use crate::html::unescape;

/// Tags of WebVTT and SubRip, and what programs write into both.
const TAGS: &[&str] = &[
    "b", "i", "u", "s", "c", "v", "lang", "ruby", "rt", "font", "span", "br", "em", "strong", "p",
    "sync", "div",
];
/// A longer one is text between two signs of comparison (bytes).
const TAG_BYTES: usize = 300;

/// One line of a cue as it is read: tags and `{\an8}` left out, entities replaced.
pub(super) fn plain(line: &str) -> String {
    let text = without_tags(line);
    if !text.contains('&') {
        return text;
    }
    // Programs that turn one form into the other escape twice, and escape tags.
    let mut text = unescape(&text);
    for _ in 0..2 {
        if text.contains('&') {
            text = unescape(&text);
        }
    }
    without_tags(&text.replace("&lrm;", "").replace("&rlm;", ""))
}

fn without_tags(text: &str) -> String {
    if !text.contains(['<', '{', '\\']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{', '\\']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = match from.as_bytes() {
            [b'<', ..] => tag(from),
            [b'{', b'\\', ..] => end_of(from, b'}').map(|end| end + 1),
            // Advanced SubStation's hard space and line breaks.
            [b'\\', b'h' | b'N' | b'n', ..] => Some(2),
            _ => None,
        };
        let behind = length.and_then(|length| from.get(length..));
        if let Some(behind) = behind {
            if from.starts_with('\\') || from.starts_with("<br") || from.starts_with("<p") {
                out.push(' ');
            }
            rest = behind;
        } else {
            let mut signs = from.chars();
            out.extend(signs.next());
            rest = signs.as_str();
        }
    }
    out.push_str(rest);
    out
}

/// Where that sign stands, if it is near.
fn end_of(from: &str, sign: u8) -> Option<usize> {
    let mut near = from.bytes().take(TAG_BYTES);
    near.position(|byte| byte == sign)
}

/// The length of the tag at the beginning, if there is one.
fn tag(from: &str) -> Option<usize> {
    let end = end_of(from, b'>')?;
    let inside = from.get(1..end)?;
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let name: String = inside
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let time = !name.is_empty()
        && inside.contains(':')
        && inside
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b','));
    let known = TAGS.contains(&name.as_str())
        && inside
            .get(name.len()..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ', '\t', '/']));
    // `</>` closes what was opened last.
    (time || known || from.starts_with("</>")).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(plain(line), expected);
    }

    #[test]
    fn tags_and_entities_are_gone() {
        check(
            "so<00:00:01.319><c> the</c><00:00:01.5><c> port</c>",
            "so the port",
        );
        check("<v.loud Ada Low>Ships!</v>", "Ships!");
        check("<c.colorE5E5E5>salt</c> &amp; wool", "salt & wool");
        check("<font color=\"#fff\"><i>salt</i></font>{\\an8}", "salt");
        check("Port&nbsp;dues &#39;rise&#x27;", "Port dues 'rise'");
        check("&lt;i&gt;salt&lt;/i&gt;", "salt");
        check("&amp;quot;salt&amp;quot;", "\"salt\"");
        check("one\\Ntwo<br/>three", "one two three");
    }

    #[test]
    fn what_is_no_tag_stays() {
        check("1 < 2 and 3 > 2", "1 < 2 and 3 > 2");
        check("I <3 ships", "I <3 ships");
        check("a Vec<String> & {more}", "a Vec<String> & {more}");
        check("<", "<");
        check("<b", "<b");
    }
}
