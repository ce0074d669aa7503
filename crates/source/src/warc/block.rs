//! The content of one record, read from the stream up to its declared length.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use crate::error::Damage;
use crate::stream::{Stream, Unit, is_blank};

/// How a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockEnd {
    /// Not read to its end.
    Open,
    /// With as many bytes as declared.
    Complete,
    /// With fewer, as the file or member ends properly before.
    Short,
    /// Damage before its end.
    Broken(Damage),
}

/// The bytes of a record's block. Reading never fails: an error of the file is kept in `failure`,
/// so that the decoders above cannot mistake it for one of theirs.
pub(super) struct Block<'s> {
    stream: &'s mut Stream,
    left: u64,
    read: u64,
    pub(super) end: BlockEnd,
    pub(super) failure: Option<io::Error>,
    /// File offset behind the last unit that gave bytes, once that unit has ended.
    pub(super) unit_end: u64,
    /// How far the file was read, for whoever cannot reach the stream.
    progress: Rc<Cell<u64>>,
}

impl<'s> Block<'s> {
    pub(super) fn new(stream: &'s mut Stream, length: u64) -> Self {
        let progress = Rc::new(Cell::new(stream.file_offset()));
        Self {
            stream,
            left: length,
            read: 0,
            end: if length == 0 {
                BlockEnd::Complete
            } else {
                BlockEnd::Open
            },
            failure: None,
            unit_end: 0,
            progress,
        }
    }

    /// Bytes that are still to come, if the header is right.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Bytes that came.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Offset in the file up to which it was read, kept up to date.
    pub(super) fn progress(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.progress)
    }

    /// The next bytes, fewer where the unit ends.
    pub(super) fn peek(&mut self, length: usize) -> &[u8] {
        let wanted = self.left.min(length as u64) as usize;
        if let Err(error) = self.join(wanted) {
            self.failure.get_or_insert(error);
            return &[];
        }
        match self.stream.peek(wanted) {
            Ok(window) => window.get(..wanted.min(window.len())).unwrap_or_default(),
            Err(error) => {
                self.failure.get_or_insert(error);
                &[]
            }
        }
    }

    /// Joins the members that follow, until so many bytes can be seen at once.
    fn join(&mut self, wanted: usize) -> io::Result<()> {
        while self.stream.is_gzip() && self.stream.peek(wanted)?.len() < wanted {
            match self.stream.next_beginning()? {
                Some(beginning) if !beginning.starts_with(b"WARC/") => self.stream.join(),
                _ => break,
            }
        }
        Ok(())
    }

    /// Passes over the rest.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        if !self.stream.is_gzip() && self.end == BlockEnd::Open {
            // In a plain file the length was compared with that of the file before.
            let behind = self.stream.file_offset().saturating_add(self.left);
            self.stream.begin(behind)?;
            (self.read, self.left) = (self.read + self.left, 0);
            self.end = BlockEnd::Complete;
        }
        loop {
            let length = self.fill_buf()?.len();
            if length == 0 {
                break;
            }
            BufRead::consume(self, length);
        }
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Makes sure that something is buffered, or that the end is known.
    fn advance(&mut self) -> io::Result<()> {
        while self.end == BlockEnd::Open && self.stream.fill()?.is_empty() {
            self.end = match self.stream.unit() {
                Unit::Broken(damage) => BlockEnd::Broken(damage),
                _ if !self.stream.is_gzip() => BlockEnd::Broken(Damage::EndsEarly),
                // Some writers cut a record into several members (the headers in one, the body
                // in the next): it goes on unless another record begins there.
                _ if self.goes_on_in_next_member()? => continue,
                _ => BlockEnd::Short,
            };
        }
        Ok(())
    }

    fn goes_on_in_next_member(&mut self) -> io::Result<bool> {
        self.unit_end = self.stream.file_offset();
        let Some(beginning) = self.stream.next_beginning()? else {
            return Ok(false);
        };
        // The last bytes of the block may be line ends themselves.
        let blank = beginning.iter().take_while(|b| is_blank(**b)).count();
        let text = beginning.get(blank..).unwrap_or_default();
        if text.starts_with(b"WARC/") && (blank as u64) < self.left {
            return Ok(false);
        }
        self.stream.begin(self.unit_end)?;
        Ok(true)
    }
}

impl Read for Block<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        BufRead::consume(self, read);
        Ok(read)
    }
}

impl BufRead for Block<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.failure.is_some() || self.end != BlockEnd::Open {
            return Ok(&[]);
        }
        if let Err(error) = self.advance() {
            self.failure = Some(error);
            return Ok(&[]);
        }
        if self.end != BlockEnd::Open {
            return Ok(&[]);
        }
        self.progress.set(self.stream.file_offset());
        let window = self.stream.buffered();
        let length = self.left.min(window.len() as u64) as usize;
        Ok(window.get(..length).unwrap_or_default())
    }

    fn consume(&mut self, length: usize) {
        let length = self.left.min(length as u64);
        self.stream.consume(length as usize);
        self.left -= length;
        self.read += length;
        if self.left == 0 && self.end == BlockEnd::Open {
            self.end = BlockEnd::Complete;
        }
    }
}
