//! `hujson …` and `policy format`.

use super::{Folder, acequia, acequia_with};

const TEXT: &str = "{ // why\n\"b\":[1,2,],\n \"a\" : \"x\"}";

#[test]
fn each_tool_prints_what_it_makes() {
    let folder = Folder::new();
    let file = folder.write("file", TEXT);
    let made = |tool: &str| acequia(&["hujson", tool, &file]).good().to_owned();
    assert_eq!(made("pack"), TEXT);
    assert_eq!(made("format"), "{ // why\n\t\"b\": [1, 2],\n\t\"a\": \"x\",\n}\n");
    assert_eq!(made("standardize"), "{       \n\"b\":[1,2 ],\n \"a\" : \"x\"}");
    assert_eq!(made("minimize"), r#"{"b":[1,2],"a":"x"}"#);
    assert_eq!(acequia(&["policy", "format", &file]).good(), made("format"));
    assert_eq!(acequia_with(&["hujson", "format", "-"], TEXT).good(), made("format"));
}

#[test]
fn bytes_that_are_no_utf8_pass_through_strings() {
    let folder = Folder::new();
    let file = folder.write("file", b"\"\xff\"");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_acequia"))
        .args(["hujson", "pack", &file])
        .output()
        .unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(0), b"\"\xff\"".to_vec()));
}

#[test]
fn a_patch_is_applied_or_says_why_not() {
    let folder = Folder::new();
    let file = folder.write("file", TEXT);
    let patch = folder.write("patch", r#"[{"op": "replace", "path": "/a", "value": "y"}]"#);
    let patched = acequia(&["hujson", "patch", &file, "--patch", &patch]);
    assert_eq!(patched.good(), "{ // why\n\"b\":[1,2,],\n \"a\" : \"y\"}");

    let from_stdin = |patch: &str| {
        let answer = acequia_with(&["hujson", "patch", &file, "--patch", "-"], patch);
        assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{answer:?}");
        answer.last_words().to_owned()
    };
    assert_eq!(
        from_stdin(r#"[{"op": "remove", "path": "/c"}]"#),
        "error: hujson: patch operation 0: value not found"
    );
    assert_eq!(from_stdin("{}"), "error: hujson: patch must be a JSON array");
    assert_eq!(
        from_stdin("[1"),
        "error: hujson: line 1, column 3: parsing array after value: unexpected EOF"
    );
}

#[test]
fn a_syntax_error_is_shown_in_its_line_and_said_last() {
    let folder = Folder::new();
    let file = folder.write("broken", "{\n\t\"a\": ?,\n}\n");
    for tool in ["format", "standardize", "minimize", "pack"] {
        let answer = acequia(&["hujson", tool, &file]);
        assert_eq!((answer.code, answer.out.as_str()), (1, ""));
        let shown = format!(
            " --> {file}:2:7\n2 | \t\"a\": ?,\n  | \t     ^\n\
             error: hujson: line 2, column 7: invalid character '?' at start of value\n"
        );
        assert_eq!(answer.err, shown);
    }
}
