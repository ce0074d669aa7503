//! Metadata files of yt-dlp and youtube-dl, and the files that lie beside one and belong to it.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use model::time::UnixSeconds;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::json::{Keys, Scalar, without_mark};

/// Bytes of a metadata file that are read; they have some hundred kilobytes, most of them
/// addresses of formats.
pub(crate) const MAX_INFO: u64 = 16 * 1024 * 1024;

/// How a metadata file is called, behind the name that it shares with what belongs to it.
const ENDING: &str = ".info.json";

/// What is read of a metadata file.
#[derive(Debug, Default)]
pub(crate) struct Info {
    /// As the platform names the video.
    pub(crate) id: Option<String>,
    extractor: Option<String>,
    extractor_key: Option<String>,
    webpage_url: Option<String>,
    epoch: Option<i64>,
    subtitles: Keys,
    automatic: Keys,
}

impl Info {
    /// Reads a file; `None` where it is absent, too large, or no such file.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let data = file.metadata().ok()?;
        if !data.is_file() || data.len() > MAX_INFO {
            return None;
        }
        let mut text = Vec::with_capacity(data.len() as usize);
        file.take(MAX_INFO).read_to_end(&mut text).ok()?;
        serde_json::from_slice(without_mark(&text)).ok()
    }

    /// Its page on the web.
    pub(crate) fn address(&self) -> Option<&str> {
        let address = self.webpage_url.as_deref()?;
        let web = url::Url::parse(address)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        web.then_some(address)
    }

    /// When it was written.
    pub(crate) fn written(&self) -> Option<UnixSeconds> {
        self.epoch.filter(|epoch| *epoch > 0).map(UnixSeconds)
    }

    /// The platform: the extractor without what it tells apart within one (`twitch:clips`).
    pub(crate) fn platform(&self) -> Option<String> {
        let named = self.extractor.as_ref().or(self.extractor_key.as_ref())?;
        let platform = named.split(':').next().unwrap_or_default();
        let platform = platform.trim().to_ascii_lowercase();
        (!platform.is_empty()).then_some(platform)
    }

    /// Whether captions in this language were made by a program, as far as it is said.
    pub(crate) fn is_automatic(&self, language: &str) -> bool {
        self.automatic.0.contains(language) && !self.subtitles.0.contains(language)
    }
}

impl<'de> serde::Deserialize<'de> for Info {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(InfoVisitor)
    }
}

struct InfoVisitor;

impl<'de> Visitor<'de> for InfoVisitor {
    type Value = Info;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the metadata of a video")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Info, A::Error> {
        let mut info = Info::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "id" => {
                    info.id = match map.next_value()? {
                        Scalar::Text(text) => Some(text),
                        Scalar::Number(number) => Some(number.to_string()),
                        Scalar::Other => None,
                    }
                }
                "extractor" => info.extractor = map.next_value::<Scalar>()?.text(),
                "extractor_key" => info.extractor_key = map.next_value::<Scalar>()?.text(),
                "webpage_url" => info.webpage_url = map.next_value::<Scalar>()?.text(),
                "epoch" => info.epoch = map.next_value::<Scalar>()?.number(),
                "subtitles" => info.subtitles = map.next_value()?,
                "automatic_captions" => info.automatic = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(info)
    }
}

/// The metadata file of which this file bears the name: `NAME.info.json` for `NAME.jpg`.
pub(crate) fn info_of(path: &Path) -> Option<PathBuf> {
    let mut name = path.file_stem()?.to_owned();
    name.push(ENDING);
    let info = path.with_file_name(name);
    info.is_file().then_some(info)
}

/// Extensions that are tried for the name of the video to be found: `NAME.en-US.auto.vtt`.
const MAX_EXTENSIONS: usize = 6;

/// The metadata file whose name begins the name of this file, and the part of the name that is
/// left, without the extension: `NAME.info.json` and `en` for `NAME.en.vtt`.
pub(crate) fn info_before(path: &Path) -> Option<(PathBuf, String)> {
    let whole = path.file_stem()?.to_str()?;
    let mut name = whole;
    for _ in 0..MAX_EXTENSIONS {
        let info = path.with_file_name(format!("{name}{ENDING}"));
        if info.is_file() {
            let rest = whole.get(name.len()..).unwrap_or_default();
            return Some((info, rest.trim_start_matches('.').to_owned()));
        }
        (name, _) = name.rsplit_once('.')?;
    }
    None
}

/// The picture that lies beside a metadata file and bears its name.
pub(crate) fn thumbnail_of(info: &Path) -> Option<PathBuf> {
    let stem = info.file_name()?.to_str()?.strip_suffix(ENDING)?;
    let mut pictures = ["jpg", "jpeg", "webp", "png"].iter().map(|extension| {
        let name: OsString = format!("{stem}.{extension}").into();
        info.with_file_name(name)
    });
    pictures.find(|picture| picture.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_and_addresses() {
        let check = |text: &str, expected: (Option<&str>, Option<&str>, Option<&str>)| {
            let info: Info = serde_json::from_str(text).unwrap_or_default();
            let platform = info.platform();
            assert_eq!(
                (platform.as_deref(), info.id.as_deref(), info.address()),
                expected
            );
        };
        check(
            r#"{"id": "a", "extractor": "twitch:clips", "webpage_url": "https://clips.veldania.example/a"}"#,
            (
                Some("twitch"),
                Some("a"),
                Some("https://clips.veldania.example/a"),
            ),
        );
        check(
            r#"{"id": 12, "extractor": ["x"], "extractor_key": "Youtube", "webpage_url": "/watch"}"#,
            (Some("youtube"), Some("12"), None),
        );
        check(
            r#"{"extractor": "", "webpage_url": null}"#,
            (None, None, None),
        );
        check("[]", (None, None, None));
    }

    #[test]
    fn captions_are_automatic_where_only_that_list_has_them() {
        let text = r#"{"subtitles": {"fr": []}, "automatic_captions": {"fr": [], "en": 5}}"#;
        let info: Info = serde_json::from_str(text).unwrap_or_default();
        assert!(info.is_automatic("en") && !info.is_automatic("fr") && !info.is_automatic("de"));
    }
}
