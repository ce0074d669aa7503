//! Reads PDFs with the real binary and with pdftotext, and prints the speed of both side by side.
//!
//! `cargo bench -p conspectus --bench pdf -- FILE-OR-FOLDER…`
//!
//! Ours is one run of `extract` over all files with one worker, isolation on; pdftotext has no other
//! way than a process a file. Processor time is that of the whole process trees; both write to a pipe
//! that is read. A page counts if its reader says so: ours by the `pages` of its documents,
//! pdftotext by form feeds.
#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What one reader did with all files.
#[derive(Default)]
struct Reading {
    /// Files that gave at least one page.
    files: u64,
    pages: u64,
    /// Bytes of text or of lines that came out.
    bytes: u64,
    wall_seconds: f64,
    cpu_seconds: f64,
}

/// The PDFs in a file or folder, sorted.
fn pdfs(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        inside.sort();
        for path in inside {
            pdfs(&path, found);
        }
    } else if path.extension().is_some_and(|extension| extension == "pdf") {
        found.push(path.to_owned());
    }
}

/// Processor seconds of all processes that this one has started and waited for, and of theirs, from
/// /proc (`cutime` and `cstime`).
fn children_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc is there");
    // The name stands in parentheses and may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    // One tick is a hundredth of a second on every Linux that Rust supports.
    ticks as f64 / 100.0
}

/// One run of `extract` over all files.
fn ours(files: &[PathBuf]) -> Reading {
    let mut reading = Reading::default();
    let (started, cpu) = (Instant::now(), children_seconds());
    let mut child = Command::new(env!("CARGO_BIN_EXE_conspectus"))
        .args(["--quiet", "extract", "--jobs", "1"])
        .args(files)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).expect("its output") > 0 {
        reading.bytes += line.len() as u64;
        // The count alone is taken out: reading the whole line as JSON would be work of ours.
        let pages = pages_of(&line).unwrap_or(0);
        reading.pages += pages;
        reading.files += u64::from(pages > 0);
        line.clear();
    }
    let status = child.wait().expect("it ends");
    reading.wall_seconds = started.elapsed().as_secs_f64();
    reading.cpu_seconds = children_seconds() - cpu;
    if !status.success() {
        println!("conspectus ended with {status}");
    }
    reading
}

/// The number of pages in the line of a document; text of the document cannot hold the bare key, as
/// its quotation marks are escaped.
fn pages_of(line: &[u8]) -> Option<u64> {
    let key = b"\"details\":{\"pages\":";
    let at = line.windows(key.len()).position(|window| window == key)?;
    let digits = line.get(at + key.len()..)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
}

/// A run of pdftotext for each file; `None` where it is not installed.
fn theirs(files: &[PathBuf]) -> Option<Reading> {
    let mut reading = Reading::default();
    let (started, cpu) = (Instant::now(), children_seconds());
    let mut text = Vec::new();
    for file in files {
        let mut child = Command::new("pdftotext")
            .args(["-q", "-enc", "UTF-8"])
            .arg(file)
            .arg("-")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        text.clear();
        child.stdout.take()?.read_to_end(&mut text).ok()?;
        child.wait().ok()?;
        let pages = text.split(|byte| *byte == 0x0c).count() as u64 - 1;
        reading.bytes += text.len() as u64;
        reading.pages += pages;
        reading.files += u64::from(pages > 0);
    }
    reading.wall_seconds = started.elapsed().as_secs_f64();
    reading.cpu_seconds = children_seconds() - cpu;
    Some(reading)
}

fn print(name: &str, reading: &Reading) {
    println!(
        "{name:<10} {:>6} {:>8} {:>9.1} {:>9.2} {:>9.2} {:>9.0} {:>9.0}",
        reading.files,
        reading.pages,
        reading.bytes as f64 / f64::from(1 << 20),
        reading.cpu_seconds,
        reading.wall_seconds,
        reading.pages as f64 / reading.cpu_seconds,
        reading.pages as f64 / reading.wall_seconds,
    );
}

fn main() {
    let mut files = Vec::new();
    for path in std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
    {
        pdfs(Path::new(&path), &mut files);
    }
    if files.is_empty() {
        println!("name files or folders: cargo bench -p conspectus --bench pdf -- FILE-OR-FOLDER…");
        return;
    }
    // Both find the files in the page cache.
    let bytes: usize = files
        .iter()
        .filter_map(|file| Some(std::fs::read(file).ok()?.len()))
        .sum();
    println!(
        "{} files, {:.1} MiB",
        files.len(),
        bytes as f64 / f64::from(1 << 20)
    );
    println!(
        "{:<10} {:>6} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "files", "pages", "MiB out", "cpu s", "wall s", "pages/cpu", "pages/s"
    );
    let ours = ours(&files);
    print("conspectus", &ours);
    let Some(theirs) = theirs(&files) else {
        println!("pdftotext is not installed");
        return;
    };
    print("pdftotext", &theirs);
    let speed = |reading: &Reading| reading.pages as f64 / reading.cpu_seconds;
    let fast = |reading: &Reading| reading.pages as f64 / reading.wall_seconds;
    println!(
        "ratio of pages per processor second {:.2}, of pages per second of wall {:.2}",
        speed(&ours) / speed(&theirs),
        fast(&ours) / fast(&theirs)
    );
}
