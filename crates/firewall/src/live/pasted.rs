//! One text from a host, whatever its check or list command printed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::answer::{Live, LiveError};
use super::{Grip, firewalld, grip, iptables, nft, nixos, revisions_in, ufw, windows};
use crate::{Backend, Input, Part};

/// A list of rules that a text can have in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listing {
    /// The guard, by `nft list table inet acequia`.
    NftGuard,
    /// The open part, by `nft list chain inet filter acequia_open`.
    NftOpen,
    /// The guard, by `iptables-save; ip6tables-save`.
    IptablesGuard,
    /// The open part in the same.
    IptablesOpen,
    /// The open part, by `ufw status numbered`.
    Ufw,
    /// The open part, by `firewall-cmd -v --zone=acequia --list-all`.
    Firewalld,
    /// The open part, by `nixos-option networking.firewall.interfaces`.
    NixosOption,
    /// The guard of Windows.
    WindowsGuard,
    /// The open part of Windows.
    WindowsOpen,
}

impl Listing {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::NftGuard,
        Self::NftOpen,
        Self::IptablesGuard,
        Self::IptablesOpen,
        Self::Ufw,
        Self::Firewalld,
        Self::NixosOption,
        Self::WindowsGuard,
        Self::WindowsOpen,
    ];

    /// Which part of a snippet it shows.
    pub const fn part(self) -> Part {
        match self {
            Self::NftGuard | Self::IptablesGuard | Self::WindowsGuard => Part::Guard,
            Self::NftOpen
            | Self::IptablesOpen
            | Self::Ufw
            | Self::Firewalld
            | Self::NixosOption
            | Self::WindowsOpen => Part::Open,
        }
    }

    /// Whether a host of that kind has its rules there.
    const fn is_of(self, backend: Backend) -> bool {
        match self {
            // A host that pulls has its guard there, whatever its firewall.
            Self::NftGuard => !matches!(backend, Backend::Windows),
            Self::IptablesGuard => {
                matches!(backend, Backend::NixosIptables | Backend::Iptables | Backend::Ufw)
            }
            Self::NixosOption => matches!(backend, Backend::NixosNftables | Backend::NixosIptables),
            Self::NftOpen => matches!(backend, Backend::Nftables),
            Self::IptablesOpen => matches!(backend, Backend::Iptables),
            Self::Ufw => matches!(backend, Backend::Ufw),
            Self::Firewalld => matches!(backend, Backend::Firewalld),
            Self::WindowsGuard | Self::WindowsOpen => matches!(backend, Backend::Windows),
        }
    }

    fn is_in(self, text: &str) -> bool {
        match self {
            Self::NftGuard => nft::recognised(text, false),
            Self::NftOpen => nft::recognised(text, true),
            Self::IptablesGuard => iptables::recognised(text, false),
            Self::IptablesOpen => iptables::recognised(text, true),
            Self::Ufw => ufw::recognised(text),
            Self::Firewalld => firewalld::recognised(text),
            Self::NixosOption => nixos::recognised(text),
            Self::WindowsGuard => windows::recognised(text, "guard"),
            Self::WindowsOpen => windows::recognised(text, "open"),
        }
    }

    fn compare(self, input: &Input, text: &str) -> Result<Live, LiveError> {
        match self {
            Self::NftGuard => nft::compare_nft(input, text),
            Self::NftOpen => nft::compare_open(input, text),
            Self::IptablesGuard => iptables::compare_iptables(input, text),
            Self::IptablesOpen => iptables::compare_open(input, text),
            Self::Ufw => Ok(ufw::compare(input, text)),
            Self::Firewalld => firewalld::compare_firewalld(input, text),
            Self::NixosOption => nixos::compare_nixos_option(input, text),
            Self::WindowsGuard => windows::compare_windows(input, Part::Guard, text),
            Self::WindowsOpen => windows::compare_windows(input, Part::Open, text),
        }
    }
}

/// What a pasted text says about a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Revisions and differences over all lists. `nixos-option` names no revision.
    pub live: Live,
    /// The lists that were found and compared. None: the text has a revision at most, as the check command prints it,
    /// and what it says about the rules is nothing.
    pub listings: BTreeSet<Listing>,
    /// Whether the guard sees what comes in.
    pub grip: Grip,
}

impl Compared {
    /// The guard was looked at, and what was looked at is what this revision renders to.
    pub fn is(&self, input: &Input) -> bool {
        self.shows(Part::Guard) && self.live.is(input)
    }

    /// Whether that part was looked at; for all of it, both.
    pub fn shows(&self, part: Part) -> bool {
        let one = |part| self.listings.iter().any(|listing| listing.part() == part);
        (!part.guards() || one(Part::Guard)) && (!part.opens() || one(Part::Open))
    }
}

/// Compares whatever was pasted from a host of that kind with what `input` renders to.
///
/// Each list in the text is recognised by its form, and all of those that such a host has are compared; so the
/// output of several commands can be pasted at once. A text without any list still names its revisions; one without
/// these either has nothing of ours in it.
///
/// ```
/// use firewall::{Backend, Input, Part, compare_pasted, render};
///
/// let input = Input::from_json(
///     r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10"],
///         "shares":[{"id":"mc","tcp":["25565"]}]}"#,
/// )?;
/// let pasted = render(&input, Backend::Nftables, Part::Guard).text();
/// assert!(compare_pasted(&input, Backend::Nftables, &pasted)?.is(&input));
///
/// let changed = pasted.replace("tcp dport { 25565 } accept", "accept");
/// let compared = compare_pasted(&input, Backend::Nftables, &changed)?;
/// assert_eq!(
///     compared.live.differences[0].to_string(),
///     "altered: chain guard: accept; it should be: chain guard: tcp dport { 25565 } accept"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`LiveError`]: a list is not whole, or there are only lists that such a host does not have.
pub fn compare_pasted(input: &Input, backend: Backend, pasted: &str) -> Result<Compared, LiveError> {
    let pasted = pasted.trim_start_matches('\u{feff}');
    let there: Vec<Listing> = Listing::ALL.into_iter().filter(|listing| listing.is_in(pasted)).collect();
    let listings: BTreeSet<Listing> =
        there.iter().copied().filter(|listing| listing.is_of(backend)).collect();
    let mut listings = listings;
    if listings.contains(&Listing::NftGuard) {
        // Then `iptables-save` is pasted for the open part; a chain of the guard need not be there too.
        listings.remove(&Listing::IptablesGuard);
    }
    let mut live = Live { revisions: BTreeSet::new(), differences: Vec::new() };
    if listings.is_empty() {
        if !there.is_empty() {
            return Err(LiveError::Foreign { backend, wanted: backend.list_command(Part::All) });
        }
        live.revisions = revisions_in(pasted);
    }
    for listing in &listings {
        let of_list = listing.compare(input, pasted)?;
        live.revisions.extend(of_list.revisions);
        live.differences.extend(of_list.differences);
    }
    Ok(Compared { live, listings, grip: grip::of(input, pasted) })
}
