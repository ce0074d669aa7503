//! Lists the files of the bundled sample, so that they become part of the binary.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let sample = manifest.join("../../sample");
    println!("cargo::rerun-if-changed={}", sample.display());
    let mut files = Vec::new();
    collect(&sample, &mut files)?;
    files.sort();
    let mut code = String::from(
        "/// Name below the sample folder, and content.\nstatic SAMPLE_FILES: &[(&str, &[u8])] = &[\n",
    );
    for file in files {
        let name = file
            .strip_prefix(&sample)
            .unwrap_or(&file)
            .to_string_lossy()
            .replace('\\', "/");
        let path = std::fs::canonicalize(&file)?;
        let line = format!(
            "    ({name:?}, include_bytes!({:?})),\n",
            path.display().to_string()
        );
        code.push_str(&line);
    }
    let _infallible = writeln!(code, "];");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    std::fs::write(out.join("sample_files.rs"), code)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "md") {
            // The README speaks to whoever reads the repository.
            let hidden = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !hidden {
                files.push(path);
            }
        }
    }
    Ok(())
}
