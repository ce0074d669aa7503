//! Forums by their software: XenForo, phpBB, vBulletin, Invision Community, MyBB.

use std::sync::LazyLock;

use model::time::UnixSeconds;
use regex::Regex;
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
        // Invision Community 4.
        Software {
            post: selector("article[id^='elComment_']"),
            id_prefix: "elComment_",
            author: selector(
                ".cAuthorPane_author, .ipsComment_author strong, .ipsComment_author a",
            ),
            content: selector("[data-role='commentContent']"),
            anchor: "#comment-",
        },
        // MyBB 1.8.
        Software {
            post: selector("div.post[id^='post_']"),
            id_prefix: "post_",
            author: selector(".author_information .largetext"),
            content: selector(".post_body"),
            anchor: "#pid",
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
/// Where phpBB, vBulletin and MyBB write the time out.
static WRITTEN: LazyLock<Selector> =
    LazyLock::new(|| selector("p.author, .postdate, .post_date, td.thead"));

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

/// The first time of a post that does not stand in its text; else what older versions write out.
fn time(post: ElementRef<'_>, content: PageNode<'_>) -> Option<UnixSeconds> {
    let outside = |node: PageNode<'_>| !node.ancestors().any(|above| above.id() == content.id());
    post.select(&TIME)
        .filter(|time| outside(**time))
        .find_map(|time| lenient::moment(attr(*time, "datetime")?))
        .or_else(|| {
            let line = post.select(&WRITTEN).next()?;
            written(&some_text(*line)?)
        })
}

/// `by ada » Tue Aug 27, 2019 4:08 am`, `01-26-2024, 04:05 PM`, `2019-02-24, 02:31 AM`: the clock of
/// the forum, of which no zone is said; taken as UTC.
fn written(line: &str) -> Option<UnixSeconds> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)(?:(?<month>[A-Z][a-z]{2})\ (?<day>\d{1,2}),\ (?<year>\d{4})
            | (?<m>\d{2})-(?<d>\d{2})-(?<y>\d{4}) | (?<iso>\d{4}-\d{2}-\d{2}))
            ,?\ (?<hour>\d{1,2}):(?<minute>\d{2})\ (?<half>[APap])[Mm]",
        )
        .expect("a constant pattern")
    });
    let found = FORM.captures(line)?;
    let part = |name: &str| found.name(name).map(|part| part.as_str());
    let day = match (part("iso"), part("year"), part("y")) {
        (Some(iso), ..) => iso.to_owned(),
        (_, Some(year), _) => {
            let month = MONTHS
                .iter()
                .position(|name| Some(*name) == part("month"))?
                + 1;
            format!("{year}-{month:02}-{:0>2}", part("day")?)
        }
        (.., year) => format!("{}-{}-{}", year?, part("m")?, part("d")?),
    };
    let hour: u8 = part("hour")?.parse().ok()?;
    let afternoon = part("half")?.eq_ignore_ascii_case("p");
    let hour = hour % 12 + if afternoon { 12 } else { 0 };
    lenient::moment(&format!("{day}T{hour:02}:{}:00Z", part("minute")?))
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        assert_eq!(
            written(line).map(|time| time.to_string()).as_deref(),
            expected
        );
    }

    #[test]
    fn times_are_written_in_many_ways() {
        check(
            "by ada » Tue Aug 27, 2019 4:08 am",
            Some("2019-08-27T04:08:00Z"),
        );
        check("01-26-2024, 12:05 PM", Some("2024-01-26T12:05:00Z"));
        check("2019-02-24, 12:31 AM #2", Some("2019-02-24T00:31:00Z"));
        check("Yesterday, 04:05 PM", None);
        check("99-99-2024, 04:05 PM", None);
    }
}
