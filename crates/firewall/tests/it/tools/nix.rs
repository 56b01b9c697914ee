//! NixOS modules through the real parser and evaluator, without a store and without nixpkgs.

use std::collections::BTreeSet;
use std::process::Command;

use firewall::{Backend, Input, Opening, Part, remove, render};
use model::Protocol;
use serde_json::Value;

use crate::tools::iptables::variant;
use crate::{cases, golden, sandbox};

const BACKENDS: [Backend; 2] = [Backend::NixosNftables, Backend::NixosIptables];

pub fn nix(arguments: &[&str], input: &str) -> std::process::Output {
    let mut command = Command::new("nix-instantiate");
    command.args(["--store", "dummy://"]).args(arguments);
    sandbox::feed(&mut command, input)
}

pub fn evaluate(module: &str) -> Value {
    let expression = format!("({module}) {{ config = {{ }}; }}");
    let output = nix(&["--eval", "--strict", "--json", "-E", &expression], "");
    sandbox::accepted("nix-instantiate --eval", module, &output);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_module_is_nix() {
    if !sandbox::installed("nix on every module", &["nix-instantiate"]) {
        return;
    }
    for backend in BACKENDS {
        for (name, snippet) in golden::files(backend) {
            let output = nix(&["--parse", "-"], &snippet.text());
            sandbox::accepted(&format!("{backend}/{name}"), &snippet.text(), &output);
        }
    }
}

pub fn opened(options: &Value, interface: &str, protocol: &str) -> BTreeSet<u64> {
    let options = &options["networking"]["firewall"]["interfaces"][interface];
    let list = |name: String| options[name].as_array().cloned().unwrap_or_default();
    let mut ports: BTreeSet<u64> =
        list(format!("allowed{protocol}Ports")).iter().map(|port| port.as_u64().unwrap()).collect();
    for range in list(format!("allowed{protocol}PortRanges")) {
        ports.extend(range["from"].as_u64().unwrap()..=range["to"].as_u64().unwrap());
    }
    ports
}

fn meant(input: &Input, protocol: Protocol) -> BTreeSet<u64> {
    let shares = input.shares().filter(|share| share.opening() != Opening::Ended);
    let ranges = shares.flat_map(|share| share.ports.of(protocol).ranges().to_vec());
    ranges.flat_map(|range| u64::from(range.first())..=u64::from(range.last())).collect()
}

#[test]
fn the_options_open_the_shared_ports_and_nothing_else() {
    if !sandbox::installed("evaluating the modules", &["nix-instantiate"]) {
        return;
    }
    for (name, input) in cases::all() {
        for backend in BACKENDS {
            let options = evaluate(&render(&input, backend, Part::All).text());
            let interface = input.interface().as_str();
            assert_eq!(opened(&options, interface, "TCP"), meant(&input, Protocol::Tcp), "{backend} {name}");
            assert_eq!(opened(&options, interface, "UDP"), meant(&input, Protocol::Udp), "{backend} {name}");
            // Nothing but these options is ever set.
            let set = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert!(set(&options).iter().all(|key| key == "networking" || key == "assertions"), "{options}");
            let known = ["interfaces", "extraCommands", "extraStopCommands"];
            if let Some(firewall) = options["networking"]["firewall"].as_object() {
                assert!(firewall.keys().all(|key| known.contains(&key.as_str())), "{options}");
            }
        }
    }
}

#[test]
fn nft_takes_the_table_that_the_module_declares() {
    if !sandbox::ready("nft on the NixOS tables", &["nix-instantiate", "nft"]) {
        return;
    }
    for (name, input) in cases::all() {
        let options = evaluate(&render(&input, Backend::NixosNftables, Part::Guard).text());
        assert_eq!(
            options["assertions"][0]["assertion"], false,
            "nftables is not enabled in this evaluation"
        );
        let table = &options["networking"]["nftables"]["tables"]["acequia"];
        let family = table["family"].as_str().unwrap();
        let text = format!("table {family} acequia {{\n{}}}\n", table["content"].as_str().unwrap());
        sandbox::accepted(&name, &text, &sandbox::run("nft -c -f - && exit 0", &text));
    }
}

#[test]
fn shellcheck_has_nothing_to_say_about_the_commands_of_a_module() {
    if !sandbox::installed("shellcheck on the commands of modules", &["nix-instantiate", "shellcheck"]) {
        return;
    }
    for (name, snippet) in golden::files(Backend::NixosIptables) {
        let options = evaluate(&snippet.text());
        for commands in ["extraCommands", "extraStopCommands"] {
            if let Some(text) = options["networking"]["firewall"][commands].as_str() {
                let output = sandbox::feed(Command::new("shellcheck").args(["-s", "sh", "-"]), text);
                sandbox::accepted(&format!("{name} {commands}"), text, &output);
            }
        }
    }
}

#[test]
fn the_commands_of_the_module_run_twice_and_stop_without_a_trace() {
    let tools = ["nix-instantiate", "iptables-nft", "iptables-legacy"];
    if !sandbox::ready("the commands of nixos-iptables", &tools) {
        return;
    }
    let input = cases::named("mixed");
    let text = |options: &Value, name: &str| {
        options["networking"]["firewall"][name].as_str().unwrap_or_default().to_owned()
    };
    let options = evaluate(&render(&input, Backend::NixosIptables, Part::All).text());
    let gone = evaluate(&remove(&input, Backend::NixosIptables, Part::All).text());
    for stop in [text(&options, "extraStopCommands"), text(&gone, "extraCommands")] {
        for name in ["nft", "legacy"] {
            let script = format!(
                "mkdir /run/bin; {} PATH=/run/bin:$PATH; cat > /run/f.sh; sh -e /run/f.sh; sh -e /run/f.sh; \
                 test \"$(iptables -t mangle -S | grep -c -- '-A PREROUTING -j ACEQUIA')\" = 1; \
                 test \"$(ip6tables -t mangle -S | grep -c -- '-j DROP')\" = 2; \
                 sh -e /dev/stdin <<'STOP'\n{stop}STOP\ntest -z \"$(iptables-save | grep ACEQUIA; ip6tables-save | grep ACEQUIA)\"",
                variant(name)
            );
            let commands = text(&options, "extraCommands");
            sandbox::accepted(name, &commands, &sandbox::run(&script, &commands));
        }
    }
}

#[test]
fn the_bootstrap_module_gives_the_key_as_a_string() {
    if !sandbox::installed("evaluating the bootstrap module", &["nix-instantiate"]) {
        return;
    }
    for (name, made) in golden::bootstraps().into_iter().filter(|(name, _)| name.starts_with("nixos")) {
        let expression =
            format!("({}) {{ config.services.tailscale.interfaceName = \"tailscale0\"; }}", made.text());
        let output = nix(&["--eval", "--strict", "--json", "-E", &expression], "");
        sandbox::accepted(&name, &made.text(), &output);
        let options: Value = serde_json::from_slice(&output.stdout).unwrap();
        let tailscale = &options["services"]["tailscale"];
        assert_eq!(tailscale["enable"], true);
        assert_eq!(tailscale["openFirewall"], true);
        assert!(options["networking"]["firewall"]["interfaces"]["tailscale0"].is_object());
        if name == "nixos.full" {
            assert_eq!(tailscale["authKeyFile"], "/run/secrets/tailscale");
            assert_eq!(tailscale["useRoutingFeatures"], "both");
            assert_eq!(tailscale["extraUpFlags"][0], "--login-server=https://headscale.example.com");
        }
    }
}
