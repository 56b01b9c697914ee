//! Sign-ins that were started in a browser and are not finished.

use app::fault::Fault;
use model::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::providers::Secrets;
use crate::session::BrowserSession;

const KEY: &str = "flows";
/// Several tabs may sign in at once; more than this are forgotten, the oldest first.
const MOST: usize = 4;

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flow {
    pub provider: String,
    pub secrets: Secrets,
    pub next: Option<String>,
    /// To link one more identity to this person.
    pub link: Option<PersonId>,
    /// To come back with a link, of which this is the hash.
    #[serde(default)]
    pub again: Option<String>,
    pub started: Timestamp,
}

pub async fn remember(session: &BrowserSession, flow: Flow) -> Result<(), Fault> {
    let mut flows: Vec<Flow> = session.get(KEY).await?.unwrap_or_default();
    flows.push(flow);
    let surplus = flows.len().saturating_sub(MOST);
    flows.drain(..surplus);
    session.put(KEY, flows).await
}

/// Takes the one with this state out: each answer of a provider is used once.
pub async fn take(session: &BrowserSession, provider: &str, state: &str) -> Result<Option<Flow>, Fault> {
    let mut flows: Vec<Flow> = session.get(KEY).await?.unwrap_or_default();
    let found = flows.iter().position(|flow| flow.provider == provider && flow.secrets.state == state);
    let Some(found) = found else { return Ok(None) };
    let flow = flows.remove(found);
    session.put(KEY, flows).await?;
    Ok(Some(flow))
}
