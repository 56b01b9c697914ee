//! Coming in and going out.

mod callback;
mod demo;
mod flow;
mod start;

pub use callback::callback;
pub use demo::demo;
pub use start::start;

use app::fault::Fault;
use app::ports::flash::Message;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::{Extension, Form};
use serde::Deserialize;

use super::problem::Problem;
use super::{Web, agent};
use crate::session::BrowserSession;
use crate::use_cases::sign_in;

#[derive(Deserialize)]
pub struct SetUp {
    #[serde(default)]
    code: String,
}

/// Takes the set-up code and goes back to the sign-in page, which then lets a new person in.
pub async fn set_up(
    State(web): State<Web>,
    Extension(session): Extension<BrowserSession>,
    Form(form): Form<SetUp>,
) -> Result<Response, Problem> {
    let mut message = Message { form: "sign-in/setup".into(), ..Message::default() };
    match sign_in::give_set_up_code(&web.state, &session, &form.code).await {
        Ok(()) => message.done = Some("That is the code. Now sign in: you will own this Acequia.".into()),
        Err(Fault::Invalid(errors)) => {
            tracing::warn!("a wrong set-up code was given");
            message.errors = errors;
        }
        Err(fault @ Fault::Conflict(_)) => message.fault = Some(fault),
        Err(fault) => return Err(fault.into()),
    }
    session.put_flash(&app::paths::sign_in(), message).await?;
    Ok(web.redirect(&app::paths::sign_in()))
}

pub async fn out(
    State(web): State<Web>,
    Extension(session): Extension<BrowserSession>,
) -> Result<Response, Problem> {
    let person = session.person().await?;
    session.sign_out().await?;
    if let Some(person) = person {
        tracing::info!(%person, "signed out");
    }
    Ok(web.redirect(&app::paths::home()))
}

/// What whoever is blocked reads, however they sign in.
fn shut_out() -> Problem {
    let text = "This account may no longer come in, so nobody was signed in. Nothing else was changed. If you think that \
                this is a mistake, ask the owner of this Acequia.";
    Problem::new(StatusCode::FORBIDDEN, "This account is shut out", text)
}

/// A path of this app: what came from outside must not lead anywhere else.
fn local(next: Option<String>) -> Option<String> {
    next.filter(|next| app::paths::is_ours(next) && next.len() <= 500)
}

fn browser(headers: &HeaderMap) -> String {
    agent::describe(headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default())
}

/// Where somebody who has just come in goes: where they wanted to, or to the offer that brought them.
async fn destination(session: &BrowserSession, next: Option<String>) -> Result<String, Fault> {
    if let Some(next) = local(next) {
        return Ok(next);
    }
    let offer = session.remembered_offer().await?;
    Ok(offer.map_or_else(app::paths::home, |token| app::paths::invitation(&token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_on_to_pages_of_this_app_only() {
        let led = |next: &str| local(Some(next.to_owned())).is_some();
        assert!(led("/") && led("/shares/1?x=%20#a"));
        for elsewhere in
            ["", "shares", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nx: y", "/a b"]
        {
            assert!(!led(elsewhere), "{elsewhere}");
        }
    }
}
