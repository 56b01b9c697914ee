//! Every connection is an open file, and so is much else.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than any of these machines has, for a system that sets no limit.
const ENOUGH: u64 = 1 << 20;

/// Raises the limit of open files to what the system allows. Says which it is now.
pub fn raise_limit() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(ENOUGH);
    if current.is_some_and(|current| current < wanted) {
        let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
        if let Err(error) = raised {
            tracing::warn!("the limit of open files cannot be raised to {wanted}: {error}");
        }
    }
    getrlimit(Resource::Nofile).current.unwrap_or(ENOUGH)
}

/// How many connections there may be: databases, control planes and providers need files too.
pub fn connections() -> usize {
    room(getrlimit(Resource::Nofile).current.unwrap_or(ENOUGH))
}

fn room(files: u64) -> usize {
    let kept = (files / 4).min(1024);
    usize::try_from(files - kept).unwrap_or(usize::MAX).clamp(1, tokio::sync::Semaphore::MAX_PERMITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_files_are_kept_for_everything_else() {
        assert_eq!([1024, 256, 65_536, 0].map(room), [768, 192, 64_512, 1]);
    }
}
