//! What a source cannot read: where it lies, and why.

use std::fmt;
use std::io;
use std::path::PathBuf;

use model::record::{Origin, Step};

/// Why the bytes at a place give no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file ends within a gzip member.
    #[error("gzip member ends early")]
    GzipEndsEarly,
    /// A gzip member cannot be decompressed.
    #[error("gzip member is damaged")]
    GzipCorrupt,
    /// A gzip member's check sum differs.
    #[error("gzip check sum does not match")]
    GzipChecksum,
    /// The file or member ends within the record's header or before any of its payload.
    #[error("record ends early")]
    EndsEarly,
    /// A header goes on and on.
    #[error("header is longer than {limit} bytes")]
    HeaderTooLong {
        /// Our limit in bytes.
        limit: u64,
    },
    /// The record does not say of what kind it is.
    #[error("header names no WARC-Type")]
    NoType,
    /// The record does not say whose content it is.
    #[error("header names no WARC-Target-URI")]
    NoAddress,
    /// Of this gzip member nothing more is read.
    #[error("too many damaged records in this member: more than {limit}")]
    TooMany {
        /// Our limit in errors.
        limit: u32,
    },
    /// The file ends within a zstd frame.
    #[error("zstd frame ends early")]
    ZstdEndsEarly,
    /// A zstd frame cannot be decompressed.
    #[error("zstd frame is damaged")]
    ZstdCorrupt,
    /// A line goes on and on.
    #[error("line is longer than {limit} bytes")]
    LineTooLong {
        /// Our limit in bytes.
        limit: u64,
    },
    /// A small body decodes to far more than the limit for payloads.
    #[error("body decodes to more than {limit} bytes")]
    Bomb {
        /// Our limit in bytes.
        limit: u64,
    },
}

/// A file or a record that could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file or folder cannot be opened.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// The same as a place, without steps.
        origin: Box<Origin>,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The operating system failed to give the bytes at a place.
    #[error("cannot read {}", Place(origin))]
    Io {
        /// Where.
        origin: Box<Origin>,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A payload too large for memory could not be written to its file.
    #[error("cannot spool a payload to `{}`", path.display())]
    Spool {
        /// The folder for spooled payloads.
        path: PathBuf,
        /// The record whose payload it is.
        origin: Box<Origin>,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No reader knows this file.
    #[error("no reader knows `{}`", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The same as a place, without steps.
        origin: Box<Origin>,
    },
    /// A path that leads to a pipe, a socket or a device.
    #[error("`{}` is neither a file nor a folder", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// The same as a place, without steps.
        origin: Box<Origin>,
    },
    /// A record is lost.
    #[error("cannot read WARC record at {}: {damage}", Place(origin))]
    Damaged {
        /// Where; the length is that of the bytes passed over.
        origin: Box<Origin>,
        /// Its address, where the header was whole.
        url: Option<String>,
        /// What is wrong with it.
        damage: Damage,
    },
    /// Lines or rows of a file of many are lost.
    #[error("cannot read {}: {damage}", Place(origin))]
    Block {
        /// Where; the length is that of the bytes passed over.
        origin: Box<Origin>,
        /// What is wrong with them.
        damage: Damage,
    },
    /// No error: bytes that were read before were decoded once more on the way to what was not.
    /// It is told now and then, so that whoever waits knows that something happens.
    #[error("read before: {length} bytes at {}", Place(origin))]
    ReadBefore {
        /// Where.
        origin: Box<Origin>,
        /// How many decoded bytes.
        length: u64,
    },
    /// A file of a kind that is known, and is not read.
    #[error("left out `{}`: {what} not read", path.display())]
    LeftOut {
        /// The file.
        path: PathBuf,
        /// The same as a place, without steps.
        origin: Box<Origin>,
        /// What it is, with its verb: `votes of a Stack Exchange dump are`.
        what: &'static str,
    },
    /// Bytes that belong to no record were passed over; reading goes on behind them.
    #[error(
        "passed over {length} bytes at {}: no WARC record begins there",
        Place(origin)
    )]
    PassedOver {
        /// Where.
        origin: Box<Origin>,
        /// How many bytes; in a gzip member, decoded ones.
        length: u64,
    },
    /// A record of a kind that is not read.
    #[error(
        "left out WARC record at {}: records of type `{kind}` are not read",
        Place(origin)
    )]
    Unsupported {
        /// Where.
        origin: Box<Origin>,
        /// Its address, where it has one.
        url: Option<String>,
        /// Its type as written.
        kind: String,
    },
    /// The bytes at an origin are no longer those that were read.
    #[error("{} does not hold the record that was read there", Place(origin))]
    Changed {
        /// Where.
        origin: Box<Origin>,
    },
}

impl ReadError {
    /// Where the bytes lie; without steps where it is about a whole file or folder.
    ///
    /// What is told without [`Options`](crate::Options), by [`recognise`](crate::recognise) and
    /// [`walk`](crate::walk()), has the absolute path as its source too.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Open { origin, .. }
            | Self::Io { origin, .. }
            | Self::Spool { origin, .. }
            | Self::Unknown { origin, .. }
            | Self::NotAFile { origin, .. }
            | Self::Damaged { origin, .. }
            | Self::Block { origin, .. }
            | Self::ReadBefore { origin, .. }
            | Self::LeftOut { origin, .. }
            | Self::PassedOver { origin, .. }
            | Self::Unsupported { origin, .. }
            | Self::Changed { origin } => Some(origin),
        }
    }

    /// Whether the disk failed and not the bytes: another try may give more. Such an error is
    /// the last item of a source.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Open { .. } | Self::Io { .. } | Self::Spool { .. }
        )
    }

    /// The address of the record, where its header could be read.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Damaged { url, .. } | Self::Unsupported { url, .. } => url.as_deref(),
            _ => None,
        }
    }

    /// Whether it is no error but a sign of life, not worth keeping.
    pub fn is_sign_of_life(&self) -> bool {
        matches!(self, Self::ReadBefore { .. })
    }

    /// Whether it only tells of damaged bytes between records.
    pub fn is_repair(&self) -> bool {
        matches!(self, Self::PassedOver { .. })
    }

    /// Whether it tells of something left out on purpose.
    pub fn is_skip(&self) -> bool {
        matches!(
            self,
            Self::Unsupported { .. } | Self::Unknown { .. } | Self::LeftOut { .. }
        )
    }

    /// The reason alone, without the place, a sentence without a full stop.
    pub fn reason(&self) -> String {
        match self {
            Self::Damaged { damage, .. } | Self::Block { damage, .. } => damage.to_string(),
            Self::ReadBefore { length, .. } => format!("{length} bytes were read before"),
            Self::LeftOut { what, .. } => format!("{what} not read"),
            Self::PassedOver { length, .. } => {
                format!("passed over {length} bytes: no WARC record begins there")
            }
            Self::Unsupported { kind, .. } => format!("records of type `{kind}` are not read"),
            Self::Changed { .. } => "the file has changed".to_owned(),
            Self::Io { source, .. } => format!("cannot read: {source}"),
            Self::Open { source, .. } => format!("cannot open: {source}"),
            Self::Spool { source, .. } => format!("cannot spool the payload: {source}"),
            Self::Unknown { .. } => "no reader knows this file".to_owned(),
            Self::NotAFile { .. } => "neither a file nor a folder".to_owned(),
        }
    }
}

/// `` `news-03.warc.gz` byte 81920 ``.
struct Place<'a>(&'a Origin);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0.path)?;
        for step in &self.0.steps {
            match step {
                Step::Bytes(offset, _) => write!(f, " byte {offset}")?,
                Step::Entry(name) => write!(f, " entry `{name}`")?,
                Step::Decoded(offset, _) => write!(f, " decoded byte {offset}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_place() {
        let error = ReadError::Damaged {
            origin: Box::new(Origin {
                source: "/a".into(),
                path: "news-03.warc.gz".into(),
                steps: vec![Step::Bytes(81920, 10)],
                digest: None,
            }),
            url: None,
            damage: Damage::GzipEndsEarly,
        };
        assert_eq!(
            error.to_string(),
            "cannot read WARC record at `news-03.warc.gz` byte 81920: gzip member ends early"
        );
    }
}
