//! The results page as a value that every interface renders.
//!
//! Composing decides what is shown and in what order; rendering decides nothing.

use std::time::Duration;

use crate::capture::CaptureId;
use crate::document::{DocumentId, Kind, Locator};
use crate::hit::{Evidence, Fragment, Snippet, Total};
use crate::time::{PartialDate, UnixSeconds};

/// A results page.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultsPage {
    /// The query as asked and as understood.
    pub query: QueryLine,
    /// Top to bottom.
    pub blocks: Vec<Block>,
    /// Results in all, before folding.
    pub total: Total,
    /// Results that stand before this page, members of clusters aside.
    pub offset: usize,
    /// Results asked for per page, members of clusters aside.
    pub count: usize,
    /// Whether there are results behind this page.
    pub more: bool,
    /// How long it took; set by the caller, as composing reads no clock.
    pub took: Option<Duration>,
}

/// The query line.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryLine {
    /// As typed.
    pub text: String,
    /// The tab that is open.
    pub tab: Tab,
    /// The clock by which ages are told.
    pub now: UnixSeconds,
    /// Words let go because too few documents hold them all, in the order of the query.
    pub relaxed: Vec<String>,
    /// The filters, in the order of the query, with what each took away.
    pub filters: Vec<FilterLine>,
    /// What was not understood, whole sentences.
    pub warnings: Vec<String>,
    /// Documents in the index; 0 tells an empty index from a query without an answer.
    pub documents: u64,
}

/// A filter as the page tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterLine {
    /// The operator's name: `site`.
    pub operator: String,
    /// Its value as understood: `example.org`.
    pub value: String,
    /// Whether it excludes.
    pub negated: bool,
    /// How many documents that match the words it took away, undated ones included.
    pub removed: Total,
    /// How many of those only because their date is unknown.
    pub undated: Total,
    /// The query without this filter.
    pub without: String,
}

/// A block of the main column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// One web result: a page, a PDF, a file; a video or a discussion that stands alone.
    Web(Box<WebResult>),
    /// Videos, best first; never empty.
    Videos(VideoRow),
    /// Discussions, best first; never empty.
    Discussions(Discussions),
}

/// Which kinds of things a page is asked for, apart from the query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tab {
    /// All kinds, videos and discussions in blocks of their own.
    #[default]
    All,
    /// Pages, PDFs and other files.
    Web,
    /// PDFs.
    Pdfs,
    /// Videos.
    Videos,
    /// Discussions.
    Discussions,
}

impl Tab {
    /// All tabs, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Web,
        Self::Pdfs,
        Self::Videos,
        Self::Discussions,
    ];

    /// The word for it in addresses: `all`, `web`, `pdf`, `video`, `discussion`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Web => "web",
            Self::Pdfs => "pdf",
            Self::Videos => "video",
            Self::Discussions => "discussion",
        }
    }

    /// The tab of that word; `None` for any other.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.as_str() == word)
    }

    /// The kinds that it shows; empty for all.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::All => &[],
            Self::Web => &[Kind::Page, Kind::Pdf, Kind::File],
            Self::Pdfs => &[Kind::Pdf],
            Self::Videos => &[Kind::Video],
            Self::Discussions => &[Kind::Thread],
        }
    }
}

/// Videos that stand together.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoRow {
    /// Best first. In a cluster two to six.
    pub videos: Vec<VideoCard>,
    /// Whether videos are what was asked for, and these are the results of the page; else they
    /// are a cluster among web results.
    pub is_main: bool,
}

/// A video on the page.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoCard {
    /// The document.
    pub document: DocumentId,
    /// The live address, without the second.
    pub url: String,
    /// The second at which the snippet is spoken; the beginning where nothing spoken matches.
    pub locator: Locator,
    /// The copy that we hold.
    pub copy: Option<Copy>,
    /// When it was captured.
    pub captured: UnixSeconds,
    /// A capture of the preview picture.
    pub thumbnail: Option<CaptureId>,
    /// Its length.
    pub duration_seconds: Option<u32>,
    /// Never cut, never empty.
    pub title: String,
    /// Who published it.
    pub channel: Option<String>,
    /// Never empty.
    pub site_name: String,
    /// Host without `www.`, in Unicode where that is safe; never empty.
    pub host: String,
    /// BCP 47.
    pub language: Option<String>,
    /// When it was published.
    pub date: Option<ShownDate>,
    /// The sentence that answers, or the beginning of its description.
    pub snippet: Snippet,
    /// Whether its words were recognised by a program.
    pub automatic: bool,
    /// Why it stands where it stands, most weighty first; empty where nobody asked.
    pub explanation: Vec<Evidence>,
    /// The score that `explanation` adds up to.
    pub score: f32,
}

/// Discussions that stand together.
#[derive(Clone, Debug, PartialEq)]
pub struct Discussions {
    /// Best first. In a cluster two to four.
    pub threads: Vec<DiscussionCard>,
    /// Whether discussions are what was asked for, and these are the results of the page; else
    /// they are a cluster among web results.
    pub is_main: bool,
}

/// A discussion on the page.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscussionCard {
    /// The document.
    pub document: DocumentId,
    /// The live address of the whole thread.
    pub url: String,
    /// The best comment.
    pub locator: Locator,
    /// The copy that we hold.
    pub copy: Option<Copy>,
    /// When it was captured.
    pub captured: UnixSeconds,
    /// Never cut, never empty.
    pub title: String,
    /// Never empty.
    pub site_name: String,
    /// Host without `www.`, in Unicode where that is safe; never empty.
    pub host: String,
    /// The site that `More on …` speaks of: a registrable domain, or the host.
    pub site: String,
    /// Board or group, as readers know it: `r/Syria`.
    pub forum: Option<String>,
    /// Posts below the first.
    pub answers: u32,
    /// Votes of the first post.
    pub votes: Option<i32>,
    /// BCP 47.
    pub language: Option<String>,
    /// When it was begun.
    pub date: Option<ShownDate>,
    /// Posts that answer, best first, together about 1,000 characters at the most.
    pub comments: Vec<Comment>,
    /// Why it stands where it stands, most weighty first; empty where nobody asked.
    pub explanation: Vec<Evidence>,
    /// The score that `explanation` adds up to.
    pub score: f32,
}

/// A post of a discussion that answers the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Number of its passage in the document.
    pub passage: u32,
    /// Its permalink.
    pub locator: Locator,
    /// Who wrote it, as shown.
    pub author: Option<String>,
    /// When it was written.
    pub time: Option<UnixSeconds>,
    /// Votes.
    pub votes: Option<i32>,
    /// Whether it is marked as the answer.
    pub accepted: bool,
    /// Whether it is the post that opens the thread.
    pub opening: bool,
    /// What it says, in reading order.
    pub fragments: Vec<Fragment>,
}

/// The copy that the collection holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// A capture.
    Capture(CaptureId),
    /// A document without a single capture.
    Document(DocumentId),
}

/// Which date an age tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateKind {
    /// When it was published.
    Published,
    /// When it was last changed.
    Modified,
}

/// A date to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownDate {
    /// As precise as its source.
    pub date: PartialDate,
    /// What it is the date of.
    pub kind: DateKind,
}

/// A web result.
#[derive(Clone, Debug, PartialEq)]
pub struct WebResult {
    /// The document.
    pub document: DocumentId,
    /// The live address, without the locator.
    pub url: String,
    /// Where the snippet begins.
    pub locator: Locator,
    /// The copy that we hold.
    pub copy: Option<Copy>,
    /// When that copy was captured.
    pub captured: UnixSeconds,
    /// BCP 47.
    pub language: Option<String>,
    /// How many captures of this address we hold.
    pub captures: u32,
    /// When the first of them was made.
    pub first_captured: Option<UnixSeconds>,
    /// Set for an older state: when another one took its place.
    pub held_until: Option<UnixSeconds>,
    /// Other matching places of the same document, in reading order.
    pub also: Vec<Locator>,
    /// Never empty.
    pub site_name: String,
    /// Host without `www.`, in Unicode where that is safe; never empty.
    pub host: String,
    /// Steps behind the host; never cut.
    pub breadcrumb: Vec<String>,
    /// Never cut, never empty.
    pub title: String,
    /// What to tell as its age.
    pub date: Option<ShownDate>,
    /// What it says to the query.
    pub snippet: Snippet,
    /// `pdf` and the like: the file type, where it is no HTML; `video`, `discussion`.
    pub badge: Option<String>,
    /// Number of pages of a PDF.
    pub pages: Option<u32>,
    /// Whether it is a scan: its text is in pictures, and it was found by other words.
    pub no_text_layer: bool,
    /// Results of the same site folded behind this one.
    pub more_from_site: u32,
    /// The site that `more_from_site` speaks of: a registrable domain.
    pub site: String,
    /// Identical and near-identical documents behind this one, in order of rank.
    pub duplicates: Vec<Duplicate>,
    /// Why it stands where it stands, most weighty first; empty where nobody asked.
    pub explanation: Vec<Evidence>,
    /// The score that `explanation` adds up to.
    pub score: f32,
}

/// A copy of a result at another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The document.
    pub document: DocumentId,
    /// Its live address.
    pub url: String,
    /// Its title.
    pub title: String,
}
