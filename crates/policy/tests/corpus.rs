//! Replays the corpus of the fuzz targets. To search for more: `cargo +nightly fuzz run compile` in this crate.

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
fn the_compile_corpus_holds() {
    replay("compile", checks::compile_check);
}

#[test]
fn the_reach_corpus_holds() {
    replay("reach", checks::reach_check);
}

#[test]
fn the_share_corpus_holds() {
    replay("share", checks::share_check);
}
