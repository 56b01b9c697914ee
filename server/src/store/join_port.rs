//! The port of a service that people type in, as a row has it.

use model::{JoinPort, ServiceKind, ServicePorts};

use super::decode::{Damaged, Row};

/// The one that was kept, if the service still has it; where none was kept, the usual one.
pub(super) fn join_port(row: &Row<'_>, kind: ServiceKind, ports: &ServicePorts) -> Result<JoinPort, Damaged> {
    let kept: Option<JoinPort> = row.get("join_port")?;
    let port = kept.filter(|port| port.is_in(ports)).or_else(|| JoinPort::usual(kind, ports));
    port.ok_or_else(|| row.damaged("ports", "there is none"))
}
