//! WARC files (ISO 28500, versions 0.17 to 1.1), plain or compressed member by member.
//!
//! `header` reads named fields, `block` the bytes of one record, `record` makes a record of
//! them. `member` reads on in gzip members, `scan` finds the next record behind damage, `lost`
//! tells of what was lost. This file is the loop over a file.
//!
//! What is tolerated, because archives hold it: line ends without carriage return or with two,
//! names in any case, folded lines, brackets around addresses, a `Content-Length` that is missing
//! or wrong (the next record's beginning decides), one gzip member around many records, one record
//! in several members, no line ends or many between records.

mod block;
mod header;
mod lost;
mod member;
mod record;
mod scan;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use model::record::{Origin, Payload, Position, Step};

use self::block::Block;
use self::header::{Fields, HeadEnd, field, parse_head, read_record_head};
use self::record::{Built, MAX_HEAD, Problem, Shared, address, build};
use crate::error::Damage;
use crate::stream::{Stream, Unit};
use crate::{ENDS_WITHIN, Item, Items, Options, ReadError, Source, file_origin, modified};

/// Name and version of this reader.
pub(crate) const READER: &str = "warc 1";

/// A WARC file.
pub(crate) struct Warc {
    path: PathBuf,
    options: Options,
    size: u64,
}

impl Warc {
    /// Opens a file; nothing is read yet.
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, ReadError> {
        let size = std::fs::metadata(path).map_err(|source| ReadError::Open {
            path: path.to_owned(),
            origin: Box::new(file_origin(path, options)),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            options: options.clone(),
            size: size.len(),
        })
    }

    /// Reads on from a place: a gzip member, and a decoded offset in it; in a plain file the
    /// latter is not used.
    pub(crate) fn open_at(&self, from: u64, inner: u64) -> Result<Items<'_>, ReadError> {
        let from = from.min(self.size);
        let mut records = self.records(from).map_err(|source| ReadError::Open {
            path: self.path.clone(),
            origin: Box::new(file_origin(&self.path, &self.options)),
            source,
        })?;
        if inner > 0 && records.stream.is_gzip() {
            let moved = records.stream.rewind(from, inner);
            moved.map_err(|source| records.failed(source))?;
        }
        Ok(Box::new(records))
    }

    fn records(&self, from: u64) -> io::Result<Records<'_>> {
        let file = File::open(&self.path)?;
        let modified = modified(&file);
        let mut stream = Stream::open(file, false, 0)?;
        if is_gzip(&mut stream)? {
            stream = Stream::open(File::open(&self.path)?, true, from)?;
        } else {
            stream.begin(from)?;
        }
        Ok(Records {
            stream,
            shared: Shared {
                options: &self.options,
                origin: file_origin(&self.path, &self.options),
                modified,
            },
            head: Vec::new(),
            clean: from,
            reached: from,
            member_end: None,
            damaged_in: (0, 0),
            over: false,
        })
    }
}

impl Source for Warc {
    fn open(&self, from: Option<Position>) -> Result<Items<'_>, ReadError> {
        self.open_at(from.map_or(0, |position| position.0), 0)
    }

    fn bytes(&self) -> Option<u64> {
        Some(self.size)
    }
}

/// Whether a file is compressed. Where its first bytes are damaged, the first record that can be
/// found tells.
fn is_gzip(stream: &mut Stream) -> io::Result<bool> {
    let beginning = stream.peek(2)?;
    if beginning.starts_with(b"\x1f\x8b") {
        return Ok(true);
    }
    if beginning.is_empty() || beginning.starts_with(b"WA") {
        return Ok(false);
    }
    let Some(member) = stream.find_member(0)? else {
        return Ok(false);
    };
    stream.begin(0)?;
    let plain = scan::to_next_record(stream, true, member)?;
    Ok(!plain.found || plain.bytes > member)
}

/// What one turn of the loop gave; `None` for what is passed over.
type Turn = Option<Item>;

/// A place in the stream.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// File offset of the gzip member; 0 in a plain file.
    unit: u64,
    /// Offset within it, decoded.
    inner: u64,
}

/// Where a record begins.
#[derive(Clone, Copy, Debug)]
struct Start {
    /// File offset of the gzip member; 0 in a plain file.
    unit: u64,
    /// Offset of the record within it, decoded.
    inner: u64,
    /// Whether nothing but line ends stands before it in its unit.
    first: bool,
}

/// How long a record's block is.
struct Length {
    bytes: u64,
    /// What was wrong with the declared length.
    note: Option<String>,
    /// Whether bytes that were declared are missing.
    cut: bool,
    /// Whether the end of the file cuts it.
    unfinished: bool,
}

struct Records<'o> {
    stream: Stream,
    shared: Shared<'o>,
    head: Vec<u8>,
    /// File offset from which reading can go on without the end of a record coming first: the
    /// last gzip member that does not begin within one.
    clean: u64,
    /// The position of the last item.
    reached: u64,
    /// Start of a gzip member, and how many errors were told of it.
    damaged_in: (u64, u32),
    /// Start and end of a gzip member that holds many records, once it was measured.
    member_end: Option<(u64, u64)>,
    over: bool,
}

impl Iterator for Records<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            let turned = self.turn().and_then(|turn| match turn {
                Some(item) => self.limited(item).map(Some),
                None => Ok(None),
            });
            let (position, result) = match turned {
                Ok(None) => continue,
                Ok(Some(item)) => item,
                Err(source) => (Position(self.reached), Err(self.failed(source))),
            };
            if result.as_ref().is_err_and(ReadError::is_transient) {
                // What follows would hide that this was not read.
                self.over = true;
                return Some((Position(self.reached), result));
            }
            self.reached = position.0;
            return Some((position, result));
        }
        None
    }
}

impl Records<'_> {
    fn turn(&mut self) -> io::Result<Turn> {
        if self.stream.is_gzip()
            && self.stream.buffered().is_empty()
            && self.stream.fill()?.is_empty()
        {
            if let Unit::Broken(damage) = self.stream.unit() {
                // Records of this member were read before the damage.
                let start = self.start(false);
                return self.lost_member(start, damage, None);
            }
            let passed = self.next_member()?;
            if passed.is_some() || self.over {
                return Ok(passed);
            }
        }
        let begun = self.stream.inner_offset();
        self.stream.skip_blank()?;
        let fresh = self.stream.is_gzip() && begun == 0;
        let start = self.start(fresh);
        if fresh {
            self.clean = start.unit;
        }
        if self.stream.fill()?.is_empty() {
            if let Unit::Broken(damage) = self.stream.unit() {
                return self.lost_member(start, damage, None);
            }
            self.over = !self.stream.is_gzip();
            return Ok(None);
        }
        self.join_beginning()?;
        if !self.stream.peek(5)?.starts_with(b"WARC/") {
            return self.pass_garbage(start);
        }
        self.record(start)
    }

    /// Joins gzip members that end within the first word of a record.
    fn join_beginning(&mut self) -> io::Result<()> {
        const WORD: &[u8] = b"WARC/";
        while self.stream.is_gzip() {
            let mut text = self.stream.peek(WORD.len())?.to_vec();
            if text.is_empty() || text.len() >= WORD.len() || !WORD.starts_with(&text) {
                break;
            }
            let Some(beginning) = self.stream.next_beginning()? else {
                break;
            };
            text.extend(beginning);
            if !text.starts_with(WORD) && !WORD.starts_with(&text) {
                break;
            }
            self.stream.join();
        }
        Ok(())
    }

    fn start(&self, first: bool) -> Start {
        Start {
            unit: self.stream.unit_start(),
            inner: self.stream.inner_offset(),
            first,
        }
    }

    /// Goes to the next gzip member; tells of what is passed over on the way.
    fn next_member(&mut self) -> io::Result<Turn> {
        self.stream.skip_padding()?;
        let here = self.stream.file_offset();
        let beginning = self.stream.peek_raw(2)?;
        if beginning.is_empty() {
            self.over = true;
            return Ok(None);
        }
        if beginning == b"\x1f\x8b" {
            self.stream.begin(here)?;
            return Ok(None);
        }
        // The first byte of a header alone: the file is still being written.
        let unfinished = beginning == b"\x1f";
        let next = self.stream.find_member(here)?;
        let end = next.unwrap_or(self.stream.size()).max(here);
        let steps = vec![Step::Bytes(here, end - here)];
        let error = ReadError::PassedOver {
            origin: Box::new(self.origin(steps)),
            length: end - here,
        };
        let position = if unfinished && next.is_none() {
            here
        } else {
            end
        };
        match next {
            Some(next) => self.stream.begin(next)?,
            None => self.over = true,
        }
        Ok(Some((Position(position), Err(error))))
    }

    /// Reads the record that begins here.
    fn record(&mut self, start: Start) -> io::Result<Turn> {
        let mut head = std::mem::take(&mut self.head);
        let end = read_record_head(&mut self.stream, MAX_HEAD, &mut head)?;
        let (_, fields) = parse_head(&head);
        self.head = head;
        match end {
            HeadEnd::Whole => {}
            HeadEnd::Cut => return self.cut_in_head(start, address(&fields)),
            HeadEnd::TooLong => {
                let limit = MAX_HEAD as u64;
                return self.lost(start, Damage::HeaderTooLong { limit }, address(&fields));
            }
            HeadEnd::Early => {
                let damage = match self.stream.unit() {
                    Unit::Broken(damage) => damage,
                    _ => Damage::EndsEarly,
                };
                return self.lost(start, damage, address(&fields));
            }
        }
        let body = self.place();
        let declared = field(&fields, "content-length").and_then(|text| text.trim().parse().ok());
        if self.stream.is_gzip() {
            self.member_record(start, &fields, body, declared)
        } else {
            self.plain_record(start, &fields, body.inner, declared)
        }
    }

    /// A record of a plain file: where it ends is settled before it is read.
    fn plain_record(
        &mut self,
        start: Start,
        fields: &Fields,
        body: u64,
        declared: Option<u64>,
    ) -> io::Result<Turn> {
        let length = self.settle(body, declared)?;
        let mut block = Block::new(&mut self.stream, length.bytes);
        let built = build(fields, &mut block, &self.shared);
        if !matches!(built, Err(Problem::Io(_))) {
            block.drain()?;
        }
        let end = body + length.bytes;
        let steps = vec![Step::Bytes(start.inner, end - start.inner)];
        if length.unfinished {
            self.over = true;
            let keep = matches!(&built, Ok(Built::Record { length, .. }) if *length > 0);
            if keep || matches!(built, Err(Problem::Spool(_))) {
                return self.item(Position(start.inner), steps, built, length, fields);
            }
            discard(&built);
            let error = self.damaged(steps, Damage::EndsEarly, address(fields));
            return Ok(Some((Position(start.inner), Err(error))));
        }
        self.stream.skip_blank()?;
        let position = Position(self.stream.file_offset());
        self.item(position, steps, built, length, fields)
    }

    /// The length of a block in a plain file, by what follows it.
    fn settle(&mut self, body: u64, declared: Option<u64>) -> io::Result<Length> {
        let size = self.stream.size();
        let as_declared = |bytes| Length {
            bytes,
            note: None,
            cut: false,
            unfinished: false,
        };
        let end = declared.and_then(|length| body.checked_add(length));
        let mut ends_properly = false;
        if let (Some(end), Some(bytes)) = (end, declared)
            && end <= size
        {
            let behind = self.stream.look_at(end, 16)?;
            if scan::is_boundary(&behind) {
                return Ok(as_declared(bytes));
            }
            ends_properly = scan::is_end(&behind);
        }
        let limit = declared.map_or(u64::MAX, |bytes| bytes.saturating_add(scan::SLACK));
        let found = scan::to_next_record(&mut self.stream, true, limit)?;
        self.stream.begin(body)?;
        let rest = size.saturating_sub(body);
        Ok(match declared {
            // Garbage follows, but not within the record.
            Some(bytes) if ends_properly && !(found.found && found.bytes < bytes) => {
                as_declared(bytes)
            }
            _ if found.found => Length::repaired(declared, found.without_line_ends()),
            Some(bytes) if bytes <= rest => as_declared(bytes),
            Some(bytes) => Length {
                note: Some(format!("{ENDS_WITHIN}: {rest} of {bytes} bytes are there")),
                bytes: rest,
                cut: true,
                unfinished: true,
            },
            None => Length::repaired(None, found.without_line_ends()),
        })
    }

    fn item(
        &self,
        position: Position,
        steps: Vec<Step>,
        built: Result<Built, Problem>,
        length: Length,
        fields: &Fields,
    ) -> io::Result<Turn> {
        let result = match built {
            Ok(Built::Passed) => return Ok(None),
            Ok(Built::Skipped { kind }) => Err(ReadError::Unsupported {
                origin: Box::new(self.origin(steps)),
                url: address(fields),
                kind,
            }),
            Ok(Built::Record { mut record, .. }) => {
                record.origin.steps = steps;
                record.truncated |= length.cut;
                record.warnings.extend(length.note);
                Ok(*record)
            }
            Err(Problem::Damage(damage)) => Err(self.damaged(steps, damage, address(fields))),
            Err(Problem::Io(error)) => return Err(error),
            Err(Problem::Spool(source)) => Err(ReadError::Spool {
                path: self.shared.options.spool.clone(),
                origin: Box::new(self.origin(steps)),
                source,
            }),
        };
        Ok(Some((position, result)))
    }

    fn damaged(&self, steps: Vec<Step>, damage: Damage, url: Option<String>) -> ReadError {
        ReadError::Damaged {
            origin: Box::new(self.origin(steps)),
            url,
            damage,
        }
    }

    /// The file cannot be read where the stream stands.
    fn failed(&self, source: io::Error) -> ReadError {
        let steps = vec![Step::Bytes(self.stream.file_offset(), 0)];
        ReadError::Io {
            origin: Box::new(self.origin(steps)),
            source,
        }
    }

    fn origin(&self, steps: Vec<Step>) -> Origin {
        Origin {
            steps,
            ..self.shared.origin.clone()
        }
    }
}

impl Length {
    /// A length found by what follows, in place of the declared one.
    fn repaired(declared: Option<u64>, bytes: u64) -> Self {
        Self {
            bytes,
            note: match declared {
                Some(declared) if declared == bytes => None,
                Some(declared) => Some(format!(
                    "Content-Length is {declared}, but the next record begins behind {bytes} bytes"
                )),
                None => Some(format!(
                    "no readable Content-Length: the next record begins behind {bytes} bytes"
                )),
            },
            cut: declared.is_some_and(|declared| declared > bytes),
            unfinished: false,
        }
    }
}

/// Removes what was spooled of a record that will not be handed over.
fn discard(built: &Result<Built, Problem>) {
    if let Ok(Built::Record { record, .. }) = built
        && let Payload::Spooled(_) = record.payload
    {
        crate::discard(record);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// One record with a payload of so many bytes that do not compress.
    fn record(bytes: u64) -> Vec<u8> {
        let payload: Vec<u8> = (0..bytes)
            .map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 29) as u8)
            .collect();
        let head = format!(
            "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: https://veldania.example/\r\n\
             WARC-Date: 2025-06-01T12:00:00Z\r\nContent-Length: {bytes}\r\n\r\n"
        );
        [head.as_bytes(), &payload, b"\r\n\r\n"].concat()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::none();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_failing_disk_ends_the_file_behind_the_last_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let options = Options {
            source: folder.path().to_string_lossy().into_owned(),
            base: None,
            payload_in_memory: 1024 * 1024,
            payload_limit: 1024 * 1024,
            spool: folder.path().to_owned(),
        };
        let records = [record(1000), record(500_000), record(10)];
        let members = records.clone().map(|record| gzip(&record));
        for parts in [records, members] {
            std::fs::write(&path, parts.concat()).unwrap();
            let warc = Warc::open(&path, &options).unwrap();
            let mut items = warc.records(0).unwrap();
            let first = parts[0].len() as u64;
            let (position, result) = items.next().unwrap();
            assert!(result.is_ok());
            assert_eq!(position, Position(first));
            // A file that is open for writing alone cannot be read.
            let broken = File::create(folder.path().join("b")).unwrap();
            items.stream.replace_file(broken);
            let (position, result) = items.next().unwrap();
            assert_eq!(position, Position(first));
            let error = result.unwrap_err();
            assert!(matches!(error, ReadError::Io { .. }), "{error}");
            assert!(error.is_transient());
            assert_eq!(error.origin().unwrap().path, "a");
            assert!(items.next().is_none());
        }
    }
}
