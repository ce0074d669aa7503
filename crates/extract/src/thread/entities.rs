//! Entities of HTML in text that is no HTML: Reddit escapes its Markdown, dumps their attributes.

use std::borrow::Cow;

/// The text with its entities as characters, decoded once; what is no entity stays as it is.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after
            .find(';')
            .filter(|end| *end <= 10)
            .and_then(|end| Some((character(after.get(..end)?)?, after.get(end + 1..)?)));
        if let Some((c, behind)) = entity {
            out.push(c);
            rest = behind;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "zwnj" => '\u{200c}',
        "ndash" => '\u{2013}',
        "mdash" => '\u{2014}',
        "lsquo" => '\u{2018}',
        "rsquo" => '\u{2019}',
        "ldquo" => '\u{201c}',
        "rdquo" => '\u{201d}',
        "hellip" => '\u{2026}',
        "euro" => '\u{20ac}',
        "deg" => '\u{b0}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(decode(text), expected);
    }

    #[test]
    fn entities_become_characters_once() {
        check("a &lt; b &amp;lt; c", "a < b &lt; c");
        check("&#39;&#x27;&#xA;", "''\n");
        check("Salt & Wool; &unknown; &", "Salt & Wool; &unknown; &");
        check("&#0;&#xffffffff;&;", "\0&#xffffffff;&;");
    }
}
