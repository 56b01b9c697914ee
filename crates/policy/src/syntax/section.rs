//! The sections of a policy file.

use std::fmt;

use serde::Serialize;

macro_rules! sections {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $(| $old:literal)*),* $(,)?) => {
        /// A top-level part of the policy file, and the one rule that applies when a file has no rules.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Section {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
            /// The default: everything is allowed, because there are neither `acls` nor `grants`.
            #[serde(rename = "default")]
            Default,
        }

        impl Section {
            /// The name as it is written today.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Default => "default",
                }
            }

            /// Whether it says who reaches what, so that nothing of it can be left out without a wrong answer about that.
            pub const fn decides_reach(self) -> bool {
                !matches!(
                    self,
                    Self::TagOwners
                        | Self::AutoApprovers
                        | Self::Ssh
                        | Self::NodeAttrs
                        | Self::Tests
                        | Self::SshTests
                        | Self::RandomizeClientPort
                        | Self::OneCgnatRoute
                        | Self::DerpMap
                        | Self::ExternalTailnets
                        | Self::AttrConfig
                )
            }

            /// The section that a key of the file names, if it is a known one.
            pub fn of_key(key: &str) -> Option<Self> {
                $(if key.eq_ignore_ascii_case($name) $(|| key.eq_ignore_ascii_case($old))* {
                    return Some(Self::$variant);
                })*
                None
            }
        }
    };
}

sections! {
    /// Who may reach what, the older form.
    Acls = "acls",
    /// Who may reach what, the newer form.
    Grants = "grants",
    /// Named sets of users.
    Groups = "groups",
    /// Names for addresses and prefixes.
    Hosts = "hosts",
    /// Named sets of addresses.
    IpSets = "ipsets",
    /// Who may give a tag.
    TagOwners = "tagOwners",
    /// Whose routes need no approval by hand.
    AutoApprovers = "autoApprovers",
    /// Who may log in over SSH.
    Ssh = "ssh",
    /// Attributes given to nodes.
    NodeAttrs = "nodeAttrs",
    /// Named conditions on devices.
    Postures = "postures",
    /// The posture for rules without one.
    DefaultSrcPosture = "defaultSrcPosture",
    /// What must hold, or the policy is refused.
    Tests = "tests",
    /// What must hold for SSH, or the policy is refused.
    SshTests = "sshTests",
    /// Devices choose a random port.
    RandomizeClientPort = "randomizeClientPort",
    /// Devices get no IPv4 address.
    DisableIpv4 = "disableIPv4",
    /// How routes to the tailnet's range are set.
    OneCgnatRoute = "OneCGNATRoute",
    /// Own relay servers.
    DerpMap = "derpMap",
    /// Other tailnets whose people and tags rules may name (declarative node sharing).
    ExternalTailnets = "externalTailnets",
    /// Settings of own posture attributes; they decide about no reach.
    AttrConfig = "attrConfig",
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
