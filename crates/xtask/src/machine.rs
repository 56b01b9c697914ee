use std::path::Path;
use std::process::{Command, Stdio};

use crate::needs::{NEEDS, Need};
use crate::postgres;
use crate::shell::{find, is_root, output, run, say};

/// Installs what is missing; what cannot be installed is one line, and the tests that need it skip themselves.
pub fn prepare() {
    let mut missing = missing();
    if missing.is_empty() {
        return;
    }
    let services = Path::new("/run/systemd/system").exists();
    let wanted: Vec<&Need> = missing.iter().copied().filter(|need| !(need.takes_over && services)).collect();
    if let Some(apt) = Apt::find().filter(|_| !wanted.is_empty()) {
        apt.install(&wanted);
        missing = self::missing();
    }
    for Need { program, package, reason, .. } in missing {
        say(format_args!("skipping {reason}: no `{program}`, which Debian has in the package {package}"));
    }
}

fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !is_there(need.program)).collect()
}

fn is_there(program: &str) -> bool {
    find(program).is_some() || (program == "initdb" && postgres::folder().is_some())
}

/// `apt-get` with the right to install.
struct Apt {
    sudo: bool,
}

impl Apt {
    fn find() -> Option<Self> {
        find("apt-get")?;
        if is_root() {
            return Some(Self { sudo: false });
        }
        output(Command::new("sudo").args(["-n", "true"])).is_ok().then_some(Self { sudo: true })
    }

    fn get(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = Command::new(if self.sudo { "sudo" } else { "env" });
        if self.sudo {
            command.args(["-n", "env"]);
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]);
        // What tests print is read by people and programs; what apt-get prints goes to stderr.
        run(command.args(arguments).stdin(Stdio::null()).stdout(std::io::stderr()))
    }

    /// All at once; when that fails one by one, so that one bad package does not take the others with it.
    fn install(&self, missing: &[&Need]) {
        let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
        say(format_args!("installing with apt-get what tests need: {}", packages.join(" ")));
        if let Err(error) = self.get(&["update"]) {
            say(format_args!("the package lists could not be refreshed: {error:#}"));
        }
        let install =
            |packages: &[&str]| self.get(&[&["install", "-y", "--no-install-recommends"], packages].concat());
        if install(&packages).is_err() && packages.len() > 1 {
            for package in packages {
                if let Err(error) = install(&[package]) {
                    say(format_args!("{package}: {error:#}"));
                }
            }
        }
    }
}
