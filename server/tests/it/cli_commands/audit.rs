//! `audit export`.

use std::fs;

use app::ports::audit::{Filters, Query};
use model::EntryKind;
use server::config::{Config, Database};

use super::{Folder, acequia};
use crate::harness::app::config;
use crate::harness::{TestApp, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_of_the_instance_is_written_with_the_filters_of_its_page() {
    let folder = Folder::new();
    let data = folder.0.path().join("data");
    fs::create_dir(&data).unwrap();
    let config = Config {
        key_file: data.join("key"),
        database: Database::Sqlite(data.join("acequia.db")),
        data: data.clone(),
        ..config()
    };
    let app = TestApp::on_disk(config).await;
    let world = World::seed(&app).await;
    app.ask(world.owner).offers.withdraw(world.offer).await.unwrap();
    let settings = folder.write(
        "acequia.toml",
        format!(
            "base_url = 'https://gate.example.org'\nlisten = '127.0.0.1:1'\ndata = '{}'\n",
            data.display()
        ),
    );
    let export = |more: &[&str]| acequia(&[&["audit", "export", "--config", &settings], more].concat());

    let all = export(&[]).json();
    let all = all.as_array().unwrap();
    assert!(all.len() > 3 && all[0]["what"].as_str().unwrap().contains("withdrew"), "{all:?}");
    // As the owner of the tailnet finds it on the page.
    for (option, filters) in [
        ("--kind=offer", Filters { kind: EntryKind::Offer.to_string(), ..Filters::default() }),
        ("--machine=maple", Filters { machine: "maple".into(), ..Filters::default() }),
        ("--service=Minecraft", Filters { service: "Minecraft".into(), ..Filters::default() }),
        ("--tailnet=maple.ts.net", Filters { tailnet: "maple.ts.net".into(), ..Filters::default() }),
        ("--words=WITHDREW", Filters { q: "withdrew".into(), ..Filters::default() }),
        ("--person=Ana", Filters { person: world.owner.to_string(), ..Filters::default() }),
        ("--until=2020-01-01", Filters { until: "2020-01-01".into(), ..Filters::default() }),
    ] {
        let page = app.ask(world.owner).audit.list(Query { filters, after: None }).await.unwrap();
        assert_eq!(page.errors, [], "{option}");
        let ids: Vec<String> = page.entries.iter().map(|entry| entry.id.to_string()).collect();
        let told = export(&[option]).json();
        let told: Vec<&str> =
            told.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        assert_eq!(told, ids, "{option}");
        assert!(option.contains("until") == ids.is_empty(), "{option}");
        let table = export(&[option, "--format", "csv"]);
        assert_eq!(table.good().trim_end().split("\r\n").count(), ids.len() + 1, "{table:?}");
    }
    for (option, said) in [
        ("--machine=elm", "--machine: You may see no machine called “elm”"),
        ("--kind=weather", "--kind: There is no kind “weather”"),
        ("--from=soon", "--from: “soon” is no day"),
        ("--share=7", "--share: "),
    ] {
        let answer = export(&[option]);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{answer:?}");
        assert!(answer.err.contains(said), "{answer:?}");
    }
}

#[test]
fn the_filters_stand_in_the_help() {
    let help = acequia(&["audit", "export", "--help"]);
    for option in [
        "--format",
        "--person",
        "--tailnet",
        "--machine",
        "--service",
        "--share",
        "--kind",
        "--from",
        "--until",
        "--words",
    ] {
        assert!(help.good().contains(option), "{option}: {help:?}");
    }
}
