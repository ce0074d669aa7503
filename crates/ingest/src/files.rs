//! Files as sources: which are there, which were read before, and where to go on.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use engine::{EngineError, SourceState, Writer};
use model::record::{Digest, Position};

use crate::add::AddSettings;
use crate::pipeline::Task;

/// Bytes at the start of a file by which a grown file is told from another one. A file up to
/// this size is known by all of its bytes, so that one that was only touched is not read again.
const BEGINNING_BYTES: u64 = 1 << 20;

/// What there is to read below some paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Files.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
}

/// Counts the files below the paths, for progress. What cannot be looked at counts nothing.
pub fn measure(paths: &[PathBuf]) -> Measured {
    let mut measured = Measured::default();
    for path in paths {
        for file in source::walk(path).flatten() {
            measured.files += 1;
            measured.bytes += std::fs::metadata(&file).map_or(0, |metadata| metadata.len());
        }
    }
    measured
}

/// What is to be done with a file.
pub(crate) enum Due {
    /// It was read whole, and has not changed since.
    Unchanged,
    /// It is to be read.
    Read(Box<Pending>),
}

/// A file that is to be read.
pub(crate) struct Pending {
    pub(crate) task: Task,
    /// What will be known of it.
    pub(crate) state: SourceState,
    /// The offset behind which it was read before and is read again: what was read there is taken
    /// back first. A tail that was cut then has been completed, and is another record now.
    pub(crate) again: Option<u64>,
}

/// The reader that is noted for files which no reader knows: with all readers there are, so that
/// such a file is looked at again when one more has come.
fn unknown_reader() -> String {
    format!("none of {}", source::READERS.join(", "))
}

/// Stands between a reader and the way in which pages without text were read for it.
const WITH: &str = " with ";

/// A reader as it is noted with a file: with the program that was to read pages without text, where
/// there may be such pages in it.
pub(crate) fn noted(reader: String, options: &extract::Options) -> String {
    match way(options) {
        Some(way) if source::may_hold_pdfs(&reader) => format!("{reader}{WITH}{way}"),
        _ => reader,
    }
}

/// What tells one way of reading pages without text from another one.
fn way(options: &extract::Options) -> Option<String> {
    let ocr = options.ocr.as_ref()?;
    let said = format!("{}\0{}", ocr.command.join("\0"), ocr.pages);
    let digest = Digest::of(said.as_bytes()).to_string();
    Some(digest.chars().skip("sha256:".len()).take(8).collect())
}

/// What is known of a file, with nothing but the reader's name for its reader; `None` where its
/// pages without text are to be read in another way than they were. Where they are to be read in no
/// way now, what was read stays.
fn read_in_this_way(mut known: SourceState, options: &extract::Options) -> Option<SourceState> {
    let (reader, with) = match known.reader.split_once(WITH) {
        Some((reader, with)) => (reader.to_owned(), Some(with.to_owned())),
        None => (known.reader, None),
    };
    let way = way(options).filter(|_| source::may_hold_pdfs(&reader));
    known.reader = reader;
    (way.is_none() || way == with).then_some(known)
}

/// Compares a file with what is known of it.
pub(crate) fn due(
    path: &Path,
    source: &str,
    settings: &AddSettings,
    writer: &dyn Writer,
) -> Result<Result<Due, io::Error>, EngineError> {
    let name = path.to_string_lossy().into_owned();
    let collection = settings.collection.as_str();
    let known = writer.source(&name, collection)?;
    let known = known.and_then(|known| read_in_this_way(known, &settings.read.extract));
    let (metadata, beginning) = match look(path, known.as_ref()) {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let size = metadata.len();
    let modified_nanos = modified_nanos(&metadata);
    let Some(beginning) = beginning else {
        return Ok(Ok(Due::Unchanged));
    };
    let touched = known.as_ref().is_some_and(|known| {
        known.complete
            && known.size == size
            && size <= BEGINNING_BYTES
            && known.beginning == beginning.now
            && reader_is_current(&known.reader)
    });
    if touched {
        return Ok(Ok(Due::Unchanged));
    }
    let grown = known.filter(|known| {
        // Of the same size and yet changed: a hole that was filled, behind what was read.
        (known.size < size || (known.size == size && !known.complete))
            && reader_is_current(&known.reader)
            && source::grows(&known.reader)
            && known.beginning == beginning.of_known
    });
    let again = grown
        .as_ref()
        .filter(|known| known.position.0 < known.size)
        .map(|known| known.position.0);
    let from = grown
        .map(|known| known.position)
        .filter(|position| position.0 > 0);
    let state = SourceState {
        path: name,
        collection: collection.to_owned(),
        size,
        modified_nanos,
        beginning: beginning.now,
        reader: unknown_reader(),
        position: from.clone().unwrap_or(Position(0)),
        complete: false,
    };
    let task = Task {
        path: path.to_owned(),
        source: source.to_owned(),
        from,
    };
    Ok(Ok(Due::Read(Box::new(Pending { task, state, again }))))
}

struct Beginning {
    /// Of the file as it is.
    now: String,
    /// Of as many bytes as were hashed when it was read last.
    of_known: String,
}

/// Looks at a file; `None` for the beginning where size and time say that nothing has changed.
fn look(path: &Path, known: Option<&SourceState>) -> io::Result<(Metadata, Option<Beginning>)> {
    let metadata = std::fs::metadata(path)?;
    let same = known.is_some_and(|known| {
        known.complete
            && known.size == metadata.len()
            && known.modified_nanos == modified_nanos(&metadata)
            && reader_is_current(&known.reader)
    });
    if same {
        return Ok((metadata, None));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(BEGINNING_BYTES)
        .read_to_end(&mut bytes)?;
    let hashed = known.map_or(BEGINNING_BYTES, |known| known.size.min(BEGINNING_BYTES));
    let of_known = bytes
        .get(..(hashed as usize).min(bytes.len()))
        .unwrap_or_default();
    let beginning = Beginning {
        now: Digest::of(&bytes).to_string(),
        of_known: Digest::of(of_known).to_string(),
    };
    Ok((metadata, Some(beginning)))
}

fn reader_is_current(reader: &str) -> bool {
    source::READERS.contains(&reader) || reader == unknown_reader()
}

fn modified_nanos(metadata: &Metadata) -> i64 {
    let Ok(modified) = metadata.modified() else {
        return 0;
    };
    match modified.duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |n| -n),
    }
}
