//! Videos and discussions as the values that their templates show.

use model::document::Locator;
use model::page::{Comment, DiscussionCard, Discussions, ResultsPage, Tab, VideoCard, VideoRow};

use super::cleaned;
use super::direction::{dir, lang};
use super::results::{Link, Why};
use crate::link;
use crate::sentences::{self, clean, counted};
use crate::snippet::{Piece, joined, of_fragments};

/// Characters of an excerpt that fit into the lines that are shown folded.
const FOLDED: usize = 210;

/// Videos that stand together.
pub(super) struct Videos {
    pub(super) is_main: bool,
    /// Where all of them are shown; `None` where they are.
    pub(super) all: Option<String>,
    pub(super) cards: Vec<Video>,
}

/// A video.
pub(super) struct Video {
    pub(super) dir: &'static str,
    pub(super) lang: Option<String>,
    pub(super) href: Option<String>,
    pub(super) picture: Option<String>,
    pub(super) length: Option<String>,
    pub(super) title: String,
    /// The title where it is cut.
    pub(super) whole: Option<String>,
    pub(super) about: String,
    /// The second in words.
    pub(super) at: Option<String>,
    pub(super) said: Vec<Piece>,
    pub(super) automatic: bool,
    /// The copy, unless the title opens it.
    pub(super) copy: Option<Link>,
    /// The live address, where the title does not open it.
    pub(super) live: Option<String>,
    pub(super) reasons: Vec<Why>,
    pub(super) score: String,
}

/// Discussions that stand together.
pub(super) struct Threads {
    /// Where all of them are shown; `None` where they are.
    pub(super) all: Option<String>,
    pub(super) cards: Vec<Thread>,
}

/// A discussion.
pub(super) struct Thread {
    pub(super) dir: &'static str,
    pub(super) lang: Option<String>,
    pub(super) href: Option<String>,
    pub(super) title: String,
    /// The best comment; none where no text is held.
    pub(super) first: Option<Said>,
    pub(super) others: Vec<Said>,
    /// What unfolds the rest, where there is any.
    pub(super) more: Option<String>,
    pub(super) about: String,
    pub(super) copy: Option<Link>,
    /// The whole thread, live.
    pub(super) live: Option<Link>,
    pub(super) reasons: Vec<Why>,
    pub(super) score: String,
}

/// What one post says.
pub(super) struct Said {
    pub(super) pieces: Vec<Piece>,
    pub(super) by: String,
    pub(super) accepted: bool,
}

impl Videos {
    pub(super) fn of(row: &VideoRow, page: &ResultsPage) -> Self {
        Self {
            is_main: row.is_main,
            all: (!row.is_main).then(|| link::tab_path(&page.query.text, Tab::Videos)),
            cards: row
                .videos
                .iter()
                .map(|card| Video::of(card, page))
                .collect(),
        }
    }
}

impl Video {
    fn of(card: &VideoCard, page: &ResultsPage) -> Self {
        let query = &page.query.text;
        let language = card.language.as_deref();
        let title = sentences::video_title(&card.title);
        let whole = clean(&card.title);
        let whole = whole.trim();
        let href = link::video(card, query);
        let transcript = link::transcript(card, query);
        let live = link::live(&card.url, &Locator::Top);
        let opens_live = href.is_some() && href != transcript;
        Self {
            dir: dir(language),
            lang: lang(language),
            picture: card.thumbnail.map(link::picture),
            length: card.duration_seconds.map(sentences::clock),
            whole: (title != whole).then(|| whole.to_owned()),
            title,
            about: sentences::about_video(card, page.query.now).join(" · "),
            at: sentences::place(&card.locator),
            said: cleaned(joined(&card.snippet)),
            automatic: card.automatic,
            copy: transcript.filter(|_| opens_live).map(|href| Link {
                href,
                words: "Transcript".to_owned(),
            }),
            live: live.filter(|_| !opens_live),
            href,
            reasons: Why::all(&card.explanation),
            score: format!("{:.2}", card.score),
        }
    }
}

impl Threads {
    pub(super) fn of(block: &Discussions, page: &ResultsPage) -> Self {
        Self {
            all: (!block.is_main).then(|| link::tab_path(&page.query.text, Tab::Discussions)),
            cards: block
                .threads
                .iter()
                .map(|card| Thread::of(card, page))
                .collect(),
        }
    }
}

impl Thread {
    fn of(card: &DiscussionCard, page: &ResultsPage) -> Self {
        let query = &page.query.text;
        let language = card.language.as_deref();
        let copy = link::thread_copy(card, query);
        let mut said = card.comments.iter().map(Said::of);
        let first = said.next();
        let others: Vec<Said> = said.collect();
        let long = first.as_ref().is_some_and(|first| {
            let length = first.pieces.iter().map(|piece| piece.text.chars().count());
            length.sum::<usize>() > FOLDED
        });
        Self {
            dir: dir(language),
            lang: lang(language),
            href: link::live(&card.url, &card.locator).or_else(|| copy.clone()),
            title: clean(&card.title),
            more: match others.len() {
                0 => long.then(|| "Read on".to_owned()),
                count => Some(format!(
                    "Read on: {}",
                    counted(count as u64, "more post", "more posts")
                )),
            },
            first,
            others,
            about: sentences::about_thread(card, page.query.now).join(" · "),
            copy: copy.map(|href| Link {
                href,
                words: "Copy of the thread".to_owned(),
            }),
            live: link::live(&card.url, &Locator::Top).map(|href| Link {
                href,
                words: format!("More on {}", clean(&card.site)),
            }),
            reasons: Why::all(&card.explanation),
            score: format!("{:.2}", card.score),
        }
    }
}

impl Said {
    fn of(comment: &Comment) -> Self {
        let mut by: Vec<String> = Vec::new();
        if comment.opening {
            by.push("the opening post".to_owned());
        }
        by.extend(comment.author.as_deref().map(clean));
        by.extend(comment.votes.map(sentences::points));
        by.retain(|text| !text.trim().is_empty());
        Self {
            pieces: cleaned(of_fragments(&comment.fragments)),
            by: by.join(" · "),
            accepted: comment.accepted,
        }
    }
}
