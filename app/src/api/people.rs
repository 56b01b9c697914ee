use leptos::prelude::*;
use model::PersonId;

use super::{done, id};
use crate::fault::Fault;
use crate::paths;
use crate::ports::people::Deed;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "people/act")]
pub async fn act_on_person(
    #[server(default)] person: String,
    #[server(default)] deed: String,
) -> Result<(), Fault> {
    let (person, deed): (PersonId, Deed) = (id(&person)?, deed.parse()?);
    let outcome = backend().people.act(person, deed).await;
    // Who is removed has no page of their own for long.
    let to = if deed == Deed::Remove { paths::people() } else { paths::person(person) };
    let outcome = outcome.map(|said| done(to, said));
    answer("people/act", &paths::person_deed(person, deed), Vec::new(), outcome).await
}
