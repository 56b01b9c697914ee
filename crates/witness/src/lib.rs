//! Looks at an Acequia from outside: its database row by row, not through the app's own readers, and the simulated
//! control planes through their controls. For tests of whole processes and for load.

mod rows;
mod shares;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use invariants::{
    Baseline, Device, Invite, Moment, Observation, Recipient, Secret, Tailnet, Violation, check,
};
use simulator::TailnetView;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

/// The database of the app, whichever it is.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

impl Source {
    /// The file of an app that may be running.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn file(file: &Path) -> anyhow::Result<Self> {
        // Not read-only: readers of a write-ahead log keep their place in a file beside it.
        let options = SqliteConnectOptions::new().filename(file);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        Ok(Self::Sqlite(pool.with_context(|| format!("cannot read `{}`", file.display()))?))
    }
}

/// Somebody who has seen how it began, and looks again.
#[derive(Debug)]
pub struct Witness {
    source: Source,
    start: Baseline,
    secrets: Vec<Secret>,
}

impl Witness {
    /// Begins with how it is now.
    ///
    /// # Errors
    /// When the database cannot be read, or has what no Acequia writes.
    pub async fn begin(source: Source, planes: &[TailnetView]) -> anyhow::Result<Self> {
        let mut witness = Self { source, start: Baseline::default(), secrets: Vec::new() };
        let seen = witness.look(planes, 0).await?;
        witness.start.learn(&seen);
        Ok(witness)
    }

    /// What must stand nowhere in the database in plain text.
    pub fn must_not_read(&mut self, name: &str, secret: &str) {
        self.secrets.push(Secret { name: name.to_owned(), text: secret.to_owned() });
    }

    /// Everything that is wrong at this moment, `now` in microseconds on the app's clock.
    ///
    /// # Errors
    /// As [`Witness::begin`].
    pub async fn check(
        &mut self,
        planes: &[TailnetView],
        now: i64,
        moment: Moment,
    ) -> anyhow::Result<Vec<Violation>> {
        let seen = self.look(planes, now).await?;
        self.start.learn(&seen);
        Ok(check(&self.start, &seen, moment))
    }

    /// From now on this tailnet counts from how it is now: somebody else changed something there.
    ///
    /// # Errors
    /// As [`Witness::begin`].
    pub async fn begin_anew(&mut self, planes: &[TailnetView], tailnet: &str) -> anyhow::Result<()> {
        let seen = self.look(planes, 0).await?;
        self.start.begin_anew(&seen, tailnet);
        Ok(())
    }

    /// All that the laws speak of. Nothing may be going on meanwhile.
    ///
    /// # Errors
    /// As [`Witness::begin`].
    pub async fn look(&self, planes: &[TailnetView], now: i64) -> anyhow::Result<Observation> {
        let source = &self.source;
        let nodes = rows::nodes(source).await?;
        let links = planes.iter().flat_map(|plane| &plane.invites);
        let links = links.map(|invite| Secret {
            name: format!("the link of invite {}", invite.id),
            text: invite.url.clone(),
        });
        Ok(Observation {
            now,
            tailnets: planes.iter().map(|plane| tailnet(plane, &nodes)).collect(),
            shares: shares::all(source).await?,
            offers: rows::offers(source).await?,
            jobs: rows::jobs(source).await?,
            edits: rows::edits(source).await?,
            audit: rows::audit(source).await?,
            all_unmanaged: rows::all_unmanaged(source).await?,
            texts: rows::texts(source).await?,
            secrets: self.secrets.iter().cloned().chain(links).collect(),
        })
    }
}

/// What a control plane has, with the app's names for it.
fn tailnet(plane: &TailnetView, nodes: &[rows::Node]) -> Tailnet {
    let node = |id: &str| nodes.iter().find(|node| !node.external && node.control_id == id);
    let id = plane.devices.iter().find_map(|device| node(&device.node_id));
    let addresses = |device: &simulator::DeviceView| -> BTreeSet<String> {
        device.addresses.iter().map(ToString::to_string).collect()
    };
    Tailnet {
        name: plane.name.clone(),
        dialect: plane.dialect,
        id: id.map(|node| rows::hex(node.tailnet_id)),
        policy: plane.policy.text.clone(),
        network: plane.network.clone(),
        devices: plane
            .devices
            .iter()
            .map(|device| Device {
                node: node(&device.node_id).map(|node| rows::hex(node.id)),
                name: device.hostname.clone(),
                addresses: addresses(device),
            })
            .collect(),
        invites: plane
            .invites
            .iter()
            .map(|invite| Invite {
                id: invite.id.clone(),
                device: invite.device.clone(),
                accepted_by: invite.accepted_by.clone(),
            })
            .collect(),
        recipients: plane
            .shares
            .iter()
            .map(|share| Recipient {
                device: share.device.clone(),
                login: share.recipient.clone(),
                invite: share.invite.clone(),
            })
            .collect(),
    }
}
