//! A lowered query over the segments of an index: `node.rs` walks, this file builds the walks.

mod node;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use model::query::{Filter, SitePattern, Test};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, Searcher, SegmentReader, Term};

use self::node::{
    All, Any, BoxNode, Else, Gate, Leaf, Near, Nothing, Quiet, Scoring, Tagged, Where,
};
use super::index::Fields;
use crate::EngineError;
use crate::analysis::exact_forms;
use crate::evidence::{PREFIX_TERMS, idf};
use crate::filter::{day_passes, lasts};
use crate::marks::QueryWord;
use crate::naive::{B, K1, Scores};
use crate::tags::{name_tag, place_tag, tag};
use crate::terms::{MAX_EXPANSIONS, Region, TextField, Tree};

/// All segments with what scoring needs of them.
pub(super) struct Corpus<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    /// Deleted ones among them, until segments are merged.
    pub(super) documents: u64,
    by_length: RefCell<BTreeMap<TextField, Arc<[f32; 256]>>>,
    frequencies: RefCell<BTreeMap<(TextField, String), u64>>,
    expansions: RefCell<Expansions>,
}

/// The terms of prefixes.
type Expansions = BTreeMap<(TextField, String), Arc<Vec<String>>>;

/// A walk over the documents of a segment that match.
pub(super) struct Walk(BoxNode);

impl Walk {
    /// Where it stands; `None` behind the last document.
    pub(super) fn doc(&self) -> Option<u32> {
        Some(self.0.doc()).filter(|&doc| doc != tantivy::TERMINATED)
    }

    pub(super) fn advance(&mut self) {
        let next = self.0.doc() + 1;
        self.0.seek(next);
    }

    pub(super) fn scores(&mut self) -> Scores {
        let mut scores = [0.0; 3];
        self.0.score(&mut scores);
        scores
    }

    /// Whether a document matches; to be asked in order.
    pub(super) fn holds(&mut self, doc: u32) -> bool {
        self.0.holds(doc)
    }
}

impl<'a> Corpus<'a> {
    pub(super) fn new(searcher: &'a Searcher, fields: &'a Fields) -> Self {
        let segments = searcher.segment_readers().iter();
        Self {
            searcher,
            fields,
            documents: segments.map(|segment| u64::from(segment.max_doc())).sum(),
            by_length: RefCell::default(),
            frequencies: RefCell::default(),
            expansions: RefCell::default(),
        }
    }

    pub(super) fn walk(&self, tree: &Tree, segment: &SegmentReader) -> Result<Walk, EngineError> {
        Ok(Walk(self.node(tree, segment)?))
    }

    /// A walk over the documents that pass a filter.
    pub(super) fn filter(
        &self,
        filter: &Filter,
        segment: &SegmentReader,
    ) -> Result<Walk, EngineError> {
        Ok(Walk(self.filter_node(filter, segment)?))
    }

    fn node(&self, tree: &Tree, segment: &SegmentReader) -> Result<BoxNode, EngineError> {
        let nodes = |trees: &[Tree]| -> Result<Vec<BoxNode>, EngineError> {
            trees.iter().map(|tree| self.node(tree, segment)).collect()
        };
        Ok(match tree {
            Tree::Everything => Box::new(Where::new(segment.max_doc(), |_| true)),
            Tree::Nothing => Box::new(Nothing),
            Tree::Term {
                field,
                region,
                term,
            } => self.leaf(*field, *region, &[(0, term.clone())], segment)?,
            Tree::Phrase {
                field,
                region,
                terms,
            } => self.leaf(*field, *region, terms, segment)?,
            Tree::Prefix {
                field,
                region,
                prefix,
            } => {
                let mut members = Vec::new();
                for term in self.expansions(*field, prefix)?.iter() {
                    members.push(self.leaf(*field, *region, &[(0, term.clone())], segment)?);
                }
                members.retain(|member| member.cost() > 0);
                Box::new(Any::new(members))
            }
            Tree::Near(left, right, apart) => Box::new(Near::new(
                self.node(left, segment)?,
                self.node(right, segment)?,
                *apart,
            )),
            Tree::All { required, optional } => {
                Box::new(All::new(nodes(required)?, nodes(optional)?))
            }
            Tree::Any(members) => {
                let mut members = nodes(members)?;
                members.retain(|member| member.cost() > 0);
                Box::new(Any::new(members))
            }
            Tree::Else(first, second) => {
                let first = self.node(first, segment)?;
                let second = self.node(second, segment)?;
                match (first.cost(), second.cost()) {
                    (0, _) => second,
                    (_, 0) => first,
                    _ => Box::new(Else::new(first, second)),
                }
            }
            Tree::Not(member) => not(self.node(member, segment)?, segment),
            Tree::Filter(filter) => self.filter_node(filter, segment)?,
        })
    }

    fn leaf(
        &self,
        field: TextField,
        region: Region,
        terms: &[(u32, String)],
        segment: &SegmentReader,
    ) -> Result<BoxNode, EngineError> {
        let mut all = Vec::new();
        let mut weight = 0.0;
        let needs_positions = terms.len() > 1 || region != Region::Whole;
        for (offset, term) in terms {
            let Some(postings) = self.postings(field, term, segment, true)? else {
                return Ok(Box::new(Nothing));
            };
            let mut frequency = self.frequency(field, term)?;
            if let Some(written) = field.written() {
                frequency = frequency.max(self.frequency(written, term)?);
            }
            weight += idf(frequency, self.documents);
            all.push((*offset, postings));
        }
        if all.is_empty() {
            return Ok(Box::new(Nothing));
        }
        let columns = segment.fast_fields();
        let column = |name: &str| {
            let is_needed = needs_positions && region != Region::Whole;
            is_needed
                .then(|| columns.column_opt::<u64>(name))
                .transpose()
        };
        let gate = Gate {
            region,
            length: column("length")?.flatten(),
            title_length: column("title_length")?.flatten(),
        };
        let scoring = Scoring {
            norms: segment.get_fieldnorms_reader(self.fields.text(field))?,
            by_length: self.by_length(field)?,
            channel: field.channel(),
        };
        Ok(Box::new(Leaf::new(all, weight * (1.0 + K1), scoring, gate)))
    }

    fn postings(
        &self,
        field: TextField,
        term: &str,
        segment: &SegmentReader,
        positions: bool,
    ) -> Result<Option<SegmentPostings>, EngineError> {
        let field = self.fields.text(field);
        let option = if positions {
            IndexRecordOption::WithFreqsAndPositions
        } else {
            IndexRecordOption::WithFreqs
        };
        let postings = segment
            .inverted_index(field)?
            .read_postings(&Term::from_field_text(field, term), option)
            .map_err(tantivy::TantivyError::from)?;
        Ok(postings)
    }

    /// BM25's k1 (1 - b + b · length / average) by quantised length.
    fn by_length(&self, field: TextField) -> Result<Arc<[f32; 256]>, EngineError> {
        if let Some(known) = self.by_length.borrow().get(&field) {
            return Ok(Arc::clone(known));
        }
        let mut tokens = 0;
        for segment in self.searcher.segment_readers() {
            tokens += segment
                .inverted_index(self.fields.text(field))?
                .total_num_tokens();
        }
        let average = tokens as f32 / self.documents as f32;
        let mut table = [0.0; 256];
        for (id, norm) in (0..=u8::MAX).zip(&mut table) {
            let length = FieldNormReader::id_to_fieldnorm(id);
            *norm = K1 * (1.0 - B + B * length as f32 / average);
        }
        let table = Arc::new(table);
        self.by_length
            .borrow_mut()
            .insert(field, Arc::clone(&table));
        Ok(table)
    }

    /// How many documents hold a term.
    pub(super) fn frequency(&self, field: TextField, term: &str) -> Result<u64, EngineError> {
        let key = (field, term.to_owned());
        if let Some(known) = self.frequencies.borrow().get(&key) {
            return Ok(*known);
        }
        let name = self.fields.text(field);
        let frequency = self.searcher.doc_freq(&Term::from_field_text(name, term))?;
        self.frequencies.borrow_mut().insert(key, frequency);
        Ok(frequency)
    }

    /// The most frequent terms with a prefix, ties by term.
    fn expansions(&self, field: TextField, prefix: &str) -> Result<Arc<Vec<String>>, EngineError> {
        let key = (field, prefix.to_owned());
        if let Some(known) = self.expansions.borrow().get(&key) {
            return Ok(Arc::clone(known));
        }
        let mut counts: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.fields.text(field))?;
            let mut stream = inverted
                .terms()
                .range()
                .ge(prefix.as_bytes())
                .into_stream()
                .map_err(tantivy::TantivyError::from)?;
            while stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
                let frequency = u64::from(stream.value().doc_freq);
                *counts.entry(stream.key().to_vec()).or_default() += frequency;
            }
        }
        let mut terms: Vec<(u64, String)> = counts
            .into_iter()
            .filter_map(|(term, frequency)| Some((frequency, String::from_utf8(term).ok()?)))
            .collect();
        terms.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        terms.truncate(MAX_EXPANSIONS);
        let terms: Arc<Vec<String>> = Arc::new(terms.into_iter().map(|(_, term)| term).collect());
        self.expansions.borrow_mut().insert(key, Arc::clone(&terms));
        Ok(terms)
    }

    fn filter_node(
        &self,
        filter: &Filter,
        segment: &SegmentReader,
    ) -> Result<BoxNode, EngineError> {
        let tagged = |names: Vec<u64>| self.tagged(&names, segment);
        let each = |operator: &str, values: &[String]| {
            values.iter().map(|value| tag(operator, value)).collect()
        };
        let named = |operator: &str, names: &[String]| {
            let tags = names.iter().filter_map(|name| name_tag(operator, name));
            tags.collect()
        };
        let places = |operator: &str, patterns: &[SitePattern]| {
            patterns
                .iter()
                .map(|pattern| place_tag(operator, pattern))
                .collect()
        };
        let node: BoxNode = match &filter.test {
            Test::Site(patterns) => tagged(places("site", patterns))?,
            Test::Links(patterns) => tagged(places("links", patterns))?,
            Test::Collection(names) => tagged(each("source", names))?,
            Test::Extension(names) => tagged(each("ext", names))?,
            Test::FileType(names) => tagged(each("type", names))?,
            Test::Kind(kinds) => tagged(
                kinds
                    .iter()
                    .map(|kind| tag("kind", kind.as_str()))
                    .collect(),
            )?,
            Test::Language(languages) => tagged(each("lang", languages))?,
            Test::HasDate => tagged(vec![tag("has", "date")])?,
            Test::HasCaptures => tagged(vec![tag("has", "captures")])?,
            Test::Author(names) => {
                let mut members = Vec::new();
                for name in names {
                    let terms: Vec<(u32, String)> = (0..).zip(exact_forms(name)).collect();
                    members.push(self.leaf(TextField::Author, Region::Whole, &terms, segment)?);
                }
                Box::new(Quiet(Box::new(Any::new(members))))
            }
            Test::Channel(names) => tagged(named("channel", names))?,
            Test::Forum(names) => tagged(named("forum", names))?,
            Test::Duration { from, to } => {
                let lengths = segment.fast_fields().column_opt::<u64>("duration")?;
                let (from, to) = (*from, *to);
                Box::new(Where::new(segment.max_doc(), move |doc| {
                    let seconds = lengths.as_ref().and_then(|lengths| lengths.first(doc));
                    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
                    seconds.is_some_and(|seconds| lasts(seconds, from, to))
                }))
            }
            Test::Published {
                from,
                until,
                undated,
            } => {
                let days = segment.fast_fields().column_opt::<i64>("day")?;
                let (from, until, undated) = (*from, *until, *undated);
                Box::new(Where::new(segment.max_doc(), move |doc| {
                    let day = days.as_ref().and_then(|days| days.first(doc));
                    day_passes(day, from, until, undated)
                }))
            }
            Test::Captured { from, until } => {
                let seen = segment.fast_fields().column_opt::<i64>("seen")?;
                let span = from.0..until.0;
                Box::new(Where::new(segment.max_doc(), move |doc| {
                    let mut times = seen.iter().flat_map(|seen| seen.values_for_doc(doc));
                    times.any(|time| span.contains(&time))
                }))
            }
        };
        Ok(if filter.negated {
            not(node, segment)
        } else {
            node
        })
    }

    fn tagged(&self, tags: &[u64], segment: &SegmentReader) -> Result<BoxNode, EngineError> {
        let inverted = segment.inverted_index(self.fields.tags)?;
        let mut members: Vec<BoxNode> = Vec::new();
        for tag in tags {
            let term = Term::from_field_u64(self.fields.tags, *tag);
            let postings = inverted
                .read_postings(&term, IndexRecordOption::Basic)
                .map_err(tantivy::TantivyError::from)?;
            if let Some(postings) = postings {
                members.push(Box::new(Tagged(postings)));
            }
        }
        Ok(Box::new(Any::new(members)))
    }

    /// The terms of a word of the query in title and text.
    fn terms_of(&self, word: &QueryWord) -> Result<Vec<(TextField, String)>, EngineError> {
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
            let expansions = self.expansions(TextField::Exact, prefix)?;
            let expansions = expansions.iter().take(PREFIX_TERMS);
            terms.extend(expansions.map(|term| (TextField::Exact, term.clone())));
        }
        Ok(terms)
    }

    /// The document frequency of a word of the query: that of the most frequent of its terms.
    pub(super) fn word_frequency(&self, word: &QueryWord) -> Result<u64, EngineError> {
        let mut most = 0;
        for (field, term) in self.terms_of(word)? {
            most = most.max(self.frequency(field, &term)?);
        }
        Ok(most)
    }

    /// The places of a word of the query in the documents of a segment.
    pub(super) fn places(
        &self,
        word: &QueryWord,
        segment: &SegmentReader,
    ) -> Result<Places, EngineError> {
        let mut postings = Vec::new();
        for (field, term) in self.terms_of(word)? {
            postings.extend(self.postings(field, &term, segment, true)?);
        }
        Ok(Places {
            postings,
            buffer: Vec::new(),
        })
    }
}

/// Where a word of the query stands in documents.
pub(super) struct Places {
    postings: Vec<SegmentPostings>,
    buffer: Vec<u32>,
}

impl Places {
    /// Positions in a document, sorted, each once; documents must be asked for in order.
    pub(super) fn of(&mut self, doc: u32) -> Vec<u32> {
        let mut places = Vec::new();
        for postings in &mut self.postings {
            if postings.doc() < doc {
                postings.seek(doc);
            }
            if postings.doc() == doc {
                postings.positions(&mut self.buffer);
                places.append(&mut self.buffer);
            }
        }
        if self.postings.len() > 1 {
            places.sort_unstable();
            places.dedup();
        }
        places
    }
}

fn not(mut node: BoxNode, segment: &SegmentReader) -> BoxNode {
    Box::new(Where::new(segment.max_doc(), move |doc| !node.holds(doc)))
}
