//! Languages as HTML wants them: `lang` and `dir`.

/// Primary subtags of languages that are written from right to left in the script that is usual
/// for them (Unicode CLDR 45, likely subtags with Arab, Hebr, Syrc, Thaa, Nkoo).
const RIGHT_TO_LEFT: &[&str] = &[
    "ar", "arc", "azb", "bal", "bgn", "ckb", "dv", "fa", "glk", "he", "iw", "ji", "khw", "ks",
    "lrc", "mzn", "nqo", "pnb", "ps", "sd", "skr", "syr", "ug", "ur", "yi",
];

/// Script subtags that are written from right to left (ISO 15924).
const RIGHT_TO_LEFT_SCRIPTS: &[&str] = &["arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg"];

/// The language tag where it is well-formed enough to be written: letters, digits, `-`.
pub(crate) fn lang(language: Option<&str>) -> Option<String> {
    let tag = language?;
    let subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    tag.split('-').all(subtag).then(|| tag.to_owned())
}

/// The direction of a text in that language: `rtl`, `ltr`, or `auto` where it is unknown.
pub(crate) fn dir(language: Option<&str>) -> &'static str {
    let Some(tag) = lang(language) else {
        return "auto";
    };
    let tag = tag.to_ascii_lowercase();
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    if primary == "und" {
        return "auto";
    }
    let right_to_left = match subtags.find(|subtag| subtag.len() == 4) {
        Some(script) => RIGHT_TO_LEFT_SCRIPTS.contains(&script),
        None => RIGHT_TO_LEFT.contains(&primary),
    };
    if right_to_left { "rtl" } else { "ltr" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tag: &str, direction: &str) {
        assert_eq!(dir(Some(tag)), direction);
    }

    #[test]
    fn the_script_decides_then_the_language() {
        check("en", "ltr");
        check("ar", "rtl");
        check("AR-sy", "rtl");
        check("he", "rtl");
        check("fa-IR", "rtl");
        check("az-Arab", "rtl");
        check("ks-Deva", "ltr");
        check("und", "auto");
        check("\" onclick=", "auto");
        assert_eq!(dir(None), "auto");
        assert_eq!(lang(Some("en\"")), None);
        assert_eq!(lang(Some("")), None);
        assert_eq!(lang(Some("pt-BR")).as_deref(), Some("pt-BR"));
    }
}
