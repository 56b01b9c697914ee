//! What pasted rules say about the text that is to be in place.

use std::fmt::Display;

use firewall::{Compared, Grip, Listing, LiveError, Part};
use model::Revision;
use model::host::Hold;

/// Of many differences the first few say enough.
const SHOWN: usize = 5;

/// In words, and what it proves.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    pub words: String,
    pub good: bool,
    /// The revision that is in force on the host, and whether nothing of it is missing or altered. Absent: the paste
    /// does not tell.
    pub seen: Option<(Revision, bool)>,
    /// Whether what is in force holds anything, if the paste tells.
    pub hold: Option<Hold>,
    /// How many packets had come in when it had seen none of them.
    pub unseen: Option<u64>,
}

/// What nft and both variants of iptables say of rules that are not there, or of a chain that nothing jumps to. Of firewalld's
/// zone nothing follows: the guard is not in it.
const GONE: [&str; 5] = [
    "Error: No such file or directory",
    "No chain/target/match by that name",
    // The variant that Debian has by default has these words for it.
    "Chain 'ACEQUIA' does not exist",
    "chain `ACEQUIA' in table `mangle' is incompatible",
    "does a matching rule exist in that chain",
];

/// `current` is the revision that ought to be there.
pub fn verdict(compared: &Compared, current: Revision, pasted: &str) -> Verdict {
    let found: Vec<Revision> = compared.live.revisions.iter().copied().collect();
    let differences = &compared.live.differences;
    let whole = differences.is_empty();
    let gone = GONE.iter().any(|words| pasted.contains(words));
    // Of a chain that is listed alone, what jumps to it is not in the list.
    let by_name = compared.listings.is_empty();
    let in_part = gone && (by_name || compared.listings.contains(&Listing::IptablesGuard));
    match found.as_slice() {
        [] if by_name && !gone => said(
            "No rules of ours are in there. If this is all that the check command printed, as root, the text is not in force on that host: put it in place as shown above, then check again. Nothing was noted here.",
            false,
            None,
        ),
        [] if by_name => said(
            "No rules of ours are in there: on that host the text is not in force. Put it in place as shown above, then check again.",
            false,
            Some((Revision::NONE, false)),
        ),
        // Some lists name no revision: `nixos-option` has values only.
        [] if whole => said(
            "The ports that it opens are those of the text. Which revision of the guard is in force does not stand in there: paste what the check command prints too.",
            true,
            None,
        ),
        [] => said(
            format!("It is not as the text says: {}. Put the text in place once more.", list(differences)),
            false,
            None,
        ),
        [revision] if *revision != current => said(
            format!(
                "Revision {revision} is in force there; the current one is {current}. Put the text in place, then check again."
            ),
            false,
            Some((*revision, whole)),
        ),
        // Of iptables there are two, and each is asked.
        [_] if in_part => said(
            format!(
                "Revision {current} is in force there in part only: some of its rules are not there. Put the text in place once more, then check again."
            ),
            false,
            Some((current, false)),
        ),
        [_] if !whole => said(
            format!(
                "Revision {current} is in force there, but its rules were changed: {}. Put the text in place once more.",
                list(differences)
            ),
            false,
            Some((current, false)),
        ),
        [_] => said(
            format!("Revision {current} is in force there{}.", shown(compared)),
            true,
            // The open part alone restricts nobody.
            (by_name || compared.shows(Part::Guard)).then_some((current, true)),
        ),
        _ => said(
            "There are rules of several revisions: the text was put in force in part only. Put it in place once more, then check again.",
            false,
            found.first().map(|oldest| (*oldest, false)),
        ),
    }
}

/// The list that would have the guard was pasted, and it is not in there.
pub fn nothing(error: &LiveError) -> Verdict {
    said(format!("{error}."), false, Some((Revision::NONE, false)))
}

/// The same with what the paste says of whether the guard holds anything.
pub fn holding(told: Verdict, hold: Option<Hold>, grip: &Grip) -> Verdict {
    // Rules that are not there hold nothing in any case.
    let Some((revision, _)) = told.seen.filter(|(revision, _)| !revision.is_none()) else { return told };
    let Verdict { words, good, seen, .. } = told;
    let interface = &grip.interface;
    let nothing = match hold {
        Some(Hold::NoInterface) => format!(
            "Revision {revision} is in force there, and holds nothing: it looks at the interface {interface}, and that host \
             has none of that name. Put in the name that `ip link` shows for the tailnet; with userspace networking there \
             is no interface, and no rule of the host holds."
        ),
        Some(Hold::Blind) => format!(
            "Revision {revision} is in force there, and holds nothing: packets came in on {interface} since you last \
             looked, and its counter is still at 0. Put the text in place once more, then check again."
        ),
        Some(Hold::Holds | Hold::Flushed) | None => String::new(),
    };
    let unseen = grip.unseen();
    if nothing.is_empty() {
        Verdict { words, good, seen, hold, unseen }
    } else {
        Verdict { words: nothing, good: false, seen, hold, unseen }
    }
}

/// What of it was compared rule by rule.
fn shown(compared: &Compared) -> &'static str {
    match (compared.shows(Part::Open), compared.shows(Part::Guard)) {
        (_, true) => ", and the rules are those of the text",
        (true, false) => {
            ", and the ports that it opens are those of the text; its guard does not stand in there"
        }
        (false, false) => ", by its name; paste the whole list, and the rules are compared too",
    }
}

fn said(words: impl Into<String>, good: bool, seen: Option<(Revision, bool)>) -> Verdict {
    Verdict { words: words.into(), good, seen, hold: None, unseen: None }
}

fn list(differences: &[impl Display]) -> String {
    let shown: Vec<String> = differences.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = differences.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    shown.join("; ") + &more
}

#[cfg(test)]
mod tests {
    use firewall::{Backend, Input, compare_pasted, render};

    use super::*;

    const OLD: Revision = Revision::new(6);
    const CURRENT: Revision = Revision::new(7);

    fn input(revision: Revision) -> Input {
        Input::from_json(&format!(
            r#"{{"node":"n","revision":{revision},"interface":"tailscale0","own":["100.64.0.10"],
                "shares":[{{"id":"mc","tcp":["25565"]}}]}}"#
        ))
        .unwrap()
    }

    fn of(backend: Backend, pasted: &str) -> Verdict {
        verdict(&compare_pasted(&input(CURRENT), backend, pasted).unwrap(), CURRENT, pasted)
    }

    #[test]
    fn each_paste_proves_what_it_shows_and_no_more() {
        let text = |revision, part| render(&input(revision), Backend::Nftables, part).text();
        let nft = |pasted: &str| of(Backend::Nftables, pasted);
        let whole = nft(&text(CURRENT, Part::Guard));
        assert_eq!((whole.good, whole.seen), (true, Some((CURRENT, true))));
        assert!(whole.words.ends_with("the rules are those of the text."), "{}", whole.words);

        let name = nft("rev 7");
        assert_eq!((name.good, name.seen), (true, Some((CURRENT, true))));
        assert!(name.words.contains("by its name"), "{}", name.words);

        let old = nft(&text(OLD, Part::Guard));
        assert_eq!((old.good, old.seen.map(|(revision, _)| revision)), (false, Some(OLD)));
        assert!(old.words.contains("the current one is 7"), "{}", old.words);

        let changed = nft(&text(CURRENT, Part::Guard).replace("25565", "22"));
        assert_eq!((changed.good, changed.seen), (false, Some((CURRENT, false))));
        assert!(changed.words.contains("25565"), "{}", changed.words);

        let nothing = nft("Error: No such file or directory");
        assert_eq!((nothing.good, nothing.seen), (false, Some((Revision::NONE, false))));
        // What failed for another reason is no word on the rules.
        for unclear in ["Operation not permitted (you must be root)", "nft: command not found", "hello"] {
            let unclear = nft(unclear);
            assert_eq!((unclear.good, unclear.seen), (false, None));
        }
        // What each tool says after its rules were flushed, and one family of two.
        let no_chain = "iptables: No chain/target/match by that name.\n";
        let no_chains = format!("{no_chain}ip6{no_chain}");
        for (backend, flushed) in [(Backend::Iptables, &*no_chains), (Backend::Ufw, &no_chains)] {
            let flushed = of(backend, flushed);
            assert_eq!((flushed.good, flushed.seen), (false, Some((Revision::NONE, false))), "{backend:?}");
            let half = of(backend, &format!("{no_chain}rev 7\n"));
            assert_eq!(
                (half.good, half.seen),
                (false, Some((CURRENT, false))),
                "{backend:?}: {}",
                half.words
            );
        }
        // By iptables 1.8.9 in its other variant. Fails without the last three of `GONE`.
        let absent = |tool: &str| {
            format!(
                "{tool} v1.8.9 (nf_tables): Chain 'ACEQUIA' does not exist\nTry `{tool} -h' or '{tool} --help' for more \
                 information.\n{tool} v1.8.9 (nf_tables): chain `ACEQUIA' in table `mangle' is incompatible, use 'nft' tool.\n"
            )
        };
        let flushed = of(Backend::Iptables, &format!("{}{}", absent("iptables"), absent("ip6tables")));
        assert_eq!((flushed.good, flushed.seen), (false, Some((Revision::NONE, false))), "{}", flushed.words);
        // Nothing jumps to a chain that is there, as each variant says it.
        for unjumped in ["iptables: Bad rule (does a matching rule exist in that chain?).\n", no_chain] {
            let both = of(Backend::Iptables, &format!("{unjumped}-c 0 0\nrev 7\n"));
            assert_eq!((both.good, both.seen), (false, Some((CURRENT, false))), "{}", both.words);
        }
        let zone = of(Backend::Firewalld, "Error: INVALID_ZONE: acequia\n");
        assert_eq!((zone.good, zone.seen), (false, None), "{}", zone.words);
        let mixed = nft("rev 6\nrev 7");
        assert_eq!((mixed.good, mixed.seen), (false, Some((OLD, false))));
    }

    #[test]
    fn the_open_part_alone_does_not_prove_that_a_guard_is_there() {
        let ufw = "Status: active\n\n     To                         Action      From\n     --                         \
                   ------      ----\n[ 1] 25565/tcp on tailscale0    ALLOW IN    Anywhere                   # \
                   acequia rev 7\n[ 2] 25565/tcp (v6) on tailscale0 ALLOW IN    Anywhere (v6)              # \
                   acequia rev 7\n";
        let open = of(Backend::Ufw, ufw);
        assert_eq!((open.good, open.seen), (true, None), "{}", open.words);
        assert!(open.words.contains("its guard does not stand in there"), "{}", open.words);
        // A host that pulls has its guard in nft, whatever its firewall.
        let guard = render(&input(CURRENT), Backend::Nftables, Part::Guard).text();
        let both = of(Backend::Ufw, &format!("{guard}{ufw}"));
        assert_eq!((both.good, both.seen), (true, Some((CURRENT, true))), "{}", both.words);
    }

    #[test]
    fn values_of_nixos_say_nothing_about_the_guard() {
        let pasted = "Value:\n{ tailscale0 = { allowedTCPPorts = [ 25565 ]; allowedTCPPortRanges = [ ]; allowedUDPPorts = [ ]; allowedUDPPortRanges = [ ]; }; }\n";
        let ports = of(Backend::NixosNftables, pasted);
        assert_eq!((ports.good, ports.seen), (true, None), "{}", ports.words);
        assert!(ports.words.contains("paste what the check command prints too"), "{}", ports.words);
        let others = of(Backend::NixosNftables, &pasted.replace("25565", "22"));
        assert_eq!((others.good, others.seen), (false, None), "{}", others.words);
    }
}
