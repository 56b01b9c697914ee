//! Secrets for machines: the key that brings one in, and the token with which its host fetches its rules.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::{JobKind, TailnetId};
use server::queue;
use tower::ServiceExt as _;

use super::Journey;
use crate::harness::Who::Ana;

impl Journey {
    /// A key is made, and a machine comes in with it; another one is revoked.
    pub(super) async fn brings_machines_in(&mut self, tailnet: TailnetId) {
        let tailnet = tailnet.to_string();
        let fields = [("tailnet", tailnet.as_str()), ("system", "debian"), ("routing", "none")];
        for comes in [true, false] {
            let (to, page) = self.press(Ana, "/fn/joining/key", &fields).await;
            let key = start(&page, "tskey-auth-");
            self.shown_once(&to, "an auth key", key.rsplit('-').next().unwrap()).await;
            self.all.drain().await;
            if comes {
                self.all.demo.simulator.control().join(&key, "willow", "linux").unwrap();
                let joining = to.rsplit('/').next().unwrap().parse::<model::ids::JoiningId>().unwrap();
                let kind = JobKind::Joining;
                queue::enqueue(self.all.app_state(), kind, joining).await.unwrap();
                self.all.drain().await;
                assert!(self.browser(Ana).get(&to).await.body.contains("willow is here"));
            } else {
                let joining = to.rsplit('/').next().unwrap();
                let fields = [("tailnet", tailnet.as_str()), ("joining", joining)];
                self.press(Ana, "/fn/joining/cancel", &fields).await;
            }
        }
    }

    /// A host gets a token and fetches with it; an older one is refused.
    pub(super) async fn pulls(&mut self, tailnet: TailnetId) {
        let node = self.all.node(tailnet, "maple").await;
        let (tailnet, place) = (tailnet.to_string(), node.to_string());
        let fields = [("tailnet", tailnet.as_str()), ("node", place.as_str()), ("backend", "nftables")];
        self.press(Ana, "/fn/firewall/choose", &fields).await;
        let mut tokens = Vec::new();
        for _ in 0..2 {
            let (to, page) = self.press(Ana, "/fn/hosts/token", &fields[..2]).await;
            // The only text of its length and letters that stands alone.
            let alone = page.split('>').filter_map(|rest| rest.split_once('<')).map(|(text, _)| text);
            let token = alone.map(|text| start(text, "")).find(|text| text.len() == 43).unwrap();
            self.shown_once(&to, "the token of a host", &token).await;
            tokens.push(token);
        }
        for (token, status) in tokens.iter().zip([StatusCode::UNAUTHORIZED, StatusCode::OK]) {
            let request =
                Request::get(app::paths::pull(node)).header("authorization", format!("Bearer {token}"));
            let router = self.all.app.router.clone();
            let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), status);
            let headers = format!("{:?}", answer.headers());
            let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            self.look(None, "what a host fetched", &(headers + &String::from_utf8_lossy(&body)));
        }
    }

    /// The page showed it; from now on no page does, that one included.
    async fn shown_once(&mut self, page: &str, name: &'static str, secret: &str) {
        self.knows(name, secret, None);
        let again = self.browser(Ana).get(page).await;
        self.look(Some(self.all.people[Ana].id), page, &super::answered(&again));
    }
}

/// The first word of a key's letters that begins so.
fn start(text: &str, with: &str) -> String {
    let at = text.find(with).unwrap_or_else(|| panic!("no {with}"));
    text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}
