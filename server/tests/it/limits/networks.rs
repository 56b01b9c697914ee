//! What is asked for again and again is counted: tailnets of a person, and machines that a tailnet waits for.

use ::app::fault::Fault;
use model::NewNode;
use server::config::Limits;
use server::on;
use simulator::Operation;

use super::{LIMITS, at_once, conflict};
use crate::harness::Who::{Ana, Ben, Chiara};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

async fn limited(limits: Limits, database: TestDatabase) -> Neighbours {
    let world = Neighbours::on(database, |config| config.limits = limits).await;
    world.app.left_over.may_be("how many there are is what is looked at");
    world
}

fn chosen() -> NewNode {
    NewNode { system: "debian".into(), tags: vec!["tag:home".into()], ..NewNode::default() }
}

#[tokio::test]
async fn a_client_is_connected_once_for_a_person_and_a_person_has_so_many_tailnets() {
    for database in TestDatabase::each().await {
        let world = limited(LIMITS, database).await;
        let ana = world.ask(Ana);
        let first = world.connect(Ana).await;
        let Err(Fault::Invalid(errors)) = ana.tailnets.connect(world.form(Ana)).await else {
            panic!("the same client is refused")
        };
        let (field, words) = &errors[0];
        assert_eq!(field, "client_secret");
        let name = world.app_state().db.find_tailnet(first).await.unwrap().unwrap().name;
        assert!(words.contains("connected already") && words.contains(&name), "{words}");
        // Somebody else who looks after the same network may.
        world.ask(Ben).tailnets.connect(world.form(Ana)).await.unwrap();

        // Of other networks there are two in all.
        ana.tailnets.connect(world.form(Ben)).await.unwrap();
        let words = conflict(ana.tailnets.connect(world.form(Chiara)).await);
        assert!(words.starts_with("You have connected 2 tailnets"), "{words}");
        ana.tailnets.disconnect(first).await.unwrap();
        ana.tailnets.connect(world.form(Ana)).await.expect("there is room again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_connects_the_same_network_many_times_at_once_has_it_once() {
    for database in TestDatabase::each().await {
        let world = limited(Limits { tailnets_per_person: u32::MAX, ..LIMITS }, database).await;
        let form = world.form(Ana);
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (ana, form) = (world.ask(Ana), form.clone());
                tokio::spawn(async move { ana.tailnets.connect(form).await })
            })
            .collect();
        let mut connected = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => connected += 1,
                Err(Fault::Invalid(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(connected, 1);
        assert_eq!(world.app_state().db.list_tailnets().await.unwrap().whole().unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_tailnet_waits_for_so_many_machines_at_a_time_and_asks_its_control_plane_for_no_more() {
    for database in TestDatabase::each().await {
        let world = limited(LIMITS, database).await;
        let tailnet = world.connect(Ana).await;
        let waits =
            at_once(20, world.ask(Ana), move |ask| async move { ask.joining.wait(tailnet, chosen()).await });
        assert_eq!(waits.await, 3);
        let jobs = "SELECT COUNT(*) FROM jobs WHERE kind = 'joining'";
        let db = &world.app_state().db;
        let (jobs,): (i64,) = on!(db, pool => sqlx::query_as(jobs).fetch_one(pool).await).unwrap();
        assert_eq!(jobs, 3, "each is asked for again and again");

        let words = conflict(world.ask(Ana).joining.make_key(tailnet, chosen()).await.map(|(id, _)| id));
        assert!(words.starts_with("This tailnet waits for 3 new machines"), "{words}");
        let asked =
            world.demo.simulator.control().log().iter().any(|call| call.operation == Operation::CreateKey);
        assert!(!asked, "and no key was asked for");

        let open = world.app_state().db.list_joinings(tailnet).await.unwrap().readable();
        world.ask(Ana).joining.cancel(open[0].id).await.unwrap();
        world.ask(Ana).joining.wait(tailnet, chosen()).await.expect("there is room again");
    }
}
