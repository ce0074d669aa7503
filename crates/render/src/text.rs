//! The page as plain text, for terminals and pipes.

use model::hit::Evidence;
use model::page::{Block, Discussions, ResultsPage, VideoRow, WebResult};

use crate::age::{age, day};
use crate::sentences::{self, clean, width};
use crate::snippet::{Piece, joined, of_fragments};
use crate::why::why;
use crate::{Renderer, breadcrumb, link};

/// What stands below a result is set in by so much.
const INDENT: &str = "       ";

/// Narrower than this, breaking lines helps nobody.
const NARROWEST: usize = 24;

/// Plain text, one blank line between blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Whether to set bold and colours by ANSI escapes.
    pub colour: bool,
    /// Columns at which to break lines and cut breadcrumbs; `None` for one line per value, whole.
    pub width: Option<usize>,
}

/// A way of setting text, by its ANSI parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Head,
    Title,
    Mark,
    Dim,
    Badge,
    Link,
}

impl Style {
    fn parameters(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Title => "1;34",
            Self::Mark | Self::Head => "1",
            Self::Dim => "2",
            Self::Badge => "33",
            Self::Link => "32",
        }
    }
}

impl Renderer for Text {
    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn render(&self, page: &ResultsPage) -> String {
        let mut blocks = vec![self.query(page)];
        for block in &page.blocks {
            match block {
                Block::Web(result) => blocks.push(self.web(result, page)),
                Block::Videos(row) => blocks.push(self.videos(row, page)),
                Block::Discussions(threads) => blocks.push(self.discussions(threads, page)),
                // `Block` is non-exhaustive: what this face does not know yet is left out.
                _ => {}
            }
        }
        if page.blocks.is_empty() {
            blocks.push(self.nothing(page));
        }
        if page.more {
            let from = page.offset + page.count;
            blocks.push(self.line(Style::Dim, &format!("More results: --offset {from}")));
        }
        blocks.join("\n")
    }
}

impl Text {
    fn query(&self, page: &ResultsPage) -> String {
        let mut headline = sentences::headline(page);
        if !page.query.text.trim().is_empty() {
            headline.push(' ');
            headline.push_str(page.query.text.trim());
        }
        let mut lines = self.line(Style::Plain, &headline);
        if let Some(relaxed) = sentences::relaxed(&page.query) {
            lines.push_str(&self.line(Style::Plain, &relaxed));
        }
        for filter in &page.query.filters {
            let (name, effect) = (
                sentences::filter_name(filter),
                sentences::filter_effect(filter),
            );
            lines.push_str(&self.line(Style::Plain, &format!("{name}: {effect}")));
        }
        for warning in &page.query.warnings {
            lines.push_str(&self.line(Style::Plain, warning));
        }
        lines
    }

    fn nothing(&self, page: &ResultsPage) -> String {
        if page.query.documents == 0 {
            return self.line(
                Style::Plain,
                "The index is empty. Put something into it with:",
            ) + &self.line(Style::Plain, "")
                + "    conspectus add PATH…\n";
        }
        let mut lines = self.line(Style::Plain, &sentences::holds(page.query.documents));
        for advice in sentences::advice(page) {
            lines.push_str(&self.line(Style::Plain, &format!("- {advice}")));
        }
        lines
    }

    fn web(&self, result: &WebResult, page: &ResultsPage) -> String {
        let mut block = self.line(Style::Plain, &result.site_name);
        let badge = result.badge.as_deref().map(clean);
        let room = badge.as_deref().map_or(0, |badge| width(badge) + 3);
        let limit = self
            .width
            .map(|width| width.max(NARROWEST).saturating_sub(room));
        let steps: Vec<String> = result.breadcrumb.iter().map(|step| clean(step)).collect();
        block.push_str(&self.set(
            Style::Dim,
            &breadcrumb::line(&clean(&result.host), &steps, limit),
        ));
        if let Some(badge) = badge {
            block.push_str("   ");
            block.push_str(&self.set(Style::Badge, &badge));
        }
        block.push('\n');
        block.push_str(&self.line(Style::Title, &result.title));
        block.push_str(&self.snippet(result, page));
        let opened = clean(&link::opened(&result.url, &result.locator));
        block.push_str(&self.set(Style::Link, &opened));
        block.push('\n');
        for note in notes(result) {
            block.push_str(INDENT);
            block.push_str(&self.set(Style::Dim, &note));
            block.push('\n');
        }
        block
    }

    fn videos(&self, row: &VideoRow, page: &ResultsPage) -> String {
        let mut block = self.line(Style::Head, "Videos");
        for card in &row.videos {
            let length = card.duration_seconds.map(sentences::clock);
            let length = length.map_or_else(|| INDENT.to_owned(), |length| format!("{length}  "));
            block.push_str(&self.set(Style::Dim, &length));
            block.push_str(&self.set(Style::Title, &sentences::video_title(&card.title)));
            block.push('\n');
            let about = sentences::about_video(card, page.query.now).join(" · ");
            let mut pieces = vec![plain(about)];
            let said = joined(&card.snippet);
            let at = sentences::place(&card.locator);
            match (at, said.is_empty()) {
                (Some(at), true) => pieces.push(plain(format!(" · {at}"))),
                (Some(at), false) => pieces.push(plain(format!(" · {at}: "))),
                (None, false) => pieces.push(plain(": ".to_owned())),
                (None, true) => {}
            }
            pieces.extend(said);
            block.push_str(&self.set_in(&pieces));
            block.push_str(&self.address(&link::opened(&card.url, &card.locator)));
            block.push_str(&self.reasons(&card.explanation, card.score));
        }
        block
    }

    fn discussions(&self, threads: &Discussions, page: &ResultsPage) -> String {
        let mut blocks = Vec::new();
        for card in &threads.threads {
            let mut block = self.line(Style::Title, &card.title);
            let mut pieces: Vec<Piece> = Vec::new();
            for comment in &card.comments {
                let open = pieces
                    .last()
                    .is_some_and(|last| !last.text.ends_with(" ..."));
                match pieces.len() {
                    0 => {}
                    _ if open => pieces.push(plain(" ... ".to_owned())),
                    _ => pieces.push(plain(" ".to_owned())),
                }
                pieces.extend(of_fragments(&comment.fragments));
            }
            let more = format!("More on {}", clean(&card.site));
            let between = if pieces.is_empty() { "" } else { " " };
            pieces.push(plain(format!("{between}{more}")));
            block.push_str(&self.broken(&pieces, Style::Plain));
            let about = sentences::about_thread(card, page.query.now).join(" · ");
            block.push_str(&self.set_in(&[plain(about)]));
            block.push_str(&self.address(&link::opened(&card.url, &card.locator)));
            block.push_str(&self.reasons(&card.explanation, card.score));
            blocks.push(block);
        }
        self.line(Style::Head, "Discussions") + &blocks.join("\n")
    }

    /// An address below what it opens, set in.
    fn address(&self, address: &str) -> String {
        format!("{INDENT}{}\n", self.set(Style::Link, &clean(address)))
    }

    /// A paragraph, set in.
    fn set_in(&self, pieces: &[Piece]) -> String {
        let narrower = Self {
            width: self.width.map(|width| width.saturating_sub(INDENT.len())),
            ..*self
        };
        let mut block = String::new();
        for line in narrower.broken(pieces, Style::Plain).lines() {
            block.push_str(INDENT);
            block.push_str(line);
            block.push('\n');
        }
        block
    }

    /// Why it stands where it stands, a line each.
    fn reasons(&self, explanation: &[Evidence], score: f32) -> String {
        let mut block = String::new();
        for line in reasons(explanation, score) {
            block.push_str(INDENT);
            block.push_str(&self.set(Style::Dim, &line));
            block.push('\n');
        }
        block
    }

    /// Age, snippet and place; nothing where there is none of them.
    fn snippet(&self, result: &WebResult, page: &ResultsPage) -> String {
        let plain = |text: String| Piece {
            text,
            marked: false,
        };
        let mut pieces = joined(&result.snippet);
        if let Some(shown) = result.date {
            let between = if pieces.is_empty() { "" } else { " - " };
            pieces.insert(
                0,
                plain(format!("{}{between}", age(shown.date, page.query.now))),
            );
        }
        let unread = sentences::unread(result).map(str::to_owned);
        let told: Vec<String> = unread
            .into_iter()
            .chain(sentences::place_of(result))
            .collect();
        if !told.is_empty() {
            let between = if pieces.is_empty() { "" } else { "  " };
            pieces.push(plain(format!("{between}({})", told.join(", "))));
        }
        if pieces.is_empty() {
            return String::new();
        }
        self.broken(&pieces, Style::Plain)
    }

    /// A value as a line, broken where it is too long.
    fn line(&self, style: Style, text: &str) -> String {
        self.broken(
            &[Piece {
                text: text.to_owned(),
                marked: false,
            }],
            style,
        )
    }

    /// Pieces as one paragraph with a line feed at its end.
    fn broken(&self, pieces: &[Piece], style: Style) -> String {
        let limit = self.width.map_or(usize::MAX, |width| width.max(NARROWEST));
        let mut text = String::new();
        let mut line: Vec<(Style, String)> = Vec::new();
        let mut column = 0;
        for word in words(pieces) {
            let columns: usize = word.parts.iter().map(|part| width(&part.text)).sum();
            let styled = |part: &Piece| if part.marked { Style::Mark } else { style };
            let first = word.parts.first().map(styled);
            if column > 0 && column + word.gap + columns > limit {
                text.push_str(&self.run(&line));
                text.push('\n');
                line.clear();
                column = 0;
            } else if let (Some(last), true) = (line.last_mut(), column > 0) {
                let gap = " ".repeat(word.gap);
                if Some(last.0) == first {
                    last.1.push_str(&gap);
                } else {
                    line.push((Style::Plain, gap));
                }
                column += word.gap;
            }
            for part in &word.parts {
                match line.last_mut() {
                    Some((last, text)) if *last == styled(part) => text.push_str(&part.text),
                    _ => line.push((styled(part), part.text.clone())),
                }
            }
            column += columns;
        }
        text.push_str(&self.run(&line));
        text.push('\n');
        text
    }

    fn run(&self, parts: &[(Style, String)]) -> String {
        parts
            .iter()
            .map(|(style, text)| self.set(*style, text))
            .collect()
    }

    fn set(&self, style: Style, text: &str) -> String {
        match style.parameters() {
            parameters if self.colour && !parameters.is_empty() && !text.is_empty() => {
                format!("\u{1b}[{parameters}m{text}\u{1b}[0m")
            }
            _ => text.to_owned(),
        }
    }
}

/// A word: what white space parts.
struct Word {
    /// Spaces before it.
    gap: usize,
    /// A mark may begin or end within a word.
    parts: Vec<Piece>,
}

/// The words of a paragraph. White space is one space, but for a piece that begins with two.
fn words(pieces: &[Piece]) -> Vec<Word> {
    let new = || Word {
        gap: 1,
        parts: Vec::new(),
    };
    let mut words = vec![new()];
    for piece in pieces {
        let wide = piece.text.starts_with("  ");
        for (at, part) in clean(&piece.text).split(' ').enumerate() {
            if at > 0 {
                words.push(Word {
                    gap: if wide && at == 1 { 2 } else { 1 },
                    ..new()
                });
            }
            if let (false, Some(word)) = (part.is_empty(), words.last_mut()) {
                word.parts.push(Piece {
                    text: part.to_owned(),
                    marked: piece.marked,
                });
            }
        }
    }
    words.retain(|word| !word.parts.is_empty());
    words
}

/// What else is to be said of a result, a line each.
fn notes(result: &WebResult) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(until) = result.held_until {
        notes.push(format!("as it stood until {}", day(until)));
    }
    let also: Vec<String> = result
        .also
        .iter()
        .filter_map(sentences::also_place)
        .collect();
    if !also.is_empty() {
        notes.push(format!(
            "{} {}",
            sentences::also(&result.also),
            also.join(", ")
        ));
    }
    for duplicate in &result.duplicates {
        notes.push(format!("same text at {}", clean(&duplicate.url)));
    }
    if result.more_from_site > 0 {
        notes.push(format!(
            "More from {} ({})",
            clean(&result.site),
            sentences::number(result.more_from_site.into())
        ));
    }
    notes.extend(reasons(&result.explanation, result.score));
    notes
}

/// What a score is made of, a line each; none where nobody asked.
fn reasons(explanation: &[Evidence], score: f32) -> Vec<String> {
    if explanation.is_empty() {
        return Vec::new();
    }
    let mut lines: Vec<String> = why(explanation)
        .iter()
        .map(|reason| {
            format!(
                "{:>+7.2} = {:.2} × {:.2}  {}",
                reason.adds(),
                reason.value,
                reason.weight,
                reason.words
            )
        })
        .collect();
    lines.push(format!("{score:>7.2}   score"));
    lines
}

fn plain(text: String) -> Piece {
    Piece {
        text,
        marked: false,
    }
}
