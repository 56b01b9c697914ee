use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// Where things are, and cargo started there.
pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Workspace {
    pub fn find() -> anyhow::Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).context("xtask lives in `crates/xtask`")?.to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Ok(Self { target: std::path::absolute(target)?, root })
    }

    /// What the server embeds: style sheet, icons, script and wasm. Here even when `CARGO_TARGET_DIR` says otherwise,
    /// because the server's source names the folder.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    pub fn binary(&self, profile: Profile) -> PathBuf {
        let folder = match profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        };
        self.target.join(folder).join("acequia")
    }

    /// The same cargo that runs us. A relative `CARGO_TARGET_DIR` must not be read from another folder.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root);
        if std::env::var_os("CARGO_TARGET_DIR").is_some() {
            cargo.env("CARGO_TARGET_DIR", &self.target);
        }
        cargo
    }
}
