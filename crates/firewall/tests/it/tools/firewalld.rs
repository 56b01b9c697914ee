use firewall::{Backend, Input, Opening, Part, remove, render};
use model::Protocol;

use crate::{cases, golden, sandbox};

/// The daemon's tool does not run here; the offline one takes the same options and writes the same zones, into a copy.
fn offline(text: &str) -> String {
    text.replace("firewall-cmd --permanent", "firewall-offline-cmd --system-config=/run/firewalld")
        .replace("firewall-cmd --check", "firewall-offline-cmd --system-config=/run/firewalld --check")
        .replace("firewall-cmd --reload\n", "")
}

const COPY: &str = "cp -r /etc/firewalld /run/firewalld; mkdir -p /run/firewalld/zones;";
/// Runs the file named `$1`; a warning is the only word of a zone file that is not sound.
const RUN: &str =
    "run() { sh \"$1\" > /run/said 2>&1 || { cat /run/said; exit 1; }; not grep WARNING /run/said; };";

/// The ports that a zone file opens.
fn meant(input: &Input) -> Vec<String> {
    let mut ports = Vec::new();
    for protocol in Protocol::ALL {
        let open = input.shares().filter(|share| share.opening() != Opening::Ended);
        let set: model::PortSet = open.flat_map(|share| share.ports.of(protocol).ranges().to_vec()).collect();
        ports.extend(
            set.ranges().iter().map(|range| format!("<port port=\"{range}\" protocol=\"{protocol}\"/>")),
        );
    }
    ports.sort();
    ports
}

#[test]
fn firewalld_takes_every_file() {
    if !sandbox::ready_as_root("firewall-offline-cmd", &["firewall-offline-cmd", "nft"]) {
        return;
    }
    for (name, snippet) in golden::files(Backend::Firewalld) {
        let text = offline(&snippet.text());
        let script = format!(
            "{COPY} {RUN} cat > /run/f.sh; run /run/f.sh; cat /run/firewalld/zones/acequia.xml 2>/dev/null || true"
        );
        let output = sandbox::run(&script, &text);
        sandbox::accepted(&name, &text, &output);
        let zone = String::from_utf8(output.stdout).unwrap();
        let (case, part) = name.split_once('.').unwrap();
        if part.starts_with("remove-") || part == "guard" {
            assert_eq!(zone, "", "{name}");
            continue;
        }
        let input = cases::named(case);
        let mut ports: Vec<&str> =
            zone.lines().map(str::trim).filter(|line| line.starts_with("<port ")).collect();
        ports.sort_unstable();
        assert_eq!(ports, meant(&input), "{name}: {zone}");
        assert!(zone.contains(&format!("<short>acequia rev {}</short>", input.revision())), "{name}: {zone}");
        assert!(zone.contains(&format!("<interface name=\"{}\"/>", input.interface())), "{name}: {zone}");
    }
}

#[test]
fn twice_is_once_and_removal_leaves_no_trace() {
    if !sandbox::ready_as_root("removal from firewalld", &["firewall-offline-cmd", "nft"]) {
        return;
    }
    let input = cases::named("mixed");
    let applied = offline(&render(&input, Backend::Firewalld, Part::All).text());
    let gone = offline(&remove(&input, Backend::Firewalld, Part::All).text());
    // firewalld keeps the last form of a zone that it deletes beside it, as *.old, and the offline tool writes zones
    // that it looked at as they were shipped.
    let state = "(cd /run/firewalld; for f in $(find . -type f ! -name '*.old'); do \
                 cmp -s $f /usr/lib/firewalld/$f || sha256sum $f; done | sort; nft list ruleset)";
    let script = format!(
        "{COPY} {RUN} cat > /run/f.sh; cat > /run/gone.sh <<'GONE'\n{gone}GONE\n\
         {state} > /run/before; run /run/f.sh; {state} > /run/once; run /run/f.sh; {state} > /run/twice; \
         cmp /run/once /run/twice; not cmp -s /run/before /run/once; \
         run /run/gone.sh; {state} > /run/after; diff /run/before /run/after; \
         run /run/gone.sh; {state} > /run/after; diff /run/before /run/after"
    );
    sandbox::accepted("firewalld", &script, &sandbox::run(&script, &applied));
}
