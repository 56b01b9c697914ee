//! A process of the app, as far as it can be killed within a test: its tasks and connections go with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use server::clock::Settable;
use server::config::Config;
use server::jobs::{Runner, end_what_is_over, finish_endings};
use server::random::Random;
use server::secrets::Sealer;
use server::state::AppState;
use server::store::Db;
use simulator::Hold;
use tokio::runtime::Runtime;

/// What all processes have in common.
pub struct Shared {
    pub config: Config,
    pub file: PathBuf,
    pub clock: Settable,
    pub sealer: Arc<Sealer>,
    /// Nobody else has the database.
    pub alone: bool,
    pub seed: u64,
}

pub struct Process {
    pub runtime: Runtime,
    pub state: AppState,
}

impl Process {
    pub fn start(shared: &mut Shared) -> Self {
        shared.seed = shared.seed.wrapping_add(1);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let services = runtime.block_on(async {
            let db = Db::open_sqlite(&shared.file).await.unwrap();
            let (clock, random) = (Arc::new(shared.clock.clone()), Random::seeded(shared.seed));
            let services = AppState::new(shared.config.clone(), db, clock, random, Sealer::ephemeral());
            let services = AppState { sealer: Arc::clone(&shared.sealer), ..services };
            // As `serve` does before the first page.
            if shared.alone {
                services.db.unlock_jobs().await.unwrap();
            }
            end_what_is_over(&services).await.unwrap();
            finish_endings(&services, Duration::from_secs(1)).await.unwrap();
            services
        });
        Self { runtime, state: services }
    }

    /// What is due is done.
    pub fn work(&self) {
        self.runtime.block_on(async { Runner::new(self.state.clone()).round().await.unwrap() });
    }

    /// Works until the call is held. False: it never came.
    pub fn work_until(&self, hold: &Hold) -> bool {
        self.runtime.block_on(async {
            let runner = Runner::new(self.state.clone());
            tokio::select! {
                biased;
                () = hold.held() => true,
                done = runner.round() => { done.unwrap(); false }
            }
        })
    }
}
