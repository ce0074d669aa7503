//! The tail of a file: what a retraction takes back.

use std::path::{Path, PathBuf};

use model::record::Origin;

/// The file of an origin, spelled in one way: without doubled or trailing slashes.
pub(crate) fn file_of(origin: &Origin) -> String {
    plain(&origin.file())
}

fn plain(path: &Path) -> String {
    let plain: PathBuf = path.components().collect();
    plain.to_string_lossy().into_owned()
}

/// What lies in a file at or behind an offset.
pub(crate) struct Tail {
    pub(crate) file: String,
    pub(crate) from: u64,
}

impl Tail {
    pub(crate) fn new(path: &str, from: u64) -> Self {
        Self {
            file: plain(Path::new(path)),
            from,
        }
    }

    /// Whether the bytes lie there; those of a whole file do not.
    pub(crate) fn holds(&self, origin: &Origin) -> bool {
        let is_behind = origin
            .extent()
            .is_some_and(|(offset, _)| offset >= self.from);
        is_behind && file_of(origin) == self.file
    }
}
