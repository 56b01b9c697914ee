//! Asks every listed service, again and again.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use model::Timestamp;
use tokio::sync::watch;

use crate::config::Probe;
use crate::probe::{Dialer, Standpoint, Switch, Target, ask};
use crate::state::AppState;
use crate::store::probes::Probed;
use crate::words;

/// As the configuration says; by itself on where this host is in a tailnet.
async fn standpoint(state: &AppState, dialer: &dyn Dialer) -> Result<Standpoint, String> {
    match state.config.probing.enabled {
        Some(false) => Err(words::service::SWITCHED_OFF.into()),
        // Whoever switches it on knows that this host is in their tailnet.
        Some(true) => Ok(dialer.stands().await.unwrap_or(Standpoint::At(Vec::new()))),
        None => dialer.stands().await,
    }
}

/// Somebody who was silent for long is asked more rarely, up to once in this time: a server that sleeps while nobody plays
/// is woken each time.
const RAREST: Duration = Duration::from_hours(1);

/// How long to leave a service alone of which it was found at `at` that it has not answered since `since`.
fn patience(since: Timestamp, at: Timestamp) -> Duration {
    let silent = at.micros().saturating_sub(since.micros());
    (Duration::from_micros(u64::try_from(silent).unwrap_or(0)) / 4).min(RAREST)
}

fn is_due(probed: &Probed, now: Timestamp) -> bool {
    probed.silent.is_none_or(|(since, at)| at.plus(patience(since, at)).is_over(now, RAREST))
}

/// Services of the instance owner's tailnets that this host is in. Of anybody else's, an address might be that of
/// another machine here, about which they would learn what is not theirs to know.
async fn targets(state: &AppState, standpoint: &Standpoint) -> sqlx::Result<Vec<(Probed, Target)>> {
    let own: Option<&[IpAddr]> = match standpoint {
        Standpoint::Everywhere => None,
        Standpoint::At(own) => Some(own),
    };
    let mut here = BTreeSet::new();
    for (tailnet, addresses) in state.db.list_instance_owners_machines().await? {
        let is_ours = |address: &String| {
            own.is_some_and(|own| own.is_empty() || own.iter().any(|ip| ip.to_string() == *address))
        };
        if addresses.iter().any(is_ours) {
            here.insert(tailnet);
        }
    }
    let listed = state.db.list_probed().await?.into_iter();
    let reached = listed.filter(|probed| own.is_none() || here.contains(&probed.tailnet));
    let target = |probed: Probed| {
        let target = Target::new(&probed.addresses, probed.kind, probed.port)?;
        Some((probed, target))
    };
    let now = state.now();
    Ok(reached.filter(|probed| is_due(probed, now)).filter_map(target).collect())
}

/// Asks until it is told to stop.
pub struct Prober {
    state: AppState,
    /// The only way to the services.
    dialer: Arc<dyn Dialer>,
}

impl Prober {
    pub fn new(state: AppState, dialer: Arc<dyn Dialer>) -> Self {
        Self { state, dialer }
    }

    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = round(&self.state, self.dialer.as_ref()).await {
                tracing::warn!("services could not be asked whether they answer: {error:#}");
            }
            let Probe { interval, jitter, .. } = self.state.config.probing;
            let [chance] = self.state.random.bytes::<1>();
            let extra = jitter.mul_f64(f64::from(chance) / 255.0);
            tokio::select! {
                () = tokio::time::sleep(interval + extra) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// Asks every listed service once. Gives how many were asked.
///
/// # Errors
/// When the store fails; a service that does not answer is no error.
pub async fn round(state: &AppState, dialer: &dyn Dialer) -> anyhow::Result<usize> {
    // Also where nothing is asked: another process may have stopped. What it still asks is not ours to forget.
    state.db.forget_old_probes(state.now()).await?;
    let standpoint = match standpoint(state, dialer).await {
        Ok(standpoint) => standpoint,
        Err(why) => {
            state.signals.probing.send_replace(Switch::Off(why));
            return Ok(0);
        }
    };
    state.signals.probing.send_replace(Switch::On);
    let settings = &state.config.probing;
    // One process asks; the others show what it found.
    let holder = state.new_id::<()>().uuid();
    let until = state.after(settings.interval.max(Duration::from_secs(1)));
    if !state.db.take_lease("probing", holder, state.now(), until).await? {
        return Ok(0);
    }
    let targets = targets(state, &standpoint).await?;
    // Two rounds at their slowest: by then it was asked again, or nobody asks any more.
    let turns = u32::try_from(targets.len() / settings.at_once.max(1) + 1).unwrap_or(u32::MAX);
    let slowest = settings.interval + settings.jitter + settings.timeout.saturating_mul(turns);
    let counts = slowest.saturating_mul(2);
    let asked = futures_util::stream::iter(
        targets.into_iter().map(|(probed, target)| one((state, dialer), probed, target, counts)),
    )
    .buffer_unordered(settings.at_once.max(1))
    .collect::<Vec<_>>()
    .await;
    state.db.drop_lease("probing", holder).await?;
    let count = asked.len();
    asked.into_iter().collect::<sqlx::Result<Vec<()>>>()?;
    Ok(count)
}

async fn one(
    (state, dialer): (&AppState, &dyn Dialer),
    probed: Probed,
    target: Target,
    counts: Duration,
) -> sqlx::Result<()> {
    let told = ask(dialer, target, (probed.kind, &probed.name), state.config.probing.timeout).await;
    let now = state.now();
    // It is left alone for longer, and what was found counts for as long.
    let since = probed.silent.filter(|_| told.is_none()).map_or(now, |(since, _)| since);
    let until = now.plus(counts + patience(since, now));
    state.db.put_probe(probed.service, target.socket(), told.as_ref(), (now, until)).await
}
