//! Mail: plain text, and the same as HTML.

use std::time::{Duration, SystemTime};

use html_escape::{encode_double_quoted_attribute as in_quotes, encode_text};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use model::text::one_line;

use super::{Failure, Letter};
use crate::config::{Mail, MailSecurity};
use crate::words::telling as words;

/// Answers to a name and password that are not taken: whoever runs this mends them, so what is sent waits.
const OF_THE_SIGN_IN: [&str; 4] = ["530", "534", "535", "538"];

/// One try. `here` is the host of this instance, which names our messages and ourselves.
///
/// # Errors
/// When it was not taken; after its last byte was sent, perhaps it was.
pub async fn send(config: &Mail, here: &str, to: &str, letter: &Letter) -> Result<(), Failure> {
    let message = message(config, here, to, letter)?;
    let transport = transport(config, here)?;
    // Each answer has its own time; all of them together have this one.
    let sent = tokio::time::timeout(config.timeout * 2, transport.send(message)).await;
    let Ok(sent) = sent else { return Err(Failure::Later(words::NO_ANSWER.into())) };
    let Err(error) = sent else { return Ok(()) };
    let code = error.status().map(|code| code.to_string());
    let said = one_line(&error.to_string(), 200);
    match code {
        Some(code) if error.is_permanent() && !OF_THE_SIGN_IN.contains(&code.as_str()) => {
            Err(Failure::ForGood(words::mail_server_said(&said)))
        }
        Some(_) => Err(Failure::Later(words::mail_server_said(&said))),
        None if error.is_timeout() => Err(Failure::Later(words::NO_ANSWER.into())),
        None => Err(Failure::Later(words::no_mail_server(&said))),
    }
}

fn transport(config: &Mail, here: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
    let secured = || -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let mut tls = TlsParameters::builder(config.server.clone());
        if let Some(pem) = &config.private_ca {
            tls = tls.add_root_certificate(Certificate::from_pem(pem)?);
        }
        tls.build_rustls()
    };
    let not_set =
        |error: lettre::transport::smtp::Error| Failure::Later(words::no_mail_server(&error.to_string()));
    let tls = match config.security {
        MailSecurity::StartTls => Tls::Required(secured().map_err(not_set)?),
        MailSecurity::Tls => Tls::Wrapper(secured().map_err(not_set)?),
        MailSecurity::None => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(config.server.as_str())
        .port(config.port)
        .tls(tls)
        .timeout(Some(config.timeout))
        .hello_name(ClientId::Domain(here.to_owned()));
    if let Some((user, password)) = &config.user {
        builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
    }
    Ok(builder.build())
}

fn message(config: &Mail, here: &str, to: &str, letter: &Letter) -> Result<Message, Failure> {
    let no_address = || Failure::ForGood(words::NO_MAIL_ADDRESS.into());
    let address: Address = to.parse().map_err(|_| no_address())?;
    let written = Duration::from_micros(letter.at.micros().unsigned_abs());
    let mut builder = Message::builder()
        .from(config.from.clone())
        .to(Mailbox::new(None, address))
        .subject(one_line(&letter.title, 150))
        .date(SystemTime::UNIX_EPOCH + written)
        .message_id(Some(format!("<{}@{here}>", letter.id)))
        // RFC 3834: nobody answers that they are on holiday.
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(url) = &letter.unsubscribe {
        builder = builder
            .raw_header(header("List-Unsubscribe", &format!("<{url}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    builder
        .multipart(MultiPart::alternative_plain_html(plain(letter), html(letter)))
        .map_err(|_| no_address())
}

/// Of what we made ourselves: an address has no line ends.
fn header(name: &'static str, value: &str) -> HeaderValue {
    let value: String = value.chars().filter(char::is_ascii_graphic).collect();
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

fn plain(letter: &Letter) -> String {
    let mut text = format!("{}\n", letter.title);
    if let Some(detail) = &letter.detail {
        text = format!("{text}\n{detail}\n");
    }
    for (label, url) in &letter.links {
        text = format!("{text}\n{label}:\n{url}\n");
    }
    text = format!("{text}\n-- \n{}\n", letter.why);
    match &letter.unsubscribe {
        Some(url) => format!("{text}{}\n{url}\n", words::NO_MORE_OF_THESE),
        None => text,
    }
}

fn html(letter: &Letter) -> String {
    let link =
        |label: &str, url: &str| format!(r#"<p><a href="{}">{}</a></p>"#, in_quotes(url), encode_text(label));
    let detail = letter.detail.as_deref().map(|detail| format!("<p>{}</p>", encode_text(detail)));
    let links: String = letter.links.iter().map(|(label, url)| link(label, url)).collect();
    let stop = letter.unsubscribe.as_deref().map(|url| link(words::NO_MORE_OF_THESE, url));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>\
         <body><h1>{0}</h1>{1}{2}<hr><p>{3}</p>{4}</body></html>",
        encode_text(&letter.title),
        detail.unwrap_or_default(),
        links,
        encode_text(&letter.why),
        stop.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use model::{HeardAs, HeardKind, Timestamp};

    use super::*;

    fn letter(title: &str) -> Letter {
        Letter {
            id: "0123".into(),
            kind: HeardKind::Offered,
            heard_as: HeardAs::Friend,
            at: Timestamp::from_seconds(1_800_000_000),
            title: title.into(),
            detail: Some("<b>bold</b> & more".into()),
            links: vec![("Answer".into(), "https://gate.example.org/o/x?a=1&b=\"2\"".into())],
            why: "You are told because of <this>.".into(),
            unsubscribe: Some("https://gate.example.org/unsubscribe/abc".into()),
        }
    }

    fn config() -> Mail {
        Mail {
            server: "localhost".into(),
            port: 25,
            security: MailSecurity::None,
            user: None,
            from: "Acequia <gate@example.org>".parse().unwrap(),
            private_ca: None,
            timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn a_mail_names_itself_and_the_way_out_and_adds_no_header_of_others() {
        let made =
            message(&config(), "gate.example.org", "ben@example.org", &letter("Ana\r\nBcc: eve@example.org"));
        let text = String::from_utf8(made.unwrap().formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        for line in [
            "Message-ID: <0123@gate.example.org>",
            "Auto-Submitted: auto-generated",
            "List-Unsubscribe: <https://gate.example.org/unsubscribe/abc>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "To: ben@example.org",
            "Subject: Ana Bcc: eve@example.org",
        ] {
            assert!(head.lines().any(|found| found == line), "{line}: {head}");
        }
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        for wrong in ["ben", "ben@example.org\r\nBcc: eve@example.org", "a@b, c@d"] {
            assert!(
                matches!(message(&config(), "x", wrong, &letter("x")), Err(Failure::ForGood(_))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_people_typed_is_text_in_the_html_too() {
        let html = html(&letter("<script>alert(1)</script>"));
        assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains("<this>"), "{html}");
        assert!(html.contains("b=&quot;2&quot;"), "{html}");
    }
}
