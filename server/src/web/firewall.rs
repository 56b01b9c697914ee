//! A node's firewall snippet as a file.

use axum::extract::Query;
use axum::http::header;
use axum::response::IntoResponse;
use model::{NodeId, TailnetId};
use serde::Deserialize;

use super::asking::{Asking, Ids};
use super::problem::Problem;

#[derive(Deserialize)]
pub struct Wanted {
    /// `open`, `guard`, or all of it.
    part: Option<String>,
    /// Another kind of host than the chosen one.
    kind: Option<String>,
}

pub async fn text(
    asking: Asking,
    Ids((_, node)): Ids<(TailnetId, NodeId)>,
    Query(Wanted { part, kind }): Query<Wanted>,
) -> Result<impl IntoResponse, Problem> {
    let part = part.unwrap_or_else(|| "all".into());
    let file = asking.backend().firewall.file(node, part, kind).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
    ];
    Ok((headers, file.text))
}
