//! A service gets other ports while its gates are open: what becomes of them is said before, and each that is brought along
//! keeps the old rule until the new one takes its place.

use app::fault::Fault;
use app::ports::gate::GateState;
use app::ports::services::ServiceForm;
use invariants::Moment;
use model::{ServiceId, ShareId, ShareState};
use witness::Witness;

use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::Neighbours;

struct Open {
    all: Neighbours,
    witness: Witness,
    share: ShareId,
    service: ServiceId,
}

impl Open {
    async fn share() -> Self {
        let all = Neighbours::demo().await;
        let witness = all.witness().await;
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        let service = all.app_state().db.find_share(share).await.unwrap().unwrap().service;
        let open = Self { all, witness, share, service };
        assert!(open.is_open().await);
        open
    }

    async fn is_open(&self) -> bool {
        matches!(self.all.state(self.share).await, ShareState::Active { .. })
    }

    async fn change(&self, ports: &str, gates: &str) -> Result<(), Fault> {
        let asked = self.all.ask(Ana);
        let form = asked.services.edit_form(self.service).await.unwrap().form;
        let form = ServiceForm { ports: ports.into(), gates: gates.into(), ..form };
        asked.services.update(self.service, form).await
    }

    /// The ports of the share's own rules in the policy.
    fn rules(&self) -> Vec<String> {
        let text = self.all.policy("ana");
        let lines = text.lines().filter(|line| line.contains("dario@") && line.contains("\"ip\""));
        lines.map(|line| line.split("\"ip\":").nth(1).unwrap().trim().to_owned()).collect()
    }

    async fn ports(&self) -> String {
        self.all.app_state().db.find_share(self.share).await.unwrap().unwrap().ports.to_string()
    }

    async fn waits(&self) -> bool {
        let home = self.all.ask(Ana).inbox.home().await.unwrap();
        home.items.iter().any(|item| item.title.contains("is to have other ports"))
    }
}

#[tokio::test]
async fn nothing_is_stored_before_it_is_said_what_becomes_of_open_gates() {
    let open = Open::share().await;
    let error = open.change("tcp:25570", "").await.unwrap_err();
    let Fault::Invalid(errors) = error else { panic!("{error:?}") };
    assert_eq!(errors[0].0, "gates");
    assert_eq!(
        open.all.ask(Ana).services.get(open.service).await.unwrap().card.ports.to_string(),
        "tcp:25565"
    );
    let mut browser = open.all.app.signed_in(open.all.people[Ana].id).await;
    let page = browser.get(&app::paths::edit_service(open.service)).await;
    for words in ["1 gate is open or waiting", "They keep their ports", "Bring them along"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    // A change of anything else asks nothing.
    open.change("tcp:25565", "").await.unwrap();

    open.change("tcp:25570", "keep").await.unwrap();
    open.all.drain().await;
    assert!(open.is_open().await && !open.waits().await);
    assert_eq!((open.ports().await.as_str(), open.rules().len()), ("tcp:25565", 1));
}

#[tokio::test]
async fn a_gate_that_is_brought_along_keeps_its_rule_until_the_new_one_takes_its_place() {
    let mut open = Open::share().await;
    let before = open.all.policy("ana");
    open.change("tcp:25570", "bring").await.unwrap();
    open.all.drain().await;
    assert!(open.is_open().await && open.waits().await);
    assert_eq!(open.all.policy("ana"), before, "nothing is written before the owner has looked");
    open.all.all_is_well(&mut open.witness, Moment::Rest, "asked for").await;
    let page = open.all.ask(Ana).shares.get(open.share).await.unwrap();
    assert_eq!(page.other_ports.map(|ports| ports.to_string()).as_deref(), Some("tcp:25570"));
    assert!(page.can_review && page.gate.state == GateState::Active);
    let friend = open.all.ask(Dario).shares.get(open.share).await.unwrap();
    assert!(friend.other_ports.is_none() && !friend.can_review && friend.gate.reason.is_none());

    let review = open.all.ask(Ana).shares.review(open.share).await.unwrap();
    let gains: Vec<&str> = review.gains.iter().map(|line| line.what.as_str()).collect();
    assert_eq!((gains, review.anyway.len()), (vec!["tcp 25570"], 0), "{review:?}");
    open.all.approved(Ana, open.share).await;
    open.all.all_is_well(&mut open.witness, Moment::Halted, "agreed").await;
    open.all.drain().await;
    assert!(open.is_open().await && !open.waits().await, "{:?}", open.all.state(open.share).await);
    let rules = open.rules();
    assert!(rules.len() == 1 && rules[0].contains("\"tcp:25570\""), "exactly one rule: {rules:?}");
    assert_eq!(open.all.policy("ana").matches("acequia:share=").count(), 1);
    assert_eq!((open.ports().await.as_str(), open.all.invites("ana")), ("tcp:25570", 1));
    open.all.all_is_well(&mut open.witness, Moment::Rest, "changed").await;

    open.all.ask(Ana).shares.end(open.share).await.unwrap();
    open.all.drain().await;
    assert!(open.all.state(open.share).await.is_over() && open.rules().is_empty());
    open.all.all_is_well(&mut open.witness, Moment::Rest, "ended").await;
}

/// Between the yes and the write somebody edits the policy so that the friend would gain something else: the old agreement
/// holds on, and the new one waits for another look.
#[tokio::test]
async fn what_cannot_be_applied_as_agreed_leaves_the_gate_as_it_was() {
    let open = Open::share().await;
    open.change("tcp:25570", "bring").await.unwrap();
    open.all.approved(Ana, open.share).await;
    let text = open.all.policy("ana");
    let mark = text.lines().position(|line| line.contains("acequia:share=")).unwrap();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    // The very rule that is about to be written, in the owner's own words.
    let more = format!(
        "{{\"src\": [\"dario@nopal.example\"], \"dst\": [{}], \"ip\": [\"tcp:25570\"]}},\n",
        host(&text)
    );
    lines.insert(mark, more);
    let edited = lines.concat();
    open.all.demo.simulator.edit_policy("ana", &edited).unwrap();
    open.all.drain().await;
    assert!(open.is_open().await, "{:?}", open.all.state(open.share).await);
    assert_eq!(open.all.policy("ana"), edited, "nothing was written");
    assert_eq!(open.ports().await, "tcp:25565");
    assert!(open.waits().await, "it waits for another look");
    let share = open.all.app_state().db.find_share(open.share).await.unwrap().unwrap();
    assert!(share.deeds.former.is_none() && share.asked.is_some());

    // It can end all the same, and nothing of it stays.
    open.all.ask(Ana).shares.end(open.share).await.unwrap();
    open.all.drain().await;
    assert!(open.all.state(open.share).await.is_over());
    assert!(!open.all.policy("ana").contains("acequia:share="));
}

/// The addresses of the share's rule, as it names its machine.
fn host(text: &str) -> String {
    let line = text.lines().find(|line| line.contains("dario@")).unwrap();
    line.split("\"dst\": [").nth(1).unwrap().split(']').next().unwrap().to_owned()
}

/// A tool pushed the policy without its comments: the rule is known by what it says, before the change and after.
#[tokio::test]
async fn a_rule_without_its_mark_is_replaced_too_and_ended_half_way() {
    for end in [false, true] {
        let open = Open::share().await;
        let bare: String = open
            .all
            .policy("ana")
            .split_inclusive('\n')
            .filter(|line| !line.contains("acequia:share="))
            .collect();
        open.all.demo.simulator.edit_policy("ana", &bare).unwrap();
        open.change("tcp:25570", "bring").await.unwrap();
        open.all.approved(Ana, open.share).await;
        if end {
            // Before the job comes to it: the rule with the old ports is this share's.
            open.all.ask(Ana).shares.end(open.share).await.unwrap();
        }
        open.all.drain().await;
        if end {
            assert!(open.all.state(open.share).await.is_over());
            assert!(open.rules().is_empty(), "{:?}", open.rules());
        } else {
            assert!(open.is_open().await, "{:?}", open.all.state(open.share).await);
            assert_eq!(open.rules().len(), 1, "{:?}", open.rules());
            assert!(open.rules()[0].contains("25570"));
        }
    }
}

/// What nobody has said yes to yet is reviewed with the new ports, like for the first time; and whoever asks for the ports
/// from before takes the question back.
#[tokio::test]
async fn what_waits_for_its_first_review_gets_the_new_ports_and_a_question_can_be_taken_back() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    let find = async || all.app_state().db.find_share(share).await.unwrap().unwrap();
    let service = find().await.service;
    let change = async |ports: &str, gates: &str| {
        let form = all.ask(Ana).services.edit_form(service).await.unwrap().form;
        let form = ServiceForm { ports: ports.into(), gates: gates.into(), ..form };
        all.ask(Ana).services.update(service, form).await.unwrap();
    };
    change("tcp:25570", "bring").await;
    assert_eq!((find().await.ports.to_string().as_str(), find().await.asked), ("tcp:25570", None));

    all.approved(Ana, share).await;
    all.drain().await;
    change("udp:25570", "bring").await;
    assert!(find().await.asked.is_some());
    change("tcp:25570", "bring").await;
    assert_eq!(find().await.asked, None);
    assert_eq!(find().await.ports.to_string(), "tcp:25570");
}
