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

/// The stop words of a query: no evidence for a document, but they tell the sentence that was
/// asked for from another one with the same words that say something.
pub(crate) fn stop_words(words: &[QueryWord]) -> Vec<(usize, &QueryWord)> {
    let stops = words.iter().enumerate().filter(|(_, word)| word.optional);
    stops.take(STOP_WORDS).collect()
}

/// Candidates, best first, whose stop words are looked at: their places are many.
pub(crate) const WITH_STOP_WORDS: usize = 100;

/// Stop words of a query that are looked at.
const STOP_WORDS: usize = 16;

/// Words of a query in one document: what they are, where they stand (positions, sorted), and how
/// rare they are.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'a> {
    pub(crate) words: &'a [(usize, &'a QueryWord)],
    pub(crate) places: &'a [Vec<u32>],
    pub(crate) idfs: &'a [f32],
}

impl<'a> Placed<'a> {
    fn iter(self) -> impl Iterator<Item = (&'a QueryWord, &'a [u32], f32)> {
        let all = self.words.iter().zip(self.places).zip(self.idfs);
        all.map(|(((_, word), places), idf)| (*word, places.as_slice(), *idf))
    }
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
/// The score is a mean of the share of the query's words that the passage holds, by their idf, and
/// of how near to the query's own order they stand ([`nearness`], which weighs [`NEARNESS`]), so
/// that the sentence that was asked for beats a page that has its words here and there: 0 to 1.
/// Ties go to the passage where the words are denser, then to the earlier one. `ends` are the
/// positions behind each passage; `stops` are the [`stop_words`], empty where nobody looked.
///
/// One pass over the places finds the [`CLOSELY`] passages with most words and neighbours; only
/// these are looked at closely, as a document of a thousand pages has some in nearly all.
pub(crate) fn passages(ends: &[u32], words: Placed<'_>, stops: Placed<'_>) -> Vec<(u32, f32)> {
    let idfs = words.idfs;
    let sum: f32 = idfs.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let by_bits = |bits: u128| {
        let held = idfs.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1);
        held.map(|(_, idf)| idf).sum::<f32>() / sum
    };
    let mut scored: Vec<(Holding, f32, f32)> = holdings(words.words, ends, words.places)
        .into_iter()
        .map(|holding| {
            let share = by_bits(holding.words);
            // A pair counts as its left word: what is wanted here is only a rough order.
            let rough = share + NEARNESS * by_bits(holding.pairs);
            (holding, share, rough)
        })
        .collect();
    let order = |scored: &mut Vec<(Holding, f32, f32)>| {
        scored.sort_by(|a, b| {
            b.2.total_cmp(&a.2)
                .then_with(|| b.0.density(ends).total_cmp(&a.0.density(ends)))
                .then(a.0.number.cmp(&b.0.number))
        });
    };
    order(&mut scored);
    scored.truncate(CLOSELY);
    for (holding, share, rank) in &mut scored {
        let bounds = bounds(ends, holding.number);
        *rank = *share + NEARNESS * nearness(bounds, words, stops);
    }
    order(&mut scored);
    scored.truncate(PASSAGES);
    let named = scored.into_iter();
    named
        .map(|(holding, _, rank)| (holding.number, rank / (1.0 + NEARNESS)))
        .collect()
}

/// What the order of passages weighs nearness with, where holding all words weighs 1: three words
/// of a sentence of six that goes on in the next passage (1/2 + 3 for its place) beat all six
/// scattered over a page (1 + a little more than 3/6 where three of them stand together).
const NEARNESS: f32 = 3.0;

/// Passages of a candidate whose words are compared with the order of the query.
const CLOSELY: usize = 32;

/// What a passage holds of a query.
struct Holding {
    number: u32,
    /// Words, by bits.
    words: u128,
    /// Neighbours in the query that stand as in the query, by the bit of the left one, which
    /// stands in this passage; the right one may stand in the next.
    pairs: u128,
    count: u32,
}

impl Holding {
    /// Words of the query per root of its length: a long passage holds more by chance.
    fn density(&self, ends: &[u32]) -> f32 {
        let bounds = bounds(ends, self.number);
        let length = bounds.end.saturating_sub(bounds.start).max(1);
        self.count as f32 / (length as f32).sqrt()
    }
}

/// The positions of a passage: from behind `start` up to and with `end`.
fn bounds(ends: &[u32], number: u32) -> std::ops::Range<u32> {
    let number = number as usize;
    let start = number.checked_sub(1).and_then(|before| ends.get(before));
    start.copied().unwrap_or_default()..ends.get(number).copied().unwrap_or_default()
}

/// What each passage holds that holds anything, in order.
fn holdings(words: &[(usize, &QueryWord)], ends: &[u32], places: &[Vec<u32>]) -> Vec<Holding> {
    let mut holdings: Vec<Holding> = Vec::new();
    let mut hits: Vec<(u32, usize)> = Vec::new();
    let body = ends.last().copied().unwrap_or_default();
    for (word, places) in places.iter().enumerate() {
        let within = places.iter().take_while(|&&at| at <= body);
        hits.extend(within.map(|&at| (at, word)));
    }
    hits.sort_unstable();
    // How far behind the word before it each word stands in the query.
    let gaps: Vec<u32> = words
        .windows(2)
        .map(|pair| match pair {
            [(_, left), (_, right)] => right.position.saturating_sub(left.position).max(1),
            _ => 1,
        })
        .collect();
    // Of each word, the last place and the holding that it stands in.
    let mut last: Vec<Option<(u32, usize)>> = vec![None; places.len()];
    let mut number = 0;
    for (place, word) in hits {
        while ends.get(number).is_some_and(|&end| end < place) {
            number += 1;
        }
        if holdings
            .last()
            .is_none_or(|last| last.number != number as u32)
        {
            holdings.push(Holding {
                number: number as u32,
                words: 0,
                pairs: 0,
                count: 0,
            });
        }
        let at = holdings.len() - 1;
        if let Some(holding) = holdings.get_mut(at) {
            holding.words |= 1 << word;
            holding.count += 1;
        }
        if let Some(left) = word.checked_sub(1)
            && let Some(&Some((before, holding))) = last.get(left)
            && gaps.get(left).is_some_and(|&gap| place - before <= gap)
            && let Some(holding) = holdings.get_mut(holding)
        {
            holding.pairs |= 1 << left;
        }
        if let Some(slot) = last.get_mut(word) {
            *slot = Some((place, at));
        }
    }
    holdings
}

/// How nearly the words stand as in the query, around the best place of a passage: the sum of the
/// idf of each word, divided by 1 + how many positions it stands from where the query has it, as a
/// share of the sum of all: 0 to 1. Words may stand beyond the passage, as a sentence goes on behind
/// its end, but not before it: what crosses an end belongs to the passage in which it begins.
fn nearness(bounds: std::ops::Range<u32>, words: Placed<'_>, stops: Placed<'_>) -> f32 {
    // Of all words, also of those whose places were not looked up: nobody gains by that.
    let total: f32 = words.idfs.iter().chain(stops.idfs).sum();
    let mut best = 0.0_f32;
    for (anchor, at, _) in words.iter() {
        let from = at.partition_point(|&place| place <= bounds.start);
        let until = at.partition_point(|&place| place <= bounds.end);
        let anchors = at.get(from..until).unwrap_or_default();
        for &place in anchors.iter().take(ANCHORS) {
            let all = words.iter().chain(stops.iter());
            let sum = all.map(|(word, at, idf)| {
                let shift = i64::from(word.position) - i64::from(anchor.position);
                let wanted = (i64::from(place) + shift).max(0) as u32;
                if wanted <= bounds.start {
                    return 0.0;
                }
                let behind = at.partition_point(|&place| place < wanted);
                let before = behind.checked_sub(1).and_then(|before| at.get(before));
                let away = [before, at.get(behind)].into_iter().flatten();
                let away = away.map(|place| place.abs_diff(wanted)).min();
                away.map_or(0.0, |away| idf / (1.0 + away as f32))
            });
            best = best.max(sum.sum());
        }
    }
    best / total.max(f32::MIN_POSITIVE)
}

/// Places of one word in one passage that are tried; a passage of more is a list of that word.
const ANCHORS: usize = 32;

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

    /// Scores in hundredths.
    fn rounded(found: &[(u32, f32)]) -> Vec<(u32, u32)> {
        let hundredths = |(number, score): &(u32, f32)| (*number, (score * 100.0).round() as u32);
        found.iter().map(hundredths).collect()
    }

    /// The passages of a query of neighbouring words, best first, with scores in hundredths.
    #[track_caller]
    fn check(ends: &[u32], places: &[&[u32]], idfs: &[f32], expected: &[(u32, u32)]) {
        let query: Vec<QueryWord> = (0..places.len() as u32)
            .map(|position| QueryWord {
                position,
                ..QueryWord::default()
            })
            .collect();
        let places: Vec<Vec<u32>> = places.iter().map(|places| places.to_vec()).collect();
        let placed = Placed {
            words: &words(&query),
            places: &places,
            idfs,
        };
        let none = Placed {
            words: &[],
            places: &[],
            idfs: &[],
        };
        assert_eq!(rounded(&passages(ends, placed, none)), expected);
    }

    #[test]
    fn stop_words_tell_sentences_of_the_same_words_apart() {
        // `out of the river`: passage 0 has `across the river`, passage 1 the words as asked.
        let query: Vec<QueryWord> = (0..4)
            .map(|position| QueryWord {
                position,
                optional: position < 3,
                ..QueryWord::default()
            })
            .collect();
        let found = passages(
            &[10, 20],
            Placed {
                words: &words(&query),
                places: &[vec![5, 15]],
                idfs: &[2.0],
            },
            Placed {
                words: &stop_words(&query),
                places: &[vec![12], vec![13], vec![4, 14]],
                idfs: &[0.5, 0.1, 0.1],
            },
        );
        assert_eq!(rounded(&found), [(1, 100), (0, 85)]);
    }

    #[test]
    fn passages_with_more_and_rarer_words_come_first() {
        let ends = [10, 20, 30];
        check(
            &ends,
            &[&[1, 12, 25], &[13, 28, 140]],
            &[1.0, 3.0],
            &[(1, 100), (2, 88), (0, 30)],
        );
        check(&[], &[&[3]], &[1.0], &[]);
    }

    #[test]
    fn words_that_stand_together_beat_the_same_words_scattered() {
        // Passage 1 has all three words many times, passage 2 has them once, next to each other.
        check(
            &[10, 20, 30],
            &[&[11, 15, 20], &[13, 17, 28], &[12, 19, 29]],
            &[1.0; 3],
            &[(1, 75), (2, 70)],
        );
        check(
            &[10, 20, 30],
            &[&[11, 15, 20, 27], &[13, 17, 28], &[12, 19, 29]],
            &[1.0; 3],
            &[(2, 100), (1, 75)],
        );
    }

    #[test]
    fn a_sentence_that_crosses_an_end_is_found_where_it_begins() {
        let scattered: Vec<u32> = (0..4).map(|n| 101 + 20 * n).collect();
        let places: Vec<Vec<u32>> = (0..4)
            .map(|word| {
                let mut places: Vec<u32> = scattered.iter().map(|at| at + 5 * word).collect();
                // Positions 49 to 52, over the end at 50.
                places.push(49 + word);
                places.sort_unstable();
                places
            })
            .collect();
        let places: Vec<&[u32]> = places.iter().map(Vec::as_slice).collect();
        check(
            &[50, 100, 200],
            &places,
            &[1.0; 4],
            &[(0, 88), (2, 53), (1, 50)],
        );
    }
}
