//! The site's files, inside the binary.

use std::sync::LazyLock;

use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum_extra::headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};

use crate::secrets::hex;

/// What `cargo xtask build` made. The folder may be missing: then pages have neither style nor script.
#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

/// Changes with any file: the folder in the URL, so that browsers keep files for ever and never an old one.
static REVISION: LazyLock<String> = LazyLock::new(|| {
    let mut all = Sha256::new();
    for name in Site::iter() {
        if let Some(file) = Site::get(&name) {
            all.update(name.as_bytes());
            all.update(file.metadata.sha256_hash());
        }
    }
    hex(&all.finalize()[..6])
});

/// Where the app's script and style are, without slashes around it.
pub fn folder() -> String {
    format!("pkg/{}", *REVISION)
}

/// Says so if the site was not built.
pub fn warn_if_missing() {
    for name in ["pkg/app.js", "pkg/app_bg.wasm", "style.css"] {
        if Site::get(name).is_none() {
            tracing::warn!(
                "`{name}` is not in this binary: run `cargo xtask build`, then build the server again"
            );
        }
    }
}

/// A file by its name in the folder of this revision: may be kept for ever.
pub async fn kept(Path((revision, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let cache = if revision == *REVISION { "public, max-age=31536000, immutable" } else { "no-cache" };
    let in_pkg = format!("pkg/{name}");
    let name = if Site::get(&in_pkg).is_some() { in_pkg } else { name };
    serve(&name, cache, &headers)
}

/// A file by its plain name: asked for again each time.
pub async fn plain(request: Request) -> Response {
    let name = request.uri().path().trim_start_matches('/');
    let name = if name == "favicon.ico" { "favicon.svg" } else { name };
    serve(name, "no-cache", request.headers())
}

fn serve(name: &str, cache: &'static str, asked: &HeaderMap) -> Response {
    let Some(whole) = Site::get(name) else {
        return (StatusCode::NOT_FOUND, "there is no such file\n").into_response();
    };
    let etag = format!("\"{}\"", hex(&whole.metadata.sha256_hash()[..12]));
    let (file, encoding) = smallest(name, whole, asked);
    let known = asked.typed_get::<IfNoneMatch>().zip(etag.parse::<ETag>().ok());
    let mut response = if known.is_some_and(|(known, etag)| !known.precondition_passes(&etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_response()
    };
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, kind(name));
    put(header::CACHE_CONTROL, cache);
    put(header::ETAG, &etag);
    put(header::VARY, "accept-encoding");
    if let Some(encoding) = encoding {
        put(header::CONTENT_ENCODING, encoding);
    }
    response
}

/// The file as it was compressed when the site was built, if the browser takes that.
fn smallest(name: &str, whole: EmbeddedFile, asked: &HeaderMap) -> (EmbeddedFile, Option<&'static str>) {
    let accepted =
        asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if let (true, Some(file)) = (takes(accepted, encoding), Site::get(&format!("{name}.{ending}"))) {
            return (file, Some(encoding));
        }
    }
    (whole, None)
}

/// Whether a list of codings has this one, and not only to say that it is not wanted (RFC 9110, section 12.5.3). No typed
/// header of the libraries here reads that.
fn takes(accepted: &str, coding: &str) -> bool {
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        named && quality.is_none_or(|quality| quality.trim().parse().is_ok_and(|quality: f32| quality > 0.0))
    })
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest" | "json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_coding_that_is_named_as_not_wanted_is_not_sent() {
        for accepted in ["br", "gzip, br", "gzip;q=0.5, BR ; q=0.1", "br;q=1", "br;level=4"] {
            assert!(takes(accepted, "br"), "{accepted}");
        }
        for accepted in ["", "gzip", "br;q=0", "gzip, br; q=0.0", "brotli", "br;q=many"] {
            assert!(!takes(accepted, "br"), "{accepted}");
        }
    }
}
