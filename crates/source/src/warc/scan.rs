//! Finds where the next record begins, when the lengths do not say it.

use std::io;

use memchr::memmem;

use crate::stream::{PEEK, Stream, is_blank};

/// Bytes behind a block that may still belong to it, when its length is too small.
pub(super) const SLACK: u64 = 64 * 1024;

/// Bytes that show whether `WARC/` begins a record.
pub(super) const BEGINNING: usize = 32;

/// What was passed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    /// How many bytes.
    pub(super) bytes: u64,
    /// Whether a record begins behind them; else the unit ends there, or the limit was reached.
    pub(super) found: bool,
    /// The last of them, oldest first.
    last: [u8; 4],
}

impl Passed {
    /// The number of bytes less the two line ends that stand behind a block.
    pub(super) fn without_line_ends(&self) -> u64 {
        let ends: u64 = match self.last {
            [b'\r', b'\n', b'\r', b'\n'] => 4,
            [_, _, b'\n' | b'\r', b'\n'] => 2,
            [_, _, _, b'\n'] => 1,
            _ => 0,
        };
        self.bytes.saturating_sub(ends)
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        for byte in bytes.iter().skip(bytes.len().saturating_sub(4)) {
            self.last = [self.last[1], self.last[2], self.last[3], *byte];
        }
    }
}

/// Goes to the next line that begins a record: from the first byte on if `here`, else from the
/// second. Looks no further than about `limit` bytes, nor beyond the unit.
pub(super) fn to_next_record(stream: &mut Stream, here: bool, limit: u64) -> io::Result<Passed> {
    let mut passed = Passed {
        bytes: 0,
        found: false,
        last: [0, 0, 0, if here { b'\n' } else { 0 }],
    };
    go_on(stream, &mut passed, limit)?;
    Ok(passed)
}

/// The same from the first byte of a block on, through the gzip members that do not begin with a
/// record.
pub(super) fn through_members(stream: &mut Stream) -> io::Result<Passed> {
    let mut passed = to_next_record(stream, true, u64::MAX)?;
    while !passed.found {
        match stream.next_beginning()? {
            Some(beginning) if !beginning.starts_with(b"WARC/") => stream.join(),
            _ => break,
        }
        go_on(stream, &mut passed, u64::MAX)?;
    }
    Ok(passed)
}

fn go_on(stream: &mut Stream, passed: &mut Passed, limit: u64) -> io::Result<()> {
    let finder = memmem::Finder::new(b"WARC/");
    while passed.bytes < limit {
        let window = stream.peek(PEEK)?;
        if window.is_empty() {
            return Ok(());
        }
        let ends = window.len() < PEEK;
        let mut step = if ends {
            window.len()
        } else {
            // A beginning may be cut by the end of the window.
            window.len() - BEGINNING
        };
        let mut from = 0;
        while let Some(at) = finder.find(window.get(from..).unwrap_or_default()) {
            let at = from + at;
            if !ends && at + BEGINNING > window.len() {
                step = at;
                break;
            }
            let before = match at.checked_sub(1) {
                Some(before) => window.get(before).copied(),
                None => passed.last.last().copied(),
            };
            if is_beginning(window.get(at..).unwrap_or_default(), before) {
                passed.found = true;
                step = at;
                break;
            }
            from = at + 1;
        }
        passed.pass(window.get(..step).unwrap_or_default());
        stream.consume(step);
        if passed.found {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether `WARC/` is followed by a version, the end of the line and the beginning of a name.
///
/// `before`: the byte before it. In the middle of a line, where a record was cut and another
/// written behind it, the name must be one that records begin with.
fn is_beginning(bytes: &[u8], before: Option<u8>) -> bool {
    let Some(version) = bytes.strip_prefix(b"WARC/") else {
        return false;
    };
    let line_end = version.iter().take(16).position(|b| *b == b'\n');
    let Some((version, rest)) = line_end.and_then(|at| version.split_at_checked(at)) else {
        return false;
    };
    let digits = version.trim_ascii();
    let name = rest.get(1..).unwrap_or_default();
    let named = if before == Some(b'\n') {
        name.first().is_none_or(u8::is_ascii_alphabetic)
    } else {
        name.get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"warc-"))
            || name
                .get(..8)
                .is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
    };
    !digits.is_empty() && digits.iter().all(|b| b.is_ascii_digit() || *b == b'.') && named
}

/// Where in the next bytes of a record's header another record begins: this one is cut there.
/// `before`: the byte before them, `None` at the beginning of the header.
pub(super) fn in_head(window: &[u8], before: Option<u8>) -> Option<usize> {
    memmem::find_iter(window, b"WARC/").find(|at| {
        let before = match at.checked_sub(1) {
            Some(index) => window.get(index).copied(),
            None => before,
        };
        before.is_some() && is_beginning(window.get(*at..).unwrap_or_default(), before)
    })
}

/// Whether a record ends before these bytes: another follows, or nothing.
pub(super) fn is_boundary(behind: &[u8]) -> bool {
    let blank = behind.iter().take_while(|b| is_blank(**b)).count();
    let text = behind.get(blank..).unwrap_or_default();
    text.starts_with(b"WARC/") || b"WARC/".starts_with(text)
}

/// Whether the two line ends follow that stand behind a record.
pub(super) fn is_end(behind: &[u8]) -> bool {
    behind.starts_with(b"\r\n\r\n") || behind.starts_with(b"\n\n")
}
