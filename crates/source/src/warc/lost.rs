//! What is told of records that cannot be read, and where reading goes on behind them.

use std::io;

use model::record::{Position, Step};

use super::{Records, Start, Turn, scan};
use crate::error::Damage;
use crate::stream::Unit;
use crate::{Item, ReadError};

/// Errors that are told of one gzip member.
const MAX_DAMAGED: u32 = 1000;

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
            let end = self.measure_member()?;
            let position = if passed.found { self.clean } else { here };
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
    pub(super) fn cut_in_head(&mut self, start: Start, url: Option<String>) -> io::Result<Turn> {
        let length = self.head.len() as u64;
        let (steps, position) = if self.stream.is_gzip() {
            let end = self.measure_member()?;
            let unit = Step::Bytes(start.unit, end - start.unit);
            (vec![unit, Step::Decoded(start.inner, length)], self.clean)
        } else {
            let end = start.inner + length;
            (vec![Step::Bytes(start.inner, length)], end)
        };
        let error = self.damaged(steps, Damage::EndsEarly, url);
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
            let decoded = self.head.len() as u64 + passed.bytes;
            let end = self.measure_member()?;
            let mut steps = vec![Step::Bytes(start.unit, end - start.unit)];
            if !start.first || passed.found {
                steps.push(Step::Decoded(start.inner, decoded));
            }
            let position = if passed.found { self.clean } else { end };
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
        let broken = self.stream.unit_start();
        let next = self.stream.find_member(broken + 1)?;
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
        let position = if unfinished { self.clean } else { end };
        let error = self.damaged(steps, damage, url);
        Ok(Some((Position(position), Err(error))))
    }

    /// Counts what is wrong in a gzip member. Behind the last that is told of, the rest of the
    /// member is one error: a few kilobytes could hold millions.
    pub(super) fn limited(&mut self, item: Item) -> io::Result<Item> {
        let inner = match &item.1 {
            Err(error) if !error.is_skip() => match error.origin().map(|o| o.steps.as_slice()) {
                Some([_, Step::Decoded(inner, _)]) => *inner,
                _ => return Ok(item),
            },
            _ => return Ok(item),
        };
        let unit = self.stream.unit_start();
        if self.damaged_in.0 != unit {
            self.damaged_in = (unit, 0);
        }
        self.damaged_in.1 += 1;
        if self.damaged_in.1 <= MAX_DAMAGED {
            return Ok(item);
        }
        let damage = Damage::TooMany { limit: MAX_DAMAGED };
        let start = Start {
            unit,
            inner,
            first: false,
        };
        self.stream.pass_unit()?;
        if let Unit::Broken(_) = self.stream.unit() {
            return Ok(self.lost_member(start, damage, None)?.unwrap_or(item));
        }
        let end = self.stream.file_offset();
        let decoded = self.stream.inner_offset().saturating_sub(inner);
        let steps = vec![Step::Bytes(unit, end - unit), Step::Decoded(inner, decoded)];
        Ok((Position(end), Err(self.damaged(steps, damage, None))))
    }
}
