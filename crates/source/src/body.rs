//! Undoes the transfer and content encodings of an HTTP body, as far as they are there.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};

/// Encodings undone one after another; more is no server's work.
const MAX_LAYERS: usize = 4;

/// Bytes looked at to tell whether a body is encoded as declared.
const PROBE: usize = 512;

/// The largest window of a zstd body, as browsers have it: 8 MiB (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

/// What was odd about a body.
#[derive(Debug, Default)]
pub(crate) struct Odd {
    /// In the order it was noticed.
    pub(crate) warnings: Vec<String>,
    /// Whether something of the body is missing.
    pub(crate) cut: bool,
}

impl Odd {
    /// Notes an oddity, up to a limit: a body could make as many as it has chunks.
    pub(crate) fn note(&mut self, text: String) {
        if self.warnings.len() < 8 {
            self.warnings.push(text);
        }
    }
}

/// Shared with the layers that find oddities while they are read.
pub(crate) type Oddities = Rc<RefCell<Odd>>;

/// A body with the declared encodings removed. `headers`: names in lower case.
pub(crate) fn decoded<'b>(
    body: Box<dyn BufRead + 'b>,
    headers: &[(String, String)],
    oddities: &Oddities,
) -> Box<dyn BufRead + 'b> {
    let mut layers = listed(headers, "content-encoding");
    layers.extend(listed(headers, "transfer-encoding"));
    let mut body = body;
    for (count, layer) in layers.iter().rev().enumerate() {
        if count == MAX_LAYERS {
            note(
                oddities,
                format!("more than {MAX_LAYERS} encodings: `{layer}` is left"),
            );
            break;
        }
        body = undo(body, layer, oddities);
    }
    body
}

/// The encodings that all headers of a name list, in the order they were applied.
fn listed(headers: &[(String, String)], name: &str) -> Vec<String> {
    let values = headers.iter().filter(|(n, _)| n == name);
    values
        .flat_map(|(_, value)| value.split(','))
        .map(|encoding| encoding.trim().to_ascii_lowercase())
        .filter(|encoding| !matches!(encoding.as_str(), "" | "identity" | "none"))
        .collect()
}

fn note(oddities: &Oddities, text: String) {
    oddities.borrow_mut().note(text);
}

fn note_cut(oddities: &Oddities, text: &str) {
    let mut odd = oddities.borrow_mut();
    odd.cut = true;
    odd.note(text.to_owned());
}

fn undo<'b>(
    body: Box<dyn BufRead + 'b>,
    encoding: &str,
    oddities: &Oddities,
) -> Box<dyn BufRead + 'b> {
    let (probe, body) = peek(body);
    if probe.is_empty() {
        return body;
    }
    let decoder: Box<dyn Read + 'b> = match encoding {
        "chunked" if looks_chunked(&probe) => {
            return Box::new(Chunked {
                body,
                left: 0,
                state: Chunk::Size,
                oddities: Rc::clone(oddities),
            });
        }
        // Crawlers that keep the header and store the plain body are common (warcprox, Heritrix,
        // the Internet Archive): no reason for a warning.
        "chunked" => return body,
        "gzip" | "x-gzip" if probe.starts_with(b"\x1f\x8b") => Box::new(Gzip {
            decoder: Some(GzDecoder::new(body)),
        }),
        "deflate" if is_zlib(&probe) => Box::new(ZlibDecoder::new(body)),
        "deflate" if decodes(&mut flate2::read::DeflateDecoder::new(Probe(&probe))) => {
            Box::new(DeflateDecoder::new(body))
        }
        "br" if decodes(&mut brotli::Decompressor::new(Probe(&probe), 4096)) => {
            Box::new(brotli::Decompressor::new(body, 16 * 1024))
        }
        "zstd" if is_zstd(&probe) => match zstd_decoder(body) {
            Ok(decoder) => Box::new(decoder),
            Err(error) => {
                note_cut(oddities, &format!("zstd: {error}"));
                return Box::new(io::empty());
            }
        },
        "gzip" | "x-gzip" | "deflate" | "br" | "zstd" => {
            note(
                oddities,
                format!("body is not encoded as `{encoding}`, as its header says"),
            );
            return body;
        }
        other => {
            let other: String = other.chars().take(32).collect();
            note(oddities, format!("content encoding `{other}` is not known"));
            return body;
        }
    };
    Box::new(BufReader::with_capacity(32 * 1024, decoder))
}

fn zstd_decoder<'b>(
    body: Box<dyn BufRead + 'b>,
) -> io::Result<zstd::Decoder<'static, Box<dyn BufRead + 'b>>> {
    let mut decoder = zstd::Decoder::with_buffer(body)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// The first bytes of a body, and the body with them.
fn peek<'b>(mut body: Box<dyn BufRead + 'b>) -> (Vec<u8>, Box<dyn BufRead + 'b>) {
    let mut probe = Vec::with_capacity(PROBE);
    // What is wrong with the body comes up again when it is read.
    match (&mut body).take(PROBE as u64).read_to_end(&mut probe) {
        Ok(_) | Err(_) => {}
    }
    let whole = Cursor::new(probe.clone()).chain(body);
    (probe, Box::new(whole))
}

/// The beginning of a body, behind which more comes: the error says that it was not enough.
struct Probe<'p>(&'p [u8]);

impl Read for Probe<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(out)?;
        if read == 0 && !out.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(read)
    }
}

/// Whether a decoder takes a probe for its own: it gets something out of it, or asks for more.
fn decodes(decoder: &mut dyn Read) -> bool {
    let mut out = [0; 64];
    match decoder.read(&mut out) {
        Ok(read) => read > 0,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

/// RFC 1950, section 2.2: method 8 in the lower half, and a check over the first two bytes.
fn is_zlib(probe: &[u8]) -> bool {
    match probe {
        [first, second, ..] => {
            first & 0x0f == 8
                && first >> 4 <= 7
                && (u16::from(*first) * 256 + u16::from(*second)).is_multiple_of(31)
        }
        _ => false,
    }
}

/// RFC 8878, section 3.1: a frame, or a frame to skip.
fn is_zstd(probe: &[u8]) -> bool {
    probe.starts_with(b"\x28\xb5\x2f\xfd")
        || (probe.get(1..4) == Some(b"\x2a\x4d\x18".as_slice())
            && probe.first().is_some_and(|b| b & 0xf0 == 0x50))
}

/// The size that a chunk's first line gives.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let line = line.split(|b| *b == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(line).ok()?;
    if digits.starts_with('+') || digits.len() > 16 {
        return None;
    }
    u64::from_str_radix(digits, 16).ok()
}

/// Whether a body begins with a chunk, and goes on with another where that can be seen.
fn looks_chunked(probe: &[u8]) -> bool {
    let Some(line_end) = probe.iter().position(|b| *b == b'\n') else {
        return false;
    };
    let (line, rest) = probe.split_at_checked(line_end + 1).unwrap_or_default();
    let Some(size) = chunk_size(line) else {
        return false;
    };
    match usize::try_from(size).ok().and_then(|size| rest.get(size..)) {
        Some([]) | None => true,
        Some(behind) => size == 0 || behind.starts_with(b"\r") || behind.starts_with(b"\n"),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chunk {
    /// At the line that gives a size.
    Size,
    /// Within a chunk.
    Data,
    /// Behind the last chunk.
    Over,
    /// What follows is no chunk: the rest is taken as it is.
    Rest,
}

/// A body in chunks (RFC 9112, section 7.1). What is not as it should be is given as it is.
struct Chunked<'b> {
    body: Box<dyn BufRead + 'b>,
    left: u64,
    state: Chunk,
    oddities: Oddities,
}

impl Chunked<'_> {
    /// Reads the line of a size, and the line end of the chunk before it.
    fn next_chunk(&mut self) -> io::Result<()> {
        let mut line = Vec::new();
        // An empty line is the end of the chunk before; no line of ours is longer than this.
        for _ in 0..2 {
            line.clear();
            (&mut self.body).take(256).read_until(b'\n', &mut line)?;
            if !line.trim_ascii().is_empty() {
                break;
            }
        }
        match chunk_size(&line) {
            _ if line.is_empty() => {
                self.state = Chunk::Over;
                note_cut(&self.oddities, "chunked body ends without its last chunk");
            }
            Some(0) => self.state = Chunk::Over,
            Some(size) => (self.state, self.left) = (Chunk::Data, size),
            None => {
                self.state = Chunk::Rest;
                note(
                    &self.oddities,
                    "chunk sizes are wrong, the rest is taken as it is".to_owned(),
                );
                let body = std::mem::replace(&mut self.body, Box::new(io::empty()));
                self.body = Box::new(Cursor::new(line).chain(body));
            }
        }
        Ok(())
    }
}

impl Read for Chunked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Chunked<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.state == Chunk::Data && self.left == 0 {
            self.state = Chunk::Size;
        }
        if self.state == Chunk::Size {
            self.next_chunk()?;
        }
        match self.state {
            Chunk::Rest => self.body.fill_buf(),
            Chunk::Data => {
                let window = self.body.fill_buf()?;
                if window.is_empty() {
                    note_cut(&self.oddities, "chunked body ends within a chunk");
                    self.state = Chunk::Over;
                }
                let length = self.left.min(window.len() as u64) as usize;
                Ok(window.get(..length).unwrap_or_default())
            }
            Chunk::Size | Chunk::Over => Ok(&[]),
        }
    }

    fn consume(&mut self, length: usize) {
        self.body.consume(length);
        self.left = self.left.saturating_sub(length as u64);
    }
}

/// A gzip body: further members are read on, anything else behind the first is passed over, as
/// browsers do.
struct Gzip<'b> {
    decoder: Option<GzDecoder<Box<dyn BufRead + 'b>>>,
}

impl Read for Gzip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(mut decoder) = self.decoder.take() {
            let read = decoder.read(out)?;
            if read > 0 || out.is_empty() {
                self.decoder = Some(decoder);
                return Ok(read);
            }
            let mut behind = decoder.into_inner();
            if behind.fill_buf()?.starts_with(b"\x1f\x8b\x08") {
                self.decoder = Some(GzDecoder::new(behind));
            }
        }
        Ok(0)
    }
}
