//! Lists to choose from, of which a form shows a page at most.

use leptos::prelude::*;

use super::field::hidden;
use crate::ports::paging::PAGE;
use crate::site::here::Here;

/// Those of `all` (value and words) that a form shows: all that are `chosen`, and of the others those that fit what was
/// searched for. Where there are few, all.
pub fn fitting(
    all: Vec<(String, String)>,
    find: &str,
    chosen: impl Fn(&str) -> bool,
) -> Vec<(String, String)> {
    if all.len() <= PAGE {
        return all;
    }
    let find = find.trim().to_lowercase();
    let fits = |words: &str| find.is_empty() || words.to_lowercase().contains(&find);
    let mut left = PAGE;
    let mut keep = |(value, words): &(String, String)| {
        if chosen(value) {
            return true;
        }
        let shown = left > 0 && fits(words);
        left -= usize::from(shown);
        shown
    };
    all.into_iter().filter(|choice| keep(choice)).collect()
}

/// Asks what to look for, where one of the lists of this page is longer than a page. It comes before the form: what is
/// typed there is not sent along. `about` says what the page is about, as the other parts of its address.
pub fn finder(
    here: &Here,
    longest: usize,
    find: &str,
    label: &'static str,
    about: Option<(&'static str, String)>,
) -> Option<AnyView> {
    (longest > PAGE).then(|| {
        let action = here.to(here.path.split('?').next().unwrap_or_default());
        let about = about.map(|(name, value)| hidden(name, value));
        view! {
            <form class="search" role="search" method="get" action=action>
                {about}
                <div class="field grow">
                    <label for="find">{label}</label>
                    <p class="hint" id="find-hint">{format!("There are more than {PAGE}; the first that fit are shown below.")}</p>
                    <input id="find" name="find" type="search" value=find.to_owned() aria-describedby="find-hint" />
                </div>
                <button class="button" type="submit">"Search"</button>
            </form>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(count: usize) -> Vec<(String, String)> {
        (0..count).map(|n| (n.to_string(), format!("Person {n}"))).collect()
    }

    #[test]
    fn a_page_is_shown_of_what_fits_and_what_is_chosen_is_never_lost() {
        assert_eq!(fitting(people(50), "nobody", |_| false).len(), 50, "few are all shown");
        assert_eq!(fitting(people(500), "", |_| false).len(), 50);
        let found = fitting(people(500), " person 49", |value| value == "7");
        let values: Vec<&str> = found.iter().map(|(value, _)| value.as_str()).collect();
        assert_eq!(values, ["7", "49", "490", "491", "492", "493", "494", "495", "496", "497", "498", "499"]);
        assert_eq!(fitting(people(500), "nobody", |value| value == "7").len(), 1);
    }
}
