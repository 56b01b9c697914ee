//! What breaks each law.

use invariants::{
    Edit, Invite, InviteDeed, Job, Observation, Phase, Share, State, StoredText, UnmanagedItem,
};

use super::{RULE, START, before, ended, network, open, paused, set, with_rule};

/// A state that is well, what is done to it, and a word of the law that is broken then.
pub type Harm = (fn() -> Observation, fn(&mut Observation), &'static str);

pub fn all() -> Vec<Harm> {
    vec![
        (open, |o| o.tailnets[0].policy.insert(0, '%'), "can be understood"),
        (open, |o| o.tailnets[0].policy.push_str("// acequia:share=0b\n"), "can be understood"),
        (open, |o| o.tailnets[0].policy = o.tailnets[0].policy.replace("Ana's", "Anna's"), "to the byte"),
        (before, |o| o.tailnets[0].policy.push(' '), "to the byte"),
        (
            before,
            |o| {
                // An edit that was recorded for a text that never stood there.
                let (before, after) = ("{}".to_owned(), "{\"acls\": []}".to_owned());
                o.edits.push(Edit { id: "1".into(), tailnet: "t1".into(), before, after, applied: true });
            },
            "to the byte",
        ),
        (open, |o| o.shares.clear(), "with our mark is of a share"),
        (ended, |o| o.tailnets[0].policy = with_rule(RULE), "with our mark is of a share"),
        (open, |o| o.shares[0].state = State::Accepted, "with our mark is of a share"),
        (open, |o| swap(o, "dee@github", "eve@github"), "says what was agreed"),
        (open, |o| swap(o, "tcp:25565", "tcp:25566"), "says what was agreed"),
        (open, |o| swap(o, "\"fd7a::10\"]", "\"fd7a::10\", \"100.64.0.11\"]"), "says what was agreed"),
        (open, |o| swap(o, ", \"fd7a::10\"]", "]"), "says what was agreed"),
        (open, |o| o.tailnets[0].policy = with_rule(&RULE.repeat(2)), "can be understood"),
        (open, |o| o.tailnets[0].policy = START.into(), "called open has its rule"),
        (paused, |o| o.tailnets[0].policy = with_rule(RULE), "called paused has no rule"),
        (paused, |o| drop(o.audit.pop()), "the audit trail says"),
        (paused, |o| o.shares[0].seen_in_force = false, "state that shares have"),
        (open, |o| o.shares[0].state = State::Pausing, "work queued"),
        (open, |o| o.shares[0].state = State::AccountMissing, "with our mark is of a share"),
        (open, |o| o.tailnets[0].invites.truncate(1), "was opened by its friend"),
        (open, |o| o.tailnets[0].invites[1].accepted_by = None, "was opened by its friend"),
        (open, |o| o.tailnets[0].invites[1].accepted_by = Some("eve@x".into()), "was opened by its friend"),
        (open, |o| o.tailnets[0].invites[1].device = "other".into(), "was opened by its friend"),
        (open, |o| invite(o, "3", None), "every new invite"),
        (ended, |o| invite(o, "2", None), "every new invite"),
        (open, |o| invite(o, "3", Some("dee@github")), "one invite for a machine"),
        (
            open,
            |o| {
                invite(o, "3", None);
                let deed = InviteDeed { id: "3".into(), ours: true };
                let second = Share { id: "0b".into(), invite: Some(deed), ..o.shares[0].clone() };
                o.shares.push(second);
            },
            "one invite for a machine",
        ),
        (ended, |o| invite(o, "2", Some("dee@github")), "no invite of ours is left"),
        (ended, |o| o.tailnets[0].recipients = open().tailnets.remove(0).recipients, "no invite of ours"),
        // A rule of ours that says more than was agreed opens more.
        (open, |o| swap(o, "udp:19132-19133", "udp:19132-19200"), "exactly what was agreed"),
        (
            open,
            |o| {
                swap(o, "dee@github", "eli@github");
                o.tailnets[0].network = network(&["eli@github"]);
            },
            "exactly what was agreed",
        ),
        (open, |o| swap(o, "\"fd7a::10\"]", "\"fd7a::10\", \"100.64.0.11\"]"), "exactly what was agreed"),
        // The machine is not shared with anybody.
        (open, |o| o.tailnets[0].network = network(&[]), "reaches every port"),
        (open, |o| swap(o, "tcp:25565", "tcp:1-2"), "reaches every port"),
        (open, |o| o.shares[0].approved = false, "only after its owner said yes"),
        (open, |o| o.shares[0].rule_begun = false, "only after its owner said yes"),
        (open, |o| drop(o.audit.pop()), "the audit trail says"),
        (open, |o| drop(o.audit.remove(1)), "the audit trail says"),
        (ended, |o| drop(o.audit.pop()), "the audit trail says"),
        (ended, |o| o.audit.clear(), "the audit trail says"),
        (
            open,
            |o| {
                let (phase, need) = (Phase::Apply, "review".to_owned());
                o.shares[0].state = State::NeedsAttention { phase, need, told: false };
            },
            "says what happened",
        ),
        (open, |o| o.shares[0].state = State::Drifted { told: false }, "says what happened"),
        (open, drifted_unseen, "state that shares have"),
        (open, |o| o.shares[0].state = State::Applying, "work queued"),
        (open, |o| o.shares[0].state = State::Ending, "work queued"),
        (open, |o| (0..2).for_each(|_| job(o)), "work queued"),
        (open, |o| o.now = 2_000, "after its end"),
        (open, |o| o.shares[0].state = State::Unknown("opened".into()), "state that shares have"),
        (open, |o| o.shares[0].seen_in_force = false, "state that shares have"),
        (open, |o| unmanaged(o, "rule", "0a"), "told to be of no share"),
        (open, |o| unmanaged(o, "invite", "2"), "told to be of no share"),
        (open, |o| o.offers[0].uses_left = 1, "one share for each place"),
        (open, |o| o.offers[0].to_person = Some("p3".into()), "one share for each place"),
        (open, |o| o.offers[0].withdrawn = Some(400), "one share for each place"),
        (open, |o| o.shares[0].accepted = 901, "one share for each place"),
        (open, |o| o.offers[0].declined = set(["p2"]), "one share for each place"),
        (open, |o| o.texts[0].text = "https://login.example/admin/invite/x".into(), "no secret"),
        (
            open,
            |o| {
                let (place, text) = ("audit.after_text".into(), "with tskey-api-1, which".into());
                o.texts.push(StoredText { place, text });
            },
            "no secret",
        ),
    ]
}

pub fn swap(seen: &mut Observation, from: &str, to: &str) {
    assert!(seen.tailnets[0].policy.contains(from), "{from}");
    seen.tailnets[0].policy = seen.tailnets[0].policy.replace(from, to);
}

pub fn invite(seen: &mut Observation, id: &str, by: Option<&str>) {
    let invite = Invite { id: id.into(), device: "maple".into(), accepted_by: by.map(str::to_owned) };
    seen.tailnets[0].invites.push(invite);
}

fn drifted_unseen(o: &mut Observation) {
    (o.shares[0].state, o.shares[0].seen_in_force) = (State::Drifted { told: true }, false);
}

pub fn job(seen: &mut Observation) {
    seen.jobs.push(Job { kind: "share".into(), subject: "0a".into(), owner: Some("p1".into()) });
}

fn unmanaged(seen: &mut Observation, kind: &str, name: &str) {
    seen.all_unmanaged.push(UnmanagedItem { tailnet: "t1".into(), kind: kind.into(), name: name.into() });
}
