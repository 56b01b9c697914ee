//! Firewall texts of a machine, one after the other: each counted once, and made again to the byte.

use app::fault::Fault;
use app::ports::shares::DiffKind;
use model::host::May;
use model::{EndReason, JobKind, NodeId, Revision, ShareEvent, ShareId};
use server::hosts;
use server::hosts::RevisionError;
use server::queue;
use server::shares;
use server::store::audit::Actor;
use server::store::hosts::FriendAddresses;
use server::store::shares::Along;
use simulator::{Fault as Trouble, FaultRule, Moment, Target};

use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::Neighbours;
use crate::harness::statements::statements;
use crate::hosts::shared;

/// Numbers and what they changed, oldest first.
async fn told(all: &Neighbours, node: NodeId) -> Vec<(u32, String)> {
    let rows = all.ask(Ana).revisions.list(node).await.unwrap().rows;
    rows.into_iter().rev().map(|row| (row.number.number(), row.changes.join(" "))).collect()
}

async fn given(all: &Neighbours) -> ShareId {
    let share = all.ask(Ana).shares.list().await.unwrap().given[0].clone();
    share.share.unwrap()
}

#[tokio::test]
async fn every_change_of_the_text_is_one_revision_and_an_old_one_is_made_again_to_the_byte() {
    let (all, node) = shared().await;
    let (ana, firewall) = (all.ask(Ana), all.ask(Ana).firewall);
    let open = firewall.text(node).await.unwrap();
    let share = given(&all).await;
    ana.shares.end(share).await.unwrap();
    all.drain().await;
    let ended = firewall.text(node).await.unwrap();
    assert!(open.contains("25565") && !ended.contains("25565"));
    let expected = [
        (1, "The first text of this machine."),
        (2, "The host’s kind is nftables."),
        (3, "Minecraft for Dario Lupo is shut out."),
    ];
    let said = told(&all, node).await;
    let said: Vec<_> = said.iter().map(|(number, words)| (*number, words.as_str())).collect();
    assert_eq!(said, expected);

    let old = ana.revisions.get(node, Revision::new(2)).await.unwrap();
    assert_eq!(old.text, open);
    assert_eq!((old.newest, old.row.current), (Revision::new(3), false));
    assert!(old.diff.iter().any(|line| line.kind == DiffKind::Removed && line.text.contains("25565")));
    assert_eq!(old.gates.len(), 1, "the share is named although it is over");
    let now = ana.revisions.get(node, Revision::new(3)).await.unwrap();
    assert_eq!((now.text.as_str(), now.diff.len(), now.row.current), (ended.as_str(), 0, true));
    for unknown in [0, 4, u32::MAX] {
        assert_eq!(ana.revisions.get(node, Revision::new(unknown)).await.unwrap_err(), Fault::NotFound);
    }
    let dario = all.ask(Dario).revisions;
    assert_eq!(dario.list(node).await.unwrap_err(), Fault::NotFound);
    assert_eq!(dario.get(node, Revision::new(1)).await.unwrap_err(), Fault::NotFound);
}

#[tokio::test]
async fn reading_the_tailnet_again_makes_a_revision_only_if_own_machines_changed() {
    let (all, node) = shared().await;
    let tailnet = all.app_state().db.find_node(node).await.unwrap().unwrap().tailnet;
    let before = told(&all, node).await;
    let own = all.app_state().db.list_nodes(tailnet).await.unwrap();
    let goes = own.iter().find(|other| other.id != node && !other.external).unwrap();
    all.ask(Ana).tailnets.sync(tailnet).await.unwrap();
    all.drain().await;
    assert_eq!(told(&all, node).await, before);
    all.demo.simulator.remove_device("ana", &goes.name).unwrap();
    all.ask(Ana).tailnets.sync(tailnet).await.unwrap();
    all.drain().await;
    let after = told(&all, node).await;
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(after.last().unwrap().1, "A machine of yours is gone.");
}

#[tokio::test]
async fn the_host_shuts_at_once_while_the_control_plane_is_silent() {
    let (all, node) = shared().await;
    all.demo.simulator.fail(FaultRule {
        target: Target::default(),
        fault: Trouble::HangUp,
        times: 1000,
        moment: Moment::BeforeEffect,
    });
    all.ask(Ana).shares.end(given(&all).await).await.unwrap();
    assert!(!all.ask(Ana).firewall.text(node).await.unwrap().contains("25565"));
    all.drain().await;
    assert_eq!(told(&all, node).await.len(), 3, "the job finds it done");
}

#[tokio::test]
async fn several_who_renew_at_once_make_one_revision() {
    let (all, node) = shared().await;
    let before = told(&all, node).await.len();
    // Something changes, and everybody notices at once.
    let friend = FriendAddresses {
        login: "dario@nopal.example".into(),
        addresses: vec!["100.64.9.20".into()],
        read: all.app_state().now(),
    };
    let share = all.app_state().db.find_share(given(&all).await).await.unwrap().unwrap();
    let entry = shares::entry(&share, Actor::Acequia, ShareEvent::RetryWanted).at(all.app_state());
    all.app_state().db.put_friend_addresses(node, (&[friend], true), &entry).await.unwrap();
    let renewals = (0..8).map(|_| {
        let services = all.app_state().clone();
        tokio::spawn(async move { hosts::renew(&services, node).await.unwrap() })
    });
    for renewal in renewals.collect::<Vec<_>>() {
        assert_eq!(usize::try_from(renewal.await.unwrap().number()).unwrap(), before + 1);
    }
    let after = told(&all, node).await;
    assert_eq!(after.len(), before + 1);
    assert_eq!(after.last().unwrap().1, "Other addresses of Minecraft for Dario Lupo.");
}

#[tokio::test]
async fn an_ending_that_was_cut_off_shuts_the_host_although_no_key_is_good_any_more() {
    let (all, node) = shared().await;
    let id = given(&all).await;
    let form = all.form(Ana);
    assert!(all.demo.simulator.revoke(&form.client_id) && all.demo.simulator.revoke(&form.user_token));
    // Killed after the share was stored as ending, and before anything else.
    let services = all.app_state();
    let mut share = services.db.find_share(id).await.unwrap().unwrap();
    share.state = share.state.clone().end(EndReason::OwnerEnded).unwrap();
    let along = Along { jobs: vec![queue::job(services, JobKind::Share, id)], ..Along::default() };
    assert!(services.db.update_share(&mut share, services.now(), &along).await.unwrap());
    assert!(all.ask(Ana).firewall.text(node).await.unwrap().contains("25565"));
    all.drain().await;
    assert!(!all.ask(Ana).firewall.text(node).await.unwrap().contains("25565"));
}

#[tokio::test]
async fn a_share_that_has_ended_is_shut_out_also_where_no_new_text_can_be_made() {
    let (all, node) = shared().await;
    let tailnet = all.app_state().db.find_node(node).await.unwrap().unwrap().tailnet;
    // Every own machine is out of the list: a text of nobody's own would shut the owner out, so there is none.
    let now = all.app_state().now();
    let new_id = || all.app_state().new_id::<()>().uuid();
    all.app_state().db.put_inventory(tailnet, &[], true, &[], now, new_id).await.unwrap();
    let refused = hosts::renew(all.app_state(), node).await.unwrap_err();
    assert!(matches!(refused, RevisionError::Input(_)), "{refused}");
    let open = all.ask(Ana).firewall.text(node).await.unwrap();
    assert!(open.contains("25565"));
    all.ask(Ana).shares.end(given(&all).await).await.unwrap();
    let shut = all.ask(Ana).firewall.text(node).await.unwrap();
    assert!(!shut.contains("25565") && shut.contains("drop"), "{shut}");
    all.drain().await;
}

#[tokio::test]
async fn another_kind_of_host_is_told_to_take_away_first_what_the_one_before_left() {
    let (all, node) = shared().await;
    let ana = all.ask(Ana);
    let earlier = async || ana.revisions.list(node).await.unwrap().earlier;
    let choose = async |kind: &str| ana.firewall.choose(node, kind.into(), String::new()).await.unwrap();
    assert_eq!(earlier().await, None);
    choose("ufw").await;
    let left = earlier().await.unwrap();
    assert_eq!(left.label, "nftables");
    assert!(left.undo.contains("delete table inet acequia"), "{}", left.undo);
    // The guard of a host that fetches is the same for every kind: only what opens is another's.
    ana.hosts.make_token(node, May::default()).await.unwrap();
    let left = earlier().await.unwrap();
    assert!(!left.undo.contains("delete table inet acequia\n"), "{}", left.undo);
    ana.hosts.revoke_token(node).await.unwrap();
    let count = told(&all, node).await.len();
    choose("ufw").await;
    assert_eq!(told(&all, node).await.len(), count, "the same choice again changes nothing");

    // Where both have the same guard it stays: the new text replaces it in one step.
    choose("iptables").await;
    let left = earlier().await.unwrap();
    assert!(left.undo.contains("ufw") && !left.undo.contains("acequia-guard"), "{}", left.undo);
    choose("firewalld").await;
    choose("nftables").await;
    let left = earlier().await.unwrap();
    assert!(!left.undo.contains("delete table inet acequia\n"), "{}", left.undo);
    choose("nixos-nftables").await;
    choose("nixos-iptables").await;
    assert_eq!(earlier().await, None, "one file takes the other's place");

    // Once the new text was seen in place, following the note late would take its guard away.
    choose("nftables").await;
    assert!(earlier().await.is_some());
    let text = ana.firewall.text(node).await.unwrap();
    assert!(ana.hosts.read_rules(node, text).await.unwrap().good);
    assert_eq!(earlier().await, None);
}

#[tokio::test]
async fn a_sync_reads_the_own_machines_once_however_many_texts_there_are() {
    let (all, node) = shared().await;
    let services = all.app_state();
    let tailnet = services.db.find_node(node).await.unwrap().unwrap().tailnet;
    let renew = async || {
        let (renewed, run) = statements(hosts::renew_all(services, tailnet)).await;
        renewed.unwrap();
        let of_all = |sql: &&String| sql.contains("FROM nodes WHERE tailnet_id");
        let of_shares = |sql: &&String| sql.contains("FROM shares WHERE tailnet_id");
        assert_eq!(run.iter().filter(of_shares).count(), 0, "shares of other machines are read: {run:#?}");
        (run.iter().filter(of_all).count(), run.len())
    };
    let (of_all, one) = renew().await;
    assert_eq!(of_all, 2, "which machines have a text, and what their own devices are");
    let others = services.db.list_nodes(tailnet).await.unwrap();
    let others: Vec<_> = others.iter().filter(|other| other.id != node && !other.external).collect();
    assert!(others.len() > 1, "{others:?}");
    for other in &others {
        all.ask(Ana).firewall.choose(other.id, "nftables".into(), String::new()).await.unwrap();
    }
    let (of_all, many) = renew().await;
    assert_eq!(of_all, 2);
    // Both lists, and whose machines are whose.
    assert_eq!(many - 3, (one - 3) * (1 + others.len()), "each machine asks for its own things");
}
