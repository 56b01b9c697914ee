//! The whole policy file.

mod entries;

use std::ops::Range;

use hujson::{LineIndex, Value};

use super::fields::Reader;
use super::{
    Acl, Dialect, Grant, Language, NodeAttr, PolicyTest, Reading, RuleRef, Section, SshRule, SshTest, Text,
};
use crate::error::{PolicyError, PolicyErrorKind};
use crate::headscale;

/// A policy file, parsed but not resolved. `acls` and `grants` tell an absent section from an empty one:
/// without both everything is allowed, with an empty one nothing is (captures).
///
/// ```
/// let policy = policy::Policy::parse(r#"{
///   "grants": [
///     // friends may play
///     {"src": ["ana@example.com"], "dst": ["100.64.0.1"], "ip": ["tcp:25565"]},
///   ],
/// }"#).unwrap();
/// assert_eq!(policy.grants.unwrap()[0].rule.line, 4);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// `acls`, if present.
    pub acls: Option<Vec<Acl>>,
    /// `grants`, if present.
    pub grants: Option<Vec<Grant>>,
    /// `groups`: users by group.
    pub groups: Vec<Named<Vec<Text>>>,
    /// `hosts`: an address or prefix by name.
    pub hosts: Vec<Named<Text>>,
    /// `ipsets`: steps by name.
    pub ip_sets: Vec<Named<Vec<Text>>>,
    /// `tagOwners`: owners by tag.
    pub tag_owners: Vec<Named<Vec<Text>>>,
    /// `autoApprovers`.
    pub auto_approvers: AutoApprovers,
    /// `ssh`.
    pub ssh: Vec<SshRule>,
    /// `nodeAttrs`.
    pub node_attrs: Vec<NodeAttr>,
    /// `postures`: conditions by name.
    pub postures: Vec<Named<Vec<Text>>>,
    /// `defaultSrcPosture`.
    pub default_src_posture: Vec<Text>,
    /// `tests`.
    pub tests: Vec<PolicyTest>,
    /// `sshTests`.
    pub ssh_tests: Vec<SshTest>,
    /// `randomizeClientPort`.
    pub randomize_client_port: bool,
    /// `disableIPv4`.
    pub disable_ipv4: bool,
    /// `OneCGNATRoute`: empty, `mac-always` or `mac-never`.
    pub one_cgnat_route: Option<Text>,
    /// `derpMap`, as it is.
    pub derp_map: Option<serde_json::Value>,
    /// `externalTailnets`: other tailnets by the name that rules use for them, as they are.
    pub external_tailnets: Vec<Named<serde_json::Value>>,
    /// How the text was read.
    pub language: Language,
    /// Sections and fields that the engine does not know, in the order of the file.
    pub unknown: Vec<UnknownField>,
    /// Which sections the file has and where their values stand, in the order of the file.
    pub sections: Vec<(Section, Range<usize>)>,
    lines: Option<LineIndex>,
}

/// An entry of an object section: a group, a host, a tag.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// Where it stands, name and value.
    pub rule: RuleRef,
    /// Its name, with its prefix.
    pub name: Text,
    /// What it stands for.
    pub value: T,
}

/// The section `autoApprovers`.
#[derive(Clone, Debug, Default)]
pub struct AutoApprovers {
    /// Approvers by prefix.
    pub routes: Vec<Named<Vec<Text>>>,
    /// Approvers of exit nodes.
    pub exit_node: Vec<Text>,
    /// Approvers of service hosts, by service or tag.
    pub services: Vec<Named<Vec<Text>>>,
}

/// A section or field that the engine does not know. It is no error: the control plane knows more than we do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// Such as `grants[2].ports`.
    pub path: String,
    /// The section it is in; `None` if it is itself a section.
    pub section: Option<Section>,
    /// The bytes of its name.
    pub span: Range<usize>,
    /// Its line, from 1.
    pub line: usize,
}

impl Policy {
    /// The longest text that is taken, in bytes; real files are far below (the control plane refuses larger
    /// ones much earlier).
    pub const MAX_BYTES: usize = 4 << 20;
    /// The most entries in `acls` and `grants` together.
    pub const MAX_RULES: usize = 20_000;

    /// Parses a policy file that somebody means to bring in force.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        Self::read(text, Reading::Proposed)
    }

    /// Parses a policy file in one of the two ways, in the language of one control plane; whatever is worked out from it
    /// goes by the same.
    ///
    /// # Errors
    /// [`PolicyError`] of kind `Syntax` with the exact text of the HuJSON parser, or for a value of the wrong
    /// type; of kind `TooLarge` beyond [`Self::MAX_BYTES`] or [`Self::MAX_RULES`]. In Headscale's language also what
    /// it refuses in a text, whatever the network.
    pub fn read(text: &str, language: impl Into<Language>) -> Result<Self, PolicyError> {
        let language = language.into();
        if text.len() > Self::MAX_BYTES {
            return Err(too_large(format!(
                "the policy has {} bytes; the engine takes up to {}",
                text.len(),
                Self::MAX_BYTES
            )));
        }
        let headscale = language.dialect.is_headscale();
        if headscale && text.is_empty() {
            // Stored as it is, and no rules are no limits.
            return Ok(Self { language, lines: Some(LineIndex::new(b"")), ..Self::default() });
        }
        let root = hujson::parse_str(text).map_err(|error| PolicyError {
            kind: PolicyErrorKind::Syntax,
            message: if headscale { headscale::not_hujson(&error) } else { error.to_string() },
            span: Some(error.offset..error.offset.saturating_add(1).min(text.len()).max(error.offset)),
            line: Some(error.line),
        })?;
        let lines = LineIndex::new(text.as_bytes());
        let proposed = headscale && !language.reading.is_in_force();
        if proposed {
            headscale::check_types(&root, language.dialect).map_err(|error| located(error, &lines))?;
        }
        let policy = Self::of(&root, lines, language)?;
        if proposed {
            headscale::check(&policy).map_err(|error| policy.locate(error))?;
        }
        Ok(policy)
    }

    fn of(root: &Value, lines: LineIndex, language: Language) -> Result<Self, PolicyError> {
        let in_force = language.reading.is_in_force() && !language.dialect.is_headscale();
        let mut reader = Reader { lines, unknown: Vec::new(), dialect: language.dialect, in_force };
        let mut policy = Self { language, ..Self::default() };
        if language.dialect.is_headscale() && root.is_null() {
            policy.lines = Some(reader.lines);
            return Ok(policy);
        }
        for member in reader.members("the policy", root)? {
            let key = member.name();
            let Some(section) = Section::of_key(&key) else {
                reader.report(None, key.into_owned(), member);
                continue;
            };
            if policy.sections.iter().any(|(seen, _)| *seen == section) {
                return Err(reader.fault(member.name_value(), format!("duplicate key {key:?}")));
            }
            policy.sections.push((section, member.value().span()));
            if !member.value().is_null() {
                let read = policy.read_section(&mut reader, section, member.value());
                reader.or_left_out((section, section.name().to_owned()), member.value(), read)?;
            }
        }
        let rules = policy.acls.as_ref().map_or(0, Vec::len) + policy.grants.as_ref().map_or(0, Vec::len);
        if rules > Self::MAX_RULES {
            return Err(too_large(format!(
                "the policy has {rules} rules; the engine takes up to {}",
                Self::MAX_RULES
            )));
        }
        policy.unknown = reader.unknown;
        policy.lines = Some(reader.lines);
        Ok(policy)
    }

    /// The names of the fields of a rule that the engine does not know: the rule may let in less than it seems to, or more.
    /// Headscale has none besides those that are known here.
    pub(crate) fn unknown_fields(&self, rule: RuleRef) -> Vec<Text> {
        let fields = self.unknown.iter().filter(|_| !self.language.dialect.is_headscale());
        let own = fields.filter(|field| {
            field.section == Some(rule.section)
                && rule.start <= field.span.start
                && field.span.end <= rule.end
        });
        let name = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        own.map(|field| Text { value: name(&field.path), span: field.span.clone() }).collect()
    }

    /// The line, from 1, of a byte of the text that this policy was parsed from.
    pub fn line(&self, offset: usize) -> Option<usize> {
        Some(self.lines.as_ref()?.position(offset).line)
    }

    /// Adds the line to a refusal that knows its bytes only.
    pub(crate) fn locate(&self, error: PolicyError) -> PolicyError {
        match &self.lines {
            Some(lines) => located(error, lines),
            None => error,
        }
    }

    fn read_section(
        &mut self,
        reader: &mut Reader,
        section: Section,
        value: &Value,
    ) -> Result<(), PolicyError> {
        let path = section.name();
        match section {
            Section::Acls => self.acls = Some(entries::read(reader, section, value, entries::acl)?),
            Section::Grants => self.grants = Some(entries::read(reader, section, value, entries::grant)?),
            Section::Groups => self.groups = entries::named(reader, section, path, value, Reader::texts_of)?,
            Section::Hosts => self.hosts = entries::named(reader, section, path, value, Reader::text)?,
            Section::IpSets => self.ip_sets = entries::named(reader, section, path, value, Reader::texts_of)?,
            Section::TagOwners => self.tag_owners = entries::lists(reader, section, path, value)?,
            Section::AutoApprovers => self.auto_approvers = entries::auto_approvers(reader, value)?,
            Section::Ssh => self.ssh = entries::read(reader, section, value, entries::ssh_rule)?,
            Section::NodeAttrs => {
                self.node_attrs = entries::read(reader, section, value, entries::node_attr)?;
            }
            Section::Postures => {
                self.postures = entries::named(reader, section, path, value, Reader::texts_of)?;
            }
            Section::DefaultSrcPosture => self.default_src_posture = reader.texts(path, Some(value))?,
            Section::Tests => self.tests = entries::read(reader, section, value, entries::policy_test)?,
            Section::SshTests => self.ssh_tests = entries::read(reader, section, value, entries::ssh_test)?,
            Section::RandomizeClientPort => self.randomize_client_port = reader.boolean(path, value)?,
            Section::DisableIpv4 => self.disable_ipv4 = reader.boolean(path, value)?,
            Section::OneCgnatRoute => self.one_cgnat_route = Some(reader.text(path, value)?),
            Section::DerpMap => {
                self.derp_map = Some(reader.json(value)?);
            }
            Section::ExternalTailnets => {
                self.external_tailnets =
                    entries::named(reader, section, path, value, |reader, _, value| reader.json(value))?;
            }
            Section::AttrConfig | Section::Default => {}
        }
        Ok(())
    }

    /// Whether everything is allowed because there are neither `acls` nor `grants`.
    ///
    /// Headscale 0.28 lets nobody in once the file speaks of everybody's own machines, if only for SSH.
    pub fn allows_by_default(&self) -> bool {
        let own = |rule: &SshRule| rule.dst.iter().any(|text| text.value == "autogroup:self");
        let closed = self.language.dialect == Dialect::Headscale028 && self.ssh.iter().any(own);
        self.acls.is_none() && self.grants.is_none() && !closed
    }
}

impl Reader {
    fn texts_of(&self, path: &str, value: &Value) -> Result<Vec<Text>, PolicyError> {
        self.texts(path, Some(value).filter(|value| !value.is_null()))
    }
}

fn located(mut error: PolicyError, lines: &LineIndex) -> PolicyError {
    error.line = error.line.or_else(|| Some(lines.position(error.span.as_ref()?.start).line));
    error
}

fn too_large(message: String) -> PolicyError {
    PolicyError { kind: PolicyErrorKind::TooLarge, message, span: None, line: None }
}

#[cfg(test)]
mod tests;
