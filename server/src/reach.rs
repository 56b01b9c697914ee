//! Who reaches what, in words.

mod telling;

pub use telling::lines;

/// Names a lint, so that it is found again in another reading of the policy as long as it is the same.
pub fn fingerprint(text: &str, lint: &policy::Lint) -> String {
    let source = text.get(lint.span.clone()).unwrap_or_default();
    let mut hash = crate::secrets::hash_token(&format!("{:?}\n{source}", std::mem::discriminant(&lint.kind)));
    hash.truncate(16);
    hash
}
