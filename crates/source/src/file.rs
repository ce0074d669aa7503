//! Whole files that are one record each: saved pages, as browsers and mirrors keep them, and PDFs.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use model::record::{MediaType, Position, Record, RecordKind};
use url::Url;

use crate::html::{Declared, declared};
use crate::payload::Sink;
use crate::sniff::sniff;
use crate::{Items, Options, ReadError, Source, file_origin, modified};

/// Bytes of a file in which what it says of its address is looked for: pages with inlined styles
/// have long heads.
const HEAD: usize = 64 * 1024;

/// Name and version of the reader of HTML files.
pub(crate) const HTML: &str = "html 1";

/// Name and version of the reader of PDFs.
pub(crate) const PDF: &str = "pdf 1";

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
    size: u64,
}

impl Whole {
    /// Opens a file; nothing is read yet.
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, ReadError> {
        let data = std::fs::metadata(path).map_err(|source| ReadError::Open {
            path: path.to_owned(),
            origin: Box::new(file_origin(path, options)),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            options: options.clone(),
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
        let mut warnings = Vec::new();
        let media_type = sniff(&kept.beginning, None, &self.path.to_string_lossy());
        let said = if media_type.is_html() {
            declared(&head)
        } else {
            Declared::default()
        };
        let url = self.address(&said, &mut warnings);
        Ok(Record {
            kind: RecordKind::Resource,
            media_type,
            url,
            captured: said.saved.unwrap_or(modified),
            status: None,
            headers: Vec::new(),
            payload: kept.payload,
            digest: Some(kept.digest),
            archive_digest: None,
            truncated: kept.cut,
            origin,
            warnings,
        })
    }

    /// What the file declares, else its place below the base, else its `file:` address.
    fn address(&self, said: &Declared, warnings: &mut Vec<String>) -> String {
        let below = self.below();
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
        if let Some(base) = &self.options.base
            && let Some(url) = below_base(base, &below)
        {
            return url;
        }
        match Url::from_file_path(&self.path) {
            Ok(url) => url.into(),
            Err(()) => format!("file:///{below}"),
        }
    }

    /// The path below the source, with `/` between its parts.
    fn below(&self) -> String {
        let below = self.path.strip_prefix(&self.options.source).ok();
        let below = below.filter(|below| !below.as_os_str().is_empty());
        let below = below.unwrap_or_else(|| Path::new(self.path.file_name().unwrap_or_default()));
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
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

/// The address of a file below a base. A `?` in the name is a query: `wget -r` keeps
/// `index.php?page=2` under that name.
fn below_base(base: &str, below: &str) -> Option<String> {
    let mut address = base.trim_end_matches('/').to_owned();
    address.push('/');
    let mut rest = below;
    while let Some(at) = rest.find(['%', '#']) {
        let (before, from) = rest.split_at_checked(at)?;
        address.push_str(before);
        let mut digits = from.bytes().skip(1).take(2).filter(u8::is_ascii_hexdigit);
        let escaped = from.starts_with('%') && digits.by_ref().count() == 2;
        address.push_str(match (escaped, from.starts_with('%')) {
            (true, _) => "%",
            (false, true) => "%25",
            (false, false) => "%23",
        });
        rest = from.get(1..)?;
    }
    address.push_str(rest);
    Url::parse(&address).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_below_a_base() {
        let check = |below: &str, expected: &str| {
            assert_eq!(
                below_base("https://veldania.example/x/", below).as_deref(),
                Some(expected)
            );
        };
        check("a/index.html", "https://veldania.example/x/a/index.html");
        check(
            "index.php?page=2",
            "https://veldania.example/x/index.php?page=2",
        );
        check("100%.html", "https://veldania.example/x/100%25.html");
        check("a%20b#c.html", "https://veldania.example/x/a%20b%23c.html");
        check("a b/é.html", "https://veldania.example/x/a%20b/%C3%A9.html");
    }
}
