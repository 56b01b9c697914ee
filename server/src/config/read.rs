//! From text and environment to [`Config`].

use std::fmt;
use std::path::{Path, PathBuf};

use calls::{AddressError, PlainHttp, Trust};
use toml::{Table, Value};
use url::Url;

use super::reader::Reader;
use super::{
    Config, ControlPlane, Database, Metrics, Probe, Provider, ProviderKind, Sources, Timing, is_private,
    limits, log, retention, telling,
};

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration has problems:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}

/// Variables with our prefix that are no settings.
const NOT_SETTINGS: [&str; 4] = ["ACEQUIA_COMMIT", "ACEQUIA_CONFIG", "ACEQUIA_LOG", "ACEQUIA_VECTORS"];

/// Reads a file's text, if there is one, with the environment over it.
///
/// A variable is `ACEQUIA_` and the setting's name in capitals, tables and keys joined by two underscores:
/// `ACEQUIA_BASE_URL`, `ACEQUIA_TIMING__SYNC`, `ACEQUIA_PROVIDERS__FORGE__CLIENT_SECRET_FILE`.
///
/// # Errors
/// All problems at once.
pub fn read(
    text: Option<&str>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, Problems> {
    let mut table = match text.unwrap_or_default().parse::<Table>() {
        Ok(table) => table,
        Err(error) => return Err(Problems(vec![format!("this is not TOML: {}", error.to_string().trim())])),
    };
    let mut problems = Vec::new();
    let mut sources = Sources::of_file(&table);
    for (name, value) in environment {
        if NOT_SETTINGS.contains(&name.as_str()) || name.starts_with("ACEQUIA_TEST_") {
            continue;
        }
        let Some(path) = name.strip_prefix("ACEQUIA_") else { continue };
        let path: Vec<String> = path.split("__").map(str::to_lowercase).collect();
        if put(&mut table, &path, &value).is_none() {
            problems.push(format!("{name}: there is no such setting"));
        }
        sources.put_variable(&path);
    }
    let mut reader = Reader::new("", table, &mut problems);
    let config = settings(&mut reader);
    reader.finish();
    match config {
        Some(config) if problems.is_empty() => Ok(Config { sources, ..config }),
        _ => Err(Problems(problems)),
    }
}

fn put(table: &mut Table, path: &[String], value: &str) -> Option<()> {
    let (last, folders) = path.split_last()?;
    let mut table = table;
    for folder in folders {
        let entry = table.entry(folder.clone()).or_insert_with(|| Value::Table(Table::new()));
        table = entry.as_table_mut()?;
    }
    table.insert(last.clone(), Value::String(value.to_owned()));
    Some(())
}

fn settings(reader: &mut Reader<'_>) -> Option<Config> {
    let listen = reader
        .parsed("listen", "127.0.0.1:3000")
        .unwrap_or_else(|| std::net::SocketAddr::from(([127, 0, 0, 1], 3000)));
    let base_url = base_url(reader);
    let data = PathBuf::from(reader.text("data").unwrap_or_else(|| "data".into()));
    // Without an address nothing else can be judged, but its problems are still found.
    let address = base_url.clone().or_else(|| Url::parse("http://localhost").ok())?;
    let mut config = Config::new(listen, address, &data);
    if let Some(file) = reader.text("key_file") {
        config.key_file = file.into();
    }
    config.also_at = also_at(reader, &config);
    config.database = database(reader, &data);
    config.trusted_proxies = reader
        .list("trusted_proxies")
        .iter()
        .filter_map(|text| match text.parse() {
            Ok(network) => Some(network),
            Err(problem) => {
                reader.problem("trusted_proxies", problem);
                None
            }
        })
        .collect();
    config.session_lifetime = reader.duration("session_lifetime", config.session_lifetime);
    config.session_greatest_age = reader.duration("session_greatest_age", config.session_greatest_age);
    config.visitor_lifetime = reader.duration("visitor_lifetime", config.visitor_lifetime);
    let limits = reader.table("limits");
    config.limits = reader.part("limits", limits, limits::settings);
    let log = reader.table("log");
    config.log = reader.part("log", log, log::settings);
    let metrics = reader.table("metrics");
    config.metrics = reader.part("metrics", metrics, metrics_settings);
    let timing = reader.table("timing");
    config.timing = reader.part("timing", timing, timing_settings);
    let retention = reader.table("retention");
    config.retention = reader.part("retention", retention, retention::settings);
    let probing = reader.table("probing");
    config.probing = reader.part("probing", probing, probing_settings);
    config.mail = telling::mail_of(reader, certificates);
    let notifications = reader.table("notifications");
    config.notifications = reader.part("notifications", notifications, telling::notifications);
    config.providers = reader
        .tables("providers")
        .into_iter()
        .filter_map(|(id, table)| reader.part(&format!("providers.{id}"), table, |r| provider(&id, r)))
        .collect();
    let planes = reader.tables("control_planes");
    if !planes.is_empty() {
        config.control_planes = planes
            .into_iter()
            .filter_map(|(id, table)| {
                reader.part(&format!("control_planes.{id}"), table, |r| control_plane(&id, r))
            })
            .collect();
    }
    base_url.map(|_| config)
}

fn base_url(reader: &mut Reader<'_>) -> Option<Url> {
    let text = reader.required("base_url")?;
    match web_url(&text) {
        Some(url) if url.query().is_none() && url.fragment().is_none() => Some(url),
        _ => {
            reader.problem(
                "base_url",
                format!("`{text}` is no web address; write it like https://gate.example.org"),
            );
            None
        }
    }
}

/// A browser names host and port of the address that it asks, and nothing else: by these they are told apart.
fn also_at(reader: &mut Reader<'_>, config: &Config) -> Vec<Url> {
    let place = |url: &Url| (url.host_str().map(str::to_owned), url.port());
    let mut all: Vec<Url> = Vec::new();
    for text in reader.list("also_at") {
        let url = web_url(&text).filter(|url| url.query().is_none() && url.fragment().is_none());
        let Some(url) = url else {
            reader.problem(
                "also_at",
                format!("`{text}` is no web address; write it like http://192.168.1.5:3000"),
            );
            continue;
        };
        if url.path().trim_end_matches('/') != config.base_path() {
            let base = format!("`{text}` has to have the same path as base_url, `{}/`", config.base_path());
            reader.problem("also_at", base);
        } else if config.addresses().chain(&all).any(|other| place(other) == place(&url)) {
            reader.problem("also_at", format!("`{text}` has the host and port of another address"));
        } else {
            all.push(url);
        }
    }
    all
}

fn web_url(text: &str) -> Option<Url> {
    Url::parse(text.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty())
}

fn database(reader: &mut Reader<'_>, data: &Path) -> Database {
    let default = Database::Sqlite(data.join("acequia.db"));
    let Some(url) = reader.secret("database") else { return default };
    let text = url.reveal();
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Database::Postgres(url);
    }
    if let Some(file) = text.strip_prefix("sqlite:") {
        return Database::Sqlite(file.trim_start_matches("//").into());
    }
    reader.problem("database", "has to begin with `postgres://` or `sqlite:`");
    default
}

fn metrics_settings(reader: &mut Reader<'_>) -> Metrics {
    let enabled = reader.parsed::<bool>("enabled", "true").unwrap_or(false);
    let token = reader.secret("token");
    match (enabled, token) {
        (false, None) => Metrics::Off,
        (false, Some(_)) => {
            reader.problem("token", "has no effect without `enabled = true`");
            Metrics::Off
        }
        (true, None) => Metrics::Open,
        (true, Some(token)) => Metrics::Token(token),
    }
}

fn timing_settings(reader: &mut Reader<'_>) -> Timing {
    let default = Timing::default();
    Timing {
        sync: reader.duration("sync", default.sync),
        joining: reader.duration("joining", default.joining),
        jobs: reader.duration("jobs", default.jobs),
        lease: reader.duration("lease", default.lease),
        retry: reader.duration("retry", default.retry),
        control_plane: reader.duration("control_plane", default.control_plane),
        provider: reader.duration("provider", default.provider),
        request: reader.duration("request", default.request),
        slow: reader.duration("slow", default.slow),
        idle: reader.duration("idle", default.idle),
        sign_in: reader.duration("sign_in", default.sign_in),
        shutdown: reader.duration("shutdown", default.shutdown),
        ..default
    }
}

fn probing_settings(reader: &mut Reader<'_>) -> Probe {
    let default = Probe::default();
    let enabled = reader.text("enabled");
    let enabled = match enabled.as_deref() {
        None | Some("auto") => None,
        Some("on" | "true") => Some(true),
        Some("off" | "false") => Some(false),
        Some(other) => {
            reader.problem("enabled", format!("`{other}` is none of `auto`, `on` and `off`"));
            None
        }
    };
    let at_once = reader.parsed::<usize>("at_once", "4").unwrap_or(default.at_once);
    if !(1..=64).contains(&at_once) {
        reader.problem("at_once", "has to be from 1 to 64");
    }
    Probe {
        enabled,
        interval: reader.duration("interval", default.interval),
        jitter: reader.duration("jitter", default.jitter),
        timeout: reader.duration("timeout", default.timeout),
        at_once,
    }
}

fn provider(id: &str, reader: &mut Reader<'_>) -> Option<Provider> {
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        reader.problem("id", format!("`{id}` may only have small letters, digits and `-`"));
    }
    let kind = reader.required("kind");
    let label = reader.text("label").unwrap_or_else(|| id.to_owned());
    let client_id = reader.required("client_id");
    let client_secret = reader.secret("client_secret");
    let kind = match kind.as_deref() {
        Some("oidc") => issuer(reader).map(|issuer| ProviderKind::Oidc { issuer }),
        Some("github") => {
            let base_url = url(reader, "base_url", "https://github.com");
            let api_url = url(reader, "api_url", "https://api.github.com");
            if client_secret.is_none() {
                reader.problem("client_secret", "is missing; GitHub does not know clients without");
            }
            base_url.zip(api_url).map(|(base_url, api_url)| ProviderKind::GitHub { base_url, api_url })
        }
        Some(other) => {
            reader.problem("kind", format!("`{other}` is not known; there are `oidc` and `github`"));
            None
        }
        None => None,
    };
    Some(Provider { id: id.to_owned(), label, client_id: client_id?, client_secret, kind: kind? })
}

/// A web address, kept as it was written.
fn issuer(reader: &mut Reader<'_>) -> Option<String> {
    let text = reader.required("issuer")?;
    safe_url(reader, "issuer", &text).map(|_| text)
}

fn url(reader: &mut Reader<'_>, key: &str, default: &str) -> Option<Url> {
    let text = reader.text(key).unwrap_or_else(|| default.to_owned());
    safe_url(reader, key, &text)
}

/// An address that secrets are sent to, and whose answers are believed.
fn safe_url(reader: &mut Reader<'_>, key: &str, text: &str) -> Option<Url> {
    let Some(url) = web_url(text) else {
        reader.problem(key, format!("`{text}` is no web address"));
        return None;
    };
    if !is_private(&url) {
        reader.problem(key, format!("`{text}` has to begin with https://; http:// is for this machine only"));
        return None;
    }
    Some(url)
}

fn control_plane(id: &str, reader: &mut Reader<'_>) -> Option<ControlPlane> {
    let label = reader.text("label").unwrap_or_else(|| id.to_owned());
    let plain_http = match reader.parsed::<bool>("plain_http", "false") {
        Some(true) => PlainHttp::PrivateAddresses,
        _ => PlainHttp::ThisMachine,
    };
    let private_ca = reader.text("ca_file").and_then(|file| certificates(reader, &file));
    let text = reader.required("url")?;
    // The rule of the clients themselves: what is taken here is taken there.
    match calls::address::parse(&text, plain_http) {
        Ok(base_url) => Some(ControlPlane { base_url, label, plain_http, private_ca }),
        Err(error) => {
            let way = if matches!(error, AddressError::ToPrivate(_)) { " (`plain_http = true`)" } else { "" };
            reader.problem("url", format!("{error}{way}"));
            None
        }
    }
}

/// Authorities of one's own network, looked at now rather than when somebody connects.
fn certificates(reader: &mut Reader<'_>, file: &str) -> Option<Vec<u8>> {
    let read = std::fs::read(file).map_err(|error| format!("`{file}` cannot be read: {error}"));
    let checked = read.and_then(|pem| {
        let trust = Trust { private_ca: Some(pem) };
        let caller = calls::Caller::new(calls::Limits::default(), &trust);
        caller.map_err(|error| format!("`{file}`: {error}")).map(|_| trust.private_ca)
    });
    checked.unwrap_or_else(|problem| {
        reader.problem("ca_file", problem);
        None
    })
}

#[cfg(test)]
mod tests;
