//! Posts of a discussion, on their way to their thread: they may come in any order, from any file.

use serde::{Deserialize, Serialize};

use crate::document::Post;

/// One post of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// As the platform names it, unique in its thread.
    pub id: String,
    /// The post that it answers; `None` for the opening post and for answers to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Set for the opening post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<ThreadHead>,
    /// Its text without quotations, NFC, paragraphs separated by one line feed; empty where there
    /// is none.
    pub text: String,
    /// Whether it was taken back; its text is empty then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Where it stands on the web, absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permalink: Option<String>,
    /// Author, time, score. `depth` is filled in when the thread is assembled.
    pub post: Post,
}

/// What the opening post says of the whole thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadHead {
    /// White space folded, never empty.
    pub title: String,
    /// Live address of the thread.
    pub url: String,
    /// Board or group, as readers know it: `r/Syria`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forum: Option<String>,
    /// The site's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The post that is marked as the answer, where the opening post names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
    /// How many answers the platform counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u32>,
}
