//! The pages of Tailscale's console on which credentials are made, and what each scope is for.
//!
//! Sources: "Trust credentials" (<https://tailscale.com/kb/1623/trust-credentials>) for the scopes, "Tailscale API"
//! (<https://tailscale.com/kb/1101/api>) for the page of user tokens.

use leptos::prelude::*;

const TRUST_CREDENTIALS: &str = "https://login.tailscale.com/admin/settings/trust-credentials";
const KEYS: &str = "https://login.tailscale.com/admin/settings/keys";

/// What is read, and why: a client with these can change nothing.
const READING: [(&str, &str); 7] = [
    ("devices:core:read", "the list of machines"),
    ("devices:routes:read", "the networks that lie behind them"),
    ("devices:posture_attributes:read", "Tailscale asks for it beside the next one"),
    ("policy_file:read", "the policy: from it is worked out who reaches what"),
    ("users:read", "who is a member, and who came in by a share"),
    ("device_invites:read", "with whom each machine is shared"),
    ("feature_settings:read", "whether the policy is kept elsewhere"),
];

/// What has to be written for a share, and why.
const WRITING: [(&str, &str); 2] = [
    ("policy_file", "to write the rule of a share, and to take it out again"),
    ("device_invites", "to delete its invite when it ends; making one takes the user token"),
];

fn scopes(list: &[(&'static str, &'static str)]) -> AnyView {
    let rows = list.iter().map(|(scope, why)| view! { <li><code>{*scope}</code>": "{*why}</li> });
    view! { <ul class="plain">{rows.collect_view()}</ul> }.into_any()
}

fn page(href: &'static str, words: &'static str) -> AnyView {
    view! { <a href=href rel="noreferrer">{words}</a> }.into_any()
}

/// Where an OAuth client is made that reads.
pub fn reading_client() -> AnyView {
    view! {
        <p class="hint">"Make it in the console under "{page(TRUST_CREDENTIALS, "Settings, Trust credentials")}" (Credential, OAuth), with these scopes. It can change nothing."</p>
        {scopes(&READING)}
    }
    .into_any()
}

/// Where an OAuth client is made that may also open gates.
pub fn writing_client() -> AnyView {
    view! {
        <p class="hint">"Make it in the console under "{page(TRUST_CREDENTIALS, "Settings, Trust credentials")}" (Credential, OAuth). To look on, it needs these scopes:"</p>
        {scopes(&READING)}
        <p class="hint">"To open gates, these two besides, without “:read”:"</p>
        {scopes(&WRITING)}
    }
    .into_any()
}

/// Where a user token is made.
pub fn user_token() -> AnyView {
    view! {
        <p class="hint">"Make it in the console under "{page(KEYS, "Settings, Keys")}" (API access tokens). It has no scopes: it may do what you may, because Tailscale lets nobody but a person make and accept device invites. It lives at most 90 days."</p>
    }
    .into_any()
}
