//! Chapters of a video, as merging wants them.

use model::document::{Locator, Passage};

use crate::text::{folded, head, nfc};

/// Longer names are no names (characters).
const NAME_CHARS: usize = 200;

/// A named stretch of a video.
#[derive(Debug)]
pub(crate) struct Chapter {
    /// Seconds from its beginning.
    pub(crate) start: f64,
    /// As its publisher named it.
    pub(crate) title: String,
}

/// One passage a chapter that says its title, in the order of time: `merge` takes them for the
/// headings of the transcript, and a video without a transcript is found by them.
pub(crate) fn marks(mut chapters: Vec<Chapter>) -> Vec<Passage> {
    chapters.retain(|chapter| (0.0..2_678_400.0).contains(&chapter.start));
    chapters.sort_by(|a, b| a.start.total_cmp(&b.start));
    chapters
        .iter()
        .filter_map(|chapter| {
            let title = nfc(folded(head(&chapter.title, NAME_CHARS))?);
            Some(Passage {
                text: title.clone(),
                heading: Some(title),
                locator: Locator::Seconds(chapter.start as u32),
                post: None,
            })
        })
        .collect()
}
