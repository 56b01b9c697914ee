//! The drawing of who reaches what: one main ditch, and a branch for each other end. It is narrow, so that it is read
//! on a phone as on a desk. All looks are classes; the list beside it says the same in words.

use leptos::prelude::*;

use crate::ports::graph::{Arrow, End, Focus, Kind};
use crate::site::here::Here;

const WIDTH: usize = 400;
const HEAD: usize = 64;
/// From one branch to the next.
const STEP: usize = 76;
const BOX: usize = 60;
/// Room for the main ditch and the branches beside the boxes.
const BED: usize = 74;
const SIDE: usize = 30;
const BEND: usize = 14;

/// `rest` is how many more there are, and where.
pub fn reach_graph(here: &Here, focus: &Focus, arrows: &[Arrow], rest: Option<(usize, String)>) -> AnyView {
    let count = arrows.len() + usize::from(rest.is_some());
    let height = HEAD + 20 + count * STEP;
    let label = if focus.outward {
        format!("Drawing: what {} reaches", focus.end.name)
    } else {
        format!("Drawing: who reaches {}", focus.end.name)
    };
    let branches = arrows.iter().enumerate().map(|(at, arrow)| branch(here, focus.outward, at, arrow));
    let more = rest.map(|(rest, path)| {
        let y = top(arrows.len());
        let x = left(focus.outward) + 16;
        view! {
            <a class="more-ends" href=here.to(&path)>
                <rect x=left(focus.outward) y=y width={WIDTH - BED} height="44" rx="8" />
                <text x=x y={y + 28}>{format!("and {rest} more")}</text>
            </a>
        }
    });
    view! {
        <svg class="ditch" viewBox=format!("0 0 {WIDTH} {height}") role="group" aria-label=label>
            {main_ditch(focus.outward, arrows.len())}
            {branches.collect_view()}
            {more}
            {head(here, focus)}
        </svg>
    }
    .into_any()
}

fn top(at: usize) -> usize {
    HEAD + 20 + at * STEP
}

/// Where the boxes of the other ends begin.
const fn left(outward: bool) -> usize {
    if outward { BED } else { 0 }
}

/// Water runs down from who reaches, or up to what is reached.
fn main_ditch(outward: bool, count: usize) -> AnyView {
    let Some(last) = count.checked_sub(1) else { return ().into_any() };
    let end = top(last) + BOX / 2 - BEND;
    let x = if outward { SIDE } else { WIDTH - SIDE };
    let begin = if outward { HEAD } else { HEAD + 12 };
    let mouth = (!outward).then(|| {
        let tip = format!("M{x} {HEAD}l-9 14h18z");
        view! { <path class="tip" d=tip /> }
    });
    view! { <path class="bed" d=format!("M{x} {begin}V{end}") />{mouth} }.into_any()
}

fn branch(here: &Here, outward: bool, at: usize, arrow: &Arrow) -> AnyView {
    let (y, middle) = (top(at), top(at) + BOX / 2);
    let from = middle - BEND;
    let line = if outward {
        format!("M{SIDE} {from}Q{SIDE} {middle} {} {middle}H{}", SIDE + BEND, BED - 12)
    } else {
        let x = WIDTH - SIDE;
        format!("M{x} {from}Q{x} {middle} {} {middle}H{}", x - BEND, WIDTH - BED)
    };
    let tip = outward.then(|| {
        let tip = format!("M{BED} {middle}l-14 -9v18z");
        view! { <path class="tip" d=tip /> }
    });
    let class = if arrow.certain { "branch" } else { "branch possible" };
    let what = if arrow.certain { arrow.what.clone() } else { format!("possible: {}", arrow.what) };
    view! {
        <g class=class>
            <path class="lateral" d=line />
            {tip}
            {end(here, &arrow.other, left(outward), y, WIDTH - BED, &what)}
        </g>
    }
    .into_any()
}

fn head(here: &Here, focus: &Focus) -> AnyView {
    let words = if focus.outward { "reaches" } else { "is reached by" };
    view! { <g class="focus">{end(here, &focus.end, 0, 2, WIDTH, words)}</g> }.into_any()
}

/// A box with a name, what it is, and a second line.
fn end(here: &Here, end: &End, x: usize, y: usize, width: usize, second: &str) -> AnyView {
    let (class, word) = kind(end.kind);
    // Letters are 8 units wide on the average, small ones 7.
    let name = shortened(&end.name, (width - 40) / 8 - word.len());
    let second_line = shortened(second, (width - 32) / 7);
    view! {
        <a class=class href=here.to(&end.href)>
            <rect class="sheet-box" x={x + 1} y={y} width={width - 2} height=BOX rx="8" />
            <rect class="side" x={x + 1} y={y} width="6" height=BOX rx="3" />
            <text class="name" x={x + 16} y={y + 26}>{name}</text>
            " "
            <text class="kind" x={x + width - 12} y={y + 25} text-anchor="end">{word}</text>
            " "
            <text class="what" x={x + 16} y={y + 46}>{second_line}</text>
        </a>
    }
    .into_any()
}

/// The class and the word of an end.
pub const fn kind(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Friend => ("end friend", "friend"),
        Kind::Member => ("end member", "member"),
        Kind::Tag => ("end tag-end", "tag"),
        Kind::Machine => ("end machine", "machine"),
        Kind::Addresses => ("end addresses", "addresses"),
    }
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_too_long_ends_with_dots_and_not_inside_a_letter() {
        assert_eq!(shortened("maple", 5), "maple");
        assert_eq!(shortened("mapleé-long", 7), "mapleé…");
    }
}
