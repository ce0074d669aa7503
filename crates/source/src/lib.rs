//! From paths to records: what lies in archives and files, one item at a time.
//!
//! [`walk()`] lists the files below a path, [`recognise`] says by content which reader knows a
//! file, [`open`] gives its [`Source`]. Bytes from outside are hostile: windows are of fixed size,
//! headers have a limit, payloads are spooled and cut, and what cannot be read is one
//! [`ReadError`] among the records.
#![warn(missing_docs)]
#![warn(clippy::indexing_slicing)]

mod blocks;
mod body;
mod captions;
mod error;
mod file;
mod html;
mod json;
mod left_out;
mod payload;
mod place;
mod recognise;
mod sniff;
mod stream;
mod video;
mod walk;
mod warc;

use std::fs::File;
use std::path::{Path, PathBuf};

use model::record::{Origin, Position, Record, Step};
use model::time::UnixSeconds;

use crate::recognise::{Reader, reader_of};

pub use error::{Damage, ReadError};
pub use sniff::sniff;
pub use walk::walk;

/// What a source gives: a record or what could not be read, with the position behind it.
pub type Item = (Position, Result<Record, ReadError>);

/// The items of a source, in the order of the file.
pub type Items<'s> = Box<dyn Iterator<Item = Item> + Send + 's>;

/// A file that holds records.
pub trait Source: Send {
    /// Reads on from a position. An `Err` is one record that could not be read, or a sign of life
    /// ([`ReadError::is_sign_of_life`]); the stream goes on behind it.
    ///
    /// A position is the byte offset in the file behind the record it comes with. Three are not:
    /// the position of a record that the end of the file cuts is its own beginning, so that it is
    /// read again when the file has grown ([`is_unfinished`] tells it); that of a record that
    /// shares its last gzip member with a later one is the last member before which a record
    /// ended, as nothing can be read from the middle of a member; and that of an error of the
    /// disk ([`ReadError::is_transient`]), with which the items end, is the one before it.
    fn open(&self, from: Option<Position>) -> Result<Items<'_>, ReadError>;

    /// Size in bytes where it is known, for progress.
    fn bytes(&self) -> Option<u64>;
}

/// How sources are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Absolute path that the user gave: a file, or the folder that was walked.
    pub source: String,
    /// Address at which the folder `source` lay, for files that declare none.
    pub base: Option<String>,
    /// Payloads up to this many bytes stay in memory.
    pub payload_in_memory: u64,
    /// At most this many bytes of a payload are kept.
    pub payload_limit: u64,
    /// Folder for payloads that are larger than `payload_in_memory`; must exist.
    pub spool: PathBuf,
}

/// All readers, by the names that [`recognise`] gives. A file that none of them knew is worth
/// another look when one has come.
pub const READERS: &[&str] = &[
    warc::READER,
    file::HTML,
    file::PDF,
    file::INFO,
    file::CAPTIONS,
    file::JSON,
    file::THUMBNAIL,
    blocks::LINES,
    blocks::ROWS,
    left_out::READER,
];

/// Whether files of this reader grow at their end, so that a longer file is read on and not
/// again.
pub fn grows(reader: &str) -> bool {
    matches!(reader, warc::READER | blocks::LINES | blocks::ROWS)
}

/// Address space in bytes that reading a compressed file may take beside everything else: the
/// window of a zstd frame of `--long=31`, and the blocks that it is moved by. Only what of it is
/// filled becomes memory.
pub const WINDOW_BYTES: u64 = (1 << 31) + (64 << 20);

/// Whether PDFs may come from files of this reader.
pub fn may_hold_pdfs(reader: &str) -> bool {
    reader == warc::READER || reader == file::PDF
}

/// How the warning begins that a record bears which the end of the file cuts.
const ENDS_WITHIN: &str = "the file ends within this record";

/// Whether the end of the file cuts this record, which came with this position: the unfinished
/// tail of a file that is still being written, or of one that was cut.
pub fn is_unfinished(record: &Record, position: &Position) -> bool {
    let start = record.origin.steps.first().map_or(0, first_number);
    record.truncated
        && position.0 <= start
        && record.warnings.iter().any(|w| w.starts_with(ENDS_WITHIN))
}

/// Which reader reads this file: `warc 1`, `html 1`, `pdf 1` and so on, see [`READERS`]; `None`
/// for what no reader knows. The digit is the reader's version.
///
/// The content decides. A name does in few cases, so that the damage is reported and what lies
/// behind it found: a file called `.warc` or `.warc.gz` whose beginning is damaged is read all the
/// same, and so is one called `.pdf` that is empty or begins with bytes of no known kind, and a
/// compressed dump that is damaged at once. Pictures and descriptions are told by the metadata of
/// a video that bears their name.
pub fn recognise(path: &Path) -> Result<Option<&'static str>, ReadError> {
    let reader = reader_of(path, absolute_origin(path))?;
    Ok(reader.map(Reader::name))
}

/// Opens a file with the reader that knows it.
pub fn open(path: &Path, options: &Options) -> Result<Box<dyn Source>, ReadError> {
    let reader = reader_of(path, file_origin(path, options))?;
    Ok(match reader {
        Some(Reader::Warc) => Box::new(warc::Warc::open(path, options)?),
        Some(Reader::Whole(name)) => Box::new(file::Whole::open(path, options, name)?),
        Some(Reader::Blocks(split)) => Box::new(blocks::Blocks::open(path, options, split)?),
        Some(Reader::LeftOut(what)) => Box::new(left_out::LeftOut::new(path, options, what)),
        None => {
            return Err(ReadError::Unknown {
                path: path.to_owned(),
                origin: Box::new(file_origin(path, options)),
            });
        }
    })
}

/// Reads the record at an origin again.
pub fn read_again(origin: &Origin, options: &Options) -> Result<Record, ReadError> {
    let options = Options {
        source: origin.source.clone(),
        ..options.clone()
    };
    let path = origin.file();
    let reader = reader_of(&path, file_origin(&path, &options))?;
    let record = match (reader, origin.steps.as_slice()) {
        (Some(Reader::Whole(name)), []) => {
            let file = file::Whole::open(&path, &options, name)?;
            let mut items = file.open(None)?;
            items.next().map(|(_, result)| result)
        }
        (
            Some(Reader::Blocks(split)),
            [Step::Bytes(offset, length) | Step::Decoded(offset, length)],
        ) => {
            let file = blocks::Blocks::open(&path, &options, split)?;
            file.again(*offset, *length)?.map(Ok)
        }
        (_, [Step::Bytes(offset, _), rest @ ..]) => {
            let file = warc::Warc::open(&path, &options)?;
            let inner = match rest {
                [Step::Decoded(inner, _)] => *inner,
                _ => 0,
            };
            let mut items = file.open_at(*offset, inner)?;
            items.next().map(|(_, result)| result)
        }
        _ => None,
    };
    let changed = || ReadError::Changed {
        origin: Box::new(origin.clone()),
    };
    let record = record.ok_or_else(changed)??;
    let same_place = record.origin.steps.first().map(first_number)
        == origin.steps.first().map(first_number)
        && record.origin.steps.get(1).map(first_number) == origin.steps.get(1).map(first_number);
    if !same_place || (origin.digest.is_some() && record.digest != origin.digest) {
        discard(&record);
        return Err(changed());
    }
    Ok(record)
}

fn first_number(step: &Step) -> u64 {
    match step {
        Step::Bytes(offset, _) | Step::Decoded(offset, _) => *offset,
        Step::Entry(_) => 0,
    }
}

/// Removes the file of a payload that nobody will read.
fn discard(record: &Record) {
    if let model::record::Payload::Spooled(path) = &record.payload {
        // It lies in a folder of ours that is emptied anyway.
        match std::fs::remove_file(path) {
            Ok(()) | Err(_) => {}
        }
    }
}

/// The origin of a whole file.
fn file_origin(path: &Path, options: &Options) -> Origin {
    let below = path.strip_prefix(&options.source).ok();
    let path = match below {
        Some(below) if !below.as_os_str().is_empty() => below,
        _ => path,
    };
    Origin {
        source: options.source.clone(),
        path: path.to_string_lossy().into_owned(),
        steps: Vec::new(),
        digest: None,
    }
}

/// The origin of a file or folder of which nothing but its path is known.
fn absolute_origin(path: &Path) -> Origin {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = path.to_string_lossy().into_owned();
    Origin {
        source: path.clone(),
        path,
        steps: Vec::new(),
        digest: None,
    }
}

/// When a file was changed last; 1970 where the file system does not know.
fn modified(file: &File) -> UnixSeconds {
    let time = file.metadata().and_then(|data| data.modified());
    let seconds = time.map_or(0, |time| match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => after.as_secs() as i64,
        Err(before) => -(before.duration().as_secs() as i64),
    });
    UnixSeconds(seconds)
}
