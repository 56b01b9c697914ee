//! The shares, with their state and deeds read as the JSON that they are.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use invariants::{InviteDeed, Phase, Share, State};
use serde_json::Value;
use uuid::Uuid;

use crate::Source;
use crate::rows::{hex, select};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    offer_id: Uuid,
    service_id: Uuid,
    node_id: Uuid,
    tailnet_id: Uuid,
    owner_id: Uuid,
    friend_id: Uuid,
    login: String,
    ports: String,
    ends: Option<i64>,
    state: String,
    state_data: String,
    deeds: String,
    accepted: i64,
    seen_in_force: Option<i64>,
}

pub async fn all(source: &Source) -> anyhow::Result<Vec<Share>> {
    let sql = "SELECT id, offer_id, service_id, node_id, tailnet_id, owner_id, friend_id, login, ports, ends, state,
                      state_data, deeds, accepted, seen_in_force FROM shares ORDER BY id";
    select!(source, Row, sql)?.into_iter().map(share).collect()
}

fn share(row: Row) -> anyhow::Result<Share> {
    let told = || format!("share {}", hex(row.id));
    let state: Value = serde_json::from_str(&row.state_data).with_context(told)?;
    let deeds: Value = serde_json::from_str(&row.deeds).with_context(told)?;
    ensure!(state["state"] == row.state.as_str(), "{}: `{}` and {state} disagree", told(), row.state);
    let ids =
        |value: &Value| -> BTreeSet<String> { value.as_array().into_iter().flatten().map(text).collect() };
    let invite = &deeds["invite"];
    Ok(Share {
        id: hex(row.id),
        offer: hex(row.offer_id),
        service: hex(row.service_id),
        node: hex(row.node_id),
        tailnet: hex(row.tailnet_id),
        owner: hex(row.owner_id),
        friend: hex(row.friend_id),
        login: row.login,
        ports: row.ports.split(',').map(|port| port.trim().to_owned()).collect(),
        former: former(&deeds["former"]["ports"]),
        ends: row.ends,
        accepted: row.accepted,
        state: self::state(&state),
        approved: deeds["approved"].is_object(),
        beforehand: circle(&deeds["approved"]["beforehand"]),
        rule_begun: deeds["rule_begun"] == true,
        invite: invite
            .is_object()
            .then(|| InviteDeed { id: text(&invite["id"]), ours: invite["ours"] == true }),
        invites_before: deeds["invites_before"].is_array().then(|| ids(&deeds["invites_before"])),
        seen_in_force: row.seen_in_force.is_some(),
    })
}

/// The circle for which it was approved beforehand, as other rows name it.
fn circle(id: &Value) -> Option<String> {
    id.as_str().map(|id| Uuid::parse_str(id).map_or_else(|_| id.to_owned(), hex))
}

/// The ports of an agreement that another one is to replace.
fn former(ports: &Value) -> BTreeSet<String> {
    text(ports).split(',').map(|port| port.trim().to_owned()).filter(|port| !port.is_empty()).collect()
}

fn state(state: &Value) -> State {
    match text(&state["state"]).as_str() {
        "account_missing" => State::AccountMissing,
        "accepted" => State::Accepted,
        "pausing" => State::Pausing,
        "paused" => State::Paused,
        "applying" => State::Applying,
        "waiting_for_friend" => State::WaitingForFriend,
        "active" => State::Active,
        "ending" => State::Ending,
        "drifted" => State::Drifted { told: told(&state["attention"]) },
        "needs_attention" => {
            let attention = &state["attention"];
            let phase = match text(&state["phase"]["phase"]).as_str() {
                "end" => Phase::End,
                "pause" => Phase::Pause,
                _ => Phase::Apply,
            };
            State::NeedsAttention { phase, need: text(&attention["need"]), told: told(attention) }
        }
        "ended" => {
            let question = text(&state["open_question"]);
            State::Ended { unproven: question.starts_with("not proven"), open_question: !question.is_empty() }
        }
        other => State::Unknown(other.to_owned()),
    }
}

/// Whether it is known why it stopped: by a code, for which there are words.
fn told(attention: &Value) -> bool {
    !text(&attention["trouble"]["code"]).is_empty()
}

/// The text of a value, without quotes; nothing for what is no text.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
