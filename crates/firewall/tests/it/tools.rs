//! The real tools on the golden files. A tool that is missing is named in one line.

use firewall::Backend;

use crate::{golden, sandbox};

#[test]
fn nft_takes_every_file_twice() {
    if !sandbox::ready("nft on every file", &["nft"]) {
        return;
    }
    for (name, snippet) in golden::files(Backend::Nftables) {
        let text = snippet.text();
        let script = "cat > /run/f.nft; nft -c -f /run/f.nft; nft -f /run/f.nft; nft list ruleset > /run/once; \
                      nft -f /run/f.nft; nft list ruleset > /run/twice; cmp /run/once /run/twice";
        sandbox::accepted(&name, &text, &sandbox::run(script, &text));
    }
}
