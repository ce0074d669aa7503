//! The files below a path, in an order that does not depend on the file system.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::ReadError;

/// Folders in which version control keeps its own, beside those whose names begin with a dot.
const VERSION_CONTROL: [&str; 3] = ["CVS", "_darcs", "_MTN"];

/// Files below a folder, sorted by path part after part; a file gives itself.
///
/// Hidden files and folders and those of version control are passed over, unless they are the
/// path itself. Symbolic links to folders are not followed, so there are no cycles; one to a file
/// is read unless the file lies below the path and is met there anyway. A folder that cannot be
/// read is one `Err`; the walk goes on.
pub fn walk(path: &Path) -> impl Iterator<Item = Result<PathBuf, ReadError>> + Send + use<> {
    Walk {
        root: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        pending: vec![path.to_owned()],
        first: true,
    }
}

struct Walk {
    root: PathBuf,
    /// The next path last.
    pending: Vec<PathBuf>,
    first: bool,
}

impl Iterator for Walk {
    type Item = Result<PathBuf, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(path) = self.pending.pop() {
            let first = std::mem::take(&mut self.first);
            match self.enter(&path, first) {
                Ok(true) => return Some(Ok(path)),
                Ok(false) => {}
                Err(source) => return Some(Err(ReadError::Open { path, source })),
            }
        }
        None
    }
}

impl Walk {
    /// Whether the path is a file to read; the content of a folder becomes pending.
    fn enter(&mut self, path: &Path, first: bool) -> io::Result<bool> {
        let link = !first && fs::symlink_metadata(path)?.is_symlink();
        let data = fs::metadata(path)?;
        if data.is_file() {
            return Ok(!link || !fs::canonicalize(path)?.starts_with(&self.root));
        }
        if link || !data.is_dir() {
            return Ok(false);
        }
        let mut below = Vec::new();
        for entry in fs::read_dir(path)? {
            let name = entry?.file_name();
            let text = name.to_string_lossy();
            if !text.starts_with('.') && !VERSION_CONTROL.contains(&text.as_ref()) {
                below.push(name);
            }
        }
        below.sort_unstable_by(|a, b| b.cmp(a));
        self.pending
            .extend(below.into_iter().map(|name| path.join(name)));
        Ok(false)
    }
}
