//! The files below a path, in an order that does not depend on the file system.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{ReadError, absolute_origin};

/// Folders in which version control keeps its own, beside those whose names begin with a dot.
const VERSION_CONTROL: [&str; 3] = ["CVS", "_darcs", "_MTN"];

/// Files below a folder, sorted by path part after part; a file gives itself.
///
/// Hidden files and folders and those of version control are passed over, unless they are the
/// path itself. A pipe, socket or device is passed over, unless it is the path itself: then it is
/// an `Err`. Symbolic links to folders are not followed, so there are no cycles; one to a file
/// is read unless the file lies below the path and is met there anyway. A folder that cannot be
/// read is one `Err`; the walk goes on.
pub fn walk(path: &Path) -> impl Iterator<Item = Result<PathBuf, ReadError>> + Send + use<> {
    Walk {
        root: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        pending: vec![path.to_owned()],
        first: true,
    }
}

/// What a path leads to.
enum Entry {
    /// A file to read.
    File,
    /// A folder; what is in it has become pending.
    Folder,
    /// Nothing to read: a pipe, a socket, a device, or a link to what is met elsewhere.
    Other,
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
                Ok(Entry::File) => return Some(Ok(path)),
                Ok(Entry::Other) if first => {
                    let origin = Box::new(absolute_origin(&path));
                    return Some(Err(ReadError::NotAFile { path, origin }));
                }
                Ok(Entry::Folder | Entry::Other) => {}
                Err(source) => {
                    let origin = Box::new(absolute_origin(&path));
                    return Some(Err(ReadError::Open {
                        path,
                        origin,
                        source,
                    }));
                }
            }
        }
        None
    }
}

impl Walk {
    fn enter(&mut self, path: &Path, first: bool) -> io::Result<Entry> {
        let link = !first && fs::symlink_metadata(path)?.is_symlink();
        let data = fs::metadata(path)?;
        if data.is_file() {
            let again = link && fs::canonicalize(path)?.starts_with(&self.root);
            return Ok(if again { Entry::Other } else { Entry::File });
        }
        if link || !data.is_dir() {
            return Ok(Entry::Other);
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
        Ok(Entry::Folder)
    }
}
