//! Original bytes: found at the origins of a capture, kept open, and sent piece by piece.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use axum::body::{Bytes, HttpBody};
use engine::Engine as _;
use http_body::{Frame, SizeHint};
use model::capture::{Capture, CaptureId};
use model::record::{Digest, Origin};
use sha2::Digest as _;
use tokio::task::JoinHandle;

use super::Served;
use crate::failure::{Failure, Kind};

/// Originals that are kept open: a viewer asks for a large PDF range by range, and each time the
/// archive would be decoded from the start of the record.
const KEPT: usize = 8;

/// Bytes of an original above which it is kept in a file.
const IN_MEMORY: usize = 1 << 20;

/// Bytes that are read and sent at a time.
const PIECE: usize = 128 * 1024;

/// The bytes of a capture, and the charset that the server declared for them.
#[derive(Clone, Debug)]
pub(super) struct Original {
    pub(super) bytes: Content,
    pub(super) declared: Option<String>,
}

/// Bytes in memory or in a file.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Memory(Bytes),
    File(Arc<File>, u64),
}

/// What was opened last.
#[derive(Debug, Default)]
pub(crate) struct Originals {
    /// Newest first.
    open: Mutex<Vec<(CaptureId, Original)>>,
    /// Files whose content was compared with the digest of a capture, newest first.
    compared: Mutex<Vec<Compared>>,
}

/// A file as it was when its content was compared with a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Compared {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
    digest: Digest,
}

/// The bytes of a capture, from the first of its origins that still has them.
pub(super) fn original(served: &Served, capture: &Capture) -> anyhow::Result<Original> {
    let kept = &served.originals;
    let mut reason = None;
    let holder = holder(served, capture)?;
    for origin in &holder.origins {
        // What has to be disarmed is read whole; the rest of the files can be sent as they lie.
        let whole_file = origin.steps.is_empty() && !super::raw::is_markup(&capture.media_type);
        let read = match origin.digest {
            Some(digest) if whole_file => kept.plain(origin, digest),
            _ => kept.again(served, holder.id, origin),
        };
        match read {
            Ok(original) => return Ok(original),
            Err(error) => reason = Some(error),
        }
    }
    let reason = reason.unwrap_or_else(|| "its original has not been added".to_owned());
    Err(Failure::new(
        Kind::Input,
        format!("the original bytes cannot be read: {reason}"),
    )
    .hint("Put the file back where it was when it was added; the text is still held.")
    .into())
}

/// The capture that holds the bytes: for a revisit, an earlier one of the same content.
fn holder(served: &Served, capture: &Capture) -> anyhow::Result<Capture> {
    if capture.refers_to.is_none() {
        return Ok(capture.clone());
    }
    let view = served.engine.view()?;
    let captures = match capture.document {
        Some(document) => view.captures_of(document)?,
        // What gives no document, such as an image, is found by its address and content.
        None => view.captures(&capture.surt)?,
    };
    let same = |other: &Capture| {
        other.refers_to.is_none()
            && (capture.document.is_some()
                || (capture.digest.is_some() && other.digest == capture.digest)
                || (capture.archive_digest.is_some()
                    && other.archive_digest == capture.archive_digest))
    };
    captures.into_iter().find(same).ok_or_else(|| {
        Failure::new(
            Kind::Input,
            "the original of this revisit has not been added",
        )
        .hint("Add the archive that holds it.")
        .into()
    })
}

impl Originals {
    /// A plain file, opened where it lies. Its content is compared with the digest once, and again
    /// when its length or time has changed.
    fn plain(&self, origin: &Origin, digest: Digest) -> Result<Original, String> {
        let path = origin.file();
        let told = |error: io::Error| format!("`{origin}`: {error}");
        // Before it is opened: opening a pipe waits for whoever writes it.
        if !std::fs::metadata(&path).map_err(told)?.is_file() {
            return Err(format!("`{origin}` is no file"));
        }
        let file = File::open(&path).map_err(told)?;
        let metadata = file.metadata().map_err(told)?;
        let state = Compared {
            path,
            length: metadata.len(),
            modified: metadata.modified().ok(),
            digest,
        };
        if !self.has_compared(&state) {
            if digest_of(&file).map_err(told)? != digest {
                return Err(format!("`{origin}` has changed since it was added"));
            }
            let mut compared = lock(&self.compared);
            compared.insert(0, state);
            compared.truncate(KEPT * 8);
        }
        Ok(Original {
            bytes: Content::File(Arc::new(file), metadata.len()),
            declared: None,
        })
    }

    fn has_compared(&self, state: &Compared) -> bool {
        lock(&self.compared).contains(state)
    }

    /// A record of an archive, decoded by a worker.
    fn again(&self, served: &Served, id: CaptureId, origin: &Origin) -> Result<Original, String> {
        if let Some((_, original)) = lock(&self.open).iter().find(|(open, _)| *open == id) {
            return Ok(original.clone());
        }
        let read = ingest::read_again(origin, &served.read);
        let (record, payload) = read.map_err(|error| format!("`{origin}`: {error}"))?;
        if origin.digest.is_some() && record.digest != origin.digest {
            return Err(format!("`{origin}` has changed since it was added"));
        }
        let told = |error: io::Error| format!("`{origin}`: {error}");
        let bytes = match payload {
            ingest::Payload::Bytes(bytes) if bytes.len() <= IN_MEMORY => {
                Content::Memory(bytes.into())
            }
            ingest::Payload::Bytes(bytes) => {
                let mut file = tempfile::tempfile_in(&served.read.spool).map_err(told)?;
                io::Write::write_all(&mut file, &bytes).map_err(told)?;
                Content::File(Arc::new(file), bytes.len() as u64)
            }
            ingest::Payload::File(file) => {
                let length = file.metadata().map_err(told)?.len();
                Content::File(Arc::new(file), length)
            }
        };
        let declared = record.header("content-type").map(str::to_owned);
        let original = Original { bytes, declared };
        if matches!(original.bytes, Content::File(..)) {
            let mut open = lock(&self.open);
            open.insert(0, (id, original.clone()));
            open.truncate(KEPT);
        }
        Ok(original)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn digest_of(file: &File) -> io::Result<Digest> {
    let mut hash = sha2::Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    loop {
        let length = match file.read_at(&mut piece, at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            length => length?,
        };
        if length == 0 {
            return Ok(Digest(hash.finalize().into()));
        }
        hash.update(piece.get(..length).unwrap_or_default());
        at += length as u64;
    }
}

impl Content {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(_, length) => *length,
        }
    }

    /// All of it.
    pub(super) fn whole(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Memory(bytes) => Ok(bytes.to_vec()),
            Self::File(file, length) => {
                let mut bytes = vec![0; *length as usize];
                file.read_exact_at(&mut bytes, 0)?;
                Ok(bytes)
            }
        }
    }

    /// The body of an answer with `length` bytes from `start` on.
    pub(super) fn body(self, start: u64, length: u64) -> axum::body::Body {
        match self {
            Self::Memory(bytes) => {
                let start = (start as usize).min(bytes.len());
                let end = (start + length as usize).min(bytes.len());
                bytes.slice(start..end).into()
            }
            Self::File(file, _) => axum::body::Body::new(FileBody {
                file,
                at: start,
                left: length,
                reading: None,
            }),
        }
    }
}

/// A stretch of a file, read piece by piece as the client takes it.
struct FileBody {
    file: Arc<File>,
    at: u64,
    left: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let (file, at, length) = (
            Arc::clone(&self.file),
            self.at,
            self.left.min(PIECE as u64) as usize,
        );
        let reading = self.reading.get_or_insert_with(|| {
            tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; length];
                // A file that has become shorter ends the answer with an error.
                file.read_exact_at(&mut piece, at)?;
                Ok(Bytes::from(piece))
            })
        });
        let read = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        let piece = read.map_err(io::Error::other).flatten();
        Poll::Ready(Some(piece.map(|piece| {
            self.at += piece.len() as u64;
            self.left -= piece.len() as u64;
            Frame::data(piece)
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
