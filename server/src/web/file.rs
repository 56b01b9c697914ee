//! Files that are made while they are sent.

use std::io;

use app::ports::export::Export;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::stream;

/// Parts are made as fast as somebody reads them. What fails midway ends the connection: half a file must not look
/// like a whole one.
pub fn file(export: Box<dyn Export>, kind: &'static str, name: &str) -> impl IntoResponse + use<> {
    let place = format!("attachment; filename=\"{name}\"");
    let parts = stream::try_unfold(export, async |mut export| {
        let part = export.next().await.map_err(|fault| io::Error::other(format!("{fault:?}")))?;
        Ok::<_, io::Error>(part.map(|part| (part, export)))
    });
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, place)];
    (headers, Body::from_stream(parts))
}
