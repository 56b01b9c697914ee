use leptos::prelude::*;
use model::UnmanagedId;

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "elsewhere/adopt")]
pub async fn adopt_unmanaged(
    #[server(default)] stray: String,
    #[server(default)] service: String,
) -> Result<(), Fault> {
    let stray: UnmanagedId = id(&stray)?;
    let values = typed([("service", &service)]);
    let outcome = backend().unmanaged.adopt(stray, service.parse().ok()).await;
    let outcome =
        outcome.map(|share| done(paths::share(share), "It is a share here now. Review what it opens."));
    answer("elsewhere/adopt", &paths::unmanaged(stray), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "elsewhere/keep")]
pub async fn keep_unmanaged(#[server(default)] stray: String) -> Result<(), Fault> {
    let stray: UnmanagedId = id(&stray)?;
    let outcome = backend().unmanaged.keep(stray).await;
    let outcome =
        outcome.map(|tailnet| done(paths::all_unmanaged(tailnet), "It stays as it is, and is written down."));
    answer("elsewhere/keep", &paths::unmanaged(stray), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "elsewhere/end")]
pub async fn end_unmanaged(#[server(default)] stray: String) -> Result<(), Fault> {
    let stray: UnmanagedId = id(&stray)?;
    let outcome = backend().unmanaged.end(stray).await;
    let outcome = outcome.map(|(tailnet, said)| done(paths::all_unmanaged(tailnet), said));
    answer("elsewhere/end", &paths::end_unmanaged(stray), Vec::new(), outcome).await
}
