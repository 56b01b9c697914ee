//! Two texts of the same shape: what one says in letters, the other says in markup.

/// Closes whatever it may stand in and opens what a page of ours must never have from outside: scripts, forms of our
/// own origin, a way to another site. Then characters that turn the reading direction, and references that a second
/// round of escaping or unescaping would change.
const HOSTILE: &str = "\"'><!-- --></title></textarea></script></style></noscript></option></select></svg></pre>\
    <script>alert(1)</script><meta http-equiv=\"refresh\" content=\"0;url=//evil.example\"><base href=\"//evil.example\">\
    <form method=\"post\" action=\"/fn/stewards/add\"><button onclick='x'>Accept</button></form>\
    <img src=x onerror=alert(1)> ` onfocus=x autofocus \u{202e}\u{200f}\u{2066} &lt;b&gt; &amp;lt; ${7*7} {{7}} ]]>";

/// What to put into every text.
pub fn hostile() -> &'static str {
    HOSTILE
}

/// The same number of characters and words, all harmless.
pub fn plain() -> String {
    let harmless = |c: char| if c.is_ascii_alphanumeric() || c == ' ' { c } else { 'o' };
    HOSTILE.chars().map(harmless).collect()
}
