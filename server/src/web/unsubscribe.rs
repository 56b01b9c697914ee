//! One click in a mail program ends a kind of mails (RFC 8058): a POST from anywhere, without a session, that says so and
//! does nothing else. What a person sees at the same address is a page of the app.

use app::fault::Fault;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::Web;
use super::problem::Problem;
use crate::use_cases::notifications;

pub async fn one_click(
    State(web): State<Web>,
    Path(token): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    // What only looks, or posts something else there, ends nothing.
    if !is_one_click(&body) {
        let text = "this takes List-Unsubscribe=One-Click and nothing else\n";
        return Ok((StatusCode::BAD_REQUEST, text).into_response());
    }
    match notifications::stop(&web.state, &token).await {
        Ok(()) => Ok((StatusCode::OK, "no more of these are sent\n").into_response()),
        Err(Fault::NotFound) => Ok((StatusCode::NOT_FOUND, "there is no such link\n").into_response()),
        Err(fault) => Err(fault.into()),
    }
}

/// As a form, or as the one part of a `multipart/form-data`: both are allowed.
fn is_one_click(body: &str) -> bool {
    let (name, value) = ("List-Unsubscribe", "One-Click");
    let form = form_urlencoded::parse(body.as_bytes()).any(|pair| pair == (name.into(), value.into()));
    let part = body.split_once("\r\n\r\n").is_some_and(|(head, rest)| {
        head.contains("name=\"List-Unsubscribe\"") && rest.starts_with("One-Click\r\n")
    });
    form || part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_click_is_said_as_a_form_or_as_a_part() {
        assert!(is_one_click("List-Unsubscribe=One-Click"));
        let part =
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        assert!(is_one_click(part));
        for other in ["", "List-Unsubscribe=Two", "x=List-Unsubscribe=One-Click", "One-Click"] {
            assert!(!is_one_click(other), "{other}");
        }
    }
}
