//! What the firewall page offers for each kind of host, and a guard that holds nothing.

use app::fault::Fault;
use app::ports::hosts::Found;
use axum::body::Body;
use axum::http::Request;
use model::host::May;
use model::{NodeId, Revision};
use tower::ServiceExt as _;

use crate::harness::Who::Ana;
use crate::harness::neighbours::Neighbours;
use crate::hosts::shared;

async fn found(all: &Neighbours, node: NodeId) -> Option<Found> {
    all.ask(Ana).hosts.get(node).await.unwrap().standing.in_place.map(|known| known.found)
}

async fn told(all: &Neighbours) -> Vec<String> {
    all.check_notices().await;
    let items = all.ask(Ana).inbox.home().await.unwrap().items;
    items.into_iter().map(|item| item.title).filter(|title| title.contains("guard")).collect()
}

/// Asks as a host does, and says this of its guard. Gives the mark of the text.
async fn fetch(all: &Neighbours, node: NodeId, token: &str, mark: &str, hold: Option<&str>) -> String {
    let mut request = Request::get(app::paths::pull(node))
        .header("authorization", format!("Bearer {token}"))
        .header("if-none-match", mark);
    if let Some(hold) = hold {
        request = request.header(firewall::HOLD_HEADER, hold);
    }
    let answer = all.app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    answer.headers().get("etag").unwrap().to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_host_that_says_that_its_guard_holds_nothing_is_told_until_it_says_otherwise() {
    let (all, node) = shared().await;
    let token = all.ask(Ana).hosts.make_token(node, May::default()).await.unwrap();
    let mark = fetch(&all, node, &token, "\"\"", None).await;
    for (hold, found_then, title) in [
        ("no_interface", Found::NoInterface, "The guard of maple holds nothing"),
        ("blind", Found::Blind, "The guard of maple holds nothing"),
        ("flushed", Found::Flushed, "The guard of maple was taken out"),
    ] {
        fetch(&all, node, &token, &mark, Some(hold)).await;
        assert_eq!((found(&all, node).await, told(&all).await), (Some(found_then), vec![title.to_owned()]));
        // As the scripts of before, which say nothing of it; and a word that nobody knows.
        for healed in [Some("holds"), None, Some("x\u{e9}")] {
            fetch(&all, node, &token, &mark, Some(hold)).await;
            fetch(&all, node, &token, &mark, healed).await;
            assert_eq!(
                (found(&all, node).await, told(&all).await),
                (Some(Found::Current), vec![]),
                "{healed:?}"
            );
        }
    }
    let described = all.app.browser().get("/api/v1/openapi.json").await.body;
    assert!(described.contains(firewall::HOLD_HEADER) && described.contains("no_interface"));
}

/// What `cat /proc/net/dev` prints, with so many packets on one interface.
fn devices(name: &str, packets: u32) -> String {
    let none = " 0 0 0 0 0 0 0 0 0 0 0 0 0 0";
    format!(
        "Inter-|   Receive | Transmit\n face |bytes packets|bytes packets\n    lo: 84 1{none}\n  {name}: 9999 {packets}{none}\n"
    )
}

#[tokio::test]
async fn pasted_rules_that_hold_nothing_are_told_as_that() {
    let (all, node) = shared().await;
    let ana = all.ask(Ana);
    let rules = ana.firewall.file(node, "guard".into(), None).await.unwrap().text;
    let listed = |name: &str, packets: u32, seen: u32| {
        let counter = format!("counter packets {seen} bytes 0 comment \"acequia seen\"");
        devices(name, packets) + &rules.replace("counter comment \"acequia seen\"", &counter)
    };
    let paste = async |text: String| ana.hosts.read_rules(node, text).await.unwrap();

    let other = paste(listed("ts9", 500, 0)).await;
    assert!(
        !other.good && other.noted && other.words.contains("looks at the interface tailscale0"),
        "{other:?}"
    );
    assert_eq!(found(&all, node).await, Some(Found::NoInterface));
    assert_eq!(told(&all).await, ["The guard of maple holds nothing"]);
    // By the check command too.
    let checked = paste(devices("ts9", 501) + "packets 0 bytes 0 comment \"acequia seen\"\nrev 2\n").await;
    assert!(!checked.good && checked.words.contains("holds nothing"), "{checked:?}");

    let good = paste(listed("tailscale0", 500, 12)).await;
    assert!(good.good, "{good:?}");
    assert_eq!((found(&all, node).await, told(&all).await), (Some(Found::Current), vec![]));

    // It may have been loaded a moment ago; when more came in and it has seen nothing, it is blind.
    let fresh = paste(listed("tailscale0", 600, 0)).await;
    assert!(fresh.good, "{fresh:?}");
    let quiet = paste(listed("tailscale0", 600, 0)).await;
    assert!(quiet.good, "{quiet:?}");
    let blind = paste(listed("tailscale0", 640, 0)).await;
    assert!(!blind.good && blind.words.contains("its counter is still at 0"), "{blind:?}");
    assert_eq!(found(&all, node).await, Some(Found::Blind));
    paste(listed("tailscale0", 700, 3)).await;
    assert_eq!(told(&all).await, [""; 0]);

    // A list from before there was such a counter is whole.
    let before = rules.lines().filter(|line| !line.contains("acequia seen"));
    let before: String = before.flat_map(|line| [line, "\n"]).collect();
    assert!(paste(before).await.good);
}

/// By what the check command of these kinds prints. Fails if it shows no counters, or if nobody reads the words for a chain
/// that nothing jumps to.
#[tokio::test]
async fn a_guard_in_iptables_that_sees_nothing_is_told_by_its_check_command() {
    for kind in ["iptables", "ufw", "nixos-iptables"] {
        let (all, node) = shared().await;
        let ana = all.ask(Ana);
        ana.firewall.choose(node, kind.into(), String::new()).await.unwrap();
        let number = all.app_state().db.find_node(node).await.unwrap().unwrap().firewall_revision;
        let checked = async |packets: u32, said: &str| {
            let text = format!("{}{said}rev {number}\n", devices("tailscale0", packets));
            ana.hosts.read_rules(node, text).await.unwrap()
        };
        let fresh = checked(500, "-c 0 0\n").await;
        assert!(fresh.good, "{kind}: it may have been loaded a moment ago: {fresh:?}");
        let blind = checked(640, "-c 0 0\n").await;
        assert!(!blind.good && blind.words.contains("its counter is still at 0"), "{kind}: {blind:?}");
        assert_eq!(told(&all).await, ["The guard of maple holds nothing"], "{kind}");
        let sees = checked(700, "-c 0 0\n-c 9 540\n").await;
        assert!(sees.good, "{kind}: {sees:?}");
        assert_eq!((found(&all, node).await, told(&all).await), (Some(Found::Current), vec![]), "{kind}");
        let unjumped = "iptables: Bad rule (does a matching rule exist in that chain?).\n-c 0 0\n-c 9 540\n";
        let unjumped = checked(700, unjumped).await;
        assert!(!unjumped.good && unjumped.words.contains("in part only"), "{kind}: {unjumped:?}");
        assert_eq!(found(&all, node).await, Some(Found::Altered), "{kind}");
    }
}

#[tokio::test]
async fn each_part_is_a_file_of_its_own_and_the_commands_name_it() {
    let (all, node) = shared().await;
    let ana = all.ask(Ana);
    let mut browser = all.app.signed_in(all.people[Ana].id).await;
    for kind in ["nixos-nftables", "nixos-iptables", "nftables", "iptables", "ufw", "firewalld", "windows"] {
        ana.firewall.choose(node, kind.into(), String::new()).await.unwrap();
        let view = ana.firewall.get(node).await.unwrap();
        let files: Vec<&str> = view.parts.iter().map(|part| part.file.as_str()).collect();
        let [open, guard] = files[..] else { panic!("{files:?}") };
        assert!(open.starts_with("acequia-open.") && guard.starts_with("acequia-guard."), "{files:?}");
        let commands = [view.install.join("\n"), view.boot.unwrap(), view.undo.unwrap()].join("\n");
        for (part, shown) in view.parts.iter().enumerate() {
            assert!(
                view.install.iter().any(|line| line.contains(&shown.file)),
                "{kind} {part}: {:?}",
                view.install
            );
            let answer = browser.get(shown.download.as_ref().unwrap()).await;
            let name = format!("attachment; filename=\"{}\"", shown.file);
            assert_eq!(answer.header("content-disposition"), name);
            let lines: Vec<String> = shown.lines.iter().map(|line| line.text.clone()).collect();
            assert_eq!(answer.body, lines.join("\n") + "\n");
        }
        // No command speaks of a file that nobody was given.
        for word in commands.split(|c: char| c.is_whitespace() || "\"';".contains(c)) {
            let name = word.rsplit('/').next().unwrap_or_default();
            let is_file = name.starts_with("acequia")
                && [".nix", ".nft", ".sh", ".ps1"].iter().any(|end| name.ends_with(end));
            assert!(
                !is_file || name.trim_start_matches(".\\") == open || name == guard,
                "{kind}: {word}\n{commands}"
            );
        }
        let twice = view.install.iter().filter(|line| line.contains("nixos-rebuild")).count();
        assert!(twice <= 1, "{:?}", view.install);
    }
}

#[tokio::test]
async fn looking_at_another_kind_makes_no_revision_and_before_one_is_chosen_none_has_a_number() {
    let all = Neighbours::demo().await;
    let tailnet = all.connect(Ana).await;
    let node = all.node(tailnet, "maple").await;
    let mut browser = all.app.signed_in(all.people[Ana].id).await;
    let page = app::paths::firewall(tailnet, node);
    let first = browser.get(&page).await.body;
    assert!(
        first.contains("There is no text yet") && !first.to_lowercase().contains("revision 0"),
        "{first}"
    );
    let stored = async || all.app_state().db.find_node(node).await.unwrap().unwrap();
    let look = |kind: &str| app::paths::firewall_look(tailnet, node, kind);
    let shown = browser.get(&look("ufw")).await.body;
    assert!(shown.contains("acequia-guard.sh") && shown.contains("Nothing was changed"), "{shown}");
    assert!(!shown.to_lowercase().contains("revision 0") && !shown.contains("rev 0"), "{shown}");
    assert_eq!(
        (stored().await.firewall_revision, stored().await.firewall_backend),
        (Revision::NONE, Ok(None))
    );

    let ana = all.ask(Ana);
    ana.firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
    let one = stored().await.firewall_revision;
    for kind in ["ufw", "windows", "nixos-nftables", "nonsense", "nftables"] {
        assert_eq!(browser.get(&look(kind)).await.status, 200, "{kind}");
        let view = ana.firewall.look(node, Some(kind.into())).await.unwrap();
        let other = view.looked_at.is_some();
        assert_eq!(other, !["nonsense", "nftables"].contains(&kind), "{kind}");
        let text: String =
            view.parts.iter().flat_map(|part| &part.lines).map(|line| line.text.as_str()).collect();
        let number = if other { one.next() } else { one };
        assert!(
            text.contains(&format!("rev={number}")),
            "{kind}: it says which number it would have: {text}"
        );
    }
    assert_eq!(stored().await.firewall_revision, one);
    assert_eq!(ana.revisions.list(node).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn only_a_host_that_can_fetch_is_offered_to() {
    let (all, node) = shared().await;
    let ana = all.ask(Ana);
    let mut browser = all.app.signed_in(all.people[Ana].id).await;
    let page = app::paths::firewall(all.app_state().db.find_node(node).await.unwrap().unwrap().tailnet, node);
    for (kind, fetches) in [
        ("nixos-nftables", Some("acequia-pull.nix")),
        ("nixos-iptables", Some("acequia-pull.nix")),
        ("nftables", Some("acequia-pull.sh")),
        ("iptables", Some("acequia-pull.sh")),
        ("ufw", Some("acequia-pull.sh")),
        ("firewalld", Some("acequia-pull.sh")),
        ("windows", None),
    ] {
        ana.firewall.choose(node, kind.into(), String::new()).await.unwrap();
        let files: Vec<String> =
            ana.hosts.get(node).await.unwrap().pulls.into_iter().map(|pull| pull.file).collect();
        assert_eq!(files, fetches.into_iter().collect::<Vec<_>>(), "{kind}");
        let shown = browser.get(&page).await.body.to_lowercase();
        assert_eq!(shown.contains("let the host fetch it"), fetches.is_some(), "{kind}");
        let made = ana.hosts.make_token(node, May::default()).await;
        match fetches {
            Some(_) => drop(made.unwrap()),
            None => assert!(matches!(made, Err(Fault::Conflict(_))), "{made:?}"),
        }
        if kind != "windows" {
            assert!(shown.contains("a tailscaled in a container"), "{kind}");
        }
    }
    // A token from before can be taken away.
    assert!(browser.get(&page).await.body.contains("Take the token away"));
}
