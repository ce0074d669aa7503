//! Asks queries that hit a PDF of 1,000 pages, with it and without it in the same collection, and
//! prints the ratio of the processor times of whole pages.
//!
//! `cargo bench -p conspectus --bench long_pdf -- INDEX`
//!
//! The PDF is made of the pages of the PDFs in the index, one after the other, again from the first
//! where they end. The queries are runs of one to six words of its pages; those are counted whose
//! page of results shows it.
#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use engine::embedded::{Embedded, Options};
use engine::{Change, Engine as _, View};
use model::address::Surt;
use model::capture::Capture;
use model::contribution::{Body, Contribution};
use model::document::{Document, DocumentId, DocumentKind, Key, Locator, Passage};
use model::page::Block;
use model::record::{Digest, MediaType, Origin};
use model::time::UnixSeconds;
use render::Renderer as _;
use search::Request;

const PAGES: usize = 1_000;
const QUERIES: usize = 200;
const ROUNDS: usize = 3;
/// Documents that are taken from the index beside the PDF.
const OTHERS: usize = 5_000;

/// Processor time of this thread in milliseconds.
fn processor_ms() -> f64 {
    let clock = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    clock.tv_sec as f64 * 1e3 + clock.tv_nsec as f64 / 1e6
}

/// xorshift64: the same queries in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// The passages of each page of all PDFs, in order.
fn pages(documents: &[Document]) -> Vec<Vec<Passage>> {
    let mut pages: Vec<Vec<Passage>> = Vec::new();
    let pdfs = documents
        .iter()
        .filter(|document| matches!(document.kind, DocumentKind::Pdf { .. }));
    for pdf in pdfs {
        let mut last = None;
        for passage in &pdf.passages {
            if last != Some(&passage.locator) {
                pages.push(Vec::new());
            }
            last = Some(&passage.locator);
            if let Some(page) = pages.last_mut() {
                page.push(passage.clone());
            }
        }
    }
    pages
}

/// A contribution and a capture of a document.
fn changes(document: Document, number: usize) -> [Change; 2] {
    let captured = UnixSeconds(1_700_000_000);
    let surt = Surt::of(&document.url);
    let digest = match &document.key {
        Key::State { digest, .. } => Some(*digest),
        _ => None,
    };
    let origin = Origin {
        source: "/bench".to_owned(),
        path: format!("{number:06}"),
        steps: Vec::new(),
        digest: None,
    };
    let capture = Capture {
        id: Capture::id_of(&surt, captured, Some(200), digest, None, "bench"),
        surt,
        url: document.url.clone(),
        captured,
        status: Some(200),
        media_type: MediaType::new("application/pdf"),
        digest,
        archive_digest: None,
        refers_to: None,
        origins: vec![origin.clone()],
        collection: "bench".to_owned(),
        document: Some(document.id),
    };
    let contribution = Contribution {
        key: document.key.clone(),
        origin,
        collection: "bench".to_owned(),
        captured,
        url: document.url.clone(),
        body: Body::Document(Box::new(document)),
    };
    [
        Change::Contribution(Box::new(contribution)),
        Change::Capture(Box::new(capture)),
    ]
}

/// A collection in a folder of its own; it lives as long as the folder.
fn collection(
    documents: impl Iterator<Item = Document>,
) -> Result<(tempfile::TempDir, Arc<dyn View>), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let engine = Embedded::open(folder.path(), Options::new("bench", || UnixSeconds(0)))?;
    {
        let mut writer = engine.writer()?;
        for (number, document) in documents.enumerate() {
            for change in changes(document, number) {
                writer.apply(change)?;
            }
        }
        writer.commit(&[])?;
    }
    let view = engine.view()?;
    Ok((folder, view))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let index = std::env::args_os()
        .skip(1)
        .find(|argument| argument != "--bench");
    let Some(index) = index.map(PathBuf::from) else {
        println!("name an index: cargo bench -p conspectus --bench long_pdf -- INDEX");
        return Ok(());
    };
    let view = Embedded::open(&index, Options::new("bench", || UnixSeconds(0)))?.view()?;
    let mut documents = Vec::new();
    for id in view.ids_after(None, OTHERS)? {
        documents.extend(view.document(id)?);
    }
    let pages = pages(&documents);
    if pages.is_empty() {
        return Err("the index holds no PDF with text".into());
    }
    let long_pages: Vec<Vec<Passage>> = pages.into_iter().cycle().take(PAGES).collect();
    let key = Key::State {
        surt: Surt::of("https://long.example/long.pdf"),
        digest: Digest::of(b"long"),
    };
    let long = Document {
        id: DocumentId::of(&key),
        key,
        url: "https://long.example/long.pdf".to_owned(),
        canonical: None,
        kind: DocumentKind::Pdf {
            pages: Some(PAGES as u32),
            no_text_layer: false,
        },
        title: "Collected papers".to_owned(),
        description: None,
        site_name: None,
        author: None,
        breadcrumb: Vec::new(),
        language: Some("en".to_owned()),
        published: None,
        modified: None,
        passages: (1..)
            .zip(&long_pages)
            .flat_map(|(number, page)| page.iter().map(move |passage| (number, passage)))
            .map(|(number, passage)| Passage {
                locator: NonZeroU32::new(number).map_or(Locator::Top, Locator::Page),
                ..passage.clone()
            })
            .collect(),
        links: Vec::new(),
        thumbnail: None,
        read_from: std::collections::BTreeMap::default(),
        warnings: Vec::new(),
    };
    println!(
        "collection          {} documents; the PDF has {PAGES} pages, {} passages, {:.1} MB of text",
        documents.len(),
        long.passages.len(),
        long.passages.iter().map(|p| p.text.len()).sum::<usize>() as f64 / 1e6,
    );
    let id = long.id;
    let (_without_folder, without) = collection(documents.iter().cloned())?;
    let (_with_folder, with) = collection(documents.into_iter().chain([long]))?;

    let mut random = Random(0x5EED);
    let (mut times, mut counted, mut tried) = ([0.0, 0.0], 0, 0);
    let mut worst = (0.0, String::new());
    while counted < QUERIES && tried < QUERIES * 10 {
        tried += 1;
        let page = &long_pages[random.below(PAGES)];
        let text = &page[random.below(page.len())].text;
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 1)
            .collect();
        let wanted = 1 + random.below(6);
        if words.len() < wanted {
            continue;
        }
        let start = random.below(words.len() - wanted + 1);
        let request = Request {
            text: words[start..start + wanted].join(" "),
            tab: model::page::Tab::All,
            now: "2026-11-24T00:00:00Z".parse()?,
            offset: 0,
            count: 10,
            explain: true,
            operators: true,
            languages: Vec::new(),
        };
        let shown = search::search(&*with, &request)?
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Web(result) if result.document == id));
        if !shown {
            continue;
        }
        counted += 1;
        let mut took = [f64::INFINITY; 2];
        for round in 0..=ROUNDS {
            for (view, took) in [&with, &without].into_iter().zip(&mut took) {
                let started = processor_ms();
                let html = render::Html.render(&search::search(&**view, &request)?);
                assert!(!html.is_empty());
                // The first round brings both into memory.
                if round > 0 {
                    *took = took.min(processor_ms() - started);
                }
            }
        }
        let ratio = took[0] / took[1];
        if ratio > worst.0 {
            worst = (ratio, request.text);
        }
        for (sum, took) in times.iter_mut().zip(took) {
            *sum += took;
        }
    }
    let [with, without] = times.map(|sum| sum / f64::from(counted.max(1) as u32));
    println!("queries             {counted} that show the PDF, of {tried}");
    println!("whole page          with it {with:.2} ms, without {without:.2} ms of processor time");
    println!("ratio of the means  {:.2} (at most 2)", with / without);
    println!("worst query         {:.1}: {}", worst.0, worst.1);
    Ok(())
}
