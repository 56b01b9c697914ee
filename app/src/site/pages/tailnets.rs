//! Tailnets: the list, one with its machines and credentials, how to connect and disconnect.

use leptos::prelude::*;
use model::TailnetId;

use super::param;
use crate::paths;
use crate::ports::tailnets::{
    ConnectView, CredentialKind, CredentialState, CredentialView, NodeCard, Sync, TailnetCard, TailnetView,
    UserView,
};
use crate::site::frame::{Page, Room, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Field, Form, hidden, select, submit};
use crate::site::parts::gate::gates;
use crate::site::parts::head::{grave, head, head_with, primary, secondary, section, sentences};
use crate::site::parts::history::history;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::when::{exactly, when};

pub fn list() -> AnyView {
    open(|backend, here| async move {
        let view = backend.tailnets.list().await?;
        Ok(Page::new("Tailnets", Room::Tailnets, tailnets(&here, &view)))
    })
}

fn tailnets(here: &Here, list: &[TailnetCard]) -> AnyView {
    let connect = || primary(here, &paths::connect_tailnet(), "Connect a tailnet");
    let body = if list.is_empty() {
        empty(
            "No tailnet yet",
            "Connect yours to see its machines and lend their services. Reading is enough to begin.",
            connect(),
        )
    } else {
        view! { <ul class="tailnets">{list.iter().map(|card| tailnet_card(here, card)).collect_view()}</ul> }
            .into_any()
    };
    let action = (!list.is_empty()).then(connect);
    view! { {head_with(here, vec![], "Tailnets", "Your networks, and what Acequia may do in them.", action)}{body} }.into_any()
}

fn tailnet_card(here: &Here, card: &TailnetCard) -> AnyView {
    let href = here.to(&paths::tailnet(card.id));
    let trouble = card
        .trouble
        .clone()
        .map(|text| view! { <p class="trouble">{icon(icon::WARN)}<span>{text}</span></p> });
    view! {
        <li class="sheet">
            <h2><a href=href>{card.name.clone()}</a></h2>
            <p class="soft">{card.control_plane.clone()}</p>
            <p>{numbers(card)}</p>
            {trouble}
            <p class="soft small">{synced(here, &card.sync)}</p>
        </li>
    }
    .into_any()
}

fn numbers(card: &TailnetCard) -> String {
    let nodes = counted(card.nodes, "machine", "machines");
    let shares = counted(card.shares, "share", "shares");
    format!("{nodes}, {} online · {shares}", card.online)
}

pub fn counted(count: u32, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

fn synced(here: &Here, sync: &Sync) -> AnyView {
    match sync {
        Sync::Never => "not read yet".into_any(),
        Sync::Running { since } => view! { "being read since "{when(here, *since)} }.into_any(),
        Sync::Done { at } => view! { "read "{when(here, *at)} }.into_any(),
        Sync::Failed { at, why } => {
            view! { <span class="failed">"could not be read "{when(here, *at)}": "{why.clone()}</span> }
                .into_any()
        }
    }
}

pub fn page() -> AnyView {
    let id = param::<TailnetId>("id");
    open(|backend, here| async move {
        let view = backend.tailnets.get(id?).await?;
        Ok(Page::new(view.card.name.clone(), Room::Tailnets, tailnet(&here, &view)))
    })
}

fn tailnet(here: &Here, view: &TailnetView) -> AnyView {
    let card = &view.card;
    let running = matches!(card.sync, Sync::Running { .. });
    let sync = Form::new(here, "tailnets/sync").view("inline", view! {
        {hidden("tailnet", card.id)}
        <button class="button primary" type="submit" disabled=running>{if running { "Reading …" } else { "Read it afresh" }}</button>
    });
    let follow = running.then(|| {
        let again = here.to(&paths::tailnet(card.id));
        view! { <noscript><meta http-equiv="refresh" content="3" /></noscript><p class="soft small refresh">"Machines and users are being read. "<a href=again>"Refresh"</a></p> }
    });
    let lede =
        view! { <p>{format!("{} · {} · ", card.control_plane, numbers(card))}{synced(here, &card.sync)}</p> };
    let action = view! { {secondary(here, &paths::policy(card.id), "Policy")}{sync} };
    let notes = view.notes.iter().cloned().map(|note| view! { <p class="note">{note}</p> }).collect_view();
    let trouble = card
        .trouble
        .clone()
        .map(|text| view! { <p class="flash fault">{icon(icon::WARN)}<span>{text}</span></p> });
    let shares = (!view.gates.is_empty()).then(|| section("gates", "Gates", gates(here, &view.gates)));
    let credentials = view.credentials.iter().map(|one| credential(here, view, one)).collect_view();
    view! {
        {head_with(here, vec![(paths::tailnets(), "Tailnets".into())], card.name.clone(), lede, action)}
        {follow}
        {trouble}
        {notes}
        {section("machines", "Machines", machines(here, view))}
        {shares}
        {section("people", "Users of this tailnet", users(&view.users))}
        {section("credentials", "What Acequia may do", view! { <div class="credentials">{credentials}</div> })}
        {section("readable", "What is read, and who sees it", sentences("plain", &view.readable))}
        {grave(here, &paths::disconnect_tailnet(card.id), "Disconnect this tailnet")}
        {history(here, &view.history)}
    }
    .into_any()
}

fn machines(here: &Here, view: &TailnetView) -> AnyView {
    if view.nodes.is_empty() {
        return view! { <p class="soft">"None has been read yet."</p> }.into_any();
    }
    let rows = view.nodes.iter().map(|node| machine(here, view.card.id, node)).collect_view();
    view! {
        <table class="cards">
            <thead><tr><th scope="col">"Machine"</th><th scope="col">"Belongs to"</th><th scope="col">"Address"</th><th scope="col">"Services"</th><th scope="col">"Seen"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn machine(here: &Here, tailnet: TailnetId, node: &NodeCard) -> AnyView {
    let href = here.to(&paths::node(tailnet, node.id));
    let address = node.addresses.first().cloned().unwrap_or_default();
    let marks = [
        (node.external, "shared in"),
        (node.exit_node, "exit node"),
        (!node.routes.is_empty(), "subnet router"),
    ];
    let marks = marks
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| view! { " "<span class="tag">{word}</span> })
        .collect_view();
    let services = counted(node.services, "service", "services");
    let shares = (node.shares > 0).then(|| format!(", {}", counted(node.shares, "share", "shares")));
    view! {
        <tr class=node.gone.is_some().then_some("gone")>
            <th scope="row"><a href=href>{node.name.clone()}</a>{marks}<span class="soft small block">{node.os.clone()}</span></th>
            <td data-label="Belongs to">{node.belongs_to.clone()}</td>
            <td data-label="Address"><code>{address}</code></td>
            <td data-label="Services">{services}{shares}</td>
            <td data-label="Seen">{seen(here, node)}</td>
        </tr>
    }
    .into_any()
}

/// Online, last seen, or gone from the control plane's list.
pub fn seen(here: &Here, node: &NodeCard) -> AnyView {
    match (node.gone, node.online, node.last_seen) {
        (Some(gone), ..) => {
            view! { <span class="presence gone">"gone since "{when(here, gone)}</span> }.into_any()
        }
        (None, true, _) => view! { <span class="presence on">"online"</span> }.into_any(),
        (None, false, Some(seen)) => {
            view! { <span class="presence off">"seen "{when(here, seen)}</span> }.into_any()
        }
        (None, false, None) => view! { <span class="presence off">"not seen yet"</span> }.into_any(),
    }
}

fn users(list: &[UserView]) -> AnyView {
    if list.is_empty() {
        return view! { <p class="soft">"None has been read yet."</p> }.into_any();
    }
    let rows = list.iter().map(|user| {
        let devices = counted(user.devices, "machine", "machines");
        view! {
            <tr>
                <th scope="row">{user.login.clone()}</th>
                <td data-label="Name">{user.name.clone()}</td>
                <td data-label="Role">{user.role.clone()}</td>
                <td data-label="Machines">{devices}</td>
            </tr>
        }
    });
    view! {
        <table class="cards">
            <thead><tr><th scope="col">"Login"</th><th scope="col">"Name"</th><th scope="col">"Role"</th><th scope="col">"Machines"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn credential(here: &Here, view: &TailnetView, one: &CredentialView) -> AnyView {
    let id = view.card.id;
    let title = match one.kind {
        CredentialKind::OauthClient => "OAuth client",
        CredentialKind::UserToken => "User token",
    };
    let state = match &one.state {
        CredentialState::Missing => view! { <span class="tag">"not there"</span> }.into_any(),
        CredentialState::Unchecked => view! { <span class="tag">"not checked yet"</span> }.into_any(),
        CredentialState::Good { checked } => {
            view! { <span class="tag good">"works"</span>" checked "{when(here, *checked)} }.into_any()
        }
        CredentialState::Refused { checked, why } => {
            view! { <span class="tag bad">"refused"</span>" "{when(here, *checked)}": "{why.clone()} }
                .into_any()
        }
        CredentialState::Expired { at } => {
            view! { <span class="tag bad">"expired"</span>" "{when(here, *at)} }.into_any()
        }
    };
    let hint = one.hint.clone().map(|hint| view! { <code>{hint}</code> });
    let expires = one.expires.map(|at| view! { <p>"Expires "{exactly(here, at)}</p> });
    let change = match one.kind {
        CredentialKind::OauthClient => {
            let form = Form::new(here, "tailnets/client");
            let open = form.error("client_id").is_some() || form.error("secret").is_some();
            let fields = form.view(
                "form",
                view! {
                    {hidden("tailnet", id)}
                    {Field::new("client_id", "Client id").required().max(200).view(&form)}
                    {Field::new("secret", "Client secret").kind("password").required().max(400).view(&form)}
                    <p class="actions">{submit("Check and keep")}</p>
                },
            );
            view! { <details open=open><summary>"Replace it"</summary>{fields}</details> }.into_any()
        }
        CredentialKind::UserToken => {
            let form = Form::new(here, "tailnets/token");
            let open = form.error("token").is_some();
            let words =
                if one.state == CredentialState::Missing { "Add one" } else { "Replace or remove it" };
            let fields = form.view("form", view! {
                {hidden("tailnet", id)}
                {Field::new("token", "User token").kind("password").hint("An API access token of your own account. Left empty, the one that is here is removed.").max(400).view(&form)}
                <p class="actions">{submit("Check and keep")}</p>
            });
            view! { <details open=open><summary>{words}</summary>{fields}</details> }.into_any()
        }
    };
    view! {
        <section class="sheet credential">
            <h3>{icon(icon::KEY)}{title}</h3>
            <p>{state}" "{hint}</p>
            {expires}
            {sentences("plain", &one.makes_possible)}
            {change}
        </section>
    }
    .into_any()
}

pub fn connect() -> AnyView {
    open(|backend, here| async move {
        let view = backend.tailnets.connect_form().await?;
        Ok(Page::new("Connect a tailnet", Room::Tailnets, connect_form(&here, &view)))
    })
}

fn connect_form(here: &Here, view: &ConnectView) -> AnyView {
    let form = Form::new(here, "tailnets/connect");
    let typed = &view.form;
    let plane = if view.control_planes.len() > 1 {
        select(&form, "base_url", "Control plane", &typed.base_url, view.control_planes.clone())
    } else {
        let only = view.control_planes.first().map(|(url, _)| url.clone()).unwrap_or_default();
        hidden("base_url", only)
    };
    let body = view! {
        {Field::new("name", "Name").hint("As your friends know it, such as Maple Street.").initial(typed.name.clone()).max(80).required().view(&form)}
        {plane}
        <fieldset class="group">
            <legend>"OAuth client: to read, and later to open gates"</legend>
            <p class="hint">"In the admin console under Settings, Trust credentials. The scopes devices:core:read, users:read and policy_file:read are enough to begin; policy_file to open gates."</p>
            {Field::new("client_id", "Client id").initial(typed.client_id.clone()).max(200).required().view(&form)}
            {Field::new("client_secret", "Client secret").kind("password").hint("Kept encrypted; never shown again.").max(400).required().view(&form)}
        </fieldset>
        <fieldset class="group">
            <legend>"User token: to make and accept invites"</legend>
            {Field::new("user_token", "User token").kind("password").hint("Under Settings, Keys. It lives at most 90 days. Without it you make each invite in the console yourself; you can add it later.").max(400).view(&form)}
        </fieldset>
        <section class="note" aria-labelledby="readable"><h2 id="readable">"What becomes readable"</h2>{sentences("plain", &view.readable)}</section>
        <p class="actions">{submit("Check and connect")}{secondary(here, &paths::tailnets(), "Cancel")}</p>
    };
    view! {
        {head(here, vec![(paths::tailnets(), "Tailnets".into())], "Connect a tailnet", "Both keys are tried at once. If one does not work, nothing is stored.")}
        {form.view("form", body)}
    }
    .into_any()
}

pub fn disconnect() -> AnyView {
    let id = param::<TailnetId>("id");
    open(|backend, here| async move {
        let view = backend.tailnets.get(id?).await?;
        let card = &view.card;
        let title = format!("Disconnect {}?", card.name);
        let can = card.shares == 0;
        let text = if can {
            "Its credentials are deleted here, its machines and listings disappear from Acequia. The tailnet itself stays as it is."
        } else {
            "Some of its shares are not over. End those first: otherwise nobody would close their gates."
        };
        let form = Form::new(&here, "tailnets/disconnect");
        let button = can.then(|| {
            form.view(
                "actions",
                view! {
                    {hidden("tailnet", card.id)}
                    <button class="button grave" type="submit">"Disconnect"</button>
                },
            )
        });
        let open = (!can).then(|| gates(&here, &view.gates));
        let body = view! {
            {head(&here, vec![(paths::tailnet(card.id), card.name.clone())], title.clone(), text)}
            {open}
            <div class="actions">{button}{secondary(&here, &paths::tailnet(card.id), "Keep it")}</div>
        };
        Ok(Page::new(title, Room::Tailnets, body.into_any()))
    })
}
