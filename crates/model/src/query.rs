//! What was asked: the query as a tree, its filters, and the plan for one kind of thing.

use crate::document::Kind;
use crate::hit::Channel;
use crate::time::UnixSeconds;

/// A field that an operator can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `intitle:`
    Title,
    /// `inbody:` main text without the title.
    Body,
    /// `inpage:` title or main text.
    Page,
    /// `inurl:` words of the address: host and path, split at punctuation.
    Url,
    /// `inanchor:` text of links that point here.
    Anchor,
}

/// The query as a tree. Words are as typed (NFC, not folded, not stemmed): an engine analyses
/// them as it analysed the documents.
///
/// A word outside [`Expr::In`] matches in title, headings and main text, in the words of the
/// address, and in anchor texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Every document.
    Everything,
    /// A word, stemmed by the language of the document. What analysis splits (`e-mail`, a run of
    /// Chinese) must be found in full: each part.
    Word(String),
    /// `+word`: this form, case and accents folded, no stemming.
    Exact(String),
    /// `treat*`: words that begin so; at least three letters.
    Prefix(String),
    /// `"a * c"`: these forms next to each other, `None` for exactly one word whatever it is.
    /// Not empty; neither begins nor ends with `None`.
    Phrase(Vec<Option<String>>),
    /// `a NEAR/8 b`: both, at most so many words apart, either order. Each side is a word, an
    /// exact form, a prefix or a phrase.
    Near(Box<Expr>, Box<Expr>, u32),
    /// `intitle:` and the like: the expression inside, in that field only.
    In(Scope, Box<Expr>),
    /// All of them. Equal members count as often as they stand there: query terms keep their
    /// multiplicity in the score.
    And(Vec<Expr>),
    /// Any of them; the score is the sum.
    Or(Vec<Expr>),
    /// None of it; does not score.
    Not(Box<Expr>),
    /// A filter inside the tree (`site:a.example OR intitle:b`); does not score.
    Filter(Filter),
}

/// A condition that includes or excludes and never scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// What is asked.
    pub test: Test,
    /// Whether it excludes what it matches (`-site:…`).
    pub negated: bool,
}

/// What a filter asks. Lists mean any of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `site:`: host and path prefix, see [`SitePattern`].
    Site(Vec<SitePattern>),
    /// `source:`, `collection:`
    Collection(Vec<String>),
    /// `ext:`: lower case, without dot.
    Extension(Vec<String>),
    /// `filetype:`: lower case.
    FileType(Vec<String>),
    /// `kind:`
    Kind(Vec<Kind>),
    /// `lang:`: primary language subtags, lower case.
    Language(Vec<String>),
    /// `author:` folded substring of whole words.
    Author(Vec<String>),
    /// `channel:`: who published a video, folded substring of whole words.
    Channel(Vec<String>),
    /// `forum:`: board or group of a discussion, folded substring of whole words.
    Forum(Vec<String>),
    /// `duration:`: videos of a known length in `[from, to]`, both ends included.
    Duration {
        /// Shortest, in seconds; `None` for any.
        from: Option<u32>,
        /// Longest, in seconds; `None` for any.
        to: Option<u32>,
    },
    /// `after:`, `before:`, `date:`: published on a day in `[from, until)`, days since
    /// 1970-01-01; the publisher's day.
    Published {
        /// First day, included.
        from: Option<i64>,
        /// Day after the last.
        until: Option<i64>,
        /// What to do with documents of unknown date.
        undated: Undated,
    },
    /// `has:date`
    HasDate,
    /// `has:captures`: more than one capture of its address.
    HasCaptures,
    /// `captured:`: a capture exists in `[from, until)`.
    Captured {
        /// Start, included.
        from: UnixSeconds,
        /// End, not included.
        until: UnixSeconds,
    },
    /// `links:`: pages that link to that host (or address).
    Links(Vec<SitePattern>),
}

/// What a publication filter does with documents whose date is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undated {
    /// Leaves them out and counts them.
    #[default]
    Exclude,
    /// Takes them as well.
    Include,
    /// Takes only them.
    Only,
}

/// A host with all hosts below it, and where given a path prefix that ends at a segment boundary.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SitePattern {
    /// Lower case, ASCII form, no leading `www.`, `*.` or dot; may be a bare top-level domain.
    pub host: String,
    /// Starts with `/`, without a slash at its end; `None` for the whole host.
    pub path: Option<String>,
}

impl SitePattern {
    /// Whether an address with this host (`www.` ignored) and this path lies within.
    pub fn matches(&self, host: &str, path: &str) -> bool {
        let host = host.strip_prefix("www.").unwrap_or(host);
        let within = host == self.host
            || host
                .strip_suffix(&self.host)
                .is_some_and(|rest| rest.ends_with('.'));
        within
            && self.path.as_deref().is_none_or(|prefix| {
                path.strip_prefix(prefix)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
            })
    }
}

/// A query, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// As typed.
    pub text: String,
    /// What to find.
    pub expr: Expr,
    /// Conditions that all have to hold.
    pub filters: Vec<Filter>,
    /// `asof:`: only captures made until then count.
    pub as_of: Option<UnixSeconds>,
    /// The clock.
    pub now: UnixSeconds,
    /// Results to pass over.
    pub offset: usize,
    /// Results wanted.
    pub count: usize,
    /// Whether each result is to say why it stands where it stands.
    pub explain: bool,
    /// What was not understood, in the order of the query.
    pub warnings: Vec<String>,
}

/// What an engine is asked for: candidates of some kinds.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// What to find.
    pub expr: &'a Expr,
    /// Conditions that all have to hold; each counts what it takes away.
    pub filters: &'a [Filter],
    /// Kinds wanted; empty for all.
    pub kinds: &'a [Kind],
    /// Only states that held at that instant; `None` for the newest state that matches.
    pub as_of: Option<UnixSeconds>,
    /// Channels whose scores are wanted.
    pub channels: &'a [Channel],
    /// How many candidates at the most.
    pub limit: usize,
}
