//! The review of a share.

use std::fmt::Display;

pub const POLICY_ELSEWHERE: &str = "This policy is kept elsewhere (a repository, Terraform, or a file that Headscale \
                                    reads): what is written here will be overwritten from there. Put the text below \
                                    into that file instead.";
pub const ENDS_BY_HAND: &str = "Your credentials may read this policy and not write it. After your yes nothing opens by \
                               itself: the share's page gives you the exact lines to put in by hand, and it goes \
                               on when they are seen there.";
pub const INVITE_BY_HAND: &str = "Your credentials may not make invites: after your yes you make one in the admin \
                                  console and paste its link on the share's page.";
pub const WRITE_BY_HAND: &str = "Show you the lines of one rule, to be put into the policy by hand, and look every few \
                                 minutes whether they are there.";
pub const NO_RULES: &str = "Your policy has no rules and so allows everything";
pub const NARROW_FIRST: &str = "Narrow the policy: an edit of its own, which stays when the share ends.";
pub const WRITE_ONE_RULE: &str = "Write one rule into the policy, if nobody else changed it meanwhile.";
pub const READ_BACK: &str = "Read everything back: it is called open only when it was seen in force.";

/// Which rules let others in, by their lines.
pub fn lines(lines: &[String]) -> String {
    match lines {
        [] => NO_RULES.to_owned(),
        [one] => format!("Line {one} of your policy lets others in, friends included"),
        many => format!("Lines {} of your policy let others in, friends included", many.join(", ")),
    }
}

/// Of somebody who is an account of the owner's server already.
pub fn reaches_anyway(rule: &str, friend: &str, machines: &[&str]) -> String {
    let where_ = listed(machines);
    format!(
        "{rule}: {friend} is on this server already and reaches {where_} anyway. That opens by nothing that is done here, and \
         does not end with the share."
    )
}

/// Of somebody whom the server does not have yet.
pub fn newcomer_would_reach(rule: &str, friend: &str, service: &str, machines: &[&str]) -> String {
    let where_ = listed(machines);
    format!(
        "{rule}: as a new user of this server {friend} would reach {where_}, not just {service}. So it names everybody who is \
         there today first, or nothing is opened."
    )
}

fn listed(machines: &[&str]) -> String {
    match machines {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        all => all.join(", "),
    }
}

pub fn make_user(login: &str) -> String {
    format!(
        "Make the user {login} on the server, without a mail. A key for their device is made when they ask for it."
    )
}

pub fn would_reach_more(rule: &str, friend: &str, node: &str, service: &str) -> String {
    format!("{rule}: {friend} would reach more of {node} than {service}.")
}

pub fn narrowing_takes(who: &str) -> String {
    format!("Narrowing takes reach from other people you share with: {who}.")
}

pub fn literal_addresses(friend: &str) -> String {
    format!(
        "Rules with literal addresses may let {friend} reach more: their devices' addresses cannot be seen from \
         here."
    )
}

/// Rules, by their lines, that the engine does not understand as a whole.
pub fn not_understood(lines: &[String], friend: &str) -> String {
    let which = match lines {
        [one] => format!("Line {one} of your policy names"),
        many => format!("Lines {} of your policy name", many.join(", ")),
    };
    format!("{which} something that is not known here: that may let {friend} in besides.")
}

pub fn services_besides(friend: &str, names: &str) -> String {
    format!(
        "Other rules may let {friend} reach services besides: {names}. Whether those let people of other networks in is documented nowhere."
    )
}

pub fn is_member(login: impl Display) -> String {
    format!("{login} is a member of this tailnet and reaches what members reach; a member needs no share.")
}

pub fn is_redundant(friend: &str) -> String {
    format!("Other rules allow all of this already, so ending this share alone takes nothing from {friend}.")
}

pub fn make_invite(node: &str) -> String {
    format!("Make an invite for the machine {node}, for one person.")
}

pub fn keep_invite(node: &str) -> String {
    format!("Keep the invite for the machine {node} that is there: no other one is made.")
}

pub fn paste_invite(node: &str) -> String {
    format!("Wait for the link of an invite for the machine {node}, which you make in the admin console.")
}

pub fn accept_for(friend: &str) -> String {
    format!("Accept it for {friend}, whose tailnet is connected here.")
}

pub fn show_link(friend: &str) -> String {
    format!("Show its link to {friend}, and only to them.")
}

pub fn replace_rule(login: impl Display) -> String {
    format!("Replace the rule by one for {login}.")
}
