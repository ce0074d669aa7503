//! Hosts as people read them: in Unicode unless that would let one host pass for another.

use model::address::{Host, parse};

/// The host without `www.`, in Unicode where that is safe; for an address without a host, its
/// scheme.
pub(crate) fn shown(url: &str, host: &Host) -> String {
    let bare = host.bare();
    if bare.is_empty() {
        let scheme = parse(url).map(|url| url.scheme().to_owned());
        return scheme.unwrap_or_else(|| "file".to_owned());
    }
    if !bare.split('.').any(|label| label.starts_with("xn--")) {
        return bare.to_owned();
    }
    let (unicode, result) = idna::domain_to_unicode(bare);
    if result.is_ok() && unicode.split('.').all(is_safe) {
        unicode
    } else {
        bare.to_owned()
    }
}

/// The registrable domain's first label with a capital: `bic-rhr.com` gives `Bic-rhr`.
pub(crate) fn as_site_name(host: &Host) -> String {
    if host.as_str().is_empty() {
        return "Local file".to_owned();
    }
    if host.as_str().parse::<std::net::IpAddr>().is_ok() || host.as_str().starts_with('[') {
        return host.as_str().to_owned();
    }
    let site = Host(host.site().to_owned());
    let shown = shown("", &site);
    let label = shown.split('.').next().unwrap_or_default();
    let mut chars = label.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => shown,
    }
}

/// Scripts that are told apart in host names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    /// Digits and hyphens: part of every script.
    Any,
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Indic(u32),
    Thai,
    Georgian,
    Hangul,
    Kana,
    Han,
    Bopomofo,
    /// A script that this table does not know.
    Other,
}

impl Script {
    /// By Unicode block; what no block here covers is [`Script::Other`], which is never mixed.
    fn of(c: char) -> Self {
        match c as u32 {
            0x2d | 0x30..=0x39 => Self::Any,
            0x61..=0x7a | 0xdf..=0x24f | 0x1e00..=0x1eff => Self::Latin,
            0x370..=0x3ff | 0x1f00..=0x1fff => Self::Greek,
            0x400..=0x52f => Self::Cyrillic,
            0x530..=0x58f => Self::Armenian,
            0x590..=0x5ff => Self::Hebrew,
            0x600..=0x6ff | 0x750..=0x77f => Self::Arabic,
            // Devanagari to Sinhala, one block of 128 each.
            block @ 0x900..=0xdff => Self::Indic(block / 128),
            0xe00..=0xe7f => Self::Thai,
            0x10a0..=0x10ff => Self::Georgian,
            0x1100..=0x11ff | 0xac00..=0xd7af => Self::Hangul,
            0x3005..=0x3007 | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x20000..=0x3ffff => Self::Han,
            0x3041..=0x30ff => Self::Kana,
            0x3105..=0x312f => Self::Bopomofo,
            _ => Self::Other,
        }
    }
}

/// Whether a label is written in one script, or in scripts that are written together (UTS 39,
/// "highly restrictive"), and is not made only of letters that look Latin but are not.
fn is_safe(label: &str) -> bool {
    let mut scripts: Vec<Script> = label.chars().map(Script::of).collect();
    scripts.retain(|script| *script != Script::Any);
    scripts.sort_by_key(|script| format!("{script:?}"));
    scripts.dedup();
    let only = |allowed: &[Script]| scripts.iter().all(|script| allowed.contains(script));
    let together = only(&[Script::Latin, Script::Han, Script::Kana])
        || only(&[Script::Latin, Script::Han, Script::Bopomofo])
        || only(&[Script::Latin, Script::Han, Script::Hangul])
        || (scripts.len() == 1 && !scripts.contains(&Script::Other));
    together && !looks_latin(label)
}

/// Cyrillic and Greek letters that look like Latin ones (from the confusables of UTS 39, small
/// letters only, as hosts have no others).
const LOOK_LATIN: &str = "асԁеһіјӏорԛѕսԝхуѵɡзкмнтвгαοορνικτυχ";

fn looks_latin(label: &str) -> bool {
    let mut letters = label.chars().filter(|c| Script::of(*c) != Script::Any);
    let foreign = label.chars().any(|c| {
        matches!(
            Script::of(c),
            Script::Cyrillic | Script::Greek | Script::Armenian
        )
    });
    foreign && letters.all(|c| LOOK_LATIN.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str, name: &str) {
        let host = Host::of(url);
        assert_eq!(shown(url, &host), expected, "{url}");
        assert_eq!(as_site_name(&host), name, "{url}");
    }

    #[test]
    fn hosts_are_shown_so_that_none_passes_for_another() {
        check("https://www.bic-rhr.com/a", "bic-rhr.com", "Bic-rhr");
        check(
            "https://news.veldania.co.uk/",
            "news.veldania.co.uk",
            "Veldania",
        );
        check("https://bücher.example/", "bücher.example", "Bücher");
        check("https://пример.example/", "пример.example", "Пример");
        check(
            "https://日本語とかな.example/",
            "日本語とかな.example",
            "日本語とかな",
        );
        check("https://한국.example/", "한국.example", "한국");
        // `раураl` in Cyrillic with a Latin `l`, and `соре` all in Cyrillic.
        check(
            "https://раураl.example/",
            "xn--l-7sba6dbr.example",
            "Xn--l-7sba6dbr",
        );
        check("https://соре.example/", "xn--e1argc.example", "Xn--e1argc");
        check("file:///home/a.html", "file", "Local file");
        check("http://127.0.0.1:80/", "127.0.0.1", "127.0.0.1");
    }
}
