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
                 ({}) > /run/rev; printf 'rev 7\\n' | cmp - /run/rev; sh /dev/stdin <<'GONE'\n{}GONE\n\
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
