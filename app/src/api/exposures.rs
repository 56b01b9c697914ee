use leptos::prelude::*;
use model::ShareId;

use super::{done, id};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "exposures/accept")]
pub async fn accept_exposure(
    #[server(default)] share: String,
    #[server(default)] seen: String,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.accept_beyond(share, seen).await;
    let words = "It stays as it is, and is written down. If they reach more, you are told again.";
    let outcome = outcome.map(|()| done(paths::share(share), words));
    answer("exposures/accept", &paths::share(share), Vec::new(), outcome).await
}
