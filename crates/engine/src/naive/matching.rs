//! What matches a query and how it scores, by looking at every document.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{Entry, in_region};
use crate::evidence::{PREFIX_TERMS, idf};
use crate::filter::{Subject, passes};
use crate::marks::QueryWord;
use crate::terms::{MAX_EXPANSIONS, Region, TextField, Tree};

/// BM25's saturation and length normalisation, as tantivy and Lucene have them.
pub(crate) const K1: f32 = 1.2;
pub(crate) const B: f32 = 0.75;

/// Scores of text, anchors and address.
pub(crate) type Scores = [f32; 3];

/// A field of all documents.
#[derive(Default)]
struct FieldStatistics {
    /// How many documents hold each term.
    frequencies: BTreeMap<String, u64>,
    total_tokens: u64,
}

/// A field of one document.
#[derive(Default)]
struct Field {
    places: BTreeMap<String, Vec<u32>>,
    tokens: u32,
}

/// All entries with what scoring needs.
pub(super) struct Index {
    pub(super) entries: Vec<Entry>,
    fields: Vec<[Field; 6]>,
    statistics: [FieldStatistics; 6],
}

impl Index {
    pub(super) fn new(entries: Vec<Entry>) -> Self {
        let mut statistics: [FieldStatistics; 6] = Default::default();
        let mut fields = Vec::new();
        for entry in &entries {
            let of_entry = TextField::ALL.map(|name| {
                let mut field = Field::default();
                for (place, term) in entry.stream(name).iter() {
                    field.tokens += 1;
                    field.places.entry(term.to_owned()).or_default().push(place);
                }
                field
            });
            for (field, statistics) in of_entry.iter().zip(&mut statistics) {
                statistics.total_tokens += u64::from(field.tokens);
                for term in field.places.keys() {
                    *statistics.frequencies.entry(term.clone()).or_default() += 1;
                }
            }
            fields.push(of_entry);
        }
        Self {
            entries,
            fields,
            statistics,
        }
    }

    pub(super) fn frequency(&self, field: TextField, term: &str) -> u64 {
        let frequencies = &self.statistics[field as usize].frequencies;
        frequencies.get(term).copied().unwrap_or_default()
    }

    /// The most frequent terms with a prefix, ties by term.
    pub(super) fn expansions(&self, field: TextField, prefix: &str, limit: usize) -> Vec<String> {
        let frequencies = &self.statistics[field as usize].frequencies;
        let mut terms: Vec<(u64, &String)> = frequencies
            .iter()
            .filter(|(term, _)| term.starts_with(prefix))
            .map(|(term, frequency)| (*frequency, term))
            .collect();
        terms.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        terms.truncate(limit);
        terms.into_iter().map(|(_, term)| term.clone()).collect()
    }

    /// The scores of a document, or `None` where it does not match.
    pub(super) fn scores(
        &self,
        tree: &Tree,
        number: usize,
        subject: &Subject<'_>,
    ) -> Option<Scores> {
        let scores = |tree: &Tree| self.scores(tree, number, subject);
        match tree {
            Tree::Everything => Some([0.0; 3]),
            Tree::Nothing => None,
            Tree::Term {
                field,
                region,
                term,
            } => self.terms(number, *field, *region, &[(0, term.clone())]),
            Tree::Phrase {
                field,
                region,
                terms,
            } => self.terms(number, *field, *region, terms),
            Tree::Prefix {
                field,
                region,
                prefix,
            } => sum(self
                .expansions(*field, prefix, MAX_EXPANSIONS)
                .into_iter()
                .map(|term| self.terms(number, *field, *region, &[(0, term)]))),
            Tree::Near(left, right, apart) => {
                let near = self.spans(left, number).iter().any(|left| {
                    let right = self.spans(right, number);
                    right.iter().any(|right| {
                        let (first, second) = if left < right {
                            (left, right)
                        } else {
                            (right, left)
                        };
                        second.0 > first.1 && second.0 - first.1 - 1 <= *apart
                    })
                });
                let both = sum([scores(left), scores(right)].into_iter());
                both.filter(|_| near)
            }
            Tree::All { required, optional } => {
                let mut total = [0.0; 3];
                for member in required {
                    add(&mut total, scores(member)?);
                }
                for member in optional {
                    add(&mut total, scores(member).unwrap_or_default());
                }
                Some(total)
            }
            Tree::Any(members) => sum(members.iter().map(scores)),
            Tree::Else(first, second) => scores(first).or_else(|| scores(second)),
            Tree::Not(member) => match scores(member) {
                Some(_) => None,
                None => Some([0.0; 3]),
            },
            Tree::Filter(filter) => passes(filter, subject).then_some([0.0; 3]),
        }
    }

    /// First and last position of each place where a side of `NEAR` stands.
    fn spans(&self, side: &Tree, number: usize) -> BTreeSet<(u32, u32)> {
        let places = |field: TextField, region: Region, terms: &[(u32, String)]| {
            let length = terms.last().map_or(0, |(offset, _)| *offset);
            let starts = self.places(number, field, region, terms);
            starts.into_iter().map(move |start| (start, start + length))
        };
        match side {
            Tree::Term {
                field,
                region,
                term,
            } => places(*field, *region, &[(0, term.clone())]).collect(),
            Tree::Phrase {
                field,
                region,
                terms,
            } => places(*field, *region, terms).collect(),
            Tree::Prefix {
                field,
                region,
                prefix,
            } => self
                .expansions(*field, prefix, MAX_EXPANSIONS)
                .into_iter()
                .flat_map(|term| places(*field, *region, &[(0, term)]).collect::<Vec<_>>())
                .collect(),
            Tree::Any(members) => members
                .iter()
                .flat_map(|member| self.spans(member, number))
                .collect(),
            Tree::Else(first, second) => {
                let mut spans = self.spans(first, number);
                spans.extend(self.spans(second, number));
                spans
            }
            _ => BTreeSet::new(),
        }
    }

    /// Where a term or a phrase begins.
    fn places(
        &self,
        number: usize,
        field: TextField,
        region: Region,
        terms: &[(u32, String)],
    ) -> Vec<u32> {
        let entry = &self.entries[number];
        let places_of = |term: &str| {
            let places = &self.fields[number][field as usize].places;
            places.get(term).map(Vec::as_slice).unwrap_or_default()
        };
        let inside = |place: u32| {
            let body = entry.passage_ends.last().copied().unwrap_or_default();
            in_region(region, place, body, entry.title_length)
        };
        let Some((_, first)) = terms.first() else {
            return Vec::new();
        };
        let starts = places_of(first).iter().copied().filter(|&start| {
            terms.iter().all(|(offset, term)| {
                inside(start + offset) && places_of(term).contains(&(start + offset))
            })
        });
        starts.collect()
    }

    /// BM25 of a term or a phrase. The region decides whether it matches, not how it scores, so
    /// a term's frequency is that in the whole field; a phrase's is that in the region.
    fn terms(
        &self,
        number: usize,
        field: TextField,
        region: Region,
        terms: &[(u32, String)],
    ) -> Option<Scores> {
        let inside = self.places(number, field, region, terms).len();
        if inside == 0 {
            return None;
        }
        let frequency = match terms {
            [_] => self.places(number, field, Region::Whole, terms).len(),
            _ => inside,
        };
        let documents = self.entries.len() as u64;
        let statistics = &self.statistics[field as usize];
        let mut weight = 0.0;
        for (_, term) in terms {
            let written = field.written().map(|field| self.frequency(field, term));
            let frequency = self.frequency(field, term).max(written.unwrap_or_default());
            weight += idf(frequency, documents);
        }
        let average = statistics.total_tokens as f32 / documents as f32;
        let length = quantised(self.fields[number][field as usize].tokens);
        let norm = K1 * (1.0 - B + B * length as f32 / average);
        let frequency = frequency as f32;
        let mut scores = [0.0; 3];
        scores[field.channel()] = weight * (1.0 + K1) * frequency / (frequency + norm);
        Some(scores)
    }

    /// The positions of a word of the query in title and text, and its document frequency: that
    /// of the most frequent of its terms.
    pub(super) fn evidence(&self, word: &QueryWord, number: Option<usize>) -> (Vec<u32>, u64) {
        let mut terms: Vec<(TextField, String)> = Vec::new();
        terms.extend(
            word.stems
                .iter()
                .map(|stem| (TextField::Search, stem.clone())),
        );
        terms.extend(
            word.exact
                .iter()
                .map(|exact| (TextField::Exact, exact.clone())),
        );
        if let Some(prefix) = &word.prefix {
            let expansions = self.expansions(TextField::Exact, prefix, PREFIX_TERMS);
            terms.extend(expansions.into_iter().map(|term| (TextField::Exact, term)));
        }
        let frequencies = terms
            .iter()
            .map(|(field, term)| self.frequency(*field, term));
        let frequency = frequencies.max().unwrap_or_default();
        let mut places = BTreeSet::new();
        if let Some(number) = number {
            for (field, term) in terms {
                places.extend(self.places(number, field, Region::Whole, &[(0, term)]));
            }
        }
        (places.into_iter().collect(), frequency)
    }
}

fn add(total: &mut Scores, scores: Scores) {
    for (total, score) in total.iter_mut().zip(scores) {
        *total += score;
    }
}

/// The sum of those that match, `None` where none does.
fn sum(members: impl Iterator<Item = Option<Scores>>) -> Option<Scores> {
    members.flatten().fold(None, |total, scores| {
        let mut total = total.unwrap_or_default();
        add(&mut total, scores);
        Some(total)
    })
}

/// A length as one byte can hold it: exact to 40, then by steps that grow as it does
/// (tantivy's and Lucene's table of field norms).
fn quantised(length: u32) -> u32 {
    use tantivy::fieldnorm::FieldNormReader;
    FieldNormReader::id_to_fieldnorm(FieldNormReader::fieldnorm_to_id(length))
}
