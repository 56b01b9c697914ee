//! Deep nesting and huge numbers are errors or handled, never a crash, also on a small stack.

use std::thread;

use hujson::{MAX_DEPTH, Value, parse_str};

/// The stack of a wasm module is 1 MB.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread").join().expect("no crash");
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn nesting_up_to_the_limit_works_everywhere() {
    on_a_small_stack(|| {
        let mut text = nested(MAX_DEPTH - 1);
        text = format!("{{\"a\":{text},\"b\":{text}}}");
        let mut value = parse_str(&text).expect("valid");
        assert_eq!(value.pack_text(), text);
        assert!(value.clone().to_json().is_ok() && value.first_duplicate().is_none());
        value.patch(br#"[{"op": "test", "path": "/a", "value": 1}]"#).expect_err("differs");
        let operation =
            format!("[{{\"op\": \"test\", \"path\": \"/a\", \"value\": {}}}]", nested(MAX_DEPTH - 2));
        value.patch(operation.as_bytes()).expect_err("differs");
        value.format();
        value.standardize();
        value.minimize();
        assert_eq!(value.pack_text(), text);
        let pointer = format!("/a{}", "/0".repeat(MAX_DEPTH - 2));
        let inserted = hujson::edit::insert_element(&text, &pointer, Some("x"), "1").expect("inserted");
        assert_eq!(hujson::edit::remove_element(&inserted.text, &pointer, 0).expect("removed").text, text);
    });
}

#[test]
fn deeper_nesting_is_an_error() {
    for depth in [MAX_DEPTH + 1, 100_000, 1_000_000] {
        on_a_small_stack(move || {
            let error = parse_str(&nested(depth)).expect_err("too deep");
            assert_eq!(error.to_string(), "hujson: line 1, column 513: nested deeper than 512 levels");
            parse_str(&"{\"a\":".repeat(depth)).expect_err("too deep");
        });
    }
}

#[test]
fn a_patch_cannot_nest_deeper_than_can_be_parsed() {
    let mut value = parse_str(&nested(MAX_DEPTH)).expect("valid");
    let pointer = "/0".repeat(MAX_DEPTH - 1);
    let add = format!("[{{\"op\": \"add\", \"path\": \"{pointer}/-\", \"value\": []}}]");
    let error = value.patch(add.as_bytes()).expect_err("too deep");
    assert_eq!(error.to_string(), "hujson: patch operation 0: nested deeper than 512 levels");
    let mut doubled = parse_str("{\"a\": {\"b\": {}}}").expect("valid");
    let copy = r#"{"op": "copy", "from": "/a", "path": "/a/b/c"},"#;
    doubled.patch(format!("[{}]", copy.repeat(600)).as_bytes()).expect_err("too deep or too large");
}

#[test]
fn a_small_patch_cannot_fill_the_memory() {
    let mut value = parse_str("[[\"0123456789\"]]").expect("valid");
    let copy = r#"{"op": "copy", "from": "/0", "path": "/0/-"},"#;
    let error = value.patch(format!("[{}]", copy.repeat(60)).as_bytes()).expect_err("too large");
    assert!(error.to_string().ends_with("copies more than 4194304 bytes"), "{error}");
    assert!(value.pack().len() < 10_000_000);
}

#[test]
fn numbers_of_any_size_are_kept_and_refused_only_where_they_must_fit() {
    let long = "9".repeat(100_000);
    let text = format!("[1e1000, -{long}, {long}.{long}e-{long}]");
    let mut value = parse_str(&text).expect("valid");
    assert_eq!(value.pack_text(), text);
    assert_eq!(value.find("/0").and_then(Value::as_number), Some("1e1000"));
    assert_eq!(
        value.to_json().expect_err("out of range").to_string(),
        "number `1e1000` at byte 1 is out of range"
    );
    value.format();
    let operation = format!("[{{\"op\": \"test\", \"path\": \"/1\", \"value\": -{long}}}]");
    value.patch(operation.as_bytes()).expect_err("out of range");
}
