//! What is searched of a document: its index entry, a function of the merged document, all
//! captures of its address, and the anchors to it; the only place where entries are made.

use std::collections::{BTreeMap, BTreeSet};

use model::address::{Host, Surt, path_segments};
use model::capture::{Capture, Interval, intervals};
use model::document::{Document, DocumentId, DocumentKind, Key, Kind};
use model::hit::Head;
use model::time::UnixSeconds;
use xxhash_rust::xxh3::xxh3_64;

use crate::analysis::{Analyzer, Token, primary};
use crate::sketch::Sketch;
use crate::tags::{has_captures, tags};
use crate::terms::{Region, TextField};

/// Positions left free between texts that do not follow one another, more than `NEAR` can span.
pub(crate) const GAP: u32 = 101;

/// How many anchor texts an entry holds: those that most sites link with.
pub(crate) const ANCHOR_TEXTS: usize = 64;

/// Characters of an anchor text that are kept; longer ones are whole paragraphs within a link.
pub(crate) const ANCHOR_CHARS: usize = 200;

/// What links say of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anchors {
    /// Those with most linking sites first, ties by text; at most [`ANCHOR_TEXTS`].
    pub(crate) texts: Vec<String>,
    /// Registrable domains other than the address's own, as [`Head::linking_sites`].
    pub(crate) linking_sites: u8,
}

impl Anchors {
    /// From pairs of text and linking site, each once.
    pub(crate) fn of<'a>(
        links: impl IntoIterator<Item = (&'a str, &'a str)>,
        own_site: &str,
    ) -> Self {
        let mut by_text: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut sites: BTreeSet<&str> = BTreeSet::new();
        for (text, site) in links {
            if site != own_site {
                sites.insert(site);
            }
            if !text.is_empty() {
                by_text.entry(text).or_default().insert(site);
            }
        }
        let mut texts: Vec<(usize, &str)> = by_text
            .iter()
            .map(|(text, sites)| (sites.len(), *text))
            .collect();
        texts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        texts.truncate(ANCHOR_TEXTS);
        Self {
            texts: texts.into_iter().map(|(_, text)| text.to_owned()).collect(),
            linking_sites: power_of_two(sites.len() as u64),
        }
    }
}

/// 0 for 0, n for 2^(n-1) to 2^n - 1.
pub(crate) fn power_of_two(count: u64) -> u8 {
    (u64::BITS - count.leading_zeros()) as u8
}

/// An anchor text as it is counted: white space folded, cut.
pub(crate) fn anchor_text(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(ANCHOR_CHARS).collect()
}

/// Everything an entry is made from.
pub(crate) struct Inputs<'a> {
    pub(crate) document: &'a Document,
    /// When the merged contribution was captured.
    pub(crate) captured: UnixSeconds,
    /// Collections of the contributions.
    pub(crate) collections: &'a BTreeSet<String>,
    /// When the records of the contributions were captured, for things that have no captures of
    /// their own.
    pub(crate) times: &'a BTreeSet<i64>,
    /// The captures of its address.
    pub(crate) history: &'a History,
    pub(crate) anchors: &'a Anchors,
}

/// What all captures of an address say of its states.
#[derive(Default)]
pub(crate) struct History {
    states: BTreeMap<DocumentId, StateHistory>,
    newest: Option<DocumentId>,
    /// Captures that show something.
    shown: usize,
}

/// What captures say of one state.
#[derive(Clone, Debug, Default)]
struct StateHistory {
    held: Vec<Interval>,
    seen: BTreeSet<i64>,
    collections: BTreeSet<String>,
}

impl History {
    /// Of all captures of an address, in any order.
    pub(crate) fn of(captures: &[Capture]) -> Self {
        let mut history = Self::default();
        for capture in captures {
            let Some(document) = capture.document else {
                continue;
            };
            history.shown += 1;
            let state = history.states.entry(document).or_default();
            state.seen.insert(capture.captured.0);
            state.collections.insert(capture.collection.clone());
        }
        for (document, interval) in intervals(captures) {
            history.newest = Some(document);
            let state = history.states.entry(document).or_default();
            state.held.push(interval);
        }
        history
    }

    /// Whether a state is the newest, as far as is known.
    pub(crate) fn is_newest(&self, id: DocumentId) -> bool {
        self.newest.is_none_or(|newest| newest == id)
    }

    /// Entries of a state with equal hashes differ in nothing that captures say.
    pub(crate) fn hash(&self, id: DocumentId) -> [u8; 8] {
        let known = (
            self.states.get(&id),
            self.is_newest(id),
            has_captures(self.shown),
        );
        xxh3_64(format!("{known:?}").as_bytes()).to_be_bytes()
    }
}

/// Terms with positions, in order of position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    text: String,
    last: u32,
}

/// Signs between the terms of a stream; terms hold letters and digits only.
const SAME: char = '\u{1}';
const NEXT: char = '\u{2}';
const JUMP: char = '\u{3}';

impl Stream {
    /// Appends a term at a position, which is not before the last.
    fn push(&mut self, position: u32, term: &str) {
        use std::fmt::Write as _;
        // A stream begins at position 0 as if a term stood before it.
        match position.wrapping_sub(self.last) {
            0 => self.text.push(SAME),
            1 => self.text.push(NEXT),
            gap => {
                self.text.push(JUMP);
                // Writing to a string cannot fail.
                let _written = write!(self.text, "{gap}{NEXT}");
            }
        }
        self.text.push_str(term);
        self.last = position;
    }

    /// As one text, for an index whose tokenizer is [`terms`].
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Terms with their positions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        terms(&self.text)
    }
}

/// Reads what [`Stream::as_str`] gave.
pub(crate) fn terms(text: &str) -> Terms<'_> {
    Terms {
        rest: text,
        position: 0,
    }
}

/// Terms of a stream with their positions.
pub(crate) struct Terms<'a> {
    rest: &'a str,
    position: u32,
}

impl<'a> Iterator for Terms<'a> {
    type Item = (u32, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let sign = self.rest.chars().next()?;
        let mut rest = self.rest.get(1..)?;
        match sign {
            SAME => {}
            NEXT => self.position += 1,
            _ => {
                let (gap, behind) = rest.split_once(NEXT)?;
                self.position = self.position.wrapping_add(gap.parse().ok()?);
                rest = behind;
            }
        }
        let end = rest.find([SAME, NEXT, JUMP]).unwrap_or(rest.len());
        let (term, behind) = rest.split_at_checked(end)?;
        self.rest = behind;
        Some((self.position, term))
    }
}

/// What is searched of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: DocumentId,
    /// Under which documents are collapsed: the address of a state, else the id.
    pub(crate) address_key: String,
    streams: [Stream; 6],
    /// Length of the title in positions.
    pub(crate) title_length: u32,
    /// Positions behind each passage; the last is the length of the main text.
    pub(crate) passage_ends: Vec<u32>,
    /// Everything that a filter can ask for, see the `tag` functions; sorted.
    pub(crate) tags: Vec<u64>,
    /// First day of the publication date.
    pub(crate) day: Option<i64>,
    /// Length of a video in seconds.
    pub(crate) duration: Option<u32>,
    /// Times of the captures that gave this document, in order.
    pub(crate) seen: Vec<i64>,
    /// When it held, in order: a state by the captures of its address, another thing since its
    /// first record.
    pub(crate) held: Vec<Interval>,
    /// What decides between the states of one address: the start of its last stretch.
    pub(crate) since: i64,
    pub(crate) collections: Vec<String>,
    pub(crate) site: String,
    pub(crate) head: Head,
}

impl Entry {
    pub(crate) fn new(inputs: &Inputs<'_>) -> Self {
        let document = inputs.document;
        let analyzer = Analyzer::new(document.language.as_deref().unwrap_or_default());
        let mut text = TextStreams::default();
        let mut passage_ends = Vec::with_capacity(document.passages.len());
        let mut end = 0;
        let mut sketch = Sketch::default();
        for passage in &document.passages {
            end = text.body(&analyzer, &passage.text, end, &mut sketch);
            passage_ends.push(end);
        }
        let title_length = text.title(&analyzer, &document.title, end);
        text.headings(&analyzer, document);

        let (mut anchor, mut anchor_exact) = (Stream::default(), Stream::default());
        let mut position = 1;
        for words in &inputs.anchors.texts {
            let mut tokens = Vec::new();
            position = analyzer.tokens(words, position, &mut tokens) + GAP;
            stem_stream(&mut anchor, &tokens, 0);
            exact_stream(&mut anchor_exact, &tokens, 0);
        }
        let host = Host::of(&document.url);
        let mut address = Stream::default();
        exact_text(&mut address, &address_words(&host, &document.url));
        let mut author = Stream::default();
        exact_text(&mut author, document.author.as_deref().unwrap_or_default());

        let state = inputs.history.states.get(&document.id);
        let StateHistory {
            mut held,
            seen,
            mut collections,
        } = state.cloned().unwrap_or_default();
        let is_state = surt_of(&document.key).is_some();
        // A thread or video is what all records of it say.
        let seen = if is_state { &seen } else { inputs.times };
        let seen: Vec<i64> = seen.iter().copied().collect();
        let captured = UnixSeconds(seen.first().copied().unwrap_or(inputs.captured.0));
        let since = held.last().map_or(captured.0, |interval| interval.from.0);
        collections.extend(inputs.collections.iter().cloned());
        let digest = match &document.key {
            Key::State { digest, .. } => Some(*digest),
            _ => None,
        };
        let head = Head {
            kind: document.kind.kind(),
            url: document.url.clone(),
            title: document.title.clone(),
            language: document.language.clone(),
            published: document.published,
            modified: document.modified,
            captured,
            canonical: document.canonical.clone(),
            digest,
            sketch: sketch.finish(),
            length: end,
            passages: document.passages.len() as u32,
            linking_sites: inputs.anchors.linking_sites,
            newest: !is_state || inputs.history.is_newest(document.id),
            held: held.clone(),
        };
        if !is_state {
            held = vec![Interval {
                from: captured,
                until: None,
            }];
        }
        Self {
            id: document.id,
            address_key: address_key(&document.key, document.id),
            streams: [
                text.search,
                text.exact,
                anchor,
                anchor_exact,
                address,
                author,
            ],
            title_length,
            passage_ends,
            tags: tags(document, &collections, inputs.history.shown),
            day: document.published.map(model::time::PartialDate::first_day),
            duration: match document.kind {
                DocumentKind::Video {
                    duration_seconds, ..
                } => duration_seconds,
                _ => None,
            },
            seen,
            held,
            since,
            collections: collections.into_iter().collect(),
            site: host.site().to_owned(),
            head,
        }
    }

    pub(crate) fn stream(&self, field: TextField) -> &Stream {
        let [search, exact, anchor, anchor_exact, address, author] = &self.streams;
        match field {
            TextField::Search => search,
            TextField::Exact => exact,
            TextField::Anchor => anchor,
            TextField::AnchorExact => anchor_exact,
            TextField::Address => address,
            TextField::Author => author,
        }
    }
}

/// Whether a position of title and text lies in a region; `body` and `title` are their lengths.
pub(crate) fn in_region(region: Region, position: u32, body: u32, title: u32) -> bool {
    match region {
        Region::Whole => true,
        // Positions begin at 1.
        Region::Body => position <= body,
        Region::Title => {
            let start = body + GAP;
            (start + 1..=start + title).contains(&position)
        }
    }
}

fn address_key(key: &Key, id: DocumentId) -> String {
    match key {
        Key::State { surt, .. } => surt.0.clone(),
        _ => id.to_string(),
    }
}

/// The address of a state; other things have none.
pub(crate) fn surt_of(key: &Key) -> Option<&Surt> {
    match key {
        Key::State { surt, .. } => Some(surt),
        _ => None,
    }
}

/// The newest state of an address: that of its last stretch.
pub(crate) fn newest(captures: &[Capture]) -> Option<DocumentId> {
    intervals(captures).last().map(|(document, _)| *document)
}

/// Main text, title and headings, as stems and as exact forms at the same positions.
#[derive(Default)]
struct TextStreams {
    search: Stream,
    exact: Stream,
    /// The last position used.
    end: u32,
}

impl TextStreams {
    /// Positions begin at 1: a term at 0 would stand before the beginning of a region.
    fn body(&mut self, analyzer: &Analyzer<'_>, text: &str, end: u32, sketch: &mut Sketch) -> u32 {
        let mut tokens = Vec::with_capacity(text.len() / 6);
        let behind = analyzer.tokens(text, end + 1, &mut tokens);
        for token in &tokens {
            sketch.word(&token.exact);
        }
        stem_stream(&mut self.search, &tokens, 0);
        exact_stream(&mut self.exact, &tokens, 0);
        self.end = behind - 1;
        self.end
    }

    /// Three times among the stems, once among the exact forms.
    fn title(&mut self, analyzer: &Analyzer<'_>, title: &str, body: u32) -> u32 {
        let mut tokens = Vec::new();
        let start = body + GAP + 1;
        let length = analyzer.tokens(title, start, &mut tokens) - start;
        exact_stream(&mut self.exact, &tokens, 0);
        for copy in 0..3 {
            stem_stream(&mut self.search, &tokens, copy * (length + GAP));
        }
        self.end = start + 3 * length + 2 * GAP;
        length
    }

    /// They stand in the main text already, so once more makes twice.
    fn headings(&mut self, analyzer: &Analyzer<'_>, document: &Document) {
        let mut last = None;
        for passage in &document.passages {
            let heading = passage.heading.as_deref();
            if heading == last || heading.is_none() {
                continue;
            }
            last = heading;
            let mut tokens = Vec::new();
            let start = self.end + GAP;
            self.end = analyzer.tokens(heading.unwrap_or_default(), start, &mut tokens);
            stem_stream(&mut self.search, &tokens, 0);
        }
    }
}

fn stem_stream(stream: &mut Stream, tokens: &[Token], shift: u32) {
    each_term(tokens, |position, kind, term| {
        if kind != TermKind::Exact {
            stream.push(position + shift, term);
        }
    });
}

fn exact_stream(stream: &mut Stream, tokens: &[Token], shift: u32) {
    each_term(tokens, |position, kind, term| {
        if kind != TermKind::Stem {
            stream.push(position + shift, term);
        }
    });
}

fn exact_text(stream: &mut Stream, text: &str) {
    let mut tokens = Vec::new();
    Analyzer::new("").tokens(text, 1, &mut tokens);
    exact_stream(stream, &tokens, 0);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TermKind {
    Exact,
    Stem,
    /// A pair of characters: in both streams.
    Pair,
}

/// All terms in order of position; pairs that equal the word before them only once.
fn each_term(tokens: &[Token], mut give: impl FnMut(u32, TermKind, &str)) {
    for token in tokens {
        give(token.position, TermKind::Exact, &token.exact);
        for stem in token.stem.iter().chain(&token.second_stem) {
            give(token.position, TermKind::Stem, stem);
        }
        for (offset, pair) in &token.bigrams {
            if *offset > 0 || *pair != token.exact {
                give(token.position + offset, TermKind::Pair, pair);
            }
        }
    }
}

/// Host and path as text whose words are those of the address; no query. Of a name that is
/// written together, `AnnualReport2019.pdf`, its parts as well.
fn address_words(host: &Host, url: &str) -> String {
    let mut words = host.bare().replace(['.', '-'], " ");
    for segment in path_segments(url) {
        words.push(' ');
        let mut parts = String::new();
        let mut before = None;
        for c in segment.chars() {
            let c = if c.is_alphanumeric() { c } else { ' ' };
            words.push(c);
            if before.is_some_and(|before| is_seam(before, c)) {
                parts.push(' ');
            }
            parts.push(c);
            before = Some(c);
        }
        if parts.len() > segment.len() && segment.len() <= SEAMED_BYTES {
            words.push(' ');
            words.push_str(&parts);
        }
    }
    words
}

/// Longer segments are hashes and encoded data, not names.
const SEAMED_BYTES: usize = 100;

/// Whether a word ends and another begins between two characters.
fn is_seam(before: char, behind: char) -> bool {
    (before.is_lowercase() && behind.is_uppercase())
        || (before.is_alphabetic() && behind.is_numeric())
        || (before.is_numeric() && behind.is_alphabetic())
}

/// The primary language of a document in lower case, empty for unknown.
pub(crate) fn plain_language(head: &Head) -> String {
    primary(head.language.as_deref().unwrap_or_default()).to_ascii_lowercase()
}

/// The kind by its number in [`Kind::ALL`].
pub(crate) fn kind_number(kind: Kind) -> u64 {
    Kind::ALL
        .iter()
        .position(|&k| k == kind)
        .unwrap_or_default() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn anchors_are_the_texts_of_most_sites() {
        let links = [
            ("b", "x.example"),
            ("b", "y.example"),
            ("a", "own.example"),
            ("", "z.example"),
        ];
        let anchors = Anchors::of(links, "own.example");
        assert_eq!(anchors.texts, ["b", "a"]);
        assert_eq!(anchors.linking_sites, 2);
    }

    #[test]
    fn words_of_an_address() {
        let check = |url: &str, expected: &str| {
            let words = address_words(&Host::of(url), url);
            let words: Vec<&str> = words.split_whitespace().collect();
            assert_eq!(words.join(" "), expected);
        };
        check(
            "https://www.a-b.example/x/annual_report-2019.pdf?q=1",
            "a b example x annual report 2019 pdf",
        );
        check(
            "https://a.example/AnnualReport2019.pdf",
            "a example AnnualReport2019 pdf Annual Report 2019 pdf",
        );
    }

    proptest! {
        #[test]
        fn a_stream_reads_back(steps in prop::collection::vec((0_u32..200, "[a-zé0-9]{1,6}"), 0..40)) {
            let mut position = 1;
            let mut stream = Stream::default();
            let mut expected = Vec::new();
            for (step, term) in steps {
                position += step;
                stream.push(position, &term);
                expected.push((position, term));
            }
            let read: Vec<(u32, String)> =
                stream.iter().map(|(at, term)| (at, term.to_owned())).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
