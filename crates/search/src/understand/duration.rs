//! The value of `duration:` -> the shortest and the longest length asked for.

/// Lengths in seconds, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lengths {
    pub(super) from: Option<u32>,
    pub(super) to: Option<u32>,
}

impl Lengths {
    /// `<5m`, `<=5m`, `>1h`, `>=1h`, `10m..1h`, `..10m`, `1h..`; `5m` for five minutes and less
    /// than six, `90s` for that length alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let at_most = |to: u32| {
            Some(Self {
                from: None,
                to: Some(to),
            })
        };
        let at_least = |from: u32| {
            Some(Self {
                from: Some(from),
                to: None,
            })
        };
        let seconds = |text: &str| length(text).map(|(seconds, _)| seconds);
        if let Some(rest) = text.strip_prefix("<=") {
            return at_most(seconds(rest)?);
        }
        if let Some(rest) = text.strip_prefix(">=") {
            return at_least(seconds(rest)?);
        }
        if let Some(rest) = text.strip_prefix('<') {
            return at_most(seconds(rest)?.checked_sub(1)?);
        }
        if let Some(rest) = text.strip_prefix('>') {
            return at_least(seconds(rest)?.checked_add(1)?);
        }
        if let Some((from, to)) = text.split_once("..") {
            let end = |text: &str| match text.trim() {
                "" => Some(None),
                text => Some(Some(seconds(text)?)),
            };
            let (from, to) = (end(from)?, end(to)?);
            if from.is_none() && to.is_none() {
                return None;
            }
            return Some(match (from, to) {
                (Some(from), Some(to)) if from > to => Self {
                    from: Some(to),
                    to: Some(from),
                },
                (from, to) => Self { from, to },
            });
        }
        let (from, unit) = length(text)?;
        Some(Self {
            from: Some(from),
            to: Some(from.saturating_add(unit - 1)),
        })
    }

    /// As it can be typed again.
    pub(super) fn print(self) -> String {
        match (self.from, self.to) {
            (Some(from), None) => format!(">={}", print(from)),
            (None, Some(to)) => format!("<={}", print(to)),
            (Some(from), Some(to)) if from == to => print(from),
            (from, to) => {
                let print = |end: Option<u32>| end.map(print).unwrap_or_default();
                format!("{}..{}", print(from), print(to))
            }
        }
    }
}

/// `1h30m`, `90s`, `1:30:00`, `01:30` (minutes and seconds), `90` (seconds): the length in
/// seconds, and those of its smallest unit.
fn length(text: &str) -> Option<(u32, u32)> {
    let text = text.trim().to_ascii_lowercase();
    if text.contains(':') {
        let parts: Vec<&str> = text.split(':').collect();
        if parts.len() > 3 {
            return None;
        }
        let mut seconds: u32 = 0;
        for (at, part) in parts.iter().enumerate() {
            let value = digits(part)?;
            if at > 0 && value >= 60 {
                return None;
            }
            seconds = seconds.checked_mul(60)?.checked_add(value)?;
        }
        return Some((seconds, 1));
    }
    if let Some(seconds) = digits(&text) {
        return Some((seconds, 1));
    }
    let (mut seconds, mut unit): (u32, u32) = (0, u32::MAX);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let letters = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let (name, behind) = behind.split_at(letters);
        let of = match name {
            "h" | "hour" | "hours" => 3600,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            _ => return None,
        };
        // From the largest unit down, each once.
        if of >= unit {
            return None;
        }
        unit = of;
        seconds = seconds.checked_add(digits(number)?.checked_mul(of)?)?;
        rest = behind;
    }
    (unit < u32::MAX).then_some((seconds, unit))
}

fn digits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// `1h30m`, `5m`, `59s`.
fn print(seconds: u32) -> String {
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.concat()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths() {
        let rows = [
            ("<5m", "<=4m59s"),
            ("<=5m", "<=5m"),
            (">1h", ">=1h1s"),
            (">=1h", ">=1h"),
            ("10m..1h", "10m..1h"),
            ("1h..10m", "10m..1h"),
            ("..10m", "<=10m"),
            ("1h..", ">=1h"),
            ("5m", "5m..5m59s"),
            ("1h", "1h..1h59m59s"),
            ("90s", "1m30s"),
            ("90", "1m30s"),
            ("1h30m", "1h30m..1h30m59s"),
            ("1:30:00", "1h30m"),
            ("<05:00", "<=4m59s"),
            ("5min..10Minutes", "5m..10m"),
            ("0s", "0s"),
        ];
        for (text, expected) in rows {
            let found = Lengths::parse(text).map(Lengths::print);
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "long",
            "..",
            "<",
            "<0s",
            "5m5m",
            "1m1h",
            "m",
            "1:99",
            "1:2:3:4",
            "5x",
            "-5m",
            "99999999999s",
            "9999999h",
        ] {
            assert_eq!(Lengths::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(text in "[<>=.:0-9hms]{0,12}") {
            if let Some(lengths) = Lengths::parse(&text) {
                let again = Lengths::parse(&lengths.print());
                // One length to the minute is printed as a stretch, so that it reads back too.
                prop_assert!(again.is_some(), "{}", lengths.print());
                if lengths.from != lengths.to {
                    prop_assert_eq!(again, Some(lengths));
                }
            }
        }
    }
}
