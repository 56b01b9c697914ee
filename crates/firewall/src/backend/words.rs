//! What an owner is told beside a snippet: commands, and the facts that decide whether it bites.
//!
//! `apply`, `boot` and `undo` can be pasted into a shell; what is to be done by hand is a comment there.

use super::Backend;
use crate::{Part, firewalld, iptables, nftables, ufw};

pub(super) struct Words {
    /// Each part has a file of its own, and all of it one.
    pub file_name: String,
    pub apply: String,
    pub boot: String,
    pub check: &'static str,
    pub undo: String,
    pub notes: Vec<&'static str>,
}

const POLICY: &str = "The gate that works everywhere is the tailnet policy with the share itself; this is a second \
                      line, on the host.";
const REVOKE: &str = "Ending a share is the next revision without it. Taking the guard out gives back the host's \
                      default, which next to tailscaled is: everything open to all whom the policy lets in.";
const TS_INPUT: &str = "Unless tailscaled runs with --netfilter-mode=off or nodivert, it accepts everything from \
                        its interface before the host's own rules (chain ts-input): then the open part changes \
                        nothing and restricts nobody. The guard stands before it.";
const OWN_TABLE: &str = "What tailscaled accepts (chain ts-input) ends only its own chain. Where your own table drops what \
                         is not opened, the friend cannot connect without the open part; and a drop in your own table \
                         does bite. On a host without a table of its own the open part is not needed.";
const CONTAINER: &str = "A tailscaled in a container has its interface in the container's own network namespace, where no \
                         rule of the host sees it: there this text belongs into that namespace, and is put in place \
                         again whenever the container starts.";
const OWN: &str = "Your own devices pass by address. One that joins later stays out until the next revision; so do \
                   addresses that a subnet router forwards without translating them.";
const DOCKER: &str = "Ports published by Docker never pass the host's input rules; the guard stands before \
                      destination NAT and covers them under their published number.";
const ROUTER: &str = "The guard also holds on a subnet router or exit node: what others send through this node is \
                      held to the same port numbers; which targets they reach is the tailnet policy's to say.";
const USERSPACE: &str =
    "With userspace networking there is no tailnet interface, and no rule of the host applies.";
const INSIDE: &str = "Tailscale SSH, tailscale serve and Taildrop are answered inside tailscaled: no rule of the host sees \
                      them, only the tailnet policy does.";
const SWITCH: &str = "# nothing to do: the file is part of the system and is loaded with its firewall";
const TRUSTED: &str = "Take the tailnet interface out of networking.firewall.trustedInterfaces: as far as the \
                       host's own firewall goes, it opens every port. The guard holds either way.";
const OPEN_FIREWALL: &str = "services.tailscale.openFirewall opens tailscaled's own UDP port for direct \
                             connections, and nothing on the tailnet interface.";

pub(super) fn of(backend: Backend, part: Part) -> Words {
    let mut words = match backend {
        Backend::NixosNftables => nixos_nftables(part),
        Backend::NixosIptables => nixos_iptables(part),
        Backend::Nftables => nftables(part),
        Backend::Iptables => iptables(part),
        Backend::Ufw => ufw(part),
        Backend::Firewalld => firewalld(part),
        Backend::Windows => windows(part),
    };
    words.notes.insert(0, POLICY);
    if part.guards() {
        words.notes.push(REVOKE);
        words.notes.push(OWN);
    }
    if backend != Backend::Windows {
        if part.guards() {
            words.notes.extend([DOCKER, ROUTER, INSIDE, CONTAINER]);
        }
        words.notes.push(USERSPACE);
    }
    words
}

/// The name of the file of a part, and of the unit that loads it.
const fn stem(part: Part) -> &'static str {
    match part {
        Part::All => "acequia",
        Part::Open => "acequia-open",
        Part::Guard => "acequia-guard",
    }
}

/// Loads the script of a part at each boot.
fn unit(part: Part) -> String {
    let file = stem(part);
    let (name, what) =
        if part.guards() { ("acequia-guard", "guard on") } else { ("acequia-open", "shared ports on") };
    format!(
        "install -D -m 600 {file}.sh /etc/acequia/{file}.sh\n\
         cat > /etc/systemd/system/{name}.service <<'UNIT'\n\
         [Unit]\n\
         Description=Acequia {what} the tailnet interface\n\
         Before=tailscaled.service\n\
         After=ufw.service firewalld.service netfilter-persistent.service\n\
         [Service]\n\
         Type=oneshot\n\
         RemainAfterExit=yes\n\
         ExecStart=/bin/sh /etc/acequia/{file}.sh\n\
         [Install]\n\
         WantedBy=multi-user.target\n\
         UNIT\n\
         systemctl enable {name}.service"
    )
}

fn undo_unit(part: Part) -> String {
    let name = if part.guards() { "acequia-guard" } else { "acequia-open" };
    format!("systemctl disable {name}.service  # if it is there")
}

fn import(part: Part) -> String {
    format!(
        "# in the host's configuration: imports = [ ./{}.nix ];\n\
         nixos-rebuild switch  # or deploy it with morph or colmena",
        stem(part)
    )
}

fn no_import(part: Part) -> String {
    format!("# take ./{}.nix out of imports\nnixos-rebuild switch", stem(part))
}

fn nixos_nftables(part: Part) -> Words {
    Words {
        file_name: format!("{}.nix", stem(part)),
        apply: import(part),
        boot: SWITCH.into(),
        check: if part.guards() { nftables::CHECK } else { "nft list chain inet nixos-fw input-allow" },
        undo: no_import(part),
        notes: vec![
            "On this backend the host's own firewall drops what is not opened, whatever tailscaled accepts: without \
             the open part the friend cannot connect.",
            TRUSTED,
            OPEN_FIREWALL,
        ],
    }
}

fn nixos_iptables(part: Part) -> Words {
    Words {
        file_name: format!("{}.nix", stem(part)),
        apply: import(part),
        boot: SWITCH.into(),
        check: if part.guards() { iptables::CHECK } else { "iptables -w -S nixos-fw" },
        undo: if part.guards() {
            "nixos-rebuild switch\n# and take it out of imports afterwards".into()
        } else {
            no_import(part)
        },
        notes: vec![TS_INPUT, TRUSTED, OPEN_FIREWALL],
    }
}

fn nftables(part: Part) -> Words {
    let file = stem(part);
    let notes = vec![
        "Debian's /etc/nftables.conf begins with flush ruleset: restarting that service also drops tailscaled's \
         rules until it restarts, and this guard unless it is included in that file. Then everything is open, and \
         nothing says so but the check command.",
        OWN_TABLE,
    ];
    if part == Part::Open {
        return Words {
            file_name: format!("{file}.nft"),
            apply: format!(
                "nft -c -f {file}.nft\nnft -f {file}.nft\n\
                 # once, in your own input chain before whatever drops: jump acequia_open"
            ),
            boot: format!(
                "install -D -m 600 {file}.nft /etc/acequia/{file}.nft\n\
                 # in /etc/nftables.conf, before your own table: include \"/etc/acequia/{file}.nft\""
            ),
            check: "nft list chain inet filter acequia_open | grep -o 'rev [0-9]*'",
            undo: "# take the jump and the include out, then\nnft delete chain inet filter acequia_open"
                .into(),
            notes,
        };
    }
    Words {
        file_name: format!("{file}.nft"),
        apply: format!("nft -c -f {file}.nft\nnft -f {file}.nft"),
        boot: format!(
            "install -D -m 600 {file}.nft /etc/acequia/{file}.nft\n\
             # at the end of /etc/nftables.conf: include \"/etc/acequia/{file}.nft\"\n\
             systemctl enable nftables"
        ),
        check: nftables::CHECK,
        undo: "nft delete table inet acequia\n# and take the include out of /etc/nftables.conf".into(),
        notes,
    }
}

fn iptables(part: Part) -> Words {
    Words {
        file_name: format!("{}.sh", stem(part)),
        apply: format!("sh {}.sh", stem(part)),
        boot: unit(part),
        check: if part.guards() { iptables::CHECK } else { iptables::CHECK_OPEN },
        undo: undo_unit(part),
        notes: vec![
            TS_INPUT,
            "iptables and iptables-legacy are two sets of rules in the same kernel; use the one that tailscaled uses, \
             the default of the system.",
        ],
    }
}

fn ufw(part: Part) -> Words {
    Words {
        file_name: format!("{}.sh", stem(part)),
        apply: format!("sh {}.sh", stem(part)),
        boot: if part == Part::Open { "# nothing to do: ufw keeps its rules".into() } else { unit(part) },
        check: if part.guards() { iptables::CHECK } else { ufw::CHECK_OPEN },
        undo: if part == Part::Open { String::new() } else { undo_unit(part) },
        notes: vec![
            TS_INPUT,
            "An allow rule of ufw restricts nobody, and ufw knows no dates; both are the guard's work, in the mangle \
             table, which ufw leaves alone.",
            "ufw must be active when the file runs, or it does not find its older rules.",
        ],
    }
}

fn firewalld(part: Part) -> Words {
    Words {
        file_name: format!("{}.sh", stem(part)),
        apply: format!("sh {}.sh", stem(part)),
        boot: if part == Part::Open {
            "# nothing to do: firewalld keeps its zones".into()
        } else {
            unit(part)
        },
        check: if part.guards() { nftables::CHECK } else { firewalld::CHECK_OPEN },
        undo: if part == Part::Open { String::new() } else { undo_unit(part) },
        notes: vec![
            "firewalld drops what is not opened, whatever tailscaled accepts: without the open part the friend cannot \
             connect.",
            "The zone gets the tailnet interface. On a subnet router or exit node leave the interface where it is, \
             because a zone does not forward by itself, and use the guard alone.",
        ],
    }
}

fn windows(part: Part) -> Words {
    let file = stem(part);
    let groups = match part {
        Part::All => "'acequia-guard', 'acequia-open'",
        Part::Open => "'acequia-open'",
        Part::Guard => "'acequia-guard'",
    };
    Words {
        file_name: format!("{file}.ps1"),
        apply: format!(
            "# in PowerShell as administrator\nSet-ExecutionPolicy -Scope Process Bypass\n.\\{file}.ps1"
        ),
        boot: "# nothing to do: Windows keeps its rules".into(),
        check: super::lists::of(Backend::Windows, part),
        undo: format!("Get-NetFirewallRule -Group {groups} | Remove-NetFirewallRule"),
        notes: vec![
            "Not machine-checked: these lines were never run on a Windows machine.",
            "Tailscale itself allows every port on its interface, so an Allow rule restricts nobody; the Block rules \
             of the guard win over it.",
            "Windows rules know no dates: when a share ends, apply the next revision.",
        ],
    }
}
