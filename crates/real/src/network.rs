//! A real Headscale and the machines of two people in it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::claims::Claims;
use crate::game::{MINECRAFT, NOT_LENT};
use crate::play::Packets;
use crate::server::{Mode, Server};
use crate::stage::{self, CORE, Lines, Running, Stage, until};

const CA: &str = include_str!("../stage/ca.pem");
const CERTIFICATE: &str = include_str!("../stage/server.pem");
const KEY: &str = include_str!("../stage/server.key");
const PORT: u16 = 19443;
/// As somebody keeps it by hand. A rule that concerns nobody: with an empty list of rules Headscale shows each newcomer to
/// those who are connected already.
const POLICY: &str = "// ours, kept by hand\n{\n\t\"acls\": [\n\t\t// the old printer, which is gone\n\t\t\
                      {\"action\": \"accept\", \"proto\": \"tcp\", \"src\": [\"ana@\"], \"dst\": [\"100.127.255.254:1\"]},\n\
                      \t],\n}\n";
/// Who has which machine.
const OWNED: [(&str, &str); 3] = [("dune", "ana"), ("ana", "ana"), ("bruno", "bruno")];

/// Names of the programs.
#[derive(Clone, Debug)]
pub struct Programs {
    pub headscale: PathBuf,
    pub tailscaled: PathBuf,
    pub tailscale: PathBuf,
    /// This one, for what runs inside of namespaces.
    pub real: PathBuf,
}

/// The processes, last started first to go.
pub struct Network {
    stage: Stage,
    programs: Programs,
    mode: Mode,
    api_key: String,
    /// Of dune.
    address: IpAddr,
    machines: Vec<(&'static str, Running)>,
    game: Option<Lines>,
    services: Running,
    headscale: Running,
}

impl Network {
    /// Inside of [`Stage::apart`].
    ///
    /// # Errors
    /// When a part does not start; with the end of what it said.
    pub fn start(stage: Stage, programs: Programs, mode: Mode) -> anyhow::Result<Self> {
        let folder = &stage.folder;
        for (name, text) in [("ca.pem", CA), ("server.pem", CERTIFICATE), ("server.key", KEY)] {
            std::fs::write(folder.join(name), text)?;
        }
        std::fs::write(folder.join("policy.hujson"), POLICY)?;
        std::fs::write(folder.join("headscale.yaml"), configuration(folder, mode))?;
        let headscale = stage.start("headscale", admin(&programs, folder, &["serve"]))?;
        let answers = until(Duration::from_secs(20), || {
            std::net::TcpStream::connect((CORE, PORT)).is_ok()
                && asked(&programs, folder, &["users", "list", "-o", "json"]).is_ok()
        });
        if answers.is_none() {
            bail!("headscale does not answer:\n{}", stage.said("headscale"));
        }
        for user in ["ana", "bruno"] {
            asked(&programs, folder, &["users", "create", user])?;
        }
        if mode == Mode::Database {
            let file = folder.join("policy.hujson").display().to_string();
            asked(&programs, folder, &["policy", "set", "-f", &file])?;
        }
        let key = asked(&programs, folder, &["apikeys", "create", "--expiration", "90d"])?;
        let api_key = key.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        let api_key = api_key.trim_matches('"').to_owned();
        let mut services = Stage::on("dune", &programs.real);
        services.arg("serve");
        let services = stage.start("services", services)?;
        let mut network = Self {
            stage,
            programs,
            mode,
            api_key,
            address: IpAddr::from(CORE),
            machines: Vec::new(),
            game: None,
            services,
            headscale,
        };
        for (machine, user) in OWNED {
            network.join(machine, user)?;
        }
        let address = network.tailscale("dune", &["ip", "-4"])?;
        network.address = address.trim().parse().context("the address of dune")?;
        Ok(network)
    }

    /// What was tried, for the first line.
    ///
    /// # Errors
    /// When a program does not say.
    pub fn versions(&self) -> anyhow::Result<String> {
        let first = |text: String| {
            let line = text.lines().next().unwrap_or_default().trim();
            line.strip_prefix("headscale version ").unwrap_or(line).to_owned()
        };
        let headscale = first(stage::run(&self.programs.headscale.display().to_string(), &["version"])?);
        let tailscale = first(stage::run(&self.programs.tailscale.display().to_string(), &["version"])?);
        Ok(format!("headscale {headscale}, tailscale {tailscale}, policy in {} mode", self.mode))
    }

    fn join(&mut self, machine: &'static str, user: &str) -> anyhow::Result<()> {
        let folder = self.stage.folder.clone();
        let users = asked(&self.programs, &folder, &["users", "list", "-o", "json"])?;
        let users: Value = serde_json::from_str(&users)?;
        let of = users.as_array().into_iter().flatten().find(|one| one["name"] == user).context("a user")?;
        // A number or a text, by version.
        let id = of["id"].as_str().map_or_else(|| of["id"].to_string(), str::to_owned);
        let key = asked(&self.programs, &folder, &["preauthkeys", "create", "--user", &id, "-o", "json"])?;
        let key: Value = serde_json::from_str(&key)?;
        let key = key["key"].as_str().context("a pre-auth key")?.to_owned();
        self.start_client(machine)?;
        let (url, name) =
            (self.url(), if machine == "dune" { "dune".into() } else { format!("{machine}-laptop") });
        let (login, key, name) =
            (format!("--login-server={url}"), format!("--auth-key={key}"), format!("--hostname={name}"));
        let up = ["up", &login, &key, &name, "--accept-dns=false", "--timeout=30s"];
        self.tailscale(machine, &up).map(drop).with_context(|| format!("{machine} does not come in"))
    }

    fn start_client(&mut self, machine: &'static str) -> anyhow::Result<()> {
        let folder = self.stage.folder.join(machine);
        std::fs::create_dir_all(&folder)?;
        let at = |option: &str, name: &str| format!("{option}={}", folder.join(name).display());
        let mut command = Stage::on(machine, &self.programs.tailscaled);
        command
            .arg(at("--state", "state"))
            .arg(format!("--statedir={}", folder.display()))
            .arg(at("--socket", "socket"))
            .args(["--port=41641", "--tun=tailscale0"]);
        let running =
            self.stage.start(&format!("tailscaled-{machine}"), trusting(command, &self.stage.folder))?;
        self.machines.push((machine, running));
        let socket = folder.join("socket");
        until(Duration::from_secs(10), || socket.exists()).context("tailscaled makes no socket").map(drop)
    }

    fn tailscale(&self, machine: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Stage::on(machine, &self.programs.tailscale);
        let socket = self.stage.folder.join(machine).join("socket");
        command.arg(format!("--socket={}", socket.display())).args(arguments);
        let output = trusting(command, &self.stage.folder).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            bail!(
                "tailscale {arguments:?} on {machine}: {said}\n{}",
                self.stage.said(&format!("tailscaled-{machine}"))
            );
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Whether one of this program's own ways to look succeeds on a machine.
    fn tries(&self, machine: &str, how: &str, port: u16) -> bool {
        let mut command = Stage::on(machine, &self.programs.real);
        command.args([how, &self.address.to_string(), &port.to_string(), "700"]);
        command.output().is_ok_and(|output| output.status.success())
    }

    fn pings(&self, machine: &str) -> bool {
        self.tries(machine, "ping", MINECRAFT)
    }

    /// Whether a machine has come back to the network, with what the server told it.
    fn is_in(&self, machine: &str) -> bool {
        let told = self.tailscale(machine, &["status", "--json"]).unwrap_or_default();
        serde_json::from_str::<Value>(&told).is_ok_and(|status| status["BackendState"] == "Running")
    }

    /// What has ended that should go on.
    fn dead(&mut self) -> String {
        let machines = self.machines.iter_mut().map(|(_, client)| client);
        let all = machines.chain([&mut self.services, &mut self.headscale]);
        all.filter_map(Running::ended).collect::<Vec<_>>().join(" ")
    }

    fn nothing_else(&mut self, claims: &mut Claims, when: &str) {
        // A client that died lets nobody in either.
        let dead = self.dead();
        claims.claim(&format!("{when}: everything on the stage still runs"), dead.is_empty(), dead);
        for port in NOT_LENT {
            let open = self.tries("bruno", "knock", port);
            claims.claim(&format!("{when}: port {port} is closed for the friend"), !open, "");
        }
    }
}

impl Server for Network {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn url(&self) -> String {
        format!("https://{CORE}:{PORT}")
    }

    fn api_key(&self) -> String {
        self.api_key.clone()
    }

    fn ca_file(&self) -> Option<String> {
        Some(self.stage.folder.join("ca.pem").display().to_string())
    }

    fn policy(&self) -> anyhow::Result<String> {
        match self.mode {
            Mode::File => Ok(std::fs::read_to_string(self.stage.folder.join("policy.hujson"))?),
            Mode::Database => {
                // It ends what it prints with a line end of its own.
                let text = asked(&self.programs, &self.stage.folder, &["policy", "get"])?;
                Ok(text.strip_suffix('\n').map_or(text.clone(), str::to_owned))
            }
        }
    }

    fn put_by_hand(&self, text: &str) -> anyhow::Result<()> {
        std::fs::write(self.stage.folder.join("policy.hujson"), text)?;
        stage::run("kill", &["-HUP", &self.headscale.id().to_string()]).map(drop)
    }
}

/// Longer than anything took that was ever seen.
const PATIENCE: Duration = Duration::from_secs(30);

impl Packets for Network {
    fn before(&mut self, claims: &mut Claims) {
        let served = until(PATIENCE, || self.tries("dune", "ping", MINECRAFT));
        claims.claim("the game answers on its own machine", served.is_some(), "");
        claims.claim("before: no Minecraft for the friend", !self.pings("bruno"), "");
        self.nothing_else(claims, "before");
    }

    fn opened(&mut self, since: Instant, claims: &mut Claims) -> anyhow::Result<()> {
        let open = until(PATIENCE, || self.pings("bruno"));
        claims.claim("open: the friend's Minecraft answers", open.is_some(), "");
        claims.figure(&format!("{:.2} s from the yes to the first ping", since.elapsed().as_secs_f64()));
        self.nothing_else(claims, "open");
        claims.claim("open: closed for whoever else is there", !self.pings("ana"), "");
        let mut game = Stage::on("bruno", &self.programs.real);
        game.args(["play", &self.address.to_string(), &MINECRAFT.to_string(), "60000"]);
        let game = Lines::of(game)?;
        let joined = until(PATIENCE, || game.last("echo").is_some());
        claims.claim("open: the friend joins the game", joined.is_some(), "");
        self.game = Some(game);
        Ok(())
    }

    fn ended(&mut self, since: Instant, claims: &mut Claims) -> anyhow::Result<()> {
        let shut = until(PATIENCE, || !self.pings("bruno"));
        claims.claim("ended: a new ping is refused", shut.is_some(), "");
        claims.figure(&format!("{:.2} s from the end to the first refusal", since.elapsed().as_secs_f64()));
        let shut = Instant::now();
        std::thread::sleep(Duration::from_secs(6));
        let last = self.game.take().and_then(|game| game.last("echo"));
        let after = last.map(|last| last.saturating_duration_since(shut));
        let words = after.map_or("nobody had joined".to_owned(), |after| {
            format!("the last echo {:.2} s after the refusal", after.as_secs_f64())
        });
        let dead = after.is_some_and(|after| after < Duration::from_secs(5));
        claims.claim("ended: the open game is dead", dead, words);
        self.nothing_else(claims, "ended");
        let place =
            self.machines.iter().position(|(machine, _)| *machine == "bruno").context("the friend's")?;
        self.machines.remove(place).1.stop()?;
        let _ = std::fs::remove_file(self.stage.folder.join("bruno/socket"));
        self.start_client("bruno")?;
        let back = until(PATIENCE, || self.is_in("bruno"));
        std::thread::sleep(Duration::from_secs(2));
        let dead = self.dead();
        claims.claim(
            "ended: closed also after the friend's machine came back",
            back.is_some() && dead.is_empty() && !self.pings("bruno"),
            dead,
        );
        Ok(())
    }
}

/// Certificates of the stage are believed, and nobody is told anything.
fn trusting(mut command: Command, folder: &Path) -> Command {
    command.env("SSL_CERT_FILE", folder.join("ca.pem")).env("TS_NO_LOGS_NO_SUPPORT", "true");
    command
}

fn admin(programs: &Programs, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(&programs.headscale);
    command.arg("-c").arg(folder.join("headscale.yaml")).args(arguments);
    trusting(command, folder)
}

fn asked(programs: &Programs, folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = admin(programs, folder, arguments).output()?;
    if !output.status.success() {
        bail!("headscale {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn configuration(folder: &Path, mode: Mode) -> String {
    let folder = folder.display();
    let path = if mode == Mode::File { format!("{folder}/policy.hujson") } else { "\"\"".into() };
    format!(
        "server_url: https://{CORE}:{PORT}
listen_addr: {CORE}:{PORT}
metrics_listen_addr: 127.0.0.1:19090
grpc_listen_addr: 127.0.0.1:19091
noise: {{ private_key_path: {folder}/noise.key }}
prefixes: {{ v4: 100.64.0.0/10, v6: \"fd7a:115c:a1e0::/48\", allocation: sequential }}
derp:
  server: {{ enabled: true, region_id: 999, region_code: stage, region_name: stage, verify_clients: true, \
         stun_listen_addr: \"{CORE}:3478\", private_key_path: {folder}/derp.key, \
         automatically_add_embedded_derp_region: true, ipv4: {CORE} }}
  urls: []
  paths: []
  auto_update_enabled: false
disable_check_updates: true
database: {{ type: sqlite, sqlite: {{ path: {folder}/db.sqlite, write_ahead_log: true }} }}
tls_cert_path: {folder}/server.pem
tls_key_path: {folder}/server.key
log: {{ level: info }}
policy: {{ mode: {mode}, path: {path} }}
dns: {{ magic_dns: true, base_domain: net.real.test, override_local_dns: false, nameservers: {{ global: [] }} }}
unix_socket: {folder}/headscale.sock
unix_socket_permission: \"0700\"
"
    )
}
