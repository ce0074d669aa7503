//! What captions say that nobody speaks: `[Music]`, `(Applaudissements)`, `♪`.

/// How such notes begin, lower case, in the languages of the samples.
const STEMS: &[&str] = &[
    "applau",
    "aplau",
    "beifall",
    "palmas",
    "cheer",
    "acclam",
    "aclama",
    "rires",
    "laugh",
    "risos",
    "risas",
    "risata",
    "gelächter",
    "lachen",
    "music",
    "musik",
    "musiqu",
    "música",
    "huée",
    "inaudibl",
    "crosstalk",
    "foreign",
    "ovation",
    "whistl",
    "sifflet",
];
/// A note has up to this many words; longer ones are asides of a speaker or translator.
const MOST_WORDS: usize = 4;

/// A line without notes of sounds: what stands in square brackets alone on its line, and what is
/// bracketed anywhere and named so. Signs of music, and marks of a new speaker, go too.
pub(super) fn without(line: &str) -> String {
    let line = line
        .trim_start_matches([' ', '>', '\u{bb}'])
        .trim()
        .trim_matches(['\u{266a}', '\u{266b}', '\u{266c}', '\u{1f3b5}', ' ']);
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['[', '(', '\u{3010}', '\u{ff08}']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.find([']', ')', '\u{3011}', '\u{ff09}']);
        let split = end.and_then(|end| {
            let length = end + from.get(end..)?.chars().next()?.len_utf8();
            from.split_at_checked(length)
        });
        let Some((note, behind)) = split else {
            rest = from;
            break;
        };
        let alone = before.is_empty() && behind.is_empty() && out.is_empty();
        if !is_sound(note, alone) {
            out.push_str(note);
        }
        rest = behind;
    }
    out.push_str(rest);
    crate::text::fold(&out)
}

fn is_sound(note: &str, alone: bool) -> bool {
    let lower = note.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.len() > MOST_WORDS {
        return false;
    }
    // `[...]` and `[ __ ]`, which is what YouTube puts for a word it does not print.
    if words.is_empty() || (alone && note.starts_with('[')) {
        return true;
    }
    words
        .iter()
        .any(|word| STEMS.iter().any(|stem| word.starts_with(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(without(line), expected);
    }

    #[test]
    fn sounds_are_dropped_and_asides_stay() {
        check("[Music]", "");
        check("(Applaudissements et acclamations)", "");
        check("[exasperation]", "");
        check("\u{266a} la la la \u{266a}", "la la la");
        check("and so [Applause] we sail", "and so we sail");
        check(">> Who goes there?", "Who goes there?");
        check("(the tax on high wealth)", "(the tax on high wealth)");
        check("the Guild [of pilots] said", "the Guild [of pilots] said");
        check("(unclosed", "(unclosed");
        check("a ) b", "a ) b");
    }
}
