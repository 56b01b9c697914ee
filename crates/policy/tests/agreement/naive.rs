//! A second evaluator, deliberately simple: pairs × rules, read straight from the documentation.
//!
//! It shares nothing with the engine but the decoded JSON. Every question walks every rule again; nothing is
//! prepared, merged or remembered.

use std::net::IpAddr;

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

/// First and last address of an address or prefix, as numbers, with its family.
fn span(text: &str) -> Option<(bool, u128, u128)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
    let number = |address: IpAddr| match address {
        IpAddr::V4(v4) => (true, u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (false, v6.to_bits(), 128),
    };
    let (v4, bits, width) = number(address.parse().ok()?);
    let length: u32 = length.map_or(Ok(width), str::parse).ok()?;
    let host = if length == 0 && width == 128 { u128::MAX } else { (1u128 << (width - length)) - 1 };
    Some((v4, bits & !host, bits | host))
}

fn within(address: IpAddr, text: &str) -> bool {
    let (Some((v4, at, _)), Some((w4, first, last))) = (span(&address.to_string()), span(text)) else {
        return false;
    };
    v4 == w4 && first <= at && at <= last
}

fn covers(wide: &str, narrow: &str) -> bool {
    let (Some((w4, a, b)), Some((n4, c, d))) = (span(wide), span(narrow)) else { return false };
    w4 == n4 && a <= c && d <= b
}

fn overlap(x: &str, y: &str) -> bool {
    let (Some(one), Some(other)) = (span(x), span(y)) else { return false };
    one.0 == other.0 && one.1 <= other.2 && other.1 <= one.2
}

const TAILNET: [&str; 2] = ["100.64.0.0/10", "fd7a:115c:a1e0::/48"];
const CHROME_OS: &str = "100.115.92.0/23";
const PRIVATE: [&str; 5] =
    ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];

pub fn public(text: &str) -> bool {
    let v4 = span(text).is_some_and(|(v4, ..)| v4);
    if v4 { !PRIVATE.iter().any(|private| overlap(private, text)) } else { covers("2000::/3", text) }
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
            "autogroup:owner" => role("owner"),
            "autogroup:admin" => role("admin"),
            "autogroup:it-admin" => role("it-admin"),
            group if group.starts_with("group:") => has(&texts(&self.policy["groups"][group]), login),
            everyone if everyone.starts_with("user:*@") => {
                let domain = everyone.trim_start_matches("user:*");
                self.is_member(login) && login.ends_with(domain)
            }
            _ => selector.eq_ignore_ascii_case(login),
        }
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

    /// Every rule as source selectors, destination selector, protocol and ports; `via` tags.
    fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.section("acls").is_none() && self.section("grants").is_none() {
            rules.push(Rule::new(vec!["*".into()], "*", "", "*", vec![]));
        }
        for acl in self.section("acls").into_iter().flatten() {
            let proto = acl["proto"].as_str().unwrap_or_default();
            for dst in texts(&acl["dst"]) {
                let (selector, ports) = dst.rsplit_once(':').unwrap_or((&dst, ""));
                let selector = selector.trim_start_matches('[').trim_end_matches(']');
                rules.push(Rule::new(texts(&acl["src"]), selector, proto, ports, vec![]));
            }
        }
        for grant in self.section("grants").into_iter().flatten() {
            for dst in texts(&grant["dst"]) {
                for ip in texts(&grant["ip"]) {
                    let (proto, ports) = ip.split_once(':').unwrap_or(("", &ip));
                    rules.push(Rule::new(texts(&grant["src"]), &dst, proto, ports, texts(&grant["via"])));
                }
            }
        }
        rules
    }

    /// Whether a packet of this protocol to this port gets through.
    ///
    /// `name` is the node that the packet is sent to: the owner of the address, a subnet router, or an exit node.
    pub fn allowed(&self, from: &From, name: &str, to: IpAddr, proto: u8, port: u16) -> bool {
        let node = self.node(name);
        // Devices of share recipients answer nobody here; the sharing is the other way round.
        if self.owner(node).is_some_and(|login| self.is_recipient(&login)) {
            return false;
        }
        let login = match from {
            From::Node(source) => self.owner(self.node(source)),
            From::Unseen(login) => Some(login.clone()),
            From::Address(_) => None,
        };
        if let Some(login) = login
            && !self.is_member(&login)
        {
            let own = ["ipv4", "ipv6"].iter().any(|key| node[*key].as_str() == Some(&to.to_string()));
            if !own || !has(&texts(&node["shared_to"]), &login) {
                return false;
            }
        }
        self.rules().iter().any(|rule| {
            rule.opens(proto, port)
                && rule.src.iter().any(|selector| {
                    // Self is the same user on both ends, whatever else the selector names.
                    self.selects_source(selector, from, to.is_ipv4())
                })
                && self.selects_destination(&rule.dst, from, name, to, &rule.via)
        })
    }
}

fn has(list: &[String], login: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(login))
}

struct Rule {
    src: Vec<String>,
    dst: String,
    proto: String,
    ports: String,
    via: Vec<String>,
}

impl Rule {
    fn new(src: Vec<String>, dst: &str, proto: &str, ports: &str, via: Vec<String>) -> Self {
        Self { src, dst: dst.to_owned(), proto: proto.to_owned(), ports: ports.to_owned(), via }
    }

    fn numbers(&self) -> Vec<u8> {
        match self.proto.to_lowercase().as_str() {
            "" => vec![6, 17, 1, 58],
            "tcp" => vec![6],
            "udp" => vec![17],
            "icmp" => vec![1],
            "sctp" => vec![132],
            "gre" => vec![47],
            number => number.parse().into_iter().collect(),
        }
    }

    /// What the client does: ICMP passes as soon as any rule joins the two addresses.
    fn opens(&self, proto: u8, port: u16) -> bool {
        match proto {
            1 | 58 => true,
            6 | 17 | 132 => self.numbers().contains(&proto) && self.has_port(port),
            _ => self.numbers().contains(&proto) && self.ports == "*",
        }
    }

    fn has_port(&self, port: u16) -> bool {
        self.ports.split(',').any(|item| match item.split_once('-') {
            Some((first, last)) => {
                first.parse::<u16>().is_ok_and(|first| first <= port)
                    && last.parse::<u16>().is_ok_and(|last| port <= last)
            }
            None => item == "*" || item.parse() == Ok(port),
        })
    }
}
