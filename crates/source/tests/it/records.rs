//! Sound archives: what is handed over of each kind of record, and with which encodings undone.

use model::record::{Position, RecordKind};

use crate::build::{
    DATE, Desk, brotli, bytes, chunked, deflate, describe, gzip, html, page, read, read_from,
    record, response, warcinfo, zlib, zstd,
};

#[track_caller]
fn check(file: &[u8], expected: &str) {
    let desk = Desk::new();
    let path = desk.write("a.warc", file);
    let found = describe(&read(&path, &desk.options()));
    assert_eq!(found.trim(), expected.trim());
}

const REVISIT: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";

#[test]
fn kinds_of_records() {
    let url = ("WARC-Target-URI", "<https://veldania.example/a b>");
    let file = [
        warcinfo(),
        page("https://veldania.example/", "Harbour"),
        record("request", &[DATE, url], b"GET / HTTP/1.1\r\n\r\n"),
        record(
            "resource",
            &[DATE, url, ("Content-Type", "text/plain")],
            b"words",
        ),
        record("conversion", &[DATE, url], b"words"),
        record(
            "revisit",
            &[
                DATE,
                url,
                ("WARC-Profile", REVISIT),
                ("WARC-Refers-To-Target-URI", "https://veldania.example/"),
                ("WARC-Refers-To-Date", "2024-01-01T00:00:00Z"),
                ("WARC-Payload-Digest", "sha1:ABC"),
                ("Content-Type", "application/http; msgtype=response"),
            ],
            b"HTTP/1.1 304 Not Modified\r\nContent-Type: text/html\r\n\r\n",
        ),
        record(
            "metadata",
            &[DATE, ("WARC-Record-ID", "<urn:uuid:1>")],
            b"via: x\r\n",
        ),
        record("continuation", &[DATE, url], b"rest"),
    ];
    check(
        &file.concat(),
        "
response 200 https://veldania.example/ 2025-06-01T12:00:00Z text/html 37B @110+261 -> 375
resource https://veldania.example/a b 2025-06-01T12:00:00Z text/plain 5B @531+165 -> 700
resource https://veldania.example/a b 2025-06-01T12:00:00Z text/plain 5B @700+141 -> 845
revisit 304 https://veldania.example/a b 2025-06-01T12:00:00Z text/html 0B @845+446 -> 1295
metadata urn:uuid:1 2025-06-01T12:00:00Z text/plain 8B @1295+123 -> 1422
skip @1422+142 records of type `continuation` are not read -> 1568",
    );
}

#[test]
fn a_pdf_is_one_whatever_its_server_says() {
    let pdf = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n";
    let url = "https://veldania.example/report?id=7";
    let desk = Desk::new();
    let check = |archive: &[u8]| {
        let path = desk.write("a.warc", archive);
        let items = read(&path, &desk.options());
        let record = items[0].1.as_ref().unwrap();
        assert_eq!(record.media_type.as_str(), "application/pdf");
        assert_eq!(bytes(record), pdf);
    };
    for declared in [
        "application/pdf",
        "application/octet-stream",
        "application/x-download",
        "application/force-download",
        "text/plain",
        "text/html; charset=utf-8",
        "",
    ] {
        let header = format!("Content-Type: {declared}\r\n");
        check(&response(url, &header, pdf));
        let fields = [DATE, ("WARC-Target-URI", url), ("Content-Type", declared)];
        check(&record("resource", &fields, pdf));
    }
    check(&response(url, "", pdf));
    check(&record("resource", &[DATE, ("WARC-Target-URI", url)], pdf));
}

#[test]
fn what_a_revisit_refers_to() {
    let desk = Desk::new();
    let fields = [
        DATE,
        ("WARC-Target-URI", "https://veldania.example/"),
        (
            "warc-refers-to-target-uri",
            "<https://veldania.example/old>",
        ),
        ("WARC-Refers-To-Date", "2024-01-01T00:00:00.5Z"),
        ("WARC-Payload-Digest", "sha1:ABC"),
    ];
    let path = desk.write("a.warc", &record("revisit", &fields, b""));
    let items = read(&path, &desk.options());
    let record = items[0].1.as_ref().unwrap();
    let expected = RecordKind::Revisit {
        url: Some("https://veldania.example/old".into()),
        date: Some("2024-01-01T00:00:00Z".parse().unwrap()),
        digest: Some("sha1:ABC".into()),
    };
    assert_eq!((&record.kind, record.digest), (&expected, None));
    assert_eq!(record.archive_digest.as_deref(), Some("sha1:ABC"));
}

#[test]
fn encodings_are_undone() {
    let plain = html(&"Harbour of Veldania ".repeat(500));
    let rows: [(&str, Vec<u8>); 13] = [
        ("", plain.clone()),
        ("Transfer-Encoding: chunked\r\n", chunked(&plain, 1000)),
        ("Transfer-Encoding: chunked\r\n", plain.clone()),
        ("Content-Encoding: gzip\r\n", gzip(&plain)),
        (
            "Content-Encoding: x-gzip\r\n",
            [gzip(&plain[..9]), gzip(&plain[9..])].concat(),
        ),
        ("Content-Encoding: deflate\r\n", zlib(&plain)),
        ("Content-Encoding: deflate\r\n", deflate(&plain)),
        ("Content-Encoding: br\r\n", brotli(&plain)),
        ("Content-Encoding: zstd\r\n", zstd(&plain)),
        ("Content-Encoding: gzip, br\r\n", brotli(&gzip(&plain))),
        (
            "Content-Encoding: gzip\r\nContent-Encoding: br\r\n",
            brotli(&gzip(&plain)),
        ),
        (
            "content-encoding: GZIP\r\ntransfer-encoding: Chunked\r\n",
            chunked(&gzip(&plain), 10),
        ),
        ("Content-Encoding: identity\r\n", plain.clone()),
    ];
    let desk = Desk::new();
    for (headers, body) in rows {
        let record = response("https://veldania.example/", headers, &body);
        for (name, file) in [("a.warc", record.clone()), ("a.warc.gz", gzip(&record))] {
            let path = desk.write(name, &file);
            let items = read(&path, &desk.options());
            let record = items[0].1.as_ref().unwrap();
            assert!(bytes(record) == plain, "{headers}{name}");
            assert_eq!(record.digest, Some(model::record::Digest::of(&plain)));
            assert_eq!(
                (record.truncated, record.warnings.len()),
                (false, 0),
                "{headers}"
            );
        }
    }
}

#[test]
fn a_declared_encoding_may_be_absent_or_broken() {
    let plain = html("Harbour");
    let desk = Desk::new();
    let check = |headers: &str, body: &[u8], expected: &[u8], cut: bool, warning: &str| {
        let path = desk.write(
            "a.warc",
            &response("https://veldania.example/", headers, body),
        );
        let items = read(&path, &desk.options());
        let record = items[0].1.as_ref().unwrap();
        let found = String::from_utf8_lossy(&bytes(record)).into_owned();
        assert_eq!(found, String::from_utf8_lossy(expected), "{headers}");
        assert_eq!(record.truncated, cut, "{headers}");
        assert_eq!(record.warnings, [warning], "{headers}");
    };
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let warning = format!("body is not encoded as `{encoding}`, as its header says");
        check(
            &format!("Content-Encoding: {encoding}\r\n"),
            &plain,
            &plain,
            false,
            &warning,
        );
    }
    let warning = "content encoding `sdch` is not known";
    check("Content-Encoding: sdch\r\n", &plain, &plain, false, warning);
    let warning = "chunk sizes are wrong, the rest is taken as it is";
    let body = b"5\r\n<html\r\nzz\r\n>rest";
    check(
        "Transfer-Encoding: chunked\r\n",
        body,
        b"<htmlzz\r\n>rest",
        false,
        warning,
    );
    let warning = "chunked body ends without its last chunk";
    check(
        "Transfer-Encoding: chunked\r\n",
        b"5\r\n<html\r\n",
        b"<html",
        true,
        warning,
    );
    let warning = "chunked body ends within a chunk";
    check(
        "Transfer-Encoding: chunked\r\n",
        b"50\r\n<html>",
        b"<html>",
        true,
        warning,
    );
}

#[test]
fn headers_in_odd_shapes() {
    let block = "HTTP/2 404\nContent-Type: text/html;\n\tcharset=utf-8\n\n<p>gone</p>";
    let length = block.len();
    let folded = format!(
        "WARC/0.17\nwarc-type: RESPONSE\nWARC-Target-URI:\n https://veldania.example/\n\
         WARC-Date: 2008-04-30T20:48:25.25Z\nContent-Length: {length}\nContent-Length: 7\n\n\
         {block}\n\n"
    );
    check(
        folded.as_bytes(),
        "response 404 https://veldania.example/ 2008-04-30T20:48:25Z text/html 11B @0+210 \
         -> 212",
    );
    let bare = |fields: &[(&str, &str)]| record("resource", fields, b"words");
    let url = ("WARC-Target-URI", "dns:veldania.example");
    check(
        &bare(&[DATE]),
        "failed @0+90 header names no WARC-Target-URI -> 94",
    );
    check(
        &record(
            "response",
            &[DATE, url, ("Content-Type", "text/dns")],
            b"20250601\nveldania",
        ),
        "response dns:veldania.example 2025-06-01T12:00:00Z text/dns 17B @0+166 -> 170",
    );
    check(
        &record("response", &[DATE, url], b"no status line"),
        "response dns:veldania.example 2025-06-01T12:00:00Z text/plain 14B @0+139 \
         [no HTTP status line: the block is taken as it is] -> 143",
    );
    let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>";
    check(
        &record("response", &[DATE, url], interim),
        "response 200 dns:veldania.example 2025-06-01T12:00:00Z text/html 6B @0+175 -> 179",
    );
    let http_date = b"HTTP/1.1 200 OK\r\nDate: Wed, 30 Apr 2008 20:48:24 GMT\r\n\r\n<html>";
    check(
        &record("response", &[("WARC-Date", "yesterday"), url], http_date),
        "response 200 dns:veldania.example 2008-04-30T20:48:24Z text/html 6B @0+176 \
         [no readable WARC-Date: the capture time is the Date header] -> 180",
    );
    let cut = [DATE, url, ("WARC-Truncated", "length")];
    check(
        &record("resource", &cut, b"<html>"),
        "resource dns:veldania.example 2025-06-01T12:00:00Z text/html 6B truncated @0+154 -> 158",
    );
}

#[test]
fn segments_are_not_joined() {
    let url = ("WARC-Target-URI", "https://veldania.example/");
    let first = [DATE, url, ("WARC-Segment-Number", "1")];
    let second = [DATE, url, ("WARC-Segment-Number", "2")];
    let file = [
        record("resource", &first, b"<html>"),
        record("continuation", &second, b"rest"),
    ];
    check(
        &file.concat(),
        "resource https://veldania.example/ 2025-06-01T12:00:00Z text/html 6B truncated @0+159 \
         [continued in other records, which are not joined yet] -> 163\n\
         skip @163+161 records of type `continuation` are not read -> 328",
    );
}

#[test]
fn payloads_are_spooled_and_cut() {
    let desk = Desk::new();
    let mut options = desk.options();
    let plain = html(&"Harbour ".repeat(20_000));
    let path = desk.write(
        "a.warc.gz",
        &gzip(&response(
            "https://veldania.example/",
            "Content-Encoding: gzip\r\n",
            &gzip(&plain),
        )),
    );
    for (in_memory, limit, spooled, kept) in [
        (plain.len(), plain.len(), 0, plain.len()),
        (1000, plain.len(), 1, plain.len()),
        (0, 5000, 1, 5000),
        (6000, 5000, 0, 5000),
    ] {
        options.payload_in_memory = in_memory as u64;
        options.payload_limit = limit as u64;
        let items = read(&path, &options);
        let record = items[0].1.as_ref().unwrap();
        assert_eq!(bytes(record), plain[..kept]);
        assert_eq!(record.truncated, kept < plain.len());
        assert_eq!(record.digest, Some(model::record::Digest::of(&plain)));
        assert_eq!(record.media_type.as_str(), "text/html");
        assert_eq!(desk.spooled(), spooled);
        for entry in std::fs::read_dir(&options.spool).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn one_member_around_many_records() {
    let desk = Desk::new();
    let texts = [
        warcinfo(),
        page("https://veldania.example/a", "A"),
        page("https://veldania.example/b", "B"),
    ];
    let first = gzip(&texts.concat());
    let file = [
        first.clone(),
        gzip(&page("https://veldania.example/c", "C")),
    ]
    .concat();
    let path = desk.write("a.warc.gz", &file);
    let options = desk.options();
    let items = read(&path, &options);
    let (one, end, rest) = (first.len(), first.len() as u64, file.len() - first.len());
    assert_eq!(
        describe(&items),
        format!(
            "response 200 https://veldania.example/a 2025-06-01T12:00:00Z text/html 31B @0+{one} \
             decoded 110+256 -> 0\n\
             response 200 https://veldania.example/b 2025-06-01T12:00:00Z text/html 31B @0+{one} \
             decoded 370+256 -> {end}\n\
             response 200 https://veldania.example/c 2025-06-01T12:00:00Z text/html 31B \
             @{end}+{rest} -> {}\n",
            file.len()
        )
    );
    for (_, result) in &items {
        let record = result.as_ref().unwrap();
        assert_eq!(
            &source::read_again(&record.origin, &options).unwrap(),
            record
        );
    }
    assert_eq!(read_from(&path, &options, Some(Position(end))).len(), 1);
}

#[test]
fn one_record_in_several_members() {
    let desk = Desk::new();
    let text = page("https://veldania.example/a", "A");
    let (head, body) = text.split_at(200);
    let next = gzip(&page("https://veldania.example/b", "B"));
    let file = [gzip(head), gzip(body), next.clone()].concat();
    let path = desk.write("a.warc.gz", &file);
    let items = read(&path, &desk.options());
    let first = file.len() - next.len();
    assert_eq!(
        describe(&items),
        format!(
            "response 200 https://veldania.example/a 2025-06-01T12:00:00Z text/html 31B @0+{first} \
             -> {first}\n\
             response 200 https://veldania.example/b 2025-06-01T12:00:00Z text/html 31B \
             @{first}+{} -> {}\n",
            next.len(),
            file.len()
        )
    );
    for (_, result) in &items {
        let record = result.as_ref().unwrap();
        assert_eq!(
            &source::read_again(&record.origin, &desk.options()).unwrap(),
            record
        );
    }
}
