//! Pages of platforms whose threads come as data too: Stack Exchange, Hacker News, old Reddit,
//! Discourse as it is shown without scripts.

use std::sync::LazyLock;

use scraper::{ElementRef, Selector};

use super::address::Place;
use super::{Found, Seen};
use crate::html::dom::{Page, attr, some_text};
use crate::thread::{body, lenient};

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a constant selector")
}

macro_rules! selectors {
    ($($name:ident = $css:literal;)*) => {
        $(static $name: LazyLock<Selector> = LazyLock::new(|| selector($css));)*
    };
}

selectors! {
    QUESTION = "[data-questionid]";
    ANSWER = ".answer[data-answerid]";
    SE_BODY = ".js-post-body, .post-text";
    SE_AUTHOR = ".post-signature.owner .user-details a, .post-signature:last-of-type .user-details a";
    SE_TIME = ".post-signature.owner .user-action-time [title], .post-signature:last-of-type .user-action-time [title]";
    STORY = ".fatitem .athing[id]";
    HN_COMMENT = "tr.athing.comtr[id]";
    HN_BODY = ".commtext";
    HN_TOP = ".fatitem .toptext";
    HN_USER = ".hnuser";
    HN_AGE = ".age[title]";
    HN_SCORE = ".fatitem .score";
    HN_INDENT = "td.ind";
    LINK = ".thing.link[data-fullname^='t3_']";
    COMMENT = ".thing.comment[data-fullname^='t1_']";
    MD = ".usertext-body .md";
    SCORE = ".score.unvoted[title]";
    ENTRY = ".entry";
    WHEN = "time[datetime]";
    CRAWLED = ".crawler-post[id^='post_']";
    CRAWLED_BODY = ".post[itemprop='text'], .cooked";
    CRAWLED_AUTHOR = "[itemprop='author'] [itemprop='name'], .creator";
    CRAWLED_LIKES = "[itemprop='userInteractionCount']";
}

/// The posts of a page of one of them.
pub(super) fn find(page: &Page, place: &Place) -> Option<Found> {
    let root = ElementRef::wrap(page.root()?)?;
    stack_exchange(root, place)
        .or_else(|| hacker_news(root, place))
        .or_else(|| old_reddit(root, place))
        .or_else(|| discourse(root, place))
}

fn first<'a>(of: ElementRef<'a>, selector: &Selector) -> Option<ElementRef<'a>> {
    of.select(selector).next()
}

fn text_of(of: ElementRef<'_>, selector: &Selector) -> Option<String> {
    some_text(*first(of, selector)?)
}

fn stack_exchange(root: ElementRef<'_>, place: &Place) -> Option<Found> {
    let question = first(root, &QUESTION)?;
    let id = attr(*question, "data-questionid")?;
    let host = place.host();
    let seen = |post: ElementRef<'_>, id: &str, permalink: String| {
        let time = first(post, &SE_TIME).and_then(|time| {
            let written = attr(*time, "title")?;
            lenient::moment(written.split(',').next().unwrap_or(written))
        });
        Some(Seen {
            id: id.to_owned(),
            author: text_of(post, &SE_AUTHOR),
            time,
            score: attr(*post, "data-score").and_then(|score| score.parse().ok()),
            accepted: attr(*post, "class").is_some_and(|class| class.contains("accepted-answer")),
            text: body::below(*first(post, &SE_BODY)?),
            permalink: Some(permalink),
            ..Seen::default()
        })
    };
    let url = format!("https://{host}/questions/{id}");
    let mut posts = vec![seen(question, id, url)?];
    for answer in root.select(&ANSWER) {
        let id = attr(*answer, "data-answerid")?;
        posts.extend(seen(answer, id, format!("https://{host}/a/{id}")));
    }
    Some(Found {
        platform: format!("stackexchange:{host}"),
        id: id.to_owned(),
        url: format!("https://{host}/questions/{id}"),
        forum: Some(host),
        opens: true,
        posts,
    })
}

fn hacker_news(root: ElementRef<'_>, place: &Place) -> Option<Found> {
    if place.host() != "news.ycombinator.com" {
        return None;
    }
    let story = first(root, &STORY)?;
    let id = attr(*story, "id")?.to_owned();
    let link = |id: &str| format!("https://news.ycombinator.com/item?id={id}");
    let head = Seen {
        id: id.clone(),
        author: text_of(root, &HN_USER),
        time: first(root, &HN_AGE).and_then(|age| age_of(age)),
        score: text_of(root, &HN_SCORE).and_then(|score| score.split(' ').next()?.parse().ok()),
        text: first(root, &HN_TOP)
            .map(|top| body::below(*top))
            .unwrap_or_default(),
        permalink: Some(link(&id)),
        ..Seen::default()
    };
    let mut posts = vec![head];
    let mut above: Vec<(u32, String)> = Vec::new();
    for comment in root.select(&HN_COMMENT) {
        let Some(id) = attr(*comment, "id") else {
            continue;
        };
        let indent = first(comment, &HN_INDENT)
            .and_then(|cell| attr(*cell, "indent"))
            .and_then(|indent| indent.parse().ok())
            .unwrap_or(0);
        while above.last().is_some_and(|(depth, _)| *depth >= indent) {
            above.pop();
        }
        let text = first(comment, &HN_BODY).map(|text| body::below(*text));
        posts.push(Seen {
            id: id.to_owned(),
            parent: above.last().map(|(_, id)| id.clone()),
            author: text_of(comment, &HN_USER),
            time: first(comment, &HN_AGE).and_then(|age| age_of(age)),
            text: text.unwrap_or_default(),
            permalink: Some(link(id)),
            ..Seen::default()
        });
        above.push((indent, id.to_owned()));
    }
    Some(Found {
        platform: "hackernews".to_owned(),
        url: link(&id),
        id,
        forum: None,
        opens: true,
        posts,
    })
}

/// `2025-06-02T10:00:00 1748858400`, or the first alone.
fn age_of(age: ElementRef<'_>) -> Option<model::time::UnixSeconds> {
    let title = attr(*age, "title")?;
    lenient::moment(title.split(' ').next().unwrap_or(title))
}

fn old_reddit(root: ElementRef<'_>, place: &Place) -> Option<Found> {
    let mut links = root.select(&LINK);
    let link = links.next()?;
    // A listing has many.
    if links.next().is_some() || !place.url.contains("/comments/") {
        return None;
    }
    let name = attr(*link, "data-fullname")?;
    let address = |of: ElementRef<'_>| {
        attr(*of, "data-permalink").map(|path| format!("https://www.reddit.com{path}"))
    };
    let seen = |post: ElementRef<'_>, name: &str, parent: Option<String>| {
        let entry = first(post, &ENTRY)?;
        // The entry holds the post alone; the answers stand behind it.
        Some(Seen {
            id: name.to_owned(),
            parent,
            author: attr(*post, "data-author").map(str::to_owned),
            time: first(entry, &WHEN).and_then(|time| lenient::moment(attr(*time, "datetime")?)),
            score: attr(*post, "data-score")
                .or_else(|| attr(*first(entry, &SCORE)?, "title"))
                .and_then(|score| score.parse().ok()),
            text: first(entry, &MD)
                .map(|md| body::below(*md))
                .unwrap_or_default(),
            permalink: address(post),
            ..Seen::default()
        })
    };
    let mut opening = seen(link, name, None)?;
    let board = attr(*link, "data-subreddit").map(|name| format!("r/{name}"));
    let id = name.strip_prefix("t3_")?.to_owned();
    let url = address(link).unwrap_or_else(|| format!("https://www.reddit.com/comments/{id}/"));
    // The text of the opening post stands outside the element that holds its title on some pages.
    if opening.text == "[deleted]" || opening.text == "[removed]" {
        opening.text.clear();
    }
    let mut posts = vec![opening];
    for comment in root.select(&COMMENT) {
        let parent = comment
            .ancestors()
            .skip(1)
            .filter_map(|above| attr(above, "data-fullname"))
            .find(|name| name.starts_with("t1_"));
        let Some(name) = attr(*comment, "data-fullname") else {
            continue;
        };
        posts.extend(
            seen(comment, name, parent.map(str::to_owned))
                .filter(|post| post.text != "[deleted]" && post.text != "[removed]"),
        );
    }
    Some(Found {
        platform: "reddit".to_owned(),
        id,
        url,
        forum: board,
        opens: true,
        posts,
    })
}

/// A topic as Discourse shows it to browsers without scripts and to crawlers.
fn discourse(root: ElementRef<'_>, place: &Place) -> Option<Found> {
    let mut posts = Vec::new();
    // `/t/slug/931828`.
    let (base, path) = place.url.split_once("/t/")?;
    let mut steps = path.split(['/', '?']);
    let (slug, id) = (steps.next()?, steps.next()?);
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let url = format!("{base}/t/{slug}/{id}");
    for post in root.select(&CRAWLED) {
        let number = attr(*post, "id")?.strip_prefix("post_")?;
        posts.push(Seen {
            id: number.to_owned(),
            author: text_of(post, &CRAWLED_AUTHOR),
            time: first(post, &WHEN).and_then(|time| lenient::moment(attr(*time, "datetime")?)),
            score: first(post, &CRAWLED_LIKES)
                .and_then(|likes| attr(*likes, "content")?.parse().ok()),
            text: body::below(*first(post, &CRAWLED_BODY)?),
            permalink: Some(format!("{url}/{number}")),
            ..Seen::default()
        });
    }
    Some(Found {
        platform: format!("discourse:{}", place.host()),
        id: id.to_owned(),
        url,
        forum: None,
        opens: posts.first()?.id == "1",
        posts,
    })
}
