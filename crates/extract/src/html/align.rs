//! Finds the blocks of the extracted text again in the page, to learn what stands above them.

use std::collections::HashMap;

use super::blocks::Block;
use crate::text::squash;

/// Letters and digits by which blocks are compared: enough to tell paragraphs apart, few enough
/// that one which was cut short is still found.
const KEY_CHARS: usize = 40;

/// Gives each block of the extract the heading and anchor that it has in the page.
///
/// The extract is a selection of the page in its order, so that of several equal blocks the next
/// behind the last one found is meant. A block that is not found keeps what the one before it has.
pub(crate) fn place(extract: &mut [Block], page: &[Block]) {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, block) in page.iter().enumerate() {
        places
            .entry(squash(&block.text, KEY_CHARS))
            .or_default()
            .push(index);
    }
    let mut cursor = 0_usize;
    let mut last: Option<usize> = None;
    for block in extract {
        let key = squash(&block.text, KEY_CHARS);
        if let Some(candidates) = places.get(&key).filter(|_| !key.is_empty()) {
            let next = candidates.iter().find(|&&index| index >= cursor);
            if let Some(&index) = next.or_else(|| candidates.first()) {
                cursor = index + 1;
                last = Some(index);
            }
        }
        if let Some(place) = last.and_then(|index| page.get(index)) {
            block.heading.clone_from(&place.heading);
            block.anchor.clone_from(&place.anchor);
            block.holder.clone_from(&place.holder);
        }
    }
}

/// The blocks of `others` that do not occur in `kept`.
pub(crate) fn without(others: Vec<Block>, kept: &[Block]) -> Vec<Block> {
    let held: std::collections::HashSet<String> = kept
        .iter()
        .map(|block| squash(&block.text, KEY_CHARS))
        .collect();
    others
        .into_iter()
        .filter(|block| !held.contains(&squash(&block.text, KEY_CHARS)))
        .collect()
}
