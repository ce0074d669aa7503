//! Discourse: topics as its API and its pages give them, a stretch of posts each.
//!
//! Posts are named by their number in the topic, so that stretches which overlap, and the pages
//! that people see, give one thread.

use model::address::Host;
use model::document::Post;
use model::part::Part;
use model::record::Record;
use serde::Deserialize;

use super::lenient::{Number, Text, mended, moment};
use super::{Posts, body, empty, entities, language_of, slices, thread_head};
use crate::text::{fold, nfc};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Topic<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    slug: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
    posts_count: Number,
    #[serde(borrow)]
    category_name: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TopicPost<'a> {
    #[serde(borrow)]
    username: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    cooked: Text<'a>,
    #[serde(borrow)]
    deleted_at: Text<'a>,
    #[serde(borrow)]
    topic_id: Text<'a>,
    #[serde(borrow)]
    topic_slug: Text<'a>,
    #[serde(borrow)]
    topic_title: Text<'a>,
    post_number: Number,
    post_type: Number,
    reply_to_post_number: Number,
    posts_count: Number,
    user_deleted: Number,
    hidden: Number,
    accepted_answer: Number,
}

/// What people wrote; others say that a topic was closed, or are seen by few.
const REGULAR: i64 = 1;
/// How Discourse numbers likes among what can be done to a post.
const LIKE: i64 = 2;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Done {
    id: Number,
    count: Number,
}

/// Whether an object with these keys is of Discourse.
pub(super) fn is_known(keys: &[&str]) -> bool {
    let has = |name: &str| keys.contains(&name);
    has("post_stream") || has("latest_posts") || (has("cooked") && has("topic_id"))
}

/// Reads a topic, a list of topics, or a list of posts.
pub(super) fn read(text: &str, record: &Record, posts: &mut Posts) {
    let host = host(text, record);
    if text.starts_with('[') {
        for element in slices::elements(text) {
            topic(element, &host, posts);
        }
    } else if let Some(latest) = slices::member(text, "latest_posts") {
        for element in slices::elements(latest) {
            topic(element, &host, posts);
        }
    } else {
        topic(text, &host, posts);
    }
}

/// Reads a topic of a known host.
pub(crate) fn topic(text: &str, host: &str, posts: &mut Posts) {
    let mended = mended(text);
    let text = mended.as_deref().unwrap_or(text);
    let topic: Topic<'_> = serde_json::from_str(text).unwrap_or_default();
    let answer = slices::member(text, "accepted_answer")
        .and_then(|answer| slices::member(answer, "post_number"))
        .and_then(|number| serde_json::from_str::<Number>(number).ok())
        .and_then(Number::whole);
    let listed =
        slices::member(text, "post_stream").and_then(|stream| slices::member(stream, "posts"));
    let listed: Vec<&str> = match listed {
        Some(listed) => slices::elements(listed).collect(),
        // A post alone.
        None => vec![text],
    };
    for post in listed {
        match serde_json::from_str::<TopicPost<'_>>(post) {
            Ok(said) => push(&said, &topic, answer, likes(post), host, posts),
            Err(error) => posts.warn(format!("a post is broken: {error}")),
        }
    }
}

fn push(
    said: &TopicPost<'_>,
    topic: &Topic<'_>,
    answer: Option<i64>,
    likes: Option<i32>,
    host: &str,
    posts: &mut Posts,
) {
    let Some(number) = said.post_number.whole().filter(|number| *number > 0) else {
        return;
    };
    // The `id` of what has a `topic_id` is that of the post.
    let Some(thread) = said.topic_id.get().or_else(|| topic.id.get()) else {
        return;
    };
    if said.post_type.whole().is_some_and(|kind| kind != REGULAR) {
        return;
    }
    let slug = said
        .topic_slug
        .get()
        .or_else(|| topic.slug.get())
        .unwrap_or("-");
    let url = format!("https://{host}/t/{slug}/{thread}");
    let deleted =
        said.deleted_at.get().is_some() || said.user_deleted.is_true() || said.hidden.is_true();
    let text = body::plain(said.cooked.get().unwrap_or_default());
    let head = (number == 1).then(|| {
        let title = said.topic_title.get().or_else(|| topic.title.get());
        let title = match title {
            Some(title) => nfc(fold(&entities::decode(title))),
            // Stretches of posts come without a title.
            None => slug.replace('-', " ").trim().to_owned(),
        };
        let mut head = thread_head(title, url.clone());
        head.forum = topic.category_name.get().map(fold);
        head.language = language_of(&head.title, &text);
        head.accepted = answer.map(|number| number.to_string());
        let count = topic
            .posts_count
            .count()
            .or_else(|| said.posts_count.count());
        head.answers = count.map(|posts| posts.saturating_sub(1));
        head
    });
    let parent = said.reply_to_post_number.whole().filter(|to| *to > 1);
    let part = Part {
        parent: parent.map(|number| number.to_string()),
        head,
        text,
        deleted,
        permalink: Some(format!("{url}/{number}")),
        post: Post {
            author: said.username.get().map(str::to_owned),
            time: said.created_at.get().and_then(moment),
            score: likes,
            accepted: said.accepted_answer.is_true(),
            depth: 0,
        },
        ..empty(number.to_string())
    };
    posts.push(&format!("discourse:{host}"), thread, part);
}

/// How many liked it. What Discourse calls score counts reads as well.
fn likes(post: &str) -> Option<i32> {
    let done = slices::member(post, "actions_summary")?;
    slices::elements(done)
        .filter_map(|action| serde_json::from_str::<Done>(action).ok())
        .find(|action| action.id.whole() == Some(LIKE))
        .and_then(|action| action.count.votes())
        .or(Some(0))
}

/// The host of the forum: of the address that the topic names, of the record where that is a
/// topic's, of the pictures of its members, of its links to itself; else `unknown`.
fn host(text: &str, record: &Record) -> String {
    let first = slices::elements(text).next().unwrap_or(text);
    let named = slices::member(first, "url")
        .and_then(|url| serde_json::from_str::<String>(url).ok())
        .filter(|url| url.starts_with("http") && url.contains("/t/"));
    if let Some(url) = named {
        return Host::of(&url).0;
    }
    let path = url::Url::parse(&record.url).ok();
    if let Some(url) = path.filter(|url| matches!(url.scheme(), "http" | "https")) {
        let path = url.path();
        if path.starts_with("/t/") || path.contains("/t/") || path.contains("/posts") {
            return Host::of(url.as_str()).0;
        }
    }
    // `/user_avatar/forum.example/ada/{size}/1_2.png`.
    let of_picture = text
        .split_once("/user_avatar/")
        .and_then(|(_, behind)| behind.split('/').next())
        .filter(|host| is_host(host));
    if let Some(host) = of_picture {
        return host.to_ascii_lowercase();
    }
    let of_link = text.split("https://").skip(1).find_map(|behind| {
        let (host, path) = behind.split_once('/')?;
        (path.starts_with("t/") && is_host(host)).then(|| host.to_ascii_lowercase())
    });
    of_link.unwrap_or_else(|| "unknown".to_owned())
}

fn is_host(text: &str) -> bool {
    text.contains('.')
        && text.len() <= 253
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}
