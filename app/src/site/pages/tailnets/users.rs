//! The users of a tailnet, as its control plane lists them.

use leptos::prelude::*;

use super::{counted, nothing_fits};
use crate::paths;
use crate::ports::tailnets::{Asked, TailnetView};
use crate::site::here::Here;

pub fn users(here: &Here, asked: &Asked, view: &TailnetView) -> AnyView {
    let (tailnet, list) = (view.card.id, &view.users.items);
    if list.is_empty() && !asked.users_q.is_empty() {
        return view! { {find_users(here, asked, view)}{nothing_fits(here, view, "people", "No user fits")} }
            .into_any();
    }
    if list.is_empty() {
        return view! { <p class="soft">"None has been read yet."</p> }.into_any();
    }
    let rows = list.iter().map(|user| {
        let devices = counted(user.devices, "machine", "machines");
        let reach = here.to(&paths::graph_of_who(tailnet, &user.login));
        view! {
            <tr>
                <th scope="row">{user.login.clone()}<a class="block small" href=reach>"What they reach"<span class="sr">": "{user.login.clone()}</span></a></th>
                <td data-label="Name">{user.name.clone()}</td>
                <td data-label="Role">{user.role.clone()}</td>
                <td data-label="Machines">{devices}</td>
            </tr>
        }
    });
    view! {
        {find_users(here, asked, view)}
        <table class="cards">
            <thead><tr><th scope="col">"Login"</th><th scope="col">"Name"</th><th scope="col">"Role"</th><th scope="col">"Machines"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// Shown where there is more than one page, or something was looked for.
fn find_users(here: &Here, asked: &Asked, view: &TailnetView) -> Option<AnyView> {
    let shown = view.users.next.is_some() || !asked.users_q.is_empty() || asked.after.users.is_some();
    let action = format!("{}#people", here.to(&paths::tailnet(view.card.id)));
    shown.then(|| {
        view! {
            <form class="search" role="search" aria-label="Users" method="get" action=action>
                <div class="field grow">
                    <label for="users-q">"Search"</label>
                    <input id="users-q" type="search" name="users_q" value=asked.users_q.clone() placeholder="login, name, role …" maxlength="80" />
                </div>
                <button class="button" type="submit">"Search"</button>
            </form>
        }
        .into_any()
    })
}
