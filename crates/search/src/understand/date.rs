//! Dates as operators name them: a year, a month, a day, or a span back from now (A4, *When*).

use model::time::{DAY_SECONDS, PartialDate, UnixSeconds};

/// Days `[from, until)` since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days {
    /// First day.
    pub(super) from: i64,
    /// Day after the last.
    pub(super) until: i64,
}

/// A moment that an operator names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A year, month or day.
    Calendar(Days),
    /// So long before now.
    Ago(UnixSeconds),
}

impl Moment {
    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `36h`, `7d`, `2w`, `3m`, `1y`.
    pub(super) fn parse(text: &str, now: UnixSeconds) -> Option<Self> {
        calendar(text)
            .map(Self::Calendar)
            .or_else(|| ago(text, now).map(Self::Ago))
    }

    /// The first day of it.
    pub(super) fn first_day(self) -> i64 {
        match self {
            Self::Calendar(days) => days.from,
            Self::Ago(instant) => instant.0.div_euclid(DAY_SECONDS),
        }
    }

    /// The day after its last one.
    pub(super) fn end_day(self) -> i64 {
        match self {
            Self::Calendar(days) => days.until,
            Self::Ago(instant) => instant.0.div_euclid(DAY_SECONDS) + 1,
        }
    }

    /// Its first instant.
    pub(super) fn start(self) -> UnixSeconds {
        match self {
            Self::Calendar(days) => UnixSeconds(days.from * DAY_SECONDS),
            Self::Ago(instant) => instant,
        }
    }
}

/// A moment or `from..until`, either end open; a span alone reaches from then to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: Option<Moment>,
    pub(super) until: Option<Moment>,
}

impl Stretch {
    pub(super) fn parse(text: &str, now: UnixSeconds) -> Option<Self> {
        let Some((from, until)) = text.split_once("..") else {
            let moment = Moment::parse(text, now)?;
            let until = match moment {
                Moment::Calendar(_) => moment,
                Moment::Ago(_) => Moment::Ago(now),
            };
            return Some(Self {
                from: Some(moment),
                until: Some(until),
            });
        };
        let side = |text: &str| match text {
            "" => Some(None),
            text => Moment::parse(text, now).map(Some),
        };
        let (from, until) = (side(from)?, side(until)?);
        if from.is_none() && until.is_none() {
            return None;
        }
        let backwards = matches!((from, until), (Some(a), Some(b)) if a.start() > b.start());
        let (from, until) = if backwards {
            (until, from)
        } else {
            (from, until)
        };
        Some(Self { from, until })
    }
}

/// A day as `2024-03-15`; days that no calendar covers as a number.
pub(super) fn print_day(day: i64) -> String {
    UnixSeconds(day.saturating_mul(DAY_SECONDS))
        .utc_date()
        .map_or_else(|| day.to_string(), |date| date.to_string())
}

fn calendar(text: &str) -> Option<Days> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    // `PartialDate` reads more forms than operators have.
    if !matches!(text.len(), 4 | 7 | 10) || !text.split('-').all(digits) {
        return None;
    }
    let date: PartialDate = text.parse().ok()?;
    let next = match date {
        PartialDate::Year(year) => format!("{:04}", year + 1),
        PartialDate::Month(year, 12) => format!("{:04}-01", year + 1),
        PartialDate::Month(year, month) => format!("{year:04}-{:02}", month + 1),
        PartialDate::Day(_) => {
            let from = date.first_day();
            return Some(Days {
                from,
                until: from + 1,
            });
        }
        PartialDate::Instant { .. } => return None,
    };
    // 9999 is followed by a year that the form cannot write.
    let until = next.parse::<PartialDate>().ok()?.first_day();
    Some(Days {
        from: date.first_day(),
        until,
    })
}

fn ago(text: &str, now: UnixSeconds) -> Option<UnixSeconds> {
    let unit = text.chars().next_back()?.to_ascii_lowercase();
    let number = text.get(..text.len().checked_sub(1)?)?;
    if number.is_empty() || number.len() > 5 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = number.parse().ok()?;
    let seconds = match unit {
        'h' => number * 3_600,
        'd' => number * DAY_SECONDS,
        'w' => number * 7 * DAY_SECONDS,
        'm' => return months_ago(now, number),
        'y' => return months_ago(now, number * 12),
        _ => return None,
    };
    Some(UnixSeconds(now.0.saturating_sub(seconds)))
}

/// The same time of day so many months earlier; the last day of a shorter month.
fn months_ago(now: UnixSeconds, months: i64) -> Option<UnixSeconds> {
    let today = now.utc_date()?;
    let count = i64::from(today.year()) * 12 + i64::from(today.month()) - 1 - months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let day = (1..=i64::from(today.day())).rev().find_map(|day| {
        let text = format!("{year:04}-{month:02}-{day:02}");
        text.parse::<PartialDate>().ok()
    })?;
    let time = now.0.rem_euclid(DAY_SECONDS);
    Some(UnixSeconds(day.first_day() * DAY_SECONDS + time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> UnixSeconds {
        "2025-03-31T12:00:00Z".parse().unwrap()
    }

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = Stretch::parse(text, now()).map(|stretch| {
            let from = stretch.from.map(|m| print_day(m.first_day()));
            let until = stretch.until.map(|m| print_day(m.end_day()));
            (from.unwrap_or_default(), until.unwrap_or_default())
        });
        let expected = expected.map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn moments_and_stretches() {
        check("2024", Some(("2024-01-01", "2025-01-01")));
        check("2024-02", Some(("2024-02-01", "2024-03-01")));
        check("2024-12", Some(("2024-12-01", "2025-01-01")));
        check("2024-02-29", Some(("2024-02-29", "2024-03-01")));
        check("2023-11..2024-02", Some(("2023-11-01", "2024-03-01")));
        check("2024..2023", Some(("2023-01-01", "2025-01-01")));
        check("2024..", Some(("2024-01-01", "")));
        check("..2024", Some(("", "2025-01-01")));
        check("7d", Some(("2025-03-24", "2025-04-01")));
        check("36h", Some(("2025-03-30", "2025-04-01")));
        check("2w", Some(("2025-03-17", "2025-04-01")));
        check("1m", Some(("2025-02-28", "2025-04-01")));
        check("1y", Some(("2024-03-31", "2025-04-01")));
        for wrong in [
            "",
            "..",
            "2023-02-29",
            "24",
            "2024-13",
            "7x",
            "d",
            "x7d",
            "2024-1-1",
            "-044",
            "+2024",
            "99999999d",
            "é",
            "2024-03-15T10:00",
        ] {
            check(wrong, None);
        }
    }
}
