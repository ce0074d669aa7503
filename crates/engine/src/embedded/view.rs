//! One commit, whole: connections that have read one sequence number, and a searcher of the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use model::address::{Host, Surt};
use model::capture::{Capture, CaptureId, Redirect};
use model::contribution::Contribution;
use model::document::{Document, DocumentId, Kind, Passage};
use model::hit::{Found, Head};
use model::query::{Filter, Plan};
use model::record::Origin;
use model::time::UnixSeconds;
use rusqlite::Connection;
use tantivy::schema::IndexRecordOption;
use tantivy::schema::Value as _;
use tantivy::{DocAddress, DocSet as _, Searcher, TERMINATED, TantivyDocument};

use super::finding::Finding;
use super::index::{Fields, HeadRow, id_term};
use super::matching::Corpus;
use super::packing::{address_hash, read};
use super::store::{Rows, from_sql};
use super::{folder_bytes, in_file};
use crate::naive::{asked_languages, either_form, most_first};
use crate::terms::lower_query;
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

impl View for EmbeddedView {
    fn commit(&self) -> CommitId {
        CommitId(self.n)
    }

    fn candidates(&self, plan: &Plan<'_>) -> Result<Found, EngineError> {
        let finding = Finding {
            searcher: &self.searcher,
            corpus: Corpus::new(&self.searcher, &self.fields),
            plan,
        };
        finding.found(&self.languages)
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
            let mut said = rows.said_of(id)?;
            said.sort_by(|a, b| a.merge_order().cmp(&b.merge_order()));
            Ok(said)
        })
    }

    fn waiting_after(
        &self,
        id: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentId>, EngineError> {
        self.with_rows(|rows| rows.waiting_after(id, limit))
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
