//! Videos and discussions: taken out of the column of web results, and put where their evidence
//! puts them.
//!
//! `place` is the rule, `videos` and `discussions` write the cards.

mod discussions;
mod place;
mod videos;

use std::collections::BTreeSet;

use engine::{EngineError, View};
use model::document::{DocumentId, Kind};
use model::hit::Hit;
use model::page::{Block, Discussions, Tab, VideoRow};
use model::query::{Query, Test};

use crate::rank::diversity::{Shown, collapse, fold};
use crate::retrieve::scores;
use crate::terms::Terms;

pub(crate) use videos::to_the_second;

/// A video or thread that does not hold all words holds about half of them in its title and best
/// passages; a guess.
const ENOUGH_WORDS: f32 = 0.45;

/// The results of a query in order.
pub(crate) struct Column {
    /// The one kind that was asked for, where its results are shown as cards.
    pub(crate) main: Option<Kind>,
    /// What pages count, members of clusters aside.
    pub(crate) results: Vec<Shown>,
    /// In the order in which they stand.
    clusters: Vec<Cluster>,
}

/// Things of one kind that stand together.
pub(crate) struct Cluster {
    pub(crate) kind: Kind,
    /// Best first.
    pub(crate) members: Vec<Shown>,
    /// How many results stand before it.
    pub(crate) place: usize,
}

impl Column {
    /// The clusters of one page, with their places on it, last one first. What stands behind the
    /// last result of all stands on the page of that result.
    pub(crate) fn take_clusters(&mut self, offset: usize, end: usize) -> Vec<Cluster> {
        let count = self.results.len();
        let is_here = |place: usize| {
            if place < count {
                (offset..end).contains(&place)
            } else {
                end >= count && (offset < count || offset == 0)
            }
        };
        let clusters = std::mem::take(&mut self.clusters).into_iter();
        let here = clusters.filter(|cluster| is_here(cluster.place)).rev();
        here.map(|cluster| Cluster {
            place: cluster.place.saturating_sub(offset),
            ..cluster
        })
        .collect()
    }
}

/// Takes copies together, clusters out, and folds the sites of what is left. What is `lenient` is
/// good for a cluster only.
pub(crate) fn arrange(
    view: &dyn View,
    query: &Query,
    terms: &Terms,
    tab: Tab,
    hits: Vec<Hit>,
    lenient: &BTreeSet<DocumentId>,
) -> Result<Column, EngineError> {
    let shown = collapse(view, hits)?;
    let main = asked_for(query, tab);
    if main.is_some() {
        // All videos may lie on one site.
        return Ok(Column {
            main,
            results: shown,
            clusters: Vec::new(),
        });
    }
    if !scores(&query.expr) {
        // By time, nothing is stronger than anything.
        return Ok(Column {
            main,
            results: fold(query, shown),
            clusters: Vec::new(),
        });
    }
    // A thread of which no post is held has nothing to say beside its title.
    let says_nothing = |hit: &Hit| hit.head.kind == Kind::Thread && hit.head.passages == 0;
    let mut kinds_and_scores: Vec<(Kind, f32)> = shown
        .iter()
        .map(|shown| match shown.hit.head.kind {
            kind if says_nothing(&shown.hit) => (kind, 0.0),
            kind => (kind, shown.hit.score),
        })
        .collect();
    let least = place::least(&kinds_and_scores);
    for ((_, score), shown) in kinds_and_scores.iter_mut().zip(&shown) {
        let hit = &shown.hit;
        let asked = *score >= least && lenient.contains(&hit.document);
        if asked && !holds_enough(view, terms, hit)? {
            *score = 0.0;
        }
    }
    let mut members: Vec<(Kind, Vec<usize>)> = Vec::new();
    for (kind, most) in [(Kind::Video, 6), (Kind::Thread, 4)] {
        if let Some(numbers) = place::members(&kinds_and_scores, kind, most) {
            members.push((kind, numbers));
        }
    }
    let mut clusters: Vec<Cluster> = members
        .iter()
        .map(|(kind, _)| Cluster {
            kind: *kind,
            members: Vec::new(),
            place: 0,
        })
        .collect();
    let mut rest = Vec::with_capacity(shown.len());
    for (number, shown) in shown.into_iter().enumerate() {
        let of = members.iter().position(|(_, of)| of.contains(&number));
        match of.and_then(|of| clusters.get_mut(of)) {
            Some(cluster) => cluster.members.push(shown),
            None if lenient.contains(&shown.hit.document) => {}
            None => rest.push(shown),
        }
    }
    let results = fold(query, rest);
    let beside: Vec<f32> = results.iter().map(|shown| shown.hit.score).collect();
    let strength = |cluster: &Cluster| {
        let scores: Vec<f32> = cluster.members.iter().map(|m| m.hit.score).collect();
        place::strength(&scores)
    };
    clusters.sort_by(|a, b| {
        strength(b)
            .total_cmp(&strength(a))
            .then(a.kind.cmp(&b.kind))
    });
    for cluster in &mut clusters {
        cluster.place = place::place(strength(cluster), &beside);
    }
    Ok(Column {
        main,
        results,
        clusters,
    })
}

/// Whether a title and the best passages below it hold enough of the query's words.
fn holds_enough(view: &dyn View, terms: &Terms, hit: &Hit) -> Result<bool, EngineError> {
    let mut text = hit.head.title.clone();
    for (number, _) in &hit.passages {
        for passage in view.passages(hit.document, *number..number.saturating_add(1))? {
            text.push('\n');
            text.push_str(&passage.text);
        }
    }
    let marker = terms.in_language(hit.head.language.as_deref());
    Ok(marker.even_share(&text) >= ENOUGH_WORDS)
}

/// The kind of cards that a query asks for: by the tab, or by `kind:` with one value.
fn asked_for(query: &Query, tab: Tab) -> Option<Kind> {
    let by_filter = || {
        let mut kinds = query.filters.iter().filter(|filter| !filter.negated);
        kinds.find_map(|filter| match &filter.test {
            Test::Kind(kinds) => Some(kinds.as_slice()),
            _ => None,
        })
    };
    let kinds = match tab.kinds() {
        [] => by_filter()?,
        kinds => kinds,
    };
    match kinds {
        [kind @ (Kind::Video | Kind::Thread)] => Some(*kind),
        _ => None,
    }
}

/// The block of some things of one kind; `None` for none.
pub(crate) fn cards(
    view: &dyn View,
    query: &Query,
    terms: &Terms,
    kind: Kind,
    shown: Vec<Shown>,
    is_main: bool,
) -> Result<Option<Block>, EngineError> {
    if kind == Kind::Video {
        let mut videos = Vec::with_capacity(shown.len());
        for shown in shown {
            videos.extend(videos::card(view, query, terms, shown)?);
        }
        return Ok((!videos.is_empty()).then_some(Block::Videos(VideoRow { videos, is_main })));
    }
    let mut threads = Vec::with_capacity(shown.len());
    for shown in shown {
        threads.extend(discussions::card(view, query, terms, shown)?);
    }
    Ok((!threads.is_empty()).then_some(Block::Discussions(Discussions { threads, is_main })))
}
