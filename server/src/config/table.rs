//! Every setting with its default and what it is for, as one page: `docs/settings.md` is written from it.

use std::fmt::Write as _;

/// A setting, as it is named in the file: tables before it, joined by dots.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// As it is written in the file; empty where there is none.
    pub default: &'static str,
    pub what: &'static str,
}

const fn set(name: &'static str, default: &'static str, what: &'static str) -> Setting {
    Setting { name, default, what }
}

/// In the order in which somebody looks for them.
pub const SETTINGS: &[Setting] = &[
    set(
        "base_url",
        "",
        "Where people reach it, like `https://gate.example.org`. The only setting that there has to be.",
    ),
    set("also_at", "[]", "Other addresses of the same instance, such as the one in the LAN."),
    set("listen", "\"127.0.0.1:3000\"", "Where it listens."),
    set("data", "\"data\"", "The folder of the key file and the SQLite database."),
    set("key_file", "", "Where the key file is. Without it: `key` in the data folder."),
    set(
        "database",
        "",
        "`postgres://…`, or `sqlite:FILE`. Without it: `acequia.db` in the data folder. May come from a file: `database_file`.",
    ),
    set("trusted_proxies", "[]", "Addresses or networks of proxies whose `X-Forwarded-For` is believed."),
    set("session_lifetime", "\"30d\"", "Signed out after so long without a visit."),
    set("session_greatest_age", "\"90d\"", "Signed out after so long in any case."),
    set("visitor_lifetime", "\"1h\"", "How long a browser is remembered in which nobody is signed in."),
    set(
        "log.level",
        "\"info\"",
        "How much is logged: `error`, `warn`, `info`, `debug` or `trace`; more for one part: `info,server::jobs=debug`. The variable `ACEQUIA_LOG` goes over it. Read again on SIGHUP.",
    ),
    set("log.format", "\"text\"", "`text`, or `json`: an object on each line."),
    set("metrics.enabled", "false", "Whether there is `/metrics` for Prometheus."),
    set(
        "metrics.token",
        "",
        "What Prometheus has to send as a bearer token. May come from a file: `metrics.token_file`.",
    ),
    set("providers.<id>.kind", "", "`oidc` or `github`. Ways to sign in are read again on SIGHUP."),
    set("providers.<id>.label", "", "How people call it. Without it: the id."),
    set("providers.<id>.client_id", "", "As the provider named this app."),
    set(
        "providers.<id>.client_secret",
        "",
        "What the provider gave this app. May come from a file: `client_secret_file`.",
    ),
    set("providers.<id>.issuer", "", "Of `oidc`: as the provider calls itself, letter by letter."),
    set(
        "providers.<id>.base_url",
        "\"https://github.com\"",
        "Of `github`: another server of GitHub Enterprise.",
    ),
    set("providers.<id>.api_url", "\"https://api.github.com\"", "Of `github`: its API."),
    set("control_planes.<id>.url", "", "A control plane that may be connected. Without any: Tailscale."),
    set("control_planes.<id>.label", "", "How people call it. Without it: the id."),
    set(
        "control_planes.<id>.plain_http",
        "false",
        "Whether it may be asked without https at a private address.",
    ),
    set("control_planes.<id>.ca_file", "", "Authorities of your own network, as PEM."),
    set("mail.server", "", "The mail server, by name or address. Without `[mail]` no mails are sent."),
    set("mail.port", "", "Its port. Without it: 587, with `tls` 465, with `none` 25."),
    set(
        "mail.security",
        "",
        "`starttls` (without it), `tls`, or `none` for a server on this machine or at a private address.",
    ),
    set("mail.user", "", "Where the server asks for one."),
    set("mail.password", "", "Its password. May come from a file: `password_file`."),
    set("mail.from", "", "As mails are from: `Acequia <gate@example.org>`."),
    set("mail.ca_file", "", "Authorities of your own network, as PEM."),
    set("mail.timeout", "", "For each answer of the server. Without it: `20s`."),
    set("notifications.ntfy", "[]", "ntfy servers at which people may have a topic."),
    set(
        "notifications.webhook_hosts",
        "[]",
        "Where webhooks may go, as `host` or `host:port`, in the LAN too. Empty: to public addresses, by https.",
    ),
    set("notifications.tries", "24", "How often something is tried before it is given up."),
    set("notifications.timeout", "\"10s\"", "One request to an ntfy server or a webhook."),
    set(
        "probing.enabled",
        "\"auto\"",
        "Whether listed services are asked if they answer: `auto` (where this host is in a tailnet), `on` or `off`.",
    ),
    set("probing.interval", "\"3m\"", "Between two rounds."),
    set("probing.jitter", "\"20s\"", "Up to this much more, so that many instances do not ask in step."),
    set("probing.timeout", "\"5s\"", "For one service."),
    set("probing.at_once", "4", "How many are asked at the same time."),
    set("limits.tailnets_per_person", "20", "Tailnets that one person connects."),
    set("limits.open_waits_per_tailnet", "10", "New machines that one tailnet waits for at a time."),
    set("limits.offers_between_two", "20", "Open offers of one person to another."),
    set("limits.offers_per_service", "100", "Open offers of one service."),
    set("limits.asks_per_person", "20", "Offers that one person asks for and waits for."),
    set("limits.circles_per_person", "30", "Circles of one person."),
    set("limits.people_per_circle", "50", "People in one circle."),
    set("limits.services_per_tailnet", "500", "Listed services of one tailnet."),
    set("limits.sessions_per_person", "20", "Browsers in which one person is signed in."),
    set("limits.new_visitors_per_hour", "60", "Strangers who begin to be remembered, for one address."),
    set("limits.requests_per_second", "20", "Requests of one address, ten times as many at once."),
    set("retention.audit", "\"forever\"", "How long entries of the audit trail are kept."),
    set("retention.revisions", "\"forever\"", "How long earlier firewall texts of a machine are kept."),
    set("retention.probes", "\"30d\"", "How long is kept what was last found of a service."),
    set("retention.snapshots", "\"400d\"", "How long is kept what earlier looks at a tailnet found."),
    set("retention.snapshots_mib", "64", "And no more than this of one tailnet."),
    set("timing.sync", "\"5m\"", "Between two looks at a tailnet."),
    set("timing.joining", "\"5s\"", "Between two looks for a machine that is waited for."),
    set("timing.jobs", "\"5s\"", "Between two looks for due work when nothing tells of any."),
    set("timing.lease", "\"2m\"", "How long work is held without a sign of life."),
    set("timing.retry", "\"10s\"", "After the first failure; doubled with each further one."),
    set("timing.control_plane", "\"30s\"", "One request to a control plane."),
    set("timing.provider", "\"10s\"", "One request to a provider."),
    set("timing.request", "\"1m\"", "One request of a browser."),
    set("timing.slow", "\"15s\"", "How long a client may keep the server waiting."),
    set("timing.idle", "\"1m\"", "How long a connection stays open between two requests."),
    set("timing.sign_in", "\"15m\"", "From the start of a sign-in to its end."),
    set("timing.shutdown", "\"20s\"", "How long stopping waits for open requests and work."),
];

/// The page, in Markdown.
pub fn page() -> String {
    let mut page = String::from(
        "# Every setting\n\n\
         Written from the program. A setting stands in the file that `--config` or `ACEQUIA_CONFIG` names, in TOML, or in a \
         variable of the environment, which goes over the file: `ACEQUIA_` and the name in capitals, with `__` for each dot, \
         as in `ACEQUIA_TIMING__SYNC=10m`. Times are written like `250ms`, `30s`, `5m`, `12h` and `30d`. `acequia \
         check-config` names everything that is wrong at once.\n\n\
         A secret can stand in a file of its own, which `…_file` names. A file that begins with `$CREDENTIALS_DIRECTORY/` \
         is one that systemd hands over (`LoadCredential=`).\n\n\
         | setting | without it | what it is |\n| --- | --- | --- |\n",
    );
    for Setting { name, default, what } in SETTINGS {
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        let _ = writeln!(page, "| `{name}` | {default} | {what} |");
    }
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::read;
    use crate::config::reader::ASKED;

    const WITH_ALL: &str = "base_url = 'https://gate.example.org'
        [providers.a]\nkind = 'oidc'\nissuer = 'https://id.example.org'\nclient_id = 'x'
        [providers.b]\nkind = 'github'\nclient_id = 'x'\nclient_secret = 'y'
        [control_planes.c]\nurl = 'https://api.tailscale.com'
        [mail]\nserver = 'mail.example.org'\nfrom = 'gate@example.org'";

    #[test]
    fn the_table_has_every_setting_that_is_asked_for_and_no_other() {
        ASKED.take();
        read(Some(WITH_ALL), []).unwrap();
        let asked = ASKED.take().into_iter().map(|name| {
            let parts: Vec<&str> = name.split('.').collect();
            match parts[..] {
                [table @ ("providers" | "control_planes"), _, key] => format!("{table}.<id>.{key}"),
                _ => name,
            }
        });
        // The file of a secret stands beside it.
        let asked: BTreeSet<String> = asked.collect();
        let is_file = |name: &str| name.strip_suffix("_file").is_some_and(|secret| asked.contains(secret));
        let asked: BTreeSet<&str> = asked.iter().map(String::as_str).filter(|name| !is_file(name)).collect();
        let listed: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(listed.len(), SETTINGS.len(), "one line for each");
        assert_eq!(listed, asked);
    }

    #[test]
    fn what_is_called_the_default_is_what_holds_without_it() {
        let base = "base_url = 'https://gate.example.org'\n";
        // But for who set what.
        let held = |text: &str| {
            let config = read(Some(text), []).unwrap();
            format!("{:?}", crate::config::Config { sources: crate::config::Sources::default(), ..config })
        };
        let without = held(base);
        for Setting { name, default, .. } in SETTINGS.iter().filter(|setting| !setting.default.is_empty()) {
            let told = if name.contains("<id>") { continue } else { format!("{name} = {default}\n{base}") };
            assert_eq!(held(&told), without, "{name}");
        }
    }

    #[test]
    fn the_page_of_settings_is_written_from_the_table() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
        if std::env::var_os("ACEQUIA_TEST_WRITE").is_some() {
            std::fs::write(&file, page()).unwrap();
        }
        let stands = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(stands, page(), "ACEQUIA_TEST_WRITE=1 writes it anew");
    }
}
