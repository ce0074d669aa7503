//! Writes PDFs, sound and broken ones: objects, a table of them, a trailer.

use std::io::Write as _;

use flate2::{Compress, Compression, FlushCompress};

/// A PDF in the making; objects are numbered from 1.
#[derive(Default)]
pub(crate) struct Writer {
    objects: Vec<Vec<u8>>,
}

impl Writer {
    /// Adds an object and returns its number.
    pub(crate) fn add(&mut self, body: impl AsRef<[u8]>) -> usize {
        self.objects.push(body.as_ref().to_vec());
        self.objects.len()
    }

    /// Adds a stream; `dictionary` is what it says beside its length.
    pub(crate) fn stream(&mut self, dictionary: &str, bytes: &[u8]) -> usize {
        let mut body = format!("<< {dictionary} /Length {} >>\nstream\n", bytes.len()).into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\nendstream");
        self.add(body)
    }

    /// Takes a number whose object is set later.
    pub(crate) fn reserve(&mut self) -> usize {
        self.add("null")
    }

    pub(crate) fn set(&mut self, number: usize, body: impl AsRef<[u8]>) {
        self.objects[number - 1] = body.as_ref().to_vec();
    }

    /// The file, with this catalogue and further entries of the trailer.
    pub(crate) fn finish(&self, catalogue: usize, trailer: &str) -> Vec<u8> {
        let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut offsets = Vec::with_capacity(self.objects.len());
        for (index, body) in self.objects.iter().enumerate() {
            offsets.push(file.len());
            writeln!(file, "{} 0 obj", index + 1).unwrap();
            file.extend_from_slice(body);
            file.extend_from_slice(b"\nendobj\n");
        }
        let table = file.len();
        let count = self.objects.len() + 1;
        writeln!(file, "xref\n0 {count}\n0000000000 65535 f ").unwrap();
        for offset in offsets {
            writeln!(file, "{offset:010} 00000 n ").unwrap();
        }
        writeln!(
            file,
            "trailer\n<< /Size {count} /Root {catalogue} 0 R {trailer} >>\nstartxref\n{table}\n%%EOF"
        )
        .unwrap();
        file
    }
}

/// The one font of most fixtures.
pub(crate) const HELVETICA: &str =
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

/// Lines of text as the content of a page.
pub(crate) fn lines(text: &[&str]) -> String {
    let mut content = "BT /F1 12 Tf 14 TL 72 720 Td".to_owned();
    for line in text {
        content.push_str(&format!(" ({line}) Tj T*"));
    }
    content.push_str(" ET");
    content
}

/// A sound document of pages with these contents.
pub(crate) fn document(pages: &[&str], title: &str) -> Vec<u8> {
    let mut writer = Writer::default();
    let tree = writer.reserve();
    let font = writer.add(HELVETICA);
    let mut kids = String::new();
    for content in pages {
        let content = writer.stream("", content.as_bytes());
        let page = writer.add(page(tree, content, &format!("/Font << /F1 {font} 0 R >>")));
        kids.push_str(&format!("{page} 0 R "));
    }
    writer.set(tree, tree_of(&kids, pages.len()));
    let info = writer.add(format!("<< /Title ({title}) >>"));
    let catalogue = writer.add(catalogue(tree));
    writer.finish(catalogue, &format!("/Info {info} 0 R"))
}

/// A page of a tree.
pub(crate) fn page(tree: usize, content: usize, resources: &str) -> String {
    format!(
        "<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 612 792] /Contents {content} 0 R \
         /Resources << {resources} >> >>"
    )
}

/// A node of the tree of pages.
pub(crate) fn tree_of(kids: &str, count: usize) -> String {
    format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>")
}

pub(crate) fn catalogue(tree: usize) -> String {
    format!("<< /Type /Catalog /Pages {tree} 0 R >>")
}

/// A zlib stream that inflates to so many MiB of zeros, which are white space in PDF: some 1,000
/// bytes for each.
pub(crate) fn zeros(mebibytes: u32) -> Vec<u8> {
    let mebibyte = vec![0; 1 << 20];
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(1 << 16);
    // Ends at a byte, and refers to nothing before it, so that it can be repeated.
    compress
        .compress_vec(&mebibyte, &mut block, FlushCompress::Full)
        .unwrap();
    assert_eq!(compress.total_in(), 1 << 20);
    let mut stream = vec![0x78, 0xda];
    for _ in 0..mebibytes {
        stream.extend_from_slice(&block);
    }
    // The last block, empty; then Adler-32 (RFC 1950), whose first sum stays 1.
    stream.extend_from_slice(&[3, 0]);
    let second = (u64::from(mebibytes) << 20) % 65521;
    stream.extend_from_slice(&((second as u32) << 16 | 1).to_be_bytes());
    stream
}

/// Runs of one byte (ISO 32000-1, 7.4.5): the same for every version of every library.
pub(crate) fn run_lengths(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        for part in run.chunks(128) {
            match part {
                [byte] => encoded.extend_from_slice(&[0, *byte]),
                [byte, ..] => encoded.extend_from_slice(&[(257 - part.len()) as u8, *byte]),
                [] => {}
            }
        }
    }
    encoded.push(128);
    encoded
}

/// A zlib stream of these bytes.
pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
