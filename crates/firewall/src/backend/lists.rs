//! What prints the rules in force, as a page compares them with the rendered ones.

use super::Backend;
use crate::{Part, firewalld, iptables, nftables, ufw, windows};

/// The command of a part. Where one tool has both parts, it is the same for each.
pub(super) const fn of(backend: Backend, part: Part) -> &'static str {
    use Backend as B;
    use Part as P;
    match (backend, part) {
        (B::NixosNftables | B::Nftables | B::Firewalld, P::Guard) | (B::Nftables, P::All) => nftables::LIST,
        (B::NixosIptables | B::Ufw, P::Guard) | (B::Iptables, _) => iptables::LIST,
        (B::NixosNftables | B::NixosIptables, P::Open) => "nixos-option networking.firewall.interfaces",
        (B::NixosNftables, P::All) => {
            "cat /proc/net/dev; nft list table inet acequia; nixos-option networking.firewall.interfaces"
        }
        (B::NixosIptables, P::All) => {
            "cat /proc/net/dev; iptables-save -c; ip6tables-save -c; nixos-option networking.firewall.interfaces"
        }
        (B::Nftables, P::Open) => nftables::LIST_OPEN,
        (B::Ufw, P::Open) => ufw::LIST_OPEN,
        (B::Ufw, P::All) => "cat /proc/net/dev; iptables-save -c; ip6tables-save -c; ufw status numbered",
        (B::Firewalld, P::Open) => firewalld::LIST_OPEN,
        (B::Firewalld, P::All) => {
            "cat /proc/net/dev; nft list table inet acequia; firewall-cmd -v --zone=acequia --list-all"
        }
        (B::Windows, P::Guard) => windows::CHECK_GUARD,
        (B::Windows, P::Open) => windows::CHECK_OPEN,
        (B::Windows, P::All) => windows::CHECK,
    }
}
