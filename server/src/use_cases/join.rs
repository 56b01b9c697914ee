//! How one joins a service, in plain words.

use app::ports::services::JoinStep;
use model::{Protocol, ServiceKind as Kind};

use crate::store::services::Placed;

/// What to type into the game or the browser. Only the full MagicDNS name resolves for a friend.
pub(super) fn address(placed: &Placed) -> String {
    let host = &placed.dns_name;
    let first = placed.service.ports.of(Protocol::Tcp).ranges().first();
    let port = first.or_else(|| placed.service.ports.of(Protocol::Udp).ranges().first()).map(|r| r.first());
    match (placed.service.kind, port) {
        (Kind::Ssh, Some(22)) | (_, None) => host.clone(),
        (Kind::Http | Kind::Git, Some(443)) => format!("https://{host}/"),
        (Kind::Http | Kind::Git, Some(80)) => format!("http://{host}/"),
        (Kind::Http | Kind::Git | Kind::Media, Some(port)) => format!("http://{host}:{port}/"),
        (_, Some(port)) => format!("{host}:{port}"),
    }
}

/// The steps for a friend; with their login, the step of installing Tailscale names the account.
pub(super) fn steps(placed: &Placed, login: Option<&str>) -> Vec<JoinStep> {
    let mut steps = Vec::new();
    if let Some(login) = login {
        steps.push(step(
            "Install Tailscale",
            format!("On the device you will use, from tailscale.com/download, and sign in as {login}."),
            None,
        ));
    }
    let address = address(placed);
    let name = &placed.service.name;
    let last = match placed.service.kind {
        Kind::Minecraft => step(
            "Add the server",
            "In Minecraft: Multiplayer, Add Server, and this address.".into(),
            Some(address),
        ),
        Kind::Http | Kind::Git | Kind::Media => step("Open it", "In your browser:".into(), Some(address)),
        Kind::Ssh => step(
            "Connect",
            "In a terminal; the owner tells you the user name.".into(),
            Some(format!("ssh {address}")),
        ),
        Kind::Files => step("Connect", "In your file manager, connect to this server:".into(), Some(address)),
        Kind::Game | Kind::Other => {
            step("Connect", format!("In {name}, this is the address:"), Some(address))
        }
    };
    steps.push(last);
    let udp = placed.service.ports.of(Protocol::Udp).ranges().first();
    if let (Kind::Minecraft, Some(range)) = (placed.service.kind, udp) {
        let (name, port) = (&placed.dns_name, range.first());
        steps.push(step(
            "On Bedrock (phone, console)",
            format!("Servers, Add Server: the address below, and {port} as the port."),
            Some(name.clone()),
        ));
    }
    if login.is_some() {
        steps.push(step(
            "If the name is not found",
            "MagicDNS must be on in your tailnet (admin console, DNS). The short name does not work from outside.".into(),
            None,
        ));
    }
    steps
}

fn step(title: &str, detail: String, copy: Option<String>) -> JoinStep {
    JoinStep { title: title.into(), detail, copy }
}
