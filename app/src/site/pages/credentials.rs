//! What Acequia may do in a tailnet: each credential, whether it works, how to replace it.

use leptos::prelude::*;

use crate::ports::tailnets::{CredentialKind, CredentialState, CredentialView, TailnetView};
use crate::site::here::Here;
use crate::site::parts::console;
use crate::site::parts::field::{Field, Form, hidden, submit};
use crate::site::parts::head::sentences;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::when::{exactly, when};

pub fn credential(here: &Here, view: &TailnetView, one: &CredentialView) -> AnyView {
    let id = view.card.id;
    let title = match one.kind {
        CredentialKind::OauthClient => "OAuth client",
        CredentialKind::UserToken => "User token",
        CredentialKind::ApiKey => "API key",
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
            let open = form.error("client_id").is_some() || form.error("client_secret").is_some();
            let fields = form.view(
                "form",
                view! {
                    {hidden("tailnet", id)}
                    {console::writing_client()}
                    {Field::new("client_id", "Client id").required().max(200).view(&form)}
                    {Field::new("client_secret", "Client secret").kind("password").required().max(400).view(&form)}
                    <p class="actions">{submit("Check and keep")}</p>
                },
            );
            view! { <details open=open><summary>"Replace it"</summary>{fields}</details> }.into_any()
        }
        CredentialKind::UserToken => {
            let form = Form::new(here, "tailnets/token");
            let open = form.error("user_token").is_some();
            let words =
                if one.state == CredentialState::Missing { "Add one" } else { "Replace or remove it" };
            let fields = form.view("form", view! {
                {hidden("tailnet", id)}
                {console::user_token()}
                {Field::new("user_token", "User token").kind("password").hint("An API access token of your own account. Left empty, the one that is here is removed.").max(400).view(&form)}
                <p class="actions">{submit("Check and keep")}</p>
            });
            view! { <details open=open><summary>{words}</summary>{fields}</details> }.into_any()
        }
        CredentialKind::ApiKey => {
            let form = Form::new(here, "tailnets/key");
            let open = form.error("api_key").is_some();
            let fields = form.view("form", view! {
                {hidden("tailnet", id)}
                {Field::new("api_key", "API key").kind("password").hint("As headscale apikeys create prints it, once.").required().max(400).view(&form)}
                <p class="actions">{submit("Check and keep")}</p>
            });
            view! { <details open=open><summary>"Put in another one"</summary>{fields}</details> }.into_any()
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

/// What is known of a server besides, and how long its key is good.
pub fn server(here: &Here, view: &TailnetView) -> Option<AnyView> {
    let (id, known) = (view.card.id, view.server.as_ref()?);
    let renew = known.can_renew.then(|| {
        let form = Form::new(here, "tailnets/renew");
        form.view(
            "actions",
            view! {
                {hidden("tailnet", id)}
                <button class="button" type="submit">"Replace it by a new one"</button>
            },
        )
    });
    let renewing = known.renewing.then(
        || view! { <p class="soft">"A new key is being made and tried; the old one is ended then."</p> },
    );
    let form = Form::new(here, "tailnets/names");
    let names = form.view("form", view! {
        {hidden("tailnet", id)}
        {Field::new("base_domain", "End of its names").hint("base_domain in its configuration, such as net.example.org: MagicDNS names end with it.").initial(known.base_domain.clone()).max(200).view(&form)}
        {Field::new("login_server", "Where clients log in").hint("server_url in its configuration. Empty: the address at which it is asked from here.").initial(known.login_server.clone()).max(400).view(&form)}
        <p class="actions">{submit("Keep")}</p>
    });
    let open = form.error("base_domain").is_some() || form.error("login_server").is_some();
    Some(
        view! {
            <section class="sheet credential">
                <h3>{icon(icon::KEY)}"The server"</h3>
                {known.key.clone().map(|text| view! { <p>{text}</p> })}
                {renew}
                {renewing}
                <details open=open><summary>"What clients call it"</summary>{names}</details>
            </section>
        }
        .into_any(),
    )
}
