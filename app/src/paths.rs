//! Every URL as a function; links are never typed by hand. Relative to the base path, which the frame prepends.

use model::ids::{EditId, JoiningId};
use model::{NewNode, NodeId, OfferId, PersonId, Revision, ServiceId, ShareId, StrayId, TailnetId};

use crate::ports::people::Deed;
use crate::ports::reach::Question;
use model::EditKind;

/// Of a query that is made of what somebody typed, in bytes.
const LONGEST_QUERY: usize = 2_000;

/// Whether a path that came from outside leads to a page of this app. Browsers take `//host` and `/\host` for another
/// site, and drop tabs and line ends before they look (<https://url.spec.whatwg.org/#concept-basic-url-parser>).
pub fn is_ours(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.chars().all(|c| c.is_ascii_graphic() && c != '\\')
}

pub fn home() -> String {
    "/".into()
}
pub fn directory() -> String {
    "/directory".into()
}
pub fn service(id: ServiceId) -> String {
    format!("/services/{id}")
}
pub fn edit_service(id: ServiceId) -> String {
    format!("/services/{id}/edit")
}
/// The page that asks before a service is removed.
pub fn remove_service(id: ServiceId) -> String {
    format!("/services/{id}/remove")
}
pub fn new_service(node: NodeId) -> String {
    format!("/services/new?node={node}")
}
pub fn new_offer(service: Option<ServiceId>) -> String {
    service.map_or_else(|| "/offers/new".into(), |id| format!("/offers/new?service={id}"))
}
pub fn offer(id: OfferId) -> String {
    format!("/offers/{id}")
}
/// The page that asks before an offer is withdrawn.
pub fn withdraw_offer(id: OfferId) -> String {
    format!("/offers/{id}/withdraw")
}
/// The friend's page; `token` is a secret.
pub fn invitation(token: &str) -> String {
    format!("/o/{token}")
}
pub fn shares() -> String {
    "/shares".into()
}
pub fn share(id: ShareId) -> String {
    format!("/shares/{id}")
}
pub fn review(id: ShareId) -> String {
    format!("/shares/{id}/review")
}
pub fn end_share(id: ShareId) -> String {
    format!("/shares/{id}/end")
}
/// The page that asks before a share is called ended although nobody can see that it is.
pub fn unproven_share(id: ShareId) -> String {
    format!("/shares/{id}/unproven")
}
/// Server-sent events: one `changed` for every change of the share.
pub fn share_events(id: ShareId) -> String {
    format!("/shares/{id}/events")
}
pub fn tailnets() -> String {
    "/tailnets".into()
}
pub fn connect_tailnet() -> String {
    "/tailnets/new".into()
}
pub fn tailnet(id: TailnetId) -> String {
    format!("/tailnets/{id}")
}
/// The page that asks before a tailnet is disconnected.
pub fn disconnect_tailnet(id: TailnetId) -> String {
    format!("/tailnets/{id}/disconnect")
}
pub fn stewards(id: TailnetId) -> String {
    format!("/tailnets/{id}/stewards")
}
/// What was made elsewhere, on the page of its tailnet.
pub fn elsewhere(id: TailnetId) -> String {
    format!("/tailnets/{id}#elsewhere")
}
pub fn stray(id: StrayId) -> String {
    format!("/elsewhere/{id}")
}
/// The page that asks before it is ended.
pub fn end_stray(id: StrayId) -> String {
    format!("/elsewhere/{id}/end")
}
pub fn policy(id: TailnetId) -> String {
    format!("/tailnets/{id}/policy")
}
pub fn reach(id: TailnetId) -> String {
    format!("/tailnets/{id}/reach")
}
/// The page of reach with a question answered.
pub fn ask_reach(id: TailnetId, question: &Question) -> String {
    let Question { who, node, port, protocol } = question;
    let pairs = [("who", who), ("node", node), ("port", port), ("protocol", protocol)];
    let asked = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    let asked: Vec<String> = asked.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    format!("{}?{}", reach(id), asked.join("&"))
}
pub fn reach_json(id: TailnetId) -> String {
    format!("/tailnets/{id}/reach.json")
}
pub fn reach_csv(id: TailnetId) -> String {
    format!("/tailnets/{id}/reach.csv")
}
/// One line of the policy, from 1.
pub fn policy_line(id: TailnetId, line: u32) -> String {
    format!("/tailnets/{id}/policy?line={line}#L{line}")
}
/// The drawing of who reaches what, around nobody yet.
pub fn graph(tailnet: TailnetId) -> String {
    format!("/tailnets/{tailnet}/reach/graph")
}
/// The drawing of what somebody reaches: a login, a tag, an address or a machine's name.
pub fn graph_of_who(tailnet: TailnetId, who: &str) -> String {
    format!("{}?who={}", graph(tailnet), encoded(who))
}
/// The drawing of who reaches a machine, by its name.
pub fn graph_of_node(tailnet: TailnetId, node: &str) -> String {
    format!("{}?node={}", graph(tailnet), encoded(node))
}
/// The page that shows what an edit of the policy would do; `what` is what it does.
pub fn plan_edit(tailnet: TailnetId, what: &EditKind) -> String {
    format!("/tailnets/{tailnet}/policy/plan?what={}", encoded(&what.to_string()))
}
/// One edit of the policy.
pub fn edit(tailnet: TailnetId, id: EditId) -> String {
    format!("/tailnets/{tailnet}/policy/edits/{id}")
}
pub fn node(tailnet: TailnetId, id: NodeId) -> String {
    format!("/tailnets/{tailnet}/nodes/{id}")
}
pub fn firewall(tailnet: TailnetId, id: NodeId) -> String {
    format!("/tailnets/{tailnet}/nodes/{id}/firewall")
}
/// Where a host fetches its own text with the token of its node.
pub fn pull(id: NodeId) -> String {
    format!("/api/v1/nodes/{id}/firewall/nftables")
}
/// Where a host tells which devices friends have, with the token of its node.
pub fn status(id: NodeId) -> String {
    format!("/api/v1/nodes/{id}/status")
}
/// An earlier snippet, or the current one, with what it changed.
pub fn revision(tailnet: TailnetId, id: NodeId, number: Revision) -> String {
    format!("/tailnets/{tailnet}/nodes/{id}/firewall/revisions/{number}")
}
/// The snippet as a file.
pub fn firewall_text(tailnet: TailnetId, id: NodeId) -> String {
    format!("/tailnets/{tailnet}/nodes/{id}/firewall/text")
}
/// Bringing a machine in.
pub fn new_node(tailnet: TailnetId) -> String {
    format!("/tailnets/{tailnet}/nodes/new")
}
/// The same with what was chosen.
pub fn new_node_as(tailnet: TailnetId, chosen: &NewNode) -> String {
    let pairs = [
        ("system", &chosen.system),
        ("routing", &chosen.routing),
        ("key_file", &chosen.key_file),
        ("login_server", &chosen.login_server),
    ];
    let tags = chosen.tags.iter().map(|tag| ("tags[]", tag));
    let query = pairs.into_iter().chain(tags).filter(|(_, value)| !value.is_empty());
    let query: Vec<String> =
        query.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let query = query.join("&");
    // What no browser would put into its address line is left out; the page then begins anew.
    if query.is_empty() || query.len() > LONGEST_QUERY {
        new_node(tailnet)
    } else {
        format!("{}?{query}", new_node(tailnet))
    }
}
/// Where one waits for a machine to appear.
pub fn joining(tailnet: TailnetId, id: JoiningId) -> String {
    format!("/tailnets/{tailnet}/joining/{id}")
}
/// Server-sent events: one `changed` for every news.
pub fn joining_events(tailnet: TailnetId, id: JoiningId) -> String {
    format!("/tailnets/{tailnet}/joining/{id}/events")
}
/// POST, demo only: field `joining`.
pub fn demo_join() -> String {
    "/demo/join".into()
}
pub fn people() -> String {
    "/people".into()
}
pub fn person(id: PersonId) -> String {
    format!("/people/{id}")
}
/// What a deed means, before it is done.
pub fn person_deed(id: PersonId, deed: Deed) -> String {
    format!("/people/{id}/{}", deed.as_str())
}
/// Of a steward: what becomes of the tokens that they made.
pub fn remove_steward(id: TailnetId, person: PersonId) -> String {
    format!("/tailnets/{id}/stewards/{person}/remove")
}
/// Where somebody who lost their way to sign in comes back.
pub fn come_back(token: &str) -> String {
    format!("/sign-in/again/{token}")
}
pub fn audit() -> String {
    "/audit".into()
}
pub fn account() -> String {
    "/account".into()
}
pub fn sign_in() -> String {
    "/sign-in".into()
}
/// Leads back to `next`, a path from here, after signing in.
pub fn sign_in_to(next: &str) -> String {
    format!("/sign-in?next={}", encoded(next))
}
/// POST starts the sign-in with a provider (field `next`, optional; field `link=1` to link it to the account).
pub fn sign_in_with(provider: &str) -> String {
    format!("/sign-in/with/{provider}")
}
/// POST, demo only: field `person`.
pub fn sign_in_demo() -> String {
    "/sign-in/demo".into()
}
/// POST: field `code`.
pub fn sign_in_setup() -> String {
    "/sign-in/setup".into()
}
/// POST.
pub fn sign_out() -> String {
    "/sign-out".into()
}

/// The page at `path` with another value of one parameter.
pub fn with(path: &str, name: &str, value: &str) -> String {
    let (page, query) = path.split_once('?').unwrap_or((path, ""));
    let others = query
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name))
        .map(str::to_owned);
    let pairs: Vec<String> = others.chain([format!("{name}={}", encoded(value))]).collect();
    format!("{page}?{}", pairs.join("&"))
}

/// An address from outside, if a browser may follow it: on the web, in one piece. Any other scheme could run script here
/// or start a program there.
pub fn on_the_web(address: &str) -> Option<&str> {
    let web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    (web && !address.contains(|c: char| c.is_whitespace() || c.is_control())).then_some(address)
}

/// One value of a query, percent-encoded.
pub fn encoded(value: &str) -> String {
    use std::fmt::Write;
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
