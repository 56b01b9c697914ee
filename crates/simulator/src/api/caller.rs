//! Who calls, and about which tailnet.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::gate::Gate;
use crate::rights::{Actor, Refusal, bearer};
use crate::state::State;

/// The caller of a request with a good credential.
pub struct Caller(pub Actor);

impl FromRequestParts<Arc<Gate>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Self, Refusal> {
        let secret = bearer(&parts.headers).ok_or_else(Refusal::unauthorised)?;
        gate.state().actor(&secret).map(Self).ok_or_else(Refusal::unauthorised)
    }
}

impl Caller {
    /// Index of the tailnet in the path: `-`, its id or its domain, and never another than the credential's.
    pub fn tailnet(&self, state: &State, name: &str) -> Result<usize, Refusal> {
        let index = self.0.tailnet();
        let own = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
        let named = name == "-" || name == own.id() || own.domain.as_deref() == Some(name);
        if named { Ok(index) } else { Err(Refusal::not_found()) }
    }
}
