use leptos::prelude::*;
use model::{AskId, ServiceId};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::ports::shares::EndForm;
use crate::request::{answer, backend, kept};

#[server(prefix = "/fn", endpoint = "asks/create")]
pub async fn ask_for_service(
    #[server(default)] service: String,
    #[server(flatten)] form: EndForm,
) -> Result<(), Fault> {
    let service: ServiceId = id(&service)?;
    let values = kept(&form);
    let outcome = backend().asks.create(service, form).await;
    let outcome = outcome
        .map(|()| done(paths::service(service), "Asked. Those who can offer it find it in their inbox."));
    answer("asks/create", &paths::service(service), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "asks/take")]
pub async fn take_service(
    #[server(default)] service: String,
    #[server(default)] login: String,
    #[server(flatten)] form: EndForm,
) -> Result<(), Fault> {
    let service: ServiceId = id(&service)?;
    let mut values = kept(&form);
    values.extend(typed([("login", &login)]));
    let outcome = backend().asks.take(service, login, form).await;
    let outcome = outcome.map(|share| {
        done(
            paths::share(share),
            "It is on its way: what it opens is looked at, and then it is open for you.",
        )
    });
    answer("asks/take", &paths::service(service), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "asks/withdraw")]
pub async fn withdraw_ask(#[server(default)] ask: String) -> Result<(), Fault> {
    let ask: AskId = id(&ask)?;
    let outcome = backend().asks.withdraw(ask).await;
    let outcome =
        outcome.map(|service| done(paths::service(service), "Taken back: nobody is asked any more."));
    answer("asks/withdraw", &paths::directory(), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "asks/decline")]
pub async fn decline_ask(
    #[server(default)] ask: String,
    #[server(default)] word: String,
) -> Result<(), Fault> {
    let ask: AskId = id(&ask)?;
    let values = typed([("word", &word)]);
    let outcome = backend().asks.decline(ask, word).await;
    let outcome = outcome.map(|()| done(paths::ask(ask), "Declined, and they are told."));
    answer("asks/decline", &paths::ask(ask), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "asks/later")]
pub async fn put_off_ask(#[server(default)] ask: String) -> Result<(), Fault> {
    let ask: AskId = id(&ask)?;
    let outcome = backend().asks.later(ask).await;
    let outcome = outcome.map(|()| {
        done(paths::home(), "Put off: it is here again in three days. They are told nothing and wait on.")
    });
    answer("asks/later", &paths::ask(ask), Vec::new(), outcome).await
}
