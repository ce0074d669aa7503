//! Plain text and Markdown: paragraphs into passages.

use model::address::{Host, Surt, path_segments};
use model::document::{Document, DocumentId, DocumentKind, Evidence, Field, Key};
use model::record::{MediaType, Record};

use crate::html::blocks::{Block, BlockKind};
use crate::html::passages;
use crate::text::{fold, folded, head, nfc};
use crate::{ExtractError, Extracted, Extractor, Options, charset, language, payload};

/// More text than this makes a useless document; the rest of a log or a dump is left out.
const PAYLOAD_BYTES: usize = 16 * 1024 * 1024;
/// A first line longer than this is a paragraph, no title (characters).
const TITLE_CHARS: usize = 120;

/// Reads `text/plain` and `text/markdown`.
pub struct PlainExtractor;

impl Extractor for PlainExtractor {
    fn accepts(&self, media_type: &MediaType) -> bool {
        matches!(
            media_type.as_str(),
            "text/plain" | "text/markdown" | "text/x-markdown"
        )
    }

    fn extract(&self, record: &Record, _: &Options) -> Result<Extracted, ExtractError> {
        let digest = record.digest.ok_or_else(|| ExtractError::NoDigest {
            url: record.url.clone(),
        })?;
        let (bytes, whole) = payload::read(record, PAYLOAD_BYTES)?;
        let host = Host::of(&record.url);
        let (content, damaged) =
            charset::decode(&bytes, record.header("content-type"), host.as_str());
        let content = nfc(content.replace("\r\n", "\n").replace('\r', "\n"));
        let mut warnings = Vec::new();
        if !whole {
            warnings.push(format!("only the first {PAYLOAD_BYTES} bytes were read"));
        }
        warnings.extend(damaged);

        let file_name = path_segments(&record.url).pop();
        let markdown = record.media_type.as_str() != "text/plain"
            || file_name
                .as_deref()
                .and_then(|name| name.rsplit_once('.'))
                .is_some_and(|(_, extension)| {
                    extension.eq_ignore_ascii_case("md")
                        || extension.eq_ignore_ascii_case("markdown")
                });
        let blocks = blocks(&content, markdown);
        let (title, title_from) = title(&content, markdown, file_name.as_deref(), &record.url);
        let mut read_from = std::collections::BTreeMap::from([(Field::Title, title_from)]);
        let declared = record.header("content-language").and_then(language::tag);
        let found = match declared {
            Some(tag) => Some((tag, Evidence::Header)),
            None => language::detect(&content).map(|tag| (tag, Evidence::Detected)),
        };
        if let Some((_, evidence)) = &found {
            read_from.insert(Field::Language, *evidence);
        }
        let key = Key::State {
            surt: Surt::of(&record.url),
            digest,
        };
        let document = Document {
            id: DocumentId::of(&key),
            key,
            url: record.url.clone(),
            canonical: None,
            kind: DocumentKind::File {
                file_type: if markdown { "md" } else { "txt" }.to_owned(),
            },
            title,
            description: None,
            site_name: None,
            author: None,
            breadcrumb: Vec::new(),
            language: found.map(|(tag, _)| tag),
            published: None,
            modified: None,
            passages: passages::of(blocks),
            links: Vec::new(),
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

/// Paragraphs, lines joined where they are wrapped prose; in Markdown, `#` lines are headings and
/// fenced code keeps its lines.
fn blocks(content: &str, markdown: bool) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    let mut fenced = false;
    let flush = |lines: &mut Vec<&str>, blocks: &mut Vec<Block>| {
        let text = paragraph(lines);
        lines.clear();
        if !text.is_empty() {
            blocks.push(Block::new(BlockKind::Text, text));
        }
    };
    for line in content.lines() {
        if markdown && line.trim_start().starts_with("```") {
            flush(&mut lines, &mut blocks);
            fenced = !fenced;
            continue;
        }
        if fenced {
            let text = line.trim_end();
            if !text.is_empty() {
                blocks.push(Block::new(BlockKind::Pre, text.to_owned()));
            }
            continue;
        }
        if let Some(heading) = markdown.then(|| heading(line)).flatten() {
            flush(&mut lines, &mut blocks);
            blocks.push(Block::new(BlockKind::Heading, heading));
        } else if line.trim().is_empty() {
            flush(&mut lines, &mut blocks);
        } else {
            lines.push(line);
        }
    }
    flush(&mut lines, &mut blocks);
    blocks
}

/// `## Port #` → `Port`.
fn heading(line: &str) -> Option<String> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    if !(1..=6).contains(&level) || !rest.starts_with([' ', '\t']) {
        return None;
    }
    folded(rest.trim_end().trim_end_matches('#'))
}

/// Lines of prose wrapped at some width become one line; lists, verse and tables keep theirs.
fn paragraph(lines: &[&str]) -> String {
    let wrapped = lines.len() > 1
        && lines.iter().rev().skip(1).all(|line| {
            let length = line.trim_end().chars().count();
            (50..=120).contains(&length)
        })
        && lines.iter().all(|line| {
            !line
                .trim_start()
                .starts_with(['-', '*', '|', '+', '>', '\u{2022}'])
        });
    let kept: Vec<String> = lines.iter().filter_map(|line| folded(line)).collect();
    kept.join(if wrapped { " " } else { "\n" })
}

fn title(content: &str, markdown: bool, file_name: Option<&str>, url: &str) -> (String, Evidence) {
    let first = content.lines().find(|line| !line.trim().is_empty());
    if let Some(line) = first {
        if let Some(heading) = markdown.then(|| heading(line)).flatten() {
            return (heading, Evidence::Heading);
        }
        let line = fold(line);
        let letters = line.chars().filter(|c| c.is_alphanumeric()).count();
        if letters >= 3 && head(&line, TITLE_CHARS).len() == line.len() {
            return (nfc(line), Evidence::Text);
        }
    }
    let name = file_name.and_then(folded);
    (name.unwrap_or_else(|| url.to_owned()), Evidence::Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &str, markdown: bool, expected: &[&str]) {
        let found: Vec<String> = blocks(content, markdown)
            .into_iter()
            .map(|block| format!("{:?} {}", block.kind, block.text))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn wrapped_prose_is_joined_and_lists_are_not() {
        check(
            "The harbour of Istmere was dredged in spring, and ships of\ndeeper draught came.\n\n- salt\n- wool\n",
            false,
            &[
                "Text The harbour of Istmere was dredged in spring, and ships of deeper draught came.",
                "Text - salt\n- wool",
            ],
        );
    }

    #[test]
    fn markdown_has_headings_and_code() {
        check(
            "# Port\nText.\n## Dues ##\n```\nlet a = 1;\n```\n#hash\n",
            true,
            &[
                "Heading Port",
                "Text Text.",
                "Heading Dues",
                "Pre let a = 1;",
                "Text #hash",
            ],
        );
    }

    #[test]
    fn titles() {
        assert_eq!(title("\n Port dues \nx", false, None, "u").0, "Port dues");
        assert_eq!(title("--\n", false, Some("dues.txt"), "u").0, "dues.txt");
        assert_eq!(
            title("", false, None, "http://a.example/").0,
            "http://a.example/"
        );
    }
}
