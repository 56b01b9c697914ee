//! Credentials in words: what each makes possible, and what is missing without it.

use app::ports::tailnets::{CredentialKind as Shown, CredentialState, CredentialView};
use control_plane::{Ability, CredentialKind};
use model::secrets::KeyKind;
use model::{PlaneKind, Timestamp};

use crate::store::tailnets::Credential;

/// What is read of a tailnet, and who here sees it.
pub fn readable(kind: PlaneKind) -> Vec<String> {
    let invites = "Invites of machines, to tell who has which. Links are shown to the friend only.";
    let accounts = "Names and mails of accounts, so that you can say which of them a friend is.";
    [
        "Machines: names, addresses, systems, tags, routes and when they were last seen. You and your stewards see them.",
        "People of the tailnet: logins, roles and how many devices. You and your stewards see them; auditors see who reaches what.",
        "The policy file, as it is. You, your stewards and auditors see it; a friend sees only what concerns them.",
        if kind.is_headscale() { accounts } else { invites },
    ]
    .map(String::from)
    .to_vec()
}

/// What a kind of credential is called.
pub const fn name(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Client => "OAuth client",
        CredentialKind::UserToken => "user token",
        CredentialKind::ApiKey => "API key",
    }
}

/// Both kinds that a tailnet is connected with, what pages call them, and what cannot be done without.
const KINDS: [(CredentialKind, Shown, &str); 2] = [
    (CredentialKind::Client, Shown::OauthClient, "Without it nothing can be read."),
    (
        CredentialKind::UserToken,
        Shown::UserToken,
        "Without it you make device invites in the console and paste their links here, and invites from friends cannot be accepted for you.",
    ),
];

/// All kinds that a network is connected with, also the one that is missing.
pub fn views(stored: &[Credential], kind: PlaneKind, now: Timestamp) -> Vec<CredentialView> {
    let found = |kind| stored.iter().find(|credential| credential.kind == kind);
    if kind.is_headscale() {
        let without = "Without it nothing can be read.";
        return vec![view(Shown::ApiKey, without, found(CredentialKind::ApiKey), now)];
    }
    KINDS.map(|(kind, shown, without)| view(shown, without, found(kind), now)).to_vec()
}

fn view(shown: Shown, without: &str, stored: Option<&Credential>, now: Timestamp) -> CredentialView {
    let Some(credential) = stored else {
        return CredentialView {
            kind: shown,
            state: CredentialState::Missing,
            hint: None,
            expires: None,
            makes_possible: vec![without.into()],
        };
    };
    let checked = credential.checked;
    let state = match (&credential.refused, credential.expires) {
        (_, Some(at)) if at <= now => CredentialState::Expired { at },
        (Some(why), _) => CredentialState::Refused { checked, why: why.clone() },
        (None, _) => CredentialState::Good { checked },
    };
    let abilities = credential.report.iter().flat_map(|report| &report.abilities);
    CredentialView {
        kind: shown,
        state,
        hint: Some(credential.hint.clone()),
        expires: credential.expires,
        makes_possible: abilities.map(|ability| in_words(*ability).to_owned()).collect(),
    }
}

/// A key that was pasted into a field that is not for it: what it is, and which field it belongs to. The key itself is in no
/// sentence.
pub const fn pasted_elsewhere(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Client => "this is the secret of an OAuth client: it belongs into the field “Client secret”",
        KeyKind::ApiToken => {
            "this is an API access token of a user: it belongs into the field “User token” on the page of the tailnet"
        }
        KeyKind::AuthKey => {
            "this is a key that brings a machine in: it belongs on that machine, and into no field here"
        }
        KeyKind::Headscale => "this is a key of a Headscale: it belongs into no field for Tailscale",
        KeyKind::Other => "this is another key of Tailscale: it belongs into no field here",
    }
}

/// What cannot be done for a share with these credentials, and how it goes then.
pub fn missing(stored: &[Credential], now: Timestamp) -> Vec<String> {
    let works = |credential: &&Credential| {
        credential.refused.is_none() && credential.expires.is_none_or(|at| at > now)
    };
    let may = |ability: Ability| {
        let reports = stored.iter().filter(works).filter_map(|credential| credential.report.as_ref());
        reports.into_iter().any(|report| report.abilities.contains(&ability))
    };
    let needed = [
        (
            Ability::WritePolicy,
            "An OAuth client with the scope policy_file, to write the rule. Without it you put the rule in by hand.",
        ),
        (
            Ability::CreateInvites,
            "A user token, to make the device invite. Without it you make the invite in the console and paste its link here.",
        ),
        (
            Ability::DeleteInvites,
            "An OAuth client with the scope device_invites, to delete the invite at the end. Without it you do so in the console.",
        ),
    ];
    needed.into_iter().filter(|(ability, _)| !may(*ability)).map(|(_, words)| words.to_owned()).collect()
}

/// What is wrong with it, in a sentence.
pub fn trouble(credential: &Credential, now: Timestamp) -> Option<String> {
    let which = name(credential.kind);
    if credential.expires.is_some_and(|at| at <= now) {
        return Some(format!("The {which} has expired."));
    }
    credential.refused.as_ref().map(|why| format!("The {which} is refused. {why}"))
}

const fn in_words(ability: Ability) -> &'static str {
    match ability {
        Ability::ReadDevices => "Read the list of machines and their routes",
        Ability::ReadSharedInDevices => "See machines that others shared with you",
        Ability::ReadUsers => "Read members and share recipients",
        Ability::ReadPolicy => "Read the policy and try out changes",
        Ability::WritePolicy => "Write the policy: rules of shares in and out",
        Ability::ReadInvites => "Read device invites",
        Ability::CreateInvites => "Make device invites",
        Ability::DeleteInvites => "Delete device invites when a share ends",
        Ability::AcceptInvites => "Accept invites from friends for you",
        Ability::ReadSettings => "Read the tailnet's settings",
        Ability::CreateAuthKeys => "Make auth keys for new machines",
        Ability::ManageUsers => "Make, rename and delete accounts",
        Ability::ManageDevices => "Log machines out, and delete them",
    }
}
