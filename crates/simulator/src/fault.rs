//! Faults on demand.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::hold::Moment;
use crate::operation::Target;
use crate::serve::HangUp;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// This status, with a message in the API's form.
    Status {
        /// 400 to 599.
        status: u16,
        /// The API's usual words for the status if absent.
        #[serde(default)]
        message: Option<String>,
    },
    /// 429, with `Retry-After` if given.
    RateLimit {
        /// In seconds.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 200 and a page of a captive portal.
    Garbage,
    /// The connection is closed without a byte.
    HangUp,
    /// The answer comes late.
    Slow {
        /// How late.
        millis: u64,
    },
}

/// A fault, for whom and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// For which calls.
    #[serde(default)]
    pub target: Target,
    /// What happens.
    pub fault: Fault,
    /// For how many calls; one if absent.
    #[serde(default = "once")]
    pub times: u32,
    /// Instead of the call's effect (the default), or after it and instead of its answer.
    #[serde(default)]
    pub moment: Moment,
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// The answer in place of the real one; `None` if the real one is to follow.
    pub(crate) async fn happen(&self) -> Option<Response> {
        match self {
            Self::Status { status, message } => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let message = message.as_deref().unwrap_or(usual_words(status));
                Some((status, axum::Json(serde_json::json!({ "message": message }))).into_response())
            }
            Self::RateLimit { retry_after } => {
                let body = axum::Json(serde_json::json!({ "message": "too many requests" }));
                let mut response = (StatusCode::TOO_MANY_REQUESTS, body).into_response();
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
                }
                Some(response)
            }
            Self::Garbage => {
                let page = "<!doctype html><title>Welcome to the hotel</title><p>Please accept our terms";
                Some(([(CONTENT_TYPE, "text/html")], page).into_response())
            }
            Self::HangUp => {
                let mut response = Response::new(Body::empty());
                response.extensions_mut().insert(HangUp);
                Some(response)
            }
            Self::Slow { millis } => {
                tokio::time::sleep(Duration::from_millis(*millis)).await;
                None
            }
        }
    }
}

/// Texts observed at the real service.
fn usual_words(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "API token invalid",
        403 => "calling actor does not have enough permissions to perform this function",
        404 => "not found",
        412 => "precondition failed, invalid old hash",
        429 => "too many requests",
        500 => "internal server error",
        502 => "bad gateway",
        504 => "request took too long to process, please try again later",
        _ => "something went wrong",
    }
}
