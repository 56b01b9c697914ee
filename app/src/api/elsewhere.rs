use leptos::prelude::*;
use model::StrayId;

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "elsewhere/adopt")]
pub async fn adopt_stray(
    #[server(default)] stray: String,
    #[server(default)] service: String,
) -> Result<(), Fault> {
    let stray: StrayId = id(&stray)?;
    let values = typed([("service", &service)]);
    let outcome = backend().elsewhere.adopt(stray, service.parse().ok()).await;
    let outcome =
        outcome.map(|share| done(paths::share(share), "It is a share here now. Review what it opens."));
    answer("elsewhere/adopt", &paths::stray(stray), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "elsewhere/keep")]
pub async fn keep_stray(#[server(default)] stray: String) -> Result<(), Fault> {
    let stray: StrayId = id(&stray)?;
    let outcome = backend().elsewhere.keep(stray).await;
    let outcome =
        outcome.map(|tailnet| done(paths::elsewhere(tailnet), "It stays as it is, and is written down."));
    answer("elsewhere/keep", &paths::stray(stray), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "elsewhere/end")]
pub async fn end_stray(#[server(default)] stray: String) -> Result<(), Fault> {
    let stray: StrayId = id(&stray)?;
    let outcome = backend().elsewhere.end(stray).await;
    let outcome = outcome.map(|(tailnet, said)| done(paths::elsewhere(tailnet), said));
    answer("elsewhere/end", &paths::end_stray(stray), Vec::new(), outcome).await
}
