//! Parts of a machine's firewall page: is the text in place, how the host fetches it, where friends come from.

use leptos::prelude::*;
use model::{NodeId, TailnetId, Timestamp};

use crate::islands::Copy;
use crate::paths;
use crate::ports::hosts::{Found, FriendView, HostStanding, HostView, Proof};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::field::{Field, Form, hidden};
use crate::site::parts::head::section;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::snippet;
use crate::site::parts::when::when;

const fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::Told => "told by the host",
        Proof::Pasted => "pasted",
    }
}

/// What is known to be in place, in a sentence beside a mark.
pub fn standing(here: &Here, view: &HostStanding, may_fetch: bool) -> AnyView {
    let current = view.revision;
    let Some(known) = &view.in_place else {
        let ways = if may_fetch {
            "Paste what the check command prints, or let the host fetch it."
        } else {
            "Paste what the check command prints."
        };
        return view! { <p class="note">"Whether this text is in place on the host is not known. "{ways}</p> }.into_any();
    };
    let seen = view! { {format!("({} ", proof(known.proof))}{when(here, known.at)}")" };
    let words = match known.found {
        Found::Current => {
            return view! { <p class="tests">{icon(icon::CHECK)}<span>{format!("Revision {current} is in place ")}{seen}"."</span></p> }.into_any();
        }
        Found::Older if known.revision.is_none() => {
            format!("Revision {current} waits to be put in place. None of it was seen there yet ")
        }
        Found::Older => format!(
            "Revision {current} waits to be put in place. What was last seen there is revision {} ",
            known.revision
        ),
        Found::Altered => format!(
            "Revision {current} is there, but its rules were changed: put the text in place once more "
        ),
        Found::Nothing => "Nothing of the text was in force there: put it in place ".into(),
        Found::Flushed => "Something took the guard out there, and the host put it back: until then it held nothing. Look what removed it ".into(),
        Found::NoInterface => "The guard holds nothing: there is no interface of the name below on the host. Put in the right one; with userspace networking there is none, and no rule of the host holds ".into(),
        Found::Blind => "The guard holds nothing: packets come in through the tailnet, and its counter stays at nothing. Look whether the interface has another name ".into(),
    };
    view! { <p class="flash fault">{icon(icon::WARN)}<span>{words}{seen}"."</span></p> }.into_any()
}

/// The same as one of the facts of a machine or a share; nothing before the first text.
pub fn fact(here: &Here, view: &HostStanding) -> Option<AnyView> {
    let said = match &view.in_place {
        None => "not known to be in place".into_any(),
        Some(known) => {
            let words = match known.found {
                Found::Current => "in place".into(),
                Found::Older => format!("waits to be put in place, revision {} was there", known.revision),
                Found::Altered => "there, but its rules were changed".into(),
                Found::Nothing => "not in force on the host".into(),
                Found::Flushed => "was taken out on the host, and put back".into(),
                Found::NoInterface | Found::Blind => "in place, and holds nothing".into(),
            };
            view! { {format!("{words} ({} ", proof(known.proof))}{when(here, known.at)}")" }.into_any()
        }
    };
    let fact =
        view! { <div><dt>"Firewall text"</dt><dd>{format!("revision {}: ", view.revision)}{said}</dd></div> };
    (!view.revision.is_none()).then(|| fact.into_any())
}

/// The paste boxes and the fetching host.
pub fn sections(
    here: &Here,
    (tailnet, node): (TailnetId, NodeId),
    view: &HostView,
    list: Option<&str>,
) -> AnyView {
    let place = move || view! { {hidden("tailnet", tailnet)}{hidden("node", node)} };
    let form = Form::new(here, "hosts/rules");
    // What is fetched is a table of nft, on a host with any firewall.
    let list =
        if view.token_made.is_some() { Some("cat /proc/net/dev; nft list table inet acequia") } else { list };
    let list = list.map(|text| {
        let text = text.to_owned();
        view! { <p>"The rules in force, whole, print with:"</p><Copy text /> }
    });
    let fetch = if view.may_fetch {
        Some(section("fetch", "Let the host fetch it", fetching(here, view, place)))
    } else {
        // It was another kind of host before.
        view.token_made
            .map(|made| section("fetch", "A token from before", token_there(here, view, made, place)))
    };
    let rules = form.view("form", view! {
        {place()}
        {list}
        {Field::new("rules", "What the check command printed").hint("Better the whole list, then every port and address is compared too.").rows(6).required().view(&form)}
        <p class="actions"><button class="button" type="submit">"Is it in place?"</button></p>
    });
    view! {
        {section("in-place", "Is it in place?", rules)}
        {fetch}
        {section("friends", "Friends’ addresses", friends(here, view, place))}
    }
    .into_any()
}

fn fetching<V: IntoView + 'static>(here: &Here, view: &HostView, place: impl Fn() -> V) -> AnyView {
    let token = here.once(&["hosts/token"]).map(|token| code("The token, shown this once", token));
    let since = view.token_made.map(|made| token_there(here, view, made, &place));
    let how = here.to(&format!("{}/nixos", paths::help()));
    let words = if view.token_made.is_some() { "Make a new token" } else { "Make a token" };
    let make = Form::new(here, "hosts/token").view(
        "form",
        view! {
            {place()}
            <div class="tick">
                <input type="checkbox" id="host-tells" name="tells" value="1" checked=view.may.tells />
                <label for="host-tells">"It may also tell which devices friends have"</label>
            </div>
            <p class="soft">"Then the host sends what "<code>"tailscale status --json"</code>" says each time, and of that only friends’ devices are kept."</p>
            <div class="tick">
                <input type="checkbox" id="host-lists" name="lists" value="1" checked=view.may.lists />
                <label for="host-lists">"It may also list what runs there"</label>
            </div>
            <p class="soft">"Then its own configuration is the list of what you lend from it: what it sends to "<code>{view.list_url.clone()}</code>" is in the directory, what it leaves out is taken off. Listing opens nothing. "<a href=how>"How"</a></p>
            <p class="actions"><button class="button" type="submit">{words}</button></p>
        },
    );
    let pulls = view.pulls.iter().map(|pull| {
        let title = pull.title.clone();
        view! { <details><summary>{title}</summary><p class="file"><code>{pull.file.clone()}</code></p>{snippet::table(here, pull.title.clone(), &pull.lines)}</details> }
    });
    view! {
        <p>"Every five minutes the host asks "<code>{view.url.clone()}</code>", checks what it gets with nft, puts it in force in one step, and keeps the last good one when this app is down. Machines of yours that join later are let in by themselves."</p>
        <p>"It needs a token that is good for this one machine, in the file "<code>"/var/lib/acequia/token"</code>" on the host."</p>
        {token}
        {since}
        {make}
        {pulls.collect_view()}
    }
    .into_any()
}

/// Since when there is a token, whether it was used, and the way to take it away.
fn token_there<V: IntoView + 'static>(
    here: &Here,
    view: &HostView,
    made: Timestamp,
    place: impl Fn() -> V,
) -> AnyView {
    let fetched = match view.fetched {
        Some(at) => view! { "It last asked "{when(here, at)}"." }.into_any(),
        None => "It has not asked yet.".into_any(),
    };
    let revoke = Form::new(here, "hosts/revoke").view(
        "inline",
        view! {
            {place()}
            <button class="button small" type="submit">"Take the token away"</button>
        },
    );
    let tells = view.may.tells.then_some(" With it the host also tells which devices friends have.");
    let lists = view.may.lists.then_some(" With it the host lists what runs there.");
    view! { <p>"There is a token, made "{when(here, made)}"."{tells}{lists}" "{fetched}</p>{revoke} }
        .into_any()
}

fn friends<V: IntoView + 'static>(here: &Here, view: &HostView, place: impl Fn() -> V) -> AnyView {
    let rows = view.friends.iter().map(|friend| row(here, friend)).collect_view();
    let unread = view.unread_friends.then(|| {
        view! { <p class="note">"What is stored of a friend’s addresses cannot be read. Until you read them again or forget them, the firewall text stays as it is, but for shares that end."</p> }
    });
    let list = (!view.friends.is_empty() || view.unread_friends).then(|| {
        let forget = Form::new(here, "hosts/forget").view(
            "inline",
            view! {
                {place()}
                <button class="button small" type="submit">"Forget them"</button>
            },
        );
        view! { <ul class="rows">{rows}</ul>{forget} }
    });
    let form = Form::new(here, "hosts/status");
    let paste = form.view("form", view! {
        {place()}
        {Field::new("status", "Output of tailscale status --json on the machine").rows(6).required().view(&form)}
        <p class="actions"><button class="button" type="submit">"Read friends’ addresses"</button></p>
    });
    view! {
        <p>"Never needed: without them everybody outside reaches the shared ports and nothing more. With them each friend is held to the ports of their own shares. The control plane does not tell them; the machine itself sees them."</p>
        {unread}
        {list}
        {paste}
    }
    .into_any()
}

fn row(here: &Here, friend: &FriendView) -> AnyView {
    let stale = friend.stale.then(|| view! { " "<span class="tag">"old: read them again"</span> });
    let addresses = friend.addresses.join(", ");
    view! { <li><div><p class="title">{friend.login.clone()}{stale}</p><p class="soft">{addresses}" · read "{when(here, friend.read)}</p></div></li> }.into_any()
}
