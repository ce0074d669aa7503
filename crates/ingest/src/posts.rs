//! Posts as they travel from a worker: JSON that is read when somebody wants to know what it says.

use model::document::Key;
use model::part::Part;

/// Posts of one record, each with its thread.
///
/// A stretch of a dump has thousands. Whoever prints them needs their JSON as the worker wrote it,
/// and saves reading it and writing it again: 7 to 9 ms of processor time for a megabyte of a dump
/// of Reddit, of the 20 ms that there are at 50 MB/s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posts {
    /// For each post: the JSON of its key, a tab, its own JSON, a line feed. JSON of ours holds
    /// neither tabs nor line feeds.
    lines: Vec<u8>,
}

impl Posts {
    pub(crate) fn of(parts: &[(Key, Part)]) -> serde_json::Result<Self> {
        let mut lines = Vec::new();
        for (key, part) in parts {
            serde_json::to_writer(&mut lines, key)?;
            lines.push(b'\t');
            serde_json::to_writer(&mut lines, part)?;
            lines.push(b'\n');
        }
        Ok(Self { lines })
    }

    /// What [`Posts::as_bytes`] gave.
    pub(crate) fn from_bytes(lines: Vec<u8>) -> Self {
        Self { lines }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.lines
    }

    /// Thread and post of each, as JSON.
    pub(crate) fn raw(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let lines = self.lines.split(|&byte| byte == b'\n');
        lines.filter_map(|line| {
            let tab = line.iter().position(|&byte| byte == b'\t')?;
            Some((line.get(..tab)?, line.get(tab + 1..)?))
        })
    }

    /// Thread and post of each; an error is one that the worker wrote wrong.
    pub fn read(&self) -> impl Iterator<Item = serde_json::Result<(Key, Part)>> {
        self.raw().map(|(key, part)| {
            let key = serde_json::from_slice(key)?;
            Ok((key, serde_json::from_slice(part)?))
        })
    }
}
