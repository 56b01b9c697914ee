//! Every URL as a function; links are never typed by hand. Relative to the base path, which the frame prepends.

use model::ids::{AuditId, EditId, JoiningId};
use model::{
    AskId, EditKind, NewNode, NodeId, OfferId, Revision, ServiceId, ShareId, TailnetId, UnmanagedId,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::ports::audit::Filters;
use crate::ports::reach::Question;

mod people;

pub use people::{
    circle, circles, hand_over, households, leave_circle, lenders, offer_to_circle, people, person,
    person_deed, remove_steward, stewards,
};

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
/// The same, filled from an entry of the catalogue.
pub fn new_service_from(node: NodeId, entry: &str) -> String {
    format!("/services/new?node={node}&from={}", encoded(entry))
}
/// What may run on the machines of a tailnet.
pub fn what_runs(id: TailnetId) -> String {
    format!("/tailnets/{id}/what-runs")
}
/// The same on one machine.
pub fn what_runs_on(id: TailnetId, node: NodeId) -> String {
    format!("/tailnets/{id}/what-runs?node={node}")
}
pub fn new_offer(service: Option<ServiceId>) -> String {
    service.map_or_else(|| "/offers/new".into(), |id| format!("/offers/new?service={id}"))
}
/// Offers that wait for an answer, or those that are over.
pub fn offers(over: bool) -> String {
    if over { "/offers?over=1".into() } else { "/offers".into() }
}

/// The same, filled with what somebody asks for.
pub fn new_offer_for(ask: AskId) -> String {
    format!("/offers/new?ask={ask}")
}
/// Where somebody asks for a service, and reads what became of it.
pub fn ask_for(service: ServiceId) -> String {
    format!("/services/{service}#ask")
}
/// What somebody asks for, for those who give it.
pub fn ask(id: AskId) -> String {
    format!("/asks/{id}")
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
/// The page that asks before a share is paused.
pub fn pause_share(id: ShareId) -> String {
    format!("/shares/{id}/pause")
}
/// Where those who give a share agree on another end, and its friend asks for one.
pub fn share_time(id: ShareId) -> String {
    format!("/shares/{id}/time")
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
/// What Acequia may do in a tailnet, on its page.
pub fn credentials(id: TailnetId) -> String {
    format!("/tailnets/{id}#credentials")
}
/// The page that asks before a tailnet is disconnected.
pub fn disconnect_tailnet(id: TailnetId) -> String {
    format!("/tailnets/{id}/disconnect")
}
/// What was made elsewhere, on the page of its tailnet.
pub fn all_unmanaged(id: TailnetId) -> String {
    format!("/tailnets/{id}#elsewhere")
}
pub fn unmanaged(id: UnmanagedId) -> String {
    format!("/elsewhere/{id}")
}
/// The page that asks before it is ended.
pub fn end_unmanaged(id: UnmanagedId) -> String {
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
    format!("{}{}", reach(id), asked(question))
}
/// The same from the page of reach itself: the matrix has many of them, and without the path they are a third as long.
pub fn asked(question: &Question) -> String {
    let Question { who, node, port, protocol } = question;
    let pairs = [("who", who), ("node", node), ("port", port), ("protocol", protocol)];
    format!("?{}", query_of(pairs.map(|(name, value)| (name, value.as_str()))))
}
/// Who could reach a machine on a day; neither is chosen yet where they are empty.
pub fn reach_on_day(id: TailnetId, node: &str, day: &str) -> String {
    let query = query_of([("node", node), ("day", day)]);
    let path = format!("/tailnets/{id}/reach/day");
    if query.is_empty() { path } else { format!("{path}?{query}") }
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
/// Where a host lists what runs there, with the token of its node.
pub fn services_of(id: NodeId) -> String {
    format!("/api/v1/nodes/{id}/services")
}
/// Where a host tells what its own client lets in, with the token of its node.
pub fn filter(id: NodeId) -> String {
    format!("/api/v1/nodes/{id}/filter")
}
/// An earlier snippet, or the current one, with what it changed.
pub fn revision(tailnet: TailnetId, id: NodeId, number: Revision) -> String {
    format!("/tailnets/{tailnet}/nodes/{id}/firewall/revisions/{number}")
}
/// The text for another kind of host, to look at.
pub fn firewall_look(tailnet: TailnetId, id: NodeId, kind: &str) -> String {
    format!("/tailnets/{tailnet}/nodes/{id}/firewall?kind={kind}")
}
/// A part of the text as a file: `open`, `guard` or `all`; of another kind of host, if one is looked at.
pub fn firewall_file(tailnet: TailnetId, id: NodeId, part: &str, kind: Option<&str>) -> String {
    let kind = kind.map(|kind| format!("&kind={kind}")).unwrap_or_default();
    format!("/tailnets/{tailnet}/nodes/{id}/firewall/text?part={part}{kind}")
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
    let query = query_of(pairs.into_iter().chain(tags).map(|(name, value)| (name, value.as_str())));
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
/// Where somebody who lost their way to sign in comes back.
pub fn come_back(token: &str) -> String {
    format!("/sign-in/again/{token}")
}
pub fn audit() -> String {
    "/audit".into()
}
/// The trail with these filters.
pub fn audit_of(filters: &Filters) -> String {
    audit_file(&audit(), filters)
}
/// One entry of it.
pub fn audit_entry(id: AuditId) -> String {
    format!("/audit/{id}")
}
/// All that fits these filters as a file.
pub fn audit_json(filters: &Filters) -> String {
    audit_file("/audit.json", filters)
}
pub fn audit_csv(filters: &Filters) -> String {
    audit_file("/audit.csv", filters)
}
fn audit_file(path: &str, filters: &Filters) -> String {
    let query = query_of(filters.pairs());
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
/// Leaving for good: what ends is said first.
pub fn leave() -> String {
    "/account/leave".into()
}
/// What one hears outside of the app, and how.
pub fn notifications() -> String {
    "/account/notifications".into()
}
/// Where somebody says that they want no more mails of a kind; `token` does that and nothing else.
pub fn unsubscribe(token: &str) -> String {
    format!("/unsubscribe/{token}")
}
/// The pages of the help, which the server answers by itself.
pub fn help() -> String {
    "/help".into()
}
/// The instance, for whoever owns it.
pub fn settings() -> String {
    "/settings".into()
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

/// The page at `path` without these parameters.
pub fn without(path: &str, names: &[&str]) -> String {
    let (page, query) = path.split_once('?').unwrap_or((path, ""));
    let is_left =
        |pair: &&str| !pair.is_empty() && pair.split('=').next().is_none_or(|name| !names.contains(&name));
    let pairs: Vec<&str> = query.split('&').filter(is_left).collect();
    if pairs.is_empty() { page.to_owned() } else { format!("{page}?{}", pairs.join("&")) }
}

/// An address from outside, if a browser may follow it: on the web, in one piece. Any other scheme could run script here
/// or start a program there.
pub fn on_the_web(address: &str) -> Option<&str> {
    let web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    (web && !address.contains(|c: char| c.is_whitespace() || c.is_control())).then_some(address)
}

/// What stays as it is in a value of a query: what RFC 3986 leaves unreserved, and slashes, so that paths stay readable.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// One value of a query, percent-encoded.
pub fn encoded(value: &str) -> String {
    utf8_percent_encode(value, KEPT).to_string()
}

/// A query of these names and values, without those that are empty.
fn query_of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}
