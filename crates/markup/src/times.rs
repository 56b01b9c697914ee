//! Times that a person reads on a page, and whether it is said in which zone they are.

use scraper::ElementRef;

use crate::Page;

/// What stands in these is a file, a command, or somebody's own text.
const NOT_OURS: [&str; 5] = ["script", "style", "pre", "code", "textarea"];

impl Page {
    /// Times that are not those of a reader in a zone with this offset, written like `UTC+5:30`, all year: a clock, a date with
    /// the hour, or a word of UTC, without that offset behind it; and a `<time>` whose title does not have it.
    pub fn foreign_times(&self, offset: &str) -> Vec<String> {
        let mut found = Vec::new();
        for element in self.elements() {
            let name = element.value().name();
            let around = element.ancestors().filter_map(ElementRef::wrap);
            if around.chain([element]).any(|one| NOT_OURS.contains(&one.value().name())) {
                continue;
            }
            if name == "time" {
                let title = element.attr("title").unwrap_or_default();
                if !title.ends_with(offset)
                    || element.attr("datetime").is_none_or(|time| !time.ends_with('Z'))
                {
                    found.push(format!("a <time> with the title {title:?}"));
                }
            }
            // A tooltip is read as well.
            let own = element
                .children()
                .filter_map(|child| child.value().as_text().map(|text| text.text.to_string()));
            let read = own.chain(element.attr("title").map(str::to_owned));
            found.extend(read.filter(|text| has_foreign(text, offset)));
        }
        found
    }
}

fn has_foreign(text: &str, offset: &str) -> bool {
    // What is said in the zone of the reader is taken out; of anything else nothing may be left.
    let parts: Vec<&str> = text.split(&format!(" {offset}")).collect();
    let (last, own) = parts.split_last().unwrap_or((&"", &[]));
    let mut rest: String = own.iter().flat_map(|part| [without_time(part), " "]).collect();
    rest.push_str(last);
    let rest = rest.replace(&format!("({offset})"), "");
    rest.contains("UTC") || clocks(&rest) || iso(&rest)
}

/// Without the clock at its end, and the date before it.
fn without_time(text: &str) -> &str {
    let text = text.get(..text.len().saturating_sub(5)).unwrap_or_default();
    match text.len().checked_sub(11).and_then(|from| Some((from, text.get(from..)?))) {
        Some((from, date)) if is_like(date, "dddd-dd-dd ") => &text[..from],
        _ => text,
    }
}

fn is_like(text: &str, shape: &str) -> bool {
    let fits = |(c, like): (char, char)| if like == 'd' { c.is_ascii_digit() } else { c == like };
    text.chars().count() == shape.chars().count() && text.chars().zip(shape.chars()).all(fits)
}

/// `22:05`, but for what is a part of an address.
fn clocks(text: &str) -> bool {
    let words =
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '.' | ';' | '“' | '”'));
    words.map(|word| word.trim_end_matches(':')).any(|word| is_like(word, "dd:dd") || is_like(word, "d:dd"))
}

/// `2026-12-24T22:00`, or such a day.
fn iso(text: &str) -> bool {
    let mut from = 0;
    while let Some(part) = text.get(from..) {
        if part.len() < 10 {
            return false;
        }
        if part.get(..10).is_some_and(|date| is_like(date, "dddd-dd-dd")) {
            return true;
        }
        from += part.chars().next().map_or(1, char::len_utf8);
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::Page;

    #[test]
    fn what_is_not_in_the_zone_of_who_reads_is_found() {
        let page =
            |body: &str| Page::parse(&format!("<html><body>{body}</body></html>")).foreign_times("UTC+5:30");
        let own = "<p>Until 2026-12-25 03:30 UTC+5:30. And Fri 25 Dec, 03:30 UTC+5:30, or fd7a:115c:a1e0::1, tcp:25565.</p>\
            <p>Times are in Asia/Kolkata (UTC+5:30).</p><pre>until 2026-12-24 22:00 UTC</pre>\
            <time datetime=\"2026-12-24T22:00:00Z\" title=\"2026-12-25 03:30 UTC+5:30\">in 2 days</time>";
        assert_eq!(page(own), [""; 0]);
        for foreign in [
            "<p>Until 2026-12-24 22:00 UTC.</p>",
            "<p>Until Thu 24 Dec, 22:00 UTC+1.</p>",
            "<p>At 2026-12-24T22:00:00Z.</p>",
            "<p>On 2026-12-24.</p>",
            "<p>At 22:00.</p>",
            "<p>Until 2026-12-25 03:30 UTC+5:30 or 22:00 UTC</p>",
            "<span title=\"2026-12-24 22:00 UTC\">soon</span>",
            "<time datetime=\"2026-12-24T22:00:00Z\">in 2 days</time>",
            "<time title=\"2026-12-25 03:30 UTC+5:30\" datetime=\"2026-12-25\">in 2 days</time>",
        ] {
            assert_eq!(page(foreign).len(), 1, "{foreign}: {:?}", page(foreign));
        }
    }
}
