//! How old something is, in words.

use jiff::civil::Date;
use model::time::{DAY_SECONDS, PartialDate, UnixSeconds};

/// From the largest: name and length in seconds. A month is 30 days.
const UNITS: [(&str, i64); 6] = [
    ("month", 30 * DAY_SECONDS),
    ("week", 7 * DAY_SECONDS),
    ("day", DAY_SECONDS),
    ("hour", 3600),
    ("minute", 60),
    ("second", 1),
];

/// From this age on the date itself is shown.
const AS_DATE_FROM: i64 = 32 * DAY_SECONDS;

/// The age of `date` at `now`: `3 weeks ago` where it is younger than 32 days, else the date as
/// precise as it is known: `June 2, 2025`, `June 2025`, `2025`.
///
/// A date known to the day is counted in whole days from the publisher's day to the UTC day of
/// `now`, so it never gives hours. A date after the clock is shown as a date.
pub fn age(date: PartialDate, now: UnixSeconds) -> String {
    let seconds = match date {
        PartialDate::Year(_) | PartialDate::Month(..) => None,
        PartialDate::Day(_) => {
            let today = now.0.div_euclid(DAY_SECONDS);
            Some(
                today
                    .saturating_sub(date.first_day())
                    .saturating_mul(DAY_SECONDS),
            )
        }
        PartialDate::Instant { .. } => Some(now.0.saturating_sub(date.start().0)),
    };
    match seconds {
        Some(seconds) if (0..AS_DATE_FROM).contains(&seconds) => {
            if let Some(age) = ago(seconds) {
                return age;
            }
            // Less than any unit: the same day, or the same second.
            let same_day = matches!(date, PartialDate::Day(_));
            if same_day { "today" } else { "just now" }.to_owned()
        }
        _ => written(date),
    }
}

/// The largest unit of which the age is at least 0.85, rounded.
fn ago(seconds: i64) -> Option<String> {
    let (name, length) = UNITS
        .into_iter()
        .find(|&(_, length)| seconds * 100 >= length * 85)?;
    let count = (seconds + length / 2) / length;
    let plural = if count == 1 { "" } else { "s" };
    Some(format!("{count} {name}{plural} ago"))
}

/// The date as precise as it is: `June 2, 2025`, `June 2025`, `2025`, `44 BC`.
fn written(date: PartialDate) -> String {
    let year = match date.year() {
        // Astronomical numbering: 0 is 1 BC.
        year if year <= 0 => format!("{} BC", 1 - i128::from(year)),
        year => year.to_string(),
    };
    match (date.month(), date.day()) {
        (Some(month), Some(day)) => format!("{} {}, {year}", month_name(month), day.day()),
        (Some(month), None) => format!("{} {year}", month_name(month)),
        _ => year,
    }
}

/// The UTC day of an instant, as captures are dated: `14 December 2025`.
pub fn day(instant: UnixSeconds) -> String {
    let written = |date: Date| {
        format!(
            "{} {} {}",
            date.day(),
            month_name(date.month()),
            date.year()
        )
    };
    // Outside the calendar's range: damaged input only.
    instant
        .utc_date()
        .map_or_else(|| instant.to_string(), written)
}

fn month_name(month: i8) -> &'static str {
    match month {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(date: &str, now: &str, expected: &str) {
        assert_eq!(age(date.parse().unwrap(), now.parse().unwrap()), expected);
    }

    #[test]
    fn instants() {
        let now = "2025-12-22T12:00:00Z";
        check("2025-12-22T12:00:00Z", now, "just now");
        check("2025-12-22T11:59:59Z", now, "1 second ago");
        check("2025-12-22T11:59:10Z", now, "50 seconds ago");
        // 51 s are 0.85 minutes.
        check("2025-12-22T11:59:09Z", now, "1 minute ago");
        check("2025-12-22T11:55:00Z", now, "5 minutes ago");
        check("2025-12-22T11:10:00Z", now, "50 minutes ago");
        check("2025-12-22T11:09:00Z", now, "1 hour ago");
        check("2025-12-22T09:00:00Z", now, "3 hours ago");
        check("2025-12-21T16:00:00Z", now, "20 hours ago");
        check("2025-12-21T15:00:00Z", now, "1 day ago");
        check("2025-12-22T13:30:00+02:00", now, "30 minutes ago");
        check("2025-11-20T12:00:01Z", now, "1 month ago");
        check("2025-11-20T12:00:00Z", now, "November 20, 2025");
        // The publisher's day, though it was 1 June in UTC.
        check("2025-06-02T00:30:00+02:00", now, "June 2, 2025");
        check("2025-12-22T12:00:01Z", now, "December 22, 2025");
    }

    #[test]
    fn days_never_give_hours() {
        let now = "2025-12-22T00:00:01Z";
        check("2025-12-22", now, "today");
        check("2025-12-21", now, "1 day ago");
        check("2025-12-20", "2025-12-22T23:59:59Z", "2 days ago");
        check("2025-12-17", now, "5 days ago");
        check("2025-12-16", now, "1 week ago");
        check("2025-12-02", now, "3 weeks ago");
        check("2025-11-27", now, "4 weeks ago");
        check("2025-11-26", now, "1 month ago");
        check("2025-11-21", now, "1 month ago");
        check("2025-11-20", now, "November 20, 2025");
        check("2025-06-02", now, "June 2, 2025");
        check("2025-12-23", now, "December 23, 2025");
    }

    #[test]
    fn less_precise_dates_print_as_they_are() {
        let now = "2025-12-22T12:00:00Z";
        check("2025-12", now, "December 2025");
        check("2025", now, "2025");
        check("-0043", now, "44 BC");
        check("-13798000000", now, "13798000001 BC");
    }

    #[test]
    fn captures_are_dated_by_their_utc_day() {
        assert_eq!(
            day("2025-12-14T23:59:59Z".parse().unwrap()),
            "14 December 2025"
        );
        assert_eq!(day(UnixSeconds(i64::MAX)), format!("@{}", i64::MAX));
    }
}
