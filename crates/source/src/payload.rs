//! Takes a decoded payload as it comes: hashes all of it, keeps what the limits allow.

use std::io::{self, BufWriter, Write};

use model::record::{Digest, Payload};
use sha2::Digest as _;
use tempfile::NamedTempFile;

use crate::Options;

/// How many bytes of a payload sniffing looks at (WHATWG MIME sniffing, section 5.2: 1445).
pub(crate) const SNIFFED: usize = 1445;

/// A payload is a bomb above this many times `payload_limit` …
const BOMB_FACTOR: u64 = 8;

/// … if it is also larger than this many times the bytes it was made from. DEFLATE reaches 1032,
/// text rarely 20. A long video stored as it is passes.
const BOMB_RATIO: u64 = 64;

/// A payload on its way into memory, or to a file of ours.
pub(crate) struct Sink<'o> {
    options: &'o Options,
    hash: sha2::Sha256,
    length: u64,
    kept: u64,
    bytes: Vec<u8>,
    beginning: Vec<u8>,
    spool: Option<BufWriter<NamedTempFile>>,
    failure: Option<io::Error>,
}

/// What became of a payload.
pub(crate) struct Kept {
    /// What is kept of it.
    pub(crate) payload: Payload,
    /// Digest of all of it.
    pub(crate) digest: Digest,
    /// Length of all of it in bytes.
    pub(crate) length: u64,
    /// Whether less was kept than came.
    pub(crate) cut: bool,
    /// Its first bytes, for sniffing.
    pub(crate) beginning: Vec<u8>,
}

impl<'o> Sink<'o> {
    /// `expected`: about how many bytes will come; a claim from outside, so it is not trusted far.
    pub(crate) fn new(options: &'o Options, expected: u64) -> Self {
        let room = expected.min(options.payload_in_memory).min(1024 * 1024);
        Self {
            options,
            hash: sha2::Sha256::new(),
            length: 0,
            kept: 0,
            bytes: Vec::with_capacity(room as usize),
            beginning: Vec::new(),
            spool: None,
            failure: None,
        }
    }

    /// Bytes that came so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The limit that was passed, if what came from `consumed` bytes of a file is a bomb.
    pub(crate) fn bomb(&self, consumed: u64) -> Option<u64> {
        let limit = self.options.payload_limit.saturating_mul(BOMB_FACTOR);
        let bomb = self.length > limit && self.length / BOMB_RATIO > consumed;
        bomb.then_some(limit)
    }

    /// Takes the next bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        let room = self.options.payload_limit.saturating_sub(self.kept);
        let bytes = bytes
            .get(..(room as usize).min(bytes.len()))
            .unwrap_or_default();
        if bytes.is_empty() || self.failure.is_some() {
            return;
        }
        self.kept += bytes.len() as u64;
        if self.spool.is_none() {
            if self.kept <= self.options.payload_in_memory {
                self.bytes.extend_from_slice(bytes);
                return;
            }
            if let Err(error) = self.start_spool(bytes) {
                self.failure = Some(error);
                return;
            }
        }
        if let Some(spool) = &mut self.spool
            && let Err(error) = spool.write_all(bytes)
        {
            self.failure = Some(error);
        }
    }

    fn start_spool(&mut self, next: &[u8]) -> io::Result<()> {
        let file = tempfile::Builder::new()
            .prefix("payload-")
            .tempfile_in(&self.options.spool)?;
        let mut spool = BufWriter::with_capacity(64 * 1024, file);
        spool.write_all(&self.bytes)?;
        let mut beginning = std::mem::take(&mut self.bytes);
        beginning.truncate(SNIFFED);
        let missing = (SNIFFED - beginning.len()).min(next.len());
        beginning.extend_from_slice(next.get(..missing).unwrap_or_default());
        beginning.shrink_to_fit();
        self.beginning = beginning;
        self.spool = Some(spool);
        Ok(())
    }

    /// Ends the payload. An error is one of the spool.
    pub(crate) fn finish(mut self) -> io::Result<Kept> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let payload = match self.spool.take() {
            Some(spool) => {
                let file = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
                let (_, path) = file.keep().map_err(|error| error.error)?;
                Payload::Spooled(path)
            }
            None => Payload::Bytes(self.bytes),
        };
        let beginning = match &payload {
            Payload::Bytes(bytes) => bytes.get(..SNIFFED.min(bytes.len())).map(<[u8]>::to_vec),
            Payload::Spooled(_) => Some(self.beginning),
        };
        Ok(Kept {
            payload,
            digest: Digest(self.hash.finalize().into()),
            length: self.length,
            cut: self.kept < self.length,
            beginning: beginning.unwrap_or_default(),
        })
    }
}
