//! The tree tells the truth about itself: the crate graph, the heads of files, links, fixtures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::binary::repository;

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

const CRATES: [&str; 9] = [
    "model",
    "source",
    "extract",
    "engine",
    "ingest",
    "search",
    "render",
    "eval",
    "conspectus",
];

#[test]
fn the_crate_graph_is_the_one_in_the_architecture() {
    let text = std::fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    for name in CRATES {
        let row = text
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
            .unwrap();
        let said = row.split('|').nth(2).unwrap().trim();
        let said: BTreeSet<&str> = match said {
            "all" => CRATES
                .into_iter()
                .filter(|c| !["conspectus", "eval"].contains(c))
                .collect(),
            said => said.split(", ").filter(|name| !name.is_empty()).collect(),
        };
        let manifest = repository(&format!("crates/{name}/Cargo.toml"));
        let manifest = std::fs::read_to_string(manifest).unwrap();
        let normal = manifest.split("[dependencies]").nth(1).unwrap_or_default();
        let normal = normal.split("\n[").next().unwrap();
        let named: BTreeSet<&str> = normal
            .lines()
            .filter_map(|line| line.split(['.', ' ']).next())
            .filter(|n| CRATES.contains(n))
            .collect();
        assert_eq!(named, said, "dependencies of `{name}`");
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    for path in files(&repository("crates"), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//! "),
            "{} does not say what it is for",
            path.display()
        );
        let lines = text.lines().count();
        assert!(
            lines <= 700,
            "{} has {lines} lines: two things in one room?",
            path.display()
        );
    }
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut documents = files(&repository("docs"), "md");
    documents.extend(
        [
            "README.md",
            "ARCHITECTURE.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
        ]
        .map(repository),
    );
    for path in documents {
        let text = std::fs::read_to_string(&path).unwrap();
        for part in text.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let file = path.parent().unwrap().join(target);
            assert!(file.exists(), "{} links to `{target}`", path.display());
        }
    }
}

#[test]
fn every_fixture_folder_is_used_and_explained() {
    let code: String = files(&repository("crates"), "rs")
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for entry in std::fs::read_dir(repository("fixtures")).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            code.contains(&format!("fixtures/{name}")),
            "fixtures/{name} is used by no test"
        );
        let readme = std::fs::read_to_string(path.join("README.md")).unwrap();
        for fixture in std::fs::read_dir(&path).unwrap() {
            let file = fixture.unwrap().file_name().to_string_lossy().into_owned();
            assert!(
                file == "README.md" || readme.contains(&file),
                "{name}/{file} is not explained"
            );
        }
    }
}

#[test]
fn the_readme_names_commands_that_there_are() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    assert!(readme.contains("cargo run --release -- serve --sample"));
    assert!(readme.contains("cargo test --workspace"));
    let ci = std::fs::read_to_string(repository(".ci/run")).unwrap();
    assert!(
        ci.contains("README.md"),
        "CI takes the test command from the README"
    );
}
