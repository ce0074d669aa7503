//! Caption files: which ones they are, and of which video and in which language.

use std::path::Path;

use crate::json::without_mark;
use crate::video::{Info, info_before};

/// Whether a text begins as WebVTT does (WebVTT, section 4.1).
pub(crate) fn is_vtt(beginning: &[u8]) -> bool {
    let text = without_mark(beginning);
    text.strip_prefix(b"WEBVTT")
        .is_some_and(|rest| matches!(rest, [] | [b' ' | b'\t' | b'\r' | b'\n', ..]))
}

/// Whether a text begins as SubRip does: a number, a line with two times.
pub(crate) fn is_srt(beginning: &[u8]) -> bool {
    let text = without_mark(beginning).trim_ascii_start();
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let number = lines.next().unwrap_or_default();
    let times = lines.next().unwrap_or_default();
    let digits = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    let arrow = times.windows(5).position(|bytes| bytes == b" --> ");
    let is_time = |bytes: &[u8]| {
        let shape = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b':' | b',' | b'.');
        let colon = bytes.contains(&b':');
        let first = bytes.first().is_some_and(u8::is_ascii_digit);
        colon && first && bytes.iter().take(8).all(shape)
    };
    let (from, to) = arrow.map_or_else(Default::default, |at| {
        let (from, to) = times.split_at_checked(at).unwrap_or_default();
        (from, to.get(5..).unwrap_or_default())
    });
    number.len() <= 8 && digits(number) && is_time(from) && is_time(to)
}

/// What is known of a caption file by its name, its beginning and the metadata beside it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Belongs {
    /// Address of the video.
    pub(crate) address: Option<String>,
    /// Pseudo headers for the extractor.
    pub(crate) headers: Vec<(String, String)>,
}

/// Finds the video of a caption file.
pub(crate) fn belongs(path: &Path, beginning: &[u8]) -> Belongs {
    let mut found = Belongs::default();
    let mut header = |name: &str, value: String| found.headers.push((name.to_owned(), value));
    let beside = info_before(path);
    let rest = beside.as_ref().map(|(_, rest)| rest.as_str());
    let info = beside.as_ref().and_then(|(info, _)| Info::read(info));
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let track = match rest {
        Some(rest) => Track::of(rest, true),
        None => Track::of(name.split_once('.').map_or("", |(_, rest)| rest), false),
    };
    if let Some(info) = &info
        && let (Some(platform), Some(id)) = (info.platform(), &info.id)
    {
        found.address = info.address().map(str::to_owned);
        let address = found.address.as_deref();
        header("conspectus-video", video(&platform, id, address));
    } else if let Some(id) = id_in_brackets(&name) {
        let address = format!("https://www.youtube.com/watch?v={id}");
        header("conspectus-video", video("youtube", id, Some(&address)));
        found.address = Some(address);
    }
    let listed = info.is_some_and(|info| info.is_automatic(&track.key));
    let automatic = listed || track.automatic || is_rolling(beginning);
    let language = track.language(automatic);
    if let Some(language) = language.or_else(|| declared(beginning)) {
        header("content-language", language);
    }
    if automatic {
        header("conspectus-captions", "automatic".to_owned());
    }
    found
}

/// The value of `conspectus-video`: platform, id, address where there is one. White space and `%`
/// in the id are escaped, as space stands between the three.
fn video(platform: &str, id: &str, address: Option<&str>) -> String {
    let mut value = format!("{} ", platform.replace(char::is_whitespace, "-"));
    for c in id.chars() {
        if c.is_whitespace() || c.is_control() || c == '%' {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                value.push_str(&format!("%{byte:02X}"));
            }
        } else {
            value.push(c);
        }
    }
    if let Some(address) = address {
        value.push(' ');
        value.push_str(address);
    }
    value
}

/// The id of a YouTube video in a name as yt-dlp gives it: `Title [dQw4w9WgXcQ].en`.
fn id_in_brackets(name: &str) -> Option<&str> {
    let (before, _) = name.rsplit_once(']')?;
    let (_, id) = before.rsplit_once('[')?;
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (id.len() == 11 && id.bytes().all(letter)).then_some(id)
}

/// What the name of a file says of its captions.
#[derive(Debug, Default, PartialEq, Eq)]
struct Track {
    /// The part that names the language, as it is written.
    key: String,
    /// Whether it says that a program made them.
    automatic: bool,
}

impl Track {
    /// Reads what stands between the name of the video and the extension. Where the name of the
    /// video is not `known`, only the last parts count, and only two letters are a language.
    fn of(rest: &str, known: bool) -> Self {
        let mut track = Self::default();
        // The last first: what describes the captions stands behind the language, or before it.
        for part in rest.rsplit('.').take(if known { 4 } else { 2 }) {
            let word = part.to_ascii_lowercase();
            if matches!(word.as_str(), "auto" | "automatic" | "asr" | "generated") {
                track.automatic = true;
            } else if track.key.is_empty() && is_tag(without_marks(part), known) {
                track.automatic |= part.ends_with(ORIGINAL);
                part.clone_into(&mut track.key);
            }
        }
        track
    }

    /// The language as a BCP 47 tag.
    fn language(&self, automatic: bool) -> Option<String> {
        let tag = without_marks(&self.key);
        // Translated by a program: `de-en` is German made from English.
        let translated = tag.rsplit_once('-').filter(|(_, last)| {
            automatic && last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_lowercase())
        });
        let tag = translated.map_or(tag, |(tag, _)| tag);
        (!tag.is_empty()).then(|| tag.replace('_', "-"))
    }
}

/// Behind the language in which a video is spoken: `en-orig`.
const ORIGINAL: &str = "-orig";

/// A language without what yt-dlp puts behind it: `-orig`, or the id of a track
/// (`en-eEY6OEpapPo`).
fn without_marks(part: &str) -> &str {
    let part = part.strip_suffix(ORIGINAL).unwrap_or(part);
    let Some(at) = part.len().checked_sub(12) else {
        return part;
    };
    match part.split_at_checked(at) {
        Some((tag, id)) if id.starts_with('-') && is_tag(tag, true) => tag,
        _ => part,
    }
}

/// Whether this is a language tag: two or three letters and further subtags (RFC 5646).
fn is_tag(part: &str, three_letters: bool) -> bool {
    let mut subtags = part.split(['-', '_']);
    let first = subtags.next().unwrap_or_default();
    let letters = first.bytes().all(|byte| byte.is_ascii_lowercase());
    let length = first.len() == 2 || (first.len() == 3 && three_letters);
    let behind = |subtag: &str| {
        let most = if subtag.bytes().any(|byte| byte.is_ascii_digit()) {
            3..=8
        } else {
            2..=4
        };
        most.contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    letters && length && subtags.all(behind)
}

/// Whether words carry times of their own, as YouTube writes what its program recognised: lines
/// roll up, `<00:00:01.000><c> word</c>`.
fn is_rolling(beginning: &[u8]) -> bool {
    let class = memchr::memmem::find(beginning, b"<c>").is_some();
    let time = |tag: &[u8]| {
        let (head, digits) = (tag.get(..12), |bytes: &[u8]| {
            bytes.iter().all(u8::is_ascii_digit)
        });
        matches!(head, Some([h1, h2, b':', m1, m2, b':', s1, s2, b'.', f @ ..])
            if digits(&[*h1, *h2, *m1, *m2, *s1, *s2]) && digits(f))
    };
    class
        || memchr::memchr_iter(b'<', beginning).any(|at| {
            let tag = beginning.get(at + 1..).unwrap_or_default();
            time(tag)
        })
}

/// The language that the header of a WebVTT file declares, as YouTube writes it.
fn declared(beginning: &[u8]) -> Option<String> {
    if !is_vtt(beginning) {
        return None;
    }
    let lines = beginning.split(|byte| *byte == b'\n').skip(1);
    let header = lines
        .map(<[u8]>::trim_ascii)
        .take_while(|line| !line.is_empty());
    let value = header
        .take(16)
        .find_map(|line| line.strip_prefix(b"Language:"))?;
    let value = str::from_utf8(value.trim_ascii()).ok()?;
    is_tag(value, true).then(|| value.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_captions_begin_with() {
        let check = |text: &str, vtt: bool, srt: bool| {
            let found = (is_vtt(text.as_bytes()), is_srt(text.as_bytes()));
            assert_eq!(found, (vtt, srt), "{text}");
        };
        check("WEBVTT\n\n00:00.000 --> 00:01.000\nHarbour", true, false);
        check("\u{feff}WEBVTT - Veldania\r\n", true, false);
        check("WEBVTT", true, false);
        check("WEBVTTX\n", false, false);
        check("1\n00:00:01,000 --> 00:00:02,500\nHarbour", false, true);
        check(
            "\u{feff}\r\n12\r\n0:00:01.0 --> 0:00:02.5 X1:10\r\n",
            false,
            true,
        );
        check("1\nof two --> three\n", false, false);
        check("one\n00:00:01,000 --> 00:00:02,500\n", false, false);
        check("1\n00:00:01,000 -> 00:00:02,500\n", false, false);
        check("", false, false);
    }

    #[test]
    fn names_tell_language_and_maker() {
        let check = |rest: &str, known: bool, language: Option<&str>, automatic: bool| {
            let track = Track::of(rest, known);
            let found = track.language(track.automatic);
            assert_eq!(
                (found.as_deref(), track.automatic),
                (language, automatic),
                "{rest}"
            );
        };
        check("en", true, Some("en"), false);
        check("en-US", true, Some("en-US"), false);
        check("zh-Hans", true, Some("zh-Hans"), false);
        check("es-419", true, Some("es-419"), false);
        check("pt_BR", true, Some("pt-BR"), false);
        check("en-orig", true, Some("en"), true);
        check("en.auto", true, Some("en"), true);
        check("auto.fil", true, Some("fil"), true);
        check("auto.de-en", true, Some("de"), true);
        check("en-eEY6OEpapPo", true, Some("en"), false);
        check("", true, None, false);
        check("live_chat", true, None, false);
        check("2 harbours.fr", false, Some("fr"), false);
        check("lecture.one", false, None, false);
        check("no.1.harbour.tour", false, None, false);
    }

    #[test]
    fn rolling_captions_are_a_programs() {
        let check = |text: &str, expected: bool| {
            assert_eq!(is_rolling(text.as_bytes()), expected, "{text}");
        };
        check("the<00:00:01.520><c> harbour</c>", true);
        check("the<00:00:01.520> harbour", true);
        check("<c.yellow>the harbour</c>", false);
        check("<i>the</i> harbour <00:00", false);
    }

    #[test]
    fn ids_in_brackets() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(id_in_brackets(name), expected);
        };
        check("A tour [of] Istmere [aB3_-xYz901].en", Some("aB3_-xYz901"));
        check("A tour [of Istmere]", None);
        check("A tour [aB3_-xYz90]", None);
        check("] A tour [", None);
    }

    #[test]
    fn the_header_keeps_its_three_parts_apart() {
        let check = |id: &str, address: Option<&str>, expected: &str| {
            assert_eq!(video("twitch", id, address), expected);
        };
        check(
            "a1",
            Some("https://clips.veldania.example/a1"),
            "twitch a1 https://clips.veldania.example/a1",
        );
        check("no fancy %", None, "twitch no%20fancy%20%25");
    }
}
