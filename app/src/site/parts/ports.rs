//! Ports in words.

use model::{Protocol, ServicePorts};

/// "TCP 25565 and UDP 19132–19133".
pub fn in_words(ports: &ServicePorts) -> String {
    let words: Vec<String> = Protocol::ALL
        .into_iter()
        .filter(|protocol| !ports.of(*protocol).is_empty())
        .map(|protocol| {
            let ranges = ports.of(protocol).to_string().replace('-', "–").replace(',', ", ");
            format!("{} {ranges}", protocol.as_str().to_uppercase())
        })
        .collect();
    words.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_said_by_protocol() {
        let ports: ServicePorts = "25565,udp:19132-19133,80".parse().unwrap();
        assert_eq!(in_words(&ports), "TCP 80, 25565 and UDP 19132–19133");
    }
}
