//! Parse and patch of a document of 1 MB stay under 50 MB, counted by the allocator.

#![expect(unsafe_code, reason = "an allocator that counts can only be written with unsafe")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grow(size: usize) {
    let now = NOW.fetch_add(size, Relaxed) + size;
    PEAK.fetch_max(now, Relaxed);
}

// SAFETY: every call goes on to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grow(size);
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SIZE: usize = 1 << 20;
const LIMIT: usize = 50_000_000;

/// The most that was in use during `work`, above what was in use before.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    drop(work());
    PEAK.load(Relaxed) - before
}

fn list_of(element: &str) -> String {
    let count = SIZE / (element.len() + 1);
    format!("[{}]", vec![element; count - 1].join(","))
}

// One test, because tests beside each other would count each other's memory.
#[test]
fn a_document_of_one_megabyte_takes_less_than_fifty() {
    let rule =
        "\n\t// share 7\n\t{\"src\": [\"a@example.com\"], \"dst\": [\"tag:web\"], \"ip\": [\"tcp:443\"]}";
    let nested = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let kinds = [
        ("commented rules", list_of(rule)),
        ("numbers", list_of("0")),
        ("spaced numbers", list_of(" 0 ")),
        ("empty arrays", list_of("[]")),
        ("small arrays", list_of("[0]")),
        ("small objects", list_of("{\"\":0}")),
        ("nested arrays", list_of(&nested)),
        ("long strings", list_of(&format!("\"{}\"", "\\n".repeat(SIZE / 10)))),
    ];
    let patch = br#"[
        {"op": "add", "path": "/-", "value": {"new": true}}, // mine
        {"op": "add", "path": "/0", "value": 1},
        {"op": "replace", "path": "/1", "value": "changed"},
        {"op": "copy", "from": "/0", "path": "/-"},
        {"op": "move", "from": "/1", "path": "/0"},
        {"op": "test", "path": "/0", "value": "changed"},
        {"op": "remove", "path": "/0"},
    ]"#;
    let mut sizes = Vec::new();
    for (name, text) in &kinds {
        assert!(text.len() <= SIZE && text.len() > SIZE / 4, "{name}: {}", text.len());
        let parsed = peak(|| hujson::parse_str(text).expect("valid"));
        let patched = peak(|| {
            let mut value = hujson::parse_str(text).expect("valid");
            value.patch(patch).expect("applies");
            value.pack()
        });
        sizes.push((*name, parsed, patched));
    }
    assert!(sizes.iter().all(|(_, parsed, patched)| parsed.max(patched) < &LIMIT), "{sizes:#?}");
}
