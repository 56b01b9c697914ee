//! `setup-code` and `rotate-key`.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use super::{open, read_config, runtime};
use crate::use_cases::sign_in;

/// Prints the set-up code while the instance has no owner.
pub fn setup_code(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = read_config(config)?;
    runtime()?.block_on(async {
        let (state, _held) = open::for_command(config).await?;
        if let Some(code) = sign_in::set_up_code(&state).await? {
            writeln!(std::io::stdout(), "{code}")?;
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("this Acequia has its owner already, there is no set-up code any more");
        Ok(ExitCode::from(1))
    })
}

/// Makes a new key, seals everything with it, and forgets the old one.
pub fn rotate_key(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = read_config(config)?;
    runtime()?.block_on(async {
        let (db, sealer, _held) = open::for_change(&config).await?;
        let file = &config.key_file;
        // The old key stays in the file until nothing needs it: an interrupted change is simply run again.
        let sealer = sealer.add_key(file)?;
        let count = db.reseal(&sealer).await?;
        let sealer = sealer.forget_old_keys(file)?;
        eprintln!("sealed {count} secrets with the new key {}", sealer.key_id());
        Ok(ExitCode::SUCCESS)
    })
}
