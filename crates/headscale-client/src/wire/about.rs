//! `GET /version`, from 0.28 on.

use serde::Deserialize;

#[derive(Deserialize)]
pub struct About {
    version: String,
}

impl About {
    /// The number behind `v0.`; a later series than 0 is newer than all that are known.
    pub fn minor(&self) -> Option<u32> {
        let mut parts = self.version.strip_prefix('v').unwrap_or(&self.version).split('.');
        let major: u32 = parts.next()?.parse().ok()?;
        let minor: u32 = parts.next()?.parse().ok()?;
        Some(if major == 0 { minor } else { u32::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_number_of_a_version_is_read() {
        let minor = |version: &str| About { version: version.into() }.minor();
        assert_eq!(minor("v0.28.0"), Some(28));
        assert_eq!(minor("v0.29.1-0.20260721112835-f20f1f127842"), Some(29));
        assert_eq!(minor("0.27.0-beta.1"), Some(27));
        assert_eq!(minor("v1.0.0"), Some(u32::MAX));
        assert_eq!(minor("dev"), None);
    }
}
