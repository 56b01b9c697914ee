//! One call, before it has a credential.

use control_plane::{ControlPlaneError, Secret};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request};
use serde::Serialize;
use url::Url;

use crate::Answer;

/// A request before it has a credential.
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
    pub(crate) repeatable: bool,
    pub(crate) is_final: fn(&Answer) -> bool,
    hide: Vec<Secret>,
}

impl Call {
    /// Only a GET is repeated on trouble.
    pub fn new(method: Method, url: Url) -> Self {
        let repeatable = method == Method::GET;
        let json = (ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            method,
            url,
            headers: vec![json],
            body: None,
            repeatable,
            is_final: |_| false,
            hide: Vec::new(),
        }
    }

    /// Repeated on trouble like a GET: to do it twice does no harm.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Which answers are what they seem, so that repeating would not mend them.
    #[must_use]
    pub fn with_final(mut self, is_final: fn(&Answer) -> bool) -> Self {
        self.is_final = is_final;
        self
    }

    /// A secret that the answer's words may repeat.
    #[must_use]
    pub fn hiding(mut self, secret: &str) -> Self {
        self.hide.push(Secret::new(secret));
        self
    }

    /// Secrets that the answer's words may repeat.
    pub fn hidden(&self) -> Vec<&str> {
        self.hide.iter().map(Secret::expose).collect()
    }

    /// Sets the header, in place of an earlier value.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
        self
    }

    /// One more parameter of the query.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// This text as body.
    #[must_use]
    pub fn text(mut self, body: &str, content_type: &'static str) -> Self {
        self.body = Some(body.as_bytes().to_vec());
        self.header(CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// These fields as body.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.text(&body, "application/x-www-form-urlencoded")
    }

    /// This value as body.
    ///
    /// # Errors
    /// What cannot be written as JSON.
    pub fn json(self, body: &impl Serialize) -> Result<Self, ControlPlaneError> {
        let text = serde_json::to_string(body)
            .map_err(|_| ControlPlaneError::Unsupported { what: "this cannot be written as JSON".into() })?;
        Ok(self.text(&text, "application/json"))
    }

    pub(crate) fn request(&self, token: Option<&Secret>) -> Result<Request, ControlPlaneError> {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        let headers = request.headers_mut();
        headers.extend(self.headers.iter().cloned());
        if let Some(token) = token {
            // What cannot stand in a header is no token.
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .map_err(|_| ControlPlaneError::Unauthorised)?;
            value.set_sensitive(true);
            headers.insert(reqwest::header::AUTHORIZATION, value);
        }
        *request.body_mut() = self.body.clone().map(Into::into);
        Ok(request)
    }
}
