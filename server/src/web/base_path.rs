//! The app lives at the root; under a sub-path its front door takes the prefix off. Links and redirects carry it.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::uri::{PathAndQuery, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Web;
use super::problem::Problem;

pub async fn layer(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let base = web.state.config.base_path();
    if base.is_empty() {
        return next.run(request).await;
    }
    // Load balancers ask at the root.
    if !matches!(request.uri().path(), "/healthz" | "/readyz") {
        let Some(uri) = without(request.uri(), base) else {
            let text = format!("This app is at {base}/.");
            let problem = Problem::new(StatusCode::NOT_FOUND, "Not found", text);
            return problem.into_response();
        };
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

fn without(uri: &Uri, base: &str) -> Option<Uri> {
    let rest = uri.path().strip_prefix(base)?;
    if !(rest.is_empty() || rest.starts_with('/')) {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = format!("{}{query}", if rest.is_empty() { "/" } else { rest });
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_taken_off_whole_words_only() {
        let path = |uri: &'static str| without(&Uri::from_static(uri), "/gate").map(|uri| uri.to_string());
        assert_eq!(path("/gate").as_deref(), Some("/"));
        assert_eq!(path("/gate/shares?q=1").as_deref(), Some("/shares?q=1"));
        assert_eq!(path("/gateway"), None);
        assert_eq!(path("/"), None);
    }
}
