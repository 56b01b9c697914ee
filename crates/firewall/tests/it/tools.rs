//! The real tools on the golden files. A tool that is missing is named in one line.

mod firewalld;
pub mod iptables;
pub mod live;
mod nft;
pub mod nix;
mod powershell;
mod pull;
pub mod ufw;

use std::process::Command;

use firewall::{Backend, System};

use crate::{golden, sandbox};

#[test]
fn shellcheck_has_nothing_to_say_about_any_script() {
    if !sandbox::installed("shellcheck on the scripts", &["shellcheck"]) {
        return;
    }
    let check = |name: &str, text: &str| {
        let output = sandbox::feed(Command::new("shellcheck").args(["-s", "sh", "-"]), text);
        sandbox::accepted(name, text, &output);
    };
    for backend in Backend::ALL {
        let scripts = [Backend::Iptables, Backend::Ufw, Backend::Firewalld].contains(&backend);
        for (name, snippet) in golden::files(backend) {
            if scripts {
                check(&format!("{backend}/{name}"), &snippet.text());
            }
            if backend != Backend::Windows && name.starts_with("several") {
                let beside = [
                    &snippet.apply,
                    &snippet.boot,
                    &snippet.check_command,
                    &snippet.list_command,
                    &snippet.undo,
                ];
                check(&format!("beside {backend}/{name}"), &beside.map(|text| format!("{text}\n")).concat());
            }
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
