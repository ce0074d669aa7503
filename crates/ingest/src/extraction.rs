//! An extraction worker as a thread holds it: asked record after record, replaced when it has died
//! or grown.

use crate::pipeline::{Gave, ReadSettings};
use crate::pool::{Ender, Worker, WorkerError};
use crate::posts::Posts;
use crate::protocol::{RecordHead, Reply, Request};

/// A worker that reads records; it is started when there is one.
pub(crate) struct ExtractionWorker<'a> {
    settings: &'a ReadSettings,
    ender: &'a Ender,
    slot: Option<Worker>,
}

impl<'a> ExtractionWorker<'a> {
    pub(crate) fn new(settings: &'a ReadSettings, ender: &'a Ender) -> Self {
        Self {
            settings,
            ender,
            slot: None,
        }
    }

    /// Reads a record; `None` where the worker was ended because everything ends.
    ///
    /// Where it dies of a record that a program of the user's may have helped it with (pictures
    /// are decoded for that), the record is read once more without.
    pub(crate) fn extract(
        &mut self,
        head: &RecordHead,
        payload: &[u8],
        stopped: &dyn Fn() -> bool,
    ) -> Result<Option<Gave>, WorkerError> {
        let options = &self.settings.extract;
        let helped = options.runs_programs_for(&head.media_type);
        let died = match self.ask(head, payload, options) {
            Err(WorkerError::Ended(_)) if stopped() => return Ok(None),
            Err(WorkerError::Ended(reason)) => reason,
            gave => return gave.map(Some),
        };
        if !helped {
            return Ok(Some(Gave::Failed(died)));
        }
        match self.ask(head, payload, &extract::Options::default()) {
            Err(WorkerError::Ended(_)) if stopped() => Ok(None),
            Err(WorkerError::Ended(reason)) => Ok(Some(Gave::Failed(reason))),
            Ok(Gave::Extracted(mut extracted, posts)) => {
                for document in &mut extracted.documents {
                    let warning = format!("its pictures could not be read for their text: {died}");
                    document.warnings.push(warning);
                }
                Ok(Some(Gave::Extracted(extracted, posts)))
            }
            gave => gave.map(Some),
        }
    }

    fn ask(
        &mut self,
        head: &RecordHead,
        payload: &[u8],
        options: &extract::Options,
    ) -> Result<Gave, WorkerError> {
        // It is put back when it is fit for the next record.
        let mut worker = if let Some(worker) = self.slot.take() {
            worker
        } else {
            let worker = Worker::extractor(self.settings)?;
            self.ender.watch(&worker);
            worker
        };
        let request = Request::Extract {
            record: Box::new(head.clone()),
            options: options.clone(),
        };
        worker.ask(&request, payload)?;
        let (reply, blob) = worker.reply()?;
        let gave = match reply {
            Reply::Extracted {
                documents,
                redirect,
                warnings,
                resident_bytes,
            } => {
                if resident_bytes <= self.settings.limits.keep_bytes {
                    self.slot = Some(worker);
                }
                let extracted = extract::Extracted {
                    documents,
                    parts: Vec::new(),
                    redirect,
                    warnings,
                };
                return Ok(Gave::Extracted(extracted, Posts::from_bytes(blob)));
            }
            Reply::Refused { skipped: true, .. } => Gave::Nothing,
            Reply::Refused { reason, .. } => Gave::Failed(reason),
            _ => {
                return Ok(Gave::Failed("the worker answered out of turn".to_owned()));
            }
        };
        self.slot = Some(worker);
        Ok(gave)
    }
}
