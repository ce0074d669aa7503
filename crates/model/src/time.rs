//! Instants, and dates that are only as precise as their source.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Seconds in a day, leap seconds aside (as in Unix time).
pub const DAY_SECONDS: i64 = 86_400;

/// An instant: seconds since 1970-01-01T00:00:00Z, negative before it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct UnixSeconds(pub i64);

impl UnixSeconds {
    /// The UTC calendar day of this instant, or `None` outside the years -9999 to 9999.
    pub fn utc_date(self) -> Option<Date> {
        let instant = jiff::Timestamp::from_second(self.0).ok()?;
        Some(jiff::tz::TimeZone::UTC.to_datetime(instant).date())
    }

    /// Parses the 14 digits of a CDX line (`20251220100000`, UTC); shorter ones are filled with
    /// the first month, day or second.
    pub fn from_cdx(digits: &str) -> Option<Self> {
        if !digits.bytes().all(|b| b.is_ascii_digit()) || !(4..=14).contains(&digits.len()) {
            return None;
        }
        let filled = format!("{digits}{}", "00000101000000".get(digits.len()..)?);
        let part = |range: std::ops::Range<usize>| filled.get(range)?.parse::<i8>().ok();
        let year = filled.get(0..4)?.parse::<i16>().ok()?;
        let day = Date::new(year, part(4..6)?, part(6..8)?).ok()?;
        let time = jiff::civil::Time::new(part(8..10)?, part(10..12)?, part(12..14)?, 0).ok()?;
        let instant = jiff::tz::TimeZone::UTC
            .to_timestamp(day.to_datetime(time))
            .ok()?;
        Some(Self(instant.as_second()))
    }

    /// The 14 digits of a CDX line, UTC.
    pub fn to_cdx(self) -> String {
        self.to_string()
            .chars()
            .filter(char::is_ascii_digit)
            .collect()
    }
}

/// RFC 3339 in UTC with whole seconds: `2025-12-20T10:00:00Z`.
impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(instant) => write!(f, "{instant}"),
            // Outside jiff's range; such an instant comes from damaged input only.
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

/// A text that is no date in the form asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date")]
pub struct DateError(pub String);

impl FromStr for UnixSeconds {
    type Err = DateError;

    /// Reads RFC 3339 with any offset and with or without fractions of a second (dropped).
    fn from_str(text: &str) -> Result<Self, DateError> {
        if let Some(seconds) = text.strip_prefix('@') {
            return seconds
                .parse()
                .map(Self)
                .map_err(|_| DateError(text.to_owned()));
        }
        text.trim()
            .parse::<jiff::Timestamp>()
            .map(|instant| Self(instant.as_second() - i64::from(instant.subsec_nanosecond() < 0)))
            .map_err(|_| DateError(text.to_owned()))
    }
}

impl From<UnixSeconds> for String {
    fn from(instant: UnixSeconds) -> Self {
        instant.to_string()
    }
}

impl TryFrom<String> for UnixSeconds {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

/// A date as precise as its source: a year, a month, a day, or an instant with the offset that
/// the publisher wrote.
///
/// The day is the publisher's day: an instant is never moved to another time zone.
/// Written as `2025`, `2025-06`, `2025-06-02`, `2025-06-02T00:30:00+02:00`; years before 0 and
/// after 9999 have a sign, as in ISO 8601 (`-13798000000`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum PartialDate {
    /// A year, astronomical numbering (0 is 1 BC).
    Year(i64),
    /// A month, 1 to 12.
    Month(i16, i8),
    /// A calendar day.
    Day(Date),
    /// An instant, as the publisher's clock showed it.
    Instant {
        /// The publisher's day.
        day: Date,
        /// Second of that day, 0 to 86,399.
        second: u32,
        /// What to subtract to reach UTC, in minutes; 0 where the source named none.
        offset_minutes: i16,
    },
}

impl PartialDate {
    /// An instant in UTC; `None` outside the years -9999 to 9999.
    pub fn utc(instant: UnixSeconds) -> Option<Self> {
        Some(Self::Instant {
            day: instant.utc_date()?,
            second: u32::try_from(instant.0.rem_euclid(DAY_SECONDS)).ok()?,
            offset_minutes: 0,
        })
    }

    /// The day, where the date is that precise.
    pub fn day(self) -> Option<Date> {
        match self {
            Self::Day(day) | Self::Instant { day, .. } => Some(day),
            Self::Year(_) | Self::Month(..) => None,
        }
    }

    /// The year, astronomical numbering.
    pub fn year(self) -> i64 {
        match self {
            Self::Year(year) => year,
            Self::Month(year, _) => i64::from(year),
            Self::Day(day) | Self::Instant { day, .. } => i64::from(day.year()),
        }
    }

    /// The month, 1 to 12, where the date is that precise.
    pub fn month(self) -> Option<i8> {
        match self {
            Self::Year(_) => None,
            Self::Month(_, month) => Some(month),
            Self::Day(day) | Self::Instant { day, .. } => Some(day.month()),
        }
    }

    /// The first day that the date covers, as days since 1970-01-01: the publisher's day, which
    /// is what `after:` and `before:` compare. Saturates for years that no calendar covers.
    pub fn first_day(self) -> i64 {
        let days = |day: Date| {
            jiff::tz::TimeZone::UTC
                .to_timestamp(day.to_datetime(jiff::civil::Time::midnight()))
                .map_or(0, |instant| instant.as_second().div_euclid(DAY_SECONDS))
        };
        match self {
            Self::Year(year) => match i16::try_from(year)
                .ok()
                .and_then(|y| Date::new(y, 1, 1).ok())
            {
                Some(day) => days(day),
                // 365.2425 days a year; nobody asks a geological date for its day.
                None => year.saturating_sub(1970).saturating_mul(3_652_425) / 10_000,
            },
            Self::Month(year, month) => Date::new(year, month, 1).map_or(0, days),
            Self::Day(day) | Self::Instant { day, .. } => days(day),
        }
    }

    /// The earliest instant that the date covers; the start of the day in UTC where it names no
    /// offset.
    pub fn start(self) -> UnixSeconds {
        let day_start = self.first_day().saturating_mul(DAY_SECONDS);
        match self {
            Self::Instant {
                second,
                offset_minutes,
                ..
            } => UnixSeconds(
                day_start.saturating_add(i64::from(second)) - i64::from(offset_minutes) * 60,
            ),
            _ => UnixSeconds(day_start),
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Year(year) if (0..=9999).contains(&year) => write!(f, "{year:04}"),
            Self::Year(year) => write!(f, "{year:+05}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => write!(f, "{day}"),
            Self::Instant {
                day,
                second,
                offset_minutes,
            } => {
                let (hour, minute) = (second / 3600, second / 60 % 60);
                write!(f, "{day}T{hour:02}:{minute:02}:{:02}", second % 60)?;
                if offset_minutes == 0 {
                    return write!(f, "Z");
                }
                let sign = if offset_minutes < 0 { '-' } else { '+' };
                let offset = offset_minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", offset / 60, offset % 60)
            }
        }
    }
}

impl FromStr for PartialDate {
    type Err = DateError;

    /// Reads the forms that [`fmt::Display`] writes, and the variants of ISO 8601 and RFC 3339
    /// seen in pages: a space for the `T`, no seconds, fractions, `+0200`, no offset at all.
    fn from_str(text: &str) -> Result<Self, DateError> {
        parse(text.trim()).ok_or_else(|| DateError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<PartialDate> {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let signed = text.starts_with(['+', '-']);
    if signed || text.len() == 4 {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let plain = digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_digit());
        return plain.then(|| text.parse().ok().map(PartialDate::Year))?;
    }
    let year = i16::try_from(number(0..4)?).ok()?;
    if text.get(4..5)? != "-" {
        return None;
    }
    let month = i8::try_from(number(5..7)?)
        .ok()
        .filter(|m| (1..=12).contains(m))?;
    if text.len() == 7 {
        return Some(PartialDate::Month(year, month));
    }
    if text.get(7..8)? != "-" {
        return None;
    }
    let day = Date::new(year, month, i8::try_from(number(8..10)?).ok()?).ok()?;
    if text.len() == 10 {
        return Some(PartialDate::Day(day));
    }
    let rest = text.get(10..)?.strip_prefix(['T', 't', ' '])?.trim_start();
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-', ' ']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let mut parts = clock.split(':');
    let mut next = |limit: u32| -> Option<u32> {
        let whole = parts.next()?.split(['.', ',']).next()?;
        whole.parse().ok().filter(|&value| value < limit)
    };
    let (hour, minute) = (next(24)?, next(60)?);
    // A leap second counts as the one before it.
    let second = next(61).unwrap_or(0).min(59);
    Some(PartialDate::Instant {
        day,
        second: hour * 3600 + minute * 60 + second,
        offset_minutes: parse_offset(offset.trim())?,
    })
}

fn parse_offset(text: &str) -> Option<i16> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i16>().ok()?, 0),
        4 => (
            digits.get(0..2)?.parse().ok()?,
            digits.get(2..4)?.parse().ok()?,
        ),
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for PartialDate {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(input: &str, printed: Option<&str>) {
        assert_eq!(
            input
                .parse::<PartialDate>()
                .ok()
                .map(|d| d.to_string())
                .as_deref(),
            printed
        );
    }

    #[test]
    fn dates_keep_their_precision_and_offset() {
        check("1946", Some("1946"));
        check("1946-04", Some("1946-04"));
        check("1946-04-17", Some("1946-04-17"));
        check(
            "2025-06-02T00:30:00+02:00",
            Some("2025-06-02T00:30:00+02:00"),
        );
        check(
            "2025-06-02T00:30:00-0430",
            Some("2025-06-02T00:30:00-04:30"),
        );
        check("2025-06-02 00:30", Some("2025-06-02T00:30:00Z"));
        check("2025-06-02T00:30:59.999Z", Some("2025-06-02T00:30:59Z"));
        check("-13798000000", Some("-13798000000"));
        check("-0044", Some("-0044"));
        check("2025-13", None);
        check("2025-02-30", None);
        check("2025-06-02T25:00", None);
        check("194", None);
        check("é025-01-01", None);
    }

    #[test]
    fn the_day_is_the_publishers() {
        let date: PartialDate = "2025-06-02T00:30:00+02:00".parse().unwrap();
        assert_eq!(date.day().unwrap().to_string(), "2025-06-02");
        assert_eq!(date.start().to_string(), "2025-06-01T22:30:00Z");
        assert_eq!("1970-01-03".parse::<PartialDate>().unwrap().first_day(), 2);
    }

    #[test]
    fn cdx_digits() {
        let instant = UnixSeconds::from_cdx("20251220100000").unwrap();
        assert_eq!(instant.to_string(), "2025-12-20T10:00:00Z");
        assert_eq!(instant.to_cdx(), "20251220100000");
        assert_eq!(
            UnixSeconds::from_cdx("2025").unwrap().to_string(),
            "2025-01-01T00:00:00Z"
        );
        assert_eq!(UnixSeconds::from_cdx("20251320"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            if let Ok(date) = text.parse::<PartialDate>() {
                prop_assert_eq!(date.to_string().parse::<PartialDate>().unwrap(), date);
            }
        }

        #[test]
        fn instants_round_trip(seconds in -60_000_000_000_i64..200_000_000_000) {
            let instant = UnixSeconds(seconds);
            prop_assert_eq!(instant.to_string().parse::<UnixSeconds>().unwrap(), instant);
        }
    }
}
