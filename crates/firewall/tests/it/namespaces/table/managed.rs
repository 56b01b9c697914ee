//! Hosts whose firewall has a manager of its own: ufw and firewalld, for real, with copies of their configuration.

use firewall::{Backend, Part, remove, render};

use super::{ALL, NONE, SHARED, SSH, assert_host};
use crate::namespaces::host::{FIREWALLD, TAILSCALED};
use crate::namespaces::load;
use crate::namespaces::world::World;
use crate::tools::ufw;
use crate::{cases, sandbox};

#[test]
fn ufw_restricts_without_tailscaled_only_and_its_guard_always() {
    let tools = ["ufw", "iptables"];
    if !sandbox::ready_as_root("hosts with ufw", &tools) {
        return;
    }
    let input = cases::named("known");
    let enabled = |part| {
        let text = render(&input, Backend::Ufw, part).text();
        format!("{} ufw --force enable >/dev/null\n{}", ufw::COVER, load("sh", &text))
    };
    assert_host("ufw, open", &tools, &enabled(Part::Open), [SHARED; 3], [ALL; 3]);
    let (off, on) = ([SHARED, NONE, SHARED], [SHARED, NONE, ALL]);
    assert_host("ufw, both", &tools, &enabled(Part::All), off, on);
    // A reload puts ufw's own rules back, not behind tailscaled's, and leaves the mangle table alone.
    let Some(mut world) = World::new("ufw, reloaded", &tools) else { return };
    world.run(&(enabled(Part::All) + TAILSCALED + "ufw reload >/dev/null\n"));
    let [friend, stranger, laptop] = on;
    world.assert_row("ufw, both, reloaded", friend, stranger, laptop);
    world.run(&remove_guard(Backend::Ufw));
    world.assert_row("ufw, open, reloaded", ALL, ALL, ALL);
}

fn remove_guard(backend: Backend) -> String {
    load("sh", &remove(&cases::named("known"), backend, Part::Guard).text())
}

#[test]
fn firewalld_restricts_by_its_zone_and_its_guard_tells_friends_from_strangers() {
    let tools = ["firewalld", "firewall-cmd", "dbus-daemon", "nft", "iptables"];
    if !sandbox::ready_as_root("hosts with firewalld", &tools) {
        return;
    }
    let Some(mut world) = World::new("firewalld", &tools) else { return };
    let input = cases::named("known");
    // Each script is a shell of its own.
    let bus = "export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/bus\n";
    let text = |part| bus.to_owned() + &load("sh", &render(&input, Backend::Firewalld, part).text());
    world.run(FIREWALLD);
    world.assert_row("firewalld, the interface in no zone", SSH, SSH, SSH);
    world.run(&text(Part::Open));
    world.assert_row("firewalld, open", SHARED, SHARED, ALL);
    world.run(&text(Part::All));
    world.assert_row("firewalld, both", SHARED, NONE, ALL);
    world.run(TAILSCALED);
    world.assert_row("firewalld, both, tailscaled", SHARED, NONE, ALL);
    // It replaces its own table only, so the guard stays.
    world.run(&format!("{bus}firewall-cmd --reload >/dev/null"));
    world.assert_row("firewalld, both, reloaded", SHARED, NONE, ALL);
    world.run(&remove_guard(Backend::Firewalld));
    world.assert_row("firewalld, open, tailscaled", SHARED, SHARED, ALL);
}
