//! Who may ask: the `Host` header, and the key where one is set.
//!
//! A page of another site can make a browser send requests to loopback under a name of its own
//! (DNS rebinding); it cannot make it send a `Host` that is ours.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use axum::middleware::Next;

use super::{App, page};

/// Name of the cookie that carries the key.
const COOKIE: &str = "conspectus-key";

pub(super) async fn check(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| host_is_ours(host, &app)) {
        let text = "The Host header of this request names another server.";
        let hint = "If this server has that name, start it with --host NAME.";
        let html = render::message(421, "Wrong host", text, Some(hint));
        return page(StatusCode::MISDIRECTED_REQUEST, html);
    }
    let Some(key) = app.served.key.as_deref() else {
        return next.run(request).await;
    };
    if from_address(request.uri()).is_some_and(|given| same(&given, key)) {
        // Once the key is in a cookie, it need not stand in addresses that get copied around.
        let mut response = next.run(request).await;
        let cookie = format!(
            "{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/",
            encode(key)
        );
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, value);
        }
        return response;
    }
    if from_headers(request.headers()).is_some_and(|given| same(&given, key)) {
        return next.run(request).await;
    }
    let text = "This server asks for a key.";
    let hint = "Open it once as /?key=KEY, or send `Authorization: Bearer KEY`.";
    page(
        StatusCode::UNAUTHORIZED,
        render::message(401, "Key needed", text, Some(hint)),
    )
}

fn host_is_ours(host: &str, app: &App) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>().ok();
    name.eq_ignore_ascii_case("localhost")
        || address.is_some_and(|ip| ip.is_loopback() || ip == app.address.ip())
        // Bound to every address of the machine: any address names it, but no foreign name does.
        || (app.address.ip().is_unspecified() && address.is_some())
        || app.served.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(name))
}

fn from_address(uri: &Uri) -> Option<String> {
    let pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs
        .into_iter()
        .find_map(|(name, value)| (name == "key").then(|| value.into_owned()))
}

fn from_headers(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(bearer) = text(header::AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer "))
    {
        return Some(bearer.trim().to_owned());
    }
    let cookies = text(header::COOKIE)?.split(';');
    let value = cookies.into_iter().find_map(|cookie| {
        cookie
            .trim()
            .strip_prefix(COOKIE)
            .and_then(|rest| rest.strip_prefix('='))
    })?;
    url::form_urlencoded::parse(format!("k={value}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
}

fn encode(key: &str) -> String {
    url::form_urlencoded::byte_serialize(key.as_bytes()).collect()
}

/// Compares in a time that does not tell how much of the key is right.
fn same(given: &str, key: &str) -> bool {
    let (given, key) = (given.as_bytes(), key.as_bytes());
    let differ = given.iter().zip(key).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == key.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_where_clients_put_them() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=b; conspectus-key=x%26y"),
        );
        assert_eq!(from_headers(&headers).as_deref(), Some("x&y"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer z"));
        assert_eq!(from_headers(&headers).as_deref(), Some("z"));
        let uri: Uri = "/search?q=a&key=x%26y".parse().unwrap();
        assert_eq!(from_address(&uri).as_deref(), Some("x&y"));
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("ab", "abc"));
    }
}
