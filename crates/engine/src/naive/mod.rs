//! The definition that other engines are tested against: everything in memory, every commit
//! derived afresh, every query a scan. `matching.rs` says what matches and how it scores.

mod matching;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use model::address::{Host, Surt};
use model::capture::{Capture, CaptureId, Redirect};
use model::contribution::{Contribution, merge};
use model::document::{Document, DocumentId};
use model::record::Origin;
use model::time::UnixSeconds;

use crate::entry::{Anchors, Entry, History, Inputs, anchor_text, newest, surt_of};
use crate::revisit::{join, resolve_all};
use crate::tail::Tail;
use crate::{
    Change, CommitId, Engine, EngineError, Outcome, OutcomeClass, SourceState, View, Writer,
};
use matching::Index;
pub(crate) use matching::{B, K1, Scores};
pub(crate) use view::{asked_languages, either_form, most_first, recency, sum_of, wanted_scores};

/// An engine in memory that scans.
pub struct Naive {
    shared: Mutex<Shared>,
    clock: Box<dyn Fn() -> UnixSeconds + Send + Sync>,
}

struct Shared {
    committed: Arc<NaiveView>,
    is_written: bool,
}

impl Naive {
    /// An empty engine. `clock` gives the time of a commit.
    pub fn new(clock: impl Fn() -> UnixSeconds + Send + Sync + 'static) -> Self {
        let committed = Arc::new(NaiveView::new(State::default(), CommitId(0), None));
        Self {
            shared: Mutex::new(Shared {
                committed,
                is_written: false,
            }),
            clock: Box::new(clock),
        }
    }

    fn shared(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Naive {
    fn writer(&self) -> Result<Box<dyn Writer + '_>, EngineError> {
        let mut shared = self.shared();
        if shared.is_written {
            return Err(EngineError::Locked {
                path: "memory".into(),
                holder: "this process".into(),
            });
        }
        shared.is_written = true;
        let state = shared.committed.state.clone();
        Ok(Box::new(NaiveWriter {
            engine: self,
            state,
            pending_bytes: 0,
        }))
    }

    fn view(&self) -> Result<Arc<dyn View>, EngineError> {
        Ok(self.shared().committed.clone())
    }
}

/// What was applied.
#[derive(Clone, Default)]
struct State {
    /// By document, collection, origin, and post.
    contributions: BTreeMap<(DocumentId, String, Origin, String), Contribution>,
    /// As they came, joined by id; not resolved.
    captures: BTreeMap<CaptureId, Capture>,
    redirects: BTreeSet<(Redirect, String, Origin)>,
    outcomes: BTreeMap<(Origin, OutcomeClass), Outcome>,
    sources: BTreeMap<(String, String), SourceState>,
}

impl State {
    fn retract(&mut self, tail: &Tail, from: &str) {
        self.contributions
            .retain(|(_, collection, origin, _), _| collection != from || !tail.holds(origin));
        self.captures.retain(|_, capture| {
            let before = capture.origins.len();
            if capture.collection == from {
                capture.origins.retain(|origin| !tail.holds(origin));
            }
            capture.origins.len() == before || !capture.origins.is_empty()
        });
        self.redirects
            .retain(|(_, collection, origin)| collection != from || !tail.holds(origin));
        self.outcomes.retain(|(origin, _), _| !tail.holds(origin));
    }
}

struct NaiveWriter<'a> {
    engine: &'a Naive,
    state: State,
    pending_bytes: u64,
}

impl Drop for NaiveWriter<'_> {
    fn drop(&mut self) {
        self.engine.shared().is_written = false;
    }
}

impl Writer for NaiveWriter<'_> {
    fn apply(&mut self, change: Change) -> Result<(), EngineError> {
        self.pending_bytes += 1;
        match change {
            Change::Contribution(contribution) => {
                let id = DocumentId::of(&contribution.key);
                let place = (
                    id,
                    contribution.collection.clone(),
                    contribution.origin.clone(),
                    contribution.merge_order().4.to_owned(),
                );
                self.state.contributions.insert(place, *contribution);
            }
            Change::Capture(capture) => {
                let joined = match self.state.captures.get(&capture.id) {
                    Some(known) => join(known, &capture),
                    None => join(&capture, &capture),
                };
                self.state.captures.insert(joined.id, joined);
            }
            Change::Redirect {
                redirect,
                collection,
                origin,
            } => {
                self.state.redirects.insert((redirect, collection, origin));
            }
            Change::Outcome(outcome) => {
                let place = (outcome.origin.clone(), outcome.class);
                self.state.outcomes.insert(place, outcome);
            }
            Change::Retract {
                path,
                collection,
                from,
            } => self.state.retract(&Tail::new(&path, from), &collection),
        }
        Ok(())
    }

    fn pending_bytes(&self) -> u64 {
        self.pending_bytes
    }

    fn commit(&mut self, reached: &[SourceState]) -> Result<CommitId, EngineError> {
        for source in reached {
            let place = (source.path.clone(), source.collection.clone());
            self.state.sources.insert(place, source.clone());
        }
        let mut shared = self.engine.shared();
        let commit = CommitId(shared.committed.commit.0 + 1);
        let committed = Some((self.engine.clock)());
        shared.committed = Arc::new(NaiveView::new(self.state.clone(), commit, committed));
        self.pending_bytes = 0;
        Ok(commit)
    }

    fn source(&self, path: &str, collection: &str) -> Result<Option<SourceState>, EngineError> {
        let place = (path.to_owned(), collection.to_owned());
        Ok(self.state.sources.get(&place).cloned())
    }
}

/// A commit: what was applied, and all that follows from it.
struct NaiveView {
    commit: CommitId,
    committed: Option<UnixSeconds>,
    state: State,
    /// Resolved.
    captures: BTreeMap<CaptureId, Capture>,
    /// By address, by time and id.
    by_address: BTreeMap<Surt, Vec<Capture>>,
    documents: BTreeMap<DocumentId, Document>,
    /// (host, name) by document that says it.
    votes: Vec<(Host, String)>,
    index: Index,
}

impl NaiveView {
    fn new(state: State, commit: CommitId, committed: Option<UnixSeconds>) -> Self {
        let mut contributions: BTreeMap<DocumentId, Vec<Contribution>> = BTreeMap::new();
        for ((id, ..), contribution) in &state.contributions {
            contributions
                .entry(*id)
                .or_default()
                .push(contribution.clone());
        }
        let documents: BTreeMap<DocumentId, Document> = contributions
            .iter()
            .filter_map(|(id, said)| Some((*id, merge(said)?.into_owned())))
            .collect();
        let captures = resolve_all(&state.captures, |id| documents.contains_key(&id));
        let mut by_address: BTreeMap<Surt, Vec<Capture>> = BTreeMap::new();
        for capture in captures.values() {
            by_address
                .entry(capture.surt.clone())
                .or_default()
                .push(capture.clone());
        }
        for captures in by_address.values_mut() {
            captures.sort_by_key(|capture| (capture.captured, capture.id));
        }
        let captures_of = |document: &Document| {
            surt_of(&document.key)
                .and_then(|surt| by_address.get(surt))
                .map(Vec::as_slice)
                .unwrap_or_default()
        };
        // Links and names count from the newest states.
        let speaking = |document: &&Document| {
            newest(captures_of(document)).is_none_or(|newest| newest == document.id)
        };
        let mut links: BTreeMap<Surt, BTreeSet<(String, String)>> = BTreeMap::new();
        let mut votes = Vec::new();
        for document in documents.values().filter(speaking) {
            for (target, text, site) in links_of(document) {
                links.entry(target).or_default().insert((text, site));
            }
            votes.extend(vote_of(document));
        }
        let mut entries = Vec::new();
        for (id, document) in &documents {
            let said = contributions.get(id).map(Vec::as_slice).unwrap_or_default();
            let collections: BTreeSet<String> =
                said.iter().map(|one| one.collection.clone()).collect();
            let captured = said
                .iter()
                .map(|one| one.captured)
                .min()
                .unwrap_or_default();
            let times: BTreeSet<i64> = said.iter().map(|one| one.captured.0).collect();
            let anchors = surt_of(&document.key).map_or_else(Anchors::default, |surt| {
                let pairs = addresses_leading_to(surt, &state.redirects)
                    .into_iter()
                    .filter_map(|address| links.get(&address))
                    .flatten()
                    .map(|(text, site)| (text.as_str(), site.as_str()));
                Anchors::of(pairs, Host::of(&document.url).site())
            });
            let entry = Entry::new(&Inputs {
                document,
                captured,
                collections: &collections,
                times: &times,
                history: &History::of(captures_of(document)),
                anchors: &anchors,
            });
            entries.push(entry);
        }
        Self {
            commit,
            committed,
            captures,
            by_address,
            votes,
            index: Index::new(entries),
            documents,
            state,
        }
    }
}

/// The links of a document that count: target, text, linking site. Not those to itself, nor those
/// of its own site that say nothing.
pub(crate) fn links_of(document: &Document) -> BTreeSet<(Surt, String, String)> {
    let site = Host::of(&document.url).site().to_owned();
    let own = Surt::of(&document.url);
    let mut links = BTreeSet::new();
    for link in &document.links {
        let target = Surt::of(&link.url);
        let text = anchor_text(&link.text);
        let is_mute = text.is_empty() && target.host().site() == site;
        if target != own && !is_mute {
            links.insert((target, text, site.clone()));
        }
    }
    links
}

/// What a document says its site is called.
pub(crate) fn vote_of(document: &Document) -> Option<(Host, String)> {
    let name = document.site_name.clone()?;
    let host = Host(Host::of(&document.url).bare().to_owned());
    Some((host, name))
}

/// How many redirects in a row count.
pub(crate) const REDIRECT_DEPTH: usize = 4;

/// An address and those that redirect to it, directly or over others.
fn addresses_leading_to(
    surt: &Surt,
    redirects: &BTreeSet<(Redirect, String, Origin)>,
) -> BTreeSet<Surt> {
    let mut found: BTreeSet<Surt> = [surt.clone()].into();
    for _ in 0..REDIRECT_DEPTH {
        let more: Vec<Surt> = redirects
            .iter()
            .filter(|(redirect, _, _)| found.contains(&redirect.to))
            .map(|(redirect, _, _)| redirect.from.clone())
            .collect();
        found.extend(more);
    }
    found
}
