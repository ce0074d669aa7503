//! Threads that a page declares in schema.org's words: `DiscussionForumPosting` with its
//! comments, `QAPage` with its answers.

use std::collections::HashSet;

use super::address::Place;
use super::{Found, Seen};
use crate::html::structured::{Item, StructuredData, Value};
use crate::thread::{body, lenient};

const ANSWERS: &[&str] = &["acceptedAnswer", "suggestedAnswer", "comment"];
/// Answers below answers below …
const DEPTH: usize = 30;

/// The posts that a page declares.
pub(super) fn find(data: &StructuredData, place: &Place) -> Option<Found> {
    let opening = data
        .of_types(&["DiscussionForumPosting", "Question"])
        .filter(|item| stands_for_the_page(data, item))
        .max_by_key(|item| answers(item).count())?;
    let mut posts = vec![seen(data, opening, "0".to_owned(), None, place)];
    let mut open: Vec<(usize, Option<String>, bool, usize)> = answers(opening)
        .map(|(index, accepted)| (index, None, accepted, 1))
        .collect();
    open.reverse();
    let mut names: HashSet<String> = HashSet::new();
    while let Some((index, parent, accepted, depth)) = open.pop() {
        let Some(item) = data.get(index) else {
            continue;
        };
        if depth > DEPTH || posts.len() > super::MOST_POSTS {
            break;
        }
        let named = item.id.as_deref().or_else(|| item.text("url"));
        // Some sites give all answers the address of the question.
        let id = match named.filter(|id| names.insert((*id).to_owned())) {
            Some(id) => id.to_owned(),
            None => posts.len().to_string(),
        };
        let post = seen(data, item, id.clone(), parent, place);
        if post.text.is_empty() {
            continue;
        }
        posts.push(Seen { accepted, ..post });
        let first = open.len();
        open.extend(answers(item).map(|(index, _)| (index, Some(id.clone()), false, depth + 1)));
        open.get_mut(first..).unwrap_or_default().reverse();
    }
    // An opening post alone is a page with one text.
    (posts.len() >= 2).then(|| Found {
        platform: format!("forum:{}", place.host()),
        id: place.id(),
        url: place.url.clone(),
        forum: None,
        opens: place.is_first,
        posts: if place.is_first {
            posts
        } else {
            posts.into_iter().skip(1).collect()
        },
    })
}

/// Whether an item is what the page is about. A list of questions that a site answers itself
/// (`FAQPage`) is no discussion.
fn stands_for_the_page(data: &StructuredData, item: &Item) -> bool {
    let Some((parent, property)) = &item.within else {
        return item.is(&["DiscussionForumPosting"]);
    };
    let parent = data.get(*parent);
    property == "mainEntity" && parent.is_some_and(|parent| !parent.is(&["FAQPage"]))
}

fn answers(item: &Item) -> impl Iterator<Item = (usize, bool)> + '_ {
    ANSWERS.iter().flat_map(move |name| {
        item.values(name).filter_map(move |value| match value {
            Value::Item(index) => Some((*index, *name == "acceptedAnswer")),
            _ => None,
        })
    })
}

fn seen(
    data: &StructuredData,
    item: &Item,
    id: String,
    parent: Option<String>,
    place: &Place,
) -> Seen {
    let text = item
        .text("text")
        .or_else(|| item.text("articleBody"))
        .unwrap_or_default();
    let absolute = |url: &str| url::Url::parse(&place.url).ok()?.join(url).ok();
    let votes = item
        .text("upvoteCount")
        .and_then(|votes| votes.parse().ok());
    Seen {
        id,
        parent,
        author: data
            .names(item, "author")
            .first()
            .map(|name| (*name).to_owned()),
        time: item
            .text("datePublished")
            .or_else(|| item.text("dateCreated"))
            .and_then(lenient::moment),
        score: votes,
        accepted: false,
        // Some sites put HTML into it.
        text: if text.contains("</") || text.contains("<br") {
            body::plain(text)
        } else {
            text.to_owned()
        },
        permalink: item
            .text("url")
            .or(item.id.as_deref())
            .and_then(absolute)
            .map(String::from),
    }
}
