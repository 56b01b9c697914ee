//! What the page of a new machine says: the text for its host, and how the key comes onto it.

use crate::words;
use app::fault::FieldErrors;
use app::ports::firewall::SnippetLine;
use app::ports::joining::BootstrapText;
use firewall::{BootstrapError, Routing, System, bootstrap};
use model::NewNode;

/// With what is usual where nothing was said.
pub(super) fn completed(mut chosen: NewNode) -> NewNode {
    chosen.key_file = chosen.key_file.trim().to_owned();
    chosen.login_server = chosen.login_server.trim().to_owned();
    if chosen.system.is_empty() {
        chosen.system = System::Nixos.to_string();
    }
    if chosen.routing.is_empty() {
        chosen.routing = Routing::None.to_string();
    }
    // Also when another system's usual one is still in the field.
    let usual = System::ALL.iter().any(|system| system.usual_key_file() == chosen.key_file);
    if let (true, Ok(system)) = (usual || chosen.key_file.is_empty(), chosen.system.parse::<System>()) {
        system.usual_key_file().clone_into(&mut chosen.key_file);
    }
    chosen.tags.sort_unstable();
    chosen.tags.dedup();
    chosen
}

pub(super) fn unknown_tag(chosen: &NewNode, known: &[String]) -> Option<(String, String)> {
    let unknown = chosen.tags.iter().find(|tag| !known.contains(tag))?;
    let short: String = unknown.chars().take(60).collect();
    Some(("tags".into(), words::joining::unknown_tag(&short)))
}

pub(super) fn text(chosen: &NewNode) -> Result<BootstrapText, FieldErrors> {
    let wrong = |error: BootstrapError| {
        let field = match &error {
            BootstrapError::System(_) | BootstrapError::NoNft(_) => "system",
            BootstrapError::Routing(_) => "routing",
            BootstrapError::Url(_) => "login_server",
            _ => "key_file",
        };
        vec![(field.to_owned(), error.to_string())]
    };
    let system: System = chosen.system.parse().map_err(wrong)?;
    let routing: Routing = chosen.routing.parse().map_err(wrong)?;
    let server = Some(chosen.login_server.as_str()).filter(|url| !url.is_empty());
    let made = bootstrap(system, routing, Some(&chosen.key_file), server).map_err(wrong)?;
    let line = |line: firewall::Line| SnippetLine { text: line.text, reason: line.reason };
    Ok(BootstrapText {
        file: made.file_name,
        lines: made.lines.into_iter().map(line).collect(),
        notes: made.notes,
    })
}
