//! Reads plain WARC or HTML files and prints interchange lines: for scoring before the binary can.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development tool"
)]

use std::io::Write as _;

use model::interchange::{DocumentLine, FORMAT, Line, OriginLine};
use model::record::{Digest, MediaType, Origin, Payload, Record, RecordKind, Step};
use model::time::UnixSeconds;

fn record(url: &str, bytes: Vec<u8>, path: &str, extent: Option<(u64, u64)>) -> Record {
    let digest = Digest::of(&bytes);
    Record {
        kind: RecordKind::Response,
        url: url.to_owned(),
        captured: UnixSeconds(1_767_225_600),
        status: Some(200),
        media_type: MediaType::new("text/html"),
        headers: vec![("content-type".into(), "text/html".into())],
        payload: Payload::Bytes(bytes),
        digest: Some(digest),
        archive_digest: None,
        truncated: false,
        origin: Origin {
            source: path.to_owned(),
            path: path.to_owned(),
            steps: extent.map(|(o, l)| Step::Bytes(o, l)).into_iter().collect(),
            digest: Some(digest),
        },
        warnings: vec![],
    }
}

fn records(path: &std::path::Path, out: &mut Vec<Record>) {
    if path.is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(path)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        entries.sort();
        for entry in entries {
            records(&entry, out);
        }
        return;
    }
    let bytes = std::fs::read(path).unwrap();
    let name = path.to_string_lossy().into_owned();
    if !name.ends_with(".warc") {
        out.push(record(&format!("file://{name}"), bytes, &name, None));
        return;
    }
    let find = |from: usize, what: &[u8]| {
        bytes[from..]
            .windows(what.len())
            .position(|w| w == what)
            .map(|at| at + from)
    };
    let mut at = 0;
    while at < bytes.len() {
        let end = find(at, b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&bytes[at..end]).into_owned();
        let field = |name: &str| {
            head.lines()
                .find_map(|l| l.strip_prefix(name))
                .unwrap()
                .trim()
                .to_owned()
        };
        let length: usize = field("Content-Length:").parse().unwrap();
        let (start, stop) = (end + 4, end + 4 + length);
        let body = find(start, b"\r\n\r\n").unwrap() + 4;
        out.push(record(
            &field("WARC-Target-URI:"),
            bytes[body..stop].to_vec(),
            &name,
            Some((at as u64, (stop - at) as u64)),
        ));
        at = stop + 4;
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut all = Vec::new();
    records(std::path::Path::new(arguments.last().unwrap()), &mut all);
    let thread = std::thread::Builder::new().stack_size(256 << 20);
    let work = move || {
        let start = std::time::Instant::now();
        let mut out = std::io::stdout().lock();
        for record in &all {
            let begun = std::time::Instant::now();
            match extract::extract(record) {
                Ok(found) => {
                    for document in found.documents {
                        let line = DocumentLine {
                            format: FORMAT,
                            document,
                            captured: record.captured,
                            capture: None,
                            collection: "c".into(),
                            origin: OriginLine::from(record.origin.clone()),
                        };
                        let line = Line::Document(Box::new(line)).print().unwrap();
                        writeln!(out, "{line}").unwrap();
                    }
                }
                Err(error) => eprintln!("{error}"),
            }
            if begun.elapsed().as_millis() > 500 {
                eprintln!("{} took {:?}", record.url, begun.elapsed());
            }
        }
        eprintln!("{} records in {:?}", all.len(), start.elapsed());
        if let Ok(mut log) = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(std::env::temp_dir().join("extract_html.log"))
        {
            writeln!(log, "{} records in {:?}", all.len(), start.elapsed()).unwrap();
        }
    };
    thread.spawn(work).unwrap().join().unwrap();
}
