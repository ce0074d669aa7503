//! The bytes of a record, up to a limit.

use std::borrow::Cow;
use std::io::Read as _;

use model::record::{Payload, Record};

use crate::ExtractError;

/// The beginning of the payload, at most `limit` bytes, and whether that is all of it.
pub(crate) fn read(record: &Record, limit: usize) -> Result<(Cow<'_, [u8]>, bool), ExtractError> {
    match &record.payload {
        Payload::Bytes(bytes) => match bytes.get(..limit) {
            Some(beginning) if bytes.len() > limit => Ok((Cow::Borrowed(beginning), false)),
            _ => Ok((Cow::Borrowed(bytes), true)),
        },
        Payload::Spooled(path) => {
            let read = || -> std::io::Result<Vec<u8>> {
                let mut bytes = Vec::new();
                // One byte more than the limit tells whether something was cut.
                let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
                std::fs::File::open(path)?
                    .take(most)
                    .read_to_end(&mut bytes)?;
                Ok(bytes)
            };
            let mut bytes = read().map_err(|source| ExtractError::Payload {
                url: record.url.clone(),
                source,
            })?;
            let whole = bytes.len() <= limit;
            bytes.truncate(limit);
            Ok((Cow::Owned(bytes), whole))
        }
    }
}
