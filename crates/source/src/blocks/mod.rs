//! Files of many small things, gigabytes large: JSON lines of Reddit and rows of Stack Exchange.
//!
//! They are handed over in blocks of whole lines or rows, up to about a mebibyte each, so that
//! neither memory nor the number of records grows with the file. Where a block begins depends on
//! the bytes of the file alone, so that reading it again gives the same blocks.
//!
//! A compressed file has to be decoded from its start. Its positions are bytes of the file all
//! the same: that of a block is the place before which the decoder had taken all that an earlier
//! block needed, so that what is read on from there may say the last blocks once more, but leaves
//! none out.

mod input;
mod split;

use std::io;
use std::path::{Path, PathBuf};

use model::record::{MediaType, Origin, Position, Record, RecordKind, Step};
use model::time::UnixSeconds;

pub(crate) use self::input::{Compression, beginning};
use self::input::{Failure, Input};
pub(crate) use self::split::Split;
use crate::error::Damage;
use crate::payload::Sink;
use crate::place::address;
use crate::{ENDS_WITHIN, Item, Items, Options, ReadError, Source, file_origin, modified};

/// Name and version of the reader of JSON lines.
pub(crate) const LINES: &str = "ndjson 1";

/// Name and version of the reader of rows.
pub(crate) const ROWS: &str = "stackexchange 1";

/// A block has at most so many bytes, unless its one line has more.
const BLOCK: usize = 1024 * 1024;

/// A line of more bytes is lost.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// After so many decoded bytes that were read before, a sign of life is given.
const SILENCE: u64 = 256 * 1024 * 1024;

/// Bytes asked for at once.
const READ: usize = 256 * 1024;

/// A file of lines or rows.
pub(crate) struct Blocks {
    path: PathBuf,
    options: Options,
    size: u64,
    split: Split,
    compression: Compression,
    captured: UnixSeconds,
}

impl Blocks {
    /// Opens a file; nothing but its first bytes is read yet.
    pub(crate) fn open(path: &Path, options: &Options, split: Split) -> Result<Self, ReadError> {
        let look = || {
            let mut file = std::fs::File::open(path)?;
            let mut first = Vec::with_capacity(4);
            io::Read::read_to_end(&mut io::Read::take(&mut file, 4), &mut first)?;
            Ok((file.metadata()?.len(), first, modified(&file)))
        };
        let (size, first, captured) = look().map_err(|source| ReadError::Open {
            path: path.to_owned(),
            origin: Box::new(file_origin(path, options)),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            options: options.clone(),
            size,
            split,
            compression: Compression::of(&first),
            captured,
        })
    }

    /// Reads the block at a place of the (decoded) bytes again.
    pub(crate) fn again(&self, offset: u64, length: u64) -> Result<Option<Record>, ReadError> {
        if length > MAX_LINE as u64 {
            return Ok(None);
        }
        let (mut input, failure) = self.input(offset)?;
        let mut bytes = vec![0; length as usize];
        let mut end = 0;
        let mut failure = failure;
        while failure.is_none()
            && let Some(space) = bytes.get_mut(end..).filter(|space| !space.is_empty())
        {
            match input.read(space) {
                Ok(0) => break,
                Ok(read) => end += read,
                Err(found) => failure = Some(found),
            }
        }
        match failure {
            Some(Failure::Disk(source)) => Err(self.failed(offset, source)),
            Some(Failure::Bytes(_)) => Ok(None),
            None if end < bytes.len() => Ok(None),
            None => self.record(offset, &bytes).map(Some),
        }
    }

    fn input(&self, from: u64) -> Result<(Input, Option<Failure>), ReadError> {
        Input::open(&self.path, self.compression, from).map_err(|source| ReadError::Open {
            path: self.path.clone(),
            origin: Box::new(file_origin(&self.path, &self.options)),
            source,
        })
    }

    fn origin(&self, offset: u64, length: u64) -> Origin {
        let step = match self.compression {
            Compression::Plain => Step::Bytes(offset, length),
            Compression::Gzip | Compression::Zstd => Step::Decoded(offset, length),
        };
        Origin {
            steps: vec![step],
            ..file_origin(&self.path, &self.options)
        }
    }

    fn failed(&self, offset: u64, source: io::Error) -> ReadError {
        ReadError::Io {
            origin: Box::new(self.origin(offset, 0)),
            source,
        }
    }

    fn damaged(&self, offset: u64, length: u64, damage: Damage) -> ReadError {
        ReadError::Block {
            origin: Box::new(self.origin(offset, length)),
            damage,
        }
    }

    /// The record that these bytes are, which lie at an offset.
    fn record(&self, offset: u64, bytes: &[u8]) -> Result<Record, ReadError> {
        let mut origin = self.origin(offset, bytes.len() as u64);
        let mut sink = Sink::new(&self.options, bytes.len() as u64);
        sink.write(bytes);
        let kept = sink.finish().map_err(|source| ReadError::Spool {
            path: self.options.spool.clone(),
            origin: Box::new(origin.clone()),
            source,
        })?;
        origin.digest = Some(kept.digest);
        let site = match self.split {
            Split::Rows => site(&self.path),
            Split::Lines => None,
        };
        Ok(Record {
            kind: RecordKind::Resource,
            url: address(&self.path, &self.options),
            captured: self.captured,
            status: None,
            media_type: MediaType::new(self.split.media_type()),
            headers: site
                .map(|site| ("conspectus-site".to_owned(), site))
                .into_iter()
                .collect(),
            payload: kept.payload,
            digest: Some(kept.digest),
            archive_digest: None,
            truncated: kept.cut,
            origin,
            warnings: Vec::new(),
        })
    }
}

impl Source for Blocks {
    fn open(&self, from: Option<Position>) -> Result<Items<'_>, ReadError> {
        let from = from.map_or(0, |position| position.0);
        if from >= self.size {
            return Ok(Box::new(std::iter::empty()));
        }
        let offset = match self.compression {
            Compression::Plain => from,
            Compression::Gzip | Compression::Zstd => 0,
        };
        let (input, failure) = self.input(offset)?;
        Ok(Box::new(Runs {
            file: self,
            input,
            buffer: vec![0; BLOCK + READ],
            start: 0,
            end: 0,
            offset,
            ended: failure.is_some(),
            failure,
            skip: if offset == 0 { from } else { 0 },
            clean: 0,
            last: 0,
            reached: from,
            passed: 0,
            over: false,
        }))
    }

    fn bytes(&self) -> Option<u64> {
        Some(self.size)
    }
}

/// The host of a dump: the name of its folder, as the Internet Archive has it, where it looks like
/// one (`coffee.stackexchange.com`, `stackoverflow.com-Posts`).
fn site(path: &Path) -> Option<String> {
    let path = std::path::absolute(path).ok()?;
    let folder = path.parent()?.file_name()?.to_str()?.to_ascii_lowercase();
    let host = folder.strip_suffix("-posts").unwrap_or(&folder);
    let label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(inside) && !label.starts_with('-')
    };
    let (_, top) = host.rsplit_once('.')?;
    let top = top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_lowercase());
    (top && host.split('.').all(label)).then(|| host.to_owned())
}

/// The blocks of a file.
struct Runs<'f> {
    file: &'f Blocks,
    input: Input,
    /// What was read lies from `start` to `end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset of `start`, decoded.
    offset: u64,
    /// Whether nothing comes behind `end`.
    ended: bool,
    /// Why not, if it is not the end of the file.
    failure: Option<Failure>,
    /// Blocks for which the decoder had taken no more bytes of the file than this were read before.
    skip: u64,
    /// The most that it had taken for a block before those that took as much as the last one.
    clean: u64,
    /// What it had taken for the last one.
    last: u64,
    /// The position of the last item.
    reached: u64,
    /// Bytes that were read before and were decoded again without a word.
    passed: u64,
    over: bool,
}

impl Iterator for Runs<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while !self.over {
            if let Some((position, result)) = self.turn() {
                if result.as_ref().is_err_and(ReadError::is_transient) {
                    // What follows would hide that this was not read.
                    self.over = true;
                    return Some((Position(self.reached), result));
                }
                self.reached = position.0;
                self.passed = 0;
                return Some((position, result));
            }
            if self.passed >= SILENCE {
                let length = std::mem::take(&mut self.passed);
                let sign = ReadError::ReadBefore {
                    origin: Box::new(self.file.origin(self.offset - length, length)),
                    length,
                };
                return Some((Position(self.reached), Err(sign)));
            }
        }
        None
    }
}

impl Runs<'_> {
    /// The next block; `None` where there is nothing in it, or at the end.
    fn turn(&mut self) -> Option<Item> {
        self.fill(BLOCK);
        let have = self.held();
        let split = self.file.split;
        let window = have.get(..BLOCK).unwrap_or(have);
        if self.ended && have.len() <= BLOCK {
            return self.tail();
        }
        let cut = match split.last(window) {
            Some(cut) => Some(cut),
            None => self.first_beyond(BLOCK),
        };
        match cut {
            Some(cut) => self.block(cut),
            None if self.ended && self.end - self.start <= MAX_LINE => self.tail(),
            None => self.too_long(),
        }
    }

    fn held(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads until so many bytes are held, or nothing more comes.
    fn fill(&mut self, wanted: usize) {
        while !self.ended && self.end - self.start < wanted {
            if self.buffer.len() - self.end < READ {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
                // Grown for a long line, and given back behind it.
                let size = (self.end + READ).max(BLOCK + READ);
                let size = if size > BLOCK + READ {
                    size.next_power_of_two()
                } else {
                    size
                };
                if size != self.buffer.len() {
                    self.buffer.resize(size, 0);
                    self.buffer.shrink_to_fit();
                }
            }
            let space = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.input.read(space) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end += read,
                Err(failure) => {
                    self.failure = Some(failure);
                    self.ended = true;
                }
            }
        }
    }

    /// The first place to part behind the first bytes, where none is in them; `None` where the
    /// line is too long, or the file ends.
    fn first_beyond(&mut self, searched: usize) -> Option<usize> {
        let overlap = self.file.split.overlap();
        let mut from = searched - overlap;
        loop {
            let rest = self.held().get(from..).unwrap_or_default();
            if let Some(at) = self.file.split.first(rest) {
                let cut = from + at;
                return (cut <= MAX_LINE).then_some(cut);
            }
            let have = self.end - self.start;
            if self.ended || have > MAX_LINE {
                return None;
            }
            from = have.saturating_sub(overlap);
            self.fill(have + READ);
        }
    }

    /// Moves on behind so many bytes. Gives where they began.
    fn pass(&mut self, length: usize) -> u64 {
        let offset = self.offset;
        self.start += length;
        self.offset += length as u64;
        offset
    }

    /// The position behind what was passed last.
    fn position(&mut self) -> Position {
        let nothing_left = self.ended && self.start == self.end && self.failure.is_none();
        if self.file.compression == Compression::Plain {
            return Position(self.offset);
        }
        let taken = self.input.consumed();
        if taken > self.last {
            self.clean = self.last;
            self.last = taken;
        }
        Position(if nothing_left {
            self.file.size
        } else {
            self.clean
        })
    }

    /// The first bytes as a block.
    fn block(&mut self, length: usize) -> Option<Item> {
        let start = self.start;
        let offset = self.pass(length);
        let position = self.position();
        if self.was_read() {
            self.passed += length as u64;
            return None;
        }
        let bytes = self.buffer.get(start..start + length).unwrap_or_default();
        let (from, to) = self.file.split.content(bytes);
        let content = bytes.get(from..to).unwrap_or_default();
        if content.is_empty() {
            return None;
        }
        let record = self.file.record(offset + from as u64, content);
        Some((position, record))
    }

    /// The last bytes: what is whole of them, then the line that the end cuts, then why the end
    /// came.
    fn tail(&mut self) -> Option<Item> {
        let have = self.held();
        let whole = match &self.failure {
            None => self.file.split.whole(have),
            // The line was longer, even where what there is of it looks whole.
            Some(_) => self.file.split.last(have).unwrap_or(0),
        };
        if whole > 0 {
            return self.block(whole);
        }
        let length = have.len();
        self.over = true;
        let (offset, start) = (self.offset, self.start);
        let bytes = self.buffer.get(start..start + length).unwrap_or_default();
        let tail = Position(match self.file.compression {
            Compression::Plain => offset,
            Compression::Gzip | Compression::Zstd => self.clean,
        });
        let end = Position(self.file.size);
        match self.failure.take() {
            Some(Failure::Disk(source)) => Some((tail, Err(self.file.failed(offset, source)))),
            Some(Failure::Bytes(damage)) => {
                let grows = matches!(damage, Damage::GzipEndsEarly | Damage::ZstdEndsEarly);
                let error = self.file.damaged(offset, length as u64, damage);
                Some((if grows { tail } else { end }, Err(error)))
            }
            None if bytes.iter().all(u8::is_ascii_whitespace) => None,
            None => {
                let (from, to) = self.file.split.content(bytes);
                let content = bytes.get(from..to).unwrap_or_default();
                if content.is_empty() {
                    return None;
                }
                let record = self.file.record(offset + from as u64, content);
                let record = record.map(|mut record| {
                    record.truncated = true;
                    record.warnings.push(ENDS_WITHIN.to_owned());
                    record
                });
                Some((tail, record))
            }
        }
    }

    /// Passes over a line that is too long.
    fn too_long(&mut self) -> Option<Item> {
        let begun = self.offset;
        let overlap = self.file.split.overlap();
        // Its own beginning would be found as a place to part.
        let mut searched = 1;
        loop {
            let rest = self.held().get(searched..).unwrap_or_default();
            if let Some(at) = self.file.split.first(rest) {
                self.pass(searched + at);
                break;
            }
            let have = self.end - self.start;
            let keep = if self.ended { 0 } else { overlap.min(have) };
            self.pass(have - keep);
            if self.ended {
                break;
            }
            searched = 0;
            self.fill(READ);
        }
        let limit = MAX_LINE as u64;
        let error = self
            .file
            .damaged(begun, self.offset - begun, Damage::LineTooLong { limit });
        let position = self.position();
        (!self.was_read()).then_some((position, Err(error)))
    }

    /// Whether what was passed last had been read before.
    fn was_read(&self) -> bool {
        self.skip > 0 && self.last <= self.skip
    }
}
