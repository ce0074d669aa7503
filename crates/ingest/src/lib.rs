//! Source, extractor and engine joined: what is added is read once, kept whole, and can go on
//! after any interruption.
#![warn(missing_docs)]

mod add;
mod again;
mod extraction;
mod files;
mod joining;
mod lines;
mod pipeline;
mod pool;
mod posts;
mod protocol;
mod worker;

pub use add::{AddSettings, Added, IngestError, add, contribution_of};
pub use again::{Payload, read_again};
pub use files::{Measured, measure};
pub use joining::Joining;
pub use lines::{document_lines, lines_of, part_lines, redirect_line};
pub use pipeline::{Event, Gave, Known, Read, ReadSettings, Stop, Task, run};
pub use pool::{Isolation, WorkerError};
pub use posts::Posts;
pub use protocol::Bad;
pub use worker::{WorkerLimits, WorkerTask, confine, serve};
