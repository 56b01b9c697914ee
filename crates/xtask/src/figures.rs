use std::fs;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::Command;

use crate::shell::output;
use crate::squeeze;
use crate::workspace::{Profile, Workspace};

/// Sizes of what is built, and of what is written.
pub fn print(workspace: &Workspace) -> anyhow::Result<()> {
    let site = workspace.site();
    let built = [
        workspace.binary(Profile::Release),
        site.join("pkg/app_bg.wasm"),
        site.join("pkg/app.js"),
        site.join("style.css"),
    ];
    let mut out = stdout().lock();
    writeln!(out, "{:<28}{:>12}{:>12}", "bytes", "plain", "brotli")?;
    for file in built {
        let name = file.file_name().unwrap_or_default().display().to_string();
        match fs::metadata(&file) {
            Ok(data) => writeln!(out, "{name:<28}{:>12}{:>12}", data.len(), squeezed(&file))?,
            Err(_) => writeln!(out, "{name:<28}{:>12}", "not built")?,
        }
    }
    let mut lines = lines_per_file(workspace)?;
    lines.sort_unstable();
    let at = |share: usize| lines.get((lines.len() * share / 100).min(lines.len().saturating_sub(1)));
    let number = |place: Option<&(usize, String)>| place.map_or(0, |(count, _)| *count);
    let total: usize = lines.iter().map(|(count, _)| count).sum();
    writeln!(
        out,
        "\nRust: {} files, {total} lines; per file median {}, p90 {}, largest {}",
        lines.len(),
        number(at(50)),
        number(at(90)),
        number(lines.last())
    )?;
    for (count, file) in lines.iter().rev().take(5) {
        writeln!(out, "{count:>6}  {file}")?;
    }
    Ok(())
}

fn squeezed(file: &Path) -> String {
    fs::metadata(squeeze::beside(file, "br")).map_or_else(|_| "-".into(), |data| data.len().to_string())
}

fn lines_per_file(workspace: &Workspace) -> anyhow::Result<Vec<(usize, String)>> {
    let mut git = Command::new("git");
    let listed = output(git.args(["ls-files", "*.rs"]).current_dir(&workspace.root))?;
    let count = |name: &str| fs::read_to_string(workspace.root.join(name)).map(|text| text.lines().count());
    Ok(listed.lines().filter_map(|name| Some((count(name).ok()?, name.to_owned()))).collect())
}
