//! Looks at an Acequia from outside: its database row by row, not through the app's own readers, and the simulated
//! control planes through their controls. For tests of whole processes and for load.

mod around;
mod rows;
mod shares;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};
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
    /// A file, over one connection of its own that only reads.
    File(SqlitePool),
    /// A file, over the app's connections.
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
        // Kept for good: what changed since is told by the one connection that was there before.
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let pool = pool.connect_with(options).await;
        Ok(Self::File(pool.with_context(|| format!("cannot read `{}`", file.display()))?))
    }
}

/// Somebody who has seen how it began, and looks again.
#[derive(Debug)]
pub struct Witness {
    source: Source,
    start: Baseline,
    secrets: Vec<Secret>,
    /// What the app shows to whom, where it was asked since the last look.
    shown: BTreeMap<(String, String), bool>,
    clean: Clean,
    last: Option<Last>,
}

/// Texts in which no secret was found, so that each is read once and not at every look.
#[derive(Debug, Default)]
struct Clean {
    secrets: u64,
    texts: HashSet<u64>,
}

/// The last look, which is the next one too if nothing was changed in between.
#[derive(Debug)]
struct Last {
    version: i64,
    planes: Vec<TailnetView>,
    moment: Moment,
    found: Vec<Violation>,
}

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

impl Clean {
    /// Leaves those texts in which these secrets were not looked for yet.
    fn only_new(&mut self, seen: &mut Observation) {
        let mut secrets: Vec<&str> = seen.secrets.iter().map(|secret| secret.text.as_str()).collect();
        secrets.sort_unstable();
        let secrets = hash(secrets);
        if secrets != self.secrets {
            *self = Self { secrets, texts: HashSet::new() };
        }
        seen.texts.retain(|stored| self.texts.insert(hash((&stored.place, &stored.text))));
    }
}

impl Witness {
    /// Begins with how it is now.
    ///
    /// # Errors
    /// When the database cannot be read, or has what no Acequia writes.
    pub async fn begin(source: Source, planes: &[TailnetView]) -> anyhow::Result<Self> {
        let mut witness = Self {
            source,
            start: Baseline::default(),
            secrets: Vec::new(),
            shown: BTreeMap::new(),
            clean: Clean::default(),
            last: None,
        };
        let seen = witness.look(planes, 0).await?;
        witness.start.learn(&seen);
        witness.start.remember(&seen);
        Ok(witness)
    }

    /// What must stand nowhere in the database in plain text.
    pub fn must_not_read(&mut self, name: &str, secret: &str) {
        self.secrets.push(Secret { name: name.to_owned(), text: secret.to_owned() });
        self.last = None;
    }

    /// What the app said just now when it was asked whether it shows a service to somebody: judged at the next look.
    pub fn was_shown(&mut self, person: &str, service: &str, shown: bool) {
        self.shown.insert((person.to_owned(), service.to_owned()), shown);
        self.last = None;
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
        let version = rows::version(&self.source).await?;
        // At rest time alone can make something wrong.
        let same = |last: &&Last| {
            moment == Moment::Halted
                && last.moment == moment
                && Some(last.version) == version
                && last.planes == planes
        };
        if let Some(last) = self.last.as_ref().filter(same) {
            return Ok(last.found.clone());
        }
        let mut seen = self.look(planes, now).await?;
        seen.shown = std::mem::take(&mut self.shown);
        self.clean.only_new(&mut seen);
        self.start.learn(&seen);
        let found = check(&self.start, &seen, moment);
        self.start.remember(&seen);
        if !found.is_empty() {
            // Whoever looks again reads of it again.
            self.clean = Clean::default();
        }
        // What was shown is asked anew each time.
        self.last = version.filter(|_| seen.shown.is_empty()).map(|version| Last {
            version,
            planes: planes.to_vec(),
            moment,
            found: found.clone(),
        });
        Ok(found)
    }

    /// From now on this tailnet counts from how it is now: somebody else changed something there.
    ///
    /// # Errors
    /// As [`Witness::begin`].
    pub async fn begin_anew(&mut self, planes: &[TailnetView], tailnet: &str) -> anyhow::Result<()> {
        let seen = self.look(planes, 0).await?;
        self.start.begin_anew(&seen, tailnet);
        self.last = None;
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
            around: around::read(source).await?,
            shown: BTreeMap::new(),
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

#[cfg(test)]
mod tests {
    use invariants::StoredText;

    use super::*;

    /// Sabotage: the place, or the secrets, left out of what is compared.
    #[test]
    fn a_text_is_looked_at_again_where_it_stands_elsewhere_or_a_secret_is_new() {
        let mut clean = Clean::default();
        let mut left = |places: &[&str], secrets: &[&str]| {
            let text = |place: &&str| StoredText { place: (*place).to_owned(), text: "a word".into() };
            let secret = |text: &&str| Secret { name: "it".into(), text: (*text).to_owned() };
            let mut seen = Observation {
                texts: places.iter().map(text).collect(),
                secrets: secrets.iter().map(secret).collect(),
                ..Observation::default()
            };
            clean.only_new(&mut seen);
            seen.texts.into_iter().map(|stored| stored.place).collect::<Vec<_>>()
        };
        assert_eq!(left(&["audit.what"], &["s1"]), ["audit.what"]);
        assert_eq!(left(&["audit.what", "jobs.kind"], &["s1"]), ["jobs.kind"]);
        assert_eq!(left(&["audit.what", "jobs.kind"], &["s1", "s2"]).len(), 2, "another secret");
        assert!(left(&["audit.what", "jobs.kind"], &["s2", "s1"]).is_empty(), "the same ones");
    }
}
