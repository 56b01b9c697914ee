use super::*;
use crate::{Step, Trouble};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

#[test]
fn a_share_goes_from_accepted_to_ended_and_not_back() {
    let active = ShareState::Accepted { again: None }
        .apply()
        .and_then(|s| s.wait_for_friend(NOW))
        .and_then(|s| s.activate(NOW))
        .unwrap();
    assert_eq!(active.clone().apply().unwrap_err().to_string(), "a share that is active cannot be applied");
    let ended = active.end(EndReason::Expired).and_then(|s| s.ended(NOW, None)).unwrap();
    assert!(ended.is_over());
    assert!(ended.clone().end(EndReason::OwnerEnded).is_err());
    assert!(ended.activate(NOW).is_err());
}

#[test]
fn a_stopped_share_goes_on_where_it_stopped() {
    let attention = Attention::look(Step::Invite, Trouble::SeveralInvites);
    let stopped = ShareState::Applying.stop(attention.clone()).unwrap();
    assert_eq!(stopped.resume().unwrap(), ShareState::Applying);
    let ending = ShareState::Ending { why: EndReason::Expired }.stop(attention).unwrap();
    assert_eq!(ending.clone().resume().unwrap(), ShareState::Ending { why: EndReason::Expired });
    assert!(ending.end(EndReason::OwnerEnded).is_err());
}

#[test]
fn states_survive_being_stored() {
    let state = ShareState::Ended { at: NOW, why: EndReason::Expired, open_question: None };
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(json, r#"{"state":"ended","at":"2027-01-15T08:00:00Z","why":"expired","open_question":null}"#);
    assert_eq!(serde_json::from_str::<ShareState>(&json).unwrap(), state);
}
