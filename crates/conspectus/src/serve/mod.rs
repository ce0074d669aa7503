//! The server: routes, and what every answer carries.

mod copy;
mod guard;
mod original;
mod raw;

use std::collections::HashMap;
use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version, header,
};
use axum::routing::get;
use engine::embedded::Embedded;
use engine::{Engine as _, Facet};
use model::page::Tab;
use render::Renderer as _;
use search::Request;
use tokio::sync::Semaphore;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _};

use crate::failure;

pub(crate) use original::Originals;

/// What is served.
pub(crate) struct Served {
    pub(crate) engine: Embedded,
    /// How records are read again for `/capture/ID/raw`.
    pub(crate) read: ingest::ReadSettings,
    pub(crate) languages: Vec<String>,
    /// Results on a page.
    pub(crate) count: usize,
    /// What requests must carry, if anything.
    pub(crate) key: Option<String>,
    /// Names that the `Host` header may say, beside loopback and the address itself.
    pub(crate) hosts: Vec<String>,
    /// Original bytes that are kept open.
    pub(crate) originals: Originals,
}

struct App {
    served: Arc<Served>,
    address: SocketAddr,
    /// Searches under way: each holds a thread, and more threads than this would only wait for
    /// each other.
    searches: Arc<Semaphore>,
}

type Shared = State<Arc<App>>;
type Answer = Response<Body>;

/// Time after which a request is answered with an error.
const DEADLINE: Duration = Duration::from_secs(20);

/// How often the server looks for a newer commit.
const LOOK: Duration = Duration::from_millis(250);

/// Time that requests under way have left when the server is told to end.
const GRACE: Duration = Duration::from_secs(5);

/// Nothing is loaded from elsewhere, nothing runs that is not ours, nobody frames the page.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Serves until Ctrl-C or SIGTERM. `ready` is told the address, with the port that was chosen.
pub(crate) async fn listen(
    address: SocketAddr,
    served: Arc<Served>,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on `{address}`"))?;
    let address = listener.local_addr()?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let served_by_all = Arc::clone(&served);
    let app = Arc::new(App {
        served,
        address,
        searches: Arc::new(Semaphore::new(threads * 2)),
    });
    let router = Router::new()
        .route("/", get(home))
        .route("/search", get(results))
        .route("/capture/{id}", get(copy::capture))
        .route("/capture/{id}/raw", get(raw::capture))
        .route("/document/{id}", get(copy::document))
        .route("/style.css", get(style))
        .route("/script.js", get(script))
        .route("/icon.svg", get(icon))
        .fallback(not_found)
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(&app),
            guard::check,
        ))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_ours)))
        .with_state(app);
    let watch = tokio::spawn(follow(Arc::clone(&served_by_all)));
    ready(address);
    let stop = Arc::new(tokio::sync::Notify::new());
    let stopping = Arc::clone(&stop);
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(async move { stopping.notified().await })
        .into_future();
    tokio::select! {
        served = serving => served?,
        () = async {
            ended().await;
            stop.notify_one();
            // A client that stops reading must not keep the server for ever.
            tokio::select! {
                () = tokio::time::sleep(GRACE) => {}
                () = ended() => {}
            }
        } => {}
    }
    watch.abort();
    Ok(())
}

/// Whether an answer is a page of ours: originals are sent as they are, as a viewer asks for ranges
/// of them, and most of them are compressed already.
fn is_ours(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ACCEPT_RANGES)
}

/// Takes the newest commit now and then, also while nobody asks: a reader that stays at an old one
/// keeps the store's log from being emptied.
async fn follow(served: Arc<Served>) {
    let mut pause = LOOK;
    loop {
        tokio::time::sleep(pause).await;
        pause = LOOK;
        let served = Arc::clone(&served);
        let looked = tokio::task::spawn_blocking(move || served.engine.view().map(drop)).await;
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "cannot take the newest commit");
                pause = DEADLINE;
            }
            Err(error) => {
                tracing::error!(error = %error, "looking for a newer commit failed");
                pause = DEADLINE;
            }
        }
    }
}

async fn ended() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if interrupt.await.is_err() {
        tracing::warn!("cannot watch for Ctrl-C");
    }
}

/// Runs what blocks on a thread of its own, within the deadline; failures become pages.
async fn blocking(
    app: &Arc<App>,
    work: impl FnOnce(&Served) -> anyhow::Result<Answer> + Send + 'static,
) -> Answer {
    let waiting = Arc::clone(&app.searches).acquire_owned();
    let Ok(Ok(permit)) = tokio::time::timeout(DEADLINE, waiting).await else {
        return busy();
    };
    let served = Arc::clone(&app.served);
    let running = tokio::task::spawn_blocking(move || {
        let answer = work(&served);
        // Work that has missed its deadline still holds its place.
        drop(permit);
        answer
    });
    match tokio::time::timeout(DEADLINE, running).await {
        Ok(Ok(Ok(answer))) => answer,
        Ok(Ok(Err(error))) => failed(&error),
        Ok(Err(join)) => failed(&anyhow::Error::new(join)),
        Err(_elapsed) => busy(),
    }
}

fn busy() -> Answer {
    let text = "The server is busy with other requests.";
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        render::message(503, "Busy", text, Some("Try again in a moment.")),
    )
}

/// A failure as a page. The cause of a fault of ours goes to the log, not to a stranger.
fn failed(error: &anyhow::Error) -> Answer {
    let (kind, hint) = failure::sort(error);
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (title, text) = if kind == failure::Kind::Internal {
        tracing::error!(error = format!("{error:#}"), "request failed");
        (
            "Something went wrong",
            "This is a fault of Conspectus; the log says more.".to_owned(),
        )
    } else {
        ("This cannot be shown", format!("{error:#}"))
    };
    page(
        status,
        render::message(status.as_u16(), title, &text, hint.as_deref()),
    )
}

fn missing(title: &str, text: &str, hint: &str) -> Answer {
    page(
        StatusCode::NOT_FOUND,
        render::message(404, title, text, Some(hint)),
    )
}

async fn not_found() -> Answer {
    missing(
        "Not found",
        "There is no such page.",
        "Search from the front page.",
    )
}

/// An HTML page of ours.
fn page(status: StatusCode, html: String) -> Answer {
    let mut answer = typed("text/html; charset=utf-8", html.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// An answer of a type, with the headers that every answer carries.
fn typed(media_type: &'static str, body: Body) -> Answer {
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    protect(headers);
    answer
}

fn protect(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // The sites that results link to need not know what was asked.
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

async fn style() -> Answer {
    typed("text/css; charset=utf-8", render::STYLE.into())
}

async fn script() -> Answer {
    typed("text/javascript; charset=utf-8", render::SCRIPT.into())
}

async fn icon() -> Answer {
    typed("image/svg+xml", render::ICON.into())
}

async fn home(State(app): Shared) -> Answer {
    blocking(&app, |served| {
        let view = served.engine.view()?;
        let collections = view.counts(Facet::Collection, &[])?;
        Ok(page(
            StatusCode::OK,
            render::home(view.totals()?.documents, &collections),
        ))
    })
    .await
}

/// What `/search` is asked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    q: String,
    offset: Option<usize>,
    count: Option<usize>,
    format: Option<String>,
    now: Option<String>,
    kind: Tab,
}

impl Asked {
    /// Reads the query of an address. No request for a search is an error: what is not understood
    /// counts as not said, and of a name that comes twice the last value holds.
    fn read(query: Option<&str>) -> Self {
        let mut asked = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "q" => asked.q = value.into_owned(),
                "offset" => asked.offset = value.parse().ok(),
                "count" => asked.count = value.parse().ok(),
                "format" => asked.format = Some(value.into_owned()),
                "now" => asked.now = Some(value.into_owned()),
                "kind" => asked.kind = Tab::of(&value).unwrap_or_default(),
                _ => {}
            }
        }
        asked
    }
}

async fn results(State(app): Shared, RawQuery(query): RawQuery) -> Answer {
    let asked = Asked::read(query.as_deref());
    if asked.q.trim().is_empty() {
        return redirect("/");
    }
    blocking(&app, move |served| {
        let now = asked.now.as_deref().and_then(|text| text.parse().ok());
        let request = Request {
            text: asked.q,
            tab: asked.kind,
            now: now.unwrap_or_else(crate::clock::now),
            offset: asked.offset.unwrap_or(0),
            count: asked
                .count
                .unwrap_or(served.count)
                .clamp(1, crate::cli::search::COUNT_LIMIT),
            explain: true,
            operators: true,
            languages: served.languages.clone(),
        };
        let found = search::search(&*served.engine.view()?, &request)?;
        if asked.format.as_deref() == Some("json") {
            let renderer = render::Json { pretty: false };
            return Ok(typed(renderer.media_type(), renderer.render(&found).into()));
        }
        Ok(page(StatusCode::OK, render::Html.render(&found)))
    })
    .await
}

fn redirect(to: &'static str) -> Answer {
    let mut answer = typed("text/plain", Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    answer
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_static(to));
    answer
}

/// Path and query of a request for a copy.
type CopyOf = (Path<String>, Query<HashMap<String, String>>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_address_is_a_search() {
        let q = |query: &str| Asked::read(Some(query)).q;
        assert_eq!(q("q=a+b%26c&x=1"), "a b&c");
        assert_eq!(q("q=a&q=b"), "b");
        assert_eq!(q("q=%FF"), "\u{fffd}");
        assert_eq!(
            Asked::read(Some("q=a&offset=-1&count=x")),
            Asked {
                q: "a".into(),
                ..Asked::default()
            }
        );
        let kind = |query: &str| Asked::read(Some(query)).kind;
        assert_eq!(kind("q=a&kind=video"), Tab::Videos);
        assert_eq!(kind("q=a&kind=videos"), Tab::All);
        assert_eq!(Asked::read(None), Asked::default());
    }
}
