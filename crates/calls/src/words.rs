//! Words of the control plane, made fit for a page or a log.

/// The longest message that is passed on, in characters.
const LONGEST: usize = 400;

/// Bounded, on one line, and without anything that looks like a key, an invite link, or one of `hide`.
pub fn clean(message: &str, hide: &[&str]) -> String {
    let mut text = message.to_owned();
    for secret in hide.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[secret]");
    }
    let words =
        text.split_whitespace().map(|word| if model::secrets::is_secret(word) { "[secret]" } else { word });
    let line = words.collect::<Vec<_>>().join(" ");
    model::text::one_line(&line, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_links_and_the_secrets_of_the_call_are_taken_out() {
        let said = "bad\nkey tskey-api-k1-abc for https://login.tailscale.com/admin/invite/XyZ or code QQQ";
        assert_eq!(clean(said, &["QQQ"]), "bad key [secret] for [secret] or code [secret]");
        let said =
            "validation failed (body.key: hskey-auth-abc-def) at https://hs.example/register/hskey-authreq-x";
        assert_eq!(clean(said, &[]), "validation failed (body.key: [secret] at [secret]");
        assert_eq!(clean(&"x".repeat(10_000), &[]).chars().count(), LONGEST + 1);
    }
}
