//! A host that fetches its guard by itself: a script, its units, and the same as a NixOS module.
//!
//! It fetches `GET {base}/api/v1/nodes/{id}/firewall/nftables` with a read-only token and the `ETag` of the last good
//! text, checks it, puts it in force and keeps it for the next boot. The text is an nft table of its own, so it fits
//! a host with any firewall; the open part stays in the host's own configuration. If it is to tell which devices
//! friends have, it sends `tailscale status --json` first. It always tells whether the guard that is in force holds
//! anything: whether its table was still there, whether its interface is, and whether it sees what comes in.

use serde::{Deserialize, Serialize};

use crate::Line;
use crate::bootstrap::{BootstrapError, HttpUrl, SecretFile, System};
use crate::nixos::module;
use crate::snippet::Lines;

/// The header in which a host says whether its guard holds anything: `model::host::Hold`.
pub const HOLD_HEADER: &str = "acequia-guard";

/// What makes a host pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// `acequia-pull.nix`, or an installer to run as root.
    pub file_name: String,
    /// The text by lines, with reasons.
    pub lines: Vec<Line>,
}

impl Pull {
    /// The whole text, with a newline at its end.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }
}

/// Makes a NixOS host, or another Linux host with systemd, fetch its guard from `url` every five minutes.
///
/// `token_file` lies on the host and holds the token of this node, nothing else. With `status`, the host posts there
/// what `tailscale status --json` says before it fetches; only the machine itself sees which devices friends have.
///
/// ```
/// use firewall::{System, pull};
///
/// let url = "https://acequia.example.com/api/v1/nodes/n1/firewall/nftables";
/// let module = pull(System::Nixos, url, None, "/run/secrets/acequia")?;
/// assert!(module.text().contains("nft -c -f new.nft"));
/// # Ok::<(), firewall::BootstrapError>(())
/// ```
///
/// # Errors
/// An URL or a path that cannot stand in a script, see [`BootstrapError`]; and a system that has neither nft nor
/// systemd.
pub fn pull(
    system: System,
    url: &str,
    status: Option<&str>,
    token_file: &str,
) -> Result<Pull, BootstrapError> {
    pull_telling(system, url, Tells { status, filter: None }, token_file)
}

/// Where a host tells what only it knows, each if it is to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tells<'a> {
    /// Which devices friends have: `tailscale status --json`.
    pub status: Option<&'a str>,
    /// The filter that its own tailscaled holds: the parts of `tailscale debug netmap` that say so and whose it is, and nothing
    /// else of it.
    pub filter: Option<&'a str>,
}

/// The same for a host that tells more.
///
/// # Errors
/// As [`pull`].
pub fn pull_telling(
    system: System,
    url: &str,
    tells: Tells<'_>,
    token_file: &str,
) -> Result<Pull, BootstrapError> {
    let url = HttpUrl::new(url)?;
    let status = tells.status.map(HttpUrl::new).transpose()?;
    let filter = tells.filter.map(HttpUrl::new).transpose()?;
    let told = Told { status: status.as_ref(), filter: filter.as_ref() };
    let token = SecretFile::new(system, token_file)?;
    let (file_name, lines) = match system {
        System::Nixos => ("acequia-pull.nix", nixos(&url, &told, &token)),
        System::Debian | System::Fedora | System::Arch => ("acequia-pull.sh", installer(&url, &told, &token)),
        System::Macos | System::Windows => return Err(BootstrapError::NoNft(system)),
    };
    Ok(Pull { file_name: file_name.to_owned(), lines: lines.done() })
}

/// [`Tells`], checked.
struct Told<'a> {
    status: Option<&'a HttpUrl>,
    filter: Option<&'a HttpUrl>,
}

const HEADER: &str =
    "printf 'header = \"Authorization: Bearer %s\"\\n' \"$(cat \"$CREDENTIALS_DIRECTORY/token\")\" |";

/// How many packets came in on the interface; nothing if it is not there. The list is that of the network namespace.
const RECEIVED: &str = r#"sed -n "s/^ *$device: *[0-9]* *\([0-9]*\) .*/\1/p" /proc/net/dev"#;

/// Runs in the state folder with the token in the credentials of the unit.
fn script(url: &HttpUrl, told: &Told<'_>) -> Lines {
    let mut lines = Lines::default();
    lines.add("set -eu");
    lines.add("umask 077");
    lines.add("cd \"$STATE_DIRECTORY\"");
    lines.add("hold=");
    lines.add("device=");
    lines.why(
        "if [ -e good.nft ]; then",
        "whether the guard held anything until now: the app cannot see that, and nothing else on the host says it",
    );
    lines.add("  hold=holds");
    lines.why(
        "  nft list table inet acequia > table.txt || hold=flushed",
        "it was put in force, and something took it out",
    );
    lines.add("  seen=$(sed -n 's/.*packets \\([0-9]*\\) .*\"acequia seen\".*/\\1/p' table.txt)");
    lines.add("  device=$(sed -n 's/^ *iifname != \"\\(.*\\)\" accept.*/\\1/p' good.nft)");
    lines.add(format!("  now=$({RECEIVED})"));
    lines.why(
        "  if [ -z \"$now\" ]; then",
        "no such interface: tailscaled has another one, or none, or is not running",
    );
    lines.add("    hold=no_interface");
    lines.why(
        "  elif [ \"$hold $seen\" = 'holds 0' ] && [ -s received ] && [ \"$now\" -gt \"$(cat received)\" ]; then",
        "packets came in since the last time, and it has seen none of them",
    );
    lines.add("    hold=blind");
    lines.add("  fi");
    lines.add("  rm table.txt");
    lines.add("fi");
    lines.why(
        "[ ! -e good.nft ] || nft -f good.nft || rm -f etag",
        "the last good one, each time: something may have flushed it, or loaded an older one; without it no mark is sent",
    );
    lines.why(
        format!("[ -z \"$device\" ] || {RECEIVED} > received"),
        "after what was loaded just now, whose counters begin anew",
    );
    if let Some(status) = told.status {
        lines.why(
            "if timeout 30 tailscale status --json > status.json; then",
            "only the machine itself sees friends' devices",
        );
        lines.add(format!("  {HEADER}"));
        lines.why(
            format!(
                "    curl -fsS --max-time 60 --config - --data-binary @status.json -o /dev/null \"{}\" || true",
                status.as_str()
            ),
            "what could not be told is told the next time; the text is fetched all the same",
        );
        lines.add("fi");
        lines.add("rm -f status.json");
    }
    if let Some(filter) = told.filter {
        lines.why(
            "if timeout 30 tailscale debug netmap > netmap.json; then",
            "what is in force on this machine, whatever a control plane says; no stable interface, so it may prove nothing",
        );
        lines.why(
            "  { echo '{'; sed -n 's/^\\t\\(\"NodeKey\": \"[^\"]*\"\\).*/\\t\\1,/p' netmap.json; sed -n -e '/^\\t\"PacketFilterRules\": null/p' -e '/^\\t\"PacketFilterRules\": \\[/,/^\\t\\]/p' netmap.json | sed -e 's/^\\t\\],$/\\t]/' -e 's/null,$/null/'; echo '}'; } > filter.json",
            "the filter alone, and the public key that says whose it is: nothing else of it leaves the host",
        );
        lines.add(format!("  {HEADER}"));
        lines.add(format!(
            "    curl -fsS --max-time 60 --config - --data-binary @filter.json -o /dev/null \"{}\" || true",
            filter.as_str()
        ));
        lines.add("fi");
        lines.add("rm -f netmap.json filter.json");
    }
    lines.add("rm -f new.nft new.etag");
    lines.why(HEADER, "the token goes through a pipe, so that it is in no process list");
    lines.why(
        format!(
            "  curl -fsS --max-time 60 --config - -H \"{HOLD_HEADER}: $hold\" --etag-compare etag --etag-save new.etag -o new.nft \"{}\"",
            url.as_str()
        ),
        "nothing is sent back while the ETag is the same; any failure ends here and the last good text stays in force",
    );
    lines.why("[ -s new.nft ] || exit 0", "nothing new");
    lines.why("head -n 1 new.nft | grep -q '^# acequia:begin '", "a proxy's error page is no snippet");
    lines.why("tail -n 1 new.nft | grep -q '^# acequia:end '", "nor is half of one");
    lines.why("nft -c -f new.nft", "checked by the kernel before anything changes");
    lines.why("nft -f new.nft", "one transaction");
    lines.why("rm -f received", "its counters begin anew");
    lines.why("mv new.nft good.nft", "the last good one, for the next boot");
    lines.add("mv new.etag etag");
    lines
}

const FETCH: &str = "fetches the guard of this node";
const LOAD: &str = "loads the last good guard of this node";

fn installer(url: &HttpUrl, told: &Told<'_>, token: &SecretFile) -> Lines {
    let mut lines = Lines::default();
    lines.add("#!/bin/sh");
    lines.why("# run as root once; needs nft and curl", "everything it makes is named here");
    lines.add("set -eu");
    lines.add("install -d -m 755 /etc/acequia");
    file(&mut lines, "/etc/acequia/pull.sh", &["#!/bin/sh"], Some(script(url, told)));
    file(
        &mut lines,
        "/etc/systemd/system/acequia-pull.service",
        &[
            "[Unit]",
            &format!("Description=Acequia {FETCH}"),
            "Wants=network-online.target",
            "After=network-online.target acequia-pulled-guard.service",
            "[Service]",
            "Type=oneshot",
            "StateDirectory=acequia",
            &format!("LoadCredential=token:{}", token.as_str()),
            "ExecStart=/bin/sh /etc/acequia/pull.sh",
        ],
        None,
    );
    file(
        &mut lines,
        "/etc/systemd/system/acequia-pull.timer",
        &["[Timer]", "OnBootSec=30s", "OnUnitInactiveSec=5min", "[Install]", "WantedBy=timers.target"],
        None,
    );
    file(
        &mut lines,
        "/etc/systemd/system/acequia-pulled-guard.service",
        &[
            "[Unit]",
            &format!("Description=Acequia {LOAD}"),
            "ConditionPathExists=/var/lib/acequia/good.nft",
            "Before=tailscaled.service",
            "After=nftables.service",
            "[Service]",
            "Type=oneshot",
            "RemainAfterExit=yes",
            "ExecStart=/usr/sbin/nft -f /var/lib/acequia/good.nft",
            "[Install]",
            "WantedBy=multi-user.target",
        ],
        None,
    );
    lines.add("systemctl daemon-reload");
    lines.why(
        "systemctl enable acequia-pulled-guard.service",
        "the guard is there before tailscaled, also with no network",
    );
    lines.add("systemctl enable --now acequia-pull.timer");
    lines
}

fn file(lines: &mut Lines, path: &str, head: &[&str], rest: Option<Lines>) {
    lines.add(format!("cat > {path} <<'FILE'"));
    for line in head {
        lines.add(*line);
    }
    lines.nest("", rest.unwrap_or_default());
    lines.add("FILE");
}

fn nixos(url: &HttpUrl, told: &Told<'_>, token: &SecretFile) -> Lines {
    let tells = told.status.is_some() || told.filter.is_some();
    let mut body = Lines::default();
    body.add("systemd.services.acequia-pull = {");
    body.add(format!("  description = \"Acequia {FETCH}\";"));
    body.add("  wants = [ \"network-online.target\" ];");
    body.add("  after = [ \"network-online.target\" \"acequia-pulled-guard.service\" ];");
    let tailscale = if tells { " config.services.tailscale.package" } else { "" };
    body.add(format!("  path = [ pkgs.curl pkgs.nftables{tailscale} ];"));
    body.add("  serviceConfig = {");
    body.add("    Type = \"oneshot\";");
    body.add("    StateDirectory = \"acequia\";");
    body.why(
        format!("    LoadCredential = \"token:{}\";", token.as_str()),
        "a string, not a path: Nix would copy a path into the world-readable store",
    );
    body.add("  };");
    body.add("  script = ''");
    body.nest("    ", script(url, told));
    body.add("  '';");
    body.add("};");
    body.add("systemd.timers.acequia-pull = {");
    body.add("  wantedBy = [ \"timers.target\" ];");
    body.add("  timerConfig = {");
    body.add("    OnBootSec = \"30s\";");
    body.add("    OnUnitInactiveSec = \"5min\";");
    body.add("  };");
    body.add("};");
    body.why(
        "systemd.services.acequia-pulled-guard = {",
        "the guard is there before tailscaled, also with no network; the firewall of NixOS leaves its table alone",
    );
    body.add(format!("  description = \"Acequia {LOAD}\";"));
    body.add("  wantedBy = [ \"multi-user.target\" ];");
    body.add("  before = [ \"tailscaled.service\" ];");
    body.add("  after = [ \"nftables.service\" ];");
    body.add("  unitConfig.ConditionPathExists = \"/var/lib/acequia/good.nft\";");
    body.add("  serviceConfig = {");
    body.add("    Type = \"oneshot\";");
    body.add("    RemainAfterExit = true;");
    body.add("    ExecStart = \"${pkgs.nftables}/bin/nft -f /var/lib/acequia/good.nft\";");
    body.add("  };");
    body.add("};");
    module(if tells { "{ config, pkgs, ... }:" } else { "{ pkgs, ... }:" }, body)
}
