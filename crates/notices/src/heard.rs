//! What somebody hears of outside of the app: of which changes of what waits, as what, and by which ways if they never chose.

use model::{Channel, HeardAs, HeardKind, NoticeKind, ShareState, Timestamp};

use crate::{DAY, Notice, What};

/// A control plane that is away for less is no reason to write to anybody.
const AWAY_FOR: i64 = 15 * 60;
/// What opened or ended is told within this time: a later look at an old share tells nothing anew.
const FRESH: i64 = DAY;

/// What somebody hears of by a way, where they never chose. Absent: nobody on this side hears of it by any.
///
/// A mail is for what wants an answer or cannot be mended later; a push tells also what went well.
pub const fn by_default(heard_as: HeardAs, kind: HeardKind, channel: Channel) -> Option<bool> {
    use HeardKind::{
        Accepted, Asked, Attention, Credential, Declined, Ended, EndsTomorrow, Exposure, Offered, Open,
        Paused, Review,
    };
    let (mail, push) = match (heard_as, kind) {
        (
            HeardAs::Giver,
            Asked | Accepted | Declined | Review | EndsTomorrow | Attention | Credential | Exposure,
        )
        | (HeardAs::Friend, Offered | Declined | Open | Paused | EndsTomorrow | Ended) => (true, true),
        // They did it themselves, or agreed to it: news, and nothing to do.
        (HeardAs::Giver, Open | Paused | Ended) | (HeardAs::Friend, Attention) => (false, true),
        (HeardAs::Giver, Offered) | (HeardAs::Friend, Asked | Accepted | Review | Credential | Exposure) => {
            return None;
        }
    };
    Some(match channel {
        Channel::Mail => mail,
        Channel::Ntfy | Channel::Webhook => push,
    })
}

/// Which kind of notification a thing is; absent: it is told in the app alone.
pub const fn kind_of(what: &What) -> Option<HeardKind> {
    Some(match what {
        What::Review { again: None, ports: None } | What::NoAccountYet => HeardKind::Accepted,
        What::Review { .. } | What::PortsChanged => HeardKind::Review,
        What::Longer { .. } | What::AskedToLend { .. } | What::Asked { .. } => HeardKind::Asked,
        What::Attention { .. }
        | What::NotEnded { .. }
        | What::Unreadable
        | What::LeftAlone
        | What::Away { .. }
        | What::Policy { .. }
        | What::Host { .. }
        | What::HostSilent { .. }
        | What::HostText { .. }
        | What::ToldOtherwise { .. }
        | What::NameClash { .. }
        | What::Credential { refused: Some(_), .. }
        | What::AccountCame
        // From now on it is theirs to look after.
        | What::HandedOver => HeardKind::Attention,
        What::OpenInvite | What::Opened | What::LendingAnswered { accepted: true } => HeardKind::Open,
        What::Paused => HeardKind::Paused,
        What::EndsSoon => HeardKind::EndsTomorrow,
        What::Ended { .. } => HeardKind::Ended,
        // Whoever said yes without an account finds the way back in it.
        What::Offer | What::Account => HeardKind::Offered,
        What::Declined | What::Refused { .. } | What::LendingAnswered { accepted: false } => {
            HeardKind::Declined
        }
        What::Credential { refused: None, .. } => HeardKind::Credential,
        What::Exposure { .. } => HeardKind::Exposure,
        // Nobody answered: that is seen when somebody looks. And what could not be told is not told in the same way.
        What::Lapsed | What::Unmanaged { .. } | What::Untold { .. } | What::OfferUntold { .. } => {
            return None;
        }
    })
}

/// As what somebody hears of a thing, who is the friend of its share or not.
pub fn heard_as(what: &What, is_friend: bool) -> HeardAs {
    let to_a_friend =
        matches!(what.kind(), NoticeKind::Offer | NoticeKind::Refused | NoticeKind::LendingAnswered);
    if is_friend || to_a_friend { HeardAs::Friend } else { HeardAs::Giver }
}

/// From when on a new notice is told outside of the app.
pub fn due(notice: &Notice, now: Timestamp) -> Timestamp {
    let begins = match notice.what {
        What::Away { .. } => notice.since.min(now).plus_seconds(AWAY_FOR),
        _ => now,
    };
    begins.max(notice.opens)
}

/// Whether what waits now is worth telling, after what waited of the same thing and part before: told again is another
/// review, more reach than was told, and what waits from another time on. That the reason of a trouble is another one is read
/// in the app.
pub fn is_news(before: Option<&(What, Timestamp)>, after: &Notice, now: Timestamp) -> bool {
    let Some((was, opened)) = before else { return true };
    if after.opens != *opened && after.opens > now {
        return true;
    }
    match (was, &after.what) {
        (What::Review { .. }, What::Review { .. }) => *was != after.what,
        (What::Exposure { more: was, .. }, What::Exposure { more, .. }) => more > was,
        (What::Credential { refused: None, .. }, What::Credential { refused: Some(_), .. }) => true,
        _ => kind_of(was) != kind_of(&after.what),
    }
}

/// What is told of a share besides what waits: that it opened, is paused, or ended. With the time of that.
pub fn tidings(state: &ShareState, now: Timestamp) -> Option<(What, Timestamp)> {
    let (what, at) = match state {
        ShareState::Active { since } => (What::Opened, *since),
        ShareState::Paused { since } => (What::Paused, *since),
        ShareState::Ended { at, why, .. } => (What::Ended { why: *why }, *at),
        _ => return None,
    };
    (at.plus_seconds(FRESH) > now).then_some((what, at))
}

#[cfg(test)]
mod tests {
    use model::{PersonId, Trouble};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn notice(what: What, opens: Timestamp) -> Notice {
        let person = PersonId::new(Uuid::from_u128(1));
        Notice { person, what, part: "", since: NOW, opens, closes: None }
    }

    /// The table as a person reads it: rows are kinds, for each side mail and push. `·`: never heard of.
    #[test]
    fn who_hears_what_if_they_never_chose() {
        let cell = |heard_as, kind, channel| match by_default(heard_as, kind, channel) {
            None => '·',
            Some(true) => 'x',
            Some(false) => '-',
        };
        let row = |kind: &HeardKind| {
            let sides = HeardAs::ALL.map(|side| Channel::ALL.map(|channel| cell(side, *kind, channel)));
            let [giver, friend] = sides.map(|side| side.iter().collect::<String>());
            format!("{kind} {giver} {friend}")
        };
        let table: Vec<String> = HeardKind::ALL.iter().map(row).collect();
        assert_eq!(
            table,
            [
                "asked xxx ···",
                "offered ··· xxx",
                "accepted xxx ···",
                "declined xxx xxx",
                "review xxx ···",
                "open -xx xxx",
                "paused -xx xxx",
                "ends_tomorrow xxx xxx",
                "ended -xx xxx",
                "attention xxx -xx",
                "credential xxx ···",
                "exposure xxx ···",
            ]
        );
    }

    #[test]
    fn what_is_told_once_is_told_again_only_if_there_is_more_to_tell() {
        let always = Timestamp::from_micros(0);
        let review = |again: Option<&str>| What::Review { again: again.map(Into::into), ports: None };
        let before = |what: What| (what, always);
        assert!(is_news(None, &notice(review(None), always), NOW));
        assert!(!is_news(Some(&before(review(None))), &notice(review(None), always), NOW));
        assert!(is_news(Some(&before(review(None))), &notice(review(Some("the policy")), always), NOW));
        let share = model::ShareId::new(Uuid::from_u128(2));
        let exposure = |more| What::Exposure { share, first: "tcp 22 on maple".into(), more };
        assert!(is_news(Some(&before(exposure(0))), &notice(exposure(1), always), NOW));
        assert!(!is_news(Some(&before(exposure(1))), &notice(exposure(0), always), NOW));
        let away = |trouble| What::Away { trouble };
        let (one, other) = (away(Trouble::KeyFile), away(Trouble::Damaged));
        assert!(!is_news(Some(&before(one)), &notice(other, always), NOW), "the reason is read in the app");
    }

    #[test]
    fn an_end_that_is_moved_is_told_at_its_new_time() {
        let (sooner, later) = (NOW.plus_seconds(100), NOW.plus_seconds(500));
        let before = (What::EndsSoon, sooner);
        let moved = notice(What::EndsSoon, later);
        assert!(is_news(Some(&before), &moved, NOW));
        assert_eq!(due(&moved, NOW), later);
        assert!(!is_news(Some(&before), &notice(What::EndsSoon, sooner), NOW));
    }

    #[test]
    fn a_control_plane_that_is_away_for_a_moment_is_no_reason_to_write() {
        let away = notice(What::Away { trouble: Trouble::KeyFile }, Timestamp::from_micros(0));
        assert_eq!(due(&away, NOW), NOW.plus_seconds(15 * 60));
        let offer = notice(What::Offer, Timestamp::from_micros(0));
        assert_eq!(due(&offer, NOW), NOW);
    }

    #[test]
    fn what_opened_long_ago_is_not_told_when_its_share_is_looked_at_again() {
        let open = ShareState::Active { since: NOW };
        assert_eq!(tidings(&open, NOW), Some((What::Opened, NOW)));
        assert_eq!(tidings(&open, NOW.plus_seconds(FRESH)), None);
        assert_eq!(tidings(&ShareState::Applying, NOW), None);
        let paused = tidings(&ShareState::Paused { since: NOW }, NOW);
        assert_eq!(paused.map(|(what, at)| (kind_of(&what), at)), Some((Some(HeardKind::Paused), NOW)));
    }

    /// Of whatever is told outside of the app somebody hears by default, by each way that there is.
    #[test]
    fn every_kind_is_heard_by_somebody() {
        for kind in HeardKind::ALL {
            for channel in Channel::ALL {
                let heard =
                    HeardAs::ALL.into_iter().any(|side| by_default(side, kind, channel) == Some(true));
                assert!(heard, "{kind} by {channel}");
            }
        }
    }
}
