//! The kinds of names that a rule may have.

use std::net::IpAddr;

use crate::quote::quoted;
use crate::syntax::Dialect;

/// What a name is, by its form alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alias {
    /// `*`
    Wildcard,
    /// Whatever has an `@`.
    User,
    Group,
    Tag,
    Autogroup,
    /// An address or a prefix.
    Prefix,
    /// Whatever else has no colon.
    Host,
}

impl Alias {
    pub(super) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "*" => Self::Wildcard,
            text if text.contains('@') => Self::User,
            text if text.starts_with("group:") => Self::Group,
            text if text.starts_with("tag:") => Self::Tag,
            text if text.starts_with("autogroup:") => Self::Autogroup,
            text if is_prefix(text) => Self::Prefix,
            text if !text.contains(':') => Self::Host,
            _ => return None,
        })
    }

    /// As its type is named in the server.
    pub(super) const fn go(self) -> &'static str {
        match self {
            Self::Wildcard => "v2.Asterix",
            Self::User => "*v2.Username",
            Self::Group => "*v2.Group",
            Self::Tag => "*v2.Tag",
            Self::Autogroup => "*v2.AutoGroup",
            Self::Prefix => "*v2.Prefix",
            Self::Host => "*v2.Host",
        }
    }
}

/// An address, or one with the length of a prefix; bits behind the prefix are left as they are.
pub(super) fn prefix(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        None => most,
        Some(digits) => {
            let plain =
                digits.bytes().all(|b| b.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
            digits.parse().ok().filter(|length| plain && *length <= most)?
        }
    };
    Some((address, length))
}

pub(super) fn is_prefix(text: &str) -> bool {
    prefix(text).is_some()
}

/// The words for a name of no kind; `what` and `kinds` are for the old version.
pub(super) fn no_kind(dialect: Dialect, text: &str, [what, new]: [&str; 2], wide: bool) -> String {
    if dialect != Dialect::Headscale028 {
        return format!("invalid {new} format: {}", quoted(text));
    }
    let mut kinds = String::new();
    if wide {
        kinds.push_str("- wildcard (*)\n");
    }
    kinds.push_str(
        "- user (containing an \"@\")\n- group (starting with \"group:\")\n- tag (starting with \"tag:\")\n",
    );
    if wide {
        kinds.push_str("- autogroup (starting with \"autogroup:\")\n- host\n");
    }
    format!(
        "Invalid {what} {}. An alias must be one of the following types:\n{kinds}\nPlease check the format and try again.",
        quoted(text)
    )
}
