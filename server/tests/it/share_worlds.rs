//! The same life on other people's tailnets: captures of real ones, and commented policies of many styles.

use std::env;
use std::path::{Path, PathBuf};

use model::ShareState;
use simulator::World;

use crate::harness::Who::{self, Ana, Dario};
use crate::harness::neighbours::Neighbours;
use server::planes;

/// Connect, offer, accept, review, apply, end. Gives the policy before the share's own edit and after its end; or why
/// the control plane would not take the policy with any share in it.
async fn life(
    all: &Neighbours,
    owner: Who,
    friend: Who,
    name: &str,
    node: &str,
) -> Result<(String, String), String> {
    let (mine, _) = (all.connect(owner).await, all.connect(friend).await);
    let share = all.accepted(owner, all.node(mine, node).await, "tcp:25565", friend).await;
    let review = all.ask(owner).shares.review(share).await.unwrap();
    if review.tests.contains("would refuse") {
        return Err(review.tests);
    }
    assert!(review.diff.iter().any(|line| line.kind == app::ports::shares::DiffKind::Added));
    let untouched = all.policy(name);
    let decision = all.approved(owner, share).await;
    let narrowed = match decision {
        model::Decision::NarrowAndApply => {
            let network =
                server::tailnet::Inventory::read(planes::of(all.app_state(), mine).await.unwrap().as_ref())
                    .await;
            policy::narrow(&untouched, &network.unwrap().network().unwrap(), policy::Reading::InForce)
                .unwrap()
                .after
        }
        _ => untouched,
    };
    all.drain().await;
    let state = all.state(share).await;
    assert!(matches!(state, ShareState::Active { .. }), "{state:?}\n{}", all.policy(name));
    assert_eq!(all.policy(name).matches("acequia:share=").count(), 1);
    all.ask(owner).shares.end(share).await.unwrap();
    all.drain().await;
    assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
    assert_eq!(all.invites(name), 0);
    Ok((narrowed, all.policy(name)))
}

#[tokio::test]
async fn captured_tailnets_get_their_policy_back_to_the_byte() {
    let Ok(vectors) = env::var("ACEQUIA_VECTORS") else {
        eprintln!("skipping captured tailnets: ACEQUIA_VECTORS is not set");
        return;
    };
    let captures =
        ["acl/acl-s07.json", "grant/grant-p02-1.json", "routes/routes-a1.json", "grant/grant-k1.json"];
    let found: Vec<PathBuf> = captures
        .iter()
        .map(|name| Path::new(&vectors).join("headscale-compat").join(name))
        .filter(|file| file.exists())
        .collect();
    assert!(found.len() >= 3, "{found:?}");
    for file in found {
        let world = World::from_capture(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let node = world.tailnets[0].devices[0].hostname.clone();
        let all = Neighbours::of(world).await;
        let (before, after) = life(&all, Ana, Who::Ben, "owner", &node).await.unwrap();
        assert_eq!(before, after, "{}", file.display());
    }
}

#[tokio::test]
async fn commented_policies_of_many_styles_come_back_to_the_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/policy/tests/policies");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut tried = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut world = World::demo();
        // The files speak of people and machines of their own.
        let text = text.replace("@example.com", "@arroyo.example").replace("100.64.0.10", "100.84.12.7");
        world.tailnets[0].policy = Some(text);
        let Ok(demo) = server::demo::Demo::start(world, simulator::Listen::default()).await else { continue };
        let app = crate::harness::TestApp::with(crate::harness::neighbours::impatient(&demo)).await;
        let all = Neighbours::in_app(app, demo).await;
        match life(&all, Ana, Dario, "ana", "maple").await {
            Ok((before, after)) => {
                assert_eq!(before, after, "{}", file.display());
                tried += 1;
            }
            Err(why) => eprintln!("left out {}: {why}", file.display()),
        }
    }
    assert!(tried >= 12, "only {tried} files could be tried");
}
