use std::fmt::Write as _;

use firewall::{Backend, Part, remove, render};

use crate::{cases, golden, sandbox};

/// Makes `iptables` and its family mean the given variant of the two that Debian installs.
pub fn variant(name: &str) -> String {
    ["iptables", "ip6tables"]
        .map(|family| {
            let links = ["", "-restore", "-save"].map(|tool| {
                format!("ln -s \"$(command -v {family}-{name}{tool})\" /run/bin/{family}{tool}; ")
            });
            links.concat()
        })
        .concat()
}

#[test]
fn both_variants_of_iptables_take_every_file_and_twice_is_once() {
    if !sandbox::ready("iptables on every file", &["iptables-nft", "iptables-legacy"]) {
        return;
    }
    let said = "iptables-save | grep -v '^[#:]'; ip6tables-save | grep -v '^[#:]'";
    for name in ["nft", "legacy"] {
        let links = variant(name);
        for (file, snippet) in golden::files(Backend::Iptables) {
            let text = snippet.text();
            // Each here-document once more through --test: legacy notices an unknown target there.
            let script = format!(
                "mkdir /run/bin; {links} PATH=/run/bin:$PATH; cat > /run/f.sh; sh /run/f.sh; ({said}) > /run/once || true; \
                 sh /run/f.sh; ({said}) > /run/twice || true; cmp /run/once /run/twice; \
                 sed 's/-restore -w/-restore --test -w/' /run/f.sh > /run/test.sh; sh /run/test.sh"
            );
            sandbox::accepted(&format!("{name} {file}"), &text, &sandbox::run(&script, &text));
        }
    }
}

/// The rules of every backend whose guard is in iptables, as `iptables-restore` and its sibling read them.
fn rules() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for backend in [Backend::Iptables, Backend::Ufw, Backend::NixosIptables] {
        for (name, snippet) in golden::files(backend) {
            let text = snippet.text();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let heads = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| line.ends_with("-restore -w --noflush <<'RULES'"));
            for (at, head) in heads {
                let tool = head.split(' ').next().unwrap();
                let rules: String = lines[at + 1..]
                    .iter()
                    .take_while(|line| **line != "RULES")
                    .flat_map(|line| [*line, "\n"])
                    .collect();
                assert!(rules.ends_with("COMMIT\n"), "{backend}/{name}: {rules}");
                all.push((tool.to_owned(), rules));
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

#[test]
fn both_variants_of_iptables_take_the_rules_of_every_backend() {
    if !sandbox::ready("iptables on every backend", &["iptables-nft", "iptables-legacy"]) {
        return;
    }
    let rules = rules();
    assert!(rules.len() > 40, "{}", rules.len());
    // All at once: a namespace for each would take a minute.
    let mut tests = String::new();
    for (tool, rules) in rules {
        writeln!(tests, "{tool} --test --noflush <<'RULES'\n{rules}RULES").unwrap();
    }
    for name in ["nft", "legacy"] {
        let script = format!("mkdir /run/bin; {} PATH=/run/bin:$PATH; sh -e /dev/stdin", variant(name));
        sandbox::accepted(name, &tests, &sandbox::run(&script, &tests));
    }
}

#[test]
fn the_check_command_names_the_revision_and_removal_leaves_no_trace() {
    if !sandbox::ready("check and removal of iptables", &["iptables-nft", "iptables-legacy"]) {
        return;
    }
    let input = cases::named("mixed");
    for name in ["nft", "legacy"] {
        for part in Part::ALL {
            let snippet = render(&input, Backend::Iptables, part);
            let script = format!(
                "mkdir /run/bin; {} PATH=/run/bin:$PATH; cat > /run/f.sh; sh /run/f.sh; \
                 ({}) | grep '^rev ' > /run/rev; printf 'rev 7\\n' | cmp - /run/rev; sh /dev/stdin <<'GONE'\n{}GONE\n\
                 test -z \"$(iptables-save | grep ACEQUIA; ip6tables-save | grep ACEQUIA)\"",
                variant(name),
                snippet.check_command,
                remove(&input, Backend::Iptables, part).text()
            );
            let output = sandbox::run(&script, &snippet.text());
            sandbox::accepted(&format!("{name} {part}"), &script, &output);
        }
    }
}
