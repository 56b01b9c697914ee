//! What `iptables -S` prints of the guard, of our chain alone or of the whole table, is compared as `iptables-save` is.

use firewall::{Backend, Input, Listing, Part, compare_pasted, render};

use crate::cases;

/// The rules of one family as the kernel lists them: with the length of each address.
fn rules(text: &str, tool: &str) -> Vec<String> {
    let head = format!("{tool}-restore -w --noflush <<'RULES'\n*mangle\n:ACEQUIA - [0:0]\n");
    let (_, rest) = text.split_once(&head).unwrap();
    let (rules, _) = rest.split_once("\nCOMMIT").unwrap();
    let length = if tool == "iptables" { "/32" } else { "/128" };
    let listed = |line: &str| {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        if let Some(at) = words.iter().position(|word| word == "-s") {
            words[at + 1].push_str(length);
        }
        words.join(" ")
    };
    rules.lines().filter(|line| !line.starts_with('#')).map(listed).collect()
}

fn input() -> Input {
    cases::named("known")
}

/// Our chain alone, as the page's own check command prints it without its `grep`.
fn alone(rules: &[String]) -> String {
    format!("-N ACEQUIA\n{}\n", rules.join("\n"))
}

/// The table: the chains that are built in, those that others made, and the jumps.
fn whole(rules: &[String], jump: &str) -> String {
    let builtin =
        "-P PREROUTING ACCEPT\n-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-P POSTROUTING ACCEPT";
    format!("{builtin}\n-N ACEQUIA\n-N DIVERT\n{jump}{}\n-A DIVERT -j ACCEPT\n", rules.join("\n"))
}

/// As `iptables -v -S` lists the same.
fn counted(list: &str) -> String {
    list.replace(" -j ", " -c 3 300 -j ")
}

#[test]
fn a_list_of_the_chain_is_compared_rule_by_rule() {
    let input = input();
    let jump = "-A PREROUTING -j ACEQUIA\n";
    for backend in [Backend::Iptables, Backend::Ufw] {
        let text = render(&input, backend, Part::Guard).text();
        let (four, six) = (rules(&text, "iptables"), rules(&text, "ip6tables"));
        let prompt = "root@maple:~# iptables -t mangle -S ACEQUIA; ip6tables -t mangle -S ACEQUIA\n";
        for pasted in [
            alone(&four) + &alone(&six),
            format!("{prompt}{}{}root@maple:~# ", alone(&four), alone(&six)),
            // The other way round: nothing says which is which but what is in them.
            alone(&six) + &alone(&four),
            whole(&four, jump) + &whole(&six, jump),
            // `-v`, and a mark at the beginning that an editor left.
            format!("\u{feff}{}", counted(&(whole(&four, jump) + &whole(&six, jump)))),
        ] {
            let compared = compare_pasted(&input, backend, &pasted).unwrap();
            assert_eq!(compared.live.differences, [], "{pasted}");
            assert!(compared.listings.contains(&Listing::IptablesGuard) && compared.is(&input), "{pasted}");
        }
        let missing = &four[..four.len() - 1];
        let altered = alone(missing) + &alone(&six);
        assert!(!compare_pasted(&input, backend, &altered).unwrap().is(&input), "{altered}");
        let unused = whole(&four, "") + &whole(&six, jump);
        let unused = compare_pasted(&input, backend, &unused).unwrap();
        assert!(!unused.is(&input), "nothing leads to it: {unused:?}");
        assert!(compare_pasted(&input, backend, &alone(&four)).is_err(), "one family only");
        // Of the other one the tool said that there is none: that is in force in part, and no cut paste.
        // Sabotage: in `compare` of iptables, leave NO_CHAIN out.
        for (said, rest, gone) in [("iptables", &six, &four), ("ip6tables", &four, &six)] {
            let half = format!("{}{said}: No chain/target/match by that name.\n", alone(rest));
            let half = compare_pasted(&input, backend, &half).unwrap();
            assert_eq!(half.live.differences.len(), gone.len(), "{half:?}");
            assert!(!half.is(&input) && half.live.revisions.len() == 1, "{half:?}");
        }
    }
}
