use std::fs;

use crate::shell::say;
use crate::workspace::Workspace;
use crate::{css, files, squeeze, wasm};

/// Makes `target/site`, all that the server sends besides pages; touches only what changed.
pub fn build(workspace: &Workspace) -> anyhow::Result<()> {
    wasm::build(workspace)?;
    let style = workspace.root.join("style");
    let site = workspace.site();
    let mut sheet = css::join(&style.join("main.css"))?;
    sheet.insert_str(0, "@charset \"utf-8\";\n");
    if files::write_if_changed(&site.join("style.css"), sheet.as_bytes())? {
        say(format_args!("style sheet: {} bytes", sheet.len()));
    }
    for file in files::list(&style)? {
        if file.extension().is_some_and(|extension| extension == "css") {
            continue;
        }
        let name = file.strip_prefix(&style)?;
        files::write_if_changed(&site.join(name), &fs::read(&file)?)?;
    }
    squeeze::all(&site)
}
