//! The entries of sections.

use hujson::Value;

use super::{AutoApprovers, Named};
use crate::error::PolicyError;
use crate::syntax::fields::{Fields, Reader, name};
use crate::syntax::{Acl, Grant, NodeAttr, PolicyTest, RuleRef, Section, SshRule, SshTest, Text};

/// The entries of a list, each by its fields.
pub(super) fn read<T>(
    reader: &mut Reader,
    section: Section,
    value: &Value,
    read: fn(&Reader, RuleRef, &mut Fields) -> Result<T, PolicyError>,
) -> Result<Vec<T>, PolicyError> {
    let items = reader.list(section.name(), Some(value))?;
    let mut entries = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let rule = RuleRef::new(section, index, &item.span(), &reader.lines);
        let path = format!("{section}[{index}]");
        let entry = reader.fields(&path, item).and_then(|mut fields| {
            let entry = read(reader, rule, &mut fields)?;
            Ok((entry, fields))
        });
        if let Some((entry, fields)) = reader.or_left_out((section, path), item, entry)? {
            entries.push(entry);
            reader.finish(section, fields);
        }
    }
    Ok(entries)
}

/// The entries of an object, by their names.
pub(super) fn named<T>(
    reader: &Reader,
    section: Section,
    path: &str,
    value: &Value,
    read: fn(&Reader, &str, &Value) -> Result<T, PolicyError>,
) -> Result<Vec<Named<T>>, PolicyError> {
    reader
        .members(path, value)?
        .iter()
        .enumerate()
        .map(|(index, member)| {
            let span = member.name_value().span().start..member.value().span().end;
            let value = read(reader, &format!("{path}[{:?}]", member.name()), member.value())?;
            Ok(Named { rule: RuleRef::new(section, index, &span, &reader.lines), name: name(member), value })
        })
        .collect()
}

/// Lists of names by name: where one has another shape, its name stays.
pub(super) fn lists(
    reader: &mut Reader,
    section: Section,
    path: &str,
    value: &Value,
) -> Result<Vec<Named<Vec<Text>>>, PolicyError> {
    let mut all = named(reader, section, path, value, |_, _, _| Ok(Vec::new()))?;
    for (entry, member) in all.iter_mut().zip(reader.members(path, value)?) {
        let path = format!("{path}[{:?}]", member.name());
        let texts = reader.texts_of(&path, member.value());
        entry.value = reader.or_left_out((section, path), member.value(), texts)?.unwrap_or_default();
    }
    Ok(all)
}

pub(super) fn auto_approvers(reader: &mut Reader, value: &Value) -> Result<AutoApprovers, PolicyError> {
    let section = Section::AutoApprovers;
    let mut fields = reader.fields(section.name(), value)?;
    let mut by_name = |key: &str| match fields.take(&[key]) {
        Some(value) => {
            let path = format!("{section}.{key}");
            let all = lists(reader, section, &path, value);
            Ok(reader.or_left_out((section, path), value, all)?.unwrap_or_default())
        }
        None => Ok(Vec::new()),
    };
    let routes = by_name("routes")?;
    let services = by_name("services")?;
    let exit_node = match fields.take(&["exitNode"]) {
        Some(value) => {
            let path = format!("{section}.exitNode");
            let all = reader.texts(&path, Some(value));
            reader.or_left_out((section, path), value, all)?.unwrap_or_default()
        }
        None => Vec::new(),
    };
    reader.finish(section, fields);
    Ok(AutoApprovers { routes, exit_node, services })
}

pub(super) fn acl(reader: &Reader, rule: RuleRef, fields: &mut Fields) -> Result<Acl, PolicyError> {
    Ok(Acl {
        rule,
        action: fields.text(reader, &["action"])?,
        src: fields.texts(reader, &["src", "users"])?,
        dst: fields.texts(reader, &["dst", "ports"])?,
        proto: fields.text_or_number(reader, "proto")?,
        src_posture: fields.texts(reader, &["srcPosture"])?,
    })
}

pub(super) fn grant(reader: &Reader, rule: RuleRef, fields: &mut Fields) -> Result<Grant, PolicyError> {
    Ok(Grant {
        rule,
        src: fields.texts(reader, &["src"])?,
        dst: fields.texts(reader, &["dst"])?,
        ip: fields.texts(reader, &["ip"])?,
        app: fields.values(reader, &["app"])?,
        via: fields.texts(reader, &["via"])?,
        src_posture: fields.texts(reader, &["srcPosture"])?,
    })
}

pub(super) fn ssh_rule(reader: &Reader, rule: RuleRef, fields: &mut Fields) -> Result<SshRule, PolicyError> {
    Ok(SshRule {
        rule,
        action: fields.text(reader, &["action"])?,
        src: fields.texts(reader, &["src"])?,
        dst: fields.texts(reader, &["dst"])?,
        users: fields.texts(reader, &["users"])?,
        check_period: fields.exact(reader, "checkPeriod")?,
        accept_env: fields.exacts(reader, "acceptEnv")?,
        src_posture: fields.texts(reader, &["srcPosture"])?,
        recorder: fields.texts(reader, &["recorder"])?,
        enforce_recorder: fields.boolean(reader, "enforceRecorder")?,
    })
}

pub(super) fn node_attr(
    reader: &Reader,
    rule: RuleRef,
    fields: &mut Fields,
) -> Result<NodeAttr, PolicyError> {
    Ok(NodeAttr {
        rule,
        target: fields.texts(reader, &["target"])?,
        attr: fields.exacts(reader, "attr")?,
        ip_pool: fields.texts(reader, &["ipPool"])?,
        app: fields.values(reader, &["app"])?,
    })
}

pub(super) fn policy_test(
    reader: &Reader,
    rule: RuleRef,
    fields: &mut Fields,
) -> Result<PolicyTest, PolicyError> {
    Ok(PolicyTest {
        rule,
        src: fields.text(reader, &["src", "user"])?,
        proto: fields.text(reader, &["proto"])?,
        accept: fields.texts(reader, &["accept", "allow"])?,
        deny: fields.texts(reader, &["deny"])?,
        src_posture_attrs: fields.values(reader, &["srcPostureAttrs"])?,
    })
}

pub(super) fn ssh_test(reader: &Reader, rule: RuleRef, fields: &mut Fields) -> Result<SshTest, PolicyError> {
    Ok(SshTest {
        rule,
        src: fields.text(reader, &["src"])?,
        dst: fields.texts(reader, &["dst"])?,
        accept: fields.texts(reader, &["accept"])?,
        deny: fields.texts(reader, &["deny"])?,
        check: fields.texts(reader, &["check"])?,
        src_posture_attrs: fields.values(reader, &["srcPostureAttrs"])?,
    })
}
