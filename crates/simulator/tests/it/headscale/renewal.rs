//! An API key is replaced at each dialect, whoever is killed wherever.

use control_plane::renewal::{Renewal, Step, next_step};
use control_plane::{ControlPlane, ControlPlaneError, ListedApiKey, Secret};
use headscale_client::{HeadscaleClient, Server};
use model::Timestamp;
use simulator::{Dialect, Simulator};

use super::stage::{KEY, community, limits, serve, server};

/// What an app keeps: it is killed by being made anew from this.
struct App {
    noted: Renewal,
    old: Secret,
}

impl App {
    fn key(&self) -> &Secret {
        match &self.noted.made {
            Some(made) if self.noted.in_use => made,
            _ => &self.old,
        }
    }

    /// Does what is next. `killed`: the control plane did it, and nobody wrote it down. False: nothing is left to do.
    async fn act(&mut self, simulator: &Simulator, killed: bool) -> bool {
        let now: Timestamp = simulator.now().to_string().parse().expect("a time");
        let client = client(simulator, self.key());
        let keys: Vec<ListedApiKey> =
            client.list_api_keys().await.expect("there is always a key that is good");
        match next_step(&self.noted, &self.old, &keys, now) {
            Step::Note { before } => {
                if !killed {
                    self.noted.before = Some(before);
                    self.noted.ends = Some(Timestamp::from_seconds(now.seconds() + 90 * 24 * 60 * 60 + 7));
                }
            }
            Step::Make { ends } => {
                let made = client.create_api_key(ends).await.expect("it is made");
                if !killed {
                    self.noted.made = Some(made);
                }
            }
            Step::EndLost { id } | Step::EndOld { id } => {
                client.expire_api_key(&id).await.expect("it is ended");
            }
            Step::Try => {
                let made = self.noted.made.clone().expect("there is one to try");
                self::client(simulator, &made).list_api_keys().await.expect("it is taken");
                self.noted.in_use |= !killed;
            }
            Step::Again => self.noted = Renewal::default(),
            Step::Done => return false,
        }
        true
    }
}

fn client(simulator: &Simulator, key: &Secret) -> HeadscaleClient {
    let server = Server { api_key: key.clone(), ..server(simulator) };
    HeadscaleClient::new(server, limits()).expect("the address is fine")
}

#[tokio::test]
async fn a_key_is_replaced_and_whoever_is_killed_in_between_loses_nothing() {
    for dialect in Dialect::ALL {
        // Killed never, and at each of the first four steps, once and twice.
        for killed_at in [None, Some(0), Some(1), Some(2), Some(3)] {
            for times in [1, 2] {
                let simulator = serve(community(dialect)).await;
                let mut app = App { noted: Renewal::default(), old: Secret::new(KEY) };
                let (mut turn, mut kills) = (0, 0);
                loop {
                    let killed = Some(turn) == killed_at && kills < times;
                    kills += usize::from(killed);
                    turn += usize::from(!killed);
                    if !app.act(&simulator, killed).await {
                        break;
                    }
                }
                let good = simulator.headscale("acequia").unwrap().api_keys;
                assert_eq!(good.len(), 1, "{dialect:?}, killed at {killed_at:?} {times} times: {good:?}");
                assert!(app.key().expose().contains(&good[0]), "the one that is kept");
                let old = client(&simulator, &app.old).list_users().await;
                assert_eq!(old, Err(ControlPlaneError::Unauthorised));
            }
        }
    }
}
