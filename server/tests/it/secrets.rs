//! Secrets in a whole journey: what was typed, made or shown is in no log line, no page or address that others see,
//! no audit row, and not in the clear on the disk.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use model::{JobKind, PersonId, TailnetId};
use server::demo::Demo;
use server::queue;
use simulator::{Listen, World};

use crate::harness::Who::{self, Ana, Chiara, Dario};
use crate::harness::neighbours::{Neighbours, impatient_in};
use crate::harness::{Answer, Browser, TestApp, logs};

mod machines;

/// A secret, and who may read it where.
struct Secret {
    name: &'static str,
    text: String,
    shown_to: Option<(PersonId, &'static str)>,
}

struct Journey {
    all: Neighbours,
    viewers: Vec<(Option<PersonId>, Browser)>,
    secrets: Vec<Secret>,
}

impl Journey {
    /// Ana, Chiara, Dario and a stranger, each at a browser; all data is in the folder.
    async fn begins(folder: &Path) -> Self {
        let demo = Demo::start(World::demo(), Listen::default()).await.unwrap();
        let mut config = impatient_in(folder, &demo);
        config.metrics = server::config::Metrics::Open;
        let all = Neighbours::in_app(TestApp::on_disk(config).await, demo).await;
        let mut viewers = vec![(None, all.app.browser())];
        for owner in [Ana, Chiara, Dario] {
            let person = all.people[owner].id;
            viewers.push((Some(person), all.app.signed_in(person).await));
        }
        let name = all.app.cookie_name();
        let cookies = viewers.iter().filter_map(|(_, browser)| browser.cookie(name).map(str::to_owned));
        let sessions: Vec<String> = cookies.collect();
        let mut story = Self { all, viewers, secrets: Vec::new() };
        for session in sessions {
            story.knows("the id of a session", &session, None);
        }
        story
    }

    /// With a secret that is refused first.
    async fn connects(&mut self, owner: Who) {
        let form = self.all.form(owner);
        self.knows("a client secret", &form.client_secret, None);
        if !form.user_token.is_empty() {
            self.knows("a user token", &form.user_token, None);
        }
        let wrong = format!("tskey-client-kWrong{owner:?}CNTRL-aVeryWrongSecret{owner:?}");
        self.knows("a refused client secret", &wrong, None);
        for secret in [&wrong, &form.client_secret] {
            let fields = [
                ("name", form.name.as_str()),
                ("client_id", form.client_id.as_str()),
                ("client_secret", secret.as_str()),
                ("user_token", form.user_token.as_str()),
            ];
            self.press(owner, "/fn/tailnets/connect", &fields).await;
        }
        self.all.drain().await;
    }

    /// Ana lists a service and offers it. Gives the token of the link.
    async fn offers(&mut self, tailnet: TailnetId, friend: PersonId) -> String {
        let node = self.all.node(tailnet, "maple").await.to_string();
        let fields = [
            ("node", node.as_str()),
            ("name", "Minecraft"),
            ("kind", "minecraft"),
            ("ports", "tcp:25565"),
            ("audience", "everybody"),
        ];
        let (service, _) = self.press(Ana, "/fn/services/create", &fields).await;
        let service = service.trim_start_matches("/services/").to_owned();
        let fields = [("service", service.as_str()), ("to", "link"), ("until", "ended"), ("uses", "2")];
        let (_, page) = self.press(Ana, "/fn/offers/create", &fields).await;
        let token = between(&page, "https://gate.example.org/o/", &['"', '<', ' ', '&']).to_owned();
        self.knows("the link of an offer", &token, Some((friend, "/o/")));
        token
    }

    /// Ana reviews and says yes; the invite waits for the friend, who alone sees its link.
    async fn applies(&mut self, share: &str, friend: PersonId) {
        let review = self.browser(Ana).get(&format!("/shares/{share}/review")).await;
        let plan = between(&review.body, "name=\"plan\" value=\"", &['"']).to_owned();
        let fields = [("share", share), ("plan", plan.as_str()), ("decision", "narrow")];
        self.press(Ana, "/fn/shares/apply", &fields).await;
        self.all.drain().await;
        let invite = self.all.demo.simulator.tailnet("ana").unwrap().invites[0].url.clone();
        let code = invite.rsplit('/').next().unwrap().to_owned();
        self.knows("the code of an invite", &code, Some((friend, "/shares/")));
        let shown = self.browser(Dario).get(&format!("/shares/{share}")).await;
        assert!(shown.body.contains(&code), "the friend does see the link");
    }

    /// What others can read later: the log, the addresses of our own calls, the disk.
    fn left_behind(&self, folder: &Path) {
        let log = logs::heard();
        let heard = log.contains("a share changed") && log.lines().count() > 1000;
        assert!(heard, "the log was listened to: {log}");
        let calls = self.all.demo.simulator.log();
        assert!(calls.len() > 20);
        let mut disk = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.file_name().is_some_and(|name| name != "key") && path.is_file() {
                disk.extend(std::fs::read(path).unwrap());
            }
        }
        let disk = String::from_utf8_lossy(&disk);
        assert!(disk.contains("wrote the rule into the policy"), "the audit trail is on the disk");
        for secret in &self.secrets {
            // Line by line only what is wrong: there are some hundred thousand.
            let is_there = log.contains(&secret.text);
            let lines = log.lines().filter(|line| is_there && line.contains(&secret.text));
            assert!(!is_there, "{} in the log: {:?}", secret.name, lines.collect::<Vec<_>>());
            assert!(!calls.iter().any(|call| call.path.contains(&secret.text)), "{} in a path", secret.name);
            assert!(!disk.contains(&secret.text), "{} stands on the disk in the clear", secret.name);
        }
    }

    fn knows(&mut self, name: &'static str, text: &str, shown_to: Option<(PersonId, &'static str)>) {
        assert!(text.len() >= 16, "{name} is a secret of some length: {text}");
        self.secrets.push(Secret { name, text: text.to_owned(), shown_to });
    }

    fn browser(&mut self, owner: Who) -> &mut Browser {
        let id = self.all.people[owner].id;
        &mut self.viewers.iter_mut().find(|(person, _)| *person == Some(id)).unwrap().1
    }

    /// Posts a form and gives the page that it leads to, with its address.
    async fn press(&mut self, owner: Who, path: &str, fields: &[(&str, &str)]) -> (String, String) {
        let browser = self.browser(owner);
        let answer = browser.post(path, fields).await;
        let to = answer.location().unwrap_or_else(|| panic!("{path}: {answer:?}")).to_owned();
        let page = browser.get(&to).await;
        self.look(Some(self.all.people[owner].id), &to, &answered(&page));
        (to, page.body)
    }

    /// No secret in what somebody was answered, but those that are shown to them on that page.
    fn look(&self, viewer: Option<PersonId>, url: &str, text: &str) {
        for secret in &self.secrets {
            let shown = secret.shown_to.is_some_and(|(person, place)| {
                Some(person) == viewer && (url.starts_with(place) || url.contains(&secret.text))
            });
            assert!(shown || !text.contains(&secret.text), "{} on {url} as {viewer:?}", secret.name);
        }
    }

    /// Every page that a link leads to, as everybody.
    async fn walk(&mut self) {
        for at in 0..self.viewers.len() {
            let (viewer, mut browser) = self.viewers[at].clone();
            let mut seen = BTreeSet::new();
            let mut waiting = VecDeque::from(["/".to_owned(), "/metrics".to_owned()]);
            while let Some(path) = waiting.pop_front() {
                if !seen.insert(path.clone()) {
                    continue;
                }
                let page = browser.get(&path).await;
                assert!(!page.status.is_server_error(), "{path}: {page:?}");
                self.look(viewer, &path, &answered(&page));
                for rest in page.body.split("href=\"").skip(1) {
                    let link = rest.split(['"', '#']).next().unwrap_or_default();
                    if link.starts_with('/') && !link.starts_with("/pkg/") {
                        waiting.push_back(link.replace("&amp;", "&"));
                    }
                }
            }
            assert!(seen.len() > 3 || viewer.is_none(), "{viewer:?} saw {seen:?}");
            self.viewers[at].1 = browser;
        }
    }
}

/// All that came back but the browser's own cookie.
fn answered(page: &Answer) -> String {
    let mut headers = page.headers.clone();
    headers.remove(axum::http::header::SET_COOKIE);
    format!("{headers:?}\n{}", page.body)
}

fn between<'a>(text: &'a str, before: &str, after: &[char]) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before}")).1;
    rest.split(after).next().unwrap_or_default()
}

#[tokio::test]
async fn no_secret_of_a_whole_journey_is_in_a_log_a_page_an_address_an_audit_row_or_readable_on_the_disk() {
    logs::listen();
    let folder = tempfile::tempdir().unwrap();
    let mut story = Journey::begins(folder.path()).await;
    let (ana, dario) = (story.all.people[Ana].id, story.all.people[Dario].id);
    story.connects(Ana).await;
    story.connects(Chiara).await;
    let tailnet = story.all.app_state().db.list_tailnets_of(ana).await.unwrap().whole().unwrap()[0].id;
    let token = story.offers(tailnet, dario).await;
    story.brings_machines_in(tailnet).await;
    story.pulls(tailnet).await;
    story.walk().await;
    story.browser(Dario).get(&format!("/o/{token}")).await;
    let fields = [("token", token.as_str()), ("login", "dario@nopal.example")];
    let (share, _) = story.press(Dario, "/fn/offers/accept", &fields).await;
    let share = share.trim_start_matches("/shares/").to_owned();
    story.applies(&share, dario).await;
    story.walk().await;

    // The friend connects their own tailnet, and the invite is accepted for them with their token.
    story.connects(Dario).await;
    let id = share.parse::<model::ShareId>().unwrap();
    queue::enqueue(story.all.app_state(), JobKind::Share, id).await.unwrap();
    story.all.drain().await;
    let state = story.all.state(id).await;
    assert!(matches!(state, model::ShareState::Active { .. }), "{state:?}");
    story.walk().await;
    story.press(Ana, "/fn/shares/end", &[("share", share.as_str())]).await;
    story.all.drain().await;
    assert!(story.all.state(id).await.is_over());
    story.walk().await;
    story.left_behind(folder.path());
}
