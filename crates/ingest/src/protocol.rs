//! The frames between the parent and its workers: the only bytes of a worker that the parent
//! parses.
//!
//! A frame is the length of a JSON message (four bytes, little-endian), the length of a blob
//! (eight bytes, little-endian), the message and the blob. The blob carries a payload, which is
//! not turned into JSON.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use model::document::Document;
use model::record::{Digest, MediaType, Origin, Payload, Position, Record, RecordKind};
use model::time::UnixSeconds;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What the parent asks of a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Read a file from a position: answered by `Opened`, any number of `Record` and `Bad`, and
    /// `End`.
    Read {
        path: PathBuf,
        from: Option<Position>,
        options: ReadOptions,
    },
    /// Extract one record; its payload is the blob. Answered by `Extracted` or `Refused`.
    Extract {
        record: Box<RecordHead>,
        options: extract::Options,
    },
    /// Read the record at an origin again. Answered by `Record` or `Refused`.
    Again {
        origin: Origin,
        options: ReadOptions,
    },
}

/// How a file is to be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReadOptions {
    pub(crate) source: String,
    pub(crate) base: Option<String>,
    pub(crate) payload_in_memory: u64,
    pub(crate) payload_limit: u64,
    pub(crate) spool: PathBuf,
}

/// What a worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// Which reader reads the file; `None` where no reader knows it.
    Opened { reader: Option<String> },
    /// A record, its payload in the blob.
    Record {
        position: Position,
        record: Box<RecordHead>,
    },
    /// What was read before is passed over on the way to what was not.
    Passing,
    /// A record that could not be read.
    Bad { position: Position, bad: Bad },
    /// The end of the file. `complete` is false where it could not be read to its end.
    End { complete: bool },
    /// What a record gave; its posts are the blob.
    Extracted {
        documents: Vec<Document>,
        redirect: Option<String>,
        warnings: Vec<String>,
        /// Memory that the worker holds now, bytes; 0 where it cannot tell.
        resident_bytes: u64,
    },
    /// A record that gave nothing.
    Refused { reason: String, skipped: bool },
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bad {
    /// Where.
    pub origin: Option<Origin>,
    /// The address, where it is known.
    pub url: Option<String>,
    /// Why.
    pub reason: String,
    /// How it ended.
    pub class: engine::OutcomeClass,
}

/// A record without its payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordHead {
    pub(crate) kind: RecordKind,
    pub(crate) url: String,
    pub(crate) captured: UnixSeconds,
    pub(crate) status: Option<u16>,
    pub(crate) media_type: MediaType,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) digest: Option<Digest>,
    pub(crate) archive_digest: Option<String>,
    pub(crate) truncated: bool,
    pub(crate) origin: Origin,
    pub(crate) warnings: Vec<String>,
    /// Where the payload lies, if it is too large for memory.
    pub(crate) spooled: Option<PathBuf>,
}

impl RecordHead {
    /// Takes a record apart into its head and the payload that lies in memory.
    pub(crate) fn split(record: Record) -> (Self, Vec<u8>) {
        let (spooled, bytes) = match record.payload {
            Payload::Bytes(bytes) => (None, bytes),
            Payload::Spooled(path) => (Some(path), Vec::new()),
        };
        let head = Self {
            kind: record.kind,
            url: record.url,
            captured: record.captured,
            status: record.status,
            media_type: record.media_type,
            headers: record.headers,
            digest: record.digest,
            archive_digest: record.archive_digest,
            truncated: record.truncated,
            origin: record.origin,
            warnings: record.warnings,
            spooled,
        };
        (head, bytes)
    }

    /// Puts a record together again.
    pub(crate) fn join(self, bytes: Vec<u8>) -> Record {
        Record {
            kind: self.kind,
            url: self.url,
            captured: self.captured,
            status: self.status,
            media_type: self.media_type,
            headers: self.headers,
            payload: match self.spooled {
                Some(path) => Payload::Spooled(path),
                None => Payload::Bytes(bytes),
            },
            digest: self.digest,
            archive_digest: self.archive_digest,
            truncated: self.truncated,
            origin: self.origin,
            warnings: self.warnings,
        }
    }
}

/// Writes a frame.
pub(crate) fn write_frame(
    output: &mut dyn Write,
    message: &impl Serialize,
    blob: &[u8],
) -> io::Result<()> {
    let json = serde_json::to_vec(message)?;
    let length = u32::try_from(json.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "message above 4 GiB"))?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(&(blob.len() as u64).to_le_bytes())?;
    output.write_all(&json)?;
    output.write_all(blob)?;
    output.flush()
}

/// Reads a frame; `None` at the end of the stream.
///
/// A message or blob above `limit` bytes is an error: the other side is not to be believed.
pub(crate) fn read_frame<T: DeserializeOwned>(
    input: &mut dyn Read,
    limit: u64,
) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut head = [0; 12];
    let mut filled = 0;
    while filled < head.len() {
        let Some(rest) = head.get_mut(filled..) else {
            break;
        };
        match input.read(rest) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let [a, b, c, d, rest @ ..] = head;
    let json_length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let blob_length = u64::from_le_bytes(rest);
    if json_length > limit || blob_length > limit {
        let message = format!("a worker sent a frame of {json_length} + {blob_length} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let json = read_exactly(input, json_length)?;
    let blob = read_exactly(input, blob_length)?;
    let message = serde_json::from_slice(&json)?;
    Ok(Some((message, blob)))
}

fn read_exactly(input: &mut dyn Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length as usize);
    input.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_back_and_cut_ones_refused() {
        let mut stream = Vec::new();
        write_frame(&mut stream, &Reply::End { complete: true }, b"blob").unwrap();
        let read = |bytes: &[u8]| read_frame::<Reply>(&mut &*bytes, 1 << 20);
        let (message, blob) = read(&stream).unwrap().unwrap();
        assert!(matches!(message, Reply::End { complete: true }));
        assert_eq!(blob, b"blob");
        assert!(read(&[]).unwrap().is_none());
        for cut in 1..stream.len() {
            assert!(read(&stream[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_lying_length_is_refused_before_anything_is_allocated() {
        let mut stream = Vec::new();
        stream.extend(8_u32.to_le_bytes());
        stream.extend(u64::MAX.to_le_bytes());
        assert!(read_frame::<Reply>(&mut &*stream, 1 << 20).is_err());
    }
}
