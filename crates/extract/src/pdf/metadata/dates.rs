//! When a PDF was published and last changed: what its address and its first page say goes before
//! when the file was made.

use std::sync::LazyLock;

use hayro_syntax::object::DateTime;
use jiff::civil::Date;
use model::document::Evidence;
use model::time::{DAY_SECONDS, PartialDate, UnixSeconds};
use regex::Regex;

use super::Stated;
use crate::date::label::LABEL;
use crate::date::line::is_date_line;
use crate::date::written;
use crate::pdf::line::{Line, PageLines};

/// A date on the first page may stand anywhere on a cover, which has fewer letters than this.
const COVER_LETTERS: usize = 700;
/// Elsewhere it stands in this part of the page.
const TOP: f32 = 0.45;
/// Longer lines are sentences (characters).
const LINE_CHARS: usize = 90;
/// A page with more different days in lines of their own is a list.
const MOST_DAYS: usize = 3;
/// How much later than the file a printed date may lie: reports are dated ahead, but a date a year
/// ahead is that of an event.
const AHEAD_DAYS: i64 = 370;

/// The date of publication, and where it was read; never after the capture.
pub(in crate::pdf) fn published(
    stated: &Stated,
    first_page: &PageLines,
    url: &str,
    captured: UnixSeconds,
    language: Option<&str>,
) -> Option<(PartialDate, Evidence)> {
    let month_first = crate::date::month_first(language);
    let mut path = model::address::path_segments(url);
    if url.starts_with("file:") {
        // The folders are those of the collector.
        path.drain(..path.len().saturating_sub(1));
    }
    let made = stated.created.filter(|date| is_of_a_file(*date));
    let newest = made
        .into_iter()
        .chain(stated.modified)
        .map(PartialDate::first_day)
        .max();
    let in_time = |date: &PartialDate| possible(*date, captured);
    let printed = printed(first_page, month_first, What::Published)
        .filter(in_time)
        .filter(|date| newest.is_none_or(|newest| date.first_day() <= newest + AHEAD_DAYS));
    let in_address = day_in(&path).filter(in_time);
    let folder = month_in(&path).filter(in_time);
    let made = made.filter(in_time);
    let at = |evidence: Evidence| move |date: PartialDate| (date, evidence);
    in_address
        .map(at(Evidence::Url))
        .or_else(|| printed.map(at(Evidence::Text)))
        .or_else(|| {
            let stated = stated.published.filter(in_time);
            stated.map(at(Evidence::Embedded))
        })
        .or_else(|| uploaded(folder, made))
        .or_else(|| made.map(at(Evidence::Embedded)))
}

/// The date of the last change, and where it was read; never after the capture nor before
/// `published`.
pub(in crate::pdf) fn modified(
    stated: &Stated,
    first_page: &PageLines,
    published: Option<PartialDate>,
    captured: UnixSeconds,
    language: Option<&str>,
) -> Option<(PartialDate, Evidence)> {
    let month_first = crate::date::month_first(language);
    let printed = printed(first_page, month_first, What::Revised);
    let fits = |date: &PartialDate| {
        possible(*date, captured)
            && published.is_none_or(|published| date.first_day() >= published.first_day())
    };
    let printed = printed.filter(fits).map(|date| (date, Evidence::Text));
    printed.or_else(|| {
        let stated = stated.modified.filter(|date| is_of_a_file(*date));
        stated.filter(fits).map(|date| (date, Evidence::Embedded))
    })
}

/// The folder of uploads names the month (`/uploads/2019/03/`): it tells, unless the file was made
/// in that month, which is finer, or long before, when an old report was put up again.
fn uploaded(
    folder: Option<PartialDate>,
    made: Option<PartialDate>,
) -> Option<(PartialDate, Evidence)> {
    let folder = folder?;
    let Some(made) = made else {
        return Some((folder, Evidence::Url));
    };
    let same = made.year() == folder.year() && made.month() == folder.month();
    let long_before = folder.first_day() - made.first_day() > 183;
    if same || long_before {
        Some((made, Evidence::Embedded))
    } else {
        Some((folder, Evidence::Url))
    }
}

/// A stamp in the file: `D:20190312100000+01'00'` (ISO 32000-2, 7.9.4) cut anywhere, ISO 8601, or
/// what people write.
pub(super) fn stamp(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    let text = text.strip_prefix("D:").unwrap_or(text).trim();
    let figures: String = text.chars().take_while(char::is_ascii_digit).collect();
    if figures.len() < 4 || (figures.len() == 4 && text.len() > 4) {
        return written::stamp(text, true);
    }
    let part = |from: usize, least: i16, most: i16| {
        let part = figures.get(from..from + 2)?.parse::<i16>().ok()?;
        (least..=most).contains(&part).then_some(part)
    };
    let year: i16 = figures.get(..4)?.parse().ok()?;
    let Some(month) = part(4, 1, 12) else {
        return Some(PartialDate::Year(i64::from(year)));
    };
    let month = i8::try_from(month).ok()?;
    let day = part(6, 1, 31)
        .and_then(|day| i8::try_from(day).ok())
        .and_then(|day| Date::new(year, month, day).ok());
    let Some(day) = day else {
        return Some(PartialDate::Month(year, month));
    };
    let (Some(hour), Some(minute)) = (part(8, 0, 23), part(10, 0, 59)) else {
        return Some(PartialDate::Day(day));
    };
    let second = part(12, 0, 59).unwrap_or(0);
    let offset = text.get(figures.len()..)?;
    // `Z07'46'` is seen: where the clock is said to be UTC, it is.
    let offset: String = offset
        .chars()
        .take(if offset.starts_with('Z') { 1 } else { 8 })
        .filter(|c| !matches!(c, '\'' | ':' | ' '))
        .collect();
    let clock = format!("{day}T{hour:02}:{minute:02}:{second:02}");
    format!("{clock}{offset}")
        .parse()
        .or_else(|_| format!("{clock}Z").parse())
        .ok()
}

/// The same as the parser of the file read it, which fills up what was cut.
pub(super) fn of_reader(read: DateTime) -> Option<PartialDate> {
    let day = Date::new(
        i16::try_from(read.year).ok()?,
        i8::try_from(read.month).ok()?,
        i8::try_from(read.day).ok()?,
    );
    let offset = i16::from(read.utc_offset_hour) * 60;
    let minutes = i16::from(read.utc_offset_minute);
    let (hour, minute) = (u32::from(read.hour), u32::from(read.minute));
    Some(PartialDate::Instant {
        day: day.ok()?,
        second: hour * 3600 + minute * 60 + u32::from(read.second.min(59)),
        offset_minutes: offset + if offset < 0 { -minutes } else { minutes },
    })
}

/// Not more than a day after the capture: the publisher's day may be ahead of ours.
fn possible(date: PartialDate, captured: UnixSeconds) -> bool {
    date.start().0 <= captured.0.saturating_add(DAY_SECONDS)
}

/// Whether a file can have been made then: the format is of 1993, and clocks that were never set
/// say 1970 or 1980.
fn is_of_a_file(date: PartialDate) -> bool {
    date.year() >= 1993
}

/// A day in the path, or at the beginning or end of the file's name (`minutes_20190312.pdf`).
fn day_in(path: &[String]) -> Option<PartialDate> {
    static FIGURES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:^|[_ -])((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:[_ -].*)?\.[pP][dD][fF]$",
        )
        .expect("a constant pattern")
    });
    crate::date::url::in_path(&joined(path)).or_else(|| {
        let found = FIGURES.captures(path.last()?)?;
        let part = |index: usize| found.get(index)?.as_str().parse::<i16>().ok();
        written::day(part(1)?, part(2)?, part(3)?)
    })
}

fn joined(path: &[String]) -> String {
    path.iter()
        .fold(String::new(), |joined, step| joined + "/" + step)
}

/// Two folders that name a year and a month (`/2019/03/`), or one (`/2019-03/`).
fn month_in(path: &[String]) -> Option<PartialDate> {
    static MONTH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"/((?:19|20)\d\d)[/_-](0[1-9]|1[0-2])/").expect("a constant pattern")
    });
    let joined = joined(path);
    let found = MONTH.captures(&joined)?;
    let year = found.get(1)?.as_str().parse().ok()?;
    Some(PartialDate::Month(
        year,
        found.get(2)?.as_str().parse().ok()?,
    ))
}

/// What a date printed on the first page is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Published,
    Revised,
}

/// A date printed on a page: behind a label, else in a line of its own in the upper part.
///
/// Never one in running text: that is what the text speaks of.
fn printed(page: &PageLines, month_first: bool, what: What) -> Option<PartialDate> {
    let read = |pattern: &Regex, reach: usize| {
        page.lines.iter().find_map(|line| {
            let found = pattern.find(&line.text)?;
            // In the middle of a sentence only the words of publishing count.
            if found.start() > 0 && line.text.chars().count() > LINE_CHARS {
                return None;
            }
            let behind = line.text.get(found.end()..).unwrap_or_default();
            behind_label(behind, month_first, reach)
        })
    };
    match what {
        What::Revised => read(&REVISED, 30),
        What::Published => read(&ARXIV, 30)
            .or_else(|| read(&LABEL, 30))
            .or_else(|| read(&ISSUED, 30))
            .or_else(|| alone(page, month_first)),
    }
}

/// A date that begins where its label ends.
fn behind_label(behind: &str, month_first: bool, reach: usize) -> Option<PartialDate> {
    let behind = crate::text::head(
        behind.trim_start_matches([':', '\u{ff1a}', ' ', '(', '-', '\u{2013}']),
        reach,
    );
    let at = YEAR.find(behind)?;
    // A month may stand before the year, hardly more.
    let words = behind.get(..at.start())?.split_whitespace().count();
    (words <= 4).then(|| date_in(behind, month_first)).flatten()
}

/// A day, else a month of a year. A clock time is that of something else.
fn date_in(text: &str, month_first: bool) -> Option<PartialDate> {
    if !YEAR.is_match(text) {
        return None;
    }
    let day = written::find(text, month_first)
        .and_then(PartialDate::day)
        .map(PartialDate::Day);
    day.or_else(|| written::month_of_year(text))
}

static YEAR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:19|20)\d\d(?:\D|$)").expect("a constant pattern"));

/// The stamp in the margin of preprints.
static ARXIV: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^arXiv:\S+\s+\[[^\]]{2,20}\]\s+").expect("a constant pattern"));

/// Labels of reports, beside those of web pages; at the beginning of a line.
static ISSUED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^\(?
        (?:date(?:\s+of\s+(?:issue|publication|release))?|dated|issue\s+date|date\s+issued
          |issued(?:\s+on)?|released?(?:\s+on|\s+date)?|publication\s+date|publication
          |\u{53d1}\u{5e03}\u{65e5}\u{671f}|\u{65e5}\u{671f}|\u{767a}\u{884c}\u{65e5}|\u{516c}\u{958b}\u{65e5}|\u{4f5c}\u{6210}\u{65e5}
          |\u{bc1c}\u{d589}\u{c77c}|\u{ac8c}\u{c2dc}\u{c77c}|fecha|data|datum|le|(?:version|release)(?:\s+v?\d[\w.]{0,11})?,?(?:\s+(?:of|from|dated))?)
        (?:\s*[:\u{ff1a}\u{2013}-]\s*|\s+|\s*\()",
    )
    .expect("a constant pattern")
});

/// Labels of a revision, at the beginning of a line or a part of it.
static REVISED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)(?:^|[(;,|]\s*)
        (?:(?:last\s+)?(?:revised|updated|modified|changed|amended)|last\s+(?:update|revision|change)
          |revision(?:\s+date)?|date\s+of\s+revision|aktualisiert|\u{fc}berarbeitet|letzte\s+\u{e4}nderung|stand
          |mis(?:e)?\s+\u{e0}\s+jour|r\u{e9}vis\u{e9}e?|actualizado|revisado|aggiornato|atualizado|herzien|bijgewerkt)
        (?:\s+(?:on|in|am|le|il|em|el))?(?:\s*[:\u{2013}-]\s*|\s+)",
    )
    .expect("a constant pattern")
});

/// The date in a line of its own, or with a few words beside it.
fn alone(page: &PageLines, month_first: bool) -> Option<PartialDate> {
    let letters: usize = page
        .lines
        .iter()
        .map(|line| line.text.chars().filter(|c| c.is_alphanumeric()).count())
        .sum();
    let is_cover = letters < COVER_LETTERS;
    let mut whole: Vec<PartialDate> = Vec::new();
    let mut beside: Vec<PartialDate> = Vec::new();
    for (index, line) in page.lines.iter().enumerate() {
        let high = line.baseline <= page.height * TOP;
        if !(high || is_cover || line.furniture) || line.text.chars().nth(LINE_CHARS).is_some() {
            continue;
        }
        let into = if is_date(&line.text) {
            &mut whole
        } else if stands_apart(page, index, line) && is_beside(&line.text) {
            &mut beside
        } else {
            continue;
        };
        if let Some(date) = date_in(&line.text, month_first)
            && !into.contains(&date)
        {
            into.push(date);
        }
    }
    let most = |dates: Vec<PartialDate>| match dates.len() {
        1..=MOST_DAYS => dates.into_iter().next(),
        _ => None,
    };
    most(whole).or_else(|| most(beside))
}

/// Whether a line is a paragraph of its own.
fn stands_apart(page: &PageLines, index: usize, line: &Line) -> bool {
    let goes_on = page
        .lines
        .get(index + 1)
        .is_some_and(|next| !next.starts && !next.furniture && (next.size - line.size).abs() < 0.5);
    line.furniture || (line.starts && !goes_on)
}

/// Whether a line is a date, with a place or a weekday before it at most.
pub(in crate::pdf) fn is_date(text: &str) -> bool {
    static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^[(\[]?(?:\p{L}[\p{L}\ .]{1,24},\s+)?(?:the\s+)?
            (?:\d{1,2}(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+|of\s+)?\p{L}{3,12}\.?,?[\s-]+(?:de\s+|del\s+)?(?:19|20)\d\d
              |\p{L}{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d
              |\p{L}{3,12}\.?,?\s+(?:de\s+)?(?:19|20)\d\d
              |\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:19|20)\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}
              |(?:19|20)\d\d\s?\u{5e74}\s?\d{1,2}\s?\u{6708}(?:\s?\d{1,2}\s?\u{65e5})?)
            \.?[)\]]?$",
        )
        .expect("a constant pattern")
    });
    WHOLE.is_match(text.trim())
}

/// Whether a short line with a date can be one that dates the document: not a span of days, and
/// without the words that tie a date to something else.
fn is_beside(text: &str) -> bool {
    static ELSE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)\b(?:due|deadline|ended|ending|ends|between|born|died|since|until|till|through|by|before|after|during
              |as\s+of|accessed|retrieved|downloaded|printed|expires?|expiry|valid|effective|meeting|conference|workshop
              |session|held|hearing|submitted|received|accepted|opened|founded|for|in|on|at|to|revised|updated|modified
              |amended|copyright|bis|vom|seit|jusqu|depuis|hasta|desde)\b
            |\u{a9}|\u{8003}\u{8bd5}|\u{8003}\u{8a66}|\u{4f1a}\u{8bae}|\u{622a}\u{6b62}|(?:^|[^\d./-])\d{1,2}\s*[\u{2013}\u{2014}-]\s*\d{1,2}\.?\s+\p{L}{3}|\p{L}\s+\d{1,2}\s*[\u{2013}\u{2014}-]\s*\d{1,2},",
        )
        .expect("a constant pattern")
    });
    !ELSE.is_match(text) && is_date_line(text) && !text.trim_end().ends_with(['?', '!', ',', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    #[track_caller]
    fn check_stamp(text: &str, expected: &str) {
        let found = stamp(text).map(|date| date.to_string());
        assert_eq!(found.unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn stamps_keep_precision_and_offset() {
        check_stamp("D:20190312100000+01'00'", "2019-03-12T10:00:00+01:00");
        check_stamp("D:20190312100000-03'30", "2019-03-12T10:00:00-03:30");
        check_stamp("D:20190312100000Z00'00'", "2019-03-12T10:00:00Z");
        check_stamp("D:20190312100000Z", "2019-03-12T10:00:00Z");
        check_stamp("D:20190312100000Z07'46'", "2019-03-12T10:00:00Z");
        check_stamp("D:20190312100000", "2019-03-12T10:00:00Z");
        check_stamp("D:201903121000", "2019-03-12T10:00:00Z");
        check_stamp("20190312", "2019-03-12");
        check_stamp("D:201903", "2019-03");
        check_stamp("D:2019", "2019");
        check_stamp("D:20199912", "2019");
        check_stamp("2019-03-12T10:00:00.5+01:00", "2019-03-12T10:00:00+01:00");
        check_stamp("2019-03", "2019-03");
        check_stamp("3/12/2019 10:00:00 AM", "2019-03-12");
        check_stamp("Tuesday, March 12, 2019", "2019-03-12");
        check_stamp("D:", "");
        check_stamp("yesterday", "");
        check_stamp("", "");
    }

    /// A page of paragraphs; `+` before a line goes on with the paragraph above, `_` puts it at
    /// the foot.
    fn page(lines: &[&str]) -> PageLines {
        let lines = lines.iter().enumerate().map(|(index, text)| Line {
            text: text.trim_start_matches(['+', '_']).to_owned(),
            left: 50.0,
            right: 300.0,
            baseline: if text.starts_with('_') {
                780.0
            } else {
                50.0 + 14.0 * index as f32
            },
            size: 10.0,
            bold: false,
            furniture: false,
            starts: !text.starts_with('+'),
        });
        PageLines {
            number: NonZeroU32::MIN,
            width: 600.0,
            height: 800.0,
            lines: lines.collect(),
        }
    }

    /// Of a file made on 20 March 2019 and changed on the 25th, captured on 1 January 2020.
    #[track_caller]
    fn check(url: &str, lines: &[&str], expected: &str) {
        let stated = Stated {
            created: stamp("D:20190320"),
            modified: stamp("D:20190325"),
            ..Stated::default()
        };
        let captured = "2020-01-01T00:00:00Z".parse().unwrap();
        let page = page(lines);
        let first = published(&stated, &page, url, captured, Some("en"));
        let last = modified(
            &stated,
            &page,
            first.map(|(date, _)| date),
            captured,
            Some("en"),
        );
        let describe = |found: Option<(PartialDate, Evidence)>| match found {
            Some((date, evidence)) => format!("{date} ({evidence:?})"),
            None => "none".to_owned(),
        };
        assert_eq!(format!("{} {}", describe(first), describe(last)), expected);
    }

    const PLAIN: &str = "https://a.example/report.pdf";
    const AS_MADE: &str = "2019-03-20 (Embedded) 2019-03-25 (Embedded)";

    #[test]
    fn the_page_and_the_address_before_the_file() {
        let changed = "2019-03-25 (Embedded)";
        for (line, date) in [
            ("12 March 2019", "2019-03-12"),
            ("March 12th, 2019", "2019-03-12"),
            ("(12. März 2019)", "2019-03-12"),
            ("Istmere, 12 March 2019", "2019-03-12"),
            ("March 2019", "2019-03"),
            ("mars 2019", "2019-03"),
            ("2019年3月", "2019-03"),
            ("Published: March 2019", "2019-03"),
            ("Date: 2019-03-12", "2019-03-12"),
            ("Version 2.3 (2019/03/12)", "2019-03-12"),
            ("v2.3 2019/03/12", "2019-03-12"),
            ("2019-03-12 v2.3", "2019-03-12"),
            ("Version 2019-03-12 v2.3", "2019-03-12"),
            ("Package v2.3 \u{2013} 12 March 2019", "2019-03-12"),
            ("Version mars 2019", "2019-03"),
            ("2019-03-12 8:00-10:00", "2019-03-12"),
            ("Special Report | 12 March 2019", "2019-03-12"),
            ("Working Paper No. 12, March 2019", "2019-03"),
            ("arXiv:1903.01234v1 [cs.XX] 4 Mar 2019", "2019-03-04"),
            ("_March 2019", "2019-03"),
            ("발행일 2019년 3월 12일", "2019-03-12"),
            ("发布日期：2019年3月12日", "2019-03-12"),
        ] {
            check(
                PLAIN,
                &["Port dues", line],
                &format!("{date} (Text) {changed}"),
            );
        }
        check(
            "https://a.example/2019/03/12/report.pdf",
            &["March 2018"],
            &format!("2019-03-12 (Url) {changed}"),
        );
        check(
            "https://a.example/minutes_20190312_final.pdf",
            &[],
            &format!("2019-03-12 (Url) {changed}"),
        );
        check("https://a.example/2019/04/x.pdf", &[], "2019-04 (Url) none");
        check("https://a.example/2019/03/x.pdf", &[], AS_MADE);
        check("file:///home/ada/2019/04/01/x.pdf", &[], AS_MADE);
        check(
            PLAIN,
            &["Port dues", "March 2019", "(revised 24 March 2019)"],
            "2019-03 (Text) 2019-03-24 (Text)",
        );
    }

    #[test]
    fn what_the_text_speaks_of_is_no_date_of_it() {
        for line in [
            "On 12 March 2018 the harbour of Istmere froze for the first time.",
            "12\u{2013}14 March 2018, Istmere",
            "Applications are due 12 March 2018",
            "For the year ended 31 December 2018",
            "Accessed 12 March 2018",
            "12 March 2025",
            "3.1.19",
            "Annual Report 2018",
        ] {
            check(PLAIN, &["Port dues", line], AS_MADE);
        }
        check(
            PLAIN,
            &["The harbour froze on", "+12 March 2018 for"],
            AS_MADE,
        );
        check(
            PLAIN,
            &["1 May 2018", "2 May 2018", "3 May 2018", "4 May 2018"],
            AS_MADE,
        );
        let long = "The dues of the port have risen by a third. ".repeat(30);
        check(PLAIN, &[&long, "_March 2018"], AS_MADE);
    }

    #[test]
    fn a_file_is_no_older_than_the_format_but_what_it_shows_may_be() {
        let stated = Stated {
            created: stamp("D:19700101"),
            ..Stated::default()
        };
        let captured = "2020-01-01T00:00:00Z".parse().unwrap();
        let found = published(&stated, &page(&["Port dues"]), PLAIN, captured, None);
        assert_eq!(found, None);
        let scan = page(&["Port dues", "June 1948"]);
        let found = published(&stated, &scan, PLAIN, captured, None);
        assert_eq!(found, Some((PartialDate::Month(1948, 6), Evidence::Text)));
    }
}
