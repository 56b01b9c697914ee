use firewall::Backend;

use crate::{golden, sandbox};

#[test]
fn nft_takes_every_file_and_twice_is_once() {
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

#[test]
fn the_open_part_works_from_the_stock_configuration() {
    if !sandbox::ready("the open part of nftables", &["nft"]) {
        return;
    }
    let files = golden::files(Backend::Nftables);
    let of = |wanted: &str| files.iter().find(|(name, _)| name == wanted).unwrap().1.text();
    let script = format!(
        "cat > /run/open.nft; cat > /run/nftables.conf <<'CONF'\nflush ruleset\ninclude \"/run/open.nft\"\n\
         table inet filter {{\n chain input {{\n  type filter hook input priority filter; policy drop;\n  \
         jump acequia_open\n }}\n}}\nCONF\n\
         nft -f /run/nftables.conf; nft -f /run/open.nft; {} | grep -qx 'rev 7'; \
         nft list chain inet filter input | grep -c jump | grep -qx 1; nft flush chain inet filter input; \
         nft -f - <<'GONE'\n{}GONE\ntest -z \"$(nft list ruleset | grep acequia)\"",
        "nft list chain inet filter acequia_open | grep -o 'rev [0-9]*'",
        of("several.remove-open")
    );
    sandbox::accepted("open part", &script, &sandbox::run(&script, &of("several.open")));
}
