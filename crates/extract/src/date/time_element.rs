//! Dates in `time` elements.

use model::document::Evidence;
use model::time::PartialDate;

use super::{Context, written};
use crate::html::dom::{PageNode, attr, name, short_text};

/// More different days in the main part of a page than this make it a list, whose first entry's
/// date is not its own.
const MOST_DAYS: usize = 3;
/// Unless it stands beside the first heading: so many elements before or behind it.
const BEFORE: usize = 15;
const BEHIND: usize = 30;

/// What class names say of a `time` element or what is around it.
#[derive(PartialEq)]
enum Role {
    Published,
    Modified,
    Open,
    Foreign,
}

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    let times = read(context);
    let named = times.iter().find(|(_, role, _)| *role == Role::Published);
    if let Some((date, ..)) = named {
        return Some((*date, Evidence::Time));
    }
    let open: Vec<(PartialDate, usize)> = times
        .iter()
        .filter(|(_, role, _)| *role == Role::Open)
        .map(|(date, _, order)| (*date, *order))
        .collect();
    let mut days: Vec<i64> = open.iter().map(|(date, _)| date.first_day()).collect();
    days.sort_unstable();
    days.dedup();
    if days.len() > MOST_DAYS {
        let heading = context.page.noted.first_headings.first()?.0;
        return open
            .iter()
            .find(|(_, order)| order + BEFORE >= heading && *order <= heading + BEHIND)
            .map(|(date, _)| (*date, Evidence::Time));
    }
    open.first().map(|(date, _)| (*date, Evidence::Time))
}

pub(super) fn modified(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    read(context)
        .into_iter()
        .find(|(_, role, _)| *role == Role::Modified)
        .map(|(date, ..)| (date, Evidence::Time))
}

fn read(context: &Context<'_>) -> Vec<(PartialDate, Role, usize)> {
    let page = context.page;
    page.noted
        .times
        .iter()
        .take(300)
        .filter_map(|(order, id)| {
            let node = page.node(*id)?;
            let stamp = attr(node, "datetime").or_else(|| attr(node, "content"));
            let date = stamp
                .and_then(|stamp| written::stamp(stamp, context.month_first))
                .or_else(|| written::stamp(&short_text(node), context.month_first))?;
            // A clock time, or a year alone, dates no page.
            date.day()?;
            super::possible(date, context.captured).then(|| (date, role(node), *order))
        })
        .collect()
}

fn role(node: PageNode<'_>) -> Role {
    let mut role = Role::Open;
    for (distance, ancestor) in std::iter::once(node)
        .chain(node.ancestors())
        .take(64)
        .enumerate()
    {
        if matches!(name(ancestor), "aside" | "nav" | "footer") {
            return Role::Foreign;
        }
        let words = [
            attr(ancestor, "class").unwrap_or_default(),
            attr(ancestor, "id").unwrap_or_default(),
            attr(ancestor, "itemprop").unwrap_or_default(),
        ]
        .join(" ")
        .to_ascii_lowercase();
        if words.len() > 1_000 || matches!(name(ancestor), "body" | "html") {
            continue;
        }
        if [
            "comment",
            "related",
            "sidebar",
            "widget",
            "teaser",
            "recommend",
            "more-",
        ]
        .iter()
        .any(|word| words.contains(word))
        {
            return Role::Foreign;
        }
        if distance <= 1 && role == Role::Open {
            if ["modif", "updat"].iter().any(|word| words.contains(word)) {
                role = Role::Modified;
            } else if ["publi", "entry-date", "post-date", "created"]
                .iter()
                .any(|word| words.contains(word))
                || attr(ancestor, "pubdate").is_some()
            {
                role = Role::Published;
            }
        }
    }
    role
}
