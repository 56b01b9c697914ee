//! A made world in the app, and where each of its pages is.

use app::ports::offers::OfferForm;
use model::ids::{AuditId, EditId, JoiningId};
use model::looks::Looks;
use model::{
    AskId, CircleId, EditKind, EditState, JobKind, NewNode, NoticeKind, OfferId, ShareId, TailnetId,
    TailnetRole, UnmanagedId, UnmanagedKind,
};
use server::on;
use server::queue;
use server::store::audit::{Reader, Search};
use server::store::edits::Edit;
use server::store::looks::{Look, Packed};
use server::store::people::Person;
use server::store::shares::Share;
use server::store::unmanaged::Seen;

use crate::harness::Who::Ana;
use crate::harness::neighbours::Neighbours;

/// Every page, as in the router; after a question mark what is asked of it, after a space what it is about where there
/// are several of its kind.
const PAGES: &[&str] = &[
    "/",
    "/account",
    "/account/leave",
    "/account/notifications",
    "/unsubscribe/{token}",
    "/settings",
    "/audit",
    "/audit?machine={node}&kind=policy&from={day}&until={day}",
    "/audit/{entry}",
    "/people",
    "/people/{id}",
    "/people/{id}/{deed}",
    "/directory",
    "/directory?q=a&kind=http&up=on",
    "/services/new?node={node}",
    "/services/new?node={node}&from=jellyfin",
    "/services/{id}",
    "/services/{id} received",
    "/services/{id}/edit",
    "/services/{id}/remove",
    "/offers",
    "/offers?over=1",
    "/asks/{id}",
    "/circles",
    "/circles/{id}",
    "/circles/{id}/leave/{person}",
    "/circles/{id}/end",
    "/offers/new",
    "/offers/new?ask={ask}",
    "/offers/new?service={service}",
    "/offers/{id}",
    "/offers/{id}/withdraw",
    "/o/{token}",
    "/shares",
    "/shares/{id}",
    "/shares/{id} received",
    "/shares/{id}/review",
    "/shares/{id}/end",
    "/shares/{id}/pause",
    "/shares/{id}/time",
    "/shares/{id}/unproven",
    "/tailnets",
    "/tailnets/new",
    "/tailnets/{id}",
    "/tailnets/{id}/stewards",
    "/tailnets/{id}/stewards/{person}/remove",
    "/tailnets/{id}/stewards/{person}/hand-over",
    "/tailnets/{id}/policy",
    "/tailnets/{id}/policy/plan?what=narrow",
    "/tailnets/{id}/policy/edits/{edit}",
    "/tailnets/{id}/reach",
    "/tailnets/{id}/reach?findings=10&rows=20&columns=6",
    "/tailnets/{id}/reach?who={who}",
    "/tailnets/{id}/reach?node={name}",
    "/tailnets/{id}/reach/day",
    "/tailnets/{id}/reach/day?node={name}&day={day}",
    "/tailnets/{id}/reach/graph",
    "/tailnets/{id}/reach/graph?who={who}",
    "/tailnets/{id}/reach/graph?node={name}",
    "/tailnets/{id}/what-runs",
    "/tailnets/{id}/what-runs?node={node}",
    "/tailnets/{id}/disconnect",
    "/tailnets/{id}/nodes/new",
    "/tailnets/{id}/nodes/{node}",
    "/tailnets/{id}/nodes/{node}/firewall",
    "/tailnets/{id}/nodes/{node}/firewall/revisions/{revision}",
    "/tailnets/{id}/joining/{joining}",
    "/elsewhere/{id}",
    "/elsewhere/{id}/end",
];

pub fn pages() -> impl Iterator<Item = &'static str> {
    PAGES.iter().copied()
}

/// One of everything that pages are about.
pub struct Scene {
    pub all: Neighbours,
    /// Who looks.
    pub ana: Person,
    friend: Person,
    tailnet: TailnetId,
    /// Ana's, open, and what it is of.
    pub share: Share,
    node: String,
    waiting: ShareId,
    received: Share,
    offer: OfferId,
    /// To Ana.
    offered: OfferId,
    unmanaged: UnmanagedId,
    edit: EditId,
    joining: JoiningId,
    /// For Ana's service.
    ask: AskId,
    /// With Ana's friend in it.
    circle: CircleId,
    /// Of the trail, about the tailnet.
    entry: AuditId,
    /// What a mail has that ends mails of its kind.
    stop: String,
    /// Today: a day on which each look found something else, as many as fill a page.
    day: String,
}

impl Scene {
    pub async fn of(machines: usize) -> Self {
        let all = Neighbours::made(machines).await;
        all.app.left_over.may_be("what pages cost is counted, and nothing is done");
        let [ana, friend] = [0, 1].map(|place| all.people.0[place].clone());
        let services = all.app_state();
        let (db, now) = (&services.db, services.now());
        let tailnets = db.list_tailnets_of(ana.id).await.unwrap().whole().unwrap();
        let tailnet = tailnets.iter().find(|tailnet| tailnet.name == "commons").unwrap().id;
        let shares = db.list_open_shares(tailnet).await.unwrap().readable();
        let is_active = |share: &&Share| share.state.name() == "active";
        let share = shares.iter().find(is_active).unwrap().clone();
        let waiting = shares.iter().find(|share| !is_active(share)).unwrap().id;
        let hers = db.list_shares_of(ana.id).await.unwrap().readable();
        let received = hers.into_iter().find(|share| share.friend == ana.id).unwrap();
        let node = db.find_node(share.node).await.unwrap().unwrap().name;
        let notices = db.list_notices(ana.id, now, None, 1000).await.unwrap().readable();
        let offer = notices.iter().find(|notice| notice.place.kind == NoticeKind::Offer).unwrap();
        let offered = OfferId::new(offer.place.object);

        // What no world has, because it passes.
        let asked = all.ask(Ana);
        let form = OfferForm {
            service: share.service.to_string(),
            to: "link".into(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        let (offer, _) = asked.offers.create(form).await.unwrap();
        let chosen = NewNode { system: "debian".into(), routing: "none".into(), ..NewNode::default() };
        let joining = asked.joining.wait(tailnet, chosen).await.unwrap();
        asked.stewards.add(tailnet, friend.id.to_string(), TailnetRole::Steward).await.unwrap();
        let seen = Seen {
            kind: UnmanagedKind::Invite,
            name: "57".into(),
            node: Some(share.node),
            login: Some("eve@example.com".into()),
            rule: None,
        };
        db.put_unmanaged(tailnet, &[seen], now, || services.new_id::<()>().uuid()).await.unwrap();
        let unmanaged = db.list_unmanaged(tailnet).await.unwrap().readable().remove(0).id;
        let edit = Edit {
            id: services.new_id(),
            tailnet,
            what: EditKind::Narrow,
            title: "Narrow the wildcard".into(),
            by: Some(ana.id),
            by_name: ana.name.clone(),
            share: None,
            before: all.policy("commons"),
            after: all.policy("commons").replace("team-00", "team-01"),
            gained: Vec::new(),
            lost: Vec::new(),
            state: EditState::Applying { why: None },
            begun: now,
        };
        db.begin_edit(&edit, &queue::job(services, JobKind::Edit, edit.id)).await.unwrap();
        let edit = edit.id;
        let ask: AskId = services.new_id();
        let put = "INSERT INTO service_asks (id, service_id, person_id, note, until, asked, lapses, word)
             VALUES ($1, $2, $3, 'Please', 'evening', $4, $5, '')";
        let who = all.people.0[2].id;
        on!(db, pool => sqlx::query(put).bind(ask).bind(share.service).bind(who).bind(now)
            .bind(now.plus_seconds(86_400)).execute(pool).await.map(drop))
        .unwrap();
        let circle = asked.circles.create("Players".into()).await.unwrap();
        asked.circles.add(circle, friend.id.to_string()).await.unwrap();
        let found = Search { tailnet: Some(tailnet), ..Search::of(Reader::Person(ana.id), 1) };
        let entry = db.search_entries(&found).await.unwrap().remove(0).id;
        let stop = server::unsubscribe::Stop::Address("of nobody".into());
        let stop = server::unsubscribe::token(&services.sealer, &stop);
        looked_all_day(&all, tailnet).await;
        Self {
            all,
            ana,
            friend,
            tailnet,
            share,
            node,
            waiting,
            received,
            offer,
            offered,
            unmanaged,
            edit,
            joining,
            ask,
            circle,
            entry,
            stop,
            day: now.to_date(),
        }
    }

    pub fn path(&self, page: &str) -> String {
        let (path, received) = page.strip_suffix(" received").map_or((page, false), |path| (path, true));
        let share = if received { &self.received } else { &self.share };
        let about = match path.split('/').nth(1) {
            Some("services") => share.service.to_string(),
            Some("asks") => self.ask.to_string(),
            Some("circles") => self.circle.to_string(),
            Some("offers") => self.offer.to_string(),
            Some("shares") if path.ends_with("/review") => self.waiting.to_string(),
            Some("shares") => share.id.to_string(),
            Some("elsewhere") => self.unmanaged.to_string(),
            Some("people") => self.friend.id.to_string(),
            _ => self.tailnet.to_string(),
        };
        path.replace("{id}", &about)
            .replace("{node}", &self.share.node.to_string())
            .replace("{service}", &self.share.service.to_string())
            .replace(
                "{token}",
                &if path.starts_with("/unsubscribe/") { self.stop.clone() } else { self.offered.to_string() },
            )
            .replace("{edit}", &self.edit.to_string())
            .replace("{ask}", &self.ask.to_string())
            .replace("{joining}", &self.joining.to_string())
            .replace("{entry}", &self.entry.to_string())
            .replace("{day}", &self.day)
            .replace("{person}", &self.friend.id.to_string())
            .replace("{deed}", "block")
            .replace("{revision}", "1")
            .replace("{who}", self.share.login.as_str())
            .replace("{name}", &self.node)
    }
}

/// Six looks since midnight, each of which found the rules on other lines than the one before it.
async fn looked_all_day(all: &Neighbours, tailnet: TailnetId) {
    const LOOKS: i64 = 6;
    let state = all.app_state();
    let now = state.now();
    let last = state.db.list_looks(tailnet, (now, now.plus_seconds(1)), 10).await.unwrap();
    let network = &last.last().expect("the network was looked at").network;
    let passed = now.seconds().rem_euclid(86_400);
    for turn in 0..LOOKS {
        let begin = now.plus_seconds(turn * passed / LOOKS - passed);
        let name = format!("look {turn}");
        let lines = "\n".repeat(usize::try_from(turn).unwrap() + 1);
        let packed = server::text_pack::pack(&(lines + &all.policy("commons"))).unwrap();
        let look = Look {
            id: state.new_id::<()>().uuid(),
            at: Looks { first: begin, last: begin.plus_seconds(passed / LOOKS - 60) },
            revision: name.clone(),
            policy: Ok(name.clone()),
            network: network.clone(),
            sharing_missing: None,
        };
        assert!(state.db.add_look(tailnet, &look, &[Packed { name, packed }]).await.unwrap());
    }
}
