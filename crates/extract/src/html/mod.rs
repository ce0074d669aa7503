//! Web pages: bytes, tree, metadata, main text, passages.
//!
//! `dom` parses a page and walks over it once; `structured` (with `json_ld`, `microdata`, `rdfa`)
//! reads what it says in schema.org's words; `metadata`, `breadcrumb` and `links` take values from
//! both. `hidden` says what is no text, `clean` writes the page without it, `main_text` chooses
//! the main text, `blocks` and `align` find it again in the page, `passages` cuts it. `video` says
//! what the page says of videos; each is a document of its own behind that of the page. `forum`
//! takes the posts of a discussion, as parts of a thread in place of the page where it begins there.

mod align;
pub(crate) mod blocks;
mod breadcrumb;
mod clean;
pub(crate) mod dom;
mod forum;
mod hidden;
mod json_ld;
mod links;
mod main_text;
mod metadata;
mod microdata;
pub(crate) mod passages;
mod posts;
mod rdfa;
pub(crate) mod structured;
mod video;

use model::address::{Host, Surt};
use model::document::{Document, DocumentId, DocumentKind, Evidence, Field, Key, Passage};
use model::record::{MediaType, Record};
use scraper::Html;

use blocks::Block;
use dom::Page;
use main_text::{MainText, Trafilatura};
use structured::StructuredData;

use crate::text::squash;
use crate::{ExtractError, Extracted, Extractor, Options, charset, date, language, payload};

pub(crate) use json_ld::unescape;
pub(crate) use microdata::value as microdata_value;

/// What is read of a page; larger ones are data that was wrapped into HTML.
const PAYLOAD_BYTES: usize = 8 * 1024 * 1024;
/// A `meta` refresh up to this is a redirect, a later one reloads a page that is meant to be read.
const REFRESH_SECONDS: f32 = 5.0;

/// A page above this is taken whole, outside navigation, head and foot: it is a book on one page
/// or a listing, and the search for its main text would hold its tree in memory several times.
const SEARCHED_BYTES: usize = 2 * 1024 * 1024;
/// A page that sends its readers on and shows fewer characters than this is nothing but a
/// redirect: nobody wants to find it beside its target.
const READ_CHARS: usize = 400;

/// Reads HTML and XHTML.
pub struct HtmlExtractor;

impl Extractor for HtmlExtractor {
    fn accepts(&self, media_type: &MediaType) -> bool {
        media_type.is_html()
    }

    fn extract(&self, record: &Record, _: &Options) -> Result<Extracted, ExtractError> {
        let digest = record.digest.ok_or_else(|| ExtractError::NoDigest {
            url: record.url.clone(),
        })?;
        let (bytes, whole) = payload::read(record, PAYLOAD_BYTES)?;
        let host = Host::of(&record.url);
        let (text, damaged) = charset::decode(&bytes, record.header("content-type"), host.as_str());
        drop(bytes);
        let mut warnings = Vec::new();
        if !whole {
            warnings.push(format!("only the first {PAYLOAD_BYTES} bytes were read"));
        }
        warnings.extend(damaged);

        let page = Page::parse(&text, &record.url);
        drop(text);
        let data = StructuredData::of(&page);
        let mut metadata = metadata::of(&page, &data, record.header("content-language"));
        let lines = lines_of(&page);
        let redirect = metadata::refresh(&page, REFRESH_SECONDS);
        let shown: usize = lines.iter().map(|line| line.text.chars().count()).sum();
        if redirect.is_some() && shown < READ_CHARS {
            return Ok(Extracted {
                redirect,
                warnings,
                ..Extracted::default()
            });
        }
        let context = date::Context {
            page: &page,
            data: &data,
            lines: &lines,
            first_heading: first_heading(&page, &lines),
            captured: record.captured,
            last_modified: record.header("last-modified"),
            month_first: date::month_first(metadata.language.as_deref()),
        };
        let published = date::published(&context);
        let modified = date::modified(&context, published.map(|(date, _)| date));
        let canonical = metadata.canonical.as_deref();
        let (mut passages, mut thread) = (posts::discourse(&page), None);
        if passages.is_empty() {
            thread = forum::marked(&page, canonical);
            if thread.is_none() {
                passages = passages_of(&page, &lines, &record.url);
                thread = forum::declared(&page, &data, canonical, &passages);
            }
            if let Some(thread) = &thread {
                passages = thread.passages();
            }
        }
        if metadata.language.is_none() {
            let texts: Vec<&str> = passages
                .iter()
                .take(10)
                .map(|passage| passage.text.as_str())
                .collect();
            metadata.language = language::detect(&texts.join("\n"));
            if metadata.language.is_some() {
                metadata
                    .read_from
                    .insert(Field::Language, Evidence::Detected);
            }
        }
        if let Some((_, evidence)) = published {
            metadata.read_from.insert(Field::Published, evidence);
        }
        if let Some((_, evidence)) = modified {
            metadata.read_from.insert(Field::Modified, evidence);
        }
        let key = Key::State {
            surt: Surt::of(&record.url),
            digest,
        };
        let document = Document {
            id: DocumentId::of(&key),
            key,
            url: record.url.clone(),
            canonical: metadata.canonical,
            kind: DocumentKind::Page,
            title: metadata.title,
            description: metadata.description,
            site_name: metadata.site_name,
            author: metadata.author,
            breadcrumb: metadata.breadcrumb,
            language: metadata.language,
            published: published.map(|(date, _)| date),
            modified: modified.map(|(date, _)| date),
            passages,
            links: links::of(&page),
            thumbnail: metadata.thumbnail,
            read_from: metadata.read_from,
            warnings,
        };
        let parts = forum::parts(&page, thread, &document);
        // A page that shows a thread from its opening post is that thread: its text stands once.
        let is_thread = parts.iter().any(|(_, part)| part.head.is_some());
        let mut documents = if is_thread {
            Vec::new()
        } else {
            vec![document]
        };
        documents.extend(video::of(&page, &data, &record.url));
        Ok(Extracted {
            documents,
            parts,
            redirect,
            ..Extracted::default()
        })
    }
}

/// All that a page shows, block by block.
pub(crate) fn lines_of(page: &Page) -> Vec<Block> {
    blocks::of(page.body(), |node| hidden::is_left_out(page, node))
}

/// Where the heading of the page stands among them: the first `h1`, else the first heading that
/// the title repeats.
pub(crate) fn first_heading(page: &Page, lines: &[Block]) -> Option<usize> {
    let is_heading = |block: &Block| block.kind == blocks::BlockKind::Heading;
    let named = page.noted.first_headings.iter().find_map(|(_, id)| {
        let text = dom::some_text(page.node(*id)?)?;
        lines
            .iter()
            .position(|block| is_heading(block) && block.text.replace('\n', " ") == text)
    });
    named.or_else(|| {
        let title = page.noted.titles.iter().find_map(|id| page.node(*id))?;
        let title = squash(&dom::raw_text(title), 500);
        lines.iter().position(|block| {
            is_heading(block) && {
                let text = squash(&block.text, 500);
                text.len() >= 12 && title.contains(&text)
            }
        })
    })
}

/// The main text of a page and the comments below it.
fn passages_of(page: &Page, lines: &[Block], url: &str) -> Vec<Passage> {
    let places = align::Places::of(lines);
    let (main, comments) = if page.source_bytes > SEARCHED_BYTES {
        (fallback(page), Vec::new())
    } else {
        let written = clean::write(page);
        let found = Trafilatura.find(&written, page.url.as_ref());
        let mut main = fragment(&found.content);
        if letters(&main) == 0 {
            main = fallback(page);
        }
        (main, places.place(fragment(&found.comments)))
    };
    let main = places.place(main);
    let comments = align::without(comments, &main);
    let bare = url.split('#').next().unwrap_or(url);
    let permalink = |anchor: Option<&str>| match anchor {
        Some(anchor) => format!("{bare}#{anchor}"),
        None => bare.to_owned(),
    };
    let mut passages = passages::of(passages::without_hollow_headings(main));
    passages.extend(passages::comments(comments, permalink));
    passages
}

/// The blocks of a piece of HTML.
fn fragment(html: &str) -> Vec<Block> {
    if html.trim().is_empty() {
        return Vec::new();
    }
    let tree = Html::parse_fragment(html);
    blocks::of(tree.tree.root(), |_| false)
}

fn letters(blocks: &[Block]) -> usize {
    blocks
        .iter()
        .map(|block| block.text.chars().filter(|c| c.is_alphanumeric()).count())
        .sum()
}

/// All that a page shows outside navigation, head and foot.
fn fallback(page: &Page) -> Vec<Block> {
    let narrow = blocks::of(page.body(), |node| {
        hidden::is_left_out(page, node)
            || matches!(
                dom::name(node),
                "nav" | "footer" | "aside" | "button" | "form"
            )
    });
    if letters(&narrow) > 0 {
        return narrow;
    }
    blocks::of(page.body(), |node| hidden::is_left_out(page, node))
}
