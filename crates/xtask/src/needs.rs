/// A program that some tests need, the Debian package that has it, and why.
pub struct Need {
    pub program: &'static str,
    pub package: &'static str,
    pub reason: &'static str,
    /// Installing it starts something that changes the machine's own firewall: only where nothing starts services,
    /// as in a container.
    pub takes_over: bool,
}

/// Everything that tests need besides Rust and node; the one list of it.
pub const NEEDS: &[Need] = &[
    need("chromium", "chromium", "journeys in a real browser"),
    need("initdb", "postgresql", "store tests on PostgreSQL"),
    need("nft", "nftables", "checking and loading nftables snippets"),
    need("iptables", "iptables", "checking and loading iptables snippets"),
    need("ip", "iproute2", "network namespaces in which a snippet has to bite"),
    need("ufw", "ufw", "what ufw makes of its commands"),
    Need {
        takes_over: true,
        ..need("firewall-offline-cmd", "firewalld", "what firewalld makes of its commands")
    },
    need("ping", "iputils-ping", "that a guard lets ping pass"),
    need("curl", "curl", "a host that fetches its own firewall text"),
    need("openssl", "openssl", "that a certificate which nobody vouches for is refused"),
    need("conntrack", "conntrack", "what a snippet does to open connections"),
    need("nix-instantiate", "nix-bin", "reading NixOS snippets with the real parser"),
    need("shellcheck", "shellcheck", "reading shell snippets"),
    // It brings a server that would be started, which has nothing to do here.
    Need { takes_over: true, ..need("promtool", "prometheus", "whether alerts ring when they should") },
];

const fn need(program: &'static str, package: &'static str, reason: &'static str) -> Need {
    Need { program, package, reason, takes_over: false }
}
