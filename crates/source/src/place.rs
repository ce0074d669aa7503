//! The address of a file that declares none: its place below a base, else in the file system.

use std::path::Path;

use url::Url;

use crate::Options;

/// The address of a file: below the base where there is one, else its `file:` address.
pub(crate) fn address(path: &Path, options: &Options) -> String {
    let below = below(path, options);
    if let Some(base) = &options.base
        && let Some(url) = below_base(base, &below)
    {
        return url;
    }
    match Url::from_file_path(path) {
        Ok(url) => url.into(),
        Err(()) => format!("file:///{below}"),
    }
}

/// The path below the source, with `/` between its parts.
pub(crate) fn below(path: &Path, options: &Options) -> String {
    let below = path.strip_prefix(&options.source).ok();
    let below = below.filter(|below| !below.as_os_str().is_empty());
    let below = below.unwrap_or_else(|| Path::new(path.file_name().unwrap_or_default()));
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// The address of a file below a base. A `?` in the name is a query: `wget -r` keeps
/// `index.php?page=2` under that name.
fn below_base(base: &str, below: &str) -> Option<String> {
    let mut address = base.trim_end_matches('/').to_owned();
    address.push('/');
    let mut rest = below;
    while let Some(at) = rest.find(['%', '#']) {
        let (before, from) = rest.split_at_checked(at)?;
        address.push_str(before);
        let mut digits = from.bytes().skip(1).take(2).filter(u8::is_ascii_hexdigit);
        let escaped = from.starts_with('%') && digits.by_ref().count() == 2;
        address.push_str(match (escaped, from.starts_with('%')) {
            (true, _) => "%",
            (false, true) => "%25",
            (false, false) => "%23",
        });
        rest = from.get(1..)?;
    }
    address.push_str(rest);
    Url::parse(&address).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_below_a_base() {
        let check = |below: &str, expected: &str| {
            assert_eq!(
                below_base("https://veldania.example/x/", below).as_deref(),
                Some(expected)
            );
        };
        check("a/index.html", "https://veldania.example/x/a/index.html");
        check(
            "index.php?page=2",
            "https://veldania.example/x/index.php?page=2",
        );
        check("100%.html", "https://veldania.example/x/100%25.html");
        check("a%20b#c.html", "https://veldania.example/x/a%20b%23c.html");
        check("a b/é.html", "https://veldania.example/x/a%20b/%C3%A9.html");
    }
}
