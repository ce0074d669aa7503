//! The write path over whole files: order, interruption, workers that die.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod growing;
mod threads;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use engine::naive::Naive;
use engine::{Engine as _, OutcomeClass};
use ingest::{
    AddSettings, Added, Event, Gave, Isolation, Known, ReadSettings, Task, WorkerLimits, add, run,
};
use model::record::Position;
use model::time::UnixSeconds;

fn page(url: &str, text: &str) -> Vec<u8> {
    let html = format!(
        "<!doctype html><html lang=en><title>{text}</title><body><p>{text} has a paragraph that is \
         long enough to be read as the main text of this page, and then some more.</p></body></html>"
    );
    let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{html}");
    let head = format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2025-01-01T00:00:00Z\r\n\
         WARC-Record-ID: <urn:uuid:0>\r\nContent-Type: application/http\r\nContent-Length: {}\r\n\r\n",
        http.len()
    );
    format!("{head}{http}\r\n\r\n").into_bytes()
}

fn archive(pages: std::ops::Range<u32>) -> Vec<u8> {
    pages
        .flat_map(|n| page(&format!("http://a.example/{n}"), &format!("Page {n}")))
        .collect()
}

fn settings(isolation: Isolation, spool: &Path) -> ReadSettings {
    ReadSettings {
        isolation,
        limits: WorkerLimits::default(),
        jobs: 3,
        in_flight_bytes: 20_000,
        payload_in_memory: 1 << 20,
        payload_limit: 1 << 20,
        spool: spool.to_owned(),
        base: None,
        extract: extract::Options::default(),
    }
}

fn task(path: &Path, from: Option<u64>) -> Task {
    Task {
        path: path.to_owned(),
        source: path.to_string_lossy().into_owned(),
        from: from.map(Position),
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

#[test]
fn events_come_in_the_order_of_the_records() {
    let folder = Folder::new();
    let files = [
        folder.write("a.warc", &archive(0..40)),
        folder.write("b.warc", &archive(40..60)),
    ];
    let tasks = files.iter().map(|path| task(path, None));
    let mut seen = Vec::new();
    let mut positions = Vec::new();
    let settings = settings(Isolation::Thread, folder.0.path());
    run(tasks, &settings, &AtomicBool::new(false), &mut |event| {
        match event {
            Event::Opened(task, known) => {
                assert_eq!(known, Known::By("warc 1".to_owned()));
                seen.push(
                    task.path
                        .file_name()
                        .unwrap()
                        .to_string_lossy()
                        .into_owned(),
                );
            }
            Event::Record(position, read) => {
                let Gave::Extracted(extracted, _) = read.gave else {
                    panic!("{read:?}")
                };
                seen.push(extracted.documents[0].title.clone());
                positions.push(position);
            }
            Event::Bad(_, bad) => panic!("{bad:?}"),
            Event::Ended { complete } => assert!(complete),
        }
        true
    })
    .unwrap();
    let mut expected = vec!["a.warc".to_owned()];
    expected.extend((0..40).map(|n| format!("Page {n}")));
    expected.push("b.warc".to_owned());
    expected.extend((40..60).map(|n| format!("Page {n}")));
    assert_eq!(seen, expected);
    assert!(positions[..40].is_sorted() && positions[40..].is_sorted());
    assert_eq!(positions[39].0, std::fs::metadata(&files[0]).unwrap().len());
}

#[test]
fn reading_goes_on_behind_a_position() {
    let folder = Folder::new();
    let path = folder.write("a.warc", &archive(0..5));
    let first = archive(0..3).len() as u64;
    let mut titles = Vec::new();
    let settings = settings(Isolation::Thread, folder.0.path());
    run(
        [task(&path, Some(first))].into_iter(),
        &settings,
        &AtomicBool::new(false),
        &mut |event| {
            if let Event::Record(_, read) = event {
                titles.push(read.record.url);
            }
            true
        },
    )
    .unwrap();
    assert_eq!(titles, ["http://a.example/3", "http://a.example/4"]);
}

#[test]
fn a_sink_that_has_enough_ends_the_run() {
    let folder = Folder::new();
    let path = folder.write("a.warc", &archive(0..200));
    let mut records = 0;
    let settings = settings(Isolation::Thread, folder.0.path());
    run(
        [task(&path, None)].into_iter(),
        &settings,
        &AtomicBool::new(false),
        &mut |event| {
            records += u32::from(matches!(event, Event::Record(..)));
            records < 7
        },
    )
    .unwrap();
    assert_eq!(records, 7);
}

#[test]
fn a_worker_that_dies_is_an_outcome_and_the_next_file_is_read() {
    let folder = Folder::new();
    let path = folder.write("a.warc", &archive(0..2));
    let dying = Isolation::Process("/bin/false".into(), Vec::new());
    let settings = settings(dying, folder.0.path());
    let mut told = Vec::new();
    let tasks = [task(&path, None), task(&path, None)].into_iter();
    run(tasks, &settings, &AtomicBool::new(false), &mut |event| {
        told.push(match event {
            Event::Opened(..) => "opened".to_owned(),
            Event::Record(..) => "record".to_owned(),
            Event::Bad(_, bad) => {
                assert_eq!(bad.class, OutcomeClass::Failed);
                assert!(
                    bad.reason.contains("the reader gave up behind this place"),
                    "{}",
                    bad.reason
                );
                "bad".to_owned()
            }
            Event::Ended { complete } => format!("ended {complete}"),
        });
        true
    })
    .unwrap();
    let file = ["opened", "bad", "bad", "ended false"];
    assert_eq!(told, [file, file].concat());
}

#[test]
fn a_worker_that_cannot_be_started_is_an_error() {
    let folder = Folder::new();
    let path = folder.write("a.warc", &archive(0..2));
    let missing = Isolation::Process(folder.0.path().join("missing"), Vec::new());
    let settings = settings(missing, folder.0.path());
    let ran = run(
        [task(&path, None)].into_iter(),
        &settings,
        &AtomicBool::new(false),
        &mut |_| true,
    );
    assert!(ran.is_err());
}

#[test]
fn a_reader_that_dies_loses_no_place() {
    let folder = Folder::new();
    let paths = [folder.write("a.warc", &archive(0..3))];
    let engine = Naive::new(|| UnixSeconds(0));
    let mut dying = add_settings(&folder);
    dying.read.isolation = Isolation::Process("/bin/false".into(), Vec::new());
    for _ in 0..3 {
        add_all(&engine, &paths, &dying);
    }
    // Said again it is one row.
    assert_eq!(engine.view().unwrap().journal().unwrap().len(), 1);
    let healthy = add_all(&engine, &paths, &add_settings(&folder));
    assert_eq!(healthy.documents, 3);
}

#[test]
fn a_file_that_was_only_touched_is_not_read_again() {
    let folder = Folder::new();
    let settings = add_settings(&folder);
    let html = "<!doctype html><title>Touched</title><p>A page of some words that was saved once.";
    let paths = [folder.write("a.html", html.as_bytes())];
    let engine = Naive::new(|| UnixSeconds(0));
    add_all(&engine, &paths, &settings);
    let file = std::fs::File::options()
        .write(true)
        .open(&paths[0])
        .unwrap();
    file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
        .unwrap();
    assert_eq!(add_all(&engine, &paths, &settings).unchanged, 1);
    assert_eq!(engine.view().unwrap().totals().unwrap().captures, 1);
}

#[test]
fn a_hole_that_is_filled_is_read() {
    let folder = Folder::new();
    let settings = add_settings(&folder);
    let whole = archive(0..4000);
    assert!(whole.len() > 1 << 20, "behind what tells files apart");
    let mut holed = whole.clone();
    let hole = archive(0..3900).len();
    holed[hole..].fill(0);
    let paths = [folder.write("a.warc", &holed)];
    let engine = Naive::new(|| UnixSeconds(0));
    add_all(&engine, &paths, &settings);
    folder.write("a.warc", &whole);
    add_all(&engine, &paths, &settings);
    assert_eq!(engine.view().unwrap().totals().unwrap().documents, 4000);
}

#[test]
fn a_program_reads_scans_for_a_worker_in_a_thread_too() {
    let folder = Folder::new();
    let mut settings = add_settings(&folder);
    let command = [
        "sh",
        "-c",
        "echo The harbour, on page $2",
        "sh",
        "{image}",
        "{page}",
    ];
    settings.read.extract.ocr = Some(extract::Ocr {
        command: command.map(str::to_owned).to_vec(),
        timeout: Duration::from_mins(1),
        pages: 5,
        folder: settings.read.spool.clone(),
    });
    let scan = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pdf/scan.pdf");
    let engine = Naive::new(|| UnixSeconds(0));
    let added = add_all(&engine, &[scan], &settings);
    assert_eq!(added.documents, 1, "{added:?}");
    let view = engine.view().unwrap();
    let ids = view.ids_after(None, 2).unwrap();
    let document = view.document(ids[0]).unwrap().unwrap();
    let texts: Vec<&str> = document.passages.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(texts, ["The harbour, on page 1", "The harbour, on page 2"]);
}

#[test]
fn a_name_that_is_no_text_is_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.warc");
    std::fs::write(folder.0.path().join(name), archive(0..1)).unwrap();
    let engine = Naive::new(|| UnixSeconds(0));
    add_all(
        &engine,
        &[folder.0.path().to_owned()],
        &add_settings(&folder),
    );
    let journal = engine.view().unwrap().journal().unwrap();
    assert_eq!(journal.len(), 1);
    assert!(journal[0].reason.contains("not UTF-8"), "{journal:?}");
}

fn add_settings(folder: &Folder) -> AddSettings {
    AddSettings {
        read: settings(Isolation::Thread, &folder.0.path().join(".spool")),
        collection: "c".to_owned(),
        commit_bytes: 1 << 20,
        commit_every: Duration::from_hours(1),
        now: UnixSeconds(1_766_397_600),
    }
}

fn add_all(engine: &Naive, paths: &[PathBuf], settings: &AddSettings) -> Added {
    add(
        engine,
        paths,
        settings,
        &AtomicBool::new(false),
        &mut |_| {},
    )
    .unwrap()
}

#[test]
fn what_has_not_changed_is_passed_over_and_what_has_grown_is_read_on() {
    let folder = Folder::new();
    let settings = add_settings(&folder);
    let path = folder.write("a.warc", &archive(0..3));
    let engine = Naive::new(|| UnixSeconds(0));
    let paths = [path];
    let first = add_all(&engine, &paths, &settings);
    assert_eq!((first.files, first.documents, first.unchanged), (1, 3, 0));
    let again = add_all(&engine, &paths, &settings);
    assert_eq!((again.files, again.documents, again.unchanged), (0, 0, 1));
    folder.write("a.warc", &archive(0..5));
    let grown = add_all(&engine, &paths, &settings);
    assert_eq!((grown.files, grown.documents), (1, 2));
    folder.write("a.warc", &archive(7..9));
    let changed = add_all(&engine, &paths, &settings);
    assert_eq!((changed.files, changed.documents), (1, 2));
    assert_eq!(engine.view().unwrap().totals().unwrap().documents, 7);
}

#[test]
fn a_stopped_run_goes_on_where_it_was() {
    let folder = Folder::new();
    let settings = add_settings(&folder);
    let paths = [folder.write("a.warc", &archive(0..50))];
    let engine = Naive::new(|| UnixSeconds(0));
    let stop = AtomicBool::new(false);
    let first = add(&engine, &paths, &settings, &stop, &mut |added| {
        stop.store(added.records >= 10, std::sync::atomic::Ordering::Relaxed);
    })
    .unwrap();
    assert!(first.interrupted);
    assert!((10..50).contains(&first.records), "{first:?}");
    let rest = add_all(&engine, &paths, &settings);
    assert_eq!(first.records + rest.records, 50);
    assert_eq!(engine.view().unwrap().totals().unwrap().documents, 50);
}

#[test]
fn files_that_nobody_reads_are_left_out_by_name() {
    let folder = Folder::new();
    let settings = add_settings(&folder);
    folder.write("x.bin", b"\x00\x01\x02 nothing that is known");
    let engine = Naive::new(|| UnixSeconds(0));
    let added = add_all(&engine, &[folder.0.path().to_owned()], &settings);
    assert_eq!(added.outcomes.get(&OutcomeClass::Skipped), Some(&1));
    let journal = engine.view().unwrap().journal().unwrap();
    assert_eq!(journal[0].origin.path, "x.bin");
    assert_eq!(
        add_all(&engine, &[folder.0.path().to_owned()], &settings).unchanged,
        1
    );
}
