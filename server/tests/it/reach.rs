//! Who reaches what: pages, exports and the command line say the same, to those who may know.

use std::collections::BTreeSet;

use app::fault::Fault;
use app::ports::export::Export;
use app::ports::reach::{Question, ReachQuery, ReachView, Standing};
use model::TailnetId;
use server::planes;
use server::tailnet::Inventory;
use simulator::Operation;

use crate::harness::Who::{self, Ana, Ben, Chiara, Dario};
use crate::harness::neighbours::Neighbours;

async fn ask(all: &Neighbours, owner: Who, tailnet: TailnetId, question: [&str; 4]) -> ReachView {
    let [who, node, port, protocol] = question.map(str::to_owned);
    let query = ReachQuery { question: Question { who, node, port, protocol }, ..ReachQuery::default() };
    all.ask(owner).reach.get(tailnet, query).await.unwrap()
}

/// What the engine says of the policy and network as they are now, read by the test itself.
async fn engine(all: &Neighbours, tailnet: TailnetId, name: &str) -> policy::Engine {
    let plane = planes::of(all.app_state(), tailnet).await.unwrap();
    let network = Inventory::read(plane.as_ref()).await.unwrap().network().unwrap();
    policy::Engine::new(&all.policy(name), &network).unwrap()
}

async fn whole(mut export: Box<dyn Export>) -> String {
    let mut text = String::new();
    while let Some(part) = export.next().await.unwrap() {
        text.push_str(&part);
    }
    text
}

#[tokio::test]
async fn the_box_the_matrix_and_the_exports_say_what_the_engine_says() {
    for (owner, name) in [(Ana, "ana"), (Ben, "ben"), (Chiara, "chiara")] {
        let all = Neighbours::demo().await;
        let tailnet = all.connect(owner).await;
        let engine = engine(&all, tailnet, name).await;
        let json: serde_json::Value =
            serde_json::from_str(&whole(all.ask(owner).reach.json(tailnet).await.unwrap()).await).unwrap();
        let everything = engine.reach(&policy::Query::default());
        assert_eq!(json, serde_json::to_value(&everything).unwrap(), "{name}");
        let csv = whole(all.ask(owner).reach.csv(tailnet).await.unwrap()).await;
        assert_eq!(csv.lines().count(), everything.len() + 1, "{name}");

        for who in engine.everyone().iter().filter(|who| !matches!(who, policy::Who::Address(_))) {
            for node in engine.network().nodes() {
                for (protocol, number) in [("tcp", 6), ("udp", 17)] {
                    let question = [&who.to_string(), node.name.as_str(), "443", protocol];
                    let view = ask(&all, owner, tailnet, question).await;
                    let told = view.answer.unwrap().unwrap();
                    let target = policy::Target::Node(node.name.clone());
                    let allowed = engine.allows(who, &target, number, Some(443));
                    assert_eq!(told.allowed, Some(allowed), "{name}: {question:?}: {}", told.sentence);
                    assert_eq!(told.rules.is_empty(), !allowed, "{question:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_matrix_shows_a_share_and_its_end_once_the_tailnet_was_read_again() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let standing = async || {
        all.ask(Ana).tailnets.sync(ana).await.unwrap();
        all.drain().await;
        let view = ask(&all, Ana, ana, [""; 4]).await;
        assert_eq!(view.matrix.columns[0].name, "Minecraft");
        let dario = view.matrix.rows.into_iter().find(|row| row.who == "dario@nopal.example");
        dario.map(|row| (row.kind, row.cells[0].0))
    };
    assert_eq!(standing().await, Some(("share recipient".into(), Standing::Yes)));
    let denied = ask(&all, Ana, ana, ["dario@nopal.example", "maple", "22", "tcp"]).await;
    let denied = denied.answer.unwrap().unwrap();
    assert_eq!(denied.allowed, Some(false), "{denied:?}");
    assert!(
        denied.nearest.iter().any(|near| near.missing.iter().any(|m| m.contains("other ports"))),
        "{denied:?}"
    );
    assert!(denied.other_way.unwrap().contains("cannot start connections"));
    all.ask(Ana).shares.end(share).await.unwrap();
    all.drain().await;
    assert_eq!(standing().await.map(|(_, standing)| standing), None, "nobody any more");
}

#[tokio::test]
async fn the_wildcard_is_found_and_its_fix_ends_the_finding() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    // A friend of long ago, whom the wildcard lets in.
    let invite = all.demo.simulator.make_invite("ana", "ana@arroyo.example", "maple").unwrap();
    all.demo.simulator.accept("dario", "dario@nopal.example", &invite).unwrap();
    all.ask(Ana).tailnets.sync(ana).await.unwrap();
    all.drain().await;
    let view = ask(&all, Ana, ana, [""; 4]).await;
    let wide = view.findings.iter().find(|f| f.title.contains("lets friends in")).expect("it is found");
    assert!(wide.lines.iter().any(|line| line.who == "dario@nopal.example"), "{wide:?}");
    let fix = wide.fix.clone().unwrap();
    let edits = all.ask(Ana).edits;
    let plan = edits.plan(ana, fix.clone()).await.unwrap();
    let losing: BTreeSet<&str> = plan.loses.iter().map(|line| line.who.as_str()).collect();
    assert_eq!(losing, BTreeSet::from(["dario@nopal.example"]), "{:?}", plan.loses);
    edits.apply(ana, fix, plan.plan).await.unwrap();
    all.drain().await;
    let view = ask(&all, Ana, ana, [""; 4]).await;
    assert!(!view.findings.iter().any(|f| f.title.contains("lets friends in")), "{:?}", view.findings);
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_told_at_its_field() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    for (question, field) in [
        (["nobody-here", "maple", "", ""], "who"),
        (["ana@arroyo.example", "mapel", "", ""], "node"),
        (["ana@arroyo.example", "maple", "0", ""], "port"),
        (["ana@arroyo.example", "maple", "65536", ""], "port"),
        (["ana@arroyo.example", "maple", "22", "quic"], "protocol"),
    ] {
        let answer = ask(&all, Ana, ana, question).await.answer.unwrap();
        let Err(Fault::Invalid(errors)) = answer else { panic!("{question:?}: {answer:?}") };
        assert_eq!(errors[0].0, field, "{question:?}");
    }
}

#[tokio::test]
async fn what_could_not_be_read_is_said_and_never_guessed() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let status = |status| simulator::Fault::Status { status, message: None };
    let read = async |operation: Operation| {
        let target = operation.into();
        let (times, moment) = (99, simulator::Moment::BeforeEffect);
        all.demo.simulator.fail(simulator::FaultRule { target, fault: status(403), times, moment });
        all.ask(Ana).tailnets.sync(ana).await.unwrap();
        all.drain().await;
        all.demo.simulator.clear_faults();
        ask(&all, Ana, ana, ["dario@nopal.example", "maple", "", ""]).await
    };
    let view = read(Operation::ListInvites).await;
    assert!(view.notes[0].contains("With whom machines are shared"), "{:?}", view.notes);
    assert_eq!(view.answer.unwrap().unwrap().allowed, None);

    let view = read(Operation::GetPolicy).await;
    assert!(view.refused.is_some() && view.matrix.rows.is_empty(), "{view:?}");
    let export = all.ask(Ana).reach.json(ana).await;
    assert!(matches!(export, Err(Fault::Conflict(_))), "{export:?}");
}

#[tokio::test]
async fn the_policy_page_says_beside_each_rule_whom_it_lets_in() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let view = all.ask(Ana).tailnets.policy(ana).await.unwrap();
    assert_eq!(view.silent, None);
    let text: Vec<String> =
        view.lines.iter().map(|line| line.pieces.iter().map(|(_, text)| text.as_str()).collect()).collect();
    assert_eq!(text.join("\n") + "\n", all.policy("ana"), "the text is shown whole");
    let rule = view.lines.iter().zip(&text).find(|(_, text)| text.contains(r#""src": ["*"]"#)).unwrap().0;
    assert!(rule.lets_in.as_ref().unwrap().contains("ana@arroyo.example"), "{rule:?}");

    all.demo.simulator.edit_policy("ana", all.policy("ana").replace("// Allow all", "// All")).unwrap();
    let view = all.ask(Ana).tailnets.policy(ana).await.unwrap();
    assert!(view.silent.unwrap().contains("not worked out"), "another text is not annotated");
    assert_eq!(view.lines.len(), all.policy("ana").lines().count(), "the text is shown all the same");
    assert!(view.lines.iter().all(|line| line.lets_in.is_none()));
}

#[tokio::test]
async fn a_friend_learns_nothing_of_the_reach_in_a_tailnet() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    let reach = all.ask(Dario).reach;
    assert_eq!(reach.get(ana, ReachQuery::default()).await.unwrap_err(), Fault::NotFound);
    assert_eq!(reach.json(ana).await.unwrap_err(), Fault::NotFound);
    assert_eq!(reach.csv(ana).await.unwrap_err(), Fault::NotFound);
}
