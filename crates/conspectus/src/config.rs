//! Configuration: a TOML file, below the environment, below the command line.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use crate::failure::{Failure, Kind};

/// The configuration file; every key is optional, and unknown keys are refused, so that a typing
/// error does not pass for a setting.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The index folder.
    pub(crate) index: Option<PathBuf>,
    /// `text` or `json`.
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) add: AddConfig,
    pub(crate) extract: ExtractConfig,
    pub(crate) search: SearchConfig,
    pub(crate) serve: ServeConfig,
    pub(crate) limits: LimitsConfig,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// `[add]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AddConfig {
    pub(crate) collection: Option<String>,
    pub(crate) jobs: Option<usize>,
    pub(crate) base: Option<String>,
    pub(crate) strict: Option<bool>,
    /// MiB of changes after which a commit is made.
    pub(crate) commit_mebibytes: Option<u64>,
    /// Seconds after which a commit is made.
    pub(crate) commit_seconds: Option<u64>,
}

/// `[extract]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExtractConfig {
    pub(crate) ocr: OcrConfig,
}

/// `[extract.ocr]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OcrConfig {
    /// The program with its arguments; none, and pages without text stay without.
    pub(crate) command: Option<CommandLine>,
    /// Seconds for one page.
    pub(crate) timeout_seconds: Option<NonZeroU64>,
    /// Pages of one document that are read.
    pub(crate) pages: Option<u32>,
}

/// A program with its arguments.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum CommandLine {
    /// Split at white space.
    Text(String),
    /// As it is.
    Words(Vec<String>),
}

impl ExtractConfig {
    /// How records are read; `folder` takes files for programs of the user's.
    pub(crate) fn options(&self, folder: &Path) -> anyhow::Result<extract::Options> {
        let words = match &self.ocr.command {
            None => return Ok(extract::Options::default()),
            Some(CommandLine::Text(text)) => text.split_whitespace().map(str::to_owned).collect(),
            Some(CommandLine::Words(words)) => words.clone(),
        };
        let ocr = extract::Ocr {
            command: words,
            timeout: Duration::from_secs(self.ocr.timeout_seconds.map_or(60, NonZeroU64::get)),
            pages: self.ocr.pages.unwrap_or(50),
            folder: folder.to_owned(),
        };
        if !ocr.reads_something() {
            let message = "the `command` under `[extract.ocr]` is given nothing to read";
            return Err(Failure::new(Kind::Config, message)
                .hint("name the picture of the page or the PDF in it: command = [\"tesseract\", \"{image}\", \"stdout\"]")
                .into());
        }
        Ok(extract::Options { ocr: Some(ocr) })
    }
}

/// `[search]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SearchConfig {
    pub(crate) count: Option<usize>,
    pub(crate) languages: Option<Vec<String>>,
}

/// `[serve]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServeConfig {
    pub(crate) listen: Option<SocketAddr>,
    /// What requests must carry where the address is not loopback.
    pub(crate) key: Option<String>,
    /// Names beside the address itself that the `Host` header may say.
    pub(crate) hosts: Option<Vec<String>>,
}

/// `[limits]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsConfig {
    /// Address space of a worker, MiB.
    pub(crate) worker_memory_mebibytes: Option<u64>,
    /// Processor seconds for one record.
    pub(crate) record_cpu_seconds: Option<u64>,
    /// Payload of a record above which it is cut, MiB.
    pub(crate) payload_mebibytes: Option<u64>,
    /// Payload bytes on their way, MiB.
    pub(crate) in_flight_mebibytes: Option<u64>,
    /// Memory of the index writer, MiB.
    pub(crate) writer_memory_mebibytes: Option<u64>,
}

impl Config {
    /// Reads the file that was named, or the one in the user's configuration folder if it is
    /// there.
    pub(crate) fn load(named: Option<&Path>) -> anyhow::Result<Self> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => match folder("XDG_CONFIG_HOME", ".config") {
                Some(folder) => folder.join("conspectus").join("config.toml"),
                None => return Ok(Self::default()),
            },
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(Failure::new(
                    Kind::Config,
                    format!(
                        "cannot read the configuration `{}`: {error}",
                        path.display()
                    ),
                )
                .into());
            }
        };
        Self::parse(&text)
            .map_err(|error| Failure::new(Kind::Config, error.to_string().trim().to_owned()))
            .with_context(|| format!("in the configuration `{}`", path.display()))
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The index folder: as named, as configured, or the user's own.
    pub(crate) fn index(&self, named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
        if let Some(path) = named.or_else(|| self.index.clone()) {
            return Ok(path);
        }
        let data = data_folder()?;
        Ok(data.join("index"))
    }
}

/// The user's data folder for this program, by the XDG base directory specification.
pub(crate) fn data_folder() -> anyhow::Result<PathBuf> {
    let data = folder("XDG_DATA_HOME", ".local/share").ok_or_else(|| {
        Failure::new(Kind::Config, "there is no home folder to keep an index in")
            .hint("name a folder with --index DIR")
    })?;
    Ok(data.join("conspectus"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment enters the program here"
)]
fn folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match set(variable) {
        Some(path) => Some(PathBuf::from(path)),
        None => set("HOME").map(|home| Path::new(&home).join(below_home)),
    }
}

/// Whether colour is unwanted, by the convention of <https://no-color.org>.
#[expect(
    clippy::disallowed_methods,
    reason = "the environment enters the program here"
)]
pub(crate) fn no_colour() -> bool {
    std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_known_and_others_are_refused() {
        let text = include_str!("../../../docs/config.toml");
        let commented: String = text
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .fold(String::new(), |mut all, line| {
                all.push_str(line);
                all.push('\n');
                all
            });
        let config = Config::parse(&commented).unwrap();
        assert_eq!(config.add.commit_seconds, Some(60));
        assert!(Config::parse("[add]\ncolection = \"x\"\n").is_err());
    }

    #[test]
    fn a_program_for_pages_without_text() {
        let command = |text: &str| {
            let config = Config::parse(text).unwrap();
            let options = config.extract.options(Path::new("/spool"));
            options.map(|options| options.ocr.map(|ocr| ocr.command.join("|")))
        };
        assert_eq!(command("").unwrap(), None);
        let expected = Some("tesseract|{image}|stdout".to_owned());
        for said in [
            "command = 'tesseract {image}  stdout'",
            "command = ['tesseract', '{image}', 'stdout']\npages = 3",
        ] {
            assert_eq!(
                command(&format!("[extract.ocr]\n{said}")).unwrap(),
                expected
            );
        }
        for wrong in [
            "''",
            "[]",
            "'tesseract'",
            "['{image}']",
            "'tesseract stdout'",
        ] {
            assert!(
                command(&format!("[extract.ocr]\ncommand = {wrong}")).is_err(),
                "{wrong}"
            );
        }
        assert!(Config::parse("[extract.ocr]\ntimeout_seconds = 0").is_err());
    }
}
