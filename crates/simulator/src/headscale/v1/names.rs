//! Names of machines, and tags.

use crate::headscale::Dialect;

/// Whether a machine may be called so.
///
/// # Errors
/// Why not, in the words of the version.
pub fn check_given_name(dialect: Dialect, name: &str) -> Result<(), String> {
    if dialect == Dialect::V0_28 { check_hostname(name) } else { check_label(name) }
}

/// 0.28: lower case, 2 to 63 letters, dots allowed.
fn check_hostname(name: &str) -> Result<(), String> {
    let what = format!("hostname \"{name}\"");
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if name.len() < 2 {
        Err(format!("{what} is too short, must be at least 2 characters"))
    } else if name.len() > 63 {
        Err(format!("{what} is too long, must not exceed 63 characters"))
    } else if name.to_lowercase() != name {
        Err(format!("{what} must be lowercase (try \"{}\")", name.to_lowercase()))
    } else if name.starts_with('-') || name.ends_with('-') {
        Err(format!("{what} cannot start or end with a hyphen"))
    } else if name.starts_with('.') || name.ends_with('.') {
        Err(format!("{what} cannot start or end with a dot"))
    } else if !name.chars().all(fine) {
        let allowed = "only lowercase letters, numbers, hyphens and dots are allowed";
        Err(format!("{what} contains invalid characters, {allowed}"))
    } else {
        Ok(())
    }
}

/// From 0.29 on: one DNS label of any case.
fn check_label(name: &str) -> Result<(), String> {
    let whole = format!("\"{name}\" is not a valid DNS label: ");
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    if name.is_empty() {
        return Err(format!("{whole}empty DNS label"));
    }
    if name.len() > 63 {
        return Err(format!("{whole}\"{name}\" is too long, max length is 63 bytes"));
    }
    let odd = |words: String| Err(format!("{whole}{whole}{words}"));
    if !edge(bytes.first()) {
        return odd("must start with a letter or number".into());
    }
    if !edge(bytes.last()) {
        return odd("must end with a letter or number".into());
    }
    match bytes.iter().find(|byte| !byte.is_ascii_alphanumeric() && **byte != b'-') {
        // Byte by byte, as Go does it.
        Some(byte) => odd(format!("contains invalid character '{}'", char::from(*byte))),
        None => Ok(()),
    }
}

/// Whether a tag may be written so.
///
/// # Errors
/// Why not.
pub fn check_tag(tag: &str) -> Result<(), String> {
    if !tag.starts_with("tag:") {
        Err("tag must start with the string 'tag:'".into())
    } else if tag.to_lowercase() != tag {
        Err("tag should be lowercase".into())
    } else if tag.split_whitespace().count() > 1 {
        Err("tag should not contains space".into())
    } else {
        Ok(())
    }
}
