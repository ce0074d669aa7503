//! Scans are read by a program of the user's, where one is set.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::binary::{Home, repository};

/// A home with a scan of two pages in it, and what the configuration says.
fn home(config: &str) -> Home {
    let home = Home::new();
    home.write("config.toml", config);
    let scan = std::fs::read(repository("fixtures/pdf/scan.pdf")).unwrap();
    home.write("in/scan.pdf", scan);
    home
}

fn add(home: &Home) -> Output {
    let output = home
        .command(["add", "in"])
        // Programs are found as the tester finds them.
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("CONSPECTUS_CONFIG", home.path("config.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:#?}");
    assert!(!home.path("index/spool").exists(), "files are left");
    output
}

/// A configuration with a program that is a shell script; `$1` is the picture, `$2` the PDF, `$3`
/// the page, `$4` the language.
fn script(script: &str, more: &str) -> String {
    let words = [
        "sh",
        "-c",
        script,
        "sh",
        "{image}",
        "{pdf}",
        "{page}",
        "{language}",
    ];
    format!("[extract.ocr]\ncommand = {words:?}\n{more}\n")
}

/// The document of the scan.
fn document(home: &Home) -> serde_json::Value {
    let lines = home.done(["export"]);
    let mut lines = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.find(|line| line["kind"] == "pdf").unwrap()
}

/// The text of the passages on a page.
fn text_of(document: &serde_json::Value, page: u64) -> String {
    let passages = document["passages"].as_array().unwrap();
    let on_page = passages
        .iter()
        .filter(|passage| passage["locator"]["page"] == page);
    on_page
        .map(|passage| passage["text"].as_str().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_scan_stays_without_text_where_no_program_is_set() {
    let home = home("");
    add(&home);
    let document = document(&home);
    assert_eq!(document["details"]["no_text_layer"], true, "{document:#}");
    assert_eq!(
        document["passages"].as_array().map(Vec::len),
        Some(0),
        "{document:#}"
    );
    assert_eq!(home.done(["journal"]), "");
}

#[test]
fn a_program_gives_the_text_page_by_page() {
    let home = home(&script(
        r#"read kind < "$1"; echo "The herring of page $3, in $4, from $kind and $(head -c 8 "$2")"; wc -c < "$1""#,
        "",
    ));
    add(&home);
    let document = document(&home);
    for page in [1, 2] {
        let text = text_of(&document, page);
        let expected = format!("The herring of page {page}, in eng, from P5 and %PDF-1.7");
        assert!(text.contains(&expected), "{document:#}");
        // 8.5 by 11 inches at 150 dpi, after a head of 17 bytes.
        assert!(
            text.contains(&(1275 * 1650 + 17).to_string()),
            "{document:#}"
        );
    }
    let warnings = document["warnings"].to_string();
    assert!(
        warnings.contains("of 2 pages was recognised by a program"),
        "{warnings}"
    );
    assert!(!warnings.contains("no text of"), "{warnings}");
    assert!(
        home.done(["search", "herring"]).contains("page"),
        "{document:#}"
    );
}

#[test]
fn what_was_added_is_read_again_in_another_way() {
    let home = home("");
    home.write(
        "in/page.html",
        "<!doctype html><title>A page</title><p>Words.",
    );
    let again = |config: &str, read: &str, words: &str| {
        home.write("config.toml", config);
        let said = String::from_utf8_lossy(&add(&home).stderr).into_owned();
        assert!(said.contains(read), "{said}");
        assert!(text_of(&document(&home), 2).contains(words));
    };
    again("", "2 documents", "");
    again("", "2 files unchanged", "");
    let first = script("echo the herring of page $3", "");
    again(
        &first,
        "1 documents, 1 records, 1 files",
        "herring of page 2",
    );
    again(&first, "2 files unchanged", "herring of page 2");
    let second = script("echo the customs house of page $3", "");
    again(
        &second,
        "1 documents, 1 records, 1 files",
        "customs house of page 2",
    );
    // Without any, what there is stays.
    again("", "2 files unchanged", "customs house of page 2");
    again(&second, "2 files unchanged", "customs house of page 2");
    assert!(home.done(["search", "customs", "house"]).contains("page 2"));
    assert!(home.done(["search", "herring"]).starts_with("No results"));
}

#[test]
fn what_the_program_cannot_do_is_a_warning() {
    let check = |config: &str, warning: &str| {
        let home = home(config);
        let output = add(&home);
        let document = document(&home);
        assert!(
            document["warnings"].to_string().contains(warning),
            "{document:#}"
        );
        assert_eq!(home.done(["journal"]), "", "{output:?}");
    };
    check(
        &script("echo 'no such language' >&2; exit 1", ""),
        "no text of pages 1, 2: `sh` ended with exit code 1: no such language",
    );
    check(
        &script("sleep 60", "timeout_seconds = 1"),
        "no text of pages 1, 2: `sh` took longer than 1 s",
    );
    check(
        &script("echo words", "pages = 1"),
        "only the first 1 of 2 pages without text were read by `sh`",
    );
    check(
        "[extract.ocr]\ncommand = 'conspectus-no-such-program {image}'\n",
        "cannot start `conspectus-no-such-program`: No such file",
    );
}

#[test]
fn the_limits_of_the_worker_are_not_those_of_the_program() {
    let most = Command::new("sh")
        .args([
            "-c",
            "echo limits $(ulimit -Hv) $(ulimit -Ht) $(ulimit -Hn)",
        ])
        .output()
        .unwrap();
    let most = String::from_utf8(most.stdout).unwrap();
    // Three seconds of work, where the worker itself has one.
    let work = "end=$(($(date +%s) + 3)); while [ $(date +%s) -lt $end ]; do :; done";
    let limits = "echo limits $(ulimit -Sv) $(ulimit -St) $(ulimit -Sn)";
    let home = home(&format!(
        "{}\n[limits]\nrecord_cpu_seconds = 1\nworker_memory_mebibytes = 700\n",
        script(&format!("{work}; {limits}"), "")
    ));
    add(&home);
    let document = document(&home);
    assert!(
        text_of(&document, 2).contains(most.trim()),
        "{most}{document:#}"
    );
}

#[test]
fn a_program_that_is_given_nothing_to_read_is_refused() {
    let home = home("[extract.ocr]\ncommand = ['tesseract', 'stdout']\n");
    let output = home
        .command(["add", "in"])
        .env("CONSPECTUS_CONFIG", home.path("config.toml"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("is given nothing to read"), "{said}");
    assert!(said.contains("hint: name the picture"), "{said}");
}

#[test]
fn tesseract_reads_a_scan() {
    if Command::new("tesseract").arg("--version").output().is_err() {
        println!("skipped: tesseract is not installed");
        return;
    }
    let home =
        home("[extract.ocr]\ncommand = ['tesseract', '{image}', 'stdout', '-l', '{language}']\n");
    add(&home);
    let document = document(&home);
    assert!(
        text_of(&document, 1).contains("was dredged in the spring"),
        "{document:#}"
    );
    assert!(text_of(&document, 2).contains("herring"), "{document:#}");
    let found = home.done(["search", "customs", "house"]);
    assert!(found.contains("page 2"), "{found}");
}

#[test]
fn a_picture_that_is_too_large_costs_no_more_than_its_text() {
    let home = home(&format!(
        "{}\n[limits]\nworker_memory_mebibytes = 600\n",
        script("echo text", "")
    ));
    home.write("in/scan.pdf", super::broken::large_picture());
    add(&home);
    let document = document(&home);
    let warnings = document["warnings"].to_string();
    let expected = "its pictures could not be read for their text: it takes more than 600 MiB";
    assert!(warnings.contains(expected), "{document:#}");
    assert_eq!(document["details"]["no_text_layer"], true);
    assert_eq!(home.done(["journal"]), "");
}

/// Whether a process runs: one that nobody has buried does not.
fn runs(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().unwrap_or_default();
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn an_interrupted_add_waits_for_no_program() {
    let home = home(&script(
        "echo $$ > started.part; mv started.part started; sleep 300",
        "timeout_seconds = 400",
    ));
    let mut child = home
        .command(["add", "in"])
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("CONSPECTUS_CONFIG", home.path("config.toml"))
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let program = loop {
        if let Ok(process) = std::fs::read_to_string(home.path("started")) {
            break process.trim().to_owned();
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "it did not start");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(runs(&program));
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < Duration::from_mins(2));
    let ended = Instant::now();
    while runs(&program) {
        assert!(
            ended.elapsed() < Duration::from_secs(10),
            "the program was left"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    // Nothing is held against the file.
    assert_eq!(home.done(["journal"]), "");
    assert!(home.done(["export"]).is_empty());
}
