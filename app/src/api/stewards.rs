use leptos::prelude::*;
use model::{PersonId, TailnetId, TailnetRole};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "stewards/add")]
pub async fn add_steward(
    #[server(default)] tailnet: String,
    #[server(default)] person: String,
    #[server(default)] role: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let values = typed([("person", &person), ("role", &role)]);
    // A form from before there were auditors names none; of one that cannot be understood they get the one who does less.
    let role =
        if role.is_empty() { TailnetRole::Steward } else { role.parse().unwrap_or(TailnetRole::Auditor) };
    let outcome = backend().stewards.add(tailnet, person, role).await;
    let text = |name: String| match role {
        TailnetRole::Steward => format!("{name} is a steward now."),
        TailnetRole::Auditor => format!("{name} is an auditor now."),
    };
    let outcome = outcome.map(|name| done(paths::stewards(tailnet), text(name)));
    answer("stewards/add", &paths::stewards(tailnet), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "stewards/remove")]
pub async fn remove_steward(
    #[server(default)] tailnet: String,
    #[server(default)] person: String,
    #[server(default)] revoke: Vec<String>,
) -> Result<(), Fault> {
    let (tailnet, person): (TailnetId, PersonId) = (id(&tailnet)?, id(&person)?);
    let revoke = revoke.iter().filter_map(|node| node.parse().ok()).collect();
    let outcome = backend().stewards.remove(tailnet, person, revoke).await;
    let text = |(name, role)| match role {
        TailnetRole::Steward => {
            format!("{name} is no longer a steward. Their own shares and listings are as they were.")
        }
        TailnetRole::Auditor => format!("{name} is no longer an auditor."),
    };
    let outcome = outcome.map(|gone| done(paths::stewards(tailnet), text(gone)));
    answer("stewards/remove", &paths::stewards(tailnet), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "stewards/hand-over")]
pub async fn hand_over(
    #[server(default)] tailnet: String,
    #[server(default)] person: String,
    #[server(default)] stay: String,
) -> Result<(), Fault> {
    let (tailnet, person): (TailnetId, PersonId) = (id(&tailnet)?, id(&person)?);
    let values = typed([("stay", &stay)]);
    let stays = stay == "yes";
    let outcome = backend().stewards.hand_over(tailnet, person, stays).await;
    let outcome = outcome.map(|name| {
        if stays {
            done(paths::tailnet(tailnet), format!("It is {name}’s now, and you are a steward of it."))
        } else {
            done(paths::tailnets(), format!("It is {name}’s now."))
        }
    });
    answer("stewards/hand-over", &paths::hand_over(tailnet, person), values, outcome).await
}
