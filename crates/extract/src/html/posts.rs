//! Posts that a forum's page carries as data for its own script: Discourse writes its first
//! twenty into an attribute, and shows nothing without scripts.

use model::address::Host;
use model::document::{Locator, Passage, Post};
use scraper::Html;
use serde::Deserialize;

use super::dom::{Page, attr};
use super::{blocks, passages};
use crate::thread::{Posts, body, discourse as topics};

/// Data longer than this is not read (bytes).
const DATA_BYTES: usize = 8 * 1024 * 1024;
const MOST_POSTS: usize = 1_000;

#[derive(Deserialize)]
struct Topic {
    post_stream: Stream,
}

#[derive(Deserialize)]
struct Stream {
    #[serde(default)]
    posts: Vec<TopicPost>,
}

#[derive(Deserialize)]
struct TopicPost {
    #[serde(default)]
    cooked: String,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    post_number: Option<u32>,
    #[serde(default)]
    accepted_answer: bool,
}

/// The topic that a page of Discourse carries, as JSON.
fn carried(page: &Page) -> Option<String> {
    let node = page.noted.preloaded.and_then(|id| page.node(id))?;
    let data = attr(node, "data-preloaded").unwrap_or_default();
    if data.len() > DATA_BYTES {
        return None;
    }
    // A map from names to JSON in text.
    let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(data).ok()?;
    map.into_iter()
        .filter(|(name, _)| name.starts_with("topic_"))
        .find_map(|(_, value)| match value {
            serde_json::Value::String(topic) => Some(topic),
            _ => None,
        })
}

/// Takes the posts of a Discourse topic as parts of their thread; says whether there are any.
pub(crate) fn topic(page: &Page, posts: &mut Posts) -> bool {
    let (Some(topic), Some(url)) = (carried(page), page.url.as_ref()) else {
        return false;
    };
    topics::topic(&topic, Host::of(url.as_str()).bare(), posts);
    posts.any()
}

/// The blocks of a post, without what it quotes.
fn blocks_of(cooked: &str) -> Vec<blocks::Block> {
    let tree = Html::parse_fragment(cooked);
    blocks::of(tree.tree.root(), body::is_quoted)
}

/// The posts of a Discourse topic, in their order; empty for other pages.
pub(crate) fn discourse(page: &Page) -> Vec<Passage> {
    let topic = carried(page).and_then(|topic| serde_json::from_str::<Topic>(&topic).ok());
    let Some(topic) = topic else {
        return Vec::new();
    };
    let base = page.url.as_ref().map(|url| {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        // `/t/slug/931828/5` shows the fifth post of the topic.
        let path: Vec<&str> = url.path().trim_end_matches('/').split('/').collect();
        let kept = path.get(..4).unwrap_or(&path).join("/");
        url.set_path(&kept);
        url.to_string()
    });
    let mut found = Vec::new();
    for post in topic.post_stream.posts.into_iter().take(MOST_POSTS) {
        let details = Post {
            author: post.username,
            time: post.created_at.and_then(|time| time.parse().ok()),
            score: None,
            accepted: post.accepted_answer,
            depth: 0,
        };
        let locator = match (&base, post.post_number) {
            (Some(base), Some(number)) if number > 1 => {
                Locator::Comment(format!("{base}/{number}"))
            }
            _ => Locator::Top,
        };
        for passage in passages::of(blocks_of(&post.cooked)) {
            found.push(Passage {
                heading: None,
                locator: locator.clone(),
                post: Some(details.clone()),
                ..passage
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_of_a_topic() {
        let topic = serde_json::json!({"post_stream":{"posts":[
            {"cooked":"<p>How deep is <b>the port</b>?</p>","username":"ada","post_number":1,
             "created_at":"2025-06-02T10:00:00.000Z"},
            {"cooked":"<p>Nine fathoms.</p>","username":"ben","post_number":2,"accepted_answer":true}]}});
        let data = serde_json::json!({"site":"{}","topic_7":topic.to_string()}).to_string();
        let html = format!(
            "<div id=data-preloaded data-preloaded=\"{}\"></div>",
            data.replace('&', "&amp;").replace('"', "&quot;")
        );
        let page = Page::parse(&html, "https://forum.example/t/port/7/2?u=x");
        let found = discourse(&page);
        assert_eq!(found[0].text, "How deep is the port?");
        assert_eq!(found[1].text, "Nine fathoms.");
        assert_eq!(
            found[1].locator,
            Locator::Comment("https://forum.example/t/port/7/2".into())
        );
        assert!(found[1].post.as_ref().unwrap().accepted);
    }
}
