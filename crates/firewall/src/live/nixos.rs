//! The ports of the tailnet interface as `nixos-option` prints them, compared with the rendered ones.

use std::collections::BTreeSet;

use model::Protocol;

use super::answer::{Live, LiveError, MOST_LINES};
use super::nix_value::{Value, read};
use super::ports::{self, Ports};
use crate::Input;

const OPTION: &str = "networking.firewall.interfaces";

/// Compares the ports that the configuration of a NixOS host opens on the tailnet interface with those of `input`.
///
/// `pasted` is what `nixos-option networking.firewall.interfaces` prints, in the form of the tool that came with
/// NixOS up to 24.11, in that of its successor, or of either with `--recursive` (nixpkgs, `nixos-option.cc` and
/// `nixos-option.nix`). Other interfaces are passed over. NixOS merges what all its modules say, so a port that the
/// owner opened there by hand is named as not ours. The option names no revision and knows no dates.
///
/// # Errors
/// [`LiveError`] when the text does not show the value of the option.
pub fn compare_nixos_option(input: &Input, pasted: &str) -> Result<Live, LiveError> {
    if pasted.lines().nth(MOST_LINES).is_some() {
        return Err(LiveError::TooLong);
    }
    let interface = input.interface().as_str();
    let options =
        printed(pasted, interface).or_else(|| listed(pasted, interface)).ok_or(LiveError::NoValue)?;
    let mut live = Live { revisions: BTreeSet::new(), differences: Vec::new() };
    for protocol in Protocol::ALL {
        let found = opened(&options, protocol).ok_or(LiveError::NoValue)?;
        let beside = format!("/{protocol} on {interface}");
        live.differences.extend(ports::differences(&ports::wanted(input, protocol), &found, beside));
    }
    Ok(live)
}

/// Whether a text is of that tool.
pub(super) fn recognised(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines.any(|line| {
        line == "Value:" || line == "This attribute set contains:" || line.starts_with(&format!("{OPTION}."))
    })
}

/// What stands behind `Value:`, of the interface; none of it is no port.
fn printed(text: &str, interface: &str) -> Option<Vec<(String, Value)>> {
    let (_, value) = text.split_once("Value:\n").or_else(|| text.split_once("Value:\r\n"))?;
    let (value, _) = read(value)?;
    let Value::Set(interfaces) = value else { return None };
    match interfaces.into_iter().rfind(|(name, _)| name == interface) {
        None => Some(Vec::new()),
        Some((_, Value::Set(options))) => Some(options),
        Some(_) => None,
    }
}

/// What `--recursive` lists: a path and a value each.
fn listed(text: &str, interface: &str) -> Option<Vec<(String, Value)>> {
    let mut options = Vec::new();
    let mut rest = text;
    let mut some = false;
    while let Some((_, found)) = rest.split_once(OPTION).and_then(|(_, rest)| rest.split_at_checked(1)) {
        rest = found;
        // The command itself may have been pasted too.
        let Some((path, value)) = found.split_once(" = ").filter(|(path, _)| !path.contains('\n')) else {
            continue;
        };
        let (name, option) = path.rsplit_once('.')?;
        let (value, after) = read(value)?;
        if name.trim_matches('"') == interface {
            options.push((option.to_owned(), value));
        }
        some = true;
        rest = after;
    }
    some.then_some(options)
}

/// The ports that the options of one interface open; nothing if they cannot be read.
fn opened(options: &[(String, Value)], protocol: Protocol) -> Option<Ports> {
    let name = protocol.as_str().to_uppercase();
    let list = |name: String| match options.iter().rfind(|(option, _)| *option == name) {
        None => Some(&[][..]),
        Some((_, Value::List(items))) => Some(&items[..]),
        Some(_) => None,
    };
    let mut found = Ports::new();
    for port in list(format!("allowed{name}Ports"))? {
        found.insert(port.number()?);
    }
    for range in list(format!("allowed{name}PortRanges"))? {
        found.extend(range.field("from")?.number()?..=range.field("to")?.number()?);
    }
    Some(found)
}
