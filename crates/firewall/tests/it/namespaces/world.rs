//! A server, a friend, a stranger and the owner's laptop, each in a namespace with an interface tailscale0.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};

use crate::namespaces::agent::{Agent, Expected};
use crate::sandbox;

const PEOPLE: [(&str, u8); 4] = [("server", 5), ("laptop", 10), ("friend", 20), ("stranger", 30)];

/// The columns of a row: TCP and UDP on the shared port in both families, then ssh.
const COLUMNS: [(&str, bool, u16); 6] = [
    ("tcp", false, 25565),
    ("tcp", true, 25565),
    ("udp", false, 25565),
    ("udp", true, 25565),
    ("tcp", false, 22),
    ("tcp", true, 22),
];

/// All of them; gone with every trace when it is dropped.
pub struct World {
    pub server: Agent,
    pub laptop: Agent,
    pub friend: Agent,
    pub stranger: Agent,
    keeper: Child,
}

/// The server's address.
pub fn server(v6: bool, port: u16) -> SocketAddr {
    address("server", v6, port)
}

pub fn address(name: &str, v6: bool, port: u16) -> SocketAddr {
    let (_, number) = PEOPLE.iter().find(|(person, _)| *person == name).unwrap();
    let host = if v6 { format!("[fd7a:115c:a1e0::{number}]") } else { format!("100.64.0.{number}") };
    format!("{host}:{port}").parse().unwrap()
}

impl World {
    /// None, and a line that says why, where it cannot be.
    pub fn new(what: &str, tools: &[&str]) -> Option<Self> {
        let mut world = Self::without_services(what, tools)?;
        world.server.serve(&[22, 8080, 25565], &[25565]);
        Some(world)
    }

    /// The same, but nothing listens on the server yet.
    pub fn without_services(what: &str, tools: &[&str]) -> Option<Self> {
        if !sandbox::ready(what, tools) || !sandbox::installed(what, &["ip", "nsenter"]) {
            return None;
        }
        let people = PEOPLE.map(|(name, number)| {
            format!(
                "ip netns add {name}; ip link add {name} type veth peer name tailscale0 netns {name}; \
                 ip link set {name} master hub up; ip -n {name} link set lo up; ip -n {name} link set tailscale0 up; \
                 ip -n {name} addr add 100.64.0.{number}/10 dev tailscale0; \
                 ip -n {name} addr add fd7a:115c:a1e0::{number}/48 dev tailscale0 nodad; "
            )
        });
        let script = format!(
            "set -e; mount -t tmpfs none /run; mkdir /run/bin; ip link add hub type bridge mcast_snooping 0; \
             ip link set hub up; ip netns add container; {} echo ready; exec cat",
            people.concat()
        );
        let mut keeper = Command::new("unshare")
            .args(sandbox::unshare()?)
            .args(["sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        let agent = |name| Agent::start(enter(&keeper, name));
        Some(Self {
            server: agent("server"),
            laptop: agent("laptop"),
            friend: agent("friend"),
            stranger: agent("stranger"),
            keeper,
        })
    }

    /// Runs a script on the server; `iptables` means the variant that was chosen, else the default.
    pub fn run(&self, script: &str) {
        let output = self.output("server", script);
        sandbox::accepted("a script on the server", script, &output);
    }

    /// An agent in one more namespace.
    pub fn start(&self, name: &str) -> Agent {
        Agent::start(enter(&self.keeper, name))
    }

    /// A command that runs in the namespace of that name.
    pub fn inside(&self, name: &str) -> Command {
        enter(&self.keeper, name)
    }

    pub fn output(&self, name: &str, script: &str) -> Output {
        let script = format!("set -e; PATH=/run/bin:$PATH\n{script}");
        let mut command = enter(&self.keeper, name);
        sandbox::feed(command.arg("sh"), &script)
    }

    /// What friend, stranger and laptop reach, each against the six columns.
    pub fn assert_row(&mut self, what: &str, friend: &str, stranger: &str, laptop: &str) {
        let people = [
            ("friend", friend, &mut self.friend),
            ("stranger", stranger, &mut self.stranger),
            ("laptop", laptop, &mut self.laptop),
        ];
        for (name, row, agent) in people {
            let targets: Vec<_> = COLUMNS
                .iter()
                .zip(row.chars())
                .map(|((protocol, v6, port), sign)| {
                    let expected = if sign == 'O' { Expected::Open } else { Expected::Blocked };
                    (*protocol, server(*v6, *port), expected)
                })
                .collect();
            assert_eq!(agent.probe(&targets), row, "{what}: {name}");
        }
    }
}

fn enter(keeper: &Child, name: &str) -> Command {
    let mut command = Command::new("nsenter");
    command.args(["-t", &keeper.id().to_string(), "-m", "-n"]);
    if sandbox::unshare().is_some_and(|form| form.concat().contains('r')) {
        command.args(["-U", "--preserve-credentials"]);
    }
    command.args(["ip", "netns", "exec", name]);
    command
}

impl Drop for World {
    fn drop(&mut self) {
        // Daemons that a script left running would keep the namespaces alive.
        let _ = enter(&self.keeper, "server")
            .args(["sh", "-c", "[ ! -e /run/pids ] || kill $(cat /run/pids)"])
            .output();
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
