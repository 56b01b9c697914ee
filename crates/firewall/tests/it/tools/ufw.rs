use firewall::{Backend, Part, render};

use crate::{cases, golden, sandbox};

/// ufw keeps its rules and its switch under /etc: covered by copies that only this namespace sees.
pub const COVER: &str =
    "for d in ufw default; do cp -a /etc/$d /run/etc-$d; mount --bind /run/etc-$d /etc/$d; done;";

#[test]
fn ufw_takes_every_rule() {
    if !sandbox::ready_as_root("ufw --dry-run", &["ufw", "iptables"]) {
        return;
    }
    let mut rules: Vec<String> = golden::files(Backend::Ufw)
        .iter()
        .flat_map(|(_, snippet)| snippet.lines.clone())
        .filter_map(|line| {
            line.text.strip_prefix("ufw allow").map(|rest| format!("ufw --dry-run allow{rest}"))
        })
        .collect();
    rules.sort();
    rules.dedup();
    assert!(rules.len() > 10);
    let output = sandbox::run("sh -eu /dev/stdin", &rules.join("\n"));
    sandbox::accepted("ufw --dry-run", &rules.join("\n"), &output);
}

#[test]
fn an_active_ufw_holds_the_newest_revision_only() {
    if !sandbox::ready_as_root("ufw for real", &["ufw", "iptables"]) {
        return;
    }
    let files = golden::files(Backend::Ufw);
    let of = |wanted: &str| files.iter().find(|(name, _)| name == wanted).unwrap().1.text();
    let input = cases::named("several");
    for part in [Part::Open, Part::All] {
        let check = render(&input, Backend::Ufw, part).check_command;
        let script = format!(
            "{COVER} ufw --force enable >/dev/null; cat > /run/f.sh; \
             sed 's/rev 7/rev 6/; s/3000/3333/' /run/f.sh > /run/old.sh; \
             sh /run/old.sh; sh /run/f.sh; ufw status > /run/once; sh /run/f.sh; ufw status > /run/twice; \
             cmp /run/once /run/twice; not grep 3333 /run/once; grep -q 3000 /run/once; \
             test \"$({{ {check}; }} | grep '^rev ')\" = 'rev 7'; sh /dev/stdin <<'GONE'\n{}GONE\n\
             test -z \"$({{ ufw status; iptables-save; ip6tables-save; }} | grep -i acequia)\"",
            of(&format!("several.remove-{part}"))
        );
        sandbox::accepted("ufw", &script, &sandbox::run(&script, &of(&format!("several.{part}"))));
    }
}
