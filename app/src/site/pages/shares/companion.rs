//! The friend's page beside the device on which they join.

use leptos::prelude::*;

use super::account::systems;
use crate::paths;
use crate::ports::shares::{JoinHelp, ShareView};
use crate::site::here::Here;
use crate::site::parts::{join, qr};

/// How to join, on which system, on which device, and what to look at where it does not work.
pub fn steps(here: &Here, view: &ShareView) -> AnyView {
    let help = view.join_help.as_ref().map(|help| {
        view! { {on_systems(help)}{elsewhere(here, view)}{checks(help)} }
    });
    view! { {join::steps(&view.join)}<div class="companion">{help}</div> }.into_any()
}

fn on_systems(help: &JoinHelp) -> AnyView {
    view! { <details><summary>"Install it on your system"</summary>{systems(&help.systems)}</details> }
        .into_any()
}

/// The page on the device that will join, for whoever reads it on another one.
fn elsewhere(here: &Here, view: &ShareView) -> Option<AnyView> {
    let code =
        qr::code(&here.link(&paths::share(view.id)), "The address of this page as a code for a phone")?;
    Some(
        view! {
            <details>
                <summary>"Go on with another device"</summary>
                <p>"Its camera opens this page there, and asks you to sign in as here."</p>
                {code}
            </details>
        }
        .into_any(),
    )
}

fn checks(help: &JoinHelp) -> AnyView {
    view! { <details><summary>"It does not work"</summary>{join::steps(&help.checks)}</details> }.into_any()
}
