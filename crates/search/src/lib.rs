//! The read path: a query becomes a results page, over any engine.
//!
//! `understand` reads the query, `retrieve` finds candidates, `rank` puts them in order, takes
//! copies together and folds sites, `vertical` takes videos and discussions together, `snippet`
//! writes what each says, and `compose` makes the page.
#![warn(missing_docs)]

mod compose;
mod highlight;
mod host_name;
pub mod rank;
mod retrieve;
mod snippet;
mod terms;
pub mod understand;
mod vertical;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use engine::{EngineError, View};
use model::hit::Hit;
use model::page::{ResultsPage, Tab};
use model::query::Expr;
use model::time::UnixSeconds;

pub use highlight::{Highlighter, TextMarker};
pub use rank::weights::Weights;
pub use understand::understand;

use terms::Terms;
use understand::Member;

/// What a person or a program asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The query as typed.
    pub text: String,
    /// Which kinds of things are wanted, apart from the query.
    pub tab: Tab,
    /// The clock.
    pub now: UnixSeconds,
    /// Results to pass over, members of clusters aside.
    pub offset: usize,
    /// Results wanted, members of clusters aside.
    pub count: usize,
    /// Whether each result is to say why it stands where it stands.
    pub explain: bool,
    /// Whether operators are read; without, the query is plain words.
    pub operators: bool,
    /// The reader's languages, BCP 47, most liked first; may be empty.
    pub languages: Vec<String>,
}

/// Why a query has no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The engine could not answer.
    #[error("the index cannot be searched")]
    Engine(#[from] EngineError),
}

/// Answers a request from one commit.
pub fn search(view: &dyn View, request: &Request) -> Result<ResultsPage, SearchError> {
    search_timed(view, request, &mut |_| {})
}

/// Like [`search`]; calls `lap` at the end of each stage with its name (`understand`,
/// `candidates`, `ranking`, `folding`, `snippets`, `composing`), so that a caller with a clock can
/// tell the shares.
pub fn search_timed(
    view: &dyn View,
    request: &Request,
    lap: &mut dyn FnMut(&'static str),
) -> Result<ResultsPage, SearchError> {
    search_with(view, request, &Weights::default(), lap)
}

/// Like [`search_timed`], with another model.
pub fn search_with(
    view: &dyn View,
    request: &Request,
    weights: &Weights,
    lap: &mut dyn FnMut(&'static str),
) -> Result<ResultsPage, SearchError> {
    let reading = understand::read(request);
    let query = reading.query.clone();
    lap("understand");
    let documents = view.totals()?.documents;
    let end = query.offset.saturating_add(query.count);
    let mut least = 0;
    let (retrieved, terms, mut column) = loop {
        let mut retrieved = retrieve::retrieve(view, &reading, request, least)?;
        lap("candidates");
        let terms = weighted_terms(view, &query.expr, documents)?;
        let candidates = retrieved.take_candidates();
        let hits = rank::rank(
            view,
            &query,
            &terms,
            &request.languages,
            weights,
            candidates,
            retrieved.ranked,
        )?;
        lap("ranking");
        let lenient = &retrieved.lenient;
        let column = vertical::arrange(view, &query, &terms, request.tab, hits, lenient)?;
        lap("folding");
        // Copies and folded sites may have taken nearly all of the first ones away.
        let beyond = retrieved.found.total.count() > retrieved.depth as u64;
        if column.results.len() > end || !beyond || retrieved.depth >= retrieve::CANDIDATES {
            break (retrieved, terms, column);
        }
        least = retrieve::CANDIDATES;
    };
    let more = column.results.len() > end;
    let clusters = column.take_clusters(query.offset, end);
    let mut shown = column.results;
    shown.truncate(end);
    shown.drain(..query.offset.min(shown.len()));
    let (blocks, relaxed) = if let Some(kind) = column.main {
        let cards = vertical::cards(view, &query, &terms, kind, shown, true)?;
        lap("snippets");
        (cards.into_iter().collect(), texts(&retrieved.relaxed))
    } else {
        let drafts = compose::drafts(view, &terms, shown, &retrieved.relaxed)?;
        lap("snippets");
        let relaxed = compose::told_as_relaxed(&terms, &retrieved.relaxed, &drafts);
        let mut blocks = compose::blocks(view, &query, drafts)?;
        for cluster in clusters {
            let kind = cluster.kind;
            let cards = vertical::cards(view, &query, &terms, kind, cluster.members, false)?;
            if let Some(cards) = cards {
                blocks.insert(cluster.place.min(blocks.len()), cards);
            }
        }
        (blocks, relaxed)
    };
    let total = retrieved.found.total;
    let mut query_line = compose::query_line(reading, &retrieved.found, relaxed, documents);
    query_line.tab = request.tab;
    if !more && total.count() > retrieved.depth as u64 {
        query_line.warnings.push(format!(
            "The results end here, as only the best {} are put in order; narrow the query to reach \
             the others.",
            retrieved.depth
        ));
    }
    lap("composing");
    Ok(ResultsPage {
        query: query_line,
        blocks,
        total,
        offset: query.offset,
        count: query.count,
        more,
        took: None,
    })
}

/// The hits of a request, best first, before copies are taken together and sites folded: what
/// evaluation measures.
pub fn hits(
    view: &dyn View,
    request: &Request,
    weights: &Weights,
) -> Result<Vec<Hit>, SearchError> {
    let reading = understand::read(request);
    let documents = view.totals()?.documents;
    let mut retrieved = retrieve::retrieve(view, &reading, request, 0)?;
    let terms = weighted_terms(view, &reading.query.expr, documents)?;
    let candidates = retrieved.take_candidates();
    let query = &reading.query;
    let mut hits = rank::rank(
        view,
        query,
        &terms,
        &request.languages,
        weights,
        candidates,
        retrieved.ranked,
    )?;
    hits.retain(|hit| !retrieved.lenient.contains(&hit.document));
    Ok(hits)
}

/// Words let go, as typed.
fn texts(relaxed: &[Member]) -> Vec<String> {
    relaxed.iter().map(|member| member.text.clone()).collect()
}

/// The words of a query with their rarity in this index.
fn weighted_terms(view: &dyn View, expr: &Expr, documents: u64) -> Result<Terms, EngineError> {
    let mut words: Vec<String> = Vec::new();
    Terms::of(expr, &mut |word| {
        words.push(word.to_owned());
        0.0
    });
    let mut weights: BTreeMap<String, f32> = BTreeMap::new();
    for word in words {
        if let Entry::Vacant(entry) = weights.entry(word) {
            let frequency = view.frequency(entry.key())?;
            entry.insert(terms::rarity(frequency, documents));
        }
    }
    Ok(Terms::of(expr, &mut |word| {
        weights.get(word).copied().unwrap_or_default()
    }))
}
