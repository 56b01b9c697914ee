//! On the way to a provider.

use app::fault::Fault;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use super::flow::{self, Flow};
use super::local;
use crate::providers;
use crate::secrets::hash_token;
use crate::session::BrowserSession;
use crate::state::Viewer;
use crate::web::Web;
use crate::web::address::Address;
use crate::web::problem::Problem;

#[derive(Deserialize)]
pub struct Start {
    next: Option<String>,
    link: Option<String>,
    again: Option<String>,
}

pub async fn start(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Extension(address): Extension<Address>,
    Path(provider): Path<String>,
    Form(form): Form<Start>,
) -> Result<Response, Problem> {
    let state = &web.state;
    let provider = &providers::find(state, &provider).ok_or(Fault::NotFound)?;
    let link = match (form.link, viewer) {
        (None, _) => None,
        (Some(_), Viewer::Person { id, .. }) => Some(id),
        (Some(_), Viewer::Anonymous) => return Ok(web.redirect(&app::paths::sign_in())),
    };
    let (url, secrets) = providers::start(state, provider, address.base()).await.map_err(|error| {
        tracing::warn!("cannot start a sign-in with `{}`: {error}", provider.id);
        Problem::new(
            StatusCode::BAD_GATEWAY,
            &format!("{} does not answer", provider.label),
            format!("Nobody was signed in. Try again in a minute, or sign in another way ({error})."),
        )
        .next(app::paths::sign_in(), "Back to sign-in")
    })?;
    let flow = Flow {
        provider: provider.id.clone(),
        secrets,
        next: local(form.next),
        link,
        // The hash alone: whatever was typed there is of one length.
        again: form.again.as_deref().map(hash_token),
        started: state.now(),
    };
    flow::remember(&session, flow).await?;
    // A page that leads on, not a redirect: browsers hold redirects of a posted form to this app's
    // `form-action 'self'`, however often the provider redirects after that.
    let text = format!("You are on your way to {}.", provider.label);
    Ok(Problem::new(StatusCode::OK, "Signing in", text)
        .leads_to(&url, &format!("Go on to {}", provider.label))
        .into_response())
}
