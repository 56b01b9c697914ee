//! The exposure report: what nobody asked for, what lies behind machines, rules in vain; each with its way out.

use leptos::prelude::*;

use super::ask::rule_line;
use crate::paths;
use crate::ports::reach::{Finding, ReachQuery, ReachView, Sort};
use crate::site::here::Here;
use crate::site::parts::diff::diff;
use crate::site::parts::exposure::ways;
use crate::site::parts::head::secondary;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::reach;

pub fn list(here: &Here, asked: &ReachQuery, view: &ReachView) -> AnyView {
    if view.all_findings == 0 {
        return view! { <p class="tests">{icon(icon::CHECK)}<span>"Nothing: no wildcard reaches a shared machine, no rule is in vain."</span></p> }.into_any();
    }
    let group = |sort: Sort, words: &'static str| {
        let of_it: Vec<_> = view.findings.iter().filter(|finding| finding.sort == sort).collect();
        (!of_it.is_empty()).then(|| {
            let all = of_it.into_iter().map(|finding| one(here, view, finding)).collect_view();
            view! { <h3>{words}</h3><ul class="findings">{all}</ul> }
        })
    };
    view! {
        {group(Sort::Exposed, "Nobody asked for it")}
        {group(Sort::Wide, "Good to know")}
        {group(Sort::NotKnown, "Not known here")}
        {group(Sort::Stale, "Rules in vain")}
        {pages(here, asked, view)}
    }
    .into_any()
}

fn pages(here: &Here, asked: &ReachQuery, view: &ReachView) -> Option<AnyView> {
    let (before, all) = (asked.findings_before, view.all_findings);
    let end = before + view.findings.len();
    let to = |before: usize| {
        format!("{}#findings", here.to(&paths::with(&here.path, "findings", &before.to_string())))
    };
    let first = (before > 0).then(|| view! { <a class="button" href=to(0)>"First findings"</a> });
    let more = (end < all).then(|| view! { <a class="button" href=to(end) rel="next">"More findings"</a> });
    (before > 0 || end < all).then(|| {
        view! { <p class="soft">{format!("{end} of {all}.")}</p><p class="actions">{first}{more}</p> }
            .into_any()
    })
}

fn one(here: &Here, view: &ReachView, finding: &Finding) -> AnyView {
    let policy = here.to(&paths::policy(view.tailnet));
    let (class, mark) = match finding.sort {
        Sort::Exposed => ("finding exposed-part", icon::WARN),
        Sort::Wide | Sort::NotKnown => ("finding wide", icon::NODES),
        Sort::Stale => ("finding stale", icon::CLOCK),
    };
    let rules = finding.rules.iter().map(|rule| view! { <li>{rule_line(rule, &policy)}</li> }).collect_view();
    let more_rules = (finding.more_rules > 0)
        .then(|| view! { <li>{format!("and {} rules more", finding.more_rules)}</li> });
    let rules = (!finding.rules.is_empty()).then(|| view! { <ul class="rules">{rules}{more_rules}</ul> });
    let count = finding.lines.len() + finding.more;
    let lines = (count > 0).then(|| {
        let words = if count == 1 {
            "Who and what: 1 line".to_owned()
        } else {
            format!("Who and what: {count} lines")
        };
        let whole = finding.question.as_ref().map(|question| {
            view! { " "<a href=paths::asked(question)>"All of them"</a> }
        });
        let more = (finding.more > 0)
            .then(|| view! { <p class="soft">{format!("And {} more.", finding.more)}{whole}</p> });
        view! { <details><summary>{words}</summary>{reach::list("", &finding.lines, "")}{more}</details> }
    });
    let fix = finding.fix.as_ref().filter(|_| view.may_change).map(|what| {
        view! { <p class="actions">{secondary(here, &paths::plan_edit(view.tailnet, what), "See the fix …")}</p> }
    });
    let more = (finding.more_diff > 0).then(|| {
        view! { <p class="soft">{format!("And {} lines more.", finding.more_diff)}</p> }
    });
    let lines_of_it = (!finding.diff.is_empty()).then(|| diff("What changes in the policy", &finding.diff));
    let mend = view! { <details class="mend"><summary>"How to mend it"</summary><p>{finding.mend.clone()}</p>{lines_of_it}{more}</details> };
    let ways = finding.ways.as_ref().filter(|_| view.may_change).map(|of| ways(here, view.tailnet, of));
    view! {
        <li class=class>
            {icon(mark)}
            <div>
                <p class="title">{finding.title.clone()}</p>
                <p>{finding.about.clone()}</p>
                {rules}
                {lines}
                {mend}
                {fix}
                {ways}
            </div>
        </li>
    }
    .into_any()
}
