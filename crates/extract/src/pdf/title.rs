//! The title: stated, unless what is stated is junk; else the largest text of the first page.

mod junk;
mod printed;

use std::collections::HashSet;

use model::document::Evidence;

use super::line::PageLines;
use super::metadata::Stated;
use super::outline::Section;
use crate::text::{fold, folded, head, nfc, squash};

/// Characters of a title; a longer one is cut at a word.
const TITLE_CHARS: usize = 250;
/// With fewer letters than this on the first pages, what they show says nothing about a title.
const FEW_LETTERS: usize = 40;
/// At least this part of a stated title's words stands on the first pages; a title that was left
/// in a template does not.
const SHARE_ON_PAGES: f32 = 0.5;

/// The title and where it was read; never empty, white space folded.
///
/// `first` are the first pages, as many as a reader leafs through to see what it is.
pub(super) fn of(
    stated: &Stated,
    first: &[PageLines],
    outline: &[Section],
    url: &str,
) -> (String, Evidence) {
    let segments = model::address::path_segments(url);
    let stem = segments.last().map(|name| without_extension(name));
    let shown = Shown::of(first);
    let printed = printed::of(first).filter(|printed| !junk::is_file_name(&printed.text));
    let (title, evidence) = stated
        .titles
        .iter()
        .filter_map(|title| junk::cleaned(title, stated, stem))
        .find(|title| shown.agrees_with(title) || (printed.is_none() && title.contains(' ')))
        .map(|title| match &printed {
            Some(printed) => completed(title, printed),
            None => (title, Evidence::Embedded),
        })
        .or_else(|| printed.map(|printed| (printed.text, Evidence::Heading)))
        .or_else(|| Some((root(stated, outline, stem)?, Evidence::Embedded)))
        .or_else(|| Some((readable(stem?)?, Evidence::Url)))
        .unwrap_or_else(|| (from_address(url), Evidence::Url));
    (nfc(cut(&title)), evidence)
}

/// A stated title as the first page shows it, where the program that wrote it has cut it or left
/// markup in it.
fn completed(title: String, printed: &printed::Printed) -> (String, Evidence) {
    let whole = squash(&printed.text, TITLE_CHARS);
    let part = squash(title.trim_end_matches(['.', '\u{2026}']), TITLE_CHARS);
    let is_cut = whole.len() > part.len() && whole.starts_with(&part) && !part.is_empty();
    // Markup that was glued to the first word: `blueAnnual Report`.
    let is_glued = part
        .strip_suffix(&whole)
        .is_some_and(|glued| !glued.is_empty() && title.starts_with(|c: char| c.is_lowercase()))
        && !title.contains(&format!(" {}", printed.text));
    if is_cut || is_glued {
        (printed.text.clone(), Evidence::Heading)
    } else {
        (title, Evidence::Embedded)
    }
}

/// The words of the first pages.
struct Shown {
    words: HashSet<String>,
    letters: usize,
    /// All letters and figures of the first page, in a row.
    first_page: String,
}

impl Shown {
    fn of(first: &[PageLines]) -> Self {
        let lines = || {
            first
                .iter()
                .take(3)
                .flat_map(|page| &page.lines)
                .take(1_000)
        };
        let mut words = HashSet::new();
        // A word may be cut at the end of a line.
        let text = lines().fold(String::new(), |mut text, line| {
            let cut = text.ends_with(['-', '\u{ad}', '\u{2010}']);
            if cut {
                text.pop();
            } else {
                text.push(' ');
            }
            text.push_str(&line.text);
            text
        });
        words.extend(words_of(&text));
        words.extend(lines().flat_map(|line| words_of(&line.text)));
        let first_page = first.first().map(|page| {
            let lines = page.lines.iter().take(300);
            lines.map(|line| squash(&line.text, 1_000)).collect()
        });
        Self {
            letters: words.iter().map(|word| word.chars().count()).sum(),
            words,
            first_page: first_page.unwrap_or_default(),
        }
    }

    /// Whether a title can be that of a document which begins like this.
    fn agrees_with(&self, title: &str) -> bool {
        if self.letters < FEW_LETTERS || self.first_page.contains(&squash(title, TITLE_CHARS)) {
            return true;
        }
        let words: Vec<String> = words_of(title).collect();
        let shown = words.iter().filter(|word| self.words.contains(*word));
        words.len() > 1 && shown.count() as f32 >= SHARE_ON_PAGES * words.len() as f32
    }
}

/// Words in lower case, those of one letter left out.
fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().nth(1).is_some())
        .map(str::to_lowercase)
}

/// The outline's outermost section, where there is one only and all others lie in it.
fn root(stated: &Stated, outline: &[Section], stem: Option<&str>) -> Option<String> {
    let mut outermost = outline.iter().filter(|section| section.level == 1);
    let root = outermost.next()?;
    if outermost.next().is_some() || outline.len() < 2 {
        return None;
    }
    junk::cleaned(&root.title, stated, stem).filter(|title| !junk::is_part(title))
}

fn without_extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 5 && !stem.is_empty() => stem,
        _ => name,
    }
}

/// `annual-report_2019` in words.
fn readable(stem: &str) -> Option<String> {
    if stem.contains(' ') {
        return folded(&stem.replace('_', " "));
    }
    folded(&stem.replace(['-', '_', '+'], " "))
}

/// The host where the path is empty, else the address.
fn from_address(url: &str) -> String {
    let host = url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.or_else(|| folded(url))
        .unwrap_or_else(|| "untitled".to_owned())
}

/// At most so many characters, cut behind a word.
fn cut(title: &str) -> String {
    let title = fold(title);
    let short = head(&title, TITLE_CHARS);
    if short.len() == title.len() {
        return title;
    }
    let words = short.rsplit_once(' ').map_or(short, |(words, _)| words);
    format!("{}…", words.trim_end_matches([',', ';', ':', '.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::line::Line;
    use proptest::prelude::*;
    use std::num::NonZeroU32;

    /// A page of lines `SIZE text`; `*` before the text makes it bold, `~` furniture.
    fn page(lines: &[(f32, &str)]) -> PageLines {
        let mut y = 60.0;
        let lines = lines.iter().map(|(size, text)| {
            y += 1.2 * size;
            Line {
                text: text.trim_start_matches(['*', '~']).to_owned(),
                left: 50.0,
                right: 50.0 + 0.5 * size * text.chars().count() as f32,
                baseline: y,
                size: *size,
                bold: text.starts_with('*'),
                furniture: text.starts_with('~'),
                starts: true,
            }
        });
        PageLines {
            number: NonZeroU32::MIN,
            width: 600.0,
            height: 800.0,
            lines: lines.collect(),
        }
    }

    const BODY: [(f32, &str); 3] = [
        (
            10.0,
            "The dues of the port of Istmere have risen by a third since the",
        ),
        (
            10.0,
            "new quay was opened, and the ships of Veldania no longer call at",
        ),
        (
            10.0,
            "it as they did in the years before the great storm of last June.",
        ),
    ];

    #[track_caller]
    fn check(stated: &[&str], lines: &[(f32, &str)], outline: &[&str], expected: &str) {
        let stated = Stated {
            titles: stated.iter().map(|&title| title.to_owned()).collect(),
            author: Some("Ada Low".into()),
            tools: vec!["Acrobat Distiller 9.0".into()],
            ..Stated::default()
        };
        let outline: Vec<Section> = outline
            .iter()
            .map(|text| Section {
                title: text.trim_start().to_owned(),
                page: NonZeroU32::MIN,
                level: if text.starts_with(' ') { 2 } else { 1 },
            })
            .collect();
        let lines: Vec<(f32, &str)> = lines.iter().chain(&BODY).copied().collect();
        let url = "https://a.example/files/port%20dues_2019.pdf";
        let (title, evidence) = of(&stated, &[page(&lines)], &outline, url);
        assert_eq!(format!("{title} ({evidence:?})"), expected);
    }

    #[test]
    fn what_is_stated() {
        let printed = [(20.0, "Port dues of Istmere"), (12.0, "Ada Low")];
        check(
            &["Port dues of Istmere"],
            &printed,
            &[],
            "Port dues of Istmere (Embedded)",
        );
        check(
            &["Istmere: dues of the port since the storm"],
            &printed,
            &[],
            "Istmere: dues of the port since the storm (Embedded)",
        );
        check(
            &["untitled", "Port dues of Istmere"],
            &printed,
            &[],
            "Port dues of Istmere (Embedded)",
        );
        check(
            &["Port dues of Ist"],
            &printed,
            &[],
            "Port dues of Istmere (Heading)",
        );
        check(
            &["Microsoft Word - Port dues of Istmere.doc"],
            &printed,
            &[],
            "Port dues of Istmere (Embedded)",
        );
    }

    #[test]
    fn what_is_left_in_a_template_is_no_title() {
        check(
            &["Guidelines on the keeping of bees"],
            &[(20.0, "Port dues of Istmere")],
            &[],
            "Port dues of Istmere (Heading)",
        );
    }

    #[test]
    fn the_largest_text_at_the_top() {
        check(
            &["Layout 1"],
            &[
                (9.0, "~Journal of Ports"),
                (30.0, "VPA"),
                (20.0, "Port dues and the ships of Ist-"),
                (20.0, "mere since the storm"),
                (12.0, "Ada Low"),
            ],
            &["One"],
            "Port dues and the ships of Istmere since the storm (Heading)",
        );
        check(
            &[],
            &[
                (24.0, "SPECIAL REPORT"),
                (18.0, "*Port dues∗"),
                (12.0, "Ada Low"),
            ],
            &[],
            "Port dues (Heading)",
        );
        check(
            &[],
            &[(10.0, "*Port dues of Istmere"), (10.0, "Ada Low")],
            &[],
            "Port dues of Istmere (Heading)",
        );
    }

    #[test]
    fn where_nothing_is_larger() {
        check(
            &["1234.dvi"],
            &[],
            &["Port dues", " One", " Two"],
            "Port dues (Embedded)",
        );
        check(&[], &[], &["One", "Two"], "port dues 2019 (Url)");
        check(&[], &[], &["Contents", " Two"], "port dues 2019 (Url)");
    }

    #[test]
    fn from_file_names() {
        for (url, expected) in [
            (
                "https://a.example/annual-report_2019.pdf",
                "annual report 2019",
            ),
            (
                "https://a.example/Port%20dues%20-%20new.PDF",
                "Port dues - new",
            ),
            ("https://a.example/", "a.example"),
            ("https://a.example/x.pdf?a=b", "x"),
            ("", "untitled"),
        ] {
            let (title, evidence) = of(&Stated::default(), &[], &[], url);
            assert_eq!((title.as_str(), evidence), (expected, Evidence::Url));
        }
    }

    #[test]
    fn long_titles_are_cut_at_a_word() {
        let title = cut(&"port dues ".repeat(60));
        assert!(
            title.ends_with("port…") || title.ends_with("dues…"),
            "{title}"
        );
        assert!(title.chars().count() <= TITLE_CHARS);
    }

    proptest! {
        #[test]
        fn any_words_give_a_title(
            stated in proptest::collection::vec("\\PC{0,400}", 0..3),
            lines in proptest::collection::vec((-1.0_f32..99.0, "\\PC{0,80}"), 0..12),
            url in "\\PC{0,60}",
        ) {
            let stated = Stated { titles: stated, ..Stated::default() };
            let lines: Vec<(f32, &str)> = lines.iter().map(|(size, text)| (*size, text.as_str())).collect();
            let (title, _) = of(&stated, &[page(&lines)], &[], &url);
            prop_assert!(!title.is_empty());
            prop_assert!(title.chars().count() <= TITLE_CHARS + 1, "{}", title);
        }
    }
}
