use leptos::prelude::*;
use model::TailnetId;

use super::{done, id};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};
use model::EditKind;

#[server(prefix = "/fn", endpoint = "edits/apply")]
pub async fn apply_edit(
    #[server(default)] tailnet: String,
    #[server(default)] what: String,
    #[server(default)] plan: String,
) -> Result<(), Fault> {
    let (tailnet, what): (TailnetId, EditKind) = (id(&tailnet)?, id(&what)?);
    let back = paths::plan_edit(tailnet, &what);
    let outcome = backend().edits.apply(tailnet, what, plan).await;
    let outcome = outcome.map(|edit| done(paths::edit(tailnet, edit), "You said yes; this is how it goes."));
    answer("edits/apply", &back, Vec::new(), outcome).await
}
