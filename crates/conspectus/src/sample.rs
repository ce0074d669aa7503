//! The bundled sample collection, and an index of its own for it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use engine::Engine as _;
use engine::embedded::Embedded;
use ingest::AddSettings;
use model::record::Digest;

use crate::cli::output::tell;
use crate::cli::{Access, open_index, read_settings};
use crate::config::{Config, data_folder};

include!(concat!(env!("OUT_DIR"), "/sample_files.rs"));

/// The file by which a folder is known as ours, and may be removed.
const MARKER: &str = "conspectus-sample";

/// When the sample's plain files were written, since 1970: 14 December 2025.
const CAPTURED: Duration = Duration::from_hours(490_464);

/// Address below which the sample's plain files lie.
const BASE: &str = "https://reading-room.example/";

/// What the sample index was made of: another sample or another extractor makes another index.
fn fingerprint() -> String {
    let mut all = Vec::new();
    for (name, bytes) in SAMPLE_FILES {
        all.extend(name.as_bytes());
        all.extend(Digest::of(bytes).0);
    }
    all.extend(extract::EXTRACTOR_VERSION.to_le_bytes());
    all.extend(env!("CARGO_PKG_VERSION").as_bytes());
    let digest = Digest::of(&all).to_string();
    digest
        .trim_start_matches("sha256:")
        .chars()
        .take(16)
        .collect()
}

/// Opens the index of the sample; makes it where it is not there, or is of another sample.
///
/// It lies beside the user's own index and never in it: below `folder`, else in the user's data
/// folder.
pub(crate) fn open(folder: Option<PathBuf>, config: &Config) -> anyhow::Result<Embedded> {
    let home = match folder {
        Some(folder) => folder,
        None => data_folder()?.join("sample"),
    };
    let folder = home.join(fingerprint());
    let index = folder.join("index");
    let done = folder.join("complete");
    if !done.exists() {
        tell("indexing the sample collection …");
        remove_others(&home, &folder)?;
        let files = folder.join("files");
        write_files(&files)?;
        std::fs::write(
            folder.join(MARKER),
            b"An index of the bundled sample; made again at need.\n",
        )?;
        add(&index, &files, config)?;
        std::fs::write(&done, b"").with_context(|| format!("cannot write `{}`", done.display()))?;
    }
    open_index(&index, config, Access::Existing)
}

/// An index of an older sample is of no use to anybody.
fn remove_others(home: &Path, keep: &Path) -> anyhow::Result<()> {
    let Ok(entries) = std::fs::read_dir(home) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        if path.join(MARKER).is_file() && path != keep {
            std::fs::remove_dir_all(&path)
                .with_context(|| format!("cannot remove `{}`", path.display()))?;
        }
    }
    Ok(())
}

fn write_files(folder: &Path) -> anyhow::Result<()> {
    for (name, bytes) in SAMPLE_FILES {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("cannot make `{}`", parent.display()))?;
        }
        let write = || {
            let mut file = std::fs::File::create(&path)?;
            file.write_all(bytes)?;
            // A file that does not say when it was captured was captured when it was last changed:
            // the same page comes of it on every machine.
            file.set_modified(SystemTime::UNIX_EPOCH + CAPTURED)
        };
        write().with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

fn add(index: &Path, files: &Path, config: &Config) -> anyhow::Result<()> {
    let engine = open_index(index, config, Access::Create)?;
    let settings = AddSettings {
        read: read_settings(config, None, Some(BASE.to_owned()), &index.join("spool"))?,
        collection: "sample".to_owned(),
        commit_bytes: 256 << 20,
        commit_every: Duration::from_mins(1),
        now: crate::clock::now(),
    };
    let files = std::fs::canonicalize(files)?;
    ingest::add(
        &engine,
        &[files],
        &settings,
        &AtomicBool::new(false),
        &mut |_| {},
    )?;
    engine.view()?;
    Ok(())
}
