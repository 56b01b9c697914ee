//! The NixOS modules, worked out with the real `lib.evalModules`. Nothing is built and nothing is fetched: `nix/eval.nix`
//! stands in for the package set. `ACEQUIA_NIXPKGS_LIB` names a folder with nixpkgs' `lib`, such as a checkout of
//! <https://github.com/nix-community/nixpkgs.lib> has.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two folders up").to_owned()
}

/// What an attribute of `nix/eval.nix` is; `None` where this machine has not what it takes.
fn evaluated(attribute: &str) -> Option<Value> {
    evaluated_with(attribute, &[])
}

fn evaluated_with(attribute: &str, arguments: &[&str]) -> Option<Value> {
    let Ok(lib) = std::env::var("ACEQUIA_NIXPKGS_LIB") else {
        eprintln!("skipping the NixOS modules: ACEQUIA_NIXPKGS_LIB names no folder with nixpkgs' lib");
        return None;
    };
    let mut nix = Command::new("nix-instantiate");
    nix.args(["--eval", "--strict", "--json"]).arg(root().join("nix/eval.nix"));
    nix.args(["--arg", "lib", &format!("import {lib}"), "-A", attribute]).args(arguments);
    let Ok(output) = nix.output() else {
        eprintln!("skipping the NixOS modules: no nix-instantiate, which Debian has in the package nix-bin");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn the_service_runs_as_its_own_user_and_secrets_are_credentials() {
    let Some(units) = evaluated("server") else { return };
    for name in ["acequia", "acequia-backup"] {
        let unit = &units[name];
        let service = &unit["serviceConfig"];
        assert_eq!((&service["User"], &service["StateDirectoryMode"]), (&"acequia".into(), &"0700".into()));
        let credential = "providers-home-client-secret:/run/secrets/oidc";
        assert_eq!(service["LoadCredential"], serde_json::json!([credential]), "{name}");
        let command = service["ExecStart"].as_str().or_else(|| unit["script"].as_str()).expect("a text");
        let setting = r#""client_secret_file":"$CREDENTIALS_DIRECTORY/providers-home-client-secret""#;
        assert!(command.contains(setting), "{name}: {command}");
    }
    assert!(
        units["acequia"]["serviceConfig"]["ExecStart"].as_str().expect("a text").contains("serve --config")
    );
    assert!(units["acequia-backup"]["script"].as_str().expect("a text").contains(" backup --config"));
}

/// A command that somebody types reads what the server reads, also of a way to sign in whose id has a `-`, which no variable of the
/// environment may have.
///
/// Sabotage: the file made of `cfg.settings`.
#[test]
fn commands_have_the_file_of_the_server_with_its_secrets() {
    let Some(environment) = evaluated("serverTyped") else { return };
    let file = environment["etc"]["acequia/acequia.toml"]["source"].as_str().expect("a file");
    let secret =
        r#""our-home":{"client_secret_file":"$CREDENTIALS_DIRECTORY/providers-our-home-client-secret"}"#;
    assert!(file.contains(secret), "{file}");
    assert_eq!(environment["systemPackages"], serde_json::json!(["/nix/store/acequia"]));
}

/// Sabotage: `elsewhere` left out of either unit, or of the folders that are made.
#[test]
fn a_data_folder_elsewhere_is_made_and_can_be_written() {
    let (Some(elsewhere), Some(units)) = (evaluated("serverPlace"), evaluated("server")) else { return };
    let writable = |units: &Value, name: &str| units[name]["serviceConfig"]["ReadWritePaths"].clone();
    let (own, backups) = ("/srv/acequia", "/var/backup/acequia");
    assert_eq!(writable(&elsewhere["services"], "acequia"), serde_json::json!([own]));
    assert_eq!(writable(&elsewhere["services"], "acequia-backup"), serde_json::json!([own, backups]));
    assert_eq!(writable(&units, "acequia"), serde_json::json!([]));
    assert_eq!(writable(&units, "acequia-backup"), serde_json::json!([backups]));
    let made = [own, backups].map(|folder| format!("d {folder} 0700 acequia acequia -"));
    assert_eq!(elsewhere["tmpfiles"]["rules"], serde_json::json!(made));
    // A host that is off at night has one in the morning.
    assert_eq!(elsewhere["timers"]["acequia-backup"]["timerConfig"]["Persistent"], true);
}

/// The firewall of NixOS takes all tables away when it is loaded anew, as a deployment does.
///
/// Sabotage: `ReloadPropagatedFrom` or `reload` left out of its unit.
#[test]
fn the_guard_is_back_when_the_firewall_of_the_host_was_loaded_anew() {
    let Some(guard) = evaluated("nodeGuard") else { return };
    assert_eq!(guard["unitConfig"]["ReloadPropagatedFrom"], "nftables.service");
    assert_eq!(
        (&guard["partOf"], &guard["after"]),
        (&guard["after"], &serde_json::json!(["nftables.service"]))
    );
    let script = guard["script"].as_str().expect("a text");
    assert!(script.ends_with("nft -f /var/lib/acequia-node/good.nft"), "{script}");
    assert_eq!(guard["reload"], guard["script"]);
    assert_eq!(guard["serviceConfig"]["RemainAfterExit"], true, "what is not active is not reloaded");
}

/// Every secret of the packaged unit, and everything that it is kept from, is that of the module too.
#[test]
fn the_module_is_as_hardened_as_the_unit_of_the_package() {
    let Some(units) = evaluated("server") else { return };
    let unit = std::fs::read_to_string(root().join("packaging/debian/acequia.service")).expect("the unit");
    let service = units["acequia"]["serviceConfig"].as_object().expect("an object");
    let of_the_place = ["ExecStart", "ExecReload", "LoadCredential", "RestartSec", "TimeoutStopSec"];
    let (_, section) = unit.split_once("[Service]").expect("a section");
    let (section, _) = section.split_once("[Install]").expect("a section after it");
    for line in section.lines().filter(|line| line.contains('=') && !line.starts_with('#')) {
        let (name, value) = line.split_once('=').expect("a name");
        let found = service.get(name).unwrap_or_else(|| panic!("{name} is missing in the module"));
        let found = match found {
            Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if !of_the_place.contains(&name) {
            assert!(found == value || found.contains(value), "{name}: `{value}` and `{found}`");
        }
    }
}

#[test]
fn what_cannot_work_is_refused_before_it_is_deployed() {
    let Some(told) = evaluated("assertions") else { return };
    let words = |name: &str| told[name].as_array().expect("a list").clone();
    assert!(words("good").is_empty() && words("beside").is_empty(), "{told}");
    for (name, part) in [
        ("noHeadscale", "for a Headscale on this host"),
        ("inStore", "lies in the Nix store"),
        ("noKey", "needs the authKeyFile"),
        ("tells", "asks tailscale on this host"),
    ] {
        let told = words(name);
        assert!(
            told.len() == 1 && told[0].as_str().is_some_and(|told| told.contains(part)),
            "{name}: {told:?}"
        );
    }
    assert_eq!(evaluated("beside").expect("as before"), serde_json::json!(["headscale"]));
}

#[test]
fn a_host_fetches_its_own_text_and_lists_what_it_lends() {
    let Some(script) = evaluated("nodeScript") else { return };
    let script = script.as_str().expect("a text");
    assert!(script.contains("\"https://gate.example.org/api/v1/nodes/n1/firewall/nftables\""), "{script}");
    assert!(!script.contains("@text@") && !script.contains("//api"), "{script}");
    let services = evaluated("nodeServices").expect("as before");
    let services: Value = serde_json::from_str(services.as_str().expect("a text")).expect("JSON");
    assert_eq!(services["minecraft"]["ports"], serde_json::json!(["tcp:25565"]));
    // As the app reads it: other names are refused there.
    let names: Vec<&String> = services["minecraft"].as_object().expect("an object").keys().collect();
    assert_eq!(names, ["about", "audience", "kind", "ports"]);
    let script = evaluated("nodeLists").expect("as before");
    let script = script.as_str().expect("a text");
    assert!(script.contains("\"https://gate.example.org/api/v1/nodes/n1/services\""), "{script}");
}

/// What docs/nixos.md tells to write: the four lines, the flake, and what comes beside. Fails if an option or an attribute of
/// the flake has another name there.
#[test]
fn what_the_page_tells_to_write_is_a_configuration_that_holds() {
    let page = std::fs::read_to_string(root().join("docs/nixos.md")).expect("the page");
    let here = root().display().to_string();
    let mut files = Vec::new();
    for (number, block) in page.split("```nix\n").skip(1).enumerate() {
        let (block, _) = block.split_once("```").expect("its end");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nixos-{number}.nix"));
        std::fs::write(&file, block.replace("/srv/acequia", &here)).expect("it can be written");
        files.push(file.display().to_string());
    }
    let files = format!("[ {} ]", files.join(" "));
    let Some(told) = evaluated_with("documented", &["--arg", "blocks", &files]) else { return };
    let told = told.as_array().expect("a list");
    assert!(told.iter().all(|one| one["failing"] == serde_json::json!([])), "{told:?}");
    let command = |one: &Value, unit: &str| one["units"][unit].as_str().unwrap_or_default().to_owned();
    let [four_lines, flake, whole, host, beside] = told.as_slice() else { panic!("{told:?}") };
    for (one, words) in [
        (four_lines, "acequia-of-package.nix/bin/acequia serve --config "),
        (whole, "https://id.example.org"),
        (beside, "the mill"),
    ] {
        assert!(command(one, "acequia").contains(words), "{words}: {one}");
        assert!(command(one, "acequia-backup").contains(" backup --config "), "{one}");
    }
    assert_eq!(flake["overlays"], 1, "{flake}");
    assert!(command(host, "acequia-pull").contains("/firewall/nftables"), "{host}");
}

/// The script of the module is the one that the page of a host shows: both are of one golden file.
#[test]
fn the_module_fetches_as_the_page_of_a_host_says() {
    for (golden, ours) in [("debian", "pull.sh"), ("debian.tells", "pull-tells.sh")] {
        let golden = root().join("crates/firewall/tests/golden/pull").join(golden);
        let golden = std::fs::read_to_string(golden).expect("the golden file");
        let (_, script) = golden.split_once("<<'FILE'\n#!/bin/sh\n").expect("the script");
        let (script, _) = script.split_once("\nFILE\n").expect("its end");
        let script = script.replace("\"http://127.0.0.1:8080/n1\"", "\"@text@\"");
        let script = script.replace("\"http://127.0.0.1:8080/status\"", "\"@status@\"");
        let ours = std::fs::read_to_string(root().join("nix").join(ours)).expect("our script");
        assert_eq!(ours.trim_end(), script.trim_end());
    }
}

#[test]
fn the_options_of_the_page_are_those_of_the_modules() {
    let Some(options) = evaluated("options") else { return };
    let mut page = String::new();
    for option in options.as_array().expect("a list") {
        let text = |name: &str| option[name].as_str().map(str::trim);
        let _ = write!(page, "### `{}`\n\n", text("name").expect("a name"));
        let _ = write!(page, "{}\n\n", text("description").expect("words").replace('\n', " "));
        let _ = writeln!(page, "- {}", text("type").expect("a type"));
        for (name, value) in [("default", text("default")), ("example", text("example"))] {
            if let Some(value) = value {
                let value: Vec<&str> = value.split_whitespace().collect();
                let _ = writeln!(page, "- {name}: `{}`", value.join(" "));
            }
        }
        page.push('\n');
    }
    let file = root().join("docs/nixos-options.md");
    let page = format!(
        "# Options of the NixOS modules\n\nWritten from the modules themselves (`nix/`).\n\n{}\n",
        page.trim_end()
    );
    if std::env::var_os("ACEQUIA_TEST_WRITE").is_some() {
        std::fs::write(&file, &page).expect("it can be written");
    }
    assert_eq!(
        std::fs::read_to_string(&file).unwrap_or_default(),
        page,
        "ACEQUIA_TEST_WRITE=1 writes it anew"
    );
}
