//! Settings of the tailnet that change what the app may do. `None` means: the control plane did not tell.

use serde::{Deserialize, Serialize};

/// The settings that matter to us.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The policy is kept elsewhere (a git repository, Terraform): what is written through the API will be overwritten.
    pub policy_managed_elsewhere: Option<bool>,
    /// Where, if the owner wrote it down.
    pub policy_link: Option<String>,
    /// New machines wait for approval.
    pub devices_need_approval: Option<bool>,
    /// New members wait for approval.
    pub users_need_approval: Option<bool>,
    /// Who may join another tailnet or accept a share: `none`, `admin` or `member`.
    pub who_may_join_others: Option<String>,
}
