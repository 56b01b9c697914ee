//! What a person needs from each page about the past.

/// As those of `pages`.
pub const PAGES: [(&str, &str, &[&str]); 7] = [
    (
        "/audit",
        "Audit",
        &[
            "offered Minecraft to Dario",
            "Earlier",
            "/audit.csv",
            "Entries are kept for 400 days.",
            "Lines added: at least 1, taken out: at least 0; 1 or more gain reach, 1 loses reach.",
        ],
    ),
    (
        "/audit?machine=maple&q=rule",
        "Audit",
        &[
            "/audit?q=rule",
            "Machine: maple",
            "/audit.json?q=rule&amp;machine=maple",
            "machine=maple&amp;after=",
        ],
    ),
    (
        "/audit?machine=several&from=2026-01-01",
        "Audit",
        &["Several are called that", "from=2026-01-01&amp;machine=2", "A filter is not understood"],
    ),
    (
        "/audit/#2c",
        "Acequia wrote the rule into the policy",
        &["Who gained reach", "Who lost reach", "And 2 more", "And 4 lines more", "/shares/0"],
    ),
    (
        "/tailnets/#01/reach/day?node=maple&day=2026-07-30",
        "Who could reach maple on 2026-07-30",
        &[
            "Nothing was looked at in this time",
            "And 3 more lines",
            "Nobody could reach it.",
            "No machine of this tailnet was called maple then.",
            "before=6",
            "kept for 400 days",
        ],
    ),
    ("/tailnets/#01/reach/day?day=2999-01-01", "Reach in Maple Street on a day", &["has not begun yet"]),
    ("/audit/#28", "Ana changed the port of Minecraft", &["Before", "After", "acequia:share=7"]),
];
