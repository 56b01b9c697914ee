//! All reach of a tailnet as files.

use axum::response::IntoResponse;
use model::TailnetId;

use super::asking::{Asking, Ids};
use super::file::file;
use super::problem::Problem;

pub async fn json(asking: Asking, Ids(id): Ids<TailnetId>) -> Result<impl IntoResponse, Problem> {
    Ok(file(asking.backend().reach.json(id).await?, "application/json", "reach.json"))
}

pub async fn csv(asking: Asking, Ids(id): Ids<TailnetId>) -> Result<impl IntoResponse, Problem> {
    Ok(file(asking.backend().reach.csv(id).await?, "text/csv; charset=utf-8", "reach.csv"))
}
