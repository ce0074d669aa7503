//! Text -> [`Query`]: `lex` finds the tokens, `tree` their structure, `operator`, `date` and
//! `duration` the meaning of `name:value`, `without` the query without a filter, and this file gathers filters and makes the query. Nothing fails.

mod date;
mod duration;
mod lex;
mod operator;
mod tree;
mod without;

use std::ops::Range;

use model::query::{Expr, Filter, Query, Test, Undated};
use model::time::UnixSeconds;

use crate::Request;
use operator::{Meaning, Name};
use tree::{Item, Joined, Node};
use without::without;

/// What was not understood, with its place, so that it can be told in the order of the query.
#[derive(Debug, Default)]
struct Warnings(Vec<(usize, String)>);

impl Warnings {
    fn say(&mut self, at: usize, sentence: String) {
        self.0.push((at, sentence));
    }

    fn in_order(mut self) -> Vec<String> {
        self.0.sort_by_key(|(at, _)| *at);
        let mut sentences: Vec<String> = Vec::with_capacity(self.0.len());
        for (_, sentence) in self.0 {
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
        sentences
    }
}

/// A query with what the page has to tell of how it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The query.
    pub query: Query,
    /// The members of the expression, in the order of the query: all of them are wanted, and
    /// [`Query::expr`] is made of them.
    pub members: Vec<Member>,
    /// One entry per filter of [`Query::filters`], in the same order, and one for `asof:` behind
    /// them.
    pub written: Vec<Written>,
}

/// A part of the expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// What to find.
    pub expr: Expr,
    /// As typed.
    pub text: String,
    /// Whether it is a bare word that may be let go when too few documents hold all words.
    pub relaxable: bool,
}

/// How a filter was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The operator's name, aliases resolved.
    pub operator: String,
    /// Its value as understood.
    pub value: String,
    /// Whether it excludes.
    pub negated: bool,
    /// The query without it.
    pub without: String,
}

/// Reads what was asked; what cannot be read as written is read as plain words, with a warning.
pub fn understand(request: &Request) -> Query {
    read(request).query
}

/// Like [`understand`], with what the page has to tell of how it was written.
pub fn read(request: &Request) -> Reading {
    let text = request.text.as_str();
    let mut warnings = Warnings::default();
    let item = if request.operators {
        tree::parse(lex::tokens(text, &mut warnings), &mut warnings)
    } else {
        plain(text, &mut warnings)
    };
    let as_of = item.as_ref().and_then(|item| find_as_of(item, request.now));
    // Spans count back from the day that is searched as of, and so do ages.
    let now = match &as_of {
        Some((instant, _)) => request.now.min(*instant),
        None => request.now,
    };
    let mut gathered = Gathered::new(text, request.now, now);
    if let Some(item) = item {
        gathered.top(item, &mut warnings);
    }
    gathered.set_undated();
    let members = gathered.members_in_order();
    let mut written: Vec<Written> = Vec::with_capacity(gathered.filters.len() + 1);
    for found in &gathered.filters {
        written.push(Written {
            operator: found.name.as_str().to_owned(),
            value: found.value.clone(),
            negated: found.filter.negated,
            without: without(text, &found.spans),
        });
    }
    if let Some((_, day)) = &as_of {
        written.push(Written {
            operator: Name::AsOf.as_str().to_owned(),
            value: day.clone(),
            negated: false,
            without: without(text, &gathered.as_of_spans),
        });
    }
    let asked = text.chars().any(|c| !c.is_whitespace());
    let filtered = !gathered.filters.is_empty() || as_of.is_some();
    let expr = expression(&members, filtered);
    if expr == Expr::Or(Vec::new()) && asked {
        warnings.say(0, "The query holds no letters or digits.".to_owned());
    }
    Reading {
        query: Query {
            text: text.to_owned(),
            expr,
            filters: gathered.filters.into_iter().map(|f| f.filter).collect(),
            as_of: as_of.map(|(instant, _)| instant),
            now,
            offset: request.offset,
            count: request.count,
            explain: request.explain,
            warnings: warnings.in_order(),
        },
        members,
        written,
    }
}

/// The expression of a list of members: all of them; everything where only filters or exclusions
/// were given; nothing where nothing was.
pub(crate) fn expression(members: &[Member], filtered: bool) -> Expr {
    let mut parts: Vec<Expr> = members.iter().map(|member| member.expr.clone()).collect();
    if parts.iter().all(|part| matches!(part, Expr::Not(_))) {
        if parts.is_empty() && !filtered {
            return Expr::Or(Vec::new());
        }
        parts.insert(0, Expr::Everything);
    }
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        Expr::And(parts)
    }
}

/// All words, none of them an operator (A1.5).
fn plain(text: &str, warnings: &mut Warnings) -> Option<Item> {
    let mut members = Vec::new();
    let mut end = 0;
    for (count, part) in text.split_whitespace().enumerate() {
        // `part` lies in `text`.
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        if count == lex::MAX_TERMS || start > lex::MAX_CHARACTERS * 4 {
            warnings.say(
                start,
                "The query is too long; the rest was left out.".to_owned(),
            );
            break;
        }
        end = start + part.len();
        if let Some(expr) = tree::word(part.trim_end_matches('*'), false) {
            members.push(Joined {
                item: Item {
                    span: start..end,
                    node: Node::Word(expr),
                },
                and_before: false,
                required: false,
            });
        }
    }
    (!members.is_empty()).then_some(Item {
        span: 0..end,
        node: Node::And(members),
    })
}

/// The last `asof:` of the query: its instant and its day.
fn find_as_of(item: &Item, now: UnixSeconds) -> Option<(UnixSeconds, String)> {
    match &item.node {
        Node::Operator {
            name: Name::AsOf,
            values,
            ..
        } => match operator::read(Name::AsOf, values, false, now).meaning {
            Some(Meaning::AsOf(instant, day)) => Some((instant, day)),
            _ => None,
        },
        Node::And(members) => members
            .iter()
            .rev()
            .find_map(|joined| find_as_of(&joined.item, now)),
        Node::Or(members) => members.iter().rev().find_map(|item| find_as_of(item, now)),
        Node::Required(inner) => find_as_of(inner, now),
        Node::Not(_) | Node::Word(_) | Node::Fixed(_) | Node::Operator { .. } => None,
    }
}

/// A filter with its place in the query.
#[derive(Debug)]
struct FoundFilter {
    name: Name,
    filter: Filter,
    value: String,
    spans: Vec<Range<usize>>,
    /// Number among the members of its list, to tell whether `AND` stands before the next.
    position: usize,
}

/// A member with its place in the query.
#[derive(Debug)]
struct FoundMember {
    expr: Expr,
    span: Range<usize>,
    relaxable: bool,
}

/// What one list of parts that are all wanted comes to.
#[derive(Debug)]
struct Gathered<'a> {
    /// The query as typed.
    text: &'a str,
    /// The clock, for `asof:` itself.
    clock: UnixSeconds,
    /// The day that is searched as of, for all other dates.
    now: UnixSeconds,
    filters: Vec<FoundFilter>,
    members: Vec<FoundMember>,
    as_of_spans: Vec<Range<usize>>,
    undated: Option<Undated>,
    undated_spans: Vec<Range<usize>>,
}

impl<'a> Gathered<'a> {
    fn new(text: &'a str, clock: UnixSeconds, now: UnixSeconds) -> Self {
        Self {
            text,
            clock,
            now,
            filters: Vec::new(),
            members: Vec::new(),
            as_of_spans: Vec::new(),
            undated: None,
            undated_spans: Vec::new(),
        }
    }

    fn top(&mut self, item: Item, warnings: &mut Warnings) {
        let joined = Joined {
            item,
            and_before: false,
            required: false,
        };
        let mut position = 0;
        self.take(joined, &mut position, warnings);
    }

    /// Takes one member; a list inside the list is the same list.
    fn take(&mut self, joined: Joined, position: &mut usize, warnings: &mut Warnings) {
        let Joined {
            item,
            and_before,
            required,
        } = joined;
        *position += 1;
        let Item { span, node } = item;
        match node {
            Node::And(members) => {
                for (number, member) in members.into_iter().enumerate() {
                    let joined = Joined {
                        and_before: member.and_before || (number == 0 && and_before),
                        required: member.required || required,
                        item: member.item,
                    };
                    self.take(joined, position, warnings);
                }
            }
            Node::Required(inner) => {
                let joined = Joined {
                    item: Item {
                        span,
                        node: inner.node,
                    },
                    and_before,
                    required: true,
                };
                self.take(joined, position, warnings);
            }
            Node::Word(expr) => self.members.push(FoundMember {
                expr,
                span,
                relaxable: !required,
            }),
            Node::Fixed(expr) => self.push(expr, span),
            Node::Operator {
                name,
                values,
                exact,
            } => {
                let found = Operator {
                    name,
                    values,
                    exact,
                };
                self.operator(&found, span, false, (and_before, *position), warnings);
            }
            Node::Not(inner) => {
                if let Node::Operator {
                    name,
                    values,
                    exact,
                } = inner.node
                {
                    let found = Operator {
                        name,
                        values,
                        exact,
                    };
                    self.operator(&found, span, true, (and_before, *position), warnings);
                } else {
                    let expr = self.lower(*inner, warnings);
                    self.push(Expr::Not(Box::new(expr)), span);
                }
            }
            Node::Or(members) => {
                if let Some((name, test)) = self.one_filter(&members) {
                    self.filters.push(FoundFilter {
                        name,
                        value: operator::print(&test),
                        filter: Filter {
                            test,
                            negated: false,
                        },
                        spans: vec![span],
                        position: *position,
                    });
                } else {
                    let parts = members
                        .into_iter()
                        .map(|member| self.lower(member, warnings))
                        .collect();
                    self.push(Expr::Or(parts), span);
                }
            }
        }
    }

    fn push(&mut self, expr: Expr, span: Range<usize>) {
        self.members.push(FoundMember {
            expr,
            span,
            relaxable: false,
        });
    }

    /// `site:a OR site:b`: one filter, so that what it removes can be counted.
    fn one_filter(&self, members: &[Item]) -> Option<(Name, Test)> {
        let mut united: Option<(Name, Test)> = None;
        for member in members {
            let Node::Operator { name, values, .. } = &member.node else {
                return None;
            };
            let read = operator::read(*name, values, false, self.now);
            let Some(Meaning::Filter(test, _)) = read.meaning else {
                return None;
            };
            if !read.warnings.is_empty() {
                return None;
            }
            match &mut united {
                None => united = Some((*name, test)),
                Some((first, into)) => {
                    if first != name || !operator::unite(into, &test) {
                        return None;
                    }
                }
            }
        }
        united
    }

    fn operator(
        &mut self,
        found: &Operator,
        span: Range<usize>,
        negated: bool,
        (and_before, position): (bool, usize),
        warnings: &mut Warnings,
    ) {
        let name = found.name;
        let now = if name == Name::AsOf {
            self.clock
        } else {
            self.now
        };
        let read = operator::read(name, &found.values, found.exact, now);
        for warning in read.warnings {
            warnings.say(span.start, warning);
        }
        let negate = |expr: Expr| {
            if negated {
                Expr::Not(Box::new(expr))
            } else {
                expr
            }
        };
        match read.meaning {
            None => {
                let typed = self.text.get(span.clone()).unwrap_or_default();
                let typed = typed.trim_start_matches(['-', '+']);
                let typed = typed.strip_prefix("NOT").unwrap_or(typed).trim_start();
                let typed = typed.split(':').next().unwrap_or_default();
                let parts = as_text(typed, &found.values);
                if negated {
                    self.push(Expr::Not(Box::new(Expr::And(parts))), span);
                } else {
                    self.members
                        .extend(parts.into_iter().map(|expr| FoundMember {
                            relaxable: matches!(expr, Expr::Word(_)) && !found.exact,
                            expr,
                            span: span.clone(),
                        }));
                }
            }
            Some(Meaning::Words(expr)) => self.push(negate(expr), span),
            Some(Meaning::Any(tests)) => {
                let parts = tests.into_iter().map(positive).collect();
                self.push(negate(Expr::Or(parts)), span);
            }
            Some(Meaning::AsOf(..) | Meaning::Undated(_)) if negated => {
                warnings.say(
                    span.start,
                    format!("`{}:` cannot be excluded; it was left out.", name.as_str()),
                );
            }
            Some(Meaning::AsOf(..)) => {
                if !self.as_of_spans.is_empty() {
                    warnings.say(
                        span.start,
                        "`asof:` was given more than once; the last was taken.".to_owned(),
                    );
                }
                self.as_of_spans.push(span);
            }
            Some(Meaning::Undated(undated)) => {
                self.undated = Some(undated);
                self.undated_spans.push(span);
            }
            Some(Meaning::Filter(test, value)) => {
                let same = self.filters.iter_mut().rev().find(|filter| {
                    let apart = and_before && filter.position + 1 == position;
                    filter.name == name && filter.filter.negated == negated && !apart
                });
                if let Some(filter) = same.filter(|_| name.unites())
                    && operator::unite(&mut filter.filter.test, &test)
                {
                    filter.value = operator::print(&filter.filter.test);
                    filter.spans.push(span);
                    filter.position = position;
                    return;
                }
                self.filters.push(FoundFilter {
                    name,
                    filter: Filter { test, negated },
                    value,
                    spans: vec![span],
                    position,
                });
            }
        }
    }

    /// A part below `OR` or `NOT` as one expression; its filters stay in the tree.
    fn lower(&mut self, item: Item, warnings: &mut Warnings) -> Expr {
        let mut inner = Self::new(self.text, self.clock, self.now);
        inner.top(item, warnings);
        if inner.undated.is_some() {
            self.undated = inner.undated;
        }
        let (as_of, undated) = (inner.as_of_spans, inner.undated_spans);
        self.as_of_spans.extend(as_of);
        self.undated_spans.extend(undated);
        let mut parts: Vec<Expr> = inner.members.into_iter().map(|m| m.expr).collect();
        let filters = inner.filters.into_iter().map(|f| Expr::Filter(f.filter));
        parts.extend(filters);
        if parts.len() == 1 {
            parts.remove(0)
        } else if parts.is_empty() {
            // Only `asof:` or `undated:` stood there; they hold for the whole query.
            Expr::Everything
        } else {
            Expr::And(parts)
        }
    }

    /// Tells the publication filters what to do with documents of unknown date (A4, *When*).
    fn set_undated(&mut self) {
        let Some(wanted) = self.undated else { return };
        let mut told = false;
        for found in &mut self.filters {
            told |= tell_undated(&mut found.filter.test, wanted);
        }
        for member in &mut self.members {
            told |= tell_expr(&mut member.expr, wanted);
        }
        if !told && wanted == Undated::Only {
            self.filters.push(FoundFilter {
                name: Name::Undated,
                filter: Filter {
                    test: Test::Published {
                        from: None,
                        until: None,
                        undated: Undated::Only,
                    },
                    negated: false,
                },
                value: "only".to_owned(),
                spans: self.undated_spans.clone(),
                position: usize::MAX,
            });
        }
    }

    fn members_in_order(&mut self) -> Vec<Member> {
        let mut members = std::mem::take(&mut self.members);
        members.sort_by_key(|member| member.span.start);
        members
            .into_iter()
            .map(|member| Member {
                text: self.text.get(member.span).unwrap_or_default().to_owned(),
                expr: member.expr,
                relaxable: member.relaxable,
            })
            .collect()
    }
}

/// An operator as written.
#[derive(Debug)]
struct Operator {
    name: Name,
    values: Vec<lex::Value>,
    exact: bool,
}

/// What an operator that could not be read says as plain words.
fn as_text(name: &str, values: &[lex::Value]) -> Vec<Expr> {
    let values = values.iter().filter_map(|value| {
        if value.quoted {
            tree::phrase(&value.text)
        } else {
            tree::word(&value.text, false)
        }
    });
    tree::word(name, false).into_iter().chain(values).collect()
}

fn positive(test: Test) -> Expr {
    Expr::Filter(Filter {
        test,
        negated: false,
    })
}

fn tell_undated(test: &mut Test, wanted: Undated) -> bool {
    match test {
        Test::Published { undated, .. } => {
            *undated = wanted;
            true
        }
        _ => false,
    }
}

fn tell_expr(expr: &mut Expr, wanted: Undated) -> bool {
    match expr {
        Expr::Filter(filter) => tell_undated(&mut filter.test, wanted),
        Expr::And(parts) | Expr::Or(parts) => parts
            .iter_mut()
            .fold(false, |told, part| tell_expr(part, wanted) | told),
        Expr::Not(inner) => tell_expr(inner, wanted),
        _ => false,
    }
}

#[cfg(test)]
pub(crate) mod tests;
