//! Reddit: dumps of submissions and comments (Pushshift, Arctic Shift), answers of its API, the
//! shape of the scraper URS.
//!
//! Posts are named as Reddit names them in full (`t3_…` submissions, `t1_…` comments), as one
//! number may name one of each.

use std::borrow::Cow;

use model::document::Post;
use model::part::Part;
use serde::Deserialize;

use super::lenient::{Number, Text, mended, moment};
use super::{Posts, bots, empty, entities, lossy, markdown, slices, thread_head};
use crate::text::{fold, nfc};

const PLATFORM: &str = "reddit";
const SITE: &str = "https://www.reddit.com";
/// Answers below answers below …; Reddit itself shows ten.
const DEPTH: usize = 200;

/// A submission or comment, whatever wrote it down.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    selftext: Text<'a>,
    #[serde(borrow)]
    body: Text<'a>,
    #[serde(borrow)]
    author: Text<'a>,
    #[serde(borrow)]
    subreddit: Text<'a>,
    #[serde(borrow)]
    permalink: Text<'a>,
    #[serde(borrow)]
    full_link: Text<'a>,
    #[serde(borrow)]
    link_id: Text<'a>,
    #[serde(borrow)]
    parent_id: Text<'a>,
    #[serde(borrow)]
    created_utc: Text<'a>,
    score: Number,
    num_comments: Number,
}

/// Whether an object with these keys is of Reddit.
pub(super) fn is_known(keys: &[&str]) -> bool {
    let has = |name: &str| keys.contains(&name);
    (has("kind") && has("data"))
        || has("scrape_settings")
        || (has("data") && keys.len() == 1)
        || has("subreddit")
        || (has("link_id") && has("body"))
}

/// Reads a block of lines; says whether any of them is of Reddit.
pub(super) fn lines(bytes: &[u8], posts: &mut Posts) -> bool {
    let (mut said, mut broken, mut others) = (0_usize, 0_usize, 0_usize);
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match post_of(line, posts) {
            Ok(true) => said += 1,
            Ok(false) => others += 1,
            Err(error) => {
                broken += 1;
                posts.warn(format!(
                    "line {} of the block is broken: {error}",
                    index + 1
                ));
            }
        }
    }
    if others > 0 && said > 0 {
        posts.warn(format!("{others} lines are neither submission nor comment"));
    }
    posts.tell_languages();
    said > 0 || (broken > 0 && others == 0)
}

/// Reads one line: whether it is a post.
fn post_of(line: &[u8], posts: &mut Posts) -> Result<bool, serde_json::Error> {
    match serde_json::from_slice::<Said<'_>>(line) {
        Ok(said) => Ok(push(&said, None, posts).is_some()),
        Err(error) => {
            // Bytes that are no UTF-8 and halves of characters are the usual damage.
            let text = lossy(line);
            let mended = mended(&text).map_or(text, Cow::Owned);
            match serde_json::from_str::<Said<'_>>(&mended) {
                Ok(said) => Ok(push(&said, None, posts).is_some()),
                Err(_) => Err(error),
            }
        }
    }
}

/// Reads an answer of the API (a listing, or a submission's listing with that of its comments),
/// a list of posts, or what URS wrote.
pub(super) fn read(text: &str, posts: &mut Posts) {
    let mut open: Vec<(&str, usize)> = Vec::new();
    if text.starts_with('[') {
        open.extend(slices::elements(text).map(|element| (element, 0)));
    } else {
        open.push((text, 0));
    }
    open.reverse();
    let mut thread: Option<String> = None;
    let mut deeper = 0_usize;
    while let Some((object, depth)) = open.pop() {
        let (mut kind, mut data, mut replies) = ("", None, None);
        for (key, value) in slices::members(object) {
            match key {
                "kind" => kind = value,
                "data" => data = Some(value),
                "replies" | "children" | "comments" => replies = Some(value),
                _ => {}
            }
        }
        let first = open.len();
        // `"kind": "link"` is a member of some scrapers' submissions; what is wrapped has data.
        if let Some(data) = data {
            match kind {
                // Names of comments that were not given.
                "\"more\"" => {}
                "\"t1\"" | "\"t3\"" => open.push((data, depth)),
                _ if data.starts_with('[') => {
                    open.extend(slices::elements(data).map(|element| (element, depth)));
                }
                _ => {
                    open.extend(slices::member(data, "submission_metadata").map(|m| (m, depth)));
                    open.push((data, depth));
                }
            }
            open.get_mut(first..).unwrap_or_default().reverse();
            continue;
        }
        let mended = mended(object);
        match serde_json::from_str::<Said<'_>>(mended.as_deref().unwrap_or(object)) {
            Ok(said) => {
                if let Some(link) = push(&said, thread.as_deref(), posts) {
                    thread = Some(link);
                }
            }
            Err(error) => posts.warn(format!("a post is broken: {error}")),
        }
        if let Some(replies) = replies {
            if depth >= DEPTH {
                deeper += 1;
                continue;
            }
            if replies.starts_with('[') {
                open.extend(slices::elements(replies).map(|reply| (reply, depth + 1)));
            } else if replies.starts_with('{') {
                open.push((replies, depth + 1));
            }
            open.get_mut(first..).unwrap_or_default().reverse();
        }
    }
    if deeper > 0 {
        posts.warn(format!("answers more than {DEPTH} deep were not read"));
    }
    posts.tell_languages();
}

/// Takes a post; gives the thread's id. `None` for what is no post, or of no thread.
fn push(said: &Said<'_>, thread: Option<&str>, posts: &mut Posts) -> Option<String> {
    let id = said
        .id
        .get()
        .or_else(|| said.name.get())
        .map(bare)
        .filter(|id| is_id(id))?;
    if said.body.0.is_some() || said.link_id.0.is_some() {
        let link = said
            .link_id
            .get()
            .map(bare)
            .or(thread)
            .filter(|link| is_id(link))?
            .to_owned();
        posts.push(PLATFORM, &link, comment(said, id, &link));
        return Some(link);
    }
    said.title.0.as_ref()?;
    posts.push(PLATFORM, id, submission(said, id));
    Some(id.to_owned())
}

fn submission(said: &Said<'_>, id: &str) -> Part {
    let subreddit = said.subreddit.get().or_else(|| subreddit_of(said));
    let url = address(said).unwrap_or_else(|| match subreddit {
        Some(name) => format!("{SITE}/r/{name}/comments/{id}/"),
        None => format!("{SITE}/comments/{id}/"),
    });
    let title = nfc(fold(&entities::decode(
        said.title.get().unwrap_or_default(),
    )));
    let body = said.selftext.get().unwrap_or_default();
    let author = author(said);
    let end = bots::without_foot(author, body);
    let text = markdown::plain(body.get(..end).unwrap_or(body));
    let mut head = thread_head(title, url.clone());
    head.forum = subreddit.map(|name| {
        // Profiles have boards of their own: `u_ada`.
        match name.strip_prefix("u_") {
            Some(user) => format!("u/{user}"),
            None => format!("r/{name}"),
        }
    });
    head.site_name = is_reddit(&url).then(|| "Reddit".to_owned());
    head.answers = said.num_comments.count();
    let deleted = is_deleted(body);
    Part {
        head: Some(head),
        deleted,
        permalink: Some(url),
        text,
        post: post(said),
        ..empty(format!("t3_{id}"))
    }
}

fn comment(said: &Said<'_>, id: &str, link: &str) -> Part {
    let body = said.body.get().unwrap_or_default();
    let deleted = is_deleted(body) || said.body.0.is_none();
    let text = if deleted || bots::is_boilerplate(author(said), body) {
        String::new()
    } else {
        let end = bots::without_foot(None, body);
        let said = markdown::plain(body.get(..end).unwrap_or(body));
        // Nothing but a quotation is a joke in that form, or what somebody wanted to show.
        if said.is_empty() {
            markdown::unquoted(body)
        } else {
            said
        }
    };
    let permalink = address(said).unwrap_or_else(|| match said.subreddit.get() {
        Some(name) => format!("{SITE}/r/{name}/comments/{link}/_/{id}/"),
        None => format!("{SITE}/comments/{link}/_/{id}/"),
    });
    Part {
        parent: parent(said),
        deleted,
        permalink: Some(permalink),
        text,
        post: post(said),
        ..empty(format!("t1_{id}"))
    }
}

fn post(said: &Said<'_>) -> Post {
    Post {
        author: author(said).map(str::to_owned),
        time: said.created_utc.get().and_then(moment),
        score: said.score.votes(),
        accepted: false,
        depth: 0,
    }
}

fn author<'s>(said: &'s Said<'_>) -> Option<&'s str> {
    said.author
        .get()
        .map(|name| name.strip_prefix("u/").unwrap_or(name))
        .filter(|name| !matches!(*name, "[deleted]" | "[removed]"))
}

/// The comment that is answered; `None` where that is the submission. Pushshift wrote the number
/// behind the name in decimal for some years.
fn parent(said: &Said<'_>) -> Option<String> {
    let name = said.parent_id.get()?;
    if let Some(id) = name.strip_prefix("t1_") {
        return is_id(id).then(|| name.to_owned());
    }
    if name.starts_with("t3_") {
        return None;
    }
    let number: u64 = name.parse().ok()?;
    Some(format!("t1_{}", base36(number)))
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.extend(char::from_digit((number % 36) as u32, 36));
        number /= 36;
        if number == 0 {
            break;
        }
    }
    digits.iter().rev().collect()
}

/// Where it stands on the web, as the dump has it: whole, or below Reddit.
fn address(said: &Said<'_>) -> Option<String> {
    let link = said.full_link.get().or_else(|| said.permalink.get())?;
    if link.starts_with('/') && !link.starts_with("//") {
        return Some(format!("{SITE}{link}"));
    }
    (link.starts_with("https://") || link.starts_with("http://")).then(|| link.to_owned())
}

fn subreddit_of<'s>(said: &'s Said<'_>) -> Option<&'s str> {
    let link = said.permalink.get().or_else(|| said.full_link.get())?;
    let (_, behind) = link.split_once("/r/")?;
    behind.split('/').next().filter(|name| !name.is_empty())
}

fn is_reddit(url: &str) -> bool {
    model::address::Host::of(url).site() == "reddit.com"
}

/// `t3_n1fjd1` → `n1fjd1`.
fn bare(name: &str) -> &str {
    match name.split_once('_') {
        Some((kind, id)) if kind.len() == 2 && kind.starts_with('t') => id,
        _ => name,
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether the text is what Reddit puts in the place of one that was taken back.
fn is_deleted(text: &str) -> bool {
    let text = text.trim();
    text.len() < 40
        && text.starts_with('[')
        && matches!(
            text.to_ascii_lowercase().as_str(),
            "[deleted]"
                | "[removed]"
                | "[deleted by user]"
                | "[removed by reddit]"
                | "[ removed by reddit ]"
        )
}
