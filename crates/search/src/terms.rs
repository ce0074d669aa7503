//! The words of a query as they occur in a text: what snippets mark and features count.

use std::ops::Range;

use engine::analysis::{Token, spans};
use model::query::Expr;

/// Terms that are told apart; those behind them are not marked.
const MAX_TERMS: usize = 64;

/// What one term of a query looks for.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Word(String),
    Exact(String),
    Prefix(String),
    Phrase(Vec<Option<String>>),
}

/// A term of a query with its weight.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    shape: Shape,
    /// How rare it is: see [`rarity`]; above 0.
    weight: f32,
}

/// The terms of a query, each once, in the order of the query. What it excludes and what it
/// filters by is no term.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Terms(Vec<Term>);

/// Robertson and Sparck Jones' idf with the usual half counts (Robertson and Zaragoza 2009,
/// equation 3.3 with 1 added inside the logarithm so that it stays above 0).
pub(crate) fn rarity(frequency: u64, documents: u64) -> f32 {
    let (frequency, documents) = (frequency as f32, documents.max(frequency) as f32);
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}

impl Terms {
    /// The terms of an expression. `weight` says how rare a word is.
    pub(crate) fn of(expr: &Expr, weight: &mut dyn FnMut(&str) -> f32) -> Self {
        let mut terms = Self::default();
        terms.gather(expr, weight);
        terms
    }

    fn gather(&mut self, expr: &Expr, weight: &mut dyn FnMut(&str) -> f32) {
        match expr {
            Expr::Word(text) => self.push(Shape::Word(text.clone()), &[text], weight),
            Expr::Exact(text) => self.push(Shape::Exact(text.clone()), &[text], weight),
            Expr::Prefix(text) => self.push(Shape::Prefix(text.clone()), &[text], weight),
            Expr::Phrase(forms) => {
                let words: Vec<&String> = forms.iter().flatten().collect();
                self.push(Shape::Phrase(forms.clone()), &words, weight);
            }
            Expr::Near(left, right, _) => {
                self.gather(left, weight);
                self.gather(right, weight);
            }
            Expr::In(_, inner) => self.gather(inner, weight),
            Expr::And(parts) | Expr::Or(parts) => {
                for part in parts {
                    self.gather(part, weight);
                }
            }
            Expr::Everything | Expr::Not(_) | Expr::Filter(_) => {}
        }
    }

    fn push(&mut self, shape: Shape, words: &[&String], weight: &mut dyn FnMut(&str) -> f32) {
        if self.0.len() < MAX_TERMS && self.0.iter().all(|term| term.shape != shape) {
            let weight = words.iter().map(|word| weight(word)).sum();
            self.0.push(Term { shape, weight });
        }
    }

    /// The number of the term that a bare word is.
    pub(crate) fn number(&self, word: &Expr) -> Option<usize> {
        let Expr::Word(text) = word else { return None };
        let same = |term: &Term| matches!(&term.shape, Shape::Word(other) if other == text);
        self.0.iter().position(same)
    }

    /// The terms as they look in a language (BCP 47).
    pub(crate) fn in_language(&self, language: Option<&str>) -> Marker {
        let read = |keep_stop_words: bool| {
            let mut marker = Marker {
                language: language.map(str::to_owned),
                looks: Vec::new(),
                weights: Vec::new(),
            };
            for (number, term) in self.0.iter().enumerate() {
                marker.weights.push(term.weight);
                marker.add(number, &term.shape, keep_stop_words);
            }
            marker
        };
        let marker = read(false);
        // A query of stop words alone is found by their exact forms.
        if marker.looks.is_empty() {
            read(true)
        } else {
            marker
        }
    }
}

/// What to compare a text with.
#[derive(Clone, Debug)]
enum Look {
    /// Any of these stems.
    Stems(Vec<String>),
    /// This folded form.
    Form(String),
    /// A folded form that begins so.
    Start(String),
    /// These folded forms next to each other.
    Sequence(Vec<Option<String>>),
    /// These characters anywhere: scripts whose words are not cut in one way only.
    Characters(Vec<String>),
}

/// An occurrence of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Bytes of the text, on character boundaries.
    pub(crate) range: Range<usize>,
    /// Number of the term.
    pub(crate) term: usize,
}

/// Terms as they look in one language.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    language: Option<String>,
    looks: Vec<(usize, Look)>,
    weights: Vec<f32>,
}

impl Marker {
    fn add(&mut self, number: usize, shape: &Shape, keep_stop_words: bool) {
        match shape {
            Shape::Word(text) => {
                for token in spans(text, self.language.as_deref()) {
                    let look = match look(&token) {
                        Some(look) => look,
                        None if keep_stop_words => Look::Form(token.exact),
                        None => continue,
                    };
                    self.looks.push((number, look));
                }
            }
            Shape::Exact(text) => {
                self.sequence(number, exact_forms(text, self.language.as_deref()));
            }
            Shape::Prefix(text) => {
                let mut forms: Vec<String> = spans(text, self.language.as_deref())
                    .into_iter()
                    .map(|token| token.exact)
                    .collect();
                if let Some(last) = forms.pop() {
                    self.looks.push((number, Look::Start(last)));
                }
                for form in forms {
                    self.looks.push((number, Look::Form(form)));
                }
            }
            Shape::Phrase(forms) => {
                let mut sequence = Vec::new();
                for form in forms {
                    match form {
                        Some(text) => sequence.extend(exact_forms(text, self.language.as_deref())),
                        None => sequence.push(None),
                    }
                }
                self.sequence(number, sequence);
            }
        }
    }

    fn sequence(&mut self, number: usize, forms: Vec<Option<String>>) {
        match forms.as_slice() {
            [] => {}
            [Some(form)] => self.looks.push((number, Look::Form(form.clone()))),
            _ => self.looks.push((number, Look::Sequence(forms))),
        }
    }

    /// The same with the words of phrases each for itself: for a text in which a phrase begins that
    /// goes on in the next.
    #[must_use]
    pub(crate) fn word_by_word(mut self) -> Self {
        let looks = std::mem::take(&mut self.looks);
        for (number, look) in looks {
            match look {
                Look::Sequence(forms) => {
                    let forms = forms.into_iter().flatten();
                    self.looks
                        .extend(forms.map(|form| (number, Look::Form(form))));
                }
                look => self.looks.push((number, look)),
            }
        }
        self
    }

    /// The weight of a term.
    pub(crate) fn weight(&self, term: usize) -> f32 {
        self.weights.get(term).copied().unwrap_or_default()
    }

    /// Which of these terms a text lacks, of those that mean something in this language.
    pub(crate) fn lacking(&self, terms: &[usize], text: &str) -> Vec<usize> {
        let means = |term: &usize| self.looks.iter().any(|(number, _)| number == term);
        let mut lacking: Vec<usize> = terms.iter().copied().filter(means).collect();
        if !lacking.is_empty() {
            let marks = self.marks(text);
            lacking.retain(|term| marks.iter().all(|mark| mark.term != *term));
        }
        lacking
    }

    /// The sum of the weights of the terms that mean something in this language.
    pub(crate) fn total_weight(&self) -> f32 {
        let mut terms: Vec<usize> = self.looks.iter().map(|(number, _)| *number).collect();
        terms.dedup();
        terms.into_iter().map(|term| self.weight(term)).sum()
    }

    /// The share of the terms, by weight, that occur in a text: 0 to 1.
    pub(crate) fn share(&self, text: &str) -> f32 {
        let total = self.total_weight();
        if total <= 0.0 {
            return 0.0;
        }
        let mut terms: Vec<usize> = self.marks(text).into_iter().map(|mark| mark.term).collect();
        terms.sort_unstable();
        terms.dedup();
        let found: f32 = terms.into_iter().map(|term| self.weight(term)).sum();
        (found / total).min(1.0)
    }

    /// The share of the terms that occur in a text, where none counts for more than the mean: one
    /// rare word does not stand for the others. 0 to 1.
    pub(crate) fn even_share(&self, text: &str) -> f32 {
        let mut all: Vec<usize> = self.looks.iter().map(|(number, _)| *number).collect();
        all.dedup();
        let mean = self.total_weight() / all.len().max(1) as f32;
        let even = |terms: &[usize]| -> f32 {
            let weights = terms.iter().map(|&term| self.weight(term).min(mean));
            weights.sum()
        };
        let mut found: Vec<usize> = self.marks(text).into_iter().map(|mark| mark.term).collect();
        found.sort_unstable();
        found.dedup();
        let total = even(&all);
        if total > 0.0 {
            (even(&found) / total).min(1.0)
        } else {
            0.0
        }
    }

    /// Every occurrence, by place; occurrences may overlap.
    pub(crate) fn marks(&self, text: &str) -> Vec<Mark> {
        let tokens = spans(text, self.language.as_deref());
        let mut marks = Vec::new();
        for &(term, ref look) in &self.looks {
            match look {
                Look::Characters(runs) => {
                    let found = runs.iter().map(|run| {
                        let places = text.match_indices(run.as_str());
                        let ranges = places.map(|(at, run)| at..at + run.len());
                        ranges.map(|range| Mark { range, term }).collect::<Vec<_>>()
                    });
                    // The whole word where it occurs, else its pairs of characters.
                    let found = found.into_iter().find(|marks| !marks.is_empty());
                    marks.extend(found.unwrap_or_default());
                }
                Look::Sequence(forms) => {
                    for window in tokens.windows(forms.len()) {
                        let fits = window.iter().zip(forms).all(|(token, form)| {
                            form.as_ref().is_none_or(|form| token.exact == *form)
                        });
                        if let (true, [first, .., last]) = (fits, window) {
                            marks.push(Mark {
                                range: first.range.start..last.range.end,
                                term,
                            });
                        }
                    }
                }
                _ => {
                    let found = tokens.iter().filter(|token| look.fits(token));
                    marks.extend(found.map(|token| Mark {
                        range: token.range.clone(),
                        term,
                    }));
                }
            }
        }
        marks.sort_by_key(|mark| (mark.range.start, mark.range.end, mark.term));
        marks.dedup();
        marks
    }

    /// What to mark: sorted, disjoint, on character boundaries.
    pub(crate) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for mark in self.marks(text) {
            match ranges.last_mut() {
                Some(last) if mark.range.start < last.end => {
                    last.end = last.end.max(mark.range.end);
                }
                _ => ranges.push(mark.range),
            }
        }
        ranges
    }
}

impl Look {
    fn fits(&self, token: &Token) -> bool {
        match self {
            Self::Stems(stems) => [&token.stem, &token.second_stem]
                .into_iter()
                .flatten()
                .any(|stem| stems.contains(stem)),
            Self::Form(form) => token.exact == *form,
            Self::Start(start) => token.exact.starts_with(start),
            Self::Sequence(_) | Self::Characters(_) => false,
        }
    }
}

/// How a word of the query looks in a text; `None` for a stop word.
fn look(token: &Token) -> Option<Look> {
    if !token.bigrams.is_empty() || token.by_character {
        let pairs = token.bigrams.iter().map(|(_, pair)| pair.clone());
        let whole = token.exact.clone();
        let rest = pairs.filter(|pair| token.exact.contains(pair.as_str()));
        return Some(Look::Characters(
            std::iter::once(whole).chain(rest).collect(),
        ));
    }
    let stem = token.stem.clone()?;
    Some(Look::Stems(
        std::iter::once(stem)
            .chain(token.second_stem.clone())
            .collect(),
    ))
}

fn exact_forms(text: &str, language: Option<&str>) -> Vec<Option<String>> {
    spans(text, language)
        .into_iter()
        .map(|token| Some(token.exact))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::tests::request;

    #[track_caller]
    fn check(query: &str, language: &str, text: &str, expected: &str) {
        let expr = crate::understand(&request(query)).expr;
        let terms = Terms::of(&expr, &mut |_| 1.0);
        let ranges = terms.in_language(Some(language)).ranges(text);
        let mut marked = String::new();
        let mut behind = 0;
        for range in ranges {
            marked.push_str(text.get(behind..range.start).unwrap());
            marked.push('[');
            marked.push_str(text.get(range.clone()).unwrap());
            marked.push(']');
            behind = range.end;
        }
        marked.push_str(text.get(behind..).unwrap());
        assert_eq!(marked, expected);
    }

    #[test]
    fn variants_are_marked_and_what_is_excluded_is_not() {
        check(
            "river treaties",
            "en",
            "The Rivers of the treaty.",
            "The [Rivers] of the [treaty].",
        );
        check(
            "iran and syria",
            "en",
            "Iran and Syria's",
            "[Iran] and [Syria's]",
        );
        check("+river", "en", "rivers, River", "rivers, [River]");
        check(
            "treat*",
            "en",
            "A treaty treats thread",
            "A [treaty] [treats] thread",
        );
        check(
            "\"big * treaty\"",
            "en",
            "a big river treaty, a big treaty",
            "a [big river treaty], a big treaty",
        );
        check("river -canal", "en", "canal, river", "canal, [river]");
        check("the", "en", "over the hill", "over [the] hill");
        check("e-mail", "en", "an e-mail", "an [e]-[mail]");
        check("café", "fr", "Le CAFE noir", "Le [CAFE] noir");
    }

    #[test]
    fn scripts_without_spaces() {
        check("北京", "zh", "我在北京大学", "我在[北京]大学");
        check("한국", "ko", "나는 한국에서 왔다", "나는 [한국]에서 왔다");
        check("ไทย", "th", "ภาษาไทยง่าย", "ภาษา[ไทย]ง่าย");
        check("كتاب", "ar", "هذا كتاب جديد", "هذا [كتاب] جديد");
    }
}
