//! Values of fields that changed their type over the years: read what can be read, and a field of
//! a wrong type is a field that is not there.

use std::borrow::Cow;
use std::fmt;

use model::time::UnixSeconds;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A text, or a number as text; nothing for other values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text, where there is any.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

/// An instant as people have written it into dumps: seconds since 1970 as a number or as text,
/// RFC 3339 with or without its zone (UTC then), or the `06-02-2021 11:05:06` of one scraper
/// (month first; its own clock's zone is not known, and is taken as UTC).
pub(crate) fn moment(text: &str) -> Option<UnixSeconds> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let seconds = Number(Some(seconds)).whole()?;
        // Milliseconds since 1970 would lie beyond the year 5000 as seconds.
        let seconds = if seconds > 100_000_000_000 {
            seconds / 1_000
        } else {
            seconds
        };
        return (seconds > 0).then_some(UnixSeconds(seconds));
    }
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    if let Ok(instant) = format!("{}Z", text.replacen(' ', "T", 1)).parse() {
        return Some(instant);
    }
    let (day, time) = text.split_once(' ')?;
    let mut parts = day.split('-');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    format!("{year}-{month}-{day}T{time}Z").parse().ok()
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AsText;
        impl<'de> Visitor<'de> for AsText {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Text(None))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Text(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }
        from.deserialize_any(AsText)
    }
}

/// A number, also one written as text (`"1322668800"`, `"12.0"`) or a truth; nothing for others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Number(pub(super) Option<f64>);

impl Number {
    /// A whole number, decimals cut; `None` where there is none or it is out of range.
    pub(super) fn whole(self) -> Option<i64> {
        // Whole numbers are exact in a double up to 2^53; none here is larger.
        self.0
            .filter(|number| number.abs() < 9e15)
            .map(|number| number as i64)
    }

    /// Votes.
    pub(super) fn votes(self) -> Option<i32> {
        self.whole().and_then(|votes| i32::try_from(votes).ok())
    }

    /// How many there are of something.
    pub(super) fn count(self) -> Option<u32> {
        self.whole().and_then(|count| u32::try_from(count).ok())
    }

    /// Whether it says yes.
    pub(super) fn is_true(self) -> bool {
        self.0.is_some_and(|number| number > 0.0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AsNumber;
        impl<'de> Visitor<'de> for AsNumber {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_str<E>(self, text: &str) -> Result<Number, E> {
                Ok(Number(
                    text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
                ))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
                Ok(Number(Some(number as f64)))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
                Ok(Number(Some(number as f64)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
                Ok(Number(Some(number)))
            }
            fn visit_bool<E>(self, truth: bool) -> Result<Number, E> {
                Ok(Number(Some(f64::from(u8::from(truth)))))
            }
            fn visit_unit<E>(self) -> Result<Number, E> {
                Ok(Number(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Number, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Number(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Number(None))
            }
        }
        from.deserialize_any(AsNumber)
    }
}

/// JSON in which half of a character outside the basic plane stands alone (`\ud83d`, text that
/// somebody cut by UTF-16 units) becomes JSON with U+FFFD; `None` where nothing is to mend.
pub(super) fn mended(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    let mut changed = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at_checked(at)?;
        out.push_str(before);
        let unit = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let (kept, length) = match unit(escape) {
            Some(0xd800..=0xdbff) => {
                let low = escape.get(6..).and_then(unit);
                if low.is_some_and(|low| (0xdc00..=0xdfff).contains(&low)) {
                    (true, 12)
                } else {
                    (false, 6)
                }
            }
            Some(0xdc00..=0xdfff) => (false, 6),
            Some(_) => (true, 6),
            None => (true, 1 + escape.chars().nth(1).map_or(0, char::len_utf8)),
        };
        let (this, behind) = escape.split_at_checked(length)?;
        out.push_str(if kept { this } else { "\\ufffd" });
        changed |= !kept;
        rest = behind;
    }
    out.push_str(rest);
    changed.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Fields<'a> {
        #[serde(borrow, default)]
        text: Text<'a>,
        #[serde(default)]
        number: Number,
    }

    #[track_caller]
    fn check(json: &str, text: Option<&str>, number: Option<f64>) {
        let found: Fields<'_> = serde_json::from_str(json).unwrap();
        assert_eq!((found.text.get(), found.number.0), (text, number));
    }

    #[test]
    fn any_type_is_read_or_passed_over() {
        check(r#"{"text":"a","number":3}"#, Some("a"), Some(3.0));
        check(
            r#"{"text":"a\nb","number":"12.0"}"#,
            Some("a\nb"),
            Some(12.0),
        );
        check(r#"{"text":7,"number":-1.5}"#, Some("7"), Some(-1.5));
        check(r#"{"text":null,"number":null}"#, None, None);
        check(r#"{"text":[1,{"a":[]}],"number":{"a":1}}"#, None, None);
        check(r#"{"text":false,"number":true}"#, None, Some(1.0));
        check(r#"{"text":"","number":"NaN"}"#, None, None);
        check("{}", None, None);
    }

    #[test]
    fn moments() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(
                moment(text).map(|instant| instant.to_string()).as_deref(),
                expected
            );
        };
        check("1322668800", Some("2011-11-30T16:00:00Z"));
        check("1322668800.0", Some("2011-11-30T16:00:00Z"));
        check("1322668800123", Some("2011-11-30T16:00:00Z"));
        check("2015-01-27T20:09:32.720", Some("2015-01-27T20:09:32Z"));
        check("2025-05-02T07:20:11.120Z", Some("2025-05-02T07:20:11Z"));
        check("2021-06-02 11:05:06", Some("2021-06-02T11:05:06Z"));
        check("06-02-2021 11:05:06", Some("2021-06-02T11:05:06Z"));
        check("yesterday", None);
        check("0", None);
        check("1e300", None);
    }

    #[test]
    fn halves_of_characters_are_mended() {
        assert_eq!(
            mended(r#"{"a":"x \ud83d"}"#).unwrap(),
            r#"{"a":"x \ufffd"}"#
        );
        assert_eq!(
            mended(r#""\ude00\\ud83d\ud83d\ude00""#).unwrap(),
            r#""\ufffd\\ud83d\ud83d\ude00""#
        );
        assert_eq!(mended(r#""\ud83d\ude00\n""#), None);
        assert_eq!(mended("\"\\"), None);
    }
}
