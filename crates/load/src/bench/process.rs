//! What a process has used, as the kernel counts it.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep};

/// Of one tick; the kernel shows a hundred in a second to everybody.
const TICK: Duration = Duration::from_millis(10);
const GLANCE: Duration = Duration::from_millis(200);
/// A process that waits still looks at its queue now and then.
const IDLE: Duration = Duration::from_millis(20);

/// Processor time, its own and the kernel's for it.
pub fn spent(id: u32) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).context("the process is gone")?;
    // Its name is in brackets and may have anything in it.
    let (_, rest) = text.rsplit_once(')').context("a stat without a name")?;
    let ticks =
        rest.split_whitespace().skip(11).take(2).map(|field| field.parse::<u32>().unwrap_or_default());
    Ok(TICK * ticks.sum())
}

/// Waits until it has nothing to do. Gives when that was.
pub async fn rest(id: u32) -> anyhow::Result<Instant> {
    let (mut quiet, mut since, mut before) = (0, Instant::now(), spent(id)?);
    while quiet < 5 {
        sleep(GLANCE).await;
        let now = spent(id)?;
        if now.saturating_sub(before) > IDLE {
            (quiet, since) = (0, Instant::now());
        } else {
            quiet += 1;
        }
        before = now;
    }
    Ok(since)
}

/// In kilobytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub now: u32,
    /// The most since [`forget_peak`].
    pub peak: u32,
}

impl Memory {
    pub fn now_megabytes(self) -> f64 {
        f64::from(self.now) / 1024.0
    }
}

pub fn memory(id: u32) -> anyhow::Result<Memory> {
    let text = fs::read_to_string(format!("/proc/{id}/status")).context("the process is gone")?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let (now, peak) = field("VmRSS:").zip(field("VmHWM:")).context("a status without memory")?;
    Ok(Memory { now, peak })
}

/// From now on the peak is counted anew.
pub fn forget_peak(id: u32) -> anyhow::Result<()> {
    fs::write(format!("/proc/{id}/clear_refs"), "5").context("the peak cannot be forgotten")
}
