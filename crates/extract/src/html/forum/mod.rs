//! Pages of discussions, recognised by the marks that the software of a forum leaves: posts as
//! parts of their thread, beside the page itself.
//!
//! A thread goes over several pages, so that it is named by its address without the number of the
//! page; posts are named as the software names them. Where the same thread comes as data too
//! (Discourse, Reddit, Stack Exchange, Hacker News), it has the name that it has there.

mod address;
mod declared;
mod platform;
mod software;

use model::document::{Document, Key, Locator, Passage, Post};
use model::part::Part;
use model::time::UnixSeconds;

use super::blocks::{Block, BlockKind};
use super::dom::{self, Page};
use super::passages;
use super::structured::StructuredData;
use crate::thread::{Posts, empty, thread_head};

/// Posts of one page; what is behind is left out.
const MOST_POSTS: usize = 2_000;

/// A post as a page shows it.
#[derive(Default)]
struct Seen {
    /// As the software names it.
    id: String,
    /// The post that it answers.
    parent: Option<String>,
    author: Option<String>,
    time: Option<UnixSeconds>,
    score: Option<i32>,
    accepted: bool,
    /// Without quotations.
    text: String,
    permalink: Option<String>,
}

/// A thread, or a page of one.
pub(super) struct Found {
    /// As in [`Key::Thread`].
    platform: String,
    id: String,
    url: String,
    /// Board, where the software names it.
    forum: Option<String>,
    /// Whether the first post opens the thread.
    opens: bool,
    posts: Vec<Seen>,
}

/// The thread on a page that bears the marks of a software; `None` for other pages, and for what
/// shows fewer than the first post and an answer: a page with one text is a page.
pub(super) fn marked(page: &Page, canonical: Option<&str>) -> Option<Found> {
    let place = address::Place::of(page.url.as_ref()?, canonical);
    platform::find(page, &place)
        .or_else(|| software::find(page, &place))
        .filter(Found::is_thread)
}

/// The thread that a page declares in structured data, where that is most of what it says: some
/// sites declare the first posts, or their beginnings.
pub(super) fn declared(
    page: &Page,
    data: &StructuredData,
    canonical: Option<&str>,
    text: &[Passage],
) -> Option<Found> {
    let place = address::Place::of(page.url.as_ref()?, canonical);
    let found = declared::find(data, &place).filter(Found::is_thread)?;
    let shown: usize = text.iter().map(|passage| passage.text.len()).sum();
    let said: usize = found.posts.iter().map(|post| post.text.len()).sum();
    (said * 2 >= shown).then_some(found)
}

impl Found {
    fn is_thread(&self) -> bool {
        self.posts.len() >= 2 || (!self.opens && !self.posts.is_empty())
    }

    /// The posts as the text of their page.
    pub(super) fn passages(&self) -> Vec<Passage> {
        let mut all = Vec::new();
        for (index, seen) in self.posts.iter().take(MOST_POSTS).enumerate() {
            let locator = match &seen.permalink {
                Some(permalink) if !(index == 0 && self.opens) => {
                    Locator::Comment(permalink.clone())
                }
                _ => Locator::Top,
            };
            let lines = seen.text.lines().filter(|line| !line.trim().is_empty());
            let blocks = lines.map(|line| Block::new(BlockKind::Text, line.to_owned()));
            for passage in passages::of(blocks.collect()) {
                all.push(Passage {
                    heading: None,
                    locator: locator.clone(),
                    post: Some(seen.post()),
                    ..passage
                });
            }
        }
        all
    }
}

impl Seen {
    fn post(&self) -> Post {
        Post {
            author: self.author.clone(),
            time: self.time,
            score: self.score,
            accepted: self.accepted,
            depth: 0,
        }
    }
}

/// The posts of a page as parts of their thread; none for pages that show none.
pub(super) fn parts(page: &Page, found: Option<Found>, document: &Document) -> Vec<(Key, Part)> {
    let mut posts = Posts::default();
    if super::posts::topic(page, &mut posts) {
        return posts.extracted().parts;
    }
    let Some(found) = found else {
        return Vec::new();
    };
    let forum = found
        .forum
        .or_else(|| document.breadcrumb.last().cloned())
        .filter(|forum| *forum != document.title);
    let title = title(page, document);
    for (index, seen) in found.posts.into_iter().take(MOST_POSTS).enumerate() {
        let head = (index == 0 && found.opens).then(|| {
            let mut head = thread_head(title.clone(), found.url.clone());
            head.forum.clone_from(&forum);
            head.site_name.clone_from(&document.site_name);
            head.language.clone_from(&document.language);
            head
        });
        let part = Part {
            post: seen.post(),
            parent: seen.parent,
            head,
            text: seen.text,
            permalink: seen.permalink,
            ..empty(seen.id)
        };
        posts.push(&found.platform, &found.id, part);
    }
    posts.extracted().parts
}

/// The heading of the page where its title begins with it: what follows names board and site.
fn title(page: &Page, document: &Document) -> String {
    let headings = page.noted.first_headings.iter();
    headings
        .filter_map(|(_, id)| dom::some_text(page.node(*id)?))
        .find(|heading| document.title.starts_with(heading.as_str()))
        .unwrap_or_else(|| document.title.clone())
}
