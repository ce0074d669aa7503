//! Whole files that are one record each: saved pages, as browsers and mirrors keep them, PDFs, what
//! belongs to a video, and discussions that are one JSON text.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use model::record::{MediaType, Position, Record, RecordKind};
use model::time::UnixSeconds;
use url::Url;

use crate::captions::{belongs, is_vtt};
use crate::html::{Declared, declared};
use crate::json::Seen;
use crate::payload::Sink;
use crate::place::{address, below};
use crate::sniff::sniff;
use crate::video::{Info, thumbnail_of};
use crate::{Items, Options, ReadError, Source, file_origin, modified};

/// Bytes of a file in which what it says of its address is looked for: pages with inlined styles
/// have long heads.
const HEAD: usize = 64 * 1024;

/// Name and version of the reader of HTML files.
pub(crate) const HTML: &str = "html 1";

/// Name and version of the reader of PDFs.
pub(crate) const PDF: &str = "pdf 1";

/// Name and version of the reader of metadata that yt-dlp wrote.
pub(crate) const INFO: &str = "yt-dlp 1";

/// Name and version of the reader of captions.
pub(crate) const CAPTIONS: &str = "captions 1";

/// Name and version of the reader of discussions and transcripts that are JSON.
pub(crate) const JSON: &str = "json 1";

/// Name and version of the reader of pictures that belong to a video.
pub(crate) const THUMBNAIL: &str = "thumbnail 1";

/// The reader of whole files of this type.
pub(crate) fn reader(media_type: &MediaType) -> Option<&'static str> {
    match media_type.as_str() {
        "application/pdf" => Some(PDF),
        _ => media_type.is_html().then_some(HTML),
    }
}

/// A file that is one record.
pub(crate) struct Whole {
    path: PathBuf,
    options: Options,
    reader: &'static str,
    size: u64,
}

/// What a file says of itself, or what lies beside it.
struct Told {
    media_type: MediaType,
    url: String,
    captured: Option<UnixSeconds>,
    headers: Vec<(String, String)>,
    warnings: Vec<String>,
}

impl Whole {
    /// Opens a file with one of the readers of this module; nothing is read yet.
    pub(crate) fn open(
        path: &Path,
        options: &Options,
        reader: &'static str,
    ) -> Result<Self, ReadError> {
        let data = std::fs::metadata(path).map_err(|source| ReadError::Open {
            path: path.to_owned(),
            origin: Box::new(file_origin(path, options)),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            options: options.clone(),
            reader,
            size: data.len(),
        })
    }

    fn read(&self) -> Result<Record, ReadError> {
        let mut origin = file_origin(&self.path, &self.options);
        let file = File::open(&self.path).map_err(|source| ReadError::Open {
            path: self.path.clone(),
            origin: Box::new(origin.clone()),
            source,
        })?;
        let failed = |source| ReadError::Io {
            origin: Box::new(origin.clone()),
            source,
        };
        let modified = modified(&file);
        let mut head = Vec::with_capacity(HEAD);
        let mut reader = BufReader::with_capacity(HEAD, file);
        let mut sink = Sink::new(&self.options, self.size);
        (&mut reader)
            .take(HEAD as u64)
            .read_to_end(&mut head)
            .map_err(failed)?;
        sink.write(&head);
        loop {
            let length = match reader.fill_buf() {
                Ok([]) => break,
                Ok(window) => {
                    sink.write(window);
                    window.len()
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            reader.consume(length);
        }
        let kept = sink.finish().map_err(|source| ReadError::Spool {
            path: self.options.spool.clone(),
            origin: Box::new(origin.clone()),
            source,
        })?;
        origin.digest = Some(kept.digest);
        let told = self.told(&head, &kept.beginning);
        Ok(Record {
            kind: RecordKind::Resource,
            media_type: told.media_type,
            url: told.url,
            captured: told.captured.unwrap_or(modified),
            status: None,
            headers: told.headers,
            payload: kept.payload,
            digest: Some(kept.digest),
            archive_digest: None,
            truncated: kept.cut,
            origin,
            warnings: told.warnings,
        })
    }

    fn told(&self, head: &[u8], beginning: &[u8]) -> Told {
        let mut told = Told {
            media_type: sniff(beginning, None, &self.path.to_string_lossy()),
            url: String::new(),
            captured: None,
            headers: Vec::new(),
            warnings: Vec::new(),
        };
        match self.reader {
            INFO => {
                let info = Info::read(&self.path).unwrap_or_default();
                told.media_type = MediaType::new("application/vnd.yt-dlp+json");
                info.address().unwrap_or_default().clone_into(&mut told.url);
                told.captured = info.written();
                if let Some(picture) = thumbnail_of(&self.path) {
                    let place = address(&picture, &self.options);
                    told.headers
                        .push(("conspectus-thumbnail".to_owned(), place));
                }
            }
            CAPTIONS => {
                told.media_type = MediaType::new(if is_vtt(beginning) {
                    "text/vtt"
                } else {
                    "application/x-subrip"
                });
                let belongs = belongs(&self.path, head);
                told.url = belongs.address.unwrap_or_default();
                told.headers = belongs.headers;
            }
            JSON => {
                told.media_type = MediaType::new("application/json");
                told.url = self.declared_in_json(head).unwrap_or_default();
            }
            _ => {
                let said = if told.media_type.is_html() {
                    declared(head)
                } else {
                    Declared::default()
                };
                told.url = self.declared_or_place(&said, &mut told.warnings);
                told.captured = said.saved;
            }
        }
        if told.url.is_empty() {
            told.url = address(&self.path, &self.options);
        }
        told
    }

    /// The address that a saved topic of Discourse may have been given: its interface gives none.
    fn declared_in_json(&self, head: &[u8]) -> Option<String> {
        if !Seen::of(head).is_discourse() {
            return None;
        }
        let file = File::open(&self.path).ok()?;
        let text = BufReader::with_capacity(HEAD, file.take(self.options.payload_limit));
        let url = Seen::of_stream(text).url?;
        let web = Url::parse(&url).ok()?;
        matches!(web.scheme(), "http" | "https").then_some(url)
    }

    /// What the file declares, else its place below the base, else its `file:` address.
    fn declared_or_place(&self, said: &Declared, warnings: &mut Vec<String>) -> String {
        let below = below(&self.path, &self.options);
        if let Some(canonical) = said.canonical.as_ref().or(said.og_url.as_ref()) {
            // Sites whose every page declares the home page are known; where the place of the
            // file shows that it is not the home page, it is not believed.
            let home =
                Url::parse(canonical).is_ok_and(|url| url.path() == "/" && url.query().is_none());
            let is_home = below.starts_with("index.") || below.starts_with("default.");
            if self.options.base.is_none() || !home || is_home {
                return canonical.clone();
            }
            warnings.push(format!(
                "`{below}` declares the home page `{canonical}` as its own"
            ));
        }
        if let Some(saved) = &said.saved_from {
            return saved.clone();
        }
        address(&self.path, &self.options)
    }
}

impl Source for Whole {
    fn open(&self, from: Option<Position>) -> Result<Items<'_>, ReadError> {
        if from.is_some_and(|position| position.0 >= self.size) {
            return Ok(Box::new(std::iter::empty()));
        }
        let result = self.read();
        let again = matches!(&result, Err(error) if error.is_transient());
        let item = (Position(if again { 0 } else { self.size }), result);
        Ok(Box::new(std::iter::once(item)))
    }

    fn bytes(&self) -> Option<u64> {
        Some(self.size)
    }
}
