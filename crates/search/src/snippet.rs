//! Passages of a document -> what it says to this query: whole sentences, terms marked.

use std::sync::LazyLock;

use icu_segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu_segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};
use model::document::{Locator, Passage};
use model::hit::{Fragment, Snippet};
use regex::Regex;

use crate::terms::Marker;

/// A snippet is filled up to this width, in columns: one per character, two for the wide ones of
/// Chinese, Japanese and Korean (`results-page.md`: about 300 to 450 characters).
const FILLED: usize = 300;
/// A snippet is never wider.
const WIDEST: usize = 450;
/// A sentence wider than this is cut into clauses.
const LONG_SENTENCE: usize = 300;
/// A clause of a long sentence is at least so wide.
const CLAUSE: usize = 90;
/// A sentence of a transcript below this width says little alone.
const SHORT_SENTENCE: usize = 50;
/// From this width on a clause ends behind any word.
const LONG_CLAUSE: usize = 150;
/// Pieces that do not touch.
const MAX_FRAGMENTS: usize = 3;
/// What is read of one passage, in bytes; passages are paragraphs, so only damage is longer.
const PASSAGE_BYTES: usize = 20_000;

/// A passage with its number in the document.
pub(crate) type Numbered = (u32, Passage);

/// What a snippet can be made of.
pub(crate) struct Sources<'a> {
    /// Passages that hold words of the query, best first, and for filling their neighbours.
    pub(crate) passages: &'a [Numbered],
    /// The beginning of the document.
    pub(crate) opening: &'a [Numbered],
    /// The page's own summary.
    pub(crate) description: Option<&'a str>,
    /// The title, which the snippet need not repeat.
    pub(crate) title: &'a str,
}

/// A sentence or a clause.
struct Unit {
    passage: u32,
    /// Number of the passage in the order of [`Sources::passages`].
    rank: usize,
    /// Number among the units of its passage.
    index: usize,
    /// Whether it is the last of its passage.
    last: bool,
    /// Whether what follows in the next passage continues it: no in discussions.
    flows: bool,
    /// With the space behind it.
    text: String,
    width: usize,
    /// Terms that occur in it, sorted.
    terms: Vec<usize>,
    /// What it is worth beside its terms: 1 for running text, less for a line that is none.
    worth: f32,
}

/// What a document says to a query, and the terms that its passages hold, sorted.
pub(crate) fn snippet(sources: &Sources<'_>, marker: &Marker) -> (Snippet, Vec<usize>) {
    let units = units(sources.passages, sources.title, marker);
    let mut held: Vec<usize> = units.iter().flat_map(|unit| unit.terms.clone()).collect();
    held.sort_unstable();
    held.dedup();
    let chosen = choose(&units, marker);
    if !chosen.is_empty() {
        let snippet = assemble(&units, &chosen, sources.passages, marker);
        return (snippet, held);
    }
    if let Some(description) = sources.description.filter(|text| text.trim().len() > 1) {
        return (from_description(description, marker), held);
    }
    // Passages that hold words in their headings alone are as good a beginning as any.
    let opening = if sources.opening.is_empty() {
        sources.passages
    } else {
        sources.opening
    };
    let units = self::units(opening, sources.title, marker);
    let chosen = beginning(&units);
    let snippet = assemble(&units, &chosen, opening, marker);
    (snippet, held)
}

/// The one sentence that says most to a query; `None` if no term occurs in any. A short one is
/// followed by the next.
pub(crate) fn sentence(passages: &[Numbered], title: &str, marker: &Marker) -> Option<Snippet> {
    let units = units(passages, title, marker);
    let best = units
        .iter()
        .enumerate()
        .map(|(number, unit)| (number, gain(unit, &[], marker)))
        // The first of equals: `max_by` would take the last.
        .rev()
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .filter(|(_, gain)| *gain > 0.0);
    let (number, _) = best?;
    let mut chosen = vec![number];
    let unit = units.get(number)?;
    let next = units.get(number + 1).filter(|next| {
        unit.width < SHORT_SENTENCE && next.passage == unit.passage && next.width <= CLAUSE
    });
    chosen.extend(next.map(|_| number + 1));
    Some(assemble(&units, &chosen, passages, marker))
}

fn from_description(description: &str, marker: &Marker) -> Snippet {
    let passage = Passage {
        text: description.to_owned(),
        heading: None,
        locator: Locator::Top,
        post: None,
    };
    let passages = [(0, passage)];
    let units = units(&passages, "", marker);
    let chosen = beginning(&units);
    let mut snippet = assemble(&units, &chosen, &passages, marker);
    snippet.passage = None;
    snippet
}

/// As many units from the start as fit.
fn beginning(units: &[Unit]) -> Vec<usize> {
    let mut chosen = Vec::new();
    let mut width = 0;
    for (number, unit) in units.iter().enumerate() {
        if unit.worth <= 0.0 && chosen.is_empty() {
            continue;
        }
        if width >= FILLED || (width > 0 && width + unit.width > WIDEST) {
            break;
        }
        width += unit.width;
        chosen.push(number);
    }
    chosen
}

/// The units of all passages, in reading order.
fn units(passages: &[Numbered], title: &str, marker: &Marker) -> Vec<Unit> {
    let title = fold_space(title);
    let mut units: Vec<Unit> = Vec::new();
    for (rank, (number, passage)) in passages.iter().enumerate() {
        if units.iter().any(|unit| unit.passage == *number) {
            continue;
        }
        let mut texts = sentences(&passage.text);
        // A heading runs into the sentence behind it, and the title stands above the snippet.
        let heading = passage.heading.as_deref().map(fold_space);
        let above = |text: &str| text == title || Some(text) == heading.as_deref();
        let rest = texts.iter().position(|(text, _)| !above(text.trim_end()));
        texts.drain(..rest.unwrap_or_default());
        let count = texts.len();
        for (index, (text, continues)) in texts.into_iter().enumerate() {
            let mut terms: Vec<usize> = marker.marks(&text).iter().map(|mark| mark.term).collect();
            terms.sort_unstable();
            terms.dedup();
            let trimmed = text.trim_end();
            let worth = if trimmed == title {
                0.0
            } else if trimmed.matches(" | ").count() > 1 {
                // A row of a table.
                0.5
            } else if is_reference(trimmed) {
                // A list of sources says nothing of its own.
                0.5
            } else if !ends_sentence(trimmed) && width(trimmed) < 60 {
                // A heading, a caption, an item of a list.
                0.6
            } else if continues {
                // The middle of a long sentence.
                0.8
            } else {
                1.0
            };
            units.push(Unit {
                passage: *number,
                rank,
                index,
                last: index + 1 == count,
                flows: passage.post.is_none(),
                width: width(&text),
                text,
                terms,
                worth,
            });
        }
    }
    units.sort_by_key(|unit| (unit.passage, unit.index));
    units
}

/// Numbers of the units to show, in reading order; none if no term occurs in any.
///
/// Greedy: the unit that adds most of what is not covered yet, by the rarity of its terms; then
/// neighbours until the snippet is filled.
fn choose(units: &[Unit], marker: &Marker) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    let mut covered: Vec<usize> = Vec::new();
    let mut total = 0;
    while chosen.len() < MAX_FRAGMENTS {
        let best = units
            .iter()
            .enumerate()
            .filter(|(number, unit)| {
                !chosen.contains(number) && (total == 0 || total + unit.width <= WIDEST)
            })
            .map(|(number, unit)| (number, gain(unit, &covered, marker)))
            // The first of equals: `max_by` would take the last.
            .rev()
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
            .filter(|(_, gain)| *gain > 0.0);
        let Some((number, _)) = best else { break };
        let Some(unit) = units.get(number) else { break };
        covered.extend(&unit.terms);
        total += unit.width;
        chosen.push(number);
    }
    while total > 0 && total < FILLED {
        let fits = |number: &usize| {
            !chosen.contains(number)
                && units
                    .get(*number)
                    .is_some_and(|unit| total + unit.width <= WIDEST)
        };
        // Behind the best unit first: text reads on. Then before it, then around the others.
        let beside = chosen.iter().flat_map(|&number| {
            let behind = furthest(units, &chosen, number, true);
            let before = furthest(units, &chosen, number, false);
            [behind, before].into_iter().flatten()
        });
        let candidates: Vec<usize> = beside.filter(fits).collect();
        let with_terms = candidates
            .iter()
            .find(|&&number| units.get(number).is_some_and(|unit| !unit.terms.is_empty()));
        let Some(&next) = with_terms.or(candidates.first()) else {
            break;
        };
        total += units.get(next).map_or(0, |unit| unit.width);
        chosen.push(next);
    }
    chosen.sort_unstable();
    chosen
}

fn gain(unit: &Unit, covered: &[usize], marker: &Marker) -> f32 {
    let new: f32 = unit
        .terms
        .iter()
        .filter(|term| !covered.contains(term))
        .map(|&term| marker.weight(term))
        .sum();
    // The engine's order of passages decides between equals; a short unit leaves room for more.
    let place = 1.0 / (1.0 + 0.05 * unit.rank as f32);
    let room = 1.0 / (1.0 + unit.width as f32 / 2_000.0);
    new * unit.worth * place * room
}

/// The first unit that touches the chosen run around `number` on one side.
fn furthest(units: &[Unit], chosen: &[usize], number: usize, behind: bool) -> Option<usize> {
    let mut at = number;
    loop {
        let next = if behind {
            at.checked_add(1)?
        } else {
            at.checked_sub(1)?
        };
        let (first, second) = if behind { (at, next) } else { (next, at) };
        if !touch(units.get(first)?, units.get(second)?) {
            return None;
        }
        if !chosen.contains(&next) {
            return Some(next);
        }
        at = next;
    }
}

/// Whether the second follows the first with nothing between.
fn touch(first: &Unit, second: &Unit) -> bool {
    if first.passage == second.passage {
        return first.index + 1 == second.index;
    }
    first.flows && first.last && second.index == 0 && first.passage + 1 == second.passage
}

fn assemble(units: &[Unit], chosen: &[usize], passages: &[Numbered], marker: &Marker) -> Snippet {
    let mut runs: Vec<Vec<&Unit>> = Vec::new();
    for unit in chosen.iter().filter_map(|&number| units.get(number)) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| touch(last, unit)) => run.push(unit),
            _ => runs.push(vec![unit]),
        }
    }
    let passage = runs.first().and_then(|run| run.first()).map(|u| u.passage);
    let locator = passage.and_then(|number| {
        let found = passages.iter().find(|(n, _)| *n == number);
        found.map(|(_, passage)| passage.locator.clone())
    });
    let fragments = runs
        .into_iter()
        .filter_map(|run| {
            let text: String = run.iter().map(|unit| unit.text.as_str()).collect();
            let text = text.trim_end().to_owned();
            let (from, until) = window(&text, marker);
            let (before, after) = (from > 0, until < text.len());
            let text = text.get(from..until).unwrap_or_default().to_owned();
            Some(Fragment {
                marks: marker.ranges(&text),
                text,
                cut_before: before || run.first()?.index > 0,
                cut_after: after || !run.last()?.last,
            })
        })
        .collect();
    Snippet {
        fragments,
        locator: locator.unwrap_or(Locator::Top),
        passage,
    }
}

/// What of a text is shown, in bytes: all of it, or, where no sentence or word ends in a long run
/// of characters (encoded data), a piece around the first mark, cut between graphemes.
fn window(text: &str, marker: &Marker) -> (usize, usize) {
    if width(text) <= WIDEST {
        return (0, text.len());
    }
    let mark = marker.ranges(text).first().map_or(0, |mark| mark.start);
    let boundaries: Vec<usize> = GraphemeClusterSegmenter::new().segment_str(text).collect();
    let wide = |from: usize, until: usize| width(text.get(from..until).unwrap_or_default());
    let from = boundaries
        .iter()
        .rev()
        .skip_while(|&&at| at > mark)
        .take_while(|&&at| wide(at, mark) <= WIDEST / 3)
        .last()
        .copied()
        .unwrap_or(0);
    let until = boundaries
        .iter()
        .skip_while(|&&at| at <= from)
        .take_while(|&&at| wide(from, at) <= WIDEST)
        .last()
        .copied();
    // One grapheme wider than all that is shown is no letter of any script.
    let until = until.unwrap_or_else(|| {
        let rest = text.get(from..).unwrap_or_default();
        let widest = rest.char_indices().nth(WIDEST / 2);
        widest.map_or(text.len(), |(at, _)| from + at)
    });
    (from, until)
}

/// The sentences of a passage without citation marks, each with one space behind it where there
/// was white space; long ones as clauses, of which all but the first continue one before them.
fn sentences(text: &str) -> Vec<(String, bool)> {
    let text = match text.char_indices().find(|&(at, _)| at >= PASSAGE_BYTES) {
        Some((at, _)) => text.get(..at).unwrap_or_default(),
        None => text,
    };
    let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    let mut sentences: Vec<(String, bool)> = Vec::new();
    for paragraph in text.split('\n') {
        let paragraph = without_citations(&fold_space(paragraph));
        let mut start = 0;
        let mut pending = String::new();
        for end in segmenter.segment_str(&paragraph).filter(|&end| end > 0) {
            pending.push_str(paragraph.get(start..end).unwrap_or_default());
            start = end;
            if !goes_on(&pending, paragraph.get(end..).unwrap_or_default()) {
                clauses(&std::mem::take(&mut pending), &mut sentences);
            }
        }
        clauses(&pending, &mut sentences);
        if let Some((last, _)) = sentences.last_mut()
            && !last.ends_with(char::is_whitespace)
        {
            last.push(' ');
        }
    }
    sentences
}

/// Whether a full stop here is that of an abbreviation or an initial: a short word before it, and
/// the rules of UAX 29 do not know words.
fn goes_on(sentence: &str, rest: &str) -> bool {
    let Some(before) = sentence.trim_end().strip_suffix('.') else {
        return false;
    };
    if rest.trim().is_empty() {
        return false;
    }
    let word = before
        .rsplit(|c: char| c.is_whitespace() || c == '(' || c == '.')
        .next()
        .unwrap_or_default();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    initial || ABBREVIATIONS.contains(&word)
}

/// Abbreviations that stand before a capital and end no sentence.
const ABBREVIATIONS: &[&str] = &[
    "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Gen", "Col", "Lt", "Capt", "Sgt", "Sen", "Rep", "Gov",
    "Rev", "Hon", "Sr", "Jr", "No", "Nr", "vs", "cf", "vol", "Vol", "ed", "Eds", "Abb", "Fig",
    "fig", "Mt", "Ft", "bzw", "Hr", "Fr", "Mme", "Mlle",
];

/// A sentence, or its parts where it is long: behind a comma or the like if one comes in time, at
/// a word in any case.
fn clauses(sentence: &str, into: &mut Vec<(String, bool)>) {
    static WORDS: LazyLock<icu_segmenter::WordSegmenterBorrowed<'static>> =
        LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));
    if sentence.trim().is_empty() {
        if let Some((last, _)) = into.last_mut().filter(|_| !sentence.is_empty())
            && !last.ends_with(char::is_whitespace)
        {
            last.push(' ');
        }
        return;
    }
    if width(sentence) <= LONG_SENTENCE {
        into.push((sentence.to_owned(), false));
        return;
    }
    let first = into.len();
    let mut clause = String::new();
    let mut clause_width = 0;
    let mut start = 0;
    for end in WORDS.segment_str(sentence).filter(|&end| end > 0) {
        let piece = sentence.get(start..end).unwrap_or_default();
        start = end;
        let next = sentence.get(end..).and_then(|rest| rest.chars().next());
        clause.push_str(piece);
        clause_width += width(piece);
        // Never between a word and its sign or the space behind it, and never inside what no
        // space divides in scripts that have spaces (`a-b/c`).
        let free = next.is_none_or(|c| !c.is_whitespace())
            && (piece.ends_with(char::is_whitespace)
                || (piece.chars().all(is_wide_or_unspaced)
                    && next.is_some_and(is_wide_or_unspaced)));
        let comma = clause
            .trim_end()
            .ends_with([',', ';', ':', '—', '–', '،', '؛', '、', '，', '；', '：']);
        let at_comma = comma && clause_width >= CLAUSE;
        if free && (at_comma || clause_width >= LONG_CLAUSE) {
            into.push((std::mem::take(&mut clause), into.len() > first));
            clause_width = 0;
        }
    }
    if !clause.is_empty() {
        into.push((clause, into.len() > first));
    }
}

/// Characters between which a line may be broken without a space: Han, kana, Thai and its
/// neighbours.
fn is_wide_or_unspaced(c: char) -> bool {
    is_wide(c) || matches!(c as u32, 0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff)
}

fn is_wide(c: char) -> bool {
    matches!(c as u32,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f
        | 0xff01..=0xff60 | 0x20000..=0x3fffd)
}

/// Columns: two for the wide characters of East Asian scripts (UAX 11), one for all others.
fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// Whether a text is mostly addresses and identifiers, as lists of sources in papers are.
pub(crate) fn is_reference(text: &str) -> bool {
    let marks = ["://", "doi:", "ISBN", "ISSN", "JSTOR"];
    let is_mark = |word: &&str| marks.iter().any(|mark| word.contains(mark));
    let found: usize = text.split(' ').filter(is_mark).map(str::len).sum();
    found * 4 > text.len()
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '”', '’', '\'', ')', ']', '»', '」', '』']);
    text.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '۔', '।', ':'])
}

fn fold_space(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// `[47]`, `[a]`, `[note 3]`, `[citation needed]` behind a word or another mark: what
/// encyclopaedias put into their text. `a[0] = 1` and `[1]` at a start stay.
fn without_citations(text: &str) -> String {
    static CITATION: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(
            clippy::expect_used,
            reason = "the pattern is a constant, and a test runs it"
        )]
        Regex::new(
            r"([\p{L}\p{N}\p{P}])(?:\s?\[(?:[1-9]\d{0,2}|[a-z]|(?i:note|n\.?|nb) ?\d{1,3}|(?i:citation needed|edit|clarification needed|when\?|who\?|by whom\?|better source needed|update))\](?::\s?\d{1,4}(?:[–-]\d{1,4})?)?)+",
        )
        .expect("a constant pattern")
    });
    if text.contains('[') {
        CITATION.replace_all(text, "$1").into_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
