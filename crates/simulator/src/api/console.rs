//! What at the real service is the vendor's console: the page behind an invite link, and the one on which an owner
//! without a user token makes an invite. Both ask who one is.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use crate::control::{Control, ControlError};
use crate::gate::Gate;
use crate::rights::{Right, role_gives};
use crate::state::State as World;

/// Who there is to accept; reading changes nothing.
pub async fn show(State(gate): State<Arc<Gate>>, Path(code): Path<String>) -> Response {
    let state = gate.state();
    match offer(&state, &code) {
        Some(body) => page(&body),
        None => (StatusCode::NOT_FOUND, page("<p>There is no such invite.")).into_response(),
    }
}

fn offer(state: &World, code: &str) -> Option<String> {
    let invite = state.invites.iter().find(|invite| invite.code == code)?;
    let owner = state.tailnets.get(invite.tailnet)?;
    let device = owner.devices.iter().find(|device| device.number == invite.device)?;
    let sharer = owner.users.get(invite.sharer)?;
    let (sharer, device) = (escaped(&sharer.login), escaped(&device.fqdn(owner)));
    let mut body =
        format!("<p><strong>{sharer}</strong> shares <strong>{device}</strong> with you. Accept as:");
    let others = state.tailnets.iter().enumerate().filter(|(index, _)| *index != invite.tailnet);
    for (tailnet, user) in
        others.flat_map(|(_, tailnet)| tailnet.users.iter().map(move |user| (tailnet, user)))
    {
        let (name, login) = (escaped(&tailnet.name), escaped(&user.login));
        let _ = write!(
            body,
            "<form method=post><input type=hidden name=tailnet value=\"{name}\"><button name=login value=\"{login}\">\
             {login}</button></form>"
        );
    }
    Some(body)
}

#[derive(Deserialize)]
pub struct Choice {
    tailnet: String,
    login: String,
}

pub async fn accept(
    State(gate): State<Arc<Gate>>,
    Path(code): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    match Control::new(gate).accept(&choice.tailnet, &choice.login, &code) {
        Ok(()) => page(&format!("<p>Accepted as <strong>{}</strong>.", escaped(&choice.login))),
        Err(error) => refused(&error),
    }
}

/// Every machine with a button for each member who may share it.
pub async fn machines(State(gate): State<Arc<Gate>>) -> Response {
    let state = gate.state();
    let mut body = String::new();
    for tailnet in &state.tailnets {
        let name = escaped(&tailnet.name);
        let _ = write!(body, "<h2>{name}</h2>");
        for device in &tailnet.devices {
            let hostname = escaped(&device.hostname);
            let _ = write!(
                body,
                "<form method=post><strong>{hostname}</strong> <input type=hidden name=tailnet value=\"{name}\">\
                 <input type=hidden name=device value=\"{hostname}\">"
            );
            for user in tailnet.users.iter().filter(|user| role_gives(&user.role, Right::Share)) {
                let login = escaped(&user.login);
                let _ = write!(body, "<button name=login value=\"{login}\">Share as {login}</button> ");
            }
            body.push_str("</form>");
        }
    }
    page(&body)
}

#[derive(Deserialize)]
pub struct Sharing {
    tailnet: String,
    login: String,
    device: String,
}

/// Makes a single-use invite and shows its link.
pub async fn share(State(gate): State<Arc<Gate>>, Form(sharing): Form<Sharing>) -> Response {
    match Control::new(gate).make_invite(&sharing.tailnet, &sharing.login, &sharing.device) {
        Ok(link) => page(&format!("<p>The invite’s link:<p><code>{}</code>", escaped(&link))),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ControlError) -> Response {
    (StatusCode::BAD_REQUEST, page(&format!("<p>{}", escaped(&error.to_string())))).into_response()
}

fn page(body: &str) -> Response {
    let head = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
                <title>Simulated Tailscale console</title><style>body{font:1.1rem system-ui;max-width:34rem;\
                margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem;margin:.25rem 0}</style>\
                <h1>Simulated Tailscale console</h1>";
    Html(format!("{head}{body}")).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
