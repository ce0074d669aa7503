//! Dates as people and programs write them, in a dozen languages.

use std::sync::LazyLock;

use jiff::civil::Date;
use model::time::PartialDate;
use regex::{Captures, Regex};

/// Longer text is not looked through (bytes).
const TEXT_BYTES: usize = 2_000;

/// A calendar day.
pub(crate) fn day(year: i16, month: i16, day: i16) -> Option<PartialDate> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day).ok().map(PartialDate::Day)
}

/// A value that is meant to be a date: a machine's form (ISO 8601, `20250602`, seconds since
/// 1970), or text. `month_first` reads `6/2/2025` as Americans do.
pub(crate) fn stamp(text: &str, month_first: bool) -> Option<PartialDate> {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_BYTES {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return digits(text);
    }
    if !text.starts_with(['+', '-'])
        && let Ok(date) = text.parse::<PartialDate>()
    {
        return Some(date);
    }
    find(text, month_first)
}

fn digits(text: &str) -> Option<PartialDate> {
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    match text.len() {
        4 => Some(PartialDate::Year(text.parse().ok()?)),
        6 => {
            let month = i8::try_from(part(4..6)?).ok()?;
            (1..=12)
                .contains(&month)
                .then_some(PartialDate::Month(part(0..4)?, month))
        }
        8 | 12 | 14 => day(part(0..4)?, part(4..6)?, part(6..8)?),
        10 | 13 => {
            let seconds: i64 = text.get(0..10)?.parse().ok()?;
            let instant = model::time::UnixSeconds(seconds).to_string();
            instant.parse().ok()
        }
        _ => None,
    }
}

/// The first date in a text.
pub(crate) fn find(text: &str, month_first: bool) -> Option<PartialDate> {
    if text.len() > TEXT_BYTES {
        return None;
    }
    iso(text)
        .or_else(|| named_month(text))
        .or_else(|| numbers(text, month_first))
}

fn number(captures: &Captures<'_>, index: usize) -> Option<i16> {
    captures.get(index)?.as_str().parse().ok()
}

/// `2025-06-02`, `2025/6/2`, `2025.06.02`, `2025年6月2日`, with a time behind it or not.
fn iso(text: &str) -> Option<PartialDate> {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)
            (?:^|[^\d])((?:19|20)\d\d)\s?[-/.\u{5e74}\u{b144}]\s?(\d{1,2})\s?[-/.\u{6708}\u{c6d4}]\s?(\d{1,2})
            (?:(?:T|\s+|\s*\u{65e5}\s*)(\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?)\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?)?",
        )
        .expect("a constant pattern")
    });
    let captures = PATTERN.captures(text)?;
    let found = day(
        number(&captures, 1)?,
        number(&captures, 2)?,
        number(&captures, 3)?,
    )?;
    with_clock(
        found,
        captures.get(4).map(|m| m.as_str()),
        captures.get(5).map(|m| m.as_str()),
    )
}

/// A clock time counts only with its offset: without one it may be anybody's.
fn with_clock(found: PartialDate, clock: Option<&str>, zone: Option<&str>) -> Option<PartialDate> {
    let (Some(clock), Some(zone)) = (clock, zone) else {
        return Some(found);
    };
    let zone = if zone.starts_with(['+', '-']) {
        zone
    } else {
        "Z"
    };
    let padded = if clock.find(':') == Some(1) {
        format!("0{clock}")
    } else {
        clock.to_owned()
    };
    format!("{found}T{padded}{zone}")
        .parse()
        .ok()
        .or(Some(found))
}

/// `2 June 2025`, `2. Juni 2025`, `June 2nd, 2025`, `2 de junio de 2025`,
/// `Mon, 02 Jun 2025 00:30:00 +0200`.
fn named_month(text: &str) -> Option<PartialDate> {
    static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)
            (?:^|[^\d])(\d{1,2})(?:st|nd|rd|th|er|\.|\u{ba}|\u{aa})?[\s\u{a0}-]*(?:de\s+|of\s+)?
            (\p{L}{3,12})\.?,?[\s\u{a0}-]+(?:de\s+|del\s+)?((?:19|20)\d\d)
            (?:,?\s+(\d{1,2}:\d\d(?::\d\d)?)\s?(GMT|UTC|Z|[+-]\d\d:?\d\d))?",
        )
        .expect("a constant pattern")
    });
    static MONTH_FIRST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(\p{L}{3,12})\.?[\s\u{a0}]+(\d{1,2})(?:st|nd|rd|th)?\.?,?[\s\u{a0}]+((?:19|20)\d\d)",
        )
        .expect("a constant pattern")
    });
    for captures in DAY_FIRST.captures_iter(text).take(20) {
        let month = captures.get(2).and_then(|name| month(name.as_str()));
        if let Some(month) = month
            && let (Some(d), Some(y)) = (number(&captures, 1), number(&captures, 3))
            && let Some(found) = day(y, month, d)
        {
            return with_clock(
                found,
                captures.get(4).map(|m| m.as_str()),
                captures.get(5).map(|m| m.as_str()),
            );
        }
    }
    MONTH_FIRST
        .captures_iter(text)
        .take(20)
        .find_map(|captures| {
            let month = month(captures.get(1)?.as_str())?;
            day(number(&captures, 3)?, month, number(&captures, 2)?)
        })
}

/// A month of a year by its name (`June 2025`, `juin de 2025`, `2025年6月`), the first in a text.
pub(crate) fn month_of_year(text: &str) -> Option<PartialDate> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:^|[^\p{L}])(\p{L}{3,12})\.?,?[\s\u{a0}]+(?:de\s+|del\s+)?((?:19|20)\d\d)(?:\D|$)",
        )
        .expect("a constant pattern")
    });
    static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"((?:19|20)\d\d)\s?[\u{5e74}\u{b144}]\s?(\d{1,2})\s?[\u{6708}\u{c6d4}]")
            .expect("a constant pattern")
    });
    if text.len() > TEXT_BYTES {
        return None;
    }
    let named = NAMED.captures_iter(text).take(20).find_map(|captures| {
        let month = month(captures.get(1)?.as_str())?;
        Some((number(&captures, 2)?, month))
    });
    let counted = || {
        let captures = COUNTED.captures(text)?;
        Some((number(&captures, 1)?, number(&captures, 2)?))
    };
    let (year, month) = named.or_else(counted)?;
    let month = i8::try_from(month).ok()?;
    (1..=12)
        .contains(&month)
        .then_some(PartialDate::Month(year, month))
}

/// `02.06.2025`, `2/6/2025`, `02-06-25`: the day first, except where `month_first` says otherwise
/// and the separator is a slash or dash; what can be read in one way only is read so.
fn numbers(text: &str, month_first: bool) -> Option<PartialDate> {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^\d./-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?[./-]\s?((?:19|20)\d\d|\d\d)(?:[^\d]|$)")
            .expect("a constant pattern")
    });
    let captures = PATTERN.captures(text)?;
    let (first, second) = (number(&captures, 1)?, number(&captures, 3)?);
    let mut year = number(&captures, 4)?;
    if year < 100 {
        year += if year < 70 { 2000 } else { 1900 };
    }
    let dotted = captures.get(2)?.as_str() == ".";
    let american = month_first && !dotted;
    let (d, m) = if american {
        (second, first)
    } else {
        (first, second)
    };
    if m > 12 {
        day(year, d, m)
    } else {
        day(year, m, d)
    }
}

/// The month that a name names, 1 to 12; full names and the usual short ones.
fn month(name: &str) -> Option<i16> {
    let name = name.to_lowercase();
    let place = MONTHS
        .iter()
        .position(|names| names.split(' ').any(|known| known == name))?;
    i16::try_from(place + 1).ok()
}

/// English, German, French, Spanish, Italian, Portuguese, Dutch, Turkish, Russian, Ukrainian,
/// Polish, Czech, Scandinavian, Finnish, Hungarian, Romanian, Indonesian, Greek.
const MONTHS: [&str; 12] = [
    "january jan januar jänner janvier enero ene gennaio gen janeiro januari ocak oca января янв январь січня stycznia sty ledna tammikuuta január ianuarie janv ιανουαρίου",
    "february feb februar feber février fevrier févr fév febrero febbraio fevereiro fev februari şubat şub февраля фев февр февраль лютого lutego lut února helmikuuta február februarie februaru φεβρουαρίου",
    "march mar märz maerz mär mrz mars marzo março marco maart mrt mart marts марта мар март березня marca března maaliskuuta március martie maret μαρτίου",
    "april apr avril avr abril abr aprile nisan nis апреля апр апрель квітня kwietnia kwi dubna huhtikuuta április aprilie απριλίου",
    "may mai mayo maggio mag maio mei mayıs мая май травня maja května toukokuuta május maj μαΐου",
    "june jun juni juin junio giugno giu junho haziran haz июня июн июнь червня czerwca cze června kesäkuuta június iunie ιουνίου",
    "july jul juli juillet juil julio luglio lug julho temmuz tem июля июл июль липня lipca lip července heinäkuuta július iulie ιουλίου",
    "august aug août aout agosto ago augustus ağustos ağu августа авг август серпня sierpnia sie srpna elokuuta augusztus agustus augusti αυγούστου",
    "september sep sept septembre septiembre setiembre settembre set setembro eylül eyl сентября сен сент сентябрь вересня września wrz září syyskuuta szeptember septembrie σεπτεμβρίου",
    "october oct oktober okt octobre octubre ottobre ott outubro out ekim eki октября окт октябрь жовтня października paź října lokakuuta október octombrie οκτωβρίου",
    "november nov novembre noviembre novembro kasım kas ноября ноя нояб ноябрь листопада listopada lis listopadu marraskuuta noiembrie nopember νοεμβρίου",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro desember aralık ara декабря дек декабрь грудня grudnia gru prosince joulukuuta decembrie des δεκεμβρίου",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = stamp(text, false).map(|date| date.to_string());
        assert_eq!(found.unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn machines() {
        check("2025-06-02T00:30:00+02:00", "2025-06-02T00:30:00+02:00");
        check("2025-06-02T00:30:00.000+0200", "2025-06-02T00:30:00+02:00");
        check(
            "Mon, 02 Jun 2025 00:30:00 +0200",
            "2025-06-02T00:30:00+02:00",
        );
        check("Mon, 02 Jun 2025 09:30:00 GMT", "2025-06-02T09:30:00Z");
        check("20250602", "2025-06-02");
        check("20250602003000", "2025-06-02");
        check("1748817000", "2025-06-01T22:30:00Z");
        check("1748817000000", "2025-06-01T22:30:00Z");
        check("2025", "2025");
        check("2025-06", "2025-06");
        check("20251399", "");
        check("123", "");
    }

    #[test]
    fn people() {
        check("2 June 2025", "2025-06-02");
        check("June 2nd, 2025", "2025-06-02");
        check("Published Jun. 2, 2025 at 10:30", "2025-06-02");
        check("2. Juni 2025", "2025-06-02");
        check("1er août 2025", "2025-08-01");
        check("2 de junio de 2025", "2025-06-02");
        check("2 июня 2025 г.", "2025-06-02");
        check("2 Haziran 2025", "2025-06-02");
        check("2025年6月2日", "2025-06-02");
        check("02.06.2025, 10:30 Uhr", "2025-06-02");
        check("am 2.6.25", "2025-06-02");
        check("13/02/2025", "2025-02-13");
        check("02/13/2025", "2025-02-13");
        check("2025/6/2 10:30", "2025-06-02");
        check("call 555-06-2025", "");
        check("yesterday", "");
    }

    #[test]
    fn months() {
        for (text, expected) in [
            ("June 2025", "2025-06"),
            ("Report, juin 2025.", "2025-06"),
            ("junio de 2025", "2025-06"),
            ("2025年6月", "2025-06"),
            ("Issue 2025", ""),
            ("June 20255", ""),
        ] {
            let found = month_of_year(text).map(|date| date.to_string());
            assert_eq!(found.unwrap_or_default(), expected, "{text}");
        }
    }

    #[test]
    fn americans() {
        let read = |text| find(text, true).map(|date| date.to_string());
        assert_eq!(read("6/2/2025").as_deref(), Some("2025-06-02"));
        assert_eq!(read("2.6.2025").as_deref(), Some("2025-06-02"));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,60}", month_first: bool) {
            let _date = stamp(&text, month_first);
        }
    }
}
