//! `name:value` -> what it asks: the table of operators (A4), with what its values may be.

use model::document::Kind;
use model::query::{Expr, Scope, SitePattern, Test, Undated};
use model::time::{DAY_SECONDS, UnixSeconds};

use super::date::{Moment, Stretch, print_day};
use super::duration::Lengths;
use super::lex::Value;
use super::tree::{phrase, word};

/// An operator that we know the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    InTitle,
    InBody,
    InPage,
    InUrl,
    InAnchor,
    Site,
    Source,
    Links,
    Author,
    Ext,
    FileType,
    Kind,
    Has,
    Lang,
    After,
    Before,
    Date,
    Captured,
    AsOf,
    Undated,
    Channel,
    Forum,
    Duration,
    /// In the language, but nothing here answers it yet.
    Later(&'static str),
}

/// Every name with what it means; aliases point to the same.
const NAMES: &[(&str, Name)] = &[
    ("intitle", Name::InTitle),
    ("inbody", Name::InBody),
    ("inpage", Name::InPage),
    ("inurl", Name::InUrl),
    ("inanchor", Name::InAnchor),
    ("site", Name::Site),
    ("source", Name::Source),
    ("collection", Name::Source),
    ("links", Name::Links),
    ("author", Name::Author),
    ("ext", Name::Ext),
    ("filetype", Name::FileType),
    ("kind", Name::Kind),
    ("has", Name::Has),
    ("lang", Name::Lang),
    ("language", Name::Lang),
    ("after", Name::After),
    ("since", Name::After),
    ("before", Name::Before),
    ("date", Name::Date),
    ("captured", Name::Captured),
    ("asof", Name::AsOf),
    ("undated", Name::Undated),
    ("channel", Name::Channel),
    ("forum", Name::Forum),
    ("duration", Name::Duration),
    ("entity", Name::Later("entity")),
    ("loc", Name::Later("loc")),
    ("location", Name::Later("loc")),
];

impl Name {
    /// The operator of that name, case aside.
    pub(super) fn parse(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|&(_, operator)| operator)
    }

    /// Its name, aliases resolved.
    pub(super) fn as_str(self) -> &'static str {
        NAMES
            .iter()
            .find(|&&(_, operator)| operator == self)
            .map_or("", |&(name, _)| name)
    }

    /// Whether the same operator twice means either (A5).
    pub(super) fn unites(self) -> bool {
        matches!(
            self,
            Self::Site
                | Self::Source
                | Self::Ext
                | Self::FileType
                | Self::Kind
                | Self::Lang
                | Self::Author
                | Self::Channel
                | Self::Forum
        )
    }

    fn scope(self) -> Option<Scope> {
        match self {
            Self::InTitle => Some(Scope::Title),
            Self::InBody => Some(Scope::Body),
            Self::InPage => Some(Scope::Page),
            Self::InUrl => Some(Scope::Url),
            Self::InAnchor => Some(Scope::Anchor),
            _ => None,
        }
    }
}

/// What an operator asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    /// A condition, and its value as understood.
    Filter(Test, String),
    /// Any of several conditions, where no single [`Test`] holds them.
    Any(Vec<Test>),
    /// Words in a field.
    Words(Expr),
    /// The last instant that counts, and its day as understood.
    AsOf(UnixSeconds, String),
    /// What publication filters do with documents of unknown date.
    Undated(Undated),
}

/// What was read, or why it cannot be read so; and what was left out of it.
pub(super) struct Read {
    /// The meaning; `None` where it has to be read as plain text.
    pub(super) meaning: Option<Meaning>,
    /// Whole sentences.
    pub(super) warnings: Vec<String>,
}

impl Read {
    fn of(meaning: Meaning) -> Self {
        Self {
            meaning: Some(meaning),
            warnings: Vec::new(),
        }
    }

    fn text(why: &str) -> Self {
        Self {
            meaning: None,
            warnings: vec![format!("{why}; it was read as plain words.")],
        }
    }
}

/// Reads an operator. `exact` is set by a `+` before it.
pub(super) fn read(name: Name, values: &[Value], exact: bool, now: UnixSeconds) -> Read {
    let label = name.as_str();
    if let Name::Later(_) = name {
        return Read::text(&format!("`{label}:` is not known yet"));
    }
    if let Some(scope) = name.scope() {
        return in_field(scope, values, exact);
    }
    match name {
        Name::After | Name::Before | Name::AsOf | Name::Undated | Name::Date | Name::Captured => {
            when(name, values, now)
        }
        Name::Has => has(values),
        Name::Duration => duration(values),
        _ => list(name, values),
    }
}

fn in_field(scope: Scope, values: &[Value], exact: bool) -> Read {
    let mut any: Vec<Expr> = values
        .iter()
        .filter_map(|value| {
            if value.quoted {
                phrase(&value.text)
            } else {
                word(&value.text, exact)
            }
        })
        .collect();
    let inside = match any.len() {
        0 => return Read::text("An operator without letters or digits finds nothing"),
        1 => any.remove(0),
        _ => Expr::Or(any),
    };
    Read::of(Meaning::Words(Expr::In(scope, Box::new(inside))))
}

/// Operators whose values are a list, any of which may hold.
fn list(name: Name, values: &[Value]) -> Read {
    fn all<T: PartialEq>(
        values: &[Value],
        read: impl Fn(&str) -> Option<T>,
    ) -> (Vec<T>, Vec<String>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for value in values {
            match read(value.text.trim()) {
                Some(read) if good.contains(&read) => {}
                Some(read) => good.push(read),
                None => bad.push(value.text.clone()),
            }
        }
        (good, bad)
    }
    let (test, bad) = match name {
        Name::Site | Name::Links => {
            let (good, bad) = all(values, site);
            let test = if name == Name::Site {
                Test::Site(good)
            } else {
                Test::Links(good)
            };
            (test, bad)
        }
        Name::Source => {
            let (good, bad) = all(values, |text| Some(text.to_owned()));
            (Test::Collection(good), bad)
        }
        Name::Author => {
            let (good, bad) = all(values, |text| Some(text.to_owned()));
            (Test::Author(good), bad)
        }
        Name::Channel => {
            let (good, bad) = all(values, name_of);
            (Test::Channel(good), bad)
        }
        Name::Forum => {
            let (good, bad) = all(values, name_of);
            (Test::Forum(good), bad)
        }
        Name::Ext => {
            let (good, bad) = all(values, extension);
            (Test::Extension(good), bad)
        }
        Name::FileType => {
            let (good, bad) = all(values, |text| extension(text).map(file_type));
            (Test::FileType(good), bad)
        }
        Name::Kind => {
            let (good, bad) = all(values, kind);
            (Test::Kind(good), bad)
        }
        _ => {
            let (good, bad) = all(values, language);
            (Test::Language(good), bad)
        }
    };
    let label = name.as_str();
    let value = print(&test);
    if value.is_empty() {
        return Read::text(&format!("`{}` is no value of `{label}:`", bad.join(",")));
    }
    let warnings = bad
        .iter()
        .map(|bad| format!("`{bad}` is no value of `{label}:`; it was left out."))
        .collect();
    Read {
        meaning: Some(Meaning::Filter(test, value)),
        warnings,
    }
}

/// The values of a list, joined by `, `.
pub(super) fn print(test: &Test) -> String {
    let texts: Vec<String> = match test {
        Test::Site(sites) | Test::Links(sites) => sites
            .iter()
            .map(|site| format!("{}{}", site.host, site.path.as_deref().unwrap_or_default()))
            .collect(),
        Test::Collection(texts)
        | Test::Extension(texts)
        | Test::FileType(texts)
        | Test::Language(texts)
        | Test::Author(texts)
        | Test::Channel(texts)
        | Test::Forum(texts) => texts.clone(),
        Test::Kind(kinds) => kinds
            .iter()
            .map(|kind| match kind {
                Kind::Thread => "discussion".to_owned(),
                kind => kind.as_str().to_owned(),
            })
            .collect(),
        _ => Vec::new(),
    };
    texts.join(", ")
}

/// Joins two tests of one operator into one that holds where either does.
pub(super) fn unite(into: &mut Test, other: &Test) -> bool {
    fn extend<T: Clone + PartialEq>(into: &mut Vec<T>, other: &[T]) {
        for value in other {
            if !into.contains(value) {
                into.push(value.clone());
            }
        }
    }
    match (into, other) {
        (Test::Site(into), Test::Site(other)) => extend(into, other),
        (Test::Kind(into), Test::Kind(other)) => extend(into, other),
        (Test::Collection(into), Test::Collection(other))
        | (Test::Extension(into), Test::Extension(other))
        | (Test::FileType(into), Test::FileType(other))
        | (Test::Language(into), Test::Language(other))
        | (Test::Author(into), Test::Author(other))
        | (Test::Channel(into), Test::Channel(other))
        | (Test::Forum(into), Test::Forum(other)) => extend(into, other),
        _ => return false,
    }
    true
}

/// The name of a channel or a forum: letters or digits in it.
fn name_of(text: &str) -> Option<String> {
    text.contains(char::is_alphanumeric)
        .then(|| text.to_owned())
}

fn duration(values: &[Value]) -> Read {
    let lengths: Option<Vec<Lengths>> = values
        .iter()
        .map(|value| Lengths::parse(value.text.trim()))
        .collect();
    let test = |lengths: Lengths| Test::Duration {
        from: lengths.from,
        to: lengths.to,
    };
    match lengths.as_deref() {
        Some(&[lengths]) => Read::of(Meaning::Filter(test(lengths), lengths.print())),
        Some(lengths) if !lengths.is_empty() => Read::of(Meaning::Any(
            lengths.iter().map(|lengths| test(*lengths)).collect(),
        )),
        _ => {
            let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
            Read::text(&format!(
                "`{}` is no length for `duration:`",
                texts.join(",")
            ))
        }
    }
}

fn site(text: &str) -> Option<SitePattern> {
    let text = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or(text);
    let text = text.strip_prefix("*.").unwrap_or(text);
    let text = text.trim_start_matches('.');
    let host_length = text.find(['/', '?', '#']).unwrap_or(text.len());
    let (host, path) = (text.get(..host_length)?, text.get(host_length..)?);
    // The URL parser writes the host in its ASCII form and the path with its escapes, as the
    // addresses in the index are written.
    let parsed = url::Url::parse(&format!("http://{host}{path}")).ok()?;
    if !parsed.username().is_empty() {
        return None;
    }
    let host = parsed
        .host_str()?
        .trim_end_matches('.')
        .to_ascii_lowercase();
    let host = match host.strip_prefix("www.") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => host,
    };
    let path = parsed.path().trim_end_matches('/');
    Some(SitePattern {
        host,
        path: (!path.is_empty()).then(|| path.to_owned()),
    })
}

fn extension(text: &str) -> Option<String> {
    let text = text.trim_start_matches('.').to_lowercase();
    (!text.is_empty() && text.len() <= 16 && text.chars().all(char::is_alphanumeric))
        .then_some(text)
}

/// Other usual names of the same type.
fn file_type(extension: String) -> String {
    match extension.as_str() {
        "htm" | "xhtml" => "html".to_owned(),
        "text" => "txt".to_owned(),
        "markdown" => "md".to_owned(),
        _ => extension,
    }
}

fn kind(text: &str) -> Option<Kind> {
    match text.to_ascii_lowercase().as_str() {
        "page" => Some(Kind::Page),
        "pdf" => Some(Kind::Pdf),
        "video" => Some(Kind::Video),
        "discussion" | "thread" => Some(Kind::Thread),
        "file" => Some(Kind::File),
        "entity" => Some(Kind::Entity),
        _ => None,
    }
}

/// ISO 639-2 codes of the languages with most pages, whose documents say the two-letter code
/// (BCP 47 wants the shortest one).
const THREE_LETTERS: &[(&str, &str)] = &[
    ("ara", "ar"),
    ("ces", "cs"),
    ("chi", "zh"),
    ("cze", "cs"),
    ("dan", "da"),
    ("deu", "de"),
    ("dut", "nl"),
    ("ell", "el"),
    ("eng", "en"),
    ("fas", "fa"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("fre", "fr"),
    ("ger", "de"),
    ("gre", "el"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hun", "hu"),
    ("ind", "id"),
    ("ita", "it"),
    ("jpn", "ja"),
    ("kor", "ko"),
    ("nld", "nl"),
    ("nor", "no"),
    ("per", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("spa", "es"),
    ("swe", "sv"),
    ("tha", "th"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("vie", "vi"),
    ("zho", "zh"),
];

/// The primary subtag; a region part is ignored.
fn language(text: &str) -> Option<String> {
    let primary = text.split(['-', '_']).next()?.to_ascii_lowercase();
    let letters = primary.bytes().all(|b| b.is_ascii_lowercase());
    if !letters || !(2..=3).contains(&primary.len()) {
        return None;
    }
    let short = THREE_LETTERS.iter().find(|(long, _)| *long == primary);
    Some(short.map_or(primary, |(_, short)| (*short).to_owned()))
}

fn has(values: &[Value]) -> Read {
    let mut tests = Vec::new();
    for value in values {
        match value.text.to_ascii_lowercase().as_str() {
            "date" => tests.push((Test::HasDate, "date")),
            "captures" => tests.push((Test::HasCaptures, "captures")),
            "transcript" => return Read::text("`has:transcript` is not known yet"),
            other => return Read::text(&format!("`{other}` is no value of `has:`")),
        }
    }
    tests.dedup();
    match tests.as_slice() {
        [(test, value)] => Read::of(Meaning::Filter(test.clone(), (*value).to_owned())),
        _ => Read::of(Meaning::Any(
            tests.into_iter().map(|(test, _)| test).collect(),
        )),
    }
}

fn when(name: Name, values: &[Value], now: UnixSeconds) -> Read {
    let label = name.as_str();
    let meanings: Option<Vec<Meaning>> = values
        .iter()
        .map(|value| one_time(name, value.text.trim(), now))
        .collect();
    let Some(mut meanings) = meanings else {
        let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
        let what = if name == Name::Undated {
            "value of"
        } else {
            "date for"
        };
        return Read::text(&format!("`{}` is no {what} `{label}:`", texts.join(",")));
    };
    if meanings.len() == 1 {
        return Read::of(meanings.remove(0));
    }
    let tests: Vec<Test> = meanings
        .iter()
        .filter_map(|meaning| match meaning {
            Meaning::Filter(test, _) => Some(test.clone()),
            _ => None,
        })
        .collect();
    if tests.len() == meanings.len() {
        return Read::of(Meaning::Any(tests));
    }
    let first = meanings.remove(0);
    Read {
        meaning: Some(first),
        warnings: vec![format!("`{label}:` takes one value; the first was taken.")],
    }
}

fn one_time(name: Name, text: &str, now: UnixSeconds) -> Option<Meaning> {
    let published = |from: Option<i64>, until: Option<i64>, value: String| {
        let undated = Undated::Exclude;
        let test = Test::Published {
            from,
            until,
            undated,
        };
        Some(Meaning::Filter(test, value))
    };
    match name {
        Name::After => {
            let day = Moment::parse(text, now)?.first_day();
            published(Some(day), None, print_day(day))
        }
        Name::Before => {
            let day = Moment::parse(text, now)?.first_day();
            published(None, Some(day), print_day(day))
        }
        Name::Date => {
            let stretch = Stretch::parse(text, now)?;
            let from = stretch.from.map(Moment::first_day);
            let until = stretch.until.map(Moment::end_day);
            published(from, until, print_stretch(from, until))
        }
        Name::Captured => {
            let stretch = Stretch::parse(text, now)?;
            let from = stretch.from.map_or(UnixSeconds(i64::MIN), Moment::start);
            let until = stretch.until.map_or(i64::MAX, |moment| match moment {
                Moment::Calendar(days) => days.until * DAY_SECONDS,
                Moment::Ago(instant) => instant.0.saturating_add(1),
            });
            let value = print_stretch(
                stretch.from.map(Moment::first_day),
                stretch.until.map(Moment::end_day),
            );
            let test = Test::Captured {
                from,
                until: UnixSeconds(until),
            };
            Some(Meaning::Filter(test, value))
        }
        Name::AsOf => {
            let end = Moment::parse(text, now)?.end_day();
            let last = UnixSeconds(end * DAY_SECONDS - 1);
            Some(Meaning::AsOf(last, print_day(end - 1)))
        }
        _ => match text.to_ascii_lowercase().as_str() {
            "include" => Some(Meaning::Undated(Undated::Include)),
            "only" => Some(Meaning::Undated(Undated::Only)),
            "exclude" => Some(Meaning::Undated(Undated::Exclude)),
            _ => None,
        },
    }
}

/// First and last day, `..` between; one day alone.
fn print_stretch(from: Option<i64>, until: Option<i64>) -> String {
    let last = until.map(|day| day - 1);
    if from == last {
        return from.map(print_day).unwrap_or_default();
    }
    let print = |day: Option<i64>| day.map(print_day).unwrap_or_default();
    format!("{}..{}", print(from), print(last))
}
