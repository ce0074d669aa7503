//! Addresses: hosts, sites, and the canonical form by which captures of one address are joined.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::Url;

/// Query parameters that name a visit, not a page, in lower case.
///
/// From the parameter lists of the analytics and mail tools themselves; a name that some site
/// uses for content (`ref`, `source`, `id`) is not in it.
const TRACKING: &[&str] = &[
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "twclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "vero_id",
    "oly_anon_id",
    "oly_enc_id",
    "wickedid",
    "rb_clickid",
    "s_cid",
];

fn is_tracking(parameter: &str) -> bool {
    let name = parameter
        .split('=')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

/// A host in lower case, in its ASCII form, with `www.`: `news.example.org`, `xn--bcher-kva.example`.
/// Empty for addresses without one (`file:`).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Host(pub String);

impl Host {
    /// The host of an address.
    pub fn of(url: &str) -> Self {
        let host = parse(url).and_then(|url| url.host_str().map(str::to_ascii_lowercase));
        Self(host.unwrap_or_default().trim_end_matches('.').to_owned())
    }

    /// The host as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without a leading `www.`.
    pub fn bare(&self) -> &str {
        self.0
            .strip_prefix("www.")
            .filter(|rest| rest.contains('.'))
            .unwrap_or(&self.0)
    }

    /// The registrable domain by the public suffix list (`example.co.uk`); the host itself
    /// where it has none (an IP address, a bare suffix, `localhost`).
    pub fn site(&self) -> &str {
        if self.0.parse::<std::net::IpAddr>().is_ok() || self.0.starts_with('[') {
            return &self.0;
        }
        psl::domain_str(&self.0).unwrap_or_else(|| self.bare())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Canonical form of an address, for joining captures: host reversed, path and query as they
/// are, without scheme, default port, `www.`, fragment and tracking parameters.
///
/// `https://www.Example.org:443/A/b?x=1&utm_source=y#z` becomes `org,example)/A/b?x=1`.
/// Unlike the classic SURT of the Heritrix line the path keeps its case: two pages that differ
/// only in it are two pages on most servers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Surt(pub String);

impl Surt {
    /// The canonical form of an address. Text that no URL parser accepts is kept as it is, without
    /// surrounding space, so that it still names one thing.
    pub fn of(url: &str) -> Self {
        let Some(parsed) = parse(url) else {
            return Self(url.trim().to_owned());
        };
        let Some(host) = parsed.host_str() else {
            return Self(format!(
                "{}:{}",
                parsed.scheme(),
                normal_path(parsed.path())
            ));
        };
        let host = Host(host.trim_end_matches('.').to_ascii_lowercase());
        let mut surt = if host.0.parse::<std::net::IpAddr>().is_ok() || host.0.starts_with('[') {
            host.0.clone()
        } else {
            host.bare().rsplit('.').collect::<Vec<_>>().join(",")
        };
        if let Some(port) = parsed.port() {
            // `Url` has dropped the default port of its own scheme; 80 under https stays.
            surt.push_str(&format!(":{port}"));
        }
        surt.push(')');
        surt.push_str(&normal_path(parsed.path()));
        if let Some(query) = parsed.query() {
            let kept: Vec<&str> = query
                .split('&')
                .filter(|part| !part.is_empty() && !is_tracking(part))
                .collect();
            if !kept.is_empty() {
                surt.push('?');
                surt.push_str(&kept.join("&"));
            }
        }
        Self(surt)
    }

    /// The canonical form as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An address that has this canonical form: under `http`, as the scheme is not kept.
    pub fn url(&self) -> String {
        let Some((host, rest)) = self.0.split_once(')') else {
            return self.0.clone();
        };
        let port = host
            .rsplit_once(':')
            .map(|(_, port)| port)
            .filter(|port| !host.ends_with(']') && port.bytes().all(|b| b.is_ascii_digit()));
        let name = self.host();
        match port {
            Some(port) => format!("http://{name}:{port}{rest}"),
            None => format!("http://{name}{rest}"),
        }
    }

    /// The host of the address without `www.`, empty where it has none.
    pub fn host(&self) -> Host {
        let Some((host, _)) = self.0.split_once(')') else {
            return Host::default();
        };
        if let Some((address, _)) = host.split_once(']') {
            return Host(format!("{address}]"));
        }
        let host = host.split(':').next().unwrap_or_default();
        if host.parse::<std::net::IpAddr>().is_ok() {
            return Host(host.to_owned());
        }
        Host(host.rsplit(',').collect::<Vec<_>>().join("."))
    }
}

impl fmt::Display for Surt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Escapes are written in one way: unreserved characters bare, hexadecimal digits in capitals
/// (RFC 3986, sections 6.2.2.1 and 6.2.2.2).
fn normal_path(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        normal.push_str(before);
        let byte = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                normal.push(byte as char);
                rest = after.get(2..).unwrap_or_default();
            }
            Some(byte) => {
                normal.push_str(&format!("%{byte:02X}"));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                normal.push('%');
                rest = after;
            }
        }
    }
    normal.push_str(rest);
    normal
}

/// Parses an address; one without a scheme counts as `http` if it looks like a host.
pub fn parse(url: &str) -> Option<Url> {
    let text = url.trim().trim_matches(['<', '>']);
    match Url::parse(text) {
        Ok(url) => Some(url),
        Err(url::ParseError::RelativeUrlWithoutBase)
            if text.contains('.') && !text.contains(' ') =>
        {
            Url::parse(&format!("http://{text}")).ok()
        }
        Err(_) => None,
    }
}

/// Path segments for reading: percent-decoded where that is UTF-8, case kept, empty ones left
/// out, no query.
pub fn path_segments(url: &str) -> Vec<String> {
    let Some(url) = parse(url) else {
        return Vec::new();
    };
    url.path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| match percent_decode_str(segment).decode_utf8() {
            Ok(text) => text
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect(),
            Err(_) => segment.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(url: &str, surt: &str) {
        assert_eq!(Surt::of(url).as_str(), surt);
    }

    #[test]
    fn one_address_has_one_form() {
        check(
            "https://www.Example.org:443/A/b?x=1&utm_source=y#z",
            "org,example)/A/b?x=1",
        );
        check("http://example.org", "org,example)/");
        check("http://example.org:80/", "org,example)/");
        check("http://example.org:8080/", "org,example:8080)/");
        check("example.org/a", "org,example)/a");
        check(
            "http://example.org/%7euser/%e2%82%ac",
            "org,example)/~user/%E2%82%AC",
        );
        check("http://example.org/a?fbclid=1", "org,example)/a");
        check("http://example.org/a?b&&c=", "org,example)/a?b&c=");
        check("http://127.0.0.1:7878/x", "127.0.0.1:7878)/x");
        check("http://[::1]/x", "[::1])/x");
        check("http://www.com/", "com,www)/");
        check("file:///home/a/b.html", "file:/home/a/b.html");
        check("<http://example.org/>", "org,example)/");
        check("urn:uuid:1", "urn:uuid:1");
        check("not an address", "not an address");
        check("http://example.org/100%", "org,example)/100%");
    }

    #[test]
    fn hosts_and_sites() {
        assert_eq!(
            Host::of("https://www.news.example.co.uk/a").site(),
            "example.co.uk"
        );
        assert_eq!(Host::of("https://www.example.org/a").bare(), "example.org");
        assert_eq!(Host::of("https://10.0.0.1/").site(), "10.0.0.1");
        assert_eq!(Host::of("file:///a").as_str(), "");
        assert_eq!(
            Surt::of("https://news.example.org:81/a").host().as_str(),
            "news.example.org"
        );
    }

    #[test]
    fn a_form_gives_an_address_that_has_it() {
        for url in [
            "http://a.example/b?c=d",
            "http://a.example:81/",
            "http://[::1]:81/x",
            "file:///a/b",
        ] {
            let surt = Surt::of(url);
            assert_eq!(Surt::of(&surt.url()), surt, "{url}");
        }
    }

    #[test]
    fn segments_are_decoded_once() {
        let segments = path_segments("https://e.example/wiki/Iran%E2%80%93Syria_relations/?a=b");
        assert_eq!(segments, ["wiki", "Iran–Syria_relations"]);
        assert_eq!(
            path_segments("https://e.example/a%252Fb/%FF"),
            ["a%2Fb", "%FF"]
        );
    }

    proptest! {
        #[test]
        fn the_form_is_stable(path in "(/[a-zA-Z0-9%._~ é]{0,8}){0,4}", query in "(\\?[a-z=&%]{0,12})?") {
            let once = Surt::of(&format!("https://www.example.org{path}{query}"));
            let rest = once.as_str().strip_prefix("org,example)").unwrap().to_owned();
            prop_assert_eq!(Surt::of(&format!("http://example.org{rest}")), once);
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,60}") {
            let surt = Surt::of(&text);
            let _host = surt.host();
            let _segments = path_segments(&text);
        }
    }
}
