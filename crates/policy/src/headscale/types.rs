//! Whether each value has its type and its form: the first fault in the order of the file, as the decoder of the server
//! meets them.

use std::ops::Range;

use hujson::{Member, Type, Value};

use super::{scalars, tables};
use crate::error::{PolicyError, PolicyErrorKind};
use crate::syntax::Dialect;

type Checked = Result<(), PolicyError>;

/// Refuses a value that has not the type of its field, a name without a form that there is, and a field that there is not.
pub(crate) fn check_types(root: &Value, dialect: Dialect) -> Checked {
    Types { dialect }.policy(root)
}

/// What a value is read into.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Such as `/acls/0/src`.
    pub(super) path: &'a str,
    /// The name of the type in the server.
    pub(super) go: &'a str,
}

/// `parsing policy from bytes: …`, with its place.
pub(super) fn fault(words: &str, span: Range<usize>) -> PolicyError {
    super::refused(
        PolicyErrorKind::Syntax,
        format!("parsing policy: parsing policy from bytes: {words}"),
        Some(&span),
    )
}

/// A value that does not become what it should.
pub(super) fn mismatch(value: &Value, place: Place, why: Option<&str>) -> PolicyError {
    let kind = match value.json_type() {
        Type::Bool => "boolean",
        kind => kind.name(),
    };
    let within = if place.path.is_empty() { String::new() } else { format!(" within {:?}", place.path) };
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    fault(&format!("json: cannot unmarshal JSON {kind} into Go {}{within}{why}", place.go), value.span())
}

/// A name that was there already.
fn duplicate(member: &Member, place: Place) -> PolicyError {
    let within = if place.path.is_empty() { String::new() } else { format!(" within {:?}", place.path) };
    let words = format!("jsontext: duplicate object member name {:?}{within}", member.name());
    fault(&words, member.name_value().span())
}

/// A name that was there already in another case. An acl is read twice, and only the second reading knows its fields.
fn twice(member: &Member, value: &Value, place: Place) -> PolicyError {
    if place.go != "v2.ACL" {
        return duplicate(member, place);
    }
    mismatch(value, place, Some(&format!("duplicate object member name {:?}", member.name())))
}

pub(super) struct Types {
    pub(super) dialect: Dialect,
}

impl Types {
    fn is_new(&self) -> bool {
        self.dialect != Dialect::Headscale028
    }

    fn policy(&self, root: &Value) -> Checked {
        self.object(root, Place { path: "", go: "v2.Policy" }, |name, value, path| {
            let at = |go| Place { path, go };
            Some(match name {
                "groups" => self.groups(value, at("v2.Groups")),
                "hosts" => self.hosts(value, at("v2.Hosts")),
                "tagowners" => self.tag_owners(value, at("v2.TagOwners")),
                "acls" => Self::list(value, at("[]v2.ACL"), |item, path| self.acl(item, path)),
                "ssh" => Self::list(value, at("[]v2.SSH"), |item, path| self.ssh(item, path)),
                "autoapprovers" => self.auto_approvers(value, at("v2.AutoApproverPolicy")),
                "grants" if self.is_new() => {
                    Self::list(value, at("[]v2.Grant"), |item, path| self.grant(item, path))
                }
                "nodeattrs" if self.is_new() => {
                    Self::list(value, at("[]v2.NodeAttrGrant"), |item, path| self.node_attr(item, path))
                }
                "tests" if self.is_new() => {
                    Self::list(value, at("[]v2.PolicyTest"), |item, path| self.test(item, path))
                }
                "sshtests" if self.is_new() => {
                    Self::list(value, at("[]v2.SSHPolicyTest"), |item, path| self.ssh_test(item, path))
                }
                "randomizeclientport" if self.is_new() => match value.json_type() {
                    Type::Bool | Type::Null => Ok(()),
                    _ => Err(mismatch(value, at("bool"), None)),
                },
                _ => return None,
            })
        })
    }

    /// Every member in order: one of a name that was there is refused, and so is one that `read` does not know.
    fn object(
        &self,
        value: &Value,
        place: Place,
        read: impl Fn(&str, &Value, &str) -> Option<Checked>,
    ) -> Checked {
        Self::members(value, place, |member, path| {
            let name = member.name();
            let start = member.name_value().span().start;
            let before = value.as_object().into_iter().flat_map(hujson::Object::members);
            let mut before = before.take_while(|earlier| earlier.name_value().span().start < start);
            if before.any(|earlier| earlier.name().eq_ignore_ascii_case(&name)) {
                return Err(twice(member, value, place));
            }
            read(&name.to_ascii_lowercase(), member.value(), path).unwrap_or_else(|| {
                let colon = if self.is_new() { ":" } else { "" };
                let message = format!("parsing policy: unknown field{colon} {name:?}");
                let span = member.name_value().span();
                Err(super::refused(PolicyErrorKind::Invalid, message, Some(&span)))
            })
        })
    }

    pub(super) fn members(value: &Value, place: Place, read: impl Fn(&Member, &str) -> Checked) -> Checked {
        if value.is_null() {
            return Ok(());
        }
        let members = value.as_object().ok_or_else(|| mismatch(value, place, None))?.members();
        for (at, member) in members.iter().enumerate() {
            let name = member.name();
            if members.iter().take(at).any(|earlier| earlier.name() == name) {
                return Err(duplicate(member, place));
            }
            read(member, &format!("{}/{}", place.path, hujson::escape_token(&name)))?;
        }
        Ok(())
    }

    pub(super) fn list(value: &Value, place: Place, read: impl Fn(&Value, &str) -> Checked) -> Checked {
        if value.is_null() {
            return Ok(());
        }
        let items = value.as_array().ok_or_else(|| mismatch(value, place, None))?.elements();
        items.iter().enumerate().try_for_each(|(at, item)| read(item, &format!("{}/{at}", place.path)))
    }

    fn acl(&self, value: &Value, path: &str) -> Checked {
        if value.as_object().is_none() {
            return Self::members(value, Place { path, go: "map[string]interface {}" }, |_, _| Ok(()));
        }
        self.object(value, Place { path, go: "v2.ACL" }, |name, value, path| {
            let at = |go| Place { path, go };
            Some(match name {
                "action" => scalars::action(self.dialect, value, at("v2.Action")),
                "proto" => scalars::protocol(self.dialect, value, at("v2.Protocol")),
                "src" => self.aliases(value, path),
                "dst" => Self::list(value, at("[]v2.AliasWithPorts"), |item, path| {
                    scalars::destination(self.dialect, item, Place { path, go: "v2.AliasWithPorts" })
                }),
                name if name.starts_with('#') => Ok(()),
                _ => return None,
            })
        })
    }

    fn grant(&self, value: &Value, path: &str) -> Checked {
        self.object(value, Place { path, go: "v2.Grant" }, |name, value, path| {
            let at = |go| Place { path, go };
            Some(match name {
                "src" | "dst" => self.aliases(value, path),
                "ip" => Self::list(value, at("[]v2.ProtocolPort"), |item, path| {
                    scalars::port(self.dialect, item, Place { path, go: "v2.ProtocolPort" })
                }),
                "app" => Self::members(value, at("tailcfg.PeerCapMap"), |member, path| {
                    let place = Place { path, go: "[]tailcfg.RawMessage" };
                    Self::list(member.value(), place, |_, _| Ok(()))
                }),
                "via" => Self::list(value, at("[]v2.Tag"), |item, _| scalars::router(item)),
                _ => return None,
            })
        })
    }

    fn ssh(&self, value: &Value, path: &str) -> Checked {
        self.object(value, Place { path, go: "v2.SSH" }, |name, value, path| {
            let at = |go| Place { path, go };
            Some(match name {
                "action" => scalars::ssh_action(self.dialect, value, at("v2.SSHAction")),
                "src" => scalars::ssh_sources(self, value, at("v2.SSHSrcAliases")),
                "dst" => scalars::ssh_destinations(self, value, at("v2.SSHDstAliases")),
                "users" => Self::logins(value, at("v2.SSHUsers")),
                "checkperiod" if self.is_new() && value.is_null() => Ok(()),
                "checkperiod" if self.is_new() => scalars::period(value, at("v2.SSHCheckPeriod")),
                "checkperiod" => scalars::old_period(value, at("model.Duration")),
                "acceptenv" if self.is_new() => Self::texts(value, path, "string"),
                _ => return None,
            })
        })
    }

    fn node_attr(&self, value: &Value, path: &str) -> Checked {
        self.object(value, Place { path, go: "v2.NodeAttrGrant" }, |name, value, path| {
            Some(match name {
                "target" => self.aliases(value, path),
                "attr" => Self::texts(value, path, "tailcfg.NodeCapability"),
                "ippool" => Self::list(value, Place { path, go: "[]netip.Prefix" }, |item, path| {
                    scalars::prefix(item, Place { path, go: "netip.Prefix" })
                }),
                _ => return None,
            })
        })
    }

    fn test(&self, value: &Value, path: &str) -> Checked {
        self.object(value, Place { path, go: "v2.PolicyTest" }, |name, value, path| {
            Some(match name {
                "src" => scalars::string(value, Place { path, go: "string" }),
                "proto" => scalars::protocol(self.dialect, value, Place { path, go: "v2.Protocol" }),
                "accept" | "deny" => Self::texts(value, path, "string"),
                _ => return None,
            })
        })
    }

    fn ssh_test(&self, value: &Value, path: &str) -> Checked {
        self.object(value, Place { path, go: "v2.SSHPolicyTest" }, |name, value, path| {
            Some(match name {
                "src" => scalars::string(value, Place { path, go: "string" }),
                "dst" => self.aliases(value, path),
                "accept" | "deny" | "check" => Self::logins(value, Place { path, go: "[]v2.SSHUser" }),
                _ => return None,
            })
        })?;
        // The source is looked at once all is read.
        let src = value.as_object().and_then(|object| object.get_ignore_case("src")).and_then(Value::as_str);
        let src = src.as_deref().map_or("", str::trim);
        let found = if src.is_empty() { Ok(()) } else { scalars::check_name(self.dialect, src) };
        found.map_err(|why| mismatch(value, Place { path, go: "v2.SSHPolicyTest" }, Some(&why)))
    }

    fn logins(value: &Value, place: Place) -> Checked {
        Self::list(value, place, |item, path| scalars::string(item, Place { path, go: "string" }))
    }

    fn aliases(&self, value: &Value, path: &str) -> Checked {
        Self::list(value, Place { path, go: "[]v2.AliasEnc" }, |item, path| {
            scalars::alias(self.dialect, item, Place { path, go: "v2.AliasEnc" })
        })
    }

    /// A list of texts, each of the type `go`.
    fn texts(value: &Value, path: &str, go: &str) -> Checked {
        Self::list(value, Place { path, go: &format!("[]{go}") }, |item, path| {
            scalars::string(item, Place { path, go })
        })
    }

    fn auto_approvers(&self, value: &Value, place: Place) -> Checked {
        let approver = |item: &Value, path: &str| {
            let words = ["AutoApprover", "auto approver"];
            scalars::owner(self.dialect, item, Place { path, go: "v2.AutoApproverEnc" }, words)
        };
        self.object(value, place, |name, value, path| {
            Some(match name {
                "routes" => Self::members(
                    value,
                    Place { path, go: "map[netip.Prefix]v2.AutoApprovers" },
                    |member, path| {
                        scalars::prefix(member.name_value(), Place { path, go: "netip.Prefix" })?;
                        Self::list(member.value(), Place { path, go: "[]v2.AutoApproverEnc" }, approver)
                    },
                ),
                "exitnode" => Self::list(value, Place { path, go: "[]v2.AutoApproverEnc" }, approver),
                _ => return None,
            })
        })
    }

    fn tag_owners(&self, value: &Value, place: Place) -> Checked {
        Self::members(value, place, |member, path| {
            scalars::tag(self.dialect, member, Place { path, go: "v2.Tag" })?;
            Self::list(member.value(), Place { path, go: "[]v2.OwnerEnc" }, |item, path| {
                scalars::owner(self.dialect, item, Place { path, go: "v2.OwnerEnc" }, ["Owner", "owner"])
            })
        })
    }

    fn groups(&self, value: &Value, place: Place) -> Checked {
        Self::members(value, Place { go: "map[string]interface {}", ..place }, |_, _| Ok(()))?;
        tables::groups(self.dialect, value).map_err(|why| mismatch(value, place, Some(&why)))
    }

    fn hosts(&self, value: &Value, place: Place) -> Checked {
        Self::members(value, Place { go: "map[string]string", ..place }, |member, path| {
            scalars::string(member.value(), Place { path, go: "string" })
        })?;
        tables::hosts(self.dialect, value).map_err(|why| mismatch(value, place, Some(&why)))
    }
}
