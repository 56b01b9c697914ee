//! The invariants of the product, checked from outside on whatever a test did.

use invariants::{Moment, Violation};
use server::store::Db;
use simulator::TailnetView;
use witness::{Source, Witness};

use super::neighbours::Neighbours;

impl Neighbours {
    /// Somebody who has seen how it is now, and can say later what must not have become of it.
    pub async fn witness(&self) -> Witness {
        let source = match &self.app_state().db {
            Db::Sqlite(pool) => Source::Sqlite(pool.clone()),
            Db::Postgres(pool) => Source::Postgres(pool.clone()),
        };
        let mut witness = Witness::begin(source, &self.planes()).await.unwrap();
        for tailnet in &self.demo.world.tailnets {
            for secret in tailnet.clients.iter().map(|client| &client.secret) {
                witness.must_not_read(&format!("the client secret of {}", tailnet.name), secret);
            }
            for secret in tailnet.tokens.iter().map(|token| &token.secret) {
                witness.must_not_read(&format!("the token of {}", tailnet.name), secret);
            }
        }
        witness
    }

    /// Every control plane, as it is.
    pub fn planes(&self) -> Vec<TailnetView> {
        let simulator = &self.demo.simulator;
        simulator.tailnets().iter().map(|name| simulator.tailnet(name).unwrap()).collect()
    }

    /// Nothing is wrong.
    pub async fn all_is_well(&self, witness: &mut Witness, moment: Moment, told: &str) {
        assert_eq!(self.violations(witness, moment).await, [], "{told}");
    }

    pub async fn violations(&self, witness: &mut Witness, moment: Moment) -> Vec<Violation> {
        witness.check(&self.planes(), self.app_state().now().micros(), moment).await.unwrap()
    }
}
