//! The policy: read before a write and after it, because the server knows no condition.

use control_plane::{ControlPlaneError, ETag, PolicyFile, Precondition, Validation};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::client::HeadscaleClient;
use crate::refusal;
use crate::version::Version;
use crate::wire::policy::Stored;

/// The policy as it was read.
pub struct Read {
    text: String,
    mark: ETag,
    /// Where it is kept, as far as that shows.
    kept: Kept,
}

/// Where a policy is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Database,
    /// In a file: what is read is what stands there, in force or not.
    File,
    /// Nothing was stored yet, so everything is allowed.
    Nowhere,
}

impl Read {
    /// The mark is our own: the server has none. It moves with the text, and with every write of the same text.
    fn stored(stored: Stored) -> Self {
        let kept = if stored.updated_at.is_some() { Kept::Database } else { Kept::File };
        let mut digest = Sha256::new();
        digest.update(stored.updated_at.map(|time| time.to_string()).unwrap_or_default());
        digest.update("\n");
        digest.update(&stored.policy);
        Self { text: stored.policy, mark: ETag::new(format!("{:x}", digest.finalize())), kept }
    }

    fn nothing() -> Self {
        Self { text: String::new(), mark: ETag::new("none"), kept: Kept::Nowhere }
    }

    fn file(self) -> PolicyFile {
        PolicyFile { text: self.text, etag: Some(self.mark) }
    }

    fn holds(&self, condition: &Precondition) -> bool {
        match condition {
            Precondition::Matches(mark) => self.mark == *mark,
            Precondition::IsDefault => self.kept == Kept::Nowhere,
        }
    }
}

impl HeadscaleClient {
    pub(crate) async fn read_policy(&self) -> Result<Read, ControlPlaneError> {
        match self.get(&["policy"]).await {
            Ok(answer) => Ok(Read::stored(answer.json("a policy")?)),
            Err(ControlPlaneError::Rejected { message, .. }) if refusal::is_no_policy(&message) => {
                Ok(Read::nothing())
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn policy_file(&self) -> Result<PolicyFile, ControlPlaneError> {
        Ok(self.read_policy().await?.file())
    }

    /// Where the policy is kept. A file that cannot be read is a file.
    pub(crate) async fn policy_kept(&self) -> Result<Kept, ControlPlaneError> {
        match self.read_policy().await {
            Ok(read) => Ok(read.kept),
            Err(ControlPlaneError::Rejected { message, .. }) if refusal::is_unreadable_file(&message) => {
                Ok(Kept::File)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads, compares, writes, reads again, and looks once more a moment later. An edit of somebody else between compare
    /// and write is lost unseen; one after it is a conflict.
    pub(crate) async fn write_policy(
        &self,
        text: &str,
        condition: &Precondition,
    ) -> Result<PolicyFile, ControlPlaneError> {
        if text.trim().is_empty() {
            // It would be taken, change nothing until the next start, and let everybody in from then on.
            let message =
                "an empty policy is not sent: it would let everybody in when the server starts anew".into();
            return Err(ControlPlaneError::Rejected { message, details: Vec::new() });
        }
        self.writable().await?;
        let before = self.read_policy().await?;
        if before.kept == Kept::File {
            return Err(refusal::in_file_mode());
        }
        if !before.holds(condition) {
            return Err(ControlPlaneError::Conflict);
        }
        let call = self.call(Method::PUT, &["policy"])?.json(&json!({ "policy": text }))?;
        self.ask(&call).await?;
        let first = self.look(text).await?;
        tokio::time::sleep(self.caller.limits().second_look).await;
        let second = self.look(text).await?;
        if first.mark != second.mark {
            return Err(ControlPlaneError::Conflict);
        }
        Ok(second.file())
    }

    /// What stands there after a write: our text, or somebody wrote since. Whatever goes wrong here, the write was done.
    async fn look(&self, text: &str) -> Result<Read, ControlPlaneError> {
        match self.read_policy().await {
            Ok(read) if read.text == text => Ok(read),
            Ok(_) => Err(ControlPlaneError::Conflict),
            Err(error) if error.leaves_effect_unknown() => Err(error),
            Err(error) => Err(ControlPlaneError::Unreachable {
                reason: format!("the policy was written, and could not be read again: {error}"),
            }),
        }
    }

    pub(crate) async fn check_policy(&self, text: &str) -> Result<Validation, ControlPlaneError> {
        if self.writable().await? < Version::V0_29 {
            let what = "Headscale 0.28 cannot check a policy without writing it".into();
            return Err(ControlPlaneError::Unsupported { what });
        }
        match self.post(&["policy", "check"], &json!({ "policy": text })).await {
            Ok(_) => Ok(Validation { passed: true, ..Validation::default() }),
            Err(ControlPlaneError::Rejected { message, details }) => {
                Ok(Validation { passed: false, message, details })
            }
            Err(error) => Err(error),
        }
    }
}
