//! The evidence for a hit, as [`Feature`] defines it; all of it is computed here.

use std::collections::BTreeMap;

use model::hit::{Candidate, Channel, Evidence, Feature, Head, Hit};

use super::weights::Weights;
use crate::terms::{Marker, Terms};

/// A page with so many words has text enough.
const THIN_BELOW: f32 = 50.0;
/// Linking sites, as a power of two, above which more say nothing.
const MANY_LINKS: f32 = 10.0;

/// What the features of one query share.
pub(crate) struct Features<'a> {
    terms: &'a Terms,
    languages: &'a [String],
    best: BTreeMap<Channel, f32>,
    by_language: BTreeMap<String, Marker>,
}

impl<'a> Features<'a> {
    /// For the candidates of a query.
    pub(crate) fn new(terms: &'a Terms, languages: &'a [String], candidates: &[Candidate]) -> Self {
        let mut best: BTreeMap<Channel, f32> = BTreeMap::new();
        for &(channel, score) in candidates.iter().flat_map(|c| &c.scores) {
            let slot = best.entry(channel).or_default();
            *slot = slot.max(score);
        }
        Self {
            terms,
            languages,
            best,
            by_language: BTreeMap::new(),
        }
    }

    /// The evidence for a candidate, in the order of [`Feature::ALL`]; that of its title is 0
    /// until [`Features::add_title`].
    pub(crate) fn of(
        &self,
        candidate: &Candidate,
        head: &Head,
        weights: &Weights,
    ) -> Vec<Evidence> {
        let relative = |channel: Channel| {
            let best = self.best.get(&channel).copied().unwrap_or_default();
            if best > 0.0 {
                score(candidate, channel) / best
            } else {
                0.0
            }
        };
        Feature::ALL
            .into_iter()
            .map(|feature| {
                let value = match feature {
                    Feature::Text => relative(Channel::Text),
                    Feature::Anchor => relative(Channel::Anchor),
                    Feature::Address => relative(Channel::Address),
                    Feature::Proximity => score(candidate, Channel::Proximity).min(1.0),
                    Feature::Title => 0.0,
                    Feature::Passage => {
                        let best = candidate.passages.first();
                        best.map_or(0.0, |(_, score)| score.min(1.0).powi(3))
                    }
                    Feature::Links => (f32::from(head.linking_sites) / MANY_LINKS).min(1.0),
                    Feature::Language => f32::from(u8::from(self.is_readers(head))),
                    Feature::Thin => 1.0 - (head.length as f32 / THIN_BELOW).min(1.0),
                };
                Evidence {
                    feature,
                    value,
                    weight: weights.of(feature),
                }
            })
            .collect()
    }

    /// Compares the title of a hit with the query.
    pub(crate) fn add_title(&mut self, hit: &mut Hit) {
        let share = self.share(&hit.head.title, hit.head.language.as_deref());
        for evidence in &mut hit.features {
            if evidence.feature == Feature::Title {
                evidence.value = share;
            }
        }
    }

    /// The share of the query's words that occur in a text, by their rarity: 0 to 1.
    fn share(&mut self, text: &str, language: Option<&str>) -> f32 {
        let terms = self.terms;
        let language = language.unwrap_or_default();
        if !self.by_language.contains_key(language) {
            let marker = terms.in_language(Some(language));
            self.by_language.insert(language.to_owned(), marker);
        }
        self.by_language
            .get(language)
            .map_or(0.0, |marker| marker.share(text))
    }

    fn is_readers(&self, head: &Head) -> bool {
        fn primary(tag: &str) -> &str {
            tag.split(['-', '_']).next().unwrap_or_default()
        }
        head.language.as_deref().is_some_and(|language| {
            self.languages
                .iter()
                .any(|reader| primary(reader).eq_ignore_ascii_case(primary(language)))
        })
    }
}

fn score(candidate: &Candidate, channel: Channel) -> f32 {
    candidate
        .scores
        .iter()
        .find(|(found, _)| *found == channel)
        .map_or(0.0, |(_, score)| *score)
}
