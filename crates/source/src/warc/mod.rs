//! WARC files (ISO 28500, versions 0.17 to 1.1), plain or compressed member by member.
//!
//! `header` reads named fields, `block` the bytes of one record, `record` makes a [`Record`] of
//! them, `scan` finds the next record behind damage. This file is the loop over a file.
//!
//! What is tolerated, because archives hold it: line ends without carriage return or with two,
//! names in any case, folded lines, brackets around addresses, a `Content-Length` that is missing
//! or wrong (the next record's beginning decides), one gzip member around many records, one record
//! in several members, no line ends or many between records.

mod block;
mod header;
mod record;
mod scan;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use model::record::{Origin, Payload, Position, Record, Step};

use self::block::{Block, BlockEnd};
use self::header::{Fields, HeadEnd, field, parse_head, read_head};
use self::record::{Built, MAX_HEAD, Problem, Shared, address, build};
use crate::error::Damage;
use crate::stream::{Stream, Unit};
use crate::{Items, Options, ReadError, Source, file_origin, modified};

/// Name and version of this reader.
pub(crate) const READER: &str = "warc 1";

/// In a gzip member of many records, how far in a wrong length is still repaired, in decoded
/// bytes: each repair decodes the member from its start again.
const REPAIRABLE: u64 = 16 * 1024 * 1024;

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
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            options: options.clone(),
            size: size.len(),
        })
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
            member_end: None,
            over: false,
        })
    }
}

impl Source for Warc {
    fn open(&self, from: Option<Position>) -> Result<Items<'_>, ReadError> {
        let from = from.map_or(0, |position| position.0.min(self.size));
        let records = self.records(from).map_err(|source| ReadError::Open {
            path: self.path.clone(),
            source,
        })?;
        Ok(Box::new(records))
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

/// What one turn of the loop gave.
enum Turn {
    Item(Position, Result<Record, ReadError>),
    Passed,
    Over,
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
    /// Start and end of a gzip member that holds many records, once it was measured.
    member_end: Option<(u64, u64)>,
    over: bool,
}

impl Iterator for Records<'_> {
    type Item = (Position, Result<Record, ReadError>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            match self.turn() {
                Ok(Turn::Item(position, result)) => return Some((position, result)),
                Ok(Turn::Passed) => {}
                Ok(Turn::Over) => self.over = true,
                Err(source) => {
                    self.over = true;
                    let here = self.stream.file_offset();
                    let error = ReadError::Io {
                        origin: Box::new(self.origin(vec![Step::Bytes(here, 0)])),
                        source,
                    };
                    return Some((Position(here), Err(error)));
                }
            }
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
            if let Some(turn) = self.next_member()? {
                return Ok(turn);
            }
        }
        let begun = self.stream.inner_offset();
        self.stream.skip_blank()?;
        let fresh = self.stream.is_gzip() && begun == 0;
        let start = self.start(fresh);
        if self.stream.fill()?.is_empty() {
            return match self.stream.unit() {
                Unit::Broken(damage) => self.lost_member(start, damage, None),
                _ if self.stream.is_gzip() => Ok(Turn::Passed),
                _ => Ok(Turn::Over),
            };
        }
        if !self.stream.peek(5)?.starts_with(b"WARC/") {
            return self.pass_garbage(start);
        }
        self.record(start)
    }

    fn start(&self, first: bool) -> Start {
        Start {
            unit: self.stream.unit_start(),
            inner: self.stream.inner_offset(),
            first,
        }
    }

    /// Goes to the next gzip member.
    fn next_member(&mut self) -> io::Result<Option<Turn>> {
        let here = self.stream.file_offset();
        let beginning = self.stream.peek_raw(2)?;
        if beginning.is_empty() {
            return Ok(Some(Turn::Over));
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
        Ok(Some(Turn::Item(Position(position), Err(error))))
    }

    /// Passes over what is no record, to the next that is.
    fn pass_garbage(&mut self, start: Start) -> io::Result<Turn> {
        // Fewer bytes than that, at the end: the file is still being written.
        let beginning = self.stream.peek(5)?;
        let unfinished = beginning.len() < 5 && b"WARC/".starts_with(beginning);
        let passed = scan::to_next_record(&mut self.stream, false, u64::MAX)?;
        let length = passed.bytes;
        if !self.stream.is_gzip() {
            let steps = vec![Step::Bytes(start.inner, length)];
            let error = ReadError::PassedOver {
                origin: Box::new(self.origin(steps)),
                length,
            };
            let unfinished = unfinished && !passed.found;
            let position = if unfinished {
                start.inner
            } else {
                start.inner + length
            };
            return Ok(Turn::Item(Position(position), Err(error)));
        }
        if let Unit::Broken(damage) = self.stream.unit() {
            return self.lost_member(start, damage, None);
        }
        let here = self.stream.file_offset();
        let (steps, position) = if start.first && !passed.found {
            (vec![Step::Bytes(start.unit, here - start.unit)], here)
        } else {
            let end = self.measure_member(start.unit)?;
            let position = if passed.found { start.unit } else { here };
            let unit = Step::Bytes(start.unit, end - start.unit);
            (vec![unit, Step::Decoded(start.inner, length)], position)
        };
        let error = ReadError::PassedOver {
            origin: Box::new(self.origin(steps)),
            length,
        };
        Ok(Turn::Item(Position(position), Err(error)))
    }

    /// Reads the record that begins here.
    fn record(&mut self, start: Start) -> io::Result<Turn> {
        let mut head = std::mem::take(&mut self.head);
        let end = read_head(&mut self.stream, MAX_HEAD, &mut head)?;
        if let Some(at) = scan::in_head(&head) {
            self.head = head;
            return self.cut_in_head(start, at as u64);
        }
        let (_, fields) = parse_head(&head);
        self.head = head;
        match end {
            HeadEnd::Whole => {}
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
        let body = self.stream.inner_offset();
        let declared = field(&fields, "content-length").and_then(|text| text.trim().parse().ok());
        if self.stream.is_gzip() {
            self.member_record(start, &fields, body, declared)
        } else {
            self.plain_record(start, &fields, body, declared)
        }
    }

    /// A record that ends within its header, as another begins there.
    fn cut_in_head(&mut self, start: Start, length: u64) -> io::Result<Turn> {
        self.stream.rewind(start.unit, start.inner + length)?;
        let (steps, position) = if self.stream.is_gzip() {
            let end = self.measure_member(start.unit)?;
            let unit = Step::Bytes(start.unit, end - start.unit);
            (vec![unit, Step::Decoded(start.inner, length)], start.unit)
        } else {
            let end = start.inner + length;
            (vec![Step::Bytes(start.inner, length)], end)
        };
        let error = self.damaged(steps, Damage::EndsEarly, None);
        Ok(Turn::Item(Position(position), Err(error)))
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
            return Ok(Turn::Item(Position(start.inner), Err(error)));
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
                note: Some(format!(
                    "the file ends within the record: {rest} of {bytes} bytes are there"
                )),
                bytes: rest,
                cut: true,
                unfinished: true,
            },
            None => Length::repaired(None, found.without_line_ends()),
        })
    }

    /// A record of a gzip file: where it ends shows only when it has been read.
    fn member_record(
        &mut self,
        start: Start,
        fields: &Fields,
        body: u64,
        declared: Option<u64>,
    ) -> io::Result<Turn> {
        let mut length = match declared {
            Some(bytes) => Length {
                bytes,
                note: None,
                cut: false,
                unfinished: false,
            },
            None => self.measure(start, body, declared)?,
        };
        let mut repaired = declared.is_none();
        loop {
            let mut block = Block::new(&mut self.stream, length.bytes);
            let built = build(fields, &mut block, &self.shared);
            if matches!(built, Err(Problem::Io(_))) {
                return self.item(Position(start.unit), Vec::new(), built, length, fields);
            }
            block.drain()?;
            let (end, read, unit_end) = (block.end, block.read(), block.unit_end);
            match end {
                BlockEnd::Broken(damage) => {
                    return self.broken_record(start, fields, built, damage, length, read);
                }
                BlockEnd::Short if !repaired && start.inner < REPAIRABLE => {
                    discard(&built);
                    length = self.measure(start, body, declared)?;
                    repaired = true;
                    self.stream.rewind(start.unit, body)?;
                }
                BlockEnd::Short | BlockEnd::Open => {
                    length.cut = true;
                    let steps = vec![Step::Bytes(start.unit, unit_end - start.unit)];
                    return self.item(Position(unit_end), steps, built, length, fields);
                }
                BlockEnd::Complete => {
                    let behind = self.stream.peek(16)?;
                    let sound = scan::is_boundary(behind) || scan::is_end(behind);
                    self.stream.skip_blank()?;
                    // Bytes behind the block that belong to no record: is the length too small?
                    if !sound && !repaired && start.inner < REPAIRABLE {
                        let actual = self.measure(start, body, declared)?;
                        repaired = true;
                        let more = actual.bytes.saturating_sub(length.bytes);
                        if more > 0 && more <= scan::SLACK {
                            discard(&built);
                            length = actual;
                            self.stream.rewind(start.unit, body)?;
                            continue;
                        }
                        self.stream.rewind(start.unit, body + length.bytes)?;
                    }
                    return self.complete_record(start, fields, built, length);
                }
            }
        }
    }

    /// A record of a gzip file whose block was read to its end; the stream stands behind it.
    fn complete_record(
        &mut self,
        start: Start,
        fields: &Fields,
        built: Result<Built, Problem>,
        mut length: Length,
    ) -> io::Result<Turn> {
        let over = self.stream.fill()?.is_empty();
        let here = self.stream.file_offset();
        match self.stream.unit() {
            Unit::Whole if over && start.first => {
                let steps = vec![Step::Bytes(start.unit, here - start.unit)];
                self.item(Position(here), steps, built, length, fields)
            }
            Unit::Broken(damage) if over => {
                // The record is whole; what is damaged comes behind it.
                length.note.get_or_insert_with(|| damage.to_string());
                let next = self.stream.find_member(start.unit + 1)?;
                let (end, position) = match next {
                    Some(next) => (next, next),
                    None if damage == Damage::GzipEndsEarly => (self.stream.size(), start.unit),
                    None => (self.stream.size(), self.stream.size()),
                };
                match next {
                    Some(next) => self.stream.begin(next)?,
                    None => self.over = true,
                }
                let mut steps = vec![Step::Bytes(start.unit, end - start.unit)];
                if !start.first {
                    steps.push(Step::Decoded(start.inner, self.decoded_length(&length)));
                }
                self.item(Position(position), steps, built, length, fields)
            }
            _ => {
                let end = self.measure_member(start.unit)?;
                let position = if over { here } else { start.unit };
                let steps = vec![
                    Step::Bytes(start.unit, end - start.unit),
                    Step::Decoded(start.inner, self.decoded_length(&length)),
                ];
                self.item(Position(position), steps, built, length, fields)
            }
        }
    }

    /// Length of header and block together.
    fn decoded_length(&self, length: &Length) -> u64 {
        self.head.len() as u64 + length.bytes
    }

    /// A record whose gzip member breaks within its block.
    fn broken_record(
        &mut self,
        start: Start,
        fields: &Fields,
        built: Result<Built, Problem>,
        damage: Damage,
        mut length: Length,
        read: u64,
    ) -> io::Result<Turn> {
        // Only where nothing follows is it the end of a file that was cut or is being written.
        let keep = damage == Damage::GzipEndsEarly
            && matches!(&built, Ok(Built::Record { length, .. }) if *length > 0)
            && self.stream.find_member(start.unit + 1)?.is_none();
        if !keep {
            discard(&built);
            return self.lost_member(start, damage, address(fields));
        }
        self.over = true;
        length.cut = true;
        length.note = Some(format!(
            "the file ends within the record: {read} of {} bytes are there",
            length.bytes
        ));
        let mut steps = vec![Step::Bytes(start.unit, self.stream.size() - start.unit)];
        if !start.first {
            let decoded = self.head.len() as u64 + read;
            steps.push(Step::Decoded(start.inner, decoded));
        }
        self.item(Position(start.unit), steps, built, length, fields)
    }

    /// How long the block at `body` is by where the next record begins, or the member ends.
    fn measure(&mut self, start: Start, body: u64, declared: Option<u64>) -> io::Result<Length> {
        self.stream.rewind(start.unit, body)?;
        let found = scan::to_next_record(&mut self.stream, true, u64::MAX)?;
        self.stream.rewind(start.unit, body)?;
        Ok(Length::repaired(declared, found.without_line_ends()))
    }

    /// File offset behind a gzip member of several records: it is decompressed to its end, once.
    fn measure_member(&mut self, unit: u64) -> io::Result<u64> {
        if let Some((start, end)) = self.member_end
            && start == unit
        {
            return Ok(end);
        }
        let inner = self.stream.inner_offset();
        loop {
            let length = self.stream.fill()?.len();
            if length == 0 {
                break;
            }
            self.stream.consume(length);
        }
        let end = match self.stream.unit() {
            Unit::Broken(_) => self.stream.size(),
            _ => self.stream.file_offset(),
        };
        self.stream.rewind(unit, inner)?;
        self.member_end = Some((unit, end));
        Ok(end)
    }

    /// A record is lost; goes on behind it.
    fn lost(&mut self, start: Start, damage: Damage, url: Option<String>) -> io::Result<Turn> {
        if self.stream.is_gzip() {
            if matches!(self.stream.unit(), Unit::Broken(_)) {
                return self.lost_member(start, damage, url);
            }
            let passed = scan::to_next_record(&mut self.stream, false, u64::MAX)?;
            if let Unit::Broken(damage) = self.stream.unit() {
                return self.lost_member(start, damage, url);
            }
            let decoded = self.stream.inner_offset() - start.inner;
            let end = self.measure_member(start.unit)?;
            let mut steps = vec![Step::Bytes(start.unit, end - start.unit)];
            if !start.first || passed.found {
                steps.push(Step::Decoded(start.inner, decoded));
            }
            let position = if passed.found { start.unit } else { end };
            let error = self.damaged(steps, damage, url);
            return Ok(Turn::Item(Position(position), Err(error)));
        }
        let passed = scan::to_next_record(&mut self.stream, false, u64::MAX)?;
        let end = self.stream.file_offset();
        let steps = vec![Step::Bytes(start.inner, end - start.inner)];
        let unfinished = damage == Damage::EndsEarly && !passed.found;
        let position = if unfinished { start.inner } else { end };
        let error = self.damaged(steps, damage, url);
        Ok(Turn::Item(Position(position), Err(error)))
    }

    /// A gzip member breaks; goes on with the next that begins with a record.
    fn lost_member(
        &mut self,
        start: Start,
        damage: Damage,
        url: Option<String>,
    ) -> io::Result<Turn> {
        // Not behind what was read: decompression may have run into the members that follow.
        let next = self.stream.find_member(start.unit + 1)?;
        let end = next.unwrap_or(self.stream.size()).max(start.unit);
        match next {
            Some(next) => self.stream.begin(next)?,
            None => self.over = true,
        }
        let mut steps = vec![Step::Bytes(start.unit, end - start.unit)];
        if !start.first {
            steps.push(Step::Decoded(start.inner, 0));
        }
        let unfinished = next.is_none() && damage == Damage::GzipEndsEarly;
        let position = if unfinished { start.unit } else { end };
        let error = self.damaged(steps, damage, url);
        Ok(Turn::Item(Position(position), Err(error)))
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
            Ok(Built::Passed) => return Ok(Turn::Passed),
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
                source,
            }),
        };
        Ok(Turn::Item(position, result))
    }

    fn damaged(&self, steps: Vec<Step>, damage: Damage, url: Option<String>) -> ReadError {
        ReadError::Damaged {
            origin: Box::new(self.origin(steps)),
            url,
            damage,
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
