//! A list of rules is the rendered one or it is not, and no text that is pasted takes the reader down.

use firewall::{Backend, Input, Part, compare_pasted, render};
use proptest::prelude::*;

use super::{input, own, read, shares};
use crate::tools::live::{saved_by_hand, windows};

/// The lists that can be made without a tool: the rendered text of nft is one too.
fn lists(input: &Input) -> Vec<(Backend, String)> {
    let nft = |part| render(input, Backend::Nftables, part).text();
    vec![
        (Backend::Nftables, nft(Part::Guard) + &nft(Part::Open)),
        (Backend::Iptables, saved_by_hand(input, Part::Guard) + &saved_by_hand(input, Part::Open)),
        (Backend::Windows, windows::listed(input, Part::All)),
    ]
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.ends_with(" accept")
        || line.contains("counter drop")
        || line.starts_with("return comment")
        || line.starts_with("-A ")
        || line.starts_with("acequia ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_is_the_rendered_one_until_a_rule_is_taken_out_of_it_or_put_in(own in own(), shares in shares(), at in any::<prop::sample::Index>()) {
        let input = read(&input(&own, &shares, |i, _| format!("s{i}")));
        for (backend, text) in lists(&input) {
            let compared = compare_pasted(&input, backend, &text).unwrap();
            prop_assert!(compared.live.differences.is_empty(), "{}: {:#?}\n{}", backend, compared, &text);
            let lines: Vec<&str> = text.lines().collect();
            let rules: Vec<usize> = (0..lines.len()).filter(|at| is_rule(lines[*at])).collect();
            // A Windows guard without anything to block, as when all ports are shared, has no rule.
            if rules.is_empty() {
                continue;
            }
            let at = rules[at.index(rules.len())];
            let without = [&lines[..at], &lines[at + 1..]].concat().join("\n");
            let twice = [&lines[..=at], &lines[at..]].concat().join("\n");
            for changed in [without, twice] {
                let compared = compare_pasted(&input, backend, &changed).unwrap();
                let gone = compared.listings.len() < 2;
                prop_assert!(gone || !compared.live.differences.is_empty(), "{} {}:\n{}", backend, lines[at], changed);
            }
        }
    }

    #[test]
    fn no_text_takes_the_reader_down(own in own(), shares in shares(), garbage in ".{0,40}", at in any::<prop::sample::Index>(), from in any::<prop::sample::Index>()) {
        let input = read(&input(&own, &shares, |i, _| format!("s{i}")));
        let mut texts: Vec<String> = lists(&input).into_iter().map(|(_, text)| text).collect();
        for part in Part::ALL {
            texts.extend(Backend::ALL.map(|backend| render(&input, backend, part).text()));
        }
        texts.push("acequia (active)\n  ports: 1/tcp\n  icmp-block-inversion: no\n  rich rules: \n\trule\n".into());
        texts.push("Value:\n{ tailscale0 = { allowedTCPPorts = [ 1 2 ]; allowedUDPPortRanges = [ { from = 1; to = 2; } ]; }; }\n".into());
        texts.push("Status: active\n[ 1] 1:2/tcp (v6) on tailscale0 ALLOW IN Anywhere (v6) # acequia rev 7\n".into());
        for text in texts {
            let chars: Vec<char> = text.chars().collect();
            let (at, from) = (at.index(chars.len() + 1), from.index(chars.len() + 1));
            let spliced: String = chars[..at].iter().copied().chain(garbage.chars()).chain(chars[from..].iter().copied()).collect();
            for backend in Backend::ALL {
                // What it says is its own business; that it says something is what matters here.
                let _ = compare_pasted(&input, backend, &spliced);
            }
        }
    }
}
