//! Every error has words: whatever comes without, from a library or from a panic, gets a page, or a problem document
//! where a program asks.

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;
use super::request_id::RequestId;
use super::{Web, api};

/// Path and query of a page of ours with the longest search, several times.
const LONGEST_PATH: usize = 8 << 10;
/// All headers together; a few cookies and what proxies add are a tenth of it.
const LARGEST_HEAD: usize = 32 << 10;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    /// A person with a browser.
    Browser,
    /// Something that watches this process, or loads a file of it.
    Machine,
    /// A host that speaks the public API.
    Api,
}

impl Asker {
    fn of(path: &str) -> Self {
        let files = ["/pkg/", "/style.css", "/icons.svg", "/favicon."];
        if path.starts_with("/api/") {
            Self::Api
        } else if matches!(path, "/healthz" | "/readyz" | "/metrics")
            || files.iter().any(|file| path.starts_with(file))
        {
            Self::Machine
        } else {
            Self::Browser
        }
    }
}

pub async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    let base = web.state.config.base_path();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = path.strip_prefix(base).unwrap_or(path).to_owned();
    let asker = Asker::of(&path);
    let id = request.extensions().get::<RequestId>().cloned();
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = match too_long(&request) {
        Some(status) => status.into_response(),
        None => next.run(request).await,
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        if problem.is_signed_out() {
            return web.redirect(&app::paths::sign_in_to(&path));
        }
        return with_headers_of(response, problem.page(base, id.as_ref()));
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || has_words(&response, asker) {
        return response;
    }
    let (title, text) = words(status, looks);
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!("an answer without words was given a page");
    }
    let page = match asker {
        Asker::Browser => Problem::new(status, title, text).page(base, id.as_ref()),
        Asker::Machine => (status, format!("{title}: {text}\n")).into_response(),
        Asker::Api => api::problem(status, text),
    };
    with_headers_of(response, page)
}

fn too_long(request: &Request) -> Option<StatusCode> {
    if request.uri().path_and_query().is_some_and(|path| path.as_str().len() > LONGEST_PATH) {
        return Some(StatusCode::URI_TOO_LONG);
    }
    let size: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    (size > LARGEST_HEAD).then_some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
}

/// Whether this is an answer of ours, in the form that the asker reads.
fn has_words(response: &Response, asker: Asker) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is = |wanted: &str| kind.is_some_and(|kind| kind.starts_with(wanted));
    let empty = response.body().size_hint().exact() == Some(0);
    // Server functions answer scripts of ours in JSON.
    !empty
        && match asker {
            Asker::Browser => is("text/html") || is("application/json"),
            Asker::Machine => true,
            Asker::Api => is("application/problem+json"),
        }
}

/// The page with everything that was said beside the body: which methods there are, when to ask again, cookies.
fn with_headers_of(response: Response, page: Response) -> Response {
    let (mut old, _) = response.into_parts();
    let (new, body) = page.into_parts();
    for name in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING] {
        old.headers.remove(name);
    }
    if let Some(kind) = new.headers.get(header::CONTENT_TYPE) {
        old.headers.insert(header::CONTENT_TYPE, HeaderValue::clone(kind));
    }
    Response::from_parts(old, Body::new(body))
}

/// What happened, whether anything was changed, and what to do. `looks` is a request that asks for nothing else.
fn words(status: StatusCode, looks: bool) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => ("Not found", "There is no such page, or it is not shown to you."),
        StatusCode::METHOD_NOT_ALLOWED => (
            "This cannot be done here",
            "There is such an address, but not for this. Nothing was changed. Begin on the start page.",
        ),
        StatusCode::REQUEST_TIMEOUT => (
            "Too slow",
            "What was sent did not arrive in time, so nothing was changed. Go back and send it again.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "Too large",
            "What was sent is larger than a megabyte, so nothing was changed. Go back and send less.",
        ),
        StatusCode::URI_TOO_LONG => (
            "This address is too long",
            "Nothing was changed. Look whether something was pasted in that does not belong to it.",
        ),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
            "Your browser sends too much along",
            "Nothing was changed. Remove the cookies of this site in your browser, then sign in again.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Too much at once",
            "More comes from your address than is answered at the same time. Nothing was changed. Wait a few seconds, \
             then try again.",
        ),
        status if status.is_client_error() => (
            "This was not understood",
            "It did not arrive as pages here send it, so nothing was changed. Go back, load the page anew and try \
             again.",
        ),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::BAD_GATEWAY => (
            "Something does not answer",
            "Something that this depends on does not answer. Look whether it was done before you try again.",
        ),
        _ if looks => (
            "Something broke",
            "Something broke on our side; the log says what. Looking changes nothing, so try again in a minute.",
        ),
        _ => (
            "Something broke",
            "Something broke on our side; the log says what. What you sent may have been done all the same: look \
             before you send it again.",
        ),
    }
}
