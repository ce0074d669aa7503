//! What the places of a query's words say of a candidate: how close they stand, and which
//! passages hold them.

use crate::marks::QueryWord;

/// How many passages of a candidate are named.
const PASSAGES: usize = 8;

/// Words of a query beyond these are no evidence.
pub(crate) const WORDS: usize = 127;

/// Stop words that may stand between two neighbours of a query, plus one.
const REACH: u32 = 4;

/// How many terms of a prefix are looked at for evidence.
pub(crate) const PREFIX_TERMS: usize = 64;

/// The words that are evidence, with their numbers among all.
pub(crate) fn words(words: &[QueryWord]) -> Vec<(usize, &QueryWord)> {
    let wanted = words.iter().enumerate().filter(|(_, word)| !word.optional);
    wanted.take(WORDS).collect()
}

/// Inverse document frequency, as BM25 of tantivy and Lucene has it.
pub(crate) fn idf(frequency: u64, documents: u64) -> f32 {
    let x = ((documents.saturating_sub(frequency)) as f32 + 0.5) / (frequency as f32 + 0.5);
    (1.0 + x).ln()
}

/// Which neighbours in the query stand next to each other in a document: bit `i` for words `i`
/// and `i + 1` of [`words`]. `places` are the positions of each word, sorted.
pub(crate) fn adjacent(words: &[(usize, &QueryWord)], places: &[Vec<u32>]) -> u128 {
    let mut pairs = 0;
    let pairs_of = words.windows(2).zip(places.windows(2)).enumerate();
    for (i, (words, places)) in pairs_of {
        let ([(_, left), (_, right)], [from, to]) = (words, places) else {
            continue;
        };
        let reach = right.position.saturating_sub(left.position).clamp(1, REACH);
        let mut behind = to.iter().peekable();
        let near = from.iter().any(|&place| {
            while behind.next_if(|&&other| other <= place).is_some() {}
            behind.peek().is_some_and(|&&other| other - place <= reach)
        });
        if near {
            pairs |= 1 << i;
        }
    }
    pairs
}

/// [`model::hit::Channel::Proximity`] of each candidate from its [`adjacent`] pairs: a pair
/// weighs by its inverse document frequency among the candidates.
pub(crate) fn proximity(pairs: &[u128], words: usize) -> Vec<f32> {
    let weights: Vec<f32> = (0..words.saturating_sub(1))
        .map(|i| {
            let holding = pairs.iter().filter(|pairs| *pairs >> i & 1 == 1).count();
            idf(holding as u64, pairs.len() as u64)
        })
        .collect();
    let sum: f32 = weights.iter().sum();
    let share = |pairs: &u128| {
        let held = weights
            .iter()
            .enumerate()
            .filter(|(i, _)| pairs >> i & 1 == 1);
        held.map(|(_, weight)| weight).sum::<f32>() / sum
    };
    if sum > 0.0 {
        pairs.iter().map(share).collect()
    } else {
        vec![0.0; pairs.len()]
    }
}

/// The passages that hold words of the query: number and score, best first, at most eight.
///
/// The score is the share of the query's words that the passage holds, by their idf: 0 to 1.
/// Ties go to the passage where they are denser, then to the earlier one. `ends` are the positions
/// behind each passage, `places` the positions of each word, sorted.
pub(crate) fn passages(ends: &[u32], places: &[Vec<u32>], idfs: &[f32]) -> Vec<(u32, f32)> {
    struct Holding {
        number: u32,
        words: u128,
        count: u32,
    }
    let mut holdings: Vec<Holding> = Vec::new();
    let mut hits: Vec<(u32, usize)> = Vec::new();
    let body = ends.last().copied().unwrap_or_default();
    for (word, places) in places.iter().enumerate() {
        hits.extend(
            places
                .iter()
                .take_while(|&&at| at <= body)
                .map(|&at| (at, word)),
        );
    }
    hits.sort_unstable();
    let mut number = 0;
    for (place, word) in hits {
        while ends.get(number).is_some_and(|&end| end < place) {
            number += 1;
        }
        let number = number as u32;
        match holdings.last_mut() {
            Some(last) if last.number == number => {
                last.words |= 1 << word;
                last.count += 1;
            }
            _ => holdings.push(Holding {
                number,
                words: 1 << word,
                count: 1,
            }),
        }
    }
    let sum: f32 = idfs.iter().sum();
    let mut scored: Vec<(f32, f32, u32)> = holdings
        .iter()
        .map(|holding| {
            let held = idfs
                .iter()
                .enumerate()
                .filter(|(i, _)| holding.words >> i & 1 == 1);
            let share = held.map(|(_, idf)| idf).sum::<f32>() / sum.max(f32::MIN_POSITIVE);
            let number = holding.number as usize;
            let start = number.checked_sub(1).and_then(|before| ends.get(before));
            let end = ends.get(number).copied().unwrap_or_default();
            let length = end - start.copied().unwrap_or_default();
            (
                share,
                holding.count as f32 / (length.max(1) as f32).sqrt(),
                holding.number,
            )
        })
        .collect();
    scored.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then(b.1.total_cmp(&a.1))
            .then(a.2.cmp(&b.2))
    });
    scored.truncate(PASSAGES);
    scored
        .into_iter()
        .map(|(share, _, number)| (number, share))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_count_by_their_rarity() {
        let word = |position| QueryWord {
            position,
            ..QueryWord::default()
        };
        let query = [word(0), word(1), word(3)];
        let words = words(&query);
        let at = |places: [&[u32]; 3]| adjacent(&words, &places.map(<[u32]>::to_vec));
        assert_eq!(at([&[1, 9], &[2], &[4]]), 0b11);
        assert_eq!(at([&[2], &[1], &[4]]), 0);
        assert_eq!(at([&[5], &[6], &[6]]), 0b01);
        let scores = proximity(&[0b11, 0b01, 0b00], 3);
        assert!(scores[0] > scores[1] && scores[1] > scores[2]);
        assert!(scores[2] <= 0.0);
    }

    #[test]
    fn passages_with_more_and_rarer_words_come_first() {
        let ends = [10, 20, 30];
        let found = passages(&ends, &[vec![1, 12, 25], vec![13, 28, 140]], &[1.0, 3.0]);
        assert_eq!(found, [(1, 1.0), (2, 1.0), (0, 0.25)]);
        assert_eq!(passages(&[], &[vec![3]], &[1.0]), []);
    }
}
