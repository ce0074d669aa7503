//! Stack Exchange: rows of `Posts.xml` as the data dump has them, one a line.
//!
//! People there cite sources as much as each other: quotations of an answer stay, but those of its
//! question. Fields: <https://meta.stackexchange.com/questions/2677>. Names of members stand in another
//! file of the dump; only those of members who left stand in the rows.

use std::collections::HashMap;

use model::document::Post;
use model::part::Part;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::lenient::moment;
use super::{Posts, body, empty, entities, language_of, thread_head};
use crate::text::{fold, nfc, squash};

const QUESTION: &str = "1";
const ANSWER: &str = "2";
/// Of a question, to know its words again.
const QUESTION_CHARS: usize = 10_000;

#[derive(Default)]
struct Row {
    id: String,
    kind: String,
    parent: String,
    accepted: String,
    created: String,
    score: String,
    body: String,
    title: String,
    author: String,
    answers: String,
}

/// Reads a block of rows; lines that are none are passed over.
pub(super) fn rows(text: &str, site: &str, posts: &mut Posts) {
    let platform = format!("stackexchange:{site}");
    // What the questions of this block say; of others, quotations cannot be told from citations.
    let mut asked: HashMap<String, String> = HashMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.starts_with("<row") {
            continue;
        }
        let Some(row) = row(line) else {
            posts.warn(format!("row {} of the block is broken", index + 1));
            continue;
        };
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        if !is_id(&row.id) {
            posts.warn(format!("row {} of the block has no id", index + 1));
            continue;
        }
        match row.kind.as_str() {
            QUESTION => {
                let part = question(&row, site);
                asked.insert(row.id.clone(), squash(&part.text, QUESTION_CHARS));
                posts.push(&platform, &row.id, part);
            }
            ANSWER if is_id(&row.parent) => {
                let asked = asked.get(&row.parent).map_or("", String::as_str);
                posts.push(&platform, &row.parent, answer(&row, site, asked));
            }
            ANSWER => posts.warn(format!("row {} answers no question", index + 1)),
            // Descriptions of tags, elections, notices of moderators.
            _ => {}
        }
    }
}

fn row(line: &str) -> Option<Row> {
    let mut reader = Reader::from_str(line);
    let event = reader.read_event().ok()?;
    let (Event::Empty(element) | Event::Start(element)) = event else {
        return None;
    };
    let mut row = Row::default();
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.ok()?;
        let key: &str = attribute.key.as_ref();
        let field = match key {
            "Id" => &mut row.id,
            "PostTypeId" => &mut row.kind,
            "ParentId" => &mut row.parent,
            "AcceptedAnswerId" => &mut row.accepted,
            "CreationDate" => &mut row.created,
            "Score" => &mut row.score,
            "Body" => &mut row.body,
            "Title" => &mut row.title,
            "OwnerDisplayName" => &mut row.author,
            "AnswerCount" => &mut row.answers,
            _ => continue,
        };
        let value: &str = attribute.value.as_ref();
        *field = entities::decode(value).into_owned();
    }
    Some(row)
}

fn question(row: &Row, site: &str) -> Part {
    let url = format!("https://{site}/questions/{}", row.id);
    let text = body::plain(&row.body);
    let mut head = thread_head(nfc(fold(&row.title)), url.clone());
    head.forum = Some(site.to_owned());
    head.language = language_of(&head.title, &text);
    head.accepted = Some(row.accepted.clone()).filter(|id| !id.is_empty());
    head.answers = row.answers.parse().ok();
    Part {
        head: Some(head),
        permalink: Some(url),
        text,
        post: post(row),
        ..empty(row.id.clone())
    }
}

fn answer(row: &Row, site: &str, asked: &str) -> Part {
    Part {
        permalink: Some(format!("https://{site}/a/{}", row.id)),
        text: body::citing(&row.body, asked),
        post: post(row),
        ..empty(row.id.clone())
    }
}

fn post(row: &Row) -> Post {
    Post {
        author: Some(fold(&row.author)).filter(|name| !name.is_empty()),
        time: moment(&row.created),
        score: row.score.parse().ok(),
        accepted: false,
        depth: 0,
    }
}
