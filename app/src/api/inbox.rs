use leptos::prelude::*;

use super::{done, id};
use crate::fault::Fault;
use crate::paths;
use crate::ports::inbox::Dismiss;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "inbox/dismiss")]
pub async fn dismiss_notice(
    #[server(default)] kind: String,
    #[server(default)] object: String,
    #[server(default)] part: String,
) -> Result<(), Fault> {
    let notice = Dismiss { kind: id(&kind)?, object, part };
    let outcome = backend().inbox.dismiss(notice).await;
    let outcome = outcome.map(|()| done(paths::home(), "It is put aside."));
    answer("inbox/dismiss", &paths::home(), Vec::new(), outcome).await
}
