//! A second evaluator, deliberately simple: pairs × rules, read straight from the documentation.
//!
//! It shares nothing with the engine but the decoded JSON. Every question walks every rule again; nothing is
//! prepared, merged or remembered.

mod addresses;
mod gate;
mod rule;

use std::net::IpAddr;

pub use addresses::public;
use addresses::{CHROME_OS, TAILNET, covers, overlap, span, within};
use rule::Rule;
use serde_json::Value;

/// Where a packet comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// A listed node.
    Node(String),
    /// A device of this login that the owner's API does not show.
    Unseen(String),
    /// An address behind a subnet router, or any other bare address.
    Address(IpAddr),
}

/// What can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    No,
    /// It rests on what is not known here.
    Perhaps,
    Yes,
}

/// Policy and network as decoded JSON.
#[derive(Clone, Debug)]
pub struct World {
    pub policy: Value,
    pub network: Value,
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(|text| text.trim().to_owned()).collect()
}

impl World {
    fn node(&self, name: &str) -> &Value {
        &self.network["nodes"][name]
    }

    fn nodes(&self) -> Vec<(String, &Value)> {
        let nodes = self.network["nodes"].as_object();
        nodes.into_iter().flatten().map(|(name, node)| (name.clone(), node)).collect()
    }

    fn user(&self, login: &str) -> Option<&Value> {
        let mut users = self.network["users"].as_array()?.iter();
        users.find(|user| user["email"].as_str().is_some_and(|email| email.eq_ignore_ascii_case(login)))
    }

    /// The login that an untagged node belongs to.
    pub fn owner(&self, node: &Value) -> Option<String> {
        if !texts(&node["tags"]).is_empty() {
            return None;
        }
        let users = self.network["users"].as_array()?;
        let user = users.iter().find(|user| user["name"] == node["user"])?;
        Some(user["email"].as_str()?.to_owned())
    }

    pub fn is_member(&self, login: &str) -> bool {
        self.user(login).is_some_and(|user| user["type"] != "shared")
    }

    pub fn is_recipient(&self, login: &str) -> bool {
        match self.user(login) {
            Some(user) => user["type"] == "shared",
            None => self.nodes().iter().any(|(_, node)| has(&texts(&node["shared_to"]), login)),
        }
    }

    /// Approved subnet routes; exit routes are no subnet.
    fn subnets(node: &Value) -> Vec<String> {
        let exit = |route: &String| route == "0.0.0.0/0" || route == "::/0";
        texts(&node["approved_routes"]).into_iter().filter(|route| !exit(route)).collect()
    }

    fn leads_out(node: &Value) -> bool {
        texts(&node["approved_routes"]).iter().any(|route| route == "0.0.0.0/0" || route == "::/0")
    }

    fn section(&self, name: &str) -> Option<&Vec<Value>> {
        let policy = self.policy.as_object()?;
        policy.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, list)| list.as_array())
    }

    /// Whether a selector names a login: itself, a group with it, a role, all members, all recipients.
    fn names_login(&self, selector: &str, login: &str) -> bool {
        let role =
            |role: &str| self.is_member(login) && self.user(login).is_some_and(|user| user["role"] == role);
        match selector {
            "autogroup:member" | "autogroup:members" => self.is_member(login),
            "autogroup:shared" => self.is_recipient(login),
            // The owner administrates everything too.
            "autogroup:admin" => role("admin") || role("owner"),
            named if named.starts_with("autogroup:") => role(named.trim_start_matches("autogroup:")),
            group if group.starts_with("group:") => has(&texts(&self.policy["groups"][group]), login),
            everyone if everyone.starts_with("user:*@") => {
                let domain = everyone.trim_start_matches("user:*");
                self.is_member(login) && login.ends_with(domain)
            }
            _ => selector.eq_ignore_ascii_case(login),
        }
    }

    /// Whether an address is in an IP set: what its last step about the address says.
    fn in_set(&self, set: &str, address: IpAddr) -> bool {
        let mut inside = false;
        for step in texts(&self.policy["ipsets"][set]) {
            let (verb, target) = step.split_once(' ').unwrap_or(("add", &step));
            let about = match target {
                "autogroup:internet" => public(&address.to_string()),
                other if other.starts_with("ipset:") => self.in_set(other, address),
                other => self.literal(other).is_some_and(|range| within(address, &range)),
            };
            if about {
                inside = verb == "add";
            }
        }
        inside
    }

    /// A name of which nobody here knows for whom it stands, itself or through a group.
    fn is_unknown(&self, selector: &str) -> bool {
        let own = texts(&self.policy["groups"][selector]);
        selector.contains("://")
            || (selector.starts_with("group:") && selector.contains('@'))
            || own.iter().any(|member| member.starts_with("autogroup:"))
    }

    /// An address, a prefix, or the name of one in `hosts`.
    fn literal(&self, selector: &str) -> Option<String> {
        if span(selector).is_some() {
            return Some(selector.to_owned());
        }
        self.policy["hosts"][selector].as_str().map(str::to_owned)
    }

    fn selects_node(&self, selector: &str, node: &Value) -> bool {
        let tags = texts(&node["tags"]);
        match selector {
            "autogroup:tagged" => !tags.is_empty(),
            tag if tag.starts_with("tag:") => tags.iter().any(|t| t == tag),
            _ => self.owner(node).is_some_and(|login| self.names_login(selector, &login)),
        }
    }

    fn selects_address(&self, selector: &str, address: IpAddr) -> bool {
        match selector {
            "autogroup:danger-all" => true,
            "*" => {
                let tailnet =
                    TAILNET.iter().any(|range| within(address, range)) && !within(address, CHROME_OS);
                let routed = |node: &Value| Self::subnets(node).iter().any(|route| within(address, route));
                tailnet || self.nodes().iter().any(|(_, node)| routed(node))
            }
            set if set.starts_with("ipset:") => self.in_set(set, address),
            _ => self.literal(selector).is_some_and(|range| within(address, &range)),
        }
    }

    fn selects_source(&self, selector: &str, from: &From, v4: bool) -> bool {
        match from {
            From::Address(address) => address.is_ipv4() == v4 && self.selects_address(selector, *address),
            From::Node(name) => {
                let node = self.node(name);
                let address = node[if v4 { "ipv4" } else { "ipv6" }].as_str().and_then(|a| a.parse().ok());
                address.is_some_and(|address| {
                    self.selects_node(selector, node) || self.selects_address(selector, address)
                })
            }
            From::Unseen(login) => {
                let range = TAILNET[usize::from(!v4)];
                matches!(selector, "*" | "autogroup:danger-all")
                    || self.names_login(selector, login)
                    || self.literal(selector).is_some_and(|wide| covers(&wide, range))
            }
        }
    }

    fn selects_destination(
        &self,
        selector: &str,
        from: &From,
        name: &str,
        to: IpAddr,
        via: &[String],
    ) -> bool {
        let node = self.node(name);
        let own = ["ipv4", "ipv6"].iter().any(|key| node[*key].as_str() == Some(&to.to_string()));
        let routed = Self::subnets(node).iter().any(|route| within(to, route));
        let default = if to.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
        let carried = texts(&node["approved_routes"]).iter().any(|route| route == default);
        let outside = carried && public(&to.to_string());
        if !via.is_empty() && !texts(&node["tags"]).iter().any(|tag| via.contains(tag)) {
            return false;
        }
        if selector == "autogroup:internet" {
            return Self::leads_out(node) && public(&to.to_string()) && (routed || outside);
        }
        if selector.starts_with("ipset:") {
            // A part of the internet goes through exit nodes, whoever says which; its own address a router has besides.
            let part = texts(&self.policy["ipsets"][selector]).iter().any(|step| step.ends_with(":internet"));
            let direct = via.is_empty() && (own || outside);
            return self.in_set(selector, to) && (routed || direct || (part && outside));
        }
        if let Some(literal) = self.literal(selector) {
            let touches = Self::subnets(node).iter().any(|route| overlap(route, &literal));
            let addressed = ["ipv4", "ipv6"].iter().filter_map(|key| node[*key].as_str());
            let kept = touches
                || (via.is_empty() && addressed.into_iter().any(|own| overlap(own, &literal)))
                || (via.is_empty() && Self::leads_out(node) && public(&literal));
            return kept && within(to, &literal) && (own || routed || outside);
        }
        if !via.is_empty() {
            return false;
        }
        match selector {
            "*" => own || routed || outside,
            "autogroup:self" => match from {
                From::Node(source) => {
                    let same = |login: String| self.owner(self.node(source)) == Some(login);
                    own && self.owner(node).is_some_and(same)
                }
                _ => false,
            },
            _ => own && self.selects_node(selector, node),
        }
    }

    /// The postures that a rule asks for: its own, or else those of all rules.
    fn postures(&self, rule: &Value) -> Vec<String> {
        let own = texts(&rule["srcPosture"]);
        if own.is_empty() { texts(&self.policy["defaultSrcPosture"]) } else { own }
    }

    /// A posture that asks for an attribute which is not in the documentation.
    fn is_new(&self, posture: &str) -> bool {
        texts(&self.policy["postures"][posture]).iter().any(|condition| condition.contains("brandNew"))
    }

    /// Whether postures are asked of a source: devices of the own tailnet report what they are.
    fn is_held(&self, from: &From) -> bool {
        match from {
            From::Address(_) => false,
            From::Unseen(login) => self.is_member(login),
            From::Node(name) => !self.owner(self.node(name)).is_some_and(|login| self.is_recipient(&login)),
        }
    }

    /// Every rule as source selectors, destination selector, protocol and ports; `via` tags.
    fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.section("acls").is_none() && self.section("grants").is_none() {
            rules.push(Rule::new(vec!["*".into()], "*", "", "*", vec![]).with(self.postures(&Value::Null)));
        }
        for acl in self.section("acls").into_iter().flatten() {
            let proto = acl["proto"].as_str().unwrap_or_default();
            let either =
                |new: &str, old: &str| if acl[new].is_null() { texts(&acl[old]) } else { texts(&acl[new]) };
            for dst in either("dst", "ports") {
                let (selector, ports) = dst.rsplit_once(':').unwrap_or((&dst, ""));
                let selector = selector.trim_start_matches('[').trim_end_matches(']');
                let rule = Rule::new(either("src", "users"), selector, proto, ports, vec![]);
                rules.push(rule.with(self.postures(acl)));
            }
        }
        for grant in self.section("grants").into_iter().flatten() {
            for dst in texts(&grant["dst"]) {
                for ip in texts(&grant["ip"]) {
                    let (proto, ports) = ip.split_once(':').unwrap_or(("", &ip));
                    let rule = Rule::new(texts(&grant["src"]), &dst, proto, ports, texts(&grant["via"]));
                    rules.push(rule.with(self.postures(grant)));
                }
            }
        }
        rules
    }

    /// What a rule says of a source that it is asked for, in an address family.
    fn rule_says(&self, rule: &Rule, from: &From, v4: bool) -> Verdict {
        // Self is the same user on both ends, whatever else the selector names.
        let named = rule.src.iter().any(|selector| self.selects_source(selector, from, v4));
        let held = self.is_held(from);
        if named && (!held || rule.postures.is_empty()) {
            return Verdict::Yes;
        }
        let new = held && rule.postures.iter().any(|posture| self.is_new(posture));
        let unknown = rule.src.iter().any(|selector| self.is_unknown(selector));
        if (named && new) || unknown { Verdict::Perhaps } else { Verdict::No }
    }

    /// What can be said of a source and a service: its addresses are in no network file, and whether share recipients
    /// get in is in no documentation.
    pub fn says_of_service(&self, from: &From, service: &str, proto: u8, port: u16) -> Verdict {
        let guest = match from {
            From::Node(name) => self.owner(self.node(name)).is_some_and(|login| self.is_recipient(&login)),
            From::Unseen(login) => !self.is_member(login),
            From::Address(_) => false,
        };
        let rules = self.rules();
        let leads = |rule: &&Rule| rule.via.is_empty() && (rule.dst == service || rule.dst == "*");
        let stranger =
            matches!(from, From::Unseen(login) if self.user(login).is_none() && !self.is_recipient(login));
        let said = rules.iter().filter(leads).filter(|rule| rule.opens(proto, port)).flat_map(|rule| {
            let unknown = rule.src.iter().any(|selector| self.is_unknown(selector));
            let bare = if unknown { Verdict::Perhaps } else { Verdict::No };
            [true, false].map(|v4| if stranger { bare } else { self.rule_says(rule, from, v4) })
        });
        let best = said.max().unwrap_or(Verdict::No);
        // Under a posture a guest is told for certain elsewhere; here nothing is.
        if guest { best.min(Verdict::Perhaps) } else { best }
    }

    /// Whether a packet of this protocol to this port gets through, whatever the source device reports.
    pub fn allowed_by_filters(&self, from: &From, name: &str, to: IpAddr, proto: u8, port: u16) -> bool {
        let bare =
            |rule: &Rule| rule.src.iter().any(|selector| self.selects_source(selector, from, to.is_ipv4()));
        self.passes_gate(from, name, to)
            && self.rules().iter().any(|rule| {
                rule.opens(proto, port)
                    && bare(rule)
                    && self.selects_destination(&rule.dst, from, name, to, &rule.via)
            })
    }

    /// Whether a packet of this protocol to this port gets through.
    pub fn allowed(&self, from: &From, name: &str, to: IpAddr, proto: u8, port: u16) -> bool {
        self.says(from, name, to, proto, port) == Verdict::Yes
    }

    /// What can be said of a packet of this protocol to this port.
    ///
    /// `name` is the node that the packet is sent to: the owner of the address, a subnet router, or an exit node.
    pub fn says(&self, from: &From, name: &str, to: IpAddr, proto: u8, port: u16) -> Verdict {
        let open = self.passes_gate(from, name, to);
        let rules = self.rules();
        let leads = |rule: &&Rule| {
            rule.opens(proto, port) && self.selects_destination(&rule.dst, from, name, to, &rule.via)
        };
        if open {
            let said = rules.iter().filter(leads).map(|rule| self.rule_says(rule, from, to.is_ipv4()));
            return said.max().unwrap_or(Verdict::No);
        }
        // Nothing is shared with them here; but other tailnets share in their own way, and of who has a login that
        // nobody here knows nothing is known at all.
        let login = match from {
            From::Node(source) => self.owner(self.node(source)),
            From::Unseen(login) => Some(login.clone()),
            From::Address(_) => None,
        };
        let foreign = self.owner(self.node(name)).is_some_and(|login| self.is_recipient(&login));
        let Some(login) = login.filter(|login| !self.is_member(login) && !foreign) else {
            return Verdict::No;
        };
        let stranger = !self.is_recipient(&login);
        // Documentation of sharing, "Sharing and Exit Nodes": the invite has to allow it, and no network file has invites.
        let invited = self.may_be_let_out(&login, name, to);
        let named =
            |rule: &Rule| rule.src.iter().any(|selector| self.selects_source(selector, from, to.is_ipv4()));
        let meant = |selector: &String| selector.contains("://") || (stranger && self.is_unknown(selector));
        let mut leading = rules.iter().filter(leads);
        let perhaps = leading.any(|rule| (invited && named(rule)) || rule.src.iter().any(meant));
        if perhaps { Verdict::Perhaps } else { Verdict::No }
    }
}

fn has(list: &[String], login: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(login))
}
