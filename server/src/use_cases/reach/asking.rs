//! One question about reach, and its answer in words.

use std::collections::BTreeSet;

use app::fault::{Fault, FieldErrors};
use app::ports::reach::{AnswerView, NearLine, Question};
use app::ports::shares::{ReachLine, RuleLine};
use policy::explain::{Explanation, Missing};
use policy::reach::{Entry, Joiner, Note};
use policy::syntax::protocol;
use policy::{Query, Target, Who};

use super::LINES;
use crate::reach::{self, ReachModel};
use crate::words;

/// Rules that are shown with their text, below the lines that name them.
const RULES: usize = 20;

/// A question that could be read.
struct Asked {
    who: Option<Who>,
    to: Option<Target>,
    port: Option<u16>,
    protocol: Option<u8>,
}

pub(super) fn answer(known: &ReachModel, question: &Question) -> Result<AnswerView, Fault> {
    let asked = read(known, question)?;
    match (&asked.who, &asked.to) {
        (Some(who), Some(to)) => Ok(decided(known, who, to, &asked)),
        _ => Ok(listed(known, &asked)),
    }
}

fn read(known: &ReachModel, question: &Question) -> Result<Asked, Fault> {
    let mut errors = FieldErrors::new();
    let mut wrong = |field: &str, why: String| errors.push((field.to_owned(), why));
    let typed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let who = typed(&question.who).and_then(|text| {
        let who = known.who(&text);
        let unknown = match &who {
            None => true,
            Some(Who::Node(name)) => known.network().node_named(name).is_none(),
            Some(_) => false,
        };
        if unknown {
            wrong("who", words::reach::nobody_called(&text));
        }
        who.filter(|_| !unknown)
    });
    let to = typed(&question.node).and_then(|text| {
        let to = Target::of(&text);
        let here = |name: &String| {
            known.network().node_named(name).is_some() || known.engine.services().contains(name)
        };
        let unknown = matches!(&to, Target::Node(name) if !here(name));
        if unknown {
            wrong("node", words::reach::no_machine_called(&text));
        }
        Some(to).filter(|_| !unknown)
    });
    let port = typed(&question.port).and_then(|text| {
        let port = text.parse::<u16>().ok().filter(|port| *port > 0);
        if port.is_none() {
            wrong("port", words::reach::no_port(&text));
        }
        port
    });
    let protocol = typed(&question.protocol).and_then(|text| {
        let number = protocol::parse(&text).ok();
        if number.is_none() {
            wrong("protocol", words::reach::no_protocol(&text));
        }
        number
    });
    if errors.is_empty() { Ok(Asked { who, to, port, protocol }) } else { Err(Fault::Invalid(errors)) }
}

fn decided(known: &ReachModel, who: &Who, to: &Target, asked: &Asked) -> AnswerView {
    let (number, told) = known.engine.ask(who, to, asked.protocol, asked.port);
    let way = way(number, asked.port);
    let unknown = known.is_unknown(who);
    // The rule is understood; of the way out of an exit node the invite says the rest.
    let by_invite = told.entries.iter().any(|entry| entry.note == Some(Note::ExitInvite));
    let sentence = match (told.allowed, unknown) {
        (_, true) => words::reach::is_not_known(who, &place(to)),
        (true, false) => words::reach::yes(who, &place(to), &way),
        (false, false) if told.verdict().is_none() && !by_invite => {
            words::reach::rests_on_unknown(who, &place(to), &way)
        }
        (false, false) if !told.entries.is_empty() => words::reach::maybe(who, &place(to), &way),
        (false, false) => words::reach::no(who, &place(to), &way),
    };
    let verdict = told.verdict();
    let Explanation { entries, mut rules, nearest, obstacle, unknown: doubtful, .. } = told;
    rules.extend(doubtful);
    rules.sort_unstable();
    rules.dedup();
    let line = |rule: &policy::RuleRef| reach::rule_line(rule, &known.text);
    let (rules, more_rules) = first_rules(rules.iter().map(line));
    AnswerView {
        allowed: verdict.filter(|_| !unknown),
        sentence,
        obstacle: obstacle.map(|obstacle| format!("{}.", obstacle.to_string().replace('`', ""))),
        lines: reach::lines(&entries, &known.text, ToString::to_string),
        more: 0,
        rules,
        more_rules,
        nearest: nearest
            .iter()
            .map(|near| NearLine {
                rule: line(&near.rule),
                missing: near.missing.iter().map(|missing| lacks(*missing, who, to)).collect(),
            })
            .collect(),
        other_way: other_way(known, who, to),
    }
}

/// Connections start on one side; whether the other may start one is another question.
fn other_way(known: &ReachModel, who: &Who, to: &Target) -> Option<String> {
    let Target::Node(node) = to else { return None };
    let entries = known.engine.reach(&Query::from(Who::Node(node.clone())));
    let theirs = |name: &str| match who {
        Who::Node(own) => own == name,
        Who::Tag(tag) => known
            .network()
            .node_named(name)
            .and_then(|index| known.network().node(index))
            .is_some_and(|node| node.tags.iter().any(|own| own == tag)),
        Who::Login(login) => {
            let user = known.network().user_with_login(login);
            known
                .network()
                .node_named(name)
                .and_then(|index| known.network().node(index))
                .is_some_and(|node| user.is_some() && node.owner() == user)
        }
        Who::Address(_) | Who::Unknown(_) => false,
    };
    if let Who::Login(login) = who
        && known.engine.is_recipient(login)
    {
        return Some(words::reach::no_way_back_from_shared(login));
    }
    let reached: BTreeSet<&str> =
        entries.iter().map(|entry| entry.node.as_str()).filter(|name| theirs(name)).collect();
    Some(if reached.is_empty() {
        words::reach::no_way_back(node, who)
    } else {
        let names: Vec<&str> = reached.into_iter().take(5).collect();
        words::reach::way_back(node, &names.join(", "))
    })
}

fn listed(known: &ReachModel, asked: &Asked) -> AnswerView {
    let query = Query {
        from: asked.who.clone(),
        to: asked.to.clone(),
        protocol: asked.protocol,
        port: asked.port,
        ..Query::default()
    };
    let (lines, more) = match (&query.from, &query.to) {
        (None, None) => everything(known, &query),
        _ => reach::first_lines(&known.engine.reach(&query), &known.text, ToString::to_string, LINES),
    };
    let sentence = match (&asked.who, &asked.to, lines.is_empty()) {
        (Some(who), _, true) => words::reach::reaches_nothing(who),
        (Some(who), _, false) => words::reach::what_reaches(who),
        (None, Some(to), true) => words::reach::nobody_reaches(&place(to)),
        (None, Some(to), false) => words::reach::who_reaches(&place(to)),
        (None, None, _) => words::reach::EVERYTHING_OPEN.into(),
    };
    let unknown = asked.who.as_ref().is_some_and(|who| known.is_unknown(who));
    let (rules, more_rules) = first_rules(lines.iter().flat_map(|line| line.rules.iter().cloned()));
    AnswerView {
        allowed: None,
        sentence,
        obstacle: unknown.then(|| words::reach::NOT_THE_WHOLE_TRUTH.into()),
        lines,
        more,
        rules,
        more_rules,
        nearest: Vec::new(),
        other_way: None,
    }
}

/// The first of some rules, each once in the order of the file, and how many there are besides.
fn first_rules(rules: impl IntoIterator<Item = RuleLine>) -> (Vec<RuleLine>, usize) {
    let rules: BTreeSet<RuleLine> = rules.into_iter().collect();
    let more = rules.len().saturating_sub(RULES);
    (rules.into_iter().take(RULES).collect(), more)
}

/// Source by source: all of it at once may be gigabytes.
fn everything(known: &ReachModel, query: &Query) -> (Vec<ReachLine>, usize) {
    let (mut lines, mut more) = (Vec::new(), 0);
    let mut add = |entries: &[Entry]| {
        let room = LINES - lines.len();
        let (some, besides) = reach::first_lines(entries, &known.text, ToString::to_string, room);
        lines.extend(some);
        more += besides;
    };
    let mut joiner = Joiner::default();
    for who in (0..).map_while(|index| known.engine.who(index)) {
        let theirs = Query { from: Some(who.clone()), ..query.clone() };
        add(&joiner.push(known.engine.reach(&theirs)));
    }
    add(&joiner.finish());
    (lines, more)
}

fn place(to: &Target) -> String {
    match to {
        Target::Node(name) => name.clone(),
        Target::Address(address) => address.to_string(),
    }
}

fn way(number: u8, port: Option<u16>) -> String {
    let port =
        port.filter(|_| protocol::has_ports(number)).map(|port| format!(" {port}")).unwrap_or_default();
    format!(" by {}{port}", protocol::name(number))
}

fn lacks(missing: Missing, who: &Who, to: &Target) -> String {
    match missing {
        Missing::Source => words::reach::does_not_name(who),
        Missing::Destination => words::reach::does_not_lead_to(&place(to)),
        Missing::Protocol => words::reach::OTHER_PROTOCOLS.into(),
        Missing::Port => words::reach::OTHER_PORTS.into(),
    }
}
