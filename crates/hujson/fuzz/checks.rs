//! What must hold for any input; run by the fuzz targets and, on the committed corpus, by a plain test.

use hujson::{Value, edit, parse};

/// Parse: packs back, transforms without a crash, and the results read the same.
pub fn parse_check(data: &[u8]) {
    let Ok(value) = parse(data) else { return };
    assert_eq!(value.pack(), data);
    let mut standard = value.clone();
    standard.standardize();
    assert_eq!(standard.pack().len(), data.len());
    assert!(standard.is_standard());
    let minimized = |value: &Value| {
        let mut value = value.clone();
        value.minimize();
        value.pack()
    };
    assert_eq!(minimized(&standard), minimized(&value));
    let mut formatted = value.clone();
    formatted.format();
    let once = parse(&formatted.pack()).expect("formatted text is HuJSON");
    assert_eq!(once.to_json().ok(), value.to_json().ok());
    assert!(once.is_standard() || !value.is_standard(), "standard JSON stays standard");
    let mut twice = once.clone();
    twice.format();
    assert_eq!(twice.pack_text(), once.pack_text(), "format is idempotent");
    let _ = (value.first_duplicate(), value.find("/a/0"));
}

/// Patch: a document and a patch, apart by a zero byte. Whatever happens, what is left is HuJSON.
pub fn patch_check(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let (Some(document), Some(patch)) = (parts.next(), parts.next()) else { return };
    let Ok(mut value) = parse(document) else { return };
    let _ = value.patch(patch);
    let packed = value.pack();
    let again = parse(&packed).expect("the patched text is HuJSON");
    assert_eq!(again.pack(), packed);
    assert_eq!(again.span(), value.span());
}

/// Edit: an element put into the document, and into its first list, leaves without a trace.
pub fn edit_check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(value) = parse(data) else { return };
    for pointer in ["", "/0", "/a", "/a/0"] {
        let Some(array) = value.find(pointer).and_then(Value::as_array) else { continue };
        let Ok(inserted) = edit::insert_element(text, pointer, Some("mark"), "{\"b\": [1]}") else {
            continue;
        };
        let removed = edit::remove_element(&inserted.text, pointer, array.elements().len());
        assert_eq!(removed.expect("what was put in can be taken out").text, text);
    }
}
