//! Replays the corpus of the fuzz targets. To search for more: `cargo +nightly fuzz run parse` in this crate.

#[path = "../fuzz/checks.rs"]
mod checks;

use std::path::PathBuf;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is committed") {
        check(&std::fs::read(entry.expect("readable").path()).expect("readable"));
        count += 1;
    }
    assert!(count >= 8, "{target}: only {count} inputs");
}

#[test]
fn the_parse_corpus_holds() {
    replay("parse", checks::parse_check);
}

#[test]
fn the_patch_corpus_holds() {
    replay("patch", checks::patch_check);
}

#[test]
fn the_edit_corpus_holds() {
    replay("edit", checks::edit_check);
}
