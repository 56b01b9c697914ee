//! What whoever owns the instance has set, and where it comes from.

use async_trait::async_trait;

use crate::fault::Fault;

/// Who said what a setting is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingFrom {
    /// It is what holds then.
    Nobody,
    File,
    /// A variable of the environment, by its name.
    Variable(String),
    /// Whatever started it, such as the demo.
    Start,
}

/// One setting, as it holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// As in the file, such as `limits.tailnets_per_person`.
    pub name: String,
    /// In words; of a secret only that there is one.
    pub value: String,
    pub from: SettingFrom,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsGroup {
    pub title: String,
    pub settings: Vec<Setting>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsView {
    pub version: String,
    pub database: String,
    /// What this process does beside answering, each with whether it does.
    pub runs: Vec<(String, String)>,
    pub groups: Vec<SettingsGroup>,
    /// Where a mail to try the server out would go; absent: there is no server, or no address.
    pub mail_to: Option<String>,
}

#[async_trait]
pub trait Settings: Send + Sync {
    /// Nobody but the owner of the instance is answered.
    async fn get(&self) -> Result<SettingsView, Fault>;
    /// Sends a mail to the owner who asks. Gives what became of it, as a sentence.
    async fn test_mail(&self) -> Result<String, Fault>;
}
