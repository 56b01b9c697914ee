//! What Acequia may do in a tailnet: each credential, whether it works, how to replace it.

use leptos::prelude::*;

use crate::ports::tailnets::{CredentialKind, CredentialState, CredentialView, TailnetView};
use crate::site::here::Here;
use crate::site::parts::field::{Field, Form, hidden, submit};
use crate::site::parts::head::sentences;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::when::{exactly, when};

pub fn credential(here: &Here, view: &TailnetView, one: &CredentialView) -> AnyView {
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
            let open = form.error("client_id").is_some() || form.error("client_secret").is_some();
            let fields = form.view(
                "form",
                view! {
                    {hidden("tailnet", id)}
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
                {Field::new("user_token", "User token").kind("password").hint("An API access token of your own account. Left empty, the one that is here is removed.").max(400).view(&form)}
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
