//! Tokens -> a tree of what was written, still with the places of everything in the query.

use std::ops::Range;

use model::query::Expr;
use unicode_normalization::UnicodeNormalization;

use super::Warnings;
use super::lex::{Token, TokenKind, Value};
use super::operator::Name;

/// Letters that a prefix needs before its `*` (A3).
const PREFIX_LETTERS: usize = 3;
/// The widest `NEAR/n` (A3).
const MAX_NEAR: u32 = 100;

/// A part of the query with its place, signs and parentheses included.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) span: Range<usize>,
    pub(super) node: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// A bare word: may be let go.
    Word(Expr),
    /// What the person insists on: a phrase, `+word`, `a NEAR/8 b`.
    Fixed(Expr),
    Operator {
        name: Name,
        values: Vec<Value>,
        /// `+` stood before it.
        exact: bool,
    },
    And(Vec<Joined>),
    Or(Vec<Item>),
    Not(Box<Item>),
    /// `+(…)`: all of it is wanted.
    Required(Box<Item>),
}

/// A member of a list of parts that are all wanted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Joined {
    pub(super) item: Item,
    /// Whether a capital `AND` stands between it and the one before.
    pub(super) and_before: bool,
    /// Whether a capital `AND` stands on either side.
    pub(super) required: bool,
}

/// The tree of a query; `None` where nothing in it can be searched for.
pub(super) fn parse(tokens: Vec<Token>, warnings: &mut Warnings) -> Option<Item> {
    let mut parser = Parser {
        tokens: tokens.into_iter().peekable(),
        warnings,
    };
    parser.or()
}

struct Parser<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    warnings: &'a mut Warnings,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<&TokenKind> {
        self.tokens.peek().map(|token| &token.kind)
    }

    fn or(&mut self) -> Option<Item> {
        let mut members: Vec<Item> = self.and().into_iter().collect();
        while self.peek() == Some(&TokenKind::Or) {
            self.tokens.next();
            members.extend(self.and());
        }
        if members.len() < 2 {
            return members.pop();
        }
        Some(Item {
            span: members.first()?.span.start..members.last()?.span.end,
            node: Node::Or(members),
        })
    }

    fn and(&mut self) -> Option<Item> {
        let mut members: Vec<Joined> = Vec::new();
        let mut and_before = false;
        loop {
            match self.peek() {
                None | Some(TokenKind::Or | TokenKind::Close) => break,
                Some(TokenKind::And) => {
                    self.tokens.next();
                    and_before = !members.is_empty();
                }
                Some(_) => {
                    if let Some(item) = self.unary() {
                        if let (true, Some(last)) = (and_before, members.last_mut()) {
                            last.required = true;
                        }
                        members.push(Joined {
                            item,
                            and_before,
                            required: and_before,
                        });
                    }
                    and_before = false;
                }
            }
        }
        if members.len() < 2 {
            return members.pop().map(|joined| joined.item);
        }
        Some(Item {
            span: members.first()?.item.span.start..members.last()?.item.span.end,
            node: Node::And(members),
        })
    }

    fn unary(&mut self) -> Option<Item> {
        match self.peek()? {
            TokenKind::Not | TokenKind::Minus => {
                let sign = self.tokens.next()?;
                let inner = self.unary()?;
                Some(Item {
                    span: sign.span.start..inner.span.end,
                    node: Node::Not(Box::new(inner)),
                })
            }
            TokenKind::Plus => {
                let sign = self.tokens.next()?;
                let inner = self.near(true)?;
                Some(Item {
                    span: sign.span.start..inner.span.end,
                    node: inner.node,
                })
            }
            _ => self.near(false),
        }
    }

    fn near(&mut self, exact: bool) -> Option<Item> {
        let mut left = self.atom(exact)?;
        let mut pairs: Vec<Joined> = Vec::new();
        let start = left.span.start;
        while let Some(&TokenKind::Near(distance)) = self.peek() {
            let sign = self.tokens.next()?;
            let plus = self.peek() == Some(&TokenKind::Plus);
            if plus {
                self.tokens.next();
            }
            let Some(right) = self.atom(plus) else { break };
            let distance = self.within(distance, sign.span.start);
            if let Some(expr) = near(&left, &right, distance) {
                pairs.push(Joined {
                    item: Item {
                        span: left.span.start..right.span.end,
                        node: Node::Fixed(expr),
                    },
                    and_before: false,
                    required: true,
                });
            } else {
                self.warnings.say(
                    sign.span.start,
                    "`NEAR` joins words and phrases only; it was read as `AND`.".to_owned(),
                );
                for item in [&left, &right] {
                    pairs.push(Joined {
                        item: item.clone(),
                        and_before: true,
                        required: true,
                    });
                }
            }
            left = right;
        }
        match pairs.len() {
            0 => Some(left),
            1 => pairs.pop().map(|joined| joined.item),
            _ => Some(Item {
                span: start..left.span.end,
                node: Node::And(pairs),
            }),
        }
    }

    fn within(&mut self, distance: u32, at: usize) -> u32 {
        let kept = distance.clamp(1, MAX_NEAR);
        if kept != distance {
            self.warnings.say(
                at,
                format!("`NEAR` reaches from 1 to {MAX_NEAR} words; {kept} was taken."),
            );
        }
        kept
    }

    fn atom(&mut self, exact: bool) -> Option<Item> {
        let token = self.tokens.next()?;
        let node = match token.kind {
            TokenKind::Open => {
                let inner = self.or();
                let close = self.tokens.next();
                let end = close.map_or(token.span.end, |close| close.span.end);
                let inner = inner?;
                let span = token.span.start..end;
                let node = if exact {
                    Node::Required(Box::new(inner))
                } else {
                    inner.node
                };
                return Some(Item { span, node });
            }
            TokenKind::Word(text) => {
                let expr = word(&text, exact)?;
                if exact {
                    Node::Fixed(expr)
                } else {
                    Node::Word(expr)
                }
            }
            TokenKind::Phrase(text) => Node::Fixed(phrase(&text)?),
            TokenKind::Operator(name, values) => Node::Operator {
                name,
                values,
                exact,
            },
            // The lexer leaves no other token where an operand stands.
            _ => return None,
        };
        Some(Item {
            span: token.span,
            node,
        })
    }
}

/// Both sides close to each other; alternatives in parentheses are tried one by one.
fn near(left: &Item, right: &Item, distance: u32) -> Option<Expr> {
    fn sides(item: &Item) -> Option<Vec<Expr>> {
        match &item.node {
            Node::Word(expr) | Node::Fixed(expr) if !matches!(expr, Expr::Near(..)) => {
                Some(vec![expr.clone()])
            }
            Node::Or(members) => {
                let sides: Option<Vec<Vec<Expr>>> = members.iter().map(sides).collect();
                Some(sides?.concat())
            }
            _ => None,
        }
    }
    let (lefts, rights) = (sides(left)?, sides(right)?);
    let mut pairs = Vec::with_capacity(lefts.len() * rights.len());
    for left in &lefts {
        for right in &rights {
            pairs.push(Expr::Near(
                Box::new(left.clone()),
                Box::new(right.clone()),
                distance,
            ));
        }
    }
    Some(if pairs.len() == 1 {
        pairs.remove(0)
    } else {
        Expr::Or(pairs)
    })
}

/// Whether there is something in it to look up: a letter, a digit, or another sign that has a
/// meaning of its own, such as those of Braille or an ideograph.
fn searchable(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// A bare word, `treat*`, or with `exact` this form only. `None` where nothing in it can be
/// looked up.
pub(super) fn word(text: &str, exact: bool) -> Option<Expr> {
    if !searchable(text) {
        return None;
    }
    let text: String = text.nfc().collect();
    if let Some(stem) = text.strip_suffix('*') {
        let letters = stem.chars().filter(|c| c.is_alphanumeric()).count();
        if letters >= PREFIX_LETTERS && !stem.contains('*') {
            return Some(Expr::Prefix(stem.to_owned()));
        }
    }
    Some(if exact {
        Expr::Exact(text)
    } else {
        Expr::Word(text)
    })
}

/// What stands in quotes, by white space; `*` alone for any one word.
pub(super) fn phrase(text: &str) -> Option<Expr> {
    let mut forms: Vec<Option<String>> = text
        .split_whitespace()
        .filter_map(|form| match form {
            "*" => Some(None),
            form if searchable(form) => Some(Some(form.nfc().collect())),
            _ => None,
        })
        .collect();
    let first = forms.iter().position(Option::is_some)?;
    let last = forms.iter().rposition(Option::is_some)?;
    forms.truncate(last + 1);
    forms.drain(..first);
    Some(Expr::Phrase(forms))
}
