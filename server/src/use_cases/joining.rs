//! Bringing a new machine in.

use app::fault::{Fault, FieldErrors};
use app::ports::joining::{BootstrapText, FlawView, Joining, JoiningView, NewNodeView, Stopped};
use async_trait::async_trait;
use control_plane::{Ability, CredentialKind};
use firewall::{System, flaws_in_module};
use model::{JobKind, JoiningState, NewNode, NodeId, TailnetId, Timestamp, ids::JoiningId};

use self::text::{completed, text, unknown_tag};
use super::Asker;
use crate::failure::OrInternal as _;
use crate::planes;
use crate::queue;
use crate::store::audit::NewEntry;
use crate::store::jobs::NewJob;
use crate::store::joinings::{self};
use crate::store::tailnets::Tailnet;
use crate::words;

mod key;
mod stop;
mod text;

/// The console's shortest.
const BY_HAND: i64 = 24 * 60 * 60;
/// A module is a page or two.
const LONGEST_MODULE: usize = 20_000;

#[async_trait]
impl Joining for Asker {
    async fn form(&self, tailnet: TailnetId, chosen: NewNode) -> Result<NewNodeView, Fault> {
        let tailnet = self.my_tailnet(tailnet).await?;
        let chosen = completed(chosen);
        let tags = self.tags(&tailnet).await?;
        let (text, mut errors) = match text(&chosen) {
            Ok(text) => (text, FieldErrors::new()),
            Err(errors) => (BootstrapText::default(), errors),
        };
        errors.extend(unknown_tag(&chosen, &tags));
        let open =
            self.state.db.list_joinings(tailnet.id).await.or_internal("list who is waited for")?.readable();
        let (waiting, unsure): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|joining| joining.state == JoiningState::Waiting);
        let named = |all: Vec<joinings::Joining>| all.into_iter().map(|it| (it.id, it.description)).collect();
        Ok(NewNodeView {
            tailnet: tailnet.id,
            no_key: self.no_key(&tailnet, &chosen).await?,
            tailnet_name: tailnet.name,
            chosen,
            systems: System::ALL.map(|system| (system.to_string(), system.label().to_owned())).into(),
            errors,
            text,
            tags,
            waiting: named(waiting),
            unsure: named(unsure),
        })
    }

    async fn flaws(&self, tailnet: TailnetId, module: String) -> Result<Vec<FlawView>, Fault> {
        self.my_tailnet(tailnet).await?;
        if module.trim().is_empty() {
            return Err(Fault::field("module", words::joining::PASTE_THE_MODULE));
        }
        if module.len() > LONGEST_MODULE {
            return Err(Fault::field("module", words::joining::MODULE_TOO_LONG));
        }
        let flaws = flaws_in_module(&module).into_iter();
        Ok(flaws
            .map(|flaw| FlawView { line: flaw.line, text: flaw.text, advice: flaw.advice.into() })
            .collect())
    }

    async fn make_key(&self, tailnet: TailnetId, chosen: NewNode) -> Result<(JoiningId, String), Fault> {
        self.key(tailnet, chosen).await
    }

    async fn wait(&self, tailnet: TailnetId, chosen: NewNode) -> Result<JoiningId, Fault> {
        let tailnet = self.my_tailnet(tailnet).await?;
        let chosen = self.checked_choices(&tailnet, chosen).await?;
        let known = self.machines_now(&tailnet).await?;
        let (id, now) = (self.state.new_id(), self.state.now());
        let joining =
            wait(id, &tailnet, chosen, JoiningState::Waiting, known, now, now.plus_seconds(BY_HAND));
        let told = format!("{}, until {}", joining.description, joining.ends.to_minutes());
        let what = words::joining::BEGAN_TO_WAIT;
        let entry = self.about_tailnet(&tailnet, what).await?.after(told).at(&self.state);
        let job = queue::job(&self.state, JobKind::Joining, id);
        self.begin_wait(&joining, &job, Some(&entry)).await?;
        self.state.signals.poke.notify_one();
        Ok(id)
    }

    async fn get(&self, id: JoiningId) -> Result<JoiningView, Fault> {
        let (joining, tailnet) = self.my_joining(id).await?;
        let arrived = self.arrived(&joining).await?;
        let others = self.others_who_wait(&joining).await?;
        Ok(JoiningView {
            id,
            tailnet: tailnet.id,
            tailnet_name: tailnet.name,
            state: joining.state,
            arrived,
            key_made: joining.key.is_some(),
            description: joining.description,
            created: joining.created,
            ends: joining.ends,
            observed_at: joining.observed_at,
            trouble: joining.trouble,
            others,
            place_key: words::joining::place_key(&joining.chosen),
            text: text(&joining.chosen).unwrap_or_default(),
            demo: self.state.config.demo_kit.control.is_some() && joining.key.is_some(),
        })
    }

    async fn cancel(&self, id: JoiningId) -> Result<Stopped, Fault> {
        self.stop(id).await
    }
}

impl Asker {
    /// A wait in a tailnet that is the viewer's to look after.
    async fn my_joining(&self, id: JoiningId) -> Result<(joinings::Joining, Tailnet), Fault> {
        self.me()?;
        let joining = self.state.db.find_joining(id).await.or_internal("read the waiting")?;
        let joining = joining.ok_or(Fault::NotFound)?;
        let tailnet = self.my_tailnet(joining.tailnet).await?;
        Ok((joining, tailnet))
    }

    /// Stored, unless its tailnet waits for as many as it may: each is asked for again and again.
    async fn begin_wait(
        &self,
        joining: &joinings::Joining,
        job: &NewJob,
        entry: Option<&NewEntry>,
    ) -> Result<(), Fault> {
        let most = self.state.config.limits.open_waits_per_tailnet;
        let stored = self.state.db.insert_joining(joining, most, job, entry).await;
        if stored.or_internal("store the waiting")? {
            return Ok(());
        }
        Err(words::joining::too_many_waits(most))
    }

    /// The machines that a wait ended with.
    async fn arrived(&self, joining: &joinings::Joining) -> Result<Vec<(NodeId, String)>, Fault> {
        if joining.arrived.is_empty() {
            return Ok(Vec::new());
        }
        let nodes = self.state.db.list_nodes(joining.tailnet).await.or_internal("list the nodes")?;
        let here = nodes.into_iter().filter(|node| joining.arrived.contains(&node.id));
        Ok(here.map(|node| (node.id, node.name)).collect())
    }

    /// Open waits that the same machine could be for.
    async fn others_who_wait(&self, joining: &joinings::Joining) -> Result<Vec<(JoiningId, String)>, Fault> {
        let open = self
            .state
            .db
            .list_joinings(joining.tailnet)
            .await
            .or_internal("list who is waited for")?
            .readable();
        let alike = |other: &joinings::Joining| {
            other.id != joining.id
                && other.state == JoiningState::Waiting
                && other.chosen.tags == joining.chosen.tags
        };
        Ok(open.into_iter().filter(alike).map(|other| (other.id, other.description)).collect())
    }

    /// The key that somebody is waiting with, for the demo's machine.
    pub(crate) async fn key_waited_with(&self, id: JoiningId) -> Result<(String, TailnetId), Fault> {
        let (joining, tailnet) = self.my_joining(id).await?;
        match joining.key {
            Some(key) if joining.state == JoiningState::Waiting => Ok((key, tailnet.id)),
            _ => Err(words::joining::nobody_is_waited_for()),
        }
    }

    async fn checked_choices(&self, tailnet: &Tailnet, chosen: NewNode) -> Result<NewNode, Fault> {
        let chosen = completed(chosen);
        text(&chosen).map_err(Fault::Invalid)?;
        match unknown_tag(&chosen, &self.tags(tailnet).await?) {
            Some(error) => Err(Fault::Invalid(vec![error])),
            None => Ok(chosen),
        }
    }

    /// Tags that the policy knows; none where it cannot be read now.
    async fn tags(&self, tailnet: &Tailnet) -> Result<Vec<String>, Fault> {
        let plane = planes::of(&self.state, tailnet.id).await.or_internal("reach the control plane")?;
        let Ok(file) = plane.get_policy().await else { return Ok(Vec::new()) };
        let Ok(value) = hujson::parse_str(&file.text) else { return Ok(Vec::new()) };
        let owners = value.as_object().and_then(|all| all.get_ignore_case("tagOwners")?.as_object());
        Ok(owners.map_or_else(Vec::new, |owners| {
            owners.members().iter().map(|member| member.name().into_owned()).collect()
        }))
    }

    /// Why no key can be made with the credentials at hand.
    async fn no_key(&self, tailnet: &Tailnet, chosen: &NewNode) -> Result<Option<String>, Fault> {
        let stored =
            self.state.db.list_credentials(tailnet.id).await.or_internal("list the credentials")?.readable();
        let now = self.state.now();
        let able = stored.iter().filter(|one| {
            one.refused.is_none()
                && one.expires.is_none_or(|ends| ends > now)
                && one.report.as_ref().is_some_and(|it| it.abilities.contains(&Ability::CreateAuthKeys))
        });
        let kinds: Vec<CredentialKind> = able.map(|one| one.kind).collect();
        Ok(match kinds.as_slice() {
            [] if tailnet.kind.is_headscale() => Some(words::joining::NO_KEY_OF_THE_SERVER.into()),
            [] => Some(words::joining::NO_CREDENTIAL_MAKES_KEYS.into()),
            [CredentialKind::Client] if chosen.tags.is_empty() => {
                Some(words::joining::TAGGED_MACHINES_ONLY.into())
            }
            _ => None,
        })
    }

    /// Ids of the machines that are there before anything is made.
    async fn machines_now(&self, tailnet: &Tailnet) -> Result<Vec<String>, Fault> {
        let plane = planes::of(&self.state, tailnet.id).await.or_internal("reach the control plane")?;
        let list = plane.list_devices().await.map_err(planes::unavailable)?;
        Ok(list.devices.into_iter().map(|device| device.id.as_str().to_owned()).collect())
    }
}

fn wait(
    id: JoiningId,
    tailnet: &Tailnet,
    chosen: NewNode,
    state: JoiningState,
    known: Vec<String>,
    now: Timestamp,
    ends: Timestamp,
) -> joinings::Joining {
    joinings::Joining {
        id,
        tailnet: tailnet.id,
        chosen,
        key: None,
        description: described(id),
        known,
        created: now,
        ends,
        state,
        observed_at: None,
        trouble: None,
        arrived: Vec::new(),
    }
}

/// What the key is called in the console: letters, digits and spaces only. Half of the id is all chance, so that no
/// other key can be meant by it.
fn described(id: JoiningId) -> String {
    let id = id.to_string();
    format!("acequia {}", &id[id.len() - 16..])
}
