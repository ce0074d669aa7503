//! Where the words of a query are looked for: title and main text, anchors, address.

use model::query::Scope;

use crate::terms::{Region, TextField, Tree};

/// Where a leaf is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) stemmed: TextField,
    pub(crate) exact: TextField,
    pub(crate) region: Region,
}

/// Title and main text, anchors, address.
pub(crate) const PLACES: [Place; 3] = [
    Place {
        stemmed: TextField::Search,
        exact: TextField::Exact,
        region: Region::Whole,
    },
    Place {
        stemmed: TextField::Anchor,
        exact: TextField::AnchorExact,
        region: Region::Whole,
    },
    Place {
        stemmed: TextField::Address,
        exact: TextField::Address,
        region: Region::Whole,
    },
];

impl Place {
    pub(crate) fn serves(self, scope: Option<Scope>) -> bool {
        match scope {
            None => true,
            Some(Scope::Title | Scope::Body | Scope::Page) => self.stemmed == TextField::Search,
            Some(Scope::Anchor) => self.stemmed == TextField::Anchor,
            Some(Scope::Url) => self.stemmed == TextField::Address,
        }
    }

    pub(crate) fn within(self, scope: Option<Scope>) -> Self {
        let region = match scope {
            Some(Scope::Title) => Region::Title,
            Some(Scope::Body) => Region::Body,
            _ => Region::Whole,
        };
        Self { region, ..self }
    }

    pub(crate) fn term(self, field: TextField, term: String) -> Tree {
        Tree::Term {
            field,
            region: self.region,
            term,
        }
    }

    /// A word by its stems, or as it is written: documents in a language that words are not
    /// analysed in have other stems.
    pub(crate) fn or_as_written(self, by_stems: Tree, exact: &str) -> Tree {
        if self.stemmed == self.exact {
            return by_stems;
        }
        let written = self.term(self.exact, exact.to_owned());
        Tree::Else(Box::new(by_stems), Box::new(written))
    }

    pub(crate) fn phrase(self, terms: &[(u32, String)]) -> Tree {
        match terms {
            [(_, term)] => self.term(self.exact, term.clone()),
            terms => Tree::Phrase {
                field: self.exact,
                region: self.region,
                terms: terms.to_vec(),
            },
        }
    }
}

/// A leaf in every place that a scope allows.
pub(crate) fn places(scope: Option<Scope>, leaf: impl Fn(Place) -> Tree) -> Tree {
    let leaves = PLACES
        .iter()
        .filter(|place| place.serves(scope))
        .map(|place| leaf(place.within(scope)));
    any(leaves.collect()).unwrap_or(Tree::Nothing)
}

/// Any of the members, `None` of none.
pub(crate) fn any(mut members: Vec<Tree>) -> Option<Tree> {
    match members.len() {
        0 | 1 => members.pop(),
        _ => Some(Tree::Any(members)),
    }
}
