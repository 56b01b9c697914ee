//! What a server says without asking who one is, and its health.

use serde_json::json;

use crate::headscale::Dialect;
use crate::headscale::routes::{Answer, Call};
use crate::headscale::wire::{Reply, Request};

/// Whether the database answers.
pub fn health(_: &mut Call<'_>) -> Answer {
    Ok(Reply::json(&json!({ "databaseConnectivity": true })))
}

/// Pages beside the API.
pub fn known_page(dialect: Dialect, request: &Request) -> Option<Reply> {
    let page = match request.path.as_str() {
        "/health" => Reply::new(200, "application/health+json; charset=utf-8", "{\"status\":\"pass\"}"),
        "/version" => version(dialect),
        "/key" => {
            let key = |digit: &str| format!("mkey:{}", digit.repeat(64));
            Reply::json(&json!({ "legacyPublicKey": key("0"), "publicKey": key("c") }))
        }
        "/robots.txt" => Reply::new(200, "text/plain", "User-agent: *\nDisallow: /"),
        "/" => Reply::blank_page(),
        "/favicon.ico" => Reply::new(200, "image/png", ""),
        "/swagger" if dialect.has_gateway() => {
            Reply::new(200, "text/html; charset=utf-8", "\n<html>\n\t<head></head><body></body>\n</html>")
        }
        "/swagger/v1/openapiv2.json" if dialect.has_gateway() => {
            Reply::new(200, "application/json; charset=utf-8", "{\"swagger\":\"2.0\"}")
        }
        path if !dialect.has_gateway() => document(path)?,
        _ => return None,
    };
    match (dialect, request.method.as_str()) {
        (_, "GET") => Some(page),
        // Its router sends what it does not know to the page of machines that sign in.
        (Dialect::V0_28, _) => Some(Reply::blank_page()),
        _ => Some(Reply::bare(405).with("allow", "GET")),
    }
}

fn version(dialect: Dialect) -> Reply {
    let [version, commit, built] = dialect.build();
    Reply::json(&json!({
        "version": version, "commit": commit, "buildTime": built,
        "go": { "version": "go1.26.8", "os": "linux", "arch": "amd64" }, "dirty": false,
    }))
}

/// The documents that 0.30 has of its two APIs: which one there is tells the version.
fn document(path: &str) -> Option<Reply> {
    let rest = path.strip_prefix("/api/")?;
    let (api, file) = rest.split_once('/').filter(|(api, _)| matches!(*api, "v1" | "v2"))?;
    Some(match file {
        "openapi.json" => {
            let document = json!({ "openapi": "3.1.0", "info": { "title": format!("Headscale {api}") } });
            Reply::new(200, "application/openapi+json", document.to_string())
        }
        "openapi.yaml" => Reply::new(200, "application/openapi+yaml", "openapi: 3.1.0\n"),
        "docs" => Reply::new(200, "text/html", "<!doctype html>\n<html lang=\"en\"></html>"),
        _ => return None,
    })
}
