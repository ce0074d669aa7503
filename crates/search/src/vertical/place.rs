//! Which videos or discussions stand together, and where: a rule over scores alone.

use model::document::Kind;

/// A cluster has at least so many members.
const LEAST: usize = 2;
/// How strong a cluster is its best members say, so many: one lucky one is not enough, and those
/// at its end do not pull it down.
const BEST: usize = 3;
/// Results of the first page, with which members are compared.
const FIRST_PAGE: usize = 10;
/// A member has at least this share of the mean score of the first page of web results; a guess,
/// the same as for a result that takes the place of another (`rank::diversity`).
const GOOD: f32 = 0.5;

/// Scores that differ by less are equal: a mean is rounded.
const ROUNDING: f32 = 1e-4;

/// The numbers of those of a kind that stand together, best first, at most `most`; `None` where
/// fewer than two are good. `ranked` is in order of rank.
pub(super) fn members(ranked: &[(Kind, f32)], kind: Kind, most: usize) -> Option<Vec<usize>> {
    let least = least(ranked);
    let good: Vec<usize> = ranked
        .iter()
        .enumerate()
        .filter(|(_, (of, score))| *of == kind && *score >= least)
        .map(|(number, _)| number)
        .take(most)
        .collect();
    (good.len() >= LEAST).then_some(good)
}

/// The score below which nothing is good enough for a cluster.
pub(super) fn least(ranked: &[(Kind, f32)]) -> f32 {
    let is_web = |of: Kind| !matches!(of, Kind::Video | Kind::Thread);
    let web = ranked.iter().filter(|(of, _)| is_web(*of));
    let web: Vec<f32> = web.map(|(_, score)| *score).take(FIRST_PAGE).collect();
    let beside = if web.is_empty() {
        ranked.iter().map(|(_, score)| *score).fold(0.0, f32::max)
    } else {
        mean(&web)
    };
    beside * GOOD
}

/// The mean score of the best members, which stand first.
pub(super) fn strength(members: &[f32]) -> f32 {
    mean(members.get(..BEST).unwrap_or(members))
}

/// How many results stand before a cluster: those that are better than its best members.
pub(super) fn place(strength: f32, results: &[f32]) -> usize {
    let better = results.iter().filter(|score| **score > strength + ROUNDING);
    better.count()
}

fn mean(scores: &[f32]) -> f32 {
    scores.iter().sum::<f32>() / scores.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Web results and videos with their scores; the row's members and the number of web results
    /// before it.
    #[track_caller]
    fn check(web: &[f32], videos: &[f32], expected: Option<(usize, usize)>) {
        let mut ranked: Vec<(Kind, f32)> = web.iter().map(|score| (Kind::Page, *score)).collect();
        ranked.extend(videos.iter().map(|score| (Kind::Video, *score)));
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        let found = members(&ranked, Kind::Video, 6).map(|members| {
            let scores: Vec<f32> = members.iter().map(|number| ranked[*number].1).collect();
            (scores.len(), place(strength(&scores), web))
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_row_stands_where_its_best_members_put_it() {
        let web = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0];
        check(&web, &[9.5, 9.2], Some((2, 0)));
        check(
            &web,
            &[8.0, 7.5, 7.0, 4.0, 4.0, 4.0, 4.0, 4.0],
            Some((6, 2)),
        );
        check(&web, &[4.5, 4.0], Some((2, 5)));
        check(&web, &[4.0, 3.5], Some((2, 6)));
        check(&web, &[7.0, 7.0, 7.0], Some((3, 2)));
        // One lucky video does not lift the row.
        check(&web, &[9.0, 4.0, 4.0], Some((3, 4)));
        // Too few, too weak.
        check(&web, &[9.0], None);
        check(&web, &[9.0, 3.0], None);
        check(&web, &[3.0, 3.0, 3.0], None);
        check(&web, &[], None);
        // A single page that was asked for by name does not keep the others down.
        check(&[20.0, 5.0, 5.0, 5.0, 5.0], &[5.0, 4.5], Some((2, 5)));
        // As good as a web result: before it.
        check(&[5.0], &[5.1, 4.9], Some((2, 0)));
        // Nothing beside them.
        check(&[], &[5.0, 4.0, 1.0], Some((2, 0)));
        check(&[], &[5.0, 1.0], None);
    }
}
