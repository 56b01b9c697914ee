//! Where a name stands, and what rests on it there.

use serde::Serialize;

use crate::resolve::{Autogroup, Selector};

/// Where a policy names somebody or something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The source of a rule, for SSH too.
    Source,
    /// The destination of a rule.
    Destination,
    /// The destination of a rule for SSH.
    SshDestination,
    /// Machines that record what is done over SSH.
    Recorder,
    /// Whom or what an entry of `nodeAttrs` is for.
    Attributes,
    /// Whose routes and services need no approval by hand.
    Approver,
    /// Who may give a tag.
    TagOwner,
    /// An entry of `tests` or `sshTests`.
    Test,
}

impl Place {
    /// What follows from a name there that is not known here.
    pub(super) const fn consequence(self) -> &'static str {
        match self {
            Self::Source => "somebody not known here may get in by this",
            Self::Destination => "this may lead anywhere",
            Self::SshDestination => "this may let people log in on machines not known here",
            Self::Recorder => "which machines record is not known here",
            Self::Attributes => "which machines have what this gives is not known here",
            Self::Approver => "more may be approved by this than is known here",
            Self::TagOwner => "somebody not known here may give the tag",
            Self::Test => "nothing is said of it by this test",
        }
    }

    /// What follows from what is in another tailnet, where it is meant to be a machine.
    pub(super) const fn abroad(self) -> &'static str {
        match self {
            Self::Destination | Self::SshDestination | Self::Attributes | Self::Approver => {
                "no machine here is meant by this"
            }
            Self::Source | Self::Recorder | Self::TagOwner | Self::Test => self.consequence(),
        }
    }

    /// Whether a form of a name has its place there, in an entry that is no rule of the network: what the documentation
    /// of the policy file lists ("Tag owners", "Auto approvers", "Node attributes", "Tailscale SSH", "Autogroups") and
    /// what captures have.
    pub(super) const fn takes(self, selector: &Selector) -> bool {
        use Selector::{Autogroup as Auto, Domain, Group, IpSet, Login, Tag, Wildcard};
        let people = matches!(selector, Login(_) | Domain(_) | Group(_))
            || matches!(selector, Auto(Autogroup::Member | Autogroup::Role(_)));
        let tagged = matches!(selector, Tag(_) | Auto(Autogroup::Tagged));
        match self {
            Self::Source | Self::Approver => people || tagged,
            Self::SshDestination => {
                let own = matches!(selector, Auto(Autogroup::SelfOwned));
                own || tagged || (people && !matches!(selector, Domain(_) | Group(_)))
            }
            Self::Recorder => matches!(selector, Tag(_)),
            Self::TagOwner => people || matches!(selector, Tag(_)),
            Self::Attributes => {
                let addresses =
                    matches!(selector, Wildcard | IpSet(_) | Selector::Range(_) | Selector::Host(_));
                people || tagged || addresses
            }
            // Rules of the network tell of their destinations by what became of them, and tests of what they may ask.
            Self::Destination | Self::Test => true,
        }
    }
}
