//! Candidates -> hits in order: `features` computes the evidence, `weights` is the model,
//! `diversity` makes room for other sites and takes copies together.

pub(crate) mod diversity;
pub(crate) mod features;
pub mod weights;

use engine::{EngineError, View};
use model::hit::{Candidate, Evidence, Hit};
use model::query::Query;

use crate::retrieve::scores;
use crate::terms::Terms;
use features::Features;
use weights::Weights;

/// Hits whose titles are compared with the query: analysing a thousand titles takes longer than
/// finding them. A title only adds, so that what was not compared cannot overtake what was.
const TITLES_READ: usize = 200;

/// The hits of a query, best first; ties by document id. Without words that score: newest first.
/// Behind the first `ranked` candidates the order stays as it is.
pub(crate) fn rank(
    view: &dyn View,
    query: &Query,
    terms: &Terms,
    languages: &[String],
    weights: &Weights,
    candidates: Vec<Candidate>,
    ranked: usize,
) -> Result<Vec<Hit>, EngineError> {
    let ids: Vec<_> = candidates
        .iter()
        .map(|candidate| candidate.document)
        .collect();
    let heads = view.heads(&ids)?;
    let mut features = Features::new(terms, languages, &candidates);
    let mut hits: Vec<Hit> = candidates
        .into_iter()
        .zip(heads)
        // A head is missing only where the document is; both come from one commit.
        .filter_map(|(candidate, head)| {
            let head = head?;
            let evidence = features.of(&candidate, &head, weights);
            Some(Hit {
                document: candidate.document,
                score: sum(&evidence),
                head,
                passages: candidate.passages,
                features: evidence,
            })
        })
        .collect();
    if !scores(&query.expr) {
        hits.sort_by_key(newest_first);
        return Ok(hits);
    }
    let behind = hits.split_off(ranked.min(hits.len()));
    sort(&mut hits);
    for hit in hits.iter_mut().take(TITLES_READ) {
        features.add_title(hit);
        hit.score = sum(&hit.features);
    }
    sort(&mut hits);
    hits.extend(behind);
    Ok(hits)
}

fn sort(hits: &mut [Hit]) {
    hits.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.document.cmp(&b.document))
    });
}

fn sum(evidence: &[Evidence]) -> f32 {
    evidence.iter().map(|e| e.value * e.weight).sum()
}

/// By the day of publication, or of the capture where that is not known.
fn newest_first(hit: &Hit) -> (std::cmp::Reverse<i64>, model::document::DocumentId) {
    let captured = hit.head.captured.0.div_euclid(model::time::DAY_SECONDS);
    let day = hit
        .head
        .published
        .map_or(captured, model::time::PartialDate::first_day);
    (std::cmp::Reverse(day), hit.document)
}
