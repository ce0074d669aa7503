//! Videos and discussions in our own JSON.

use model::document::Locator;
use model::page::{Comment, DiscussionCard, Discussions, ResultsPage, VideoCard, VideoRow};
use serde::Serialize;

use super::{DateOut, ReasonOut, SnippetOut, age_of};
use crate::{link, sentences};

#[derive(Serialize)]
pub(super) struct VideosOut<'a> {
    /// `videos`.
    kind: &'static str,
    /// Whether these are the results of the page; else they are a row among web results, which
    /// `count` and `offset` do not count.
    main: bool,
    /// Best first; in a row two to six.
    videos: Vec<VideoOut<'a>>,
}

#[derive(Serialize)]
struct VideoOut<'a> {
    /// Id of the document, 32 hexadecimal digits.
    document: String,
    /// The live address.
    url: &'a str,
    /// The live address at the second, where its site has addresses for that; else `url`.
    opened: String,
    /// `{"seconds":65}`, or `"top"`.
    locator: &'a Locator,
    /// Path on the server to the transcript, at the passage: `/document/ID?q=…#passage-3`.
    copy: Option<String>,
    /// When it was captured, RFC 3339.
    captured: String,
    /// Path on the server to the preview picture: `/capture/ID/raw`.
    thumbnail: Option<String>,
    duration_seconds: Option<u32>,
    /// `03:51`, `01:06:20`.
    duration: Option<String>,
    /// Whole.
    title: &'a str,
    channel: Option<&'a str>,
    site_name: &'a str,
    /// Host without `www.`.
    host: &'a str,
    /// BCP 47.
    language: Option<&'a str>,
    date: Option<DateOut>,
    /// The date in words, as the page shows it.
    age: Option<String>,
    /// The sentence that answers.
    snippet: SnippetOut,
    /// Whether its words were recognised by a program.
    automatic: bool,
    /// Sum of `adds` of `why`; comparable within one query only.
    score: f32,
    /// Most weighty first; empty where nobody asked.
    why: Vec<ReasonOut>,
}

#[derive(Serialize)]
pub(super) struct DiscussionsOut<'a> {
    /// `discussions`.
    kind: &'static str,
    /// As for videos.
    main: bool,
    /// Best first; in a block two to four.
    threads: Vec<ThreadOut<'a>>,
}

#[derive(Serialize)]
struct ThreadOut<'a> {
    /// Id of the document, 32 hexadecimal digits.
    document: String,
    /// The live address of the thread.
    url: &'a str,
    /// The live address of the best comment.
    opened: String,
    /// `{"comment":"https://…"}`, or `"top"`.
    locator: &'a Locator,
    /// Path on the server to the copy, at the best comment: `/document/ID?q=…#passage-3`.
    copy: Option<String>,
    /// When it was captured, RFC 3339.
    captured: String,
    title: &'a str,
    site_name: &'a str,
    /// Host without `www.`.
    host: &'a str,
    /// Registrable domain.
    site: &'a str,
    /// `r/veldania`.
    forum: Option<&'a str>,
    /// Posts below the first.
    answers: u32,
    /// Votes of the first post.
    votes: Option<i32>,
    /// BCP 47.
    language: Option<&'a str>,
    date: Option<DateOut>,
    /// The date in words, as the page shows it.
    age: Option<String>,
    /// Posts that answer, best first.
    comments: Vec<CommentOut<'a>>,
    /// Sum of `adds` of `why`; comparable within one query only.
    score: f32,
    /// Most weighty first; empty where nobody asked.
    why: Vec<ReasonOut>,
}

#[derive(Serialize)]
struct CommentOut<'a> {
    locator: &'a Locator,
    author: Option<&'a str>,
    /// When it was written, RFC 3339.
    time: Option<String>,
    votes: Option<i32>,
    /// Whether it is marked as the answer.
    accepted: bool,
    /// Whether it is the post that opens the thread.
    opening: bool,
    /// What it says, as a snippet of a web result.
    excerpt: SnippetOut,
}

impl<'a> VideosOut<'a> {
    pub(super) fn of(row: &'a VideoRow, page: &ResultsPage) -> Self {
        Self {
            kind: "videos",
            main: row.is_main,
            videos: row
                .videos
                .iter()
                .map(|card| VideoOut::of(card, page))
                .collect(),
        }
    }
}

impl<'a> VideoOut<'a> {
    fn of(card: &'a VideoCard, page: &ResultsPage) -> Self {
        let snippet = &card.snippet;
        Self {
            document: card.document.to_string(),
            url: &card.url,
            opened: link::opened(&card.url, &card.locator),
            locator: &card.locator,
            copy: link::transcript(card, &page.query.text),
            captured: card.captured.to_string(),
            thumbnail: card.thumbnail.map(link::picture),
            duration_seconds: card.duration_seconds,
            duration: card.duration_seconds.map(sentences::clock),
            title: &card.title,
            channel: card.channel.as_deref(),
            site_name: &card.site_name,
            host: &card.host,
            language: card.language.as_deref(),
            date: card.date.map(DateOut::of),
            age: age_of(card.date, page.query.now),
            snippet: SnippetOut::of_fragments(&snippet.fragments, snippet.passage),
            automatic: card.automatic,
            score: card.score,
            why: ReasonOut::all(&card.explanation),
        }
    }
}

impl<'a> DiscussionsOut<'a> {
    pub(super) fn of(block: &'a Discussions, page: &ResultsPage) -> Self {
        let threads = block.threads.iter();
        Self {
            kind: "discussions",
            main: block.is_main,
            threads: threads.map(|card| ThreadOut::of(card, page)).collect(),
        }
    }
}

impl<'a> ThreadOut<'a> {
    fn of(card: &'a DiscussionCard, page: &ResultsPage) -> Self {
        Self {
            document: card.document.to_string(),
            url: &card.url,
            opened: link::opened(&card.url, &card.locator),
            locator: &card.locator,
            copy: link::thread_copy(card, &page.query.text),
            captured: card.captured.to_string(),
            title: &card.title,
            site_name: &card.site_name,
            host: &card.host,
            site: &card.site,
            forum: card.forum.as_deref(),
            answers: card.answers,
            votes: card.votes,
            language: card.language.as_deref(),
            date: card.date.map(DateOut::of),
            age: age_of(card.date, page.query.now),
            comments: card.comments.iter().map(CommentOut::of).collect(),
            score: card.score,
            why: ReasonOut::all(&card.explanation),
        }
    }
}

impl<'a> CommentOut<'a> {
    fn of(comment: &'a Comment) -> Self {
        Self {
            locator: &comment.locator,
            author: comment.author.as_deref(),
            time: comment.time.map(|time| time.to_string()),
            votes: comment.votes,
            accepted: comment.accepted,
            opening: comment.opening,
            excerpt: SnippetOut::of_fragments(&comment.fragments, Some(comment.passage)),
        }
    }
}
