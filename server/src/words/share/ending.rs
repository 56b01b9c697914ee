//! What the end of a share means.

use crate::store::gates::Names;
use crate::store::shares::Share;

/// Besides what is stored of the share itself.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each by itself is a sentence, or none")]
pub struct Around {
    /// Whoever reads it is the friend.
    pub receiving: bool,
    /// The friend is an account of the owner's server.
    pub on_server: bool,
    /// That account was made for a share, and goes with the last one.
    pub guest: bool,
    /// The friend has another share of the same machine.
    pub another: bool,
}

pub fn ending_means(share: &Share, (friend, service): (&str, &str), around: Around) -> Vec<String> {
    let Around { receiving, on_server, guest, .. } = around;
    let mut means = Vec::new();
    if receiving {
        means.push(format!("You no longer reach {service}. Coming back needs a new offer."));
    } else {
        means.push(format!("{friend} no longer reaches {service}. Nobody else loses anything."));
    }
    if share.deeds.rule_begun {
        if !receiving {
            means.push("The rule is taken out of the policy; every other byte of it stays.".into());
        }
        if !on_server && !receiving {
            means.push("The device invite is deleted, and everything is read again.".into());
        }
        if guest {
            let whose = if receiving { "your" } else { "their" };
            means.push(format!(
                "If it is the last share with this account, {whose} keys, {whose} machines and the user that was made are \
                 taken out of the server (on Headscale 0.28 the user stays)."
            ));
        }
        means.extend(open_connections(friend, around));
    }
    means
}

/// What is closed when, and what closes the rest. An open connection lives as long as the two machines see each other, and
/// again whenever they do: the client's filter lets everything pass that opens nothing.
fn open_connections(friend: &str, around: Around) -> Vec<String> {
    let Around { receiving, on_server, guest, another } = around;
    let mut said = vec!["Nothing new can be opened, within seconds after the rule is out.".to_owned()];
    said.push(if another {
        "What is open now, a game for example, goes on: another share lets the two machines see each other.".to_owned()
    } else {
        "What is open now, a game for example, ends when the two machines no longer see each other. Where another rule lets \
         them, now or later, it goes on until it is closed."
            .to_owned()
    });
    if receiving {
        return said;
    }
    let machine = match (on_server, guest && !another) {
        (_, true) => "; that their machine is taken out of the server does it too".to_owned(),
        (true, false) => {
            format!(
                ", or take the machine of {friend} out of the server (that it is logged out is not enough)"
            )
        }
        (false, _) => String::new(),
    };
    said.push(format!(
        "To close that at once: the guard on the host does it with its next text; without it restart the service{machine}."
    ));
    said
}

/// What stays open when a share is called ended that nobody could see end.
pub fn unproven_means(share: &Share, names: &Names, around: Around) -> Vec<String> {
    let mut means = vec![format!(
        "{} may still reach {} on {}: nobody has seen that the gate is closed.",
        names.friend, names.service, names.node
    )];
    if share.deeds.rule_begun {
        means.push("The rule may still stand in the policy. If the policy can be read again one day, it is listed there as left over.".into());
    }
    if share.deeds.invite.is_some() {
        means.push("The invite may still be good, and the machine may still be in their list.".into());
    }
    if around.guest {
        means.push("The user that was made for them, their keys and their machines stay on the server. Take them away there, or a key that is good still lets a machine in.".into());
    }
    means.push("Acequia stops trying. The share is over here, with the words “not proven”, and the firewall text of the machine is without it.".into());
    means
}

/// As it stands in the state and in the audit trail.
pub fn not_proven(share: &Share, reason: &str) -> String {
    let mut left = Vec::new();
    if share.deeds.rule_begun {
        left.push(format!("the rule for {} may still be in the policy", share.login));
    }
    if let Some(invite) = &share.deeds.invite {
        left.push(format!("the invite {} may still be good", invite.id));
    }
    let left = if left.is_empty() { "it was not read again".to_owned() } else { left.join(", and ") };
    format!("not proven: {left}. What stopped it: {reason}")
}
