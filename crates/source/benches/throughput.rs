//! How near the WARC reader comes to bare decompression and hashing of the same bytes.
//!
//! `cargo bench -p source`: writes an archive of invented pages, made from a seed, member by
//! member, and reads it in four ways. A quarter of the bodies is gzip-encoded, a seventh chunked.
//! Before it a dump of 500 MB, plain and as `.zst` (`-- dump` for it alone): the discussions of the
//! shared data where they are, again and again, else invented ones.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program that is run by hand: it fails loudly and prints what it measured"
)]

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::Path;
use std::time::Instant;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use sha2::Digest as _;
use source::Options;

const PAGES: u64 = 2000;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Some 60 KB of markup and words, as large as pages are.
fn page(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = format!("<!doctype html><title>Page {seed}</title>");
    while text.len() < 60_000 {
        // xorshift64 (Marsaglia 2003): words of a vocabulary of 4,096, the small ones more often.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let word = (state % 4096).min(state >> 52);
        text += &format!("w{word:x} ");
        if state.is_multiple_of(23) {
            text += "</p>\n<p class=\"text\">";
        }
    }
    text.into_bytes()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let chunks = body.chunks(8192);
    let chunks =
        chunks.flat_map(|c| [format!("{:x}\r\n", c.len()).as_bytes(), c, b"\r\n"].concat());
    chunks.chain(b"0\r\n\r\n".iter().copied()).collect()
}

fn record(kind: &str, url: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: \
         2025-06-01T12:00:00Z\r\nWARC-Record-ID: <urn:uuid:{url}>\r\nContent-Type: \
         application/http; msgtype={kind}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn write_archive(path: &Path, compressed: bool) {
    let mut file = File::create(path).unwrap();
    for number in 0..PAGES {
        let url = format!("https://veldania.example/{number}");
        let (headers, body) = match number % 28 {
            n if n % 4 == 0 => ("Content-Encoding: gzip\r\n", gzip(&page(number))),
            n if n % 7 == 1 => ("Transfer-Encoding: chunked\r\n", chunked(&page(number))),
            _ => ("", page(number)),
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{headers}\r\n");
        let block = [head.as_bytes(), &body].concat();
        let request = record(
            "request",
            &url,
            b"GET / HTTP/1.1\r\nHost: veldania.example\r\n\r\n",
        );
        for text in [request, record("response", &url, &block)] {
            let part = if compressed { gzip(&text) } else { text };
            file.write_all(&part).unwrap();
        }
    }
}

/// Runs three times; gives the best time in seconds, and the bytes that the last run counted.
fn best(mut run: impl FnMut() -> u64) -> (f64, u64) {
    let (mut seconds, mut bytes) = (f64::MAX, 0);
    for _ in 0..3 {
        let started = Instant::now();
        bytes = run();
        seconds = seconds.min(started.elapsed().as_secs_f64());
    }
    (seconds, bytes)
}

fn drain(path: &Path, hashed: bool) -> u64 {
    let mut decoder = MultiGzDecoder::new(BufReader::with_capacity(
        128 * 1024,
        File::open(path).unwrap(),
    ));
    let mut buffer = vec![0; 128 * 1024];
    let (mut bytes, mut hash) = (0, sha2::Sha256::new());
    loop {
        let read = decoder.read(&mut buffer).unwrap();
        if read == 0 {
            std::hint::black_box(hash.finalize());
            return bytes;
        }
        bytes += read as u64;
        if hashed {
            hash.update(buffer.get(..read).unwrap());
        }
    }
}

/// Bytes of the dump.
const DUMP: usize = 500_000_000;

/// Lines of a dump, some hundred kilobytes.
fn lines() -> Vec<u8> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = shared.join("../../../shared/data/topic-syria/discussions");
    let read = |name: &str| std::fs::read(shared.join(name));
    if let (Ok(submissions), Ok(comments)) = (read("submissions.ndjson"), read("comments.ndjson")) {
        println!("lines of the shared data");
        return [submissions, comments].concat();
    }
    println!("no shared data: invented lines");
    let line = |number: u64| {
        format!(
            "{{\"id\": \"{number}\", \"link_id\": \"t3_a\", \"subreddit\": \"istmere\", \"body\": {:?}}}\n",
            String::from_utf8(page(number)).unwrap().get(..900).unwrap()
        )
    };
    (0..600).map(line).collect::<String>().into_bytes()
}

/// Writes the lines again and again: plain, with a window that does not reach back to the last time
/// (so that they compress as a dump does), and with one of 2 GiB, as `--long=31` makes it.
fn write_dump(plain: &Path, short: &Path, long: &Path) {
    let lines = lines();
    let mut file = File::create(plain).unwrap();
    let mut encoders = [(short, 18), (long, 31)].map(|(path, window)| {
        let mut encoder = zstd::Encoder::new(File::create(path).unwrap(), 3).unwrap();
        encoder.window_log(window).unwrap();
        encoder.long_distance_matching(window == 31).unwrap();
        encoder
    });
    for _ in 0..DUMP.div_ceil(lines.len()) {
        file.write_all(&lines).unwrap();
        for encoder in &mut encoders {
            encoder.write_all(&lines).unwrap();
        }
    }
    for encoder in encoders {
        encoder.finish().unwrap();
    }
}

fn dump(folder: &Path, options: &Options) {
    let (plain, short, long) = (
        folder.join("RC_plain"),
        folder.join("RC_short.zst"),
        folder.join("RC_long.zst"),
    );
    write_dump(&plain, &short, &long);
    let megabytes = |path: &Path| std::fs::metadata(path).unwrap().len() as f64 / 1e6;
    let whole = megabytes(&plain);
    let rate = |seconds: f64| whole / seconds;
    println!("dump: {whole:.1} MB of lines");
    let (ours, _) = best(|| read(&plain, options));
    println!("source, plain      {:>6.0} MB/s of lines", rate(ours));
    for (name, path) in [("window 256 KiB", &short), ("--long=31", &long)] {
        let (bare, bytes) = best(|| {
            let mut decoder = zstd::Decoder::new(File::open(path).unwrap()).unwrap();
            decoder.window_log_max(31).unwrap();
            std::io::copy(&mut decoder, &mut std::io::sink()).unwrap()
        });
        let (ours, handed_over) = best(|| read(path, options));
        assert_eq!(handed_over, bytes, "lines were lost");
        println!(
            "{name}, {:.1} MB compressed: zstd alone {:.0} MB/s of lines, source {:.0}",
            megabytes(path),
            rate(bare),
            rate(ours)
        );
    }
}

fn read(path: &Path, options: &Options) -> u64 {
    let source = source::open(path, options).unwrap();
    let items = source.open(None).unwrap();
    let lengths = items.map(|(_, result)| match result.unwrap().payload {
        model::record::Payload::Bytes(bytes) => bytes.len() as u64,
        model::record::Payload::Spooled(_) => 0,
    });
    lengths.sum()
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let only_dump = std::env::args().any(|argument| argument == "dump");
    let options = Options {
        source: folder.path().to_string_lossy().into_owned(),
        base: None,
        payload_in_memory: 8 * 1024 * 1024,
        payload_limit: 64 * 1024 * 1024,
        spool: folder.path().to_owned(),
    };
    dump(folder.path(), &options);
    if only_dump {
        return;
    }
    let (gz, plain) = (
        folder.path().join("a.warc.gz"),
        folder.path().join("a.warc"),
    );
    write_archive(&gz, true);
    write_archive(&plain, false);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let (bare, records) = best(|| drain(&gz, false));
    let (hashed, _) = best(|| drain(&gz, true));
    let (ours, payload) = best(|| read(&gz, &options));
    let (ours_plain, _) = best(|| read(&plain, &options));
    println!(
        "archive: {:.1} MB compressed, {:.1} MB of records, {:.1} MB of decoded payloads",
        megabytes(std::fs::metadata(&gz).unwrap().len()),
        megabytes(records),
        megabytes(payload)
    );
    println!(
        "flate2 alone       {:>6.0} MB/s of records",
        megabytes(records) / bare
    );
    println!(
        "flate2 and SHA-256 {:>6.0} MB/s of records",
        megabytes(records) / hashed
    );
    println!(
        "source, .warc.gz   {:>6.0} MB/s of records, {:.0} MB/s of payloads: {:.2} of flate2 and SHA-256",
        megabytes(records) / ours,
        megabytes(payload) / ours,
        hashed / ours
    );
    println!(
        "source, .warc      {:>6.0} MB/s of records",
        megabytes(records) / ours_plain
    );
}
