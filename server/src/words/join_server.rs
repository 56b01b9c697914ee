//! How a friend joins who is an account of the owner's server: the steps that were tried on real clients.
//!
//! A client is in one network at a time, and addresses of two servers collide: names first, numbers only while one is
//! switched to this network. A second client with an interface of its own breaks the network at home, also after it ended, and
//! `tailscale up` with a login server takes the place of the account at home: neither is ever told.

use app::ports::members::KEY;
use app::ports::services::JoinStep;
use model::{Protocol, ServiceKind as Kind};

use super::join::{address, address_of, game, number, open, step};
use crate::store::services::ServiceAtNode;

/// The server as its friends meet it.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// What its owner calls the network.
    pub name: &'a str,
    /// Where clients log in.
    pub address: &'a str,
    /// It was said how its names end, so that they are known to resolve.
    pub has_names: bool,
}

/// The steps for whoever is this account there; or for whoever is let in there by a key that they ask for.
pub fn steps(placed: &ServiceAtNode, login: &str, server: Server<'_>, by_key: bool) -> Vec<JoinStep> {
    let ServiceAtNode { service, node_name, .. } = placed;
    let nick = nickname(server.name);
    let Server { address: to, .. } = server;
    let first = if by_key {
        step("Be in this network", BY_KEY.into(), None)
    } else {
        step(
            "Be in this network",
            format!(
                "On a device that is in this network already there is nothing to do. On another one install Tailscale from \
                 tailscale.com/download and log in as {login}. A network that the device is in already stays, as a profile \
                 of its own; but it is in one of them at a time. Never use tailscale up with this address on such a device: \
                 that would take the place of its own account."
            ),
            Some(format!("tailscale login --login-server={to} --nickname={nick}")),
        )
    };
    let mut steps = vec![
        first,
        step(
            "Change between your networks",
            "This lists them. tailscale switch with the name or id of one changes to it, and back again; the first packets \
             take some seconds."
                .into(),
            Some("tailscale switch --list".into()),
        ),
    ];
    match service.kind {
        Kind::Minecraft | Kind::Bedrock => steps.extend(game(placed)),
        _ => steps.push(open(service, address(placed))),
    }
    let names = if server.has_names {
        "Names are found while you are switched to this network, unless the device was told --accept-dns=false. "
    } else {
        ""
    };
    let words = format!(
        "{names}Else use the address that tailscale status shows for {node_name}, only while you are switched to this network; \
         in another one it may be somebody else's:"
    );
    steps.push(step("If the name is not found", words, number(placed)));
    if service.join.protocol == Protocol::Tcp {
        steps.extend(beside(placed, to, &nick, by_key));
    }
    steps.push(step(
        "To leave",
        "Switch to this network, log out of it, and switch back to your own. What you played is then over for this device \
         only; giving the share back is on this page."
            .into(),
        Some(format!("tailscale switch {nick} && tailscale logout")),
    ));
    steps
}

const BY_KEY: &str = "Once, on the device that you will use: install Tailscale from tailscale.com/download, ask for a key \
                      above, and run the command that comes with it. A device that is in already needs nothing.";

/// What is done with a key, which stands as [`KEY`] in the commands. Never `tailscale up`: it asks for more than it says on a
/// device that is in a network, and may take it out of that. `name` is what its owner calls the network: the profile is called
/// after it, so that one finds it again.
pub fn with_key(server: &str, name: &str) -> Vec<JoinStep> {
    let nick = nickname(name);
    let login = format!("login --login-server={server} --auth-key={KEY} --nickname={nick}");
    let terminal = |title: &str, words: &str, program: &str| {
        step(title, words.to_owned(), Some(format!("{program} {login}")))
    };
    vec![
        terminal("On Linux, NixOS too", "In a terminal:", "sudo tailscale"),
        terminal("On Windows", "In PowerShell:", "tailscale"),
        terminal("On a Mac", "In a terminal:", "/Applications/Tailscale.app/Contents/MacOS/Tailscale"),
        step(
            "To leave it",
            "This leaves this network and no other one. Then switch back to your own:".into(),
            Some(format!("tailscale switch {nick} && tailscale logout")),
        ),
    ]
}

/// For whoever gets an account on the owner's server by signing in there.
pub fn sign_in(server: &str, name: &str) -> Vec<JoinStep> {
    let nick = nickname(name);
    let words = "On the device that you will use, from tailscale.com/download; then sign in at the server's own page, which \
                 this command opens. The owner sees your account appear, and opens the gate for it:";
    vec![step(
        "Install Tailscale and sign in",
        words.into(),
        Some(format!("tailscale login --login-server={server} --nickname={nick}")),
    )]
}

/// Both networks at once, where one connection is all that is needed: a second client without an interface.
fn beside(placed: &ServiceAtNode, to: &str, nick: &str, by_key: bool) -> Vec<JoinStep> {
    let ServiceAtNode { service, node_name, .. } = placed;
    let (folder, port) = (format!("$HOME/.acequia-{nick}"), service.join.port);
    let here = address_of(service.kind, service.join, "localhost");
    let line = |title: &str, words: &str, command: String| step(title, words.to_owned(), Some(command));
    let (comes_in, key) = if by_key {
        (
            format!("With a key of its own, which you ask for above, in the place of {KEY}."),
            format!(" --auth-key={KEY}"),
        )
    } else {
        ("It opens a page, or waits for the owner’s yes.".to_owned(), String::new())
    };
    vec![
        line(
            "Both networks at once (Linux)",
            "A second client beside your own, without rights of root and without an interface; it carries TCP only, so no voice \
             chat and no Bedrock. Never let it have an interface of its own: that breaks your own network.",
            format!(
                "mkdir -p {folder} && tailscaled --tun=userspace-networking --statedir={folder} --socket={folder}/sock \
                 --port=0 --no-logs-no-support &"
            ),
        ),
        line(
            "Log the second client in",
            &comes_in,
            format!(
                "tailscale --socket={folder}/sock login --login-server={to}{key} --hostname=guest --accept-dns=false"
            ),
        ),
        line(
            "Lead the port here",
            &format!(
                "With socat; as long as it runs, {here} on this device is {node_name}. To stop, end both programs."
            ),
            format!(
                "socat TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork EXEC:\"tailscale --socket={folder}/sock nc \
                 {node_name} {port}\" &"
            ),
        ),
        line(
            "To leave with the second client",
            "Then end both programs, and remove its folder.",
            format!("tailscale --socket={folder}/sock logout"),
        ),
    ]
}

/// As a name for a command: letters, digits and dashes.
fn nickname(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let all: Vec<String> = words.map(str::to_lowercase).collect();
    let nick: String = all.join("-").chars().take(24).collect();
    let nick = nick.trim_matches('-');
    if nick.is_empty() { "friends".to_owned() } else { nick.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::join::tests::placed;

    fn told(kind: Kind, typed: &str, name: &str) -> Vec<JoinStep> {
        let server = Server { name, address: "https://mill.example", has_names: true };
        steps(&placed(kind, typed), "bruno@", server, false)
    }

    #[test]
    fn only_what_was_tried_is_told_and_nothing_that_breaks_the_network_at_home() {
        let all = told(Kind::Minecraft, "25565", "The mill; reboot $(x)");
        let commands: Vec<&str> = all.iter().filter_map(|step| step.copy.as_deref()).collect();
        assert_eq!(
            commands,
            [
                "tailscale login --login-server=https://mill.example --nickname=the-mill-reboot-x",
                "tailscale switch --list",
                "maple.ts.net:25565",
                "100.64.0.1:25565",
                "mkdir -p $HOME/.acequia-the-mill-reboot-x && tailscaled --tun=userspace-networking \
                 --statedir=$HOME/.acequia-the-mill-reboot-x --socket=$HOME/.acequia-the-mill-reboot-x/sock --port=0 \
                 --no-logs-no-support &",
                "tailscale --socket=$HOME/.acequia-the-mill-reboot-x/sock login --login-server=https://mill.example \
                 --hostname=guest --accept-dns=false",
                "socat TCP-LISTEN:25565,bind=127.0.0.1,reuseaddr,fork EXEC:\"tailscale \
                 --socket=$HOME/.acequia-the-mill-reboot-x/sock nc maple 25565\" &",
                "tailscale --socket=$HOME/.acequia-the-mill-reboot-x/sock logout",
                "tailscale switch the-mill-reboot-x && tailscale logout",
            ]
        );
        for command in commands.iter().filter(|command| command.contains("tailscale")) {
            assert!(!command.contains(" up "), "{command}");
            assert!(!command.contains("tailscaled") || command.contains("userspace-networking"), "{command}");
        }
        let number = all.iter().find(|step| step.copy.as_deref() == Some("100.64.0.1:25565")).unwrap();
        assert!(number.detail.contains("only while you are switched to this network"), "{}", number.detail);
    }

    /// What leaves it has to find the profile by the name that it was given. Sabotage: leave `--nickname` out of a command.
    #[test]
    fn whatever_comes_in_by_key_or_by_signing_in_can_be_left_by_its_name() {
        let server = Server { name: "The mill", address: "https://mill.example", has_names: true };
        let by_key = steps(&placed(Kind::Minecraft, "25565"), "bruno@", server, true);
        let second = by_key.iter().find(|step| step.title == "Log the second client in").unwrap();
        assert_eq!(
            second.copy.as_deref(),
            Some(
                "tailscale --socket=$HOME/.acequia-the-mill/sock login --login-server=https://mill.example \
                 --auth-key=YOUR-KEY --hostname=guest --accept-dns=false"
            ),
            "whoever is made for a share signs in nowhere"
        );
        let mut into = with_key(server.address, server.name);
        let leave = into.pop().unwrap();
        into.extend(sign_in(server.address, server.name));
        for step in &into {
            let command = step.copy.as_deref().unwrap();
            assert!(command.ends_with(" --nickname=the-mill"), "{command}");
        }
        assert_eq!(leave.copy.as_deref(), Some("tailscale switch the-mill && tailscale logout"));
    }

    #[test]
    fn what_needs_more_than_tcp_has_no_second_client() {
        let all = told(Kind::Bedrock, "udp:19132", "Ñandú");
        assert!(!all.iter().any(|step| step.copy.as_deref().is_some_and(|copy| copy.contains("socat"))));
        assert!(
            all.iter().any(|step| step.copy.as_deref() == Some("tailscale switch and && tailscale logout"))
        );
        assert_eq!(nickname("Ñ"), "friends");
    }
}
