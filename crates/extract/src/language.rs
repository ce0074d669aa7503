//! The language of a text: what the page says, else a detector that is sure.

use crate::text::head;

/// How much of the main text the detector reads, in characters.
const DETECT_CHARS: usize = 2_000;

/// A language tag as the page wrote it, in the form of BCP 47: `en`, `pt-BR`, `zh-Hant`.
/// `None` for what is no tag, or says that the language is not known (`und`, `x-default`).
pub(crate) fn tag(text: &str) -> Option<String> {
    // `Content-Language: en, fr` and `og:locale` `en_US.UTF-8` are seen.
    let first = text
        .split([',', ';', ' ', '.'])
        .find(|part| !part.is_empty())?;
    let mut parts = first.split(['-', '_']).filter(|part| !part.is_empty());
    let language = parts.next()?.to_ascii_lowercase();
    let plain = language.bytes().all(|b| b.is_ascii_alphabetic());
    if !plain || !(2..=3).contains(&language.len()) {
        return None;
    }
    if matches!(language.as_str(), "und" | "mul" | "zxx") {
        return None;
    }
    let mut tag = language;
    for part in parts.take(3) {
        if !part.bytes().all(|b| b.is_ascii_alphanumeric()) || part.len() > 8 {
            break;
        }
        tag.push('-');
        match part.len() {
            2 => tag.push_str(&part.to_ascii_uppercase()),
            4 => {
                let lower = part.to_ascii_lowercase();
                let mut letters = lower.chars();
                tag.extend(letters.next().map(|c| c.to_ascii_uppercase()));
                tag.push_str(letters.as_str());
            }
            _ => tag.push_str(&part.to_ascii_lowercase()),
        }
    }
    Some(tag)
}

/// The language of a running text, where the detector is sure.
pub(crate) fn detect(text: &str) -> Option<String> {
    let info = whatlang::detect(head(text, DETECT_CHARS)).filter(whatlang::Info::is_reliable)?;
    Some(two_letters(info.lang().code()).to_owned())
}

/// ISO 639-3 to the two letters of ISO 639-1, as BCP 47 wants them, for the 69 languages of the
/// detector.
fn two_letters(code: &'static str) -> &'static str {
    match code {
        "epo" => "eo",
        "eng" => "en",
        "rus" => "ru",
        "cmn" => "zh",
        "spa" => "es",
        "por" => "pt",
        "ita" => "it",
        "ben" => "bn",
        "fra" => "fr",
        "deu" => "de",
        "ukr" => "uk",
        "kat" => "ka",
        "ara" => "ar",
        "hin" => "hi",
        "jpn" => "ja",
        "heb" => "he",
        "yid" => "yi",
        "pol" => "pl",
        "amh" => "am",
        "jav" => "jv",
        "kor" => "ko",
        "nob" => "nb",
        "dan" => "da",
        "swe" => "sv",
        "fin" => "fi",
        "tur" => "tr",
        "nld" => "nl",
        "hun" => "hu",
        "ces" => "cs",
        "ell" => "el",
        "bul" => "bg",
        "bel" => "be",
        "mar" => "mr",
        "kan" => "kn",
        "ron" => "ro",
        "slv" => "sl",
        "hrv" => "hr",
        "srp" => "sr",
        "mkd" => "mk",
        "lit" => "lt",
        "lav" => "lv",
        "est" => "et",
        "tam" => "ta",
        "vie" => "vi",
        "urd" => "ur",
        "tha" => "th",
        "guj" => "gu",
        "uzb" => "uz",
        "pan" => "pa",
        "aze" => "az",
        "ind" => "id",
        "tel" => "te",
        "pes" => "fa",
        "mal" => "ml",
        "ori" => "or",
        "mya" => "my",
        "nep" => "ne",
        "sin" => "si",
        "khm" => "km",
        "tuk" => "tk",
        "aka" => "ak",
        "zul" => "zu",
        "sna" => "sn",
        "afr" => "af",
        "lat" => "la",
        "slk" => "sk",
        "cat" => "ca",
        "tgl" => "tl",
        "hye" => "hy",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(tag(text).as_deref(), expected);
    }

    #[test]
    fn tags_have_one_form() {
        check("EN", Some("en"));
        check("pt_br", Some("pt-BR"));
        check("zh-hant-TW", Some("zh-Hant-TW"));
        check("en_US.UTF-8", Some("en-US"));
        check("en, fr", Some("en"));
        check("und", None);
        check("x-default", None);
        check("english", None);
        check("", None);
    }

    #[test]
    fn only_a_sure_detector_speaks() {
        let german = "Der Hafen von Veldania liegt an der Mündung des Flusses und wird seit dem \
            Mittelalter von Schiffen aus aller Welt angelaufen, die dort Getreide laden.";
        assert_eq!(detect(german).as_deref(), Some("de"));
        assert_eq!(detect(""), None);
    }
}
