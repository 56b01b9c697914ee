//! Not machine-checked: the lines are made here as the check command would print them.

use firewall::{Backend, Input, Part, compare_windows, render};

use crate::cases;

/// What the check command prints on a host on which the snippet was run.
pub fn listed(input: &Input, part: Part) -> String {
    let text = render(input, Backend::Windows, part).text();
    let lines = text.lines().filter(|line| line.starts_with("New-NetFirewallRule")).map(|line| {
        let after = |option: &str| line.split_once(&format!(" -{option} ")).unwrap().1;
        let quoted = |option| after(option).strip_prefix('\'').unwrap().split_once('\'').unwrap().0;
        let list = |option| {
            let (list, _) = after(option).strip_prefix("@('").unwrap().split_once("')").unwrap();
            list.replace("', '", ",").replace("100.64.0.0/10", "100.64.0.0/255.192.0.0")
        };
        let word = |option| after(option).split(' ').next().unwrap();
        format!(
            "{}; True; {}; {}; {}; {}; {}\r\n",
            quoted("DisplayName"),
            word("Direction"),
            word("Action"),
            word("Protocol"),
            list("LocalPort"),
            list("RemoteAddress")
        )
    });
    lines.collect()
}

fn told(input: &Input, text: &str) -> Vec<String> {
    let live = compare_windows(input, Part::All, text).unwrap();
    live.differences.iter().map(ToString::to_string).collect()
}

#[test]
fn what_was_rendered_is_what_is_listed_in_any_order_and_broken_anywhere() {
    for (case, input) in cases::all() {
        for part in Part::ALL {
            let text = listed(&input, part);
            let live = compare_windows(&input, part, &text).unwrap();
            assert!(live.differences.is_empty(), "{case} {part}: {live:#?}");
            assert!(text.is_empty() || live.is(&input), "{case} {part}: {live:#?}");
            let turned: Vec<&str> = text.lines().rev().collect();
            assert_eq!(compare_windows(&input, part, &turned.join("\n")).unwrap(), live, "{case}");
            // A console of eighty columns.
            let broken: Vec<String> = text
                .lines()
                .flat_map(|line| {
                    line.as_bytes().chunks(80).map(|part| String::from_utf8(part.to_vec()).unwrap())
                })
                .collect();
            let prompt = "\nPS C:\\Users\\ana> ";
            let live_of_broken = compare_windows(&input, part, &(broken.join("\r\n") + prompt)).unwrap();
            assert_eq!(live_of_broken, live, "{case}: {broken:#?}");
        }
    }
}

#[test]
fn a_rule_that_is_gone_beside_or_changed_is_named() {
    let input = cases::named("both");
    let text = listed(&input, Part::All);
    assert_eq!(told(&input, &text), [""; 0]);
    let without_first: String = text.lines().skip(1).flat_map(|line| [line, "\n"]).collect();
    let one = told(&input, &without_first);
    assert!(
        one.len() == 1 && one[0].starts_with("missing: guard: True; Inbound; Block; TCP; 1-25564"),
        "{one:?}"
    );
    let more = format!("{text}acequia open rev 7; True; Inbound; Allow; TCP; 22; Any\n");
    assert_eq!(told(&input, &more), ["not ours: open: True; Inbound; Allow; TCP; 22; Any"]);
    for (from, to) in [
        ("guard rev 7; True", "guard rev 7; False"),
        ("Block; TCP", "Allow; TCP"),
        ("1-25564", "1-25565"),
        ("100.64.0.0-", "100.64.0.1-"),
        ("fd7a:115c:a1e0::11-", "fd7a:115c:a1e0::12-"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let told = told(&input, &changed);
        assert!(told.len() == 1 && told[0].starts_with("altered: guard: "), "{from}: {told:#?}");
    }
    assert!(compare_windows(&input, Part::All, &"x\n".repeat(30_000)).is_err());
}
