//! A tailnet with one node and one service, and people who stand to it in every way.

use model::EditKind;
use model::ids::{EditId, JoiningId};
use model::{
    Audience, EditState, JobKind, JoiningState, NewNode, NodeId, ObjectKind, OfferId, PersonId, ServiceId,
    ServiceKind, ShareId, ShareState, TailnetId, Timestamp, UnmanagedId, UnmanagedKind,
};
use server::config::Limits;
use server::on;
use server::queue;
use server::store::audit::{Actor, NewEntry, Object};
use server::store::edits::Edit;
use server::store::joinings::Joining;
use server::store::offers::{Answered, Offer};
use server::store::registrations::Admission;
use server::store::services::{Service, ShownTo};
use server::store::shares::Share;
use server::store::tailnets::Tailnet;
use server::store::unmanaged::Seen;

use super::TestApp;

pub struct World {
    pub instance_owner: PersonId,
    pub owner: PersonId,
    pub steward: PersonId,
    /// Has a share of the service.
    pub friend: PersonId,
    /// The service is shown to them.
    pub listed: PersonId,
    /// Somebody else who can sign in.
    pub other: PersonId,
    pub tailnet: TailnetId,
    pub node: NodeId,
    pub service: ServiceId,
    /// May still be accepted once.
    pub offer: OfferId,
    pub token: String,
    pub share: ShareId,
    /// An invite for the node that was made elsewhere.
    pub unmanaged: UnmanagedId,
    /// A narrowing that waits to be written.
    pub edit: EditId,
    /// A machine is waited for.
    pub joining: JoiningId,
}

impl World {
    #[expect(clippy::too_many_lines, reason = "one of everything")]
    pub async fn seed(app: &TestApp) -> Self {
        let services = &app.state;
        let (db, now) = (&services.db, services.now());
        let mut world = Self {
            instance_owner: app.instance_owner("Ines").await,
            owner: app.person("Ana").await,
            steward: app.person("Sven").await,
            friend: app.person("Dario").await,
            listed: app.person("Lea").await,
            other: app.person("Olaf").await,
            tailnet: services.new_id(),
            node: services.new_id(),
            service: services.new_id(),
            offer: services.new_id(),
            token: services.random.new_token(),
            share: services.new_id(),
            unmanaged: services.new_id(),
            edit: services.new_id(),
            joining: services.new_id(),
        };
        let tailnet = Tailnet {
            id: world.tailnet,
            owner: world.owner,
            name: "maple.ts.net".into(),
            control_plane: "tailscale".into(),
            base_url: "http://127.0.0.1:9".into(),
            kind: model::PlaneKind::Tailscale,
            base_domain: None,
            login_server: None,
            owner_reviews: true,
            settings: Ok(control_plane::Settings::default()),
            sync_started: None,
            synced: None,
            sync_failed: None,
            observed_at: None,
            observe_error: None,
            look: None,
        };
        assert_eq!(db.insert_tailnet(&tailnet, &[], (u32::MAX, now), &world.entry(app)).await.unwrap(), None);
        db.add_steward(world.tailnet, world.steward, &world.entry(app)).await.unwrap();
        let sql = "INSERT INTO nodes (id, tailnet_id, control_id, legacy_id, name, dns_name, os, user_login, tags, \
                   addresses, advertised_routes, enabled_routes, online, external, firewall_revision) \
                   VALUES ($1, $2, 'n1', '1', 'maple', 'maple.tail1.ts.net', 'linux', 'ana@example.com', '[]', \
                   '[\"100.64.0.1\",\"fd7a:115c:a1e0::1\"]', '[]', '[]', $3, $4, 0)";
        on!(db, pool => sqlx::query(sql)
            .bind(world.node)
            .bind(world.tailnet)
            .bind(true)
            .bind(false)
            .execute(pool)
            .await
            .map(drop))
        .unwrap();
        let service = Service {
            id: world.service,
            node: world.node,
            name: "Minecraft".into(),
            kind: ServiceKind::Minecraft,
            ports: "tcp:25565".parse().unwrap(),
            join: "tcp:25565".parse().unwrap(),
            about: String::new(),
            audience: Audience::People,
            left_alone: false,
        };
        let limits = Limits::default();
        let most = limits.services_per_tailnet;
        let shown = ShownTo { people: &[world.listed], by: world.owner, circles: &[] };
        assert!(db.put_service(&service, shown, (most, now), &world.entry(app)).await.unwrap());
        let offer = world.offer(app, world.offer, &world.token, 2);
        assert_eq!(db.insert_offer(&offer, &limits, &world.entry(app)).await.unwrap(), None);
        let share = Share {
            id: world.share,
            offer: world.offer,
            service: world.service,
            node: world.node,
            tailnet: world.tailnet,
            owner: world.owner,
            friend: world.friend,
            login: "dario@example.com".parse().unwrap(),
            ports: "tcp:25565".parse().unwrap(),
            asked: None,
            ends: None,
            state: ShareState::Accepted { again: None },
            deeds: sharing::Journal::default(),
            invite_url_sealed: None,
            accepted: now,
            longer: None,
            seen_in_force: None,
            version: 0,
        };
        let job = queue::job(&app.state, JobKind::Share, share.id);
        assert_eq!(db.accept_offer(&share, now, &world.entry(app), &job).await.unwrap(), Answered::Now);
        let seen = Seen {
            kind: UnmanagedKind::Invite,
            name: "57".into(),
            node: Some(world.node),
            login: Some("eve@example.com".into()),
            rule: None,
        };
        db.put_unmanaged(world.tailnet, &[seen], now, || services.new_id::<()>().uuid()).await.unwrap();
        db.begin_edit(&world.edit(now), &queue::job(services, JobKind::Edit, world.edit)).await.unwrap();
        world.unmanaged = db.list_unmanaged(world.tailnet).await.unwrap().whole().unwrap().remove(0).id;
        let joining = Joining {
            id: world.joining,
            tailnet: world.tailnet,
            chosen: NewNode { system: "nixos".into(), routing: "none".into(), ..NewNode::default() },
            key: Some("k1CNTRL".into()),
            description: "acequia test".into(),
            known: vec!["n1".into()],
            created: now,
            ends: now.plus_seconds(3600),
            state: JoiningState::Waiting,
            observed_at: None,
            trouble: None,
            arrived: Vec::new(),
        };
        let job = queue::job(services, JobKind::Joining, world.joining);
        db.insert_joining(&joining, u32::MAX, &job, Some(&world.entry(app))).await.unwrap();
        world
    }

    fn edit(&self, now: Timestamp) -> Edit {
        Edit {
            id: self.edit,
            tailnet: self.tailnet,
            what: EditKind::Narrow,
            title: "Narrow the wildcard".into(),
            by: Some(self.owner),
            by_name: "Ana".into(),
            share: None,
            before: "{}".into(),
            after: "{\"acls\": []}".into(),
            gained: Vec::new(),
            lost: Vec::new(),
            state: EditState::Applying { why: None },
            begun: now,
        }
    }

    /// An offer of the service to whoever has the link.
    fn offer(&self, app: &TestApp, id: OfferId, token: &str, uses: i64) -> Offer {
        let now = app.state.now();
        Offer {
            id,
            service: self.service,
            made_by: self.owner,
            to_person: None,
            to_email: None,
            token_hash: server::secrets::hash_token(token),
            ends: None,
            note: "come and play".into(),
            uses_left: uses,
            created: now,
            lapses: now.plus_seconds(7 * 86_400),
            withdrawn: None,
            declined: false,
            circle: None,
        }
    }

    pub fn entry(&self, app: &TestApp) -> NewEntry {
        NewEntry {
            id: app.state.new_id(),
            at: app.state.now(),
            actor: Actor::Person(self.owner, "Ana".into()),
            what: "did something for a test".into(),
            object: Object { kind: ObjectKind::Offer, id: self.offer.uuid(), name: "Minecraft".into() },
            before: None,
            after: None,
            policy: None,
            tailnet: Some(self.tailnet),
            owner: Some(self.owner),
            friend: None,
        }
    }

    /// The way in with the link of [`Self::offer`].
    pub fn admission(&self) -> Admission {
        Admission::Offer { offer: self.offer, token_hash: server::secrets::hash_token(&self.token) }
    }

    pub async fn offer_places(&self, app: &TestApp, left: i64) {
        on!(&app.state.db, pool => sqlx::query("UPDATE offers SET uses_left = $2, uses = $2 WHERE id = $1")
            .bind(self.offer).bind(left).execute(pool).await.map(drop))
        .unwrap();
    }

    /// Makes the offer one to an e-mail address.
    pub async fn offer_to(&self, app: &TestApp, email: &str) {
        on!(&app.state.db, pool => sqlx::query("UPDATE offers SET to_email = $2 WHERE id = $1")
            .bind(self.offer).bind(email).execute(pool).await.map(drop))
        .unwrap();
    }
}
