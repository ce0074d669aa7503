//! A query -> candidates: all words wanted, and some let go where too few documents hold them.

use std::collections::BTreeSet;

use engine::analysis::spans;
use engine::{EngineError, View};
use model::document::{DocumentId, Kind};
use model::hit::{Candidate, Channel, Found};
use model::page::Tab;
use model::query::{Expr, Filter, Plan, Query, Test};

use crate::Request;
use crate::understand::{Member, Reading, expression};

/// Candidates that are ranked with all the evidence, whatever page is asked for: what stands
/// behind them keeps the order in which it was found, so that pages fit together.
///
/// A page of 32,999 documents took 13.0 ms of processor time (mean) with 1,000 and 9.3 ms with 300.
/// CACM's floor of nDCG@10 holds with 300; the other collections were measured with 1,000 only.
pub(crate) const RANKED: usize = 300;
/// Candidates for a reader who goes on page after page. Also the least that goggles have to see
/// (B5 of the contract).
pub(crate) const CANDIDATES: usize = 1_000;
/// Documents that are put in order of time where no word of the query scores.
const WITHOUT_WORDS: usize = 10_000;
/// With fewer results than this, a page, words may be let go.
///
/// Three was tried: nDCG@10 of CACM falls from .491 to .480, of NFCorpus as well, as the first
/// page then ends behind the few documents that hold all words.
const ENOUGH: u64 = 10;
/// With more words than this that say what a text is about, any of them is enough once words are
/// let go, and the sum of the scores decides; with so many or fewer, they go one by one.
///
/// nDCG@10 on SciFact, Cranfield, CACM, NFCorpus-dev: with 2 .693 .401 .498 .297, with 3 .688 .401
/// .487 .288; with 6 CACM has .444.
const SENTENCE: usize = 2;
/// Words let go one by one before any of the words is enough.
const ROUNDS: usize = 2;

/// Videos and discussions that are ranked at the least, where so many match: enough for a row and
/// a block of them, also where more pages say the words than are ranked.
const OF_A_KIND: usize = 24;
/// With fewer of a kind that hold all words, those that hold some are looked at too: a full row.
const FEW: u64 = 6;

/// Every way of finding that an engine has today.
const CHANNELS: &[Channel] = &[
    Channel::Text,
    Channel::Address,
    Channel::Anchor,
    Channel::Proximity,
];

/// What was found, and what was searched for in the end.
#[derive(Debug)]
pub(crate) struct Retrieved {
    pub(crate) found: Found,
    /// The words let go, in the order of the query: no result has to hold them.
    pub(crate) relaxed: Vec<Member>,
    /// How many candidates were asked for; the total may be larger.
    pub(crate) depth: usize,
    /// How many candidates, from the first on, are ranked with all the evidence.
    pub(crate) ranked: usize,
    /// Those that do not hold all words, and are good for a cluster only.
    pub(crate) lenient: BTreeSet<DocumentId>,
}

impl Retrieved {
    /// The candidates apart from what is told of them.
    pub(crate) fn take_candidates(&mut self) -> Vec<Candidate> {
        std::mem::take(&mut self.found.candidates)
    }
}

/// Whether a query ranks by words; one of filters and exclusions alone is in order of time.
pub(crate) fn scores(expr: &Expr) -> bool {
    match expr {
        Expr::Everything | Expr::Not(_) | Expr::Filter(_) => false,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(scores),
        _ => true,
    }
}

/// Finds candidates for a query.
///
/// When fewer than [`ENOUGH`] documents hold all words, bare words are let go: first those that
/// no document holds; then, of those without which there is enough, the one that says least (the
/// most frequent), or if there is none the one whose absence helps most; at last any of the words
/// is enough, and documents with more of them stand higher by the sum of the scores. What is let
/// go still scores where it occurs. Quotes, `+`, `AND`, exclusions and operators always hold.
/// At least `least` candidates are asked for.
pub(crate) fn retrieve(
    view: &dyn View,
    reading: &Reading,
    request: &Request,
    least: usize,
) -> Result<Retrieved, EngineError> {
    let query = &reading.query;
    let languages = &request.languages;
    let ask = |expr: &Expr, limit: usize| {
        view.candidates(&Plan {
            expr,
            filters: &query.filters,
            kinds: request.tab.kinds(),
            as_of: query.as_of,
            channels: CHANNELS,
            limit,
        })
    };
    if query.expr == Expr::Or(Vec::new()) {
        return Ok(Retrieved {
            found: ask(&query.expr, 0)?,
            relaxed: Vec::new(),
            depth: 0,
            ranked: 0,
            lenient: BTreeSet::new(),
        });
    }
    if !scores(&query.expr) {
        return Ok(Retrieved {
            found: ask(&query.expr, WITHOUT_WORDS)?,
            relaxed: Vec::new(),
            depth: WITHOUT_WORDS,
            ranked: 0,
            lenient: BTreeSet::new(),
        });
    }
    // Folding takes some of the ranked ones away: a third is left for that.
    let deep = query.offset.saturating_add(query.count) > RANKED * 2 / 3;
    let depth = least.max(if deep { CANDIDATES } else { RANKED });
    let found = ask(&query.expr, depth)?;
    // Function words are let go only where nobody wrote them, as `of` in a German collection.
    let mut words: Vec<usize> = Vec::new();
    for (number, member) in reading.members.iter().enumerate() {
        let is_unknown = |expr: &Expr| match expr {
            Expr::Word(word) => Ok(view.frequency(word)? == 0),
            _ => Ok::<_, EngineError>(false),
        };
        if member.relaxable && (is_content(&member.expr, languages) || is_unknown(&member.expr)?) {
            words.push(number);
        }
    }
    let all_words = |found: Found| Retrieved {
        found,
        relaxed: Vec::new(),
        depth,
        ranked: RANKED,
        lenient: BTreeSet::new(),
    };
    if found.total.count() >= ENOUGH || words.len() < 2 {
        let mut retrieved = all_words(found);
        if request.tab == Tab::All && !asks_for_kinds(query) {
            let any = (words.len() > 1).then(|| any_of(&reading.members, &words, &query.filters));
            for_clusters(&mut retrieved, &query.expr, any.as_ref(), &ask)?;
        }
        return Ok(retrieved);
    }
    let gone = let_go(view, reading, &words, &|expr| {
        Ok(ask(expr, 1)?.total.count())
    })?;
    let expr = match &gone {
        Gone::Some(gone) => kept_first(&reading.members, gone),
        Gone::Any => any_of(&reading.members, &words, &query.filters),
    };
    let relaxed = match gone {
        Gone::Some(gone) => gone,
        Gone::Any => words,
    };
    let relaxed: Vec<Member> = relaxed
        .iter()
        .filter_map(|&number| reading.members.get(number).cloned())
        .collect();
    let more = ask(&expr, depth)?;
    // The same documents: then nothing was let go.
    if more.total.count() <= found.total.count() {
        return Ok(all_words(found));
    }
    let mut retrieved = Retrieved {
        relaxed,
        ..all_words(more)
    };
    if request.tab == Tab::All && !asks_for_kinds(query) {
        for_clusters(&mut retrieved, &expr, None, &ask)?;
    }
    Ok(retrieved)
}

fn asks_for_kinds(query: &Query) -> bool {
    let of_kind = |filter: &Filter| matches!(filter.test, Test::Kind(_)) && !filter.negated;
    query.filters.iter().any(of_kind)
}

/// Adds videos and discussions: those that more pages crowd out, and, where hardly any hold all
/// words, those that hold some (`any`). What was said in passing seldom holds all words of a
/// question; whether it is good enough its score tells. They are asked for by a filter in the tree,
/// so that an engine begins with the few videos and not with the many pages.
fn for_clusters(
    retrieved: &mut Retrieved,
    expr: &Expr,
    any: Option<&Expr>,
    ask: &dyn Fn(&Expr, usize) -> Result<Found, EngineError>,
) -> Result<(), EngineError> {
    for kind in [Kind::Video, Kind::Thread] {
        let of_kind = |expr: &Expr| {
            let filter = Filter {
                test: Test::Kind(vec![kind]),
                negated: false,
            };
            Expr::And(vec![expr.clone(), Expr::Filter(filter)])
        };
        let strict = ask(&of_kind(expr), OF_A_KIND)?;
        let few = strict.total.count() < FEW;
        let all = &mut retrieved.found.candidates;
        retrieved.ranked += bring_forward(all, retrieved.ranked, strict.candidates).len();
        if let (true, Some(any)) = (few, any) {
            let lenient = ask(&of_kind(any), OF_A_KIND)?;
            let added = bring_forward(all, retrieved.ranked, lenient.candidates);
            retrieved.ranked += added.len();
            retrieved.lenient.extend(added);
        }
    }
    Ok(())
}

/// Puts those candidates that are not among the first `ranked` right behind them, and says which
/// they are.
fn bring_forward(
    all: &mut Vec<Candidate>,
    ranked: usize,
    wanted: Vec<Candidate>,
) -> BTreeSet<DocumentId> {
    let behind = all.split_off(ranked.min(all.len()));
    let first: BTreeSet<DocumentId> = all.iter().map(|candidate| candidate.document).collect();
    let added: Vec<Candidate> = wanted
        .into_iter()
        .filter(|candidate| !first.contains(&candidate.document))
        .collect();
    let brought: BTreeSet<DocumentId> = added.iter().map(|candidate| candidate.document).collect();
    all.extend(added);
    let rest = behind.into_iter();
    all.extend(rest.filter(|candidate| !brought.contains(&candidate.document)));
    brought
}

/// What to let go.
enum Gone {
    /// These members.
    Some(Vec<usize>),
    /// All bare words: any of them is enough.
    Any,
}

fn let_go(
    view: &dyn View,
    reading: &Reading,
    words: &[usize],
    count: &dyn Fn(&Expr) -> Result<u64, EngineError>,
) -> Result<Gone, EngineError> {
    let mut left: Vec<(usize, u64)> = Vec::with_capacity(words.len());
    let mut gone: Vec<usize> = Vec::new();
    for &number in words {
        let frequency = match reading.members.get(number).map(|member| &member.expr) {
            Some(Expr::Word(word)) => view.frequency(word)?,
            _ => 1,
        };
        if frequency == 0 {
            gone.push(number);
        } else {
            left.push((number, frequency));
        }
    }
    // Words may also stand in an address or an anchor text, which `frequency` does not count.
    if left.is_empty() {
        return Ok(Gone::Any);
    }
    if !gone.is_empty() && count(&without(&reading.members, &gone))? >= ENOUGH {
        return Ok(Gone::Some(gone));
    }
    if left.len() > SENTENCE {
        return Ok(Gone::Any);
    }
    for _ in 0..ROUNDS {
        if left.len() < 2 {
            break;
        }
        let mut trials = Vec::with_capacity(left.len());
        for (place, &(number, frequency)) in left.iter().enumerate() {
            let mut trial = gone.clone();
            trial.push(number);
            let total = count(&without(&reading.members, &trial))?;
            trials.push((place, number, frequency, total));
        }
        let enough = trials
            .iter()
            .filter(|(.., total)| *total >= ENOUGH)
            .max_by_key(|(place, _, frequency, _)| (*frequency, *place));
        if let Some(&(_, number, ..)) = enough {
            gone.push(number);
            gone.sort_unstable();
            return Ok(Gone::Some(gone));
        }
        let most = trials
            .iter()
            .max_by_key(|(place, _, frequency, total)| (*total, *frequency, *place));
        let Some(&(place, number, _, total)) = most else {
            break;
        };
        if total == 0 {
            // No single word is in the way.
            break;
        }
        gone.push(number);
        left.remove(place);
    }
    Ok(Gone::Any)
}

/// Whether a bare word says what a text is about, as far as the reader's languages and English
/// know.
fn is_content(expr: &Expr, languages: &[String]) -> bool {
    let Expr::Word(text) = expr else {
        return matches!(expr, Expr::Prefix(_));
    };
    let mut known = languages.iter().map(String::as_str).chain(["en"]);
    known.all(|language| {
        spans(text, Some(language))
            .iter()
            .any(|token| token.stem.is_some())
    })
}

fn without(members: &[Member], gone: &[usize]) -> Expr {
    let kept: Vec<Member> = members
        .iter()
        .enumerate()
        .filter(|(number, _)| !gone.contains(number))
        .map(|(_, member)| member.clone())
        .collect();
    expression(&kept, true)
}

/// All but some words have to be there; documents that hold those as well stand before the others,
/// as both sides score for them.
fn kept_first(members: &[Member], gone: &[usize]) -> Expr {
    Expr::Or(vec![without(members, gone), expression(members, true)])
}

/// Any of the words, and all of what was insisted on.
fn any_of(members: &[Member], words: &[usize], filters: &[Filter]) -> Expr {
    let bare = |number: usize, member: &Member| {
        words.contains(&number) || matches!(member.expr, Expr::Word(_) if member.relaxable)
    };
    let any: Vec<Expr> = members
        .iter()
        .enumerate()
        .filter(|(number, member)| bare(*number, member))
        .map(|(_, member)| member.expr.clone())
        .collect();
    let mut kept: Vec<Member> = members
        .iter()
        .enumerate()
        .filter(|(number, member)| !bare(*number, member))
        .map(|(_, member)| member.clone())
        .collect();
    kept.insert(
        0,
        Member {
            expr: Expr::Or(any),
            text: String::new(),
            relaxable: false,
        },
    );
    expression(&kept, !filters.is_empty())
}
