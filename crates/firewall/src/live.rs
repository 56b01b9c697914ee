//! What is in force on a host, from the pasted output of a check command.

mod answer;
mod compare;
mod firewalld;
mod grip;
mod iptables;
mod nft;
mod nix_value;
mod nixos;
mod pasted;
mod ports;
mod ufw;
mod windows;

pub use answer::{Live, LiveError};
pub use compare::Difference;
pub use firewalld::compare_firewalld;
pub use grip::Grip;
pub(crate) use grip::SEEN;
pub use iptables::compare_iptables;
pub use nft::compare_nft;
pub use nixos::compare_nixos_option;
pub use pasted::{Compared, Listing, compare_pasted};
pub use ufw::compare_ufw;
pub use windows::compare_windows;

use std::collections::BTreeSet;

use model::Revision;

/// The revisions that a pasted text names: of the check command, `nft list table inet acequia`,
/// `iptables-save`, `ufw status numbered`, `firewall-cmd -v --zone=acequia --list-all` or the list of Windows.
///
/// Empty: no snippet of ours is in force. More than one: it was put in force in part only, such as for one IP
/// family; it is to be applied again.
///
/// ```
/// let pasted = "counter packets 3 bytes 180 drop comment \"acequia rev 7\"";
/// assert_eq!(firewall::revisions_in(pasted).into_iter().map(|revision| revision.number()).collect::<Vec<_>>(), [7]);
/// ```
pub fn revisions_in(pasted: &str) -> BTreeSet<Revision> {
    pasted.lines().filter_map(revision).collect()
}

/// On Windows each rule has its part in its name.
const NAMES: [&str; 3] = ["acequia rev ", "acequia guard rev ", "acequia open rev "];

fn revision(line: &str) -> Option<Revision> {
    let line = line.trim();
    // The check commands print this alone; every other text has our name before it.
    let (_, rest) = match line.strip_prefix("rev ") {
        Some(rest) => ("", rest),
        None => NAMES.iter().find_map(|name| line.split_once(name))?,
    };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revision_is_read_from_whatever_lists_the_rules() {
        let read = |text: &str| revisions_in(text).into_iter().map(Revision::number).collect::<Vec<_>>();
        assert_eq!(read("rev 7\n"), [7]);
        assert_eq!(read("-A ACEQUIA -m comment --comment \"acequia rev 12\" -j DROP\n"), [12]);
        assert_eq!(read("[ 1] 25565/tcp on tailscale0  ALLOW IN  Anywhere  # acequia rev 7\r\n"), [7]);
        assert_eq!(read("acequia guard rev 7; True; Inbound\nacequia open rev 8; True; Inbound\n"), [7, 8]);
        assert_eq!(read("rev 6\nrev 7\n"), [6, 7]);
        assert_eq!(read("Error: No such file or directory\nlist table inet acequia\n"), [0; 0]);
        assert_eq!(read("acequia rev 99999999999999999999\nprevious\n"), [0; 0]);
    }
}
