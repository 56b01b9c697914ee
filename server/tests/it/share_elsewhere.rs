//! Shares that were made past the app: listed, and adopted, kept or ended.

use app::fault::Fault;
use app::ports::audit::Query;
use app::ports::inbox::Kind;
use app::ports::unmanaged::UnmanagedCard;
use model::{ShareState, TailnetId, UnmanagedKind};

use crate::harness::Who::{Ana, Chiara, Dario};
use crate::harness::neighbours::Neighbours;

async fn all_unmanaged(all: &Neighbours, ana: TailnetId) -> Vec<UnmanagedCard> {
    all.app.clock.advance_seconds(60);
    all.ask(Ana).tailnets.sync(ana).await.unwrap();
    all.drain().await;
    all.ask(Ana).tailnets.get(ana).await.unwrap().unmanaged.all_unmanaged
}

async fn findings(all: &Neighbours) -> usize {
    let items = all.ask(Ana).inbox.home().await.unwrap().items;
    items.iter().filter(|item| item.kind == Kind::Finding && item.title.contains("made elsewhere")).count()
}

/// Ana shares maple with Dario in the console.
async fn shared_in_the_console() -> (Neighbours, TailnetId, UnmanagedCard) {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    assert_eq!((all_unmanaged(&all, ana).await, findings(&all).await), (vec![], 0));
    let link = all.demo.simulator.make_invite("ana", "ana@arroyo.example", "maple").unwrap();
    let open = all_unmanaged(&all, ana).await;
    assert_eq!(
        open.iter().map(|unmanaged| (unmanaged.kind, unmanaged.opened)).collect::<Vec<_>>(),
        [(UnmanagedKind::Invite, false)]
    );
    all.demo.simulator.accept("dario", "dario@nopal.example", &link).unwrap();
    let mut found = all_unmanaged(&all, ana).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(findings(&all).await, 1);
    let unmanaged = found.remove(0);
    assert_eq!(
        (unmanaged.kind, unmanaged.opened, unmanaged.id),
        (UnmanagedKind::Invite, true, open[0].id),
        "it is still the same"
    );
    assert_eq!(unmanaged.title, "maple is shared with dario@nopal.example");
    let theirs = all.ask(Chiara).unmanaged.get(unmanaged.id).await;
    assert_eq!(theirs, Err(Fault::NotFound));
    (all, ana, unmanaged)
}

/// Machines are asked about their invites once an hour, and at once where somebody is a recipient of whom nothing tells why.
#[tokio::test]
async fn who_opened_an_invite_elsewhere_is_found_by_the_next_look() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    all.drain().await;
    let link = all.demo.simulator.make_invite("ana", "ana@arroyo.example", "maple").unwrap();
    all.demo.simulator.accept("dario", "dario@nopal.example", &link).unwrap();
    all.app.clock.advance_seconds(15 * 60);
    all.round().await;
    let found = all.ask(Ana).tailnets.get(ana).await.unwrap().unmanaged.all_unmanaged;
    let titles: Vec<&str> = found.iter().map(|unmanaged| unmanaged.title.as_str()).collect();
    assert_eq!(titles, ["maple is shared with dario@nopal.example"]);
}

#[tokio::test]
async fn an_invite_that_was_opened_elsewhere_is_adopted_reviewed_and_ended_like_any_share() {
    let (all, ana, unmanaged) = shared_in_the_console().await;
    let page = all.ask(Ana).unmanaged.get(unmanaged.id).await.unwrap();
    assert_eq!(page.person.as_deref(), Some("Dario Lupo"));
    assert!(page.services.is_empty());
    let service = all.listed(Ana, all.node(ana, "maple").await, "tcp:25565").await;
    let wrong = all.ask(Ana).unmanaged.adopt(unmanaged.id, None).await;
    assert!(matches!(wrong, Err(Fault::Invalid(_))), "{wrong:?}");
    let share = all.ask(Ana).unmanaged.adopt(unmanaged.id, Some(service)).await.unwrap();
    assert!(matches!(all.state(share).await, ShareState::Accepted { .. }), "nothing opens before the review");
    assert_eq!(all_unmanaged(&all, ana).await, [], "it is accounted for");

    all.approved(Ana, share).await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    assert_eq!(all.invites("ana"), 1, "the invite that they have is the one of the share");
    all.ask(Dario).shares.end(share).await.unwrap();
    all.drain().await;
    assert_eq!(all.invites("ana"), 0);
    assert!(!all.policy("ana").contains("acequia:share="));
    let trail = all.ask(Ana).audit.list(Query::default()).await.unwrap().entries;
    assert!(trail.iter().any(|entry| entry.what.contains("adopted what was shared elsewhere")));
}

#[tokio::test]
async fn what_was_made_elsewhere_can_be_kept_and_does_not_wait_any_more() {
    let (all, ana, unmanaged) = shared_in_the_console().await;
    all.ask(Ana).unmanaged.keep(unmanaged.id).await.unwrap();
    assert_eq!(findings(&all).await, 0);
    let still = all_unmanaged(&all, ana).await;
    assert_eq!(still[0].kept.as_ref().map(|(who, _)| who.as_str()), Some(all.people[Ana].name.as_str()));
}

#[tokio::test]
async fn what_was_made_elsewhere_is_ended_with_a_word_in_the_audit_trail() {
    let (all, ana, unmanaged) = shared_in_the_console().await;
    let page = all.ask(Ana).unmanaged.get(unmanaged.id).await.unwrap();
    assert!(page.can_end && page.end_means[0].contains("dario@nopal.example loses maple"), "{page:?}");
    let (_, said) = all.ask(Ana).unmanaged.end(unmanaged.id).await.unwrap();
    assert!(said.contains("no longer listed"), "{said}");
    assert_eq!(all.invites("ana"), 0);
    assert_eq!((all_unmanaged(&all, ana).await, findings(&all).await), (vec![], 0));
    let trail = all.ask(Ana).audit.list(Query::default()).await.unwrap().entries;
    assert!(trail.iter().any(|e| e.what.contains("ended what was made elsewhere") && e.before.is_some()));
}

#[tokio::test]
async fn a_recipient_whose_invite_is_gone_is_listed_with_what_to_do_in_the_console() {
    let (all, ana, _) = shared_in_the_console().await;
    all.demo.simulator.deleting_an_invite_ends_the_share(false);
    let invite = all.demo.simulator.tailnet("ana").unwrap().invites[0].id.clone();
    all.demo.simulator.delete_invite("ana", &invite).unwrap();
    let found = all_unmanaged(&all, ana).await;
    assert_eq!(found.iter().map(|unmanaged| unmanaged.kind).collect::<Vec<_>>(), [UnmanagedKind::Recipient]);
    let page = all.ask(Ana).unmanaged.get(found[0].id).await.unwrap();
    assert!(!page.can_end && page.by_hand[0].contains("dario@nopal.example"), "{page:?}");
}

#[tokio::test]
async fn a_rule_of_a_share_that_is_over_is_listed_and_taken_out_to_the_byte() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let with = all.policy("ana");
    all.ask(Ana).shares.end(share).await.unwrap();
    all.drain().await;
    let without = all.policy("ana");
    // Somebody restores an older file.
    all.demo.simulator.edit_policy("ana", &with).unwrap();
    let found = all_unmanaged(&all, ana).await;
    assert_eq!(found.iter().map(|unmanaged| unmanaged.kind).collect::<Vec<_>>(), [UnmanagedKind::Rule]);
    assert_eq!(all.policy("ana"), with, "it is not taken out without a word");
    assert!(all.ask(Ana).unmanaged.keep(found[0].id).await.is_err(), "a left rule is not kept");
    all.ask(Ana).unmanaged.end(found[0].id).await.unwrap();
    assert_eq!(all.policy("ana"), without);
    assert_eq!(all_unmanaged(&all, ana).await, []);
}
