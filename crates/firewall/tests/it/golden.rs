//! Every backend on every case, byte for byte. `UPDATE_GOLDEN=1` writes them anew.

mod matrix;

use std::fs;

use firewall::{Backend, Bootstrap, Part, Routing, Snippet, System, bootstrap, pull, remove, render};

use crate::cases;

/// The files of one backend: name and what belongs in it.
pub fn files(backend: Backend) -> Vec<(String, Snippet)> {
    let mut files = Vec::new();
    for (case, input) in cases::all() {
        files.push((format!("{case}.all"), render(&input, backend, Part::All)));
        // The parts alone, of every case whose parts differ in more than their ports.
        if ["ended", "known", "mixed", "ranges", "several", "six"].contains(&case.as_str()) {
            for part in [Part::Open, Part::Guard] {
                files.push((format!("{case}.{part}"), render(&input, backend, part)));
            }
        }
        if ["several", "mixed"].contains(&case.as_str()) {
            for part in Part::ALL {
                files.push((format!("{case}.remove-{part}"), remove(&input, backend, part)));
            }
        }
    }
    files
}

#[test]
fn every_backend_renders_every_case_as_committed() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for backend in Backend::ALL {
        let folder = cases::folder().join(backend.as_str());
        if update {
            fs::create_dir_all(&folder).unwrap();
        }
        for (name, snippet) in files(backend) {
            let path = folder.join(&name);
            if update {
                fs::write(&path, snippet.text()).unwrap();
            }
            let committed = fs::read_to_string(&path).unwrap_or_default();
            assert!(committed == snippet.text(), "{backend}/{name} differs:\n{}", snippet.text());
        }
    }
}

#[test]
fn no_file_is_left_of_a_case_that_is_gone() {
    for backend in Backend::ALL {
        let names = fs::read_dir(cases::folder().join(backend.as_str())).unwrap();
        let mut there: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let mut meant: Vec<String> = files(backend).into_iter().map(|(name, _)| name).collect();
        there.sort();
        meant.sort();
        assert_eq!(there, meant, "{backend}");
    }
}

#[test]
fn the_reasons_beside_the_lines_are_as_committed() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for backend in Backend::ALL {
        let snippet = render(&cases::named("mixed"), backend, Part::All);
        let mut told = Vec::new();
        for line in &snippet.lines {
            told.push(line.text.clone());
            told.extend(line.reason.iter().map(|reason| format!("        <- {reason}")));
        }
        let beside = [
            ("file", &snippet.file_name),
            ("apply", &snippet.apply),
            ("boot", &snippet.boot),
            ("check", &snippet.check_command),
            ("list", &snippet.list_command),
            ("undo", &snippet.undo),
        ];
        told.push(String::new());
        told.extend(beside.map(|(name, text)| format!("{name}: {text}")));
        told.extend(snippet.notes.iter().map(|note| format!("note: {note}")));
        let text = told.join("\n") + "\n";
        let path = cases::folder().join(format!("reasons/{backend}"));
        if update {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap_or_default() == text, "{backend} differs:\n{text}");
    }
}

/// Every system in its plain form and in its fullest.
pub fn bootstraps() -> Vec<(String, Bootstrap)> {
    let mut files = Vec::new();
    for system in System::ALL {
        let key =
            if system == System::Windows { "C:\\keys\\tailscale.txt" } else { "/run/secrets/tailscale" };
        let server = Some("https://headscale.example.com");
        files.push((format!("{system}.plain"), bootstrap(system, Routing::None, None, None).unwrap()));
        files.push((format!("{system}.full"), bootstrap(system, Routing::Both, Some(key), server).unwrap()));
    }
    files
}

#[test]
fn every_system_is_brought_in_as_committed() {
    let folder = cases::folder().join("bootstrap");
    for (name, made) in bootstraps() {
        let path = folder.join(&name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, made.text()).unwrap();
        }
        assert!(
            fs::read_to_string(&path).unwrap_or_default() == made.text(),
            "{name} differs:\n{}",
            made.text()
        );
    }
}

#[test]
fn a_host_that_pulls_is_set_up_as_committed() {
    let status = "http://127.0.0.1:8080/status";
    for (system, status, name) in [
        (System::Nixos, None, "nixos"),
        (System::Debian, None, "debian"),
        (System::Nixos, Some(status), "nixos.tells"),
        (System::Debian, Some(status), "debian.tells"),
    ] {
        let path = cases::folder().join(format!("pull/{name}"));
        let text = pull(system, "http://127.0.0.1:8080/n1", status, "/run/secrets/acequia").unwrap().text();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap_or_default() == text, "{system} differs:\n{text}");
    }
}
