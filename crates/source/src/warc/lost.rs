//! What is told of records that cannot be read, and where reading goes on behind them.

use std::io;

use model::record::{Position, Step};

use super::{Records, Start, Turn, scan};
use crate::ReadError;
use crate::error::Damage;
use crate::stream::Unit;

impl Records<'_> {
    /// Passes over what is no record, to the next that is.
    pub(super) fn pass_garbage(&mut self, start: Start) -> io::Result<Turn> {
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
            return Ok(Some((Position(position), Err(error))));
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
        Ok(Some((Position(position), Err(error))))
    }

    /// A record that ends within its header, as another begins there.
    pub(super) fn cut_in_head(&mut self, start: Start, length: u64) -> io::Result<Turn> {
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
        Ok(Some((Position(position), Err(error))))
    }

    /// A record is lost; goes on behind it.
    pub(super) fn lost(
        &mut self,
        start: Start,
        damage: Damage,
        url: Option<String>,
    ) -> io::Result<Turn> {
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
            return Ok(Some((Position(position), Err(error))));
        }
        let passed = scan::to_next_record(&mut self.stream, false, u64::MAX)?;
        let end = self.stream.file_offset();
        let steps = vec![Step::Bytes(start.inner, end - start.inner)];
        let unfinished = damage == Damage::EndsEarly && !passed.found;
        let position = if unfinished { start.inner } else { end };
        let error = self.damaged(steps, damage, url);
        Ok(Some((Position(position), Err(error))))
    }

    /// A gzip member breaks; goes on with the next that begins with a record.
    pub(super) fn lost_member(
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
        Ok(Some((Position(position), Err(error))))
    }
}
