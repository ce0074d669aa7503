//! A query in an engine's terms: what every engine matches, and what is marked on the page.

use std::collections::BTreeSet;

use model::query::{Expr, Filter, Scope, Test};

use crate::analysis::{Analyzer, Token, primary};
use crate::fold::{fold, lower};
pub use crate::marks::QueryTerms;
use crate::marks::QueryWord;
use crate::places::{PLACES, Place, any, places};

/// A stream of terms that an index entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TextField {
    /// Stems: main text, then the title three times, then the headings once more.
    Search,
    /// Exact forms: main text, then the title; at the same positions.
    Exact,
    /// Stems of anchor texts.
    Anchor,
    /// Exact forms of anchor texts, at the same positions.
    AnchorExact,
    /// Exact forms of the words of the address.
    Address,
    /// Exact forms of the byline.
    Author,
}

impl TextField {
    pub(crate) const ALL: [Self; 6] = [
        Self::Search,
        Self::Exact,
        Self::Anchor,
        Self::AnchorExact,
        Self::Address,
        Self::Author,
    ];

    /// The field of exact forms that goes with a field of stems.
    ///
    /// A term is as frequent as in the one of the two that has it in more documents: what is a
    /// stop word in most of a collection has no stem there, and would be rare, and weigh most, in
    /// the few documents of other languages that hold it.
    pub(crate) fn written(self) -> Option<Self> {
        match self {
            Self::Search => Some(Self::Exact),
            Self::Anchor => Some(Self::AnchorExact),
            _ => None,
        }
    }

    /// Which of the three scores it counts towards: text, anchor, address.
    pub(crate) fn channel(self) -> usize {
        match self {
            Self::Search | Self::Exact | Self::Author => 0,
            Self::Anchor | Self::AnchorExact => 1,
            Self::Address => 2,
        }
    }
}

/// A part of the streams of title and main text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    Whole,
    /// The first copy of the title.
    Title,
    /// The main text.
    Body,
}

/// A query, engine-neutral. The score of a leaf is its BM25 in its field (a region gates, and
/// changes no score); those of all matching parts are added per channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Everything,
    Nothing,
    Term {
        field: TextField,
        region: Region,
        term: String,
    },
    /// Any of the [`MAX_EXPANSIONS`] most frequent terms that begin so, ties by term.
    Prefix {
        field: TextField,
        region: Region,
        prefix: String,
    },
    /// Terms at these distances from the first, whose distance is 0. BM25 with the number of
    /// places as frequency and the sum of the terms' idf.
    Phrase {
        field: TextField,
        region: Region,
        terms: Vec<(u32, String)>,
    },
    /// Both with at most so many words between the nearest ends; scores as both.
    Near(Box<Tree>, Box<Tree>, u32),
    /// All of `required`; `optional` members score where they match.
    All {
        required: Vec<Tree>,
        optional: Vec<Tree>,
    },
    Any(Vec<Tree>),
    /// Documents of either; they score as the first where it matches, else as the second.
    Else(Box<Tree>, Box<Tree>),
    Not(Box<Tree>),
    Filter(Filter),
}

impl Tree {
    /// Whether a document can score by it.
    pub(crate) fn is_scoring(&self) -> bool {
        match self {
            Self::Everything | Self::Nothing | Self::Not(_) | Self::Filter(_) => false,
            Self::Term { .. } | Self::Prefix { .. } | Self::Phrase { .. } => true,
            Self::Near(left, right, _) | Self::Else(left, right) => {
                left.is_scoring() || right.is_scoring()
            }
            Self::All { required, optional } => {
                required.iter().chain(optional).any(Self::is_scoring)
            }
            Self::Any(members) => members.iter().any(Self::is_scoring),
        }
    }
}

/// How many terms a prefix stands for at the most.
pub(crate) const MAX_EXPANSIONS: usize = 1024;

/// The tree and the words of a query.
pub(crate) fn lower_query(expr: &Expr, languages: &[String]) -> (Tree, QueryTerms) {
    Lowering::run(expr, languages)
}

struct Lowering<'a> {
    languages: &'a [String],
    analyzers: Vec<Analyzer<'a>>,
    terms: QueryTerms,
    position: u32,
}

/// What a part of the query became.
enum Lowered {
    /// Says nothing (`&`).
    Empty,
    /// Has to hold.
    Tree(Tree),
    /// A stop word of some languages (their numbers): its exact form, and how it scores as a word
    /// of the others.
    Stop {
        exact: Tree,
        scoring: Option<Tree>,
        languages: BTreeSet<usize>,
    },
    /// A word of several parts: they join the `And` around it.
    Parts(Vec<Lowered>),
}

impl<'a> Lowering<'a> {
    fn run(expr: &'a Expr, languages: &'a [String]) -> (Tree, QueryTerms) {
        let mut analyzers: Vec<Analyzer<'a>> = languages
            .iter()
            .map(|language| Analyzer::new(primary(language)))
            .collect();
        if analyzers.is_empty() {
            analyzers.push(Analyzer::new(""));
        }
        let mut lowering = Self {
            languages,
            analyzers,
            terms: QueryTerms::default(),
            position: 0,
        };
        let lowered = lowering.expr(expr, None, true);
        let tree = lowering.all(vec![lowered]).unwrap_or(Tree::Nothing);
        let terms = &mut lowering.terms;
        if terms.words.iter().all(|word| word.optional) {
            for word in &mut terms.words {
                word.optional = false;
            }
        }
        (tree, lowering.terms)
    }

    fn expr(&mut self, expr: &Expr, scope: Option<Scope>, wanted: bool) -> Lowered {
        match expr {
            Expr::Everything => Lowered::Tree(Tree::Everything),
            Expr::Word(text) => self.word(text, scope, wanted),
            Expr::Exact(text) => self.phrase(&[Some(text.clone())], scope, wanted),
            Expr::Phrase(items) => self.phrase(items, scope, wanted),
            Expr::Prefix(text) => self.prefix(text, scope, wanted),
            Expr::Near(left, right, apart) => self.near(left, right, *apart, scope, wanted),
            Expr::In(inner, expr) => self.expr(expr, Some(*inner), wanted),
            Expr::And(members) => {
                let members = members
                    .iter()
                    .map(|m| self.expr(m, scope, wanted))
                    .collect();
                self.all(members).map_or(Lowered::Empty, Lowered::Tree)
            }
            Expr::Or(members) => {
                let members: Vec<Tree> = members
                    .iter()
                    .filter_map(|m| {
                        let lowered = self.expr(m, scope, wanted);
                        self.all(vec![lowered])
                    })
                    .collect();
                any(members).map_or(Lowered::Empty, Lowered::Tree)
            }
            Expr::Not(inner) => {
                let inner = self.expr(inner, scope, false);
                match self.all(vec![inner]) {
                    Some(tree) => Lowered::Tree(Tree::Not(Box::new(tree))),
                    None => Lowered::Empty,
                }
            }
            Expr::Filter(filter) => Lowered::Tree(Tree::Filter(filter.clone())),
        }
    }

    fn word(&mut self, text: &str, scope: Option<Scope>, wanted: bool) -> Lowered {
        let by_language = self.tokens(text);
        let Some(first) = by_language.first() else {
            return Lowered::Empty;
        };
        let mut parts = Vec::new();
        let mut index = 0;
        while let Some(token) = first.get(index) {
            let run = first
                .get(index..)
                .unwrap_or_default()
                .iter()
                .take_while(|other| other.by_character && token.by_character)
                .count();
            if run > 0 {
                let tokens = first.get(index..index + run).unwrap_or_default();
                parts.push(self.run_of_characters(tokens, scope, wanted));
                index += run;
            } else {
                let variants: Vec<&Token> = by_language
                    .iter()
                    .filter_map(|tokens| tokens.get(index))
                    .collect();
                parts.push(self.plain(&variants, scope, wanted));
                index += 1;
            }
        }
        match parts.len() {
            0 => Lowered::Empty,
            1 => parts.pop().unwrap_or(Lowered::Empty),
            _ => Lowered::Parts(parts),
        }
    }

    /// One word as each language sees it.
    fn plain(&mut self, variants: &[&Token], scope: Option<Scope>, wanted: bool) -> Lowered {
        let Some(token) = variants.first() else {
            return Lowered::Empty;
        };
        let stems: BTreeSet<String> = variants
            .iter()
            .flat_map(|token| token.stem.iter().chain(&token.second_stem).cloned())
            .collect();
        let stops = variants.iter().enumerate();
        let languages: BTreeSet<usize> = stops
            .filter(|(_, token)| token.stem.is_none())
            .map(|(language, _)| language)
            .collect();
        // On the page it counts as what it is in the language of most documents.
        let is_stop = languages.contains(&0);
        let exact = places(scope, |place| place.term(place.exact, token.exact.clone()));
        let mut stemmed = stems.clone();
        // Korean endings: the pairs of the bare noun stand in the inflected word.
        let pairs: Vec<String> = token.bigrams.iter().map(|(_, pair)| pair.clone()).collect();
        let scoring = places(scope, |place| {
            let words = if place.stemmed == TextField::Address {
                vec![place.term(place.stemmed, token.exact.clone())]
            } else {
                let terms = stems.iter().cloned();
                terms.map(|stem| place.term(place.stemmed, stem)).collect()
            };
            let mut alternatives = words;
            let by_pairs: Vec<Tree> = pairs
                .iter()
                .map(|pair| place.term(place.stemmed, pair.clone()))
                .collect();
            if let Some(tree) = all_of(by_pairs)
                && !alternatives.contains(&tree)
            {
                alternatives.push(tree);
            }
            place.or_as_written(any(alternatives).unwrap_or(Tree::Nothing), &token.exact)
        });
        stemmed.extend(pairs);
        let word = QueryWord {
            exact: Some(token.exact.clone()),
            stems: stemmed,
            optional: is_stop,
            ..QueryWord::default()
        };
        self.note(word, scope, wanted);
        if languages.is_empty() {
            return Lowered::Tree(scoring);
        }
        Lowered::Stop {
            exact,
            scoring: (!stems.is_empty()).then_some(scoring),
            languages,
        }
    }

    /// Joins members. In documents of the languages that a word says nothing in, it need not
    /// stand, unless the query has nothing else to say there; then its exact form must.
    fn all(&self, members: Vec<Lowered>) -> Option<Tree> {
        let mut flat = Vec::new();
        for member in members {
            match member {
                Lowered::Parts(parts) => flat.extend(parts),
                member => flat.push(member),
            }
        }
        let count = self.analyzers.len();
        let says = |language: usize| {
            flat.iter().any(|member| match member {
                Lowered::Tree(tree) => !matches!(tree, Tree::Not(_) | Tree::Filter(_)),
                Lowered::Stop { languages, .. } => !languages.contains(&language),
                Lowered::Parts(_) => true,
                Lowered::Empty => false,
            })
        };
        let saying: Vec<bool> = (0..count).map(says).collect();
        let (mut required, mut optional) = (Vec::new(), Vec::new());
        for member in flat {
            match member {
                Lowered::Tree(tree) => required.push(tree),
                Lowered::Parts(parts) => required.extend(self.all(parts)),
                Lowered::Empty => {}
                Lowered::Stop {
                    exact,
                    scoring,
                    languages,
                } => {
                    let says = |language: &&usize| saying.get(**language).copied() == Some(true);
                    let (free, bound): (Vec<usize>, Vec<usize>) =
                        languages.iter().partition(|language| says(language));
                    if free.len() == count {
                        optional.extend(scoring);
                        continue;
                    }
                    let mut ways: Vec<Tree> = scoring.into_iter().collect();
                    if !bound.is_empty() {
                        ways.push(exact);
                    }
                    let names = free
                        .iter()
                        .filter_map(|language| self.languages.get(*language));
                    let names: Vec<String> = names.cloned().collect();
                    if !names.is_empty() {
                        ways.push(Tree::Filter(Filter {
                            test: Test::Language(names),
                            negated: false,
                        }));
                    }
                    required.extend(any(ways));
                }
            }
        }
        if optional.is_empty() {
            return all_of(required);
        }
        Some(Tree::All { required, optional })
    }

    /// A run of Han or kana: all words of the dictionary, or all pairs of characters.
    fn run_of_characters(
        &mut self,
        tokens: &[Token],
        scope: Option<Scope>,
        wanted: bool,
    ) -> Lowered {
        let words: Vec<&String> = tokens.iter().map(|token| &token.exact).collect();
        let pairs: Vec<&String> = tokens
            .iter()
            .flat_map(|token| token.bigrams.iter().map(|(_, pair)| pair))
            .collect();
        let tree = places(scope, |place| {
            let terms = |terms: &[&String]| {
                let trees = terms
                    .iter()
                    .map(|term| place.term(place.stemmed, (*term).clone()));
                all_of(trees.collect())
            };
            let mut alternatives: Vec<Tree> = terms(&words).into_iter().collect();
            alternatives.extend(terms(&pairs).filter(|tree| !alternatives.contains(tree)));
            any(alternatives).unwrap_or(Tree::Nothing)
        });
        for token in tokens {
            let mut stems: BTreeSet<String> = [token.exact.clone()].into();
            stems.extend(token.bigrams.iter().map(|(_, pair)| pair.clone()));
            let word = QueryWord {
                stems,
                ..QueryWord::default()
            };
            self.note(word, scope, wanted);
        }
        Lowered::Tree(tree)
    }

    fn phrase(&mut self, items: &[Option<String>], scope: Option<Scope>, wanted: bool) -> Lowered {
        let terms = phrase_terms(items);
        if terms.is_empty() {
            return Lowered::Empty;
        }
        let start = self.position;
        let phrase = self.terms.phrases.len();
        for (offset, term) in &terms {
            self.position = start + offset;
            let word = QueryWord {
                exact: Some(term.clone()),
                phrase: Some(phrase),
                ..QueryWord::default()
            };
            self.note(word, scope, wanted);
        }
        if wanted && marks_text(scope) {
            self.terms.phrases.push(terms.clone());
        }
        Lowered::Tree(places(scope, |place| place.phrase(&terms)))
    }

    fn prefix(&mut self, text: &str, scope: Option<Scope>, wanted: bool) -> Lowered {
        let mut forms = crate::analysis::exact_forms(text);
        let Some(prefix) = forms.pop() else {
            return Lowered::Empty;
        };
        let mut parts: Vec<Lowered> = forms
            .into_iter()
            .map(|form| self.phrase(&[Some(form)], scope, wanted))
            .collect();
        let word = QueryWord {
            prefix: Some(prefix.clone()),
            ..QueryWord::default()
        };
        self.note(word, scope, wanted);
        parts.push(Lowered::Tree(places(scope, |place| Tree::Prefix {
            field: place.exact,
            region: place.region,
            prefix: prefix.clone(),
        })));
        Lowered::Parts(parts)
    }

    fn near(
        &mut self,
        left: &Expr,
        right: &Expr,
        apart: u32,
        scope: Option<Scope>,
        wanted: bool,
    ) -> Lowered {
        let sides: Vec<Option<Tree>> = PLACES
            .iter()
            .filter(|place| place.serves(scope))
            .map(|place| {
                let place = place.within(scope);
                let left = self.side(left, place)?;
                let right = self.side(right, place)?;
                Some(Tree::Near(Box::new(left), Box::new(right), apart))
            })
            .collect();
        // The words are noted as if they stood alone.
        for side in [left, right] {
            drop(self.expr(side, scope, wanted));
        }
        any(sides.into_iter().flatten().collect()).map_or(Lowered::Empty, Lowered::Tree)
    }

    fn side(&self, expr: &Expr, place: Place) -> Option<Tree> {
        match expr {
            Expr::Word(text) => {
                let by_language = self.tokens(text);
                let forms = by_language.first()?;
                let single = forms.len() == 1
                    && !forms.iter().any(|token| token.by_character)
                    && by_language
                        .iter()
                        .flatten()
                        .all(|token| token.stem.is_some())
                    && place.stemmed != TextField::Address;
                if !single {
                    let terms = phrase_terms(&[Some(text.clone())]);
                    return (!terms.is_empty()).then(|| place.phrase(&terms));
                }
                let stems: BTreeSet<String> = by_language
                    .iter()
                    .flatten()
                    .flat_map(|token| token.stem.iter().chain(&token.second_stem).cloned())
                    .collect();
                let terms = stems
                    .into_iter()
                    .map(|stem| place.term(place.stemmed, stem));
                let written = &forms.first()?.exact;
                any(terms.collect()).map(|tree| place.or_as_written(tree, written))
            }
            Expr::Exact(text) => {
                let terms = phrase_terms(&[Some(text.clone())]);
                (!terms.is_empty()).then(|| place.phrase(&terms))
            }
            Expr::Phrase(items) => {
                let terms = phrase_terms(items);
                (!terms.is_empty()).then(|| place.phrase(&terms))
            }
            Expr::Prefix(text) => Some(Tree::Prefix {
                field: place.exact,
                region: place.region,
                prefix: fold(&lower(text)).into_owned(),
            }),
            _ => None,
        }
    }

    fn tokens(&self, text: &str) -> Vec<Vec<Token>> {
        let analyzers = self.analyzers.iter();
        analyzers
            .map(|analyzer| {
                let mut tokens = Vec::new();
                analyzer.tokens(text, 0, &mut tokens);
                tokens
            })
            .collect()
    }

    fn note(&mut self, word: QueryWord, scope: Option<Scope>, wanted: bool) {
        if wanted && marks_text(scope) {
            let position = self.position;
            self.terms.words.push(QueryWord { position, ..word });
        }
        self.position += 1;
    }
}

fn marks_text(scope: Option<Scope>) -> bool {
    !matches!(scope, Some(Scope::Url | Scope::Anchor))
}

/// Exact forms with their distance from the first; runs of Han and kana by their pairs of
/// characters, which do not depend on how the dictionary cuts them.
fn phrase_terms(items: &[Option<String>]) -> Vec<(u32, String)> {
    let analyzer = Analyzer::new("");
    let mut terms: Vec<(u32, String)> = Vec::new();
    let mut position = 0;
    for item in items {
        let Some(text) = item else {
            position += 1;
            continue;
        };
        let mut tokens = Vec::new();
        let behind = analyzer.tokens(text, position, &mut tokens);
        for (index, token) in tokens.iter().enumerate() {
            let in_run = |i: Option<usize>| {
                i.and_then(|i| tokens.get(i))
                    .is_some_and(|t| t.by_character)
            };
            let alone = !in_run(index.checked_sub(1)) && token.exact.chars().count() == 1;
            if token.by_character && !(alone && token.bigrams.is_empty()) {
                let pairs = token.bigrams.iter();
                terms.extend(pairs.map(|(offset, pair)| (token.position + offset, pair.clone())));
            } else {
                terms.push((token.position, token.exact.clone()));
            }
        }
        position = behind;
    }
    let start = terms.first().map_or(0, |(at, _)| *at);
    for (at, _) in &mut terms {
        *at -= start;
    }
    terms
}

fn all_of(mut members: Vec<Tree>) -> Option<Tree> {
    match members.len() {
        0 | 1 => members.pop(),
        _ => Some(Tree::All {
            required: members,
            optional: Vec::new(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Expr {
        Expr::Word(text.into())
    }

    #[test]
    fn stop_words_are_optional_unless_alone() {
        let languages = ["en".to_owned()];
        let (tree, _) = lower_query(&Expr::And(vec![word("the"), word("river")]), &languages);
        let Tree::Any(places) = &tree else {
            panic!("{tree:?}")
        };
        assert_eq!(places.len(), 3);
        let (tree, terms) = lower_query(&Expr::And(vec![word("to"), word("be")]), &languages);
        assert!(matches!(&tree, Tree::All { required, optional }
            if required.len() == 2 && optional.is_empty()));
        assert!(terms.words.iter().all(|word| !word.optional));
        assert_eq!(lower_query(&word("?!"), &languages).0, Tree::Nothing);
    }
}
