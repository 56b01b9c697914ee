//! Requests and replies without sockets.

use serde_json::Value;

/// A request, read whole.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// As it came, not decoded.
    pub path: String,
    pub query: String,
    pub authorization: Option<String>,
    pub content_type: Option<String>,
    pub accept: Option<String>,
    pub if_match: Option<String>,
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub fn json(value: &Value) -> Self {
        Self::new(200, "application/json", value.to_string())
    }

    /// `{}`, which is what a deed is answered with.
    pub fn done() -> Self {
        Self::json(&serde_json::json!({}))
    }

    /// Without a body, and so without a type.
    pub fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    /// One more line of a header that may have several.
    pub fn adding(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn blank_page() -> Self {
        let page = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\"><link href=\"/favicon.ico\" \
                    rel=\"icon\"></head><body></body></html>";
        Self::new(200, "text/html; charset=utf-8", page)
    }

    pub fn no_page() -> Self {
        Self::new(404, "text/plain; charset=utf-8", "404 page not found\n")
    }
}

/// Percent-decoding; what is no UTF-8 afterwards stays as it was.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let hex = others.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = hex.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
