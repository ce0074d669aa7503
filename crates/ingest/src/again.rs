//! One record read again from where it lies, for whoever wants the original bytes.

use model::record::{Origin, Record};

use crate::pipeline::{ReadSettings, read_options};
use crate::pool::{Worker, WorkerError};
use crate::protocol::{Reply, Request};

/// The payload of a record that was read again.
#[derive(Debug)]
pub enum Payload {
    /// As bytes.
    Bytes(Vec<u8>),
    /// As a file that is gone once it is closed: it was too large for memory.
    File(std::fs::File),
}

/// Reads one record again from its origin, in a worker.
///
/// # Errors
///
/// The reason why it cannot be read: the file is gone, it has changed, it is damaged.
pub fn read_again(
    origin: &Origin,
    settings: &ReadSettings,
) -> Result<(Record, Payload), WorkerError> {
    let mut worker = Worker::reader(settings)?;
    let options = read_options(settings, &origin.source);
    worker.ask(
        &Request::Again {
            origin: origin.clone(),
            options,
        },
        &[],
    )?;
    match worker.reply()? {
        (Reply::Record { mut record, .. }, payload) => {
            let payload = match record.spooled.take() {
                Some(path) => {
                    let file = std::fs::File::open(&path)
                        .map_err(|error| WorkerError::Ended(error.to_string()));
                    drop(std::fs::remove_file(&path));
                    Payload::File(file?)
                }
                None => Payload::Bytes(payload),
            };
            Ok((record.join(Vec::new()), payload))
        }
        (Reply::Refused { reason, .. }, _) => Err(WorkerError::Ended(reason)),
        _ => Err(WorkerError::Ended(
            "the worker answered out of turn".to_owned(),
        )),
    }
}
