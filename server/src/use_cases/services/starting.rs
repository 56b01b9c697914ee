//! What runs on the machines of a tailnet: the beginning of a listing, from the catalogue.

use app::fault::Fault;
use app::ports::paging::Paged;
use app::ports::services::{CatalogueEntry, MachineOption, ServiceForm, WhatRunsView};
use model::{NodeId, ServiceKind, TailnetId};

use crate::failure::OrInternal as _;
use crate::store::nodes::Node;
use crate::use_cases::Asker;
use crate::words::catalogue;

impl Asker {
    /// The machines, and the catalogue where one of them is chosen or there is only one.
    pub(super) async fn what_may_run(
        &self,
        id: TailnetId,
        chosen: Option<NodeId>,
        after: Option<String>,
    ) -> Result<WhatRunsView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let nodes = self.state.db.list_nodes(id).await.or_internal("list the nodes")?;
        let own: Vec<Node> = nodes.into_iter().filter(|node| node.gone.is_none() && !node.external).collect();
        let machine = match (chosen, own.as_slice()) {
            (Some(chosen), own) => Some(own.iter().find(|node| node.id == chosen).ok_or(Fault::NotFound)?),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let machine = machine.map(option);
        let machines = Paged::behind(own, after.as_deref(), |node| node.id.to_string());
        Ok(WhatRunsView {
            tailnet: id,
            tailnet_name: tailnet.name,
            catalogue: if machine.is_some() {
                catalogue::all().map(catalogue::Entry::shown).collect()
            } else {
                Vec::new()
            },
            machine,
            machines: machines.map(|node| option(&node)),
            reading: tailnet.synced.is_none(),
        })
    }
}

fn option(node: &Node) -> MachineOption {
    MachineOption { id: node.id, name: node.name.clone(), os: node.os.clone() }
}

/// The form as an entry fills it. How one joins is said there where the steps for its kind do not say it.
pub(super) fn form(entry: &CatalogueEntry) -> ServiceForm {
    let about = match entry.kind {
        ServiceKind::Game | ServiceKind::Other => entry.join.clone(),
        _ => String::new(),
    };
    ServiceForm {
        name: entry.name.clone(),
        kind: entry.kind.to_string(),
        ports: entry.ports.clone(),
        about,
        ..ServiceForm::default()
    }
}
