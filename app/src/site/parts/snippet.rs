//! Text for a host: what belongs where, and why each line is there.

use leptos::prelude::*;

use super::long;
use super::when::in_text;
use crate::islands::Copy;
use crate::ports::firewall::{FirewallView, PartView, SnippetLine};
use crate::site::here::Here;

/// Both parts, how to install, check and undo. Where the host fetches its text, that also has it loaded at boot.
pub fn parts(here: &Here, view: &FirewallView, fetched: bool) -> AnyView {
    let commands = |title: &'static str, list: Vec<String>| {
        (!list.is_empty()).then(|| {
            // Several lines are read as they are typed.
            let wide = list.iter().any(|text| text.contains('\n'));
            let class = if wide { "commands wide" } else { "commands" };
            // A network of thousands has long texts: half of one would be worse than none.
            if list.iter().any(|text| long::is_too_long_to_copy(text)) {
                let text = "It is too long to be copied from here. It stands in the files that can be downloaded above.";
                return view! { <section class="commands wide"><h3>{title}</h3><p>{text}</p></section> }.into_any();
            }
            let rows = list.into_iter().map(|text| view! { <li><Copy text /></li> }).collect_view();
            view! { <section class=class><h3>{title}</h3><ol>{rows}</ol></section> }.into_any()
        })
    };
    view! {
        {view.parts.iter().map(|one| part(here, one)).collect_view()}
        <div class="command-grid">
            {commands("Put it in place", view.install.clone())}
            {commands("Have it loaded at boot", view.boot.clone().filter(|_| !fetched).into_iter().collect())}
            {commands("Check which revision is live", view.check.clone().into_iter().collect())}
            {commands("Undo", view.undo.clone().into_iter().collect())}
        </div>
    }
    .into_any()
}

/// Numbered lines with the reason beside each. The lines are a file with its times in UTC; the reasons are for whoever reads.
pub fn table(here: &Here, label: impl Into<String>, lines: &[SnippetLine]) -> AnyView {
    let label = label.into();
    let (lines, left) = long::first(lines);
    let lines = lines.iter().cloned().enumerate().map(|(at, line)| {
        let reason = line.reason.map(|reason| in_text(&here.zone, &reason));
        let reason = reason.map(|reason| view! { <td class="reason">{reason}</td> }.into_any());
        let reason = reason.unwrap_or_else(|| view! { <td class="reason"></td> }.into_any());
        view! { <tr><td class="number">{at + 1}</td><td class="text">{long::line(&line.text)}</td>{reason}</tr> }
    });
    view! {
            <div class="code-scroll" tabindex="0" role="region" aria-label=label>
                <table class="snippet">
                    <thead class="sr"><tr><th scope="col">"Line"</th><th scope="col">"Text"</th><th scope="col">"Why"</th></tr></thead>
                    <tbody>{lines.collect_view()}</tbody>
                </table>
            </div>
            {long::left_out(left)}
    }
    .into_any()
}

fn part(here: &Here, part: &PartView) -> AnyView {
    let download = part.download.as_ref().map(|href| {
        let what = format!(": {}", part.file);
        view! { " "<a href=here.to(href) download=part.file.clone()>"Download"<span class="sr">{what}</span></a> }
    });
    let label = format!("{} part", part.title);
    view! {
        <section class="part">
            <h3>{label.clone()}</h3>
            <p>{part.about.clone()}</p>
            <p class="file"><code>{part.file.clone()}</code>{download}</p>
            {table(here, label, &part.lines)}
        </section>
    }
    .into_any()
}
