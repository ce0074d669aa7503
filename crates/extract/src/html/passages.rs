//! Blocks into passages: a paragraph or a few, never across a heading.

use std::rc::Rc;

use model::document::{Locator, Passage};

use super::blocks::{Block, BlockKind};

/// A passage that has this many characters takes no further block that would carry it over
/// [`MOST_CHARS`].
const ENOUGH_CHARS: usize = 300;
/// A passage gathers blocks up to here.
const WANTED_CHARS: usize = 800;
/// And never more than this, unless one block alone is longer.
const MOST_CHARS: usize = 1_200;
/// A longer block is cut at ends of sentences or lines.
const LONG_BLOCK_CHARS: usize = 1_600;
/// Where no end of a sentence comes, it is cut at a space.
const CUT_CHARS: usize = 1_000;

#[derive(Default)]
struct Gathered {
    text: String,
    chars: usize,
    heading: Option<Rc<str>>,
    anchor: Option<Rc<str>>,
    /// Whether there is more than headings in it.
    has_text: bool,
}

/// The blocks without headings that head nothing: what stood below them in the page (a list of
/// links, a table of references) is no part of the text. Where many are so, the headings are the
/// text (entries of a list), and all stay.
pub(crate) fn without_hollow_headings(blocks: Vec<Block>) -> Vec<Block> {
    let is_heading = |block: &Block| block.kind == BlockKind::Heading;
    let hollow: Vec<bool> = blocks
        .iter()
        .enumerate()
        .map(|(index, block)| {
            is_heading(block)
                && blocks
                    .get(index + 1)
                    .is_none_or(|next| is_heading(next) && next.level <= block.level)
        })
        .collect();
    let headings = blocks.iter().filter(|block| is_heading(block)).count();
    if hollow.iter().filter(|hollow| **hollow).count() * 4 > headings {
        return blocks;
    }
    blocks
        .into_iter()
        .zip(hollow)
        .filter(|(_, hollow)| !hollow)
        .map(|(block, _)| block)
        .collect()
}

/// The passages of a text, in its order. Blocks without a heading of their own take the nearest
/// heading block before them.
pub(crate) fn of(blocks: Vec<Block>) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut gathered = Gathered::default();
    let mut current: Option<Rc<str>> = None;
    // A heading with nothing above it is the title: whoever opens there opens the page.
    let title = blocks
        .first()
        .filter(|block| block.kind == BlockKind::Heading);
    let top = title.and_then(|block| block.anchor.clone());
    for block in blocks {
        let is_heading = block.kind == BlockKind::Heading;
        if is_heading {
            current = Some(Rc::from(block.text.as_str()));
        }
        let heading = if is_heading {
            current.clone()
        } else {
            block.heading.clone().or_else(|| current.clone())
        };
        if is_heading && gathered.has_text {
            flush(&mut gathered, &mut passages);
        }
        for piece in pieces(&block) {
            let chars = piece.chars().count();
            let full = gathered.chars >= WANTED_CHARS
                || (gathered.chars >= ENOUGH_CHARS && gathered.chars + chars > MOST_CHARS);
            // Another anchor is another place to open, another heading another matter.
            let elsewhere = gathered.has_text
                && (gathered.heading != heading
                    || (gathered.anchor != block.anchor && gathered.chars >= ENOUGH_CHARS));
            if gathered.has_text && (full || elsewhere) {
                flush(&mut gathered, &mut passages);
            }
            if gathered.text.is_empty() {
                gathered.anchor.clone_from(&block.anchor);
            } else {
                gathered.text.push('\n');
            }
            if is_heading && !gathered.has_text {
                gathered.anchor.clone_from(&block.anchor);
            }
            gathered.heading.clone_from(&heading);
            gathered.text.push_str(piece);
            gathered.chars += chars;
            gathered.has_text |= !is_heading;
        }
    }
    flush(&mut gathered, &mut passages);
    for passage in &mut passages {
        if matches!((&passage.locator, &top), (Locator::Section(id), Some(top)) if **id == **top) {
            passage.locator = Locator::Top;
        }
    }
    passages
}

/// Passages of readers' comments: one a comment, or a few of one. `permalink` makes the address
/// of a comment from its anchor.
pub(crate) fn comments(
    blocks: Vec<Block>,
    permalink: impl Fn(Option<&str>) -> String,
) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut gathered = Gathered::default();
    let mut give = |gathered: &mut Gathered| {
        let done = std::mem::take(gathered);
        if !done.text.is_empty() {
            passages.push(Passage {
                text: done.text,
                heading: None,
                locator: Locator::Comment(permalink(done.anchor.as_deref())),
                post: None,
            });
        }
    };
    for block in blocks {
        for piece in pieces(&block) {
            let chars = piece.chars().count();
            let elsewhere = gathered.anchor != block.holder
                && (block.holder.is_some() || gathered.chars >= ENOUGH_CHARS);
            let full = gathered.chars >= ENOUGH_CHARS && gathered.chars + chars > MOST_CHARS;
            if elsewhere || full {
                give(&mut gathered);
            }
            if gathered.text.is_empty() {
                gathered.anchor.clone_from(&block.holder);
            } else {
                gathered.text.push('\n');
            }
            gathered.text.push_str(piece);
            gathered.chars += chars;
        }
    }
    give(&mut gathered);
    passages
}

fn flush(gathered: &mut Gathered, passages: &mut Vec<Passage>) {
    let done = std::mem::take(gathered);
    if done.text.is_empty() {
        return;
    }
    passages.push(Passage {
        text: done.text,
        heading: done.heading.map(|heading| heading.to_string()),
        locator: match done.anchor {
            Some(anchor) => Locator::Section(anchor.to_string()),
            None => Locator::Top,
        },
        post: None,
    });
}

/// A block whole, or a long one in pieces.
fn pieces(block: &Block) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = block.text.as_str();
    while rest.chars().nth(LONG_BLOCK_CHARS).is_some() {
        let Some(at) = cut(rest, block.kind) else {
            break;
        };
        let (piece, behind) = rest.split_at(at);
        pieces.push(piece.trim_end());
        // The indent of preformatted lines stays.
        rest = if block.kind == BlockKind::Pre {
            behind.trim_start_matches('\n')
        } else {
            behind.trim_start()
        };
    }
    if !rest.trim().is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where a long text is cut: the last end of a line or sentence between [`ENOUGH_CHARS`] and
/// [`MOST_CHARS`], else the last space before [`CUT_CHARS`], else [`MOST_CHARS`].
fn cut(text: &str, kind: BlockKind) -> Option<usize> {
    let (mut sentence, mut line, mut space) = (None, None, None);
    let mut end = None;
    let mut before = ' ';
    for (count, (at, c)) in text.char_indices().enumerate() {
        if count >= MOST_CHARS {
            end = Some(at);
            break;
        }
        if count >= ENOUGH_CHARS {
            if c == '\n' {
                line = Some(at);
            } else if matches!(before, '。' | '！' | '？') {
                sentence = Some(at);
            } else if c == ' ' {
                if matches!(
                    before,
                    '.' | '!' | '?' | '\u{2026}' | '"' | '\u{201d}' | '؟' | '।'
                ) {
                    sentence = Some(at);
                }
                if count <= CUT_CHARS {
                    space = Some(at);
                }
            }
        }
        before = c;
    }
    let best = if kind == BlockKind::Pre {
        line.or(space)
    } else {
        line.or(sentence).or(space)
    };
    best.or(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(kind: BlockKind, text: &str) -> Block {
        Block::new(kind, text.to_owned())
    }

    #[test]
    fn never_across_a_heading() {
        let found = of(vec![
            block(BlockKind::Text, "lead"),
            block(BlockKind::Heading, "Trade"),
            block(BlockKind::Heading, "Salt"),
            block(BlockKind::Text, "white"),
            block(BlockKind::Text, "grey"),
            block(BlockKind::Heading, "War"),
        ]);
        let texts: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|passage| (passage.text.as_str(), passage.heading.as_deref()))
            .collect();
        assert_eq!(
            texts,
            [
                ("lead", None),
                ("Trade\nSalt\nwhite\ngrey", Some("Salt")),
                ("War", Some("War"))
            ]
        );
    }

    #[test]
    fn a_long_paragraph_is_cut_at_sentences() {
        let sentence = "The ships of Veldania came with salt and went with wool. ";
        let found = of(vec![block(BlockKind::Text, sentence.repeat(60).trim())]);
        assert!(found.len() > 2, "{}", found.len());
        for passage in &found {
            assert!(passage.text.chars().count() <= LONG_BLOCK_CHARS);
            assert!(passage.text.ends_with('.'), "{}", passage.text);
        }
    }

    proptest! {
        #[test]
        fn no_text_is_lost(texts in proptest::collection::vec("[a-zé。 .\n]{0,900}", 0..12)) {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let blocks: Vec<Block> = texts
                .iter()
                .filter(|text| !text.trim().is_empty())
                .map(|text| block(BlockKind::Text, text.trim()))
                .collect();
            let expected: String = blocks.iter().map(|block| letters(&block.text)).collect();
            let found: String = of(blocks).iter().map(|passage| letters(&passage.text)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
