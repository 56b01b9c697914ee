//! Ana's network, and what she lists and lends of it.

use simulator::world::{Device, Tailnet, User};

use crate::friends;
use crate::grants::{grant, machine, policy, share, share_id};
use crate::names::{login, name};
use crate::records::{Answer, Audience, Offer, Person, Records, Service};
use crate::size::Size;

pub const NAME: &str = "commons";
const DOMAIN: &str = "commons.example";
const NETWORK: u8 = 0;
const SHARES: u8 = 1;

/// Ana.
pub fn viewer() -> String {
    login(0, DOMAIN)
}

pub fn make(size: &Size) -> (Tailnet, Records) {
    let users: Vec<User> = (0..size.people)
        .map(|n| User::new(login(n, DOMAIN), name(n), if n == 0 { "owner" } else { "member" }))
        .collect();
    let people = users.iter().enumerate().map(|(n, user)| Person {
        login: user.login.clone(),
        name: user.name.clone(),
        instance_owner: n == 0,
        demo: (n == 0).then(|| format!("owns {NAME}, with {} machines", size.machines)),
    });
    let mut records = Records { people: people.collect(), ..Records::default() };
    records.people.extend((0..size.recipients).map(friends::person));

    let devices: Vec<Device> = (0..size.machines).map(|n| device(size, n)).collect();
    let servers: Vec<&Device> = devices.iter().filter(|device| is_server(device)).collect();
    let mut grants = rules(size);
    let mut shares = Vec::new();
    for n in 0..size.services {
        let Some(server) = servers.get(n * servers.len() / size.services) else { continue };
        let audience = match n % 10 {
            3 => Audience::Nobody,
            6 => Audience::People((n..n + 3).map(|k| friends::login(k % size.recipients)).collect()),
            _ => Audience::Everybody,
        };
        records.services.push(Service { audience, ..Service::new(NAME, &server.hostname, n) });
    }
    for n in 0..size.recipients {
        let service = n * size.services / size.recipients;
        let listed = &records.services[service];
        let Some(server) = servers.iter().find(|server| server.hostname == listed.machine) else { continue };
        let (id, with) = (share_id(SHARES, n), friends::login(n));
        grants.extend(share(id, &with, server, &listed.ports));
        shares.push(simulator::world::Share {
            device: server.hostname.clone(),
            by: viewer(),
            with: with.clone(),
        });
        records.offers.push(Offer {
            service,
            to: with,
            note: "Welcome.".into(),
            // One of them ends soon, which its owner is told.
            ends_in_days: if n == 0 { Some(1) } else { (n % 3 == 1).then_some(30) },
            made_days_ago: if n == 0 { 20 } else { 0 },
            answer: Answer::Open(id),
        });
    }
    // And one waits for a review: of a machine that this friend does not have yet.
    records.offers.push(Offer {
        service: size.services - 1,
        to: friends::login(0),
        note: "And this one too.".into(),
        ends_in_days: None,
        made_days_ago: 0,
        answer: Answer::Accepted(share_id(SHARES, size.recipients)),
    });
    let tailnet = Tailnet {
        domain: Some(DOMAIN.into()),
        policy: Some(policy(&sections(size), &grants)),
        devices,
        shares,
        ..Tailnet::new(NAME, "tailc0220.ts.net", users).with_credentials(&viewer())
    };
    (tailnet, records)
}

fn is_server(device: &Device) -> bool {
    device.tags.iter().any(|tag| tag.starts_with("tag:app-"))
}

/// Besides those of routers and exit nodes.
fn app_tags(size: &Size) -> usize {
    size.tags - 2
}

fn route(router: usize) -> String {
    format!("10.{}.{}.0/24", router / 256, router % 256)
}

/// Routers and exit nodes first, then a server and somebody's own device by turns.
fn device(size: &Size, number: usize) -> Device {
    let own = |hostname: String, user: &str| machine(NETWORK, number, hostname, user);
    let tagged = |hostname: String, tag: String, routes: Vec<String>| Device {
        tags: vec![tag],
        advertised_routes: routes.clone(),
        enabled_routes: routes,
        ..own(hostname, &viewer())
    };
    let Some(number) = number.checked_sub(size.routers) else {
        return tagged(format!("router-{number:03}"), "tag:router".into(), vec![route(number)]);
    };
    let Some(number) = number.checked_sub(size.exits) else {
        let routes = ["0.0.0.0/0", "::/0"].map(str::to_owned).to_vec();
        return tagged(format!("exit-{number:03}"), "tag:exit".into(), routes);
    };
    let half = number / 2;
    if number % 2 == 0 {
        return tagged(format!("server-{half:05}"), format!("tag:app-{}", half % app_tags(size)), Vec::new());
    }
    let kinds = [("laptop", "macOS"), ("phone", "iOS"), ("desktop", "windows"), ("tablet", "android")];
    let (kind, os) = kinds[half % kinds.len()];
    Device {
        os: os.into(),
        seen_minutes_ago: if half % 5 == 4 { 30 + i64::try_from(half).unwrap_or_default() % 900 } else { 0 },
        key_expires_in_days: Some(30 + i64::try_from(half).unwrap_or_default() % 140),
        ..own(format!("{kind}-{half:05}"), &login(half % size.people, DOMAIN))
    }
}

const GROUPS: usize = 20;

fn sections(size: &Size) -> [(&'static str, Vec<String>); 2] {
    let group = |group: usize| {
        let members = (0..size.people).filter(|k| k % GROUPS == group || 7 * k % GROUPS == group);
        let members: Vec<String> = members.map(|k| format!("\"{}\"", login(k, DOMAIN))).collect();
        format!("\"group:team-{group:02}\": [{}],", members.join(", "))
    };
    let tags = ["router", "exit"].map(str::to_owned).into_iter();
    let tags = tags.chain((0..app_tags(size)).map(|k| format!("app-{k}")));
    let owners = tags.map(|tag| format!("\"tag:{tag}\": [\"autogroup:admin\"],"));
    [("groups", (0..GROUPS).map(group).collect()), ("tagOwners", owners.collect())]
}

/// The one from `*` leads to no machine that is lent: friends reach what is shared with them and nothing else.
fn rules(size: &Size) -> Vec<String> {
    let everybody = [
        grant("autogroup:member", "autogroup:self", "*"),
        grant("autogroup:member", "autogroup:internet", "*"),
        grant("*", "tag:router", "tcp:443"),
    ];
    let tag = |k: usize| format!("tag:app-{}", k % app_tags(size));
    let rest = (0..size.rules - everybody.len()).map(|k| match k % 10 {
        9 => grant("autogroup:member", &route(k / 10 % size.routers), "tcp:443"),
        7 | 8 => grant(&tag(k), &tag(3 * k + 1), "tcp:5432"),
        _ => grant(&format!("group:team-{:02}", k % GROUPS), &tag(k), &format!("tcp:{}", 1_000 + k)),
    });
    everybody.into_iter().chain(rest).collect()
}
