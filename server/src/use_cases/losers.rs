//! Who loses by the guard of a machine: named before its text is shown.

use app::fault::Fault;
use firewall::{Input, ShutOut};

use super::{Asker, apart};
use crate::reach::{self, Evaluation};
use crate::store::nodes::Node;
use crate::words;

/// Lines of one page.
const SHOWN: usize = 20;

impl Asker {
    /// Whom rules of the policy let in, and the guard does not: in sentences, as far as the policy was read and understood.
    pub(super) async fn losers(&self, node: &Node, input: &Input) -> Result<Vec<String>, Fault> {
        let Some(seen) = self.cached_reach(node.tailnet).await? else { return Ok(Vec::new()) };
        let (name, input, now) = (node.name.clone(), input.clone(), self.state.now());
        let lost = apart(move || match &*seen.evaluation {
            Evaluation::Known(known) => firewall::shut_out(&input, &reach::let_in(known, &name), now),
            Evaluation::Refused { .. } => Vec::new(),
        })
        .await?;
        let more = lost.len().saturating_sub(SHOWN);
        let told = |one: &ShutOut| {
            words::host::loses(&one.who, &node.name, &format!("{} {}", one.protocol, one.ports))
        };
        let mut told: Vec<String> = lost.iter().take(SHOWN).map(told).collect();
        told.extend((more > 0).then(|| words::host::more_lose(more)));
        Ok(told)
    }
}
