use crate::world::{acl, filter, grant, output};

const ALL: &str = "10.1.0.0/16 100.115.94.0-100.127.255.255 100.64.0.0-100.115.91.255 fd7a:115c:a1e0::/48";

fn grants(rules: &[String]) -> String {
    format!("\"grants\": [{}]", rules.join(","))
}

fn acls(rules: &[String]) -> String {
    format!("\"acls\": [{}]", rules.join(","))
}

#[test]
fn a_file_without_rules_allows_everything_and_one_with_an_empty_list_nothing() {
    assert_eq!(filter("", "server"), [format!("{ALL} > *:*")]);
    assert_eq!(filter("\"acls\": null", "server"), [format!("{ALL} > *:*")]);
    assert!(filter("\"grants\": []", "server").is_empty());
    assert!(filter("\"acls\": []", "server").is_empty());
}

#[test]
fn people_are_their_untagged_nodes_and_addresses_are_not_joined() {
    let rules = grants(&[grant("\"ana@example.com\"", "\"tag:web\"", "\"ip\": [\"tcp:80-81\"]")]);
    assert_eq!(
        filter(&rules, "server"),
        [
            "100.64.0.1 100.64.0.2 fd7a:115c:a1e0::1 fd7a:115c:a1e0::2 > 100.64.0.4:80-81 fd7a:115c:a1e0::4:80-81 [6]"
        ]
    );
    assert!(filter(&rules, "router").is_empty());
    let same = |src: &str| filter(&grants(&[grant(src, "\"tag:web\"", "\"ip\": [\"tcp:80-81\"]")]), "server");
    assert_eq!(same("\"ANA@Example.com\""), filter(&rules, "server"));
    assert_eq!(same("\"autogroup:owner\""), filter(&rules, "server"));
    assert_eq!(same("\" user:*@example.com\""), filter(&rules, "server"));
}

#[test]
fn a_literal_address_is_never_widened_to_the_other_family() {
    let rules = grants(&[grant("\"100.64.0.1\"", "\"box\"", "\"ip\": [\"22\"]")]);
    assert_eq!(filter(&rules, "server"), ["100.64.0.1 > 100.64.0.4:22"]);
}

#[test]
fn guests_are_in_star_and_shared_but_not_among_members() {
    let rules = |src: &str| grants(&[grant(src, "\"tag:web\"", "\"ip\": [\"22\"]")]);
    assert!(
        filter(&rules("\"autogroup:shared\""), "server")[0].starts_with("100.64.0.7 fd7a:115c:a1e0::7 >")
    );
    assert!(!filter(&rules("\"autogroup:member\""), "server")[0].contains("100.64.0.7"));
    let all = output(&grants(&[grant("\"*\"", "\"*\"", "\"ip\": [\"22\"]")]));
    assert!(all["server"].peers.contains(&"console".to_owned()));
    assert!(!all["laptop"].peers.contains(&"console".to_owned()), "only the server is shared with cy");
    assert_eq!(all["console"].peers, ["server"]);
    assert_eq!(
        filter(&rules("\"autogroup:danger-all\""), "server")[0],
        "* > 100.64.0.4:22 fd7a:115c:a1e0::4:22"
    );
}

#[test]
fn rules_with_the_same_source_and_protocol_become_one() {
    let rules = acls(&[
        acl("\"tag:exit\"", "\"tag:server:22\""),
        acl("\"tag:router\"", "\"tag:server:23\""),
        acl("\"tag:exit\"", "\"tag:server:80,443\""),
    ]);
    let filter = filter(&rules, "server");
    assert_eq!(filter.len(), 2);
    assert_eq!(
        filter[0],
        "100.64.0.6 fd7a:115c:a1e0::6 > 100.64.0.4:22 100.64.0.4:80 100.64.0.4:443 \
         fd7a:115c:a1e0::4:22 fd7a:115c:a1e0::4:80 fd7a:115c:a1e0::4:443"
    );
}

#[test]
fn grants_come_before_acls_and_protocols_stay_apart() {
    let both = format!(
        "{}, {}",
        acls(&[acl("\"*\"", "\"tag:server:1\"")]),
        grants(&[grant("\"*\"", "\"tag:server\"", "\"ip\": [\"2\", \"udp:3\", \"icmp:*\"]")])
    );
    let ports: Vec<_> =
        filter(&both, "server").iter().map(|line| line.split(" > ").nth(1).unwrap().to_owned()).collect();
    assert_eq!(
        ports,
        [
            "100.64.0.4:2 100.64.0.4:1 fd7a:115c:a1e0::4:2 fd7a:115c:a1e0::4:1",
            "100.64.0.4:3 fd7a:115c:a1e0::4:3 [17]",
            "100.64.0.4:* fd7a:115c:a1e0::4:* [1]",
        ]
    );
}

#[test]
fn own_devices_are_worked_out_for_each_person() {
    let rules = acls(&[acl("\"*\"", "\"autogroup:self:22\", \"tag:server:80\"")]);
    let mine = "100.64.0.1 100.64.0.2 fd7a:115c:a1e0::1 fd7a:115c:a1e0::2";
    assert_eq!(filter(&rules, "laptop"), [format!("{mine} > 100.64.0.1:22 fd7a:115c:a1e0::1:22")]);
    assert_eq!(
        filter(&rules, "desktop"),
        ["100.64.0.3 fd7a:115c:a1e0::3 > 100.64.0.3:22 fd7a:115c:a1e0::3:22"]
    );
    assert_eq!(filter(&rules, "server"), [format!("{ALL} > 100.64.0.4:80 fd7a:115c:a1e0::4:80")]);
}

#[test]
fn routers_get_rules_for_what_overlaps_an_approved_route_as_written() {
    let rules = |dst: &str| grants(&[grant("\"ana@example.com\"", dst, "\"ip\": [\"443\"]")]);
    assert!(filter(&rules("\"10.0.0.0/8\""), "router")[0].ends_with("> 10.0.0.0/8:443"));
    assert!(filter(&rules("\"10.1.2.3\""), "router")[0].ends_with("> 10.1.2.3:443"));
    assert!(filter(&rules("\"10.2.0.0/16\""), "router").is_empty());
    assert_eq!(output(&rules("\"lan\""))["router"].peers, ["laptop", "phone"]);
}

#[test]
fn the_internet_is_for_approved_exit_nodes_only() {
    let rules = grants(&[grant("\"ana@example.com\"", "\"autogroup:internet\"", "\"ip\": [\"*\"]")]);
    assert!(filter(&rules, "router").is_empty());
    let exit = filter(&rules, "exit");
    assert!(exit[0].contains("> 0.0.0.0-9.255.255.255:*") && exit[0].contains("2000::-3fff:"));
    let public = grants(&[grant("\"ana@example.com\"", "\"8.8.8.8\"", "\"ip\": [\"53\"]")]);
    assert!(filter(&public, "exit")[0].ends_with("> 8.8.8.8:53"));
}

#[test]
fn via_goes_to_the_named_routers_only() {
    let rules = grants(&[grant("\"tag:server\"", "\"lan\"", "\"ip\": [\"*\"], \"via\": [\"tag:router\"]")]);
    assert_eq!(filter(&rules, "router"), ["100.64.0.4 fd7a:115c:a1e0::4 > 10.1.0.0/16:*"]);
    let elsewhere = grants(&[grant("\"tag:server\"", "\"lan\"", "\"ip\": [\"*\"], \"via\": [\"tag:exit\"]")]);
    assert!(filter(&elsewhere, "router").is_empty() && filter(&elsewhere, "exit").is_empty());
    let app = grants(&[grant(
        "\"tag:server\"",
        "\"lan\"",
        "\"app\": {\"a.com/x\": []}, \"via\": [\"tag:router\"]",
    )]);
    assert!(filter(&app, "router").is_empty());
    assert_eq!(output(&app)["router"].peers, ["server"]);
}

#[test]
fn capabilities_are_narrowed_to_the_node_and_drives_have_a_companion() {
    let rules =
        grants(&[grant("\"bo@example.org\"", "\"tag:web\"", "\"app\": {\"tailscale.com/cap/drive\": [{}]}")]);
    let output = output(&rules);
    assert_eq!(
        filter(&rules, "server"),
        ["100.64.0.3 fd7a:115c:a1e0::3 > {tailscale.com/cap/drive} on 100.64.0.4/32 fd7a:115c:a1e0::4/128"]
    );
    assert_eq!(
        filter(&rules, "desktop"),
        [
            "100.64.0.4 fd7a:115c:a1e0::4 > {tailscale.com/cap/drive-sharer} on 100.64.0.3/32 fd7a:115c:a1e0::3/128"
        ]
    );
    let answer = serde_json::to_value(&output["server"].capabilities).unwrap();
    assert_eq!(answer["100.64.0.3"], serde_json::json!({"tailscale.com/cap/drive": [{}]}));
    let own = serde_json::to_value(&output["desktop"].capabilities).unwrap();
    assert_eq!(own["100.64.0.4"], serde_json::json!({"tailscale.com/cap/drive-sharer": null}));
}

// From the documentation; no capture has IP sets.
#[test]
fn ip_sets_are_added_and_removed_in_order() {
    let sets = r#""ipsets": {"ipset:a": ["add lan", "remove 10.1.0.0/24", "add ipset:b"], "ipset:b": ["10.9.0.1-10.9.0.3"]}"#;
    let rules = format!("{sets}, {}", grants(&[grant("\"ipset:a\"", "\"tag:server\"", "\"ip\": [\"22\"]")]));
    let from = "10.1.1.0-10.1.255.255 10.9.0.1-10.9.0.3";
    assert_eq!(filter(&rules, "server"), [format!("{from} > 100.64.0.4:22 fd7a:115c:a1e0::4:22")]);
}

// From the documentation; the addresses of services are not in a network file.
#[test]
fn a_service_as_destination_is_accepted_and_opens_no_node() {
    let rules = grants(&[grant("\"*\"", "\"svc:web\"", "\"ip\": [\"443\"]")]);
    let nodes = output(&rules);
    let open: Vec<_> = nodes.values().filter(|node| !node.packet_filter_rules.is_empty()).collect();
    assert!(nodes.contains_key("server") && open.is_empty(), "{open:?}");
}

#[test]
fn people_without_devices_make_no_rule() {
    let rules = grants(&[grant("\"group:later\"", "\"tag:server\"", "\"ip\": [\"22\"]")]);
    assert!(filter(&rules, "server").is_empty());
}
