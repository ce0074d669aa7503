//! A sketch of a text: near-duplicates have sketches that differ in few bits.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// A simhash of shingles of four words (Charikar 2002; shingles as in Manku, Jain, Das Sarma
/// 2007), by XXH3.
#[derive(Default)]
pub(crate) struct Sketch {
    last: Vec<u64>,
    words: u32,
    balance: Vec<i32>,
}

/// Below this many words two texts on different things differ in few bits. A guess.
const SKETCH_WORDS: u32 = 24;

impl Sketch {
    /// Takes the next word, folded.
    pub(crate) fn word(&mut self, word: &str) {
        self.words += 1;
        if self.last.len() == 4 {
            self.last.remove(0);
        }
        self.last.push(xxh3_64(word.as_bytes()));
        if self.last.len() < 4 {
            return;
        }
        self.balance.resize(64, 0);
        let shingle = self.last.iter().fold(0_u64, |seed, word| {
            xxh3_64_with_seed(&word.to_le_bytes(), seed)
        });
        for (bit, balance) in self.balance.iter_mut().enumerate() {
            *balance += if shingle >> bit & 1 == 1 { 1 } else { -1 };
        }
    }

    /// The sketch, `None` for a text that is too short.
    pub(crate) fn finish(self) -> Option<u64> {
        if self.words < SKETCH_WORDS {
            return None;
        }
        let bits = self.balance.iter().enumerate();
        Some(bits.fold(0, |sketch, (bit, &balance)| {
            sketch | u64::from(balance > 0) << bit
        }))
    }
}
