use std::process::Command;

use crate::demo;
use crate::shell::{run as run_command, say};
use crate::workspace::{Profile, Workspace};

/// Makes everything that can be given to others in `target/dist`, then puts each thing in place, asks it and takes it
/// away again. `--profile dev` takes a quick build: for work on the packages themselves.
pub fn run(workspace: &Workspace, options: &[String]) -> anyhow::Result<()> {
    let (profile, check) = read(options)?;
    demo::build(workspace, profile)?;
    let mut program = workspace.binary(profile);
    if profile == Profile::Dev {
        // Its lines of the source are most of it.
        let stripped = workspace.target.join("dist-acequia");
        run_command(Command::new("strip").arg("-o").arg(&stripped).arg(&program))?;
        program = stripped;
    }
    let dist = workspace.target.join("dist");
    let script = |name: &str| Command::new(workspace.root.join("packaging").join(name));
    run_command(script("package").arg(&program).arg(&dist))?;
    if check {
        run_command(script("check").arg(&dist))?;
    } else {
        say("not checked: without `--no-check` each thing is put in place, asked and taken away again");
    }
    Ok(())
}

fn read(options: &[String]) -> anyhow::Result<(Profile, bool)> {
    let (mut profile, mut check) = (Profile::Release, true);
    let mut options = options.iter().map(String::as_str);
    while let Some(option) = options.next() {
        match option {
            "--no-check" => check = false,
            "--profile" => match options.next() {
                Some("dev") => profile = Profile::Dev,
                Some("release") => profile = Profile::Release,
                _ => anyhow::bail!("`--profile` is `dev` or `release`"),
            },
            _ => anyhow::bail!("`{option}` is no option: there are `--profile dev` and `--no-check`"),
        }
    }
    Ok((profile, check))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_made_and_checked_if_nothing_else_is_asked_for() {
        let of = |options: &[&str]| read(&options.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>());
        assert!(matches!(of(&[]), Ok((Profile::Release, true))));
        assert!(matches!(of(&["--profile", "dev", "--no-check"]), Ok((Profile::Dev, false))));
        assert!(of(&["--profile"]).is_err() && of(&["--quick"]).is_err());
    }
}
