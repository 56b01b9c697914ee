//! What one revision of a node's text says differently from the one before.

use std::collections::BTreeSet;

use crate::{Input, Label, Share, TailnetAddress};

/// One difference between two inputs; rendered texts differ in nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A share that was not there.
    Added(Label),
    /// A share that is no longer there: its ports are shut.
    Removed(Label),
    /// Other ports of a share.
    Ports(Label),
    /// Another end of a share.
    End(Label),
    /// Other addresses of its friend, or now known, or no longer.
    Peers(Label),
    /// Machines of the tailnet's own: addresses that came, addresses that went.
    Own {
        /// They pass from now on.
        joined: BTreeSet<TailnetAddress>,
        /// They no longer do.
        left: BTreeSet<TailnetAddress>,
    },
    /// The tailnet interface has another name.
    Interface,
    /// The machine has another name, which stands in comments.
    Name,
}

/// What `after` changes against `before`, shares in the order of their ids; empty if only the revision differs.
pub fn changes(before: &Input, after: &Input) -> Vec<Change> {
    let find = |input: &Input, label: &Label| input.shares().find(|share| share.label == *label).cloned();
    let mut told = Vec::new();
    for share in before.shares() {
        match find(after, &share.label) {
            None => told.push(Change::Removed(share.label.clone())),
            Some(now) => told.extend(of_share(share, &now)),
        }
    }
    let new = after.shares().filter(|share| find(before, &share.label).is_none());
    told.extend(new.map(|share| Change::Added(share.label.clone())));
    if before.own() != after.own() {
        told.push(Change::Own {
            joined: after.own().difference(before.own()).copied().collect(),
            left: before.own().difference(after.own()).copied().collect(),
        });
    }
    if before.interface() != after.interface() {
        told.push(Change::Interface);
    }
    if before.node() != after.node() {
        told.push(Change::Name);
    }
    told
}

fn of_share(before: &Share, after: &Share) -> Vec<Change> {
    let label = || before.label.clone();
    let ports = (before.ports != after.ports).then(|| Change::Ports(label()));
    let end = (before.until != after.until).then(|| Change::End(label()));
    let peers = (before.peers != after.peers).then(|| Change::Peers(label()));
    ports.into_iter().chain(end).chain(peers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(own: &str, interface: &str, shares: &str) -> Input {
        Input::from_json(&format!(
            r#"{{"node":"maple","revision":1,"interface":"{interface}","own":[{own}],"shares":[{shares}]}}"#
        ))
        .unwrap()
    }

    #[test]
    fn each_difference_is_named_once() {
        let before = input(
            r#""100.64.0.10","100.64.0.11""#,
            "tailscale0",
            r#"{"id":"a","tcp":["1"]},{"id":"b","tcp":["2"],"until":"2026-12-24T22:00:00Z"},{"id":"c","udp":["3"]}"#,
        );
        let after = input(
            r#""100.64.0.10","100.64.0.12""#,
            "ts1",
            r#"{"id":"b","tcp":["2-3"],"peers":["100.64.0.20"]},{"id":"c","udp":["3"]},{"id":"d","tcp":["4"]}"#,
        );
        let label = Label::new;
        let address = |text: &str| BTreeSet::from([text.parse().unwrap()]);
        assert_eq!(
            changes(&before, &after),
            [
                Change::Removed(label("a")),
                Change::Ports(label("b")),
                Change::End(label("b")),
                Change::Peers(label("b")),
                Change::Added(label("d")),
                Change::Own { joined: address("100.64.0.12"), left: address("100.64.0.11") },
                Change::Interface,
            ]
        );
        assert_eq!(changes(&after, &after), []);
    }
}
