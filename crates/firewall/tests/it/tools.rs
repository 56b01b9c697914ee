//! The real tools on the golden files. A tool that is missing is named in one line.

mod firewalld;
pub mod iptables;
mod nft;
pub mod nix;
mod powershell;
pub mod ufw;

use std::process::Command;

use firewall::{Backend, System};

use crate::{golden, sandbox};

#[test]
fn shellcheck_has_nothing_to_say_about_any_script() {
    if !sandbox::installed("shellcheck on the scripts", &["shellcheck"]) {
        return;
    }
    for backend in [Backend::Iptables, Backend::Ufw, Backend::Firewalld] {
        for (name, snippet) in golden::files(backend) {
            let output = sandbox::feed(Command::new("shellcheck").args(["-s", "sh", "-"]), &snippet.text());
            sandbox::accepted(&format!("{backend}/{name}"), &snippet.text(), &output);
        }
    }
    for (name, made) in golden::bootstraps() {
        if !matches!(made.system, System::Nixos | System::Windows) {
            // SC1091: the file that tells the release is read on the host.
            let output = sandbox::feed(
                Command::new("shellcheck").args(["-s", "sh", "-e", "SC1091", "-"]),
                &made.text(),
            );
            sandbox::accepted(&name, &made.text(), &output);
        }
    }
}
