//! What a friend reaches in the tailnet of a share, for the friend.

use app::fault::Fault;
use app::ports::shares::{OwnReach, ReachLine};
use model::ShareState;
use policy::reach::Note;
use policy::{Query, Who};

use super::{Asker, apart};
use crate::reach::{Judged, Known, told};
use crate::store::shares::Share;

impl Asker {
    /// Only of an open share: until the invite was opened with it, the login is a word that the friend typed, and
    /// whoever it belongs to must not be asked about.
    pub(super) async fn own_reach(&self, share: &Share) -> Result<Option<OwnReach>, Fault> {
        let ShareState::Active { since } = share.state else { return Ok(None) };
        let Some(seen) = self.seen(share.tailnet).await? else { return Ok(None) };
        let read = seen.head.read;
        let (judged, login) = (seen.judged, share.login.clone());
        let known = move || match judged.as_ref() {
            _ if read < since => {
                Err("The network was not read since this share was opened. It will be, by itself.")
            }
            Judged::Refused { .. } => Err("The owner’s policy could not be read, so it is not known here."),
            Judged::Known(known) if !known.sharing_known => {
                Err("With whom machines are shared could not be read, so it is not known here.")
            }
            Judged::Known(known) => Ok(of_recipient(known, login.as_str())),
        };
        Ok(Some(match apart(known).await? {
            Ok(lines) => OwnReach { lines, read: Some(read), unknown: None },
            Err(why) => OwnReach { lines: Vec::new(), read: Some(read), unknown: Some(why.into()) },
        }))
    }
}

/// Nothing for who is no share recipient: a member's reach is not told by a share.
fn of_recipient(known: &Known, login: &str) -> Vec<ReachLine> {
    if !known.engine.is_recipient(login) {
        return Vec::new();
    }
    let mut entries = told(known.engine.reach(&Query::from(Who::Login(login.to_owned()))));
    for entry in &mut entries {
        // Rules are the owner's.
        entry.rules.clear();
    }
    let condition = |note: &Note| match note {
        Note::ExitInvite => "only if the invite allows it",
        Note::Literal(_) => "possible, not certain",
        Note::Posture(_) | Note::Devices(_) => "from some devices only",
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
        let judged = Judged::of(text.into(), network, true);
        let known = judged.known().unwrap();
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
