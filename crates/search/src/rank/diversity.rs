//! One result for copies of one text, and room for other sites; once over the ranked list.

use std::collections::{BTreeMap, BTreeSet};

use engine::{EngineError, View};
use model::address::{Host, Surt};
use model::document::DocumentId;
use model::hit::Hit;
use model::query::{Expr, Query, Test};
use model::record::Digest;
use xxhash_rust::xxh3::xxh3_64;

/// Bits in which the sketches of near-identical texts differ at the most: Manku, Jain and Das
/// Sarma 2007, section 4.1, for 64 bits.
const NEAR_BITS: u32 = 3;
/// Share of equal shingles by which a near sketch is confirmed; a guess above the .8 or so of a
/// page that was corrected in a few places.
const NEAR_TEXT: f32 = 0.8;
/// The same where one page names the other as its canonical address: a syndicated copy may lack a
/// paragraph. Not less, as some sites name their home page on every page; a guess.
const CANONICAL_TEXT: f32 = 0.5;
/// Words of a shingle.
const SHINGLE: usize = 3;
/// Passages that are compared; more would read whole books.
const COMPARED_PASSAGES: u32 = 20;
/// Texts that are read for one query to confirm sketches.
const MAX_COMPARED: usize = 64;

/// Results of one site that stand in the list before others give place.
const PER_SITE: usize = 2;
/// Nothing folds where fewer sites match.
const MIN_SITES: usize = 5;
/// Another site's result is also good with this share of the score of the one that gives place;
/// a guess.
const ALSO_GOOD: f32 = 0.5;

/// A hit that is shown, with what stands behind it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) hit: Hit,
    /// Copies, in order of rank.
    pub(crate) duplicates: Vec<Hit>,
    /// Registrable domain; empty for a file.
    pub(crate) site: String,
    /// Results of the same site folded behind this one.
    pub(crate) folded: u32,
}

/// Folds sites, unless the query names one.
pub(crate) fn fold(query: &Query, shown: Vec<Shown>) -> Vec<Shown> {
    if asks_for_site(query) {
        shown
    } else {
        fold_sites(shown)
    }
}

fn asks_for_site(query: &Query) -> bool {
    fn within(expr: &Expr) -> bool {
        match expr {
            Expr::Filter(filter) => matches!(filter.test, Test::Site(_)) && !filter.negated,
            Expr::And(parts) | Expr::Or(parts) => parts.iter().any(within),
            _ => false,
        }
    }
    within(&query.expr)
        || query
            .filters
            .iter()
            .any(|filter| matches!(filter.test, Test::Site(_)) && !filter.negated)
}

/// Groups of documents with one content. A group stands where its best member stands.
pub(crate) fn collapse(view: &dyn View, hits: Vec<Hit>) -> Result<Vec<Shown>, EngineError> {
    let mut groups: Vec<Vec<Hit>> = Vec::new();
    let mut by_digest: BTreeMap<Digest, usize> = BTreeMap::new();
    let mut sketched: Vec<(u64, usize)> = Vec::new();
    let mut texts = Texts::default();
    let named: Vec<Option<Surt>> = hits.iter().map(names_another).collect();
    let is_named = named.iter().any(Option::is_some);
    // Groups by the addresses that their members have or name; not all that name one are copies.
    let mut by_address: BTreeMap<Surt, Vec<usize>> = BTreeMap::new();
    for (hit, named) in hits.into_iter().zip(named) {
        let equal = hit.head.digest.and_then(|d| by_digest.get(&d).copied());
        let mut group = equal;
        let own = is_named.then(|| Surt::of(&hit.head.url));
        if group.is_none() {
            let addresses = [named.as_ref(), own.as_ref()].into_iter().flatten();
            let numbers = addresses.filter_map(|address| by_address.get(address));
            for number in numbers.flatten() {
                let first = groups.get(*number).and_then(|group| group.first());
                if let Some(first) = first
                    && texts.near(view, &hit, first, CANONICAL_TEXT)?
                {
                    group = Some(*number);
                    break;
                }
            }
        }
        if let (None, Some(sketch)) = (group, hit.head.sketch) {
            for &(other, number) in &sketched {
                if (sketch ^ other).count_ones() > NEAR_BITS {
                    continue;
                }
                let first = groups.get(number).and_then(|group| group.first());
                if let Some(first) = first
                    && texts.near(view, &hit, first, NEAR_TEXT)?
                {
                    group = Some(number);
                    break;
                }
            }
        }
        let number = group.unwrap_or(groups.len());
        if let Some(digest) = hit.head.digest {
            by_digest.entry(digest).or_insert(number);
        }
        for address in [own, named].into_iter().flatten() {
            let groups = by_address.entry(address).or_default();
            if !groups.contains(&number) {
                groups.push(number);
            }
        }
        if let Some(group) = groups.get_mut(number) {
            group.push(hit);
        } else {
            sketched.extend(hit.head.sketch.map(|sketch| (sketch, number)));
            groups.push(vec![hit]);
        }
    }
    Ok(groups.into_iter().filter_map(original_first).collect())
}

/// The canonical address that a page names, where that is not its own as written.
fn names_another(hit: &Hit) -> Option<Surt> {
    let canonical = hit.head.canonical.as_deref();
    canonical.filter(|url| *url != hit.head.url).map(Surt::of)
}

/// The shingles of the texts that were read, sorted, so that none is read twice.
#[derive(Default)]
struct Texts(BTreeMap<DocumentId, Vec<u64>>);

impl Texts {
    /// Whether two texts have this share of their shingles in common.
    fn near(&mut self, view: &dyn View, a: &Hit, b: &Hit, share: f32) -> Result<bool, EngineError> {
        let (short, long) = (
            a.head.length.min(b.head.length),
            a.head.length.max(b.head.length),
        );
        if (short as f32) < long as f32 * share {
            return Ok(false);
        }
        for id in [a.document, b.document] {
            if self.0.contains_key(&id) {
                continue;
            }
            if self.0.len() >= MAX_COMPARED {
                return Ok(false);
            }
            let passages = view.passages(id, 0..COMPARED_PASSAGES)?;
            let texts: Vec<&str> = passages.iter().map(|p| p.text.as_str()).collect();
            self.0.insert(id, shingles(&texts.join(" ")));
        }
        let (Some(a), Some(b)) = (self.0.get(&a.document), self.0.get(&b.document)) else {
            return Ok(false);
        };
        let common = in_both(a, b);
        let all = a.len() + b.len() - common;
        Ok(all > 0 && common as f32 >= all as f32 * share)
    }
}

/// How many values stand in both of two sorted lists.
fn in_both(a: &[u64], b: &[u64]) -> usize {
    let mut rest = b.iter().peekable();
    let held = a.iter().filter(|value| {
        while rest.next_if(|other| other < value).is_some() {}
        rest.peek() == Some(value)
    });
    held.count()
}

/// Hashes of runs of words; of characters where there are hardly any spaces. Sorted, each once.
fn shingles(text: &str) -> Vec<u64> {
    let text = text.to_lowercase();
    let words: Vec<u64> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| xxh3_64(word.as_bytes()))
        .collect();
    let mut shingles: Vec<u64> = if text.chars().count() > words.len() * 12 {
        let chars: Vec<u64> = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .map(u64::from)
            .collect();
        runs(&chars, SHINGLE * 2)
    } else {
        runs(&words, SHINGLE)
    };
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

/// A hash of each run of so many values.
fn runs(values: &[u64], length: usize) -> Vec<u64> {
    let mut bytes = Vec::with_capacity(length * size_of::<u64>());
    let windows = values.windows(length).map(|window| {
        bytes.clear();
        bytes.extend(window.iter().flat_map(|value| value.to_le_bytes()));
        xxh3_64(&bytes)
    });
    windows.collect()
}

/// Puts the original before its copies: the one that most of them name as canonical; else the
/// earliest by its publication date, the most linked, the first captured.
fn original_first(mut group: Vec<Hit>) -> Option<Shown> {
    let named = |hit: &Hit| {
        let own = Surt::of(&hit.head.url);
        let canonical = group.iter().filter_map(|m| m.head.canonical.as_deref());
        canonical.filter(|url| Surt::of(url) == own).count()
    };
    let key = |hit: &Hit| {
        let published = hit.head.published.map(model::time::PartialDate::start);
        (
            std::cmp::Reverse(named(hit)),
            published.is_none(),
            published,
            std::cmp::Reverse(hit.head.linking_sites),
            hit.head.captured,
            hit.document,
        )
    };
    let place = if group.len() > 1 {
        let (place, _) = group.iter().enumerate().min_by_key(|(_, hit)| key(hit))?;
        place
    } else {
        0
    };
    if place >= group.len() {
        return None;
    }
    let hit = group.remove(place);
    Some(Shown {
        site: Host::of(&hit.head.url).site().to_owned(),
        hit,
        duplicates: group,
        folded: 0,
    })
}

/// A third result of one site gives its place to another site's result that is also good. What
/// no other site can replace stays: a hard cap makes right answers vanish
/// (`search-core.md`, section 6).
fn fold_sites(ranked: Vec<Shown>) -> Vec<Shown> {
    let sites: BTreeSet<&str> = ranked.iter().map(|shown| shown.site.as_str()).collect();
    if sites.len() < MIN_SITES {
        return ranked;
    }
    // Which results would stand anyway, as one of the first of their site.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let stands: Vec<bool> = ranked
        .iter()
        .map(|shown| {
            let count = seen.entry(shown.site.clone()).or_default();
            *count += 1;
            *count <= PER_SITE || shown.site.is_empty()
        })
        .collect();
    // Scores of the results that can take a place, by rank; each takes one.
    let mut takers: Vec<(usize, f32)> = ranked
        .iter()
        .zip(&stands)
        .enumerate()
        .filter(|(_, (_, stands))| **stands)
        .map(|(rank, (shown, _))| (rank, shown.hit.score))
        .collect();
    takers.reverse();
    let mut kept: Vec<Shown> = Vec::with_capacity(ranked.len());
    let mut last_of: BTreeMap<String, usize> = BTreeMap::new();
    for (rank, (shown, stands)) in ranked.into_iter().zip(stands).enumerate() {
        if !stands {
            while takers.last().is_some_and(|(taker, _)| *taker < rank) {
                takers.pop();
            }
            let good = takers
                .last()
                .is_some_and(|(_, score)| *score >= shown.hit.score * ALSO_GOOD);
            let before = last_of.get(&shown.site).copied();
            if let (true, Some(before)) = (good, before.and_then(|b| kept.get_mut(b))) {
                takers.pop();
                before.folded += 1;
                continue;
            }
        }
        let place = kept.len();
        let count = last_of.entry(shown.site.clone()).or_insert(place);
        if stands {
            *count = place;
        }
        kept.push(shown);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::document::Kind;
    use model::hit::Head;
    use model::time::UnixSeconds;

    pub(crate) fn hit(number: u8, url: &str, score: f32) -> Hit {
        Hit {
            document: DocumentId([number; 16]),
            head: Head {
                kind: Kind::Page,
                url: url.to_owned(),
                title: String::new(),
                language: None,
                published: None,
                modified: None,
                captured: UnixSeconds(i64::from(number)),
                canonical: None,
                digest: None,
                sketch: None,
                length: 100,
                passages: 1,
                linking_sites: 0,
                held: Vec::new(),
                newest: true,
            },
            score,
            passages: Vec::new(),
            features: Vec::new(),
        }
    }

    /// Sites by letter with scores; what stands, with the number folded behind it.
    #[track_caller]
    fn check(ranked: &[(&str, f32)], expected: &str) {
        let shown: Vec<Shown> = ranked
            .iter()
            .enumerate()
            .filter_map(|(number, (site, score))| {
                let url = format!("https://www.{site}.example/{number}");
                original_first(vec![hit(number as u8, &url, *score)])
            })
            .collect();
        let found: Vec<String> = fold_sites(shown)
            .into_iter()
            .map(|shown| {
                let site = shown.site.split('.').next().unwrap_or_default().to_owned();
                match shown.folded {
                    0 => site,
                    folded => format!("{site}+{folded}"),
                }
            })
            .collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn a_third_result_of_a_site_gives_place() {
        let others = [("b", 8.0), ("c", 8.0), ("d", 8.0), ("e", 8.0)];
        let mut ranked = vec![("a", 9.0); 4];
        ranked.extend(others);
        check(&ranked, "a a+2 b c d e");
        // Fewer than five sites.
        check(&ranked[..7], "a a a a b c d");
        // The others are no good.
        let mut ranked = vec![("a", 9.0); 4];
        ranked.extend([("b", 4.0), ("c", 1.0), ("d", 1.0), ("e", 1.0)]);
        check(&ranked, "a a a a b c d e");
        // One of the others is good; one gives place.
        let mut ranked = vec![("a", 9.0); 4];
        ranked.extend([("b", 5.0), ("c", 1.0), ("d", 1.0), ("e", 1.0)]);
        check(&ranked, "a a+1 a b c d e");
        // Nobody stands behind the third.
        let mut ranked = others.to_vec();
        ranked.extend([("a", 1.0), ("a", 1.0), ("a", 1.0)]);
        check(&ranked, "b c d e a a a");
    }

    #[test]
    fn the_original_stands_before_its_copies() {
        let order = |group: Vec<Hit>| {
            let shown = original_first(group).unwrap();
            shown.hit.document.0[0]
        };
        let (mut a, mut b) = (
            hit(1, "https://a.example/x", 2.0),
            hit(2, "https://b.example/x", 1.0),
        );
        assert_eq!(order(vec![b.clone(), a.clone()]), 1);
        b.head.linking_sites = 3;
        assert_eq!(order(vec![a.clone(), b.clone()]), 2);
        a.head.published = Some("2020".parse().unwrap());
        assert_eq!(order(vec![b.clone(), a.clone()]), 1);
        a.head.canonical = Some("http://www.b.example/x".to_owned());
        assert_eq!(order(vec![a, b]), 2);
    }

    #[test]
    fn shingles_tell_texts_apart() {
        let share = |a: &str, b: &str| {
            let (a, b) = (shingles(a), shingles(b));
            let common = in_both(&a, &b);
            common as f32 / (a.len() + b.len() - common) as f32
        };
        let text = "the river treaty was signed in the spring of that year by both sides";
        assert!(share(text, &text.to_uppercase()) > 0.99);
        assert!(
            share(
                text,
                "the treaty of the river was not signed by both in that year"
            ) < 0.2
        );
        assert!(
            share(
                "我在北京大学读书他在上海工作",
                "我在北京大学读书他在上海工作"
            ) > 0.99
        );
    }
}
