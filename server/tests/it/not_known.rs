//! A policy in force that names what is not known here: the pages say so, and the rest of them is right.

use app::ports::reach::{Question, ReachQuery};
use model::TailnetId;
use server::planes;
use server::tailnet::Inventory;

use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::Neighbours;

/// Puts a rule for people of another tailnet, and a section that nobody here knows, into Ana's policy by hand; and the
/// line that the rule stands in.
async fn with_people_from_elsewhere(all: &Neighbours, tailnet: TailnetId) -> usize {
    let plane = planes::of(all.app_state(), tailnet).await.unwrap();
    let network = Inventory::read(plane.as_ref()).await.unwrap().network().unwrap();
    let maple = network.node(network.node_named("maple").unwrap()).unwrap();
    let address = maple.addresses().next().unwrap();
    let rule =
        format!("{{\"src\": [\"group://fleet/players\"], \"dst\": [\"{address}\"], \"ip\": [\"tcp:22\"]}}");
    let own = all.policy("ana");
    let sections = "\"externalTailnets\": {\"fleet\": {\"externalID\": \"T1\"}},\n\"brandNew\": {\"x\": 1},\n\"grants\": [\n";
    let text = own.replacen("\"grants\": [", &format!("{sections}{rule},\n"), 1);
    assert_ne!(text, own);
    all.demo.simulator.edit_policy("ana", &text).unwrap();
    1 + text.lines().position(|line| line.contains("group://fleet")).unwrap()
}

async fn ask(
    all: &Neighbours,
    tailnet: TailnetId,
    who: &str,
    port: &str,
) -> (Vec<String>, Option<bool>, String) {
    let question =
        Question { who: who.into(), node: "maple".into(), port: port.into(), ..Question::default() };
    let view =
        all.ask(Ana).reach.get(tailnet, ReachQuery { question, ..ReachQuery::default() }).await.unwrap();
    assert_eq!(view.refused, None);
    let answer = view.answer.unwrap().unwrap();
    (view.notes, answer.allowed, answer.sentence)
}

#[tokio::test]
async fn pages_say_what_is_not_known_and_work_the_rest_out() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    let line = with_people_from_elsewhere(&all, ana).await;
    all.ask(Ana).tailnets.sync(ana).await.unwrap();
    all.drain().await;

    let (notes, allowed, sentence) = ask(&all, ana, "group://fleet/players", "22").await;
    assert_eq!(allowed, Some(true), "{sentence}");
    let told = |what: &str| notes.iter().any(|note| note.contains(what));
    assert!(told("group://fleet/players") && told(&format!("Line {line} ")) && told("brandNew"), "{notes:?}");
    let (_, allowed, sentence) = ask(&all, ana, "somebody@elsewhere.example", "22").await;
    assert_eq!(allowed, None, "{sentence}");
    assert!(sentence.starts_with("It is not known whether"), "{sentence}");
    let graph = app::ports::graph::Question { node: "maple".into(), ..Default::default() };
    let graph = all.ask(Ana).graph.get(ana, graph).await.unwrap();
    assert!(graph.notes.iter().any(|note| note.contains("group://fleet/players")), "{:?}", graph.notes);
    let ends: Vec<&str> = graph.arrows.iter().map(|arrow| arrow.other.name.as_str()).collect();
    assert!(ends.contains(&"somebody not known here (group://fleet/players)"), "{ends:?}");

    // Whoever says yes to a share is told that the rule may let the friend in besides.
    let review = all.ask(Ana).shares.review(share).await.unwrap();
    let warned = review.warnings.iter().find(|warning| warning.contains("not known here"));
    let warned = warned.unwrap_or_else(|| panic!("{:?}", review.warnings));
    assert!(warned.contains(&format!("Line {line} ")) && warned.contains("Dario"), "{warned}");
    let gains: Vec<String> = review.gains.iter().map(|line| line.what.clone()).collect();
    assert_eq!(gains, ["tcp 25565"]);
}
