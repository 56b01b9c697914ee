//! A page for what went wrong outside the app's own pages: what happened, and what to do.

use app::fault::Fault;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::config::Config;

/// Renders without session, store or script.
#[derive(Clone, Debug)]
pub struct Problem(Box<Content>);

#[derive(Clone, Debug)]
struct Content {
    status: StatusCode,
    /// What happened, as a heading.
    title: String,
    /// What it means and whether anything was changed.
    text: String,
    /// Where to go on, as path and words.
    next: (String, String),
    /// Leads on to another site by itself.
    refresh: bool,
    base_path: String,
}

impl Problem {
    pub fn new(config: &Config, status: StatusCode, title: &str, text: impl Into<String>) -> Self {
        Self(Box::new(Content {
            status,
            title: title.to_owned(),
            text: text.into(),
            next: (app::paths::home(), "Go to the start page".to_owned()),
            refresh: false,
            base_path: config.base_path().to_owned(),
        }))
    }

    #[must_use]
    pub fn next(mut self, path: String, words: &str) -> Self {
        self.0.next = (path, words.to_owned());
        self
    }

    /// Leads on to another site, by itself and by a link.
    #[must_use]
    pub fn leads_to(mut self, url: &url::Url, words: &str) -> Self {
        self.0.next = (url.to_string(), words.to_owned());
        self.0.refresh = true;
        self
    }

    /// The page that says the same as a fault.
    pub fn of(config: &Config, fault: &Fault) -> Self {
        let title = match fault {
            Fault::Invalid(_) => "That was not accepted",
            Fault::SignedOut => "Please sign in",
            Fault::Forbidden => "You may not do this",
            Fault::NotFound => "Not found",
            Fault::Conflict(_) => "It changed meanwhile",
            Fault::Unavailable(_) => "Something does not answer",
            Fault::Internal { .. } => "Something broke",
            Fault::Damaged { .. } => "This cannot be read",
        };
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(config, status, title, sentence(&fault.to_string()))
    }
}

/// Errors are written in lower case without a full stop; on a page of their own they are sentences.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (title, text, base) = (escape(&self.0.title), escape(&self.0.text), escape(&self.0.base_path));
        let (path, words) = (escape(&self.0.next.0), escape(&self.0.next.1));
        let (href, refresh) = if self.0.refresh {
            (path.clone(), format!("<meta http-equiv=\"refresh\" content=\"0;url={path}\">\n"))
        } else {
            (format!("{base}{path}"), String::new())
        };
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             {refresh}<title>{title} · Acequia</title>\n<link rel=\"stylesheet\" href=\"{base}/style.css\">\n\
             <link rel=\"icon\" href=\"{base}/favicon.svg\">\n</head>\n<body>\n<main>\n<div class=\"lost\">\n\
             <h1>{title}</h1>\n<p class=\"lede\">{text}</p>\n</div>\n\
             <p class=\"actions lost-actions\"><a class=\"button\" href=\"{href}\">{words}</a></p>\n\
             </main>\n</body>\n</html>\n"
        );
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        (self.0.status, [(header::CONTENT_TYPE, html)], page).into_response()
    }
}
