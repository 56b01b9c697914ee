//! What a friend learns is said before an offer is sent, and what only the owner of a server can say is asked of them.

use app::ports::services::ServiceForm;
use app::ports::tailnets::ConnectForm;
use simulator::Dialect;
use simulator::headscale::world::{Headscale, Node};

use crate::harness::community::{Community, world};

fn with_exit() -> Headscale {
    let mut server = world(Dialect::V0_29);
    let routes = vec!["0.0.0.0/0".to_owned(), "::/0".to_owned()];
    server.nodes.push(Node {
        name: "gate".into(),
        user: Some("ana".into()),
        available_routes: routes.clone(),
        approved_routes: routes,
        ..Node::default()
    });
    server
}

#[tokio::test]
async fn the_form_of_an_offer_says_what_the_friend_learns() {
    let all = Community::on(with_exit()).await;
    let mill = all.connect().await;
    let asked = all.ask(all.ana);
    let mut told = Vec::new();
    for name in ["dune", "gate"] {
        let form = ServiceForm {
            name: "Minecraft".into(),
            kind: "minecraft".into(),
            ports: "tcp:25565".into(),
            audience: "everybody".into(),
            ..ServiceForm::default()
        };
        let service = asked.services.create(all.node(mill, name).await, form).await.unwrap();
        told.push(asked.offers.form(Some(service)).await.unwrap().learns.join(" "));
    }
    for (name, told) in ["dune", "gate"].iter().zip(&told) {
        for what in [
            *name,
            "its name and system",
            "both of its addresses",
            "the account that it belongs to",
            "A ping is always",
        ] {
            assert!(told.contains(what), "{what}: {told}");
        }
    }
    assert!(!told[0].contains("exit node") && told[1].contains("gate is an exit node"), "{told:?}");
    let page = all.app.signed_in(all.ana).await.get("/offers/new").await.text();
    assert!(page.contains("What your friend learns"), "{page}");
}

#[tokio::test]
async fn the_names_that_no_call_tells_are_asked_of_the_owner_until_they_are_known() {
    let all = Community::of(Dialect::V0_29).await;
    let form = ConnectForm { base_domain: String::new(), login_server: String::new(), ..all.form() };
    let asked = all.ask(all.ana);
    let mill = asked.tailnets.connect(form).await.unwrap();
    all.drain().await;
    let missing = || async {
        let notes = all.ask(all.ana).tailnets.get(mill).await.unwrap().notes;
        notes.iter().any(|note| note.contains("where clients log in"))
    };
    assert!(missing().await);
    asked.tailnets.name_server(mill, "hs.example".into(), "https://mill.example".into()).await.unwrap();
    all.drain().await;
    assert!(!missing().await);
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    let join = all.ask(all.bruno).shares.get(share).await.unwrap().join;
    let copied: Vec<&str> = join.iter().filter_map(|step| step.copy.as_deref()).collect();
    assert_eq!(copied[0], "tailscale login --login-server=https://mill.example --nickname=the-mill");
    assert!(copied.contains(&"dune.hs.example:25565") && copied.contains(&"100.64.0.1:25565"), "{copied:?}");
    assert!(copied.contains(&"tailscale switch the-mill && tailscale logout"), "{copied:?}");
}
