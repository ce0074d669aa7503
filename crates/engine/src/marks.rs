//! Which words of a text a query asks for: what is marked is what matched.

use std::collections::BTreeSet;

use model::query::Expr;

use crate::analysis::Token;
use crate::terms::lower_query;

/// A word of the query that documents are asked to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueryWord {
    /// In [`TextField::Search`], any of them.
    pub(crate) stems: BTreeSet<String>,
    /// In [`TextField::Exact`].
    pub(crate) exact: Option<String>,
    /// In [`TextField::Exact`].
    pub(crate) prefix: Option<String>,
    /// Place in the query, stop words counted.
    pub(crate) position: u32,
    /// A stop word that need not be there.
    pub(crate) optional: bool,
    /// Number of the phrase that it belongs to.
    pub(crate) phrase: Option<usize>,
}

impl QueryWord {
    fn matches(&self, token: &Token) -> bool {
        let stem = |stem: &Option<String>| stem.as_ref().is_some_and(|s| self.stems.contains(s));
        stem(&token.stem)
            || stem(&token.second_stem)
            || token
                .bigrams
                .iter()
                .any(|(_, pair)| self.stems.contains(pair) || self.exact.as_ref() == Some(pair))
            || self.exact.as_ref() == Some(&token.exact)
            || self
                .prefix
                .as_ref()
                .is_some_and(|prefix| token.exact.starts_with(prefix.as_str()))
    }
}

/// The words that a query asks for in title and text, numbered in its order: for marks and
/// features, so that what is marked is what matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryTerms {
    pub(crate) words: Vec<QueryWord>,
    pub(crate) phrases: Vec<Vec<(u32, String)>>,
}

impl QueryTerms {
    /// Of a query; `languages` are those that the index holds ([`crate::View::languages`]).
    pub fn new(expr: &Expr, languages: &[String]) -> Self {
        lower_query(expr, languages).1
    }

    /// How many words there are; word numbers are below it.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether the query asks for no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The number of the word that a word of a document matches, the first of several. Words of
    /// phrases match by their exact form, wherever they stand; see [`QueryTerms::marks`].
    pub fn matches(&self, token: &Token) -> Option<usize> {
        self.words
            .iter()
            .position(|word| !word.optional && word.matches(token))
    }

    /// The word number for each word of a text, as [`crate::analysis::spans`] gives them; words
    /// of a phrase only where the phrase stands.
    pub fn marks(&self, tokens: &[Token]) -> Vec<Option<usize>> {
        let mut marks: Vec<Option<usize>> = tokens
            .iter()
            .map(|token| {
                let mut words = self.words.iter();
                words
                    .position(|word| !word.optional && word.phrase.is_none() && word.matches(token))
            })
            .collect();
        for (number, phrase) in self.phrases.iter().enumerate() {
            let Some(first) = self.words.iter().position(|w| w.phrase == Some(number)) else {
                continue;
            };
            mark_phrase(phrase, first, tokens, &mut marks);
        }
        marks
    }
}

fn mark_phrase(
    phrase: &[(u32, String)],
    first: usize,
    tokens: &[Token],
    marks: &mut [Option<usize>],
) {
    // Exact forms and bigrams by position, each with the word that it lies in.
    let mut at: Vec<(u32, &str, usize)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        at.push((token.position, &token.exact, index));
        for (offset, pair) in &token.bigrams {
            at.push((token.position + offset, pair, index));
        }
    }
    at.sort_unstable();
    let find = |position: u32, term: &str| {
        at.binary_search_by(|probe| (probe.0, probe.1).cmp(&(position, term)))
            .ok()
            .and_then(|found| at.get(found))
            .map(|&(_, _, index)| index)
    };
    let Some((_, head)) = phrase.first() else {
        return;
    };
    for &(position, term, _) in at.iter().filter(|(_, term, _)| term == head) {
        debug_assert_eq!(term, head);
        let places: Option<Vec<usize>> = phrase
            .iter()
            .map(|(offset, term)| find(position + offset, term))
            .collect();
        for (i, index) in places.into_iter().flatten().enumerate() {
            if let Some(mark) = marks.get_mut(index) {
                mark.get_or_insert(first + i);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::query::Scope;

    use super::*;
    use crate::analysis::spans;

    #[track_caller]
    fn check(expr: &Expr, text: &str, marked: &str) {
        let terms = QueryTerms::new(expr, &["en".into(), "zh".into()]);
        let tokens = spans(text, Some("en"));
        let found: Vec<String> = terms
            .marks(&tokens)
            .into_iter()
            .zip(&tokens)
            .filter_map(|(mark, token)| {
                Some(format!("{}:{}", mark?, text.get(token.range.clone())?))
            })
            .collect();
        assert_eq!(found.join(" "), marked);
    }

    fn word(text: &str) -> Expr {
        Expr::Word(text.into())
    }

    #[test]
    fn what_is_marked_is_what_matches() {
        let text = "The river treaty of Veldania: two rivers, one Treaty, e-mail and treaties";
        check(&word("rivers"), text, "0:river 0:rivers");
        check(&Expr::Exact("Treaty".into()), text, "0:treaty 0:Treaty");
        check(
            &Expr::Phrase(vec![Some("river".into()), Some("treaty".into())]),
            text,
            "0:river 1:treaty",
        );
        check(
            &Expr::Phrase(vec![Some("one".into()), None, Some("e-mail".into())]),
            text,
            "0:one 1:e 2:mail",
        );
        check(
            &Expr::Prefix("treat".into()),
            text,
            "0:treaty 0:Treaty 0:treaties",
        );
        check(
            &Expr::And(vec![word("the"), word("river")]),
            text,
            "1:river 1:rivers",
        );
        check(&word("of"), text, "0:of");
        check(&Expr::Not(Box::new(word("river"))), text, "");
        check(&Expr::In(Scope::Url, Box::new(word("river"))), text, "");
    }

    #[test]
    fn han_is_marked_by_words_or_pairs() {
        check(&word("北京大学"), "我在北京大学生活", "0:北京 1:大学生");
        check(
            &Expr::Phrase(vec![Some("北京大学".into())]),
            "我在北京大学生活",
            "0:北京 2:大学生",
        );
    }
}
