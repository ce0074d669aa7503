//! PDFs as they come in: alone, in folders, in archives; and what is done with the bad ones.

mod broken;
mod ocr;
mod writer;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::binary::{Home, repository};

/// What becomes of a file.
enum Becomes {
    /// It is a document without warnings, with as many pages, and found by a word on it.
    Read(u64),
    /// It is a document with this warning.
    Warned(&'static str),
    /// It is one line in the journal, with this reason.
    Journalled(&'static str),
    /// It is either of the two: whether the time suffices is for the machine to say.
    Either(&'static str, &'static str),
}

use Becomes::{Either, Journalled, Read, Warned};

const PASSWORD: &str = "needs a password";
const DAMAGED: &str = "it is no PDF, or it is damaged";
const TOO_MUCH_TIME: &str = "of processor time (`record_cpu_seconds` under `[limits]`)";
const TOO_MUCH_MEMORY: &str = "MiB of memory (`worker_memory_mebibytes` under `[limits]`)";

/// Every fixture and what becomes of it.
const SMALL: &[(&str, Becomes)] = &[
    ("sound.pdf", Read(2)),
    ("empty.pdf", Journalled("the file is empty")),
    ("header-only.pdf", Journalled(DAMAGED)),
    ("noise.pdf", Journalled(DAMAGED)),
    ("cut.pdf", Journalled(DAMAGED)),
    ("cut-at-once.pdf", Journalled(DAMAGED)),
    ("cut-at-the-end.pdf", Read(2)),
    ("behind-junk.pdf", Read(2)),
    ("no-pages.pdf", Journalled("it has no pages")),
    ("cyclic-tree.pdf", Warned("pages that it names are there")),
    ("garbage-table.pdf", Read(2)),
    ("table-before-itself.pdf", Read(2)),
    (
        "no-map.pdf",
        Warned("are of fonts that do not say which letters they are"),
    ),
    ("form-in-itself.pdf", Read(1)),
    ("forms-in-forms.pdf", Either("", TOO_MUCH_TIME)),
    ("nested-content.pdf", Read(1)),
    ("owner-rc4-40.pdf", Read(2)),
    ("owner-rc4-128.pdf", Read(2)),
    ("owner-aes-128.pdf", Read(2)),
    ("owner-aes-256.pdf", Read(2)),
    ("user-rc4-40.pdf", Journalled(PASSWORD)),
    ("user-rc4-128.pdf", Journalled(PASSWORD)),
    ("user-aes-128.pdf", Journalled(PASSWORD)),
    ("user-aes-256.pdf", Journalled(PASSWORD)),
];

/// Every file that is built here and what becomes of it.
const LARGE: &[(&str, Becomes)] = &[
    ("heavy.pdf", Read(1)),
    (
        "many-pages.pdf",
        Either("only the first 10000 pages were read", TOO_MUCH_TIME),
    ),
    ("deep-tree.pdf", Read(1)),
    ("nested-arrays.pdf", Journalled("it has no pages")),
    ("nested-dictionaries.pdf", Journalled("it has no pages")),
    ("bomb-content.pdf", Journalled(TOO_MUCH_MEMORY)),
    ("bomb-image.pdf", Read(1)),
    ("bomb-objects.pdf", Journalled(TOO_MUCH_MEMORY)),
    ("bomb-table.pdf", Journalled(TOO_MUCH_MEMORY)),
    ("bomb-map.pdf", Journalled(TOO_MUCH_MEMORY)),
    (
        "endless-content.pdf",
        Either("have more letters than are read", TOO_MUCH_TIME),
    ),
    (
        "content-again-and-again.pdf",
        Either("have more letters than are read", TOO_MUCH_TIME),
    ),
];

/// Limits that are reached sooner than those of every day.
const LIMITS: &str = "[limits]\nrecord_cpu_seconds = 5\nworker_memory_mebibytes = 1024\n";

/// Adds a folder and compares what became of each file in it with what should.
fn check(home: &Home, folder: &Path, expected: &[(&str, Becomes)]) {
    let config = home.write("config.toml", LIMITS);
    let add = || {
        let output = home
            .command(["add".as_ref(), folder.as_os_str()])
            .env("CONSPECTUS_CONFIG", &config)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:#?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = add();
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in home.done(["journal"]).lines() {
        let (name, reason) = line.split_once(": ").unwrap();
        let name = name.split(" (").next().unwrap();
        let name = name.rsplit('/').next().unwrap().to_owned();
        reasons.entry(name).or_default().push(reason.to_owned());
    }
    let mut documents = BTreeMap::new();
    for line in home.done(["export"]).lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line["kind"] == "pdf" {
            let name = line["url"].as_str().unwrap().rsplit('/').next().unwrap();
            documents.insert(name.to_owned(), line);
        }
    }
    let mut read = 0;
    for (name, becomes) in expected {
        let reasons = reasons.remove(*name).unwrap_or_default();
        let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
        let document = documents.get(*name);
        read += u64::from(document.is_some());
        let warned = |warning: &str| {
            let document = document?;
            let warnings = document["warnings"].as_array().unwrap();
            Some(
                warnings
                    .iter()
                    .any(|found| found.as_str().unwrap().contains(warning)),
            )
        };
        let failed = |reason: &str| matches!(reasons[..], [found] if found.contains(reason));
        let good = match becomes {
            Read(pages) => document.is_some_and(|document| {
                let text = document["passages"].to_string();
                document["details"]["pages"] == *pages
                    && document["warnings"].as_array().is_some_and(Vec::is_empty)
                    && text.contains("Istmere")
                    && reasons.is_empty()
            }),
            Warned(warning) => warned(warning) == Some(true) && reasons.is_empty(),
            Journalled(reason) => document.is_none() && failed(reason),
            Either(warning, reason) => match warned(warning) {
                Some(warned) => (warned || warning.is_empty()) && reasons.is_empty(),
                None => failed(reason),
            },
        };
        assert!(good, "{name}: {reasons:?}, {document:#?}");
    }
    assert!(reasons.is_empty(), "{reasons:?}");
    assert!(said.contains(&format!("{read} documents, ")), "{said}");
    assert!(
        said.contains("could not be read (see `conspectus journal`)"),
        "{said}"
    );
    // What failed is not tried again as long as it is what it was.
    let again = add();
    let all = format!(
        "0 documents, 0 records, 0 files, 0 bytes, {} files unchanged",
        expected.len()
    );
    assert!(again.contains(&all), "{again}");
    let page = home.done(["search", "harbour"]);
    assert!(page.contains(" results for harbour\n"), "{page}");
}

#[test]
fn each_small_file_is_read_or_named() {
    let fixtures = repository("fixtures/pdf");
    let mut on_disk: Vec<String> = std::fs::read_dir(&fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !matches!(name.as_str(), "README.md" | "scan.pdf"))
        .collect();
    let mut named: Vec<&str> = SMALL.iter().map(|(name, _)| *name).collect();
    on_disk.sort();
    named.sort_unstable();
    assert_eq!(on_disk, named);
    let home = Home::new();
    for name in named {
        home.write(
            &format!("in/{name}"),
            std::fs::read(fixtures.join(name)).unwrap(),
        );
    }
    check(&home, &home.path("in"), SMALL);
}

#[test]
fn each_large_file_is_read_or_named() {
    let home = Home::new();
    for (name, build) in broken::large() {
        home.write(&format!("in/{name}"), build());
    }
    check(&home, &home.path("in"), LARGE);
}

#[test]
fn the_generator_makes_the_fixtures() {
    for (name, bytes) in broken::small() {
        let kept = std::fs::read(repository("fixtures/pdf").join(name)).unwrap();
        assert!(kept == bytes, "{name} is another one");
    }
}

/// A WARC record around bytes; `head` is the HTTP head of a response, and nothing for a resource.
fn record(kind: &str, url: &str, media_type: &str, head: &str, bytes: &[u8]) -> Vec<u8> {
    let mut record = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2025-11-01T08:00:00Z\r\n\
         WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{head}",
        head.len() + bytes.len()
    )
    .into_bytes();
    record.extend_from_slice(bytes);
    record.extend_from_slice(b"\r\n\r\n");
    record
}

#[test]
fn pdfs_in_archives_whatever_their_servers_say() {
    let home = Home::new();
    let fixture = |name: &str| std::fs::read(repository("fixtures/pdf").join(name)).unwrap();
    let sound = fixture("sound.pdf");
    let mut archive = Vec::new();
    let declared = [
        "application/pdf",
        "application/octet-stream",
        "text/html",
        "",
    ];
    for (number, declared) in declared.iter().enumerate() {
        let url = format!("https://veldania.example/response/{number}");
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {declared}\r\n\r\n");
        let media_type = "application/http; msgtype=response";
        archive.extend(record("response", &url, media_type, &head, &sound));
        let url = format!("https://veldania.example/resource/{number}");
        archive.extend(record("resource", &url, declared, "", &sound));
    }
    let locked = archive.len();
    let head = "HTTP/1.1 200 OK\r\n\r\n";
    let url = "https://veldania.example/locked";
    archive.extend(record(
        "response",
        url,
        "application/http",
        head,
        &fixture("user-aes-256.pdf"),
    ));
    // A viewer asks for parts; one of these is all, and the other one is none of a document.
    for (url, range) in [("all", "0-1211/1212"), ("part", "0-1211/1213")] {
        let url = format!("https://veldania.example/{url}");
        let head = format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {range}\r\n\r\n");
        archive.extend(record("response", &url, "application/http", &head, &sound));
    }
    let url = "https://veldania.example/heavy";
    archive.extend(record(
        "response",
        url,
        "application/http",
        head,
        &broken::heavy(20),
    ));
    let warc = home.write("crawl.warc", archive);
    let ran = home.run(["add".as_ref(), warc.as_os_str()]);
    assert!(
        ran.stderr.contains("10 documents, 12 records, 1 files"),
        "{ran:#?}"
    );
    assert_eq!(
        home.done(["journal"]),
        format!(
            "{} byte {locked} (https://veldania.example/locked): it is encrypted and needs a password: \
             remove the password and add it again\n",
            warc.display()
        )
    );
    let found = home.done(["search", "dredged", "heavy"]);
    assert!(found.contains("veldania.example › heavy"), "{found}");
}

#[test]
fn a_pdf_that_is_longer_than_the_limit_is_named() {
    let home = Home::new();
    let config = home.write("config.toml", "[limits]\npayload_mebibytes = 1\n");
    let path = home.write("long.pdf", broken::heavy(2));
    let output = home
        .command(["add".as_ref(), path.as_os_str()])
        .env("CONSPECTUS_CONFIG", config)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let journal = home.done(["journal"]);
    let expected = "long.pdf): it is longer than 1 MiB: raise `payload_mebibytes` under `[limits]` \
                    in the configuration\n";
    assert!(journal.ends_with(expected), "{journal}");
    // With more room it is read.
    let longer = home.write("longer.pdf", broken::heavy(2));
    home.done(["add".as_ref(), longer.as_os_str()]);
    assert!(home.done(["search", "dredged"]).starts_with("1 result"));
}

/// The ways to encrypt, as qpdf is asked for them.
const CIPHERS: [(&str, &[&str]); 4] = [
    ("rc4-40", &["40"]),
    ("rc4-128", &["128", "--use-aes=n"]),
    ("aes-128", &["128", "--use-aes=y"]),
    ("aes-256", &["256"]),
];

#[test]
#[ignore = "writes the fixtures, with qpdf and pdftoppm: cargo test -p conspectus --test it write_the_pdf_fixtures -- --ignored"]
fn write_the_pdf_fixtures() {
    let folder = repository("fixtures/pdf");
    for (name, bytes) in broken::small() {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    for (kind, password) in [("owner", ""), ("user", "reader")] {
        for (cipher, arguments) in CIPHERS {
            let status = Command::new("qpdf")
                .args(["--allow-weak-crypto", "--static-id", "--static-aes-iv"])
                .args(["--encrypt", password, "owner"])
                .args(arguments)
                .args(["--", "sound.pdf", &format!("{kind}-{cipher}.pdf")])
                .current_dir(&folder)
                .status();
            assert!(status.unwrap().success());
        }
    }
    let pictures = Home::new();
    std::fs::create_dir_all(pictures.path("")).unwrap();
    let status = Command::new("pdftoppm")
        .args(["-gray", "-r", "150"])
        .args([folder.join("sound.pdf"), pictures.path("page")])
        .status();
    assert!(status.unwrap().success());
    let pictures =
        ["page-1.pgm", "page-2.pgm"].map(|name| std::fs::read(pictures.path(name)).unwrap());
    std::fs::write(folder.join("scan.pdf"), broken::scan(&pictures)).unwrap();
}
