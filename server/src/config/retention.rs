//! How long what is written down is kept.

use std::time::Duration;

use model::retention::Keep;

use super::reader::Reader;

const DAY: Duration = Duration::from_hours(24);

/// What is older is dropped, in small portions, but for what is never dropped (`store/retention.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Entries of the audit trail.
    pub audit: Keep,
    /// Firewall texts that a machine had before.
    pub revisions: Keep,
    /// What was last found of services that nobody asks any more.
    pub probes: Keep,
    /// What was read of a tailnet at an earlier look.
    pub snapshots: Keep,
    /// The most that earlier looks of one tailnet may take up, in mebibytes, as they are stored.
    pub snapshots_mib: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            audit: Keep::Forever,
            revisions: Keep::Forever,
            probes: Keep::For(30 * DAY),
            snapshots: Keep::For(400 * DAY),
            snapshots_mib: 64,
        }
    }
}

pub(super) fn settings(reader: &mut Reader<'_>) -> Retention {
    let default = Retention::default();
    let mib = reader.parsed::<u32>("snapshots_mib", "64").unwrap_or(default.snapshots_mib);
    if mib == 0 {
        reader.problem("snapshots_mib", "has to be at least 1");
    }
    Retention {
        audit: keep(reader, "audit", default.audit),
        revisions: keep(reader, "revisions", default.revisions),
        probes: keep(reader, "probes", default.probes),
        snapshots: keep(reader, "snapshots", default.snapshots),
        snapshots_mib: mib,
    }
}

/// `forever`, or a time of a day at least: nobody means to lose what happened this morning.
fn keep(reader: &mut Reader<'_>, key: &str, default: Keep) -> Keep {
    let Some(text) = reader.text(key) else { return default };
    if text.trim() == "forever" {
        return Keep::Forever;
    }
    match super::reader::parse_duration(&text) {
        Some(time) if time >= DAY => Keep::For(time),
        Some(_) => {
            reader.problem(key, "has to be at least 1d");
            default
        }
        None => {
            reader.problem(key, format!("`{text}` is no time; write it like 400d, or forever"));
            default
        }
    }
}
