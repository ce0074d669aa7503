//! Finds the blocks of the extracted text again in the page, which knows more of them: the
//! heading and anchor above, the line breaks of code, the cells of a row.
//!
//! The extract is a selection of the page in its order, but its blocks may be split or joined, and
//! spaces may be lost at inline elements. So both are read as streams of letters and digits: where
//! whole blocks of the page make whole blocks of the extract, those of the page are taken.

use std::collections::{HashMap, HashSet};

use super::blocks::Block;
use crate::text::squash;

/// Letters and digits by which candidates are looked up.
const KEY_CHARS: usize = 12;
/// Letters and digits by which a block that was cut short is still found.
const PREFIX_CHARS: usize = 40;
/// Candidates tried at one place: a page may hold the same line ten thousand times.
const MOST_CANDIDATES: usize = 50;

/// The blocks of the page, ready to be found.
pub(crate) struct Places<'a> {
    page: &'a [Block],
    squashed: Vec<String>,
    by_key: HashMap<String, Vec<usize>>,
    by_prefix: HashMap<String, Vec<usize>>,
}

impl<'a> Places<'a> {
    /// Notes the blocks of a page.
    pub(crate) fn of(page: &'a [Block]) -> Self {
        let squashed: Vec<String> = page
            .iter()
            .map(|block| squash(&block.text, usize::MAX))
            .collect();
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_prefix: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, text) in squashed.iter().enumerate() {
            if !text.is_empty() {
                by_key
                    .entry(prefix(text, KEY_CHARS))
                    .or_default()
                    .push(index);
                by_prefix
                    .entry(prefix(text, PREFIX_CHARS))
                    .or_default()
                    .push(index);
            }
        }
        Self {
            page,
            squashed,
            by_key,
            by_prefix,
        }
    }

    /// The page block at or behind `cursor` whose text the stream begins with; one before it
    /// where there is none.
    fn at(&self, stream: &str, cursor: usize) -> Option<usize> {
        // A block shorter than the key is noted under its whole text.
        let whole = prefix(stream, KEY_CHARS);
        let mut key = whole.as_str();
        loop {
            if let Some(candidates) = self.by_key.get(key) {
                let next = candidates.partition_point(|&index| index < cursor);
                let behind = candidates.get(next..).unwrap_or_default();
                let before = candidates.get(..next).unwrap_or_default();
                let found = behind
                    .iter()
                    .take(MOST_CANDIDATES)
                    .chain(before.iter().take(MOST_CANDIDATES))
                    .find(|&&index| {
                        self.squashed
                            .get(index)
                            .is_some_and(|text| stream.starts_with(text.as_str()))
                    });
                if let Some(&index) = found {
                    return Some(index);
                }
            }
            let (shorter, _) = key.char_indices().next_back()?;
            key = key.get(..shorter).filter(|key| !key.is_empty())?;
        }
    }

    /// The extract in blocks of the page where they can be found; those that cannot keep their
    /// text, and take heading and anchor from where they begin, or from the block before.
    pub(crate) fn place(&self, extract: Vec<Block>) -> Vec<Block> {
        let squashed: Vec<String> = extract
            .iter()
            .map(|block| squash(&block.text, usize::MAX))
            .collect();
        let stream: String = squashed.concat();
        let mut ends = HashSet::new();
        let mut starts = Vec::with_capacity(squashed.len());
        let mut at = 0;
        for text in &squashed {
            starts.push(at);
            at += text.len();
            ends.insert(at);
        }
        let mut placed: Vec<Block> = Vec::with_capacity(extract.len());
        // Extractors give nested elements twice; a page holds each of its blocks once.
        let mut taken: HashSet<usize> = HashSet::new();
        let (mut offset, mut cursor) = (0_usize, 0_usize);
        for ((block, text), start) in extract.into_iter().zip(&squashed).zip(starts) {
            // Taken with an earlier one, or nothing to read in it.
            if start < offset || text.is_empty() {
                continue;
            }
            let mut run = Vec::new();
            let (mut end, mut next) = (start, cursor);
            while let Some(index) = self.at(stream.get(end..).unwrap_or_default(), next) {
                // Short lines may stand anywhere; only a run in order is the same text.
                if !run.is_empty() && index != next {
                    break;
                }
                end += self.squashed.get(index).map_or(0, String::len);
                next = index + 1;
                run.push(index);
                if ends.contains(&end) {
                    break;
                }
            }
            if ends.contains(&end) && !run.is_empty() {
                placed.extend(
                    run.iter()
                        .filter(|&&index| taken.insert(index))
                        .filter_map(|&index| self.page.get(index).cloned()),
                );
                (offset, cursor) = (end, next);
                continue;
            }
            offset = start + text.len();
            let mut block = block;
            let near = self.by_prefix.get(&prefix(text, PREFIX_CHARS));
            let near = near.and_then(|candidates| {
                let next = candidates.iter().find(|&&index| index >= cursor);
                next.or_else(|| candidates.first()).copied()
            });
            if let Some(index) = near {
                cursor = index + 1;
            }
            let above = match near {
                Some(index) => self.page.get(index),
                None => placed.last(),
            };
            if let Some(above) = above {
                block.heading.clone_from(&above.heading);
                block.anchor.clone_from(&above.anchor);
                block.holder.clone_from(&above.holder);
            }
            placed.push(block);
        }
        placed
    }
}

fn prefix(text: &str, chars: usize) -> String {
    crate::text::head(text, chars).to_owned()
}

/// The blocks of `others` that do not occur in `kept`.
pub(crate) fn without(others: Vec<Block>, kept: &[Block]) -> Vec<Block> {
    let held: HashSet<String> = kept
        .iter()
        .map(|block| squash(&block.text, PREFIX_CHARS))
        .collect();
    others
        .into_iter()
        .filter(|block| !held.contains(&squash(&block.text, PREFIX_CHARS)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::blocks::BlockKind;

    #[track_caller]
    fn check(page: &[&str], extract: &[&str], expected: &[&str]) {
        let blocks = |texts: &[&str]| -> Vec<Block> {
            texts
                .iter()
                .map(|text| Block::new(BlockKind::Text, (*text).to_owned()))
                .collect()
        };
        let page = blocks(page);
        let found: Vec<String> = Places::of(&page)
            .place(blocks(extract))
            .into_iter()
            .map(|block| block.text)
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_page_knows_its_lines() {
        check(
            &["Menu", "let a = 1;\nlet b;", "a to Option b", "More"],
            &["let a = 1; let b;", "a toOption b"],
            &["let a = 1;\nlet b;", "a to Option b"],
        );
        // Split and joined blocks.
        check(
            &["The head of the Vec is here.", "One", "Two"],
            &["The head of the", "Vec", "is here.", "One Two"],
            &["The head of the Vec is here.", "One", "Two"],
        );
        // What the extract repeats is one thing in the page; what the page repeats is two.
        check(
            &["One", "Two", "One"],
            &["One", "One", "One"],
            &["One", "One"],
        );
        // A part of a block keeps to its own text.
        check(
            &["Read more: the port was closed.", "x"],
            &["the port was closed.", "x"],
            &["the port was closed.", "x"],
        );
    }
}
