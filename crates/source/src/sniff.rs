//! Tells a media type from the first bytes of a payload.

use model::record::MediaType;

/// Byte patterns at the beginning (WHATWG MIME sniffing, sections 6 and 7.1, and the formats' own
/// specifications), the longer before the shorter.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"OggS\x00", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"MThd\x00\x00\x00\x06", "audio/midi"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "application/x-ole-storage",
    ),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"OTTO", "font/otf"),
    (b"\x00\x01\x00\x00\x00", "font/ttf"),
    (b"\x00asm", "application/wasm"),
    (b"CWS", "application/x-shockwave-flash"),
    (b"FWS", "application/x-shockwave-flash"),
    (b"WEBVTT", "text/vtt"),
    (b"\xef\xbb\xbfWEBVTT", "text/vtt"),
];

/// What begins an HTML page (WHATWG MIME sniffing, section 7.1), each ended by a space or `>`.
const HTML_TAGS: &[&str] = &[
    "html", "head", "body", "title", "meta", "link", "script", "style", "base", "iframe", "h1",
    "div", "font", "table", "a", "b", "br", "p", "center", "main", "article", "section", "header",
    "nav", "noscript", "span", "ul", "form", "img",
];

/// The tags of those that are in no doubt, so that the name or the declared type need not agree.
const SURE_TAGS: &[&str] = &["html", "head", "body", "title", "meta", "script", "style"];

/// Tells a media type from the first bytes of a payload (1445 are enough), with the declared type
/// and the name's extension as hints.
///
/// The hints decide only between types that look the same in their bytes: kinds of text and
/// kinds of zip. What is declared as HTML and is a picture is a picture. `path`: an address or a
/// path of a file. Gives `application/octet-stream` for what is not known, and for nothing at all,
/// unless it is called a PDF: then whoever reads it says what is wrong with it.
pub fn sniff(beginning: &[u8], declared: Option<&str>, path: &str) -> MediaType {
    let declared = MediaType::new(declared.unwrap_or_default());
    let extension = extension(path);
    let found = sniff_bytes(beginning, declared.as_str(), &extension);
    MediaType::new(&found)
}

fn sniff_bytes(beginning: &[u8], declared: &str, extension: &str) -> String {
    if let Some(found) = binary(beginning, declared, extension) {
        return found;
    }
    if pdf_behind_junk(beginning, declared, extension) {
        return PDF.to_owned();
    }
    let Some(text) = text(beginning) else {
        return unknown(beginning, declared, extension);
    };
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.is_empty() {
        return match (beginning.is_empty(), declared) {
            (false, "") => "text/plain".to_owned(),
            (false, declared) if is_textual(declared) => declared.to_owned(),
            (false, _) => "text/plain".to_owned(),
            (true, _) => unknown(beginning, declared, extension),
        };
    }
    markup(start, declared, extension)
        .or_else(|| other_text(start, declared, extension))
        .unwrap_or_else(|| "text/plain".to_owned())
}

fn binary(beginning: &[u8], declared: &str, extension: &str) -> Option<String> {
    if beginning.starts_with(b"PK\x03\x04") || beginning.starts_with(b"PK\x05\x06") {
        return Some(zip(beginning, declared, extension));
    }
    let four_behind = |at: usize| beginning.get(at..at + 4);
    if beginning.starts_with(b"RIFF") {
        return match four_behind(8) {
            Some(b"WEBP") => Some("image/webp".to_owned()),
            Some(b"WAVE") => Some("audio/wav".to_owned()),
            Some(b"AVI ") => Some("video/x-msvideo".to_owned()),
            _ => None,
        };
    }
    if four_behind(4) == Some(b"ftyp") {
        let found = match four_behind(8) {
            Some(b"avif" | b"avis") => "image/avif",
            Some(b"heic" | b"heix" | b"mif1") => "image/heic",
            Some(b"M4A " | b"M4B ") => "audio/mp4",
            Some(b"qt  ") => "video/quicktime",
            _ if declared == "audio/mp4" => "audio/mp4",
            _ => "video/mp4",
        };
        return Some(found.to_owned());
    }
    if four_behind(257).is_some_and(|magic| magic == b"usta") {
        return Some("application/x-tar".to_owned());
    }
    // An MP3 without a tag begins with a frame: eleven bits of one, layer III.
    if let [0xff, second, ..] = beginning
        && second & 0xe6 == 0xe2
        && (declared.starts_with("audio/") || extension == "mp3")
    {
        return Some("audio/mpeg".to_owned());
    }
    // A transport stream begins each of its packets of 188 bytes with a G.
    if beginning.first() == Some(&b'G') && beginning.get(188) == Some(&b'G') && extension == "ts" {
        return Some("video/mp2t".to_owned());
    }
    let (signature, found) = SIGNATURES
        .iter()
        .find(|(signature, _)| beginning.starts_with(signature))?;
    // Two or three letters may begin a text as well.
    if signature.len() <= 3 && signature.is_ascii() && text(beginning).is_some() {
        return None;
    }
    if *found == "video/webm" && extension == "mkv" {
        return Some("video/x-matroska".to_owned());
    }
    Some((*found).to_owned())
}

/// A zip, or what is one: the first entry says it (EPUB OCF 3.3, section 4.3), else the hints.
fn zip(beginning: &[u8], declared: &str, extension: &str) -> String {
    let first = beginning.get(30..).unwrap_or_default();
    if let Some(rest) = first.strip_prefix(b"mimetype")
        && let Some(end) = rest.windows(2).position(|pair| pair == b"PK")
        && let Some(Ok(said)) = rest.get(..end).map(std::str::from_utf8)
        && said.starts_with("application/")
    {
        return said.trim().to_owned();
    }
    let found = match extension {
        "epub" => "application/epub+zip",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "wacz" => "application/wacz",
        "apk" => "application/vnd.android.package-archive",
        "jar" => "application/java-archive",
        _ if declared.ends_with("+zip")
            || declared.starts_with("application/vnd.openxmlformats-")
            || declared.starts_with("application/vnd.oasis.") =>
        {
            declared
        }
        _ => "application/zip",
    };
    found.to_owned()
}

const PDF: &str = "application/pdf";

/// Whether a type or name that was declared says PDF.
fn called_pdf(declared: &str, extension: &str) -> bool {
    let unsaid = matches!(
        declared,
        "" | "application/octet-stream"
            | "binary/octet-stream"
            | "application/x-download"
            | "application/force-download"
            | "application/download"
            | "application/unknown"
    );
    matches!(declared, PDF | "application/x-pdf" | "application/acrobat")
        || (unsaid && extension == "pdf")
}

/// Bytes in which readers of PDF look for its header (ISO 32000-1, annex H, note 13).
const PDF_HEADER: usize = 1024;

/// Whether the header of a PDF stands behind other bytes, as a careless server or an envelope of a
/// printer or a file system puts them there.
///
/// A text about PDF may hold the same words: where nothing but the bytes says PDF, what follows
/// has to be the rest of one, and a page is a page.
fn pdf_behind_junk(beginning: &[u8], declared: &str, extension: &str) -> bool {
    let window = beginning.get(..(PDF_HEADER + 8).min(beginning.len()));
    let window = window.unwrap_or_default();
    let header = window.windows(8).position(|bytes| {
        matches!(bytes, [b'%', b'P', b'D', b'F', b'-', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit())
    });
    let Some(at) = header else { return false };
    if called_pdf(declared, extension) {
        return true;
    }
    let (before, behind) = beginning.split_at_checked(at).unwrap_or_default();
    let page = text(before)
        .and_then(|text| markup(text.trim_start(), "", ""))
        .is_some();
    // The second line is a comment of four or more bytes that are no ASCII (ISO 32000-1, 7.5.2), or
    // the first object comes.
    let behind = behind.get(8..behind.len().min(64)).unwrap_or_default();
    let marked = behind
        .windows(5)
        .any(|bytes| bytes.starts_with(b"%") && bytes.iter().skip(1).all(|byte| !byte.is_ascii()));
    let object = behind.windows(4).any(|bytes| bytes == b" obj");
    !page && (marked || object)
}

/// HTML and XML.
fn markup(start: &str, declared: &str, extension: &str) -> Option<String> {
    let mut rest = start;
    let mut xml = false;
    // Comments and processing instructions may stand before what says the type.
    for _ in 0..16 {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("<!--") {
            match comment.find("-->").and_then(|at| comment.get(at + 3..)) {
                Some(behind) => rest = behind,
                // The comment is longer than what we see; only pages begin like that.
                None if xml => break,
                None => return Some("text/html".to_owned()),
            }
        } else if let Some(instruction) = rest.strip_prefix("<?") {
            xml |= instruction.starts_with("xml");
            match instruction
                .find('>')
                .and_then(|at| instruction.get(at + 1..))
            {
                Some(behind) => rest = behind,
                None => break,
            }
        } else {
            break;
        }
    }
    let head: String = rest
        .chars()
        .take(400)
        .collect::<String>()
        .to_ascii_lowercase();
    if let Some(kind) = head.strip_prefix("<!doctype") {
        let kind = kind.trim_start();
        if kind.starts_with("html") {
            let xhtml = (xml || kind.contains("xhtml")) && declared == "application/xhtml+xml";
            return Some(if xhtml { declared } else { "text/html" }.to_owned());
        }
        return Some(xml_type(rest, declared, extension));
    }
    let tag: &str = head
        .strip_prefix('<')
        .and_then(|head| {
            head.split(|c: char| !c.is_ascii_alphanumeric() && c != ':')
                .next()
        })
        .unwrap_or_default();
    if tag == "html" {
        let xhtml = declared == "application/xhtml+xml";
        return Some(if xhtml { declared } else { "text/html" }.to_owned());
    }
    if xml
        || matches!(
            tag,
            "rss" | "feed" | "svg" | "urlset" | "sitemapindex" | "rdf:rdf"
        )
    {
        return Some(xml_type(rest, declared, extension));
    }
    let is_html = matches!(declared, "text/html" | "application/xhtml+xml");
    let hinted = is_html
        || (declared.is_empty() && matches!(extension, "html" | "htm" | "xhtml" | "shtml" | "php"));
    let tagged = SURE_TAGS.contains(&tag) || (hinted && HTML_TAGS.contains(&tag));
    let untagged = is_html && !looks_like_json(rest);
    if tagged || (hinted && rest.starts_with('<')) || untagged {
        return Some("text/html".to_owned());
    }
    None
}

fn xml_type(rest: &str, declared: &str, extension: &str) -> String {
    // Up to the name of the first element.
    let mut root = "";
    for part in rest.split('<').skip(1).take(8) {
        if part.starts_with(|c: char| c.is_alphabetic()) {
            let name = part.split(|c: char| c.is_whitespace() || c == '>' || c == '/');
            root = name.into_iter().next().unwrap_or_default();
            break;
        }
    }
    let found = match root.to_ascii_lowercase().as_str() {
        "rss" => "application/rss+xml",
        "feed" => "application/atom+xml",
        "rdf:rdf" if rest.contains("purl.org/rss") || declared.contains("rss") => {
            "application/rss+xml"
        }
        "rdf:rdf" => "application/rdf+xml",
        "svg" | "svg:svg" => "image/svg+xml",
        "html" => "application/xhtml+xml",
        "opml" => "text/x-opml",
        "tt" if declared != "application/xml" => "application/ttml+xml",
        _ if declared.ends_with("+xml") => declared,
        _ if extension == "svg" => "image/svg+xml",
        _ => "application/xml",
    };
    found.to_owned()
}

/// Text that is no markup. The hints tell its kinds apart.
fn other_text(start: &str, declared: &str, extension: &str) -> Option<String> {
    if looks_like_json(start) {
        if matches!(declared, "application/json" | "text/json") || declared.ends_with("+json") {
            return Some(declared.to_owned());
        }
        let lines = matches!(extension, "ndjson" | "jsonl" | "cdxj");
        let code = matches!(
            declared,
            "text/css" | "text/javascript" | "application/javascript"
        );
        if lines {
            return Some("application/x-ndjson".to_owned());
        }
        if !code && !matches!(extension, "css" | "js" | "txt" | "md") {
            return Some("application/json".to_owned());
        }
    }
    if is_textual(declared) && declared != "text/plain" && declared != "text/html" {
        return Some(declared.to_owned());
    }
    let found = match extension {
        "css" => "text/css",
        "js" | "mjs" => "text/javascript",
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "md" | "markdown" => "text/markdown",
        "vtt" => "text/vtt",
        "srt" => "application/x-subrip",
        "tex" => "text/x-tex",
        _ => return None,
    };
    Some(found.to_owned())
}

/// An object or array whose first member is one.
fn looks_like_json(start: &str) -> bool {
    let inside = |rest: &str| rest.trim_start().chars().next();
    if let Some(rest) = start.strip_prefix('{') {
        return matches!(inside(rest), Some('"' | '}'));
    }
    match start.strip_prefix('[').and_then(inside) {
        Some(first) => matches!(first, '{' | '[' | '"' | ']' | '-') || first.is_ascii_digit(),
        None => false,
    }
}

/// A declared type that text may have.
fn is_textual(declared: &str) -> bool {
    declared.starts_with("text/")
        || declared.ends_with("+xml")
        || declared.ends_with("+json")
        || matches!(
            declared,
            "application/json"
                | "application/xml"
                | "application/javascript"
                | "application/x-javascript"
                | "application/ecmascript"
                | "application/warc-fields"
                | "application/x-subrip"
                | "application/x-ndjson"
        )
}

/// Bytes that are neither text nor a format known by its beginning: the declared type, if it is
/// one that such bytes may have.
fn unknown(beginning: &[u8], declared: &str, extension: &str) -> String {
    let media = ["audio/", "video/", "image/", "font/", "model/"];
    if !beginning.is_empty() && media.iter().any(|kind| declared.starts_with(kind)) {
        return declared.to_owned();
    }
    // What is wrong with it is for its reader to say.
    if called_pdf(declared, extension) {
        return PDF.to_owned();
    }
    // A page in a legacy charset with stray control characters is a page still.
    let start = beginning.trim_ascii_start();
    let page = start.starts_with(b"<") && (declared == "text/html" || extension == "html");
    if page {
        "text/html"
    } else {
        "application/octet-stream"
    }
    .to_owned()
}

/// The beginning as text, if it has no bytes that text does not have (WHATWG MIME sniffing,
/// section 3: binary data bytes). What is not UTF-8 counts as some charset of one byte.
fn text(beginning: &[u8]) -> Option<String> {
    let wide = match beginning {
        [0xfe, 0xff, ..] => Some(true),
        [0xff, 0xfe, ..] => Some(false),
        _ => None,
    };
    if let Some(big_endian) = wide {
        let units = beginning
            .chunks_exact(2)
            .map(|pair| match (pair, big_endian) {
                ([high, low], true) | ([low, high], false) => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
        return Some(
            char::decode_utf16(units)
                .map(|c| c.unwrap_or('\u{fffd}'))
                .collect(),
        );
    }
    let binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if beginning.iter().any(binary) {
        return None;
    }
    Some(String::from_utf8_lossy(beginning).into_owned())
}

/// The extension of a path or of the path of an address, lower case; empty without one.
fn extension(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((_, extension)) if extension.len() <= 8 => extension.to_ascii_lowercase(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
