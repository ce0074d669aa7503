//! Dates behind a label in visible text: `Published on 2 June 2025`, `Erschienen am: 02.06.2025`.

use std::sync::LazyLock;

use model::document::Evidence;
use model::time::PartialDate;
use regex::Regex;

use super::{Context, written};
use crate::text::head;

/// A page with more different labelled days than this is a list.
const MOST_DAYS: usize = 2;
/// How far behind its label a date may begin and end (characters).
const REACH_CHARS: usize = 45;

/// What stands before a date of publication.
pub(crate) static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?:^|[^\p{L}])
        (?:(?:first\ )?published(?:\ (?:on|at|date))?|date\ published|publication\ date|posted\ on|date\ posted
          |(?:ver\u{f6}ffentlicht|erschienen|erstellt|publiziert|ver\u{f6}ffentlichung|eingestellt)(?:\ am)?|(?:ver\u{f6}ffentlichungs|erscheinungs)?datum
          |publi\u{e9}e?\ le|mis\ en\ ligne\ le|publicado(?:\ el|\ em)?|fecha\ de\ publicaci\u{f3}n|pubblicato(?:\ il)?
          |gepubliceerd(?:\ op)?|geplaatst\ op|\u{43e}\u{43f}\u{443}\u{431}\u{43b}\u{438}\u{43a}\u{43e}\u{432}\u{430}\u{43d}\u{43e}|yay\u{131}n\ tarihi|opublikowano|data\ publikacji|udgivet|publicerad|publisert)
        \s*[:|-]?\s*",
    )
    .expect("a constant pattern")
});

pub(super) fn published(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    let mut found: Option<PartialDate> = None;
    let mut days: Vec<i64> = Vec::new();
    for (index, block) in context.lines.iter().enumerate() {
        if block.text.len() > 400 {
            continue;
        }
        let Some(label) = LABEL.find(&block.text) else {
            continue;
        };
        let behind = block.text.get(label.end()..).unwrap_or_default();
        // `<dt>Date</dt><dd>2 June 2025</dd>`.
        let next = context.lines.get(index + 1);
        let behind = match next {
            Some(next) if behind.is_empty() && label.start() == 0 => next.text.as_str(),
            _ => behind,
        };
        let behind = head(behind, REACH_CHARS);
        // The date begins where the label ends; a word between them makes it a sentence.
        let close = behind.chars().take(12).any(|c| c.is_ascii_digit());
        let Some(date) = close
            .then(|| written::find(behind, context.month_first))
            .flatten()
        else {
            continue;
        };
        if date.day().is_none() || !super::possible(date, context.captured) {
            continue;
        }
        let day = date.first_day();
        if !days.contains(&day) {
            days.push(day);
        }
        found.get_or_insert(date);
    }
    (days.len() <= MOST_DAYS).then_some(())?;
    found.map(|date| (date, Evidence::Text))
}
