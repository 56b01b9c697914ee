//! The group of the users whom a server has today.

use std::collections::BTreeSet;

use hujson::{Value, edit as text_edit};

use super::Member;
use crate::accounts::name_of;
use crate::headscale::Accounts;
use crate::narrow::NarrowError;
use crate::network::UserKind;
use crate::share::EditError;
use crate::share::mark::section;
use crate::syntax::Policy;

/// The name of the group; where another one has it, a number follows.
const NAME: &str = "group:acequia-members";

/// Everybody whom the server has, but one.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: String,
    /// As policies name them. Nothing if the file has the group already.
    new: Option<Vec<String>>,
    /// Entries of groups of ours that are to go: by group, numbers in it.
    leaving: Vec<(String, Vec<usize>)>,
}

impl Group {
    /// Of all users but `member`.
    pub(super) fn of(policy: &Policy, member: &Member) -> Result<Self, NarrowError> {
        let network = &member.network;
        let accounts = Accounts::of(network);
        let mut members = Vec::new();
        let others = network.users().iter().enumerate();
        for (index, user) in
            others.filter(|(index, user)| *index != member.user && user.kind == UserKind::Member)
        {
            let name = name_of(network, index).filter(|name| name.contains('@'));
            members.push((index, name.ok_or_else(|| NarrowError::Nameless(user.login.clone()))?));
        }
        let wanted: BTreeSet<usize> = members.iter().map(|(index, _)| *index).collect();
        let mut leaving = Vec::new();
        let mut known = None;
        for group in policy.groups.iter().filter(|group| group.name.value.starts_with(NAME)) {
            let users = group.value.iter().map(|text| accounts.named(&text.value)).collect::<Vec<_>>();
            let theirs = users.iter().enumerate().filter(|(_, users)| ***users == [member.user]);
            let theirs: Vec<usize> = theirs.map(|(at, _)| at).collect();
            let others: BTreeSet<usize> = users
                .iter()
                .flat_map(|users| users.iter().copied())
                .filter(|user| *user != member.user)
                .collect();
            if !theirs.is_empty() {
                leaving.push((group.name.value.clone(), theirs));
            }
            if others == wanted {
                known = Some(group.name.value.clone());
            }
        }
        let taken = |name: &String| policy.groups.iter().any(|group| group.name.value == *name);
        let free = || {
            let numbered = (2..=policy.groups.len() + 2).map(|number| format!("{NAME}-{number}"));
            std::iter::once(NAME.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
        };
        let new = known.is_none().then(|| members.into_iter().map(|(_, name)| name).collect());
        Ok(Self { name: known.unwrap_or_else(free), new, leaving })
    }

    /// They stay in groups of ours but for these.
    pub(super) fn leave_only(&mut self, is_meant: impl Fn(&str) -> bool) {
        self.leaving.retain(|(group, _)| is_meant(group));
    }

    /// Whether somebody is taken out of a group of ours.
    pub(super) fn is_left(&self) -> bool {
        !self.leaving.is_empty()
    }

    /// The text without the one who is left out in groups of ours, and with the group, if it is needed.
    pub(super) fn write(&self, text: &str, needed: bool) -> Result<String, EditError> {
        let mut text = text.to_owned();
        for (group, entries) in &self.leaving {
            let pointer = format!(
                "/{}/{}",
                hujson::escape_token(&groups(&text)?.unwrap_or_default()),
                hujson::escape_token(group)
            );
            for entry in entries.iter().rev() {
                text = text_edit::remove_element(&text, &pointer, *entry)?.text;
            }
        }
        let Some(members) = self.new.as_ref().filter(|_| needed) else { return Ok(text) };
        let name = if let Some(name) = groups(&text)? {
            name
        } else {
            text = text_edit::insert_member(&text, "", "groups", "{\n}")?.text;
            "groups".to_owned()
        };
        let quoted: Vec<String> =
            members.iter().map(|member| serde_json::Value::from(member.as_str()).to_string()).collect();
        let pointer = format!("/{}", hujson::escape_token(&name));
        Ok(text_edit::insert_member(&text, &pointer, &self.name, &format!("[{}]", quoted.join(", ")))?.text)
    }
}

/// What the file calls the section.
fn groups(text: &str) -> Result<Option<String>, EditError> {
    let root: Value = hujson::parse_str(text)?;
    match section(&root, "groups")? {
        Some(member) if member.value().is_null() => Err(EditError::Null("groups")),
        found => Ok(found.map(|member| member.name().into_owned())),
    }
}
