//! A host fetches its guard from the running app, by the script that the app's own page gives it, and puts it in force
//! with the real nft in a network namespace of its own.

use model::host::May;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use app::ports::hosts::Found;
use axum::Router;
use model::Revision;
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

use crate::harness::Who::Ana;
use crate::harness::neighbours::Neighbours;
use crate::hosts::shared;

// The same namespaces as the firewall's own tests: nothing of this host is touched.
#[expect(dead_code, clippy::print_stdout, reason = "those need more of it; a part that cannot run says so")]
#[path = "../../../crates/firewall/tests/it/sandbox.rs"]
mod sandbox;

/// A host with a state folder that outlives its boots. Each run is a boot: what was put in force last is loaded then, as
/// the unit beside the script does.
struct Host {
    folder: tempfile::TempDir,
    script: String,
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    /// The script ended well.
    well: bool,
    /// Afterwards the shared port is open.
    open: bool,
    /// Afterwards whoever is not let in is shut out.
    guarded: bool,
}

const OPEN: Run = Run { well: true, open: true, guarded: true };
const STILL_OPEN: Run = Run { well: false, ..OPEN };
const SHUT: Run = Run { well: true, open: false, guarded: true };
const STILL_SHUT: Run = Run { well: false, ..SHUT };

impl Host {
    fn socket(&self) -> PathBuf {
        self.folder.path().join("app.sock")
    }

    /// The way to the app leads through the file system: the namespace has no other network.
    fn answered_by(&self, router: Router) -> JoinHandle<()> {
        let _ = std::fs::remove_file(self.socket());
        let listener = UnixListener::bind(self.socket()).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
    }

    async fn run(&self, token: &str) -> Run {
        let state = self.folder.path().join("state");
        std::fs::create_dir_all(&state).unwrap();
        std::fs::write(self.folder.path().join("token"), token).unwrap();
        std::fs::write(
            self.folder.path().join(".curlrc"),
            format!("unix-socket = \"{}\"\n", self.socket().display()),
        )
        .unwrap();
        let folder = self.folder.path().display();
        let script = format!(
            "cat > /run/pull.sh; export PATH=\"{folder}/bin:$PATH\" STATE_DIRECTORY={folder}/state CREDENTIALS_DIRECTORY={folder} CURL_HOME={folder}; \
             if [ ! -e {folder}/no-interface ]; then ip link add tailscale0 type veth peer name far; fi; \
             if [ -e {folder}/state/good.nft ]; then nft -f {folder}/state/good.nft; fi; \
             if [ -e {folder}/flushed ]; then nft flush ruleset; fi; \
             if [ -e {folder}/stale.nft ]; then nft -f {folder}/stale.nft; fi; \
             if sh /run/pull.sh; then echo well; fi; nft list ruleset"
        );
        let input = self.script.clone();
        let output = tokio::task::spawn_blocking(move || sandbox::run(&script, &input)).await.unwrap();
        sandbox::accepted("a run of the host", &self.script, &output);
        let said = String::from_utf8(output.stdout).unwrap();
        Run { well: said.starts_with("well\n"), open: said.contains("25565"), guarded: said.contains("drop") }
    }
}

/// What tailscaled of the machine says, with one device of a friend.
const STATUS: &str = r#"{"Peer":{"nodekey:a":{"UserID":7,"TailscaleIPs":["100.64.9.20"],"ShareeNode":true},
    "nodekey:b":{"UserID":8,"TailscaleIPs":["100.64.9.30"]}},
    "User":{"7":{"ID":7,"LoginName":"dario@nopal.example"},"8":{"ID":8,"LoginName":"ana@arroyo.example"}}}"#;

/// The script as the page has it in its installer.
async fn script_of_the_page(all: &Neighbours, node: model::NodeId) -> String {
    let page = all.ask(Ana).hosts.get(node).await.unwrap();
    let installer = page.pulls.iter().find(|pull| pull.file == "acequia-pull.sh").unwrap();
    let lines: Vec<&str> = installer.lines.iter().map(|line| line.text.as_str()).collect();
    let from = lines.iter().position(|line| line.starts_with("cat > /etc/acequia/pull.sh")).unwrap();
    let script: Vec<&str> = lines[from + 1..].iter().take_while(|line| **line != "FILE").copied().collect();
    // Nothing listens for https at the end of a socket; all else is as the page says.
    // And nobody waits half a minute for a tailscaled that hangs.
    script.join("\n").replace("https://", "http://").replace("timeout 30", "timeout 1") + "\n"
}

#[tokio::test]
async fn a_host_follows_the_app_and_keeps_the_last_good_text_through_every_trouble() {
    if !sandbox::ready("a host that fetches from the app", &["nft", "curl", "ip"]) {
        return;
    }
    let (all, node) = shared().await;
    let ana = all.ask(Ana);
    let host = Host { folder: tempfile::tempdir().unwrap(), script: script_of_the_page(&all, node).await };
    let token = ana.hosts.make_token(node, May::default()).await.unwrap();
    let in_place = async || {
        let known = ana.hosts.get(node).await.unwrap().standing.in_place;
        known.map(|known| (known.revision.number(), known.found))
    };

    let app = host.answered_by(all.app.router.clone());
    assert_eq!(host.run(&token).await, OPEN);
    assert_eq!(in_place().await, None, "it has not said yet that the text was any good there");
    assert_eq!(host.run(&token).await, OPEN, "after a boot, with nothing new to fetch");
    assert_eq!(in_place().await, Some((2, Found::Current)));

    app.abort();
    std::fs::remove_file(host.socket()).unwrap();
    assert_eq!(host.run(&token).await, STILL_OPEN, "the app is down");

    let share = ana.shares.list().await.unwrap().given[0].share.unwrap();
    ana.shares.end(share).await.unwrap();
    assert_eq!(in_place().await, Some((2, Found::Older)));
    let app = host.answered_by(all.app.router.clone());
    assert_eq!(host.run(&token).await, SHUT, "it is back, and the share has ended");
    assert_eq!(host.run(&token).await, SHUT);
    assert_eq!(in_place().await, Some((3, Found::Current)));

    // Something else loads an older text at boot: the last good one is in force again before anything is asked.
    let stale = ana.revisions.get(node, Revision::new(2)).await.unwrap().text;
    assert!(stale.contains("25565"));
    std::fs::write(host.folder.path().join("stale.nft"), stale).unwrap();
    assert_eq!(host.run(&token).await, SHUT);
    std::fs::remove_file(host.folder.path().join("stale.nft")).unwrap();

    // What the guard held until then is told each time, and mended or not by the host.
    for (trouble, then) in [("flushed", Found::Flushed), ("no-interface", Found::NoInterface)] {
        let file = host.folder.path().join(trouble);
        std::fs::write(&file, "").unwrap();
        assert_eq!(host.run(&token).await, SHUT, "{trouble}");
        assert_eq!(in_place().await, Some((3, then)), "{trouble}");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(host.run(&token).await, SHUT);
        assert_eq!(in_place().await, Some((3, Found::Current)), "after {trouble}");
    }

    app.abort();
    let portal = Router::new().fallback(async || "<html>Sign in to this network first</html>");
    let portal = host.answered_by(portal);
    assert_eq!(host.run(&token).await, STILL_SHUT, "somebody else answers");
    portal.abort();

    let app = host.answered_by(all.app.router.clone());
    ana.hosts.revoke_token(node).await.unwrap();
    assert_eq!(host.run(&token).await, STILL_SHUT, "the token was taken away");
    let other = ana.hosts.make_token(node, May::default()).await.unwrap();
    assert_eq!(host.run(&token).await, STILL_SHUT, "the old one stays dead");
    assert_eq!(host.run(&other).await, SHUT);
    app.abort();
    all.drain().await;
}

#[tokio::test]
async fn a_host_that_may_tells_which_devices_friends_have_and_gets_the_text_for_them() {
    if !sandbox::ready("a host that tells which devices friends have", &["nft", "curl", "ip"]) {
        return;
    }
    let (all, node) = shared().await;
    let ana = all.ask(Ana);
    let token = ana.hosts.make_token(node, May { tells: true, ..May::default() }).await.unwrap();
    let host = Host { folder: tempfile::tempdir().unwrap(), script: script_of_the_page(&all, node).await };
    let tailscale = host.folder.path().join("bin/tailscale");
    std::fs::create_dir(host.folder.path().join("bin")).unwrap();
    std::fs::write(&tailscale, format!("#!/bin/sh\necho '{STATUS}'\n")).unwrap();
    std::fs::set_permissions(&tailscale, std::fs::Permissions::from_mode(0o755)).unwrap();
    let app = host.answered_by(all.app.router.clone());
    let read = async || -> Vec<_> {
        let friends = ana.hosts.get(node).await.unwrap().friends;
        friends.into_iter().map(|friend| (friend.login, friend.addresses, friend.read)).collect()
    };
    let seen = |at| vec![("dario@nopal.example".to_owned(), vec!["100.64.9.20".to_owned()], at)];
    let first = all.app_state().now();
    assert_eq!(host.run(&token).await, OPEN);
    assert_eq!(read().await, seen(first), "and no device of the owner's");
    assert!(ana.firewall.text(node).await.unwrap().contains("100.64.9.20"));
    let revisions = ana.revisions.list(node).await.unwrap().rows.len();
    let trail = ana.audit.list(app::ports::audit::Query::default()).await.unwrap().entries.len();

    // The same again is only the newer date.
    all.app.clock.advance_seconds(300);
    assert_eq!(host.run(&token).await, OPEN);
    assert_eq!(read().await, seen(all.app_state().now()));
    assert_eq!(ana.revisions.list(node).await.unwrap().rows.len(), revisions);
    assert_eq!(ana.audit.list(app::ports::audit::Query::default()).await.unwrap().entries.len(), trail);

    // Whom it does not name keeps their addresses: forgetting them opens ports to more people.
    std::fs::write(&tailscale, "#!/bin/sh\necho '{\"Peer\":{},\"User\":{}}'\n").unwrap();
    let last = all.app_state().now();
    all.app.clock.advance_seconds(300);
    assert_eq!(host.run(&token).await, OPEN);
    assert_eq!(read().await, seen(last), "of the day on which they were seen");
    // Two users with one login are one friend; somebody without a share is nobody's business.
    let twice = STATUS.replace(
        r#""UserID":8,"TailscaleIPs":["100.64.9.30"]"#,
        r#""UserID":8,"ShareeNode":true,"TailscaleIPs":["100.64.9.30"]"#,
    );
    let twice = twice
        .replace("ana@arroyo.example", "Dario@nopal.example")
        .replace(r#""User":{"#, r#""Other":{},"User":{"9":{"ID":9,"LoginName":"eve@example.com"},"#);
    std::fs::write(&tailscale, format!("#!/bin/sh\necho '{twice}'\n")).unwrap();
    assert_eq!(host.run(&token).await, OPEN);
    let both = read().await;
    assert_eq!(both.len(), 1, "{both:?}");
    assert_eq!(both[0].1, ["100.64.9.20", "100.64.9.30"]);

    // Where tailscaled fails or hangs, the text is fetched all the same; a token that may only read tells nothing.
    for trouble in ["exit 1", "exec sleep 60"] {
        std::fs::write(&tailscale, format!("#!/bin/sh\n{trouble}\n")).unwrap();
        assert_eq!(host.run(&token).await, OPEN, "{trouble}");
    }
    std::fs::write(&tailscale, format!("#!/bin/sh\necho '{STATUS}'\n")).unwrap();
    let reads_only = ana.hosts.make_token(node, May::default()).await.unwrap();
    let before = read().await;
    assert_eq!(host.run(&reads_only).await, OPEN);
    assert_eq!(read().await, before);
    app.abort();
}
