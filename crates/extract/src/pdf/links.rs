//! Links out of a PDF: annotations with an address, with the text that they cover, and addresses
//! that are printed.

use std::collections::HashSet;
use std::sync::LazyLock;

use hayro_interpret::kurbo::{Affine, Point};
use hayro_syntax::object::{Array, Dict, Name, Rect, String as PdfString};
use hayro_syntax::page::Page;
use model::document::Link;
use regex::Regex;
use url::Url;

use super::line::{Line, PageLines};
use super::metadata::decode;
use crate::text::{fold, head, nfc};

/// Annotations of one page that are looked at.
const MOST_ANNOTATIONS: usize = 2_000;
/// Links of one page.
const MOST_LINKS: usize = 1_000;
/// Lines of one page that annotations are compared with.
const MOST_LINES: usize = 2_000;
/// Bytes of one address; longer ones carry data.
const URL_BYTES: usize = 2_000;
/// An annotation that reaches less far into a line has nothing of it (points).
const LEAST_OVERLAP: f32 = 3.0;
/// Characters of an anchor text.
const TEXT_CHARS: usize = 300;

/// The links of a page: annotations in their order, then addresses printed in the text to which
/// no annotation leads.
///
/// `to_upright` takes points of the page's own space to the coordinates of `lines`.
pub(super) fn of(page: &Page<'_>, lines: &PageLines, to_upright: Affine) -> Vec<Link> {
    let base = base(page);
    let mut found: Vec<(Url, String)> = Vec::new();
    let mut looked_at = 0;
    let mut last_area: Option<Area> = None;
    let annotations = page.raw().get::<Array<'_>>("Annots");
    let annotations = annotations.iter().flat_map(Array::iter::<Dict<'_>>);
    for annotation in annotations.take(MOST_ANNOTATIONS) {
        let Some(url) = address(&annotation, base.as_ref()) else {
            continue;
        };
        let area = annotation
            .get::<Rect>("Rect")
            .map(|rect| upright(rect, to_upright));
        // Lines times annotations is bounded.
        looked_at += lines.lines.len();
        let text = match &area {
            Some(area) if looked_at <= MOST_ANNOTATIONS * MOST_LINES => covered(lines, area),
            _ => String::new(),
        };
        // A link over the end of a line is two annotations, the upper one first or last.
        let beside = last_area.as_ref().zip(area.as_ref());
        let step = beside.and_then(|(last, area)| area.line_below(last));
        match (found.last_mut(), step) {
            (Some((last, before)), Some(below)) if *last == url && *before != text => {
                *before = if below {
                    joined(before, &text)
                } else {
                    joined(&text, before)
                };
            }
            _ => found.push((url, text)),
        }
        last_area = area;
    }
    for (_, text) in &mut found {
        *text = clean(text);
    }
    let annotated: Vec<Url> = found.iter().map(|(url, _)| url.clone()).collect();
    found.extend(
        printed(lines)
            .into_iter()
            // Nor the beginning of one.
            .filter(|(url, _)| {
                !annotated
                    .iter()
                    .any(|whole| whole.as_str().starts_with(url.as_str()))
            }),
    );
    let mut seen = HashSet::new();
    found
        .into_iter()
        .map(|(url, text)| Link {
            url: url.to_string(),
            text: nfc(head(&text, TEXT_CHARS).to_owned()),
        })
        .filter(|link| seen.insert((link.url.clone(), link.text.clone())))
        .take(MOST_LINKS)
        .collect()
}

/// The address below which relative ones lie.
fn base(page: &Page<'_>) -> Option<Url> {
    let catalog: Dict<'_> = page.xref().get(page.xref().root_id())?;
    let base = catalog
        .get::<Dict<'_>>("URI")?
        .get::<PdfString<'_>>("Base")?;
    Url::parse(decode(base.as_bytes()).trim()).ok()
}

/// The web address to which an annotation leads.
fn address(annotation: &Dict<'_>, base: Option<&Url>) -> Option<Url> {
    let kind = annotation.get::<Name<'_>>("Subtype")?;
    let action = annotation.get::<Dict<'_>>("A")?;
    let does = action.get::<Name<'_>>("S")?;
    if kind.as_str() != "Link" || does.as_str() != "URI" {
        return None;
    }
    let uri = decode(action.get::<PdfString<'_>>("URI")?.as_bytes());
    let uri = uri.trim();
    if uri.is_empty() || uri.len() > URL_BYTES || uri.starts_with('#') {
        return None;
    }
    let url = match Url::parse(uri) {
        Ok(url) => url,
        // Word processors leave the scheme out.
        Err(_) if uri.starts_with("www.") => Url::parse(&format!("http://{uri}")).ok()?,
        Err(_) => base?.join(uri).ok()?,
    };
    is_web(&url).then_some(url)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| host.contains(['.', ':']))
}

/// A part of a page in the coordinates of its lines.
struct Area {
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
}

impl Area {
    /// `Some(true)` where this is the line below the other, `Some(false)` where it is the one
    /// above.
    fn line_below(&self, other: &Self) -> Option<bool> {
        let height = (other.bottom - other.top).max(1.0);
        let step = (self.bottom - other.bottom) / height;
        ((0.5..2.5).contains(&step.abs())).then_some(step > 0.0)
    }
}

fn upright(rect: Rect, transform: Affine) -> Area {
    let one = transform * Point::new(rect.x0, rect.y0);
    let other = transform * Point::new(rect.x1, rect.y1);
    Area {
        left: one.x.min(other.x) as f32,
        right: one.x.max(other.x) as f32,
        top: one.y.min(other.y) as f32,
        bottom: one.y.max(other.y) as f32,
    }
}

/// The words of the lines that an area covers.
fn covered(page: &PageLines, area: &Area) -> String {
    let mut text = String::new();
    for line in &page.lines {
        // The middle of small letters.
        let middle = line.baseline - 0.25 * line.size;
        if middle < area.top || middle > area.bottom {
            continue;
        }
        if line.right <= area.left || line.left >= area.right {
            continue;
        }
        let words = words_between(line, area.left, area.right);
        if !words.is_empty() {
            text = joined(&text, &words);
        }
        if text.len() > 4 * TEXT_CHARS {
            break;
        }
    }
    text
}

/// Two parts of a text that stand in two lines.
fn joined(before: &str, behind: &str) -> String {
    if before.is_empty() || behind.is_empty() {
        return format!("{before}{behind}");
    }
    if let Some(stem) = before.strip_suffix(['\u{ad}', '\u{2010}'])
        && behind.starts_with(char::is_lowercase)
    {
        return format!("{stem}{behind}");
    }
    if before.len() + behind.len() > 8 * TEXT_CHARS {
        return before.to_owned();
    }
    format!("{before} {behind}")
}

/// The words of a line between two places: from the word whose beginning is nearest to the first
/// place to the one whose end is nearest to the other. Where each letter stands is not known: the
/// width of the line is shared out by how wide letters usually are.
fn words_between(line: &Line, left: f32, right: f32) -> String {
    let all: f32 = line.text.chars().map(usual_width).sum();
    let (from, to) = (left.max(line.left), right.min(line.right));
    if all <= 0.0 || line.right <= line.left || to - from < LEAST_OVERLAP.min(0.5 * (right - left))
    {
        return String::new();
    }
    let scale = (line.right - line.left) / all;
    let (from, to) = if line.text.chars().find_map(direction) == Some(Direction::Left) {
        (line.right - to, line.right - from)
    } else {
        (from - line.left, to - line.left)
    };
    let mut passed = 0.0;
    // The nearest so far: how near, and which word.
    let mut first = (f32::INFINITY, 0);
    let mut last = (f32::INFINITY, 0);
    for (index, word) in line.text.split(' ').enumerate() {
        let width: f32 = word.chars().map(usual_width).sum();
        let (start, end) = (passed * scale, (passed + width) * scale);
        if (start - from).abs() < first.0 {
            first = ((start - from).abs(), index);
        }
        if (end - to).abs() < last.0 {
            last = ((end - to).abs(), index);
        }
        passed += width + usual_width(' ');
    }
    // A word too narrow for the estimate: the nearer of its ends tells.
    let (first, last) = match (first.1 <= last.1, first.0 < last.0) {
        (true, _) => (first.1, last.1),
        (false, true) => (first.1, first.1),
        (false, false) => (last.1, last.1),
    };
    let words: Vec<&str> = line
        .text
        .split(' ')
        .skip(first)
        .take(last - first + 1)
        .collect();
    fold(&words.join(" "))
}

/// An anchor text without the punctuation around it; an address that was broken over lines in one
/// piece.
fn clean(text: &str) -> String {
    let text = text.trim_start_matches([',', ';', '.', ':', ')', ']', '>', ' ']);
    let mut text = without_punctuation(text);
    for (open, close) in [('(', ')'), ('[', ']'), ('<', '>')] {
        text = match text.strip_prefix(open) {
            Some(inside) if !inside.contains(close) => inside,
            Some(inside) => match inside.strip_suffix(close) {
                Some(inside) if !inside.contains(open) => inside,
                _ => text,
            },
            None => text,
        };
    }
    let text = without_punctuation(text.trim());
    let address = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    if address.starts_with("http://") || address.starts_with("https://") {
        return address.split(' ').collect();
    }
    text.to_owned()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Left,
    Right,
}

/// In which direction a letter is read; `None` for what has none of its own.
fn direction(c: char) -> Option<Direction> {
    if matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}') {
        Some(Direction::Left)
    } else {
        c.is_alphabetic().then_some(Direction::Right)
    }
}

/// How wide a letter usually is, in parts of the size (Helvetica's widths, roughly).
fn usual_width(c: char) -> f32 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.23,
        ' ' | '.' | ',' | ':' | ';' | '!' | 'I' | 'f' | 't' | 'r' | '/' | '(' | ')' | '-' => 0.3,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '\u{2014}' => 0.85,
        'A'..='Z' => 0.68,
        '\u{1100}'.. if c.is_alphanumeric() => 1.0,
        _ => 0.53,
    }
}

/// Addresses that stand in the text, each with itself as its text. One that may go on in the next
/// line is left out: half an address leads nowhere.
fn printed(page: &PageLines) -> Vec<(Url, String)> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)\bhttps?://[^\s<>"\u{ab}\u{bb}\u{201c}\u{201d}{}|\\^`]{4,}"#)
            .expect("a constant pattern")
    });
    let most_right = page.lines.iter().map(|line| line.right).fold(0.0, f32::max);
    let mut found = Vec::new();
    for (index, line) in page.lines.iter().enumerate() {
        if !line.text.contains("://") {
            continue;
        }
        for address in ADDRESS.find_iter(&line.text) {
            let at_end = address.end() == line.text.len();
            if at_end && goes_on(line, page.lines.get(index + 1), most_right) {
                continue;
            }
            let text = without_punctuation(address.as_str());
            if text.len() <= URL_BYTES
                && let Ok(url) = Url::parse(text)
                && is_web(&url)
            {
                found.push((url, text.to_owned()));
            }
        }
        if found.len() >= MOST_LINKS {
            break;
        }
    }
    found
}

/// Whether an address at the end of a line may be only its beginning.
fn goes_on(line: &Line, next: Option<&Line>, most_right: f32) -> bool {
    if line.text.ends_with(['-', '_', '=', '&', '%', '\u{ad}']) {
        return true;
    }
    let Some(next) = next.filter(|next| !next.starts && !next.furniture) else {
        return false;
    };
    let at_margin = line.right > most_right - 0.25 * (most_right - line.left).max(0.0);
    if line.text.ends_with(['/', '?']) {
        return at_margin;
    }
    if line.text.ends_with(['.', ',', ';', ')']) {
        // A full stop at the end of a full line may stand in the middle of `a.example`.
        return line.text.ends_with('.') && next.text.starts_with(char::is_lowercase);
    }
    let word = next.text.split(' ').next().unwrap_or_default();
    let like_address = word
        .trim_end_matches(['.', ',', ';', ')'])
        .contains(['/', '.', '=', '_', '-', '%'])
        || word.contains(|c: char| c.is_ascii_digit());
    like_address && at_margin
}

/// The address without the punctuation of the sentence around it.
fn without_punctuation(address: &str) -> &str {
    let mut address = address;
    loop {
        let shorter =
            address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '\u{2019}']);
        let shorter = match shorter.chars().last() {
            Some(')') if !shorter.contains('(') => shorter.trim_end_matches(')'),
            Some(']') if !shorter.contains('[') => shorter.trim_end_matches(']'),
            Some('>') if !shorter.contains('<') => shorter.trim_end_matches('>'),
            Some('(' | '[' | '<') => shorter.trim_end_matches(['(', '[', '<']),
            _ => shorter,
        };
        if shorter.len() == address.len() {
            return address;
        }
        address = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use hayro_syntax::Pdf;
    use std::num::NonZeroU32;

    /// Lines of 12 points, 20 apart, the first at y = 100, from x = 50, 6 points a letter; `+` goes on with
    /// the paragraph above.
    fn page(lines: &[&str]) -> PageLines {
        let lines = lines.iter().enumerate().map(|(index, text)| {
            let own = text.trim_start_matches('+');
            Line {
                text: own.to_owned(),
                left: 50.0,
                right: 50.0 + 6.0 * own.chars().count() as f32,
                baseline: 100.0 + 20.0 * index as f32,
                size: 12.0,
                bold: false,
                furniture: false,
                starts: own.len() == text.len(),
            }
        });
        PageLines {
            number: NonZeroU32::MIN,
            width: 600.0,
            height: 800.0,
            lines: lines.collect(),
        }
    }

    #[track_caller]
    fn check(catalog: &str, annotations: &str, lines: &[&str], expected: &Expect) {
        let file = format!(
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R {catalog}>>endobj\n\
             2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n\
             3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Annots[{annotations}]>>endobj\n\
             trailer<</Root 1 0 R>>\n"
        );
        let pdf = Pdf::new(file.into_bytes()).expect("a small file of ours");
        let upright = Affine::new([1.0, 0.0, 0.0, -1.0, 0.0, 800.0]);
        let links = of(&pdf.pages()[0], &page(lines), upright);
        let links: Vec<String> = links
            .iter()
            .map(|link| format!("{} {}", link.url, link.text))
            .collect();
        expected.assert_eq(&links.join("\n"));
    }

    /// An annotation over letters `from` to `to` of a line of `page`.
    fn over(line: usize, from: usize, to: usize, uri: &str) -> String {
        let base = 700 - 20 * line;
        format!(
            "<</Subtype/Link/Rect[{} {} {} {}]/A<</S/URI/URI({uri})>>>>",
            50 + 6 * from,
            base - 3,
            50 + 6 * to,
            base + 10
        )
    }

    #[test]
    fn the_text_that_a_rectangle_covers() {
        check(
            "/URI<</Base(http://b.example/dir/)>>",
            &[
                over(0, 4, 13, "http://a.example/dues"),
                over(0, 4, 13, "http://a.example/dues"),
                over(1, 0, 40, "x.pdf"),
                over(1, 0, 9, "mailto:a@b.example"),
                over(1, 0, 9, "javascript:x"),
                over(1, 0, 9, "#page=2"),
                "<</Subtype/Link/A<</S/URI/URI(http://c.example)>>>> 7 <</Subtype/Text>>"
                    .to_owned(),
            ]
            .concat(),
            &["The port dues have risen", "since the new"],
            &expect![[r"
                http://a.example/dues port dues
                http://b.example/dir/x.pdf since the new
                http://c.example/ "]],
        );
        check(
            "",
            &[
                over(0, 14, 30, "http://a.example/"),
                over(1, 0, 3, "http://a.example/"),
            ]
            .concat(),
            &["Look at what the ships", "+pay at the gate"],
            &expect!["http://a.example/ the ships pay"],
        );
        // The lower line first; then the same address again elsewhere.
        check(
            "",
            &[
                over(1, 0, 4, "http://a.example/"),
                over(0, 13, 23, "http://a.example/"),
                over(4, 0, 12, "http://a.example/"),
                over(5, 0, 20, "http://b.example/"),
                over(6, 0, 20, "http://b.example/"),
            ]
            .concat(),
            &[
                "Look at what the ships",
                "+pay at the gate",
                "x",
                "x",
                "(The ships.)",
                "http://b.",
                "example/.",
            ],
            &expect![[r"
                http://a.example/ the ships pay
                http://a.example/ The ships
                http://b.example/ http://b.example/"]],
        );
    }

    #[test]
    fn printed_addresses() {
        check(
            "",
            &over(0, 4, 25, "https://a.example/x"),
            &[
                "See https://a.example/x (and http://b.example/y), or",
                "https://c.example/a_(b).",
                "not https://localhost/x nor ftp://d.example/",
                "It goes on at https://e.example/very-",
                "+long/path.html today",
                "and ends at https://f.example/",
            ],
            &expect![[r"
                https://a.example/x https://a.example/x
                http://b.example/y http://b.example/y
                https://c.example/a_(b) https://c.example/a_(b)
                https://f.example/ https://f.example/"]],
        );
    }

    #[test]
    fn lines_from_right_to_left() {
        let line = &page(&["\u{5d0}\u{5d1} \u{5d2}\u{5d3} \u{5d4}\u{5d5}"]).lines[0];
        assert_eq!(words_between(line, 50.0, 65.0), "\u{5d4}\u{5d5}");
    }
}
