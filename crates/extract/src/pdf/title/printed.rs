//! The title as it is printed: the largest text of the first page.

use std::sync::LazyLock;

use regex::Regex;

use super::junk;
use crate::pdf::line::{Line, PageLines};
use crate::pdf::metadata;
use crate::text::{fold, squash};

/// Longer ones are prose in large letters (characters).
const TITLE_CHARS: usize = 300;
/// Lines of a title.
const MOST_LINES: usize = 8;
/// Lines of the page that are looked at.
const MOST_READ: usize = 400;
/// A title stands in this part of the page, and of a cover.
const UPPER: f32 = 0.66;
const COVER: f32 = 0.85;
/// A page with more letters is no plot.
const CHART_LETTERS: usize = 100;
/// Lines of this many characters are prose, and so many characters of it are the text itself.
const PROSE_LINE: usize = 40;
const PROSE_CHARS: usize = 250;
/// A title is not smaller than the letterhead or the name of the series by more than this factor.
const WEAKER: f32 = 0.6;
/// A page with fewer letters is a cover.
const COVER_LETTERS: usize = 700;
/// Letters are larger than those of the text by this factor at least, where size alone tells.
const LARGER: f32 = 1.12;

/// A printed title.
#[derive(Clone, Debug)]
pub(super) struct Printed {
    /// White space folded, never empty.
    pub(super) text: String,
}

/// Lines that belong together: one below the other, of one size and weight.
struct Group<'a> {
    lines: Vec<&'a Line>,
    /// Place of its first line on the page.
    at: usize,
    text: String,
    size: f32,
}

/// The title on the first page that has text.
pub(super) fn of(first: &[PageLines]) -> Option<Printed> {
    let page = first.iter().take(3).find(|page| letters(page) >= 8)?;
    if is_chart(page) {
        return None;
    }
    let usual = usual_size(first);
    let deepest = page.height
        * if letters(page) < COVER_LETTERS {
            COVER
        } else {
            UPPER
        };
    let prose_from = prose_from(page, usual);
    let groups: Vec<Group<'_>> = groups(page)
        .into_iter()
        .filter(|group| {
            let top = group.lines.first().map_or(0.0, |line| line.baseline);
            top <= deepest && group.at < prose_from && is_title(&group.text)
        })
        .collect();
    let found =
        largest(&groups, usual).or_else(|| Some(first_set_off(&groups, page)?.text.clone()))?;
    Some(Printed {
        text: beside(page, &groups, found),
    })
}

/// The text of the largest group, the first of them; what kind of text it is and whose only where
/// nothing else is nearly as large.
fn largest(groups: &[Group<'_>], usual: f32) -> Option<String> {
    let larger = |group: &&Group<'_>| group.size >= LARGER * usual;
    let first_largest = |best: &'_ Group<'_>, group: &'_ Group<'_>| group.size > 1.03 * best.size;
    let of = |weak: bool| {
        groups
            .iter()
            .filter(larger)
            .filter(|group| is_weak(&group.text) == weak)
            .reduce(|best, group| {
                if first_largest(best, group) {
                    group
                } else {
                    best
                }
            })
    };
    match (of(false), of(true)) {
        (Some(strong), weak) if weak.is_none_or(|weak| strong.size >= WEAKER * weak.size) => {
            Some(strong.text.clone())
        }
        (_, Some(weak)) => {
            // `Port of Istmere` and `Annual Report 2019` are one title.
            let other = groups.iter().filter(larger).find(|group| {
                is_weak(&group.text)
                    && group.at != weak.at
                    && is_body(&group.text) != is_body(&weak.text)
            });
            let mut both: Vec<&Group<'_>> = other.into_iter().chain([weak]).collect();
            both.sort_by_key(|group| group.at);
            let texts: Vec<&str> = both.iter().map(|group| group.text.as_str()).collect();
            Some(texts.join(": "))
        }
        _ => None,
    }
}

/// Whether a page shows figures and hardly a word: a plot, whose largest text is that of an axis.
fn is_chart(page: &PageLines) -> bool {
    let lines = page.lines.iter().take(MOST_READ);
    let (with, without): (Vec<&Line>, Vec<&Line>) =
        lines.partition(|line| line.text.chars().any(char::is_alphabetic));
    without.len() > 2 * with.len() && letters(page) < CHART_LETTERS
}

/// Where running text begins: what is larger behind it is the heading of a section.
fn prose_from(page: &PageLines, usual: f32) -> usize {
    let mut passed = 0;
    for (at, line) in page.lines.iter().enumerate() {
        let length = line.text.chars().count();
        if !line.furniture && line.size <= 1.05 * usual && length >= PROSE_LINE {
            passed += length;
            if passed > PROSE_CHARS {
                return at;
            }
        }
    }
    page.lines.len()
}

/// A title whose letters are spaced out may lie in several lines at one height.
fn beside(page: &PageLines, groups: &[Group<'_>], text: String) -> String {
    let Some(group) = groups
        .iter()
        .find(|group| group.text == text && group.lines.len() == 1)
    else {
        return text;
    };
    let Some(own) = group.lines.first() else {
        return text;
    };
    let mut row: Vec<&Line> = page
        .lines
        .iter()
        .filter(|line| {
            !line.furniture
                && (line.baseline - own.baseline).abs() < 0.3 * own.size
                && (line.size - own.size).abs() <= 0.06 * own.size
                && line.bold == own.bold
        })
        .collect();
    if row.len() < 2 || row.len() > MOST_LINES {
        return text;
    }
    row.sort_by(|a, b| a.left.total_cmp(&b.left));
    let near = row.windows(2).all(
        |pair| matches!(pair, [a, b] if (-0.2..4.0).contains(&((b.left - a.right) / own.size))),
    );
    if near { joined(&row, "") } else { text }
}

fn letters(page: &PageLines) -> usize {
    page.lines
        .iter()
        .map(|line| line.text.chars().filter(|c| c.is_alphabetic()).count())
        .sum()
}

/// The size of most letters of the first pages.
fn usual_size(first: &[PageLines]) -> f32 {
    let lines = first
        .iter()
        .flat_map(|page| &page.lines)
        .take(3 * MOST_READ);
    let mut sizes: Vec<(f32, usize)> = lines
        .filter(|line| !line.furniture)
        .map(|line| (line.size, line.text.chars().count()))
        .collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: usize = sizes.iter().map(|(_, count)| count).sum();
    let mut passed = 0;
    for (size, count) in sizes {
        passed += count;
        if 2 * passed >= all {
            return size;
        }
    }
    0.0
}

/// The lines of a page, those of one size and weight that stand near each other put together.
fn groups(page: &PageLines) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let lines = page.lines.iter().enumerate();
    for (at, line) in lines.filter(|(_, line)| !line.furniture).take(MOST_READ) {
        match groups.last_mut() {
            Some(group) if goes_on(group, line) => group.lines.push(line),
            _ => groups.push(Group {
                lines: vec![line],
                at,
                text: String::new(),
                size: line.size,
            }),
        }
    }
    let mut all = String::new();
    for line in page.lines.iter().take(MOST_READ) {
        all.push_str(&line.text.to_lowercase());
        all.push(' ');
    }
    for group in &mut groups {
        group.text = joined(&group.lines, &all);
    }
    groups
}

fn goes_on(group: &Group<'_>, line: &Line) -> bool {
    let Some(last) = group.lines.last() else {
        return false;
    };
    // Who wrote it and when, in the same letters.
    let start = crate::text::head(&line.text, 4).to_lowercase();
    if start.starts_with("by ")
        || start.starts_with("(c) ")
        || start.starts_with('\u{a9}')
        || metadata::is_date(&line.text)
    {
        return false;
    }
    let same = (line.size - last.size).abs() <= 0.06 * last.size && line.bold == last.bold;
    let gap = line.baseline - last.baseline;
    // The line spacing of the group, once it has two lines.
    let spacing = match group.lines.as_slice() {
        [.., before, last] => (last.baseline - before.baseline).max(last.size),
        _ => 1.65 * last.size,
    };
    same && gap > -0.5 * last.size && gap <= 1.25 * spacing
}

/// The text of lines, words that were cut at their ends put together where the page has the word
/// uncut.
fn joined(lines: &[&Line], page: &str) -> String {
    let mut text = String::new();
    for line in lines.iter().take(MOST_LINES + 1) {
        let next = line.text.trim();
        if let Some(stem) = text.strip_suffix(['\u{ad}', '\u{2010}']) {
            text = format!("{stem}{next}");
        } else if let Some(stem) = text.strip_suffix('-') {
            let cut = stem.rsplit(' ').next().unwrap_or_default();
            let rest = next.split(' ').next().unwrap_or_default();
            let whole = format!("{cut}{rest}").to_lowercase();
            let whole = whole.trim_end_matches(|c: char| !c.is_alphanumeric());
            text = if page.contains(whole) {
                format!("{stem}{next}")
            } else {
                format!("{text}{next}")
            };
        } else {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(next);
        }
        if text.len() > 4 * TITLE_CHARS {
            break;
        }
    }
    let text = fold(&text);
    // Marks of footnotes end a title.
    let text = match text.split_once(['\u{2217}', '\u{2020}', '\u{2021}']) {
        Some((title, rest)) if rest.starts_with(' ') && title.chars().nth(8).is_some() => title,
        _ => &text,
    };
    text.trim_end_matches([
        '*', '\u{2217}', '\u{2020}', '\u{2021}', '\u{a7}', ',', ':', ' ',
    ])
    .to_owned()
}

/// Whether a text can be a title.
fn is_title(text: &str) -> bool {
    static NOT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)\b(?:issn|isbn|e-issn|https?:|www\.|doi[:\ ]|vol\.?\s*\d|volume\s+\d|issue\s+\d|arxiv:)|@\w
            |^(?:page|seite|p\.)\s*\d|^\(?\d{1,2}[\s./-]+(?:\p{L}+[\s.]+)?\d|all\ rights\ reserved|\u{a9}
            |^\[\d|^\#|^\d+\.\d|^1[.)]?\s+\p{L}|[{}=]",
        )
        .expect("a constant pattern")
    });
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let shown = text.chars().filter(|c| !c.is_whitespace()).count();
    let ideographs = text.chars().any(junk::is_ideograph);
    let long_enough = letters >= 4 || (ideographs && letters >= 2);
    // `UNHCR`: a letterhead.
    let words: Vec<&str> = text.split_whitespace().collect();
    let initials = words.len() == 1
        && letters <= 5
        && !text.chars().any(char::is_lowercase)
        && text.chars().any(char::is_uppercase);
    // Letters of a formula or a figure, or of a text that is turned.
    let scattered = words.len() >= 4
        && !ideographs
        && 2 * words
            .iter()
            .filter(|word| word.chars().count() <= 2)
            .count()
            > words.len();
    long_enough
        && 2 * letters >= shown
        && !initials
        && !scattered
        && text.chars().count() <= TITLE_CHARS
        && !NOT.is_match(text)
        && !junk::is_part(text)
}

/// Whether a text says what kind of document it is or from whom, which larger letters often do
/// than those of the title.
fn is_weak(text: &str) -> bool {
    is_series(text) || is_body(text)
}

fn is_series(text: &str) -> bool {
    static SERIES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?:special|research|technical|policy|working|annual|final|interim|country|situation|issue|peace|white|discussion
            |position|background|briefing|fact|data|case|press|news|user'?s?|review|original|short|full|occasional)?[\s-]*
            (?:report|reports|paper|papers|brief|briefs|briefing|sheet|note|notes|memo|memorandum|study|release|article|letter|newsletter
            |news|bulletin|review|works|article|editorial|draft|confidential|unclassified|open\ access|research|perspective|commentary|analysis
            |working\ paper\ series|abstracts?|communication|survey|(?:(?:bachelor|master|doctor|ph\.?\s?d\.?|diploma|doctoral)(?:['\u{2019}]?s)?\s+)?(?:thesis|dissertation)
            |bachelorarbeit|masterarbeit|diplomarbeit|dissertation|tesi\ di\ (?:laurea|dottorato)|th\u{e8}se(?:\ de\ doctorat)?|tesis(?:\ doctoral)?|proposed\ rules?|rules?\ and\ regulations)
            (?:\s+(?:no\.?|number|\#)?\s*[\d/-]+)?$",
        )
        .expect("a constant pattern")
    });
    SERIES.is_match(text)
}

/// Whether a text is the name of a company, an office or a school.
fn is_body(text: &str) -> bool {
    static BODY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?:the\s+)?(?:(?:university|ministry|department|institute|bureau|office|embassy|republic|kingdom|state)\s+(?:of|for)\s+[^:,]{2,60}
              |(?:universit\u{e0}|universidad|universidade|universit\u{e9}|universit\u{e4}t|ministerio|minist\u{e8}re|minist\u{e9}rio|ministerium)\s+[^:,]{2,60}
              |[^:,]{2,60}\s(?:university|institute|inc\.?|ltd\.?|limited|llc|plc|gmbh|corporation|corp\.?|s\.?a\.?|n\.?v\.?|foundation|ministry|commission))$
            |(?:\u{516c}\u{53f8}|\u{4f1a}\u{793e}|\u{5927}\u{5b66}|\u{5927}\u{5b78})$",
        )
        .expect("a constant pattern")
    });
    BODY.is_match(text.trim())
}

/// Where all letters are of one size: the first lines, if they are bold or in capitals or stand in
/// the middle, unlike the text.
fn first_set_off<'a, 'b>(groups: &'a [Group<'b>], page: &PageLines) -> Option<&'a Group<'b>> {
    let first_lines = page.height * 0.45;
    groups.iter().find(|group| {
        let Some(line) = group.lines.first() else {
            return false;
        };
        let short = group.lines.len() <= 4 && group.text.chars().count() <= 160;
        let capitals = squash(&group.text, 200).len() > 5
            && !group.text.chars().any(char::is_lowercase)
            && group.text.chars().any(char::is_uppercase);
        let (before, behind) = (line.left, page.width - line.right);
        let centred = (before - behind).abs() < 0.04 * page.width && before > 0.2 * page.width;
        let sentence = group.text.ends_with('.') && group.text.chars().count() > 60;
        let label = line.text.ends_with(':') && group.lines.len() == 1;
        let set_off = line.bold || capitals || centred;
        short && line.baseline <= first_lines && set_off && !sentence && !label
    })
}
