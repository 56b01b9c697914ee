//! The kinds of host, and what each makes of an input.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::snippet::Lines;
use crate::{Input, Part, Snippet, firewalld, iptables, nftables, nixos, ufw, windows};

mod lists;
mod words;

/// A kind of host firewall; chosen once per node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// NixOS with `networking.nftables.enable = true`.
    NixosNftables,
    /// NixOS with the older default.
    NixosIptables,
    /// A host whose rules are nft text.
    Nftables,
    /// A host whose rules are iptables calls.
    Iptables,
    /// A host with ufw.
    Ufw,
    /// A host with firewalld.
    Firewalld,
    /// Windows, in PowerShell; not machine-checked.
    Windows,
}

/// The text names no backend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a backend; write one of {all}", all = names())]
pub struct BackendError(String);

fn names() -> String {
    Backend::ALL.map(Backend::as_str).join(", ")
}

impl Backend {
    /// Every backend, in the order of a list to choose from.
    pub const ALL: [Self; 7] = [
        Self::NixosNftables,
        Self::NixosIptables,
        Self::Nftables,
        Self::Iptables,
        Self::Ufw,
        Self::Firewalld,
        Self::Windows,
    ];

    /// As on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NixosNftables => "nixos-nftables",
            Self::NixosIptables => "nixos-iptables",
            Self::Nftables => "nftables",
            Self::Iptables => "iptables",
            Self::Ufw => "ufw",
            Self::Firewalld => "firewalld",
            Self::Windows => "windows",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NixosNftables => "NixOS with nftables",
            Self::NixosIptables => "NixOS with iptables",
            Self::Nftables => "nftables",
            Self::Iptables => "iptables",
            Self::Ufw => "ufw (Ubuntu, Debian)",
            Self::Firewalld => "firewalld (Fedora, RHEL)",
            Self::Windows => "Windows (not machine-checked)",
        }
    }

    /// Prints the rules of a part that are in force, for [`compare_pasted`](crate::compare_pasted).
    pub const fn list_command(self, part: Part) -> &'static str {
        lists::of(self, part)
    }

    /// Whether a host of that kind can fetch its guard by itself, see [`pull`](crate::pull): it has nft and systemd.
    pub const fn pulls(self) -> bool {
        !matches!(self, Self::Windows)
    }

    /// Whether it is NixOS, whose text is a module.
    pub const fn is_nixos(self) -> bool {
        matches!(self, Self::NixosNftables | Self::NixosIptables)
    }

    /// Whether the snippets were run against the real tool, with real packets.
    pub const fn machine_checked(self) -> bool {
        !matches!(self, Self::Windows)
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(text: &str) -> Result<Self, BackendError> {
        let found = Self::ALL.into_iter().find(|backend| backend.as_str() == text);
        found.ok_or_else(|| BackendError(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The snippet that puts this revision in force.
///
/// ```
/// use firewall::{Backend, Input, Part, render};
///
/// let input = Input::from_json(
///     r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10"],
///         "shares":[{"id":"mc","tcp":["25565"]}]}"#,
/// )?;
/// let snippet = render(&input, Backend::Nftables, Part::Guard);
/// assert!(snippet.text().contains("tcp dport { 25565 } accept"));
/// # Ok::<(), firewall::InputError>(())
/// ```
pub fn render(input: &Input, backend: Backend, part: Part) -> Snippet {
    let body = match backend {
        Backend::NixosNftables => nixos::nftables(input, part),
        Backend::NixosIptables => nixos::iptables(input, part),
        Backend::Nftables => nftables::file(input, part),
        Backend::Iptables => iptables::file(input, part),
        Backend::Ufw => ufw::file(input, part),
        Backend::Firewalld => firewalld::file(input, part),
        Backend::Windows => windows::file(input, part),
    };
    snippet(input, backend, part, "", body)
}

/// The text that takes every trace of the snippet out of the host, whatever revision is in force.
///
/// With the defaults of tailscaled that leaves the node open to all whom the tailnet policy lets in: ending a
/// share is the next revision without it, not a removal.
pub fn remove(input: &Input, backend: Backend, part: Part) -> Snippet {
    snippet(input, backend, part, " removal", removal(backend, part))
}

fn removal(backend: Backend, part: Part) -> Lines {
    match backend {
        Backend::NixosNftables => nixos::nothing(),
        Backend::NixosIptables => nixos::iptables_removal(),
        Backend::Nftables => nftables::removal(part),
        Backend::Iptables => iptables::removal(part),
        Backend::Ufw => ufw::removal(part),
        Backend::Firewalld => firewalld::removal(part),
        Backend::Windows => windows::removal(part),
    }
}

fn snippet(input: &Input, backend: Backend, part: Part, what: &str, body: Lines) -> Snippet {
    let (node, revision) = (input.node(), input.revision());
    let mut lines = Lines::default();
    lines.why(
        format!("# acequia:begin node={node} rev={revision}{what}"),
        "one file per node with all its shares; the next revision replaces the whole file",
    );
    lines.nest("", body);
    lines.add(format!("# acequia:end node={node}"));
    let words = words::of(backend, part);
    let undo = match backend {
        // Its commands can be typed as they are.
        Backend::Iptables | Backend::Ufw | Backend::Firewalld => {
            (removal(backend, part).text() + &words.undo).trim_end().to_owned()
        }
        // What made the chains is gone from the new configuration: something has to name them once more.
        Backend::NixosIptables if part.guards() => {
            let (file, text) = (&words.file_name, removal(backend, part).text());
            format!("cat > {file} <<'NIX'\n{text}NIX\n{}", words.undo)
        }
        _ => words.undo,
    };
    Snippet {
        backend,
        part,
        revision,
        file_name: words.file_name,
        lines: lines.done(),
        apply: words.apply,
        boot: words.boot,
        check_command: words.check.to_owned(),
        list_command: backend.list_command(part).to_owned(),
        undo,
        notes: words.notes.into_iter().map(str::to_owned).collect(),
    }
}
