//! Arrivals: as fast as the machine can, or at a fixed rate whatever it does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::figures::{Figures, Sample};
use crate::flow::{Steps, life};
use crate::people::Pair;

/// From one click of a person to the next.
const GAP: Duration = Duration::from_millis(150);
/// How many pairs click as fast as they can, to find out what the machine does.
const AT_ONCE: usize = 24;

/// Pairs who have nothing to do.
#[derive(Clone)]
pub struct Idle {
    put: mpsc::UnboundedSender<Pair>,
    take: Arc<Mutex<mpsc::UnboundedReceiver<Pair>>>,
    switches: SocketAddr,
}

/// What came of it.
pub struct Done {
    pub figures: Figures,
    /// Why flows did not come to their end.
    pub failed: Vec<String>,
}

impl Idle {
    pub fn new(pairs: Vec<Pair>, switches: SocketAddr) -> Self {
        let (put, take) = mpsc::unbounded_channel();
        for pair in pairs {
            let _ = put.send(pair);
        }
        Self { put, take: Arc::new(Mutex::new(take)), switches }
    }

    async fn one(
        &self,
        due: Instant,
        gap: Option<Duration>,
        samples: mpsc::UnboundedSender<Sample>,
    ) -> Result<(), String> {
        let pair = self.take.lock().await.recv().await;
        let Some(mut pair) = pair else { return Err("nobody is left".into()) };
        let mut steps = Steps::new(due, gap, samples);
        let outcome = life(&mut pair, &mut steps, self.switches).await;
        let _ = self.put.send(pair);
        outcome.map_err(|error| format!("{error:#}"))
    }

    /// As fast as the machine can: how many flows a second come to their end.
    pub async fn closed(&self, long: Duration) -> (f64, Vec<String>) {
        let (samples, _all) = mpsc::unbounded_channel();
        let until = Instant::now() + long;
        let mut workers = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (idle, samples) = (self.clone(), samples.clone());
            workers.spawn(async move {
                let (mut done, mut failed) = (0_u32, Vec::new());
                while Instant::now() < until {
                    match idle.one(Instant::now(), None, samples.clone()).await {
                        Ok(()) => done += 1,
                        Err(error) => failed.push(error),
                    }
                }
                (done, failed)
            });
        }
        let began = Instant::now();
        let (mut done, mut failed) = (0, Vec::new());
        for (count, errors) in workers.join_all().await {
            done += count;
            failed.extend(errors);
        }
        // The last ones of each come to their end after the time: they count, and so does their time.
        (f64::from(done) / began.elapsed().as_secs_f64(), failed)
    }

    /// One flow after the other is due, at this distance, for so long; then all come to their end.
    pub async fn open(&self, distance: Duration, long: Duration) -> Done {
        let (samples, mut all) = mpsc::unbounded_channel();
        let began = Instant::now();
        let mut flows = JoinSet::new();
        let mut due = began;
        while due < began + long {
            sleep_until(due).await;
            let (idle, samples) = (self.clone(), samples.clone());
            flows.spawn(async move { idle.one(due, Some(GAP), samples).await });
            due += distance;
        }
        drop(samples);
        let flows = flows.join_all().await;
        let mut samples = Vec::new();
        while let Some(sample) = all.recv().await {
            samples.push(sample);
        }
        Done {
            figures: Figures::of(&samples, flows.len(), began.elapsed().as_secs()),
            failed: flows.into_iter().filter_map(Result::err).collect(),
        }
    }
}
