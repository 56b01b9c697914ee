//! Commands for systems that are no NixOS. Package names and repositories: <https://tailscale.com/download>.

use super::{HttpUrl, Routing, SecretFile, System};
use crate::snippet::Lines;

pub(super) fn of(
    system: System,
    routing: Routing,
    key: Option<&SecretFile>,
    server: Option<&HttpUrl>,
) -> Lines {
    let mut lines = Lines::default();
    match system {
        System::Nixos | System::Debian => debian(&mut lines),
        System::Fedora => {
            lines.why("sudo dnf install -y tailscale", "Fedora packages it itself");
            lines.why(ENABLE, STARTS);
        }
        System::Arch => {
            lines.why("sudo pacman -S --needed tailscale", "Arch packages it itself");
            lines.why(ENABLE, STARTS);
        }
        System::Macos => {
            lines.why("brew install tailscale", "the open-source daemon, which runs before anybody signs in");
            lines.why("sudo brew services start tailscale", STARTS);
        }
        System::Windows => {
            lines.why(
                "winget install --exact --id Tailscale.Tailscale",
                "in PowerShell as administrator; the installer starts the service",
            );
        }
    }
    let linux = matches!(system, System::Debian | System::Fedora | System::Arch);
    if linux && routing.serves() {
        lines.why(
            "printf 'net.ipv4.ip_forward = 1\\nnet.ipv6.conf.all.forwarding = 1\\n' | sudo tee /etc/sysctl.d/99-tailscale.conf >/dev/null",
            "an exit node or subnet router forwards packets",
        );
        lines.add("sudo sysctl -p /etc/sysctl.d/99-tailscale.conf");
    }
    let mut up = match system {
        System::Windows => "& \"$env:ProgramFiles\\Tailscale\\tailscale.exe\" up".to_owned(),
        _ => "sudo tailscale up".to_owned(),
    };
    if let Some(key) = key {
        up = format!("{up} --auth-key=file:{}", key.as_str());
    }
    if let Some(server) = server {
        up = format!("{up} --login-server={}", server.as_str());
    }
    if linux && routing.uses() {
        up.push_str(" --accept-routes");
    }
    lines.why(
        up,
        match key {
            Some(_) => {
                "joins with the key in that file, so that it is in no shell history and no process list"
            }
            None => "joins; prints a link to open in a browser",
        },
    );
    lines
}

const ENABLE: &str = "sudo systemctl enable --now tailscaled";
const STARTS: &str = "starts now and with the system";

fn debian(lines: &mut Lines) {
    lines.why(". /etc/os-release", "tells Debian from Ubuntu, and which release");
    lines.why(
        "curl -fsSL \"https://pkgs.tailscale.com/stable/$ID/$VERSION_CODENAME.noarmor.gpg\" | sudo tee /usr/share/keyrings/tailscale-archive-keyring.gpg >/dev/null",
        "the key that signs Tailscale's packages",
    );
    lines.why(
        "curl -fsSL \"https://pkgs.tailscale.com/stable/$ID/$VERSION_CODENAME.tailscale-keyring.list\" | sudo tee /etc/apt/sources.list.d/tailscale.list >/dev/null",
        "the repository, for this key only",
    );
    lines.add("sudo apt-get update");
    lines.why("sudo apt-get install -y tailscale", "starts now and with the system");
}
