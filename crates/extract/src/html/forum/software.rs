//! Forums by their software: XenForo, phpBB, vBulletin.

use std::sync::LazyLock;

use scraper::{ElementRef, Selector};

use super::address::Place;
use super::{Found, Seen};
use crate::html::dom::{Page, PageNode, attr, some_text};
use crate::thread::{body, lenient};

/// How the pages of one software are marked.
struct Software {
    /// One element for each post.
    post: Selector,
    /// The number of a post behind this, in the `id` of its element.
    id_prefix: &'static str,
    author: Selector,
    content: Selector,
    /// How a link to a post ends; its number stands behind.
    anchor: &'static str,
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a constant selector")
}

static KNOWN: LazyLock<Vec<Software>> = LazyLock::new(|| {
    vec![
        // XenForo 2.
        Software {
            post: selector("article.message[id^='js-post-']"),
            id_prefix: "js-post-",
            author: selector(".message-name .username, .message-name"),
            content: selector(".message-body .bbWrapper"),
            anchor: "#post-",
        },
        // phpBB 3, prosilver and what is made from it.
        Software {
            post: selector("div.post[id^='p']"),
            id_prefix: "p",
            author: selector(
                ".author .username, .author .username-coloured, .postprofile .username, .postprofile .username-coloured, .author strong",
            ),
            content: selector(".postbody .content"),
            anchor: "#p",
        },
        // vBulletin 4.
        Software {
            post: selector(
                "li.postcontainer[id^='post_'], li.postbit[id^='post_'], li.postbitlegacy[id^='post_']",
            ),
            id_prefix: "post_",
            author: selector("a.username, .username"),
            content: selector("[id^='post_message_']"),
            anchor: "#post",
        },
        // vBulletin 3: a table for each post.
        Software {
            post: selector("table[id^='post']"),
            id_prefix: "post",
            author: selector(".bigusername"),
            content: selector("[id^='post_message_']"),
            anchor: "#post",
        },
    ]
});

static TIME: LazyLock<Selector> = LazyLock::new(|| selector("time[datetime]"));

/// The posts of a page made by one of them.
pub(super) fn find(page: &Page, place: &Place) -> Option<Found> {
    let root = ElementRef::wrap(page.root()?)?;
    let posts = KNOWN.iter().find_map(|software| {
        let posts: Vec<Seen> = root
            .select(&software.post)
            .filter_map(|post| seen(post, software, place))
            .collect();
        (!posts.is_empty()).then_some(posts)
    })?;
    Some(Found {
        platform: format!("forum:{}", place.host()),
        id: place.id(),
        url: place.url.clone(),
        forum: None,
        opens: place.is_first,
        posts,
    })
}

fn seen(post: ElementRef<'_>, software: &Software, place: &Place) -> Option<Seen> {
    let id = attr(*post, "id")?.strip_prefix(software.id_prefix)?;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let content = post.select(&software.content).next()?;
    let author = attr(*post, "data-author")
        .map(str::to_owned)
        .or_else(|| some_text(*post.select(&software.author).next()?))
        .filter(|name| !name.is_empty());
    Some(Seen {
        id: id.to_owned(),
        author,
        time: time(post, *content),
        text: body::below(*content),
        permalink: Some(format!("{}{}{id}", place.url, software.anchor)),
        ..Seen::default()
    })
}

/// The first time of a post that does not stand in its text.
fn time(post: ElementRef<'_>, content: PageNode<'_>) -> Option<model::time::UnixSeconds> {
    let outside = |node: PageNode<'_>| !node.ancestors().any(|above| above.id() == content.id());
    post.select(&TIME)
        .filter(|time| outside(**time))
        .find_map(|time| lenient::moment(attr(*time, "datetime")?))
}
