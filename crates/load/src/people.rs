//! Two people, each at a browser of their own, and the service that one lends to the other.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::time::sleep;

use crate::planes::Planes;
use crate::world::{self, Size};
use load::forms::{after, value, value_beside};
use load::wire::{Answer, Client, leads, ok};

/// A browser that somebody sits at.
pub struct Person {
    /// As their tailnet is called.
    pub name: String,
    pub login: String,
    id: String,
    pub browser: Client,
}

/// Who lends, and who borrows.
pub struct Pair {
    pub owner: Person,
    pub friend: Person,
    pub service: String,
    pub tailnet: String,
    /// The friend has to open the invite themselves: their tailnet is not connected.
    pub by_hand: bool,
}

/// How long something that happens by itself may take while the people come in.
const PATIENCE: usize = 240;
const GLANCE: Duration = Duration::from_millis(250);

impl Person {
    pub async fn arrive(planes: &Planes, name: &str, from: IpAddr) -> anyhow::Result<Self> {
        let mut browser = Client::new(from, planes.app.address);
        let page = ok(browser.get("/sign-in").await?, "the sign-in page")?;
        let id = value_beside(&page.body, "person", &format!(" {name}</strong>"))?.to_owned();
        let mut person = Self { name: name.to_owned(), login: world::login(name), id, browser };
        let answer = person.sign_in().await?;
        leads(answer, "signing in")?;
        Ok(person)
    }

    pub async fn sign_in(&mut self) -> anyhow::Result<Answer> {
        self.browser.post("/sign-in/demo", &[("person", &self.id)]).await
    }

    /// Who signs in with which button.
    pub fn as_form(&self) -> [(&'static str, &str); 1] {
        [("person", &self.id)]
    }

    /// Connects their tailnet and waits until its machine is there. Gives the ids of both.
    pub async fn connect(&mut self, planes: &Planes) -> anyhow::Result<(String, String)> {
        let tailnet = planes.tailnet(&self.name)?;
        let (client, token) = tailnet.clients.first().zip(tailnet.tokens.first()).context("credentials")?;
        let page = ok(self.browser.get("/tailnets/new").await?, "the connect page")?;
        let plane = value(&page.body, "base_url").context("a control plane")?.to_owned();
        let answer = self
            .browser
            .post(
                "/fn/tailnets/connect",
                &[
                    ("name", &self.name),
                    ("base_url", &plane),
                    ("client_id", &client.id),
                    ("client_secret", &client.secret),
                    ("user_token", &token.secret),
                ],
            )
            .await?;
        let to = leads(answer, "connecting")?;
        let id = after(&to, "/tailnets/").context("the tailnet's page")?.to_owned();
        let machine = world::machine(&self.name);
        for _ in 0..PATIENCE {
            let page = ok(self.browser.get(&format!("/tailnets/{id}")).await?, "the tailnet's page")?;
            // The link to a machine has its name in it.
            let start = format!("href=\"/tailnets/{id}/nodes/");
            let links = page.body.split(start.as_str()).skip(1);
            let named = |link: &&str| link.split("</a>").next().is_some_and(|link| link.contains(&machine));
            if let Some(node) = links.into_iter().find(named).and_then(|link| link.split('"').next()) {
                return Ok((id, node.to_owned()));
            }
            sleep(GLANCE).await;
        }
        bail!("{machine} never appears")
    }

    /// Lists a service of a machine. Gives its id.
    pub async fn list(&mut self, node: &str, name: &str, port: usize) -> anyhow::Result<String> {
        let ports = format!("tcp:{port}");
        let form = [
            ("node", node),
            ("name", name),
            ("kind", "minecraft"),
            ("ports", &ports),
            ("about", "For friends."),
            ("audience", "nobody"),
        ];
        let to = leads(self.browser.post("/fn/services/create", &form).await?, "listing a service")?;
        Ok(after(&to, "/services/").context("the service's page")?.to_owned())
    }
}

/// Everybody, each pair with a service of its own.
///
/// # Errors
/// When somebody does not come in.
pub async fn pairs(planes: &Planes, size: Size) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for of in 0..size.owners {
        let name = world::owner(of);
        let mut first = Person::arrive(planes, &name, address(of, 0)).await?;
        let (tailnet, node) = first.connect(planes).await.with_context(|| format!("connecting {name}"))?;
        for number in 0..size.friends {
            let mut owner = Person::arrive(planes, &name, address(of, 2 * number + 1)).await?;
            let service = owner.list(&node, &format!("Game {number}"), 25_000 + number).await?;
            let friend = world::friend(of, number);
            let mut friend = Person::arrive(planes, &friend, address(of, 2 * number + 2)).await?;
            let by_hand = number % 2 == 1;
            if !by_hand {
                friend.connect(planes).await.with_context(|| format!("connecting {}", friend.name))?;
            }
            pairs.push(Pair { owner, friend, service, tailnet: tailnet.clone(), by_hand });
        }
    }
    // Neighbours in the list are of different owners, so that few wait for the same tailnet.
    let per_owner = size.friends;
    let mut spread: Vec<(usize, Pair)> = pairs
        .into_iter()
        .enumerate()
        .map(|(at, pair)| (at % per_owner * size.owners + at / per_owner, pair))
        .collect();
    spread.sort_by_key(|(at, _)| *at);
    Ok(spread.into_iter().map(|(_, pair)| pair).collect())
}

/// An address for each browser: 127.0.0.0/8 is all of this machine.
fn address(owner: usize, seat: usize) -> IpAddr {
    let byte = |number: usize| u8::try_from(number % 200 + 1).unwrap_or(1);
    Ipv4Addr::new(127, 10, byte(owner), byte(seat)).into()
}

/// Where somebody sits whom nobody trusts: one place for each thing that they do, so that one does not keep the others
/// from the door.
pub fn hostile_address(deed: u8) -> IpAddr {
    Ipv4Addr::new(127, 66, 6, deed).into()
}
