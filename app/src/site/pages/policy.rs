//! The policy text in force, with the lines that belong to shares. One that is long is shown a piece at a time.

use std::ops::Range;

use leptos::prelude::*;
use model::TailnetId;

use super::{edits, param, query};
use crate::paths;
use crate::ports::edits::EditLine;
use crate::ports::tailnets::{PolicyLine, PolicyView, Shade};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::head::{head_with, secondary, section};
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let id = param::<TailnetId>("id");
    let asked: usize = query("line").parse().unwrap_or(1);
    open(move |backend, here| async move {
        let id = id?;
        let view = backend.tailnets.policy(id).await?;
        let edits = backend.edits.list(id).await?;
        Ok(Page::new(
            format!("Policy of {}", view.tailnet_name),
            NavSection::Tailnets,
            policy(&here, &view, asked, &edits),
        ))
    })
}

/// What a piece weighs at most, in bytes of its page, about. The policy of a household is below that.
const PIECE: usize = 40_000;

/// What one line weighs, about: its marks, and the row that tells whom it lets in.
fn weight(line: &PolicyLine) -> usize {
    let text: usize = line.pieces.iter().map(|(_, text)| text.len() + 32).sum();
    let told = line.lets_in.iter().chain(&line.findings).map(|words| words.len() + 150).sum::<usize>();
    text + told + 70
}

/// The lines of the piece in which `asked` is, counted from nought.
fn piece_with(lines: &[PolicyLine], asked: usize) -> Range<usize> {
    let (mut begin, mut weighs) = (0, 0);
    for (at, line) in lines.iter().enumerate() {
        weighs += weight(line);
        if weighs > PIECE && at > begin {
            if at >= asked {
                return begin..at;
            }
            (begin, weighs) = (at, weight(line));
        }
    }
    begin..lines.len()
}

/// The ways to the pieces before and behind, where there are such.
fn ways(here: &Here, view: &PolicyView, shown: &Range<usize>) -> Option<AnyView> {
    let all = view.lines.len();
    let way = |line: usize, words: &'static str| {
        let href = here.to(&paths::policy_line(view.tailnet, u32::try_from(line).unwrap_or(u32::MAX)));
        view! { <a class="button" href=href>{words}</a> }
    };
    (shown.len() < all).then(|| {
        let before = (shown.start > 0).then(|| way(shown.start, "Lines before"));
        let behind = (shown.end < all).then(|| way(shown.end + 1, "Lines behind"));
        let words = format!("Lines {} to {} of {all}", shown.start + 1, shown.end);
        view! { <p class="more">{before}" "<span class="soft">{words}</span>" "{behind}</p> }.into_any()
    })
}

fn policy(here: &Here, view: &PolicyView, asked: usize, made: &[EditLine]) -> AnyView {
    let refused = view.refused.clone().map(|why| {
        view! { <p class="flash fault">"Acequia does not understand this policy, and so says nothing about who reaches what: "{why}</p> }
    });
    let silent =
        view.silent.clone().filter(|_| view.refused.is_none()).map(|why| view! { <p class="note">{why}</p> });
    let shown = piece_with(&view.lines, asked);
    let part = view.lines.iter().zip(1_u32..).skip(shown.start).take(shown.len());
    let lines = part.map(|(line, number)| {
        let share = view.share_lines.iter().find(|(line, _)| *line == number).map(|(_, path)| here.to(path));
        let class = share.is_some().then_some("added");
        let link = share.map(|href| view! { <a href=href>"share"<span class="sr">" of line "{number}</span></a>" " });
        let told = line.lets_in.is_some() || !line.findings.is_empty() || link.is_some();
        let lets_in = line.lets_in.clone().map(|words| view! { <span class="lets-in">{words}</span> });
        let findings = line.findings.iter().cloned().map(|words| view! { <span class="line-finding block">{words}</span> });
        let pieces = line.pieces.iter().map(|(shade, text)| piece(*shade, text)).collect_view();
        // Below its line, where it is read without scrolling sideways.
        let told = told.then(|| view! { <tr class="told"><td class="number"></td><td class="reason">{link}{lets_in}{findings.collect_view()}</td></tr> });
        view! { <tr class=class id=format!("L{number}")><td class="number">{number}</td><td class="text">{pieces}</td></tr>{told} }
    });
    let made = (!made.is_empty())
        .then(|| section("edits", "Edits made here", edits::list(here, view.tailnet, made)));
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    view! {
        {head_with(here, crumbs, format!("Policy of {}", view.tailnet_name), view! { <p>"As read "{when(here, view.read)}". Below each rule stands whom it lets in; lines of shares are marked."</p> }, secondary(here, &paths::reach(view.tailnet), "Who reaches what"))}
        {refused}
        {silent}
        {ways(here, view, &shown)}
        <div class="code-scroll" tabindex="0" role="region" aria-label="Policy text">
            <table class="snippet">
                <thead class="sr"><tr><th scope="col">"Line"</th><th scope="col">"Text, and whom it lets in"</th></tr></thead>
                <tbody>{lines.collect_view()}</tbody>
            </table>
        </div>
        {ways(here, view, &shown)}
        {made}
    }
    .into_any()
}

fn piece(shade: Shade, text: &str) -> AnyView {
    let class = match shade {
        Shade::Plain => return text.to_owned().into_any(),
        Shade::Comment => "k-comment",
        Shade::Key => "k-key",
        Shade::Text => "k-text",
        Shade::Value => "k-value",
    };
    view! { <span class=class>{text.to_owned()}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize, length: usize) -> Vec<PolicyLine> {
        let line = PolicyLine {
            pieces: vec![(Shade::Plain, "x".repeat(length))],
            lets_in: None,
            findings: Vec::new(),
        };
        vec![line; count]
    }

    #[test]
    fn a_household_has_one_piece_and_of_a_long_policy_each_line_is_in_one() {
        assert_eq!(piece_with(&lines(150, 60), 1), 0..150);
        assert_eq!(piece_with(&[], 1), 0..0);
        assert_eq!(piece_with(&lines(1, PIECE * 2), 1), 0..1, "one line is never cut");
        let long = lines(2_000, 300);
        let (mut begin, mut pieces) = (0, 0);
        while begin < long.len() {
            let piece = piece_with(&long, begin + 1);
            assert_eq!(piece.start, begin);
            for line in [piece.start + 1, piece.end] {
                assert_eq!(piece_with(&long, line), piece, "line {line}");
            }
            (begin, pieces) = (piece.end, pieces + 1);
        }
        assert!(pieces > 10, "{pieces}");
        assert_eq!(piece_with(&long, 9_999).end, 2_000, "a line too far is in the last");
    }
}
