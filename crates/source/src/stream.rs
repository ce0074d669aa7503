//! The bytes of an archive file: as they lie, or decompressed gzip member by gzip member, through
//! one window of bounded size.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

use flate2::{Decompress, FlushDecompress, Status};
use memchr::memmem;

use crate::error::Damage;

/// Bytes held of the file, and again as many of what is decompressed. Large enough that a call of
/// `inflate` or `read` costs nothing beside its work, small enough for the second-level cache.
pub(crate) const WINDOW: usize = 128 * 1024;

/// The most that [`Stream::peek`] can look ahead.
pub(crate) const PEEK: usize = 64 * 1024;

/// How the unit that is being read (a gzip member, or a plain file) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Not ended yet.
    Open,
    /// Ended as it should.
    Whole,
    /// Cannot be read further.
    Broken(Damage),
}

/// The file itself, buffered, with the offset of what comes next.
struct Raw {
    file: File,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    /// File offset of `buffer[end]`.
    offset: u64,
}

impl Raw {
    fn position(&self) -> u64 {
        self.offset - (self.end - self.at) as u64
    }

    fn buffered(&self) -> &[u8] {
        self.buffer.get(self.at..self.end).unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
            self.read_more()?;
        }
        Ok(self.buffered())
    }

    /// Reads behind what is buffered; false at the end of the file.
    fn read_more(&mut self) -> io::Result<bool> {
        let space = self.buffer.get_mut(self.end..).unwrap_or_default();
        loop {
            match self.file.read(space) {
                Ok(read) => {
                    self.end += read;
                    self.offset += read as u64;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        if self.end - self.at < length {
            self.buffer.copy_within(self.at..self.end, 0);
            (self.at, self.end) = (0, self.end - self.at);
            while self.end < length && self.read_more()? {}
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, length: usize) {
        self.at = (self.at + length).min(self.end);
    }

    fn seek(&mut self, to: u64) -> io::Result<()> {
        let first = self.offset - self.end as u64;
        if (first..=self.offset).contains(&to) {
            self.at = (to - first) as usize;
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(to))?;
        (self.at, self.end, self.offset) = (0, 0, to);
        Ok(())
    }
}

/// A gzip member that is being decompressed.
struct Member {
    inflate: Decompress,
    window: Box<[u8]>,
    at: usize,
    end: usize,
    /// File offset of the member's header.
    start: u64,
    /// Decoded offset of `window[end]`, from the beginning of the member.
    decoded: u64,
    /// Bytes decoded once more to go back within this member.
    rewound: u64,
    unit: Unit,
}

impl Member {
    fn buffered(&self) -> &[u8] {
        self.window.get(self.at..self.end).unwrap_or_default()
    }

    /// Decompresses behind what is in the window: at least a byte, or the member has ended.
    fn inflate_more(&mut self, raw: &mut Raw) -> io::Result<()> {
        while self.unit == Unit::Open {
            let input = raw.fill()?;
            if input.is_empty() {
                self.unit = Unit::Broken(Damage::GzipEndsEarly);
                break;
            }
            let space = self.window.get_mut(self.end..).unwrap_or_default();
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, space, FlushDecompress::None);
            let read = (self.inflate.total_in() - before.0) as usize;
            let written = (self.inflate.total_out() - before.1) as usize;
            raw.consume(read);
            self.end += written;
            self.decoded += written as u64;
            match status {
                Ok(Status::StreamEnd) => self.unit = Unit::Whole,
                // Neither read nor wrote with room for both: there is nothing more to come.
                Ok(_) if read == 0 && written == 0 => {
                    self.unit = Unit::Broken(Damage::GzipCorrupt);
                }
                Ok(_) => {}
                Err(error) => {
                    // zlib's words: "incorrect data check", "incorrect length check".
                    let check = error
                        .message()
                        .is_some_and(|m| m.contains("data check") || m.contains("length check"));
                    self.unit = Unit::Broken(if check {
                        Damage::GzipChecksum
                    } else {
                        Damage::GzipCorrupt
                    });
                }
            }
            if written > 0 {
                break;
            }
        }
        Ok(())
    }
}

/// An archive file as a stream of decoded bytes, cut into units.
///
/// In a gzip file a unit is a member, and reading stops at its end until [`Stream::begin`] starts
/// the next. A plain file is one unit, its decoded offsets are file offsets.
pub(crate) struct Stream {
    raw: Raw,
    member: Option<Member>,
    size: u64,
}

impl Stream {
    /// Opens a file at an offset: that of a gzip member if `gzip`.
    pub(crate) fn open(file: File, gzip: bool, offset: u64) -> io::Result<Self> {
        let size = file.metadata()?.len();
        let raw = Raw {
            file,
            buffer: vec![0; WINDOW].into_boxed_slice(),
            at: 0,
            end: 0,
            offset: 0,
        };
        let member = gzip.then(|| Member {
            inflate: new_inflate(),
            window: vec![0; WINDOW].into_boxed_slice(),
            at: 0,
            end: 0,
            start: offset,
            decoded: 0,
            rewound: 0,
            // Nothing is begun yet, and `begin` is called on what has ended.
            unit: Unit::Whole,
        });
        let mut stream = Self { raw, member, size };
        stream.raw.seek(offset)?;
        Ok(stream)
    }

    /// Puts another file in the place of this one, to see what a failing one does.
    #[cfg(test)]
    pub(crate) fn replace_file(&mut self, file: File) {
        self.raw.file = file;
    }

    /// Size of the file in bytes when it was opened.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Whether the file is read as gzip.
    pub(crate) fn is_gzip(&self) -> bool {
        self.member.is_some()
    }

    /// How far the file itself was read; in a plain file the offset of the next byte.
    pub(crate) fn file_offset(&self) -> u64 {
        self.raw.position()
    }

    /// File offset at which the current unit begins; 0 in a plain file.
    pub(crate) fn unit_start(&self) -> u64 {
        self.member.as_ref().map_or(0, |member| member.start)
    }

    /// Offset of the next byte within the unit.
    pub(crate) fn inner_offset(&self) -> u64 {
        match &self.member {
            // Less than nothing only within what `join` carried over from the member before.
            Some(member) => member
                .decoded
                .saturating_sub((member.end - member.at) as u64),
            None => self.raw.position(),
        }
    }

    /// How the unit ended, once [`Stream::fill`] gave nothing more.
    pub(crate) fn unit(&self) -> Unit {
        match &self.member {
            Some(member) if member.at == member.end => member.unit,
            None if self.raw.at == self.raw.end => Unit::Whole,
            Some(_) | None => Unit::Open,
        }
    }

    /// What is buffered of the unit; empty when [`Stream::fill`] must be called, or at its end.
    pub(crate) fn buffered(&self) -> &[u8] {
        match &self.member {
            Some(member) => member.buffered(),
            None => self.raw.buffered(),
        }
    }

    /// At least one byte of the unit; empty at its end.
    pub(crate) fn fill(&mut self) -> io::Result<&[u8]> {
        let Some(member) = &mut self.member else {
            return self.raw.fill();
        };
        if member.at == member.end {
            (member.at, member.end) = (0, 0);
            member.inflate_more(&mut self.raw)?;
        }
        Ok(member.buffered())
    }

    /// At least `length` bytes (up to [`PEEK`]), fewer only where the unit ends.
    pub(crate) fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        let length = length.min(PEEK);
        let Some(member) = &mut self.member else {
            return self.raw.peek(length);
        };
        if member.end - member.at < length && member.unit == Unit::Open {
            member.window.copy_within(member.at..member.end, 0);
            (member.at, member.end) = (0, member.end - member.at);
            while member.end < length && member.unit == Unit::Open {
                member.inflate_more(&mut self.raw)?;
            }
        }
        Ok(member.buffered())
    }

    /// Passes over bytes that are buffered.
    pub(crate) fn consume(&mut self, length: usize) {
        match &mut self.member {
            Some(member) => member.at = (member.at + length).min(member.end),
            None => self.raw.consume(length),
        }
    }

    /// Passes over the rest of the unit; gives how many bytes that were.
    pub(crate) fn pass_unit(&mut self) -> io::Result<u64> {
        let mut passed = 0;
        loop {
            let length = self.fill()?.len();
            if length == 0 {
                return Ok(passed);
            }
            self.consume(length);
            passed += length as u64;
        }
    }

    /// Passes over line ends, of which writers leave two, one or none behind a record.
    pub(crate) fn skip_blank(&mut self) -> io::Result<()> {
        loop {
            let window = self.fill()?;
            let length = window.len();
            let blank = window.iter().take_while(|b| is_blank(**b)).count();
            self.consume(blank);
            if blank < length || length == 0 {
                return Ok(());
            }
        }
    }

    /// Passes over line ends and zeros between gzip members; the latter fill up blocks of tapes.
    pub(crate) fn skip_padding(&mut self) -> io::Result<()> {
        loop {
            let window = self.raw.fill()?;
            let length = window.len();
            let padding = |byte: &&u8| is_blank(**byte) || **byte == 0;
            let padded = window.iter().take_while(padding).count();
            self.raw.consume(padded);
            if padded < length || length == 0 {
                return Ok(());
            }
        }
    }

    /// Begins a gzip member at an offset of the file; in a plain file goes there.
    pub(crate) fn begin(&mut self, offset: u64) -> io::Result<()> {
        self.raw.seek(offset)?;
        if let Some(member) = &mut self.member {
            // `Decompress::reset` cannot return to gzip framing; a new state is 40 KiB, no more
            // than the member costs anyway.
            member.inflate = new_inflate();
            (member.at, member.end, member.decoded) = (0, 0, 0);
            if member.start != offset {
                member.rewound = 0;
            }
            (member.start, member.unit) = (offset, Unit::Open);
        }
        Ok(())
    }

    /// Bytes of the current member that were decoded again by [`Stream::rewind`].
    pub(crate) fn rewound(&self) -> u64 {
        self.member.as_ref().map_or(0, |member| member.rewound)
    }

    /// File offset behind the member that is being read, once it is decompressed to its end.
    pub(crate) fn member_end(&self) -> Option<u64> {
        let member = self.member.as_ref()?;
        match member.unit {
            Unit::Open => None,
            Unit::Whole => Some(self.raw.position()),
            Unit::Broken(_) => Some(self.size),
        }
    }

    /// The first decoded bytes (up to [`BEGINNING`]) of the member that follows at once, without
    /// moving. `None` if none follows, or the current one is not decompressed to its end.
    pub(crate) fn next_beginning(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.member.as_ref().is_none_or(|m| m.unit != Unit::Whole) {
            return Ok(None);
        }
        let raw = self.raw.peek(4096)?;
        Ok(raw.starts_with(b"\x1f\x8b\x08").then(|| beginning_of(raw)))
    }

    /// Begins the member that follows at once; what is left of the current one is kept before it.
    pub(crate) fn join(&mut self) {
        if let Some(member) = &mut self.member {
            member.window.copy_within(member.at..member.end, 0);
            (member.at, member.end, member.decoded) = (0, member.end - member.at, 0);
            member.inflate = new_inflate();
            member.rewound = 0;
            (member.start, member.unit) = (self.raw.position(), Unit::Open);
        }
    }

    /// Goes to a place again: a unit, and decoded bytes within it. Free where the window still
    /// holds it.
    pub(crate) fn rewind(&mut self, unit: u64, inner: u64) -> io::Result<()> {
        let Some(member) = &mut self.member else {
            return self.raw.seek(inner);
        };
        if let Some(first) = member.decoded.checked_sub(member.end as u64)
            && member.start == unit
            && (first..=member.decoded).contains(&inner)
        {
            member.at = (inner - first) as usize;
            return Ok(());
        }
        self.begin(unit)?;
        if let Some(member) = &mut self.member {
            member.rewound += inner;
        }
        while self.inner_offset() < inner {
            let wanted = inner - self.inner_offset();
            let length = self.fill()?.len() as u64;
            if length == 0 {
                break;
            }
            self.consume(length.min(wanted) as usize);
        }
        Ok(())
    }

    /// The first `length` bytes of the file behind what was decompressed, undecoded.
    pub(crate) fn peek_raw(&mut self, length: usize) -> io::Result<&[u8]> {
        let window = self.raw.peek(length)?;
        Ok(window.get(..length.min(window.len())).unwrap_or_default())
    }

    /// Some bytes of a plain file further on (fewer at its end), without moving.
    pub(crate) fn look_at(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let here = self.raw.position();
        let buffered = self.raw.offset;
        if offset >= here && offset + length as u64 <= buffered {
            let from = (offset - here) as usize;
            let bytes = self.raw.buffered().get(from..from + length);
            return Ok(bytes.unwrap_or_default().to_vec());
        }
        self.raw.file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::with_capacity(length);
        let read = (&self.raw.file).take(length as u64).read_to_end(&mut bytes);
        self.raw.file.seek(SeekFrom::Start(buffered))?;
        read.map(|_| bytes)
    }

    /// File offset of the next gzip member from `from` on that begins with a WARC record. Moves.
    pub(crate) fn find_member(&mut self, from: u64) -> io::Result<Option<u64>> {
        let finder = memmem::Finder::new(b"\x1f\x8b\x08");
        self.raw.seek(from)?;
        loop {
            let window = self.raw.peek(PEEK)?;
            let length = window.len();
            let Some(found) = finder.find(window) else {
                if length < PEEK {
                    return Ok(None);
                }
                self.raw.consume(length - 2);
                continue;
            };
            self.raw.consume(found);
            if begins_record(self.raw.peek(4096)?) {
                return Ok(Some(self.raw.position()));
            }
            self.raw.consume(1);
        }
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill()?.read(out)?;
        Stream::consume(self, read);
        Ok(read)
    }
}

impl BufRead for Stream {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()
    }

    fn consume(&mut self, length: usize) {
        Stream::consume(self, length);
    }
}

/// A decoder for one gzip member, with a window of 32 KiB as the format has it.
fn new_inflate() -> Decompress {
    Decompress::new_gzip(15)
}

/// A byte that may stand between records.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Decoded bytes that show what a gzip member begins with.
const BEGINNING: usize = 64;

/// What a gzip member decodes to at its beginning.
fn beginning_of(member: &[u8]) -> Vec<u8> {
    let mut beginning = vec![0; BEGINNING];
    let mut inflate = new_inflate();
    // An error behind the first bytes does not matter here.
    let decoded = match inflate.decompress(member, &mut beginning, FlushDecompress::None) {
        Ok(_) | Err(_) => inflate.total_out() as usize,
    };
    beginning.truncate(decoded);
    beginning
}

/// Whether the bytes of a gzip member decode to the beginning of a WARC record.
pub(crate) fn begins_record(member: &[u8]) -> bool {
    // The upper three flag bits are reserved (RFC 1952, section 2.3.1).
    if member.get(3).is_none_or(|flags| flags & 0xe0 != 0) {
        return false;
    }
    let beginning = beginning_of(member);
    let text = beginning.iter().position(|byte| !is_blank(*byte));
    text.and_then(|at| beginning.get(at..))
        .is_some_and(|text| text.starts_with(b"WARC/"))
}
