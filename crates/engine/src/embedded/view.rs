//! One commit, whole: connections that have read one sequence number, and a searcher of the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use model::address::{Host, Surt};
use model::capture::{Capture, CaptureId, Redirect};
use model::contribution::Contribution;
use model::document::{Document, DocumentId, Kind, Passage};
use model::hit::{Candidate, Channel, Found, Head, Removed, Total};
use model::query::{Filter, Plan};
use model::record::Origin;
use model::time::UnixSeconds;
use rusqlite::Connection;
use tantivy::columnar::Column;
use tantivy::schema::IndexRecordOption;
use tantivy::schema::Value as _;
use tantivy::{DocAddress, DocSet as _, Searcher, SegmentReader, TERMINATED, TantivyDocument};

use super::index::{Fields, HeadRow, id_of_halves, id_term};
use super::matching::Corpus;
use super::packing::{address_hash, read};
use super::store::{Rows, from_sql};
use super::{folder_bytes, in_file};
use crate::evidence;
use crate::filter::falls_undated;
use crate::naive::{Scores, asked_languages, either_form, most_first, sum_of, wanted_scores};
use crate::terms::{QueryTerms, lower_query};
use crate::{CommitId, EngineError, Facet, Outcome, Totals, View};

/// One commit, whole.
pub(super) struct EmbeddedView {
    folder: PathBuf,
    n: u64,
    searcher: Searcher,
    fields: Fields,
    languages: Vec<String>,
    /// Connections that nobody uses at the moment, each in a read transaction of commit `n`.
    free: Mutex<Vec<Connection>>,
    returned: Condvar,
}

/// A connection on loan.
struct Loan<'a> {
    of: &'a EmbeddedView,
    connection: Option<Connection>,
}

impl Loan<'_> {
    fn rows(&self) -> Result<Rows<'_>, EngineError> {
        let connection = self.connection.as_ref();
        connection
            .map(Rows)
            .ok_or(EngineError::Store(rusqlite::Error::QueryReturnedNoRows))
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let mut free = self.of.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.connection.take());
        self.of.returned.notify_one();
    }
}

/// A document of the index that matches.
struct Match {
    since: i64,
    segment: u32,
    doc: u32,
    scores: Scores,
}

/// What matches at one address.
struct AtAddress {
    /// The newest state that passes all filters.
    best: Option<Match>,
    /// Filters that a state passes, and those to which an undated one falls, by bits.
    passed: u128,
    undated: u128,
}

impl EmbeddedView {
    pub(super) fn new(
        folder: PathBuf,
        n: u64,
        connections: Vec<Connection>,
        searcher: Searcher,
    ) -> Result<Self, EngineError> {
        let mut view = Self {
            folder,
            n,
            searcher,
            fields: Fields::new().1,
            languages: Vec::new(),
            free: Mutex::new(connections),
            returned: Condvar::new(),
        };
        view.languages = asked_languages(view.counts(Facet::Language, &[])?);
        Ok(view)
    }

    pub(super) fn n(&self) -> u64 {
        self.n
    }

    fn loan(&self) -> Loan<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = free.pop() {
                return Loan {
                    of: self,
                    connection: Some(connection),
                };
            }
            free = self
                .returned
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn with_rows<T>(
        &self,
        read: impl FnOnce(Rows<'_>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let loan = self.loan();
        read(loan.rows()?)
    }

    fn body_of(rows: Rows<'_>, id: DocumentId) -> Result<Option<i64>, EngineError> {
        Ok(rows.document_row(id)?.map(|row| row.body))
    }

    /// What matches, by a hash of the address.
    fn matching(
        &self,
        corpus: &Corpus<'_>,
        tree: &crate::terms::Tree,
        plan: &Plan<'_>,
    ) -> Result<HashMap<u64, AtAddress>, EngineError> {
        let mut addresses: HashMap<u64, AtAddress> = HashMap::new();
        // More filters than bits: the rest still filter, and are not counted.
        let all: u128 = match plan.filters.len() {
            128.. => u128::MAX,
            count => (1 << count) - 1,
        };
        for (segment_number, segment) in (0_u32..).zip(self.searcher.segment_readers()) {
            let columns = Columns::new(segment)?;
            let mut walk = corpus.walk(tree, segment)?;
            let mut filters = Vec::new();
            for filter in plan.filters {
                filters.push(corpus.filter(filter, segment)?);
            }
            while let Some(doc) = walk.doc() {
                if !segment.is_deleted(doc) && columns.is_wanted(doc, plan) {
                    let mut passed = 0;
                    let mut undated = 0;
                    let mut passes_all = true;
                    for (bit, (filter, walk)) in plan.filters.iter().zip(&mut filters).enumerate() {
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
                    if passes_all && (passed == all || plan.filters.len() > 128) {
                        let state = Match {
                            since: columns.since(doc),
                            segment: segment_number,
                            doc,
                            scores: walk.scores(),
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

    /// The best matches by the sum of their scores, ties by id.
    fn best(
        &self,
        matches: Vec<Match>,
        plan: &Plan<'_>,
    ) -> Result<Vec<(DocumentId, Match)>, EngineError> {
        let mut sums: Vec<(f32, Match)> = matches
            .into_iter()
            .map(|state| (sum_of(state.scores, plan), state))
            .collect();
        if plan.limit == 0 {
            return Ok(Vec::new());
        }
        if sums.len() > plan.limit {
            let by_sum = |a: &(f32, Match), b: &(f32, Match)| b.0.total_cmp(&a.0);
            let (_, worst, _) = sums.select_nth_unstable_by(plan.limit - 1, by_sum);
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
        best.truncate(plan.limit);
        Ok(best.into_iter().map(|(_, id, state)| (id, state)).collect())
    }

    /// Proximity and passages of the candidates, from the places of the query's words.
    fn evidence(
        &self,
        corpus: &Corpus<'_>,
        terms: &QueryTerms,
        best: &[(DocumentId, Match)],
        candidates: &mut [Candidate],
    ) -> Result<Vec<f32>, EngineError> {
        let words = evidence::words(&terms.words);
        let mut idfs = Vec::new();
        for (_, word) in &words {
            idfs.push(evidence::idf(
                corpus.word_frequency(word)?,
                corpus.documents,
            ));
        }
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
                .is_none_or(|(segment, _, _)| *segment != state.segment)
            {
                let segment = self.searcher.segment_reader(state.segment);
                let mut places = Vec::new();
                for (_, word) in &words {
                    places.push(corpus.places(word, segment)?);
                }
                let ends = segment.fast_fields().column_opt::<u64>("ends")?;
                open = Some((state.segment, places, ends));
            }
            let Some((_, places, ends)) = &mut open else {
                continue;
            };
            let places: Vec<Vec<u32>> = places.iter_mut().map(|word| word.of(state.doc)).collect();
            let ends: Vec<u32> = ends
                .iter()
                .flat_map(|ends| ends.values_for_doc(state.doc))
                .map(|end| end as u32)
                .collect();
            if let Some(candidate) = candidates.get_mut(number) {
                candidate.passages = evidence::passages(&ends, &places, &idfs);
            }
            if let Some(pairs) = pairs.get_mut(number) {
                *pairs = evidence::adjacent(&words, &places);
            }
        }
        Ok(evidence::proximity(&pairs, words.len()))
    }

    fn find(&self, id: DocumentId) -> Result<Option<DocAddress>, EngineError> {
        let term = id_term(&self.fields, id);
        for (number, segment) in (0..).zip(self.searcher.segment_readers()) {
            let inverted = segment.inverted_index(self.fields.id)?;
            let postings = inverted
                .read_postings(&term, IndexRecordOption::Basic)
                .map_err(tantivy::TantivyError::from)?;
            let Some(mut postings) = postings else {
                continue;
            };
            while postings.doc() != TERMINATED {
                if !segment.is_deleted(postings.doc()) {
                    return Ok(Some(DocAddress::new(number, postings.doc())));
                }
                postings.advance();
            }
        }
        Ok(None)
    }

    fn head(&self, id: DocumentId) -> Result<Option<Head>, EngineError> {
        let Some(address) = self.find(id)? else {
            return Ok(None);
        };
        let document: TantivyDocument = self.searcher.doc(address)?;
        let Some(packed) = document
            .get_first(self.fields.head)
            .and_then(|value| value.as_bytes())
        else {
            return Ok(None);
        };
        let row: HeadRow = serde_json::from_slice(packed).map_err(|source| EngineError::Row {
            table: "head",
            source,
        })?;
        Ok(Some(row.head()))
    }
}

/// The columns that every match is looked up in.
struct Columns {
    address: Option<Column<u64>>,
    since: Option<Column<i64>>,
    kind: Option<Column<u64>>,
    held: Option<Column<i64>>,
    day: Option<Column<i64>>,
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

impl View for EmbeddedView {
    fn commit(&self) -> CommitId {
        CommitId(self.n)
    }

    fn candidates(&self, plan: &Plan<'_>) -> Result<Found, EngineError> {
        let (tree, terms) = lower_query(plan.expr, &self.languages);
        let corpus = Corpus::new(&self.searcher, &self.fields);
        let addresses = self.matching(&corpus, &tree, plan)?;
        let count = |counts: &dyn Fn(&AtAddress) -> bool| {
            Total::Exact(addresses.values().filter(|address| counts(address)).count() as u64)
        };
        let removed = (0..plan.filters.len())
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
        let best = self.best(matches, plan)?;
        let mut candidates: Vec<Candidate> = best
            .iter()
            .map(|(document, state)| Candidate {
                document: *document,
                scores: wanted_scores(state.scores, plan),
                passages: Vec::new(),
            })
            .collect();
        let proximity = self.evidence(&corpus, &terms, &best, &mut candidates)?;
        if plan.channels.contains(&Channel::Proximity) {
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

    fn heads(&self, ids: &[DocumentId]) -> Result<Vec<Option<Head>>, EngineError> {
        ids.iter().map(|id| self.head(*id)).collect()
    }

    fn passages(&self, id: DocumentId, which: Range<u32>) -> Result<Vec<Passage>, EngineError> {
        self.with_rows(|rows| match Self::body_of(rows, id)? {
            Some(body) => rows.passages(body, which),
            None => Ok(Vec::new()),
        })
    }

    fn document(&self, id: DocumentId) -> Result<Option<Document>, EngineError> {
        self.with_rows(|rows| {
            let body = Self::body_of(rows, id)?;
            body.map(|body| rows.body(body)).transpose()
        })
    }

    fn outline(&self, id: DocumentId) -> Result<Option<Document>, EngineError> {
        self.with_rows(|rows| {
            let body = Self::body_of(rows, id)?;
            body.map(|body| rows.outline(body)).transpose()
        })
    }

    fn capture(&self, id: CaptureId) -> Result<Option<Capture>, EngineError> {
        self.with_rows(|rows| rows.capture(id.0))
    }

    fn captures(&self, of: &Surt) -> Result<Vec<Capture>, EngineError> {
        self.with_rows(|rows| rows.captures_at(address_hash(&of.0)))
    }

    fn captures_of(&self, document: DocumentId) -> Result<Vec<Capture>, EngineError> {
        self.with_rows(|rows| rows.captures_of(document))
    }

    fn site_name(&self, host: &Host) -> Result<Option<String>, EngineError> {
        self.with_rows(|rows| rows.site_name(host))
    }

    fn frequency(&self, word: &str) -> Result<u64, EngineError> {
        let expr = either_form(word);
        let (tree, _) = lower_query(&expr, &self.languages);
        let corpus = Corpus::new(&self.searcher, &self.fields);
        let mut frequency = 0;
        for segment in self.searcher.segment_readers() {
            let mut walk = corpus.walk(&tree, segment)?;
            while let Some(doc) = walk.doc() {
                frequency += u64::from(!segment.is_deleted(doc));
                walk.advance();
            }
        }
        Ok(frequency)
    }

    fn counts(&self, by: Facet, filters: &[Filter]) -> Result<Vec<(String, u64)>, EngineError> {
        let corpus = Corpus::new(&self.searcher, &self.fields);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for segment in self.searcher.segment_readers() {
            let mut walks = Vec::new();
            for filter in filters {
                walks.push(corpus.filter(filter, segment)?);
            }
            let passing = segment
                .doc_ids_alive()
                .filter(|&doc| walks.iter_mut().all(|walk| walk.holds(doc)));
            let columns = segment.fast_fields();
            let mut add = |value: String, count: u64| *counts.entry(value).or_default() += count;
            let name = match by {
                Facet::Kind => {
                    let kinds = columns.u64("kind")?;
                    for doc in passing {
                        let kind = kinds
                            .first(doc)
                            .and_then(|kind| Kind::ALL.get(kind as usize));
                        add(kind.map_or("", |kind| kind.as_str()).to_owned(), 1);
                    }
                    continue;
                }
                Facet::Collection => "collection",
                Facet::Language => "language",
                Facet::Site => "site",
            };
            let Some(column) = columns.str(name)? else {
                continue;
            };
            let mut by_number: BTreeMap<u64, u64> = BTreeMap::new();
            for doc in passing {
                for number in column.term_ords(doc) {
                    *by_number.entry(number).or_default() += 1;
                }
            }
            for (number, count) in by_number {
                let mut value = String::new();
                column
                    .ord_to_str(number, &mut value)
                    .map_err(tantivy::TantivyError::from)?;
                add(value, count);
            }
        }
        Ok(most_first(counts))
    }

    fn ids_after(
        &self,
        id: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentId>, EngineError> {
        self.with_rows(|rows| rows.ids_after(id, limit))
    }

    fn contributions(&self, id: DocumentId) -> Result<Vec<Contribution>, EngineError> {
        self.with_rows(|rows| {
            let contributions = rows.contributions(id)?.into_iter();
            contributions.map(|row| rows.contribution(row)).collect()
        })
    }

    fn captures_after(
        &self,
        id: Option<CaptureId>,
        limit: usize,
    ) -> Result<Vec<Capture>, EngineError> {
        self.with_rows(|rows| rows.captures_after(id.map(|id| id.0), limit))
    }

    fn redirects(&self) -> Result<Vec<(Redirect, String, Origin)>, EngineError> {
        self.with_rows(|rows| {
            let mut statement = rows.0.prepare_cached(
                "SELECT from_address, to_address, seen, collection, origin FROM redirect",
            )?;
            let mut found = Vec::new();
            let mut all = statement.query([])?;
            while let Some(row) = all.next()? {
                let redirect = Redirect {
                    from: Surt(row.get(0)?),
                    to: Surt(row.get(1)?),
                    seen: UnixSeconds(row.get(2)?),
                };
                let origin = read("redirect", row.get_ref(4)?.as_str().map_err(from_sql)?)?;
                found.push((redirect, row.get(3)?, origin));
            }
            found.sort();
            Ok(found)
        })
    }

    fn journal(&self) -> Result<Vec<Outcome>, EngineError> {
        self.with_rows(|rows| {
            let mut statement = rows
                .0
                .prepare_cached("SELECT origin, class, url, reason, tried FROM journal")?;
            let mut found = Vec::new();
            let mut all = statement.query([])?;
            while let Some(row) = all.next()? {
                found.push(Outcome {
                    origin: read("journal", row.get_ref(0)?.as_str().map_err(from_sql)?)?,
                    class: read("journal", row.get_ref(1)?.as_str().map_err(from_sql)?)?,
                    url: row.get(2)?,
                    reason: row.get(3)?,
                    tried: UnixSeconds(row.get(4)?),
                });
            }
            found.sort_by(|a, b| (&a.origin, a.class).cmp(&(&b.origin, b.class)));
            Ok(found)
        })
    }

    fn languages(&self) -> Result<Vec<String>, EngineError> {
        Ok(self.languages.clone())
    }

    fn totals(&self) -> Result<Totals, EngineError> {
        let bytes = self.bytes()?;
        self.with_rows(|rows| {
            let redirects: i64 = rows.0.query_row(
                "SELECT count(*) FROM (SELECT DISTINCT from_address, to_address, seen FROM redirect)",
                [],
                |row| row.get(0),
            )?;
            Ok(Totals {
                documents: rows.count("document")?,
                captures: rows.count("capture")?,
                redirects: redirects.unsigned_abs(),
                outcomes: rows.count("journal")?,
                bytes,
                committed: rows.meta("committed")?.map(UnixSeconds),
            })
        })
    }
}

impl EmbeddedView {
    /// Bytes of store and index on disk.
    fn bytes(&self) -> Result<u64, EngineError> {
        let index = self.folder.join("index");
        let generations = std::fs::read_dir(&index).map_err(|source| in_file(&index, source))?;
        let folders: BTreeSet<PathBuf> = generations.flatten().map(|entry| entry.path()).collect();
        let of_index: u64 = folders.iter().map(|folder| folder_bytes(folder)).sum();
        Ok(of_index + folder_bytes(&self.folder))
    }
}
