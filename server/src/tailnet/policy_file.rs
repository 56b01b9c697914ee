//! The policy of a tailnet. There is one way to write it: nobody's edit is ever overwritten.

use control_plane::{ControlPlane, ControlPlaneError, PolicyFile, Precondition};

/// How a write ended that the control plane did not refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The text stands there, under a new mark.
    Done(PolicyFile),
    /// Somebody else was quicker: nothing was written. Read again, plan again.
    Overtaken,
}

/// Puts a text in the place of the one that was read, if that one still stands there.
///
/// # Errors
/// As the control plane says; [`ControlPlaneError::Unsupported`] if it gave the policy without a version mark.
pub async fn replace(
    plane: &dyn ControlPlane,
    read: &PolicyFile,
    text: &str,
) -> Result<Written, ControlPlaneError> {
    let Some(etag) = read.etag.clone() else {
        let what = "the policy came without a version mark, so that it cannot be changed safely".to_owned();
        return Err(ControlPlaneError::Unsupported { what });
    };
    // The mark may be of the formatted text: an edit of white space alone would not show in it.
    if plane.get_policy().await?.text != read.text {
        return Ok(Written::Overtaken);
    }
    match plane.set_policy(text, &Precondition::Matches(etag)).await {
        // Not our text: maybe not even the control plane's answer. The next look tells what is true.
        Ok(stored) if stored.text != text => {
            let reason = "it answered with something else than the policy".to_owned();
            Err(ControlPlaneError::InvalidResponse { reason })
        }
        Ok(stored) => Ok(Written::Done(stored)),
        Err(ControlPlaneError::Conflict) => Ok(Written::Overtaken),
        Err(error) => Err(error),
    }
}
