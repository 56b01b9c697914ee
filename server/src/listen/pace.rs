//! How long a client may keep us waiting. Decides only; the clock is somewhere else.

use std::time::Duration;

use tokio::time::Instant;

/// Bytes a second that nobody is too slow with: half of what a bad mobile network does. Apache httpd asks for 500
/// (<https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html>).
pub const SLOWEST: u32 = 1024;

/// One direction in which bytes are waited for: only the time of waiting counts, and every byte earns more of it.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    limit: Duration,
    waited: Duration,
    since: Option<Instant>,
}

impl Patience {
    pub const fn new(limit: Duration) -> Self {
        Self { limit, waited: Duration::ZERO, since: None }
    }

    /// It has to be waited from now on. Says whether that is new.
    pub fn wait(&mut self, now: Instant) -> bool {
        let new = self.since.is_none();
        self.since.get_or_insert(now);
        new
    }

    /// Something moved.
    pub fn moved(&mut self, now: Instant, bytes: usize) {
        let Some(since) = self.since.take() else { return };
        let earned = Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / SLOWEST;
        self.waited = (self.waited + (now - since)).saturating_sub(earned);
    }

    /// When it is over, while it is waited.
    pub fn deadline(&self) -> Option<Instant> {
        self.since.map(|since| since + self.limit.saturating_sub(self.waited))
    }
}

/// Where a connection is.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The head of a request has to be there soon after it was begun, however it drips in.
    Head(Instant),
    /// Nothing is asked.
    Idle(Instant),
    /// A request is being answered. Its body is watched by whoever reads it (`web::incoming`).
    Answering,
}

/// One connection.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    slow: Duration,
    idle: Duration,
    phase: Phase,
    writing: Patience,
}

impl Pace {
    /// A connection that was just made: it has to say what it wants.
    pub fn new(slow: Duration, idle: Duration) -> Self {
        Self { slow, idle, phase: Phase::Head(Instant::now()), writing: Patience::new(slow) }
    }

    /// Bytes came. Says whether that changes the deadline.
    pub fn read(&mut self, now: Instant) -> bool {
        let begins = matches!(self.phase, Phase::Idle(_));
        if begins {
            self.phase = Phase::Head(now);
        }
        begins
    }

    /// A head is complete.
    pub fn begin(&mut self) {
        self.phase = Phase::Answering;
    }

    /// The answer was handed over.
    pub fn end(&mut self, now: Instant) {
        self.phase = Phase::Idle(now);
    }

    pub fn writing(&mut self) -> &mut Patience {
        &mut self.writing
    }

    /// When to let go, unless something happens before.
    pub fn deadline(&self) -> Option<Instant> {
        let asking = match self.phase {
            Phase::Head(since) => Some(since + self.slow),
            Phase::Idle(since) => Some(since + self.idle),
            Phase::Answering => None,
        };
        asking.into_iter().chain(self.writing.deadline()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_secs(15);
    const IDLE: Duration = Duration::from_mins(1);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_head_has_to_be_there_in_time_however_it_drips_in() {
        let mut pace = Pace::new(SLOW, IDLE);
        let start = pace.deadline().unwrap() - SLOW;
        pace.read(start + seconds(10));
        assert_eq!(pace.deadline(), Some(start + SLOW));
        pace.begin();
        assert_eq!(pace.deadline(), None, "an answer may take its time, and a stream is one");
        pace.end(start + seconds(100));
        assert_eq!(pace.deadline(), Some(start + seconds(160)));
        assert!(pace.read(start + seconds(150)));
        assert!(!pace.read(start + seconds(155)));
        assert_eq!(pace.deadline(), Some(start + seconds(165)));
    }

    #[test]
    fn an_answer_has_to_be_taken_at_some_speed_also_after_it_was_handed_over() {
        let mut pace = Pace::new(SLOW, IDLE);
        let start = Instant::now();
        pace.begin();
        pace.writing().moved(start, 4 << 20);
        assert_eq!(pace.deadline(), None, "what the system takes at once earns nothing");
        assert!(pace.writing().wait(start));
        assert!(!pace.writing().wait(start + seconds(5)));
        pace.end(start + seconds(1));
        assert_eq!(pace.deadline(), Some(start + SLOW));
        pace.writing().moved(start + seconds(10), 1);
        pace.writing().wait(start + seconds(10));
        let rest = pace.deadline().unwrap() - start;
        assert!(
            rest >= seconds(15) && rest < seconds(16),
            "one byte earns a thousandth of a second: {rest:?}"
        );
        pace.writing().moved(start + seconds(14), 100 << 10);
        pace.writing().wait(start + seconds(20));
        assert_eq!(pace.deadline(), Some(start + seconds(35)));
    }
}
