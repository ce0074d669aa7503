//! What a page says about itself, in the words that HTML and text share.

use model::document::Locator;
use model::hit::Total;
use model::page::{
    Block, DiscussionCard, FilterLine, QueryLine, ResultsPage, Tab, VideoCard, WebResult,
};
use model::time::UnixSeconds;

use crate::age::age;
use crate::snippet::Piece;

/// `1,234`.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 result`, `1,234 results`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// What stands before the query: `12 results for`, `At least 1,000 results for`, `No results for`,
/// on later pages `Results 11 to 20 of 280 for`.
pub(crate) fn headline(page: &ResultsPage) -> String {
    let results = match page.total {
        Total::Exact(0) => "No results".to_owned(),
        total if page.offset > 0 && !page.blocks.is_empty() => {
            let (first, last) = (page.offset + 1, page.offset + results_of(page));
            let least = if matches!(total, Total::Exact(_)) {
                ""
            } else {
                "at least "
            };
            let [first, last] = [first, last].map(|at| number(at as u64));
            format!(
                "Results {first} to {last} of {least}{}",
                number(total.count())
            )
        }
        Total::Exact(count) => counted(count, "result", "results"),
        Total::AtLeast(count) => format!("At least {}", counted(count, "result", "results")),
    };
    if page.query.text.trim().is_empty() {
        results
    } else {
        format!("{results} for")
    }
}

/// Results on the page, members of clusters aside.
fn results_of(page: &ResultsPage) -> usize {
    let counts = page.blocks.iter().map(|block| match block {
        Block::Web(_) => 1,
        Block::Videos(row) if row.is_main => row.videos.len(),
        Block::Discussions(block) if block.is_main => block.threads.len(),
        _ => 0,
    });
    counts.sum()
}

/// The name of a tab.
pub(crate) fn tab(tab: Tab) -> &'static str {
    match tab {
        Tab::All => "All",
        Tab::Web => "Web",
        Tab::Pdfs => "PDFs",
        Tab::Videos => "Videos",
        Tab::Discussions => "Discussions",
    }
}

/// What is told of a video beside its title: `Channel Nine`, `youtube.com`, its age.
pub(crate) fn about_video(card: &VideoCard, now: UnixSeconds) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    told.extend(card.channel.as_deref().map(clean));
    if card.host.trim().is_empty() {
        told.push(clean(&card.site_name));
    } else {
        told.push(clean(&card.host));
    }
    told.extend(card.date.map(|shown| age(shown.date, now)));
    told.retain(|text| !text.trim().is_empty());
    told
}

/// What is told of a discussion beside its title: `r/veldania`, `12 answers`, `148 points`, its
/// age.
pub(crate) fn about_thread(card: &DiscussionCard, now: UnixSeconds) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    told.extend(card.forum.as_deref().map(clean));
    told.push(counted(card.answers.into(), "answer", "answers"));
    told.extend(card.votes.map(points));
    told.extend(card.date.map(|shown| age(shown.date, now)));
    told.retain(|text| !text.trim().is_empty());
    told
}

/// `1 point`, `148 points`, `-3 points`.
pub(crate) fn points(votes: i32) -> String {
    let minus = if votes < 0 { "-" } else { "" };
    format!(
        "{minus}{}",
        counted(votes.unsigned_abs().into(), "point", "points")
    )
}

/// Columns at which the title of a video is cut (`results-page.md`).
const VIDEO_TITLE: usize = 62;

/// The title of a video, cut at a word near 62 columns.
pub(crate) fn video_title(title: &str) -> String {
    let title = clean(title);
    let title = title.trim();
    if width(title) <= VIDEO_TITLE {
        return title.to_owned();
    }
    let (mut cut, mut columns, mut word) = (0, 0, 0);
    for (at, c) in title.char_indices() {
        if c == ' ' {
            word = at;
        }
        columns += width(title.get(at..at + c.len_utf8()).unwrap_or_default());
        if columns > VIDEO_TITLE - 4 {
            break;
        }
        cut = at + c.len_utf8();
    }
    // A script without spaces, or one long word, is cut where it stands.
    let end = if word * 2 > cut { word } else { cut };
    format!("{} ...", title.get(..end).unwrap_or(title).trim_end())
}

/// Which words were let go.
pub(crate) fn relaxed(line: &QueryLine) -> Option<String> {
    let words: Vec<String> = line
        .relaxed
        .iter()
        .map(|word| format!("“{word}”"))
        .collect();
    (!words.is_empty()).then(|| {
        format!(
            "Not every result holds all words: without {}",
            words.join(", ")
        )
    })
}

/// The filter as typed: `-site:example.org`.
pub(crate) fn filter_name(filter: &FilterLine) -> String {
    let minus = if filter.negated { "-" } else { "" };
    let quote = if filter.value.contains(char::is_whitespace) {
        "\""
    } else {
        ""
    };
    format!("{minus}{}:{quote}{}{quote}", filter.operator, filter.value)
}

/// What the filter took away: `12 left out, 3 of them undated`.
pub(crate) fn filter_effect(filter: &FilterLine) -> String {
    let left_out = match filter.removed {
        Total::Exact(0) => return "nothing left out".to_owned(),
        // Nobody counted: `asof:` changes what there is to find.
        Total::AtLeast(0) => return "in force".to_owned(),
        Total::Exact(count) => format!("{} left out", number(count)),
        Total::AtLeast(count) => format!("at least {} left out", number(count)),
    };
    match filter.undated {
        Total::Exact(0) => left_out,
        undated if undated == filter.removed => format!("{left_out} for want of a date"),
        Total::Exact(count) => format!("{left_out}, {} of them undated", number(count)),
        Total::AtLeast(count) => format!("{left_out}, at least {} of them undated", number(count)),
    }
}

/// What to try where nothing was found, whole sentences.
pub(crate) fn advice(page: &ResultsPage) -> Vec<String> {
    let mut advice = Vec::new();
    let words = page.query.text.split_whitespace().count();
    if page.offset > 0 {
        advice.push("There may be results on an earlier page.".to_owned());
        if page.total.count() > 0 {
            return advice;
        }
    }
    if !page.query.filters.is_empty() {
        advice.push("Take off a filter.".to_owned());
    }
    if page.query.text.contains('"') {
        advice.push("Take off the quotation marks: the words need not stand together then.".into());
    }
    if words > 2 {
        advice.push("Use fewer words, or words that a page on the subject would use.".to_owned());
    }
    advice.push("Check the spelling.".to_owned());
    advice.push(
        "Operators are written in small letters and without a space: `site:example.org`, \
         `filetype:pdf`, `lang:en`, `after:2024-01-31`, `before:2025`, `\"exact words\"`, \
         `-without`."
            .to_owned(),
    );
    advice
}

/// What is in the index: `The index holds 1,234 documents.`
pub(crate) fn holds(documents: u64) -> String {
    format!(
        "The index holds {}.",
        counted(documents, "document", "documents")
    )
}

/// The place in words: `page 12`, `at 01:05`; `None` where it has no short name (the name of a
/// section's anchor stands in the address).
pub(crate) fn place(locator: &Locator) -> Option<String> {
    match locator {
        Locator::Top | Locator::Comment(_) | Locator::Section(_) => None,
        Locator::Page(page) => Some(format!("page {page}")),
        Locator::Seconds(seconds) => Some(format!("at {}", clock(*seconds))),
    }
}

/// The place of a result in words, with the number of pages where that is known: `page 12 of 23`,
/// `23 pages`, `at 01:05`.
pub(crate) fn place_of(result: &WebResult) -> Option<String> {
    let pages = result.pages.filter(|&pages| pages > 0);
    match (place(&result.locator), pages) {
        (Some(place), Some(pages)) => Some(format!("{place} of {}", number(pages.into()))),
        (None, Some(pages)) => Some(counted(pages.into(), "page", "pages")),
        (place, None) => place,
    }
}

/// What a reader has to know of a result whose text nobody could read.
pub(crate) fn unread(result: &WebResult) -> Option<&'static str> {
    result.no_text_layer.then_some(SCAN)
}

/// A scan in words.
pub(crate) const SCAN: &str = "no text layer";

/// What stands before a list of other places, each told by [`also_place`].
pub(crate) fn also(places: &[Locator]) -> &'static str {
    let pages = places
        .iter()
        .filter(|place| matches!(place, Locator::Page(_)))
        .count();
    match places.first() {
        Some(Locator::Page(_)) if pages > 1 => "also on pages",
        Some(Locator::Page(_)) => "also on page",
        Some(Locator::Seconds(_)) => "also at",
        _ => "also in",
    }
}

/// A place behind [`also`]: `12`, `01:05`, `Trade`; `None` for what has no name.
pub(crate) fn also_place(locator: &Locator) -> Option<String> {
    match locator {
        Locator::Top | Locator::Comment(_) => None,
        Locator::Section(anchor) => {
            Some(clean(anchor).replace('_', " ").trim().to_owned()).filter(|name| !name.is_empty())
        }
        Locator::Page(page) => Some(page.to_string()),
        Locator::Seconds(seconds) => Some(clock(*seconds)),
    }
}

/// `01:05`, `01:06:20`.
pub(crate) fn clock(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        _ => format!("{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// The sentence as pieces; those that stood between backticks are marked.
pub(crate) fn quoted(sentence: &str) -> Vec<Piece> {
    let sentence = clean(sentence);
    if !sentence.matches('`').count().is_multiple_of(2) {
        return vec![Piece {
            text: sentence,
            marked: false,
        }];
    }
    sentence
        .split('`')
        .enumerate()
        .map(|(at, part)| Piece {
            text: part.to_owned(),
            marked: at % 2 == 1,
        })
        .filter(|piece| !piece.text.is_empty())
        .collect()
}

/// One line: white space folded, control characters gone (a terminal obeys them, a browser
/// refuses them), and the marks that turn the direction of what follows gone too.
pub(crate) fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            line.push(c);
        }
    }
    line
}

/// Columns that a text takes in a terminal: two for East Asian wide characters and emoji, none
/// for combining marks. A rough table (Unicode Standard Annex 11, the large blocks), as it only
/// decides where lines break.
pub(crate) fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match u32::from(c) {
            0x0300..=0x036F
            | 0x0591..=0x05BD
            | 0x064B..=0x0652
            | 0x200B..=0x200F
            | 0xFE00..=0xFE0F => 0,
            0x1100..=0x115F
            | 0x2E80..=0xA4CF
            | 0xAC00..=0xD7A3
            | 0xF900..=0xFAFF
            | 0xFE30..=0xFE6F
            | 0xFF00..=0xFF60
            | 0xFFE0..=0xFFE6
            | 0x1F300..=0x1FAFF
            | 0x20000..=0x3FFFD => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1000), "1,000");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(counted(1, "result", "results"), "1 result");
    }

    #[track_caller]
    fn check_filter(negated: bool, value: &str, removed: Total, undated: Total, expected: &str) {
        let filter = FilterLine {
            operator: "after".into(),
            value: value.into(),
            negated,
            removed,
            undated,
            without: String::new(),
        };
        let found = format!("{}: {}", filter_name(&filter), filter_effect(&filter));
        assert_eq!(found, expected);
    }

    #[test]
    fn filters_say_what_they_took_away() {
        let (none, three) = (Total::Exact(0), Total::Exact(3));
        check_filter(false, "2024", none, none, "after:2024: nothing left out");
        check_filter(true, "2024", three, none, "-after:2024: 3 left out");
        let unknown = Total::AtLeast(0);
        check_filter(false, "2024", unknown, unknown, "after:2024: in force");
        check_filter(
            false,
            "a b",
            three,
            three,
            "after:\"a b\": 3 left out for want of a date",
        );
        check_filter(
            false,
            "2024",
            Total::AtLeast(1000),
            three,
            "after:2024: at least 1,000 left out, 3 of them undated",
        );
    }

    #[track_caller]
    fn check_quoted(sentence: &str, expected: &[(&str, bool)]) {
        let pieces = quoted(sentence);
        let found: Vec<_> = pieces.iter().map(|p| (p.text.as_str(), p.marked)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn code_stands_between_backticks() {
        check_quoted(
            "`a:b` is no operator",
            &[("a:b", true), (" is no operator", false)],
        );
        check_quoted("a stray ` stays", &[("a stray ` stays", false)]);
        check_quoted("", &[]);
    }

    #[test]
    fn other_places_are_listed_by_what_they_are() {
        let page = |number| Locator::Page(std::num::NonZeroU32::new(number).unwrap());
        assert_eq!(also(&[page(4)]), "also on page");
        assert_eq!(also(&[page(4), page(11)]), "also on pages");
        assert_eq!(also(&[Locator::Seconds(65)]), "also at");
        let section = Locator::Section("Early_history".into());
        assert_eq!(also(std::slice::from_ref(&section)), "also in");
        assert_eq!(also_place(&section).as_deref(), Some("Early history"));
        assert_eq!(also_place(&page(4)).as_deref(), Some("4"));
        assert_eq!(also_place(&Locator::Section("_".into())), None);
    }

    #[test]
    fn a_line_obeys_nobody() {
        assert_eq!(clean("a\u{1b}[31mb\r\nc\u{202e}d\u{0}"), "a[31mb cd");
        assert_eq!(clock(65), "01:05");
        assert_eq!(clock(3980), "01:06:20");
        assert_eq!(width("aé関"), 4);
    }
}
