//! The laws on real files: the scenario texts of the policy captures, found through `ACEQUIA_VECTORS`.

use std::path::{Path, PathBuf};

use hujson::{Value, edit, parse_str};

fn texts(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let capture = std::fs::read_to_string(&path).expect("readable");
            let capture: serde_json::Value = serde_json::from_str(&capture).expect("a capture is JSON");
            let input = ["scenario_hujson", "full_policy"]
                .map(|key| capture["input"][key].as_str().map(str::to_owned));
            found.extend(input.into_iter().flatten());
        }
    }
}

#[test]
fn real_files_keep_the_laws() {
    let Ok(folder) = std::env::var("ACEQUIA_VECTORS") else {
        println!("skipped: ACEQUIA_VECTORS names no folder with the captures");
        return;
    };
    let mut found = Vec::new();
    texts(&PathBuf::from(folder).join("headscale-compat"), &mut found);
    assert!(found.len() > 100, "only {} texts", found.len());
    for text in &found {
        let value = parse_str(text).expect("HuJSON");
        assert_eq!(value.pack_text(), *text);
        let mut formatted = value.clone();
        formatted.format();
        let once = formatted.pack_text();
        assert_eq!(formatted.to_json().expect("in range"), value.to_json().expect("in range"));
        formatted.format();
        assert_eq!(formatted.pack_text(), once);
        for text in [text, &once] {
            shares_leave_without_a_trace(text);
        }
    }
}

fn shares_leave_without_a_trace(text: &str) {
    let value = parse_str(text).expect("HuJSON");
    for pointer in ["/acls", "/grants", "/ssh", "/policy/acls", "/policy/grants", "/policy/ssh"] {
        let Some(rules) = value.find(pointer).and_then(Value::as_array) else { continue };
        let rule = "{\n\t\"src\": [\"a@b.c\"],\n\t\"dst\": [\"web:443\"],\n}";
        let inserted = edit::insert_element(text, pointer, Some("share 7"), rule).expect("inserted").text;
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        if rules.after().contains('\n') {
            let (old, new) = (lines(text), lines(&inserted));
            let added = new.len() - old.len();
            assert!(
                (5..=6).contains(&added),
                "a comment line, the four of the rule, perhaps an empty one: {added}"
            );
        }
        let removed = edit::remove_element(&inserted, pointer, rules.elements().len()).expect("removed").text;
        assert_eq!(removed, text);
    }
}
