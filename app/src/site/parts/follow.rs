//! A page on which something goes on by itself, in a browser without script.

use leptos::prelude::*;

use crate::paths;
use crate::site::here::Here;

/// Seconds after which a browser without script loads the page again: people who read slowly, or with a screen reader, get
/// to its end (WCAG 2.2.1 asks for at least 20, and for a way to turn it off).
const PAUSE: u32 = 30;

/// In the query of a page that is not to load itself again.
const STILL: &str = "still";

/// `words` say what goes on. Without script the page loads itself again, which can be turned off by a link; with script
/// there is only the link that does it at once.
pub fn follow(here: &Here, words: &'static str) -> AnyView {
    let Page { still, this, other } = Page::of(&here.path);
    let (this, other) = (here.to(&this), here.to(&other));
    let (meta, sentence, change) = if still {
        (None, "It does not load itself again. ", "Let it do so")
    } else {
        let meta = view! { <meta http-equiv="refresh" content=PAUSE.to_string() /> };
        (Some(meta), "It loads itself again every half a minute. ", "Do not load it again")
    };
    view! {
        <div class="soft small refresh">
            <p>{words}" "<a href=this>"Refresh"</a></p>
            <noscript>{meta}<p>{sentence}<a href=other>{change}</a></p></noscript>
        </div>
    }
    .into_any()
}

/// The same for a page on which something is to be read and copied: without script it stays until it is asked for again.
pub fn again(here: &Here, words: &'static str) -> AnyView {
    let this = here.to(&here.path);
    view! { <p class="soft small refresh">{words}" "<a href=this>"Refresh"</a></p> }.into_any()
}

/// The same page as it is, and with the choice the other way.
struct Page {
    still: bool,
    this: String,
    other: String,
}

impl Page {
    fn of(path: &str) -> Self {
        let (on, off) = (paths::without(path, &[STILL]), paths::with(path, STILL, "1"));
        let asked = path.split_once('?').map_or("", |(_, query)| query);
        let still = asked.split('&').any(|pair| pair.split('=').next() == Some(STILL));
        if still { Self { still, this: off, other: on } } else { Self { still, this: on, other: off } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_keeps_what_was_asked_for() {
        for (path, on, off) in [
            ("/shares/1", "/shares/1", "/shares/1?still=1"),
            ("/tailnets/1?q=a&page=2", "/tailnets/1?q=a&page=2", "/tailnets/1?q=a&page=2&still=1"),
        ] {
            let Page { still, this, other } = Page::of(path);
            assert_eq!((still, this.as_str(), other.as_str()), (false, on, off));
            let Page { still, this, other } = Page::of(off);
            assert_eq!((still, this.as_str(), other.as_str()), (true, off, on));
        }
    }
}
