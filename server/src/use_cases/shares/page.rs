//! The page of a share.

use app::fault::Fault;
use app::ports::gate::Gate;
use app::ports::shares::{JoinHelp, Party, ShareView, ToldView};
use model::host::ToldOfShare;
use model::{EndReason, ShareId, ShareState};

use super::invites::has_wrong_invite;
use super::telling::{attention, in_progress, steps_of};
use super::time::{can_change, longer_view};
use crate::failure::OrInternal as _;
use crate::planes;
use crate::store::guests::Guest;
use crate::store::shares::Share;
use crate::use_cases::Asker;
use crate::use_cases::rights::{SaysYes, Side};
use crate::words::share::ending::{Around, ending_means, unproven_means};
use crate::words::{account, checks, join, join_server};

impl Asker {
    /// All that one side of a share reads of it.
    pub(super) async fn share_page(&self, id: ShareId) -> Result<ShareView, Fault> {
        let (share, side) = self.my_share(id).await?;
        let db = &self.state.db;
        let names = self.names_of_share(&share).await?;
        let steps = db.list_steps(id).await.or_internal("list the steps")?;
        let placed = db.find_service(share.service).await.or_internal("read the service")?;
        let receiving = side == Side::Receiving;
        let says = if receiving { SaysYes::Nothing } else { self.says_yes(&share).await? };
        let active = matches!(share.state, ShareState::Active { .. });
        let waiting = matches!(share.state, ShareState::WaitingForFriend { .. });
        let invite_link = if receiving && waiting {
            planes::open_invite(&self.state, &share).or_internal("open the invite's link")?
        } else {
            None
        };
        let tailnet = db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let server = tailnet.as_ref().filter(|tailnet| tailnet.kind.is_headscale());
        // What stands in a file may be in force already: a friend may try.
        let in_file = share.state.attention().is_some_and(model::Attention::is_in_file);
        let way_in = match server {
            Some(server) if receiving => self.way_in(&share, server).await?,
            _ => None,
        };
        let guest = if server.is_some() { self.guest(&share).await? } else { None };
        let around = self.around(&share, receiving, server.is_some(), guest.as_ref()).await?;
        let signs_in =
            matches!(share.state, ShareState::Accepted { .. }) && guest.is_some_and(|guest| !guest.is_new());
        let mut join_help = None;
        let join = match (placed, server) {
            (Some(placed), Some(server)) if receiving && (active || in_file) => {
                let server = join_server::Server {
                    name: &server.name,
                    address: server.server(),
                    has_names: server.base_domain.is_some(),
                };
                let by_key = way_in.as_ref().is_some_and(|way| way.can_make_key || way.no_key.is_some());
                join_server::steps(&placed, share.login.as_str(), server, by_key)
            }
            (Some(_), Some(server)) if receiving && signs_in => {
                join_server::sign_in(server.server(), &server.name)
            }
            (Some(placed), None) if receiving && (active || waiting) => {
                let way = if waiting { checks::Way::InviteWaits } else { checks::Way::Open };
                join_help = Some(JoinHelp {
                    systems: account::systems(),
                    checks: checks::checks(&placed, &names.owner, share.login.as_str(), way),
                });
                join::steps(&placed, Some(share.login.as_str()))
            }
            _ => Vec::new(),
        };
        let mut stopped = attention(&share.state, receiving);
        if let Some(stopped) = &mut stopped {
            stopped.wants_load = says == SaysYes::All && self.waits_for_load(&share).await?;
        }
        Ok(ShareView {
            id,
            gate: self.gate_on_page(&share, says).await?,
            party: if receiving { Party::Friend } else { Party::Owner },
            tailnet: share.tailnet,
            node_id: share.node,
            note: names.note.clone(),
            login: if share.login.is_known() { share.login.to_string() } else { String::new() },
            accepted: share.accepted,
            seen_in_force: share.seen_in_force,
            told: self.told_of(&share, &names.node).await?,
            steps: steps_of(&share, &steps, server.is_some(), receiving),
            in_progress: in_progress(&share.state),
            attention: stopped,
            invite_link,
            join,
            join_help,
            way_in,
            own_reach: if receiving { self.own_reach(&share).await? } else { None },
            beyond: if says == SaysYes::All { self.beyond(&share, &names.friend).await? } else { None },
            host: if receiving { None } else { Some(self.standing_of_node(share.node).await?) },
            can_pause: !receiving && share.state.clone().pause().is_ok(),
            can_open_again: !receiving && share.state.clone().open_again().is_ok(),
            can_change_end: can_change(&share) && (!receiving || share.ends.is_some()),
            end_means: if receiving { Vec::new() } else { self.end_means(&share).await? },
            longer: longer_view(&share),
            can_renew_invite: !receiving && has_wrong_invite(&share),
            account: if receiving { self.account_of(&share, &names, tailnet.as_ref()).await? } else { None },
            can_end: share.state.clone().end(EndReason::OwnerEnded).is_ok(),
            can_check: !receiving && active,
            // The whole policy is for those who look after it.
            manual: if says == SaysYes::All { self.manual(&share).await? } else { None },
            unproven_means: if receiving { Vec::new() } else { unproven_means(&share, &names, around) },
            can_review: says != SaysYes::Nothing
                && (share.state.clone().apply().is_ok() || share.waits_for_other_ports()),
            other_ports: share.asked.clone().filter(|_| !receiving && share.waits_for_other_ports()),
            ending_means: ending_means(&share, (&names.friend, &names.service), around),
            history: self.history(id.uuid()).await?,
        })
    }

    /// What else there is of its friend.
    async fn around(
        &self,
        share: &Share,
        receiving: bool,
        on_server: bool,
        guest: Option<&Guest>,
    ) -> Result<Around, Fault> {
        let beside = self.state.db.list_open_shares_of_node(share.node).await;
        let beside = beside.or_internal("list the machine's shares")?.readable();
        Ok(Around {
            receiving,
            on_server,
            guest: guest.is_some_and(|guest| guest.is_new() && guest.login() == share.login.as_str()),
            another: beside.iter().any(|other| {
                other.friend == share.friend && other.id != share.id && other.state.may_be_in_force()
            }),
        })
    }

    /// Whoever says yes to it reads why it waits, where somebody approved it beforehand.
    async fn gate_on_page(&self, share: &Share, says: SaysYes) -> Result<Gate, Fault> {
        let mut gate = self.gate_of_share(share).await?;
        if says == SaysYes::All && gate.reason.is_none() {
            gate.reason = self.why_not_beforehand(share).await?;
        }
        Ok(gate)
    }

    async fn told_of(&self, share: &Share, node: &str) -> Result<Option<ToldView>, Fault> {
        let told = self.state.db.find_proof(share.id, self.state.now()).await;
        let told = told.or_internal("read what its machine told")?;
        Ok(told.map(|ToldOfShare { held, since, told }| ToldView {
            node: node.to_owned(),
            held,
            since,
            told,
        }))
    }
}
