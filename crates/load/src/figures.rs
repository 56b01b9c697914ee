//! How long answers took.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub what: &'static str,
    /// From when it should have been asked, not from when it was: whoever waits in a queue of ours waits too.
    pub took: Duration,
    /// 0: none came.
    pub status: u16,
}

/// All answers of one half of a round.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Sorted.
    times: Vec<Duration>,
    by_what: BTreeMap<&'static str, Vec<Duration>>,
    statuses: BTreeMap<u16, usize>,
    pub flows: usize,
    pub seconds: u64,
}

impl Figures {
    pub fn of(samples: &[Sample], flows: usize, seconds: u64) -> Self {
        let mut figures = Self { flows, seconds, ..Self::default() };
        for sample in samples {
            figures.times.push(sample.took);
            figures.by_what.entry(sample.what).or_default().push(sample.took);
            *figures.statuses.entry(sample.status).or_default() += 1;
        }
        figures.times.sort_unstable();
        figures.by_what.values_mut().for_each(|times| times.sort_unstable());
        figures
    }

    /// As long as this many of a hundred took at most.
    pub fn at(&self, percent: usize) -> Duration {
        at(&self.times, percent)
    }

    /// Answers that say that the app is broken, and questions without an answer.
    pub fn broken(&self) -> usize {
        let broken = self.statuses.iter().filter(|(status, _)| **status == 0 || **status >= 500);
        broken.map(|(_, count)| count).sum()
    }

    pub fn count(&self) -> usize {
        self.times.len()
    }
}

/// By the nearest rank: a time that was measured, never one between two.
fn at(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// The middle one; of two the later.
pub fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |time: Duration| time.as_millis();
        write!(
            f,
            "{} answers of {} flows in {} s; ms p50 {} p90 {} p99 {} longest {}; by status {:?}; p99 of",
            self.count(),
            self.flows,
            self.seconds,
            millis(self.at(50)),
            millis(self.at(90)),
            millis(self.at(99)),
            millis(self.at(100)),
            self.statuses
        )?;
        for (what, times) in &self.by_what {
            write!(f, " {what} {}", millis(at(times, 99)))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let ms = Duration::from_millis;
        let sample = |millis, status| Sample { what: "home", took: ms(millis), status };
        let samples: Vec<Sample> = (1..=200).rev().map(|n| sample(n, 200)).collect();
        let figures = Figures::of(&samples, 1, 1);
        assert_eq!([50, 99, 100].map(|p| figures.at(p)), [ms(100), ms(198), ms(200)]);
        assert_eq!(Figures::of(&[], 0, 0).at(99), ms(0));
        assert_eq!(median([ms(3), ms(1), ms(2)].into_iter()), ms(2));
        assert_eq!(Figures::of(&[sample(1, 503), sample(1, 0), sample(1, 404)], 1, 1).broken(), 2);
    }
}
