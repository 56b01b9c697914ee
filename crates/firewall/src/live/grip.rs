//! Whether a guard that is in force sees what comes in: whether its interface is there, and what its counters say.
//!
//! A guard for another interface than the tailnet's holds nothing, and nothing else on the host says so: tailscaled runs
//! under another name, or in userspace, where there is no interface at all.

use model::host::Hold;
use serde::{Deserialize, Serialize};

use crate::Input;

/// The comment of the rule that counts what comes in through the tailnet.
pub(crate) const SEEN: &str = "acequia seen";

/// What a pasted text says of it, as far as it says anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grip {
    /// The interface that the rules in force look at.
    pub interface: String,
    /// Whether there is such an interface, if the text has a list of them.
    pub there: Option<bool>,
    /// How many packets came in on it since it was made.
    pub received: Option<u64>,
    /// How many of them the guard has seen since it was loaded; of some texts at least so many, and 0 is none.
    pub seen: Option<u64>,
}

impl Grip {
    /// Whether the guard holds anything, if that can be told. `unseen` is how many packets had come in when the same rules
    /// were looked at before and had seen none.
    pub fn hold(&self, unseen: Option<u64>) -> Option<Hold> {
        match (self.there, self.seen) {
            (Some(false), _) => Some(Hold::NoInterface),
            (_, Some(1..)) => Some(Hold::Holds),
            (Some(true), Some(0)) => {
                let more = self.received.zip(unseen).is_some_and(|(now, before)| now > before);
                more.then_some(Hold::Blind)
            }
            _ => None,
        }
    }

    /// How many packets had come in when these rules had seen none, to be compared with the next time.
    pub fn unseen(&self) -> Option<u64> {
        self.received.filter(|_| self.seen == Some(0))
    }
}

/// Reads `/proc/net/dev`, and the counters of `nft list`, `iptables-save -c` and `iptables -v -S`, wherever they stand in a
/// text.
pub(super) fn of(input: &Input, pasted: &str) -> Grip {
    let lines = || pasted.lines().map(str::trim);
    let interface = lines().find_map(looked_at).unwrap_or_else(|| input.interface().as_str());
    let interfaces: Vec<(&str, u64)> = lines().filter_map(received).collect();
    // Every system has `lo`: a list without any is none.
    let there = (!interfaces.is_empty()).then(|| interfaces.iter().any(|(name, _)| *name == interface));
    let found = interfaces.iter().find(|(name, _)| *name == interface);
    let by_nft = lines().find(|line| line.contains(SEEN)).and_then(packets);
    let by_iptables = || lines().filter_map(inside).reduce(u64::saturating_add);
    Grip {
        interface: interface.to_owned(),
        there,
        received: found.map(|(_, packets)| *packets),
        seen: by_nft.or_else(by_iptables),
    }
}

/// The interface of the rule that lets everything else pass.
fn looked_at(line: &str) -> Option<&str> {
    let rule = counted(line).map_or(line, |(rule, _)| rule);
    let by_nft = || rule.strip_prefix("iifname != \"")?.split_once('"').map(|(name, _)| name);
    let by_iptables = || rule.strip_prefix("-A ACEQUIA ! -i ")?.split_once(' ').map(|(name, _)| name);
    by_nft().or_else(by_iptables)
}

/// A line of `/proc/net/dev`: a name, and sixteen numbers, of which the second counts packets.
fn received(line: &str) -> Option<(&str, u64)> {
    let (name, numbers) = line.split_once(':')?;
    let numbers: Vec<u64> = numbers.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let packets = (numbers.len() == 16).then(|| numbers.get(1).copied())??;
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some((name, packets))
}

/// `… packets N …`
fn packets(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once("packets ")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// What one rule of the guard in iptables counted, but for the one that lets pass what came in elsewhere.
fn inside(line: &str) -> Option<u64> {
    // The check command prints this alone, and leaves that one out.
    if let Some(counter) = line.strip_prefix("-c ") {
        return counter.split(' ').next()?.parse().ok();
    }
    let (rule, count) = counted(line)?;
    (rule.starts_with("-A ACEQUIA ") && !rule.contains(" ! -i ")).then_some(count)
}

/// `[packets:bytes] -A …` of `iptables-save -c`, or `-A … -c packets bytes -j …` of `iptables -v -S`.
fn counted(line: &str) -> Option<(&str, u64)> {
    if let Some((counter, rule)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        return Some((rule, counter.split_once(':')?.0.parse().ok()?));
    }
    let (_, counter) = line.split_once(" -c ")?;
    Some((line, counter.split(' ').next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input() -> Input {
        Input::from_json(
            r#"{"node":"n","revision":7,"interface":"tailscale0","own":["100.64.0.10"],"shares":[]}"#,
        )
        .unwrap()
    }

    const DEVICES: &str = "Inter-|   Receive                                                |  Transmit\n \
        face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    \
        lo: 1160 14 0 0 0 0 0 0 1160 14 0 0 0 0 0 0\n  \
        ts9: 86410 812 0 0 0 0 0 0 9034 77 0 0 0 0 0 0\n";

    #[test]
    fn a_list_of_interfaces_says_whether_the_one_of_the_rules_is_there() {
        let guard = |name: &str| {
            format!(
                "table inet acequia {{\n\tchain guard {{\n\t\tiifname != \"{name}\" accept\n\
                 \t\tcounter packets 0 bytes 0 comment \"acequia seen\"\n\t\tcounter packets 3 bytes 9 drop comment \"acequia rev 7\"\n"
            )
        };
        let gone = of(&input(), &format!("{DEVICES}{}", guard("tailscale0")));
        assert_eq!((gone.there, gone.received, gone.seen), (Some(false), None, Some(0)));
        // What is in force counts, not what ought to be.
        let other = of(&input(), &format!("{DEVICES}{}", guard("ts9")));
        assert_eq!((other.there, other.received, other.seen), (Some(true), Some(812), Some(0)));
        assert_eq!(other.interface, "ts9");
        // Without a list nothing is known.
        let alone = of(&input(), &guard("tailscale0"));
        assert_eq!((alone.there, alone.received), (None, None));
        assert_eq!(of(&input(), "rev 7\n"), Grip { interface: "tailscale0".into(), ..Grip::default() });
        // By the check command.
        let checked =
            of(&input(), &format!("{DEVICES}packets 5 bytes 300 comment \"acequia seen\"\nrev 7\n"));
        assert_eq!((checked.there, checked.seen), (Some(false), Some(5)));
    }

    #[test]
    fn a_counter_that_stays_at_nothing_while_packets_come_in_is_told_the_second_time() {
        let grip = |there, received, seen| Grip { interface: "ts9".into(), there, received, seen };
        // It may have been loaded a moment ago.
        let first = grip(Some(true), Some(812), Some(0));
        assert_eq!((first.hold(None), first.unseen()), (None, Some(812)));
        assert_eq!(first.hold(Some(812)), None, "nothing came in since");
        assert_eq!(grip(Some(true), Some(813), Some(0)).hold(Some(812)), Some(Hold::Blind));
        // The machine was started anew.
        assert_eq!(grip(Some(true), Some(4), Some(0)).hold(Some(812)), None);
        let holds = grip(Some(true), Some(900), Some(3));
        assert_eq!((holds.hold(Some(812)), holds.unseen()), (Some(Hold::Holds), None));
        assert_eq!(grip(Some(false), None, Some(0)).hold(None), Some(Hold::NoInterface));
        assert_eq!(grip(None, None, Some(0)).hold(Some(1)), None, "the text does not say");
    }

    #[test]
    fn counters_of_iptables_are_added_up_but_for_what_came_in_elsewhere() {
        let text = "[9000:1] -A ACEQUIA ! -i ts9 -j RETURN\n[2:120] -A ACEQUIA -p icmp -j RETURN\n\
                    [3:180] -A ACEQUIA -m comment --comment \"acequia rev 7\" -j DROP\n[7:1] -A PREROUTING -j ACEQUIA\n";
        let grip = of(&input(), text);
        assert_eq!((grip.interface.as_str(), grip.seen, grip.there), ("ts9", Some(5), None));
        // Without counters nothing was counted.
        assert_eq!(of(&input(), &text.replace("[2:120] ", "").replace("[3:180] ", "")).seen, None);
    }

    /// As iptables 1.8.9 prints it, in both variants. Fails if `inside` knows `iptables-save` alone, as it did.
    #[test]
    fn the_check_command_of_iptables_shows_its_counters_with_and_without_its_greps() {
        let listed = |icmp: u64, last: u64| {
            format!(
                "-N ACEQUIA\n-A ACEQUIA ! -i ts9 -c 9000 1 -j RETURN\n-A ACEQUIA -p icmp -c {icmp} 168 -j RETURN\n\
                 -A ACEQUIA -m comment --comment \"acequia rev 7\" -c {last} 29 -j DROP\n"
            )
        };
        let grip = of(&input(), &format!("{DEVICES}{}", listed(2, 3)));
        assert_eq!((grip.interface.as_str(), grip.there, grip.seen), ("ts9", Some(true), Some(5)));
        assert_eq!(of(&input(), &listed(0, 0)).seen, Some(0), "what came in elsewhere is not counted");
        let here = DEVICES.replace("ts9", "tailscale0");
        let checked = |counters: &str| of(&input(), &format!("{here}{counters}rev 7\n"));
        let seen = checked("-c 0 0\n-c 1 29\n-c 4 168\n");
        assert_eq!((seen.there, seen.received, seen.seen), (Some(true), Some(812), Some(5)));
        let none = checked("-c 0 0\n");
        assert_eq!((none.seen, none.unseen()), (Some(0), Some(812)));
        assert_eq!(none.hold(Some(800)), Some(Hold::Blind));
        assert_eq!(checked("").seen, None, "by the check command of before");
    }
}
