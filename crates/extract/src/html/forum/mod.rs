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

use model::document::{Document, Key, Post};
use model::part::Part;
use model::time::UnixSeconds;

use super::dom::Page;
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
struct Found {
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

/// The posts of a page of a forum; none for other pages, and for what shows fewer than the first
/// post and an answer: a page with one text is a page.
pub(super) fn parts(page: &Page, data: &StructuredData, document: &Document) -> Vec<(Key, Part)> {
    let mut posts = Posts::default();
    if super::posts::topic(page, &mut posts) {
        return posts.extracted().parts;
    }
    let Some(url) = page.url.as_ref() else {
        return Vec::new();
    };
    let place = address::Place::of(url, document.canonical.as_deref());
    let found = platform::find(page, &place)
        .or_else(|| software::find(page, &place))
        .or_else(|| declared::find(data, &place));
    let Some(found) = found.filter(|found| found.posts.len() >= 2 || !found.opens) else {
        return Vec::new();
    };
    let forum = found
        .forum
        .or_else(|| document.breadcrumb.last().cloned())
        .filter(|forum| *forum != document.title);
    for (index, seen) in found.posts.into_iter().take(MOST_POSTS).enumerate() {
        let head = (index == 0 && found.opens).then(|| {
            let mut head = thread_head(document.title.clone(), found.url.clone());
            head.forum.clone_from(&forum);
            head.site_name.clone_from(&document.site_name);
            head.language.clone_from(&document.language);
            head
        });
        let part = Part {
            parent: seen.parent,
            head,
            text: seen.text,
            permalink: seen.permalink,
            post: Post {
                author: seen.author,
                time: seen.time,
                score: seen.score,
                accepted: seen.accepted,
                depth: 0,
            },
            ..empty(seen.id)
        };
        posts.push(&found.platform, &found.id, part);
    }
    posts.extracted().parts
}
