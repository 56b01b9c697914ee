//! To which addresses credentials may be sent.

use std::net::IpAddr;

use url::{Host, Url};

/// Where a credential may go in the clear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// To the machine itself.
    #[default]
    ThisMachine,
    /// Also to a private address of the network that the machine is in, because whoever runs it says so. To names never:
    /// whoever answers for the name decides where they lead.
    PrivateAddresses,
}

/// Not an address to which credentials may go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No web address, or one with more in it than an address.
    #[error("`{0}` is not the address of a control plane; write https://…")]
    None(String),
    /// In the clear to others.
    #[error(
        "`{0}` would send the credentials in the clear; write https://…, or http:// for this machine only"
    )]
    InTheClear(String),
    /// In the clear to a private address, which nobody allowed.
    #[error(
        "`{0}` would send the credentials in the clear through the network; write https://…, or allow plain http to \
         private addresses"
    )]
    ToPrivate(String),
}

/// The address of a control plane, without query and fragment.
///
/// # Errors
/// Where credentials would go in the clear to anybody but those whom `plain` allows.
pub fn parse(text: &str, plain: PlainHttp) -> Result<Url, AddressError> {
    let shown = || text.chars().take(200).collect::<String>();
    let mut url = Url::parse(text).map_err(|_| AddressError::None(shown()))?;
    let Some(host) = url.host() else { return Err(AddressError::None(shown())) };
    if !url.username().is_empty() || url.password().is_some() || !matches!(url.scheme(), "http" | "https") {
        return Err(AddressError::None(shown()));
    }
    if url.scheme() == "http" && !is_this_machine(&host) {
        let private = match host {
            Host::Domain(_) => false,
            Host::Ipv4(ip) => is_private(ip.into()),
            Host::Ipv6(ip) => is_private(ip.into()),
        };
        match (private, plain) {
            (true, PlainHttp::PrivateAddresses) => {}
            (true, PlainHttp::ThisMachine) => return Err(AddressError::ToPrivate(shown())),
            (false, _) => return Err(AddressError::InTheClear(shown())),
        }
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// 10/8, 172.16/12, 192.168/16 (RFC 1918) and `fc00::/7` (RFC 4193), also written as IPv6. What is shared among the
/// customers of a provider (100.64/10) is nobody's own, unless a tailnet uses it, whose packets are encrypted anyway.
fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_sent_in_the_clear_to_this_machine_only() {
        for good in
            ["https://api.tailscale.com", "http://127.0.0.1:4000", "http://[::1]:4000", "http://localhost"]
        {
            assert!(parse(good, PlainHttp::ThisMachine).is_ok(), "{good}");
        }
        let refused = |text: &str| parse(text, PlainHttp::ThisMachine).unwrap_err();
        assert!(matches!(refused("http://api.tailscale.com"), AddressError::InTheClear(_)));
        assert!(matches!(refused("http://192.168.1.5"), AddressError::ToPrivate(_)));
        for bad in ["ftp://x", "nonsense", "https://me:pw@example.com", "https://:pw@example.com", "http://"]
        {
            assert!(matches!(refused(bad), AddressError::None(_)), "{bad}");
        }
    }

    #[test]
    fn plain_http_goes_to_private_addresses_where_that_is_allowed_and_to_no_name() {
        let allowed = PlainHttp::PrivateAddresses;
        for good in [
            "http://10.1.2.3:8080",
            "http://172.16.0.1",
            "http://172.31.255.254",
            "http://192.168.1.5:8080/under/",
            "http://[fd12::1]:8080",
            "http://[::ffff:192.168.1.5]",
            "http://127.0.0.1",
            "https://example.com",
        ] {
            assert!(parse(good, allowed).is_ok(), "{good}");
        }
        for bad in [
            "http://headscale.lan",
            "http://172.32.0.1",
            "http://100.64.0.1",
            "http://169.254.1.1",
            "http://8.8.8.8",
            "http://[2001:db8::1]",
            "http://[fe80::1]",
            "http://localhost.example",
        ] {
            assert!(matches!(parse(bad, allowed), Err(AddressError::InTheClear(_))), "{bad}");
        }
    }
}
