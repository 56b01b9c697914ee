//! What the viewer hears outside of the app, and how.

use std::collections::BTreeSet;

use app::fault::Fault;
use app::ports::notifications::{HeardRow, MailWay, Notifications, NotificationsView};
use async_trait::async_trait;
use model::{Channel, HeardAs, HeardKind};
use notices::heard;
use url::Url;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::jobs::telling;
use crate::post::ntfy::{self, Topic};
use crate::post::webhook::{self, Hook};
use crate::state::AppState;
use crate::store::outbox::channels::Choice;
use crate::trail;
use crate::unsubscribe::{self, Stop};
use crate::words::telling as words;

/// As the form says.
const LONGEST_URL: usize = 1000;

#[async_trait]
impl Notifications for Asker {
    async fn get(&self) -> Result<NotificationsView, Fault> {
        let me = self.me()?;
        let (db, config) = (&self.state.db, &self.state.config);
        let address = db.mail_address(me).await.or_internal("read their address")?;
        let mail = match (&config.mail, address) {
            (None, _) => MailWay::NotHere,
            (Some(_), None) => MailWay::NoAddress,
            (Some(_), Some(address)) => MailWay::To(address),
        };
        let mut ways: Vec<Channel> = Vec::new();
        if matches!(mail, MailWay::To(_)) {
            ways.push(Channel::Mail);
        }
        let (mut ntfy, mut hook) = (None, None);
        for stored in db.list_channels(me).await.or_internal("list the ways to reach them")? {
            let row = format!("{me}/{}", stored.channel);
            let opened =
                self.state.sealer.open_text("channels", "target_sealed", &row, &stored.target_sealed);
            let opened = opened.unwrap_or_default();
            ways.push(stored.channel);
            match stored.channel {
                Channel::Mail => {}
                Channel::Ntfy => {
                    let topic: Option<Topic> = serde_json::from_str(&opened).ok();
                    ntfy = topic.map(|topic| (topic.server.to_string(), topic.topic));
                }
                Channel::Webhook => {
                    let set: Option<Hook> = serde_json::from_str(&opened).ok();
                    let host = set.and_then(|set| set.url.host_str().map(str::to_owned));
                    hook = Some(host.unwrap_or_default());
                }
            }
        }
        let choices = db.list_choices(me).await.or_internal("list what they chose")?;
        Ok(NotificationsView {
            mail,
            ntfy_servers: config.notifications.ntfy.iter().map(ToString::to_string).collect(),
            ntfy,
            webhook: hook,
            webhook_hosts: config.notifications.webhook_hosts.clone(),
            rows: rows(&ways, &choices),
        })
    }

    async fn choose(&self, wanted: Vec<String>, shown: Vec<String>) -> Result<(), Fault> {
        let me = self.me()?;
        let wanted: BTreeSet<String> = wanted.into_iter().collect();
        let shown: Vec<Channel> = shown.iter().filter_map(|channel| channel.parse().ok()).collect();
        let choices: Vec<Choice> = rows(&shown, &[])
            .into_iter()
            .flat_map(|row| {
                let of = |(channel, _): &(Channel, bool)| Choice {
                    heard_as: row.heard_as,
                    kind: row.kind,
                    channel: *channel,
                    wanted: wanted.contains(&row.value(*channel)),
                };
                row.by.iter().map(of).collect::<Vec<_>>()
            })
            .collect();
        self.state.db.put_choices(me, &choices).await.or_internal("keep what they chose")
    }

    async fn set_ntfy(&self, server: String, topic: String) -> Result<(), Fault> {
        self.me()?;
        let servers = &self.state.config.notifications.ntfy;
        let server = servers.iter().find(|one| one.as_str() == server);
        let server = server.ok_or_else(|| Fault::field("server", words::NO_SUCH_SERVER))?;
        let topic = topic.trim();
        if !ntfy::is_topic(topic) {
            return Err(Fault::field("topic", words::NO_TOPIC));
        }
        let target = Topic { server: server.clone(), topic: topic.to_owned() };
        self.put(Channel::Ntfy, Some(serde_json::to_string(&target).or_internal("write the topic")?)).await
    }

    async fn set_webhook(&self, url: String) -> Result<String, Fault> {
        self.me()?;
        let url =
            Some(url.trim()).filter(|url| url.len() <= LONGEST_URL).and_then(|url| Url::parse(url).ok());
        let url = url.ok_or_else(|| Fault::field("url", words::NO_ADDRESS))?;
        if let Some(why) = webhook::refusal(&self.state.config.notifications, &url) {
            return Err(Fault::field("url", why));
        }
        let secret = webhook::secret(self.state.random.bytes());
        let target = Hook { url, secret: secret.clone() };
        let target = serde_json::to_string(&target).or_internal("write the address")?;
        self.put(Channel::Webhook, Some(target)).await?;
        Ok(secret)
    }

    async fn remove(&self, channel: Channel) -> Result<(), Fault> {
        self.put(channel, None).await
    }

    async fn test(&self, channel: Channel) -> Result<String, Fault> {
        try_out(&self.state, self.me()?, channel).await
    }

    async fn stoppable(&self, token: String) -> Result<String, Fault> {
        let stop = unsubscribe::read(&self.state.sealer, &token).ok_or(Fault::NotFound)?;
        Ok(match stop {
            Stop::Kind { heard_as, kind, .. } => words::mails_about(words::kind(kind, heard_as)),
            Stop::Address(_) => words::OFFERS_TO_THIS_ADDRESS.into(),
        })
    }

    async fn stop(&self, token: String) -> Result<(), Fault> {
        stop(&self.state, &token).await
    }
}

/// Stops what a token says, for whoever has it. As often as they like.
///
/// # Errors
/// [`Fault::NotFound`] if we did not make it.
pub async fn stop(state: &AppState, token: &str) -> Result<(), Fault> {
    match unsubscribe::read(&state.sealer, token).ok_or(Fault::NotFound)? {
        Stop::Kind { person, heard_as, kind } => {
            // Somebody who is gone wants nothing.
            if state.db.find_person(person).await.or_internal("find the person")?.is_none() {
                return Ok(());
            }
            let choice = Choice { heard_as, kind, channel: Channel::Mail, wanted: false };
            state.db.put_choices(person, &[choice]).await.or_internal("keep what they chose")
        }
        Stop::Address(hash) => {
            state.db.leave_address_alone(&hash, state.now()).await.or_internal("keep the address")
        }
    }
}

/// Sends somebody a test, and says what became of it.
pub(super) async fn try_out(
    state: &AppState,
    person: model::PersonId,
    channel: Channel,
) -> Result<String, Fault> {
    match telling::try_out(state, person, channel).await.or_internal("send a test")? {
        None => Err(Fault::conflict(words::NOT_SET_UP)),
        Some(Ok(())) => Ok(words::test_sent(channel)),
        Some(Err(failure)) => Err(Fault::conflict(words::test_failed(failure.why()))),
    }
}

impl Asker {
    async fn put(&self, channel: Channel, target: Option<String>) -> Result<(), Fault> {
        let me = self.person().await?;
        let row = format!("{}/{channel}", me.id);
        let sealed =
            target.map(|text| self.state.sealer.seal("channels", "target_sealed", &row, text.as_bytes()));
        let what = if sealed.is_some() { words::set_up(channel) } else { words::took_away(channel) };
        let entry = trail::by_themselves(&me).says(what).at(&self.state);
        let put = self.state.db.put_channel(me.id, channel, sealed.as_deref(), &entry, self.state.now());
        put.await.or_internal("keep the way to reach them")
    }
}

/// Of each side what it hears of, with what holds for these ways.
fn rows(ways: &[Channel], choices: &[Choice]) -> Vec<HeardRow> {
    let mut rows = Vec::new();
    for heard_as in HeardAs::ALL {
        for kind in HeardKind::ALL {
            let wanted = |channel: Channel| {
                let default = heard::by_default(heard_as, kind, channel)?;
                let chosen = choices
                    .iter()
                    .find(|one| (one.heard_as, one.kind, one.channel) == (heard_as, kind, channel));
                Some((channel, chosen.map_or(default, |one| one.wanted)))
            };
            let by: Vec<(Channel, bool)> = ways.iter().filter_map(|channel| wanted(*channel)).collect();
            if !by.is_empty() {
                rows.push(HeardRow { heard_as, kind, words: words::kind(kind, heard_as).into(), by });
            }
        }
    }
    rows
}
