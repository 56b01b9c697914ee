//! Network namespaces with a bridge between them, and processes in them.
//!
//! Everything is made inside of namespaces of its own (`unshare`), so that nothing of it is left when the process ends,
//! however it does.

use std::io::{BufRead as _, BufReader};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// Where the bridge and what serves the network are.
pub const CORE: Ipv4Addr = Ipv4Addr::new(10, 199, 0, 1);
/// One with a server on it, one of the same person, and one of a friend.
pub const MACHINES: [(&str, Ipv4Addr); 3] = [
    ("dune", Ipv4Addr::new(10, 199, 0, 2)),
    ("ana", Ipv4Addr::new(10, 199, 0, 3)),
    ("bruno", Ipv4Addr::new(10, 199, 0, 4)),
];

/// The namespaces, as long as the process lives that made them.
#[derive(Debug)]
pub struct Stage {
    /// For what processes write.
    pub folder: PathBuf,
}

impl Stage {
    /// A command that runs this program, with these arguments, where a stage can be raised: in a network, a mount and a
    /// process namespace of its own.
    pub fn apart(program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
        command.arg(program).args(arguments).stdin(Stdio::null());
        command
    }

    /// Why no stage can be raised here; nothing if one can.
    pub fn missing() -> Option<String> {
        let mut try_out = Self::apart(Path::new("ip"), &["link", "set", "lo", "up"]);
        let output = try_out.stdout(Stdio::null()).output();
        match output {
            Err(error) => Some(format!("`unshare`: {error}")),
            Ok(output) if output.status.success() => None,
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                Some(if said.is_empty() { "no network namespaces".into() } else { said })
            }
        }
    }

    /// Inside of [`Stage::apart`]: machines on a bridge, each with a way out that leads nowhere, as any laptop has one.
    ///
    /// # Errors
    /// When a tool is missing or refuses.
    pub fn raise(folder: &Path) -> anyhow::Result<Self> {
        // `ip netns` keeps names there; this is a mount of our own.
        std::fs::create_dir_all("/run/netns")?;
        run("mount", &["-t", "tmpfs", "tmpfs", "/run/netns"])?;
        run("ip", &["link", "set", "lo", "up"])?;
        run("ip", &["link", "add", "br0", "type", "bridge"])?;
        run("ip", &["link", "set", "br0", "up"])?;
        run("ip", &["addr", "add", &format!("{CORE}/24"), "dev", "br0"])?;
        for (name, address) in MACHINES {
            let outside = format!("v-{name}");
            let (here, gate) = (format!("{address}/24"), CORE.to_string());
            run("ip", &["netns", "add", name])?;
            run("ip", &["-n", name, "link", "set", "lo", "up"])?;
            run("ip", &["link", "add", &outside, "type", "veth", "peer", "name", "eth0", "netns", name])?;
            run("ip", &["link", "set", &outside, "master", "br0", "up"])?;
            run("ip", &["-n", name, "addr", "add", &here, "dev", "eth0"])?;
            run("ip", &["-n", name, "link", "set", "eth0", "up"])?;
            run("ip", &["-n", name, "route", "add", "default", "via", &gate])?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// A command that runs in the network of a machine.
    pub fn on(machine: &str, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", machine]).arg(program).stdin(Stdio::null());
        command
    }

    /// Starts something that goes on, with what it says in a file of the folder.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(&self, name: &str, mut command: Command) -> anyhow::Result<Running> {
        let log = std::fs::File::create(self.folder.join(format!("{name}.log")))?;
        command.stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("{name} does not start"))?;
        Ok(Running { name: name.to_owned(), child })
    }

    /// The end of what something said.
    pub fn said(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.folder.join(format!("{name}.log"))).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(8)..).unwrap_or_default().join("\n")
    }
}

/// A process that is stopped when dropped.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
}

impl Running {
    /// Its process, or that of the `ip netns exec` which became it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its name, if it does not go on.
    pub fn ended(&mut self) -> Option<&str> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(_)) | Err(_) => Some(&self.name),
        }
    }

    /// Asks it to end, and waits.
    ///
    /// # Errors
    /// When it does not end in five seconds; it is killed then.
    pub fn stop(mut self) -> anyhow::Result<()> {
        run("kill", &[&self.child.id().to_string()])?;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("{} does not end", self.name)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already is as it should be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What something says, line by line, each with when it came.
#[derive(Debug)]
pub struct Lines {
    seen: Arc<Mutex<Vec<(Instant, String)>>>,
    child: Child,
}

impl Lines {
    /// # Errors
    /// When it does not start.
    pub fn of(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let out = child.stdout.take().context("stdout is piped")?;
        let seen = Arc::<Mutex<Vec<(Instant, String)>>>::default();
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), line));
            }
        });
        Ok(Self { seen, child })
    }

    /// When the last line came that begins so.
    pub fn last(&self, start: &str) -> Option<Instant> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().rev().find(|(_, line)| line.starts_with(start)).map(|(at, _)| *at)
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a tool that has to succeed. Gives what it printed.
///
/// # Errors
/// With what it said.
pub fn run(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("`{program}` does not run"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        bail!("`{program} {}`: {said}", arguments.join(" "));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Tries until it is so. Gives how long that took; none: it is not so after `limit`.
pub fn until(limit: Duration, mut so: impl FnMut() -> bool) -> Option<Duration> {
    let began = Instant::now();
    while began.elapsed() < limit {
        if so() {
            return Some(began.elapsed());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}
