//! A process inside one namespace that serves, connects and answers over its pipes.
//!
//! It is this very test binary, started anew with the ignored test below; `std` only, no sleeps.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

const MARK: &str = "= ";

/// What a connect must come to. A port that is open answers long before the limit, and one that is blocked
/// shows it by silence: only that costs its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    Open,
    Blocked,
}

impl Expected {
    fn limit(self) -> Duration {
        match self {
            Self::Open => Duration::from_secs(20),
            Self::Blocked => Duration::from_millis(300),
        }
    }
}

/// The end of the pipes that the test holds.
pub struct Agent {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Agent {
    /// Starts it through `enter`, a command that goes into the namespace.
    pub fn start(mut enter: Command) -> Self {
        let this = std::env::current_exe().unwrap();
        let arguments = ["--exact", "namespaces::agent::agent", "--ignored", "--nocapture"];
        enter.arg(this).args(arguments).env("ACEQUIA_AGENT", "1");
        let mut child = enter.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut agent = Self { child, stdin, stdout };
        assert_eq!(agent.ask("hello"), "hello");
        agent
    }

    fn ask(&mut self, line: &str) -> String {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
        loop {
            let mut answer = String::new();
            assert!(self.stdout.read_line(&mut answer).unwrap() > 0, "the agent is gone, asked: {line}");
            if let Some(answer) = answer.trim_end().strip_prefix(MARK) {
                return answer.to_owned();
            }
        }
    }

    /// Echoes on these ports, both families, until the test ends.
    pub fn serve(&mut self, tcp: &[u16], udp: &[u16]) {
        let list = |ports: &[u16]| ports.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
        assert_eq!(self.ask(&format!("serve {} {}", list(tcp), list(udp))), "serving");
    }

    /// Tries them all at once: `O` for an echo, `-` for none.
    pub fn probe(&mut self, targets: &[(&str, SocketAddr, Expected)]) -> String {
        let words = targets.iter().map(|(protocol, address, expected)| {
            format!("{protocol},{address},{}", expected.limit().as_millis())
        });
        self.ask(&format!("probe {}", words.collect::<Vec<_>>().join(" ")))
    }

    /// Answers with the status of a Minecraft server on this port, both families, until the test ends.
    pub fn play(&mut self, port: u16) {
        assert_eq!(self.ask(&format!("play {port}")), "playing");
    }

    /// The status of the Minecraft server there, in one line; `-` for none.
    pub fn status(&mut self, address: SocketAddr, expected: Expected) -> String {
        self.ask(&format!("status {address} {}", expected.limit().as_millis()))
    }

    /// Opens a flow that stays.
    pub fn hold(&mut self, protocol: &str, address: SocketAddr) {
        assert_eq!(self.ask(&format!("hold {protocol} {address}")), "O", "{protocol} {address}");
    }

    /// Sends on that flow: `O` for an echo, `-` for none.
    pub fn say(&mut self, protocol: &str, address: SocketAddr, expected: Expected) -> String {
        self.ask(&format!("say {protocol} {address} {}", expected.limit().as_millis()))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

enum Flow {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Flow {
    fn open(protocol: &str, address: SocketAddr, limit: Duration) -> std::io::Result<Self> {
        if protocol == "tcp" {
            return TcpStream::connect_timeout(&address, limit).map(Self::Tcp);
        }
        let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any)?;
        socket.connect(address)?;
        Ok(Self::Udp(socket))
    }

    fn echoes(&mut self, limit: Duration) -> bool {
        let mut answer = [0];
        let echoed = match self {
            Self::Tcp(stream) => stream
                .set_read_timeout(Some(limit))
                .and_then(|()| stream.write_all(b"x"))
                .and_then(|()| stream.read_exact(&mut answer)),
            Self::Udp(socket) => socket
                .set_read_timeout(Some(limit))
                .and_then(|()| socket.send(b"x"))
                .and_then(|_| socket.recv(&mut answer).map(drop)),
        };
        echoed.is_ok() && answer == *b"x"
    }
}

fn sign(open: bool) -> &'static str {
    if open { "O" } else { "-" }
}

fn echo_tcp(port: u16) {
    let listener = TcpListener::bind(("::", port)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut byte = [0];
                while stream.read_exact(&mut byte).is_ok() && stream.write_all(&byte).is_ok() {}
            });
        }
    });
}

fn echo_udp(port: u16) {
    let socket = UdpSocket::bind(("::", port)).unwrap();
    std::thread::spawn(move || {
        let mut byte = [0];
        while let Ok((_, from)) = socket.recv_from(&mut byte) {
            // A blocked friend may leave an ICMP error behind; the next one is still to be answered.
            let _ = socket.send_to(&byte, from);
        }
    });
}

fn probe(target: &str) -> bool {
    let mut words = target.split(',');
    let mut word = || words.next().unwrap();
    let (protocol, address) = (word(), word().parse().unwrap());
    let limit = Duration::from_millis(word().parse().unwrap());
    Flow::open(protocol, address, limit).is_ok_and(|mut flow| flow.echoes(limit))
}

#[test]
#[ignore = "the process that the namespace tests start inside a namespace"]
fn agent() {
    if std::env::var_os("ACEQUIA_AGENT").is_none() {
        return;
    }
    let mut flows: HashMap<String, Flow> = HashMap::new();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match words[..] {
            ["serve", tcp, udp] => {
                let ports = |list: &str| -> Vec<u16> { list.split(',').flat_map(str::parse).collect() };
                ports(tcp).into_iter().for_each(echo_tcp);
                ports(udp).into_iter().for_each(echo_udp);
                "serving".to_owned()
            }
            ["probe", ref targets @ ..] => {
                let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
                let threads: Vec<_> =
                    targets.into_iter().map(|target| std::thread::spawn(move || probe(&target))).collect();
                threads.into_iter().map(|thread| sign(thread.join().unwrap())).collect()
            }
            ["hold", protocol, address] => {
                let limit = Expected::Open.limit();
                let mut flow = Flow::open(protocol, address.parse().unwrap(), limit).unwrap();
                let open = flow.echoes(limit);
                flows.insert(format!("{protocol} {address}"), flow);
                sign(open).to_owned()
            }
            ["say", protocol, address, limit] => {
                let flow = flows.get_mut(&format!("{protocol} {address}")).unwrap();
                sign(flow.echoes(Duration::from_millis(limit.parse().unwrap()))).to_owned()
            }
            ["play", port] => {
                super::minecraft::respond(port.parse().unwrap());
                "playing".to_owned()
            }
            ["status", address, limit] => {
                let limit = Duration::from_millis(limit.parse().unwrap());
                super::minecraft::status(address.parse().unwrap(), limit).unwrap_or_else(|| "-".to_owned())
            }
            _ => line.clone(),
        };
        // On a line of its own: the test harness writes to the same pipe.
        println!("\n{MARK}{answer}");
    }
}
