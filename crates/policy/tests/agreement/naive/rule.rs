//! What a rule opens.

/// A rule, one for each destination and protocol.
pub struct Rule {
    pub src: Vec<String>,
    pub dst: String,
    pub proto: String,
    pub ports: String,
    pub via: Vec<String>,
    pub postures: Vec<String>,
}

impl Rule {
    pub fn new(src: Vec<String>, dst: &str, proto: &str, ports: &str, via: Vec<String>) -> Self {
        Self {
            src,
            dst: dst.to_owned(),
            proto: proto.to_owned(),
            ports: ports.to_owned(),
            via,
            postures: Vec::new(),
        }
    }

    pub fn with(self, postures: Vec<String>) -> Self {
        Self { postures, ..self }
    }

    fn numbers(&self) -> Vec<u8> {
        match self.proto.to_lowercase().as_str() {
            "" => vec![6, 17, 1, 58],
            "tcp" => vec![6],
            "udp" => vec![17],
            "icmp" => vec![1],
            "sctp" => vec![132],
            "gre" => vec![47],
            "igmp" => vec![2],
            "ipv4" | "ip-in-ip" => vec![4],
            "egp" => vec![8],
            "igp" => vec![9],
            "esp" => vec![50],
            "ah" => vec![51],
            number => number.parse().into_iter().collect(),
        }
    }

    /// What the client does: ICMP passes as soon as any rule joins the two addresses.
    pub fn opens(&self, proto: u8, port: u16) -> bool {
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
