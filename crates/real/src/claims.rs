use std::fmt::Display;
use std::io::Write as _;

/// What has to be true, line by line as it is found.
#[derive(Debug, Default)]
pub struct Claims {
    count: usize,
    failed: usize,
}

impl Claims {
    /// One claim; `found` is what was found instead, or beside it.
    pub fn claim(&mut self, words: &str, holds: bool, found: impl Display) {
        self.count += 1;
        let found = found.to_string();
        let found = if found.is_empty() { found } else { format!("  [{}]", found.trim()) };
        if holds {
            say(&format!("ok    {words}{found}"));
        } else {
            self.failed += 1;
            say(&format!("FAIL  {words}{found}"));
        }
    }

    /// No claim: a figure.
    pub fn figure(&self, words: &str) {
        say(&format!("      {words}"));
    }

    /// # Errors
    /// When one did not hold, or there was none.
    pub fn all_hold(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.count > 0, "nothing was claimed");
        anyhow::ensure!(self.failed == 0, "{} of {} claims do not hold", self.failed, self.count);
        Ok(())
    }
}

/// To stdout: this is what the program is for.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever reads no more has seen enough.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_does_not_hold_is_not_outweighed() {
        let mut claims = Claims::default();
        assert!(claims.all_hold().is_err(), "nothing was looked at");
        claims.claim("first", true, "");
        assert!(claims.all_hold().is_ok());
        claims.claim("second", false, "why");
        claims.claim("third", true, "");
        assert_eq!(claims.all_hold().unwrap_err().to_string(), "1 of 3 claims do not hold");
    }
}
