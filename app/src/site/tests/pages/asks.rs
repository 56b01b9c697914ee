//! How somebody stands who asks, and those who give it.

pub const PAGES: [(&str, &str, &[&str]); 13] = [
    (
        "/services/#14",
        "Minecraft",
        &["Ask for it", "/fn/asks/create", "A note to Ana", "Until when", "name=\"zone\""],
    ),
    (
        "/services/#16",
        "Minecraft",
        &["You asked on", "waiting for Ana", "for a weekend", "We would build a mill.", "/fn/asks/withdraw"],
    ),
    ("/services/#17", "Minecraft", &["It is offered to you", "Look at the offer"]),
    ("/services/#18", "Minecraft", &["it was declined", "Not while we repair it.", "You can ask again on"]),
    ("/services/#19", "Minecraft", &["it was declined", "Not while we repair it.", "/fn/asks/create"]),
    ("/services/#1a", "Minecraft", &["You asked, and took it back."]),
    (
        "/services/#1b",
        "Minecraft",
        &[
            "Get it",
            "/fn/asks/take",
            "for at most 7 days",
            "You can reach Minecraft, and nothing else.",
            "What Ana learns of you",
            "value=\"weekend\" checked",
            "/fn/asks/create",
        ],
    ),
    ("/services/#1c", "Minecraft", &["You asked on", "/fn/asks/withdraw", "/fn/asks/take"]),
    (
        "/asks/#50",
        "Dario asks for Minecraft",
        &[
            "We would build a mill.",
            "/offers/new?ask=",
            "/fn/asks/decline",
            "/fn/asks/later",
            "A word with it",
        ],
    ),
    ("/asks/#51", "Dario asks for Minecraft", &["Put off: your inbox has it again", "/fn/asks/decline"]),
    ("/asks/#52", "Dario asks for Minecraft", &["It was declined, and they were told."]),
    ("/asks/#53", "Dario asks for Minecraft", &["Nobody answered in its time."]),
    (
        "/offers/new?ask=#50",
        "Offer a service",
        &["value=\"person\" checked", "value=\"date\" checked", "value=\"2026-11-23T"],
    ),
];
