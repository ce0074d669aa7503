//! PDFs: pages, lines in reading order, metadata, passages with their page.
//!
//! `glyphs` runs the content of a page and collects its letters (with `cid` for fonts that have
//! no map), `pieces` makes words and pieces of lines of them, `order` (with `cells`
//! for tables) puts these into reading order, `lines` finds lines and paragraphs, `furniture` running heads and feet, `paragraphs`
//! makes passages; `picture` is what a program of the user's reads where a page has no text.
//! `metadata`, `title`, `outline` and `links` read what the file says of itself.

mod bidi;
mod cells;
mod cid;
mod furniture;
mod glyphs;
mod line;
mod lines;
mod links;
mod metadata;
mod order;
mod outline;
mod paragraphs;
mod picture;
mod pieces;
mod title;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use hayro_syntax::object::Dict;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use model::address::Surt;
use model::document::{Document, DocumentId, DocumentKind, Evidence, Field, Key, Link, Passage};
use model::record::{MediaType, Record};

use crate::ocr::{self, Ocr};
use crate::{ExtractError, Extracted, Extractor, Options, language, payload};
use glyphs::Runner;
use line::{Line, PageLines};

/// More than any setting of `payload_mebibytes` lets through, in practice.
const PAYLOAD_BYTES: usize = 512 << 20;
/// Pages that are read.
const MOST_PAGES: usize = 10_000;
/// Text that is kept, bytes: some forty long novels.
const TEXT_BYTES: usize = 32 << 20;
/// Links that are kept.
const MOST_LINKS: usize = 10_000;
/// Letters below which a page has no text.
const FEW_LETTERS: usize = 3;
/// The same for a page that is a picture: archives stamp scans with numbers and names.
const STAMP_LETTERS: usize = 24;
/// A picture that covers so much of a page is the page.
const PICTURED: f32 = 0.5;
/// Size that the letters of recognised text are given, points.
const RECOGNISED_SIZE: f32 = 10.0;
/// Pages that a reader leafs through to see what it is.
const FIRST_PAGES: usize = 3;

/// Reads PDF.
pub struct PdfExtractor;

impl Extractor for PdfExtractor {
    fn accepts(&self, media_type: &MediaType) -> bool {
        matches!(media_type.as_str(), "application/pdf" | "application/x-pdf")
    }

    fn extract(&self, record: &Record, options: &Options) -> Result<Extracted, ExtractError> {
        let digest = record.digest.ok_or_else(|| ExtractError::NoDigest {
            url: record.url.clone(),
        })?;
        let (bytes, whole) = payload::read(record, PAYLOAD_BYTES)?;
        let mut warnings = Vec::new();
        if !whole {
            warnings.push(format!("only the first {PAYLOAD_BYTES} bytes were read"));
        }
        let pdf = opened(bytes.into_owned(), whole && !record.truncated).map_err(|reason| {
            ExtractError::Broken {
                url: record.url.clone(),
                reason,
            }
        })?;
        let found = pdf.pages().len();
        if let Some(declared) = declared_pages(&pdf).filter(|declared| *declared > found) {
            warnings.push(format!(
                "only {found} of the {declared} pages that it names are there: it is damaged or cut off"
            ));
        }
        let outline = outline::of(&pdf);
        let stated = metadata::of(&pdf);
        let mut read = Read::of(&pdf, &mut warnings);
        read.mark();
        if let Some(ocr) = &options.ocr {
            read.recognise(&pdf, ocr, stated.language.as_deref(), &mut warnings);
        }
        let body = paragraphs::body_size(&read.pages);
        furniture::keep_first(&mut read.pages, &read.without_text);
        let passages = paragraphs::of(&read.pages, &outline, body);
        let mut read_from = BTreeMap::new();
        let first = read.pages.get(..FIRST_PAGES).unwrap_or(&read.pages);
        let (title, title_from) = title::of(&stated, first, &outline, &record.url);
        read_from.insert(Field::Title, title_from);
        let language = language_of(&passages, stated.language.clone());
        if let Some((_, evidence)) = &language {
            read_from.insert(Field::Language, *evidence);
        }
        let language = language.map(|(tag, _)| tag);
        if stated.author.is_some() {
            read_from.insert(Field::Author, Evidence::Embedded);
        }
        if stated.description.is_some() {
            read_from.insert(Field::Description, Evidence::Embedded);
        }
        let published = first.first().and_then(|page| {
            metadata::published(
                &stated,
                page,
                &record.url,
                record.captured,
                language.as_deref(),
            )
        });
        let modified = first.first().and_then(|page| {
            let published = published.map(|(date, _)| date);
            metadata::modified(
                &stated,
                page,
                published,
                record.captured,
                language.as_deref(),
            )
        });
        let dates = [(Field::Published, published), (Field::Modified, modified)];
        for (field, date) in dates {
            read_from.extend(date.map(|(_, evidence)| (field, evidence)));
        }
        let page_count = u32::try_from(found).unwrap_or(u32::MAX);
        let key = Key::State {
            surt: Surt::of(&record.url),
            digest,
        };
        let document = Document {
            id: DocumentId::of(&key),
            key,
            url: record.url.clone(),
            canonical: None,
            kind: DocumentKind::Pdf {
                pages: Some(page_count),
                no_text_layer: passages.is_empty()
                    || read.without_text.len() * 5 >= read.pages.len() * 4,
            },
            title,
            description: stated.description.clone(),
            site_name: None,
            author: stated.author.clone(),
            breadcrumb: Vec::new(),
            language,
            published: published.map(|(date, _)| date),
            modified: modified.map(|(date, _)| date),
            passages,
            links: read.links,
            thumbnail: None,
            read_from,
            warnings,
        };
        Ok(Extracted {
            documents: vec![document],
            ..Extracted::default()
        })
    }
}

/// Opens a file, or says why not.
fn opened(bytes: Vec<u8>, whole: bool) -> Result<Pdf, String> {
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            "it is encrypted and needs a password: remove the password and add it again".to_owned()
        }
        LoadPdfError::Decryption(_) => "it is encrypted in a way that nobody knows".to_owned(),
        LoadPdfError::Invalid if whole => "it is no PDF, or it is damaged".to_owned(),
        LoadPdfError::Invalid => "it is cut off, and its table of objects is missing".to_owned(),
    })?;
    if pdf.pages().is_empty() {
        return Err("it has no pages".to_owned());
    }
    Ok(pdf)
}

/// How many pages the file says it has.
fn declared_pages(pdf: &Pdf) -> Option<usize> {
    let catalog: Dict<'_> = pdf.xref().get(pdf.xref().root_id())?;
    let count = catalog.get::<Dict<'_>>("Pages")?.get::<u32>("Count")?;
    usize::try_from(count).ok()
}

/// What running the pages gave.
struct Read {
    pages: Vec<PageLines>,
    links: Vec<Link>,
    /// Pages that are mostly a picture.
    pictured: BTreeSet<NonZeroU32>,
    /// Pages without letters, or with a stamp or a page number only, in order.
    without_text: Vec<NonZeroU32>,
}

impl Read {
    fn of(pdf: &Pdf, warnings: &mut Vec<String>) -> Self {
        let mut read = Self {
            pages: Vec::new(),
            links: Vec::new(),
            pictured: BTreeSet::new(),
            without_text: Vec::new(),
        };
        let mut runner = Runner::new(pdf);
        let mut known: BTreeSet<Link> = BTreeSet::new();
        let (mut letters, mut unmapped, mut cut, mut bytes) = (0, 0, 0, 0);
        for (index, page) in pdf.pages().iter().enumerate() {
            let number = u32::try_from(index)
                .ok()
                .and_then(|index| NonZeroU32::MIN.checked_add(index));
            let Some(number) = number.filter(|_| index < MOST_PAGES && bytes < TEXT_BYTES) else {
                warnings.push(format!("only the first {index} pages were read"));
                break;
            };
            let printed = runner.run(page);
            letters += printed.letters.len();
            unmapped += printed.unmapped;
            cut += usize::from(printed.cut);
            let lines = lines::of(&printed, number);
            bytes += lines
                .lines
                .iter()
                .map(|line| line.text.len())
                .sum::<usize>();
            if printed.pictured >= PICTURED {
                read.pictured.insert(number);
            }
            for link in links::of(page, &lines, Runner::upright(page)) {
                if read.links.len() < MOST_LINKS && known.insert(link.clone()) {
                    read.links.push(link);
                }
            }
            read.pages.push(lines);
        }
        if unmapped * 10 > letters {
            warnings.push(format!(
                "{unmapped} of {} signs are of fonts that do not say which letters they are",
                letters + unmapped
            ));
        }
        if cut > 0 {
            warnings.push(format!("{cut} pages have more letters than are read"));
        }
        read
    }

    /// Marks running heads and feet, and finds the pages on which nothing else stands.
    fn mark(&mut self) {
        let body = paragraphs::body_size(&self.pages);
        furniture::mark(&mut self.pages, body);
        let has_text = |page: &&PageLines| {
            let lines = page.lines.iter().filter(|line| !line.furniture);
            let letters = lines
                .flat_map(|line| line.text.chars())
                .filter(|char| char.is_alphanumeric());
            let enough = if self.pictured.contains(&page.number) {
                STAMP_LETTERS
            } else {
                FEW_LETTERS
            };
            letters.take(enough).count() == enough
        };
        let without = self.pages.iter().filter(|page| !has_text(page));
        self.without_text = without.map(|page| page.number).collect();
    }

    /// Has the pages without text read by the user's program.
    fn recognise(
        &mut self,
        pdf: &Pdf,
        ocr: &Ocr,
        language: Option<&str>,
        warnings: &mut Vec<String>,
    ) {
        if self.without_text.is_empty() {
            return;
        }
        let mut image = |number: NonZeroU32| {
            let index = usize::try_from(number.get() - 1).ok()?;
            picture::of(pdf, pdf.pages().get(index)?)
        };
        let bytes: &[u8] = pdf.data().as_ref();
        let (texts, problems) = ocr::read(ocr, bytes, &self.without_text, language, &mut image);
        warnings.extend(problems);
        self.without_text
            .retain(|number| !texts.contains_key(number));
        for page in &mut self.pages {
            if let Some(text) = texts.get(&page.number) {
                page.lines = as_printed(text, page);
            }
        }
        let body = paragraphs::body_size(&self.pages);
        furniture::mark(&mut self.pages, body);
        if !texts.is_empty() {
            warnings.push(format!(
                "the text of {} pages was recognised by a program, not printed in the file",
                texts.len()
            ));
        }
    }
}

/// The lines of a recognised page, as if they were printed evenly from its top to its bottom.
fn as_printed(text: &str, page: &PageLines) -> Vec<Line> {
    let count = text.lines().count().max(1);
    let step = page.height / (count + 1) as f32;
    let mut lines = Vec::new();
    let mut starts = true;
    for (index, line) in text.lines().enumerate() {
        let Some(text) = crate::text::folded(line) else {
            starts = true;
            continue;
        };
        lines.push(Line {
            right: page.width.min(RECOGNISED_SIZE * 0.5 * text.len() as f32),
            text: crate::text::nfc(text),
            left: 0.0,
            baseline: step * (index + 1) as f32,
            size: RECOGNISED_SIZE,
            bold: false,
            furniture: false,
            starts,
        });
        starts = false;
    }
    lines
}

/// What the text is in, else what the file says: programs fill that in by themselves.
fn language_of(passages: &[Passage], stated: Option<String>) -> Option<(String, Evidence)> {
    let texts: Vec<&str> = passages
        .iter()
        .take(10)
        .map(|passage| passage.text.as_str())
        .collect();
    let detected = language::detect(&texts.join("\n"));
    match (detected, stated) {
        // The same language, said more precisely.
        (Some(tag), Some(stated)) if stated.split('-').next() == Some(tag.as_str()) => {
            Some((stated, Evidence::Embedded))
        }
        (Some(tag), _) => Some((tag, Evidence::Detected)),
        (None, Some(stated)) => Some((stated, Evidence::Embedded)),
        (None, None) => None,
    }
}
