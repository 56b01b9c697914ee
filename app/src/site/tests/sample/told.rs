//! How the texts of the sample are told: as they are written, or as somebody wrote them who means harm.

use std::cell::RefCell;

thread_local! {
    static AFTER: RefCell<String> = const { RefCell::new(String::new()) };
    static ADDRESS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Until it is dropped, this thread's sample has this after each of its texts.
#[must_use]
pub struct Telling;

impl Telling {
    pub fn followed_by(text: &str) -> Self {
        AFTER.set(text.to_owned());
        Self
    }

    /// Each address from outside is this one.
    pub fn leading_to(address: &str) -> Self {
        ADDRESS.set(Some(address.to_owned()));
        Self
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        AFTER.take();
        ADDRESS.take();
    }
}

/// A text of the sample that comes from people or from other programs.
pub fn told(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    match ADDRESS.with_borrow(Clone::clone).filter(|_| text.starts_with("http")) {
        Some(address) => address,
        None => AFTER.with_borrow(|after| format!("{text}{after}")),
    }
}
