use std::time::Duration;

use model::retention::Keep;

use super::*;
use crate::config::{Limits, Retention};

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_address_is_all_that_has_to_be_set() {
    let config = read(Some("base_url = 'https://gate.example.org/'"), []).unwrap();
    assert_eq!(config.base(), "https://gate.example.org");
    assert_eq!(config.base_path(), "");
    assert_eq!(config.database, Database::Sqlite("data/acequia.db".into()));
    assert_eq!(config.key_file, PathBuf::from("data/key"));
    assert_eq!(config.metrics, Metrics::Off);
    assert_eq!(config.control_planes[0].label, "Tailscale");
    assert!(!config.demo);
}

/// What the README promises to whoever sets nothing.
#[test]
fn nobody_fills_or_slows_the_place_where_nothing_is_set() {
    let config = read(Some("base_url = 'https://gate.example.org/'"), []).unwrap();
    let limits = Limits {
        tailnets_per_person: 20,
        open_waits_per_tailnet: 10,
        offers_between_two: 20,
        offers_per_service: 100,
        asks_per_person: 20,
        circles_per_person: 30,
        people_per_circle: 50,
        services_per_tailnet: 500,
        sessions_per_person: 20,
        new_visitors_per_hour: 60,
        requests_per_second: 20,
    };
    assert_eq!(config.limits, limits);
    assert_eq!(config.timing.slow, Duration::from_secs(15));
    assert_eq!(config.timing.idle, Duration::from_mins(1));
    assert_eq!(config.visitor_lifetime, Duration::from_hours(1));
    assert_eq!(config.session_lifetime, Duration::from_hours(30 * 24));
    assert_eq!(config.session_greatest_age, Duration::from_hours(90 * 24));
}

#[test]
fn the_environment_wins_over_the_file() {
    let text = "base_url = 'https://a.example'\n[timing]\nsync = '1m'\n\
                [providers.forge]\nkind = 'oidc'\nissuer = 'https://id.example'\nclient_id = 'acequia'";
    let environment = environment(&[
        ("ACEQUIA_BASE_URL", "https://b.example/gate"),
        ("ACEQUIA_TIMING__SYNC", "90s"),
        ("ACEQUIA_PROVIDERS__FORGE__CLIENT_SECRET", "hush"),
        ("ACEQUIA_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
        ("ACEQUIA_DATABASE", "postgres://acequia@db/acequia"),
        ("ACEQUIA_VECTORS", "somewhere"),
        ("PATH", "/bin"),
    ]);
    let config = read(Some(text), environment).unwrap();
    assert_eq!(config.base_path(), "/gate");
    assert_eq!(config.timing.sync, Duration::from_secs(90));
    assert_eq!(config.providers[0].client_secret.as_ref().unwrap().reveal(), "hush");
    assert_eq!(config.trusted_proxies.len(), 2);
    assert!(matches!(config.database, Database::Postgres(_)));
    let shown = format!("{config:?}");
    assert!(!shown.contains("hush") && !shown.contains("acequia@db"), "{shown}");
}

#[test]
fn secrets_are_read_from_files() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "postgres://from-file/db\n").unwrap();
    let text = format!("base_url = 'http://a.example'\ndatabase_file = '{}'", file.path().display());
    let config = read(Some(&text), []).unwrap();
    assert!(matches!(config.database, Database::Postgres(url) if url.reveal() == "postgres://from-file/db"));
}

#[test]
fn every_problem_is_reported_at_once() {
    let text = "
listen = 'everywhere'
base_url = 'gate.example.org'
colour = 'blue'
database = 'mysql://x'
trusted_proxies = ['proxy']
[timing]
sync = '5 minutes'
snyc = '5m'
[limits]
offers_per_service = 0
services_per_tailnet = 'many'
[metrics]
token_file = '/nowhere/token'
[providers.Forge]
kind = 'saml'
[providers.github]
kind = 'github'
client_id = 'x'
";
    let problems = read(Some(text), environment(&[("ACEQUIA_LISTEN__X", "1")])).unwrap_err();
    insta::assert_snapshot!(problems, @r"
    the configuration has problems:
      ACEQUIA_LISTEN__X: there is no such setting
      listen: `everywhere` is not understood; write it like 127.0.0.1:3000
      base_url: `gate.example.org` is no web address; write it like https://gate.example.org
      database: has to begin with `postgres://` or `sqlite:`
      trusted_proxies: `proxy` is no address or range; write it like 127.0.0.1 or 10.0.0.0/8
      limits.offers_per_service: has to be at least 1
      limits.services_per_tailnet: `many` is not understood; write it like 500
      metrics.token_file: cannot read `/nowhere/token`: No such file or directory (os error 2)
      timing.sync: `5 minutes` is no duration; write it like 250ms, 30s, 5m, 12h or 30d
      timing.snyc: there is no such setting
      providers.Forge.id: `Forge` may only have small letters, digits and `-`
      providers.Forge.client_id: is missing
      providers.Forge.kind: `saml` is not known; there are `oidc` and `github`
      providers.github.client_secret: is missing; GitHub does not know clients without
      colour: there is no such setting
    ");
}

#[test]
fn other_addresses_differ_in_host_or_port_and_have_the_same_path() {
    let at =
        |also: &str| read(Some(&format!("base_url = 'https://gate.example/water'\nalso_at = [{also}]")), []);
    let config = at("'http://192.168.1.5:3000/water', 'https://gate.lan/water/'").unwrap();
    let all: Vec<String> = config.addresses().map(ToString::to_string).collect();
    assert_eq!(
        all,
        ["https://gate.example/water", "http://192.168.1.5:3000/water", "https://gate.lan/water/"]
    );
    for (wrong, why) in [
        ("'gate.lan'", "no web address"),
        ("'http://gate.lan/water?x'", "no web address"),
        ("'http://a@gate.lan/water'", "no web address"),
        ("'http://gate.lan'", "the same path as base_url"),
        ("'http://gate.example/water'", "host and port of another"),
        ("'http://gate.lan/water', 'https://GATE.lan/water'", "host and port of another"),
        ("3", "texts"),
    ] {
        let problems = at(wrong).unwrap_err().to_string();
        assert!(problems.contains("also_at: ") && problems.contains(why), "{problems}");
    }
}

#[test]
fn a_file_that_is_no_toml_says_where() {
    let problems = read(Some("base_url = "), []).unwrap_err();
    assert!(problems.to_string().contains("line 1"), "{problems}");
}

#[test]
fn secrets_are_sent_over_https_or_to_this_machine_only() {
    let problems = |address: &str| {
        let text = format!(
            "base_url = 'http://192.168.1.2'\n[providers.a]\nkind = 'oidc'\nclient_id = 'x'\nissuer = '{address}'\n\
             [providers.b]\nkind = 'github'\nclient_id = 'x'\nclient_secret = 'y'\nbase_url = '{address}'\n\
             api_url = '{address}'\n[control_planes.c]\nurl = '{address}'"
        );
        read(Some(&text), []).map_or_else(|problems| problems.0.len(), |_| 0)
    };
    for fine in
        ["https://id.example", "http://127.0.0.1:4000", "http://localhost:4000/x", "http://[::1]:4000"]
    {
        assert_eq!(problems(fine), 0, "{fine}");
    }
    for refused in
        ["http://id.example", "http://192.168.1.3", "http://localhost.example", "http://127.0.0.1.example"]
    {
        assert_eq!(problems(refused), 4, "{refused}");
    }
}

#[test]
fn a_private_address_and_an_authority_of_ones_own_are_taken_where_they_are_said() {
    let plane = |rest: &str| {
        let text = format!("base_url = 'https://gate.example.org'\n[control_planes.mill]\n{rest}");
        read(Some(&text), [])
    };
    let config = plane("url = 'http://10.0.0.5:8080'\nplain_http = true").unwrap();
    assert_eq!(config.control_planes[0].plain_http, PlainHttp::PrivateAddresses);
    let told = |rest: &str| plane(rest).unwrap_err().0.join("; ");
    assert!(told("url = 'http://10.0.0.5:8080'").contains("plain_http = true"));
    assert!(told("url = 'http://headscale.lan'\nplain_http = true").contains("in the clear"));
    assert!(told("url = 'https://x.example'\nca_file = '/nowhere/ca.pem'").contains("cannot be read"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "no certificate").unwrap();
    let odd = format!("url = 'https://x.example'\nca_file = '{}'", file.path().display());
    assert!(told(&odd).contains("PEM"));
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/simulator/tests/private-ca/ca.pem");
    let config = plane(&format!("url = 'https://x.example'\nca_file = '{ours}'")).unwrap();
    assert!(config.control_planes[0].private_ca.is_some());
}

/// As the README says.
#[test]
fn what_is_kept_and_for_how_long_is_a_setting() {
    let day = Duration::from_hours(24);
    let with = |retention: &str| {
        read(Some(&format!("base_url = 'https://a.example'\n[retention]\n{retention}")), [])
            .map(|config| config.retention)
    };
    let default = Retention {
        audit: Keep::Forever,
        revisions: Keep::Forever,
        probes: Keep::For(30 * day),
        snapshots: Keep::For(400 * day),
        snapshots_mib: 64,
    };
    assert_eq!(with("").unwrap(), default);
    let set = with("audit = '90d'\nsnapshots = 'forever'\nsnapshots_mib = 8").unwrap();
    let expected =
        Retention { audit: Keep::For(90 * day), snapshots: Keep::Forever, snapshots_mib: 8, ..default };
    assert_eq!(set, expected);
    for (wrong, said) in [
        ("audit = '1h'", "retention.audit: has to be at least 1d"),
        ("probes = 'never'", "retention.probes: `never` is no time; write it like 400d, or forever"),
        ("snapshots_mib = 0", "retention.snapshots_mib: has to be at least 1"),
        ("shares = '1d'", "retention.shares"),
    ] {
        let problems = with(wrong).unwrap_err().to_string();
        assert!(problems.contains(said), "{wrong}: {problems}");
    }
}
