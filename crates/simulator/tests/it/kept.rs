//! What is kept in a file: after each change the file holds it, and a simulator that goes on from it answers as the one
//! before, at the same address.

use std::path::{Path, PathBuf};

use control_plane::{ControlPlane, NewAuthKey, NewInvite, Precondition, Secret};
use simulator::{Kept, Listen, Simulator, World};

use crate::stage::{client, credentials, http};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// All that can be seen of it, and where it is.
fn seen(simulator: &Simulator) -> String {
    let tailnets: Vec<_> = simulator.tailnets().iter().map(|name| simulator.tailnet(name).unwrap()).collect();
    format!("{} {:?} {tailnets:#?}", simulator.api_url(), simulator.control_url())
}

#[tokio::test]
async fn after_each_change_the_file_is_what_another_process_goes_on_with() {
    let folder = folder("kept");
    let file = folder.join("simulator.json");
    let world = World::demo();
    let mut simulator = Simulator::start(world.clone(), Listen::default()).await.unwrap();
    simulator.keep_in(&file, &world).unwrap();
    let first = seen(&simulator);
    let (mut link, mut key): (Option<Secret>, String) = (None, String::new());
    for change in 0..9 {
        let ana = client(&simulator, credentials("ana"));
        let dario = client(&simulator, credentials("dario"));
        let maple = ana.list_devices().await.unwrap().devices;
        let maple = maple.into_iter().find(|device| device.hostname == "maple").unwrap().id;
        match change {
            0 => {
                let read = ana.get_policy().await.unwrap();
                let text = format!("// kept\n{}", read.text);
                ana.set_policy(&text, &Precondition::Matches(read.etag.unwrap())).await.map(drop).unwrap();
            }
            1 => link = ana.create_invite(&maple, &NewInvite::default()).await.unwrap().url,
            2 => drop(dario.accept_invite(link.as_ref().unwrap()).await.unwrap()),
            3 => {
                let invite = ana.list_invites(&maple).await.unwrap().remove(0);
                ana.delete_invite(&invite.id).await.unwrap();
            }
            4 => simulator.edit_policy("ben", "{}").unwrap(),
            5 => simulator.remove_device("chiara", "cellar").unwrap(),
            6 => {
                let new = NewAuthKey { description: "kept".into(), ..NewAuthKey::default() };
                key = ana.create_auth_key(&new).await.unwrap().id.to_string();
            }
            7 => drop(simulator.join(&key, "willow", "linux").unwrap()),
            _ => assert!(simulator.revoke(&credentials("ben").client.unwrap().id)),
        }
        let now = seen(&simulator);
        assert_ne!(now, first, "{change}: something changed");
        // As after kill -9: nothing is done at its end.
        drop((ana, dario));
        drop(simulator);
        let kept = Kept::read(&file).unwrap().expect("it is there");
        assert_eq!(kept.world, world);
        simulator = resumed(kept).await;
        simulator.keep_in(&file, &world).unwrap();
        assert_eq!(seen(&simulator), now, "{change}");
    }
    // What is good stays good, what is revoked stays revoked.
    assert!(client(&simulator, credentials("ana")).list_devices().await.is_ok());
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["simulator.json"], "no half of one is left");
}

/// The listeners of the one before are closed by tasks that end a moment after it.
async fn resumed(kept: Kept) -> Simulator {
    tokio::task::yield_now().await;
    Simulator::resume(kept).await.unwrap()
}

#[tokio::test]
async fn nothing_is_answered_that_could_not_be_written_down() {
    let folder = folder("unwritable");
    let file = folder.join("simulator.json");
    let world = World::demo();
    let simulator = Simulator::start(world.clone(), Listen::default()).await.unwrap();
    simulator.keep_in(&file, &world).unwrap();
    let control = simulator.control_url().unwrap();
    let edit = async |text: &'static str| {
        let edit = http().put(format!("{control}/tailnets/ana/policy")).body(text).send().await;
        edit.unwrap().status().as_u16()
    };
    assert_eq!(edit("{}").await, 200);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(edit("{\"grants\": []}").await, 500);
    let read = http().get(format!("{control}/tailnets/ana/policy")).send().await.unwrap().status();
    assert_eq!(read.as_u16(), 500, "nor does anybody hear of it otherwise");
    std::fs::create_dir_all(&folder).unwrap();
    assert_eq!(edit("{\"acls\": []}").await, 200);
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.contains("{\\\"acls\\\": []}"), "{kept}");
}

#[tokio::test]
async fn an_address_that_is_taken_and_a_file_that_is_none_are_told() {
    let folder = folder("taken");
    let file = folder.join("simulator.json");
    assert!(Kept::read(&file).unwrap().is_none());
    let world = World::demo();
    let simulator = Simulator::start(world.clone(), Listen::default()).await.unwrap();
    simulator.keep_in(&file, &world).unwrap();
    let kept = Kept::read(&file).unwrap().unwrap();
    let port = kept.ports.api;
    let taken = Simulator::resume(kept).await.unwrap_err().to_string();
    assert!(taken.contains(&format!("127.0.0.1:{port}")), "{taken}");
    let text = std::fs::read_to_string(&file).unwrap();
    for wrong in [&text[..text.len() / 2], "", "{}", &text.replacen("\"form\":1", "\"form\":2", 1)] {
        std::fs::write(&file, wrong).unwrap();
        let error = Kept::read(&file).unwrap_err().to_string();
        assert!(error.contains("simulator.json"), "{error}");
    }
}
