//! An engine with the folder it lies in, removed with it.

use std::sync::Arc;

use engine::embedded::Embedded;
use engine::{Engine, EngineError, View, Writer};

pub(crate) struct Kept {
    pub(crate) engine: Embedded,
    #[expect(dead_code, reason = "removed when dropped")]
    pub(crate) folder: tempfile::TempDir,
}

impl Engine for Kept {
    fn writer(&self) -> Result<Box<dyn Writer + '_>, EngineError> {
        self.engine.writer()
    }

    fn view(&self) -> Result<Arc<dyn View>, EngineError> {
        self.engine.view()
    }
}
