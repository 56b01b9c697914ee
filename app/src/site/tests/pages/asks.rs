//! How somebody stands who asks, and those who give it.

use super::super::get;
use super::super::sample::Sample;
use super::super::sample::asks::AT_ONCE;
use super::with;

pub const PAGES: [(&str, &str, &[&str]); 15] = [
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
    ("/services/#1d", "Minecraft", &["for at most a day at a time", "value=\"evening\" checked"]),
    ("/services/#1e", "Minecraft", &["for at most 30 days", "value=\"month\" checked"]),
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

/// Sabotage: the filter left out of `until::within`.
#[tokio::test]
async fn what_lasts_longer_than_was_approved_cannot_be_chosen() {
    let words = [("evening", 1), ("weekend", 3), ("month", 30), ("ended", u32::MAX)];
    for (service, days) in AT_ONCE {
        let page = get(&Sample::new(), &with(&format!("/services/#{service:02x}"))).await.html;
        let form = page.split("/fn/asks/take").nth(1).and_then(|rest| rest.split("</form>").next()).unwrap();
        for (word, least) in words {
            let offered = form.contains(&format!("value=\"{word}\""));
            assert_eq!(offered, least <= days, "{word}, where {days} days are approved");
        }
        assert!(form.contains("value=\"date\""), "a day can always be typed");
        assert_eq!(form.matches(" checked").count(), 1, "{days} days");
    }
}
