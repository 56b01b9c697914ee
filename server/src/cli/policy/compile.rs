//! What the control plane sends to each node.

use std::fmt::Write as _;
use std::process::ExitCode;

use policy::compile::wire::{DstPort, FilterRule, NodeOutput, SshRule};
use policy::syntax::protocol;
use policy::{Network, Policy};

use super::{Case, Format, refused};
use crate::cli::output::{self, Paint};

pub fn compile(case: &Case, format: Format) -> anyhow::Result<ExitCode> {
    let policy = match Policy::read(case.text()?, case.language) {
        Ok(policy) => policy,
        Err(error) => return refused(&case.policy, &error, format),
    };
    let compiled = match policy::compile(&policy, &case.network) {
        Ok(compiled) => compiled,
        Err(error) => return refused(&case.policy, &error, format),
    };
    match format {
        Format::Json => output::print_json(&compiled.output())?,
        Format::Text => {
            for (index, node) in case.network.nodes().iter().enumerate() {
                output::print(in_words(&node.name, &compiled.node(index), &case.network, Paint::stdout()))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(name: &str, node: &NodeOutput, network: &Network, paint: Paint) -> String {
    let mut out = format!("{}\n", paint.bold(name));
    let mut line = |text: String| {
        let _ = writeln!(out, "  {text}");
    };
    match node.peers.len() {
        0 => line("sees nobody".into()),
        all if all + 1 == network.nodes().len() => line("sees all others".into()),
        _ => line(format!("sees {}", node.peers.join(", "))),
    }
    if node.packet_filter_rules.is_empty() {
        line("lets nobody in".into());
    }
    for rule in &node.packet_filter_rules {
        filter(rule).into_iter().for_each(&mut line);
    }
    node.ssh_rules.iter().map(ssh).for_each(&mut line);
    if !node.attributes.is_empty() {
        line(format!("has {}", node.attributes.keys().cloned().collect::<Vec<_>>().join(", ")));
    }
    out.push('\n');
    out
}

fn filter(rule: &FilterRule) -> Vec<String> {
    let from = rule.src_ips.join(", ");
    if !rule.cap_grant.is_empty() {
        let caps = rule.cap_grant.iter().flat_map(|grant| grant.cap_map.keys().map(String::as_str));
        return vec![format!("lets {from} use {}", caps.collect::<Vec<_>>().join(", "))];
    }
    let protocols = match rule.ip_proto.as_slice() {
        [] => String::new(),
        numbers => {
            format!(
                " by {}",
                numbers.iter().map(|number| protocol::name(*number)).collect::<Vec<_>>().join(", ")
            )
        }
    };
    let to = |dst: &DstPort| match (dst.ports.first, dst.ports.last) {
        (0, u16::MAX) => format!("{} all ports", dst.ip),
        (first, last) if first == last => format!("{} port {first}", dst.ip),
        (first, last) => format!("{} ports {first}-{last}", dst.ip),
    };
    vec![format!(
        "lets {from} to {}{protocols}",
        rule.dst_ports.iter().map(to).collect::<Vec<_>>().join(", ")
    )]
}

fn ssh(rule: &SshRule) -> String {
    let from =
        rule.principals.iter().map(|principal| principal.node_ip.as_str()).collect::<Vec<_>>().join(", ");
    let users = rule.ssh_users.iter().map(|(asked, local)| match local.as_str() {
        "" => format!("not {asked}"),
        "=" if asked == "*" => "any user".into(),
        "=" => asked.clone(),
        local => format!("{asked} as {local}"),
    });
    let checked = if rule.action.hold_and_delegate.is_some() { " after a check" } else { "" };
    format!("ssh for {from}: {}{checked}", users.collect::<Vec<_>>().join(", "))
}
