//! One question about reach, and its answer in words.

use app::fault::{Fault, FieldErrors};
use app::ports::reach::{AnswerView, NearLine, Question};
use app::ports::shares::ReachLine;
use policy::explain::{Explanation, Missing};
use policy::reach::{Entry, Joiner};
use policy::syntax::protocol;
use policy::{Query, Target, Who};

use super::LINES;
use crate::reach::{self, Known};

/// A question that could be read.
struct Asked {
    who: Option<Who>,
    to: Option<Target>,
    port: Option<u16>,
    protocol: Option<u8>,
}

pub(super) fn answer(known: &Known, question: &Question) -> Result<AnswerView, Fault> {
    let asked = read(known, question)?;
    match (&asked.who, &asked.to) {
        (Some(who), Some(to)) => Ok(decided(known, who, to, &asked)),
        _ => Ok(listed(known, &asked)),
    }
}

fn read(known: &Known, question: &Question) -> Result<Asked, Fault> {
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
            wrong("who", format!("nobody and nothing here is called `{text}`; write a login, a tag such as tag:server, an address, or a machine's name"));
        }
        who.filter(|_| !unknown)
    });
    let to = typed(&question.node).and_then(|text| {
        let to = Target::of(&text);
        let unknown = matches!(&to, Target::Node(name) if known.network().node_named(name).is_none());
        if unknown {
            wrong(
                "node",
                format!("no machine here is called `{text}`; write its name as in the list, or an address"),
            );
        }
        Some(to).filter(|_| !unknown)
    });
    let port = typed(&question.port).and_then(|text| {
        let port = text.parse::<u16>().ok().filter(|port| *port > 0);
        if port.is_none() {
            wrong("port", format!("`{text}` is not a port; ports are 1 to 65535"));
        }
        port
    });
    let protocol = typed(&question.protocol).and_then(|text| {
        let number = protocol::parse(&text).ok();
        if number.is_none() {
            wrong("protocol", format!("`{text}` is not a protocol; write tcp, udp, icmp or a number"));
        }
        number
    });
    if errors.is_empty() { Ok(Asked { who, to, port, protocol }) } else { Err(Fault::Invalid(errors)) }
}

fn decided(known: &Known, who: &Who, to: &Target, asked: &Asked) -> AnswerView {
    let (number, told) = known.engine.ask(who, to, asked.protocol, asked.port);
    let way = way(number, asked.port);
    let unknown = known.is_unknown(who);
    let sentence = match (told.allowed, unknown) {
        (_, true) => format!(
            "It is not known whether {who} reaches {}: with whom machines are shared could not be read.",
            place(to)
        ),
        (true, false) => format!("Yes: {who} reaches {}{way}.", place(to)),
        (false, false) if !told.entries.is_empty() => {
            format!("Not for certain: {who} may reach {}{way}, under a condition.", place(to))
        }
        (false, false) => format!("No: {who} does not reach {}{way}.", place(to)),
    };
    let Explanation { entries, rules, nearest, obstacle, allowed } = told;
    let line = |rule: &policy::RuleRef| reach::rule_line(rule, &known.text);
    AnswerView {
        allowed: (!unknown).then_some(allowed),
        sentence,
        obstacle: obstacle.map(|obstacle| format!("{}.", obstacle.to_string().replace('`', ""))),
        lines: reach::lines(&entries, &known.text, ToString::to_string),
        more: 0,
        rules: rules.iter().map(line).collect(),
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
fn other_way(known: &Known, who: &Who, to: &Target) -> Option<String> {
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
        Who::Address(_) => false,
    };
    if let Who::Login(login) = who
        && known.engine.is_recipient(login)
    {
        return Some(format!(
            "The other way round nothing is open: a machine that is shared cannot start connections to {login}."
        ));
    }
    let reached: std::collections::BTreeSet<&str> =
        entries.iter().map(|entry| entry.node.as_str()).filter(|name| theirs(name)).collect();
    Some(if reached.is_empty() {
        format!("The other way round nothing is open: {node} reaches no machine of {who}.")
    } else {
        let names: Vec<&str> = reached.into_iter().take(5).collect();
        format!("The other way round {node} reaches {} of theirs.", names.join(", "))
    })
}

fn listed(known: &Known, asked: &Asked) -> AnswerView {
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
        (Some(who), _, true) => format!("{who} reaches nothing here."),
        (Some(who), _, false) => format!("What {who} reaches:"),
        (None, Some(to), true) => format!("Nobody reaches {}.", place(to)),
        (None, Some(to), false) => format!("Who reaches {}:", place(to)),
        (None, None, _) => "Everything that is open:".into(),
    };
    let unknown = asked.who.as_ref().is_some_and(|who| known.is_unknown(who));
    AnswerView {
        allowed: None,
        sentence,
        obstacle: unknown.then(|| {
            "With whom machines are shared could not be read, so this is not the whole truth.".into()
        }),
        lines,
        more,
        rules: Vec::new(),
        nearest: Vec::new(),
        other_way: None,
    }
}

/// Source by source: all of it at once may be gigabytes.
fn everything(known: &Known, query: &Query) -> (Vec<ReachLine>, usize) {
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
        Missing::Source => format!("it does not name {who}"),
        Missing::Destination => format!("it does not lead to {}", place(to)),
        Missing::Protocol => "it is for other protocols".into(),
        Missing::Port => "it is for other ports".into(),
    }
}
