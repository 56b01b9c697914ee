//! The pulling script against a server that answers as the endpoint does.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use firewall::{Backend, Part, System, Tells, filter_in_netmap, pull, pull_telling, render};
use serde_json::Value;

use crate::{cases, sandbox};

const URL: &str = "http://127.0.0.1:8080/n1";

/// The script as the NixOS module has it, which is the installer's too.
fn script() -> String {
    let module = pull(System::Nixos, URL, None, "/run/secrets/acequia").unwrap().text();
    let expression = format!("({module}) {{ pkgs = {{ curl = \"\"; nftables = \"/nft\"; }}; }}");
    let output = Command::new("nix-instantiate")
        .args(["--store", "dummy://", "--eval", "--strict", "--json", "-E", &expression])
        .output()
        .unwrap();
    sandbox::accepted("evaluating the module", &module, &output);
    let options: Value = serde_json::from_slice(&output.stdout).unwrap();
    let script = options["systemd"]["services"]["acequia-pull"]["script"].as_str().unwrap().to_owned();
    let installer = pull(System::Debian, URL, None, "/run/secrets/acequia").unwrap().text();
    assert!(installer.contains(&script), "{installer}");
    script
}

#[test]
fn shellcheck_has_nothing_to_say_about_the_installer() {
    if sandbox::installed("shellcheck on the installer", &["shellcheck"]) {
        for status in [None, Some("http://127.0.0.1:8080/status")] {
            let text = pull(System::Debian, URL, status, "/run/secrets/acequia").unwrap().text();
            let output = sandbox::feed(Command::new("shellcheck").args(["-s", "sh", "-"]), &text);
            sandbox::accepted("the installer", &text, &output);
        }
        let output = sandbox::feed(Command::new("shellcheck").args(["-s", "sh", "-"]), &telling());
        sandbox::accepted("the installer that tells of its filter", &telling(), &output);
    }
}

/// A host's installer that tells of its filter.
fn telling() -> String {
    let tells =
        Tells { status: Some("http://127.0.0.1:8080/status"), filter: Some("http://127.0.0.1:8080/filter") };
    pull_telling(System::Debian, URL, tells, "/run/secrets/acequia").unwrap().text()
}

/// As a client prints it, with what is nobody's business around the filter.
fn netmap(rules: &str) -> String {
    format!(
        "{{\n\t\"NodeKey\": \"nodekey:0\",\n\t\"PacketFilter\": [\n\t\t{{\n\t\t\t\"Srcs\": []\n\t\t}}\n\t],\n\t\"PacketFilterRules\": {rules},\n\t\
         \"Peers\": [\n\t\t{{\n\t\t\t\"Name\": \"carla-phone\"\n\t\t}}\n\t]\n}}\n"
    )
}

#[test]
fn of_a_netmap_the_filter_is_told_and_whose_it_is_and_nothing_else() {
    let installer = telling();
    let cut =
        installer.lines().find(|line| line.contains("PacketFilterRules")).expect("the line that cuts it out");
    let rules = "[\n\t\t{\n\t\t\t\"DstPorts\": [\n\t\t\t\t{\n\t\t\t\t\t\"IP\": \"100.64.0.1\",\n\t\t\t\t\t\"Ports\": {\n\t\t\t\t\t\t\
         \"First\": 25565,\n\t\t\t\t\t\t\"Last\": 25565\n\t\t\t\t\t}\n\t\t\t\t}\n\t\t\t],\n\t\t\t\"SrcIPs\": [\n\t\t\t\t\"100.64.0.3\"\n\t\t\t]\n\t\t}\n\t]";
    for (number, (rules, lets_in)) in [(rules, true), ("null", false)].into_iter().enumerate() {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("netmap-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("netmap.json"), netmap(rules)).unwrap();
        let ran = Command::new("sh").args(["-c", cut]).current_dir(&folder).status().unwrap();
        assert!(ran.success());
        let told = std::fs::read_to_string(folder.join("filter.json")).unwrap();
        let said: Value = serde_json::from_str(&told).unwrap();
        let said: Vec<&String> = said.as_object().unwrap().keys().collect();
        assert_eq!(said, ["NodeKey", "PacketFilterRules"], "{told}");
        let filter = filter_in_netmap(&told).unwrap();
        assert!(!filter.is_of_another("nodekey:0") && filter.is_of_another("nodekey:1"), "{told}");
        let [from, to] = ["100.64.0.3", "100.64.0.1"].map(|address| address.parse().unwrap());
        assert_eq!(filter.allows(from, to, model::Protocol::Tcp, 25565), lets_in, "{told}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_nixos_host_that_tells_has_the_tailscale_of_its_own_service() {
    if !sandbox::installed("the module of a host that tells", &["nix-instantiate"]) {
        return;
    }
    let status = "http://127.0.0.1:8080/status";
    let module = pull(System::Nixos, URL, Some(status), "/run/secrets/acequia").unwrap().text();
    let expression = format!(
        "(({module}) {{ pkgs = {{ curl = \"/curl\"; nftables = \"/nft\"; }}; \
         config.services.tailscale.package = \"/tailscale\"; }}).systemd.services.acequia-pull"
    );
    let output = Command::new("nix-instantiate")
        .args(["--store", "dummy://", "--eval", "--strict", "--json", "-E", &expression])
        .output()
        .unwrap();
    sandbox::accepted("evaluating the module", &module, &output);
    let unit: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(unit["path"], serde_json::json!(["/curl", "/nft", "/tailscale"]));
    let installer = pull(System::Debian, URL, Some(status), "/run/secrets/acequia").unwrap().text();
    assert!(installer.contains(unit["script"].as_str().unwrap()), "{installer}");
}

#[test]
fn a_host_that_pulls_keeps_the_last_good_guard() {
    if !sandbox::ready("pulling", &["nft", "nix-instantiate", "curl", "ip"]) {
        return;
    }
    let guard = |case: &str| render(&cases::named(case), Backend::Nftables, Part::All).text();
    let good = guard("known");
    let half = good.lines().take(20).fold(String::new(), |text, line| text + line + "\n");
    let bad = good.replace("tcp dport { 25565 }", "tcp dport { 99999 }");
    // What the server says each time, and how many drops the table then has; the first text stays but for the last.
    let answers = [
        ("200 OK", good, "ok", 3),
        ("304 Not Modified", String::new(), "ok", 3),
        ("200 OK", "<html>sign in first</html>\n".to_owned(), "failed", 3),
        ("200 OK", half, "failed", 3),
        ("200 OK", bad, "failed", 3),
        ("503 Service Unavailable", String::new(), "failed", 3),
        ("200 OK", guard("none"), "ok", 1),
    ];
    let mut runs = String::new();
    for (_, _, said, drops) in &answers {
        // Something flushed all rules in between, each time.
        write!(
            runs,
            "nft flush ruleset; if sh /run/pull.sh; then said=ok; else said=failed; fi; \
             test \"$said $(nft list table inet acequia | grep -c drop)\" = '{said} {drops}'; "
        )
        .unwrap();
    }
    // The server is outside of the namespace: a socket in the file system is the way in.
    let socket = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pull-{}", std::process::id()));
    let listener = UnixListener::bind(&socket).unwrap();
    let script_run = format!(
        "mkdir /run/state /run/credentials; printf secret > /run/credentials/token; ip link set lo up; \
         export STATE_DIRECTORY=/run/state CREDENTIALS_DIRECTORY=/run/credentials CURL_HOME=/run; \
         echo 'unix-socket = \"{}\"' > /run/.curlrc; cat > /run/pull.sh; {runs} \
         nft -f /run/state/good.nft; nft list table inet acequia | grep -q 'rev 7'",
        socket.display()
    );
    let server = std::thread::spawn(move || {
        let mut number = 0;
        answers.map(|(status, body, _, _)| {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let asked: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let length = body.len();
            let etag = if status == "200 OK" { format!("ETag: \"r{number}\"\r\n") } else { String::new() };
            number += 1;
            write!(
                stream,
                "HTTP/1.1 {status}\r\n{etag}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .unwrap();
            asked
        })
    });
    let output = sandbox::run(&script_run, &script());
    std::fs::remove_file(&socket).unwrap();
    sandbox::accepted("pulling", &script_run, &output);
    let asked = server.join().unwrap();
    assert!(
        asked.iter().all(|lines| lines.contains(&"Authorization: Bearer secret".to_owned())),
        "{asked:?}"
    );
    // From the first good answer on it asks for what is newer, also after answers that were no good.
    let newer = "If-None-Match: \"r0\"".to_owned();
    assert!(asked[1..].iter().all(|lines| lines.contains(&newer)), "{asked:?}");
}
