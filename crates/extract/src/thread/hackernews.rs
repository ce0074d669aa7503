//! Hacker News: items of the Algolia API with their answers in them, items of the Firebase API
//! one by one, lists of stories.

use std::collections::HashMap;

use model::document::Post;
use model::part::Part;
use serde::Deserialize;

use super::lenient::{Number, Text, mended, moment};
use super::{Posts, body, empty, entities, language_of, slices, thread_head};
use crate::text::{fold, nfc};

const PLATFORM: &str = "hackernews";
/// Answers below answers below …
const DEPTH: usize = 400;

/// An item, in the words of all of these.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, rename = "objectID")]
    object_id: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow)]
    story_text: Text<'a>,
    #[serde(borrow)]
    comment_text: Text<'a>,
    #[serde(borrow)]
    author: Text<'a>,
    #[serde(borrow)]
    by: Text<'a>,
    #[serde(borrow)]
    submitter: Text<'a>,
    #[serde(borrow)]
    story_id: Text<'a>,
    #[serde(borrow)]
    parent_id: Text<'a>,
    #[serde(borrow)]
    parent: Text<'a>,
    #[serde(borrow)]
    time: Text<'a>,
    #[serde(borrow)]
    created_at_i: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    dt: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    points: Number,
    score: Number,
    descendants: Number,
    num_comments: Number,
    #[serde(rename = "numComments")]
    comments: Number,
    deleted: Number,
    dead: Number,
}

/// Whether an object with these keys is of Hacker News.
pub(super) fn is_known(keys: &[&str]) -> bool {
    let has = |name: &str| keys.contains(&name);
    (has("hits") && has("nbHits"))
        || has("objectID")
        || (has("children") && has("created_at_i"))
        || (has("id") && has("type") && has("time") && (has("by") || has("deleted")))
        || (has("commentsUrl") && has("title"))
}

/// Reads an item with its answers, a list of items, or what a search found.
pub(super) fn read(text: &str, posts: &mut Posts) {
    let mended = mended(text);
    let text = mended.as_deref().unwrap_or(text);
    let listed = slices::member(text, "hits").unwrap_or(text);
    let mut open: Vec<(&str, usize)> = if listed.starts_with('[') {
        slices::elements(listed).map(|item| (item, 0)).collect()
    } else {
        vec![(listed, 0)]
    };
    open.reverse();
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut deeper = false;
    while let Some((object, depth)) = open.pop() {
        match serde_json::from_str::<Item<'_>>(object) {
            Ok(item) => items.push(item),
            Err(error) => posts.warn(format!("an item is broken: {error}")),
        }
        if let Some(children) = slices::member(object, "children") {
            if depth >= DEPTH {
                deeper = true;
                continue;
            }
            let first = open.len();
            open.extend(slices::elements(children).map(|child| (child, depth + 1)));
            open.get_mut(first..).unwrap_or_default().reverse();
        }
    }
    if deeper {
        posts.warn(format!("answers more than {DEPTH} deep were not read"));
    }
    place(&items, posts);
}

/// Puts items into their stories.
fn place(items: &[Item<'_>], posts: &mut Posts) {
    let above: HashMap<&str, &str> = items
        .iter()
        .filter_map(|item| Some((id(item)?, parent(item)?)))
        .collect();
    let mut lost = 0_usize;
    for item in items {
        let Some(id) = id(item) else { continue };
        if matches!(item.kind.get(), Some("pollopt")) {
            continue;
        }
        let is_story = parent(item).is_none() && item.title.get().is_some();
        if is_story {
            posts.push(PLATFORM, id, story(item, id));
            continue;
        }
        let Some(parent) = parent(item) else {
            // A deleted item of Firebase says nothing but that.
            continue;
        };
        let story = match item.story_id.get() {
            Some(story) => Some(story),
            None => root(&above, items, id),
        };
        match story {
            Some(story) => posts.push(PLATFORM, story, comment(item, id, parent, story)),
            None => lost += 1,
        }
    }
    if lost > 0 {
        posts.warn(format!(
            "{lost} comments do not say under which story they stand"
        ));
    }
}

/// The story above a comment, where the items between are held.
fn root<'m>(above: &HashMap<&str, &'m str>, items: &[Item<'_>], of: &str) -> Option<&'m str> {
    let mut at: &'m str = above.get(of)?;
    // More steps than items go in a circle.
    for _ in 0..=items.len() {
        match above.get(at) {
            Some(next) => at = next,
            None => break,
        }
    }
    items
        .iter()
        .any(|item| id(item) == Some(at) && parent(item).is_none())
        .then_some(at)
}

fn id<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    item.id
        .get()
        .or_else(|| item.object_id.get())
        .filter(|id| id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit()))
}

fn parent<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    item.parent_id.get().or_else(|| item.parent.get())
}

fn url(id: &str) -> String {
    format!("https://news.ycombinator.com/item?id={id}")
}

fn story(item: &Item<'_>, id: &str) -> Part {
    let text = item.text.get().or_else(|| item.story_text.get());
    let text = body::plain(text.unwrap_or_default());
    let title = nfc(fold(&entities::decode(
        item.title.get().unwrap_or_default(),
    )));
    let mut head = thread_head(title, url(id));
    head.site_name = Some("Hacker News".to_owned());
    head.language = language_of(&head.title, &text);
    head.answers = item
        .descendants
        .count()
        .or_else(|| item.num_comments.count())
        .or_else(|| item.comments.count());
    Part {
        head: Some(head),
        deleted: is_gone(item),
        permalink: Some(url(id)),
        text,
        post: post(item),
        ..empty(id.to_owned())
    }
}

fn comment(item: &Item<'_>, id: &str, parent: &str, story: &str) -> Part {
    let said = item.text.get().or_else(|| item.comment_text.get());
    Part {
        parent: (parent != story).then(|| parent.to_owned()),
        // Algolia keeps an item without text and author where one was deleted.
        deleted: is_gone(item) || said.is_none(),
        permalink: Some(url(id)),
        text: without_quotes(&body::plain(said.unwrap_or_default())),
        post: post(item),
        ..empty(id.to_owned())
    }
}

/// Readers there quote by a `>` at the beginning of a paragraph, as in a letter.
fn without_quotes(text: &str) -> String {
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('>'))
        .collect();
    kept.join("\n")
}

fn is_gone(item: &Item<'_>) -> bool {
    item.deleted.is_true() || item.dead.is_true()
}

fn post(item: &Item<'_>) -> Post {
    let author = [&item.author, &item.by, &item.submitter];
    let time = [&item.created_at_i, &item.time, &item.created_at, &item.dt];
    Post {
        author: author.iter().find_map(|name| name.get()).map(str::to_owned),
        time: time.iter().find_map(|time| time.get().and_then(moment)),
        score: item.points.votes().or_else(|| item.score.votes()),
        accepted: false,
        depth: 0,
    }
}
