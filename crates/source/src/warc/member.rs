//! Records in gzip members: what ends a record shows only when it has been read.

use std::io;

use model::record::{Position, Step};

use super::block::{Block, BlockEnd};
use super::header::Fields;
use super::record::{Built, Problem, address, build};
use super::{Length, Place, Records, Start, Turn, discard, scan};
use crate::ENDS_WITHIN;
use crate::error::Damage;
use crate::stream::Unit;

/// In a gzip member of many records, wrong lengths are repaired as long as no more than this many
/// bytes, and four times those before the record, were decoded again for it: a repair far from the
/// last may decode the member from its start, and many would cost the square of its size.
const REPAIRABLE: u64 = 16 * 1024 * 1024;

impl Records<'_> {
    /// A record of a gzip file: where it ends shows only when it has been read.
    pub(super) fn member_record(
        &mut self,
        start: Start,
        fields: &Fields,
        body: Place,
        declared: Option<u64>,
    ) -> io::Result<Turn> {
        let mut length = match declared {
            Some(bytes) => Length {
                bytes,
                note: None,
                cut: false,
                unfinished: false,
            },
            None => self.measure(body, declared)?,
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
                BlockEnd::Short if !repaired && self.repairable(start) => {
                    discard(&built);
                    length = self.measure(body, declared)?;
                    repaired = true;
                }
                BlockEnd::Short | BlockEnd::Open => {
                    length.cut = true;
                    let mut steps = vec![Step::Bytes(start.unit, unit_end - start.unit)];
                    if !start.first {
                        let decoded = self.head.len() as u64 + read;
                        steps.push(Step::Decoded(start.inner, decoded));
                    }
                    return self.item(Position(unit_end), steps, built, length, fields);
                }
                BlockEnd::Complete => {
                    let place = self.place();
                    let behind = self.stream.peek(16)?;
                    let sound = scan::is_boundary(behind) || scan::is_end(behind);
                    self.stream.skip_blank()?;
                    // Bytes behind the block that belong to no record: is the length too small?
                    if !sound && !repaired && self.repairable(start) {
                        let actual = self.measure(body, declared)?;
                        repaired = true;
                        let more = actual.bytes.saturating_sub(length.bytes);
                        if more > 0 && more <= scan::SLACK {
                            discard(&built);
                            length = actual;
                            continue;
                        }
                        self.stream.rewind(place.unit, place.inner)?;
                    }
                    return self.complete_record(start, fields, built, length);
                }
            }
        }
    }

    fn repairable(&self, start: Start) -> bool {
        self.stream.rewound() <= REPAIRABLE.saturating_add(start.inner.saturating_mul(4))
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
                let broken = self.stream.unit_start();
                let next = self.stream.find_member(broken + 1)?;
                let (end, position) = match next {
                    Some(next) => (next, next),
                    None if damage == Damage::GzipEndsEarly => (self.stream.size(), self.clean),
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
                let end = self.measure_member()?;
                let position = if over { here } else { self.clean };
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
        let broken = self.stream.unit_start();
        let keep = damage == Damage::GzipEndsEarly
            && matches!(&built, Ok(Built::Record { length, .. }) if *length > 0)
            && self.stream.find_member(broken + 1)?.is_none();
        if !keep {
            discard(&built);
            return self.lost_member(start, damage, address(fields));
        }
        self.over = true;
        length.cut = true;
        length.note = Some(format!(
            "{ENDS_WITHIN}: {read} of {} bytes are there",
            length.bytes
        ));
        let mut steps = vec![Step::Bytes(start.unit, self.stream.size() - start.unit)];
        if !start.first {
            let decoded = self.head.len() as u64 + read;
            steps.push(Step::Decoded(start.inner, decoded));
        }
        self.item(Position(self.clean), steps, built, length, fields)
    }

    /// How long the block at `body` is by where the next record begins, or the member ends.
    pub(super) fn measure(&mut self, body: Place, declared: Option<u64>) -> io::Result<Length> {
        self.stream.rewind(body.unit, body.inner)?;
        let found = scan::through_members(&mut self.stream)?;
        self.stream.rewind(body.unit, body.inner)?;
        Ok(Length::repaired(declared, found.without_line_ends()))
    }

    /// File offset behind the current gzip member: it is decompressed to its end, once.
    pub(super) fn measure_member(&mut self) -> io::Result<u64> {
        if let Some(end) = self.stream.member_end() {
            return Ok(end);
        }
        let place = self.place();
        if let Some((start, end)) = self.member_end
            && start == place.unit
        {
            return Ok(end);
        }
        self.stream.pass_unit()?;
        let end = self.stream.member_end().unwrap_or_default();
        self.stream.rewind(place.unit, place.inner)?;
        self.member_end = Some((place.unit, end));
        Ok(end)
    }

    /// Where the stream stands.
    pub(super) fn place(&self) -> Place {
        Place {
            unit: self.stream.unit_start(),
            inner: self.stream.inner_offset(),
        }
    }
}
