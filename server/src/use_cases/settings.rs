//! What is set here, for whoever owns the instance.

use std::time::Duration;

use app::fault::Fault;
use app::ports::settings::{Setting, SettingFrom, Settings, SettingsGroup, SettingsView};
use async_trait::async_trait;
use model::Channel;
use model::retention::Keep;

use super::Asker;
use super::notifications::try_out;
use crate::config::{Config, Source};
use crate::failure::OrInternal as _;
use crate::probe::Switch;
use crate::store::Db;
use crate::words::settings as words;

/// A setting by its name, and where it is.
type Named<T> = (&'static str, fn(&Config) -> T);

#[async_trait]
impl Settings for Asker {
    async fn get(&self) -> Result<SettingsView, Fault> {
        let me = self.owner().await?;
        let (config, signals) = (&self.state.config, &self.state.signals);
        let address = self.state.db.mail_address(me.id).await.or_internal("read their address")?;
        let trouble = signals.health.trouble().map(|trouble| trouble.to_string());
        let probing = match &*signals.probing.borrow() {
            Switch::On => words::YES.to_owned(),
            Switch::Off(why) => words::no(why),
        };
        Ok(SettingsView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            database: match &self.state.db {
                Db::Sqlite(_) => "SQLite".into(),
                Db::Postgres(_) => "PostgreSQL".into(),
            },
            runs: vec![
                (words::WRITES.into(), trouble.unwrap_or_else(|| words::YES.into())),
                (words::OVERDUE.into(), signals.overdue.count().to_string()),
                (words::PROBING.into(), probing),
            ],
            groups: groups(config),
            mail_to: address.filter(|_| config.mail.is_some()),
        })
    }

    async fn test_mail(&self) -> Result<String, Fault> {
        let me = self.owner().await?;
        try_out(&self.state, me.id, Channel::Mail).await
    }
}

/// Everything that can be set and is worth reading here; secrets only as far as that there is one.
fn groups(config: &Config) -> Vec<SettingsGroup> {
    let usual = Config::new(config.listen, config.base_url.clone(), &config.data);
    let one = |name: &str, value: String, default: String| Setting {
        name: name.to_owned(),
        from: match config.sources.of(name) {
            Source::Variable(name) => SettingFrom::Variable(name),
            Source::File => SettingFrom::File,
            Source::Nobody if value == default => SettingFrom::Nobody,
            // The demo sets some.
            Source::Nobody => SettingFrom::Start,
        },
        value: if value.is_empty() { words::NOTHING.to_owned() } else { value },
    };
    let list = |all: Vec<String>| all.join(", ");
    let also_at = |config: &Config| list(config.also_at.iter().map(ToString::to_string).collect());
    let providers = |config: &Config| {
        list(config.providers.iter().map(|one| words::named(&one.label, &one.id)).collect())
    };
    let planes = |config: &Config| {
        list(
            config.control_planes.iter().map(|one| words::named(&one.label, one.base_url.as_str())).collect(),
        )
    };
    let place = vec![
        one("base_url", config.base().to_owned(), String::new()),
        one("also_at", also_at(config), also_at(&usual)),
        one("listen", config.listen.to_string(), "127.0.0.1:3000".into()),
        one("providers", providers(config), providers(&usual)),
        one("control_planes", planes(config), planes(&usual)),
    ];
    let mail = |config: &Config| {
        config.mail.as_ref().map(|mail| words::mail(&mail.server, mail.port, &mail.from.to_string()))
    };
    let ntfy = |config: &Config| list(config.notifications.ntfy.iter().map(ToString::to_string).collect());
    let hosts = |config: &Config| list(config.notifications.webhook_hosts.clone());
    let tries = |config: &Config| config.notifications.tries.to_string();
    let telling = vec![
        one("mail", mail(config).unwrap_or_default(), String::new()),
        one("notifications.ntfy", ntfy(config), ntfy(&usual)),
        one("notifications.webhook_hosts", hosts(config), hosts(&usual)),
        one("notifications.tries", tries(config), tries(&usual)),
    ];
    let numbers: [Named<u32>; 11] = [
        ("limits.tailnets_per_person", |c| c.limits.tailnets_per_person),
        ("limits.open_waits_per_tailnet", |c| c.limits.open_waits_per_tailnet),
        ("limits.offers_between_two", |c| c.limits.offers_between_two),
        ("limits.offers_per_service", |c| c.limits.offers_per_service),
        ("limits.asks_per_person", |c| c.limits.asks_per_person),
        ("limits.circles_per_person", |c| c.limits.circles_per_person),
        ("limits.people_per_circle", |c| c.limits.people_per_circle),
        ("limits.services_per_tailnet", |c| c.limits.services_per_tailnet),
        ("limits.sessions_per_person", |c| c.limits.sessions_per_person),
        ("limits.new_visitors_per_hour", |c| c.limits.new_visitors_per_hour),
        ("limits.requests_per_second", |c| c.limits.requests_per_second),
    ];
    let limits = numbers.iter().map(|(name, of)| one(name, of(config).to_string(), of(&usual).to_string()));
    let times: [Named<Duration>; 5] = [
        ("session_lifetime", |c| c.session_lifetime),
        ("session_greatest_age", |c| c.session_greatest_age),
        ("visitor_lifetime", |c| c.visitor_lifetime),
        ("timing.sync", |c| c.timing.sync),
        ("probing.interval", |c| c.probing.interval),
    ];
    let times = times.iter().map(|(name, of)| one(name, words::time(of(config)), words::time(of(&usual))));
    let kept: [Named<Keep>; 4] = [
        ("retention.audit", |c| c.retention.audit),
        ("retention.revisions", |c| c.retention.revisions),
        ("retention.probes", |c| c.retention.probes),
        ("retention.snapshots", |c| c.retention.snapshots),
    ];
    let kept = kept.iter().map(|(name, of)| one(name, words::kept(of(config)), words::kept(of(&usual))));
    let titled = |title: &str, settings| SettingsGroup { title: title.to_owned(), settings };
    vec![
        titled(words::PLACE, place),
        titled(words::TELLING, telling),
        titled(words::LIMITS, limits.collect()),
        titled(words::TIMES, times.chain(kept).collect()),
    ]
}
