//! How people are told outside of the app: the mail server, ntfy servers, and where webhooks may go.

use std::net::IpAddr;
use std::time::Duration;

use lettre::message::Mailbox;
use url::{Host, Url};

use super::Secret;
use super::reader::Reader;

/// The server that takes our mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub server: String,
    pub port: u16,
    pub security: MailSecurity,
    /// Name and password, where it asks for them.
    pub user: Option<(String, Secret)>,
    /// As mails are from.
    pub from: Mailbox,
    /// Authorities whose certificates are believed there besides the public ones, as PEM.
    pub private_ca: Option<Vec<u8>>,
    /// For each answer of the server.
    pub timeout: Duration,
}

/// How the way to the mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// In the clear, then TLS or nothing (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// In the clear: to this machine, or a private address.
    None,
}

/// ntfy and webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// Servers at which people may have a topic.
    pub ntfy: Vec<Url>,
    /// Where webhooks may go, as `host` or `host:port`, in the LAN too; empty: to public addresses, by https.
    pub webhook_hosts: Vec<String>,
    /// How often something is tried before it is given up.
    pub tries: u32,
    /// For one request to an ntfy server or a webhook.
    pub timeout: Duration,
}

impl Default for Notifications {
    fn default() -> Self {
        // With doubled waits of an hour at most, the last try is some sixteen hours after the first one.
        Self { ntfy: Vec::new(), webhook_hosts: Vec::new(), tries: 24, timeout: Duration::from_secs(10) }
    }
}

impl Notifications {
    /// Whether the instance owner allows webhooks to go there, whatever address that is.
    pub fn allows(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        self.webhook_hosts.iter().any(|allowed| *allowed == host || *allowed == with_port)
    }
}

/// Reads authorities of one's own network from the file of that name.
type Certificates = fn(&mut Reader<'_>, &str) -> Option<Vec<u8>>;

pub(super) fn mail_of(reader: &mut Reader<'_>, certificates: Certificates) -> Option<Mail> {
    let table = reader.table("mail");
    if table.is_empty() {
        return None;
    }
    reader.part("mail", table, |reader| mail(reader, certificates))
}

fn mail(reader: &mut Reader<'_>, certificates: Certificates) -> Option<Mail> {
    let server = reader.required("server");
    let security = match reader.text("security").as_deref() {
        None | Some("starttls") => MailSecurity::StartTls,
        Some("tls") => MailSecurity::Tls,
        Some("none") => MailSecurity::None,
        Some(other) => {
            reader.problem("security", format!("`{other}` is none of `starttls`, `tls` and `none`"));
            MailSecurity::StartTls
        }
    };
    let usual = match security {
        MailSecurity::Tls => 465,
        MailSecurity::StartTls => 587,
        MailSecurity::None => 25,
    };
    let port = reader.parsed::<u16>("port", &usual.to_string()).unwrap_or(usual);
    if let Some(server) =
        server.as_deref().filter(|server| security == MailSecurity::None && !is_near(server))
    {
        reader.problem(
            "security",
            format!("`none` would send mails in the clear to `{server}`; that is for this machine, or a private address"),
        );
    }
    let user = match (reader.text("user"), reader.secret("password")) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        (Some(_), None) => {
            reader.problem("password", "is missing; a user has one");
            None
        }
        (None, Some(_)) => {
            reader.problem("user", "is missing; a password belongs to one");
            None
        }
    };
    let from = reader.required("from").and_then(|text| {
        let from = text.parse::<Mailbox>().ok();
        if from.is_none() {
            let why = format!("`{text}` is no mail address; write it like Acequia <gate@example.org>");
            reader.problem("from", why);
        }
        from
    });
    let private_ca = reader.text("ca_file").and_then(|file| certificates(reader, &file));
    let timeout = reader.duration("timeout", Duration::from_secs(20));
    Some(Mail { server: server?, port, security, user, from: from?, private_ca, timeout })
}

/// This machine, or a private address of its network; never a name, because whoever answers for it says where it leads.
fn is_near(server: &str) -> bool {
    let ip = server.trim_matches(['[', ']']).parse::<IpAddr>().map(|ip| ip.to_canonical());
    match ip {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        Err(_) => server == "localhost",
    }
}

pub(super) fn notifications(reader: &mut Reader<'_>) -> Notifications {
    let default = Notifications::default();
    let mut ntfy = Vec::new();
    for text in reader.list("ntfy") {
        match Url::parse(&text) {
            Ok(url)
                if matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.query().is_none() =>
            {
                ntfy.push(url);
            }
            _ => reader.problem(
                "ntfy",
                format!("`{text}` is no web address; write it like https://ntfy.example.org"),
            ),
        }
    }
    let webhook_hosts = reader.list("webhook_hosts");
    for host in &webhook_hosts {
        let whole = Url::parse(&format!("https://{host}"));
        let fine = whole.as_ref().is_ok_and(|url| {
            matches!(url.host(), Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)))
                && url.path() == "/"
                && url.username().is_empty()
        });
        if !fine {
            reader.problem("webhook_hosts", format!("`{host}` is no host; write it like 192.168.1.5:8080"));
        }
    }
    let tries = reader.parsed::<u32>("tries", "24").unwrap_or(default.tries);
    if !(1..=1000).contains(&tries) {
        reader.problem("tries", "has to be from 1 to 1000");
    }
    let timeout = reader.duration("timeout", default.timeout);
    // Whoever is told has a minute, and a job two.
    if timeout > Duration::from_secs(30) || timeout.is_zero() {
        reader.problem("timeout", "has to be at least 1ms and at most 30s");
    }
    Notifications { ntfy, webhook_hosts, tries, timeout }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read;

    fn with(text: &str) -> Result<crate::config::Config, String> {
        let text = format!("base_url = 'https://gate.example.org'\n{text}");
        read(Some(&text), []).map_err(|problems| problems.to_string())
    }

    /// As the README says.
    #[test]
    fn a_mail_server_is_a_name_and_an_address_that_mails_are_from() {
        assert!(with("").unwrap().mail.is_none());
        let mail = with("[mail]\nserver = 'smtp.example.org'\nfrom = 'Acequia <gate@example.org>'");
        let mail = mail.unwrap().mail.unwrap();
        assert_eq!((mail.port, mail.security), (587, MailSecurity::StartTls));
        let tls = "[mail]\nserver = 'smtp.example.org'\nfrom = 'gate@example.org'\nsecurity = 'tls'\nuser = 'gate'\npassword = 'hush'";
        let config = with(tls).unwrap();
        assert!(!format!("{config:?}").contains("hush"));
        assert_eq!(config.mail.unwrap().port, 465);
        for (wrong, said) in [
            ("from = 'gate@example.org'", "mail.server: is missing"),
            ("server = 'x.example'", "mail.from: is missing"),
            ("server = 'x.example'\nfrom = 'gate'", "mail.from: `gate` is no mail address"),
            ("server = 'x.example'\nfrom = 'a@x.example'\nsecurity = 'none'", "in the clear"),
            ("server = '8.8.8.8'\nfrom = 'a@x.example'\nsecurity = 'none'", "in the clear"),
            ("server = 'x.example'\nfrom = 'a@x.example'\nsecurity = 'ssl'", "none of `starttls`"),
            ("server = 'x.example'\nfrom = 'a@x.example'\nuser = 'x'", "mail.password: is missing"),
            ("server = 'x.example'\nfrom = 'a@x.example'\nca_file = '/nowhere'", "cannot be read"),
        ] {
            let problems = with(&format!("[mail]\n{wrong}")).unwrap_err();
            assert!(problems.contains(said), "{wrong}: {problems}");
        }
        for near in ["localhost", "127.0.0.1", "192.168.1.5", "fd12::1"] {
            let text = format!("[mail]\nserver = '{near}'\nfrom = 'a@x.example'\nsecurity = 'none'");
            assert!(with(&text).is_ok(), "{near}");
        }
    }

    #[test]
    fn where_webhooks_may_go_is_a_list_of_hosts() {
        let config = with(
            "[notifications]\nntfy = ['http://192.168.1.9:8080']\nwebhook_hosts = ['192.168.1.5:8080', 'hooks.lan']",
        );
        let notifications = config.unwrap().notifications;
        let allows = |url: &str| notifications.allows(&Url::parse(url).unwrap());
        assert!(
            allows("http://192.168.1.5:8080/x")
                && allows("http://hooks.lan/x")
                && allows("https://hooks.lan:8443")
        );
        assert!(!allows("http://192.168.1.5/x") && !allows("https://hooks.lan.example/x"));
        for (wrong, said) in [
            ("ntfy = ['ntfy.sh']", "no web address"),
            ("webhook_hosts = ['https://x/y']", "no host"),
            ("tries = 0", "from 1 to 1000"),
            ("timeout = '2m'", "at most 30s"),
        ] {
            let problems = with(&format!("[notifications]\n{wrong}")).unwrap_err();
            assert!(problems.contains(said), "{wrong}: {problems}");
        }
    }
}
