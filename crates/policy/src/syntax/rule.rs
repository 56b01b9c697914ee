//! One entry of a list section, field by field.

use serde_json::Value;

use super::{RuleRef, Text};

/// An entry of `acls`.
#[derive(Clone, Debug)]
pub struct Acl {
    /// Where it stands.
    pub rule: RuleRef,
    /// Only `accept` is allowed.
    pub action: Option<Text>,
    /// Sources; the old name is `users`.
    pub src: Vec<Text>,
    /// Destinations with ports; the old name is `ports`.
    pub dst: Vec<Text>,
    /// A protocol by name or number.
    pub proto: Option<Text>,
    /// Conditions on the source device, alternatives.
    pub src_posture: Vec<Text>,
}

/// An entry of `grants`.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Where it stands.
    pub rule: RuleRef,
    /// Sources.
    pub src: Vec<Text>,
    /// Destinations.
    pub dst: Vec<Text>,
    /// Ports and protocols.
    pub ip: Vec<Text>,
    /// Application capabilities by name, in the order of the file.
    pub app: Vec<(Text, Value)>,
    /// Tags of the routers to go through.
    pub via: Vec<Text>,
    /// Conditions on the source device, alternatives.
    pub src_posture: Vec<Text>,
}

/// An entry of `ssh`.
#[derive(Clone, Debug)]
pub struct SshRule {
    /// Where it stands.
    pub rule: RuleRef,
    /// `accept` or `check`.
    pub action: Option<Text>,
    /// Sources.
    pub src: Vec<Text>,
    /// Destinations.
    pub dst: Vec<Text>,
    /// Login names on the destination.
    pub users: Vec<Text>,
    /// How long a check holds: a Go duration or `always`.
    pub check_period: Option<Text>,
    /// Environment variables that may be sent.
    pub accept_env: Vec<Text>,
    /// Conditions on the source device, alternatives.
    pub src_posture: Vec<Text>,
    /// Tags of the nodes that record sessions.
    pub recorder: Vec<Text>,
    /// Whether a session ends that cannot be recorded.
    pub enforce_recorder: bool,
}

/// An entry of `nodeAttrs`.
#[derive(Clone, Debug)]
pub struct NodeAttr {
    /// Where it stands.
    pub rule: RuleRef,
    /// Who gets the attributes.
    pub target: Vec<Text>,
    /// Attribute names.
    pub attr: Vec<Text>,
    /// Address pools.
    pub ip_pool: Vec<Text>,
    /// App connectors by capability name. Not in our copy of the documentation; kept as it is.
    pub app: Vec<(Text, Value)>,
}

/// An entry of `tests`.
#[derive(Clone, Debug)]
pub struct PolicyTest {
    /// Where it stands.
    pub rule: RuleRef,
    /// One source; the old name is `user`.
    pub src: Option<Text>,
    /// A protocol by name or number.
    pub proto: Option<Text>,
    /// Destinations with one port each that must be reachable; the old name is `allow`.
    pub accept: Vec<Text>,
    /// Destinations with one port each that must not be reachable.
    pub deny: Vec<Text>,
    /// Posture attributes of the imagined source device.
    pub src_posture_attrs: Vec<(Text, Value)>,
}

/// An entry of `sshTests`.
#[derive(Clone, Debug)]
pub struct SshTest {
    /// Where it stands.
    pub rule: RuleRef,
    /// One source.
    pub src: Option<Text>,
    /// Destinations.
    pub dst: Vec<Text>,
    /// Login names that must get in, with or without a check.
    pub accept: Vec<Text>,
    /// Login names that must not get in.
    pub deny: Vec<Text>,
    /// Login names that must get in with a check.
    pub check: Vec<Text>,
    /// Posture attributes of the imagined source device.
    pub src_posture_attrs: Vec<(Text, Value)>,
}
