//! What is said in discussions: dumps, answers of APIs, scraped lists; posts as parts of their
//! threads.
//!
//! One file for each platform; `markdown`, `body` and `bots` say what of a post is its text,
//! `lenient` and `slices` read JSON that is not as it should be. A post that cannot be read is a
//! warning, and the others are read.

pub(crate) mod body;
mod bots;
pub(crate) mod discourse;
mod entities;
mod hackernews;
pub(crate) mod lenient;
mod markdown;
mod reddit;
mod slices;
mod stackexchange;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use model::document::{Key, Post};
use model::part::{Part, ThreadHead};
use model::record::{MediaType, Record};

use crate::text::head;
use crate::{ExtractError, Extracted, Extractor, Options, language, payload};

/// A whole JSON file larger than this is not read (bytes); dumps of that size are lines.
const JSON_BYTES: usize = 32 * 1024 * 1024;
/// Blocks of lines are about 1 MiB, unless one line alone is longer.
const BLOCK_BYTES: usize = 64 * 1024 * 1024;
/// Longer posts are cut (characters): 40,000 is the most that Reddit takes.
const POST_CHARS: usize = 40_000;
/// What is taken of a board to tell its language, and of one opening post.
const SAMPLE_BYTES: usize = 2_000;
const SAMPLED_CHARS: usize = 200;
/// Warnings of one record; a damaged block would have thousands.
const MOST_WARNINGS: usize = 100;

/// Reads posts of Reddit, Stack Exchange, Discourse and Hacker News.
pub struct ThreadExtractor;

impl Extractor for ThreadExtractor {
    fn accepts(&self, media_type: &MediaType) -> bool {
        matches!(
            media_type.as_str(),
            "application/json" | "application/x-ndjson" | "application/vnd.stackexchange+xml"
        )
    }

    fn extract(&self, record: &Record, _: &Options) -> Result<Extracted, ExtractError> {
        let is_json = record.media_type.as_str() == "application/json";
        let limit = if is_json { JSON_BYTES } else { BLOCK_BYTES };
        let (bytes, whole) = payload::read(record, limit)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut posts = Posts::default();
        if !whole {
            posts.warn(format!("only the first {limit} bytes were read"));
        }
        let known = match record.media_type.as_str() {
            "application/x-ndjson" => reddit::lines(bytes, &mut posts),
            "application/vnd.stackexchange+xml" => {
                let site = record.header("conspectus-site").unwrap_or("unknown");
                stackexchange::rows(&String::from_utf8_lossy(bytes), site, &mut posts);
                true
            }
            _ => json(&String::from_utf8_lossy(bytes), record, &mut posts),
        };
        if known {
            Ok(posts.extracted())
        } else {
            // Another extractor may know this JSON.
            Err(ExtractError::NoReader {
                media_type: record.media_type.clone(),
            })
        }
    }
}

/// Reads a JSON file of any of the platforms; says whether it is of one.
fn json(text: &str, record: &Record, posts: &mut Posts) -> bool {
    let text = text.trim_start();
    let first = slices::elements(text).next().unwrap_or(text);
    let keys: Vec<&str> = slices::members(first)
        .map(|(key, _)| key)
        .take(KEYS_LOOKED_AT)
        .collect();
    if discourse::is_known(&keys) {
        discourse::read(text, record, posts);
    } else if hackernews::is_known(&keys) {
        hackernews::read(text, posts);
    } else if reddit::is_known(&keys) {
        reddit::read(text, posts);
    }
    posts.any()
}

/// Of an object of unknown shape.
const KEYS_LOOKED_AT: usize = 200;

/// The posts of one record, as they are read.
#[derive(Default)]
pub(crate) struct Posts {
    parts: Vec<(Key, Part)>,
    warnings: Vec<String>,
    unsaid: usize,
}

impl Posts {
    /// Takes a post; its text is cut where it is too long.
    pub(crate) fn push(&mut self, platform: &str, thread: &str, mut part: Part) {
        if part.text.len() > POST_CHARS {
            let kept = head(&part.text, POST_CHARS).len();
            if kept < part.text.len() {
                part.text.truncate(kept);
                self.warn(format!(
                    "only the first {POST_CHARS} characters of post `{}` were kept",
                    part.id
                ));
            }
        }
        if part.deleted {
            part.text.clear();
        }
        let key = Key::Thread {
            platform: platform.to_owned(),
            id: thread.to_owned(),
        };
        self.parts.push((key, part));
    }

    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        !self.parts.is_empty()
    }

    fn warn(&mut self, warning: String) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(warning);
        } else {
            self.unsaid += 1;
        }
    }

    /// One form of each post, the last.
    pub(crate) fn extracted(mut self) -> Extracted {
        let mut seen: HashSet<(&Key, &str)> = HashSet::with_capacity(self.parts.len());
        let mut keep: Vec<bool> = self
            .parts
            .iter()
            .rev()
            .map(|(key, part)| seen.insert((key, &part.id)))
            .collect();
        self.parts.retain(|_| keep.pop().unwrap_or(true));
        if self.unsaid > 0 {
            self.warnings.push(format!("and {} more", self.unsaid));
        }
        Extracted {
            parts: self.parts,
            warnings: self.warnings,
            ..Extracted::default()
        }
    }
}

impl Posts {
    /// Gives the threads of each board the language of what is said on it: titles are too short to
    /// tell, and to ask for each of them takes three quarters of the time of a dump. Where a board
    /// does not tell, each thread is asked.
    fn tell_languages(&mut self) {
        let mut said: BTreeMap<String, String> = BTreeMap::new();
        for (_, part) in &self.parts {
            let Some(opening) = &part.head else { continue };
            let Some(forum) = &opening.forum else {
                continue;
            };
            if !said.contains_key(forum) {
                said.insert(forum.clone(), String::new());
            }
            if let Some(sample) = said.get_mut(forum)
                && sample.len() < SAMPLE_BYTES
            {
                sample.push_str(&opening.title);
                sample.push('\n');
                sample.push_str(head(&part.text, SAMPLED_CHARS));
                sample.push('\n');
            }
        }
        let spoken: BTreeMap<String, String> = said
            .into_iter()
            .filter_map(|(forum, sample)| Some((forum, language::detect(&sample)?)))
            .collect();
        for (_, part) in &mut self.parts {
            let text = std::mem::take(&mut part.text);
            if let Some(head) = &mut part.head {
                let board = head.forum.as_ref().and_then(|forum| spoken.get(forum));
                head.language = board.cloned().or_else(|| language_of(&head.title, &text));
            }
            part.text = text;
        }
    }
}

/// A post without anything.
pub(crate) fn empty(id: String) -> Part {
    Part {
        id,
        parent: None,
        head: None,
        text: String::new(),
        deleted: false,
        permalink: None,
        post: Post::default(),
    }
}

/// The language of a thread, by its title and opening post, where the detector is sure.
fn language_of(title: &str, text: &str) -> Option<String> {
    if text.is_empty() {
        return language::detect(title);
    }
    language::detect(&format!("{title}\n{text}"))
}

/// What the opening post says, with only what is always there.
pub(crate) fn thread_head(title: String, url: String) -> ThreadHead {
    ThreadHead {
        title: if title.is_empty() { url.clone() } else { title },
        url,
        forum: None,
        site_name: None,
        language: None,
        accepted: None,
        answers: None,
    }
}

/// UTF-8 with what is none replaced.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
