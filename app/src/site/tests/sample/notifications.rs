//! What is heard, and what is set.

use model::{Channel, HeardAs, HeardKind};

use super::*;
use crate::ports::notifications::{HeardRow, MailWay, Notifications, NotificationsView};
use crate::ports::settings::{Setting, SettingFrom, Settings, SettingsGroup, SettingsView};

#[async_trait]
impl Notifications for Sample {
    async fn get(&self) -> Result<NotificationsView, Fault> {
        let row = |heard_as, kind, words: &str| HeardRow {
            heard_as,
            kind,
            words: words.into(),
            by: vec![(Channel::Mail, true), (Channel::Ntfy, false)],
        };
        Ok(NotificationsView {
            mail: if self.bare { MailWay::NotHere } else { MailWay::To(told("ana@example.com")) },
            ntfy_servers: self.list(vec![told("https://ntfy.example.org/")]),
            ntfy: (!self.bare).then(|| (told("https://ntfy.example.org/"), told("maple"))),
            webhook: (!self.bare).then(|| told("hooks.example.org")),
            webhook_hosts: self.list(vec![told("hooks.example.org")]),
            rows: self.list(vec![
                row(HeardAs::Giver, HeardKind::Accepted, "An offer of yours is accepted"),
                row(HeardAs::Friend, HeardKind::Offered, "Somebody offers you something"),
            ]),
        })
    }
    async fn choose(&self, wanted: Vec<String>, shown: Vec<String>) -> Result<(), Fault> {
        self.act(format!("notifications.choose {} of {}", wanted.join(" "), shown.join(" ")))
    }
    async fn set_ntfy(&self, server: String, topic: String) -> Result<(), Fault> {
        self.act(format!("notifications.ntfy {server} {topic}"))
    }
    async fn set_webhook(&self, url: String) -> Result<String, Fault> {
        self.act(format!("notifications.webhook {url}")).map(|()| "whsec_x".into())
    }
    async fn remove(&self, channel: Channel) -> Result<(), Fault> {
        self.act(format!("notifications.remove {channel}"))
    }
    async fn test(&self, channel: Channel) -> Result<String, Fault> {
        self.act(format!("notifications.test {channel}")).map(|()| "It was taken.".into())
    }
    async fn stoppable(&self, _: String) -> Result<String, Fault> {
        Ok("Mails about this: somebody offers you something.".into())
    }
    async fn stop(&self, token: String) -> Result<(), Fault> {
        self.act(format!("notifications.stop {token}"))
    }
}

#[async_trait]
impl Settings for Sample {
    async fn get(&self) -> Result<SettingsView, Fault> {
        let setting = |name: &str, value: &str, from| Setting { name: name.into(), value: told(value), from };
        Ok(SettingsView {
            version: "0.1.0".into(),
            database: "SQLite".into(),
            runs: vec![("Jobs".into(), told("all done"))],
            groups: vec![SettingsGroup {
                title: "Limits".into(),
                settings: vec![
                    setting("limits.tailnets_per_person", "20", SettingFrom::Nobody),
                    setting("mail.server", "smtp.example.org", SettingFrom::File),
                    setting("timing.sync", "7m", SettingFrom::Variable("ACEQUIA_TIMING__SYNC".into())),
                ],
            }],
            mail_to: (!self.bare).then(|| told("ana@example.com")),
        })
    }
    async fn test_mail(&self) -> Result<String, Fault> {
        self.act("settings.test_mail".into()).map(|()| "It was taken.".into())
    }
}
