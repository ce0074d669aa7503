//! PDFs over HTTP: opened at the page, sent by ranges, shown as text in parts.

use crate::binary::{Home, Server};
use crate::http::attribute;
use crate::made_pdf::{book, pdf};

/// A WARC record of a PDF.
fn response(url: &str, bytes: &[u8]) -> Vec<u8> {
    let http = [
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: {}\r\n\r\n",
            bytes.len()
        )
        .as_bytes(),
        bytes,
    ]
    .concat();
    let head = format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n\
         WARC-Date: 2025-10-01T00:00:00Z\r\n\
         WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n\
         Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n",
        http.len()
    );
    [head.as_bytes(), &http, b"\r\n\r\n"].concat()
}

/// The path of the original that the first result of a query opens.
#[track_caller]
fn original(server: &Server, query: &str) -> String {
    let page = server.get(&format!("/search?q={query}"));
    let path = attribute(&page.text(), "/capture/");
    assert!(path.contains("/raw#page="), "{path}");
    path
}

#[track_caller]
fn opened_and_sent_by_ranges(server: &Server, bytes: &[u8]) {
    let path = original(server, "lighthouse+keeper");
    let (raw, fragment) = path.split_once('#').unwrap();
    assert_eq!(fragment, "page=70");
    let whole = server.get(raw);
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("content-type"), Some("application/pdf"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(
        whole.header("content-disposition"),
        Some("inline; filename=\"salt road.pdf\"")
    );
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
    // The viewer of Chromium shows nothing under `sandbox`; nothing else is allowed either.
    let policy = whole.header("content-security-policy").unwrap();
    assert!(
        !policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(whole.body == bytes, "the bytes are others");
    let tag = whole.header("etag").unwrap().to_owned();

    let asked = |method: &str, headers: &[(&str, &str)]| {
        let mut all = vec![("Host", &*server.address), ("Accept-Encoding", "gzip")];
        all.extend(headers);
        crate::binary::request(&server.address, method, raw, &all, "")
    };
    let total = bytes.len();
    let length = total.to_string();
    let head = asked("HEAD", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some(&*length));
    assert_eq!(asked("GET", &[]).header("content-encoding"), None);
    // More than one piece of what is read at a time.
    let part = asked("GET", &[("Range", "bytes=100-140000"), ("If-Range", &tag)]);
    assert_eq!(part.status, 206);
    assert!(part.body == bytes[100..=140_000], "the part is another");
    assert_eq!(
        part.header("content-range"),
        Some(&*format!("bytes 100-140000/{total}"))
    );
    assert_eq!(part.header("content-length"), Some("139901"));
    let end = asked("GET", &[("Range", "bytes=-6")]);
    assert_eq!(
        (end.status, end.body.as_slice()),
        (206, b"%%EOF\n".as_slice())
    );
    let of_another = asked("GET", &[("Range", "bytes=0-9"), ("If-Range", "\"other\"")]);
    assert_eq!((of_another.status, of_another.body.len()), (200, total));
    let beyond = asked("GET", &[("Range", "bytes=99999999-")]);
    assert_eq!(beyond.status, 416);
    assert_eq!(
        beyond.header("content-range"),
        Some(&*format!("bytes */{total}"))
    );
    let head = asked("HEAD", &[("Range", "bytes=0-9")]);
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some(&*total.to_string()))
    );
}

#[test]
fn a_file_opens_at_the_page() {
    let home = Home::new();
    let bytes = book(120);
    let file = home.write("files/salt road.pdf", &bytes);
    home.done(["add", "--base", "https://salt.example/", "files"]);
    let server = home.serve(&[]);
    opened_and_sent_by_ranges(&server, &bytes);
    // A file that has changed is not what was found.
    let (raw, _) = original(&server, "lighthouse+keeper")
        .split_once('#')
        .map(|(raw, fragment)| (raw.to_owned(), fragment.to_owned()))
        .unwrap();
    std::fs::write(&file, book(121)).unwrap();
    let changed = server.get(&raw);
    assert_eq!(changed.status, 404);
    assert!(changed.text().contains("has changed"), "{}", changed.text());
    std::fs::remove_file(&file).unwrap();
    assert_eq!(server.get(&raw).status, 404);
}

#[test]
fn a_record_of_an_archive_opens_at_the_page() {
    let home = Home::new();
    let bytes = book(900);
    assert!(bytes.len() > 1 << 20, "large enough to be kept in a file");
    let warc = response("https://salt.example/salt%20road.pdf", &bytes);
    home.write("a.warc", warc);
    home.done(["add", "a.warc"]);
    let server = home.serve(&[]);
    opened_and_sent_by_ranges(&server, &bytes);
}

#[test]
fn a_long_copy_is_shown_in_parts() {
    let home = Home::new();
    home.write("files/salt.pdf", book(1_000));
    home.done(["add", "--base", "https://salt.example/", "files"]);
    let server = home.serve(&[]);
    let results = server.get("/search?q=lighthouse+keeper").text();
    assert!(results.contains("page 70 of 1,000"), "{results}");
    let copy = results
        .split('"')
        .find(|path| path.starts_with("/capture/") && path.contains("?q="))
        .unwrap()
        .replace("&#38;", "&");
    assert!(copy.contains("&page=70#passage-"), "{copy}");
    let (path, passage) = copy.split_once('#').unwrap();
    let page = server.get(path).text();
    assert!(page.contains(&format!("id=\"{passage}\"")), "{passage}");
    assert!(page.contains("<mark>lighthouse</mark>"));
    assert!(
        page.contains("id=\"page-70\"") && page.contains("/raw#page=70\">original at this page")
    );
    assert!(!page.contains("id=\"page-1\"") && !page.contains("id=\"page-1000\""));
    assert!(page.len() < 300_000, "{}", page.len());
    // Every page is reached by going on; parts may overlap.
    let mut seen: Vec<u32> = Vec::new();
    let mut next = path.split('?').next().map(str::to_owned);
    while let Some(path) = next {
        let page = server.get(&path).text();
        let pages = page.split("id=\"page-").skip(1);
        let pages = pages.map(|rest| rest.split('"').next().unwrap().parse::<u32>().unwrap());
        seen.extend(pages);
        next = page
            .split("<a rel=\"next\" href=\"")
            .nth(1)
            .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
            .map(|href| href.split('#').next().unwrap().to_owned());
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 1_000);
    // What is no page of it shows something all the same.
    for page in ["0", "4000", "x", "-1"] {
        let path = copy.split('?').next().unwrap();
        assert_eq!(
            server.get(&format!("{path}?page={page}")).status,
            200,
            "{page}"
        );
    }
}

#[test]
fn a_scan_says_that_it_is_one() {
    let home = Home::new();
    home.write(
        "files/annual_report-2019.pdf",
        pdf("", &vec![Vec::new(); 4]),
    );
    home.done(["add", "--base", "https://salt.example/", "files"]);
    let text = home.done(["search", "annual report 2019"]);
    assert!(text.contains("(no text layer, 4 pages)"), "{text}");
    let json = home.done(["search", "--format", "json", "annual report 2019"]);
    assert!(json.contains("\"no_text_layer\": true"), "{json}");
    let server = home.serve(&[]);
    let page = server.get("/search?q=annual+report+2019").text();
    assert!(page.contains(">no text layer<"), "{page}");
    let copy = page
        .split('"')
        .find(|path| path.starts_with("/capture/") && path.contains("?q="))
        .unwrap();
    let copy = server.get(copy);
    assert_eq!(copy.status, 200);
    assert!(
        copy.text().contains("This PDF has no text layer."),
        "{}",
        copy.text()
    );
}
