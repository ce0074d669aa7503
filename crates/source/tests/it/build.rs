//! Builds small archives, and reads files back.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use model::record::{Payload, Position, Record, Step};
use source::{Options, ReadError};

/// A folder of its own for a test, with a place to spool.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("spool")).unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("in").join(name)
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            source: self.folder.path().join("in").to_string_lossy().into_owned(),
            base: None,
            payload_in_memory: 1024 * 1024,
            payload_limit: 8 * 1024 * 1024,
            spool: self.folder.path().join("spool"),
        }
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// How many payloads lie in the spool.
    pub(crate) fn spooled(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("spool"))
            .unwrap()
            .count()
    }
}

pub(crate) type Read = Vec<(Position, Result<Record, ReadError>)>;

/// All items of a file from a position on.
pub(crate) fn read_from(path: &Path, options: &Options, from: Option<Position>) -> Read {
    let source = source::open(path, options).unwrap();
    let items = source.open(from).unwrap();
    items.collect()
}

/// All items of a file.
pub(crate) fn read(path: &Path, options: &Options) -> Read {
    read_from(path, options, None)
}

/// The bytes of a payload.
pub(crate) fn bytes(record: &Record) -> Vec<u8> {
    match &record.payload {
        Payload::Bytes(bytes) => bytes.clone(),
        Payload::Spooled(path) => std::fs::read(path).unwrap(),
    }
}

/// One line per item: what is in it, where it lies, what was odd about it.
pub(crate) fn describe(items: &Read) -> String {
    let mut lines = String::new();
    for (position, result) in items {
        let line = match result {
            Ok(record) => {
                let mut line = format!("{} ", kind(record));
                if let Some(status) = record.status {
                    line += &format!("{status} ");
                }
                line += &format!(
                    "{} {} {} {}B",
                    record.url,
                    record.captured,
                    record.media_type,
                    bytes(record).len()
                );
                if record.truncated {
                    line += " truncated";
                }
                line += &steps(&record.origin.steps);
                for warning in &record.warnings {
                    line += &format!(" [{warning}]");
                }
                line
            }
            Err(error) => {
                let class = match (error.is_repair(), error.is_skip()) {
                    (true, _) => "repair",
                    (_, true) => "skip",
                    _ => "failed",
                };
                let place = error.origin().map_or(String::new(), |o| steps(&o.steps));
                format!("{class}{place} {}", error.reason())
            }
        };
        lines += &format!("{line} -> {}\n", position.0);
    }
    lines
}

fn kind(record: &Record) -> &'static str {
    match record.kind {
        model::record::RecordKind::Response => "response",
        model::record::RecordKind::Resource => "resource",
        model::record::RecordKind::Revisit { .. } => "revisit",
        model::record::RecordKind::Metadata { .. } => "metadata",
    }
}

fn steps(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        text += &match step {
            Step::Bytes(offset, length) => format!(" @{offset}+{length}"),
            Step::Decoded(offset, length) => format!(" decoded {offset}+{length}"),
            Step::Entry(name) => format!(" {name}"),
        };
    }
    text
}

/// A record with these fields below its type, and this block.
pub(crate) fn record(kind: &str, fields: &[(&str, &str)], block: &[u8]) -> Vec<u8> {
    let mut text = format!("WARC/1.0\r\nWARC-Type: {kind}\r\n");
    for (name, value) in fields {
        text += &format!("{name}: {value}\r\n");
    }
    if !fields
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
    {
        text += &format!("Content-Length: {}\r\n", block.len());
    }
    text += "\r\n";
    [text.as_bytes(), block, b"\r\n\r\n"].concat()
}

pub(crate) const DATE: (&str, &str) = ("WARC-Date", "2025-06-01T12:00:00Z");

/// A response of a page, without encodings.
pub(crate) fn page(url: &str, text: &str) -> Vec<u8> {
    response(url, "Content-Type: text/html\r\n", &html(text))
}

pub(crate) fn html(text: &str) -> Vec<u8> {
    format!("<!doctype html><title>{text}</title>").into_bytes()
}

/// A response with these HTTP headers, each ended by a line end.
pub(crate) fn response(url: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let block = [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat();
    let fields = [
        ("WARC-Target-URI", url),
        DATE,
        ("Content-Type", "application/http; msgtype=response"),
    ];
    record("response", &fields, &block)
}

pub(crate) fn warcinfo() -> Vec<u8> {
    record("warcinfo", &[DATE], b"software: invented\r\n")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 5, 20);
    encoder.write_all(bytes).unwrap();
    drop(encoder);
    out
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

pub(crate) fn chunked(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in bytes.chunks(size) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}
