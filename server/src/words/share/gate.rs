//! Why a gate is in the state that it is in.

use model::text::capitalised;
use model::{EndReason, Need, Phase, ServicePorts, ShareState};
use sharing::words::words;

pub fn other_ports(asked: &ServicePorts) -> String {
    format!("It waits for your review: it is to have {asked}.")
}

pub const OPEN_THE_INVITE: &str = "Open the invite, and the gate is open for you.";
pub const MAKE_AN_ACCOUNT: &str = "Make an account, and tell it on the page of this share.";
pub const EVERYBODY_ANSWERED: &str = "Everybody it was for has answered.";
pub const SAID_NO: &str = "They said no.";
pub const NOBODY_ANSWERED: &str = "Nobody answered in time.";
pub const END_HAS_PASSED: &str = "Its end has passed.";
const fn why_in_words(why: EndReason) -> &'static str {
    match why {
        EndReason::Expired => "The agreed time is over.",
        EndReason::OwnerEnded => "The owner ended it.",
        EndReason::FriendEnded => "The friend gave it back.",
        EndReason::InviteLapsed => "The invite was not opened within its 30 days.",
        EndReason::ShutOut => "One of the two may no longer come in here.",
    }
}

pub fn reason(state: &ShareState) -> Option<String> {
    match state {
        ShareState::AccountMissing { .. } => {
            Some("The friend said yes and has no account yet. They are shown how to make one.".into())
        }
        ShareState::Pausing => Some("The owner pauses it.".into()),
        ShareState::Paused { .. } => Some("The owner paused it. Its time goes on.".into()),
        ShareState::Accepted { again } => again.as_ref().map(|why| format!("Needs another review: {why}.")),
        ShareState::WaitingForFriend { .. } => Some("The friend has not opened the invite yet.".into()),
        ShareState::Drifted { attention } => Some(words(attention).reason),
        ShareState::NeedsAttention { attention, phase } => {
            let waiting = if attention.need == Need::Time { " It is tried again by itself." } else { "" };
            let doing = match phase {
                Phase::End { .. } => "It is ending, and stopped: ",
                Phase::Pause => "It is being paused, and stopped: ",
                Phase::Apply => "",
            };
            Some(format!("{doing}{}{waiting}", words(attention).reason))
        }
        ShareState::Ended { why, open_question: Some(question), .. } => {
            Some(format!("{} {}", why_in_words(*why), capitalised(question)))
        }
        ShareState::Ending { why } | ShareState::Ended { why, .. } => Some(why_in_words(*why).into()),
        ShareState::Applying | ShareState::Active { .. } => None,
    }
}
