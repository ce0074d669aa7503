//! Adds an archive with the real binary and prints speed, memory and where the processor went.
//!
//! `cargo bench -p conspectus --bench ingest -- FILE…`
//!
//! Memory is the peak of the sum over the process tree of resident memory that is not backed by
//! files (`RssAnon` and `RssShmem`), sampled every 50 ms; the page cache is left aside.
#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Default)]
struct Sample {
    parent: u32,
    ticks: u64,
    anonymous_bytes: u64,
}

/// Processor time and memory of one process, from /proc.
fn sample(pid: u32) -> Option<Sample> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| {
        fields
            .get(index)
            .and_then(|field| field.parse::<u64>().ok())
    };
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kibibytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    Some(Sample {
        parent: number(1)? as u32,
        ticks: number(11)? + number(12)?,
        anonymous_bytes: (kibibytes("RssAnon:")? + kibibytes("RssShmem:")?) << 10,
    })
}

/// The process and its children.
fn tree(root: u32) -> BTreeMap<u32, Sample> {
    let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|pid| Some((pid, sample(pid)?)))
        .filter(|(pid, sample)| *pid == root || sample.parent == root)
        .collect()
}

fn main() {
    let files: Vec<PathBuf> = std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(Into::into)
        .collect();
    if files.is_empty() {
        println!("name the files to add: cargo bench -p conspectus --bench ingest -- FILE…");
        return;
    }
    let home = tempfile::tempdir().expect("a folder for the index");
    let index = home.path().join("index");
    let program = env!("CARGO_BIN_EXE_conspectus");
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(["--index".as_ref(), index.as_os_str(), "add".as_ref()])
        .args(&files)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let root = child.id();
    let mut last: BTreeMap<u32, Sample> = BTreeMap::new();
    let mut peak = 0;
    while child
        .try_wait()
        .expect("the program can be waited for")
        .is_none()
    {
        let now = tree(root);
        peak = peak.max(now.values().map(|sample| sample.anonymous_bytes).sum());
        last.extend(now);
        std::thread::sleep(Duration::from_millis(50));
    }
    let wall = started.elapsed().as_secs_f64();
    let output = child.wait_with_output().expect("its output");
    let summary = String::from_utf8_lossy(&output.stderr);
    println!("{}", summary.trim());
    // One tick is a hundredth of a second on every Linux that Rust supports.
    let seconds = |ticks: u64| ticks as f64 / 100.0;
    let parent = seconds(last.get(&root).map_or(0, |sample| sample.ticks));
    let workers = seconds(
        last.iter()
            .filter(|(pid, _)| **pid != root)
            .map(|(_, s)| s.ticks)
            .sum(),
    );
    let compressed: u64 = files
        .iter()
        .filter_map(|f| f.metadata().ok())
        .map(|m| m.len())
        .sum();
    let documents: f64 = summary
        .split("added: ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|count| count.replace(',', "").parse().ok())
        .unwrap_or(f64::NAN);
    println!("wall                {wall:.1} s");
    println!(
        "pages               {documents:.0}, {:.1} a second",
        documents / wall
    );
    println!(
        "bytes as they lie   {:.2} MB/s",
        compressed as f64 / 1e6 / wall
    );
    println!("processor           {workers:.1} s in workers, {parent:.1} s in the parent");
    println!(
        "share of workers    {:.1} %",
        100.0 * workers / (workers + parent)
    );
    println!(
        "peak memory         {:.0} MiB (process tree, anonymous)",
        peak as f64 / f64::from(1 << 20)
    );
}
