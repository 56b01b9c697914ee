//! Which credential a call goes with.

use calls::{Answer, Call};
use control_plane::{ControlPlaneError, CredentialKind};

use crate::client::TailscaleClient;
use crate::wire::error::success;

impl TailscaleClient {
    /// With the client if there is one; with the user token if there is no client, or if the client lacks the right.
    pub(crate) async fn call(&self, call: &Call) -> Result<Answer, ControlPlaneError> {
        match (&self.token, &self.tailnet.user_token) {
            (None, _) => self.call_as(CredentialKind::UserToken, call).await,
            (Some(_), None) => self.call_as(CredentialKind::Client, call).await,
            (Some(_), Some(_)) => match self.call_as(CredentialKind::Client, call).await {
                // A refusal for lack of rights had no effect, so asking again as the person is safe.
                Err(ControlPlaneError::Forbidden { .. }) => {
                    self.call_as(CredentialKind::UserToken, call).await
                }
                other => other,
            },
        }
    }

    /// With this credential only.
    pub(crate) async fn call_as(
        &self,
        kind: CredentialKind,
        call: &Call,
    ) -> Result<Answer, ControlPlaneError> {
        let hide = call.hidden();
        match (kind, &self.token, &self.tailnet.user_token) {
            (CredentialKind::Client, Some(keeper), _) => {
                let minted = keeper.token(self, None).await?;
                let mut answer = self.caller.send(call, Some(&minted.token)).await?;
                if answer.status == 401 {
                    // The token may have been revoked while the client was not: a fresh one, once.
                    let minted = keeper.token(self, Some(&minted.token)).await?;
                    answer = self.caller.send(call, Some(&minted.token)).await?;
                }
                success(answer, &hide)
            }
            (CredentialKind::UserToken, _, Some(token)) => {
                success(self.caller.send(call, Some(token)).await?, &hide)
            }
            (CredentialKind::ApiKey, ..) => Err(crate::plane::no_api_key()),
            (CredentialKind::Client, None, _) => {
                Err(ControlPlaneError::Unsupported { what: "no client is connected".into() })
            }
            (CredentialKind::UserToken, _, None) => Err(ControlPlaneError::Unsupported {
                what: "this needs a user token of an owner or admin of the tailnet".into(),
            }),
        }
    }
}
