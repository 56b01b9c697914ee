use firewall::{Backend, Input, LiveError, Part, compare_firewalld, render};

use crate::{cases, sandbox};

const OFFLINE: &str = "firewall-offline-cmd --system-config=/run/firewalld";

/// What `list` prints after the open part of `input` was written and `change` was done to it. The offline tool writes
/// and lists the same zones without a daemon, and only in a copy of the configuration.
fn listed(input: &Input, change: &str, list: &str) -> String {
    let text = render(input, Backend::Firewalld, Part::Open).text();
    let text = text.replace("firewall-cmd --permanent", OFFLINE).replace("firewall-cmd --reload\n", "");
    let text = text.replace("firewall-cmd --check-config\n", "");
    let script = format!(
        "cp -r /etc/firewalld /run/firewalld; mkdir -p /run/firewalld/zones; cat > /run/f.sh; \
         zone=\"{OFFLINE} --zone=acequia\"; (sh /run/f.sh; {change}) > /run/said 2>&1 || {{ cat /run/said; exit 1; }}; \
         {OFFLINE} {list}"
    );
    let output = sandbox::run(&script, &text);
    sandbox::accepted(&script, &text, &output);
    String::from_utf8(output.stdout).unwrap()
}

const LIST: &str = "-v --zone=acequia --list-all";

#[test]
fn firewalld_lists_what_was_rendered() {
    if !sandbox::ready_as_root("comparing firewalld", &["firewall-offline-cmd"]) {
        return;
    }
    for (case, input) in cases::all() {
        let live = compare_firewalld(&input, &listed(&input, ":", LIST)).unwrap();
        assert!(live.is(&input), "{case}: {live:#?}");
    }
    let input = cases::named("mixed");
    let live = compare_firewalld(&input, &listed(&input, ":", "--list-all-zones")).unwrap();
    assert!(live.differences.is_empty() && live.revisions.is_empty(), "without -v: {live:#?}");
}

#[test]
fn what_somebody_changed_in_the_zone_is_named() {
    if !sandbox::ready_as_root("naming changes of a zone", &["firewall-offline-cmd"]) {
        return;
    }
    let input = cases::named("mixed");
    let told = |change: &str| -> Vec<String> {
        let live = compare_firewalld(&input, &listed(&input, change, LIST)).unwrap();
        live.differences.iter().map(ToString::to_string).collect()
    };
    let own = "rule family=\"ipv4\" source address=\"100.64.0.10\" accept";
    let other = "rule family=\"ipv4\" source address=\"100.64.0.11\" accept";
    for (change, told_of_it) in [
        ("$zone --remove-port=8096/tcp".to_owned(), vec!["missing: 8096/tcp".to_owned()]),
        (
            "$zone --add-port=8090-8099/tcp".to_owned(),
            vec!["not ours: 8090-8095/tcp".into(), "not ours: 8097-8099/tcp".into()],
        ),
        ("$zone --add-port=5/sctp".to_owned(), vec!["not ours: 5/sctp".to_owned()]),
        // The same port of the other protocol is another one.
        (
            "$zone --remove-port=8096/tcp; $zone --add-port=8096/udp".to_owned(),
            vec!["missing: 8096/tcp".to_owned(), "not ours: 8096/udp".to_owned()],
        ),
        ("$zone --add-service=ssh".to_owned(), vec!["not ours: services: ssh".to_owned()]),
        (
            "$zone --set-target=ACCEPT".to_owned(),
            vec!["altered: target: ACCEPT; it should be: target: default".to_owned()],
        ),
        (
            "$zone --add-masquerade".to_owned(),
            vec!["altered: masquerade: yes; it should be: masquerade: no".to_owned()],
        ),
        (
            "$zone --remove-interface=tailscale0".to_owned(),
            vec!["missing: interfaces: tailscale0".to_owned()],
        ),
        (format!("$zone --remove-rich-rule='{own}'"), vec![format!("missing: rich rules: {own}")]),
        (
            format!("$zone --remove-rich-rule='{own}'; $zone --add-rich-rule='{other}'"),
            vec![format!("altered: rich rules: {other}; it should be: rich rules: {own}")],
        ),
        (
            "$zone --add-forward-port=port=80:proto=tcp:toport=8080:toaddr=".to_owned(),
            vec!["not ours: forward-ports: port=80:proto=tcp:toport=8080:toaddr=".to_owned()],
        ),
    ] {
        assert_eq!(told(&change), told_of_it, "{change}");
    }
}

#[test]
fn a_text_that_does_not_show_the_zone_is_refused() {
    let input = cases::named("one");
    let error = |text: &str| compare_firewalld(&input, text).unwrap_err();
    assert_eq!(error("Error: INVALID_ZONE: acequia\n"), LiveError::NoZone);
    assert_eq!(error("public\n  target: default\n  rich rules: \n"), LiveError::NoZone);
    assert_eq!(error("acequia (active)\n  target: default\n  ports: 80/tcp\n"), LiveError::Cut);
    assert_eq!(error(&"x\n".repeat(30_000)), LiveError::TooLong);
}
