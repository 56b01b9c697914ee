/// A program that some tests need, the Debian package that has it, and why.
pub struct Need {
    pub program: &'static str,
    pub package: &'static str,
    pub reason: &'static str,
}

/// Everything that tests need besides Rust and node; the one list of it.
pub const NEEDS: &[Need] = &[
    need("chromium", "chromium", "journeys in a real browser"),
    need("initdb", "postgresql", "store tests on PostgreSQL"),
    need("nft", "nftables", "checking and loading nftables snippets"),
    need("iptables", "iptables", "checking and loading iptables snippets"),
    need("ip", "iproute2", "network namespaces in which a snippet has to bite"),
    need("conntrack", "conntrack", "what a snippet does to open connections"),
    need("nix-instantiate", "nix-bin", "reading NixOS snippets with the real parser"),
    need("shellcheck", "shellcheck", "reading shell snippets"),
];

const fn need(program: &'static str, package: &'static str, reason: &'static str) -> Need {
    Need { program, package, reason }
}
