//! Every PDF of large real collections is read, or stands in the journal with its reason.
//!
//! `CONSPECTUS_TEXLIVE=DIR cargo test --release -p conspectus --test it -- --ignored --nocapture every_file`
//! where DIR holds the unpacked `texlive-*-doc` packages of Debian. Prints each line of the journal.

use std::path::{Path, PathBuf};

use crate::binary::{Home, shared_data};

/// PDFs in a folder and those below it.
fn pdfs(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| match path.extension() {
            _ if path.is_dir() => pdfs(&path),
            Some(extension) => usize::from(extension == "pdf"),
            None => 0,
        })
        .sum()
}

#[track_caller]
fn check(folder: &Path) {
    let home = Home::new();
    let started = std::time::Instant::now();
    let added = home.run([Path::new("add"), folder]);
    println!(
        "{}: {:.0} s",
        folder.display(),
        started.elapsed().as_secs_f64()
    );
    println!("{}", added.stderr.lines().last().unwrap_or_default());
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let exported = home.done(["export"]);
    let documents = exported
        .lines()
        .filter(|line| line.contains("\"kind\":\"pdf\""))
        .count();
    let journal = home.done(["journal", "--json"]);
    let lines: Vec<serde_json::Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // A crash or a stall of a worker is not the file's fault.
    let mut ours = 0;
    for line in &lines {
        let reason = line["reason"].as_str().unwrap();
        println!("  {}: {reason}", line["origin"]["path"].as_str().unwrap());
        ours += usize::from(reason.contains("worker") || reason.contains("panicked"));
    }
    println!(
        "{documents} documents, {} lines of the journal",
        lines.len()
    );
    assert_eq!(documents + lines.len(), pdfs(folder));
    assert_eq!(ours, 0, "crashes and stalls");
}

#[test]
#[ignore = "needs the shared data; run it in release: see the head of this file"]
fn every_file_of_the_shared_data() {
    if let Some(folder) = shared_data("pdf") {
        check(&folder);
    }
}

#[test]
#[ignore = "needs Debian's texlive documents; run it in release: see the head of this file"]
fn every_file_of_texlive() {
    let folder = std::env::var_os("CONSPECTUS_TEXLIVE").map(PathBuf::from);
    match folder {
        Some(folder) if folder.is_dir() => check(&folder),
        _ => println!("skipped: CONSPECTUS_TEXLIVE names no folder"),
    }
}
