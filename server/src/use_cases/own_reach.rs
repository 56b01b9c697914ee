//! What a friend reaches in the tailnet of a share, for the friend.

use app::fault::Fault;
use app::ports::shares::{OwnReach, ReachLine};
use model::ShareState;
use policy::reach::Note;
use policy::{Query, Who};

use super::{Asker, apart};
use crate::reach::{Evaluation, ReachModel, without_echo};
use crate::store::shares::Share;
use crate::words;

impl Asker {
    /// Only of an open share: until the invite was opened with it, the login is a word that the friend typed, and
    /// whoever it belongs to must not be asked about.
    pub(super) async fn own_reach(&self, share: &Share) -> Result<Option<OwnReach>, Fault> {
        let ShareState::Active { since } = share.state else { return Ok(None) };
        let Some(seen) = self.cached_reach(share.tailnet).await? else { return Ok(None) };
        let read = seen.head.latest();
        let (evaluation, login) = (seen.evaluation, share.login.clone());
        let known = move || match evaluation.as_ref() {
            _ if read < since => Err(words::reach::NOT_READ_SINCE),
            Evaluation::Refused { .. } => Err(words::reach::OWNERS_POLICY_UNREAD),
            Evaluation::Known(known) if !known.sharing_known => Err(words::reach::SHARING_UNREAD),
            Evaluation::Known(known) => Ok(of_recipient(known, login.as_str())),
        };
        Ok(Some(match apart(known).await? {
            Ok(lines) => OwnReach { lines, read: Some(read), unknown: None },
            Err(why) => OwnReach { lines: Vec::new(), read: Some(read), unknown: Some(why.into()) },
        }))
    }
}

/// Nothing for who is no share recipient: a member's reach is not told by a share. On a Headscale every friend is an account
/// of the server, and what they reach is what the share is for.
fn of_recipient(known: &ReachModel, login: &str) -> Vec<ReachLine> {
    if !known.language.dialect.is_headscale() && !known.engine.is_recipient(login) {
        return Vec::new();
    }
    let mut entries = without_echo(known.engine.reach(&Query::from(Who::Login(login.to_owned()))));
    for entry in &mut entries {
        // Rules are the owner's.
        entry.rules.clear();
    }
    let condition = |note: &Note| match note {
        Note::ExitInvite => words::reach::IF_INVITE_ALLOWS,
        Note::Literal(_) | Note::Unknown(_) => words::reach::NOT_CERTAIN,
        Note::Posture(_) | Note::Devices(_) => words::reach::FROM_SOME_DEVICES,
    };
    let mut lines = Vec::new();
    for entry in &entries {
        let words = entry.note.as_ref().map(condition).map(ToOwned::to_owned);
        let bare = policy::reach::Entry { note: None, ..entry.clone() };
        lines.push((words, bare));
    }
    let mut all: Vec<ReachLine> = Vec::new();
    for chunk in lines.chunk_by(|(a, x), (b, y)| a == b && x.node == y.node) {
        let entries: Vec<_> = chunk.iter().map(|(_, entry)| entry.clone()).collect();
        let said = crate::reach::lines(&entries, "", |_| "You".into());
        all.extend(said.into_iter().map(|line| ReachLine { note: chunk[0].0.clone(), ..line }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_friend_learns_what_they_reach_and_nothing_of_the_policy() {
        let network = r#"{"users": [{"name": "ana", "email": "ana@example.com"},
                {"name": "dee", "email": "dee@github", "type": "shared"}],
            "nodes": {"mc": {"ipv4": "100.64.0.9", "user": "ana", "shared_to": ["dee@github"]},
                "nas": {"ipv4": "100.64.0.10", "user": "ana"}}}"#;
        let text = r#"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["tcp:25565"]},
            {"src": ["100.99.0.0/16"], "dst": ["*"], "ip": ["tcp:22"]}]}"#;
        let evaluation = Evaluation::of(text.into(), network, true, policy::Dialect::Tailscale);
        let known = evaluation.known().unwrap();
        let dee = of_recipient(known, "dee@github");
        let said: Vec<_> = dee.iter().map(|line| (&*line.node, &*line.what, line.note.as_deref())).collect();
        assert_eq!(said, [("mc", "tcp 25565", None), ("mc", "tcp 22", Some("possible, not certain"))]);
        assert!(dee.iter().all(|line| line.rules.is_empty() && line.who == "You"));
        assert!(
            of_recipient(known, "ana@example.com").is_empty(),
            "whoever claims to be a member learns nothing"
        );
        assert!(of_recipient(known, "eve@github").is_empty());
    }
}
