//! What scopes and roles make possible.
//!
//! Sources: Tailscale "Trust credentials" (scopes, 2026-01-30) and "User roles" (2025-12-04).

use std::collections::BTreeSet;

use control_plane::Ability;

/// What a client with these scopes may do. `X` includes `X:read`; the older unsplit scopes still work. Creating and
/// accepting invites is refused to every client, however wide its scopes.
pub fn of_scopes(scopes: &[String]) -> BTreeSet<Ability> {
    let has = |names: &[&str], write: bool| {
        scopes.iter().any(|scope| {
            let (name, read_only) = match scope.strip_suffix(":read") {
                Some(name) => (name, true),
                None => (scope.as_str(), false),
            };
            (name == "all" || names.contains(&name)) && !(write && read_only)
        })
    };
    // Two spellings of the invite scope are in circulation.
    let invites = ["device_invites", "devices_invites"];
    [
        (Ability::ReadDevices, has(&["devices:core", "devices"], false)),
        (Ability::ReadUsers, has(&["users"], false)),
        (Ability::ReadPolicy, has(&["policy_file", "acl"], false)),
        (Ability::WritePolicy, has(&["policy_file", "acl"], true)),
        (Ability::ReadInvites, has(&invites, false)),
        (Ability::DeleteInvites, has(&invites, true)),
        // Whether the policy is kept elsewhere is governed by `policy_file`, the other settings by this one.
        (Ability::ReadSettings, has(&["feature_settings"], false)),
        (Ability::CreateAuthKeys, has(&["auth_keys"], true)),
    ]
    .into_iter()
    .filter_map(|(ability, held)| held.then_some(ability))
    .collect()
}

/// What a user token of somebody in this role may do. Nothing is promised for a role that is not known.
pub fn of_role(role: &str) -> BTreeSet<Ability> {
    let read = [
        Ability::ReadDevices,
        Ability::ReadSharedInDevices,
        Ability::ReadUsers,
        Ability::ReadPolicy,
        Ability::ReadSettings,
    ];
    let share =
        [Ability::ReadInvites, Ability::CreateInvites, Ability::DeleteInvites, Ability::AcceptInvites];
    let extra: &[Ability] = match role {
        "owner" | "admin" => &[Ability::WritePolicy, Ability::CreateAuthKeys],
        "it-admin" => &[Ability::CreateAuthKeys],
        "network-admin" => &[Ability::WritePolicy],
        "auditor" => &[],
        _ => return BTreeSet::new(),
    };
    let shares = matches!(role, "owner" | "admin" | "it-admin");
    read.into_iter().chain(extra.iter().copied()).chain(share.into_iter().filter(|_| shares)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> BTreeSet<Ability> {
        of_scopes(&text.split(' ').map(Into::into).collect::<Vec<_>>())
    }

    #[test]
    fn a_read_scope_does_not_write_and_no_client_makes_invites() {
        assert_eq!(scopes("policy_file:read"), BTreeSet::from([Ability::ReadPolicy]));
        assert_eq!(scopes("policy_file"), BTreeSet::from([Ability::ReadPolicy, Ability::WritePolicy]));
        let all = scopes("all");
        assert!(all.contains(&Ability::DeleteInvites));
        assert!(!all.contains(&Ability::CreateInvites) && !all.contains(&Ability::AcceptInvites));
        assert!(!scopes("all:read").contains(&Ability::WritePolicy));
    }

    #[test]
    fn only_owner_and_admin_can_do_the_whole_flow() {
        for (role, writes, shares) in [
            ("owner", true, true),
            ("admin", true, true),
            ("it-admin", false, true),
            ("network-admin", true, false),
            ("auditor", false, false),
            ("member", false, false),
        ] {
            let held = of_role(role);
            assert_eq!(held.contains(&Ability::WritePolicy), writes, "{role}");
            assert_eq!(held.contains(&Ability::CreateInvites), shares, "{role}");
        }
    }
}
