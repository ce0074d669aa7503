//! Candidates: what matches, one state for each address, the best of them, and their evidence.

use std::collections::{BTreeMap, HashMap};

use model::document::{DocumentId, Kind};
use model::hit::{Candidate, Channel, Found, Removed, Total};
use model::query::Plan;
use model::time::UnixSeconds;
use tantivy::columnar::Column;
use tantivy::{Searcher, SegmentReader};

use super::index::id_of_halves;
use super::matching::Corpus;
use crate::EngineError;
use crate::evidence::{self, Placed};
use crate::filter::falls_undated;
use crate::marks::{QueryTerms, QueryWord};
use crate::naive::{Scores, recency, sum_of, wanted_scores};
use crate::terms::{Tree, lower_query};

/// A plan on its way over an index.
pub(super) struct Finding<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) corpus: Corpus<'a>,
    pub(super) plan: &'a Plan<'a>,
}

/// A document of the index that matches.
struct Match {
    since: i64,
    segment: u32,
    doc: u32,
    scores: Scores,
    /// The best have most: sum of the scores, or how new it is.
    order: f32,
}

/// What matches at one address.
struct AtAddress {
    /// The newest state that passes all filters.
    best: Option<Match>,
    /// Filters that a state passes, and those to which an undated one falls, by bits.
    passed: u128,
    undated: u128,
}

impl Finding<'_> {
    pub(super) fn found(&self, languages: &[String]) -> Result<Found, EngineError> {
        let (tree, terms) = lower_query(self.plan.expr, languages);
        let addresses = self.matching(&tree)?;
        let count = |counts: &dyn Fn(&AtAddress) -> bool| {
            Total::Exact(addresses.values().filter(|address| counts(address)).count() as u64)
        };
        let removed = (0..self.plan.filters.len())
            .map(|filter| {
                let bit = |bits: u128| filter < 128 && bits >> filter & 1 == 1;
                Removed {
                    filter,
                    removed: count(&|address| !bit(address.passed)),
                    undated: count(&|address| !bit(address.passed) && bit(address.undated)),
                }
            })
            .collect();
        let matches: Vec<Match> = addresses
            .into_values()
            .filter_map(|address| address.best)
            .collect();
        let total = Total::Exact(matches.len() as u64);
        let best = self.best(matches)?;
        let mut candidates: Vec<Candidate> = best
            .iter()
            .map(|(document, state)| Candidate {
                document: *document,
                scores: wanted_scores(state.scores, self.plan),
                passages: Vec::new(),
            })
            .collect();
        let proximity = self.evidence(&terms, &best, &mut candidates)?;
        if self.plan.channels.contains(&Channel::Proximity) {
            for (candidate, proximity) in candidates.iter_mut().zip(proximity) {
                if proximity > 0.0 {
                    candidate.scores.push((Channel::Proximity, proximity));
                }
            }
        }
        Ok(Found {
            candidates,
            total,
            removed,
        })
    }

    /// What matches, by a hash of the address.
    fn matching(&self, tree: &Tree) -> Result<HashMap<u64, AtAddress>, EngineError> {
        let mut addresses: HashMap<u64, AtAddress> = HashMap::new();
        // More filters than bits: the rest still filter, and are not counted.
        let is_scoring = tree.is_scoring();
        let all: u128 = match self.plan.filters.len() {
            128.. => u128::MAX,
            count => (1 << count) - 1,
        };
        for (segment_number, segment) in (0_u32..).zip(self.searcher.segment_readers()) {
            let columns = Columns::new(segment)?;
            let mut walk = self.corpus.walk(tree, segment)?;
            let mut filters = Vec::new();
            for filter in self.plan.filters {
                filters.push(self.corpus.filter(filter, segment)?);
            }
            while let Some(doc) = walk.doc() {
                if !segment.is_deleted(doc) && columns.is_wanted(doc, self.plan) {
                    let mut passed = 0;
                    let mut undated = 0;
                    let mut passes_all = true;
                    for (bit, (filter, walk)) in
                        self.plan.filters.iter().zip(&mut filters).enumerate()
                    {
                        let passes = walk.holds(doc);
                        passes_all &= passes;
                        if passes && bit < 128 {
                            passed |= 1 << bit;
                        }
                        if !passes && bit < 128 && falls_undated(filter, columns.day(doc)) {
                            undated |= 1 << bit;
                        }
                    }
                    let address = addresses.entry(columns.address(doc)).or_insert(AtAddress {
                        best: None,
                        passed: 0,
                        undated: 0,
                    });
                    address.passed |= passed;
                    address.undated |= undated;
                    if passes_all && (passed == all || self.plan.filters.len() > 128) {
                        let scores = walk.scores();
                        let state = Match {
                            since: columns.since(doc),
                            segment: segment_number,
                            doc,
                            scores,
                            order: if is_scoring {
                                sum_of(scores, self.plan)
                            } else {
                                recency(columns.day(doc), columns.captured(doc))
                            },
                        };
                        self.keep_newer(address, state)?;
                    }
                }
                walk.advance();
            }
        }
        Ok(addresses)
    }

    fn keep_newer(&self, address: &mut AtAddress, state: Match) -> Result<(), EngineError> {
        let is_newer = match &address.best {
            None => true,
            Some(best) if best.since == state.since => {
                self.id(state.segment, state.doc)? > self.id(best.segment, best.doc)?
            }
            Some(best) => state.since > best.since,
        };
        if is_newer {
            address.best = Some(state);
        }
        Ok(())
    }

    fn id(&self, segment: u32, doc: u32) -> Result<DocumentId, EngineError> {
        let columns = self.searcher.segment_reader(segment).fast_fields();
        let half = |name: &str| -> Result<u64, EngineError> {
            Ok(columns.u64(name)?.first(doc).unwrap_or_default())
        };
        Ok(id_of_halves(half("id_high")?, half("id_low")?))
    }

    /// The best matches by their order, ties by id.
    fn best(&self, matches: Vec<Match>) -> Result<Vec<(DocumentId, Match)>, EngineError> {
        let mut sums: Vec<(f32, Match)> = matches
            .into_iter()
            .map(|state| (state.order, state))
            .collect();
        if self.plan.limit == 0 {
            return Ok(Vec::new());
        }
        if sums.len() > self.plan.limit {
            let by_sum = |a: &(f32, Match), b: &(f32, Match)| b.0.total_cmp(&a.0);
            let (_, worst, _) = sums.select_nth_unstable_by(self.plan.limit - 1, by_sum);
            let worst = worst.0;
            sums.retain(|(sum, _)| *sum >= worst);
        }
        let mut ids: BTreeMap<u32, IdColumns> = BTreeMap::new();
        let mut best = Vec::with_capacity(sums.len());
        for (sum, state) in sums {
            let columns = match ids.entry(state.segment) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(IdColumns::new(self.searcher.segment_reader(state.segment))?)
                }
            };
            best.push((sum, columns.id(state.doc), state));
        }
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        best.truncate(self.plan.limit);
        Ok(best.into_iter().map(|(_, id, state)| (id, state)).collect())
    }

    /// Proximity and passages of the candidates, from the places of the query's words.
    fn evidence(
        &self,
        terms: &QueryTerms,
        best: &[(DocumentId, Match)],
        candidates: &mut [Candidate],
    ) -> Result<Vec<f32>, EngineError> {
        let words = evidence::words(&terms.words);
        let stops = evidence::stop_words(&terms.words);
        let idfs_of = |words: &[(usize, &QueryWord)]| -> Result<Vec<f32>, EngineError> {
            let idf = |(_, word): &(usize, &QueryWord)| {
                let frequency = self.corpus.word_frequency(word)?;
                Ok(evidence::idf(frequency, self.corpus.documents))
            };
            words.iter().map(idf).collect()
        };
        let (idfs, stop_idfs) = (idfs_of(&words)?, idfs_of(&stops)?);
        let mut order: Vec<usize> = (0..best.len()).collect();
        order.sort_by_key(|&number| {
            best.get(number)
                .map(|(_, state)| (state.segment, state.doc))
        });
        let mut pairs = vec![0_u128; best.len()];
        let mut open = None;
        for number in order {
            let Some((_, state)) = best.get(number) else {
                continue;
            };
            if open
                .as_ref()
                .is_none_or(|(segment, _, _, _)| *segment != state.segment)
            {
                let segment = self.searcher.segment_reader(state.segment);
                let places = |words: &[(usize, &QueryWord)]| -> Result<Vec<_>, EngineError> {
                    let places = words
                        .iter()
                        .map(|(_, word)| self.corpus.places(word, segment));
                    places.collect()
                };
                let ends = segment.fast_fields().column_opt::<u64>("ends")?;
                open = Some((state.segment, places(&words)?, places(&stops)?, ends));
            }
            let Some((_, places, stop_places, ends)) = &mut open else {
                continue;
            };
            let places: Vec<Vec<u32>> = places.iter_mut().map(|word| word.of(state.doc)).collect();
            let with_stops = stop_places
                .iter_mut()
                .filter(|_| number < evidence::WITH_STOP_WORDS);
            let stop_places: Vec<Vec<u32>> = with_stops.map(|word| word.of(state.doc)).collect();
            let ends: Vec<u32> = ends
                .iter()
                .flat_map(|ends| ends.values_for_doc(state.doc))
                .map(|end| end as u32)
                .collect();
            if let Some(candidate) = candidates.get_mut(number) {
                candidate.passages = evidence::passages(
                    &ends,
                    Placed {
                        words: &words,
                        places: &places,
                        idfs: &idfs,
                    },
                    Placed {
                        words: &stops,
                        places: &stop_places,
                        idfs: &stop_idfs,
                    },
                );
            }
            if let Some(pairs) = pairs.get_mut(number) {
                *pairs = evidence::adjacent(&words, &places);
            }
        }
        Ok(evidence::proximity(&pairs, words.len()))
    }
}

/// The columns that every match is looked up in.
struct Columns {
    address: Option<Column<u64>>,
    since: Option<Column<i64>>,
    kind: Option<Column<u64>>,
    held: Option<Column<i64>>,
    day: Option<Column<i64>>,
    seen: Option<Column<i64>>,
}

impl Columns {
    fn new(segment: &SegmentReader) -> Result<Self, EngineError> {
        let columns = segment.fast_fields();
        Ok(Self {
            address: columns.column_opt("address")?,
            since: columns.column_opt("since")?,
            kind: columns.column_opt("kind")?,
            held: columns.column_opt("held")?,
            day: columns.column_opt("day")?,
            seen: columns.column_opt("seen")?,
        })
    }

    fn address(&self, doc: u32) -> u64 {
        self.address
            .as_ref()
            .and_then(|column| column.first(doc))
            .unwrap_or_default()
    }

    fn since(&self, doc: u32) -> i64 {
        self.since
            .as_ref()
            .and_then(|column| column.first(doc))
            .unwrap_or_default()
    }

    /// When it was captured first.
    fn captured(&self, doc: u32) -> i64 {
        let seen = self.seen.as_ref().and_then(|column| column.first(doc));
        // What no capture has seen holds since its record was captured.
        seen.unwrap_or_else(|| self.since(doc))
    }

    fn day(&self, doc: u32) -> Option<i64> {
        self.day.as_ref().and_then(|column| column.first(doc))
    }

    fn is_wanted(&self, doc: u32, plan: &Plan<'_>) -> bool {
        let kind = || self.kind.as_ref().and_then(|column| column.first(doc));
        let is_kind = |kinds: &[Kind]| {
            kind().is_some_and(|kind| {
                Kind::ALL
                    .get(kind as usize)
                    .is_some_and(|k| kinds.contains(k))
            })
        };
        (plan.kinds.is_empty() || is_kind(plan.kinds))
            && plan.as_of.is_none_or(|instant| self.held_at(doc, instant))
    }

    fn held_at(&self, doc: u32, instant: UnixSeconds) -> bool {
        let Some(held) = &self.held else {
            return false;
        };
        let mut bounds = held.values_for_doc(doc);
        while let (Some(from), Some(until)) = (bounds.next(), bounds.next()) {
            if (from..until).contains(&instant.0) {
                return true;
            }
        }
        false
    }
}

/// The two halves of ids.
struct IdColumns {
    high: Column<u64>,
    low: Column<u64>,
}

impl IdColumns {
    fn new(segment: &SegmentReader) -> Result<Self, EngineError> {
        let columns = segment.fast_fields();
        Ok(Self {
            high: columns.u64("id_high")?,
            low: columns.u64("id_low")?,
        })
    }

    fn id(&self, doc: u32) -> DocumentId {
        let half = |column: &Column<u64>| column.first(doc).unwrap_or_default();
        id_of_halves(half(&self.high), half(&self.low))
    }
}
