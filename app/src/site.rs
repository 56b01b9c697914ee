//! The site: the document around every page, and which page answers which URL.

mod frame;
mod here;
mod pages;
mod parts;
#[cfg(test)]
mod tests;

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use crate::request;
use pages::{
    account, audit, directory, firewall, graph, home, joining, nodes, offers, people, policy, review,
    services, shares, tailnets, unmanaged,
};

/// The whole document. The server gives the options; `Backend` comes by context.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let base = request::base();
    // The folder is named after the revision of what is in it, so that browsers may keep it.
    let style = format!("{base}/{}/style.css", options.site_pkg_dir);
    let icon = format!("{base}/favicon.svg");
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=request::theme() data-base=request::base()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta
                    name="description"
                    content="Lend single services of your private network to friends, and always know who can reach what."
                />
                <link rel="stylesheet" href=style />
                <link rel="icon" type="image/svg+xml" href=icon />
                {wake(&base, &options)}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The script that wakes the islands once the page is idle. Leptos has one of its own that also asks for the files ahead of it, which
/// browsers without script then fetch for nothing.
fn wake(base: &str, options: &LeptosOptions) -> impl IntoView + use<> {
    // What is outside of islands is never hydrated, so nothing is written down for that.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let folder = format!("{base}/{}/{}", options.site_pkg_dir, options.output_name);
    let (script, wasm) = (format!("{folder}.js"), format!("{folder}_bg.wasm"));
    let code = format!("{}({script:?}, {wasm:?});", include_str!("site/wake.js").trim_end());
    view! { <script type="module" nonce=use_nonce()>{code}</script> }
}

/// Every page whole, in one piece: without script the default mode would show an empty one.
const WHOLE: SsrMode = SsrMode::Async;

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=frame::nothing_here>
                <Route path=path!("/") view=home::page ssr=WHOLE />
                <Route path=path!("/directory") view=directory::page ssr=WHOLE />
                <Route path=path!("/services/new") view=services::new ssr=WHOLE />
                <Route path=path!("/services/:id") view=services::page ssr=WHOLE />
                <Route path=path!("/services/:id/edit") view=services::edit ssr=WHOLE />
                <Route path=path!("/services/:id/remove") view=services::remove ssr=WHOLE />
                <Route path=path!("/offers") view=offers::list ssr=WHOLE />
                <Route path=path!("/asks/:id") view=pages::asks::page ssr=WHOLE />
                <Route path=path!("/circles") view=pages::circles::list ssr=WHOLE />
                <Route path=path!("/circles/:id") view=pages::circles::page ssr=WHOLE />
                <Route path=path!("/circles/:id/leave/:person") view=pages::circles::leave ssr=WHOLE />
                <Route path=path!("/circles/:id/end") view=pages::circles::end ssr=WHOLE />
                <Route path=path!("/offers/new") view=offers::new ssr=WHOLE />
                <Route path=path!("/offers/:id") view=offers::page ssr=WHOLE />
                <Route path=path!("/offers/:id/withdraw") view=offers::withdraw ssr=WHOLE />
                <Route path=path!("/o/:token") view=pages::invitation::page ssr=WHOLE />
                <Route path=path!("/shares") view=shares::list ssr=WHOLE />
                <Route path=path!("/shares/:id") view=shares::page ssr=WHOLE />
                <Route path=path!("/shares/:id/review") view=review::page ssr=WHOLE />
                <Route path=path!("/shares/:id/end") view=shares::end ssr=WHOLE />
                <Route path=path!("/shares/:id/pause") view=shares::pause ssr=WHOLE />
                <Route path=path!("/shares/:id/time") view=shares::time ssr=WHOLE />
                <Route path=path!("/shares/:id/unproven") view=shares::unproven ssr=WHOLE />
                <Route path=path!("/elsewhere/:id") view=unmanaged::page ssr=WHOLE />
                <Route path=path!("/elsewhere/:id/end") view=unmanaged::end ssr=WHOLE />
                <Route path=path!("/tailnets") view=tailnets::list ssr=WHOLE />
                <Route path=path!("/tailnets/new") view=pages::connect::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id") view=tailnets::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/what-runs") view=pages::what_runs::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/disconnect") view=pages::connect::disconnect ssr=WHOLE />
                <Route path=path!("/tailnets/:id/households") view=pages::households::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/lenders") view=pages::lenders::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/stewards") view=pages::stewards::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/stewards/:person/remove") view=pages::stewards::remove ssr=WHOLE />
                <Route path=path!("/tailnets/:id/stewards/:person/hand-over") view=pages::handover::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/policy") view=policy::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/reach") view=pages::reach::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/policy/plan") view=pages::edits::plan ssr=WHOLE />
                <Route path=path!("/tailnets/:id/policy/edits/:edit") view=pages::edits::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/nodes/new") view=joining::new ssr=WHOLE />
                <Route path=path!("/tailnets/:id/joining/:joining") view=joining::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/reach/day") view=pages::day::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/reach/graph") view=graph::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/nodes/:node") view=nodes::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/nodes/:node/firewall") view=firewall::page ssr=WHOLE />
                <Route path=path!("/tailnets/:id/nodes/:node/firewall/revisions/:revision") view=pages::revisions::page ssr=WHOLE />
                <Route path=path!("/people") view=people::list ssr=WHOLE />
                <Route path=path!("/people/:id") view=people::page ssr=WHOLE />
                <Route path=path!("/people/:id/:deed") view=people::deed ssr=WHOLE />
                <Route path=path!("/audit") view=audit::page ssr=WHOLE />
                <Route path=path!("/audit/:entry") view=audit::entry ssr=WHOLE />
                <Route path=path!("/account") view=account::page ssr=WHOLE />
                <Route path=path!("/account/leave") view=pages::leave::page ssr=WHOLE />
                <Route path=path!("/account/notifications") view=pages::notifications::page ssr=WHOLE />
                <Route path=path!("/unsubscribe/:token") view=pages::notifications::unsubscribe ssr=WHOLE />
                <Route path=path!("/settings") view=pages::settings::page ssr=WHOLE />
                <Route path=path!("/sign-in") view=pages::sign_in::page ssr=WHOLE />
                <Route path=path!("/sign-in/again/:token") view=pages::sign_in::again ssr=WHOLE />
            </Routes>
        </Router>
    }
}
