//! The bytes of a file that may be compressed as a whole, and what went wrong where they end.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::Damage;

/// Bytes that are read of the file at once.
const CHUNK: usize = 128 * 1024;

/// The largest window of a zstd frame, as a power of two: dumps of Reddit are made with
/// `--long=31`. The decoder takes so much address space, and as much memory as it fills.
const WINDOW_LOG: u32 = 31;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Not at all.
    Plain,
    /// gzip, one member or several.
    Gzip,
    /// zstd, one frame or several.
    Zstd,
}

impl Compression {
    /// Told by the first bytes of a file.
    pub(crate) fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A frame (RFC 8878, section 3.1.1), or one to be skipped (3.1.2).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

/// Why no more bytes came.
pub(crate) enum Failure {
    /// The disk failed.
    Disk(io::Error),
    /// The bytes cannot be decompressed.
    Bytes(Damage),
}

/// The decompressed bytes of a file, in order.
pub(crate) struct Input {
    reader: Box<dyn Read + Send>,
    compression: Compression,
    consumed: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
}

impl Input {
    /// Opens a file at the offset `from` of its decompressed bytes.
    pub(crate) fn open(
        path: &Path,
        compression: Compression,
        from: u64,
    ) -> io::Result<(Self, Option<Failure>)> {
        let mut file = File::open(path)?;
        if compression == Compression::Plain {
            file.seek(SeekFrom::Start(from))?;
        }
        let consumed = Arc::new(AtomicU64::new(0));
        let failed = Arc::new(AtomicBool::new(false));
        let watched = Watched {
            file,
            consumed: Arc::clone(&consumed),
            failed: Arc::clone(&failed),
        };
        let reader: Box<dyn Read + Send> = match compression {
            Compression::Plain => Box::new(watched),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(
                BufReader::with_capacity(CHUNK, watched),
            )),
            Compression::Zstd => {
                let chunks = BufReader::with_capacity(CHUNK, watched);
                let mut decoder = zstd::stream::read::Decoder::with_buffer(chunks)?;
                decoder.window_log_max(WINDOW_LOG)?;
                Box::new(decoder)
            }
        };
        let mut input = Self {
            reader,
            compression,
            consumed,
            failed,
        };
        let failure = match compression {
            Compression::Plain => None,
            Compression::Gzip | Compression::Zstd => input.pass(from),
        };
        Ok((input, failure))
    }

    /// Decompresses up to an offset.
    fn pass(&mut self, mut bytes: u64) -> Option<Failure> {
        if bytes == 0 {
            return None;
        }
        let mut window = vec![0; CHUNK];
        while bytes > 0 {
            let most = bytes.min(CHUNK as u64) as usize;
            match self.read(window.get_mut(..most).unwrap_or_default()) {
                Ok(0) => return None,
                Ok(read) => bytes -= read as u64,
                Err(failure) => return Some(failure),
            }
        }
        None
    }

    /// Bytes of the file that were taken from it.
    pub(crate) fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// The next bytes; none at the end.
    pub(crate) fn read(&mut self, space: &mut [u8]) -> Result<usize, Failure> {
        loop {
            match self.reader.read(space) {
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if self.failed.load(Ordering::Relaxed) => {
                    return Err(Failure::Disk(error));
                }
                Err(error) => return Err(self.damage(error)),
            }
        }
    }

    fn damage(&self, error: io::Error) -> Failure {
        let early = error.kind() == io::ErrorKind::UnexpectedEof;
        Failure::Bytes(match self.compression {
            Compression::Plain => return Failure::Disk(error),
            Compression::Gzip if early => Damage::GzipEndsEarly,
            Compression::Gzip => Damage::GzipCorrupt,
            Compression::Zstd if early => Damage::ZstdEndsEarly,
            Compression::Zstd => Damage::ZstdCorrupt,
        })
    }
}

/// The first decompressed bytes of a file, at most `length`, and what ended them early.
pub(crate) fn beginning(
    path: &Path,
    compression: Compression,
    length: usize,
) -> io::Result<(Vec<u8>, Option<Damage>)> {
    let (mut input, _) = Input::open(path, compression, 0)?;
    let mut bytes = vec![0; length];
    let mut end = 0;
    let mut damage = None;
    while let Some(space) = bytes.get_mut(end..).filter(|space| !space.is_empty()) {
        match input.read(space) {
            Ok(0) => break,
            Ok(read) => end += read,
            Err(Failure::Disk(error)) => return Err(error),
            Err(Failure::Bytes(found)) => {
                damage = Some(found);
                break;
            }
        }
    }
    bytes.truncate(end);
    Ok((bytes, damage))
}

/// A file that counts what was read of it, and knows whether it failed: a decoder's errors look
/// the same.
struct Watched {
    file: File,
    consumed: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
}

impl Read for Watched {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(space);
        match &read {
            Ok(read) => {
                self.consumed.fetch_add(*read as u64, Ordering::Relaxed);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => self.failed.store(true, Ordering::Relaxed),
        }
        read
    }
}
