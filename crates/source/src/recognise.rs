//! Which reader reads a file, by its content and by what lies beside it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use memchr::memmem;
use model::record::Origin;

use crate::blocks::{self, Compression, Split};
use crate::captions::{is_srt, is_vtt};
use crate::json::{Seen, without_mark};
use crate::video::{MAX_INFO, info_of};
use crate::{ReadError, file, left_out, payload, sniff, stream, warc};

/// Bytes of a file that are looked at first.
const BEGINNING: usize = 4096;

/// Bytes of a text that are looked at to tell its kind.
const TEXT: usize = 64 * 1024;

/// Lines among which one of a dump is looked for: the first may be cut.
const LINES: usize = 16;

/// A reader, and what it does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// An archive of records.
    Warc,
    /// A file that is one record, by the reader of this name.
    Whole(&'static str),
    /// A file of many lines or rows.
    Blocks(Split),
    /// A file that is known and not read: what to say of it, if anything.
    LeftOut(Option<&'static str>),
}

impl Reader {
    /// Name and version.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Warc => warc::READER,
            Self::Whole(name) => name,
            Self::Blocks(Split::Lines) => blocks::LINES,
            Self::Blocks(Split::Rows) => blocks::ROWS,
            Self::LeftOut(_) => left_out::READER,
        }
    }
}

/// The reader of a file; `None` where none knows it.
pub(crate) fn reader_of(path: &Path, origin: Origin) -> Result<Option<Reader>, ReadError> {
    let origin = Box::new(origin);
    let failed = |source| ReadError::Open {
        path: path.to_owned(),
        origin: origin.clone(),
        source,
    };
    let data = std::fs::metadata(path).map_err(failed)?;
    if !data.is_file() && !data.is_dir() {
        // To open a pipe would wait for its writer.
        return Err(ReadError::NotAFile {
            path: path.to_owned(),
            origin,
        });
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut beginning = Vec::with_capacity(BEGINNING);
    (&mut file)
        .take(BEGINNING as u64)
        .read_to_end(&mut beginning)
        .map_err(failed)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    let found = if beginning.starts_with(b"\x1f\x8b") {
        stream::begins_record(&beginning)
    } else {
        beginning.trim_ascii_start().starts_with(b"WARC/")
    };
    let named = [".warc", ".warc.gz"].iter().any(|end| name.ends_with(end));
    if found || named {
        return Ok(Some(Reader::Warc));
    }
    let compression = Compression::of(&beginning);
    if compression != Compression::Plain {
        return of_compressed(path, compression, &name).map_err(failed);
    }
    // As many bytes as the reader will look at, so that the two agree.
    let sniffed = beginning.get(..payload::SNIFFED).unwrap_or(&beginning);
    let media_type = sniff(sniffed, None, &name);
    if let Some(reader) = file::reader(&media_type) {
        return Ok(Some(Reader::Whole(reader)));
    }
    if media_type.as_str().starts_with("image/") && media_type.as_str() != "image/svg+xml" {
        return Ok(info_of(path).map(|_| Reader::Whole(file::THUMBNAIL)));
    }
    of_text(path, &mut file, beginning, data.len()).map_err(failed)
}

/// The reader of a file that is compressed as a whole.
fn of_compressed(path: &Path, compression: Compression, name: &str) -> io::Result<Option<Reader>> {
    let (text, damage) = blocks::beginning(path, compression, TEXT)?;
    // What is damaged at once can only be told by its name, as dumps are called.
    let damaged = damage.is_some() && text.is_empty() && is_called_dump(name);
    let lines = damaged || is_dump(&text);
    if !lines && is_posts(&text) {
        return Ok(Some(Reader::Blocks(Split::Rows)));
    }
    Ok(lines.then_some(Reader::Blocks(Split::Lines)))
}

/// Whether a file is called as compressed dumps of lines are: `RC_2019-04.zst`,
/// `istmere_comments.zst`, `a.ndjson.gz`.
fn is_called_dump(name: &str) -> bool {
    let Some((stem, "zst" | "gz")) = name.rsplit_once('.') else {
        return false;
    };
    let month = |start: &str| {
        let rest = stem.strip_prefix(start).unwrap_or_default();
        rest.len() >= 7 && rest.starts_with(|c: char| c.is_ascii_digit())
    };
    [".ndjson", ".jsonl", "_comments", "_submissions"]
        .iter()
        .any(|end| stem.ends_with(end))
        || month("rc_")
        || month("rs_")
}

/// The reader of a file that looks like text, or of what lies beside metadata.
fn of_text(
    path: &Path,
    file: &mut File,
    mut text: Vec<u8>,
    size: u64,
) -> io::Result<Option<Reader>> {
    let called = path.extension().unwrap_or_default();
    if called.eq_ignore_ascii_case("description") && info_of(path).is_some() {
        return Ok(Some(Reader::LeftOut(None)));
    }
    if is_vtt(&text) || is_srt(&text) {
        return Ok(Some(Reader::Whole(file::CAPTIONS)));
    }
    let start = without_mark(&text).trim_ascii_start();
    let (json, xml) = match start.first() {
        Some(b'{' | b'[') => (true, false),
        Some(b'<') => (false, true),
        // The first line of a dump may be cut.
        Some(_) => (memmem::find(start, b"\n{\"").is_some(), false),
        None => (false, false),
    };
    if !json && !xml {
        return Ok(None);
    }
    let more = (TEXT - text.len()) as u64;
    file.take(more).read_to_end(&mut text)?;
    if xml {
        return Ok(of_dump_xml(&text));
    }
    if is_dump(&text) {
        return Ok(Some(Reader::Blocks(Split::Lines)));
    }
    let mut seen = Seen::of(&text);
    if seen.is_whole() {
        return Ok(Some(Reader::Whole(file::JSON)));
    }
    // Its keys may stand in any order, behind half a megabyte of formats.
    if seen.is_object() && !seen.is_video() && size > text.len() as u64 && size <= MAX_INFO {
        let file = File::open(path)?;
        seen = Seen::of_stream(io::BufReader::with_capacity(TEXT, file.take(MAX_INFO)));
    }
    Ok(if seen.is_video() {
        Some(Reader::Whole(file::INFO))
    } else if seen.is_playlist() {
        Some(Reader::LeftOut(Some("metadata of a list of videos are")))
    } else {
        None
    })
}

/// Whether one of the first lines is a submission or a comment of a dump of Reddit. An array of
/// them, one on a line, is one JSON text.
fn is_dump(text: &[u8]) -> bool {
    if without_mark(text).trim_ascii_start().starts_with(b"[") {
        return false;
    }
    let lines = text.split(|byte| *byte == b'\n');
    lines
        .map(|line| without_mark(line).trim_ascii())
        .filter(|line| line.starts_with(b"{"))
        .take(LINES)
        .any(|line| Seen::of(line).is_dump_line())
}

/// The root element of a text that begins as XML.
fn root(text: &[u8]) -> &[u8] {
    let mut rest = without_mark(text).trim_ascii_start();
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.first().is_some_and(u8::is_ascii_alphabetic) {
            let end = rest
                .iter()
                .position(|byte| !byte.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            return rest.get(..end).unwrap_or_default();
        }
    }
    &[]
}

/// Whether a text begins as the posts of a Stack Exchange dump.
fn is_posts(text: &[u8]) -> bool {
    of_dump_xml(text) == Some(Reader::Blocks(Split::Rows))
}

/// The reader of a file of a Stack Exchange dump, all of which look the same.
fn of_dump_xml(text: &[u8]) -> Option<Reader> {
    let row = memmem::find(text, b"<row Id=\"")?;
    let row = text.get(row..).unwrap_or_default();
    let has = |attribute: &[u8]| memmem::find(row, attribute).is_some();
    let what = match root(text).to_ascii_lowercase().as_slice() {
        b"posts" if has(b" PostTypeId=\"") => return Some(Reader::Blocks(Split::Rows)),
        b"users" if has(b" DisplayName=\"") => "users of a Stack Exchange dump are",
        b"votes" if has(b" VoteTypeId=\"") => "votes of a Stack Exchange dump are",
        b"comments" if has(b" PostId=\"") => "comments of a Stack Exchange dump are",
        b"badges" if has(b" UserId=\"") => "badges of a Stack Exchange dump are",
        b"tags" if has(b" TagName=\"") => "tags of a Stack Exchange dump are",
        b"posthistory" if has(b" PostHistoryTypeId=\"") => {
            "earlier versions of posts of a Stack Exchange dump are"
        }
        b"postlinks" if has(b" LinkTypeId=\"") => "links of a Stack Exchange dump are",
        _ => return None,
    };
    Some(Reader::LeftOut(Some(what)))
}
