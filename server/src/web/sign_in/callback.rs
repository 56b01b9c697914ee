//! Back from a provider.

use app::fault::Fault;
use app::ports::flash::Message;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::flow::{self, Flow};
use super::{browser, destination, shut_out};
use crate::config::{Provider, ProviderKind};
use crate::providers;
use crate::providers::{Identified, ProviderError};
use crate::session::BrowserSession;
use crate::state::{AppState, Viewer};
use crate::use_cases::sign_in::{self, NotInvited, SignInOutcome};
use crate::web::Web;
use crate::web::problem::Problem;

#[derive(Deserialize)]
pub struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    /// Who answers (RFC 9207).
    iss: Option<String>,
}

pub async fn callback(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path(provider): Path<String>,
    Query(answer): Query<Answer>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let state = &web.state;
    let provider = &providers::find(state, &provider).ok_or(Fault::NotFound)?;
    let sent = answer.state.as_deref().unwrap_or_default();
    let flow = flow::take(&session, &provider.id, sent).await?;
    let flow = check(state, provider, &answer, flow)?;
    let code = answer.code.ok_or_else(not_started)?;
    let who = providers::identify(state, provider, &flow.secrets, code)
        .await
        .map_err(|error| not_identified(provider, &error))?;

    if let Some(person) = flow.link {
        if viewer.person().ok() != Some(person) {
            return Err(not_started());
        }
        link(state, &session, provider, &who, person).await?;
        return Ok(web.redirect(&app::paths::account()));
    }
    if let Some(link) = &flow.again {
        let came = sign_in::come_back(state, link, provider, &who).await;
        let person = came.map_err(|error| match &error {
            Fault::Conflict(why) => {
                again(Problem::new(StatusCode::CONFLICT, "You could not come back", why.to_string()))
            }
            _ => error.into(),
        })?;
        session.sign_in(person, &browser(&headers)).await?;
        return Ok(web.redirect(&app::paths::account()));
    }
    match sign_in::admit(state, &session, provider, &who).await? {
        SignInOutcome::Known(person) | SignInOutcome::Registered(person) => {
            session.sign_in(person, &browser(&headers)).await?;
            let to = destination(&session, flow.next).await?;
            Ok(web.redirect(&to))
        }
        SignInOutcome::ShutOut => Err(shut_out()),
        SignInOutcome::NotInvited(why) => {
            tracing::info!(provider = provider.id, ?why, "somebody who is not invited was not let in");
            Err(not_invited(provider, &who, why))
        }
    }
}

/// Whether this is the answer to a question of this browser, and a yes.
fn check(
    state: &AppState,
    provider: &Provider,
    answer: &Answer,
    flow: Option<Flow>,
) -> Result<Flow, Problem> {
    let config = &state.config;
    let Some(flow) = flow else { return Err(not_started()) };
    let limit = i64::try_from(config.timing.sign_in.as_secs()).unwrap_or(i64::MAX);
    let now = state.now();
    if flow.started.happened(now).is_none_or(|started| started.plus_seconds(limit) < now) {
        let text = "Too much time went by between start and end. Nobody was signed in. Start again.";
        return Err(again(Problem::new(StatusCode::BAD_REQUEST, "This sign-in is too old", text)));
    }
    if let (Some(iss), ProviderKind::Oidc { issuer }) = (&answer.iss, &provider.kind)
        && iss != issuer
    {
        return Err(not_started());
    }
    match answer.error.as_deref() {
        None => Ok(flow),
        Some("access_denied") => {
            let text = format!(
                "{} was not allowed to tell us who you are, so nobody was signed in. We ask for your name and e-mail \
                 address, nothing else.",
                provider.label
            );
            Err(again(Problem::new(StatusCode::FORBIDDEN, "You said no", text)))
        }
        Some(error) => {
            tracing::warn!("`{}` ended a sign-in with `{}`", provider.id, error.escape_debug());
            let shown: String = error.chars().filter(char::is_ascii_graphic).take(60).collect();
            let text = format!(
                "{} ended the sign-in with `{shown}`. Nobody was signed in. Try again; if it stays so, tell the owner \
                 of this Acequia.",
                provider.label
            );
            Err(again(Problem::new(StatusCode::BAD_GATEWAY, "The provider refused", text)))
        }
    }
}

async fn link(
    state: &AppState,
    session: &BrowserSession,
    provider: &Provider,
    who: &Identified,
    person: model::PersonId,
) -> Result<(), Fault> {
    let mut message = Message::default();
    match sign_in::link(state, person, provider, who).await {
        Ok(()) => {
            message.done = Some(format!("You can now sign in as {} at {} too.", who.label, provider.label));
        }
        Err(fault @ Fault::Conflict(_)) => message.fault = Some(fault),
        Err(fault) => return Err(fault),
    }
    session.put_flash(&app::paths::account(), message).await
}

fn again(problem: Problem) -> Problem {
    problem.next(app::paths::sign_in(), "Back to sign-in")
}

fn not_started() -> Problem {
    tracing::warn!("an answer that belongs to no sign-in of this browser was refused");
    let text = "This answer does not belong to a sign-in that was started in this browser, or it was used before. \
                Nobody was signed in. Start again, and stay in one browser.";
    again(Problem::new(StatusCode::BAD_REQUEST, "This sign-in is not known", text))
}

fn not_identified(provider: &Provider, error: &ProviderError) -> Problem {
    tracing::warn!("a sign-in with `{}` failed: {error}", provider.id);
    let label = &provider.label;
    // Its words, which may repeat what a stranger put into the address.
    let words = model::text::one_line(&error.to_string(), 300);
    let (status, title, text) = match error {
        ProviderError::Unreachable(_) => (
            StatusCode::BAD_GATEWAY,
            format!("{label} does not answer"),
            format!("Nobody was signed in. Try again in a minute, or sign in another way ({words})."),
        ),
        ProviderError::Refused(_) => (
            StatusCode::BAD_REQUEST,
            format!("{label} did not accept the answer"),
            format!("It may be too old, or was used before. Nobody was signed in. Start again ({words})."),
        ),
        ProviderError::Untrusted(_) => (
            StatusCode::BAD_REQUEST,
            format!("The answer of {label} cannot be trusted"),
            format!("It does not fit to this sign-in, so nobody was signed in. Start again ({words})."),
        ),
    };
    again(Problem::new(status, &title, text))
}

fn not_invited(provider: &Provider, who: &Identified, why: NotInvited) -> Problem {
    let (label, name) = (&provider.label, &who.label);
    let start = format!("{label} says that you are {name}, and nobody here has signed in like that before.");
    let (title, rest) = match why {
        NotInvited::NoOffer => (
            "You need an offer to come in",
            "New people come in with an offer: open the link that somebody sent you, then sign in from that page. If \
             you have an account, sign in as you did before and link this one on your account page.",
        ),
        NotInvited::OtherAddress => (
            "This offer is for another address",
            "The offer that brought you here was made to one e-mail address, and it is not the one that this sign-in \
             vouches for. Sign in with the account of that address, or ask for an offer by link. The offer still \
             stands.",
        ),
        NotInvited::Taken => (
            "All places of this offer are taken",
            "As many people as it is for have come in with its link before you. If that was not you, tell whoever \
             sent it: they can make a new link.",
        ),
    };
    again(Problem::new(StatusCode::FORBIDDEN, title, format!("{start} {rest}")))
}
