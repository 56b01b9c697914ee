//! The stage with plain processes: what claims rest on can tell open from closed, and a dead game from one that goes on.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::claims::Claims;
use crate::game::{MINECRAFT, NOT_LENT};
use crate::stage::{Lines, MACHINES, Stage, until};

const PATIENCE: Duration = Duration::from_secs(20);

/// # Errors
/// When something does not start.
pub fn wires(stage: &Stage, real: &Path) -> anyhow::Result<Claims> {
    let mut claims = Claims::default();
    let [(dune, address), ..] = MACHINES;
    let tries = |from: &str, how: &str, port: u16| {
        let mut command = Stage::on(from, real);
        command.args([how, &address.to_string(), &port.to_string(), "700"]);
        command.output().is_ok_and(|output| output.status.success())
    };
    claims.claim("where nothing listens nothing answers", !tries("bruno", "ping", MINECRAFT), "");
    let mut serve = Stage::on(dune, real);
    serve.arg("serve");
    let mut services = stage.start("services", serve)?;
    let open = until(PATIENCE, || tries("bruno", "ping", MINECRAFT));
    claims.claim("another machine pings the game", open.is_some(), stage.said("services"));
    for port in NOT_LENT {
        claims.claim(&format!("port {port} answers"), tries("ana", "knock", port), "");
    }
    claims.claim("a port of nothing is closed", !tries("ana", "knock", 8081), "");
    let mut game = Stage::on("bruno", real);
    game.args(["play", &address.to_string(), &MINECRAFT.to_string(), "60000"]);
    let game = Lines::of(game)?;
    claims.claim(
        "a game that is joined echoes",
        until(PATIENCE, || game.last("echo").is_some()).is_some(),
        "",
    );
    let began = Instant::now();
    let goes_on = until(PATIENCE, || game.last("echo").is_some_and(|last| last > began));
    claims.claim("and goes on", goes_on.is_some(), "");
    crate::stage::run("ip", &["link", "set", "v-bruno", "down"])?;
    let cut = Instant::now();
    std::thread::sleep(Duration::from_secs(2));
    let last = game.last("echo").map(|last| last.saturating_duration_since(cut)).unwrap_or_default();
    claims.claim(
        "cut off, it is dead",
        last < Duration::from_secs(1),
        format!("{:.2} s", last.as_secs_f64()),
    );
    claims.claim("cut off, a ping is refused", !tries("bruno", "ping", MINECRAFT), "");
    crate::stage::run("ip", &["link", "set", "v-bruno", "up"])?;
    let back = until(PATIENCE, || tries("bruno", "ping", MINECRAFT));
    claims.claim("and answers again afterwards", back.is_some(), "");
    claims.claim("what serves is not taken for dead", services.ended().is_none(), "");
    let mut brief = stage.start("brief", Stage::on(dune, Path::new("true")))?;
    let told = until(PATIENCE, || brief.ended() == Some("brief"));
    claims.claim("what died is told by its name", told.is_some(), "");
    services.stop()?;
    claims.claim("what was stopped is closed", !tries("bruno", "ping", MINECRAFT), "");
    Ok(claims)
}
