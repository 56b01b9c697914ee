//! A tailnet goes from its owner to a steward: what that means, said beforehand, and why it cannot be.

use crate::store::tailnets::NotHanded;

/// What there is to say of one.
#[derive(Clone, Debug)]
pub struct Meaning<'a> {
    /// Whose it would be.
    pub name: &'a str,
    pub tailnet: &'a str,
    pub on_headscale: bool,
    pub has_user_token: bool,
    /// Open offers to whoever would own it.
    pub offers: i64,
    /// Machines whose tokens the owner made.
    pub tokens: Vec<&'a str>,
    /// Its owner owns the instance, and the next one does not.
    pub no_longer_probed: bool,
}

pub fn means(meaning: &Meaning<'_>) -> Vec<String> {
    let Meaning { name, tailnet, on_headscale, has_user_token, offers, tokens, no_longer_probed } = meaning;
    let mut means = vec![
        format!(
            "{name} becomes the owner of {tailnet}, and may do there all that you may: change its credentials, say who its \
             stewards are, disconnect it. Only {name} can give it back."
        ),
        format!("Shares, offers and listings go on. Friends read that they have them from {name}."),
    ];
    if *has_user_token {
        means.push(format!(
            "Your user token is deleted: it is your own login, and invites would be made and accepted in your name. Until \
             {name} puts in one of their own, device invites are made in the console."
        ));
    }
    means.push(if *on_headscale {
        format!(
            "The API key stays stored, sealed. It may everything on the server, so a copy that you have does too, until \
             {name} puts in another one."
        )
    } else {
        format!(
            "The OAuth client stays stored, sealed. If you have a copy of its secret, that goes on working until {name} puts \
             in another client and deletes this one in the console."
        )
    });
    if *on_headscale {
        means.push(format!(
            "Your own machines on this server are {name}’s to lend then, unless it is said which account you are. The accounts \
             of others stay as they are."
        ));
    }
    means.push(
        "What you show to circles of yours there, or approved beforehand for their people, counts as long as you are a steward."
            .into(),
    );
    if *offers > 0 {
        let offers = if *offers == 1 { "1 open offer".to_owned() } else { format!("{offers} open offers") };
        means.push(format!("{offers} to {name} there: withdrawn, since it is theirs then."));
    }
    if !tokens.is_empty() {
        let machines = tokens.join(", ");
        means.push(format!(
            "You know the tokens that you made for {machines}. They go on working until {name} makes new ones."
        ));
    }
    means.push(format!(
        "What happened in {tailnet} so far is {name}’s to read. What you did yourself you go on reading."
    ));
    if *no_longer_probed {
        means.push(
            "Nobody asks any more whether its services answer: that is done in tailnets of an owner of this Acequia alone."
                .into(),
        );
    }
    means
}

/// For whoever owns it from then on.
pub fn handed_to_you(from: &str, tailnet: &str) -> String {
    let from = if from.is_empty() { "Somebody" } else { from };
    format!("{from} handed {tailnet} over to you")
}

pub const IS_YOURS: &str = "You look after it from now on: its shares, its credentials, and who its stewards are. Its page says what it needs.";

/// Without whoever did it: for the audit trail.
pub fn handed_over(name: &str, stays: bool) -> String {
    if stays {
        format!("handed it over to {name}, and stays as a steward")
    } else {
        format!("handed it over to {name}")
    }
}

pub fn why_not(why: &NotHanded, name: &str, most: u32) -> String {
    match why {
        NotHanded::Unknown => format!("{name} is no steward of it any more."),
        NotHanded::ShutOut => format!("{name} may not come in here now."),
        NotHanded::Full => {
            format!("{name} has as many tailnets as there can be: {most}.")
        }
        NotHanded::Already => format!("{name} has connected the same tailnet already."),
        NotHanded::Receives(shares) => {
            let shares = shares.iter().map(|(service, machine)| format!("{service} on {machine}"));
            let shares = shares.collect::<Vec<_>>().join(", ");
            format!(
                "{name} is the friend of shares there, and cannot be their owner too. End these first: {shares}."
            )
        }
    }
}
