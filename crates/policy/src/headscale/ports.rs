//! Ports as Headscale reads them.

use super::protocol;
use crate::quote::quoted;
use crate::syntax::Dialect;
use crate::syntax::port::Ports;

/// A list of ports: `*`, `22`, `80,443`, `8000-8100`. Numbers may have a plus or zeros in front.
fn list(dialect: Dialect, text: &str) -> Result<Vec<Ports>, String> {
    if text == "*" {
        return Ok(vec![Ports::ANY]);
    }
    let old = dialect == Dialect::Headscale028;
    let number = |text: &str, side: &str| -> Result<u16, String> {
        let value: i64 = text.parse().map_err(|_| {
            if old { "invalid port number".to_owned() } else { format!("invalid {side} integer") }
        })?;
        u16::try_from(value).map_err(|_| "port number out of range".to_owned())
    };
    let one = |part: &str| {
        if part.contains('-') {
            let ends: Vec<&str> = part.split('-').filter(|end| !end.is_empty()).collect();
            let [first, last] = ends.as_slice() else { return Err("invalid port range format".to_owned()) };
            let (first, last) = (number(first, "first")?, number(last, "last")?);
            return if first <= last {
                Ok(Ports { first, last })
            } else {
                Err("invalid port range: first port is greater than last port".to_owned())
            };
        }
        match number(part, "first")? {
            0 => Err("first port must be >0, or use '*' for wildcard".to_owned()),
            port => Ok(Ports { first: port, last: port }),
        }
    };
    let ports = text.split(',').map(one).collect::<Result<_, _>>();
    ports.map_err(|why| if old { why } else { format!("port range {}: {why}", quoted(text)) })
}

/// A destination of an acl: whom or what, and the ports. The new version takes brackets around an IPv6 address.
pub(crate) fn destination(dialect: Dialect, text: &str) -> Result<(String, Vec<Ports>), String> {
    let old = dialect == Dialect::Headscale028;
    if !text.contains(':') {
        return Err(format!("hostport must contain a colon{}", if old { " (\":\")" } else { "" }));
    }
    let plain = if old { text.to_owned() } else { unbracketed(text)? };
    let (host, ports) = match plain.rsplit_once(':') {
        None => return Err("input must contain a colon character separating destination and port".to_owned()),
        Some(("", _)) => return Err("input cannot start with a colon character".to_owned()),
        Some((_, "")) => return Err("input cannot end with a colon character".to_owned()),
        Some(parts) => parts,
    };
    let ports =
        list(dialect, ports).map_err(|why| if old { why } else { format!("dst={}: {why}", quoted(text)) })?;
    Ok((host.to_owned(), ports))
}

/// Without the brackets around its address, which stand before the port or the length of a prefix.
fn unbracketed(text: &str) -> Result<String, String> {
    let Some(inner) = text.strip_prefix('[') else { return Ok(text.to_owned()) };
    let words = "square brackets are only valid around IPv6 addresses";
    let Some((host, rest)) = inner.split_once(']') else { return Err(words.to_owned()) };
    if host.parse::<std::net::Ipv6Addr>().is_err() {
        return Err(format!("{words}: {}", quoted(host)));
    }
    if !rest.starts_with([':', '/']) {
        return Err(format!("{words}: {}", quoted(text)));
    }
    Ok(format!("{host}{rest}"))
}

/// An entry of a grant's `ip`: `*`, `80,443`, `tcp:80`, `icmp:*`.
pub(crate) fn entry(dialect: Dialect, text: &str) -> Result<(Vec<u8>, Vec<Ports>), String> {
    let Some((name, ports)) = text.split_once(':') else { return Ok((Vec::new(), list(dialect, text)?)) };
    if ports.contains(':') {
        let pieces: Vec<&str> = text.split(':').collect();
        let got = format!("[{}]({})", pieces.join(" "), pieces.len());
        return Err(format!("expected only one colon in Internet protocol and port type, got: {got}"));
    }
    let number = protocol::read(dialect, name, false)?;
    Ok((protocol::numbers_of(dialect, number.as_ref()), list(dialect, ports)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_a_sign_and_zeros_and_both_ends_of_a_range_are_there() {
        let new = |text: &str| list(Dialect::Headscale029, text);
        assert_eq!(new("+80,00080"), Ok(vec![Ports { first: 80, last: 80 }; 2]));
        assert_eq!(new("0-65535"), Ok(vec![Ports::ANY]));
        assert_eq!(new("-80").unwrap_err(), "port range \"-80\": invalid port range format");
        assert_eq!(list(Dialect::Headscale028, "80,").unwrap_err(), "invalid port number");
    }

    #[test]
    fn only_the_new_version_takes_brackets_and_only_around_an_ipv6_address() {
        let new = |text: &str| destination(Dialect::Headscale029, text).map(|(host, _)| host);
        assert_eq!(new("[fd00::1]:80"), Ok("fd00::1".into()));
        assert_eq!(new("[fd00::1]/128:80"), Ok("fd00::1/128".into()));
        assert!(new("[100.64.0.1]:80").is_err() && new("[fd00::1/128]:80").is_err());
        assert_eq!(
            new("[fd00::1]22:80").unwrap_err(),
            "square brackets are only valid around IPv6 addresses: \"[fd00::1]22:80\""
        );
        assert_eq!(destination(Dialect::Headscale028, "[fd00::1]:80").unwrap().0, "[fd00::1]");
    }
}
