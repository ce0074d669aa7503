//! Files of a kind that is known and is left out on purpose.

use std::path::{Path, PathBuf};

use model::record::Position;

use crate::{Items, Options, ReadError, Source, file_origin};

/// Name and version of the reader that leaves files out.
pub(crate) const READER: &str = "left out 1";

/// A file that is left out.
pub(crate) struct LeftOut {
    path: PathBuf,
    options: Options,
    what: Option<&'static str>,
}

impl LeftOut {
    /// `what`: what is said of it; nothing where another file holds all that is in it.
    pub(crate) fn new(path: &Path, options: &Options, what: Option<&'static str>) -> Self {
        Self {
            path: path.to_owned(),
            options: options.clone(),
            what,
        }
    }
}

impl Source for LeftOut {
    fn open(&self, from: Option<Position>) -> Result<Items<'_>, ReadError> {
        let size = self.bytes().unwrap_or(0);
        if from.is_some_and(|position| position.0 >= size) {
            return Ok(Box::new(std::iter::empty()));
        }
        let told = self.what.map(|what| {
            let error = ReadError::LeftOut {
                path: self.path.clone(),
                origin: Box::new(file_origin(&self.path, &self.options)),
                what,
            };
            (Position(size), Err(error))
        });
        Ok(Box::new(told.into_iter()))
    }

    fn bytes(&self) -> Option<u64> {
        std::fs::metadata(&self.path).ok().map(|data| data.len())
    }
}
