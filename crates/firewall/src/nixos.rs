//! NixOS modules: one importable file per node.

mod bootstrap;

use model::{PortRange, PortSet, Protocol};

use crate::guard;
use crate::iptables;
use crate::nftables;
use crate::snippet::Lines;
use crate::{Input, Opening, Part};

pub(crate) use bootstrap::bootstrap;

/// The module for a host with `networking.nftables.enable = true`.
pub(crate) fn nftables(input: &Input, part: Part) -> Lines {
    let mut body = Lines::default();
    if part.opens() {
        open(&mut body, input);
    }
    if part.guards() {
        body.add("assertions = [");
        body.add("  {");
        body.why(
            "    assertion = config.networking.nftables.enable or false;",
            "without nftables the table below would silently not be loaded; it is not switched on for you, because \
             that breaks extraCommands and Docker's own rules",
        );
        body.add(
            "    message = \"acequia: this guard needs networking.nftables.enable = true; or render it for nixos-iptables\";",
        );
        body.add("  }");
        body.add("];");
        body.why(
            "networking.nftables.tables.acequia = {",
            "NixOS replaces the table in one step and checks it when it builds",
        );
        body.add("  family = \"inet\";");
        body.add("  content = ''");
        body.nest("    ", nftables::body(input));
        body.add("  '';");
        body.add("};");
    }
    module("{ config, ... }:", body)
}

/// The module for a host with the older default, where the firewall is a script of iptables calls.
pub(crate) fn iptables(input: &Input, part: Part) -> Lines {
    let mut body = Lines::default();
    if part.opens() {
        open(&mut body, input);
    }
    if part.guards() {
        body.why(
            "networking.firewall.extraCommands = ''",
            "runs whenever the firewall starts or reloads; NixOS refuses it on a host with nftables",
        );
        body.nest("  ", iptables::guard(input));
        body.add("'';");
        body.why("networking.firewall.extraStopCommands = ''", "runs when the firewall stops");
        body.nest("  ", iptables::removal(Part::Guard));
        body.add("'';");
    }
    module("{ ... }:", body)
}

/// A module that takes the chains of the one before out: what made them is gone from the new configuration, so
/// something must name them once more.
pub(crate) fn iptables_removal() -> Lines {
    let mut body = Lines::default();
    body.why(
        "networking.firewall.extraCommands = ''",
        "deploy this once in place of the old module; then drop the file and its import",
    );
    body.nest("  ", iptables::removal(Part::Guard));
    body.add("'';");
    module("{ ... }:", body)
}

/// The ports of all shares on the tailnet interface.
fn open(body: &mut Lines, input: &Input) {
    let (mut tcp, mut udp) = (Vec::new(), Vec::new());
    for permit in guard::opened(input) {
        let ranges = if permit.protocol == Protocol::Tcp { &mut tcp } else { &mut udp };
        ranges.extend(permit.ranges.iter().copied());
    }
    let sets: [(&str, PortSet); 2] = [("TCP", tcp.into_iter().collect()), ("UDP", udp.into_iter().collect())];
    if sets.iter().all(|(_, set)| set.is_empty()) {
        body.why("# no share opens a port", "nothing is opened in the host's own firewall");
        return;
    }
    body.why(
        format!("networking.firewall.interfaces.\"{}\" = {{", input.interface()),
        "on the tailnet interface only, in place of trustedInterfaces, which would open every port",
    );
    for (name, set) in &sets {
        let (single, wide): (Vec<PortRange>, Vec<PortRange>) =
            set.ranges().iter().copied().partition(|range| range.first() == range.last());
        if !single.is_empty() {
            let ports: Vec<String> = single.iter().map(ToString::to_string).collect();
            body.why(
                format!("  allowed{name}Ports = [ {} ];", ports.join(" ")),
                format!("the shared {name} ports; tells no friends apart and knows no dates, the guard does"),
            );
        }
        if !wide.is_empty() {
            body.why(format!("  allowed{name}PortRanges = ["), format!("the shared ranges of {name} ports"));
            for range in wide {
                body.add(format!("    {{ from = {}; to = {}; }}", range.first(), range.last()));
            }
            body.add("  ];");
        }
    }
    body.add("};");
    for share in input.shares().filter(|share| matches!(share.opening(), Opening::Until(_))) {
        body.why(
            format!("# share {} ends by the guard", share.label),
            "the options of NixOS know no dates; the end stands in the guard, and in the next revision",
        );
    }
}

/// A module with that head and body.
pub(crate) fn module(head: &str, body: Lines) -> Lines {
    let mut lines = Lines::default();
    lines.add(head).add("{");
    lines.nest("  ", body);
    lines.add("}");
    lines
}

/// A module that sets nothing: the next switch takes everything out.
pub(crate) fn nothing() -> Lines {
    let mut lines = Lines::default();
    lines.why(
        "{ ... }: { }",
        "sets nothing, so the next switch takes everything out; then drop the file and its import",
    );
    lines
}
