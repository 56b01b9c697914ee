//! Mutual exclusion on a tailnet, over all processes.

use std::sync::Arc;
use std::time::Duration;

use model::Id;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::state::AppState;

/// Mutual exclusion for each tailnet, or for the server that several stand for, over all processes. Dropped, it is given back, however that came about.
pub struct Lease {
    state: AppState,
    name: String,
    holder: Uuid,
    /// It may stand in the store.
    held: bool,
    /// Held while it is being written: who gives it back waits for that, or it would be written after.
    writing: Arc<Mutex<()>>,
}

impl Lease {
    /// Takes the lease; `None` if another holder has it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take<T>(state: &AppState, tailnet: Id<T>) -> sqlx::Result<Option<Self>> {
        let holder = state.new_id::<()>().uuid();
        // One server has one policy, however many tailnets stand for it.
        let server = state.db.find_server(tailnet.uuid()).await?;
        let name = server.map_or_else(|| format!("tailnet/{tailnet}"), |server| format!("server/{server}"));
        // Held as soon as it is asked for: whoever asks may be gone when the answer comes.
        let mut lease = Self { state: state.clone(), name, holder, held: true, writing: Arc::default() };
        lease.held = lease.renew().await?;
        Ok(lease.held.then_some(lease))
    }

    /// For a person who waits at a page: a look at the tailnet that is going on is over in moments.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take_soon<T>(state: &AppState, tailnet: Id<T>) -> sqlx::Result<Option<Self>> {
        for _ in 0..50 {
            if let Some(lease) = Self::take(state, tailnet).await? {
                return Ok(Some(lease));
            }
            tokio::time::sleep(state.config.timing.lease_again).await;
        }
        Ok(None)
    }

    /// Still ours: ask before every change of the control plane.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn renew(&self) -> sqlx::Result<bool> {
        let (state, name, holder) = (self.state.clone(), self.name.clone(), self.holder);
        let writing = Arc::clone(&self.writing).lock_owned().await;
        // A task of its own: the database may do what was sent to it long after the sender has hung up.
        let write = tokio::spawn(async move {
            let _writing = writing;
            let (now, until) = (state.now(), state.after(state.config.timing.lease));
            state.db.take_lease(&name, holder, now, until).await
        });
        write.await.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?
    }

    /// Gives it back.
    ///
    /// # Errors
    /// When the store fails; it is then tried again until it would have ended by itself.
    pub async fn give_back(mut self) -> sqlx::Result<()> {
        self.state.db.drop_lease(&self.name, self.holder).await?;
        self.held = false;
        Ok(())
    }
}

impl Drop for Lease {
    /// Its holder failed, or a client hung up: nobody else has to wait until it ends by itself.
    fn drop(&mut self) {
        const PAUSE: Duration = Duration::from_secs(1);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !self.held {
            return;
        }
        let (state, name, holder) = (self.state.clone(), std::mem::take(&mut self.name), self.holder);
        let writing = Arc::clone(&self.writing);
        runtime.spawn(async move {
            let give_back = async {
                let _writing = writing.lock().await;
                while let Err(error) = state.db.drop_lease(&name, holder).await {
                    tracing::warn!("the lease {name} could not be given back: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            };
            let _ = tokio::time::timeout(state.config.timing.lease, give_back).await;
        });
    }
}
