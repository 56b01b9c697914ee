//! Each request has a name: in the log, in a header of its answer, and on the page that says that something broke. So
//! whoever tells of such a page is found in the log.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::Web;
use crate::log::request::named;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Counts up from the moment of the first one, so that no two starts of the process share one.
static NEXT: OnceLock<AtomicI64> = OnceLock::new();

/// As in `64a3f2c19b7e0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn next(web: &Web) -> Self {
        let next = NEXT.get_or_init(|| AtomicI64::new(web.state.now().micros()));
        Self(format!("{:x}", next.fetch_add(1, Ordering::Relaxed)))
    }
}

/// What a client calls it is not asked: in the log it could be taken for another one.
pub async fn layer(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let id = RequestId::next(&web);
    let header = HeaderValue::try_from(id.as_str());
    let name = id.as_str().to_owned();
    request.extensions_mut().insert(id);
    let mut response = named(name, next.run(request)).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}
