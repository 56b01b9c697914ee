//! For a friend who has no account yet: what it is, and how to come by one.

use app::ports::services::JoinStep;
use app::ports::shares::SystemSteps;

pub const IS_OWNERS: &str = "this is the owner's own account; write yours";
pub const NOT_WAITED_FOR: &str = "This share does not wait for an account.";

/// Where among the steps it is said how each system is set up, from 0.
pub const INSTALL_AT: usize = 3;

const DOWNLOAD: &str = "https://tailscale.com/download";

/// Six steps to an account at Tailscale.
pub fn steps(owner: &str, service: &str) -> Vec<JoinStep> {
    vec![
        step(
            "What it is",
            format!(
                "{owner}’s {service} stands in a private network, not in the open internet. Tailscale is a small program that lets \
                 your device reach it, and nothing else of that network. {owner} does not come into your devices by it."
            ),
            None,
        ),
        step(
            "What it costs",
            "Nothing for this. The free plan for one person is enough; no card is asked for.".into(),
            None,
        ),
        step(
            "Make the account",
            "Sign in with an account that you have already, such as Google, Apple, Microsoft or GitHub: that makes it. Choose the \
             one that you will go on using; if it asks for a network, the one it proposes is right. Here:"
                .into(),
            Some("https://login.tailscale.com/start"),
        ),
        step(
            "Install it on the device you will use",
            "Choose your system, and sign in there with the same account.".into(),
            Some(DOWNLOAD),
        ),
        step(
            "Look that it is on",
            "The program shows your device and the word Connected. That is all that has to be set.".into(),
            None,
        ),
        step(
            "Come back here",
            format!("Say below which account it is. {owner} then opens the gate for that one, and for nobody else."),
            None,
        ),
    ]
}

/// The same where accounts are those of the owner's own server.
pub fn steps_on_server(owner: &str, service: &str, network: &str, server: &str) -> Vec<JoinStep> {
    vec![
        step(
            "What it is",
            format!(
                "{owner}’s {service} stands in the private network {network}, on a server of its own. A small program on your device \
                 joins it; the program is called Tailscale, the server is {owner}’s."
            ),
            None,
        ),
        step("What it costs", "Nothing, and no account anywhere else is needed.".into(), None),
        step(
            "Get your account",
            format!("{owner} makes it for you on the server. Ask them for it, and by which name it goes."),
            None,
        ),
        step(
            "Install the program on the device you will use",
            "Choose your system. Do not sign in at Tailscale’s own pages when it asks.".into(),
            Some(DOWNLOAD),
        ),
        step(
            "Log in to the server",
            format!(
                "In a terminal, or in the settings of the program as another server. {owner} may have to let the device in."
            ),
            Some(&format!("tailscale login --login-server={server}")),
        ),
        step(
            "Come back here",
            format!(
                "Say below by which name you go there. {owner} then opens the gate for that account, and for nobody else."
            ),
            None,
        ),
    ]
}

/// How the program gets onto each kind of device.
pub fn systems() -> Vec<SystemSteps> {
    vec![
        system(
            "Windows",
            &[
                "Download it from the page above and run it.",
                "The symbol is beside the clock: press it, and Log in.",
            ],
            None,
        ),
        system(
            "macOS",
            &[
                "Take it from the App Store, or from the page above.",
                "Allow the VPN that it asks for, then log in from the menu bar.",
            ],
            None,
        ),
        system(
            "Linux",
            &["In a terminal:", "Then: sudo tailscale up, and open the address that it prints."],
            Some("curl -fsSL https://tailscale.com/install.sh | sh"),
        ),
        system(
            "iPhone and iPad",
            &["Take Tailscale from the App Store, open it and allow the VPN.", "Log in there."],
            None,
        ),
        system(
            "Android",
            &["Take Tailscale from Google Play or F-Droid, open it and allow the VPN.", "Log in there."],
            None,
        ),
        system(
            "Steam Deck",
            &[
                "In desktop mode, as its makers describe it:",
                "It stays on in game mode, and has to be set up again after a large update of the system.",
            ],
            Some("https://tailscale.com/kb/1271/steam-deck"),
        ),
        system(
            "A console",
            &[
                "A console cannot run it. A computer or phone in the same home network can pass the game on:",
                "Install it there, and share that device’s connection with the console, or join from that device.",
            ],
            None,
        ),
    ]
}

fn step(title: &str, detail: String, copy: Option<&str>) -> JoinStep {
    JoinStep { title: title.into(), detail, copy: copy.map(str::to_owned) }
}

fn system(system: &str, steps: &[&str], copy: Option<&str>) -> SystemSteps {
    SystemSteps {
        system: system.into(),
        steps: steps.iter().map(ToString::to_string).collect(),
        copy: copy.map(str::to_owned),
    }
}
