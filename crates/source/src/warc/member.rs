//! Records in gzip members: what ends a record shows only when it has been read.

use std::io;

use model::record::{Position, Step};

use super::block::{Block, BlockEnd};
use super::header::Fields;
use super::record::{Built, Problem, address, build};
use super::{Length, Records, Start, Turn, discard, scan};
use crate::error::Damage;
use crate::stream::Unit;

/// In a gzip member of many records, how far in a wrong length is still repaired, in decoded
/// bytes: each repair decodes the member from its start again, so that a member of small records
/// with wrong lengths would cost the square of its size.
const REPAIRABLE: u64 = 1024 * 1024;

impl Records<'_> {
    /// A record of a gzip file: where it ends shows only when it has been read.
    pub(super) fn member_record(
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
    pub(super) fn complete_record(
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
    pub(super) fn decoded_length(&self, length: &Length) -> u64 {
        self.head.len() as u64 + length.bytes
    }

    /// A record whose gzip member breaks within its block.
    pub(super) fn broken_record(
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
    pub(super) fn measure(
        &mut self,
        start: Start,
        body: u64,
        declared: Option<u64>,
    ) -> io::Result<Length> {
        self.stream.rewind(start.unit, body)?;
        let found = scan::to_next_record(&mut self.stream, true, u64::MAX)?;
        self.stream.rewind(start.unit, body)?;
        Ok(Length::repaired(declared, found.without_line_ends()))
    }

    /// File offset behind a gzip member of several records: it is decompressed to its end, once.
    pub(super) fn measure_member(&mut self, unit: u64) -> io::Result<u64> {
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
}
