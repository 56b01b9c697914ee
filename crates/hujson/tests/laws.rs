//! Laws over generated documents with comments in all places.

#[path = "laws/documents.rs"]
mod documents;

use documents::{Document, document, noise};
use hujson::{Value, edit, parse, parse_str};
use proptest::prelude::*;

fn json(value: &Value) -> serde_json::Value {
    value.to_json().expect("numbers in range")
}

fn formatted(text: &str) -> String {
    let mut value = parse_str(text).expect("valid");
    value.format();
    value.pack_text()
}

/// Pointers to all values that are as wanted.
fn pointers(value: &Value, wanted: &impl Fn(&Value) -> bool, pointer: &str, found: &mut Vec<String>) {
    if wanted(value) {
        found.push(pointer.to_owned());
    }
    for (index, element) in value.as_array().map_or(&[][..], |array| array.elements()).iter().enumerate() {
        pointers(element, wanted, &format!("{pointer}/{index}"), found);
    }
    for member in value.as_object().map_or(&[][..], |object| object.members()) {
        pointers(member.value(), wanted, &format!("{pointer}/{}", member.name()), found);
    }
}

fn containers(value: &Value, arrays: bool) -> Vec<String> {
    let mut found = Vec::new();
    let wanted =
        |value: &Value| if arrays { value.as_array().is_some() } else { value.as_object().is_some() };
    pointers(value, &wanted, "", &mut found);
    found
}

fn leaves(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    pointers(value, &|value| value.as_literal().is_some(), "", &mut found);
    found
}

fn pick(pointers: &[String], seed: usize) -> Option<&String> {
    pointers.get(seed.checked_rem(pointers.len())?)
}

fn length(text: &str, pointer: &str) -> usize {
    let value = parse_str(text).expect("valid");
    value.find(pointer).and_then(Value::as_array).expect("an array").elements().len()
}

fn comment() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![Just(None), Just(Some("share 7")), Just(Some("two\nlines")), Just(Some(""))]
}

fn rule() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("1"),
        Just("{\"src\": [\"*\"]}"),
        Just("{\n\t// inner\n\t\"src\": [\n\t\t\"*\",\n\t],\n}")
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn packing_gives_the_source_back(Document(text) in document()) {
        let value = parse_str(&text).expect("generated documents are valid");
        prop_assert_eq!(value.pack_text(), text);
    }

    #[test]
    fn spans_point_at_the_values(Document(text) in document()) {
        fn check(value: &Value, text: &str) {
            let own = parse_str(&text[value.span()]).expect("a value stands there");
            assert_eq!((json(&own), own.span()), (json(value), 0..value.span().len()));
            for element in value.as_array().map_or(&[][..], |array| array.elements()) {
                check(element, text);
            }
            for member in value.as_object().map_or(&[][..], |object| object.members()) {
                check(member.name_value(), text);
                check(member.value(), text);
            }
        }
        check(&parse_str(&text).expect("valid"), &text);
    }

    #[test]
    fn any_bytes_parse_or_fail_without_a_crash(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        match parse(&bytes) {
            Ok(value) => prop_assert_eq!(value.pack(), bytes),
            Err(error) => prop_assert!(error.offset <= bytes.len() && error.line >= 1 && error.column >= 1),
        }
    }

    #[test]
    fn near_json_parses_or_fails_without_a_crash(text in noise()) {
        let strict = serde_json::from_str::<serde_json::Value>(&text);
        prop_assert!(strict.is_err() || parse_str(&text).is_ok(), "all JSON is HuJSON");
        if let Ok(mut value) = parse_str(&text) {
            prop_assert_eq!(value.pack_text(), text);
            value.format();
            prop_assert!(parse_str(&value.pack_text()).is_ok());
        }
    }

    #[test]
    fn standardizing_keeps_length_lines_and_meaning(Document(text) in document()) {
        let original = parse_str(&text).expect("valid");
        let mut value = original.clone();
        value.standardize();
        let standard = value.pack_text();
        prop_assert_eq!(standard.len(), text.len());
        let breaks = |text: &str| text.match_indices('\n').map(|(at, _)| at).collect::<Vec<_>>();
        prop_assert_eq!(breaks(&standard), breaks(&text));
        let plain: serde_json::Value = serde_json::from_str(&standard).expect("standard JSON");
        prop_assert_eq!(plain, json(&original));
        prop_assert!(value.is_standard());
    }

    #[test]
    fn minimizing_keeps_the_meaning(Document(text) in document()) {
        let original = parse_str(&text).expect("valid");
        let mut value = original.clone();
        value.minimize();
        let plain: serde_json::Value = serde_json::from_slice(&value.pack()).expect("standard JSON");
        prop_assert_eq!(plain, json(&original));
    }

    #[test]
    fn formatting_keeps_the_meaning_and_is_idempotent(Document(text) in document()) {
        let once = formatted(&text);
        let value = parse_str(&once).expect("valid");
        prop_assert_eq!(json(&value), json(&parse_str(&text).expect("valid")));
        prop_assert_eq!(formatted(&once), once);
    }

    #[test]
    fn formatted_standard_json_stays_standard(Document(text) in document()) {
        let mut value = parse_str(&text).expect("valid");
        value.standardize();
        prop_assert!(serde_json::from_str::<serde_json::Value>(&formatted(&value.pack_text())).is_ok());
    }

    #[test]
    fn an_inserted_element_leaves_without_a_trace(
        Document(text) in document(), seed in any::<usize>(), comment in comment(), rule in rule(),
    ) {
        let value = parse_str(&text).expect("valid");
        let arrays = containers(&value, true);
        let Some(pointer) = pick(&arrays, seed) else { return Ok(()) };
        let inserted = edit::insert_element(&text, pointer, comment, rule).expect("inserted").text;
        let mut want = json(&value);
        let rule = json(&parse_str(rule).expect("valid"));
        want.pointer_mut(pointer).and_then(|list| list.as_array_mut()).expect("an array").push(rule);
        prop_assert_eq!(json(&parse_str(&inserted).expect("valid")), want);
        let removed = edit::remove_element(&inserted, pointer, length(&text, pointer)).expect("removed").text;
        prop_assert_eq!(removed, text);
    }

    #[test]
    fn two_elements_leave_in_any_order(
        Document(text) in document(), seed in any::<usize>(), comment in comment(), rule in rule(),
    ) {
        let arrays = containers(&parse_str(&text).expect("valid"), true);
        let Some(pointer) = pick(&arrays, seed) else { return Ok(()) };
        let count = length(&text, pointer);
        let insert = |text: &str, rule| edit::insert_element(text, pointer, comment, rule).expect("inserted").text;
        let both = insert(&insert(&text, rule), "[2]");
        let second = edit::remove_element(&both, pointer, count).expect("removed").text;
        prop_assert_eq!(edit::remove_element(&second, pointer, count).expect("removed").text, &text[..]);
        let first = edit::remove_element(&both, pointer, count + 1).expect("removed").text;
        prop_assert_eq!(edit::remove_element(&first, pointer, count).expect("removed").text, &text[..]);
    }

    #[test]
    fn edits_of_others_elsewhere_stay(
        Document(text) in document(), seed in any::<usize>(), other in any::<usize>(), comment in comment(),
    ) {
        let arrays = containers(&parse_str(&text).expect("valid"), true);
        let leaves = leaves(&parse_str(&text).expect("valid"));
        let (Some(ours), Some(theirs)) = (pick(&arrays, seed), pick(&leaves, other)) else { return Ok(()) };
        let count = length(&text, ours);
        let changed = |text: &str| edit::replace_value(text, theirs, "\"theirs\"").expect("replaced").text;
        let with_ours = edit::insert_element(&text, ours, comment, "{\"a\": 1}").expect("inserted").text;
        let without = edit::remove_element(&changed(&with_ours), ours, count).expect("removed").text;
        prop_assert_eq!(without, changed(&text));
    }

    #[test]
    fn an_inserted_member_leaves_without_a_trace(
        Document(text) in document(), seed in any::<usize>(), rule in rule(),
    ) {
        let objects = containers(&parse_str(&text).expect("valid"), false);
        let Some(pointer) = pick(&objects, seed) else { return Ok(()) };
        let inserted = edit::insert_member(&text, pointer, "new", rule).expect("inserted").text;
        prop_assert_eq!(edit::remove_member(&inserted, pointer, "new").expect("removed").text, text);
    }

    #[test]
    fn any_element_can_be_removed(Document(text) in document(), seed in any::<usize>(), index in any::<usize>()) {
        let value = parse_str(&text).expect("valid");
        let arrays = containers(&value, true);
        let Some(pointer) = pick(&arrays, seed) else { return Ok(()) };
        let Some(index) = index.checked_rem(length(&text, pointer)) else { return Ok(()) };
        let removed = edit::remove_element(&text, pointer, index).expect("removed").text;
        let mut want = json(&value);
        want.pointer_mut(pointer).and_then(|list| list.as_array_mut()).expect("an array").remove(index);
        prop_assert_eq!(json(&parse_str(&removed).expect("valid")), want);
    }

    #[test]
    fn a_patch_does_what_rfc_6902_says(Document(text) in document(), seed in any::<usize>()) {
        let original = parse_str(&text).expect("valid");
        let arrays = containers(&original, true);
        let Some(pointer) = pick(&arrays, seed) else { return Ok(()) };
        let add = format!("[{{\"op\": \"add\", \"path\": \"{pointer}/-\", // mine\n\"value\": [3] /* three */}}]");
        let mut value = original.clone();
        value.patch(add.as_bytes()).expect("added");
        let mut want = json(&original);
        let list = want.pointer_mut(pointer).and_then(|list| list.as_array_mut()).expect("an array");
        list.push(serde_json::json!([3]));
        let place = format!("{pointer}/{}", list.len() - 1);
        let packed = value.pack_text();
        let again = parse_str(&packed).expect("the result is HuJSON");
        prop_assert_eq!(json(&again), want);
        prop_assert_eq!(&packed[value.find(&place).expect("added").span()], "[3]");
        value.patch(format!("[{{\"op\": \"remove\", \"path\": \"{place}\"}}]").as_bytes()).expect("removed");
        prop_assert_eq!(json(&parse_str(&value.pack_text()).expect("valid")), json(&original));
    }
}
