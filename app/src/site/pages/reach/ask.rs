//! The ask box: can this one reach that?

use leptos::prelude::*;
use model::text::{capitalised, sentence};

use crate::fault::Fault;
use crate::paths;
use crate::ports::reach::{AnswerView, NearLine, ReachQuery, ReachView};
use crate::ports::shares::RuleLine;
use crate::site::here::Here;
use crate::site::parts::head::secondary;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::reach;

pub fn panel(here: &Here, asked: &ReachQuery, view: &ReachView) -> AnyView {
    let question = &asked.question;
    let errors = match &view.answer {
        Some(Err(Fault::Invalid(errors))) => errors.clone(),
        _ => Vec::new(),
    };
    let field = |name: &'static str,
                 label: &'static str,
                 value: &str,
                 hint: &'static str,
                 list: Option<&'static str>| {
        let id = format!("ask-{name}");
        let (of, help, wrong) = (id.clone(), format!("{id}-hint"), format!("{id}-error"));
        let error = errors.iter().find(|(field, _)| field == name).map(|(_, why)| capitalised(why));
        let described = if error.is_some() { format!("{help} {wrong}") } else { help.clone() };
        let invalid = error.is_some().then_some("true");
        let error = error.map(|why| view! { <p class="error" id=wrong>{why}</p> });
        view! {
            <div class="field">
                <label for=of>{label}</label>
                <p class="hint" id=help>{hint}</p>
                <input id=id name=name type="text" value=value.to_owned() maxlength="200" autocomplete="off" list=list aria-describedby=described aria-invalid=invalid />
                {error}
            </div>
        }
        .into_any()
    };
    let options = |id: &'static str, all: &[String]| {
        let all = all.iter().cloned().map(|one| view! { <option value=one></option> }).collect_view();
        view! { <datalist id=id>{all}</datalist> }
    };
    let answer = view.answer.as_ref().map(|answer| match answer {
        Ok(answer) => told(here, view, answer),
        Err(Fault::Invalid(_)) => view! { <p class="flash fault" role="alert">{icon(icon::WARN)}<span>"This could not be asked. Please look at the fields above."</span></p> }.into_any(),
        Err(fault) => view! { <p class="flash fault" role="alert">{capitalised(&fault.to_string())}</p> }.into_any(),
    });
    let drawing = matches!(view.answer, Some(Ok(_))).then(|| {
        let path = match (question.who.as_str(), question.node.as_str()) {
            ("", node) => paths::graph_of_node(view.tailnet, node),
            (who, _) => paths::graph_of_who(view.tailnet, who),
        };
        view! { <p class="actions">{secondary(here, &path, "Draw it")}</p> }
    });
    view! {
        <form class="ask" method="get" action=here.to(&paths::reach(view.tailnet))>
            {field("who", "Who", &question.who, "A login, a tag, a machine or an address. Empty: everybody.", Some("ask-everyone"))}
            {field("node", "Reaches", &question.node, "A machine or an address. Empty: everything.", Some("ask-nodes"))}
            {field("port", "On port", &question.port, "Such as 25565. Empty: any.", None)}
            {field("protocol", "By", &question.protocol, "tcp, udp, … Empty: tcp first.", None)}
            <button class="button primary" type="submit">"Ask"</button>
            {options("ask-everyone", &view.everyone)}
            {options("ask-nodes", &view.nodes)}
        </form>
        {answer}
        {drawing}
    }
    .into_any()
}

fn told(here: &Here, view: &ReachView, answer: &AnswerView) -> AnyView {
    let policy = here.to(&paths::policy(view.tailnet));
    let (class, mark) = match answer.allowed {
        Some(true) => ("told-answer yes", Some(icon::CHECK)),
        Some(false) => ("told-answer no", Some(icon::CROSS)),
        None => ("told-answer", None),
    };
    let lines = (!answer.lines.is_empty()).then(|| reach::linked(&answer.lines, &policy));
    let more = (answer.more > 0)
        .then(|| view! { <p class="soft">{format!("And {} more: ask for less at once, or take the export.", answer.more)}</p> });
    let rules = (!answer.rules.is_empty()).then(|| {
        let rules =
            answer.rules.iter().map(|rule| view! { <li>{rule_line(rule, &policy)}</li> }).collect_view();
        let more = (answer.more_rules > 0)
            .then(|| view! { <li>{format!("and {} rules more", answer.more_rules)}</li> });
        view! { <h3>"By these rules"</h3><ul class="rules deciding">{rules}{more}</ul> }
    });
    let nearest = (!answer.nearest.is_empty()).then(|| {
        let near = answer.nearest.iter().map(|near| near_line(near, &policy)).collect_view();
        view! { <h3>"The rules that come nearest"</h3><ul class="rules deciding">{near}</ul> }
    });
    let obstacle = answer.obstacle.as_deref().map(|why| view! { <p>{capitalised(why)}</p> });
    let other = answer.other_way.clone().map(|text| view! { <p class="soft">{text}</p> });
    view! {
        <div class=class role="status">
            <p class="verdict">{mark.map(icon)}<span>{answer.sentence.clone()}</span></p>
            {obstacle}
            {lines}
            {more}
            {rules}
            {nearest}
            {other}
        </div>
    }
    .into_any()
}

fn near_line(near: &NearLine, policy: &str) -> AnyView {
    let missing = match near.missing.as_slice() {
        [] => String::new(),
        missing => sentence(&missing.join("; ")),
    };
    view! { <li>{rule_line(&near.rule, policy)}<p class="soft">{missing}</p></li> }.into_any()
}

/// A rule with the way to its line in the policy.
pub fn rule_line(rule: &RuleLine, policy: &str) -> AnyView {
    match rule.line {
        Some(line) => {
            let href = format!("{policy}#L{line}");
            view! { <a class="place" href=href>"line "{line}</a>" "<code>{rule.text.clone()}</code> }
                .into_any()
        }
        None => view! { <span class="place">{rule.text.clone()}</span> }.into_any(),
    }
}
