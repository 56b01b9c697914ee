//! The audit trail as files, with the filters of its page.

use app::ports::audit::Filters;
use app::ports::export::Format;
use axum::extract::Query;
use axum::response::IntoResponse;

use super::asking::Asking;
use super::file::file;
use super::problem::Problem;

pub async fn json(asking: Asking, Query(filters): Query<Filters>) -> Result<impl IntoResponse, Problem> {
    Ok(file(asking.backend().audit.export(filters, Format::Json).await?, "application/json", "audit.json"))
}

pub async fn csv(asking: Asking, Query(filters): Query<Filters>) -> Result<impl IntoResponse, Problem> {
    Ok(file(
        asking.backend().audit.export(filters, Format::Csv).await?,
        "text/csv; charset=utf-8",
        "audit.csv",
    ))
}
