//! Values as the store holds them: JSON, compressed or plain, and hashes as keys.

use std::cell::RefCell;

use model::document::Document;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Digest as _;
use zstd::bulk::{Compressor, Decompressor};

use crate::EngineError;

/// Compression level: 3 is zstd's own default.
const LEVEL: i32 = 3;

/// Bytes of JSON after which a chunk of passages ends.
const CHUNK_BYTES: usize = 16 * 1024;

/// No unpacked value is longer; a row that says so is damaged.
const LONGEST: usize = 1 << 30;

/// The first byte of a packed value.
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

/// A document as it is stored.
pub(super) struct Packed {
    /// The first half of the SHA-256 of everything below before compression.
    pub(super) hash: [u8; 16],
    pub(super) outline: Vec<u8>,
    pub(super) links: Vec<u8>,
    pub(super) passages: u32,
    /// Number of the first passage, and the passages.
    pub(super) chunks: Vec<(u32, Vec<u8>)>,
}

/// JSON of a value of ours.
pub(super) fn json(table: &'static str, value: &impl Serialize) -> Result<String, EngineError> {
    serde_json::to_string(value).map_err(|source| EngineError::Row { table, source })
}

/// Reads JSON of ours.
pub(super) fn read<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, EngineError> {
    serde_json::from_str(text).map_err(|source| EngineError::Row { table, source })
}

impl Packed {
    /// Packs a document; also returns how many bytes it has as JSON.
    pub(super) fn new(document: &Document, compress: bool) -> Result<(Self, u64), EngineError> {
        let outline = json("body", &without_text(document))?;
        let links = json("body", &document.links)?;
        let mut chunks: Vec<(u32, String)> = Vec::new();
        let mut chunk = String::new();
        let mut first = 0;
        for (number, passage) in document.passages.iter().enumerate() {
            chunk.push(if chunk.is_empty() { '[' } else { ',' });
            chunk.push_str(&json("chunk", passage)?);
            if chunk.len() >= CHUNK_BYTES || number + 1 == document.passages.len() {
                chunk.push(']');
                chunks.push((first, std::mem::take(&mut chunk)));
                first = number as u32 + 1;
            }
        }
        let mut hash = sha2::Sha256::new();
        let mut bytes = 0;
        let texts = chunks.iter().map(|(_, text)| text);
        for text in [&outline, &links].into_iter().chain(texts) {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
            bytes += text.len() as u64;
        }
        let mut short = [0; 16];
        for (short, byte) in short.iter_mut().zip(hash.finalize()) {
            *short = byte;
        }
        let pack = |text: &str| pack(text, compress);
        let packed = Self {
            hash: short,
            outline: pack(&outline)?,
            links: pack(&links)?,
            passages: document.passages.len() as u32,
            chunks: chunks
                .iter()
                .map(|(first, text)| Ok((*first, pack(text)?)))
                .collect::<Result<_, EngineError>>()?,
        };
        Ok((packed, bytes))
    }
}

/// A copy without passages and links, which are not copied first.
fn without_text(document: &Document) -> Document {
    Document {
        id: document.id,
        key: document.key.clone(),
        url: document.url.clone(),
        canonical: document.canonical.clone(),
        kind: document.kind.clone(),
        title: document.title.clone(),
        description: document.description.clone(),
        site_name: document.site_name.clone(),
        author: document.author.clone(),
        breadcrumb: document.breadcrumb.clone(),
        language: document.language.clone(),
        published: document.published,
        modified: document.modified,
        passages: Vec::new(),
        links: Vec::new(),
        thumbnail: document.thumbnail.clone(),
        read_from: document.read_from.clone(),
        warnings: document.warnings.clone(),
    }
}

/// Packs a text: a byte for the form, four for the length (little endian), the bytes.
pub(super) fn pack(text: &str, compress: bool) -> Result<Vec<u8>, EngineError> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut packed = vec![if compress { ZSTD } else { PLAIN }];
    packed.extend(length.to_le_bytes());
    if compress {
        packed.extend(compressed(text.as_bytes()).map_err(in_store)?);
    } else {
        packed.extend(text.as_bytes());
    }
    Ok(packed)
}

/// Reads a packed value.
pub(super) fn unpack<T: DeserializeOwned>(
    table: &'static str,
    packed: &[u8],
) -> Result<T, EngineError> {
    let text = unpacked(packed).map_err(in_store)?;
    serde_json::from_slice(&text).map_err(|source| EngineError::Row { table, source })
}

fn unpacked(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let damaged = || std::io::Error::new(std::io::ErrorKind::InvalidData, "damaged row");
    let (form, rest) = packed.split_first().ok_or_else(damaged)?;
    let (length, bytes) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
    let length = u32::from_le_bytes(*length) as usize;
    match *form {
        PLAIN => Ok(bytes.to_vec()),
        ZSTD if length <= LONGEST => decompressed(bytes, length),
        _ => Err(damaged()),
    }
}

thread_local! {
    // Making a context costs more than packing a small value: an eighth of the processor time of
    // an `add` before they were kept.
    static PACK: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACK: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn compressed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    PACK.with_borrow_mut(|slot| {
        let context = match slot {
            Some(context) => context,
            None => slot.insert(Compressor::new(LEVEL)?),
        };
        context.compress(bytes)
    })
}

fn decompressed(bytes: &[u8], length: usize) -> std::io::Result<Vec<u8>> {
    UNPACK.with_borrow_mut(|slot| {
        let context = match slot {
            Some(context) => context,
            None => slot.insert(Decompressor::new()?),
        };
        context.decompress(bytes, length)
    })
}

fn in_store(source: std::io::Error) -> EngineError {
    EngineError::File {
        path: "store.sqlite".into(),
        source,
    }
}

/// The key of an address.
pub(super) fn address_hash(surt: &str) -> [u8; 16] {
    xxhash_rust::xxh3::xxh3_128(surt.as_bytes()).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let text = vec!["a".repeat(1000), "é".into()];
        let json = json("test", &text).unwrap();
        for compress in [true, false] {
            let packed = pack(&json, compress).unwrap();
            assert_eq!(packed.len() < 500, compress);
            assert_eq!(unpack::<Vec<String>>("test", &packed).unwrap(), text);
        }
        assert!(unpack::<Vec<String>>("test", &[ZSTD, 255, 255, 255, 255, 0]).is_err());
        assert!(unpack::<Vec<String>>("test", &[]).is_err());
    }
}
