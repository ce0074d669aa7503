//! Text of a query -> tokens with their places; knows what begins an operator and what is text.

use std::ops::Range;

use super::Warnings;
use super::operator::Name;

/// Characters of a query that are read; the rest is left out with a warning (A1).
pub(crate) const MAX_CHARACTERS: usize = 2_048;
/// Terms and operators that are read (A1).
pub(crate) const MAX_TERMS: usize = 128;
/// Levels of parentheses that are read (A1).
pub(crate) const MAX_DEPTH: usize = 16;

/// A token with its place in the query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// Bytes of the query.
    pub(super) span: Range<usize>,
    /// What it is.
    pub(super) kind: TokenKind,
}

/// A value of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Without its quotes.
    pub(super) text: String,
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Open,
    Close,
    And,
    Or,
    Not,
    Near(u32),
    /// `-` at the start of a term.
    Minus,
    /// `+` at the start of a term.
    Plus,
    Word(String),
    Phrase(String),
    Operator(Name, Vec<Value>),
}

impl TokenKind {
    /// Whether an operand may begin here.
    fn begins_operand(&self) -> bool {
        !matches!(self, Self::Close | Self::And | Self::Or | Self::Near(_))
    }

    /// Whether an operand may end here.
    fn ends_operand(&self) -> bool {
        matches!(
            self,
            Self::Close | Self::Word(_) | Self::Phrase(_) | Self::Operator(..)
        )
    }

    fn is_sign(&self) -> bool {
        matches!(self, Self::Open | Self::Close | Self::Minus | Self::Plus)
    }
}

/// Quotation marks of the world's keyboards and word processors; all count as `"` (A2).
pub(super) fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '“'
            | '”'
            | '„'
            | '‟'
            | '«'
            | '»'
            | '＂'
            | '「'
            | '」'
            | '『'
            | '』'
            | '〝'
            | '〞'
    )
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_quote(c) || c == '(' || c == ')'
}

/// The tokens of a query, balanced and without signs that join nothing.
pub(super) fn tokens(text: &str, warnings: &mut Warnings) -> Vec<Token> {
    let end = text
        .char_indices()
        .nth(MAX_CHARACTERS)
        .map_or(text.len(), |(at, _)| at);
    let read = text.get(..end).unwrap_or_default();
    if end < text.len() {
        warnings.say(
            end,
            format!("The query is longer than {MAX_CHARACTERS} characters; the rest was left out."),
        );
    }
    let raw = Lexer {
        text: read,
        at: 0,
        tokens: Vec::new(),
    }
    .run(warnings);
    scopes(&raw, warnings);
    let balanced = balance(raw, read.len(), warnings);
    joined(balanced, read, warnings)
}

/// `@name` as the first or last term names a saved scope; none are kept yet, so it is text.
fn scopes(tokens: &[Token], warnings: &mut Warnings) {
    for token in tokens.first().into_iter().chain(tokens.last()) {
        if let TokenKind::Word(word) = &token.kind
            && word.strip_prefix('@').is_some_and(|name| !name.is_empty())
        {
            warnings.say(
                token.span.start,
                format!("There is no scope `{word}`; it was read as a word."),
            );
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        self.tokens.push(Token {
            span: start..self.at,
            kind,
        });
    }

    fn run(mut self, warnings: &mut Warnings) -> Vec<Token> {
        let mut terms = 0;
        while let Some(c) = self.peek() {
            let start = self.at;
            if c.is_whitespace() || c.is_control() {
                self.at += c.len_utf8();
                continue;
            }
            if terms == MAX_TERMS {
                warnings.say(
                    start,
                    format!("The query has more than {MAX_TERMS} terms; the rest was left out."),
                );
                break;
            }
            match c {
                '(' | ')' => {
                    self.at += 1;
                    let kind = if c == '(' {
                        TokenKind::Open
                    } else {
                        TokenKind::Close
                    };
                    self.push(start, kind);
                }
                '-' | '+' if self.binds(start) => {
                    self.at += 1;
                    let kind = if c == '-' {
                        TokenKind::Minus
                    } else {
                        TokenKind::Plus
                    };
                    self.push(start, kind);
                }
                c if is_quote(c) => {
                    let phrase = self.phrase(warnings);
                    self.push(start, TokenKind::Phrase(phrase));
                    terms += 1;
                }
                _ => {
                    let kind = self.operator(warnings).unwrap_or_else(|| self.word());
                    self.push(start, kind);
                    terms += 1;
                }
            }
        }
        self.tokens
    }

    /// Whether a sign here stands at the start of a term and something follows it at once.
    fn binds(&self, start: usize) -> bool {
        let before = self.text.get(..start).and_then(|t| t.chars().next_back());
        let after = self.text.get(start + 1..).and_then(|t| t.chars().next());
        before.is_none_or(|c| c.is_whitespace() || c == '(')
            && after.is_some_and(|c| !c.is_whitespace() && !c.is_control() && c != ')')
    }

    /// Reads from an opening quote; leaves `at` behind the closing one.
    fn phrase(&mut self, warnings: &mut Warnings) -> String {
        let start = self.at;
        let opening = self.peek().map_or(0, char::len_utf8);
        self.at += opening;
        let rest = self.rest();
        let end = rest.char_indices().find(|&(_, c)| is_quote(c));
        let (inside, step) = if let Some((at, quote)) = end {
            (rest.get(..at), at + quote.len_utf8())
        } else {
            warnings.say(
                start,
                "A quotation mark was not closed; it was closed at the end.".to_owned(),
            );
            (Some(rest), rest.len())
        };
        let inside = inside.unwrap_or_default().to_owned();
        self.at += step;
        inside
    }

    fn word(&mut self) -> TokenKind {
        let rest = self.rest();
        let length = rest.find(ends_word).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default().to_owned();
        self.at += length;
        match word.as_str() {
            "AND" => TokenKind::And,
            "OR" => TokenKind::Or,
            "NOT" => TokenKind::Not,
            _ => match word.strip_prefix("NEAR/").map(str::parse::<u64>) {
                Some(Ok(distance)) => TokenKind::Near(u32::try_from(distance).unwrap_or(u32::MAX)),
                _ => TokenKind::Word(word),
            },
        }
    }

    /// `name:value{,value}` where the name is known and a value follows at once (A1.3).
    fn operator(&mut self, warnings: &mut Warnings) -> Option<TokenKind> {
        let rest = self.rest();
        let (name, after) = rest.split_once(':')?;
        let name_length = name.len();
        let name = Name::parse(name)?;
        if after
            .chars()
            .next()
            .is_none_or(|c| ends_word(c) && !is_quote(c))
        {
            return None;
        }
        let start = self.at;
        self.at += name_length + 1;
        let mut values = Vec::new();
        loop {
            if self.peek().is_some_and(is_quote) {
                let text = self.phrase(warnings);
                values.push(Value { text, quoted: true });
            } else {
                let rest = self.rest();
                let length = rest
                    .find(|c| ends_word(c) || c == ',')
                    .unwrap_or(rest.len());
                let text = rest.get(..length).unwrap_or_default().to_owned();
                self.at += length;
                values.push(Value {
                    text,
                    quoted: false,
                });
            }
            if self.peek() != Some(',') {
                break;
            }
            self.at += 1;
        }
        values.retain(|value| !value.text.trim().is_empty());
        if values.is_empty() {
            self.at = start;
            return None;
        }
        Some(TokenKind::Operator(name, values))
    }
}

/// Closes what is open, drops what closes nothing, and drops levels beyond the limit.
fn balance(tokens: Vec<Token>, end: usize, warnings: &mut Warnings) -> Vec<Token> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut depth = 0_usize;
    let mut dropped = 0_usize;
    for token in tokens {
        match token.kind {
            TokenKind::Open if depth == MAX_DEPTH => {
                if dropped == 0 {
                    warnings.say(
                        token.span.start,
                        format!("Parentheses deeper than {MAX_DEPTH} levels were left out."),
                    );
                }
                dropped += 1;
                continue;
            }
            TokenKind::Open => depth += 1,
            TokenKind::Close if dropped > 0 => {
                dropped -= 1;
                continue;
            }
            TokenKind::Close if depth == 0 => {
                warnings.say(
                    token.span.start,
                    "A closing parenthesis closes nothing; it was left out.".to_owned(),
                );
                continue;
            }
            TokenKind::Close => depth -= 1,
            _ => {}
        }
        kept.push(token);
    }
    if depth > 0 {
        warnings.say(
            end,
            "A parenthesis was not closed; it was closed at the end.".to_owned(),
        );
        kept.extend((0..depth).map(|_| Token {
            span: end..end,
            kind: TokenKind::Close,
        }));
    }
    without_empty_groups(kept)
}

fn without_empty_groups(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let closes_nothing = token.kind == TokenKind::Close
            && kept.last().is_some_and(|last| last.kind == TokenKind::Open);
        if closes_nothing {
            kept.pop();
            while kept
                .last()
                .is_some_and(|last| matches!(last.kind, TokenKind::Minus | TokenKind::Plus))
            {
                kept.pop();
            }
        } else {
            kept.push(token);
        }
    }
    kept
}

/// Reads `AND`, `OR`, `NOT` and `NEAR` that have nothing to join as words.
fn joined(tokens: Vec<Token>, text: &str, warnings: &mut Warnings) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let before = kept.last().is_some_and(|last| last.kind.ends_operand());
        let after = tokens.peek().map(|next| &next.kind);
        let joins = match token.kind {
            TokenKind::And | TokenKind::Or => {
                before && after.is_some_and(TokenKind::begins_operand)
            }
            TokenKind::Near(_) => {
                before
                    && after.is_some_and(|next| {
                        next.begins_operand() && !matches!(next, TokenKind::Minus | TokenKind::Not)
                    })
            }
            TokenKind::Not => {
                after.is_some_and(|next| next.begins_operand() && !matches!(next, TokenKind::Not))
            }
            TokenKind::Minus | TokenKind::Plus => {
                after.is_some_and(|next| next.begins_operand() && !next.is_sign())
                    || after == Some(&TokenKind::Open)
            }
            _ => true,
        };
        if joins {
            kept.push(token);
            continue;
        }
        let word = text.get(token.span.clone()).unwrap_or_default();
        if !token.kind.is_sign() {
            warnings.say(
                token.span.start,
                format!("`{word}` has nothing to join here; it was read as a word."),
            );
        }
        kept.push(Token {
            kind: TokenKind::Word(word.to_owned()),
            span: token.span,
        });
    }
    kept
}
