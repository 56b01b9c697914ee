//! How to connect a tailnet, and the page that asks before it is disconnected.

use leptos::prelude::*;
use model::TailnetId;

use super::param;
use crate::paths;
use crate::ports::tailnets::ConnectView;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::console;
use crate::site::parts::field::{Field, Form, hidden, select, submit};
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head, secondary, sentences};

pub fn page() -> AnyView {
    open(|backend, here| async move {
        let view = backend.tailnets.connect_form().await?;
        Ok(Page::new("Connect a tailnet", NavSection::Tailnets, connect_form(&here, &view)))
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
            <legend>"An OAuth client that reads"</legend>
            {console::reading_client()}
            {Field::new("client_id", "Client id").initial(typed.client_id.clone()).max(200).view(&form)}
            {Field::new("client_secret", "Client secret").kind("password").hint("Kept encrypted; never shown again.").max(400).view(&form)}
        </fieldset>
        <fieldset class="group">
            <legend>"Or a Headscale: an API key in the place of the client"</legend>
            <p class="hint">"Of a server that you run: headscale apikeys create. It may everything there, and has an end; a new one is made from here before that."</p>
            {Field::new("api_key", "API key").kind("password").hint("Kept encrypted; never shown again.").max(400).view(&form)}
            {Field::new("base_domain", "End of its names").hint("base_domain in its configuration, such as net.example.org. May be empty.").initial(typed.base_domain.clone()).max(200).view(&form)}
            {Field::new("login_server", "Where clients log in").hint("server_url in its configuration. Empty: the address at which it is asked from here.").initial(typed.login_server.clone()).max(400).view(&form)}
        </fieldset>
        <p>"Nothing else is needed now. What it takes to open gates is asked for with your first offer."</p>
        <section class="sheet" aria-labelledby="readable"><h2 id="readable">"What becomes readable"</h2>{sentences("plain", &view.readable)}</section>
        <p class="actions">{submit("Check and connect")}{secondary(here, &paths::tailnets(), "Cancel")}</p>
    };
    view! {
        {head(here, vec![(paths::tailnets(), "Tailnets".into())], "Connect a tailnet", "Reading comes first: you see who reaches what, and what nobody asked for. The client is tried at once; if it does not work, nothing is stored.")}
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
        let open = (!can).then(|| gates(&here, &view.gates.items));
        let body = view! {
            {head(&here, vec![(paths::tailnet(card.id), card.name.clone())], title.clone(), text)}
            {open}
            <div class="actions">{button}{secondary(&here, &paths::tailnet(card.id), "Keep it")}</div>
        };
        Ok(Page::new(title, NavSection::Tailnets, body.into_any()))
    })
}
