//! The listener of one server.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::routes::{answer, find};
use super::wire::{Reply, Request};
use crate::gate::{Gate, hang_up};

/// Far more than any version takes.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// Serves the server of this index.
pub(crate) fn router(gate: Arc<Gate>, index: usize) -> Router {
    Router::new().fallback(serve).with_state((gate, index))
}

async fn serve(State((gate, index)): State<(Arc<Gate>, usize)>, request: HttpRequest) -> Response {
    let Some(request) = read(request).await else { return hang_up() };
    // A task of its own: a call that is held goes on when it is released, also if the caller was killed meanwhile.
    let call = tokio::spawn(async move {
        let (operation, name) = {
            let state = gate.state();
            let server = state.headscales.get(index);
            let operation =
                server.and_then(|server| find(server.dialect, &request)).and_then(|found| found.operation());
            (operation, server.map(|server| server.name.clone()))
        };
        let effect = async {
            let mut state = gate.state();
            let now = state.now();
            let server = state.headscales.get_mut(index);
            server.map_or_else(hang_up, |server| written(answer(server, &request, now)))
        };
        match operation {
            Some(operation) => gate.pass(operation, &request.path, name, effect).await,
            None => effect.await,
        }
    });
    call.await.unwrap_or_else(|_| hang_up())
}

async fn read(request: HttpRequest) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let header = |name: HeaderName| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    Some(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: header(header::AUTHORIZATION),
        content_type: header(header::CONTENT_TYPE),
        accept: header(header::ACCEPT),
        if_match: header(header::IF_MATCH),
        body: to_bytes(body, LARGEST_BODY).await.ok()?.to_vec(),
    })
}

fn written(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}
