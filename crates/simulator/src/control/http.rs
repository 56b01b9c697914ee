//! The controls over HTTP, for tests in another process and the demo.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::{Control, ControlError};
use crate::fault::FaultRule;
use crate::hold::{Hold, Moment};
use crate::operation::Target;

pub(crate) fn router(control: Control) -> Router {
    Router::new()
        .route("/tailnets", get(async |State(control): Control_| Json(control.tailnets())))
        .route("/tailnets/{name}", get(tailnet))
        .route("/tailnets/{name}/policy", put(edit_policy).get(policy))
        .route("/tailnets/{name}/devices/{hostname}", delete(remove_device))
        .route("/tailnets/{name}/accept", post(accept))
        .route("/tailnets/{name}/invites", post(make_invite))
        .route("/headscales", get(async |State(control): Control_| Json(control.headscales())))
        .route("/headscales/{name}", get(headscale))
        .route("/headscales/{name}/policy", put(headscale_policy).delete(headscale_policy_gone))
        .route("/headscales/{name}/reload", post(headscale_reload))
        .route("/headscales/{name}/join", post(headscale_join))
        .route("/headscales/{name}/sign-in", post(headscale_sign_in))
        .route("/headscales/{name}/wait", post(headscale_wait))
        .route("/headscales/{name}/machines/{id}", put(headscale_connect).delete(headscale_log_out))
        .route("/revoke", post(revoke))
        .route("/join", post(join))
        .route("/forget-minted-tokens", post(async |State(control): Control_| control.forget_minted_tokens()))
        .route("/faults", post(fail).delete(async |State(control): Control_| control.clear_faults()))
        .route("/holds", post(hold))
        .route("/holds/{id}", get(hold_state))
        .route("/holds/{id}/held", get(held))
        .route("/holds/{id}/release", post(release))
        .route("/holds/{id}/abandon", post(abandon))
        .route("/log", get(log).delete(async |State(control): Control_| control.clear_log()))
        .route("/clock", get(async |State(control): Control_| control.now().to_string()).post(clock))
        .with_state(control)
}

type Control_ = State<Control>;

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Refused(_) => StatusCode::CONFLICT,
            _ => StatusCode::NOT_FOUND,
        };
        (status, format!("{self}\n")).into_response()
    }
}

async fn tailnet(State(control): Control_, Path(name): Path<String>) -> Result<Response, ControlError> {
    Ok(Json(control.tailnet(&name)?).into_response())
}

async fn policy(State(control): Control_, Path(name): Path<String>) -> Result<String, ControlError> {
    control.policy(&name)
}

async fn edit_policy(
    State(control): Control_,
    Path(name): Path<String>,
    text: String,
) -> Result<(), ControlError> {
    control.edit_policy(&name, text)
}

async fn remove_device(
    State(control): Control_,
    Path((name, hostname)): Path<(String, String)>,
) -> Result<(), ControlError> {
    control.remove_device(&name, &hostname)
}

#[derive(Deserialize)]
struct Accept {
    login: String,
    invite: String,
}

async fn accept(
    State(control): Control_,
    Path(name): Path<String>,
    Json(body): Json<Accept>,
) -> Result<(), ControlError> {
    control.accept(&name, &body.login, &body.invite)
}

#[derive(Deserialize)]
struct MakeInvite {
    login: String,
    device: String,
}

async fn make_invite(
    State(control): Control_,
    Path(name): Path<String>,
    Json(body): Json<MakeInvite>,
) -> Result<String, ControlError> {
    control.make_invite(&name, &body.login, &body.device)
}

#[derive(Deserialize)]
struct Join {
    /// The secret of an auth key, or its id.
    key: String,
    hostname: String,
    os: String,
}

async fn join(State(control): Control_, Json(body): Json<Join>) -> Result<String, ControlError> {
    control.join(&body.key, &body.hostname, &body.os)
}

async fn headscale(State(control): Control_, Path(name): Path<String>) -> Result<Response, ControlError> {
    Ok(Json(control.headscale(&name)?).into_response())
}

async fn headscale_policy(
    State(control): Control_,
    Path(name): Path<String>,
    text: String,
) -> Result<(), ControlError> {
    control.headscale_policy(&name, Some(&text))
}

async fn headscale_policy_gone(
    State(control): Control_,
    Path(name): Path<String>,
) -> Result<(), ControlError> {
    control.headscale_policy(&name, None)
}

async fn headscale_reload(State(control): Control_, Path(name): Path<String>) -> Result<(), ControlError> {
    control.headscale_reloads(&name)
}

#[derive(Deserialize)]
struct JoinHeadscale {
    /// The secret of a pre-auth key.
    key: String,
    machine: String,
}

async fn headscale_join(
    State(control): Control_,
    Path(name): Path<String>,
    Json(body): Json<JoinHeadscale>,
) -> Result<String, ControlError> {
    control.headscale_joins(&name, &body.key, &body.machine)
}

#[derive(Deserialize)]
struct SignIn {
    provider_id: String,
    user: String,
    email: String,
    machine: String,
}

async fn headscale_sign_in(
    State(control): Control_,
    Path(name): Path<String>,
    Json(body): Json<SignIn>,
) -> Result<Response, ControlError> {
    let who = (body.provider_id.as_str(), body.user.as_str(), body.email.as_str());
    let (user, machine) = control.headscale_signs_in(&name, who, &body.machine)?;
    Ok(Json(json!({ "user": user, "machine": machine })).into_response())
}

#[derive(Deserialize)]
struct Wait {
    machine: String,
}

async fn headscale_wait(
    State(control): Control_,
    Path(name): Path<String>,
    Json(body): Json<Wait>,
) -> Result<String, ControlError> {
    control.headscale_waits(&name, &body.machine)
}

#[derive(Deserialize)]
struct Connect {
    online: bool,
}

async fn headscale_connect(
    State(control): Control_,
    Path((name, id)): Path<(String, String)>,
    Json(body): Json<Connect>,
) -> Result<(), ControlError> {
    control.headscale_connects(&name, &id, body.online)
}

async fn headscale_log_out(
    State(control): Control_,
    Path((name, id)): Path<(String, String)>,
) -> Result<(), ControlError> {
    control.headscale_logs_out(&name, &id)
}

#[derive(Deserialize)]
struct Revoke {
    key: String,
}

async fn revoke(State(control): Control_, Json(body): Json<Revoke>) -> StatusCode {
    if control.revoke(&body.key) { StatusCode::OK } else { StatusCode::NOT_FOUND }
}

async fn fail(State(control): Control_, Json(rule): Json<FaultRule>) {
    control.fail(rule);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewHold {
    #[serde(default)]
    target: Target,
    #[serde(default)]
    moment: Moment,
}

async fn hold(State(control): Control_, Json(new): Json<NewHold>) -> Response {
    let hold = control.hold(new.target, new.moment);
    Json(json!({ "id": hold.id() })).into_response()
}

fn find(control: &Control, id: u64) -> Result<Hold, StatusCode> {
    control.find_hold(id).ok_or(StatusCode::NOT_FOUND)
}

async fn hold_state(State(control): Control_, Path(id): Path<u64>) -> Result<Response, StatusCode> {
    let hold = find(&control, id)?;
    Ok(Json(json!({ "state": hold.0.state() })).into_response())
}

/// Answers when a call stands there; the caller brings the patience.
async fn held(State(control): Control_, Path(id): Path<u64>) -> Result<(), StatusCode> {
    find(&control, id)?.held().await;
    Ok(())
}

async fn release(State(control): Control_, Path(id): Path<u64>) -> Result<(), StatusCode> {
    find(&control, id)?.release();
    Ok(())
}

async fn abandon(State(control): Control_, Path(id): Path<u64>) -> Result<(), StatusCode> {
    find(&control, id)?.abandon();
    Ok(())
}

async fn log(State(control): Control_) -> Response {
    Json(control.log()).into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ClockChange {
    Pin(Timestamp),
    AdvanceSeconds(i64),
}

async fn clock(State(control): Control_, Json(change): Json<ClockChange>) {
    match change {
        ClockChange::Pin(at) => control.pin_clock(at),
        ClockChange::AdvanceSeconds(seconds) => control.advance_clock(SignedDuration::from_secs(seconds)),
    }
}
