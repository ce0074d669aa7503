//! What a commit of the scanning engine answers.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use model::address::{Host, Surt};
use model::capture::{Capture, CaptureId, Redirect};
use model::contribution::Contribution;
use model::document::{Document, DocumentId, Passage};
use model::hit::{Candidate, Channel, Found, Head, Removed, Total};
use model::query::{Expr, Filter, Plan, Scope};
use model::record::Origin;
use model::time::UnixSeconds;

use super::NaiveView;
use super::matching::Scores;
use crate::entry::{Entry, plain_language};
use crate::evidence::{self, Placed};
use crate::filter::{Subject, falls_undated, passes};
use crate::marks::QueryWord;
use crate::terms::{QueryTerms, Tree, lower_query};
use crate::{CommitId, EngineError, Facet, Outcome, Totals, View};

/// A language is asked for from this share of the documents on: one in so many.
pub(crate) const LANGUAGE_SHARE: u64 = 100;
/// Languages that are asked for at the most.
pub(crate) const LANGUAGES: usize = 8;

impl NaiveView {
    fn subject<'a>(&'a self, entry: &'a Entry) -> Option<Subject<'a>> {
        let document = self.documents.get(&entry.id)?;
        let surt = crate::entry::surt_of(&document.key);
        let captures = surt.and_then(|surt| self.by_address.get(surt));
        Some(Subject {
            document,
            entry,
            captures: captures.map(Vec::as_slice).unwrap_or_default(),
        })
    }

    /// Documents that match the words, with their scores.
    fn matching(&self, tree: &Tree) -> Vec<(usize, Scores)> {
        let entries = self.index.entries.iter().enumerate();
        entries
            .filter_map(|(number, entry)| {
                let subject = self.subject(entry)?;
                Some((number, self.index.scores(tree, number, &subject)?))
            })
            .collect()
    }

    fn counted(&self, filters: &[Filter], values: impl Fn(&Entry) -> Vec<String>) -> Counts {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for entry in &self.index.entries {
            let Some(subject) = self.subject(entry) else {
                continue;
            };
            if filters.iter().all(|filter| passes(filter, &subject)) {
                for value in values(entry) {
                    *counts.entry(value).or_default() += 1;
                }
            }
        }
        most_first(counts)
    }

    fn evidence(&self, terms: &QueryTerms, candidates: &mut [Candidate], numbers: &[usize]) {
        let words = evidence::words(&terms.words);
        let stops = evidence::stop_words(&terms.words);
        let documents = self.index.entries.len() as u64;
        let idfs_of = |words: &[(usize, &QueryWord)]| -> Vec<f32> {
            let frequencies = words
                .iter()
                .map(|(_, word)| self.index.evidence(word, None).1);
            frequencies
                .map(|frequency| evidence::idf(frequency, documents))
                .collect()
        };
        let (idfs, stop_idfs) = (idfs_of(&words), idfs_of(&stops));
        let mut pairs = Vec::new();
        for (rank, (candidate, &number)) in candidates.iter_mut().zip(numbers).enumerate() {
            let places_of = |words: &[(usize, &QueryWord)]| -> Vec<Vec<u32>> {
                let places = words
                    .iter()
                    .map(|(_, word)| self.index.evidence(word, Some(number)).0);
                places.collect()
            };
            let places = places_of(&words);
            let stop_places = if rank < evidence::WITH_STOP_WORDS {
                places_of(&stops)
            } else {
                Vec::new()
            };
            let ends = &self.index.entries[number].passage_ends;
            candidate.passages = evidence::passages(
                ends,
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
            pairs.push(evidence::adjacent(&words, &places));
        }
        let proximity = evidence::proximity(&pairs, words.len());
        for (candidate, proximity) in candidates.iter_mut().zip(proximity) {
            if proximity > 0.0 {
                candidate.scores.push((Channel::Proximity, proximity));
            }
        }
    }
}

type Counts = Vec<(String, u64)>;

/// Values by how many have them, ties by value.
pub(crate) fn most_first(counts: BTreeMap<String, u64>) -> Counts {
    let mut counts: Counts = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// The three channels of words, in the order of scores.
pub(crate) const WORD_CHANNELS: [Channel; 3] = [Channel::Text, Channel::Anchor, Channel::Address];

/// The scores of a candidate that were asked for, in the order of [`Channel`]; none that is 0.
pub(crate) fn wanted_scores(scores: Scores, plan: &Plan<'_>) -> Vec<(Channel, f32)> {
    let mut wanted: Vec<(Channel, f32)> = WORD_CHANNELS
        .into_iter()
        .zip(scores)
        .filter(|(channel, score)| *score > 0.0 && plan.channels.contains(channel))
        .collect();
    wanted.sort_by_key(|(channel, _)| *channel);
    wanted
}

/// What candidates are ordered by: the sum of the scores that were asked for.
pub(crate) fn sum_of(scores: Scores, plan: &Plan<'_>) -> f32 {
    let wanted = WORD_CHANNELS.into_iter().zip(scores);
    wanted
        .filter(|(channel, _)| plan.channels.contains(channel))
        .map(|(_, score)| score)
        .sum()
}

/// What candidates are ordered by where no word is asked for: the day of publication, else of the
/// first capture.
pub(crate) fn recency(published: Option<i64>, captured: i64) -> f32 {
    published.unwrap_or_else(|| captured.div_euclid(86_400)) as f32
}

/// The plain languages of a view from how many documents have each, most first.
pub(crate) fn asked_languages(counts: Counts) -> Vec<String> {
    let documents: u64 = counts.iter().map(|(_, count)| count).sum();
    let common = counts
        .into_iter()
        .filter(|(_, count)| count * LANGUAGE_SHARE >= documents);
    common
        .take(LANGUAGES)
        .map(|(language, _)| language)
        .collect()
}

/// Whether something held at an instant.
pub(crate) fn held_at(entry: &Entry, instant: UnixSeconds) -> bool {
    entry.held.iter().any(|interval| {
        interval.from <= instant && interval.until.is_none_or(|until| instant < until)
    })
}

/// What matches at one address.
struct Address {
    /// Since when the best state holds, its id, number and scores.
    best: Option<(i64, DocumentId, usize, Scores)>,
    /// For each filter whether a state passes it, and whether one is undated.
    passed: Vec<bool>,
    undated: Vec<bool>,
}

impl View for NaiveView {
    fn commit(&self) -> CommitId {
        self.commit
    }

    fn candidates(&self, plan: &Plan<'_>) -> Result<Found, EngineError> {
        let (tree, terms) = lower_query(plan.expr, &self.languages()?);
        let mut addresses: BTreeMap<&str, Address> = BTreeMap::new();
        for (number, scores) in self.matching(&tree) {
            let entry = &self.index.entries[number];
            let is_wanted = plan.kinds.is_empty() || plan.kinds.contains(&entry.head.kind);
            let has_held = plan.as_of.is_none_or(|instant| held_at(entry, instant));
            let Some(subject) = self.subject(entry).filter(|_| is_wanted && has_held) else {
                continue;
            };
            let count = plan.filters.len();
            let address = addresses.entry(&entry.address_key).or_insert(Address {
                best: None,
                passed: vec![false; count],
                undated: vec![false; count],
            });
            let mut passes_all = true;
            for (i, filter) in plan.filters.iter().enumerate() {
                let passes = passes(filter, &subject);
                passes_all &= passes;
                address.passed[i] |= passes;
                address.undated[i] |= falls_undated(filter, entry.day);
            }
            let state = (entry.since, entry.id, number, scores);
            let is_newer = address
                .best
                .is_none_or(|best| (state.0, state.1) > (best.0, best.1));
            if passes_all && is_newer {
                address.best = Some(state);
            }
        }
        let mut found: Vec<(f32, DocumentId, usize, Scores)> = addresses
            .values()
            .filter_map(|address| address.best)
            .map(|(_, id, number, scores)| {
                let entry = &self.index.entries[number];
                let order = if tree.is_scoring() {
                    sum_of(scores, plan)
                } else {
                    recency(entry.day, entry.head.captured.0)
                };
                (order, id, number, scores)
            })
            .collect();
        let total = Total::Exact(found.len() as u64);
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(plan.limit);
        let mut candidates: Vec<Candidate> = found
            .iter()
            .map(|&(_, document, _, scores)| Candidate {
                document,
                scores: wanted_scores(scores, plan),
                passages: Vec::new(),
            })
            .collect();
        let numbers: Vec<usize> = found.iter().map(|(_, _, number, _)| *number).collect();
        self.evidence(&terms, &mut candidates, &numbers);
        if !plan.channels.contains(&Channel::Proximity) {
            for candidate in &mut candidates {
                candidate
                    .scores
                    .retain(|(channel, _)| *channel != Channel::Proximity);
            }
        }
        let count = |counts: &dyn Fn(&Address) -> bool| {
            Total::Exact(addresses.values().filter(|address| counts(address)).count() as u64)
        };
        let removed = (0..plan.filters.len())
            .map(|filter| Removed {
                filter,
                removed: count(&|address| !address.passed[filter]),
                undated: count(&|address| !address.passed[filter] && address.undated[filter]),
            })
            .collect();
        Ok(Found {
            candidates,
            total,
            removed,
        })
    }

    fn heads(&self, ids: &[DocumentId]) -> Result<Vec<Option<Head>>, EngineError> {
        let head = |id: &DocumentId| {
            let found = self
                .index
                .entries
                .binary_search_by_key(id, |entry| entry.id);
            Some(self.index.entries[found.ok()?].head.clone())
        };
        Ok(ids.iter().map(head).collect())
    }

    fn passages(&self, id: DocumentId, which: Range<u32>) -> Result<Vec<Passage>, EngineError> {
        let passages = self.documents.get(&id).map(|document| &document.passages);
        let which = which.start as usize..which.end as usize;
        let wanted = passages.into_iter().flatten().skip(which.start);
        Ok(wanted.take(which.len()).cloned().collect())
    }

    fn document(&self, id: DocumentId) -> Result<Option<Document>, EngineError> {
        Ok(self.documents.get(&id).cloned())
    }

    fn outline(&self, id: DocumentId) -> Result<Option<Document>, EngineError> {
        Ok(self.documents.get(&id).map(|document| Document {
            passages: Vec::new(),
            links: Vec::new(),
            ..document.clone()
        }))
    }

    fn capture(&self, id: CaptureId) -> Result<Option<Capture>, EngineError> {
        Ok(self.captures.get(&id).cloned())
    }

    fn captures(&self, of: &Surt) -> Result<Vec<Capture>, EngineError> {
        Ok(self.by_address.get(of).cloned().unwrap_or_default())
    }

    fn captures_of(&self, document: DocumentId) -> Result<Vec<Capture>, EngineError> {
        let all = self.captures.values();
        let mut of: Vec<Capture> = all
            .filter(|capture| capture.document == Some(document))
            .cloned()
            .collect();
        of.sort_by_key(|capture| (capture.captured, capture.id));
        Ok(of)
    }

    fn site_name(&self, host: &Host) -> Result<Option<String>, EngineError> {
        let most = |belongs: &dyn Fn(&Host) -> bool| {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for (_, name) in self.votes.iter().filter(|(host, _)| belongs(host)) {
                *counts.entry(name.clone()).or_default() += 1;
            }
            most_first(counts).into_iter().next().map(|(name, _)| name)
        };
        let by_host = most(&|other| other.as_str() == host.bare());
        Ok(by_host.or_else(|| most(&|other| other.site() == host.site())))
    }

    fn frequency(&self, word: &str) -> Result<u64, EngineError> {
        let (tree, _) = lower_query(&either_form(word), &self.languages()?);
        Ok(self.matching(&tree).len() as u64)
    }

    fn counts(&self, by: Facet, filters: &[Filter]) -> Result<Counts, EngineError> {
        Ok(self.counted(filters, |entry| match by {
            Facet::Kind => vec![entry.head.kind.as_str().to_owned()],
            Facet::Collection => entry.collections.clone(),
            Facet::Language => vec![plain_language(&entry.head)],
            Facet::Site => vec![entry.site.clone()],
        }))
    }

    fn ids_after(
        &self,
        id: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentId>, EngineError> {
        let behind = self
            .documents
            .keys()
            .filter(|other| id.is_none_or(|id| **other > id));
        Ok(behind.take(limit).copied().collect())
    }

    fn contributions(&self, id: DocumentId) -> Result<Vec<Contribution>, EngineError> {
        let all = self.state.contributions.iter();
        let mut of: Vec<Contribution> = all
            .filter(|((of, ..), _)| *of == id)
            .map(|(_, said)| said.clone())
            .collect();
        of.sort_by(|a, b| a.merge_order().cmp(&b.merge_order()));
        Ok(of)
    }

    fn waiting_after(
        &self,
        id: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentId>, EngineError> {
        let held = self.state.contributions.keys().map(|(of, ..)| *of);
        let waiting: BTreeSet<DocumentId> = held
            .filter(|of| id.is_none_or(|id| *of > id) && !self.documents.contains_key(of))
            .collect();
        Ok(waiting.into_iter().take(limit).collect())
    }

    fn captures_after(
        &self,
        id: Option<CaptureId>,
        limit: usize,
    ) -> Result<Vec<Capture>, EngineError> {
        let behind = self
            .captures
            .values()
            .filter(|other| id.is_none_or(|id| other.id > id));
        Ok(behind.take(limit).cloned().collect())
    }

    fn redirects(&self) -> Result<Vec<(Redirect, String, Origin)>, EngineError> {
        Ok(self.state.redirects.iter().cloned().collect())
    }

    fn journal(&self) -> Result<Vec<Outcome>, EngineError> {
        Ok(self.state.outcomes.values().cloned().collect())
    }

    fn languages(&self) -> Result<Vec<String>, EngineError> {
        Ok(asked_languages(self.counts(Facet::Language, &[])?))
    }

    fn totals(&self) -> Result<Totals, EngineError> {
        let redirects: BTreeSet<&Redirect> = self
            .state
            .redirects
            .iter()
            .map(|(redirect, _, _)| redirect)
            .collect();
        Ok(Totals {
            documents: self.documents.len() as u64,
            captures: self.captures.len() as u64,
            redirects: redirects.len() as u64,
            outcomes: self.state.outcomes.len() as u64,
            bytes: 0,
            committed: self.committed,
        })
    }
}

/// A word as written or by its stems, in title or main text.
pub(crate) fn either_form(word: &str) -> Expr {
    let forms = vec![Expr::Exact(word.to_owned()), Expr::Word(word.to_owned())];
    Expr::In(Scope::Page, Box::new(Expr::Or(forms)))
}
