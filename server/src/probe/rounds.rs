//! Asks every listed service, again and again.

use std::time::Duration;

use futures_util::StreamExt as _;
use model::ServiceId;
use tokio::sync::watch;

use super::{Target, ask};
use crate::config::Probe;
use crate::services::Services;

/// Whether services are asked from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    On,
    /// And why.
    Off(String),
}

/// As the configuration says; by itself on where this host is in a tailnet.
pub async fn switch(services: &Services) -> Switch {
    match services.config.probing.enabled {
        Some(true) => Switch::On,
        Some(false) => Switch::Off("it is switched off in the configuration".into()),
        None => services.dialer.reaches_tailnet().await.map_or_else(Switch::Off, |()| Switch::On),
    }
}

/// Asks until it is told to stop.
pub struct Prober {
    services: Services,
}

impl Prober {
    pub fn new(services: Services) -> Self {
        Self { services }
    }

    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = round(&self.services).await {
                tracing::warn!("services could not be asked whether they answer: {error:#}");
            }
            let Probe { interval, jitter, .. } = self.services.config.probing;
            let [chance] = self.services.random.bytes::<1>();
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
pub async fn round(services: &Services) -> anyhow::Result<usize> {
    let now = switch(services).await;
    let off = matches!(now, Switch::Off(_));
    services.probing.send_replace(now);
    if off {
        // What was found once says nothing any more.
        services.db.forget_probes().await?;
        return Ok(0);
    }
    let settings = &services.config.probing;
    // One process asks; the others show what it found.
    let holder = services.new_id::<()>().uuid();
    let until = services.after(settings.interval.max(Duration::from_secs(1)));
    if !services.db.take_lease("probing", holder, services.now(), until).await? {
        return Ok(0);
    }
    let targets = services.db.list_probed().await?;
    let targets = targets
        .into_iter()
        .filter_map(|(id, kind, addresses, ports)| Some((id, kind, Target::new(&addresses, &ports)?)));
    let asked = futures_util::stream::iter(targets.map(|(id, kind, target)| one(services, id, kind, target)))
        .buffer_unordered(settings.at_once.max(1))
        .collect::<Vec<_>>()
        .await;
    services.db.drop_lease("probing", holder).await?;
    let count = asked.len();
    asked.into_iter().collect::<sqlx::Result<Vec<()>>>()?;
    Ok(count)
}

async fn one(services: &Services, id: ServiceId, kind: String, target: Target) -> sqlx::Result<()> {
    let told = ask(&*services.dialer, target, &kind, services.config.probing.timeout).await;
    services.db.put_probe(id, target.socket(), told.as_ref(), services.now()).await
}
