//! Commands in own network and mount namespaces, so that nothing of this host is touched.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The arguments of `unshare` that work here; none where namespaces are not permitted.
pub fn unshare() -> Option<&'static [&'static str]> {
    static FOUND: OnceLock<Option<&'static [&'static str]>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let forms: [&[&str]; 2] = [&["-nm"], &["-rnm"]];
        forms.into_iter().find(|form| {
            // Both: a namespace, and a mount of its own inside it.
            let probe = ["sh", "-c", "mount -t tmpfs none /run"];
            Command::new("unshare").args(*form).args(probe).output().is_ok_and(|out| out.status.success())
        })
    })
}

/// Whether all `names` are installed and namespaces are permitted; if not, says so in one line.
pub fn ready(what: &str, names: &[&str]) -> bool {
    if unshare().is_none() {
        println!("skipped: {what}: network and mount namespaces are not permitted here");
        return false;
    }
    installed(what, names)
}

/// The same for tools that want to own files of this host, though they only see copies of them.
pub fn ready_as_root(what: &str, names: &[&str]) -> bool {
    if unshare().is_some_and(|form| form.concat().contains('r')) {
        println!("skipped: {what}: needs root, and a namespace of users does not do");
        return false;
    }
    ready(what, names)
}

/// Whether all `names` are installed; if not, says so in one line.
pub fn installed(what: &str, names: &[&str]) -> bool {
    let has = |name: &&&str| {
        let found = Command::new("sh").args(["-c", "command -v \"$1\"", "sh", name]).output();
        !found.is_ok_and(|out| out.status.success())
    };
    match names.iter().find(has) {
        None => true,
        Some(name) => {
            println!("skipped: {what}: {name} is not installed");
            false
        }
    }
}

/// Runs a shell script in fresh namespaces with `input` on its standard input and an empty /run.
pub fn run(script: &str, input: &str) -> Output {
    // `set -e` does not look at commands behind `!`.
    let script =
        format!("set -e; not() {{ if \"$@\"; then return 1; fi; }}; mount -t tmpfs none /run; {script}");
    let mut command = Command::new("unshare");
    command.args(unshare().unwrap()).args(["sh", "-c", &script]);
    feed(&mut command, input)
}

/// Runs `command` with `input` on its standard input.
pub fn feed(command: &mut Command, input: &str) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_owned();
    // A child that ends without reading closes the pipe: its exit code says more than our write error.
    let writer = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Panics with what was said if it failed.
pub fn accepted(what: &str, text: &str, output: &Output) {
    let said =
        [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said).into_owned()).concat();
    assert!(output.status.success(), "{what} refused:\n{said}\n{text}");
}
