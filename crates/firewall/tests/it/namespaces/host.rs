//! What else is on the server: tailscaled's rules, and the host firewalls that the snippets meet.

/// The rules of tailscaled with `--netfilter-mode=on`, from its source (`util/linuxfw/iptables_runner.go`).
pub const TAILSCALED: &str = "\
for t in iptables ip6tables; do
  $t -w -N ts-input
  $t -w -A ts-input -i tailscale0 -j ACCEPT
  $t -w -A ts-input -p udp --dport 41641 -j ACCEPT
  $t -w -I INPUT 1 -j ts-input
done
iptables -w -I ts-input 1 ! -i tailscale0 -s 100.64.0.0/10 -j DROP
";

/// What a restart of tailscaled changes: its jump is the first one again.
pub const RESTARTED: &str = "\
for t in iptables ip6tables; do
  $t -w -D INPUT -j ts-input
  $t -w -I INPUT 1 -j ts-input
done
";

/// What it lets through to other hosts and containers (`ts-forward`, the same source).
pub const TAILSCALED_FORWARD: &str = "\
for t in iptables ip6tables; do
  $t -w -N ts-forward
  $t -w -A ts-forward -i tailscale0 -j MARK --set-mark 0x40000/0xff0000
  $t -w -A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT
  $t -w -A ts-forward -o tailscale0 -j ACCEPT
  $t -w -I FORWARD 1 -j ts-forward
done
";

/// The input rules of NixOS with nftables (nixpkgs, firewall-nftables.nix), with `allow` in its input-allow chain.
pub fn nixos_nftables(allow: &str) -> String {
    format!(
        "nft -f - <<'HOST'
table inet nixos-fw {{
  chain rpfilter {{
    type filter hook prerouting priority mangle + 10; policy drop;
    meta nfproto ipv4 udp sport . udp dport {{ 67 . 68, 68 . 67 }} accept
    fib saddr . mark . iif oif exists accept
  }}
  chain input {{
    type filter hook input priority filter; policy drop;
    iifname lo accept
    ct state vmap {{ invalid : drop, established : accept, related : accept, new : jump input-allow, untracked : jump input-allow }}
  }}
  chain input-allow {{
    icmp type echo-request accept
    icmpv6 type != {{ nd-redirect, 139 }} accept
{allow}
  }}
}}
HOST
"
    )
}

/// The input rules of NixOS with iptables (nixpkgs, firewall-iptables.nix), with `allow` for both families.
pub fn nixos_iptables(allow: &str) -> String {
    format!(
        "ip46tables() {{ iptables -w \"$@\"; ip6tables -w \"$@\"; }}
ip46tables -N nixos-fw-accept
ip46tables -A nixos-fw-accept -j ACCEPT
ip46tables -N nixos-fw-refuse
ip46tables -A nixos-fw-refuse -j DROP
ip46tables -N nixos-fw
ip46tables -A nixos-fw -i lo -j nixos-fw-accept
ip46tables -A nixos-fw -m conntrack --ctstate ESTABLISHED,RELATED -j nixos-fw-accept
{allow}
iptables -w -A nixos-fw -p icmp --icmp-type echo-request -j nixos-fw-accept
ip6tables -w -A nixos-fw -p icmpv6 -j nixos-fw-accept
ip46tables -A nixos-fw -j nixos-fw-refuse
ip46tables -A INPUT -j nixos-fw
"
    )
}

/// A running firewalld with a copy of the configuration; it ends with the world.
pub const FIREWALLD: &str = "\
cp -r /etc/firewalld /run/etc-firewalld
mount --bind /run/etc-firewalld /etc/firewalld
mkdir -p /run/dbus /run/firewalld
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/bus
dbus-daemon --system --nofork --nopidfile --address=$DBUS_SYSTEM_BUS_ADDRESS --print-address=3 3>/run/dbus/address >/dev/null 2>&1 &
echo $! >> /run/pids
firewalld --nofork --nopid >/run/firewalld/said 2>&1 &
daemon=$!
echo $daemon >> /run/pids
until firewall-cmd --state >/dev/null 2>&1; do
  kill -0 $daemon || { cat /run/firewalld/said; exit 1; }
done
";
