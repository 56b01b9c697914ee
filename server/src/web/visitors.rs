//! How many browsers of strangers begin to be remembered, for each address.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

/// What somebody reads who is one too many.
pub fn too_many(wait: Duration) -> Response {
    let minutes = wait.as_secs() / 60 + 1;
    let minutes = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    let text = format!(
        "More people than usual came here from your network address, and none of them is signed in. Nothing was \
         changed. Try again in {minutes}; who is signed in can go on."
    );
    let page = Problem::new(StatusCode::TOO_MANY_REQUESTS, "Too many at once", text);
    let mut response = page.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    response
}
