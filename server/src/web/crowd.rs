//! At most so many requests at the same time for one address, and so many in a second, also where a proxy brings them
//! all.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::{Web, client};
use crate::listen::held::Held;

pub async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    // Unknown in tests without a connection only.
    let Some(address) = client::address(&request, &web.state.config.trusted_proxies) else {
        return next.run(request).await;
    };
    let Some(place) = web.requests.take(address) else {
        let later = [(header::RETRY_AFTER, HeaderValue::from_static("5"))];
        return (StatusCode::TOO_MANY_REQUESTS, later).into_response();
    };
    // Not refused: a household behind one address is slower then, and not locked out. The places bound how many wait.
    web.pace.turn(address).await;
    // Until the last byte: an event stream is a request that goes on.
    next.run(request).await.map(|body| Body::new(Held::new(body, place)))
}
