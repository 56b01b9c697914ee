//! `real APP`: the app on a real Headscale, in both modes of its policy; see `cargo xtask real`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use real::{Claims, Mode, Network, Packets, Programs, Stage, game, play};

const USAGE: &str = "real APP [database|file]   the life of a share on a real Headscale, with packets; both modes if none is named
real wires                 the stage without a Headscale: its namespaces, and the little services on them";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("real: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Exit 0: every claim holds, or nothing could be tried, which is said in one line. 1: one does not. 2: it could not be told.
fn run(words: &[&str]) -> anyhow::Result<ExitCode> {
    match words {
        ["serve"] => game::serve().map(|()| ExitCode::SUCCESS),
        ["ping", rest @ ..] => Ok(tried(at(rest).and_then(|(to, limit)| game::ping(to, limit).map(drop)))),
        ["knock", rest @ ..] => Ok(tried(at(rest).and_then(|(to, limit)| game::knock(to, limit)))),
        ["play", rest @ ..] => Ok(tried(at(rest).and_then(|(to, limit)| game::play(to, limit)))),
        ["wires"] => apart(&["inside-wires"]),
        ["inside-wires"] => wires().map(told),
        ["inside", app, mode, headscale, tailscaled, tailscale] => {
            let programs = Programs {
                headscale: headscale.into(),
                tailscaled: tailscaled.into(),
                tailscale: tailscale.into(),
                real: std::env::current_exe()?,
            };
            inside(Path::new(app), mode_of(mode)?, programs).map(told)
        }
        [app] => everything(app, &["database", "file"]),
        [app, mode] => everything(app, &[*mode]),
        _ => bail!("this is what there is:\n\n{USAGE}"),
    }
}

fn mode_of(word: &str) -> anyhow::Result<Mode> {
    match word {
        "database" => Ok(Mode::Database),
        "file" => Ok(Mode::File),
        _ => bail!("`{word}` is no mode; there are `database` and `file`"),
    }
}

/// HOST PORT MILLISECONDS
fn at(words: &[&str]) -> anyhow::Result<(SocketAddr, Duration)> {
    let [host, port, limit] = words else { bail!("HOST PORT MILLISECONDS") };
    let host: IpAddr = host.parse()?;
    Ok((SocketAddr::new(host, port.parse()?), Duration::from_millis(limit.parse()?)))
}

fn tried(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn told(claims: Claims) -> ExitCode {
    tried(claims.all_hold())
}

/// The whole path of a program, so that it is found inside of namespaces too.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn everything(app: &str, modes: &[&str]) -> anyhow::Result<ExitCode> {
    let app = std::path::absolute(app)?;
    let mut found = Vec::new();
    for program in ["headscale", "tailscaled", "tailscale"] {
        let Some(file) = find(program) else {
            eprintln!("skipped, no real Headscale: `{program}` is not installed");
            return Ok(ExitCode::SUCCESS);
        };
        found.push(file.display().to_string());
    }
    if let Some(why) = Stage::missing() {
        eprintln!("skipped, no real Headscale: {why}");
        return Ok(ExitCode::SUCCESS);
    }
    if !Path::new("/dev/net/tun").exists() {
        eprintln!("skipped, no real Headscale: there is no /dev/net/tun");
        return Ok(ExitCode::SUCCESS);
    }
    let app = app.display().to_string();
    for mode in modes {
        let mut words = vec!["inside", app.as_str(), mode];
        words.extend(found.iter().map(String::as_str));
        let code = apart(&words)?;
        if code != ExitCode::SUCCESS {
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// This program again, where a stage can be raised.
fn apart(words: &[&str]) -> anyhow::Result<ExitCode> {
    if let Some(why) = Stage::missing() {
        eprintln!("skipped, no network namespaces: {why}");
        return Ok(ExitCode::SUCCESS);
    }
    let status = Stage::apart(&std::env::current_exe()?, words).status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}

fn inside(app: &Path, mode: Mode, programs: Programs) -> anyhow::Result<Claims> {
    let folder = tempfile::tempdir()?;
    let stage = Stage::raise(folder.path())?;
    let mut network = Network::start(stage, programs, mode)?;
    let mut claims = Claims::default();
    claims.figure(&network.versions()?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(play(app, &mut network, packets, &mut claims))?;
    Ok(claims)
}

fn packets(network: &mut Network) -> &mut dyn Packets {
    network
}

/// What the stage is made of, without a Headscale: machines see each other over the bridge, and only where something listens.
fn wires() -> anyhow::Result<Claims> {
    let folder = tempfile::tempdir()?;
    let stage = Stage::raise(folder.path())?;
    let real = std::env::current_exe()?;
    real::wires(&stage, &real).context("on the stage")
}
