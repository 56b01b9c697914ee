//! Names of accounts: which may be given, and how a policy names whom.

use control_plane::User;

/// Why an account cannot be called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Headscale would take it, and no rule could name it for sure.
    #[error(
        "a name is 1 to 63 lower-case letters, digits, dots, hyphens and underscores, beginning with a letter or digit"
    )]
    Form,
    /// Rules that name it would be ambiguous: on 0.29 and later the server does not start with them.
    #[error("an account is called `{0}` already, or has it as mail")]
    Taken(String),
}

/// Whether a local account may be called so, beside those that are there.
///
/// # Errors
/// Why not.
pub fn check<'a>(name: &str, users: impl IntoIterator<Item = &'a User>) -> Result<(), NameError> {
    check_form(name)?;
    // Who came in by a provider is named by what that calls them, and has a name of their own beside.
    let same = |user: &User| {
        user.name == name || user.login.trim_end_matches('@') == name || user.email.as_deref() == Some(name)
    };
    if users.into_iter().any(same) { Err(NameError::Taken(name.to_owned())) } else { Ok(()) }
}

/// Whether a local account may be called so at all.
///
/// # Errors
/// Why not.
pub fn check_form(name: &str) -> Result<(), NameError> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let fits = begins && name.len() <= 63 && name.chars().all(fine);
    if fits { Ok(()) } else { Err(NameError::Form) }
}

/// How a policy names an account so that it means that one and, while its name stands once, nobody else: by what its
/// provider calls it, which nobody else can have; else by its name. A name that has an `@` stands as it is.
pub fn in_policies(name: &str, provider_id: Option<&str>) -> String {
    match provider_id {
        Some(id) => format!("{id}@"),
        None if name.contains('@') => name.to_owned(),
        None => format!("{name}@"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_rule_could_name_for_sure_are_refused() {
        for good in ["bruno", "b", "1ana", "bruno-2", "a.b", "a_b"] {
            assert_eq!(check_form(good), Ok(()), "{good}");
        }
        let long = "x".repeat(64);
        for bad in [
            "",
            "Ana",
            "a b",
            "ana@",
            "a@b",
            "tag:x",
            "group:x",
            "*",
            "a/b",
            "../x",
            "-x",
            "ünï",
            long.as_str(),
        ] {
            assert_eq!(check_form(bad), Err(NameError::Form), "{bad}");
        }
    }

    #[test]
    fn people_of_a_provider_are_named_by_what_it_calls_them() {
        assert_eq!(
            in_policies("carla", Some("https://id.example.com/u-carla")),
            "https://id.example.com/u-carla@"
        );
        assert_eq!(in_policies("ana", None), "ana@");
        assert_eq!(in_policies("dora@example.org", None), "dora@example.org");
    }
}
