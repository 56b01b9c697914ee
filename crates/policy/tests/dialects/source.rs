//! What its source says beyond the recorded answers: each row is a branch of Headscale that no recorded policy takes, with
//! what that branch says. File names are below `hscontrol/policy` of v0.28.0 (97fa117c) and v0.29.2 (8eea8948), or of the
//! packages that those were built with.

use policy::{Dialect, Network, Policy, check, compile};

use crate::packets::lets_in;

const NETWORK: &str = r#"{
  "users": [
    {"id": 1, "name": "ana"}, {"id": 2, "name": "bruno"},
    {"id": 3, "name": "carla", "email": "carla@example.com", "provider_id": "https://id.example.com/u-carla"}
  ],
  "nodes": {
    "dune": {"ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1", "user": "ana"},
    "mesa": {"ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2", "user": "ana"},
    "reed": {"ipv4": "100.64.0.3", "ipv6": "fd7a:115c:a1e0::3", "user": "bruno"},
    "gate": {
      "ipv4": "100.64.0.6", "ipv6": "fd7a:115c:a1e0::6", "tags": ["tag:gate"],
      "routable_ips": ["10.20.0.0/24", "10.21.0.0/24"], "approved_routes": ["10.20.0.0/24"]
    },
    "game": {"ipv4": "100.64.0.7", "ipv6": "fd7a:115c:a1e0::7", "tags": ["tag:game"]}
  }
}"#;

/// Where it stands, in which version, the policy, and the refusal if it is one.
type Row = (&'static str, Dialect, &'static str, Option<&'static str>);

#[rustfmt::skip]
const VERDICTS: &[Row] = &[
    ("v2/types.go validate: a fault ends nothing", Dialect::Headscale029, r#"{"grants":[{"src":["ana@"],"dst":["tag:no"]}],"tagOwners":{"tag:x":["group:no"]},"nodeAttrs":[{"target":["lan"]}],"tests":[{"src":"ana@"}]}"#, Some("parsing policy: multiple errors:\n\tip and app can not both be empty\n\ttag not found: \"tag:no\"\n\thost not defined in policy: \"lan\"\n\tgroup not defined in policy: \"group:no\"\n\ttest(s) failed:\ntest 0: test entry must have at least one of \"accept\" or \"deny\"")),
    ("v2/types.go validate: periods are for checks, whatever else is wrong", Dialect::Headscale029, r#"{"ssh":[{"checkPeriod":"200h"}]}"#, Some("parsing policy: multiple errors:\n\taction must be specified\n\tusers must be specified\n\tcheckPeriod is only valid with action \"check\"")),
    ("v2/types.go validateTests", Dialect::Headscale029, r#"{"tests":[{"src":"ana@","proto":"58","accept":["ana@","bruno@:22-23"]}]}"#, Some("parsing policy: test(s) failed:\nmultiple errors:\n\ttest 0: test protocol must be tcp, udp, sctp, or empty: \"ipv6-icmp\"\n\ttest 0, accept \"ana@\": hostport must contain a colon\n\ttest 0, accept \"bruno@:22-23\": test destination port must be a single port")),
    ("v2/types.go validateSSHTests", Dialect::Headscale029, r#"{"sshTests":[{"dst":["lan","100.64.0.1/32"]},{"src":"ana@"}],"hosts":{"lan":"10.0.0.0/8"}}"#, Some("parsing policy: test(s) failed:\nmultiple errors:\n\tsshTest 0: SSH tests entry must have a non-empty src\n\tsshTest 0: SSH tests dst contains disallowed element \"lan\"\n\tsshTest 1: SSH tests entry must have at least one dst")),
    ("v2/types.go flattenTagOwners stops at the first", Dialect::Headscale029, r#"{"tagOwners":{"tag:a":["tag:no"],"tag:b":[]}}"#, Some("parsing policy: multiple errors:\n\ttag not found: \"tag:no\"\n\ttag \"tag:a\" references undefined tag \"tag:no\"")),
    ("v2/types.go Tag.Validate", Dialect::Headscale029, r#"{"tagOwners":{"tag:":[]}}"#, Some("parsing policy: tagOwners[\"tag:\"]: tag names must start with a letter, after 'tag:'")),
    ("v2/types.go unmarshalPolicy", Dialect::Headscale029, r#"{"grants":[{"src":["ana@"],"dst":["*"],"ip":["*"],"via":["tag:1"]}]}"#, Some("parsing policy: via can only be a tag")),
    ("v2/types.go tailscaleCapAllowlist", Dialect::Headscale029, r#"{"grants":[{"src":["ana@"],"dst":["*"],"app":{"tailscale.com/cap/golink":[]}}]}"#, Some("parsing policy: capability name must not be in the tailscale.com domain")),
    ("v2/types.go validateNodeAttrIPPool", Dialect::Headscale029, r#"{"nodeAttrs":[{"ipPool":["100.100.0.0/16","10.0.0.0/8"]}]}"#, Some("parsing policy: multiple errors:\n\tnodeAttrs ipPool requires the IP allocator (https://github.com/juanfont/headscale/issues/2912)\n\tnodeAttrs ipPool must not overlap reserved Tailscale ranges: \"100.100.0.0/16\" overlaps \"100.100.100.0/24\"\n\tnodeAttrs ipPool must be within 100.64.0.0/10: \"10.0.0.0/8\"")),
    ("v2/utils.go splitDestinationAndPort", Dialect::Headscale029, r#"{"acls":[{"action":"accept","src":["*"],"dst":[":22"]}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go v2.AliasWithPorts within \"/acls/0/dst/0\": input cannot start with a colon character")),
    ("v2/utils.go splitDestinationAndPort", Dialect::Headscale028, r#"{"acls":[{"action":"accept","src":["*"],"dst":["ana@:"]}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go v2.AliasWithPorts within \"/acls/0/dst/0\": input cannot end with a colon character")),
    ("v2/utils.go splitDestinationAndPort", Dialect::Headscale029, r#"{"acls":[{"action":"accept","src":["*"],"dst":["[::1]22:22"]}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go v2.AliasWithPorts within \"/acls/0/dst/0\": square brackets are only valid around IPv6 addresses: \"[::1]22:22\"")),
    ("v2/types.go ProtocolPort", Dialect::Headscale029, r#"{"grants":[{"src":["*"],"dst":["*"],"ip":["tcp:22:33"]}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go v2.ProtocolPort within \"/grants/0/ip/0\": expected only one colon in Internet protocol and port type, got: [tcp 22 33](3)")),
    ("v2/types.go AliasWithPorts", Dialect::Headscale029, r#"{"acls":[{"action":"accept","src":["*"],"dst":[5]}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON number into Go v2.AliasWithPorts within \"/acls/0/dst/0\": type not supported: float64")),
    ("v2/types.go Action", Dialect::Headscale028, r#"{"acls":[{"action":null}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON null into Go v2.Action within \"/acls/0/action\": invalid action \"null\", must be \"accept\"")),
    ("v2/types.go Protocol", Dialect::Headscale029, r#"{"acls":[{"action":"accept","proto":" tcp"}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go v2.Protocol within \"/acls/0/proto\": invalid protocol number: \" tcp\" must be a known protocol name or valid protocol number 0-255")),
    ("v2/types.go Groups", Dialect::Headscale029, r#"{"groups":{"group:a":"ana@"}}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON object into Go v2.Groups within \"/groups\": group value must be an array of users: group \"group:a\" got string: \"ana@\"")),
    ("v2/types.go Groups", Dialect::Headscale028, r#"{"groups":{"group:a":[5]}}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON object into Go v2.Groups within \"/groups\": Group \"group:a\" contains invalid member type, expected string but got float64")),
    ("v2/types.go Hosts", Dialect::Headscale029, r#"{"hosts":{"a":" 1.2.3.4"}}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON object into Go v2.Hosts within \"/hosts\": hostname contains invalid IP address: hostname \"a\" address \" 1.2.3.4\"")),
    ("v2/types.go Owners", Dialect::Headscale029, r#"{"tagOwners":{"tag:a":"ana@"}}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go []v2.OwnerEnc within \"/tagOwners/tag:a\"")),
    ("v2/types.go SSH users", Dialect::Headscale028, r#"{"ssh":[{"users":["autogroup:member"]}]}"#, Some("parsing policy: autogroup \"autogroup:member\" is not supported for SSH user, can be [autogroup:nonroot]")),
    ("model/time.go ParseDuration", Dialect::Headscale028, r#"{"ssh":[{"checkPeriod":"1.5h"}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go model.Duration within \"/ssh/0/checkPeriod\": unknown unit \".\" in duration \"1.5h\"")),
    ("v2/types.go SSHCheckPeriod", Dialect::Headscale029, r#"{"ssh":[{"checkPeriod":""}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go v2.SSHCheckPeriod within \"/ssh/0/checkPeriod\": time: invalid duration \"\"")),
    ("net/netip ParsePrefix", Dialect::Headscale029, r#"{"autoApprovers":{"routes":{"1.2.3.4/33":[]}}}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON string into Go netip.Prefix within \"/autoApprovers/routes/1.2.3.4~133\": netip.ParsePrefix(\"1.2.3.4/33\"): prefix length out of range")),
    ("v2/types.go ACL is decoded twice", Dialect::Headscale029, r#"{"acls":[{"src":[],"SRC":[]}]}"#, Some("parsing policy: parsing policy from bytes: json: cannot unmarshal JSON object into Go v2.ACL within \"/acls/0\": duplicate object member name \"SRC\"")),
    ("encoding/json/v2: case does not count", Dialect::Headscale029, r#"{"ssh":[{"src":[],"SRC":[]}]}"#, Some("parsing policy: parsing policy from bytes: jsontext: duplicate object member name \"SRC\" within \"/ssh/0\"")),
    ("v2/policy.go validateUserReferences", Dialect::Headscale029, r#"{"groups":{"group:a":["@","@"]}}"#, Some("validating policy user references: multiple errors:\n\tmultiple users found: token \"@\" found: [ 1: ana, 2: bruno,  ]\n\tmultiple users found: token \"@\" found: [ 1: ana, 2: bruno,  ]")),
    ("v2/policy.go validateUserReferences does not ask of grants", Dialect::Headscale029, r#"{"grants":[{"src":["@"],"dst":["*"],"ip":["*"]}]}"#, None),
    ("v2/compiled.go compileNodeAttrs", Dialect::Headscale029, r#"{"nodeAttrs":[{"target":["ana@","nobody@"],"attr":["x"]}]}"#, Some("compiling nodeAttrs: nodeAttrs target [ana@ nobody@]: user not found: token \"nobody@\"")),
    ("v2/types.go validateSSHSrcDstCombination: twice is once", Dialect::Headscale029, r#"{"ssh":[{"action":"accept","src":["ana@","ana@"],"dst":["ana@"],"users":["root"]}]}"#, None),
    ("v2/types.go Tag.Validate: only the first letter", Dialect::Headscale029, r#"{"tagOwners":{"tag:a.b":[]}}"#, None),
    ("v2/test.go srcReachesDst: ICMP is asked too", Dialect::Headscale029, r#"{"acls":[{"action":"accept","proto":"icmp","src":["ana@"],"dst":["bruno@:*"]}],"tests":[{"src":"ana@","accept":["bruno@:22"]},{"src":"ana@","proto":"tcp","accept":["bruno@:22"]}]}"#, Some("test(s) failed:\nana@ -> bruno@:22 (tcp): expected ALLOWED, got DENIED")),
    ("v2/test.go ruleMatchesProto: a rule without a protocol is for all", Dialect::Headscale029, r#"{"acls":[{"action":"accept","src":["ana@"],"dst":["bruno@:*"]}],"tests":[{"src":"ana@","proto":"sctp","deny":["bruno@:22"]}]}"#, Some("test(s) failed:\nana@ -> bruno@:22 (sctp): expected DENIED, got ALLOWED")),
    ("v2/test.go resolveTestSource: 6 and 7 are one prefix", Dialect::Headscale029, r#"{"tagOwners":{"tag:gate":[]},"acls":[{"action":"accept","src":["tag:gate"],"dst":["bruno@:*"]}],"tests":[{"src":"autogroup:tagged","deny":["bruno@:22"]}]}"#, Some("test(s) failed:\nautogroup:tagged -> bruno@:22: expected DENIED, got ALLOWED")),
    ("v2/test.go evaluateTests: not what is for own machines", Dialect::Headscale029, r#"{"acls":[{"action":"accept","src":["ana@"],"dst":["autogroup:self:*"]}],"tests":[{"src":"ana@","accept":["ana@:22"]}]}"#, Some("test(s) failed:\nana@ -> ana@:22: expected ALLOWED, got DENIED")),
    ("v2/test.go resolveTestSource", Dialect::Headscale029, r#"{"groups":{"group:a":["nobody@","ana@"]},"tests":[{"src":"group:a","deny":["ana@:22"]},{"src":"svc:x","proto":"6","deny":["ana@:22"]},{"src":"autogroup:nonroot","deny":["ana@:22"]}]}"#, Some("test(s) failed:\ngroup:a: failed to resolve source \"group:a\": resolving: user not found: token \"nobody@\"\nsvc:x (tcp): failed to resolve source \"svc:x\": invalid alias: invalid alias format: \"svc:x\"\nautogroup:nonroot: failed to resolve source \"autogroup:nonroot\": resolving: unknown autogroup: \"autogroup:nonroot\"")),
    ("v2/test.go Errors: faults first", Dialect::Headscale029, r#"{"acls":[],"tests":[{"src":"ana@","proto":"6","accept":["bruno@:22","nohost:22"]}]}"#, Some("test(s) failed:\nana@ (tcp): error testing \"nohost:22\": resolving destination: error resolving host: \"nohost\"\nana@ -> bruno@:22 (tcp): expected ALLOWED, got DENIED")),
    ("v2/types.go Tag.resolve: also a tag that the text does not define", Dialect::Headscale029, r#"{"tests":[{"src":"ana@","deny":["tag:game:22"]}]}"#, Some("test(s) failed:\nana@ -> tag:game:22: expected DENIED, got ALLOWED")),
];

// Fails if `Faults::refusal` tells the first fault only, or `Context::lines` asks TCP and UDP only.
#[test]
fn each_branch_of_the_source_takes_or_refuses_in_its_words() {
    let network = Network::parse(NETWORK).unwrap();
    for (place, dialect, text, want) in VERDICTS {
        let verdict = Policy::read(text, *dialect).and_then(|policy| check(&policy, &network));
        let got = verdict.err().map(|error| error.to_string());
        assert_eq!(got.as_deref(), *want, "{place}, {dialect}: {text}");
    }
}

/// A packet to TCP port 22, and whether the machine lets it in.
struct Knock {
    place: &'static str,
    dialect: Dialect,
    policy: &'static str,
    machine: &'static str,
    from: &'static str,
    to: &'static str,
    opens: bool,
}

const OWN: &str =
    r#"{"acls": [{"action": "accept", "src": ["100.64.0.0/28"], "dst": ["autogroup:self:22"]}]}"#;
const PAIR: &str = r#"{
  "hosts": {"pair": "100.64.0.2/31"},
  "acls": [{"action": "accept", "src": ["pair"], "dst": ["100.64.0.1:22"]}]
}"#;
const OFFERED: &str = r#"{"acls": [{"action": "accept", "src": ["ana@"], "dst": ["10.21.0.0/24:22"]}]}"#;

const KNOCKS: [Knock; 6] = [
    Knock {
        place: "v2/filter.go compileACLWithAutogroupSelf: own machines by address",
        dialect: Dialect::Headscale028,
        policy: OWN,
        machine: "dune",
        from: "100.64.0.2",
        to: "100.64.0.1",
        opens: true,
    },
    Knock {
        place: "v2/filter.go compileACLWithAutogroupSelf: nobody else's",
        dialect: Dialect::Headscale028,
        policy: OWN,
        machine: "dune",
        from: "100.64.0.3",
        to: "100.64.0.1",
        opens: false,
    },
    Knock {
        place: "v2/types.go Host.Resolve: every machine in it",
        dialect: Dialect::Headscale028,
        policy: PAIR,
        machine: "dune",
        from: "fd7a:115c:a1e0::3",
        to: "fd7a:115c:a1e0::1",
        opens: true,
    },
    Knock {
        place: "v2/types.go Host.resolve: what is written",
        dialect: Dialect::Headscale029,
        policy: PAIR,
        machine: "dune",
        from: "fd7a:115c:a1e0::3",
        to: "fd7a:115c:a1e0::1",
        opens: false,
    },
    Knock {
        place: "policyutil/reduce.go ReduceFilterRules: routes that are offered",
        dialect: Dialect::Headscale028,
        policy: OFFERED,
        machine: "gate",
        from: "100.64.0.1",
        to: "10.21.0.5",
        opens: true,
    },
    Knock {
        place: "policyutil/reduce.go ReduceFilterRules: routes that are approved",
        dialect: Dialect::Headscale029,
        policy: OFFERED,
        machine: "gate",
        from: "100.64.0.1",
        to: "10.21.0.5",
        opens: false,
    },
];

// Fails if `Plan::own_source` asks for users only, `Names::widened` for the written address only, or `Cut::concerns` for
// approved routes only.
#[test]
fn each_branch_of_the_source_lets_in_what_it_says() {
    let network = Network::parse(NETWORK).unwrap();
    for knock in &KNOCKS {
        let policy = Policy::read(knock.policy, knock.dialect).unwrap();
        let compiled = compile(&policy, &network).unwrap();
        let rules = compiled.filter(network.node_named(knock.machine).unwrap());
        let between = (knock.from.parse().unwrap(), knock.to.parse().unwrap());
        assert_eq!(lets_in(&rules, 6, between, 22), knock.opens, "{}", knock.place);
    }
}

// v2/compiled.go compileOneViaGrant (v0.29.2). Fails if `headscale::peers` leads through a router for the sake of
// capabilities.
#[test]
fn capabilities_through_a_router_show_nobody() {
    let network = Network::parse(NETWORK).unwrap();
    let text = r#"{
      "tagOwners": {"tag:gate": []},
      "grants": [{"src": ["ana@"], "dst": ["10.20.0.0/24"], "app": {"example.org/cap/play": []}, "via": ["tag:gate"]}]
    }"#;
    let policy = Policy::read(text, Dialect::Headscale029).unwrap();
    let compiled = compile(&policy, &network).unwrap();
    let gate = compiled.node(network.node_named("gate").unwrap());
    assert!(gate.peers.is_empty() && gate.packet_filter_rules.is_empty(), "{:?}", gate.peers);
}

// policyutil/reduce.go reduceCapGrantRule (v0.29.2). Fails if `Cut::narrowed` passes over single addresses, or
// `Cut::cap_sources` over addresses beside a wildcard.
#[test]
fn capabilities_go_to_the_router_of_one_address() {
    let network = Network::parse(NETWORK).unwrap();
    let text = r#"{"grants": [
      {"src": ["ana@"], "dst": ["10.20.0.5"], "app": {"example.org/cap/play": []}},
      {"src": ["*", "10.20.0.9"], "dst": ["reed"], "app": {"tailscale.com/cap/drive": []}}
    ], "hosts": {"reed": "100.64.0.3"}}"#;
    let policy = Policy::read(text, Dialect::Headscale029).unwrap();
    let compiled = compile(&policy, &network).unwrap();
    let rules = compiled.filter(network.node_named("gate").unwrap());
    let told = serde_json::to_value(&rules).unwrap().to_string();
    assert!(told.contains("10.20.0.5") && told.contains("10.20.0.9"), "{told}");
}
