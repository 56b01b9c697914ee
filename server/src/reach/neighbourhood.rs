//! What stands around one person or machine: whom it reaches, or who reaches it, a page at a time.

use std::collections::BTreeMap;

use app::paths;
use app::ports::graph::{Arrow, End, Focus, Kind, Question};
use model::TailnetId;
use policy::reach::Entry;
use policy::{Query, Target, Who};

use super::evaluation::ReachModel;
use super::{lines, without_echo};

/// Arrows of one drawing: more of them are another page, not a larger one.
const PAGE: usize = 12;

/// The answer to one question.
#[derive(Debug, Default)]
pub struct Neighbourhood {
    pub focus: Option<Focus>,
    pub arrows: Vec<Arrow>,
    pub total: usize,
    pub before: usize,
    /// Why nothing can be said.
    pub unknown: Option<String>,
    /// The machine that it is about, by name.
    pub machine: Option<String>,
}

/// Draws what was asked; nothing where nobody was named.
pub fn neighbourhood(known: &ReachModel, tailnet: TailnetId, question: &Question) -> Neighbourhood {
    match (question.who.trim(), question.node.trim()) {
        ("", "") => Neighbourhood::default(),
        ("", node) => inward(known, tailnet, node, question),
        (who, _) => outward(known, tailnet, who, question),
    }
}

/// Whom one may ask about first: people outside before members, tags and machines.
pub fn first(known: &ReachModel, tailnet: TailnetId) -> (Vec<End>, Vec<End>) {
    let people = known.everyone.iter().take(PAGE).map(|who| end_of(known, tailnet, who)).collect();
    let mut names: Vec<&str> = known.network().nodes().iter().map(|node| node.name.as_str()).collect();
    names.sort_unstable();
    (people, names.into_iter().take(PAGE).map(|name| machine(tailnet, name)).collect())
}

fn outward(known: &ReachModel, tailnet: TailnetId, typed: &str, question: &Question) -> Neighbourhood {
    let Some(who) = known.who(typed) else {
        return Neighbourhood {
            unknown: Some(format!("“{typed}” names nobody: {}.", policy::reach::WhoError)),
            ..Neighbourhood::default()
        };
    };
    let asked = app::ports::reach::Question { who: who.to_string(), ..Default::default() };
    let ask = (paths::ask_reach(tailnet, &asked), "Ask about a port".to_owned());
    let mut focus = Focus { end: end_of(known, tailnet, &who), outward: true, more: vec![ask] };
    if let Who::Node(name) = &who {
        if known.network().node_named(name).is_none() {
            return Neighbourhood { unknown: Some(nobody_called(name)), ..Neighbourhood::default() };
        }
        focus.more.extend(about_machine(known, tailnet, name, false));
    }
    let machine_asked = if let Who::Node(name) = &who { Some(name.clone()) } else { None };
    if known.is_unknown(&who) {
        let why = format!(
            "With whom machines are shared could not be read, so it is not known what {who} reaches."
        );
        return Neighbourhood {
            focus: Some(focus),
            unknown: Some(why),
            machine: machine_asked,
            ..Neighbourhood::default()
        };
    }
    let mut by_node: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in without_echo(known.engine.reach(&Query::from(who))) {
        by_node.entry(entry.node.clone()).or_default().push(entry);
    }
    let ends = by_node.into_iter().map(|(name, entries)| (machine(tailnet, &name), entries)).collect();
    Neighbourhood { machine: machine_asked, ..paged(known, focus, ends, question) }
}

fn inward(known: &ReachModel, tailnet: TailnetId, typed: &str, question: &Question) -> Neighbourhood {
    let lower = typed.to_lowercase();
    let there = |name: &&str| {
        known.network().node_named(name).is_some() || known.engine.services().iter().any(|own| own == name)
    };
    let Some(name) = [typed, &lower].into_iter().find(there) else {
        return Neighbourhood { unknown: Some(nobody_called(typed)), ..Neighbourhood::default() };
    };
    let focus = Focus {
        end: machine(tailnet, name),
        outward: false,
        more: about_machine(known, tailnet, name, true),
    };
    let mut by_who: BTreeMap<Who, Vec<Entry>> = BTreeMap::new();
    for entry in without_echo(known.engine.reach(&Query::to(Target::Node(name.to_owned())))) {
        by_who.entry(entry.who.clone()).or_default().push(entry);
    }
    let mut ends: Vec<(End, Vec<Entry>)> =
        by_who.into_iter().map(|(who, entries)| (end_of(known, tailnet, &who), entries)).collect();
    // People outside first: they are what one looks for.
    ends.sort_by_key(|(end, _)| end.kind);
    let mut neighbourhood =
        Neighbourhood { machine: Some(name.to_owned()), ..paged(known, focus, ends, question) };
    if !known.sharing_known && neighbourhood.unknown.is_none() {
        neighbourhood.unknown = Some(
            "With whom machines are shared could not be read: friends from outside are missing here.".into(),
        );
    }
    neighbourhood
}

fn paged(
    known: &ReachModel,
    focus: Focus,
    mut ends: Vec<(End, Vec<Entry>)>,
    question: &Question,
) -> Neighbourhood {
    let wanted = question.q.trim().to_lowercase();
    ends.retain(|(end, _)| end.name.to_lowercase().contains(&wanted));
    let total = ends.len();
    let before = question.page.saturating_mul(PAGE).min(total.saturating_sub(1) / PAGE * PAGE);
    let arrows = ends.into_iter().skip(before).take(PAGE).map(|(end, entries)| arrow(known, end, &entries));
    Neighbourhood { focus: Some(focus), arrows: arrows.collect(), total, before, ..Neighbourhood::default() }
}

fn arrow(known: &ReachModel, other: End, entries: &[Entry]) -> Arrow {
    let lines = lines(entries, &known.text, ToString::to_string);
    let mut words: Vec<&str> = Vec::new();
    for line in &lines {
        if !words.contains(&line.what.as_str()) {
            words.push(&line.what);
        }
    }
    let what = words.join("; ");
    Arrow { other, what, certain: entries.iter().any(|entry| !entry.is_unproven()), lines }
}

fn nobody_called(name: &str) -> String {
    format!(
        "No machine is called “{name}” in what was last read. Look for a login, a tag, an address or a machine."
    )
}

/// The other ways to look at a machine. `inward`: the drawing shows who reaches it.
fn about_machine(known: &ReachModel, tailnet: TailnetId, name: &str, inward: bool) -> Vec<(String, String)> {
    let mut more = Vec::new();
    if inward {
        let node = known.network().node_named(name).and_then(|index| known.network().node(index));
        // It reaches what its tags reach, or what its owner does: one that has neither, what it does itself.
        for tag in node.into_iter().flat_map(|node| &node.tags) {
            more.push((paths::graph_of_who(tailnet, tag), format!("What {tag} reaches")));
        }
        more.push((paths::graph_of_who(tailnet, name), format!("What {name} reaches itself")));
        let asked = app::ports::reach::Question { node: name.to_owned(), ..Default::default() };
        more.push((paths::ask_reach(tailnet, &asked), "Ask about a port".to_owned()));
    } else {
        more.push((paths::graph_of_node(tailnet, name), format!("Who reaches {name}")));
    }
    more
}

fn machine(tailnet: TailnetId, name: &str) -> End {
    End { name: name.into(), kind: Kind::Machine, href: paths::graph_of_node(tailnet, name) }
}

fn end_of(known: &ReachModel, tailnet: TailnetId, who: &Who) -> End {
    let kind = match who {
        Who::Login(login) if known.engine.is_recipient(login) => Kind::Friend,
        // A login that is not listed is somebody outside too.
        Who::Login(login) if known.network().user_with_login(login).is_none() => Kind::Friend,
        Who::Login(_) => Kind::Member,
        Who::Tag(_) => Kind::Tag,
        Who::Node(_) => Kind::Machine,
        Who::Address(_) => Kind::Addresses,
        // They are outside too, as far as anybody here knows.
        Who::Unknown(_) => Kind::Friend,
    };
    let name = who.to_string();
    End { href: paths::graph_of_who(tailnet, &name), name, kind }
}

#[cfg(test)]
mod tests {
    use super::super::Evaluation;
    use super::*;

    fn known(rules: &str, sharing_known: bool) -> ReachModel {
        let network = r#"{"users": [{"name": "ana", "email": "ana@example.com"},
                {"name": "dee", "email": "dee@github", "type": "shared"}],
            "nodes": {"laptop": {"ipv4": "100.64.0.1", "user": "ana"},
                "mc": {"ipv4": "100.64.0.9", "tags": ["tag:x"], "shared_to": ["dee@github"]},
                "nas": {"ipv4": "100.64.0.10", "tags": ["tag:x"]}}}"#;
        let text = format!("{{\"tagOwners\": {{\"tag:x\": []}}, \"grants\": [{rules}]}}");
        match Evaluation::of(text, network, sharing_known, policy::Dialect::Tailscale) {
            Evaluation::Known(known) => known,
            Evaluation::Refused { why, .. } => panic!("{why}"),
        }
    }

    const RULES: &str = r#"
        {"src": ["ana@example.com"], "dst": ["tag:x"], "ip": ["*"]},
        {"src": ["dee@github"], "dst": ["100.64.0.9"], "ip": ["tcp:25565"]},
        {"src": ["100.99.0.0/16"], "dst": ["100.64.0.9"], "ip": ["tcp:22"]}"#;

    fn ask(known: &ReachModel, who: &str, node: &str) -> Neighbourhood {
        let question = Question { who: who.into(), node: node.into(), ..Question::default() };
        neighbourhood(known, "0".repeat(32).parse().unwrap(), &question)
    }

    fn names(neighbourhood: &Neighbourhood) -> Vec<(&str, Kind)> {
        neighbourhood.arrows.iter().map(|arrow| (arrow.other.name.as_str(), arrow.other.kind)).collect()
    }

    #[test]
    fn one_sees_what_somebody_reaches_and_who_reaches_a_machine() {
        let known = known(RULES, true);
        let ana = ask(&known, "ana", "");
        assert_eq!(names(&ana), [("mc", Kind::Machine), ("nas", Kind::Machine)]);
        assert_eq!(ana.arrows[0].what, "every port");
        let mc = ask(&known, "", "MC");
        assert_eq!(names(&mc), [("dee@github", Kind::Friend), ("ana@example.com", Kind::Member)]);
        assert_eq!(mc.arrows[0].lines[0].rules[0].line, Some(3));
        assert_eq!(names(&ask(&known, "dee@github", "")), [("mc", Kind::Machine)]);
        assert!(ask(&known, "tag:x", "").arrows.is_empty());
    }

    #[test]
    fn what_is_possible_only_is_not_certain() {
        let only = r#"{"src": ["100.99.0.0/16"], "dst": ["100.64.0.9"], "ip": ["tcp:22"]}"#;
        let dee = ask(&known(only, true), "dee@github", "");
        assert!(!dee.arrows[0].certain, "{dee:?}");
        assert!(ask(&known(RULES, true), "dee@github", "").arrows[0].certain);
    }

    #[test]
    fn what_is_not_known_is_said_and_not_answered() {
        let unread = known(RULES, false);
        let dee = ask(&unread, "dee@github", "");
        assert!(dee.unknown.is_some() && dee.arrows.is_empty());
        assert!(ask(&unread, "ana@example.com", "").unknown.is_none());
        assert!(ask(&unread, "", "mc").unknown.is_some());
        assert!(ask(&known(RULES, true), "", "nowhere").unknown.is_some());
        assert!(ask(&known(RULES, true), "nowhere", "").focus.is_none());
    }

    #[test]
    fn a_page_holds_so_many_and_says_how_many_there_are() {
        let nodes: Vec<String> = (0..30)
            .map(|n| format!("\"n{n:02}\": {{\"ipv4\": \"100.64.1.{n}\", \"tags\": [\"tag:x\"]}}"))
            .collect();
        let network = format!(
            r#"{{"users": [{{"name": "ana", "email": "ana@example.com"}}], "nodes": {{{}}}}}"#,
            nodes.join(",")
        );
        let text = r#"{"tagOwners": {"tag:x": []}, "acls": [{"action": "accept", "src": ["ana@example.com"], "dst": ["*:*"]}]}"#;
        let evaluation = Evaluation::of(text.into(), &network, true, policy::Dialect::Tailscale);
        let page = |page, q: &str| {
            let question = Question { who: "ana".into(), q: q.into(), page, ..Question::default() };
            neighbourhood(evaluation.known().unwrap(), "0".repeat(32).parse().unwrap(), &question)
        };
        let shape = |neighbourhood: &Neighbourhood| {
            (neighbourhood.before, neighbourhood.arrows.len(), neighbourhood.total)
        };
        assert_eq!(shape(&page(0, "")), (0, 12, 30));
        assert_eq!(shape(&page(2, "")), (24, 6, 30));
        assert_eq!(shape(&page(9, "")), (24, 6, 30), "a page too far is the last");
        assert_eq!(shape(&page(0, "N2")), (0, 10, 10));
        assert_eq!(shape(&page(0, "zzz")), (0, 0, 0));
    }
}
