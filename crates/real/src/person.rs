//! Somebody at a browser, who clicks what people click.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::{Context as _, bail};
use load::forms::{after, state, value};
use load::wire::{Client, leads, ok};
use markup::Page;
use tokio::time::sleep;
use url::Url;

use crate::app::App;
use crate::server::Server;

pub struct Person {
    pub name: String,
    browser: Client,
}

/// How often somebody looks at a page that changes by itself, and how long they wait in between.
const LOOKS: usize = 400;
const GLANCE: Duration = Duration::from_millis(150);

impl Person {
    /// Sits down at a browser; `seat` is another one for each.
    pub fn arrive(app: &App, name: &str, seat: u8) -> Self {
        let from = IpAddr::from(Ipv4Addr::new(127, 0, 0, seat));
        Self { name: name.to_owned(), browser: Client::new(from, app.address) }
    }

    /// Signs in as the one who owns the instance.
    ///
    /// # Errors
    /// When the code is not taken, or as [`Person::sign_in`].
    pub async fn owns(&mut self, app: &App) -> anyhow::Result<()> {
        let code = app.set_up_code().await?;
        let answer = self.browser.post("/sign-in/setup", &[("code", &code)]).await?;
        anyhow::ensure!(matches!(answer.status, 302 | 303), "the set-up code: {}", answer.status);
        self.sign_in().await
    }

    /// Through the provider and back.
    ///
    /// # Errors
    /// When that does not lead back in.
    pub async fn sign_in(&mut self) -> anyhow::Result<()> {
        let away = self.browser.post("/sign-in/with/village", &[]).await?;
        let rest = away.body.split_once("0;url=").context("the provider's address")?.1;
        let url = html_escape::decode_html_entities(rest.split('"').next().unwrap_or_default()).into_owned();
        let url = Url::parse(&url)?;
        let state = url.query_pairs().find(|(name, _)| name == "state").context("a state")?.1.into_owned();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &self.name)
            .append_pair("state", &state)
            .finish();
        let back = self.browser.get(&format!("/sign-in/callback/village?{query}")).await?;
        leads(back, "signing in")?;
        Ok(())
    }

    async fn page(&mut self, path: &str) -> anyhow::Result<String> {
        Ok(ok(self.browser.get(path).await?, path)?.body)
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        leads(self.browser.post(path, fields).await?, path)
    }

    /// Connects a server, and waits until this machine is there. Gives its id.
    ///
    /// # Errors
    /// When it is not taken, or the machine never appears.
    pub async fn connect(&mut self, server: &impl Server, machine: &str) -> anyhow::Result<String> {
        let (url, key) = (server.url(), server.api_key());
        let form = [
            ("name", "The mill"),
            ("base_url", url.as_str()),
            ("api_key", key.as_str()),
            ("base_domain", "net.real.test"),
            ("login_server", url.as_str()),
        ];
        let to = self.post("/fn/tailnets/connect", &form).await?;
        let Some(id) = after(&to, "/tailnets/").filter(|id| *id != "new") else {
            bail!("connecting leads to {to}: {}", self.page(&to).await?)
        };
        let path = format!("/tailnets/{id}");
        let start = format!("href=\"{path}/nodes/");
        for _ in 0..LOOKS {
            let page = self.page(&path).await?;
            // The link to a machine has its name in it.
            let mut links = page.split(start.as_str()).skip(1);
            let named =
                links.find(|link| link.split("</a>").next().is_some_and(|link| link.contains(machine)));
            if let Some(node) = named.and_then(|link| link.split('"').next()) {
                return Ok(node.to_owned());
            }
            sleep(GLANCE).await;
        }
        bail!("{machine} never appears")
    }

    /// Lists a service of a machine and offers it to whoever has the link. Gives its token.
    ///
    /// # Errors
    /// When a form is not taken.
    pub async fn offer(&mut self, node: &str, ports: &str) -> anyhow::Result<String> {
        let form = [
            ("node", node),
            ("name", "Minecraft"),
            ("kind", "minecraft"),
            ("ports", ports),
            ("audience", "nobody"),
        ];
        let to = self.post("/fn/services/create", &form).await?;
        let service = after(&to, "/services/").context("the service's page")?.to_owned();
        let form =
            [("service", service.as_str()), ("to", "link"), ("until", "evening"), ("note", "Come in.")];
        let to = self.post("/fn/offers/create", &form).await?;
        let page = self.page(&to).await?;
        Ok(after(&page, "/o/").context("the offer's link is shown once")?.to_owned())
    }

    /// Reads the offer as a stranger, comes in by it, and accepts. Gives the share.
    ///
    /// # Errors
    /// When they are not let in, or the answer is not taken.
    pub async fn accept(&mut self, token: &str) -> anyhow::Result<String> {
        self.page(&format!("/o/{token}")).await?;
        let remembered = self.browser.post("/fn/offers/remember", &[("token", token)]).await?;
        anyhow::ensure!(matches!(remembered.status, 302 | 303), "to sign in: {}", remembered.status);
        self.sign_in().await?;
        let login = self.name.clone();
        let to = self.post("/fn/offers/accept", &[("token", token), ("login", &login)]).await?;
        Ok(after(&to, "/shares/").context("an accepted offer is a share")?.to_owned())
    }

    /// Says which account the friend is, unless that is known: the one that the page proposes.
    ///
    /// # Errors
    /// When it proposes none.
    pub async fn choose(&mut self, share: &str) -> anyhow::Result<()> {
        let page = self.page(&format!("/shares/{share}/review")).await?;
        let forms = Page::parse(&page).forms();
        let Some(form) = forms.iter().find(|form| form.action.ends_with("/fn/members/choose")) else {
            return Ok(());
        };
        anyhow::ensure!(form.fields.iter().any(|(name, _)| name == "account"), "no account is proposed");
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post("/fn/members/choose", &fields).await.map(drop)
    }

    /// Reads the review. Gives its plan, the decisions that it offers, and its words.
    ///
    /// # Errors
    /// When it has no plan.
    pub async fn review(&mut self, share: &str) -> anyhow::Result<Review> {
        let page = self.page(&format!("/shares/{share}/review")).await?;
        let plan = value(&page, "plan").context("a review has a plan")?.to_owned();
        let decisions = ["apply", "narrow", "whole-node"];
        let offered = |way: &&str| {
            page.contains(&format!("name=\"decision\" value=\"{way}\""))
                || page.contains(&format!("value=\"{way}\" name=\"decision\""))
        };
        Ok(Review { plan, decisions: decisions.into_iter().filter(offered).collect() })
    }

    /// Says yes to it.
    ///
    /// # Errors
    /// When the plan is not taken.
    pub async fn apply(&mut self, share: &str, review: &Review) -> anyhow::Result<()> {
        let decision = review.decisions.first().context("a review has a question")?;
        let form = [("share", share), ("plan", review.plan.as_str()), ("decision", decision)];
        let to = self.post("/fn/shares/apply", &form).await?;
        anyhow::ensure!(!to.contains("/review"), "the plan changed meanwhile");
        Ok(())
    }

    /// Looks at the page of a share until it says one of these. Gives the page.
    ///
    /// # Errors
    /// When it never does.
    pub async fn watch(&mut self, share: &str, states: &[&str]) -> anyhow::Result<String> {
        let (path, mut last) = (format!("/shares/{share}"), String::new());
        for _ in 0..LOOKS {
            let page = self.page(&path).await?;
            last = state(&page).with_context(|| format!("{path} has no state"))?;
            if states.contains(&last.as_str()) {
                return Ok(page);
            }
            sleep(GLANCE).await;
        }
        bail!("share {share} is `{last}` and not {states:?}")
    }

    /// The same for what a page says.
    ///
    /// # Errors
    /// As [`Person::watch`].
    pub async fn reads(&mut self, share: &str, words: &str) -> anyhow::Result<String> {
        let path = format!("/shares/{share}");
        for _ in 0..LOOKS {
            let page = self.page(&path).await?;
            if html_escape::decode_html_entities(&page).contains(words) {
                return Ok(page);
            }
            sleep(GLANCE).await;
        }
        bail!("{path} never says `{words}`")
    }

    /// Waits for the text of a policy that has to be put in by hand.
    ///
    /// # Errors
    /// When there never is one.
    pub async fn text_by_hand(&mut self, share: &str) -> anyhow::Result<String> {
        let page = self.reads(share, "The whole new file, to paste").await?;
        let rest = page.split_once("The whole new file, to paste").context("the words")?.1;
        let text = rest.split_once("<pre").and_then(|(_, rest)| rest.split_once('>')).context("a text")?.1;
        let text = text.split_once("</pre>").context("its end")?.0;
        Ok(html_escape::decode_html_entities(text).into_owned())
    }

    /// # Errors
    /// When the form is not taken.
    pub async fn retry(&mut self, share: &str) -> anyhow::Result<()> {
        self.post("/fn/shares/retry", &[("share", share)]).await.map(drop)
    }

    /// # Errors
    /// When the form is not taken.
    pub async fn end(&mut self, share: &str) -> anyhow::Result<()> {
        self.page(&format!("/shares/{share}/end")).await?;
        self.post("/fn/shares/end", &[("share", share)]).await.map(drop)
    }
}

/// What the owner is asked.
#[derive(Clone, Debug)]
pub struct Review {
    plan: String,
    /// The least that it gives comes first.
    pub decisions: Vec<&'static str>,
}
