//! nDCG, reciprocal rank and recall, per topic and in the mean.

use crate::{Qrels, Run};

/// Means over all judged topics; a topic without results counts 0, one for which nothing was
/// judged good is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// Topics that count.
    pub topics: usize,
    /// nDCG of the first 10: 0 to 1.
    pub ndcg_10: f64,
    /// Mean reciprocal rank of the first good one among the first 10: 0 to 1.
    pub mrr_10: f64,
    /// Share of the good ones among the first 100: 0 to 1.
    pub recall_100: f64,
}

impl Measures {
    /// Measures a run.
    pub fn of(qrels: &Qrels, run: &Run) -> Self {
        let mut sum = Self::default();
        for topic in qrels.topics() {
            let good = qrels.good(topic);
            if good.is_empty() {
                continue;
            }
            let found = run.found(topic).iter();
            let grades: Vec<i32> = found.map(|document| qrels.grade(topic, document)).collect();
            sum.topics += 1;
            sum.ndcg_10 += ndcg(&grades, &good, 10);
            sum.mrr_10 += reciprocal_rank(&grades, 10);
            sum.recall_100 += recall(&grades, &good, 100);
        }
        let topics = sum.topics.max(1) as f64;
        Self {
            topics: sum.topics,
            ndcg_10: sum.ndcg_10 / topics,
            mrr_10: sum.mrr_10 / topics,
            recall_100: sum.recall_100 / topics,
        }
    }
}

/// Normalised discounted cumulative gain of the first `depth`: gain is the grade, discount
/// 1 / log2(rank + 1), as `trec_eval` and BEIR have it (Järvelin and Kekäläinen 2002 with the
/// discount from rank 1 on).
///
/// `grades` of what was found, best first; `good` the grades above 0 of the topic, best first.
pub fn ndcg(grades: &[i32], good: &[i32], depth: usize) -> f64 {
    let gain = |grades: &[i32]| -> f64 {
        grades
            .iter()
            .take(depth)
            .enumerate()
            .map(|(place, grade)| f64::from((*grade).max(0)) / (place as f64 + 2.0).log2())
            .sum()
    };
    let ideal = gain(good);
    if ideal > 0.0 {
        gain(grades) / ideal
    } else {
        0.0
    }
}

/// One over the rank of the first good one among the first `depth`; 0 without.
pub fn reciprocal_rank(grades: &[i32], depth: usize) -> f64 {
    let place = grades.iter().take(depth).position(|grade| *grade > 0);
    place.map_or(0.0, |place| 1.0 / (place as f64 + 1.0))
}

/// Share of the good ones that stand among the first `depth`.
pub fn recall(grades: &[i32], good: &[i32], depth: usize) -> f64 {
    if good.is_empty() {
        return 0.0;
    }
    let found = grades.iter().take(depth).filter(|grade| **grade > 0);
    found.count() as f64 / good.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
    }

    #[test]
    fn values_computed_by_hand() {
        // (2/1 + 0 + 1/2) / (2/1 + 1/log2(3)) = 2.5 / 2.6309298
        near(ndcg(&[2, 0, 1], &[2, 1], 10), 0.950_234_4);
        // Cut at two: 2 / 2.6309298
        near(ndcg(&[2, 0, 1], &[2, 1], 2), 0.760_187_5);
        near(ndcg(&[1, 1], &[1, 1], 10), 1.0);
        near(ndcg(&[-1, 0], &[1], 10), 0.0);
        near(ndcg(&[], &[], 10), 0.0);
        near(reciprocal_rank(&[0, 0, 2], 10), 1.0 / 3.0);
        near(reciprocal_rank(&[0, 0, 2], 2), 0.0);
        near(recall(&[0, 1, 1], &[1, 1, 1, 1], 10), 0.5);
        near(recall(&[0, 1, 1], &[1, 1, 1, 1], 2), 0.25);
        near(recall(&[], &[], 10), 0.0);
    }

    #[test]
    fn means_over_topics() {
        let qrels = Qrels::parse("a 0 x 1\nb 0 y 1\nc 0 z 0\n").unwrap();
        let mut run = Run::default();
        run.set("a", vec!["w".into(), "x".into()]);
        let measures = Measures::of(&qrels, &run);
        assert_eq!(measures.topics, 2);
        // Topic a: 1/log2(3) = 0.6309298; topic b: nothing found.
        near(measures.ndcg_10, 0.315_464_9);
        near(measures.mrr_10, 0.25);
        near(measures.recall_100, 0.5);
        assert_eq!(Measures::of(&Qrels::default(), &run), Measures::default());
    }
}
