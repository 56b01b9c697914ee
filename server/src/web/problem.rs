//! A page for what went wrong outside the app's own pages: what happened, and what to do.

use app::fault::Fault;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::text::sentence;

use super::request_id::RequestId;

/// Renders without session, store or script. What answers with it need not know where the app is: `error_pages` does, and
/// makes the page of it.
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
    /// Nobody is signed in: they are led there and back.
    signed_out: bool,
}

impl Problem {
    pub fn new(status: StatusCode, title: &str, text: impl Into<String>) -> Self {
        Self(Box::new(Content {
            status,
            title: title.to_owned(),
            text: text.into(),
            next: (app::paths::home(), "Go to the start page".to_owned()),
            refresh: false,
            signed_out: false,
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

    /// Whether they are led to the sign-in instead.
    pub const fn is_signed_out(&self) -> bool {
        self.0.signed_out
    }

    /// The page, in an app at this path. What broke on our side is found in the log by the name of the request.
    pub fn page(&self, base: &str, id: Option<&RequestId>) -> Response {
        let content = &self.0;
        let (title, text, base) = (escape(&content.title), escape(&content.text), escape(base));
        let (path, words) = (escape(&content.next.0), escape(&content.next.1));
        let (href, refresh) = if content.refresh {
            (path.clone(), format!("<meta http-equiv=\"refresh\" content=\"0;url={path}\">\n"))
        } else {
            (format!("{base}{path}"), String::new())
        };
        let is_told = |id: &RequestId| content.text.contains(id.as_str());
        let broke = id.filter(|id| content.status == StatusCode::INTERNAL_SERVER_ERROR && !is_told(id));
        let named =
            broke.map(|id| format!("<p class=\"soft\">In the log it is <code>{}</code>.</p>\n", id.as_str()));
        let named = named.unwrap_or_default();
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             {refresh}<title>{title} · Acequia</title>\n<link rel=\"stylesheet\" href=\"{base}/style.css\">\n\
             <link rel=\"icon\" href=\"{base}/favicon.svg\">\n</head>\n<body>\n<main>\n<div class=\"lost\">\n\
             <h1>{title}</h1>\n<p class=\"lede\">{text}</p>\n{named}</div>\n\
             <p class=\"actions lost-actions\"><a class=\"button\" href=\"{href}\">{words}</a></p>\n\
             </main>\n</body>\n</html>\n"
        );
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        (content.status, [(header::CONTENT_TYPE, html)], page).into_response()
    }
}

impl From<Fault> for Problem {
    /// The page that says the same.
    fn from(fault: Fault) -> Self {
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
        let mut problem = Self::new(status, title, sentence(&fault.to_string()));
        problem.0.signed_out = fault == Fault::SignedOut;
        problem
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
