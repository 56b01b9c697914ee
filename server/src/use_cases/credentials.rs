//! Credentials in words: what each makes possible, and what is missing without it.

use app::ports::tailnets::{CredentialKind as Shown, CredentialState, CredentialView};
use control_plane::{Ability, CredentialKind};
use model::Timestamp;

use crate::store::tailnets::Credential;

/// What is read of a tailnet, and who here sees it.
pub(super) fn readable() -> Vec<String> {
    [
        "Machines: names, addresses, systems, tags, routes and when they were last seen. You and your stewards see them.",
        "People of the tailnet: logins, roles and how many devices. You and your stewards see them.",
        "The policy file, as it is. You and your stewards see it; a friend sees only what concerns them.",
        "Invites of machines, to tell who has which. Links are shown to the friend only.",
    ]
    .map(String::from)
    .to_vec()
}

/// Both kinds, also the one that is missing.
pub(super) fn views(stored: &[Credential], now: Timestamp) -> Vec<CredentialView> {
    [CredentialKind::Client, CredentialKind::UserToken]
        .map(|kind| view(kind, stored.iter().find(|credential| credential.kind == kind), now))
        .to_vec()
}

fn view(kind: CredentialKind, stored: Option<&Credential>, now: Timestamp) -> CredentialView {
    let shown = match kind {
        CredentialKind::Client => Shown::OauthClient,
        CredentialKind::UserToken => Shown::UserToken,
    };
    let Some(credential) = stored else {
        let without = match kind {
            CredentialKind::Client => "Without it nothing can be read.",
            CredentialKind::UserToken => {
                "Without it you make device invites in the console and paste their links here, and invites from friends cannot be accepted for you."
            }
        };
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

/// What is wrong with it, in a sentence.
pub(super) fn trouble(credential: &Credential, now: Timestamp) -> Option<String> {
    let which = crate::jobs::credential_words(credential.kind);
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
    }
}
