use firewall::Backend;

use crate::{golden, sandbox};

#[test]
fn firewalld_takes_every_zone() {
    if !sandbox::ready_as_root("firewall-offline-cmd", &["firewall-offline-cmd", "nft"]) {
        return;
    }
    // Half a second for each command: the cases that differ in their zones, and the removal.
    for wanted in ["hostile.all", "several.open", "several.remove-open"] {
        let (name, snippet) =
            golden::files(Backend::Firewalld).into_iter().find(|(name, _)| name == wanted).unwrap();
        let text = snippet
            .text()
            .replace("firewall-cmd --permanent", "firewall-offline-cmd --system-config=/run/firewalld")
            .replace("firewall-cmd --check", "firewall-offline-cmd --system-config=/run/firewalld --check")
            .replace("firewall-cmd --reload\n", "");
        let script = "cp -r /etc/firewalld /run/firewalld; mkdir -p /run/firewalld/zones; cat > /run/f.sh; \
                      sh /run/f.sh > /run/said 2>&1 || { cat /run/said; exit 1; }; not grep WARNING /run/said; \
                      cat /run/firewalld/zones/acequia.xml 2>/dev/null || true";
        let output = sandbox::run(script, &text);
        sandbox::accepted(&name, &text, &output);
        let zone = String::from_utf8_lossy(&output.stdout);
        assert_eq!(zone.contains("<short>acequia rev"), wanted != "several.remove-open", "{zone}");
        if wanted == "several.open" {
            for port in ["22", "3000", "8096", "25565"] {
                assert!(zone.contains(&format!("<port port=\"{port}\" protocol=\"tcp\"/>")), "{zone}");
            }
            assert!(zone.contains("<port port=\"19132-19133\" protocol=\"udp\"/>"), "{zone}");
            assert!(zone.contains("<interface name=\"tailscale0\"/>"), "{zone}");
        }
    }
}
