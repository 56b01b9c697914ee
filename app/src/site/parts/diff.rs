//! A change of a text, line by line.

use leptos::prelude::*;

use crate::ports::shares::{DiffKind, DiffLine};

/// A table, so that line numbers are read with their lines. `caption` says what changes.
pub fn diff(caption: &'static str, lines: &[DiffLine]) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="soft">"No line of the policy changes."</p> }.into_any();
    }
    let rows = lines.iter().map(row).collect_view();
    view! {
        <div class="code-scroll" tabindex="0" role="region" aria-label=caption>
            <table class="diff">
                <caption class="sr">{caption}</caption>
                <thead class="sr">
                    <tr><th scope="col">"Old line"</th><th scope="col">"New line"</th><th scope="col">"Change"</th><th scope="col">"Text"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &DiffLine) -> AnyView {
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let (class, sign, word) = match line.kind {
        DiffKind::Same => ("same", " ", ""),
        DiffKind::Added => ("added", "+", "added"),
        DiffKind::Removed => ("removed", "−", "removed"),
        DiffKind::Gap => ("gap", "⋯", "lines left out"),
    };
    view! {
        <tr class=class>
            <td class="number">{number(line.old)}</td>
            <td class="number">{number(line.new)}</td>
            <td class="sign"><span aria-hidden="true">{sign}</span><span class="sr">{word}</span></td>
            <td class="text">{line.text.clone()}</td>
        </tr>
    }
    .into_any()
}
