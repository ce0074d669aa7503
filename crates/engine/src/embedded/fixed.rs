//! Folders that cannot be written, such as read-only media: nothing in them is locked or changed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};

/// Whether files can be changed in the folder of an index; tries the file of the lock.
pub(super) fn is_fixed(folder: &Path) -> bool {
    let lock = std::fs::File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join("lock"));
    lock.is_err_and(|error| is_refusal(&error))
}

/// Whether the folder is what forbids to write.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

/// The address of a database that nobody changes, as SQLite reads it.
pub(super) fn immutable(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut address = "file:".to_owned();
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(address, "%{byte:02X}");
        }
    }
    address + "?immutable=1"
}

/// A directory of tantivy in which locks are free and writing fails.
#[derive(Clone, Debug)]
pub(super) struct FixedDirectory(pub(super) MmapDirectory);

struct NoLock;

fn refused() -> io::Error {
    io::ErrorKind::ReadOnlyFilesystem.into()
}

impl Directory for FixedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError {
            io_error: Arc::new(refused()),
            filepath: PathBuf::from(path),
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(
            refused(),
            PathBuf::from(path),
        ))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.0.atomic_read(path)
    }

    fn atomic_write(&self, _path: &Path, _data: &[u8]) -> io::Result<()> {
        Err(refused())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Err(refused())
    }

    /// Nobody can write, so nobody has to be kept from it.
    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(NoLock)))
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.0.watch(callback)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::time::SystemTime;

    use super::*;
    use crate::conformance::{NOW, describe, example_changes, write};
    use crate::embedded::{Embedded, Options};
    use crate::{Engine as _, EngineError};

    /// Times of all files and folders: that of a folder tells also of files that came and went.
    fn look(folder: &Path, found: &mut BTreeMap<PathBuf, SystemTime>) {
        let metadata = fs::metadata(folder).unwrap();
        found.insert(folder.to_owned(), metadata.modified().unwrap());
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::metadata(&path).unwrap();
            found.insert(path.clone(), metadata.modified().unwrap());
            if metadata.is_dir() {
                look(&path, found);
            }
        }
    }

    #[test]
    fn nothing_is_written_in_a_fixed_folder() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("50% of it?");
        let engine = Embedded::open(&folder, Options::new("test", || NOW)).unwrap();
        write(&engine, example_changes()).unwrap();
        let expected = describe(&*engine.view().unwrap()).unwrap();
        drop(engine);
        fs::remove_file(folder.join("lock")).unwrap();
        let mut before = BTreeMap::new();
        look(&folder, &mut before);
        let options = Options {
            read_only: true,
            ..Options::new("test", || NOW)
        };
        let fixed = Embedded::open_on(&folder, options.clone(), true).unwrap();
        assert_eq!(describe(&*fixed.view().unwrap()).unwrap(), expected);
        let mut after = BTreeMap::new();
        look(&folder, &mut after);
        assert_eq!(after, before);
        drop(fixed);
        // What is behind cannot be brought up there.
        for generation in fs::read_dir(folder.join("index")).unwrap() {
            fs::write(generation.unwrap().path().join("meta.json"), "damaged").unwrap();
        }
        let behind = Embedded::open_on(&folder, options, true);
        assert!(matches!(behind, Err(EngineError::Behind { .. })));
    }
}
